"""Quiet hours: wall times of a channel's zone between which nobody is notified.

They begin on every day and end at the next time that the clocks show their end. A wall time that a
clock change skips or repeats is the instant that ``instant`` in ``data/wall_time.py`` makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from data.models import QuietHours
from data.wall_time import instant

_DAY = timedelta(days=1)


def quiet_until(moment: datetime, hours: QuietHours | None, zone: str) -> datetime | None:
    """Returns the UTC instant at which the quiet hours end that a moment is within, else None.

    Their begin is within them, their end is not. ``zone`` is an IANA name; a zone that the zone
    database no longer has, has no quiet hours.
    """
    for begins_at, ends_at in _quiet_times(moment, hours, zone):
        return ends_at if begins_at <= moment else None
    return None


def awake_between(begin: datetime, end: datetime, hours: QuietHours | None, zone: str) -> timedelta:
    """Returns how much of the time from one moment to another is outside quiet hours."""
    awake, at = timedelta(), begin
    for begins_at, ends_at in _quiet_times(begin, hours, zone):
        if begins_at >= end:
            break
        awake += max(begins_at - at, timedelta())
        at = ends_at
    return awake + max(end - at, timedelta())


def awake_after(moment: datetime, span: timedelta, hours: QuietHours | None, zone: str) -> datetime:
    """Returns the first moment by which so much time outside quiet hours has passed."""
    at = moment
    for begins_at, ends_at in _quiet_times(moment, hours, zone):
        if at + span <= begins_at:
            break
        span -= max(begins_at - at, timedelta())
        at = ends_at
    return at + span


def _quiet_times(
    after: datetime, hours: QuietHours | None, zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Yields begin and end of the quiet hours that end after a moment, without end, in order."""
    if hours is None or hours.begins == hours.ends:
        return
    try:
        clocks = ZoneInfo(zone)
    except ZoneInfoNotFoundError:  # one channel must not keep others from being told
        return
    # Those of the day before may still last, and a zone may skip a whole day.
    day = after.astimezone(clocks).date() - 2 * _DAY
    begins_at = ends_at = datetime.min.replace(tzinfo=UTC)
    while True:
        last_day = day if hours.begins < hours.ends else day + _DAY
        next_begins_at = instant(datetime.combine(day, hours.begins), clocks)
        next_ends_at = instant(datetime.combine(last_day, hours.ends), clocks)
        day += _DAY
        if next_begins_at <= ends_at:  # no time is left between them where the clocks go forward
            ends_at = max(ends_at, next_ends_at)
            continue
        if begins_at < ends_at and ends_at > after:
            yield begins_at, ends_at
        begins_at, ends_at = next_begins_at, next_ends_at
