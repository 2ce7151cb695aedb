"""When sessions take place: a schedule and the dates that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Schedule:
    """When sessions take place, in wall time; every start is computed from it.

    ``zone`` is an IANA name. ``start`` is the naive wall time of the first session (DTSTART), which
    is always one of the sessions. ``rules`` are RFC 5545 RRULE values without the ``RRULE:``
    prefix, of which the union applies; no rules means a single session. ``excluded`` are the naive
    wall times at which the rules give a session and none takes place (EXDATE). A wall time that a
    clock change skips moves forward by the gap; of a wall time that occurs twice, the first counts.
    """

    zone: str
    start: datetime
    duration: timedelta
    rules: tuple[str, ...] = ()
    excluded: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a schedule; ``recurrence_id`` is the naive wall time that its rule gives."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    shifted: bool = False
    """Whether the wall time does not exist on that day, so the start moved forward by the gap."""


class Split(NamedTuple):
    """A schedule divided at one of its dates; ``earlier`` is None if no date is before it."""

    earlier: Schedule | None
    later: Schedule


@dataclass(frozen=True, slots=True)
class Horizon:
    """The dates of a schedule up to the horizon, and whether there are any after it."""

    occurrences: tuple[Occurrence, ...]
    """Perhaps with a few after it, which are only looked at."""
    goes_on: bool
