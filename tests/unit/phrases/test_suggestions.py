"""While a person types, only phrases that can be read are suggested."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import occurrences
from bot.phrases.en import describe, read, suggest
from tests.moments import WEDNESDAY
from tests.unit.phrases.test_refusals import phrases

ZONE = "America/New_York"


def suggested(typed: str) -> list[str]:
    return [suggestion.phrase for suggestion in suggest(typed, zone=ZONE, now=WEDNESDAY)]


@given(phrases | st.text(max_size=150))
def test_every_suggestion_can_be_read_as_it_stands(typed: str) -> None:
    found = suggest(typed, zone=ZONE, now=WEDNESDAY)
    assert len(found) <= 5
    assert len({suggestion.reading for suggestion in found}) == len(found)
    for suggestion in found:
        schedule = read(suggestion.phrase, zone=ZONE, now=WEDNESDAY)
        assert suggestion.reading == describe(schedule)
        assert suggestion.starts_at == next(occurrences(schedule)).starts_at
        assert len(suggestion.phrase) <= 100


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("", "thursday 10am"),
        ("th", "thursday 10am"),
        ("every tu", "every tuesday 10am"),
        ("every tuesday 10am", "every tuesday 10am"),
        ("every 2 weeks on", "every 2 weeks on thursday 10am"),
        ("2nd and 4th th", "2nd and 4th thursday 10am"),
        ("thursday 10am lond", "thursday 10am london"),
        ("thursday 10am new y", "thursday 10am new york"),
        ("tomorow", "tomorrow 10am"),
        ("dec 3", "dec 3 10am"),
        ("3/12", "3 december 10am"),
        ("thursday 2", "thursday 2pm"),
    ],
)
def test_it_goes_on_from_what_is_typed(typed: str, first: str) -> None:
    assert suggested(typed)[0] == first


def test_it_keeps_up_with_typing() -> None:
    phrase = "every first friday and third thursday of the month 10am until 30 june"
    begun = time.thread_time()
    for end in range(len(phrase) + 1):
        suggest(phrase[:end], zone=ZONE, now=WEDNESDAY)
    assert (time.thread_time() - begun) / len(phrase) < 0.05


def test_both_meanings_of_every_second_thursday_are_suggested() -> None:
    assert {
        "every 2 weeks on thursday 10am",
        "every second thursday of the month 10am",
    } <= set(suggested("every second thursday 10am"))


def test_it_completes_nothing_but_what_is_typed() -> None:
    assert suggested("thursday 10am in three shakes") == []
    assert suggested("tuesdays and thurs")
    assert all(
        phrase.startswith("tuesdays and thurs") for phrase in suggested("tuesdays and thurs")
    )


def test_it_completes_no_word_that_is_known_to_another() -> None:
    assert suggested("thursday week") == [
        "thursday week 10am",
        "thursday week 9:30-16:00",
        "thursday week 7pm",
    ]
    assert suggested("this friday 10-4") == ["this friday 10-4"]
    assert suggested("thursday 10am utc+2") == []
    found = suggested("tomorrow afternoon")
    assert len(found) == 3
    assert all(phrase.startswith("tomorrow afternoon ") for phrase in found)


def test_before_anything_is_typed_it_shows_a_few_kinds_at_any_time_of_the_year() -> None:
    for month in range(1, 13):
        found = suggest("", zone=ZONE, now=WEDNESDAY.replace(month=month, day=1))
        assert len(found) == 5
        assert {suggestion.repeats for suggestion in found} == {True, False}
