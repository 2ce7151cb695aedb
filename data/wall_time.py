"""Wall time: the instants that the clocks of a zone stand for, and spans before a start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAY = timedelta(days=1)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Returns the UTC instant of a naive wall time.

    The first instant if the wall time comes twice; moved forward by the gap if it is skipped.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def instant_before(moment: datetime, span: timedelta, zone: str) -> datetime:
    """Returns the UTC instant that is a span before an aware moment.

    A span of whole days ends at the same wall time of an IANA zone, so that "1 day before" is
    10:00 for a start at 10:00, also over a clock change. A span with hours or minutes is exact,
    and so is every span in a zone that the zone database no longer has.
    """
    if not span or span % _DAY:
        return moment.astimezone(UTC) - span
    try:
        clocks = ZoneInfo(zone)
    except ZoneInfoNotFoundError:  # one session must not keep others from being planned
        return moment.astimezone(UTC) - span
    return instant(moment.astimezone(clocks).replace(tzinfo=None) - span, clocks)
