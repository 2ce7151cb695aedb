"""Describes a schedule in words that are the same everywhere and read back to the same schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.calendar.recurrence import left_out, occurrences
from bot.calendar.rules import DAILY, MONTHLY, WEEKLY, Rule, parse_rule
from bot.phrases.en.vocabulary import (
    MONTHS,
    WEEKDAYS,
    clock,
    joined,
    long_date,
    ordinal,
    short_date,
)
from bot.phrases.en.zones.find import zone_label
from data.models import Schedule

_WORKDAYS = tuple((0, day) for day in range(5))
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


def describe(
    schedule: Schedule, *, with_start: bool | None = None, now: datetime | None = None
) -> str:
    """Describes when jellies happen, in wall time and with the zone.

    "every 2nd and 4th Thursday, 10:00 to 16:00, New York time" or "Thursday 3 December 2026, 10:00
    to 16:00, New York time". The first date of a series is named if its rules depend on it, or if
    they have an earlier date after ``now``; or as ``with_start`` says: True if the words may be
    read back long before the start.
    """
    rules = [parse_rule(rule) for rule in schedule.rules]
    if not rules:
        return _one_off(schedule)
    start, skipped = schedule.start, left_out(schedule)
    hours = _hours(start, start + schedule.duration)
    parts = [
        " and ".join(_repeats(rule, start) for rule in rules),
        hours,
        zone_label(schedule.zone),
    ]
    if with_start is None:
        with_start = any(rule.interval > 1 or rule.count is not None for rule in rules) or (
            now is not None and _begins_late(schedule, rules, now)
        )
    if with_start:
        parts.append(f"from {short_date(start)}")
    count, until = rules[0].count, rules[0].until
    if count is not None:
        held = count - len(skipped)
        parts.append("1 time" if held == 1 else f"{held} times")
        skipped = _before_the_last(skipped, schedule)
    if until is not None:
        parts.append(f"until {short_date(until)}")
    if skipped:
        parts.append(f"except {joined([short_date(day) for day in skipped])}")
    return ", ".join(parts)


def _before_the_last(skipped: Sequence[datetime], schedule: Schedule) -> tuple[datetime, ...]:
    """Returns the days left out of a counted series that are not behind the last one held."""
    if not skipped:
        return ()
    last = max((date.recurrence_id for date in occurrences(schedule)), default=schedule.start)
    return tuple(wall for wall in skipped if wall < last)


def _one_off(schedule: Schedule) -> str:
    """Describes a single date by what the clocks show then, even if they skip its wall time."""
    zone = ZoneInfo(schedule.zone)
    date = next(occurrences(schedule))
    start = date.starts_at.astimezone(zone).replace(tzinfo=None)
    end = date.ends_at.astimezone(zone).replace(tzinfo=None)
    return f"{long_date(start)}, {_hours(start, end)}, {zone_label(schedule.zone)}"


def _begins_late(schedule: Schedule, rules: Sequence[Rule], now: datetime) -> bool:
    """Returns whether the rules give dates after ``now`` before the start."""
    today = now.astimezone(ZoneInfo(schedule.zone)).date()
    every_time = tuple(str(replace(rule.without_end(), interval=1)) for rule in rules)
    usual = replace(
        schedule,
        start=datetime.combine(today, schedule.start.time()),
        rules=every_time,
        excluded=(),
    )
    first = next(occurrences(usual, after=now), None)
    return first is not None and first.recurrence_id < schedule.start


def _hours(start: datetime, end: datetime) -> str:
    hours = f"{clock(start)} to {clock(end)}"
    if end.date() == start.date() or (end.time() == time() and start.time() != time()):
        return hours
    return f"{hours} the next day"


def _repeats(rule: Rule, start: datetime) -> str:
    """Returns "every ..."; says from when intervals count, if not from the first date that fits."""
    words = _every(rule)
    first_that_fits = replace(rule, interval=1, anchor=None).first_date(start)
    counts_from = rule.anchor or start.date()
    if first_that_fits is None or rule.is_in_step(first_that_fits, counts_from):
        return words
    first = rule.first_date(start)
    return f"{words} counted from {short_date(first or counts_from)}"


def _every(rule: Rule) -> str:
    unit = _UNITS[rule.frequency]
    every = f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"
    if rule.frequency == DAILY:
        return every
    if rule.frequency == WEEKLY:
        return _weekly(rule, every)
    if rule.frequency == MONTHLY:
        return _monthly(rule, every)
    return f"{every} on {_day_of_year(rule)}"


def _weekly(rule: Rule, every: str) -> str:
    days = joined([WEEKDAYS[day] for _, day in rule.weekdays])
    if rule.interval == 1:
        return "every weekday" if rule.weekdays == _WORKDAYS else f"every {days}"
    return f"{every} on {'weekdays' if rule.weekdays == _WORKDAYS else days}"


def _monthly(rule: Rule, every: str) -> str:
    if rule.month_days:
        return f"{every} on the {_month_days(rule.month_days)}"
    days = _ordinals(rule)
    if rule.interval > 1:
        return f"{every} on the {days}"
    plain = len(rule.weekdays) > 1 and len({day for _, day in rule.weekdays}) == 1
    return f"every {days}" if plain else f"every {days} of the month"


def _ordinals(rule: Rule) -> str:
    """Returns ``2nd and 4th Thursday``, ``1st Friday and 3rd Thursday`` or ``last weekday``."""
    if rule.positions:
        return f"{joined([ordinal(position) for position in rule.positions])} weekday"
    if len({day for _, day in rule.weekdays}) == 1:
        numbers = joined([ordinal(number) for number, _ in rule.weekdays])
        return f"{numbers} {WEEKDAYS[rule.weekdays[0][1]]}"
    return joined([f"{ordinal(number)} {WEEKDAYS[day]}" for number, day in rule.weekdays])


def _month_days(days: Sequence[int]) -> str:
    """Returns days of the month as ``15th`` or ``1st, 15th and last day``."""
    said = [ordinal(day) if day > 0 else f"{ordinal(day)} day" for day in days]
    return joined(said)


def _day_of_year(rule: Rule) -> str:
    month = MONTHS[rule.months[0] - 1]
    if rule.weekdays:
        return f"the {_ordinals(rule)} of {month}"
    day = rule.month_days[0]
    return f"{day} {month}" if day > 0 else f"the {ordinal(day)} day of {month}"
