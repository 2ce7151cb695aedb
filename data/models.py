"""What the store holds, as plain values: no SQL, no Discord.

Moments are aware datetimes in UTC unless a name or docstring says wall time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Answer(StrEnum):
    """What a member says to one session (iCalendar PARTSTAT)."""

    GOING = "going"
    MAYBE = "maybe"
    DECLINED = "declined"


class SessionState(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class DeliveryKind(StrEnum):
    """What the bot owes; only a refresh is no message."""

    ANNOUNCEMENT = "announcement"
    REMINDER = "reminder"
    START = "start"
    MOVED = "moved"
    CANCELLED = "cancelled"
    QUESTION = "question"
    REFRESH = "refresh"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # claimed; after a crash, claimed again once the lease has run out
    SENT = "sent"
    EXPIRED = "expired"  # too late to be of use
    FAILED = "failed"  # Discord refused for good: the channel or a permission is gone
    WITHDRAWN = "withdrawn"  # no longer owed


@dataclass(frozen=True, slots=True)
class Schedule:
    """When jellies happen, in wall time: the truth from which every start is computed.

    ``zone`` is an IANA name. ``start`` is the naive wall time of the first session (DTSTART) and
    itself always one of the sessions. ``rules`` are RFC 5545 RRULE values without the ``RRULE:``
    prefix, united; no rules means a one-off. ``excluded`` are the naive wall times at which the
    rules would hold a session and none is held (EXDATE). Wall time that a clock change skips moves
    forward by the gap; wall time that occurs twice is the first.
    """

    zone: str
    start: datetime
    duration: timedelta
    rules: tuple[str, ...] = ()
    excluded: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a schedule: ``recurrence_id`` is the naive wall time its rule gave."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    shifted: bool = False
    """The wall time does not exist on that day, so the start moved forward by the gap."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """The dates of a schedule up to the horizon, and whether there are any after it."""

    occurrences: tuple[Occurrence, ...]
    goes_on: bool


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """What the organizers of one server decided."""

    guild_id: int
    channel_id: int
    zone: str
    announce_before: timedelta
    reminders: tuple[timedelta, ...]
    host_role_id: int | None
    """Who may host; None lets everybody."""


@dataclass(frozen=True, slots=True)
class Details:
    """What an organizer says about a jelly, apart from when it happens."""

    title: str
    place: str
    about: str
    host_id: int


@dataclass(frozen=True, slots=True)
class Series:
    series_id: int
    guild_id: int
    details: Details
    created_by: int
    schedule: Schedule
    version: int
    confirmed_at: datetime
    """When somebody last said, by making or changing it, that it goes on."""
    paused_from: datetime | None
    paused_until: datetime | None
    """While paused: when it goes on by itself, or None until somebody resumes it."""

    def is_paused(self, at: datetime) -> bool:
        """Whether no date is held at a moment."""
        return self.paused_from is not None and (
            self.paused_until is None or at < self.paused_until
        )


@dataclass(frozen=True, slots=True)
class Session:
    session_id: int
    guild_id: int
    series_id: int | None
    recurrence_id: datetime | None
    """The naive wall time that its series' rule gave; None outside any series."""
    is_exception: bool
    details: Details
    created_by: int
    schedule: Schedule
    """The session's own wall time; without rules, also where it belongs to a series."""
    starts_at: datetime
    ends_at: datetime
    state: SessionState
    version: int
    card_channel_id: int | None
    card_message_id: int | None

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at


class Rsvp(NamedTuple):
    """One member's answer; a tuple, because a press makes dozens."""

    user_id: int
    answer: Answer
    note: str
    position: int = 0
    """Answers of one session stand in this order."""
    asked_again: bool = False
    """The session moved since, and the member has not confirmed the answer."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Who answered what, in the order of answering; the counts also cover those not listed."""

    going: tuple[Rsvp, ...] = ()
    maybe: tuple[Rsvp, ...] = ()
    declined: tuple[Rsvp, ...] = ()
    going_count: int = 0
    maybe_count: int = 0
    declined_count: int = 0
    asked_again_count: int = 0
    """How many of those going have yet to confirm that they come at the new time."""


@dataclass(frozen=True, slots=True)
class Board:
    """All that a card shows: a session and its answers at one version."""

    session: Session
    roster: Roster


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that the bot owes.

    ``part`` counts from 0 where one message is not enough, ``going`` are those it is for.
    """

    delivery_id: int
    kind: DeliveryKind
    channel_id: int
    part: int
    previous_at: datetime | None
    previous_place: str | None
    useful_until: datetime
    attempts: int
    first_try_at: datetime
    going: tuple[Rsvp, ...]
    board: Board


@dataclass(frozen=True, slots=True)
class Problem:
    """A message that was owed and never arrived, for the organizers to see."""

    kind: DeliveryKind
    state: DeliveryState
    channel_id: int
    due_at: datetime
    error: str
    title: str


def fingerprint(jelly: Session | Series) -> str:
    """Eight characters that differ when what a jelly is, or when it happens, differs."""
    text = repr((jelly.details, jelly.schedule))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True)
class Target:
    """What a command is about: nothing yet, one session, that and all later ones, or a series."""

    series_id: int | None = None
    session_id: int | None = None
    and_later: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody is about to post, or to change."""

    draft_id: int
    guild_id: int
    user_id: int
    target: Target
    based_on: str
    """What was to be changed as it stood then, by :func:`fingerprint`; "" where it is new."""
    details: Details
    phrase: str
    """When, as it was typed."""


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One session as one member sees it."""

    session: Session
    going_count: int
    answer: Answer | None
    note: str
