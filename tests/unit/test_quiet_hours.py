"""Quiet hours follow the clocks of a zone, over midnight and over every clock change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.models import QuietHours
from data.quiet_hours import awake_after, awake_between, quiet_until
from tests.moments import DAY, HOUR, MINUTE
from tests.unit.test_wall_time import ZONES, changes_of

NIGHT = QuietHours(time(22), time(8))
DAYTIME = QuietHours(time(9, 30), time(17))
LONDON = "Europe/London"
QUARTER = 15 * MINUTE


def _times() -> st.SearchStrategy[time]:
    return st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))


HOURS = st.builds(QuietHours, _times(), _times()).filter(lambda one: one.begins != one.ends)


@st.composite
def moments(draw: st.DrawFn) -> tuple[datetime, str]:
    """Draws a quarter of an hour within three days of a clock change, and its zone."""
    zone = draw(st.sampled_from(ZONES))
    change = draw(st.sampled_from(changes_of(zone)))
    return change + draw(st.integers(-3 * 96, 3 * 96)) * QUARTER, zone


def _shows_quiet(moment: datetime, hours: QuietHours, zone: str) -> bool:
    """Returns whether the clocks of a zone show a time within these hours."""
    at = moment.astimezone(ZoneInfo(zone)).time()
    if hours.begins < hours.ends:
        return hours.begins <= at < hours.ends
    return at >= hours.begins or at < hours.ends


def _is_steady(moment: datetime, zone: str) -> bool:
    """Returns whether the clocks do not change within two days of a moment."""
    clocks = ZoneInfo(zone)
    offsets = {(moment + days * DAY).astimezone(clocks).utcoffset() for days in (-2, 0, 2)}
    return len(offsets) == 1


@given(moments(), HOURS)
def test_a_moment_is_quiet_if_the_clocks_show_such_a_time(
    at: tuple[datetime, str], hours: QuietHours
) -> None:
    moment, zone = at
    if _is_steady(moment, zone):
        until = quiet_until(moment, hours, zone)
        assert (until is not None) == _shows_quiet(moment, hours, zone)


@given(moments(), HOURS)
def test_they_end_after_the_moment_at_the_first_one_that_is_not_quiet(
    at: tuple[datetime, str], hours: QuietHours
) -> None:
    moment, zone = at
    until = quiet_until(moment, hours, zone)
    if until is None:
        return
    assert until > moment
    assert quiet_until(until, hours, zone) is None
    assert quiet_until(until - MINUTE, hours, zone) == until
    if _is_steady(moment, zone):
        assert until.astimezone(ZoneInfo(zone)).time() == hours.ends


@given(moments(), HOURS, st.integers(0, 4 * 96))
def test_the_time_awake_is_what_is_not_quiet(
    at: tuple[datetime, str], hours: QuietHours, quarters: int
) -> None:
    moment, zone = at
    each = [moment + number * QUARTER for number in range(quarters)]
    awake = [one for one in each if quiet_until(one, hours, zone) is None]
    assert awake_between(moment, moment + quarters * QUARTER, hours, zone) == len(awake) * QUARTER


@given(moments(), HOURS, st.integers(1, 3 * 24 * 60))
def test_so_much_time_awake_after_a_moment_is_the_first_moment_by_which_it_has_passed(
    at: tuple[datetime, str], hours: QuietHours, minutes: int
) -> None:
    moment, zone = at
    then = awake_after(moment, minutes * MINUTE, hours, zone)
    assert awake_between(moment, then, hours, zone) == minutes * MINUTE
    assert awake_between(moment, then - MINUTE, hours, zone) == (minutes - 1) * MINUTE


@pytest.mark.parametrize(
    ("moment", "hours", "until"),
    [
        ("2026-11-25T21:59+00:00", NIGHT, None),
        ("2026-11-25T22:00+00:00", NIGHT, "2026-11-26T08:00+00:00"),
        ("2026-11-26T00:00+00:00", NIGHT, "2026-11-26T08:00+00:00"),
        ("2026-11-26T07:59+00:00", NIGHT, "2026-11-26T08:00+00:00"),
        ("2026-11-26T08:00+00:00", NIGHT, None),
        ("2026-11-26T09:30+00:00", DAYTIME, "2026-11-26T17:00+00:00"),
        ("2026-11-26T17:00+00:00", DAYTIME, None),
        ("2026-11-26T23:00+00:00", DAYTIME, None),
        # The clocks go forward, and back, at 01:00 UTC.
        ("2027-03-27T22:00+00:00", NIGHT, "2027-03-28T08:00+01:00"),
        ("2026-10-24T22:00+01:00", NIGHT, "2026-10-25T08:00+00:00"),
        ("2026-10-25T01:45+00:00", NIGHT, "2026-10-25T08:00+00:00"),
        # 01:30 is skipped, and comes twice.
        ("2027-03-28T00:30+00:00", QuietHours(time(22), time(1, 30)), "2027-03-28T02:30+01:00"),
        ("2026-10-25T01:15+01:00", QuietHours(time(22), time(1, 30)), "2026-10-25T01:30+01:00"),
        ("2026-10-25T01:15+00:00", QuietHours(time(22), time(1, 30)), None),
        ("2026-10-25T01:15+00:00", QuietHours(time(1, 30), time(2)), "2026-10-25T02:00+00:00"),
    ],
)
def test_a_moment_in_london(moment: str, hours: QuietHours, until: str | None) -> None:
    expected = None if until is None else datetime.fromisoformat(until)
    assert quiet_until(datetime.fromisoformat(moment), hours, LONDON) == expected


def test_a_night_is_as_long_as_the_clocks_make_it() -> None:
    for day, long in (("2027-03-27", 9), ("2026-10-24", 11), ("2026-11-24", 10)):
        evening = datetime.fromisoformat(f"{day}T21:00").replace(tzinfo=ZoneInfo(LONDON))
        begin = evening.astimezone(UTC)
        assert awake_after(begin, 2 * HOUR, NIGHT, LONDON) == begin + (2 + long) * HOUR
        assert awake_between(begin, begin + (3 + long) * HOUR, NIGHT, LONDON) == 3 * HOUR


def test_hours_that_a_clock_change_joins_are_one_quiet_time() -> None:
    """All but half an hour is quiet, and in one night the clocks skip that."""
    hours, moment = QuietHours(time(2, 15), time(1, 45)), datetime(2027, 3, 26, 12, tzinfo=UTC)
    for days, until in ((0, "2027-03-27T01:45+00:00"), (1, "2027-03-29T01:45+01:00")):
        assert quiet_until(moment + days * DAY, hours, LONDON) == datetime.fromisoformat(until)


@pytest.mark.parametrize("hours", [None, QuietHours(time(5), time(5))])
def test_without_them_it_is_never_quiet(hours: QuietHours | None) -> None:
    moment = datetime(2026, 11, 26, 3, tzinfo=UTC)
    assert quiet_until(moment, hours, LONDON) is None
    assert awake_between(moment, moment + DAY, hours, LONDON) == DAY
    assert awake_after(moment, DAY, hours, LONDON) == moment + DAY


def test_no_time_is_awake_if_the_end_is_before_the_begin() -> None:
    moment = datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert awake_between(moment, moment - HOUR, NIGHT, LONDON) == timedelta()


def test_a_zone_that_is_gone_has_no_quiet_hours() -> None:
    moment = datetime(2026, 11, 26, 3, tzinfo=UTC)
    assert quiet_until(moment, NIGHT, "Mars/Olympus_Mons") is None
