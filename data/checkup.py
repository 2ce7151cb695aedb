"""Queries for the doctor command: what is in use, what is owed, and what never arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.channels import find_guild, removed_since, settings_of
from data.limits import FAILURES_LOOKED_BACK, OVERDUE_AFTER
from data.models import ChannelSettings, Session
from data.outbox.deliveries import Problem
from data.outbox.failures import JELLY_OF_DELIVERY, PROBLEM, problem_of, problems
from data.outbox.gone import sessions_without_card
from data.rows import epoch, maybe_moment
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Owed:
    """Messages that have yet to be sent."""

    messages: int
    next_at: datetime | None
    overdue: int
    longest_overdue: Problem | None


@dataclass(frozen=True, slots=True)
class Checkup:
    """What the store holds of one server that the doctor checks for faults."""

    settings: ChannelSettings | None
    organizers_channel_id: int | None
    """The channel in which organizers are told what did not arrive, if one is chosen."""
    other_channels: tuple[int, ...]
    """Channels other than that of the settings that have cards of sessions ahead or owed messages.
    """
    zones: tuple[str, ...]
    owed: Owed
    without_card: tuple[Session, ...]
    """Sessions ahead whose card should be posted, and is neither posted nor owed."""
    died: tuple[Problem, ...]
    """Messages that never arrived, oldest first."""
    removed_at: datetime | None = None
    """When the bot was found to be removed from the server."""


def servers_of(transaction: Transaction) -> list[int]:
    """Returns the ids of all servers that have been set up."""
    return [
        row["guild_id"] for row in transaction.all("SELECT guild_id FROM guild ORDER BY guild_id")
    ]


def check_up(transaction: Transaction, guild_id: int, *, now: datetime) -> Checkup:
    settings = settings_of(transaction, guild_id)
    channels = transaction.all(
        """
        SELECT mirror.channel_id FROM session JOIN mirror USING (session_id)
        WHERE session.guild_id = :guild_id AND ends_at > :now AND mirror.channel_id IS NOT NULL
        UNION
        SELECT channel_id FROM delivery
        WHERE guild_id = :guild_id AND state IN ('pending', 'sending') AND is_private = 0
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    zones = transaction.all(
        """
        SELECT zone FROM channel WHERE guild_id = :guild_id
        UNION SELECT zone FROM series WHERE guild_id = :guild_id AND state = 'active'
        UNION SELECT zone FROM session WHERE guild_id = :guild_id AND ends_at > :now
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    usual = settings.channel_id if settings else None
    guild = find_guild(transaction, guild_id)
    return Checkup(
        settings=settings,
        organizers_channel_id=guild.organizers_channel_id if guild else None,
        other_channels=tuple(r["channel_id"] for r in channels if r["channel_id"] != usual),
        zones=tuple(row["zone"] for row in zones),
        owed=owed(transaction, guild_id, now=now),
        without_card=tuple(sessions_without_card(transaction, guild_id, now=now)),
        died=tuple(problems(transaction, guild_id, since=now - FAILURES_LOOKED_BACK)),
        removed_at=removed_since(transaction, guild_id),
    )


def owed(transaction: Transaction, guild_id: int | None = None, *, now: datetime) -> Owed:
    """Returns what has yet to be sent, to one server or to all (None)."""
    # Without a condition on the server, SQLite reads only the unsent rows, by their index.
    which = "1 = 1" if guild_id is None else "delivery.guild_id = :guild_id"
    values = {"guild_id": guild_id, "late": epoch(now - OVERDUE_AFTER)}
    unpaid = f"delivery.state IN ('pending', 'sending') AND {which}"
    # A private message may wait for its private channel to be opened, which is not a fault.
    overdue = "(due_at < :late AND (is_private = 0 OR attempts > 0))"
    counted = transaction.one(
        f"""
        SELECT COUNT(*) AS messages, MIN(due_at) AS next_at,
            COUNT(*) FILTER (WHERE {overdue}) AS overdue
        FROM delivery WHERE {unpaid}
        """,
        **values,
    )
    assert counted is not None  # COUNT always returns a row
    longest = None
    if counted["overdue"]:
        longest = transaction.one(
            f"""
            SELECT {PROBLEM} FROM {JELLY_OF_DELIVERY}
            WHERE {unpaid} AND {overdue} ORDER BY due_at, delivery_id LIMIT 1
            """,
            **values,
        )
    return Owed(
        messages=counted["messages"],
        next_at=maybe_moment(counted["next_at"]),
        overdue=counted["overdue"],
        longest_overdue=problem_of(longest) if longest else None,
    )
