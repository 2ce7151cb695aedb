"""Decides which of the days that a word can mean is the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Lookahead:
    """Where to look for the day that a word means.

    ``today`` is the date from which to search; ``allows`` returns whether a date is still ahead
    (today's session may be over). ``typed_on`` is the date where the phrase is typed, which words
    such as "tomorrow" may mean as well if the phrase names another zone.
    """

    today: date
    allows: Callable[[date], bool]
    typed_on: date | None = None

    def next_weekday(self, weekday: int) -> date:
        """Returns the next day with this weekday, Monday 0."""
        day = self.today + timedelta(days=(weekday - self.today.weekday()) % 7)
        return day if self.allows(day) else day + timedelta(weeks=1)


def ahead_of(day: date, typed_on: date | None = None) -> Lookahead:
    """Returns the lookahead that allows a day and all after it."""
    return Lookahead(day, lambda other: other >= day, typed_on)
