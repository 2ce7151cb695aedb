"""The models of stored data, as plain values without SQL or Discord.

Moments are aware datetimes in UTC unless a name or docstring says wall time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from data.limits import (
    ANSWERS_KEPT_FOR,
    CHANGES_KEPT_FOR,
    COPIES_KEPT_FOR,
    MESSAGES_KEPT_FOR,
    MOST_CARDS,
    MOST_CHANGES_EACH,
    MOST_JELLIES_EACH,
    MOST_SERIES,
    MOST_SERIES_EACH,
    QUIET_FROM,
    QUIET_UNTIL,
)
from data.wall_time import instant_before

T = TypeVar("T")


class Answer(StrEnum):
    """A member's answer to one session (iCalendar PARTSTAT), or what became of their Going."""

    GOING = "going"
    WAITLISTED = "waitlisted"  # wants to come, and no seat is free
    REQUESTED = "requested"  # wants to come after the deadline, and the host has yet to answer
    MAYBE = "maybe"
    DECLINED = "declined"


class Tone(StrEnum):
    """The purpose of a session: work in silence, company, or either."""

    QUIET = "quiet"
    MIXED = "mixed"
    SOCIAL = "social"


class Mood(StrEnum):
    """How a member going would like to spend the session."""

    HEADS_DOWN = "heads-down"
    EITHER = "either"
    CHATTY = "chatty"


class SessionState(StrEnum):
    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class MirrorKind(StrEnum):
    """The kinds of copies of a session that Discord shows and the bot keeps current."""

    CARD = "card"


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # claimed; after a crash, claimed again once the lease has run out
    SENT = "sent"
    EXPIRED = "expired"  # too late to be useful
    FAILED = "failed"  # Discord refused permanently: the channel or a permission is gone
    WITHDRAWN = "withdrawn"  # no longer owed


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


class Limits(NamedTuple):
    """The most that one person who is no organizer, and a whole channel, may have."""

    jellies_each: int = MOST_JELLIES_EACH
    """Jellies ahead outside series, of one person."""
    series_each: int = MOST_SERIES_EACH
    changes_each: int = MOST_CHANGES_EACH
    """Changes of jellies within CHANGES_WINDOW, by one person."""
    cards: int = MOST_CARDS
    """Dates ahead whose cards stand in the channel at the same time."""
    series: int = MOST_SERIES


DEFAULT_LIMITS = Limits()


class QuietHours(NamedTuple):
    """Wall times between which nobody is notified; they may include midnight."""

    begins: time = QUIET_FROM
    ends: time = QUIET_UNTIL


DEFAULT_QUIET_HOURS = QuietHours()


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A channel in which jellies are posted, and what organizers chose for it."""

    channel_id: int
    guild_id: int
    zone: str
    announce_before: timedelta
    reminders: tuple[timedelta, ...]
    host_role_id: int | None
    """The role that may host; None if every member may."""
    offer_within: timedelta = timedelta(hours=12)
    """From this long before a start, free seats are offered to waiting members instead of given."""
    offer_for: timedelta = timedelta(hours=1)
    """How long a member has to take an offered seat."""
    thanks_hosts: bool = True
    """Whether a monthly post in the channel thanks the hosts."""
    limits: Limits = DEFAULT_LIMITS
    is_tidy: bool = True
    """Whether messages that a later one replaces, or that are settled, are deleted."""
    quiet_hours: QuietHours | None = DEFAULT_QUIET_HOURS
    """In the channel's zone; None if notifications come at any hour."""
    card_role_id: int | None = None
    """The role that a new card mentions; None if it mentions nobody."""

    def announced_at(self, starts_at: datetime, zone: str) -> datetime:
        """Returns when the card of a session in a zone that starts then is posted."""
        return instant_before(starts_at, self.announce_before, zone)


@dataclass(frozen=True, slots=True)
class Guild:
    """What a server chose for all its channels, and whom to tell what went wrong there."""

    guild_id: int
    organizers_channel_id: int | None = None
    settings_by: int | None = None
    """Who last used /settings."""
    owner_id: int | None = None
    """The server's owner, as Discord last told it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings that apply in a channel: its own, and its server's."""

    channel: ChannelSettings
    guild: Guild
    closing_early: int = 0
    """Sessions ahead whose answers close before their card is posted."""

    @property
    def fingerprint(self) -> str:
        """Returns 8 hexadecimal characters that change with what was chosen."""
        text = repr((self.channel, self.guild.organizers_channel_id))
        return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


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


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a message or mirror: a session, a series or a channel, else the server."""

    guild_id: int
    session_id: int | None = None
    series_id: int | None = None
    channel_id: int | None = None


@dataclass(frozen=True, slots=True)
class Mirror:
    """A copy of stored data that Discord shows."""

    mirror_id: int
    kind: MirrorKind
    owner: Owner
    channel_id: int | None
    """The channel in which it is shown; None if the server shows it outside any channel."""
    remote_id: int
    """Its id in Discord; for a card, the id of the message."""
    version: int
    """The version of its owner, which it should show."""
    version_shown: int


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


class Counts(NamedTuple):
    """The number of each answer; guests, moods and hours are those of members going."""

    going: int = 0
    waiting: int = 0
    requested: int = 0
    maybe: int = 0
    declined: int = 0
    guests: int = 0
    offered_seats: int = 0
    """Seats reserved by offers that members on the waiting list have yet to take."""
    asked_again: int = 0
    """Members going who have yet to confirm that they come at the new time."""
    heads_down: int = 0
    chatty: int = 0
    hours: int = 0
    """Members going who stated when they will be there."""
    here: int = 0
    """People who are there now, guests included."""
    came: int = 0
    """People who were there at any time, guests included."""

    @property
    def coming(self) -> int:
        """Returns how many people come: members going and their guests."""
        return self.going + self.guests

    @property
    def seats_taken(self) -> int:
        """Returns the seats of members going and of their guests, and those reserved by offers."""
        return self.coming + self.offered_seats


NOBODY = Counts()


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


def is_deleted(user_id: int) -> bool:
    """Returns whether an id stands for a person whose data were deleted."""
    return user_id < 0


@dataclass(frozen=True, slots=True)
class Kept:
    """How long what is about people is kept."""

    answers: timedelta = ANSWERS_KEPT_FOR
    messages: timedelta = MESSAGES_KEPT_FOR
    changes: timedelta = CHANGES_KEPT_FOR
    copies: timedelta = COPIES_KEPT_FOR

    @classmethod
    def at_most(cls, days: int | None) -> Kept:
        """Returns the usual spans, none longer than so many days."""
        if days is None:
            return cls()
        longest = timedelta(days=days)
        return cls(*(min(getattr(cls(), span.name), longest) for span in fields(cls)))


class Rsvp(NamedTuple):
    """One member's answer; a tuple, because each press creates dozens."""

    user_id: int
    answer: Answer
    note: str = ""
    position: int = 0
    """The order of the answers of one session, in which waiting members get seats."""
    asked_again: bool = False
    """Whether the session moved since, and the member has not confirmed the answer."""
    guests: int = 0
    mood: Mood | None = None
    arrives_at: datetime | None = None
    leaves_at: datetime | None = None
    """When the member plans to arrive and to leave; both None for the whole session."""
    answered_by: int | None = None
    """The user id of the person who answered for the member; None if they answered themselves."""
    offered_until: datetime | None = None
    """While waiting: until when an offer reserves a seat for the member."""
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    passed: bool = False
    """While waiting: whether an offer ran out, so that the next ones go to others."""
    is_welcomed: bool = False
    """Whether the member was told what to expect, if they had never been to a session."""
    is_asked_mood: bool = False
    """Whether the member was asked for their mood, after a press on the card."""
    came: bool = False
    """Whether they were there; known for good, while ``arrived_at`` is forgotten."""
    as_host: bool = False
    """Whether the bot wrote it because they host; they have not answered themselves."""

    @property
    def known_answered_by(self) -> int | None:
        """Returns who answered for the member, unless that person's data were deleted."""
        by = self.answered_by
        return None if by is None or is_deleted(by) else by

    @property
    def party(self) -> int:
        """Returns how many seats the member and their guests take."""
        return 1 + self.guests

    def is_news_after(self, before: Rsvp | None) -> bool:
        """Returns whether the answer changed, or is now the member's own and was not before."""
        return (
            before is None
            or before.answer is not self.answer
            or (before.answered_by is not None and self.answered_by is None)
            or (before.as_host and not self.as_host)
        )


class Hours(NamedTuple):
    """The number of people, guests included, who come between the same two moments."""

    arrives_at: datetime
    leaves_at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class Roster:
    """Members by answer, in the order of answering; the counts include those not listed."""

    going: tuple[Rsvp, ...] = ()
    waiting: tuple[Rsvp, ...] = ()
    requested: tuple[Rsvp, ...] = ()
    maybe: tuple[Rsvp, ...] = ()
    declined: tuple[Rsvp, ...] = ()
    counts: Counts = NOBODY
    hours: tuple[Hours, ...] = ()
    """The hours of members going who stated them; the others come for the whole session."""
    came: tuple[Rsvp, ...] = ()
    """Those who are or were there, whatever they had answered."""

    def everybody(self) -> tuple[Rsvp, ...]:
        """Returns all listed members, by answer, then in the order of answering."""
        return (*self.going, *self.waiting, *self.requested, *self.maybe, *self.declined)


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


ANSWERS = (Answer.GOING, Answer.MAYBE, Answer.DECLINED)
"""The answers that members can give; the others are what may become of a Going."""


class Stay(NamedTuple):
    """When a member plans to arrive and to leave; both None for the whole session."""

    arrives_at: datetime | None = None
    leaves_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a member asks for in their answer; None leaves a field as it is."""

    answer: Answer | None = None
    """One of :data:`ANSWERS`; None keeps the answer, or means Going if there is none."""
    guests: int | None = None
    mood: Mood | None = None
    stay: Stay | None = None
    note: str | None = None


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


class InvitationState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A question to a person: to come to a session or to all dates of a series, or to host it."""

    invitation_id: int
    guild_id: int
    session_id: int | None
    series_id: int | None
    user_id: int
    """Who is invited."""
    invited_by: int
    to_host: bool
    moves_rights: bool
    """Whether an organizer asks, so that the new host gets all rights of who scheduled it."""
    state: InvitationState


WHEN = "when"
"""Among the names of what is changed: the dates."""


def differing(before: Details, after: Details) -> list[str]:
    """Returns the names of the details that differ."""
    names = [field.name for field in fields(Details)]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def fingerprint(jelly: Session | Series) -> str:
    """Returns 8 hexadecimal characters that change with the details or the schedule."""
    text = repr((jelly.details, jelly.schedule))
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


@dataclass(frozen=True, slots=True)
class Target:
    """The target of a command: nothing yet, one session, that and all later ones, or a series."""

    series_id: int | None = None
    session_id: int | None = None
    and_later: bool = False
    adds_date: bool = False
    """With a series: whether it is one more date of it, and changes none."""

    @property
    def is_new(self) -> bool:
        """Returns whether something new is scheduled, instead of changed."""
        return self.adds_date or self == Target()


@dataclass(frozen=True, slots=True)
class Draft:
    """A session or series that a person is about to post or to change."""

    draft_id: int
    guild_id: int
    user_id: int
    target: Target
    based_on: str
    """The :func:`fingerprint` of the target when the draft was made; "" if it is new."""
    details: Details
    phrase: str
    """The phrase for "when", as typed."""
    changed: frozenset[str] = frozenset()
    """What its author changed about the target: names of its details, and WHEN for its dates."""

    def on_top_of(self, details: Details) -> Details:
        """Returns details with what the author of the draft changed about them."""
        mine = self.changed - {WHEN}
        return replace(details, **{name: getattr(self.details, name) for name in mine})


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list: what of it is read, from which position, and how long the list is."""

    items: list[T]
    start: int
    total: int
    is_cut: bool = False
    """Whether there may be more than ``total``, which were not counted."""


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One session in a member's list, with their answer."""

    session: Session
    mine: Rsvp | None
    place: int
    """The member's place on the waiting list, from 1; 0 if they are not waiting."""
    card: Mirror | None


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


@dataclass(frozen=True, slots=True)
class ByPerson:
    """What a person has ahead in some channels of a server; only the first few dates are named."""

    user_id: int
    dates: int
    """At most CALLED_OFF_AT_ONCE + 1, which stands for more."""
    series: int
    first: tuple[Session, ...]
    unfinished: int
    """Their previews that are not posted, and their invitations that nobody answered yet."""

    @property
    def is_nothing(self) -> bool:
        return not (self.dates or self.series or self.unfinished)


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


StoredValue = str | int | None


class StoredRow(NamedTuple):
    """One row about a person: what it is about, and what it holds of them.

    Moments are epoch seconds. Ids and words of other people are left out.
    """

    context: Mapping[str, StoredValue]
    """With the title, as ``jelly``, and ``starts_at`` of its jelly."""
    theirs: Mapping[str, StoredValue]


class Hosted(NamedTuple):
    """What a person hosts ahead: how many dates, those of series included, and how many series."""

    dates: int
    series: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One session that a member attended."""

    starts_at: datetime
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class Record:
    """What one member did in one server; shown to that member only."""

    mood: Mood | None
    """The default mood of the member's Going."""
    takes_invitations: bool
    refused_hosts: tuple[int, ...]
    """From whom the member takes no invitations."""
    visits: Page[Visit]
    """The sessions that the member attended, newest first."""
    places: int
    hosted: int


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
