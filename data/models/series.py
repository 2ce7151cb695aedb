"""A series: sessions that repeat by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.models.details import Details
from data.models.messages import Owner
from data.models.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Series:
    series_id: int
    guild_id: int
    channel_id: int
    """The channel in which its dates are posted, by the settings of which they are."""
    details: Details
    created_by: int
    schedule: Schedule
    version: int
    confirmed_at: datetime
    """When a person last confirmed that it goes on, also by creating or changing it."""
    paused_from: datetime | None
    paused_until: datetime | None
    """While paused: when it goes on automatically; None if a person has to resume it."""

    @property
    def owner(self) -> Owner:
        """Returns this series as the owner of messages."""
        return Owner(self.guild_id, series_id=self.series_id)

    def is_paused(self, at: datetime) -> bool:
        """Returns whether it is paused at a moment, so that no date takes place then."""
        return self.paused_from is not None and (
            self.paused_until is None or at < self.paused_until
        )
