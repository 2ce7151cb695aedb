"""What a channel, a server and the person who runs the bot have chosen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime, time, timedelta
from typing import NamedTuple

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
