"""A schedule has the same wording everywhere, which is read back as the same schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import occurrences
from bot.phrases.en import describe, read
from bot.phrases.en.zones.find import zone_places
from data.models import Schedule
from tests.unit.phrases.strategies import one_offs, series
from tests.unit.phrases.table import wall

START = wall("2026-12-03 10:00")
NEW_YORK = "America/New_York"
LENGTH = timedelta(hours=6)

PLACES = zone_places()


@given(one_offs(PLACES) | series(PLACES), st.sampled_from(PLACES), st.integers(1, 100))
def test_its_words_are_read_back_to_the_same_schedule(
    schedule: Schedule, zone: str, minutes: int
) -> None:
    before = next(occurrences(schedule)).starts_at - timedelta(seconds=minutes)
    _assert_read_back(schedule, read(describe(schedule), zone=zone, now=before))


@given(series(PLACES), st.sampled_from(PLACES), st.integers(0, 1500))
def test_words_with_the_start_are_read_back_long_before_it(
    schedule: Schedule, zone: str, days: int
) -> None:
    before = next(occurrences(schedule)).starts_at - timedelta(days=days, minutes=1)
    _assert_read_back(schedule, read(describe(schedule, with_start=True), zone=zone, now=before))


def _assert_read_back(schedule: Schedule, again: Schedule) -> None:
    """Dates that words can't name are left out: those after a count ended, a skipped wall time."""
    first = next(occurrences(schedule))
    ends_with_excluded = bool(schedule.excluded) and "COUNT" in schedule.rules[0]
    if ends_with_excluded or (first.shifted and not schedule.rules):
        moments = [
            [(one.starts_at, one.ends_at) for one in islice(occurrences(each), 50)]
            for each in (again, schedule)
        ]
        assert moments[0] == moments[1]
        assert describe(again) == describe(schedule)
    else:
        assert again == schedule


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ((), "Thursday 3 December 2026, 10:00 to 16:00, New York time"),
        (("FREQ=DAILY",), "every day, 10:00 to 16:00, New York time"),
        (("FREQ=WEEKLY;BYDAY=TH",), "every Thursday, 10:00 to 16:00, New York time"),
        (
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",),
            "every weekday, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=WEEKLY;BYDAY=MO,WE,TH",),
            "every Monday, Wednesday and Thursday, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH",),
            "every 2 weeks on Thursday, 10:00 to 16:00, New York time, from 3 Dec 2026",
        ),
        (
            ("FREQ=MONTHLY;BYDAY=2TH,4TH",),
            "every 2nd and 4th Thursday, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=MONTHLY;BYDAY=1TH",),
            "every 1st Thursday of the month, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=MONTHLY;BYDAY=1TH,3FR,-1MO",),
            "every 1st Thursday, 3rd Friday and last Monday of the month, "
            "10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=MONTHLY;INTERVAL=3;BYDAY=1TH",),
            "every 3 months on the 1st Thursday, 10:00 to 16:00, New York time, from 3 Dec 2026",
        ),
        (
            ("FREQ=MONTHLY;BYMONTHDAY=3,15,-1",),
            "every month on the 3rd, 15th and last day, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=3",),
            "every 3rd weekday of the month, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=3",),
            "every year on 3 December, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=YEARLY;BYMONTH=12;BYDAY=1TH",),
            "every year on the 1st Thursday of December, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=1TH"),
            "every Tuesday and every 1st Thursday of the month, 10:00 to 16:00, New York time",
        ),
        (
            ("FREQ=WEEKLY;BYDAY=TH;COUNT=10",),
            "every Thursday, 10:00 to 16:00, New York time, from 3 Dec 2026, 10 times",
        ),
        (
            ("FREQ=WEEKLY;BYDAY=TH;UNTIL=20270630T235959",),
            "every Thursday, 10:00 to 16:00, New York time, until 30 Jun 2027",
        ),
    ],
)
def test_it_says(rules: tuple[str, ...], words: str) -> None:
    schedule = Schedule(NEW_YORK, START, LENGTH, rules)
    schedule = replace(schedule, start=next(occurrences(schedule)).recurrence_id)
    assert describe(schedule) == words
    now = next(occurrences(schedule)).starts_at - timedelta(minutes=1)
    assert read(words, zone="UTC", now=now) == schedule


def test_it_says_exceptions_and_the_next_day() -> None:
    skipped = (wall("2026-12-24 22:00"), wall("2026-12-31 22:00"))
    start = wall("2026-12-03 22:00")
    schedule = Schedule("UTC", start, LENGTH, ("FREQ=WEEKLY;BYDAY=TH",), skipped)
    assert describe(schedule) == (
        "every Thursday, 22:00 to 04:00 the next day, UTC, except 24 Dec 2026 and 31 Dec 2026"
    )
    until_midnight = Schedule("UTC", start, timedelta(hours=2))
    assert describe(until_midnight) == "Thursday 3 December 2026, 22:00 to 00:00, UTC"
    a_whole_day = Schedule("UTC", wall("2026-12-03 00:00"), timedelta(days=1))
    assert describe(a_whole_day) == ("Thursday 3 December 2026, 00:00 to 00:00 the next day, UTC")
