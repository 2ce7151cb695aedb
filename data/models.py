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
    """What a member says to one session (iCalendar PARTSTAT), or what became of their Going."""

    GOING = "going"
    WAITLISTED = "waitlisted"  # wants to come, and no seat is free
    REQUESTED = "requested"  # wants to come after the deadline, and the host has yet to answer
    MAYBE = "maybe"
    DECLINED = "declined"


class Tone(StrEnum):
    """How a session is meant: for work in silence, for company, or for either."""

    QUIET = "quiet"
    MIXED = "mixed"
    SOCIAL = "social"


class Mood(StrEnum):
    """How somebody going would like to spend the session."""

    HEADS_DOWN = "heads-down"
    EITHER = "either"
    CHATTY = "chatty"


class SessionState(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class MirrorKind(StrEnum):
    """What Discord shows of a session, and the bot keeps current."""

    CARD = "card"


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


class Split(NamedTuple):
    """A schedule parted at one of its dates; ``earlier`` is None if nothing is before it."""

    earlier: Schedule | None
    later: Schedule


@dataclass(frozen=True, slots=True)
class Horizon:
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
    offer_within: timedelta = timedelta(hours=12)
    """So long before a start, a free seat is offered to those waiting instead of given."""
    offer_for: timedelta = timedelta(hours=1)
    """How long somebody has to take a seat that is offered."""
    thanks_hosts: bool = True
    """Whether the channel gets a post each month that thanks the hosts."""


@dataclass(frozen=True, slots=True)
class Details:
    """What an organizer says about a jelly, apart from when it happens."""

    title: str
    place: str
    about: str
    host_id: int
    tone: Tone = Tone.MIXED
    capacity: int | None = None
    """Seats, for people and their guests; None where there is room for everybody."""
    most_guests: int = 1
    """How many guests one member may bring."""
    answers_close: timedelta | None = None
    """So long before the start, Going begins to ask the host; None where it never does."""


@dataclass(frozen=True, slots=True)
class Owner:
    """What a message or a mirror belongs to: a session, a series or a channel, else the server."""

    guild_id: int
    session_id: int | None = None
    series_id: int | None = None
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Mirror:
    """A copy of what is true that Discord shows."""

    mirror_id: int
    kind: MirrorKind
    owner: Owner
    channel_id: int | None
    """Where it is shown; None if the server shows it by itself."""
    remote_id: int
    """Discord's id of it: a message's for a card."""
    version: int
    """Its owner's: what it should show."""
    version_shown: int


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


class Counts(NamedTuple):
    """How many answered what; guests, moods and hours are those of the members going."""

    going: int = 0
    waiting: int = 0
    requested: int = 0
    maybe: int = 0
    declined: int = 0
    guests: int = 0
    offered_seats: int = 0
    """Seats kept for people on the waiting list who have yet to take them."""
    asked_again: int = 0
    """Members going who have yet to confirm that they come at the new time."""
    heads_down: int = 0
    chatty: int = 0
    hours: int = 0
    """Members going who said when they will be there."""
    here: int = 0
    """People who are there now, guests included."""
    came: int = 0
    """People who were there at any time, guests included."""

    @property
    def seats_taken(self) -> int:
        """Seats of those going and their guests, and those kept for an offer."""
        return self.going + self.guests + self.offered_seats


NOBODY = Counts()


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
    counts: Counts

    @property
    def owner(self) -> Owner:
        """Itself, as the owner of messages and mirrors."""
        return Owner(self.guild_id, session_id=self.session_id)

    def has_begun(self, now: datetime) -> bool:
        return now >= self.starts_at

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at

    def answers_closed_at(self) -> datetime | None:
        """The moment after which Going asks the host."""
        closes = self.details.answers_close
        return None if closes is None else self.starts_at - closes


class Rsvp(NamedTuple):
    """One member's answer; a tuple, because a press makes dozens."""

    user_id: int
    answer: Answer
    note: str = ""
    position: int = 0
    """Answers of one session stand in this order; those waiting get seats in it."""
    asked_again: bool = False
    """The session moved since, and the member has not confirmed the answer."""
    guests: int = 0
    mood: Mood | None = None
    arrives_at: datetime | None = None
    leaves_at: datetime | None = None
    """Between which moments they mean to be there; both None for the whole time."""
    answered_by: int | None = None
    """Who answered for them; None where they did it themselves."""
    offered_until: datetime | None = None
    """While waiting: until when a seat is kept for them to take."""
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    passed: bool = False
    """While waiting: an offer ran out, so that the next ones are for others."""
    is_welcomed: bool = False
    """They have read what to expect, if they had never been."""
    is_asked_mood: bool = False
    """They were asked how they like to work, after a press on the card."""

    @property
    def party(self) -> int:
        """How many seats they and their guests take."""
        return 1 + self.guests

    def is_news_after(self, before: Rsvp | None) -> bool:
        """Whether it is another answer than before, or now their own and not somebody else's."""
        return (
            before is None
            or before.answer is not self.answer
            or (before.answered_by is not None and self.answered_by is None)
        )


class Hours(NamedTuple):
    """How many people, guests counted, said that they come between the same two moments."""

    arrives_at: datetime
    leaves_at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Who answered what, in the order of answering; the counts also cover those not listed."""

    going: tuple[Rsvp, ...] = ()
    waiting: tuple[Rsvp, ...] = ()
    requested: tuple[Rsvp, ...] = ()
    maybe: tuple[Rsvp, ...] = ()
    declined: tuple[Rsvp, ...] = ()
    counts: Counts = NOBODY
    hours: tuple[Hours, ...] = ()
    """When those of the people going come who said so; the others come for the whole time."""

    def everybody(self) -> tuple[Rsvp, ...]:
        """All who are listed, by their answer, then in the order of answering."""
        return (*self.going, *self.waiting, *self.requested, *self.maybe, *self.declined)


@dataclass(frozen=True, slots=True)
class SessionView:
    """All that a card shows: a session and its answers at one version."""

    session: Session
    roster: Roster


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer, and what only whoever gave it needs to know."""

    view: SessionView
    before: Rsvp | None
    mine: Rsvp
    place: int
    """Where they stand on the waiting list, from 1; 0 where they don't wait."""
    is_first_time: bool
    """They never had a seat at a jelly of that server that they kept."""
    owes_now: bool
    """Somebody is owed a message because of it, right away."""


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
    mine: Rsvp | None
    place: int
    """Where they stand on the waiting list, from 1; 0 where they don't wait."""
    card: Mirror | None


@dataclass(frozen=True, slots=True)
class ChangeImpact:
    """What a change of a series concerns."""

    dates: int
    """Dates ahead that follow it."""
    exceptions: int
    """Dates ahead that were changed by themselves, and stay as they are."""
    going: int
    """Answers of people going to the dates that follow."""
    most_taken: int
    """Seats taken at the fullest of them."""


@dataclass(frozen=True, slots=True)
class PastSession:
    """One jelly that is over, as the history counts it."""

    starts_local: datetime
    """Naive wall time at the place."""
    title: str
    going: int
    """People who had said they would come, guests counted."""
    came: int | None
    """People who were there, guests counted; None where nobody checked in."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A month of a server: numbers and hosts only."""

    month: datetime
    """The naive wall time at which the month begins."""
    jellies: int
    places: int
    people: int
    hosts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """One jelly that a member was at."""

    starts_at: datetime
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class Record:
    """What one member did in one server; theirs alone to see."""

    mood: Mood | None
    """The mood they are given when they go."""
    jellies: int
    places: int
    hosted: int
    last: tuple[Visit, ...]
    """The latest jellies they were at, newest first."""
