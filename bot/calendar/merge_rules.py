"""Merges and orders the rules of one series, and takes days out of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.calendar.rules import DAILY, MONTHLY, WEEKLY, YEARLY, Rule

EVERY_DAY = tuple((0, day) for day in range(7))

_ORDER = (DAILY, WEEKLY, MONTHLY, YEARLY)

_Kind = tuple[int, int, tuple[int, ...], bool, bool, tuple[int, ...], int]


def merge_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Merges rules that one RRULE can express, orders their days, and sorts the rules.

    Two phrases with the same meaning therefore give the same rules.
    """
    merged: dict[_Kind, Rule] = {}
    for rule in rules:
        same = merged.get(_kind(rule), rule)
        together = replace(
            rule,
            weekdays=tuple(sorted({*same.weekdays, *rule.weekdays}, key=_weekday_order)),
            month_days=tuple(sorted({*same.month_days, *rule.month_days}, key=_order)),
            positions=tuple(sorted({*same.positions, *rule.positions}, key=_order)),
            anchor=min(same.anchor, rule.anchor) if same.anchor and rule.anchor else rule.anchor,
        )
        merged[_kind(rule)] = together
    whole_week = Rule(WEEKLY, weekdays=EVERY_DAY)
    found = {Rule(DAILY) if rule == whole_week else rule for rule in merged.values()}
    return sorted(found, key=_kind)


def without_weekday(rules: Sequence[Rule], weekday: int) -> list[Rule]:
    """Returns the rules with one weekday (Monday 0) left out: "every weekday except friday".

    Raises ValueError if a rule is not weekly, or if that weekday is the only one in it.
    """
    day = (0, weekday)
    left = []
    for rule in rules:
        if rule.frequency == DAILY and rule.interval == 1:
            rule = Rule(WEEKLY, weekdays=EVERY_DAY)
        if rule.frequency != WEEKLY or rule.weekdays == (day,):
            raise ValueError(f"{rule} can't leave out weekday {weekday}")
        left.append(replace(rule, weekdays=tuple(other for other in rule.weekdays if other != day)))
    return merge_rules(left)


def _kind(rule: Rule) -> _Kind:
    """Returns a key by which rules differ only in their days.

    Each day of the year is a rule of its own; so are days of weeks that are out of step.
    """
    dates = rule.month_days if rule.frequency == YEARLY else ()
    order = _ORDER.index(rule.frequency)
    step = -1 if rule.anchor is None else rule.period_of(rule.anchor) % rule.interval
    by_date, by_position = bool(rule.month_days), bool(rule.positions)
    return order, rule.interval, rule.months, by_date, by_position, dates, step


def _order(number: int) -> int:
    """Returns the sort key for the order 1, 2, 15, then the second to last, the last."""
    return number if number > 0 else number + 100


def _weekday_order(day: tuple[int, int]) -> tuple[int, int]:
    return _order(day[0]), day[1]
