"""A message that the bot owes, as a plain value with all that it takes to write it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.models import (
    DeliveryState,
    Details,
    Figures,
    Mirror,
    Owner,
    Rsvp,
    Series,
    SessionView,
)
from data.outbox.kinds import Kind


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message that the bot owes; ``people`` are the members that it is about.

    ``part`` counts from 0 if one message is not enough for them.
    """

    delivery_id: int
    kind: Kind
    owner: Owner
    channel_id: int
    is_private: bool
    """The channel is a user's id: the message goes to them alone."""
    part: int
    previous_at: datetime | None
    previous_place: str | None
    useful_until: datetime
    is_outdated: bool
    """What it would say no longer holds: it is only looked for, in case it arrived."""
    attempts: int
    first_try_at: datetime
    nonce_session_id: int
    """Part of its nonce: its session, or the one that it had in an older version; else 0."""
    people: tuple[Rsvp, ...]
    view: SessionView | None
    """Of its session, or of the one that made a message of a series or the server owed."""
    series: Series | None
    card: Mirror | None
    """The card of that session."""
    figures: Figures | None
    """What a thank-you tells."""
    problems: tuple[Problem, ...]
    """What word of what did not arrive tells."""
    private_channel_id: int | None = None
    """Discord's channel for a private message, once it is known."""

    @property
    def shown(self) -> SessionView:
        """The session that it is about. Raises ValueError if it is about none."""
        if self.view is None:
            raise ValueError(f"a {self.kind.label} without a session")
        return self.view

    @property
    def host_id(self) -> int:
        """The host of its series, else of its session. Raises ValueError if it has neither."""
        jelly = self.series or self.shown.session
        return jelly.details.host_id

    @property
    def title(self) -> str:
        """What it is about, for the log."""
        details: Details | None = None
        if self.view is not None:
            details = self.view.session.details
        elif self.series is not None:
            details = self.series.details
        return "the server" if details is None else repr(details.title)


@dataclass(frozen=True, slots=True)
class Problem:
    """A message that was owed and never arrived, or maybe twice."""

    kind: Kind
    state: DeliveryState
    channel_id: int
    is_private: bool
    """The channel is a user's id."""
    due_at: datetime
    error: str
    title: str
    """Of the jelly that it is about; "" if it is about none."""
