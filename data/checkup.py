"""Queries for the doctor command: what is in use, what is owed, and what never arrived."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.channels import find_guild, removed_since, settings_of
from data.limits import FAILURES_LOOKED_BACK, IN_USE_LOOKED_AT, MOST_COUNTED, OVERDUE_AFTER
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
    channels, zones = _in_use(transaction, guild_id, now)
    guild = find_guild(transaction, guild_id)
    return Checkup(
        settings=settings,
        organizers_channel_id=guild.organizers_channel_id if guild else None,
        other_channels=tuple(sorted(channels - ({settings.channel_id} if settings else set()))),
        zones=tuple(sorted(zones)),
        owed=owed(transaction, guild_id, now=now),
        without_card=tuple(sessions_without_card(transaction, guild_id, now=now)),
        died=tuple(problems(transaction, guild_id, since=now - FAILURES_LOOKED_BACK)),
        removed_at=removed_since(transaction, guild_id),
    )


def _in_use(transaction: Transaction, guild_id: int, now: datetime) -> tuple[set[int], set[str]]:
    """Returns the channels and the zones in use, as far as the first rows of each table tell."""
    values = {"guild_id": guild_id, "now": epoch(now), "limit": IN_USE_LOOKED_AT}
    sessions = transaction.all(
        """
        SELECT session.zone, mirror.channel_id FROM (
            SELECT session_id, zone FROM session
            WHERE guild_id = :guild_id AND ends_at > :now ORDER BY ends_at LIMIT :limit) AS session
        LEFT JOIN mirror ON mirror.session_id = session.session_id
        """,
        **values,
    )
    series = transaction.all(
        "SELECT zone FROM series WHERE guild_id = :guild_id AND state = 'active' LIMIT :limit",
        **values,
    )
    settings = transaction.all("SELECT zone FROM channel WHERE guild_id = :guild_id", **values)
    unsent = transaction.all(
        """
        SELECT channel_id, is_private FROM delivery
        WHERE guild_id = :guild_id AND state IN ('pending', 'sending')
        ORDER BY due_at LIMIT :limit
        """,
        **values,
    )
    channels = {row["channel_id"] for row in sessions if row["channel_id"] is not None}
    channels |= {row["channel_id"] for row in unsent if not row["is_private"]}
    return channels, {row["zone"] for row in (*sessions, *series, *settings)}


def owed(transaction: Transaction, guild_id: int | None = None, *, now: datetime) -> Owed:
    """Returns what has yet to be sent, to one server or to all (None).

    Of one server's, only the first MOST_COUNTED that are due are counted.
    """
    unpaid = "delivery.state IN ('pending', 'sending')"
    if guild_id is not None:
        unpaid = f"""delivery_id IN (
            SELECT delivery_id FROM delivery WHERE guild_id = :guild_id AND {unpaid}
            ORDER BY due_at LIMIT :most)"""
    values = {"guild_id": guild_id, "late": epoch(now - OVERDUE_AFTER), "most": MOST_COUNTED}
    # It is no fault if a message waits for the end of quiet hours, or for a private channel to be
    # opened.
    overdue = """(due_at < :late AND (attempts > 0 OR (is_private = 0 AND try_at < :late)))"""
    next_at = "CASE WHEN attempts = 0 THEN try_at ELSE due_at END"
    counted = transaction.one(
        f"""
        SELECT COUNT(*) AS messages, MIN({next_at}) AS next_at,
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
