"""Finds what to type instead of a phrase that was refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bot.phrases.en.grammar import Stopped, count_words
from bot.phrases.en.hints.faithful import Said
from bot.phrases.en.hints.spelling import respelled, without_slips
from bot.phrases.en.refusal import Refused
from data.models import Schedule

OFFERED = 3

# A refusal is worked out on the event loop, so the number of phrases tried is limited, and how many
# words they have together.
MOST_TRIED = 12
_WORDS_OF_EACH = 10
MOST_WORDS_TRIED = MOST_TRIED * _WORDS_OF_EACH
_MOST_REPAIRS = 3
_MOST_ALTERNATIVE_WORDS = 3
_WANTS_A_DAY = re.compile(r"(?:every|each|on|next|this|other|and|first|second|third|last)$")
_SPAN_AT_THE_END = re.compile(r"\b[0-9]+\s+(?:weeks|months)$")

Problem = Stopped | Refused


@dataclass(frozen=True, slots=True)
class _Repair:
    """A phrase to try, what it must still say, and how many more repairs it may need.

    ``is_asked`` is True if something missing was added: then nothing else may be changed.
    """

    text: str
    said: Said
    more: int
    is_asked: bool = False


class Nearest:
    """Searches for the phrases nearest to one that can't be read.

    It tries at most ``most`` of them, for all that it is asked.
    """

    def __init__(self, understand: Callable[[str], Schedule], most: int = MOST_TRIED) -> None:
        self._understand = understand
        self._left = most
        self._words_left = most * _WORDS_OF_EACH

    def examples(self, text: str, problem: Problem) -> tuple[str, ...]:
        """Returns up to three phrases that can be read, the likeliest first.

        Each repairs only the words that failed, or adds the one thing that is missing.
        """
        if count_words(text) > MOST_WORDS_TRIED:
            return ()
        return tuple(self._repaired(_Repair(text, Said.by(text), _MOST_REPAIRS), problem).values())

    def is_of_known_words(self, text: str) -> bool:
        """Returns whether a phrase follows the grammar, and can at least be asked about."""
        try:
            self._understand(text)
        except Stopped:
            return False
        except Refused:
            pass
        return True

    def readable(self, text: str) -> list[str]:
        """Returns the phrase itself if it can be read, otherwise its examples."""
        return list(self._readable(_Repair(text, Said.by(text), _MOST_REPAIRS)).values())

    def _repaired(self, failed: _Repair, problem: Problem) -> dict[Schedule, str]:
        """Returns the repairs that can be read; if none can, one phrase from each.

        Up to three phrases are taken from the only one.
        """
        found: dict[Schedule, dict[Schedule, str]] = {}
        as_they_are: dict[Schedule, str] = {}
        for repair in _repairs(failed, problem):
            phrases = self._readable(repair)
            for schedule, phrase in islice(phrases.items(), 1):
                found.setdefault(schedule, phrases)
                if phrase == repair.text:
                    as_they_are.setdefault(schedule, phrase)
            if len(found) == OFFERED:
                break
        if as_they_are:
            return as_they_are
        if len(found) == 1:
            return next(iter(found.values()))
        return {schedule: phrases[schedule] for schedule, phrases in found.items()}

    def _readable(self, repair: _Repair) -> dict[Schedule, str]:
        """Returns a phrase if it can be read, otherwise what can be after further repairs."""
        self._left -= 1
        self._words_left -= count_words(repair.text)
        if self._left < 0 or self._words_left < 0:
            return {}
        try:
            schedule = self._understand(repair.text)
        except (Stopped, Refused) as problem:
            return self._repaired(repair, problem) if repair.more else {}
        return {schedule: repair.text} if repair.said.is_kept_in(repair.text, schedule) else {}


def _repairs(failed: _Repair, problem: Problem) -> Iterator[_Repair]:
    """Yields the phrases that may have been meant, the likeliest first."""
    text, said, more = failed.text, failed.said, failed.more - 1
    for better in without_slips(text):
        yield _Repair(better, Said.by(better), more)
    if isinstance(problem, Refused):
        for example in problem.examples:
            yield _Repair(_tidy(example), said, more)
        for (begin, end), other in problem.fixes:
            fixed, is_asked = _tidy(text[:begin] + other + text[end:]), begin == end
            if is_asked or not failed.is_asked:
                yield _Repair(fixed, said.replaced(text[begin:end], other), more, is_asked)
    elif problem.at_end:
        if _WANTS_A_DAY.search(text):
            for day in ("thursday", "day"):
                yield _Repair(_tidy(f"{text} {day}"), said, more)
        if (span := _SPAN_AT_THE_END.search(text)) is not None:
            yield _Repair(_tidy(f"{text[: span.start()]} for {span[0]}"), said, more)
    elif re.compile(r"or(?![a-z])").match(text, problem.position):
        for alternative in _alternatives(text[: problem.position], text[problem.position + 2 :]):
            yield _Repair(alternative, Said.by(alternative), 0)
    else:
        zones = Said.by(text).zones
        for better in respelled(text, problem.position):
            still = Said.by(better)
            if zones <= still.zones:  # "10ma utc" is not "10 maputo"
                yield _Repair(_tidy(better), still, more)


def _alternatives(before: str, after: str) -> Iterator[str]:
    """Yields "sunday 10am" and "sunday 2pm" for "sunday 10am or 2pm"."""
    one, other = before.split(), after.split()
    for number in range(1, min(len(one), len(other), _MOST_ALTERNATIVE_WORDS) + 1):
        if _are_digits(one[-number:]) == _are_digits(other[:number]):
            yield _tidy(" ".join([*one, *other[number:]]))
            yield _tidy(" ".join([*one[:-number], *other]))


def _are_digits(words: Sequence[str]) -> list[bool]:
    """Returns which words begin with a digit: "10am" is no alternative to "nov"."""
    return [word[0].isdigit() for word in words]


def _tidy(phrase: str) -> str:
    return " ".join(re.sub(r"(\s*,)+", ",", phrase).split()).strip(" ,")
