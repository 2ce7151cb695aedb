"""The messages of the bot in Discord and the copies that it keeps current there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner of a message or mirror: a session, a series or a channel, else the server."""

    guild_id: int
    session_id: int | None = None
    series_id: int | None = None
    channel_id: int | None = None


class MirrorKind(StrEnum):
    """The kinds of copies of a session that Discord shows and the bot keeps current."""

    CARD = "card"


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


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"  # claimed; after a crash, claimed again once the lease has run out
    SENT = "sent"
    EXPIRED = "expired"  # too late to be useful
    FAILED = "failed"  # Discord refused permanently: the channel or a permission is gone
    WITHDRAWN = "withdrawn"  # no longer owed
