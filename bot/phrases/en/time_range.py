"""Reads the hours of a session, a start and a length, from clock times, ranges and lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from lark import Token, Tree

from bot.phrases.en.clock_time import (
    MIDNIGHT,
    NOON,
    Clock,
    check_part_of_day,
    either_half,
    in_part_of_day,
    read_clock,
    start_of,
    twelve_hour,
    twenty_four_hour,
)
from bot.phrases.en.durations import read_length
from bot.phrases.en.parse_tree import branches, first_token, own_token, tokens
from bot.phrases.en.refusal import Place, Refused
from data.limits import LONGEST_SESSION

# A range that crosses midnight by am and pm alone ("10pm-2am") is taken up to this, as a night.
_LONGEST_NIGHT = 12 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``start``, in minutes after midnight, for ``length``."""

    start: int
    length: timedelta


def read_hours(
    parts: Sequence[Tree[Token]], part_of_day: str | None, default_length: timedelta
) -> Hours | None:
    """Combines the ``hours``, ``until_clock`` and ``length`` parts; None without a clock time.

    ``part_of_day`` is "morning", "afternoon" or "evening" if the phrase says one;
    ``default_length`` is used if it says neither an end nor a length.
    """
    begins = [part for part in parts if part.data == "hours"]
    ends = [part for part in parts if part.data == "until_clock"]
    lengths = [part for part in parts if part.data == "length"]
    for extra in (*begins[1:], *ends[1:], *lengths[1:]):
        raise Refused('"{it}" is one time too many', extra)
    if not begins:
        if ends:
            raise Refused('it needs a start before "{it}"', ends[0])
        return None
    clock_tokens = [first_token(clock) for part in (*begins, *ends) for clock in branches(part)]
    if len(clock_tokens) > 2 or (len(clock_tokens) == 2 and lengths):
        raise Refused('"{it}" is a second end', (lengths or ends)[0])
    is_surely_a_time = len(clock_tokens) == 2 or own_token(begins[0], "AT") is not None
    clocks = [read_clock(token, is_surely_a_time=is_surely_a_time) for token in clock_tokens]
    if part_of_day is not None:
        clocks = [in_part_of_day(clock, part_of_day) for clock in clocks]
    if len(clocks) == 2:
        next_day = any(tokens(part, "NEXT_DAY") for part in (*begins, *ends))
        hours = _range(*clocks, next_day=next_day)
    else:
        length = checked_length(lengths[0]) if lengths else default_length
        hours = Hours(start_of(clocks[0]), length)
    if part_of_day is not None:
        check_part_of_day(hours.start, clocks[0], part_of_day)
    return hours


def checked_length(part: Tree[Token]) -> timedelta:
    """Returns the length of a ``length`` part; raises :class:`Refused` above 24 hours."""
    length = read_length(first_token(part))
    if not timedelta() < length <= LONGEST_SESSION:
        raise Refused("a session is at most 24 hours long", part, ("for 3 hours",))
    return length


def _range(start: Clock, end: Clock, *, next_day: bool) -> Hours:
    """Reads "10-16", "2-4pm", "10am to 4pm", "22:00 to 02:00 the next day"."""
    place = (start.token.start_pos or 0, end.token.end_pos or 0)
    if end.half and start.has_two_halves and start.token[0].isdigit():
        return _until(_start_sharing_half(start, end, place), end, place, next_day=next_day)
    if start.is_unsure:
        later = end.with_half("p") if end.has_two_halves else twenty_four_hour(end.minutes)
        am, pm = start.with_half("a"), start.with_half("p")
        instead = (f"{pm} to {later}",)
        raise Refused('"{it}" can be {one} or {other}', place, instead, one=am, other=pm)
    to_midnight = end.minutes in (0, MIDNIGHT) and not end.token[0].isdigit()
    if to_midnight and start.is_bare and start.has_two_halves:
        raise either_half(start)
    if end.is_unsure and end.minutes > start.minutes and not next_day:
        raise either_half(end)
    return _until(start_of(start), end, place, next_day=next_day)


def _start_sharing_half(start: Clock, end: Clock, place: Place) -> int:
    """Returns the start of "2-4pm" or "10-2pm".

    In the half of the day of the end if that is before the end, else am.
    """
    if start.in_half(end.half) < end.minutes:
        return start.in_half(end.half)
    if end.half == "p":
        return start.in_half("a")
    am, pm = start.with_half("a"), start.with_half("p")
    instead = (f"{pm} to {end.token}", f"{am} to {end.token}")
    raise Refused('"{it}" can begin {am} or {pm}', place, instead, am=am, pm=pm)


def _until(start: int, end: Clock, place: Place, *, next_day: bool) -> Hours:
    minutes = end.minutes
    ends_at_midnight = minutes == 0 and start > 0
    night = minutes + MIDNIGHT - start
    overnight = end.half == "a" and start >= NOON and minutes < start and night <= _LONGEST_NIGHT
    if next_day or ends_at_midnight or overnight:
        minutes += MIDNIGHT
    if start < minutes <= start + MIDNIGHT:
        return Hours(start, timedelta(minutes=minutes - start))
    if minutes > start:
        raise Refused("a session is at most 24 hours long", place, ("10:00 to 16:00",))
    instead, begins, ends = [], twenty_four_hour(start), twenty_four_hour(minutes)
    if end.has_two_halves and start < minutes + NOON:
        instead.append(f"{begins} to {twenty_four_hour(minutes + NOON)}")
        instead.append(f"{twelve_hour(start)} to {twelve_hour(minutes + NOON)}")
    instead.append(f"{begins} to {ends} the next day")
    raise Refused("{end} is not after {start}", place, instead, end=ends, start=begins)
