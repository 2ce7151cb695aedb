"""What an organizer states about a session or series, apart from its schedule."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from enum import StrEnum


class Tone(StrEnum):
    """The purpose of a session: work in silence, company, or either."""

    QUIET = "quiet"
    MIXED = "mixed"
    SOCIAL = "social"


@dataclass(frozen=True, slots=True)
class Details:
    """What an organizer states about a session or series, apart from its schedule."""

    title: str
    place: str
    about: str
    host_id: int
    tone: Tone = Tone.MIXED
    capacity: int | None = None
    """Seats for members and their guests; None if there is no limit."""
    most_guests: int = 1
    """How many guests one member may bring."""
    answers_close: timedelta | None = None
    """From this long before the start, Going asks the host; None if it never does."""


WHEN = "when"
"""Among the names of what is changed: the dates."""


def differing(before: Details, after: Details) -> list[str]:
    """Returns the names of the details that differ."""
    names = [field.name for field in fields(Details)]
    return [name for name in names if getattr(before, name) != getattr(after, name)]
