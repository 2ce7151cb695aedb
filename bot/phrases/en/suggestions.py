"""Completes a phrase while it is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.calendar.recurrence import occurrences
from bot.phrases.en.describe import describe
from bot.phrases.en.examples import MODELS, WORDS
from bot.phrases.en.grammar import Stopped, plain
from bot.phrases.en.reading import read, understand
from bot.phrases.en.refusal import NotUnderstood, Refused
from data.limits import DEFAULT_LENGTH
from data.models import Schedule

MOST_SUGGESTIONS = 5

# Suggestions are made at every key press, so the number of phrases tried is limited.
_MOST_TRIED = 40
_MOST_WORDS = 4
_LONGEST_SUGGESTED = 100
_FOR_NOTHING = (
    "thursday 10am",
    "tomorrow 9:30-16:00",
    "every tuesday 10am",
    "2nd and 4th thursday 10:00-16:00",
    "first friday and third thursday of the month 10am",
)
_ENDINGS = (
    " 10am",
    " 10:00-16:00",
    "pm",
    "am",
    " of the month 10am",
    " thursday 10am",
    " on thursday 10am",
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

    ``zone``, ``now`` and ``default_length`` as in :func:`read`. If there is no completion, the
    examples of the phrase's refusal are returned.
    """
    found: dict[Schedule, Suggestion] = {}
    if len(phrase) <= _LONGEST_SUGGESTED:
        text = " ".join(plain(phrase).split())
        for tried, candidate in enumerate(_candidates(text)):
            if tried == _MOST_TRIED or len(found) == MOST_SUGGESTIONS:
                break
            _add(found, candidate, zone, now, default_length)
    if len(found) < MOST_SUGGESTIONS:
        try:
            read(phrase, zone=zone, now=now)
        except NotUnderstood as refusal:
            for example in refusal.examples:
                _add(found, example, zone, now, default_length)
    return list(found.values())[:MOST_SUGGESTIONS]


def _add(
    found: dict[Schedule, Suggestion],
    phrase: str,
    zone: str,
    now: datetime,
    default_length: timedelta,
) -> None:
    try:
        schedule = understand(plain(phrase), zone, now, default_length)
    except (Stopped, Refused):
        return
    if schedule not in found and len(phrase) <= _LONGEST_SUGGESTED:
        first = next(occurrences(schedule))
        found[schedule] = Suggestion(
            phrase, describe(schedule), first.starts_at, bool(schedule.rules)
        )


def _candidates(text: str) -> Iterator[str]:
    if not text:
        yield from _FOR_NOTHING
        return
    yield text
    bases = [text, *_with_last_word_completed(text)]
    for base in bases:
        for ending in _ENDINGS[:2]:
            yield base + ending
    for base in bases:
        yield from _like_the_models(base)
    for base in bases:
        for ending in _ENDINGS[2:]:
            yield base + ending


def _with_last_word_completed(text: str) -> list[str]:
    """Completes the last word: "every tu" to "every tuesday"."""
    typed = re.search("[a-z]+$", text)
    if typed is None:
        return []
    words = [word for word in WORDS if word.startswith(typed[0]) and word != typed[0]]
    return [text[: typed.start()] + word for word in words[:_MOST_WORDS]]


def _like_the_models(base: str) -> Iterator[str]:
    """Yields continuations of model phrases after the same last words.

    Those with the most words in common come first.
    """
    words = base.split()
    for shared in range(min(3, len(words)), 0, -1):
        for model in MODELS:
            model_words = model.split()
            for place in range(len(model_words) - shared):
                if model_words[place : place + shared] == words[-shared:]:
                    yield " ".join((base, *model_words[place + shared :]))
