"""Finds the words that a mistyped one may stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice

from bot.phrases.en.hints.edit_distance import mistakes
from bot.phrases.en.vocabulary import MONTHS, WEEKDAYS
from bot.phrases.en.zones.find import zone_names

WORDS = (
    *(weekday.lower() for weekday in WEEKDAYS),
    *(f"{weekday.lower()}s" for weekday in WEEKDAYS),
    *(month.lower() for month in MONTHS),
    *("today", "tonight", "tomorrow", "next", "this", "the", "and", "from", "starting"),
    *("every", "each", "other", "weekday", "weekdays", "daily", "weekly", "monthly", "yearly"),
    *("first", "second", "third", "fourth", "fifth", "last", "week", "month", "year", "day"),
    *("until", "except", "times", "weeks", "months", "hours", "minutes", "noon", "midnight"),
    *("morning", "afternoon", "evening", "night", "fortnight", "fortnightly", "quarterly"),
    *("at", "am", "pm", "on", "of", "for", "in", "to", "between", "after", "time"),
    *("but", "not", "weekend", "weekends"),
    *("half", "past", "quarter", "without", "ending", "alternate", "annually", "mornings"),
    *("afternoons", "evenings", "nights", "days", "hour", "years", "once", "coming"),
    *(weekday.lower()[:3] for weekday in WEEKDAYS),
    *(month.lower()[:3] for month in MONTHS if month != "May"),
    *("tues", "weds", "thurs"),
)
"""Words of the grammar, those that are typed most first."""

FILLERS = frozenset(
    {
        *("about", "approximately", "approx", "around", "circa", "maybe", "perhaps", "please"),
        *("possibly", "probably", "roughly", "sharp", "sometime"),
    }
)
"""Words beside a time that say nothing about when it is."""

# These are near to words of the grammar, and mean something else, as "3th" may be the 3rd or 4th.
_SPELLED_RIGHT = frozenset(
    {
        *("by", "date", "late", "later", "now", "say", "soon", "then", "way"),
        *("st", "nd", "rd", "th"),
    }
)
_LONGEST_WORD = 20
_NEAREST = 3
# Shorter words may have one mistake, others two.
_SHORT = 6
_MOST_KNOWN_BEFORE = 3
_MOST_WORDS_OF_A_CITY = 3
_SHORTEST_CITY = 5
_DOUBLED = re.compile(r"(?<!\S)(\S+)(?:\s+\1)+(?!\S)")
_TORN = re.compile("([a-z]+) +([a-z]+)")
_NO_COLON = re.compile(r"(?<=[0-9])[;,](?=[0-5][0-9](?![0-9]))")
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# What may stand right behind a number.
_ENDINGS = ("am", "pm", "th", "st", "nd", "rd", "h")


def respelled(text: str, position: int) -> Iterator[str]:
    """Yields the phrase with what its failed word may stand for, the likeliest first.

    ``position`` is where the grammar stopped: at the word, or at known words before it.
    """
    found = _first_unknown(text, position)
    if found is None or len(found[0]) > _LONGEST_WORD or found[0] in _SPELLED_RIGHT:
        return
    before, word, after = text[: found.start()], found[0], text[found.end() :]
    if word in FILLERS:
        yield before + after
        return
    # A plural stays a plural, so that a slip makes no series of a date.
    alike = [known for known in WORDS if known.endswith("s") == word.endswith("s")]
    near = _nearest(word, _ENDINGS if before[-1:].isdigit() else alike)
    for known in (*near, *_parted(word)):
        yield before + known + after
    # "san" is near "sun", "san frsncisco" is not.
    yield from _with_a_city(before, text[found.start() :], least_words=2 if near else 1)


def without_slips(text: str) -> Iterator[str]:
    """Yields the phrase without doubled words, torn ones ("tues day") or "10;30"."""
    for slip, meant in ((_DOUBLED, r"\1"), (_TORN, _joined), (_NO_COLON, ":")):
        better = slip.sub(meant, text)
        if better != text:
            yield better


def _joined(torn: re.Match[str]) -> str:
    return torn[1] + torn[2] if torn[1] + torn[2] in WORDS else torn[0]


def _first_unknown(text: str, position: int) -> re.Match[str] | None:
    """Returns the word that failed: the first from ``position`` on that is not of the grammar."""
    words = list(islice(re.compile("[a-z']+").finditer(text, position), _MOST_KNOWN_BEFORE + 1))
    return next((word for word in words if word[0] not in WORDS), None)


def _nearest(typed: str, words: Iterable[str]) -> list[str]:
    """Returns the words with the fewest mistakes, none if those are too many."""
    most, letters = 1 if len(typed) < _SHORT else 2, set(typed)
    found = [
        (mistakes(typed, word), word)
        for word in words
        if word != typed
        and abs(len(word) - len(typed)) <= most
        and len(letters.symmetric_difference(word)) <= 2 * most
        and (len(typed) >= _SHORT or _begin_alike(typed, word))
    ]
    fewest = min((number for number, _ in found), default=most + 1)
    if fewest > most:
        return []
    return [word for number, word in found if number == fewest][:_NEAREST]


def _begin_alike(typed: str, word: str) -> bool:
    """Returns whether a short word begins as it should, but for a slip: "soon" is not "noon"."""
    return (
        word[0] == typed[0]
        or word[:2] == typed[1::-1]
        or word[1:] == typed
        or typed[1:] == word
        or any(word[0] + typed[0] in row or typed[0] + word[0] in row for row in _KEYBOARD)
    )


def _parted(word: str) -> Iterator[str]:
    """Yields "every thursday" for "everythursday"."""
    for cut in range(2, len(word) - 1):
        if word[:cut] in WORDS and word[cut:] in WORDS:
            yield f"{word[:cut]} {word[cut:]}"


def _with_a_city(before: str, rest: str, *, least_words: int) -> Iterator[str]:
    """Yields the phrase with the nearest names of cities for so many of its next words."""
    for match in reversed(list(_beginnings(rest, least_words))):
        name = " ".join(match.split())
        if len(name) >= _SHORTEST_CITY:
            cities = [city for city in _cities() if _begin_alike(name, city)]
            for known in _nearest(name, cities):
                yield before + known + rest[len(match) :]


def _beginnings(rest: str, least_words: int) -> Iterator[str]:
    for number in range(least_words - 1, _MOST_WORDS_OF_A_CITY):
        match = re.match(rf"[a-z]+(\s+[a-z]+){{{number}}}(?![a-z])", rest)
        if match is not None:
            yield match[0]


@cache
def _cities() -> tuple[str, ...]:
    """Returns the names of zones that are long enough to be recognized in spite of a mistake."""
    return tuple(name for name in zone_names() if "/" not in name and len(name) >= _SHORTEST_CITY)
