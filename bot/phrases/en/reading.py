"""Reads a phrase into a schedule; a phrase that is not understood in full is refused."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lark import Token, Tree

from bot.calendar.rhythm import Rhythm
from bot.phrases.en.clauses import Clauses
from bot.phrases.en.days.lookahead import Lookahead, ahead_of
from bot.phrases.en.days.numeric_dates import refuse_unclear_dates
from bot.phrases.en.days.relative_days import RELATIVE_DAYS, read_relative_day
from bot.phrases.en.grammar import Stopped, as_seen, parse, plain
from bot.phrases.en.hints.examples import Nearest
from bot.phrases.en.hints.missing import ask_day, ask_day_in_period, ask_time
from bot.phrases.en.hours.clock_time import PARTS_OF_DAY
from bot.phrases.en.hours.midnight import check_is_not_midnight
from bot.phrases.en.hours.time_range import another_time, read_hours
from bot.phrases.en.one_off import at_moment, one_off
from bot.phrases.en.parse_tree import words_of
from bot.phrases.en.refusal import Refused, not_understood
from bot.phrases.en.repeats import read_rules
from bot.phrases.en.series import series
from data.limits import DEFAULT_LENGTH, LONGEST_READ_PHRASE
from data.models import Schedule
from data.refusal import Sentence

_PAST = re.compile(
    r"\b(?:yesterday|last\s+(?:night|evening|week|month|year)(?!\s+of)|\w+\s+\w+\s+ago)\b"
)
_ANOTHER_DAY = re.compile(
    r",?\s*(?:and|&|plus|\+)\s+(?:on\s+)?(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b.*[0-9]"
)
# No zone of a place: it does not follow the clock changes there.
_OFFSET = re.compile(r"(?:utc|gmt)\s*[+-]\s*[0-9]+(?::[0-9]{2})?")


def read(
    phrase: str,
    *,
    zone: str,
    now: datetime,
    default_length: timedelta = DEFAULT_LENGTH,
    rhythm: Rhythm | None = None,
) -> Schedule:
    """Reads what a person typed for "when".

    ``zone`` (IANA) and ``default_length`` are used if the phrase says none. ``now`` is aware; the
    first session is strictly after it. ``rhythm`` is that of the series which the phrase changes.
    Raises :class:`NotUnderstood`.
    """
    phrase = as_seen(phrase[: LONGEST_READ_PHRASE + 1])
    text = plain(phrase)

    def reading(other: str) -> Schedule:
        return understand(other, zone, now, default_length, rhythm)

    try:
        return reading(text)
    except Stopped as stopped:
        understood = phrase[: stopped.position]
        stopped_at = " ".join(phrase[stopped.position :].split(None, 1)[:1])
        is_begun = stopped.at_end and understood.strip()
        reason = Sentence("something's missing at the end") if is_begun else None
        examples = Nearest(reading).examples(text, stopped)
        raise not_understood(understood, stopped_at, reason, examples) from None
    except Refused as refused:
        begin, end = refused.place or (len(text), len(text))
        understood, stopped_at = _around(phrase[:begin], phrase[end:]), phrase[begin:end]
        examples = Nearest(reading).examples(text, refused)
        raise not_understood(understood, stopped_at, refused.reason, examples) from None


def understand(
    text: str,
    zone: str,
    now: datetime,
    default_length: timedelta = DEFAULT_LENGTH,
    rhythm: Rhythm | None = None,
) -> Schedule:
    """Reads plain text; raises :class:`Stopped` or :class:`Refused` and looks for no examples."""
    if len(text) > LONGEST_READ_PHRASE:
        raise Refused("that is too long to be a time", (0, len(text)))
    if (past := _PAST.search(text)) is not None:
        raise Refused('"{it}" is over. Give a day that is still to come', past.span())
    if (offset := _OFFSET.search(text)) is not None:
        raise Refused('I need the name of a city in place of "{it}"', offset.span())
    try:
        phrase = parse(text)
    except Stopped as stopped:
        raise ask_day_in_period(text) or _of_another_day(text, stopped) or stopped from None
    refuse_unclear_dates(phrase)
    clauses = Clauses(phrase, zone)
    info, typed_on = ZoneInfo(clauses.zone or zone), now.astimezone(ZoneInfo(zone)).date()
    if clauses.moment is not None:
        return at_moment(clauses.moment, clauses, info, now, default_length)
    day = clauses.one_day()
    check_is_not_midnight(text, clauses, day, now.astimezone(info).date())
    part_of_day = _part_of_day(clauses, day)
    today = ahead_of(now.astimezone(info).date(), typed_on)
    try:
        hours = read_hours(clauses.hours, part_of_day, default_length)
    except Refused:
        _check_days(clauses, day, today)
        raise
    if hours is None:
        _check_days(clauses, day, today)
        raise ask_time(text, part_of_day)
    if day is not None:
        return one_off(day, hours, info, now, typed_on)
    if not any(clauses.repeats):
        raise ask_day_in_period(text) or ask_day()
    return series(clauses, hours, info, now, typed_on, rhythm)


def _around(before: str, after: str) -> str:
    """Returns what was understood on both sides of a gap."""
    before, after = before.strip(" ,"), after.strip(" ,")
    return f"{before} … {after}" if before and after else before + after


def _of_another_day(text: str, stopped: Stopped) -> Refused | None:
    """Returns the refusal of "mondays 10am and thursdays 6pm", which are two series."""
    begin = stopped.position
    if _ANOTHER_DAY.match(text, begin) is None or re.search("[0-9]", text[:begin]) is None:
        return None
    return another_time((begin, len(text)))


def _check_days(clauses: Clauses, day: Tree[Token] | None, ahead: Lookahead) -> None:
    """Refuses days that can be read in two ways, before anything is asked about their hours."""
    if day is not None and day.data in RELATIVE_DAYS:
        read_relative_day(day, ahead)
    if day is None:
        for repeat in clauses.repeats:
            if repeat.days:
                read_rules(repeat, None)


def _part_of_day(clauses: Clauses, day: Tree[Token] | None) -> str | None:
    """Returns one of the ``PARTS_OF_DAY``, for "tonight" the evening; None without one."""
    said = [clauses.part_of_day] if clauses.part_of_day is not None else []
    if day is not None and day.data == "tonight":
        said.append(day)
    if len(said) > 1:
        raise Refused('"{it}" is one too many', said[0])
    words = " ".join(words_of(tree) for tree in said)
    if "tonight" in words:
        return "evening"
    named = re.search(r"\b(morning|lunchtime|afternoon|eve(?!ry)|night)", words)
    return next(part for part in PARTS_OF_DAY if part.startswith(named[1])) if named else None
