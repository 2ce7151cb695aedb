"""Two rhythms in one phrase: each counts its intervals from a day of its own."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import occurrences, split
from bot.calendar.rules import parse_rule
from bot.phrases.en import NotUnderstood, describe, read
from data.models import Schedule
from tests.moments import WEDNESDAY
from tests.unit.phrases.strategies import series
from tests.unit.phrases.table import shown, wall

NEW_YORK = "America/New_York"


def _dates(phrase: str) -> str:
    return shown(read(phrase, zone=NEW_YORK, now=WEDNESDAY), NEW_YORK).split(" ...")[0]


@pytest.mark.parametrize(
    ("phrase", "dates"),
    [
        (
            "every other monday and every other friday 10am",
            "Fri 2026-11-27, Mon 2026-11-30, Fri 2026-12-11",
        ),
        ("every other monday and friday 10am", "Fri 2026-11-27, Mon 2026-12-07, Fri 2026-12-11"),
        (
            "every other monday and every other friday 10am from 7 dec",
            "Mon 2026-12-07, Fri 2026-12-11, Mon 2026-12-21",
        ),
        (
            "every other friday and every 3 weeks on monday 10am",
            "Fri 2026-11-27, Mon 2026-11-30, Fri 2026-12-11",
        ),
        (
            "every 2 months on the 1st and every 2 months on the 4th 10am from 2 dec",
            "Fri 2026-12-04, Fri 2027-01-01, Thu 2027-02-04",
        ),
        (
            "every 2 months on the 1st and the 4th 10am from 2 dec",
            "Fri 2026-12-04, Mon 2027-02-01, Thu 2027-02-04",
        ),
        (
            "every other monday counted from 7 dec and every friday 10am",
            "Fri 2026-11-27, Fri 2026-12-04, Mon 2026-12-07",
        ),
    ],
)
def test_each_counts_from_its_own_first_day(phrase: str, dates: str) -> None:
    assert _dates(phrase) == dates


def test_what_was_stored_before_keeps_its_dates() -> None:
    """Both rules counted from the first date of all, a Friday."""
    rules = ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "FREQ=MONTHLY;BYDAY=1FR")
    stored = Schedule(NEW_YORK, wall("2026-12-04 10:00"), timedelta(hours=3), rules)
    assert [f"{one.recurrence_id:%d %b}" for one in islice(occurrences(stored), 3)] == [
        "04 Dec",
        "14 Dec",
        "28 Dec",
    ]
    words = describe(stored)
    assert words == (
        "every 2 weeks on Monday counted from 14 Dec 2026 and every 1st Friday of the month, "
        "10:00 to 13:00, New York time, from 4 Dec 2026"
    )
    assert read(words, zone="UTC", now=WEDNESDAY) == stored


def test_counting_goes_only_with_what_skips_a_week_or_month() -> None:
    with pytest.raises(NotUnderstood) as caught:
        read("every tuesday 10am counted from 5 jan", zone=NEW_YORK, now=WEDNESDAY)
    assert caught.value.examples[0] == "every tuesday 10am from 5 jan"


@given(series(), st.integers(0, 40), st.data())
def test_a_series_splits_at_any_of_its_dates(
    schedule: Schedule, number: int, data: st.DataObject
) -> None:
    end = next(occurrences(schedule)).starts_at + timedelta(days=1500)
    dates = list(islice(occurrences(schedule, before=end), 60))
    at = dates[min(number, len(dates) - 1)]
    earlier, later = split(schedule, at.recurrence_id)
    last = dates[-1].starts_at + timedelta(seconds=1)
    parts = [part for part in (earlier, later) if part is not None]
    assert [date for part in parts for date in occurrences(part, before=last)] == dates
    for part in parts:
        before = next(occurrences(part)).starts_at - timedelta(minutes=1)
        again = read(describe(part, with_start=True), zone="UTC", now=before)
        assert list(islice(occurrences(again), 20)) == list(islice(occurrences(part), 20))


@given(series())
def test_a_rule_is_stored_as_a_text_that_gives_the_same_rule(schedule: Schedule) -> None:
    for text in schedule.rules:
        assert str(parse_rule(text)) == text
