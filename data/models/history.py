"""What is counted of sessions that are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PastSession:
    """One session that is over, as the history counts it."""

    starts_local: datetime
    """Naive wall time in the session's zone."""
    title: str
    going: int
    """People who had said they would come, guests included."""
    came: int | None
    """People who were there, guests included; None if nobody checked in."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers and hosts of one month of a server."""

    month: datetime
    """The naive wall time at which the month begins."""
    jellies: int
    places: int
    people: int
    hosts: tuple[int, ...]
