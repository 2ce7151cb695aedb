"""Lengths of time are read strictly and written so that they are read back."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phrases.en import (
    DurationNotUnderstood,
    abbreviate_duration,
    describe_duration,
    read_duration,
)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("6 days", timedelta(days=6)),
        ("1 day", timedelta(days=1)),
        ("a day", timedelta(days=1)),
        ("90 minutes", timedelta(minutes=90)),
        ("90min", timedelta(minutes=90)),
        ("1 hour", timedelta(hours=1)),
        ("an hour", timedelta(hours=1)),
        ("half an hour", timedelta(minutes=30)),
        ("2h", timedelta(hours=2)),
        (" 2 HOURS ", timedelta(hours=2)),
        ("1 week", timedelta(weeks=1)),
        ("1 hour 30 minutes", timedelta(minutes=90)),
        ("1 day and 12 hours", timedelta(hours=36)),
        ("1h30m", timedelta(minutes=90)),
    ],
)
def test_it_reads(text: str, span: timedelta) -> None:
    assert read_duration(text) == span


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "6",
            "days",
            "0 days",
            "-1 day",
            "1.5 hours",
            "1 day, 1 hour",
            "1 day 1 day",
            "day 1",
        ),
        *("30 minutes 1 hour", "1 fortnight", "1 month", "6 days or so", "1 day and", "and 1 day"),
        *("99999 weeks", "half a day", "٣ days", "1 day " * 1000, "𝟏 day", "1 day\u0000", "1 s"),
    ],
)
def test_it_refuses_in_a_sentence(text: str) -> None:
    with pytest.raises(DurationNotUnderstood, match="as a length of time") as caught:
        read_duration(text)
    assert len(str(caught.value)) < 160


@given(st.integers(1, 10 * 364 * 24 * 60))
def test_it_reads_what_it_writes(minutes: int) -> None:
    span = timedelta(minutes=minutes)
    assert read_duration(describe_duration(span)) == span


@given(st.text(max_size=40))
def test_it_raises_nothing_else(text: str) -> None:
    with suppress(DurationNotUnderstood):
        assert read_duration(text) > timedelta()


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(weeks=1), "1 week"),
        (timedelta(days=6), "6 days"),
        (timedelta(days=10), "10 days"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "1 hour 30 minutes"),
        (timedelta(days=1, hours=1), "1 day 1 hour"),
    ],
)
def test_it_writes(span: timedelta, words: str) -> None:
    assert describe_duration(span) == words


@pytest.mark.parametrize("span", [timedelta(), timedelta(seconds=30), -timedelta(days=1)])
def test_it_writes_no_seconds_and_nothing_below_a_minute(span: timedelta) -> None:
    with pytest.raises(ValueError, match="whole number of minutes"):
        describe_duration(span)


@given(st.integers(1, 60 * 24 * 365))
def test_what_is_abbreviated_reads_back(minutes: int) -> None:
    span = timedelta(minutes=minutes)
    assert read_duration(abbreviate_duration(span)) == span
    assert len(abbreviate_duration(span)) <= len(describe_duration(span))
