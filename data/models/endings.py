"""What becomes of dates when a jelly is skipped, called off, ended or paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data.models.series import Series
from data.models.sessions import Session


class Ending(StrEnum):
    """What someone asked for; the dates ahead are called off in the same way."""

    SKIP = "skip"
    """Leave out one date of a series."""
    SESSION = "session"
    """Call off one date."""
    SERIES = "series"
    """Call off a whole series."""
    END = "end"
    """End a series."""


@dataclass(frozen=True, slots=True)
class ToEnd:
    """A date or a series that may be called off, and whom that concerns."""

    ending: Ending
    jelly: Session | Series
    dates: list[Session]
    """Those ahead that it calls off."""
    others: int
    """How many people besides the host said more than no to them, guests included."""
    channel_id: int
    """The channel in which members of the next date are told."""


@dataclass(frozen=True, slots=True)
class ToPause:
    """A series that may be paused until a moment; None for until someone resumes it."""

    series: Series
    dates: list[Session]
    """Those that it leaves out so far."""
    others: int
    """As in :class:`ToEnd`."""
    channel_id: int
    """As in :class:`ToEnd`."""
    until: datetime | None
