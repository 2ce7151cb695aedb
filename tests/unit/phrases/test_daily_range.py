"""Hours of the day are read if they can mean only one thing, and are read back as written."""

from __future__ import annotations

from contextlib import suppress
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phrases.en import DailyRangeNotUnderstood, describe_daily_range, read_daily_range
from data.limits import LONGEST_DAILY_RANGE
from data.refusal import in_english

TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(TIMES, TIMES)
def test_what_is_written_is_read_back(begins: time, ends: time) -> None:
    written = describe_daily_range(begins, ends)
    assert len(written) <= LONGEST_DAILY_RANGE
    assert read_daily_range(written) == (begins, ends)


@pytest.mark.parametrize(
    "typed",
    [
        *("22:00-08:00", "10pm-8am", "10PM to 8 AM", "from 10pm until 8am", "between 10pm and 8am"),
        *("22-8", "22h-8h", "2200-0800", "22.00 – 08.00", "10pm-8", "10-8am", "１０pm－８am"),
        *("22:00-08:00 the next day", "ten pm to eight am"),
    ],
)
def test_a_night_is_read_as_people_write_it(typed: str) -> None:
    assert read_daily_range(typed) == (time(22), time(8))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("noon-midnight", (time(12), time(0))),
        ("midnight to 7", (time(0), time(7))),
        ("24:00-07:30", (time(0), time(7, 30))),
        ("13:00-15:00", (time(13), time(15))),
        ("22:00-22:00", (time(22), time(22))),
        ("10:00-10:00", (time(10), time(10))),
        ("10:00-11:30", (time(10), time(11, 30))),
    ],
)
def test_other_hours_are_read(typed: str, expected: tuple[time, time]) -> None:
    assert read_daily_range(typed) == expected


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("22", 'I need two times, and "22" is one. Try "22:00-08:00", "10pm-8am" or "none".'),
        ("25:00-8:00", 'There is no "25:00" on the clock.'),
        ("10-8", 'can mean more than one thing. Try "10am to 8pm" or "10pm to 8am".'),
        ("10:00-8:00", 'Try "10:00am to 8:00pm" or "10:00pm to 8:00am".'),
        ("7-7", 'can mean more than one thing. Try "7am to 7pm" or "7pm to 7am".'),
        ("🌙", 'I can\'t read "🌙" as hours of the day.'),
        ("22:00 08:00", "as hours of the day."),
        ("22:00-08:00 London", "as hours of the day."),
        ("22:00-08:00 daily", "as hours of the day."),
        ("13:00-15:00 the next day", "as hours of the day."),
        ("mondays", "as hours of the day."),
        ("  ", "I need a start and an end."),
        ("", "I need a start and an end."),
        ("22:00-08:00 " * 400, "That is too long."),
    ],
)
def test_what_is_unclear_is_refused_with_what_to_type(typed: str, told: str) -> None:
    with pytest.raises(DailyRangeNotUnderstood) as refused:
        read_daily_range(typed)
    assert told in in_english(refused.value.sentence)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(DailyRangeNotUnderstood):
        read_daily_range(text)
