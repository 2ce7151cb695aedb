"""Combines the rules, the first date, the end and the exceptions of a phrase into a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from lark import Token, Tree

from bot.calendar.merge_rules import without_weekday
from bot.calendar.recurrence import occurrences
from bot.calendar.rules import Rule, end_of, parse_rule
from bot.phrases.en.clauses import Clauses
from bot.phrases.en.days import Lookahead, read_day
from bot.phrases.en.durations import read_count
from bot.phrases.en.one_off import check_distance, clock_of
from bot.phrases.en.parse_tree import branches, first_token
from bot.phrases.en.refusal import Refused
from bot.phrases.en.repeats import read_rules
from bot.phrases.en.start_end import Begin, read_begin, read_end, read_span
from bot.phrases.en.time_range import Hours
from bot.phrases.en.vocabulary import WEEKDAYS, long_date, weekday_number
from data.limits import MOST_TIMES
from data.models import Schedule
from data.refusal import Sentence

_AN_INSTANT = timedelta(microseconds=1)
# Words that count from the day on which they are typed; all others count from the first session.
_FROM_TODAY = frozenset(
    {"today", "tonight", "tomorrow", "overmorrow", "in_days", "near_weekday", "near_period"}
)


def series(clauses: Clauses, hours: Hours, zone: ZoneInfo, now: datetime) -> Schedule:
    """Returns the schedule of a series.

    1. Read the rules, and the day from which they count.
    2. The first date that fits is the one that "every 2 weeks" counts from.
    3. Find the end, and the exceptions.
    4. Begin with the first date that is ahead of ``now`` and not excepted.
    """
    today = now.astimezone(zone).date()
    begin = None
    if clauses.begin is not None:
        begin = read_begin(clauses.begin, _from(today))
        check_distance(begin.day, today, clauses.begin)
    rules = _rules(clauses, begin)
    first = _first_match(rules, begin, hours, zone, now)
    check_distance(first.date(), today)
    last_day = _last_day(clauses, begin.closing if begin else None, first, today)
    if last_day is not None:
        if last_day < first.date():
            place, day = clauses.end or clauses.begin, long_date(first)
            raise Refused("it would begin on {day}, after its end", place, day=day)
        rules = [replace(rule, until=end_of(last_day)) for rule in rules]
    elif clauses.times is not None:
        rules = _counted(
            rules, clauses.times, Schedule(zone.key, first, hours.length, _texts(rules))
        )
    whole = Schedule(zone.key, first, hours.length, _texts(rules), _excluded(clauses, first, today))
    found = _from_now(whole, now)
    check_distance(found.start.date(), today)
    return found


def _rules(clauses: Clauses, begin: Begin | None) -> list[Rule]:
    weekday = begin.day.weekday() if begin is not None and begin.is_one_day else None
    rules = read_rules(clauses.repeats, weekday)
    if clauses.exceptions is not None:
        for tree in clauses.exceptions.find_data("weekday"):
            token = first_token(tree)
            weekday = weekday_number(token)
            try:
                rules = without_weekday(rules, weekday)
            except ValueError:
                name = WEEKDAYS[weekday]
                raise Refused("it can't leave out {weekday}", token, weekday=name) from None
    return rules


def _first_match(
    rules: Sequence[Rule], begin: Begin | None, hours: Hours, zone: ZoneInfo, now: datetime
) -> datetime:
    """Returns the wall time from which intervals count.

    The first match from ``begin``, or the first ahead of ``now``.
    """
    every_time = [replace(rule, interval=1) for rule in rules]
    day = begin.day if begin else now.astimezone(zone).date()
    start = datetime.combine(day, clock_of(hours))
    candidates = Schedule(zone.key, start, hours.length, _texts(every_time))
    first = next(occurrences(candidates, after=None if begin else now + _AN_INSTANT), None)
    if first is None:
        raise Refused("there is no such day")
    return first.recurrence_id


def _last_day(
    clauses: Clauses, closing: Tree[Token] | None, first: datetime, today: date
) -> date | None:
    """Returns the last possible day; None if the phrase says none or a number of times."""
    span = clauses.times if clauses.times is not None and clauses.times.data == "for_span" else None
    ends = [end for end in (closing, clauses.end, clauses.times) if end is not None]
    if len(ends) > 1:
        raise Refused('"{it}" is a second end', ends[1])
    if closing is not None:
        return read_end(closing, _ahead(closing, first, today), word="to")
    if clauses.end is not None:
        word = str(first_token(clauses.end))
        return read_end(clauses.end, _ahead(clauses.end, first, today), word=word)
    if span is not None:
        return read_span(first_token(span), first.date())
    return None


def _counted(rules: Sequence[Rule], times: Tree[Token], endless: Schedule) -> list[Rule]:
    """Ends rules after so many sessions: by COUNT, or for several rules by the date of the last."""
    count = read_count(first_token(times))
    if not 1 <= count <= MOST_TIMES:
        raise Refused('"{it}" is not possible', times, ("10 times",))
    if len(rules) == 1:
        return [replace(rules[0], count=count)]
    last = next(islice(occurrences(endless), count - 1, None), None)
    if last is None:
        never = Sentence.counted(
            "it never comes {count} time", "it never comes {count} times", count=count
        )
        raise Refused(never, times)
    return [replace(rule, until=end_of(last.recurrence_id)) for rule in rules]


def _excluded(clauses: Clauses, first: datetime, today: date) -> tuple[datetime, ...]:
    if clauses.exceptions is None:
        return ()
    trees = [tree for tree in branches(clauses.exceptions) if tree.data != "weekday"]
    days = {read_day(tree, _ahead(tree, first, today)) for tree in trees}
    return tuple(datetime.combine(day, first.time()) for day in sorted(days))


def _from_now(whole: Schedule, now: datetime) -> Schedule:
    """Returns the same series without its past dates, at the same intervals."""
    found = next(occurrences(whole, after=now + _AN_INSTANT), None)
    if found is None:
        raise Refused("none of its dates is ahead")
    start = found.recurrence_id
    rules = [parse_rule(rule) for rule in whole.rules]
    for rule in rules:
        if (rule.period_of(start) - rule.period_of(whole.start)) % rule.interval:
            raise Refused("it began in the past, in a rhythm that its next date does not keep")
    if rules[0].count is not None:
        every_date = occurrences(replace(whole, excluded=()))
        behind = takewhile(lambda session: session.recurrence_id < start, every_date)
        rules = [replace(rules[0], count=rules[0].count - sum(1 for _ in behind))]
    excluded = tuple(day for day in whole.excluded if day > start)
    return replace(whole, start=start, rules=_texts(rules), excluded=excluded)


def _from(day: date) -> Lookahead:
    return Lookahead(day, lambda other: other >= day)


def _ahead(tree: Tree[Token], first: datetime, today: date) -> Lookahead:
    relative = any(subtree.data in _FROM_TODAY for subtree in tree.iter_subtrees())
    return _from(today if relative else first.date())


def _texts(rules: Sequence[Rule]) -> tuple[str, ...]:
    return tuple(str(rule) for rule in rules)
