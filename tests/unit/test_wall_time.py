"""Whole days before a start keep the time of day over every clock change; the rest is exact."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.limits import THANKS_AT
from data.people.history import month_around
from data.wall_time import instant_before
from tests.moments import DAY, HOUR, MINUTE

ZONES = (
    "Europe/London",
    "Europe/Dublin",  # its winter is the exception
    "America/New_York",
    "America/Santiago",  # changes at midnight
    "America/St_Johns",
    "Africa/Cairo",  # changes at midnight
    "Africa/Casablanca",  # changes around Ramadan
    "Australia/Lord_Howe",  # changes by half an hour
    "Antarctica/Troll",  # changes by two hours
    "Asia/Kathmandu",  # never changes
    "UTC",
)


@cache
def changes_of(zone: str) -> tuple[datetime, ...]:
    """Returns the hours of UTC in which a zone's clocks change, 2026 to 2029; else a few others."""
    clocks, found = ZoneInfo(zone), []
    hour = datetime(2026, 1, 1, tzinfo=UTC)
    while hour.year < 2030:
        before = hour.astimezone(clocks).utcoffset()
        hour += HOUR
        if hour.astimezone(clocks).utcoffset() != before:
            found.append(hour)
    return tuple(found) or (datetime(2026, 3, 29, 1, tzinfo=UTC),)


@st.composite
def starts(draw: st.DrawFn) -> tuple[datetime, str]:
    """Draws the start of a session within nine days after a clock change, and its zone."""
    zone = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(changes_of(zone)))
    local = (change + draw(st.integers(-60, 9 * 24 * 60)) * MINUTE).astimezone(ZoneInfo(zone))
    # A session starts at the first of two moments that the clocks show alike.
    return local.replace(fold=0).astimezone(UTC), zone


def wall_at(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@given(starts(), st.integers(1, 49))
def test_whole_days_before_a_start_the_clocks_show_its_time(
    start: tuple[datetime, str], days: int
) -> None:
    moment, zone = start
    found, wanted = instant_before(moment, days * DAY, zone), wall_at(moment, zone) - days * DAY
    around = [moment - days * DAY + shift * MINUTE for shift in range(-180, 181)]
    showing = [one for one in around if wall_at(one, zone) == wanted]
    if showing:
        assert found == showing[0]  # the first, if it comes twice
    else:
        # It is skipped, so it moves forward by what the clocks skip.
        skips = next(
            wall_at(one + MINUTE, zone) - wall_at(one, zone) - MINUTE
            for one in around
            if wall_at(one, zone) < wanted < wall_at(one + MINUTE, zone)
            or wall_at(one + MINUTE, zone) - wall_at(one, zone) > MINUTE
        )
        assert wall_at(found, zone) == wanted + skips
    assert found < moment


@given(starts(), st.integers(1, 49 * 24 * 60).filter(lambda minutes: minutes % (24 * 60)))
def test_hours_and_minutes_before_a_start_are_exact(
    start: tuple[datetime, str], minutes: int
) -> None:
    moment, zone = start
    assert instant_before(moment, minutes * MINUTE, zone) == moment - minutes * MINUTE


@given(starts(), st.integers(1, 48))
def test_more_days_are_always_earlier(start: tuple[datetime, str], days: int) -> None:
    moment, zone = start
    assert instant_before(moment, (days + 1) * DAY, zone) < instant_before(moment, days * DAY, zone)


@pytest.mark.parametrize(
    ("zone", "start", "days", "expected"),
    [
        ("Europe/London", "2027-03-28T10:00+01:00", 1, "2027-03-27T10:00+00:00"),
        ("Europe/London", "2026-10-25T10:00+00:00", 1, "2026-10-24T10:00+01:00"),
        ("Europe/London", "2027-03-30T10:00+01:00", 6, "2027-03-24T10:00+00:00"),
        # 01:30 is skipped on the day before, and comes twice on the day before.
        ("Europe/London", "2027-03-29T01:30+01:00", 1, "2027-03-28T02:30+01:00"),
        ("Europe/London", "2026-10-26T01:30+00:00", 1, "2026-10-25T01:30+01:00"),
        # The clocks are set at midnight, so that the day begins at 01:00.
        ("Africa/Cairo", "2026-04-25T00:30+03:00", 1, "2026-04-24T01:30+03:00"),
    ],
)
def test_days_before_as_a_calendar_has_them(
    zone: str, start: str, days: int, expected: str
) -> None:
    found = instant_before(datetime.fromisoformat(start), days * DAY, zone)
    assert found == datetime.fromisoformat(expected)


def test_no_time_before_a_start_is_the_start() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # London's clocks show 01:30 again
    assert instant_before(second, timedelta(), "Europe/London") == second


def test_a_zone_that_is_gone_has_days_of_24_hours() -> None:
    start = datetime(2027, 3, 28, 9, tzinfo=UTC)
    assert instant_before(start, DAY, "Mars/Olympus_Mons") == start - DAY


def test_hosts_are_thanked_at_ten_also_on_a_day_on_which_the_clocks_change() -> None:
    clocks = ZoneInfo("America/New_York")
    _, november = month_around(datetime(2026, 10, 15, tzinfo=UTC), clocks)
    thanked_at = (november + THANKS_AT).astimezone(UTC)
    assert thanked_at == datetime.fromisoformat("2026-11-01T10:00-05:00")
