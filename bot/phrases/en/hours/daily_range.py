"""Reads hours that are the same on every day, also over midnight: "22:00-08:00", "10pm to 8am"."""

from __future__ import annotations

import re
from datetime import time
from itertools import product

from bot.phrases.en.grammar import Stopped, parse, plain
from bot.phrases.en.hours.clock_time import MIDNIGHT, NOON, Clock, read_clock
from bot.phrases.en.hours.durations import NONE
from bot.phrases.en.parse_tree import branches, first_token, tokens
from bot.phrases.en.refusal import Refused, not_understood
from data.limits import LONGEST_DAILY_RANGE
from data.refusal import Refusal

_EXAMPLES = ("22:00-08:00", "10pm-8am", NONE)
# Without am and pm, a reading is at most so long.
_LONGEST = NOON
_AS_DESCRIBED = re.compile(r"\d\d:\d\d")


class DailyRangeNotUnderstood(Refusal):
    """Hours of the day can't be read; its sentence says what to type instead."""


def read_daily_range(text: str) -> tuple[time, time]:
    """Returns the wall times at which daily hours begin and end; the end may be the next day's.

    They may be the same. Raises :class:`DailyRangeNotUnderstood`.
    """
    typed = plain(text[: LONGEST_DAILY_RANGE + 1])
    try:
        if len(text) > LONGEST_DAILY_RANGE:
            raise Refused("that is too long")
        if not typed.strip():
            raise Refused("I need a start and an end")
        begins, ends = _range(typed)
    except Refused as refused:
        about = text if refused.place is None else typed[slice(*refused.place)]
        refusal = not_understood("", about, refused.reason, refused.examples or _EXAMPLES)
        raise DailyRangeNotUnderstood.of(refusal.sentence) from None
    return _time(begins), _time(ends)


def describe_daily_range(begins: time, ends: time) -> str:
    """Writes daily hours so that :func:`read_daily_range` reads them: "22:00-08:00"."""
    return f"{begins:%H:%M}-{ends:%H:%M}"


def _range(text: str) -> tuple[int, int]:
    """Returns the only begin and end, in minutes after midnight, that the text can mean."""
    unclear = Refused('I can\'t read "{it}" as hours of the day')
    try:
        parts = branches(parse(text))
    except Stopped:
        raise unclear from None
    if len(parts) != 1 or parts[0].data != "hours":
        raise unclear
    clocks = [read_clock(first_token(clock), is_surely_a_time=True) for clock in branches(parts[0])]
    if len(clocks) != 2:
        raise Refused('I need two times, and "{it}" is one')
    begin, end = clocks
    readings = _readings(begin, end)
    if len(readings) == 1:
        [(first, last)] = readings
        if tokens(parts[0], "NEXT_DAY") and first < last:
            raise unclear
        return first, last
    said = [f"{begin.at(first)} to {end.at(last)}" for first, last in readings]
    raise Refused('"{it}" can mean more than one thing', examples=said)


def _readings(begin: Clock, end: Clock) -> list[tuple[int, int]]:
    """Returns what two clock times can mean; of am and pm, what makes them at most 12 hours."""
    as_described = all(_AS_DESCRIBED.fullmatch(clock.token) for clock in (begin, end))
    if as_described or begin.is_of_24_hours or end.is_of_24_hours:
        return [(begin.minutes, end.minutes)]
    readings = list(product(begin.readings, end.readings))
    short = [(first, last) for first, last in readings if 0 < (last - first) % MIDNIGHT <= _LONGEST]
    return readings if len(readings) == 1 else short


def _time(minutes: int) -> time:
    return time(*divmod(minutes % MIDNIGHT, 60))
