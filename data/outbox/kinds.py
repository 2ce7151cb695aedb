"""The table of kinds of messages that the bot owes: each entry has all properties of one kind.

Adding a kind takes an entry here, its sentence in ``bot/messages/notices``, and a test. A kind that
every session needs has a ``planned``; for others a rule calls :func:`data.outbox.owe.owe`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from itertools import pairwise

from data.limits import (
    ASK_UNDECIDED_BEFORE,
    CORRECTABLE_FOR,
    FAILURES_USEFUL_FOR,
    LOOK_FOR_HOST_BEFORE,
    NOTICE_STANDS_FOR,
    QUESTION_USEFUL_FOR,
    START_USEFUL_FOR,
    SUMMARY_AFTER,
    SUMMARY_USEFUL_FOR,
)
from data.models import Answer, ChannelSettings, MirrorKind, Rsvp, Session, SessionView
from data.outbox.reminders import asks_undecided, reminder_times, reminds_nobody
from data.wall_time import instant_before


class To(Enum):
    """The addressees of a message, whom it mentions in a channel."""

    CHANNEL = auto()  # all who read it: it mentions no member
    PEOPLE = auto()  # the members that it is about
    INVITED = auto()  # the person an invitation is for: data/people/invitations.py
    HOST = auto()
    NOBODY = auto()  # it is no message: the bot looks something up when it is due
    ORGANIZERS = auto()  # their channel, or one of them privately: data/outbox/alerts.py


class People(Enum):
    """Which members a message is about."""

    NOBODY = auto()
    ANSWERED = auto()  # all who gave one of the kind's answers
    RECIPIENTS = auto()  # those in delivery_recipient, if they gave one of the kind's answers
    FIRST_TIMERS = auto()


class Outdated(Enum):
    """When the content of a message no longer holds, so that it is withdrawn."""

    NEVER = auto()
    CALLED_OFF = auto()  # if its session is cancelled
    MOVED = auto()  # if it is cancelled, or no longer starts at the message's occasion


class Lists(Enum):
    """Which answers a message may list besides those of the members it is about."""

    ON_CARD = auto()
    IN_LINE = auto()  # also the first of the waiting list
    EVERYBODY = auto()


@dataclass(frozen=True, slots=True)
class Planned:
    """One message that a session needs according to its times and its channel's settings."""

    due_at: datetime
    useful_until: datetime
    before: timedelta = timedelta()
    occasion: datetime | None = None
    """The start or end that it is about; None if its content does not depend on that."""
    is_owed_late: bool = False
    """Whether it is owed even if it was planned after it was due."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """The properties of one kind of message; ``name`` is its name in the store."""

    name: str
    to: To
    people: People = People.NOBODY
    answers: tuple[Answer, ...] = tuple(Answer)
    """It is about members who gave one of these answers."""
    concerns: Callable[[Rsvp], bool] | None = None
    """Returns whether it is still about a member with that answer; None if the answer says it."""
    is_limited: bool = False
    """Whether members can cause it as often as they like.

    Then it notifies about each of them once, and waits if its session has had many notices.
    """
    is_private: bool = False
    """Whether it is sent to the host, or the person who is invited, in private."""
    is_never_early: bool = False
    """Whether it waits until it is due, even if the clock was set back after it was due."""
    falls_back_to_channel: bool = False
    """Whether a line in the channel takes its place if the private message can't arrive."""
    outdated: Outdated = Outdated.CALLED_OFF
    is_moot: Callable[[SessionView, ChannelSettings, timedelta], bool] | None = None
    """Returns whether it says nothing by now, so that it is withdrawn; takes its ``before``."""
    lists: Lists = Lists.ON_CARD
    is_word: bool = False
    """Whether only the newest such message of a session stands, and none after its end."""
    goes_when_settled: bool = False
    """Whether its message goes once nobody has to answer it, or is concerned, any more."""
    stands_for: timedelta | None = None
    """How long after it was sent its message stands at most; None if no time ends it."""
    becomes: MirrorKind | None = None
    """The kind of mirror of the session that its message becomes, if any."""
    planned: Callable[[Session, ChannelSettings, datetime], Iterable[Planned]] | None = None
    """Returns the messages of this kind that a session needs, as of a moment; None if rules owe it.
    """

    @property
    def notifies(self) -> bool:
        """Returns whether it mentions someone where a channel reads it."""
        return self.to in (To.PEOPLE, To.INVITED, To.HOST)


def boundaries(session: Session) -> tuple[datetime, ...]:
    """Returns when a session changes by time: answers close, start, end, end of corrections."""
    closed_at = session.answers_closed_at()
    return (
        *(() if closed_at is None else (closed_at,)),
        session.starts_at,
        session.ends_at,
        session.ends_at + CORRECTABLE_FOR,
    )


def _announcement(session: Session, settings: ChannelSettings, now: datetime) -> Iterable[Planned]:
    announced_at = settings.announced_at(session.starts_at, session.schedule.zone)
    yield Planned(announced_at, session.ends_at, is_owed_late=True)


def _reminders(session: Session, settings: ChannelSettings, now: datetime) -> Iterable[Planned]:
    """Yields the reminders of a session; a late one is useful until the next one is due."""
    starts_at = session.starts_at
    times = reminder_times(session, settings)
    for (due_at, before), (next_at, _) in pairwise([*times, (starts_at, timedelta())]):
        yield Planned(due_at, next_at, before, starts_at)


def _start(session: Session, settings: ChannelSettings, now: datetime) -> Iterable[Planned]:
    starts_at = session.starts_at
    useful_until = min(session.ends_at, starts_at + START_USEFUL_FOR)
    yield Planned(starts_at, useful_until, occasion=starts_at)


def _undecided(session: Session, settings: ChannelSettings, now: datetime) -> Iterable[Planned]:
    """Yields the question to members who said maybe, if no reminder asks them.

    It is due before answers close, because a Going after that asks the host. If that moment has
    passed, it is due before the start.
    """
    if asks_undecided(session, settings) is not None:
        return
    starts_at = session.starts_at
    first = min(boundaries(session))
    due_at = instant_before(first, ASK_UNDECIDED_BEFORE, session.schedule.zone)
    if due_at <= now:
        due_at = session.before_start(ASK_UNDECIDED_BEFORE)
    yield Planned(due_at, starts_at, occasion=starts_at)


def _summary(session: Session, settings: ChannelSettings, now: datetime) -> Iterable[Planned]:
    due_at = session.ends_at + SUMMARY_AFTER
    yield Planned(due_at, due_at + SUMMARY_USEFUL_FOR, occasion=session.ends_at)


def _host_check(session: Session, settings: ChannelSettings, now: datetime) -> Iterable[Planned]:
    starts_at = session.starts_at
    yield Planned(session.before_start(LOOK_FOR_HOST_BEFORE), starts_at, occasion=starts_at)


def _is_awaited(view: SessionView) -> bool:
    """Returns whether anybody but the host has said that they may come."""
    counts = view.roster.counts
    return view.has_others or counts.maybe + counts.waiting + counts.requested > 0


_COMING = (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED)

ANNOUNCEMENT = Kind(
    "announcement",
    To.CHANNEL,
    becomes=MirrorKind.CARD,
    planned=_announcement,
)
REMINDER = Kind(
    "reminder",
    To.PEOPLE,
    People.ANSWERED,
    answers=(Answer.GOING,),
    outdated=Outdated.MOVED,
    is_moot=reminds_nobody,
    is_word=True,
    planned=_reminders,
)
START = Kind(
    "start",
    To.CHANNEL,
    outdated=Outdated.MOVED,
    is_moot=lambda view, settings, before: not view.has_others,
    is_word=True,
    planned=_start,
)
UNDECIDED = Kind(
    "undecided",
    To.PEOPLE,
    People.ANSWERED,
    answers=(Answer.MAYBE,),
    outdated=Outdated.MOVED,
    is_moot=lambda view, settings, before: not view.roster.counts.maybe,
    is_word=True,
    goes_when_settled=True,
    planned=_undecided,
)
SUMMARY = Kind(
    "summary",
    To.HOST,
    People.FIRST_TIMERS,
    is_private=True,
    is_never_early=True,
    falls_back_to_channel=True,
    lists=Lists.EVERYBODY,
    stands_for=NOTICE_STANDS_FOR,
    planned=_summary,
)
MOVED = Kind(
    "moved",
    To.PEOPLE,
    People.ANSWERED,
    answers=_COMING,
    is_moot=lambda view, settings, before: not _is_awaited(view),
    is_word=True,
)
CANCELLED = Kind(
    "cancelled",
    To.PEOPLE,
    People.ANSWERED,
    answers=_COMING,
    outdated=Outdated.NEVER,
    is_word=True,
)
PROMOTED = Kind(
    "promoted",
    To.PEOPLE,
    People.RECIPIENTS,
    answers=(Answer.GOING,),
    is_limited=True,
    lists=Lists.IN_LINE,
    goes_when_settled=True,
    stands_for=NOTICE_STANDS_FOR,
)
OFFER = Kind(
    "offer",
    To.PEOPLE,
    People.RECIPIENTS,
    answers=(Answer.WAITLISTED,),
    concerns=lambda rsvp: rsvp.offered_until is not None,
    is_limited=True,
    lists=Lists.IN_LINE,
    goes_when_settled=True,
)
ON_BEHALF = Kind(
    "on_behalf",
    To.PEOPLE,
    People.RECIPIENTS,
    concerns=lambda rsvp: rsvp.answered_by is not None,
    is_limited=True,
    goes_when_settled=True,
    stands_for=NOTICE_STANDS_FOR,
)
INVITATION = Kind(
    "invitation",
    To.INVITED,
    is_limited=True,
    is_private=True,
    falls_back_to_channel=True,
    goes_when_settled=True,
)
REQUEST = Kind(
    "request",
    To.HOST,
    People.RECIPIENTS,
    answers=(Answer.REQUESTED,),
    is_limited=True,
    goes_when_settled=True,
)
NEWCOMER = Kind("newcomer", To.HOST, People.RECIPIENTS, is_private=True)
HOST_DECLINED = Kind("host_declined", To.HOST, is_private=True)
QUESTION = Kind(
    "question",
    To.HOST,
    outdated=Outdated.NEVER,
    goes_when_settled=True,
    stands_for=QUESTION_USEFUL_FOR,
)
THANKS = Kind("thanks", To.CHANNEL, outdated=Outdated.NEVER)
UNDELIVERED = Kind(
    "undelivered",
    To.HOST,
    is_private=True,
    falls_back_to_channel=True,
    outdated=Outdated.NEVER,
    stands_for=FAILURES_USEFUL_FOR,
)
ALERT = Kind("alert", To.ORGANIZERS, outdated=Outdated.NEVER)
RETURNED = Kind("returned", To.ORGANIZERS, outdated=Outdated.NEVER)
HOST_CHECK = Kind(
    "host_check",
    To.NOBODY,
    outdated=Outdated.MOVED,
    is_moot=lambda view, settings, before: True,
    planned=_host_check,
)
HOST_LEFT = Kind("host_left", To.ORGANIZERS, outdated=Outdated.NEVER)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        ANNOUNCEMENT,
        REMINDER,
        START,
        UNDECIDED,
        SUMMARY,
        MOVED,
        CANCELLED,
        PROMOTED,
        OFFER,
        ON_BEHALF,
        INVITATION,
        REQUEST,
        NEWCOMER,
        HOST_DECLINED,
        QUESTION,
        THANKS,
        UNDELIVERED,
        ALERT,
        RETURNED,
        HOST_CHECK,
        HOST_LEFT,
    )
}


def kind_of(name: str) -> Kind:
    """Returns the kind with this name in the store. Raises ValueError if there is none."""
    try:
        return KINDS[name]
    except KeyError:
        raise ValueError(f"no kind of message is called {name!r}") from None


def names_where(holds: Callable[[Kind], bool]) -> str:
    """Returns the names of kinds as a list in SQL, such as ``('reminder', 'start')``."""
    names = ", ".join(f"'{kind.name}'" for kind in KINDS.values() if holds(kind))
    return f"({names})"


TO_ORGANIZERS = names_where(lambda kind: kind.to is To.ORGANIZERS)
"""SQL: the kinds of word to organizers."""
