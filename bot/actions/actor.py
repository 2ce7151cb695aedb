"""Who asks for something, and what an action needs of the running program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.clock import Clock
from data.store.database import Database


class ChannelAccess(Protocol):
    """What a member may do in the channels of their server; asked in the store's thread, too."""

    def may_view(self, channel_id: int) -> bool: ...

    def may_send(self, channel_id: int) -> bool:
        """Returns whether they may view the channel and send messages there."""

    def name_of(self, channel_id: int) -> str | None:
        """Returns the name of a channel that they may view; None of others and if it is gone."""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone whom an actor chose: to invite, to host, to take off a list."""

    user_id: int
    name: str
    is_bot: bool
    channels: ChannelAccess | None
    """What they may do in the server's channels; None if they are not in the server now."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A member who asks for something, in a server; their permissions are those in all of it."""

    user_id: int
    name: str
    guild_id: int
    channels: ChannelAccess
    may_manage_events: bool = False
    may_manage_guild: bool = False
    """Also true of administrators."""
    role_ids: frozenset[int] = frozenset()
    locale: str = "en-US"
    """The language in which they use Discord."""
    guild_owner_id: int | None = None
    """Who owns the server."""

    @property
    def is_organizer(self) -> bool:
        return self.may_manage_events or self.may_manage_guild


class Program(Protocol):
    """The running program, as far as actions need it."""

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> Clock: ...

    def session_changed(self, session_id: int) -> None:
        """Has everything that shows a session refreshed."""

    async def sessions_changed(self) -> None:
        """Has everything refreshed that lags behind its session."""

    def messages_owed(self) -> None:
        """Has messages sent that are due."""
