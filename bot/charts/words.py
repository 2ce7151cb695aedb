"""Writes the figures of both pictures in words, and as their descriptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import fmean, median

from bot.charts.figures import (
    Bar,
    Slot,
    Unit,
    attendance,
    known_to_have_come,
    slots_by_fullness,
    unit_and_bars,
)
from bot.language import N_, Words
from data.limits import LONGEST_ALT_TEXT
from data.models import PastSession

_MONDAY = date(2026, 11, 2)
WEEK = tuple(_MONDAY + timedelta(days=day) for day in range(7))
"""A day for each weekday, from Monday, to name it."""
_EACH_WEEKDAY = (
    N_("Mondays"),
    N_("Tuesdays"),
    N_("Wednesdays"),
    N_("Thursdays"),
    N_("Fridays"),
    N_("Saturdays"),
    N_("Sundays"),
)


def in_words(words: Words, held: Sequence[PastSession]) -> list[str]:
    """Returns the figures of both pictures, one sentence a line; no part was typed by a person."""
    if not held:
        return [words("There hasn't been a jelly yet.")]
    lines = _totals(words, held)
    if len(held) > 1:
        lines.append(_fullest(words, held))
    slots = slots_by_fullness(held)
    if len(slots) == 1 < len(held):
        lines.append(_only_time(words, slots[0]))
    if len(slots) > 1:
        # A single large jelly says nothing about the usual attendance.
        lines.append(_best(words, next((slot for slot in slots if slot.jellies > 1), slots[0])))
    return lines


def has_one_time(held: Sequence[PastSession]) -> bool:
    """Returns whether all began on one weekday within one hour, which words tell in one line."""
    return len(slots_by_fullness(held)) == 1


def over_time_in_words(words: Words, held: Sequence[PastSession]) -> str:
    """Returns the description of the first picture."""
    if not held:
        return in_words(words, held)[0]
    unit, bars = unit_and_bars(held)
    intro = words("{caption}: going as a line, came as bars.", caption=words(unit.caption))
    intro = " ".join((intro, *_totals(words, held)))

    def say(figures: str, left_out: int) -> str:
        if not left_out:
            return f"{intro} {words('Latest first: {figures}.', figures=figures)}"
        latest = words.ngettext(
            "Latest first: {figures}; and {count} more.",
            "Latest first: {figures}; and {count} more.",
            left_out,
            figures=figures,
        )
        return f"{intro} {latest}"

    return _as_much_as_fits(say, [_of_bar(words, unit, bar) for bar in reversed(bars)])


def by_hour_in_words(words: Words, held: Sequence[PastSession]) -> str:
    """Returns the description of the second picture."""
    if not held:
        return in_words(words, held)[0]
    intro = words(
        "Average people per jelly, by weekday and starting hour: those who came, or who "
        "said they'd come where no one checked in."
    )

    def say(figures: str, left_out: int) -> str:
        if not left_out:
            return f"{intro} {words('Busiest first: {figures}.', figures=figures)}"
        fullest = words.ngettext(
            "Busiest first: {figures}; and {count} more.",
            "Busiest first: {figures}; and {count} more.",
            left_out,
            figures=figures,
        )
        return f"{intro} {fullest}"

    return _as_much_as_fits(say, [_of_slot(words, slot) for slot in slots_by_fullness(held)])


def _totals(words: Words, held: Sequence[PastSession]) -> list[str]:
    first = min(one.starts_local for one in held).date()
    last = max(one.starts_local for one in held).date()
    if first == last:
        jellies = words.ngettext(
            "{count} jelly, on {date}, guests included.",
            "{count} jellies, on {date}, guests included.",
            len(held),
            date=words.day(first),
        )
    else:
        jellies = words.ngettext(
            "{count} jelly, from {first} to {last}, guests included.",
            "{count} jellies, from {first} to {last}, guests included.",
            len(held),
            first=words.day(first),
            last=words.day(last),
        )
    going = words("Going: {average}.", average=_average(words, [one.going for one in held]))
    return [jellies, going, _came(words, held)]


def _came(words: Words, held: Sequence[PastSession]) -> str:
    known = known_to_have_come(held)
    if not known:
        return words("Came: unknown, because no one checked in.")
    average = _average(words, known)
    if len(known) == len(held):
        return words("Came: {average}.", average=average)
    return words.ngettext(
        "Came: {average}, at {count} jelly where people checked in.",
        "Came: {average}, at {count} jellies where people checked in.",
        len(known),
        average=average,
    )


def _fullest(words: Words, held: Sequence[PastSession]) -> str:
    fullest = max(held, key=lambda one: (attendance(one), one.starts_local, one.came is not None))
    day = fullest.starts_local.date()
    if fullest.came is None:
        return words.ngettext(
            "Busiest: {weekday}, {date}, with {count} person going.",
            "Busiest: {weekday}, {date}, with {count} people going.",
            attendance(fullest),
            weekday=words.weekday(day),
            date=words.day(day),
        )
    return words.ngettext(
        "Busiest: {weekday}, {date}, with {count} person.",
        "Busiest: {weekday}, {date}, with {count} people.",
        attendance(fullest),
        weekday=words.weekday(day),
        date=words.day(day),
    )


def _only_time(words: Words, slot: Slot) -> str:
    weekdays = words(_EACH_WEEKDAY[slot.weekday])
    first, last = words.hours(min(slot.starts)), words.hours(max(slot.starts))
    if first == last:
        return words("All on {weekdays} at {time}.", weekdays=weekdays, time=first)
    return words(
        "All on {weekdays} between {first} and {last}.",
        weekdays=weekdays,
        first=first,
        last=last,
    )


def _best(words: Words, best: Slot) -> str:
    weekdays, people = words(_EACH_WEEKDAY[best.weekday]), _people(words, best.people)
    first, last = words.hours(min(best.starts)), words.hours(max(best.starts))
    if best.jellies == 1:
        return words(
            "Busiest time: {weekdays} at {time}, with {people} at 1 jelly.",
            weekdays=weekdays,
            time=first,
            people=people,
        )
    if first == last:
        return words.ngettext(
            "Busiest time: {weekdays} at {time}, with {people} on average at {count} jelly.",
            "Busiest time: {weekdays} at {time}, with {people} on average at {count} jellies.",
            best.jellies,
            weekdays=weekdays,
            time=first,
            people=people,
        )
    return words.ngettext(
        "Busiest time: {weekdays} between {first} and {last}, with {people} on average "
        "at {count} jelly.",
        "Busiest time: {weekdays} between {first} and {last}, with {people} on average "
        "at {count} jellies.",
        best.jellies,
        weekdays=weekdays,
        first=first,
        last=last,
        people=people,
    )


def _of_bar(words: Words, unit: Unit, bar: Bar) -> str:
    day, going = unit.full(words, bar.day), words.number(bar.going)
    if bar.came is None:
        return words("{day}: {going} going", day=day, going=going)
    came = words.number(bar.came)
    return words("{day}: {going} going, {came} came", day=day, going=going, came=came)


def _of_slot(words: Words, slot: Slot) -> str:
    return words(
        "{weekday} {time}: {people}",
        weekday=words.weekday(WEEK[slot.weekday]),
        time=words.hours(f"{slot.hour:02}:00"),
        people=words.number(slot.people),
    )


def _average(words: Words, numbers: Sequence[int]) -> str:
    average = _people(words, fmean(numbers))
    if len(numbers) == 1:
        return average
    return words(
        "{people} on average, median {median}",
        people=average,
        median=words.number(median(numbers)),
    )


def _people(words: Words, number: float) -> str:
    """Returns a number of people; languages have forms for whole numbers, and one for others."""
    to_a_tenth = float(round(number, 1))
    if to_a_tenth.is_integer():
        return words.ngettext("{count} person", "{count} people", int(to_a_tenth))
    return words("{number} people", number=words.number(number))


def _as_much_as_fits(say: Callable[[str, int], str], figures: Sequence[str]) -> str:
    """Returns as many of the first figures as fit, and the number of figures left out."""
    kept = ""
    for number, figure in enumerate(figures):
        left_out = len(figures) - number
        more = f"{kept}; {figure}" if kept else figure
        if len(say(more, left_out)) > LONGEST_ALT_TEXT:
            return say(kept, left_out)
        kept = more
    return say(kept, 0)
