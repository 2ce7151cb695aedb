"""Reads and writes lengths of time and numbers: "90 minutes", "1h30", "ten times"."""

from __future__ import annotations

import re
from datetime import timedelta

from lark import Token

from bot.phrases.en.refusal import visible, with_examples
from data.limits import LONGEST_DURATION, LONGEST_ECHO
from data.refusal import Refusal, Sentence

_UNITS = {
    "m": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "mins": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "minutes": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "hr": timedelta(hours=1),
    "hrs": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "hours": timedelta(hours=1),
    "d": timedelta(days=1),
    "day": timedelta(days=1),
    "days": timedelta(days=1),
    "w": timedelta(weeks=1),
    "week": timedelta(weeks=1),
    "weeks": timedelta(weeks=1),
}
_WORDS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12},
}
_HOUR = timedelta(hours=1)
_NAMES = ("week", "day", "hour", "minute")
_PART = re.compile(r"\s*([0-9]{1,5})\s*([a-z]+)|\s*(half\s+an|an|a)\s+([a-z]+)", re.ASCII)


NONE = "none"
"""No length of time, where there need not be one."""


class DurationNotUnderstood(Refusal):
    """A length of time can't be read; its sentence says what to type instead."""

    def __init__(self, text: str) -> None:
        typed = {"typed": visible(text)[:LONGEST_ECHO]}
        problem = Sentence('I can\'t read "{typed}" as a length of time.', typed)
        super().__init__(problem.template)
        self.sentence = with_examples(problem, ("6 days", "1 hour", "90 minutes"))


def read_duration(text: str) -> timedelta:
    """Reads a length of time above zero and up to ten years, such as "1 hour 30 minutes".

    Each unit may occur once, the largest first. A day is 24 hours here. Raises
    :class:`DurationNotUnderstood` if any part of the text is not understood.
    """
    remaining = text.strip().lower() if len(text) <= 100 else ""
    total = timedelta()
    smallest = LONGEST_DURATION
    while remaining:
        part = _PART.match(remaining)
        unit = _UNITS.get(part[2] or part[4]) if part else None
        if part is None or unit is None or unit >= smallest:
            raise DurationNotUnderstood(text)
        half = part[3] is not None and part[3].startswith("half")
        total += unit / 2 if half else unit * int(part[1] or 1)
        smallest = unit
        remaining = remaining[part.end() :].lstrip()
        if remaining.startswith("and "):
            remaining = remaining[len("and ") :].lstrip() or "and"
    if not timedelta() < total <= LONGEST_DURATION:
        raise DurationNotUnderstood(text)
    return total


def describe_duration(span: timedelta) -> str:
    """Writes a length in whole minutes in words, largest unit first: "1 day 2 hours".

    Weeks are used only if nothing is left over, so ten days stay "10 days". Raises ``ValueError``
    for a span that is not above zero or not in whole minutes.
    """
    if span <= timedelta() or span % timedelta(minutes=1):
        raise ValueError(f"not a whole number of minutes above zero: {span!r}")
    if span % timedelta(weeks=1) == timedelta():
        return _counted(span // timedelta(weeks=1), "week")
    words = []
    for name in _NAMES[1:]:
        count, span = divmod(span, _UNITS[name])
        if count:
            words.append(_counted(count, name))
    return " ".join(words)


def abbreviate_duration(span: timedelta) -> str:
    """Writes a length in whole minutes as short as it can be read back: "2d12h", "1h30m"."""
    minutes = span // timedelta(minutes=1)
    days, rest = divmod(minutes, 24 * 60)
    parts = ((days, "d"), (rest // 60, "h"), (rest % 60, "m"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def read_count(token: str) -> int:
    """Returns the number at the start of "10 weeks", "ten times" or "a month"."""
    head = re.findall(r"[0-9]+|[a-z]+", token)[0]
    return _WORDS[head] if head in _WORDS else int(head)


def read_length(token: Token) -> timedelta:
    """Reads a SPAN token: "3 hours", "90 min", "1h30", "1.5 hours", "an hour and a half"."""
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
