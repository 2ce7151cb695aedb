"""What lists show: a page of them, and sessions as one person sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from data.models.answers import Rsvp
from data.models.messages import Mirror
from data.models.sessions import Session

T = TypeVar("T")


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
