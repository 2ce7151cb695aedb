"""Reads a session's start and end from two clock times: "9-5", "2-4pm", "22:00 to 02:00"."""

from __future__ import annotations

from itertools import product

from bot.phrases.en.hours.clock_time import (
    MIDNIGHT,
    NOON,
    Clock,
    either_half,
    start_of,
    twenty_four_hour,
)
from bot.phrases.en.refusal import Place, Refused
from data.refusal import ClockTimes

Range = tuple[int, int]
"""A start and an end in minutes after midnight; the end may be on the next day."""

# Of the readings of a range without am and pm, those count that are between 6:00 and 22:00.
_DAYTIME = (6 * 60, 22 * 60)
# A reading without am and pm is at most so long, and so is a night by am and pm ("10pm-2am").
_LONGEST = 12 * 60


def read_range(start: Clock, end: Clock, place: Place, *, next_day: bool) -> Range:
    """Returns the start and end that two clock times mean.

    Raises :class:`Refused` with each reading, in ``place`` of both, if there are several or none in
    the daytime.
    """
    if end.token.type == "H_TIME" and start.half and not end.is_of_24_hours:
        raise _end_or_length(start, end, place)
    if next_day:
        return _in_order(start_of(start), end, place, next_day=True)
    if start.is_of_24_hours or end.is_of_24_hours:
        return _on_24_hours(start, end, place)
    if len(start.readings) == 1 == len(end.readings):
        return _in_order(start_of(start), end, place)
    if end.minutes == 0:
        raise either_half(start)
    if end.half and start.in_half(end.half) < end.minutes:
        return start.in_half(end.half), end.minutes
    return _by_daytime(start, end, place)


def _by_daytime(start: Clock, end: Clock, place: Place) -> Range:
    """Returns the only reading in the daytime, or the only one of a start with am or pm."""
    starts = start.readings if start.is_unsure or len(start.readings) == 1 else (start.minutes,)
    readings = [
        (begin, close)
        for begin, close in product(starts, end.readings)
        if 0 < close - begin <= _LONGEST
    ]
    in_daytime = [
        reading for reading in readings if _DAYTIME[0] <= reading[0] and reading[1] <= _DAYTIME[1]
    ]
    if len(in_daytime) == 1:
        return in_daytime[0]
    if len(readings) == 1 == len(start.readings):
        return readings[0]
    if not readings and end.half and len(start.readings) > 1:
        raise _unclear([f"{start.with_half(half)} to {end.token}" for half in "ap"], place)
    if not readings:
        return _in_order(start.minutes, end, place)
    said = [f"{start.at(begin)} to {end.at(close)}" for begin, close in in_daytime or readings]
    raise _unclear(said, place)


def _on_24_hours(start: Clock, end: Clock, place: Place) -> Range:
    """Reads "9-17", "6:30-14:00"; "2-16" may begin at night."""
    if start.is_unsure and start.minutes < _DAYTIME[0]:
        begins = [minutes for minutes in start.readings if minutes < end.minutes]
        readings = [_twenty_four_hours((minutes, end.minutes)) for minutes in begins]
        if not begins:  # an afternoon into the night
            begin, close = twenty_four_hour(start.in_half("p")), twenty_four_hour(end.minutes)
            readings = [f"{begin} to {close} the next day"]
        raise _unclear(readings, place)
    return _in_order(start.minutes, end, place)


def _in_order(start: int, end: Clock, place: Place, *, next_day: bool = False) -> Range:
    """Returns the times as written if the end is later, with midnight and nights by am and pm."""
    minutes = end.minutes
    ends_at_midnight = minutes == 0 and start > 0
    night = minutes + MIDNIGHT - start
    overnight = end.half == "a" and start >= NOON and minutes < start and night <= _LONGEST
    if next_day or ends_at_midnight or overnight:
        minutes += MIDNIGHT
    if start < minutes <= start + MIDNIGHT:
        return start, minutes
    if minutes > start:
        raise Refused("a session is at most 24 hours long", place)
    instead, begins, ends = [], twenty_four_hour(start), twenty_four_hour(minutes)
    if not end.half and 0 < minutes < NOON and start < minutes + NOON:
        instead.append(_twenty_four_hours((start, minutes + NOON)))
    instead.append(f"{begins} to {ends} the next day")
    raise Refused(
        "{end} isn't after {start}", place, instead, end=ClockTimes(ends), start=ClockTimes(begins)
    )


def _unclear(readings: list[str], place: Place) -> Refused:
    """Returns the refusal of a range with one or two readings, those in the morning first."""
    if len(readings) == 1:
        return Refused('does "{it}" mean {one}?', place, readings, one=ClockTimes(readings[0]))
    one, other = readings
    return _one_or_other(place, (other, one), one, other)


def _end_or_length(start: Clock, end: Clock, place: Place) -> Refused:
    begins = start.at(start.minutes)
    later = next((minutes for minutes in end.readings if minutes > start.minutes), end.minutes)
    one, other = f"{begins} for {end.token}", f"{begins} to {twenty_four_hour(later)}"
    return _one_or_other(place, (one, other), one, other)


def _one_or_other(place: Place, instead: tuple[str, str], one: str, other: str) -> Refused:
    return Refused(
        '"{it}" can be {one} or {other}',
        place,
        instead,
        one=ClockTimes(one),
        other=ClockTimes(other),
    )


def _twenty_four_hours(reading: Range) -> str:
    return " to ".join(twenty_four_hour(minutes) for minutes in reading)
