"""How far the dates of a series are looked at."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.calendar import horizon_of
from bot.phrases.en import read
from data.limits import SESSIONS_AHEAD
from tests.moments import DAY, MONDAY, THURSDAY_10, WEEK

NEAR = (THURSDAY_10 + 7 * WEEK).replace(tzinfo=None)
"""The last Thursday that has a session: 14 January, four days before the horizon."""


def days(phrase: str, *, near: datetime | None = None) -> list[str]:
    schedule = read(phrase, zone="Europe/London", now=MONDAY)
    dates = horizon_of(schedule, MONDAY, near=near).occurrences
    return [f"{one.recurrence_id:%b %d}" for one in dates]


def test_dates_end_at_the_horizon() -> None:
    assert days("every thursday 10am")[-1] == "Jan 14"
    assert days("every monday 10am")[-1] == "Jan 11"


@pytest.mark.parametrize(
    ("phrase", "last"),
    [
        ("every thursday 10am", "Jan 14"),
        ("every monday 10am", "Jan 11"),  # 11 is nearer to 14 than 18
        ("every 2 weeks on monday 10am from dec 7", "Jan 18"),
        ("every 2 weeks on thursday 9am", "Jan 07"),  # as far from it as the 21st
        ("every last friday 10am", "Jan 29"),
        ("every first monday 10am", "Jan 04"),
        ("every first monday 10am from feb 1", "Feb 01"),
    ],
)
def test_a_date_beyond_it_counts_if_it_is_nearer_to_the_last_that_is_stored(
    phrase: str, last: str
) -> None:
    assert days(phrase, near=NEAR)[-1] == last


def test_what_comes_much_later_is_near_to_nothing() -> None:
    assert days("every year on 29 february 10am", near=NEAR) == []
    at_most = NEAR + SESSIONS_AHEAD
    assert days(f"every year on {at_most:%d %B} 10am", near=NEAR) == [f"{at_most:%b %d}"]
    later = at_most + 5 * DAY
    assert days(f"every year on {later:%d %B} 10am", near=NEAR) == []
