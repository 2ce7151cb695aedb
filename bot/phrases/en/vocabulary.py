"""Converts the names of weekdays, months and ordinals to numbers and back."""

from __future__ import annotations

import re
from datetime import date, datetime

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_ORDINAL_WORDS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def weekday_number(name: str) -> int:
    """Returns the number of a weekday, Monday 0.

    ``name`` is lower case, whole or shortened, singular or plural.
    """
    return next(n for n, weekday in enumerate(WEEKDAYS) if weekday.lower()[:3] == name[:3])


def month_number(name: str) -> int:
    """Returns the number of a month, January 1; ``name`` is lower case, whole or shortened."""
    return next(n for n, month in enumerate(MONTHS, 1) if month.lower()[:3] == name[:3])


def ordinal_number(text: str) -> int:
    """Returns 2 for ``2nd`` and ``second``, -1 for ``last``, -2 for ``second to last``."""
    words = re.findall(r"[a-z]+|\d+", text)
    number = _ORDINAL_WORDS.get(words[0]) or int(words[0])
    return -number if number > 0 and words[-1] == "last" else number


def ordinal(number: int) -> str:
    """Returns ``2nd`` for 2, ``last`` for -1, ``2nd last`` for -2."""
    if number == -1:
        return "last"
    if number < 0:
        return f"{ordinal(-number)} last"
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{_ENDINGS.get(number % 10, 'th')}"


def joined(words: list[str]) -> str:
    """Returns the words as ``a``, ``a and b`` or ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def short_date(day: date) -> str:
    """Returns a date as ``3 Dec 2026``."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year:04}"


def long_date(day: date) -> str:
    """Returns a date as ``Thursday 3 December 2026``."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year:04}"


def clock(time: datetime) -> str:
    """Returns the time of day as ``09:30``."""
    return f"{time:%H:%M}"
