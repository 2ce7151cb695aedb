"""Reads the hours of a session, a start and a length, from clock times, ranges and lengths."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from lark import Token, Tree

from bot.phrases.en.hours.clock_range import read_range
from bot.phrases.en.hours.clock_time import (
    FIRST_SURE_HOUR,
    NOON,
    Clock,
    check_part_of_day,
    in_part_of_day,
    read_clock,
    start_of,
    twelve_hour,
)
from bot.phrases.en.hours.durations import read_length
from bot.phrases.en.parse_tree import Node, branches, first_token, own_token, place_of, tokens
from bot.phrases.en.refusal import Place, Refused
from data.limits import LONGEST_SESSION


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``start``, in minutes after midnight, for ``length``."""

    start: int
    length: timedelta


def read_hours(
    parts: Sequence[Tree[Token]], part_of_day: str | None, default_length: timedelta
) -> Hours | None:
    """Combines the ``hours``, ``until_clock`` and ``length`` parts; None without a clock time.

    ``part_of_day`` is one of the ``PARTS_OF_DAY`` if the phrase says one; ``default_length`` is
    used if it says neither an end nor a length.
    """
    begins = [part for part in parts if part.data == "hours"]
    ends = [part for part in parts if part.data == "until_clock"]
    lengths = [part for part in parts if part.data == "length"]
    for extra in begins[1:]:
        raise another_time(extra)
    for extra in (*ends[1:], *lengths[1:]):
        raise Refused('"{it}" is one time too many', extra)
    if not begins:
        if ends:
            raise Refused('it needs a start before "{it}"', ends[0])
        return None
    clock_tokens = [first_token(clock) for part in (*begins, *ends) for clock in branches(part)]
    if len(clock_tokens) > 2:
        raise Refused('"{it}" is a second end', ends[0])
    is_surely_a_time = len(clock_tokens) == 2 or own_token(begins[0], "AT") is not None
    if ends or not is_surely_a_time:
        _check_is_no_year(clock_tokens)
    start, *end = [read_clock(token, is_surely_a_time=is_surely_a_time) for token in clock_tokens]
    if part_of_day is not None:
        start = in_part_of_day(start, part_of_day)
    if end:
        place = (place_of(begins[0])[0], place_of(end[0].token)[1])
        if place[0] == start.token.start_pos:
            _check_is_no_spoken_time(start, end[0], place)
        next_day = any(tokens(part, "NEXT_DAY") for part in (*begins, *ends))
        first, last = read_range(start, end[0], place, next_day=next_day)
        hours = Hours(first, timedelta(minutes=last - first))
        if lengths and checked_length(lengths[0]) != hours.length:
            raise Refused('"{it}" is a second end', lengths[0])
    else:
        length = checked_length(lengths[0]) if lengths else default_length
        hours = Hours(start_of(start), length)
    if part_of_day is not None:
        check_part_of_day(hours.start, start, part_of_day)
    return hours


def checked_length(part: Tree[Token]) -> timedelta:
    """Returns the length of a ``length`` part; raises :class:`Refused` above 24 hours."""
    length = read_length(first_token(part))
    if not timedelta() < length <= LONGEST_SESSION:
        raise Refused("a session is at most 24 hours long", part, ("for 3 hours",))
    return length


def another_time(place: Node | Place) -> Refused:
    """Returns the refusal of a second time, as in "mondays 10am and thursdays 6pm"."""
    return Refused('"{it}" is another time, which needs its own jelly', place)


def _check_is_no_year(clock_tokens: Sequence[Token]) -> None:
    """Refuses "until 2027", which may be a year; "1830 until 2030" is in hours."""
    last = clock_tokens[-1]
    if re.fullmatch("20[2-5][0-9]", last) and not re.fullmatch("[0-9]{4}.+", "".join(clock_tokens)):
        time = f"{last[:2]}:{last[2:]}"
        raise Refused('"{it}" can be {time} or a year', last, (time,), time=time)


def _check_is_no_spoken_time(start: Clock, end: Clock, place: Place) -> None:
    """Refuses "ten to five", which may be 4:50; "from ten to five" is a range."""
    if start.token in ("five", "ten") and end.token.isalpha() and not end.is_word:
        one, other = f"from {start.token} to {end.token}", f"{start.token} minutes to {end.token}"
        evening = end.in_half("p") - start.hour
        spoken = twelve_hour(evening - NOON if evening - NOON >= FIRST_SURE_HOUR * 60 else evening)
        raise Refused('"{it}" can be {one} or {other}', place, (one, spoken), one=one, other=other)
