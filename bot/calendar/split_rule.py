"""Splits a series at one of its dates, into the part before it and the part from it on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.calendar.rules import Rule, end_of, parse_rule
from data.models import Schedule, Split


class CannotSplit(ValueError):
    """The dates from there on can't be expressed by rules that begin there."""


def split(schedule: Schedule, at: datetime) -> Split:
    """Splits a recurring schedule at one of its dates, a naive wall time exact to the second.

    Both parts together have the same dates as the whole. Raises CannotSplit if the series is held
    earlier on that day.
    """
    rules = [parse_rule(rule) for rule in schedule.rules]
    midnight = at.replace(hour=0, minute=0, second=0)
    if any(
        midnight <= wall < at and wall not in schedule.excluded
        for rule in rules
        for wall in rule.dates(schedule.start, not_before=midnight, last=at)
    ):
        raise CannotSplit("it is held twice on that day")
    earlier: list[Rule] = []
    later: list[Rule] = []
    for rule in rules:
        before, after = _split_rule(rule, schedule.start, at)
        earlier += [before] if before else []
        later += [after] if after else []
    return Split(
        None
        if at <= schedule.start
        else replace(
            schedule,
            rules=tuple(map(str, earlier)),
            excluded=tuple(wall for wall in schedule.excluded if wall < at),
        ),
        replace(
            schedule,
            start=at,
            rules=tuple(map(str, later)),
            excluded=tuple(wall for wall in schedule.excluded if wall >= at),
        ),
    )


def _split_rule(rule: Rule, start: datetime, at: datetime) -> tuple[Rule | None, Rule | None]:
    if rule.until is not None and rule.until < at:
        return rule, None
    # The day before, because words name an end by its day.
    until = end_of(at.date() - timedelta(days=1))
    before = replace(rule, count=None, until=until)
    rule = rule.counted_from(rule.anchor or start.date(), at)
    if rule.count is None:
        return before, rule
    passed = sum(1 for _ in before.dates(start, not_before=start, last=until))
    remaining = rule.count - passed
    if remaining <= 0:
        return rule, None
    return before, replace(rule, count=remaining)
