"""An independent expander finds the same sessions in the iCalendar form of a series."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.calendar import occurrences
from bot.calendar.rules import parse_rule
from data.models import Schedule
from data.wall_time import instant
from tests.unit.phrases.strategies import schedules

icalendar = pytest.importorskip("icalendar")
recurring_ical_events = pytest.importorskip("recurring_ical_events")


def _calendar(schedule: Schedule) -> str:
    """Returns the VEVENT by hand; only UNTIL differs from ours, since RFC 5545 wants it in UTC."""
    zone = ZoneInfo(schedule.zone)
    lines = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:jelly"]
    lines.append(f"DTSTART;TZID={zone.key}:{schedule.start:%Y%m%dT%H%M%S}")
    end = schedule.start + schedule.duration
    lines.append(f"DTEND;TZID={zone.key}:{end:%Y%m%dT%H%M%S}")
    for text in schedule.rules:
        until = parse_rule(text).until
        rule = text.split(";UNTIL=")[0]
        lines.append(
            f"RRULE:{rule};UNTIL={instant(until, zone):%Y%m%dT%H%M%SZ}"
            if until
            else f"RRULE:{rule}"
        )
    lines += [f"EXDATE;TZID={zone.key}:{day:%Y%m%dT%H%M%S}" for day in schedule.excluded]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


@given(schedules, st.integers(0, 1500), st.integers(1, 90))
def test_it_finds_the_sessions_that_an_independent_expander_finds(
    schedule: Schedule, offset: int, days: int
) -> None:
    # Their events have one start for all rules, so a rhythm out of step can't be said to them.
    assume(not any("ANCHOR" in rule for rule in schedule.rules))
    zone = ZoneInfo(schedule.zone)
    after = instant(schedule.start, zone) + timedelta(days=offset)
    before = after + timedelta(days=days)
    calendar = icalendar.Calendar.from_ical(_calendar(schedule))
    events = recurring_ical_events.of(calendar).between(
        after - timedelta(days=2), before + timedelta(days=2)
    )
    theirs: set[datetime] = {event["DTSTART"].dt.astimezone(UTC) for event in events}
    ours = {session.starts_at for session in occurrences(schedule, after=after, before=before)}
    assert ours == {start for start in theirs if after <= start < before}
