"""A date that has just passed is refused, with that of the next year; it is never taken for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.phrases.en import NotUnderstood, read
from tests.unit.phrases.table import shown

BERLIN = "Europe/Berlin"
SUNDAY = datetime(2027, 10, 24, 9, 15, tzinfo=UTC)
"""Sunday 24 October 2027, 11:15 in Berlin."""


def hints(phrase: str) -> list[str]:
    with pytest.raises(NotUnderstood) as caught:
        read(phrase, zone=BERLIN, now=SUNDAY)
    return list(caught.value.examples)


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("24 oct 9am", "24 oct 2028 9am"),
        ("oct 24th 9am", "oct 24th 2028 9am"),
        ("24/10 9am", "24/10/2028 9am"),
        ("23 oct 10am", "23 oct 2028 10am"),
        ("24 sept 10am", "24 sept 2028 10am"),
        ("thursdays 10am until 20 oct", "thursdays 10am until 20 oct 2028"),
        ("thursdays 10am until 24 july", "thursdays 10am until 24 july 2028"),
        ("thursdays 10am until 20/10", "thursdays 10am until 20/10/2028"),
    ],
)
def test_a_date_that_has_just_passed_is_refused_with_that_of_next_year(
    phrase: str, hint: str
) -> None:
    assert hints(phrase) == [hint]


@pytest.mark.parametrize(
    "phrase", ["sunday 24 oct 9am", "thursdays 10am until wednesday 20 oct", "24 oct 2027 9am"]
)
def test_no_other_weekday_or_year_is_offered_for_one_that_is_said(phrase: str) -> None:
    assert hints(phrase) == []


@pytest.mark.parametrize(
    ("phrase", "dates"),
    [
        ("24 oct 11:30", "Sun 2027-10-24 11:30-14:30"),
        ("22 sept 10am", "Fri 2028-09-22 10:00-13:00"),
        ("tuesday 24 oct 9am", "Tue 2028-10-24 09:00-12:00"),
        (
            "thursdays 10am until 20 july",
            "Thu 2027-10-28, Thu 2027-11-04, Thu 2027-11-11 ... 10:00-13:00",
        ),
    ],
)
def test_a_date_that_is_ahead_or_long_past_is_the_next(phrase: str, dates: str) -> None:
    assert shown(read(phrase, zone=BERLIN, now=SUNDAY), BERLIN) == dates


@pytest.mark.parametrize(
    ("phrase", "readings"),
    [
        ("next tuesday 4", ["tuesday 26 oct 4pm", "tuesday 2 nov 4pm"]),
        ("next tuesday", ["tuesday 26 oct 10am", "tuesday 2 nov 10am"]),
        ("next sat 10:00-12:00", ["saturday 30 oct 10:00-12:00", "saturday 6 nov 10:00-12:00"]),
        ("next weekend 10am", ["saturday 30 oct 10am", "sunday 31 oct 10am"]),
    ],
)
def test_next_has_the_nearest_days_on_a_sunday(phrase: str, readings: list[str]) -> None:
    assert hints(phrase) == readings
