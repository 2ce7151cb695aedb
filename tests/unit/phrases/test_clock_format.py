"""Hours are written by the 12 or 24-hour clock, and mean the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phrases.en import NotUnderstood, describe, read, with_hours
from data.models import Schedule
from tests.moments import MONDAY
from tests.unit.phrases.strategies import one_offs, series

ZONE = "Europe/London"


@pytest.mark.parametrize(
    ("of_24", "of_12"),
    [
        ("10:00 to 16:00", "10am to 4pm"),
        ("00:00 to 12:30", "12am to 12:30pm"),
        ("every Thursday, 09:30 to 13:05", "every Thursday, 9:30am to 1:05pm"),
        ("22:00-08:00", "10pm-8am"),
        ("until 23:59", "until 11:59pm"),
        ("the second 02:30 to 06:00", "the second 2:30am to 6am"),
    ],
)
def test_each_is_written_as_the_other(of_24: str, of_12: str) -> None:
    assert with_hours(of_24, hour12=True) == of_12
    assert with_hours(of_12, hour12=False) == of_24
    assert with_hours(of_24, hour12=False) == of_24
    assert with_hours(of_12, hour12=True) == of_12


@pytest.mark.parametrize(
    "phrase", ["2-4pm", "from 10", "9 to 5pm", "room 12:345", "in 3 days at 9"]
)
def test_what_is_no_sure_hour_stays(phrase: str) -> None:
    for hour12 in (True, False):
        assert with_hours(phrase, hour12=hour12) == phrase


@given(st.one_of(one_offs(), series()))
def test_a_description_is_the_same_after_both_clocks(schedule: Schedule) -> None:
    words = describe(schedule, with_start=True)
    american = with_hours(words, hour12=True)
    assert not re.search(r"\d\d:\d\d(?![ap]m)", american)
    assert with_hours(american, hour12=False) == words


@given(
    st.sampled_from(["thursday", "every tuesday", "dec 3", "mondays and fridays"]),
    st.sampled_from(["{}", "{} to {}", "{}-{}", "from {} until {}", "{} for 2 hours"]),
    st.lists(st.sampled_from(["9am", "10:30am", "12pm", "3pm", "18:00", "09:15"]), min_size=2),
)
def test_a_typed_phrase_means_the_same_by_either_clock(
    day: str, hours: str, times: list[str]
) -> None:
    phrase = f"{day} {hours.format(*times[:2])}"
    try:
        meant = read(phrase, zone=ZONE, now=MONDAY)
    except NotUnderstood:
        return
    for hour12 in (True, False):
        assert read(with_hours(phrase, hour12=hour12), zone=ZONE, now=MONDAY) == meant
