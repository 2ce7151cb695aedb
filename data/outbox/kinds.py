"""The table of kinds of messages that the bot owes: one entry says all that is special about one.

Adding a kind: an entry here, its sentence in ``bot/messages/notices``, and a test. What rules owe
by themselves calls :func:`data.outbox.owe.owe`; what every session asks for has a ``planned``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from data.limits import (
    ASK_UNDECIDED_BEFORE,
    CORRECTABLE_FOR,
    START_USEFUL_FOR,
    SUMMARY_AFTER,
    SUMMARY_USEFUL_FOR,
)
from data.models import Answer, GuildSettings, MirrorKind, Session


class To(Enum):
    """Whom a message is for, and so whom it mentions in a channel."""

    CHANNEL = auto()  # whoever reads it: it mentions nobody
    PEOPLE = auto()  # the members that it is about
    HOST = auto()


class People(Enum):
    """Which members a message is about."""

    NOBODY = auto()
    ANSWERED = auto()  # everybody who gave one of the kind's answers
    RECIPIENTS = auto()  # those in delivery_recipient, if they gave one of the kind's answers
    FIRST_TIMERS = auto()


class Outdated(Enum):
    """When what a message would say no longer holds, so that it is withdrawn."""

    NEVER = auto()
    CALLED_OFF = auto()  # its session is called off
    MOVED = auto()  # that, or it no longer starts at the message's occasion


class Lists(Enum):
    """Which of the answers a message may name besides those of the members it is about."""

    ON_CARD = auto()
    IN_LINE = auto()  # also the first of the waiting list
    EVERYBODY = auto()


@dataclass(frozen=True, slots=True)
class Planned:
    """One message that a session asks for by its times and the settings of its server."""

    due_at: datetime
    useful_until: datetime
    before: timedelta = timedelta()
    occasion: datetime | None = None
    """The start or end that it is about; None if that can't change what it says."""
    is_owed_late: bool = False
    """It is owed even if it was planned after it was due."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What is special about one kind of message.

    ``name`` is how the store has it, ``label`` what people call it.
    """

    name: str
    label: str
    to: To
    people: People = People.NOBODY
    answers: tuple[Answer, ...] = tuple(Answer)
    """The members it is about are those who gave one of these."""
    is_private: bool = False
    """It goes to the host alone."""
    is_never_early: bool = False
    """It is not sent before it is due, even if the clock went back after it was."""
    falls_back_to_channel: bool = False
    """If a private message can't reach the host, the channel gets one that says where to look."""
    outdated: Outdated = Outdated.CALLED_OFF
    says_nothing_without: Answer | None = None
    """If nobody gave this answer, there is nobody to tell, and it is withdrawn."""
    lists: Lists = Lists.ON_CARD
    becomes: MirrorKind | None = None
    """Its message is what the session is shown by from then on."""
    planned: Callable[[Session, GuildSettings, datetime], Iterable[Planned]] | None = None
    """The messages that every session asks for, as of a moment; None if something else owes it."""


def boundaries(session: Session) -> tuple[datetime, ...]:
    """When a session changes by the clock: answers close, it begins, ends, can't be corrected."""
    closed_at = session.answers_closed_at()
    return (
        *(() if closed_at is None else (closed_at,)),
        session.starts_at,
        session.ends_at,
        session.ends_at + CORRECTABLE_FOR,
    )


def _announcement(session: Session, settings: GuildSettings, now: datetime) -> Iterable[Planned]:
    due_at = session.starts_at - settings.announce_before
    yield Planned(due_at, session.ends_at, is_owed_late=True)


def _reminders(session: Session, settings: GuildSettings, now: datetime) -> Iterable[Planned]:
    """A late reminder is of use until the next one is due."""
    starts_at = session.starts_at
    offsets = sorted(settings.reminders, reverse=True)
    for before, next_before in zip(offsets, [*offsets, timedelta()][1:], strict=True):
        yield Planned(starts_at - before, starts_at - next_before, before, starts_at)


def _start(session: Session, settings: GuildSettings, now: datetime) -> Iterable[Planned]:
    starts_at = session.starts_at
    useful_until = min(session.ends_at, starts_at + START_USEFUL_FOR)
    yield Planned(starts_at, useful_until, occasion=starts_at)


def _undecided(session: Session, settings: GuildSettings, now: datetime) -> Iterable[Planned]:
    """A yes should still be worth something; if it is too late for that, it asks the host."""
    starts_at = session.starts_at
    due_at = min(boundaries(session)) - ASK_UNDECIDED_BEFORE
    if due_at <= now:
        due_at = starts_at - ASK_UNDECIDED_BEFORE
    yield Planned(due_at, starts_at, occasion=starts_at)


def _summary(session: Session, settings: GuildSettings, now: datetime) -> Iterable[Planned]:
    due_at = session.ends_at + SUMMARY_AFTER
    yield Planned(due_at, due_at + SUMMARY_USEFUL_FOR, occasion=session.ends_at)


_COMING = (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED)

ANNOUNCEMENT = Kind(
    "announcement",
    "card",
    To.CHANNEL,
    becomes=MirrorKind.CARD,
    planned=_announcement,
)
REMINDER = Kind(
    "reminder",
    "reminder",
    To.PEOPLE,
    People.ANSWERED,
    answers=(Answer.GOING,),
    outdated=Outdated.MOVED,
    planned=_reminders,
)
START = Kind(
    "start",
    "starting line",
    To.CHANNEL,
    outdated=Outdated.MOVED,
    says_nothing_without=Answer.GOING,
    planned=_start,
)
UNDECIDED = Kind(
    "undecided",
    "question to those who said maybe",
    To.PEOPLE,
    People.ANSWERED,
    answers=(Answer.MAYBE,),
    outdated=Outdated.MOVED,
    says_nothing_without=Answer.MAYBE,
    planned=_undecided,
)
SUMMARY = Kind(
    "summary",
    "summary for the host",
    To.HOST,
    People.FIRST_TIMERS,
    is_private=True,
    is_never_early=True,
    falls_back_to_channel=True,
    lists=Lists.EVERYBODY,
    planned=_summary,
)
MOVED = Kind("moved", "notice of the move", To.PEOPLE, People.ANSWERED, answers=_COMING)
CANCELLED = Kind(
    "cancelled",
    "notice that it is off",
    To.PEOPLE,
    People.ANSWERED,
    answers=_COMING,
    outdated=Outdated.NEVER,
)
PROMOTED = Kind(
    "promoted",
    "word that a seat came free",
    To.PEOPLE,
    People.RECIPIENTS,
    answers=(Answer.GOING,),
    lists=Lists.IN_LINE,
)
OFFER = Kind("offer", "offer of a seat", To.PEOPLE, People.RECIPIENTS, lists=Lists.IN_LINE)
ON_BEHALF = Kind("on_behalf", "word of an answer given for somebody", To.PEOPLE, People.RECIPIENTS)
REQUEST = Kind("request", "question whether somebody may still come", To.HOST, People.RECIPIENTS)
NEWCOMER = Kind("newcomer", "word of who is new", To.HOST, People.RECIPIENTS, is_private=True)
QUESTION = Kind("question", "question whether to go on", To.HOST, outdated=Outdated.NEVER)
THANKS = Kind("thanks", "thanks to the hosts", To.CHANNEL, outdated=Outdated.NEVER)
UNDELIVERED = Kind(
    "undelivered",
    "word of what did not arrive",
    To.HOST,
    is_private=True,
    falls_back_to_channel=True,
    outdated=Outdated.NEVER,
)

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
        REQUEST,
        NEWCOMER,
        QUESTION,
        THANKS,
        UNDELIVERED,
    )
}


def kind_of(name: str) -> Kind:
    """The kind that the store has under this name. Raises ValueError if this program has none."""
    try:
        return KINDS[name]
    except KeyError:
        raise ValueError(f"no kind of message is called {name!r}") from None


def names_where(holds: Callable[[Kind], bool]) -> str:
    """The names of some kinds, as a list in SQL: ``('reminder', 'start')``."""
    names = ", ".join(f"'{kind.name}'" for kind in KINDS.values() if holds(kind))
    return f"({names})"
