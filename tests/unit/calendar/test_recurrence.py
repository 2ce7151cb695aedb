"""Sessions come from the rules in wall time, exactly, wherever one begins to look."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from bot.calendar import occurrences
from data.models import Schedule
from tests.unit.phrases.strategies import schedules, series
from tests.unit.phrases.table import wall

LENGTH = timedelta(hours=3)


def naive_scan(schedule: Schedule, last: datetime) -> Iterator[datetime]:
    """Yields the union of every rule from its start on, in naive wall time, the simple way."""
    found = set() if schedule.rules else {schedule.start}
    for text in schedule.rules:
        rrule, _, anchor = text.partition(";ANCHOR=")
        begin = schedule.start
        while anchor and begin.strftime("%Y%m%d") < anchor:
            begin += timedelta(days=1)
        rule = rrulestr(rrule, dtstart=begin)
        found |= set(takewhile(lambda wall: wall <= last, rule))
    return iter(sorted(found - set(schedule.excluded)))


def starts(schedule: Schedule, count: int, **window: datetime) -> list[str]:
    zone = ZoneInfo(schedule.zone)
    return [
        f"{session.starts_at.astimezone(zone):%a %d %b %Y %H:%M %z}"
        for session in islice(occurrences(schedule, **window), count)
    ]


@given(schedules, st.integers(-400, 4000), st.integers(0, 400))
def test_a_window_holds_what_a_scan_from_the_start_finds(
    schedule: Schedule, offset: int, days: int
) -> None:
    zone = ZoneInfo(schedule.zone)
    after = schedule.start.replace(tzinfo=zone).astimezone(UTC) + timedelta(days=offset)
    before = after + timedelta(days=days)
    walls = naive_scan(schedule, schedule.start + timedelta(days=5000))
    expected = {
        start: wall
        for wall in walls
        if after <= (start := wall.replace(tzinfo=zone).astimezone(UTC)) < before
    }
    found = list(occurrences(schedule, after=after, before=before))
    assert {session.starts_at: session.recurrence_id for session in found} == expected
    assert len(found) == len(expected)


@given(schedules)
def test_sessions_start_strictly_later_and_end_after_their_start(schedule: Schedule) -> None:
    found = list(islice(occurrences(schedule), 40))
    assert found[0].recurrence_id == schedule.start
    for earlier, later in pairwise(found):
        assert earlier.starts_at < later.starts_at
        assert earlier.recurrence_id < later.recurrence_id
    assert all(session.starts_at < session.ends_at for session in found)


@given(schedules)
def test_the_clock_on_the_wall_is_the_same_at_every_session(schedule: Schedule) -> None:
    zone = ZoneInfo(schedule.zone)
    for session in islice(occurrences(schedule), 40):
        wall = session.starts_at.astimezone(zone).replace(tzinfo=None)
        assert session.recurrence_id.time() == schedule.start.time()
        assert session.shifted == (wall != session.recurrence_id)
        assert timedelta() <= wall - session.recurrence_id <= timedelta(hours=1)
        if not session.shifted:
            assert session.starts_at == wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


@given(series(), st.data())
def test_an_exception_takes_away_one_session_and_no_other(
    schedule: Schedule, data: st.DataObject
) -> None:
    found = list(islice(occurrences(schedule), 30))
    gone = data.draw(st.sampled_from(found))
    without = replace(schedule, excluded=(*schedule.excluded, gone.recurrence_id))
    left = list(islice(occurrences(without), len(found) - 1))
    assert left == [session for session in found if session != gone]


def test_ten_in_the_morning_stays_ten_through_both_clock_changes() -> None:
    weekly = Schedule(
        "America/New_York", wall("2026-03-01 10:00"), LENGTH, ("FREQ=WEEKLY;BYDAY=SU",)
    )
    assert starts(weekly, 2) == ["Sun 01 Mar 2026 10:00 -0500", "Sun 08 Mar 2026 10:00 -0400"]
    autumn = datetime(2026, 10, 20, tzinfo=UTC)
    assert starts(weekly, 2, after=autumn) == [
        "Sun 25 Oct 2026 10:00 -0400",
        "Sun 01 Nov 2026 10:00 -0500",
    ]


@pytest.mark.parametrize(
    ("zone", "wall", "moved", "ends"),
    [
        ("America/New_York", wall("2026-03-08 02:30"), "03:30", "05:30"),
        ("Europe/Berlin", wall("2027-03-28 02:00"), "03:00", "05:00"),
        ("Australia/Lord_Howe", wall("2026-10-04 02:15"), "02:45", "05:15"),
    ],
)
def test_a_time_that_the_clocks_skip_moves_by_the_gap_and_says_so(
    zone: str, wall: datetime, moved: str, ends: str
) -> None:
    (session,) = occurrences(Schedule(zone, wall, LENGTH))
    assert session.shifted
    assert session.recurrence_id == wall
    assert f"{session.starts_at.astimezone(ZoneInfo(zone)):%H:%M}" == moved
    assert f"{session.ends_at.astimezone(ZoneInfo(zone)):%H:%M}" == ends


def test_a_session_that_ends_within_the_gap_moves_as_a_whole() -> None:
    skipped = wall("2026-03-08 02:15")
    (session,) = occurrences(Schedule("America/New_York", skipped, timedelta(minutes=45)))
    assert session.ends_at - session.starts_at == timedelta(minutes=45)


def test_a_time_that_comes_twice_is_the_first() -> None:
    (session,) = occurrences(Schedule("America/New_York", wall("2026-11-01 01:30"), LENGTH))
    assert session.starts_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert not session.shifted
    assert session.ends_at == datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def test_a_day_left_out_of_the_calendar_makes_no_second_session_on_the_next() -> None:
    daily = Schedule("Pacific/Apia", wall("2011-12-29 10:00"), LENGTH, ("FREQ=DAILY",))
    found = list(islice(occurrences(daily), 3))
    assert [session.recurrence_id.day for session in found] == [29, 31, 1]
    alone = Schedule("Pacific/Apia", wall("2011-12-30 10:00"), LENGTH, ("FREQ=WEEKLY;BYDAY=FR",))
    first = next(occurrences(alone))
    assert first.shifted
    assert starts(alone, 1) == ["Sat 31 Dec 2011 10:00 +1400"]


def test_the_31st_and_the_last_day_come_from_the_rule_each_month() -> None:
    start = wall("2027-01-31 10:00")
    last = Schedule("UTC", start, LENGTH, ("FREQ=MONTHLY;BYMONTHDAY=-1",))
    assert [s.recurrence_id.day for s in islice(occurrences(last), 4)] == [31, 28, 31, 30]
    on_31st = replace(last, rules=("FREQ=MONTHLY;BYMONTHDAY=31",))
    assert [s.recurrence_id.month for s in islice(occurrences(on_31st), 4)] == [1, 3, 5, 7]


def test_two_rules_on_one_day_make_one_session() -> None:
    rules = ("FREQ=WEEKLY;BYDAY=FR", "FREQ=MONTHLY;BYDAY=1FR")
    both = Schedule("UTC", wall("2026-12-04 10:00"), LENGTH, rules)
    assert [s.recurrence_id.day for s in islice(occurrences(both), 4)] == [4, 11, 18, 25]


def test_a_rule_that_never_matches_ends_soon() -> None:
    never = Schedule(
        "UTC", wall("2026-01-01 10:00"), LENGTH, ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",)
    )
    begun = clock.thread_time()
    assert list(occurrences(never)) == []
    counted = replace(never, rules=(never.rules[0] + ";COUNT=3",))
    assert list(occurrences(counted)) == []
    assert clock.thread_time() - begun < 0.5


def test_it_is_lazy() -> None:
    daily = Schedule("UTC", wall("2026-01-01 10:00"), LENGTH, ("FREQ=DAILY",))
    assert len(list(islice(occurrences(daily), 1000))) == 1000


def test_an_old_series_costs_little_more_than_a_new_one() -> None:
    old = Schedule("Europe/Berlin", wall("2006-01-03 10:00"), LENGTH, ("FREQ=DAILY",))
    new = replace(old, start=wall("2026-01-03 10:00"))
    after = datetime(2026, 6, 1, tzinfo=UTC)

    def cost(schedule: Schedule) -> float:
        begun = clock.thread_time()
        for _ in range(50):
            list(islice(occurrences(schedule, after=after), 10))
        return clock.thread_time() - begun

    assert min(cost(old) for _ in range(5)) < 3 * min(cost(new) for _ in range(5))


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=WEEKLY;BYHOUR=3",
        "FREQ=WEEKLY;INTERVAL=0",
        "FREQ=WEEKLY;COUNT=0",
        "FREQ=WEEKLY;COUNT=2;UNTIL=20270101T000000",
        "FREQ=WEEKLY;WKST=SU",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=WEEKLY;FREQ=DAILY",
        "RRULE:FREQ=WEEKLY",
    ],
)
def test_it_takes_no_rule_that_it_would_expand_wrongly(rule: str) -> None:
    schedule = Schedule("UTC", wall("2026-01-01 10:00"), LENGTH, (rule,))
    with pytest.raises(ValueError, match=r"rule|index"):
        list(islice(occurrences(schedule), 1))
