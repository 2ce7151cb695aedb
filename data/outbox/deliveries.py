"""Messages that the bot owes, as plain values with all data needed to write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.models import (
    Answer,
    DeliveryState,
    Figures,
    Invitation,
    Mirror,
    Owner,
    Rsvp,
    Series,
    Session,
    SessionView,
    is_deleted,
)
from data.outbox.errors import DeliveryError
from data.outbox.kinds import Kind, To


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that the bot owes; ``people`` are the members that it is about.

    ``part`` numbers its messages from 0 if the members don't fit in one.
    """

    delivery_id: int
    kind: Kind
    owner: Owner
    channel_id: int
    is_private: bool
    """Whether ``channel_id`` is a user's id, and the message is private to them."""
    part: int
    previous_at: datetime | None
    previous_place: str | None
    useful_until: datetime
    is_outdated: bool
    """Whether its content no longer holds: it is only searched for, in case it arrived."""
    attempts: int
    first_try_at: datetime
    nonce_session_id: int
    """Part of its nonce: the id of its session, or of that in an older version; else 0."""
    people: tuple[Rsvp, ...]
    view: SessionView | None
    """Its session, or the one that caused a message owned by a series or the server."""
    series: Series | None
    card: Mirror | None
    """The card of that session."""
    figures: Figures | None
    """The month's figures; only for the kind THANKS."""
    problems: tuple[Problem, ...]
    """The messages that did not arrive; only for the kinds UNDELIVERED and ALERT."""
    without_host: tuple[Session, ...] = ()
    """The sessions that nobody hosts; only for the kind HOST_LEFT."""
    left_out: int = 0
    """How many sessions began while the bot was away; only for the kind RETURNED."""
    reader_left: bool = False
    """Whether the one whom it would be sent to in private has left the server."""
    invitation: Invitation | None = None
    """Only for the kinds INVITATION and HOST_DECLINED."""
    private_channel_id: int | None = None
    """Discord's channel for a private message; None if it is not known yet."""
    card_role_id: int | None = None
    """The role that it mentions; only for a new card."""
    pinged: frozenset[int] = frozenset()
    """Those whom it names without notifying anyone: an earlier message did, or they know."""
    waits_until: datetime | None = None
    """When quiet hours end for which it waits, unless an earlier try has arrived."""
    is_moot: bool = False
    """Whether it says nothing by now."""

    @property
    def shown(self) -> SessionView:
        """Returns the session that it is about. Raises ValueError if it is about none."""
        if self.view is None:
            raise ValueError(f"a message {self.kind.name} without a session")
        return self.view

    @property
    def asks(self) -> bool:
        """Returns whether it is about anybody whose answer may be another by then."""
        return any(one.answer is Answer.MAYBE or one.asked_again for one in self.people)

    @property
    def host_id(self) -> int:
        """Returns the host of its session, else of its series. Raises ValueError without either."""
        jelly = self.view.session if self.view is not None else self.series
        if jelly is None:
            raise ValueError(f"a message {self.kind.name} without a host")
        return jelly.details.host_id

    @property
    def notified(self) -> tuple[int, ...]:
        """Returns the ids of those it notifies; none if it is private, which notifies anyway."""
        if self.is_private or not self.kind.notifies:
            return ()
        if self.kind.to is To.INVITED and self.invitation is not None:
            return (self.invitation.user_id,)
        news = tuple(rsvp.user_id for rsvp in self.people if rsvp.user_id not in self.pinged)
        if self.kind.to is To.PEOPLE:
            return news
        return (self.host_id,) if news or not self.kind.is_limited else ()

    @property
    def is_for_nobody(self) -> bool:
        """Returns whether the data of the person whom it is for were deleted."""
        if self.is_private:
            return is_deleted(self.channel_id)
        jelly = self.view.session if self.view is not None else self.series
        return self.kind.to is To.HOST and jelly is not None and is_deleted(jelly.details.host_id)


@dataclass(frozen=True, slots=True)
class Problem:
    """A message that never arrived, or that may have arrived twice."""

    delivery_id: int
    kind: Kind
    state: DeliveryState
    channel_id: int
    is_private: bool
    """Whether ``channel_id`` is a user's id."""
    due_at: datetime
    error: DeliveryError | None
    """Why; None if it was not tried yet."""
    title: str
    """The title of its session or series; "" if it has none."""
    jelly_channel_id: int | None
    """The channel to which that belongs, or the message itself; None if it is the server's."""
    hosted_by: frozenset[int] = frozenset()
    """The host of that, and the person who scheduled it."""
