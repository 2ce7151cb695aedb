"""The answers of members to a session, and what follows from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Answer(StrEnum):
    """A member's answer to one session (iCalendar PARTSTAT), or what became of their Going."""

    GOING = "going"
    WAITLISTED = "waitlisted"  # wants to come, and no seat is free
    REQUESTED = "requested"  # wants to come after the deadline, and the host has yet to answer
    MAYBE = "maybe"
    DECLINED = "declined"


ANSWERS = (Answer.GOING, Answer.MAYBE, Answer.DECLINED)
"""The answers that members can give; the others are what may become of a Going."""


class Mood(StrEnum):
    """How a member going would like to spend the session."""

    HEADS_DOWN = "heads-down"
    EITHER = "either"
    CHATTY = "chatty"


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


def is_deleted(user_id: int) -> bool:
    """Returns whether an id stands for a person whose data were deleted."""
    return user_id < 0


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

    @property
    def is_here(self) -> bool:
        """Returns whether the member checked in and has not left."""
        return self.arrived_at is not None and self.left_at is None

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
