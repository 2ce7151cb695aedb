"""Finds what to type instead: the nearest phrases to one that was refused."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator

from bot.phrases.en.vocabulary import MONTHS, WEEKDAYS

OFFERED = 2

MODELS = (
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
    "every day 10am except 24 december",
    "thursday 10am new york",
)
WORDS = (
    *(weekday.lower() for weekday in WEEKDAYS),
    *(f"{weekday.lower()}s" for weekday in WEEKDAYS),
    *(month.lower() for month in MONTHS),
    *("today", "tonight", "tomorrow", "next", "this", "the", "and", "from", "starting"),
    *("every", "each", "other", "weekday", "weekdays", "daily", "weekly", "monthly", "yearly"),
    *("first", "second", "third", "fourth", "fifth", "last", "week", "month", "year"),
    *("until", "except", "times", "weeks", "months", "hours", "minutes", "noon", "midnight"),
)


_SERIES_WORDS = frozenset({"each", "every", "daily", "weekly", "monthly", "yearly", "of"})


def nearest(
    text: str, stopped: int | None, wanted: list[str], can_read: Callable[[str], bool]
) -> tuple[str, ...]:
    """Returns up to two phrases near ``text`` that can be read, those ``wanted`` first.

    ``stopped`` is the position at which the grammar stopped, None if it did not.
    """
    found: list[str] = []
    for candidate in _candidates(text, stopped, wanted):
        phrase = " ".join(re.sub(r"(\s*,)+", ",", candidate).split()).strip(" ,")
        if phrase not in found and can_read(phrase):
            found.append(phrase)
            if len(found) == OFFERED:
                break
    return tuple(found)


def _candidates(text: str, stopped: int | None, wanted: list[str]) -> Iterator[str]:
    for candidate in wanted:
        yield candidate
        yield f"{candidate} 10am"
    if len(text) > 200:
        text = ""
    if stopped is not None and text:
        yield from _respelled(text, stopped)
        if text[:stopped].strip():
            yield text[:stopped].strip(" ,")
            yield f"{text[:stopped].strip(' ,')} 10am"
    yield from sorted(MODELS, key=lambda model: _distance(text, model))


def _respelled(text: str, stopped: int) -> Iterator[str]:
    """Yields the phrase with the nearest known words for the word at which it stopped."""
    word = re.compile("[a-z]+").search(text, stopped)
    if word is None or len(word[0]) > 20:
        return
    known = [name for name in WORDS if name.endswith("s") == word[0].endswith("s")]
    for name in difflib.get_close_matches(word[0], known, n=2, cutoff=0.7):
        yield text[: word.start()] + name + text[word.end() :]


def _distance(text: str, model: str) -> tuple[bool, int, float]:
    """Returns how far a phrase is from a model.

    One-offs are far from series; then shared words count, then the similarity of the whole text.
    """
    words, model_words = re.findall("[a-z]+|[0-9]+", text), re.findall("[a-z]+|[0-9]+", model)
    alike = difflib.SequenceMatcher(None, text[:80], model).quick_ratio()
    other_kind = _repeats(words) != _repeats(model_words)
    return other_kind, -len({*words} & {*model_words}), -alike


def _repeats(words: list[str]) -> bool:
    return not _SERIES_WORDS.isdisjoint(words) or any(word.endswith("days") for word in words)
