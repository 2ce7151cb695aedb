"""Numbers and lengths inside of phrases: "10 weeks", "3 hours", "an hour and a half"."""

from __future__ import annotations

import re
from datetime import timedelta

from lark import Token

DEFAULT_LENGTH = timedelta(hours=3)
LONGEST_SESSION = timedelta(hours=24)

_WORDS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12},
}
_HOUR = timedelta(hours=1)


def read_count(token: str) -> int:
    """The number at the head of "10 weeks", "ten times" or "a month"."""
    head = re.findall(r"[0-9]+|[a-z]+", token)[0]
    return _WORDS[head] if head in _WORDS else int(head)


def read_length(token: Token) -> timedelta:
    """A SPAN token: "3 hours", "90 min", "1h30", "1.5 hours", "an hour and a half"."""
    if token.startswith("half"):
        return _HOUR / 2
    if re.match(r"[0-9]+\.5", token):
        return _HOUR * (read_count(token) + 0.5)
    number = read_count(token)
    if re.match(r"([0-9]+|[a-z]+)\s*m", token):
        return timedelta(minutes=number)
    if token.endswith("half") or "half" in token:
        return _HOUR * (number + 0.5)
    minutes = re.search(r"[a-z]\s*([0-9]{1,2})[^0-9]*$", token)
    return _HOUR * number + timedelta(minutes=int(minutes[1]) if minutes else 0)
