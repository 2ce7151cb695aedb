"""Combines the rules, the first date, the end and the exceptions of a phrase into a series."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain, islice, takewhile
from zoneinfo import ZoneInfo

from lark import Token, Tree

from bot.calendar.merge_rules import merge_rules, without_weekday
from bot.calendar.recurrence import occurrences
from bot.calendar.rhythm import Rhythm
from bot.calendar.rules import Rule, end_of, parse_rule
from bot.phrases.en.clauses import Clauses
from bot.phrases.en.days.days_left_out import WEEKDAYS_LEFT_OUT, DaysLeftOut
from bot.phrases.en.days.lookahead import Lookahead, ahead_of
from bot.phrases.en.days.weekday_lists import weekdays_of
from bot.phrases.en.hours.durations import read_count
from bot.phrases.en.hours.time_range import Hours
from bot.phrases.en.one_off import check_distance, clock_of
from bot.phrases.en.parse_tree import branches, first_token
from bot.phrases.en.refusal import Refused
from bot.phrases.en.repeats import Repeat, is_monthly, read_rules
from bot.phrases.en.series_end import FROM_TODAY, read_last_day, read_within
from bot.phrases.en.series_start import Begin, read_begin
from data.limits import MOST_TIMES
from data.models import Schedule
from data.refusal import Sentence

_AN_INSTANT = timedelta(microseconds=1)


def series(
    clauses: Clauses,
    hours: Hours,
    zone: ZoneInfo,
    now: datetime,
    typed_on: date,
    rhythm: Rhythm | None = None,
) -> Schedule:
    """Returns the schedule of a series.

    ``typed_on`` is the date of ``now`` where it is typed; ``rhythm`` is that of the series that it
    changes. A changed series keeps its rhythm, unless the phrase has another frequency or another
    start: its first date moves within its week or month, and a count includes its dates behind.

    1. Read the rules; the intervals of each count from its own first date that fits.
    2. The series begins with the first of these.
    3. Find the days left out, and the end.
    4. Begin with the first date that is ahead of ``now`` and not left out.
    """
    today = now.astimezone(zone).date()
    begin = _begin(clauses, today, typed_on)
    repeats = _repeats(clauses, begin)
    begin_day = None if begin is None else begin.day
    if rhythm is not None and not rhythm.is_that_of(list(chain(*repeats)), begin_day):
        rhythm = None
    search = _Search(begin, clock_of(hours), zone, now, typed_on, rhythm)
    rules, first = _anchored(clauses.repeats, repeats, search)
    check_distance(first.date(), today)

    def where_to_look(day: Tree[Token]) -> Lookahead:
        is_from_today = begin is None or day.data in FROM_TODAY
        return ahead_of(today, typed_on) if is_from_today else ahead_of(first.date())

    left_out = DaysLeftOut(clauses.exceptions, where_to_look)
    last_day = read_last_day(clauses, begin, first.date(), rules, today=today, typed_on=typed_on)
    if last_day is not None:
        rules = [replace(rule, until=end_of(last_day)) for rule in rules]
    whole = Schedule(zone.key, first, hours.length, _texts(rules))
    if rhythm is not None:
        whole = _from_now(left_out.of(whole, now, since=rhythm.since), rhythm.since)
    if last_day is None and clauses.times is not None:
        behind = rhythm.dates_behind() if rhythm is not None and begin is not None else 0
        whole = _counted(whole, clauses.times, left_out, behind)
    found = whole if rhythm is not None else _from_now(left_out.of(whole, now), now)
    check_distance(found.start.date(), today)
    return found


def _begin(clauses: Clauses, today: date, typed_on: date) -> Begin | None:
    if clauses.within is not None:
        if clauses.begin is not None:
            raise Refused('"{it}" is a second start', clauses.begin)
        first, _ = read_within(clauses.within, today)
        check_distance(first, today, clauses.within)
        return Begin(first, is_one_day=False) if first > today else None
    if clauses.begin is None:
        return None
    begin = read_begin(clauses.begin, today, typed_on)
    check_distance(begin.day, today, clauses.begin)
    return begin


@dataclass(frozen=True, slots=True)
class _Search:
    """Finds the first date of rules: from ``begin`` on, or the first ahead of ``now``."""

    begin: Begin | None
    clock: time
    zone: ZoneInfo
    now: datetime
    typed_on: date
    rhythm: Rhythm | None
    """The rhythm that goes on."""

    def first_date(self, rules: Sequence[Rule]) -> datetime:
        """Returns a wall time; raises :class:`Refused` if there is none."""
        day = self.begin.day if self.begin else self.now.astimezone(self.zone).date()
        since = self.now
        if self.rhythm is not None:
            day, since = self.rhythm.first_day(rules), self.rhythm.since
        start = datetime.combine(day, self.clock)
        candidates = Schedule(self.zone.key, start, _AN_INSTANT, _texts(rules))
        after = None if self.begin else since + _AN_INSTANT
        first = next(occurrences(candidates, after=after), None)
        if first is None:
            raise Refused("there is no such day")
        return first.recurrence_id


def _repeats(clauses: Clauses, begin: Begin | None) -> list[list[Rule]]:
    """Returns the rules of each "every ..." in a phrase, without a start and an end."""
    weekday = begin.day.weekday() if begin is not None and begin.is_one_day else None
    beside = any(is_monthly(repeat) for repeat in clauses.repeats)
    repeats = [read_rules(repeat, weekday, is_beside_monthly=beside) for repeat in clauses.repeats]
    if clauses.exceptions is not None:
        for tree in branches(clauses.exceptions):
            if tree.data in WEEKDAYS_LEFT_OUT:
                repeats = _without_weekdays(repeats, tree)
    return repeats


def _anchored(
    said: Sequence[Repeat], repeats: Sequence[list[Rule]], search: _Search
) -> tuple[list[Rule], datetime]:
    """Returns the rules without an end, and the wall time of the first date of all."""
    anchored: list[Rule] = []
    firsts: list[datetime] = []
    for repeat, rules in zip(said, repeats, strict=True):
        counted_from = _counted_from(repeat, rules, search)
        if counted_from is None and search.rhythm is not None:
            counted_from = search.rhythm.anchor_of(rules[0])
        if counted_from is None:
            first = search.first_date([replace(rule, interval=1) for rule in rules])
            counted_from = first.date()
        else:
            first = search.first_date([replace(rule, anchor=counted_from) for rule in rules])
        firsts.append(first)
        anchored += [
            replace(rule, anchor=counted_from if rule.interval > 1 else None) for rule in rules
        ]
    start = min(firsts)
    return _in_step(merge_rules(anchored), start, start), start


def _counted_from(repeat: Repeat, rules: Sequence[Rule], search: _Search) -> date | None:
    """Returns the day from which intervals are said to count; None if the phrase says none."""
    if not repeat.counted:
        return None
    part = repeat.counted[0]
    if all(rule.interval == 1 for rule in rules):
        words = (part.meta.start_pos, branches(part)[0].meta.start_pos)
        raise Refused('I can\'t tell the start from "{it}"', part, fixes=[(words, "from ")])
    today = search.now.astimezone(search.zone).date()
    return read_begin(part, today, search.typed_on).day


def _in_step(rules: Sequence[Rule], before: datetime, start: datetime) -> list[Rule]:
    """Returns rules of a series from ``start``, those without an anchor in step with ``before``."""
    return [rule.counted_from(rule.anchor or before.date(), start) for rule in rules]


def _without_weekdays(repeats: list[list[Rule]], tree: Tree[Token]) -> list[list[Rule]]:
    left = repeats
    with suppress(ValueError):
        for weekday in weekdays_of(tree):
            left = [without_weekday(rules, weekday) for rules in left]
        if left != repeats:
            return left
    raise Refused('it can\'t leave out "{it}"', tree)


def _counted(endless: Schedule, times: Tree[Token], left_out: DaysLeftOut, behind: int) -> Schedule:
    """Ends a series after so many dates that are held, of which some are ``behind`` already.

    By COUNT, which counts the days left out as well, or for several rules by the last date.
    """
    count = read_count(re.sub(r"^(.*next\s+|x\s*)", "", first_token(times)))
    if not 1 <= count <= MOST_TIMES:
        raise Refused('"{it}" isn\'t possible', times, ("10 times",))
    count -= behind
    if count < 1:
        raise Refused("none of its dates is still to come", times)
    rules = [parse_rule(rule) for rule in endless.rules]
    if len(rules) == 1:
        return _with_count(endless, rules[0], count, left_out)
    every_date = (one.recurrence_id for one in occurrences(replace(endless, excluded=())))
    held = (wall for wall in every_date if wall.date() not in left_out.days)
    last = next(islice(held, count - 1, None), None)
    if last is None:
        never = Sentence.counted(
            "it doesn't happen {count} time", "it doesn't happen {count} times", count=count
        )
        raise Refused(never, times)
    return replace(endless, rules=_texts([replace(rule, until=end_of(last)) for rule in rules]))


def _with_count(endless: Schedule, rule: Rule, held: int, left_out: DaysLeftOut) -> Schedule:
    """Returns the series with the COUNT of which so many dates are held."""
    count = held
    while True:
        whole = replace(endless, rules=_texts([replace(rule, count=count)]))
        given = held + left_out.dates_of(whole)
        if given == count:
            return whole
        count = given


def _from_now(whole: Schedule, now: datetime) -> Schedule:
    """Returns the same series without its past dates, at the same intervals."""
    found = next(occurrences(whole, after=now + _AN_INSTANT), None)
    if found is None:
        raise Refused("none of its dates is still to come")
    start = found.recurrence_id
    rules = _in_step([parse_rule(rule) for rule in whole.rules], whole.start, start)
    if rules[0].count is not None:
        every_date = occurrences(replace(whole, excluded=()))
        behind = takewhile(lambda session: session.recurrence_id < start, every_date)
        rules = [replace(rules[0], count=rules[0].count - sum(1 for _ in behind))]
    excluded = tuple(day for day in whole.excluded if day > start)
    return replace(whole, start=start, rules=_texts(rules), excluded=excluded)


def _texts(rules: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(str(rule) for rule in rules)
