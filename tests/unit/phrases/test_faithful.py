"""Whatever is typed, a hint for it keeps the numbers, the zone, and whether it repeats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given

from bot.phrases.en import NotUnderstood, read
from bot.phrases.en.hints.faithful import Said
from bot.phrases.en.vocabulary import MONTHS
from data.models import Schedule
from tests.moments import WEDNESDAY
from tests.unit.phrases.table import DAILY, rows
from tests.unit.phrases.test_fuzz import KINDS, ROWS, mutants
from tests.unit.phrases.test_refusals import ZONE, phrases

MONTH = rf"\b(?:{'|'.join(f'{name}|{name[:3]}' for name in MONTHS)})\b".lower()
CITIES = {
    "new york": "America/New_York",
    "berlin": "Europe/Berlin",
    "tokyo": "Asia/Tokyo",
    "utc": "UTC",
}
EACH = 31
"""Of so many mistyped phrases, one is tried."""


def numbers(text: str) -> set[int]:
    """Returns the numbers in figures, and of the months that are named."""
    words = {word[:3] for word in re.findall(MONTH, text)}
    months = {number for number, name in enumerate(MONTHS, 1) if name[:3].lower() in words}
    return months | {int(number) for number in re.findall("[0-9]+", text)}


def hints(phrase: str, zone: str, now: datetime) -> Iterator[tuple[str, Schedule, NotUnderstood]]:
    """Yields what is offered for a phrase, its reading, and the refusal."""
    try:
        read(phrase, zone=zone, now=now)
    except NotUnderstood as refusal:
        for hint in refusal.examples:
            yield hint, read(hint, zone=zone, now=now), refusal


def lost(phrase: str, hint: str, refusal: NotUnderstood) -> set[int]:
    """Returns the numbers that a hint does not say.

    A date that failed may be said as another date, a time in words in figures, and the midnight at
    the end of a day as the next day's begin.
    """
    said, offered = numbers(phrase.lower()), numbers(hint)
    failed = refusal.stopped_at.lower()
    if failed == "midnight" and "00:00" in hint:
        return set()
    if numbers(hint) - said or re.search("past|to|half", failed):
        said -= numbers(failed)
    return {
        number
        for number in said
        if offered.isdisjoint({number, number + 12, number - 12, number + 2000})
    }


def check(phrase: str, zone: str, now: datetime) -> None:
    words = phrase.lower()
    for hint, schedule, refusal in hints(phrase, zone, now):
        if " or " in words:
            assert numbers(hint) <= numbers(words), (phrase, hint)
        else:
            assert not lost(phrase, hint, refusal), (phrase, hint)
        named = {key for city, key in CITIES.items() if re.search(rf"\b{city}\b", words)}
        if len(named) == 1:
            assert schedule.zone in named, (phrase, hint)
        if re.search(r"\b(every|daily|weekly|mondays|thursdays)\b", words):
            assert schedule.rules, (phrase, hint)
        if re.match(r"(today|tomorrow|tonight|next \w+day) [0-9]", words):
            assert not schedule.rules, (phrase, hint)


@pytest.mark.parametrize("name", ["phrases", *DAILY])
def test_hints_for_the_tables_of_phrases_change_nothing_that_was_said(name: str) -> None:
    for row in rows(name):
        check(row.phrase, row.zone, row.now)


@pytest.mark.parametrize("kind", KINDS)
def test_hints_for_mistyped_phrases_change_nothing_that_was_said(kind: str) -> None:
    every = [(row, mutant) for row in ROWS for mutant in sorted(mutants(row, kind))]
    for row, mutant in every[::EACH]:
        check(mutant, row.zone, row.now)
        if kind in ("dropped", "swapped"):
            continue
        clean = read(row.phrase, zone=row.zone, now=row.now)
        for hint, schedule, _ in hints(mutant, row.zone, row.now):
            assert (schedule.zone, bool(schedule.rules)) == (clean.zone, bool(clean.rules)), hint


@given(phrases)
def test_hints_for_anything_change_nothing_that_was_said(phrase: str) -> None:
    check(phrase, ZONE, WEDNESDAY)


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("thursday week 10am", "thursday weekly 10am"),
        ("thursday 10am utc+2", "thursday 10am utc"),
        ("this friday 10-4", "this friday 10"),
        ("thursday 10am new york", "thursday 10am"),
        ("thursday 10am", "thursday 10am new york"),
        ("tomorrow 9am", "every day 9am"),
        ("every tuesday 10am", "tuesday 10am"),
        ("dec 3 and dec 10 10am", "dec 3 10am"),
    ],
)
def test_a_phrase_that_changes_what_was_said_is_no_hint(phrase: str, hint: str) -> None:
    try:
        schedule = read(hint, zone=ZONE, now=WEDNESDAY)
    except NotUnderstood:
        return
    assert not Said.by(phrase).is_kept_in(hint, schedule)
