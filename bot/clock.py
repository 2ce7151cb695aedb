"""The only reader of "now"."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """The bot's time, which is the machine's; the demo and the tests bring their own."""

    def now(self) -> datetime:
        """This moment, aware and in UTC."""
        return datetime.now(UTC)

    def machine_time(self, moment: datetime) -> datetime:
        """What the machine's own clock will show at a moment of this one."""
        return moment
