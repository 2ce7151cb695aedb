"""Writes the hours of a phrase as a reader's clock shows them: "14:00" or "2pm"."""

from __future__ import annotations

import re

from bot.phrases.en.hours.clock_time import twelve_hour, twenty_four_hour

_TWENTY_FOUR = re.compile(r"(?<![\d:.])([01]\d|2[0-4]):([0-5]\d)(?![\d:]|\s*[ap]\.?m)")
_TWELVE = re.compile(r"(?<![\d:.])(1[0-2]|0?[1-9])(?::([0-5]\d))?\s?([ap])m\b")
# "2-4pm": without its half, the end says nothing of the start any more.
_SHARED_HALF = re.compile(r"\d\s*(?:-|–|to|till?|until|and|&)\s*[\d:]+\s?[ap]m\b")
_WITH_HALF = re.compile(r"[ap]m\s*(?:-|–|to|till?|until|and|&)\s*[\d:]+\s?[ap]m\b")


def with_hours(phrase: str, *, hour12: bool) -> str:
    """Returns a phrase that can be read, or a description of ours, by the 12 or 24-hour clock.

    It means the same. Hours that are not surely of the day, such as a bare "10", stay as they are.
    """
    if hour12:
        return _TWENTY_FOUR.sub(_to_twelve, phrase)
    if _SHARED_HALF.search(_WITH_HALF.sub("", phrase)):
        return phrase
    return _TWELVE.sub(_to_twenty_four, phrase)


def _to_twelve(clock: re.Match[str]) -> str:
    return twelve_hour(int(clock[1]) * 60 + int(clock[2]))


def _to_twenty_four(clock: re.Match[str]) -> str:
    hour, minute, half = int(clock[1]) % 12, int(clock[2] or 0), clock[3]
    return twenty_four_hour((hour + (12 if half == "p" else 0)) * 60 + minute)
