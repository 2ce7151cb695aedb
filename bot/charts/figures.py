"""Computes the bars and slots: counts and averages of past jellies. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from bot.language import N_, Words
from data.models import PastSession

_MOST_BARS = 40
"""More can't be told apart on a phone."""
FEWEST_PLACES = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One jelly, or the average jelly of a period."""

    place: int
    """The position in time, from 0; a period without a jelly leaves its position empty."""
    day: date
    """The day of the jelly, or the first day of the period."""
    going: float
    came: float | None


@dataclass(frozen=True, slots=True)
class Unit:
    """What one bar covers: one jelly, or a period."""

    caption: str
    """A template of the catalogue."""
    begins: Callable[[date], date]
    days: float
    """The average length of the period, by which positions are counted."""
    short: Callable[[Words, date], str]
    full: Callable[[Words, date], str]


@dataclass(frozen=True, slots=True)
class Slot:
    """The jellies that started on one weekday in one hour."""

    weekday: int
    """0 is Monday."""
    hour: int
    starts: frozenset[str]
    """Wall times of their starts, such as 9:30."""
    jellies: int
    people: float
    """The average number of people."""


def unit_and_bars(held: Sequence[PastSession]) -> tuple[Unit, list[Bar]]:
    """Returns one bar for each jelly, or for each period if there are too many jellies.

    The period is the shortest of which there are not too many.
    """
    in_order = sorted(held, key=lambda one: one.starts_local)
    if len(held) <= _MOST_BARS:
        return _EACH, [
            _bar(place, one.starts_local.date(), [one]) for place, one in enumerate(in_order)
        ]
    for unit in _PERIODS:
        periods: dict[date, list[PastSession]] = defaultdict(list)
        for one in in_order:
            periods[unit.begins(one.starts_local.date())].append(one)
        first = min(periods)
        bars = [
            _bar(round((day - first).days / unit.days), day, period)
            for day, period in periods.items()
        ]
        if bars[-1].place < _MOST_BARS:
            break
    return unit, bars


def slots_by_fullness(held: Sequence[PastSession]) -> list[Slot]:
    """Returns the slots, the fullest first."""
    together: dict[tuple[int, int], list[PastSession]] = defaultdict(list)
    for one in held:
        together[one.starts_local.weekday(), one.starts_local.hour].append(one)
    slots = [
        Slot(
            weekday,
            hour,
            frozenset(f"{one.starts_local:%H:%M}" for one in jellies),
            len(jellies),
            fmean(attendance(one) for one in jellies),
        )
        for (weekday, hour), jellies in together.items()
    ]
    return sorted(slots, key=lambda s: (-s.people, -s.jellies, s.weekday, s.hour))


def hours_shown(slots: Sequence[Slot]) -> range:
    """Returns the hours from the first to the last, and hours around them if those are few."""
    first, last = min(slot.hour for slot in slots), max(slot.hour for slot in slots)
    missing = max(0, FEWEST_PLACES - (last + 1 - first))
    first = min(max(0, first - missing // 2), 24 - FEWEST_PLACES)
    return range(first, max(last + 1, first + FEWEST_PLACES))


def known_to_have_come(held: Iterable[PastSession]) -> list[int]:
    return [one.came for one in held if one.came is not None]


def attendance(one: PastSession) -> int:
    return one.going if one.came is None else one.came


def _bar(place: int, day: date, held: Sequence[PastSession]) -> Bar:
    known = known_to_have_come(held)
    return Bar(place, day, fmean(one.going for one in held), fmean(known) if known else None)


def _day_and_month(words: Words, day: date) -> str:
    return words.day(day, "MMMd")


def _week(words: Words, day: date) -> str:
    return words("Week of {date}", date=words.day(day))


def _quarter(words: Words, day: date) -> str:
    first, last = (words.month(month, short=True) for month in _first_and_last(day))
    return words("{first}–{last}", first=first, last=last)


def _quarter_and_year(words: Words, day: date) -> str:
    first, last = (words.month(month, short=True) for month in _first_and_last(day))
    return words("{first}–{last} {year}", first=first, last=last, year=day.year)


def _first_and_last(day: date) -> tuple[date, date]:
    return day, day.replace(month=day.month + 2)


_EACH = Unit(N_("People at each jelly"), lambda day: day, 1, _day_and_month, Words.day)
_PERIODS = (
    Unit(
        N_("Average people per jelly, by week"),
        lambda day: day - timedelta(days=day.weekday()),
        7,
        _day_and_month,
        _week,
    ),
    Unit(
        N_("Average people per jelly, by month"),
        lambda day: day.replace(day=1),
        365.25 / 12,
        lambda words, day: words.month(day, short=True),
        lambda words, day: words.day(day, "yMMM"),
    ),
    Unit(
        N_("Average people per jelly, by quarter"),
        lambda day: day.replace(month=day.month - (day.month - 1) % 3, day=1),
        365.25 / 4,
        _quarter,
        _quarter_and_year,
    ),
    Unit(
        N_("Average people per jelly, by year"),
        lambda day: day.replace(month=1, day=1),
        365.25,
        lambda words, day: str(day.year),
        lambda words, day: str(day.year),
    ),
)
