"""The rhythm of a series, which goes on when its weekday or its hour changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.calendar.recurrence import occurrences
from bot.calendar.rules import Rule, parse_rule
from data.models import Schedule


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The periods in which a series has its dates, such as every second week from one on."""

    schedule: Schedule
    """That of the series, as it is before it changes."""
    since: datetime
    """The moment (UTC) after which the changed series begins."""

    def is_that_of(self, rules: Sequence[Rule], begin: date | None) -> bool:
        """Returns whether rules go on in this rhythm, unless they ``begin`` on another day."""
        ours = {(rule.frequency, rule.interval) for rule in self._rules()}
        theirs = {(rule.frequency, rule.interval) for rule in rules}
        return ours == theirs and begin in (None, self.schedule.start.date())

    def anchor_of(self, rule: Rule) -> date:
        """Returns a day in a period of this rhythm, from which a rule's intervals count."""
        return next(
            one.anchor or self.schedule.start.date()
            for one in self._rules()
            if (one.frequency, one.interval) == (rule.frequency, rule.interval)
        )

    def first_day(self, rules: Sequence[Rule]) -> date:
        """Returns the first day of the period in which the series begins."""
        start = self.schedule.start
        return min(rule.first_day_of(rule.period_of(start)) for rule in rules)

    def dates_behind(self) -> int:
        """Returns how many dates the series had until ``since``."""
        return sum(1 for _ in occurrences(self.schedule, before=self.since))

    def _rules(self) -> list[Rule]:
        return [parse_rule(rule) for rule in self.schedule.rules]
