"""A session: one date on which people meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from data.models.answers import Counts, Roster, Rsvp
from data.models.details import Details
from data.models.messages import Owner
from data.models.schedule import Schedule
from data.wall_time import instant_before


class SessionState(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Session:
    session_id: int
    guild_id: int
    channel_id: int
    """The channel in which it is posted, by the settings of which it is."""
    series_id: int | None
    recurrence_id: datetime | None
    """The naive wall time that its series' rule gives; None outside any series."""
    is_exception: bool
    details: Details
    created_by: int
    schedule: Schedule
    """The session's own wall time; without rules, even if it belongs to a series."""
    starts_at: datetime
    ends_at: datetime
    state: SessionState
    version: int
    counts: Counts

    @property
    def owner(self) -> Owner:
        """Returns this session as the owner of messages and mirrors."""
        return Owner(self.guild_id, session_id=self.session_id)

    def has_begun(self, now: datetime) -> bool:
        return now >= self.starts_at

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at

    def answers_closed_at(self) -> datetime | None:
        """Returns the moment from which Going asks the host, or None if it never does."""
        closes = self.details.answers_close
        return None if closes is None else self.before_start(closes)

    def before_start(self, span: timedelta) -> datetime:
        """Returns the moment a span before the start, in whole days by the session's clocks."""
        return instant_before(self.starts_at, span, self.schedule.zone)


@dataclass(frozen=True, slots=True)
class SessionView:
    """Everything that a card shows: a session and its answers at one version."""

    session: Session
    roster: Roster

    @property
    def has_others(self) -> bool:
        """Returns whether anybody but the host is going, the host's guests counted."""
        counts, host_id = self.roster.counts, self.session.details.host_id
        if counts.going + counts.guests != 1:
            return counts.going > 0
        return not any(rsvp.user_id == host_id for rsvp in self.roster.going)


@dataclass(frozen=True, slots=True)
class Answered:
    """The result of an answer, and what only the person who gave it needs to know."""

    view: SessionView
    before: Rsvp | None
    mine: Rsvp
    place: int
    """The member's place on the waiting list, from 1; 0 if they are not waiting."""
    is_first_time: bool
    """Whether the member never had and kept a seat at a session of that server."""
    owes_now: bool
    """Whether a message to others is owed immediately because of it."""
    is_passed_by: bool = False
    """Whether no free seat is given to them, because they gave one up too often."""
