"""Writes the figures of both pictures in words, and as their descriptions."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from bot.charts.figures import (
    Slot,
    attendance,
    full_date,
    known_to_have_come,
    slots_by_fullness,
    unit_and_bars,
)
from data.limits import LONGEST_ALT_TEXT
from data.models import PastSession

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def in_words(held: Sequence[PastSession]) -> list[str]:
    """Returns the figures of both pictures, one sentence a line; no part was typed by a person."""
    if not held:
        return ["No jelly has been held yet."]
    lines = _totals(held)
    if len(held) > 1:
        fullest = max(
            held, key=lambda one: (attendance(one), one.starts_local, one.came is not None)
        )
        day = fullest.starts_local
        going = " going" if fullest.came is None else ""
        lines.append(
            f"Fullest: {WEEKDAYS[day.weekday()]}, {full_date(day)}, "
            f"with {_people(attendance(fullest))}{going}."
        )
    slots = slots_by_fullness(held)
    if len(slots) > 1:
        # A single large jelly says nothing about the usual attendance.
        best = next((slot for slot in slots if slot.jellies > 1), slots[0])
        lines.append(
            f"Best time: {WEEKDAYS[best.weekday]}s {_time(best)}, with {_people(best.people)} "
            f"{'on average at' if best.jellies > 1 else 'at'} {_jellies(best.jellies)}."
        )
    return lines


def over_time_in_words(held: Sequence[PastSession]) -> str:
    """Returns the description of the first picture."""
    if not held:
        return in_words(held)[0]
    unit, bars = unit_and_bars(held)
    return _as_much_as_fits(
        f"{unit.caption}: going as a line, came as bars. {' '.join(_totals(held))} Latest first: ",
        [
            f"{unit.full(bar.day)}: {to_a_tenth(bar.going)} going"
            + ("" if bar.came is None else f", {to_a_tenth(bar.came)} came")
            for bar in reversed(bars)
        ],
    )


def by_hour_in_words(held: Sequence[PastSession]) -> str:
    """Returns the description of the second picture."""
    if not held:
        return in_words(held)[0]
    return _as_much_as_fits(
        "People per jelly, average by weekday and starting hour: those who came, or who were going "
        "where nobody checked in. Fullest first: ",
        [
            f"{WEEKDAYS[s.weekday]} {s.hour}:00: {to_a_tenth(s.people)}"
            for s in slots_by_fullness(held)
        ],
    )


def to_a_tenth(number: float) -> str:
    """Returns a number to a tenth, which is left out if it is 0."""
    return f"{number:.1f}".removesuffix(".0")


def _totals(held: Sequence[PastSession]) -> list[str]:
    first = min(one.starts_local for one in held)
    last = max(one.starts_local for one in held)
    on_one_day = f"on {full_date(first)}"
    on_many = f"from {full_date(first)} to {full_date(last)}"
    known = known_to_have_come(held)
    came = "nobody checked in, so only who was going is known"
    if known:
        came = _averages(known)
        if len(known) < len(held):
            came += f", at {_jellies(len(known))} where people checked in"
    return [
        f"{_jellies(len(held))}, {on_one_day if first.date() == last.date() else on_many}. "
        "Guests are counted.",
        f"Going: {_averages([one.going for one in held])}.",
        f"Came: {came}.",
    ]


def _averages(numbers: Sequence[int]) -> str:
    average = _people(fmean(numbers))
    return f"{average} on average, median {to_a_tenth(median(numbers))}" if numbers[1:] else average


def _people(number: float) -> str:
    written = to_a_tenth(number)
    return f"{written} {'person' if written == '1' else 'people'}"


def _jellies(number: int) -> str:
    return f"{number} {'jelly' if number == 1 else 'jellies'}"


def _time(slot: Slot) -> str:
    if len(slot.starts) == 1:
        return f"at {min(slot.starts)}"
    return f"between {min(slot.starts)} and {max(slot.starts)}"


def _as_much_as_fits(intro: str, figures: Sequence[str]) -> str:
    """Returns as many of the first figures as fit, and the number of figures left out."""
    text = intro
    for number, figure in enumerate(figures):
        more = f"and {len(figures) - number} more."
        if len(text) + len(figure) + len(f"; {more}") > LONGEST_ALT_TEXT:
            return text + more
        text += figure + ("; " if number + 1 < len(figures) else ".")
    return text
