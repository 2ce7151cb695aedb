"""Asks for the one thing that a phrase lacks: its time of day, or its day."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.phrases.en.refusal import Place, Refused
from bot.phrases.en.vocabulary import MONTHS, WEEKDAYS, month_number

# More than are offered, since some may be past.
_TIMES = {
    None: ("10am", "9:30-16:00", "7pm", "9pm", "11pm"),
    "morning": ("9am", "10am", "9:30-12:00"),
    "lunchtime": ("noon", "1pm", "12:00-14:00"),
    "afternoon": ("2pm", "3pm", "13:30-17:00"),
    "evening": ("7pm", "8pm", "18:00-21:00", "10pm", "11pm"),
    "night": ("8pm", "9pm", "19:00-22:00", "10pm", "11pm"),
}
_DAYS = ("tomorrow", "thursday", "every thursday", "every monday", "every saturday")
_HALF_A_CLOCK = re.compile(r"(?<![0-9:.])(1[0-2]|[1-9])\s?m(?![a-z])")
_NAMED_WEEK = re.compile(r"(?:this|next)\s+week(?![a-z])")
_EVERY_DAY = re.compile(r"\b(?:(?:every|each)\s+day|daily)\b")
_NAMED_MONTH = re.compile(
    r"(?:(?:in|early|mid|late)[\s-]+)*"
    rf"({'|'.join(f'{month.lower()}|{month[:3].lower()}' for month in MONTHS)})(?![a-z])"
    r"(?!\W*(?:the\s+)?[0-9]{1,2}(?:st|nd|rd|th)?\b(?![:.][0-9]))"
)


def ask_time(text: str, part_of_day: str | None) -> Refused:
    """Returns the question about "thursday", with times in the part of the day that is said.

    "10m" may be ten minutes, or lack a letter.
    """
    short = _HALF_A_CLOCK.search(text)
    if short is not None:
        return Refused("at what time?", short.span(), (f"{short[1]}am", f"{short[1]}pm"))
    return _asked("at what time?", len(text), [f" {time}" for time in _TIMES[part_of_day]])


def ask_day() -> Refused:
    """Returns the question about "10am"."""
    return _asked("on which day?", 0, [f"{day} " for day in _DAYS])


def ask_day_in_period(text: str) -> Refused | None:
    """Returns the question about "next week 10am" and "mid december 10am".

    None if the phrase names no such period alone; it is one that the grammar can't read.
    """
    week = _NAMED_WEEK.search(text)
    if week is not None and _EVERY_DAY.search(text):
        return None
    if week is not None:
        return _asked("on which day?", week.start(), [f"{day.lower()} " for day in WEEKDAYS])
    month = _NAMED_MONTH.match(text)
    if month is None:
        return None
    name = MONTHS[month_number(month[1]) - 1].lower()
    days = (14, 15, 16) if "mid" in month[0] else (1, 8, 15)
    return Refused("on which day?", month.span(), [f"{day} {name}" for day in days])


def _asked(question: str, position: int, answers: Sequence[str]) -> Refused:
    place: Place = (position, position)
    return Refused(question, place, answers)
