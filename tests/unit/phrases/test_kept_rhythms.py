"""Words for a series that exists keep its rhythm, unless they say another one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice

import pytest

from bot.calendar import Rhythm, occurrences
from bot.phrases.en import NotUnderstood, describe, read
from data.models import Schedule
from tests.moments import DAY

ZONE = "Europe/London"
MADE = datetime(2026, 11, 29, 9, tzinfo=UTC)
"""When the series were made: a Sunday."""


def changed(before: str, words: str, *, at: datetime = MADE) -> Schedule:
    """Returns what words for a series mean that was made on that Sunday."""
    schedule = read(before, zone=ZONE, now=MADE)
    return read(words, zone=ZONE, now=at, rhythm=Rhythm(schedule, at))


def next_days(schedule: Schedule, *, at: datetime = MADE, number: int = 3) -> list[str]:
    dates = islice(occurrences(schedule, after=at), number)
    return [f"{one.recurrence_id:%Y-%m-%d}" for one in dates]


@pytest.mark.parametrize(
    ("before", "words", "days"),
    [
        (
            "every 2 weeks on thursday 10am from dec 3",
            "every 2 weeks on wednesday 10am from dec 3",
            ["2026-12-02", "2026-12-16", "2026-12-30"],
        ),
        (
            "every 2 weeks on thursday 10am from dec 3",
            "every 2 weeks on friday 10am",
            ["2026-12-04", "2026-12-18", "2027-01-01"],
        ),
        (
            "every 2 weeks on thursday 10am from dec 10",
            "every 2 weeks on monday and friday 2pm",
            ["2026-12-07", "2026-12-11", "2026-12-21"],
        ),
        (
            "every thursday 10am from dec 17",
            "every tuesday 10am",
            ["2026-12-15", "2026-12-22", "2026-12-29"],
        ),
        (
            "every first tuesday 10am",
            "every first monday 10am from dec 1",
            ["2026-12-07", "2027-01-04", "2027-02-01"],
        ),
        (
            "every 3 months on the first tuesday 10am from jan 5 2027",
            "every 3 months on the last friday 10am from jan 5 2027",
            ["2027-01-29", "2027-04-30", "2027-07-30"],
        ),
        (
            "every 2 days 10am from dec 5",
            "every 2 days 2pm",
            ["2026-12-05", "2026-12-07", "2026-12-09"],
        ),
        (
            "every 2 weeks on thursday and every first friday 10am from dec 3",
            "every 2 weeks on wednesday and every first friday 10am from dec 3",
            ["2026-12-02", "2026-12-04", "2026-12-16"],
        ),
    ],
)
def test_another_day_moves_within_its_week_or_month(
    before: str, words: str, days: list[str]
) -> None:
    assert next_days(changed(before, words)) == days


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("every 2 weeks on wednesday 10am from dec 10", ["2026-12-16", "2026-12-30"]),
        ("every 3 weeks on wednesday 10am from dec 3", ["2026-12-09", "2026-12-30"]),
        ("every wednesday 10am from dec 3", ["2026-12-09", "2026-12-16"]),
        ("every first monday 10am", ["2026-12-07", "2027-01-04"]),
    ],
)
def test_another_start_or_frequency_begins_anew(words: str, days: list[str]) -> None:
    schedule = changed("every 2 weeks on thursday 10am from dec 3", words)
    assert next_days(schedule, number=2) == days


def test_dates_ahead_stay_in_the_rhythm_of_a_day_that_has_begun() -> None:
    wednesday_noon = datetime(2026, 12, 2, 12, tzinfo=UTC)
    for begin in ("", " from dec 3 2026"):
        schedule = changed(
            "every 2 weeks on thursday 10am from dec 3",
            f"every 2 weeks on wednesday 10am{begin}",
            at=wednesday_noon,
        )
        assert next_days(schedule, at=wednesday_noon) == ["2026-12-16", "2026-12-30", "2027-01-13"]


def test_what_is_said_of_a_changed_series_is_read_back_as_the_same() -> None:
    schedule = changed(
        "every 2 weeks on thursday 10am from dec 3", "every 2 weeks on wednesday 10am from dec 3"
    )
    again = read(describe(schedule, with_start=True), zone=ZONE, now=MADE)
    assert again == schedule


def test_a_count_includes_the_dates_behind_if_its_beginning_is_said() -> None:
    after_two = datetime(2026, 12, 11, 9, tzinfo=UTC)
    said = changed(
        "every thursday 10am 6 times",
        "every monday 10am 6 times from dec 3 2026",
        at=after_two,
    )
    assert next_days(said, at=after_two, number=9) == [
        "2026-12-14",
        "2026-12-21",
        "2026-12-28",
        "2027-01-04",
    ]
    anew = changed("every thursday 10am 6 times", "every monday 10am 6 times", at=after_two)
    assert len(next_days(anew, at=after_two, number=9)) == 6


def test_a_count_that_is_used_up_is_refused() -> None:
    after_three = datetime(2026, 12, 18, 9, tzinfo=UTC)
    with pytest.raises(NotUnderstood, match="none of its dates is still to come"):
        changed(
            "every thursday 10am 6 times",
            "every monday 10am 3 times from dec 3 2026",
            at=after_three,
        )


def test_days_left_out_of_the_earlier_rule_need_no_date_in_the_new_one() -> None:
    later = datetime(2026, 12, 20, 9, tzinfo=UTC)
    words = "every 2 weeks on wednesday 10am from dec 3 2026, except dec 17 2026 and dec 30 2026"
    schedule = changed("every 2 weeks on thursday 10am from dec 3 except dec 17", words, at=later)
    assert next_days(schedule, at=later) == ["2027-01-13", "2027-01-27", "2027-02-10"]
    with pytest.raises(NotUnderstood):
        changed("every 2 weeks on thursday 10am from dec 3", words.replace("30", "31"), at=later)


def test_a_later_part_may_begin_in_the_week_of_its_first_date() -> None:
    whole = read("every thursday 10am", zone=ZONE, now=MADE)
    first = date(2026, 12, 10)
    later = Schedule(ZONE, datetime.combine(first, whole.start.time()), whole.duration, whole.rules)
    as_of = datetime(2026, 12, 10, tzinfo=UTC)
    since = as_of - timedelta(days=6)  # the day after the date before
    schedule = read("every tuesday 10am", zone=ZONE, now=as_of, rhythm=Rhythm(later, since))
    assert next_days(schedule, at=MADE) == ["2026-12-08", "2026-12-15", "2026-12-22"]
    late = read("every tuesday 10am", zone=ZONE, now=as_of, rhythm=Rhythm(later, as_of - DAY))
    assert next_days(late, at=MADE)[0] == "2026-12-15"
