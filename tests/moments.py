"""Moments that tests share: a week in November 2026, when London's clocks show UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
"""When every simulated server's time begins: 09:00 in London."""
WEDNESDAY = datetime(2026, 11, 25, 14, 15, tzinfo=UTC)
"""When phrases are read by default."""
THURSDAY_10 = datetime(2026, 11, 26, 10, tzinfo=UTC)
"""The start of the jelly that most tests schedule."""
ENDS = THURSDAY_10 + 6 * HOUR
"""The end of that jelly."""
FIRST_OF_DECEMBER = datetime(2026, 12, 1, 10, tzinfo=UTC)
"""When the hosts of November are thanked."""


def stamp(moment: datetime, style: str) -> str:
    """Returns a moment as Discord shows it to each reader, in one of its styles."""
    return f"<t:{int(moment.timestamp())}:{style}>"
