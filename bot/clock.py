"""The only module that reads the current time."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """The bot's clock, which is the machine's; the demo and the tests replace it."""

    def now(self) -> datetime:
        """Returns the current time, aware and in UTC."""
        return datetime.now(UTC)

    def machine_time(self, moment: datetime) -> datetime:
        """Returns what the machine's clock will show at a moment of this clock."""
        return moment
