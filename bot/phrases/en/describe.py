"""Describes a schedule in words that are the same everywhere and read back to the same schedule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from itertools import groupby

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
from bot.phrases.en.zones import zone_label
from data.models import Schedule

_WORKDAYS = tuple((0, day) for day in range(5))
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


def describe(schedule: Schedule, *, with_start: bool | None = None) -> str:
    """Describes when jellies happen, in wall time and with the zone.

    "every 2nd and 4th Thursday, 10:00 to 16:00, New York time" or "Thursday 3 December 2026, 10:00
    to 16:00, New York time". The first date of a series is named if its rules depend on it, or as
    ``with_start`` says: True if the words may be read back long before the start.
    """
    rules = [parse_rule(rule) for rule in schedule.rules]
    start = schedule.start
    hours = _hours(start, schedule.duration)
    zone = zone_label(schedule.zone)
    if not rules:
        return f"{long_date(start)}, {hours}, {zone}"
    parts = [" and ".join(_repeats(rules)), hours, zone]
    if with_start is None:
        with_start = any(rule.interval > 1 or rule.count is not None for rule in rules)
    if with_start:
        parts.append(f"from {short_date(start)}")
    count, until = rules[0].count, rules[0].until
    if count is not None:
        parts.append("1 time" if count == 1 else f"{count} times")
    if until is not None:
        parts.append(f"until {short_date(until)}")
    if schedule.excluded:
        parts.append(f"except {joined([short_date(day) for day in schedule.excluded])}")
    return ", ".join(parts)


def _hours(start: datetime, length: timedelta) -> str:
    end = start + length
    hours = f"{clock(start)} to {clock(end)}"
    if end.date() == start.date() or (end.time() == time() and start.time() != time()):
        return hours
    return f"{hours} the next day"


def _repeats(rules: Sequence[Rule]) -> list[str]:
    """Returns one "every ..." for each rule, or for each group of rules that shares one."""
    said = []
    for (frequency, interval), group in groupby(
        rules, lambda rule: (rule.frequency, rule.interval)
    ):
        unit = _UNITS[frequency]
        every = f"every {unit}" if interval == 1 else f"every {interval} {unit}s"
        if frequency == DAILY:
            said.append(every)
        elif frequency == WEEKLY:
            said += [_weekly(rule, every) for rule in group]
        elif frequency == MONTHLY:
            said += [_monthly(rule, every) for rule in group]
        else:
            said += [f"{every} on {_day_of_year(rule)}" for rule in group]
    return said


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
