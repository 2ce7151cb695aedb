"""Days left out are dates of the series, ends come after its first date, counts are of dates held.

What does not fit is refused, and the first hint repairs just that.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.calendar import occurrences
from bot.phrases.en import NotUnderstood, describe, read
from bot.phrases.en.grammar import count_words
from bot.phrases.en.hints.examples import MOST_WORDS_TRIED
from data.models import Schedule
from tests.unit.phrases.strategies import series
from tests.unit.phrases.table import shown

NEW_YORK = "America/New_York"
SUNDAY = datetime.fromisoformat("2026-11-29T18:00-05:00")


def _first_hint(phrase: str, now: datetime = SUNDAY) -> str:
    with pytest.raises(NotUnderstood) as caught:
        read(phrase, zone=NEW_YORK, now=now)
    return next(iter(caught.value.examples), "")


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("thursdays 10am except 25 dec", "thursdays 10am except 24 dec"),
        ("thursdays 10am except 25 dec 2026", "thursdays 10am except 24 dec 2026"),
        ("thursdays 10am except 25/12", "thursdays 10am except 24 dec"),
        ("fridays 10am except 17 dec and 25 dec", "fridays 10am except 18 dec and 25 dec"),
        ("fridays 10am except 18 dec and 24 dec", "fridays 10am except 18 dec and 25 dec"),
        (
            "fridays 10am except 17 dec, 25 dec and 31 dec",
            "fridays 10am except 18 dec, 25 dec and 1 jan",
        ),
        (
            "every 2 weeks on thursday 10am except 10 dec",
            "every 2 weeks on thursday 10am except 3 dec",
        ),
        ("every first monday 10am except 6 jan", "every first monday 10am except 4 jan"),
        ("thursdays 10am 3 times except 24 dec", "thursdays 10am 3 times except 17 dec"),
        ("thursdays 10am until 20 dec except 24 dec", "thursdays 10am until 20 dec except 17 dec"),
        ("tuesdays 10am except 8 and 16 dec", "tuesdays 10am except 8 dec and 15 dec"),
        ("tuesdays 10am except 15 and 31 dec", "tuesdays 10am except 15 dec and 29 dec"),
        ("tuesdays 10am except 30 nov", "tuesdays 10am except 1 dec"),
        ("thursdays 10am except tomorrow", "thursdays 10am except 3 dec"),
        ("thursdays 10am except 12 dec", "thursdays 10am except 10 dec"),
        ("every last sunday 10am except 2 feb", "every last sunday 10am except 31 jan"),
    ],
)
def test_a_day_left_out_that_is_no_date_is_refused_with_the_nearest(phrase: str, hint: str) -> None:
    assert _first_hint(phrase) == hint
    assert read(hint, zone=NEW_YORK, now=SUNDAY)


@pytest.mark.parametrize(
    ("phrase", "hint"),
    [
        ("thursdays 10am until 30 nov", "thursdays 10am until 30 nov 2027"),
        ("thursdays 10am until 30/11", "thursdays 10am until 30/11/2027"),
        ("until dec 2 thursdays 10am", "until dec 2 2027 thursdays 10am"),
        ("thursdays 10am until november", "thursdays 10am until november 2027"),
        ("thursdays 10am until december", "thursdays 10am until december 2027"),
        (
            "thursdays 10am until the end of november",
            "thursdays 10am until the end of november 2027",
        ),
        ("thursdays 10am until the end of the month", "thursdays 10am until the end of next month"),
        ("thursdays 10am from 10 dec until 3 dec", "thursdays 10am from 10 dec until 3 dec 2027"),
        ("thursdays 10am from 10 dec to 3 dec", "thursdays 10am from 10 dec to 3 dec 2027"),
        (
            "thursdays 10am from 5 nov until 20 nov",
            "thursdays 10am from 5 nov until 20 nov 2027",
        ),
        ("every thursday in november 10am", "every thursday in november 2027 10am"),
    ],
)
def test_an_end_before_the_first_date_is_refused_with_the_next_such(phrase: str, hint: str) -> None:
    assert _first_hint(phrase) == hint


@pytest.mark.parametrize(
    ("phrase", "readings"),
    [
        ("tomorrow 10am tokyo", ["monday 30 nov 10am tokyo", "tuesday 1 dec 10am tokyo"]),
        ("in 3 days 10am tokyo", ["wednesday 2 dec 10am tokyo", "thursday 3 dec 10am tokyo"]),
        (
            "the day after tomorrow 10am tokyo",
            ["tuesday 1 dec 10am tokyo", "wednesday 2 dec 10am tokyo"],
        ),
        ("a week today 10am tokyo", ["sunday 6 dec 10am tokyo", "monday 7 dec 10am tokyo"]),
        ("next friday 10am tokyo", ["friday 4 dec 10am tokyo", "friday 11 dec 10am tokyo"]),
        (
            "every day 10am tokyo from tomorrow",
            [
                "every day 10am tokyo from monday 30 nov",
                "every day 10am tokyo from tuesday 1 dec",
            ],
        ),
    ],
)
def test_a_word_for_another_day_in_the_named_zone_has_two_readings(
    phrase: str, readings: list[str]
) -> None:
    """At 18:00 on Sunday in New York it is 08:00 on Monday in Tokyo."""
    with pytest.raises(NotUnderstood) as caught:
        read(phrase, zone=NEW_YORK, now=SUNDAY)
    assert list(caught.value.examples) == readings


@pytest.mark.parametrize(
    ("phrase", "day"),
    [("tomorrow 10am tokyo", "Tue 2026-12-01"), ("today 9pm tokyo", "Mon 2026-11-30")],
)
def test_of_two_such_days_only_one_ahead_can_be_meant(phrase: str, day: str) -> None:
    """At 22:00 on Sunday in New York it is noon on Monday in Tokyo."""
    late = SUNDAY + timedelta(hours=4)
    assert shown(read(phrase, zone=NEW_YORK, now=late), NEW_YORK).startswith(day)


@given(series(), st.integers(1, 12), st.sets(st.integers(0, 11), max_size=4))
def test_a_count_counts_the_dates_that_are_held(
    schedule: Schedule, count: int, skipped: set[int]
) -> None:
    endless = Schedule(
        schedule.zone,
        schedule.start,
        schedule.duration,
        tuple(rule.split(";COUNT")[0].split(";UNTIL")[0] for rule in schedule.rules),
    )
    given_dates = [one.recurrence_id for one in islice(occurrences(endless), 40)]
    skipped = {n for n in skipped if n < count}
    expected = [day for n, day in enumerate(given_dates) if n not in skipped][:count]
    words = [describe(endless, with_start=True), f"{count} times"]
    if skipped:
        words.append("except " + ", ".join(f"{given_dates[n]:%Y-%m-%d}" for n in sorted(skipped)))
    before = next(occurrences(endless)).starts_at - timedelta(minutes=1)
    # A date further ahead is refused.
    assume(expected[-1] < given_dates[0] + timedelta(days=5 * 365))
    counted = read(", ".join(words), zone="UTC", now=before)
    held = [one.recurrence_id for one in occurrences(counted)]
    assert held[: len(expected)] == expected
    assert len(held) == count
    assert [one.recurrence_id for one in occurrences(_again(counted))] == held


def _again(schedule: Schedule) -> Schedule:
    before = next(occurrences(schedule)).starts_at - timedelta(minutes=1)
    return read(describe(schedule), zone="UTC", now=before)


@given(series(), st.integers(0, 5), st.integers(-40, 40))
def test_the_hint_for_a_day_left_out_is_the_nearest_date(
    schedule: Schedule, number: int, off: int
) -> None:
    endless = Schedule(schedule.zone, schedule.start, schedule.duration, schedule.rules)
    before = next(occurrences(endless)).starts_at - timedelta(minutes=1)
    end = before + timedelta(days=500)
    dates = [one.recurrence_id.date() for one in occurrences(endless, before=end)]
    day = dates[min(number, len(dates) - 1)] + timedelta(days=off)
    assume(day not in dates and len(dates) > 1 and day < dates[-1])
    words = f"{describe(endless, with_start=True)}, except {day}"
    assume(count_words(words.lower()) <= MOST_WORDS_TRIED)
    with pytest.raises(NotUnderstood) as caught:
        read(words, zone="UTC", now=before)
    nearest = min(abs(one - day) for one in dates)
    offered = read(caught.value.examples[0], zone="UTC", now=before)
    left = {one.recurrence_id.date() for one in occurrences(offered, before=end)}
    assert [abs(one - day) for one in dates if one not in left] == [nearest]
