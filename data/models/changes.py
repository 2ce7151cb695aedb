"""What changed, and what a change concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class Concerned(NamedTuple):
    """How many dates a change concerns, and how many people who said more than no to them."""

    dates: int
    people: int
    coming: int
    """How many of these people are going, waiting or asked to join, and not just maybe."""


@dataclass(frozen=True, slots=True)
class ChangeImpact:
    """What a change of a series concerns, among its dates ahead."""

    moved: Concerned
    """Dates that get another start."""
    kept: Concerned
    """Dates that change with the series, but keep their start."""
    called_off: Concerned
    """Dates that the series has no more."""
    added: int
    unchanged: int
    """Dates that stay as they are, because they were changed individually or are today's."""
    most_taken: int
    """Seats taken at the fullest of the dates that change."""

    def dates(self) -> tuple[int, ...]:
        """Returns how many dates are moved, kept, called off, added and unchanged."""
        return (
            self.moved.dates,
            self.kept.dates,
            self.called_off.dates,
            self.added,
            self.unchanged,
        )


class ChangeAction(StrEnum):
    """What was done; the comment names the details that belong to it."""

    SCHEDULED = "scheduled"
    DATE_ADDED = "date_added"
    EDITED = "edited"  # fields: their names
    MOVED = "moved"  # from_at, to_at: epoch seconds; from_place, to_place
    CALLED_OFF = "called_off"
    CALLED_OFF_ALL = "called_off_all"  # about whose; dates: how many
    PAUSED = "paused"  # until: epoch seconds
    RESUMED = "resumed"
    ENDED = "ended"
    INVITED = "invited"  # about whom
    ADDED = "added"  # about whom
    REMOVED = "removed"  # about whom
    LET_IN = "let_in"  # about who had asked
    TURNED_DOWN = "turned_down"  # about who had asked
    ASKED_TO_HOST = "asked_to_host"  # about whom
    HOST_CHANGED = "host_changed"  # about the new host
    SETTINGS = "settings"  # fields: their names


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the log."""

    action: ChangeAction
    made_by: int | None
    """None if the data of that person were deleted."""
    made_at: datetime
    about_user_id: int | None
    title: str
    """As the jelly was called then; "" if it was the server."""
    starts_at: datetime | None
    """When the date that it was about starts; None for a series and a server."""
    details: Mapping[str, Any]
