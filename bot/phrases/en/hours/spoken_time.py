"""Reads clock times in words: "nine", "nine thirty", "half past nine", "quarter to 10"."""

from __future__ import annotations

import re

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {
    **{word: number for number, word in enumerate((*_UNITS, "eleven", "twelve"), 1)},
    **{"fifteen": 15, "quarter": 15, "twenty": 20, "thirty": 30, "half": 30, "forty": 40},
    "fifty": 50,
}


def hour_and_minute(spoken: str) -> tuple[int, int | None]:
    """Returns the hour, and the minute if one is said: "twenty to ten" is 9 and 40.

    Neither is checked to be on the clock.
    """
    said, *rest = re.split(r"\b(past|after|to|before|till)\b", spoken)
    first = _numbers(said)
    if not rest:
        return first[0], sum(first[1:]) if len(first) > 1 else None
    way, hours = rest
    minutes, hour = sum(first), sum(_numbers(hours))
    if way in ("past", "after"):
        return hour, minutes
    return hour - 1 if hour > 1 else 12, 60 - minutes


def _numbers(words: str) -> list[int]:
    found = re.findall("[a-z]+|[0-9]+", words)
    return [_NUMBERS.get(word) or int(word) for word in found if word in _NUMBERS or word.isdigit()]
