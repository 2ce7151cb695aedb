"""Holds that a hint keeps what was said: every number, the zone, and whether it repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.phrases.en.vocabulary import month_number
from bot.phrases.en.zones.find import zone_names
from bot.phrases.en.zones.shared_names import shared_names
from data.models import Schedule

_MONTH = (
    r"\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_WEEKDAY = r"\b(?:mon|tues?|wed(?:nes|s)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b"
_DAY = rf"(?:{_WEEKDAY}|{_MONTH}|\b(?:today|tonight|tomorrow|tmrw)\b)"
# Words that only a series has.
_COUNTED = "zero one two three four five six seven eight nine ten eleven twelve"
_SERIES = re.compile(
    r"\b(?:every|each|alternate|daily|(?:bi-?)?weekly|fortnightly|(?:bi-?)?monthly|quarterly"
    r"|yearly|annually|once|except|excluding|skipping"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun|week|work)days|weekends"
    r"|mornings|afternoons|evenings|nights|day's|of the month"
    rf"|(?:\d+|{'|'.join(_COUNTED.split())}) (?:times?|sessions?|dates?|occurrences?)"
    r"|for (?:the next )?\w+ (?:weeks?|fortnights?|months?|years?))\b"
    rf"|\b(?:until|till|til|through|thru|ending|ends) (?:\S+ ){{0,3}}?(?:{_DAY}|(?:end|next)\b)"
)
# Words with which a single day may begin a series or be part of one.
_OPEN = re.compile(
    rf"\b(?:from|starting|starts|beginning|in {_MONTH}|of {_MONTH}|(?:week|work|weekend)day)\b"
    rf"|\b(?:\d{{1,2}}(?:st|nd|rd|th)|first|second|third|fourth|fifth|last) {_WEEKDAY}"
)
# Readings of these are said in other numbers.
_TIME_IN_WORDS = re.compile(
    r"^20[2-5][0-9]$|\b(?:half|quarter|past|after|minutes"
    r"|(?:five|ten|twenty(?:[\s-]+five)?)\s+(?:to|before|till))\b"
)
_NUMBER_WORDS = {
    **{word: number for number, word in enumerate(_COUNTED.split())},
    **{"noon": 12, "midday": 12, "midnight": 0},
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a phrase says that every hint for it has to say too.

    ``zones`` has the names of zones. ``repeats`` is None if the phrase leaves it open.
    """

    numbers: tuple[int, ...]
    zones: frozenset[str]
    repeats: bool | None

    @classmethod
    def by(cls, text: str) -> Said:
        """Returns what is said by the words of plain text, whether or not it can be read."""
        return cls(tuple(_numbers(text)), frozenset(_zones(text)), _repeats(text))

    def replaced(self, old: str, new: str) -> Said:
        """Returns what is left to be said if words are taken for others.

        A date may be said as another one (the nearest of a series, or the two that "in 3 days" can
        mean), and "quarter to ten" in numbers. All other words keep their numbers.
        """
        old_numbers, new_numbers = _numbers(old), _numbers(new)
        is_a_date = re.search(_DAY, new) is not None and len(new_numbers) >= len(old_numbers)
        if new_numbers and (is_a_date or _TIME_IN_WORDS.search(old)):
            numbers = list(self.numbers)
            for number in old_numbers:
                if number in numbers:
                    numbers.remove(number)
            return replace(self, numbers=tuple(numbers))
        return self

    def is_kept_in(self, hint: str, schedule: Schedule) -> bool:
        """Returns whether a phrase, read as this schedule, changes nothing that was said."""
        if not _are_among(self.numbers, _numbers(hint)):
            return False
        named = set(_zones(hint))
        if named and not self.zones:
            return False
        for zone in self.zones - named:
            if schedule.zone not in shared_names().get(zone, ()):
                return False
        return self.repeats is None or self.repeats == bool(schedule.rules)


def _numbers(text: str) -> list[int]:
    """Returns the numbers of a phrase, in figures and words; a month is the number it has."""
    found = []
    for word in re.findall(rf"\d+|{_MONTH}|[a-z]+", text):
        if word.isdigit():
            # "0930" is a time, "20261203" is nothing.
            is_time = len(word) == 4 and int(word) < 2400 and not word.startswith(("19", "20"))
            found += [int(word[:2]), int(word[2:])] if is_time else [int(word[:9])]
        elif re.fullmatch(_MONTH, word):
            found.append(month_number(word))
        elif word in _NUMBER_WORDS:
            found.append(_NUMBER_WORDS[word])
    return found


def _are_among(numbers: Sequence[int], others: Sequence[int]) -> bool:
    """Returns whether each number is said: as it is, or else in one of its other forms.

    An hour may be said by either clock, and a year in two or four figures.
    """
    left = list(others)
    for shifts in ((0,), (12, -12, 2000)):
        missing = []
        for number in numbers:
            form = next((number + shift for shift in shifts if number + shift in left), None)
            if form is None:
                missing.append(number)
            else:
                left.remove(form)
        numbers = missing
    return not numbers


def _zones(text: str) -> Iterator[str]:
    """Yields the names of zones in a phrase, the longest that begins at each word."""
    words = re.findall(r"[a-z0-9_/+-]+", text)
    begin = 0
    while begin < len(words):
        for end in range(min(len(words), begin + 4), begin, -1):
            name = " ".join(words[begin:end])
            if name in zone_names() or name in shared_names():
                yield name
                begin = end - 1
                break
        begin += 1


def _repeats(text: str) -> bool | None:
    if _SERIES.search(text):
        return True
    weekdays, months = re.findall(_WEEKDAY, text), re.findall(_MONTH, text)
    named = re.search(_DAY, text) is not None
    is_one = named and len(weekdays) <= 1 and len(months) <= 1 and not _OPEN.search(text)
    return False if is_one else None
