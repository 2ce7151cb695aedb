"""What to type instead: the nearest phrases to one that was refused."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

from bot.when.vocabulary import MONTHS, WEEKDAYS

OFFERED = 2

_MODELS = (
    "thursday 10am",
    "tomorrow 9:30-16:00",
    "today 18:00",
    "3 december 10:00",
    "next friday 10am",
    "in 3 days at 9",
    "the 15th at 10am",
    "every tuesday 10am",
    "tuesdays and thursdays 10-16",
    "every weekday 9-12",
    "every day 10am",
    "every 2 weeks on thursday 10-16",
    "every other wednesday 10am",
    "2nd and 4th thursday 10-16",
    "first monday of the month 10am",
    "last friday of every month 10am for 3 hours",
    "every month on the 15th 10am",
    "every 3 months on the first tuesday 10am",
    "every year on march 14 10am",
    "every tuesday 10am until 30 june",
    "every tuesday 10am for 10 weeks",
    "every tuesday 10am 10 times",
    "every tuesday 10am from 5 january",
    "every tuesday 10am except 24 december",
    "thursday 10am new york",
)
_WORDS = (
    *(weekday.lower() for weekday in WEEKDAYS),
    *(f"{weekday.lower()}s" for weekday in WEEKDAYS),
    *(month.lower() for month in MONTHS),
    *("today", "tonight", "tomorrow", "next", "this", "the", "and", "from", "starting"),
    *("every", "each", "other", "weekday", "weekdays", "daily", "weekly", "monthly", "yearly"),
    *("first", "second", "third", "fourth", "fifth", "last", "week", "month", "year"),
    *("until", "except", "times", "weeks", "months", "hours", "minutes", "noon", "midnight"),
)


def nearest(
    text: str, stopped: int | None, wanted: list[str], can_read: Callable[[str], bool]
) -> tuple[str, ...]:
    """Up to two phrases near ``text`` that can be read, those ``wanted`` first.

    ``stopped`` is the position where the grammar stopped, None where it did not.
    """
    found: list[str] = []
    for candidate in _candidates(text, stopped, wanted):
        phrase = " ".join(candidate.split())
        if phrase not in found and can_read(phrase):
            found.append(phrase)
            if len(found) == OFFERED:
                break
    return tuple(found)


def _candidates(text: str, stopped: int | None, wanted: list[str]) -> Iterator[str]:
    yield from wanted
    if len(text) > 200:
        text = ""
    if stopped is not None and text:
        yield from _respelled(text, stopped)
        if text[:stopped].strip():
            yield text[:stopped].strip(" ,")
            yield f"{text[:stopped].strip(' ,')} 10am"
    yield from sorted(_MODELS, key=lambda model: _distance(text, model))


def _respelled(text: str, stopped: int) -> Iterator[str]:
    """The phrase with the word at which it stopped taken for the nearest known word."""
    word = re.compile(r"[^\W\d_]+").search(text, stopped)
    if word is None or len(word[0]) > 20:
        return
    for known in difflib.get_close_matches(word[0], _WORDS, n=2, cutoff=0.7):
        yield text[: word.start()] + known + text[word.end() :]


def _distance(text: str, model: str) -> tuple[int, float]:
    """Few shared words are far; then the look of the whole decides."""
    shared = set(re.findall(r"[a-z]+|\d+", text)) & set(re.findall(r"[a-z]+|\d+", model))
    alike = difflib.SequenceMatcher(None, text[:80], model).quick_ratio()
    return -len(shared), -alike
