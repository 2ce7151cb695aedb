"""Completes a phrase while it is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, zip_longest

from bot.calendar.recurrence import occurrences
from bot.phrases.en.describe import describe
from bot.phrases.en.grammar import plain
from bot.phrases.en.hints.examples import Nearest
from bot.phrases.en.hints.spelling import WORDS
from bot.phrases.en.reading import understand
from bot.phrases.en.vocabulary import WEEKDAYS, clock
from bot.phrases.en.zones.find import zone_names
from data.limits import DEFAULT_LENGTH
from data.models import Schedule

MOST_SUGGESTIONS = 5

# Suggestions are made at every key press, so the number of phrases tried is limited.
_MOST_TRIED = 40
_MOST_WORDS = 4
_LONGEST_SUGGESTED = 100
_FIRST_LETTERS_OF_A_CITY = 3
_KINDS = (
    "thursday 10am",
    "tomorrow 9:30-16:00",
    "every thursday 10am",
    "every 2 weeks on thursday 10am",
    "2nd and 4th thursday 10am",
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A phrase that can be read, its reading in words, and when (UTC) its first session starts."""

    phrase: str
    reading: str
    starts_at: datetime
    repeats: bool


def suggest(
    phrase: str, *, zone: str, now: datetime, default_length: timedelta = DEFAULT_LENGTH
) -> list[Suggestion]:
    """Returns up to five completions of a phrase, nearest first; each can be read as it is.

    ``zone``, ``now`` and ``default_length`` as in :func:`read`. What can't be completed is
    repaired, as after a refusal; before anything is typed, a few kinds of phrases are shown.
    """
    text = " ".join(plain(phrase[: _LONGEST_SUGGESTED + 1]).split())

    def reading(other: str) -> Schedule:
        return understand(other, zone, now, default_length)

    found: dict[Schedule, Suggestion] = {}
    for candidate in _candidates(text, Nearest(reading, _MOST_TRIED)) if text else _KINDS:
        schedule = reading(candidate)
        if schedule not in found and len(candidate) <= _LONGEST_SUGGESTED:
            found[schedule] = suggestion_of(candidate, schedule, now=now)
        if len(found) == MOST_SUGGESTIONS:
            break
    return list(found.values())


def suggestion_of(phrase: str, schedule: Schedule, *, now: datetime) -> Suggestion:
    """Returns the suggestion of a phrase that was read as a schedule."""
    first = next(occurrences(schedule))
    return Suggestion(phrase, describe(schedule, now=now), first.starts_at, bool(schedule.rules))


def phrase_of_weekday(start: datetime, end: datetime) -> str:
    """Returns "thursday 10:00 to 16:00": the next day like that of two wall times."""
    next_day = " the next day" if end.date() > start.date() else ""
    return f"{WEEKDAYS[start.weekday()].lower()} {clock(start)} to {clock(end)}{next_day}"


def _candidates(text: str, nearest: Nearest) -> Iterator[str]:
    """Yields phrases that can be read: completions, each in turn, or else repairs.

    A word that is known is not completed to another: "thursday week" is not "thursday weekly".
    """
    if nearest.is_of_known_words(text):
        yield from nearest.readable(text)
        return
    completed = [nearest.readable(other) for other in _with_last_word_completed(text)]
    for phrase in chain.from_iterable(zip_longest(*completed)):
        if phrase is not None:
            yield phrase
    if not any(completed):
        yield from nearest.readable(text)


def _with_last_word_completed(text: str) -> list[str]:
    """Completes the last word: "every tu" to "every tuesday", or words to a city: "10am new y"."""
    typed = re.search("(?<![0-9])[a-z]+$", text)
    if typed is None:
        return []
    before, begun = text[: typed.start()], typed[0]
    words = [before + word for word in WORDS if word.startswith(begun) and word != begun]
    cities = []
    for last_words in re.finditer("(?<![a-z])(?=([a-z]+(?: [a-z]+){0,2}$))", text):
        cities += _cities(text[: last_words.start()], last_words[1])
    return [*words[:_MOST_WORDS], *cities[:_MOST_WORDS]]


def _cities(before: str, begun: str) -> list[str]:
    if not before or len(begun) < _FIRST_LETTERS_OF_A_CITY:
        return []
    return [before + name for name in zone_names() if name.startswith(begun) and "/" not in name]
