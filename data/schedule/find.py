"""Queries for sessions, by id or by time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from data.models import Session
from data.refusal import Refusal
from data.rows import epoch, listed, session_of
from data.store.transaction import Transaction


def session_now(transaction: Transaction, session_id: int) -> Session:
    """Returns a session as it is in this transaction; it must exist."""
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
    )
    assert row is not None  # the caller has just written or read it
    return session_of(row)


def find_session(transaction: Transaction, guild_id: int, session_id: int) -> Session | None:
    """Returns a session of that server, cancelled or not, or None if there is none."""
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id AND guild_id = :guild_id",
        session_id=session_id,
        guild_id=guild_id,
    )
    return None if row is None else session_of(row)


def no_such_jelly() -> Refusal:
    return Refusal("That jelly is no longer on the list. Type /jellies to see what is on.")


def sessions_ahead(
    transaction: Transaction, channels: Collection[int], *, now: datetime, limit: int
) -> list[Session]:
    """Returns the sessions of channels that are neither over nor cancelled, soonest first."""
    rows = transaction.all(
        f"""
        SELECT * FROM session
        WHERE channel_id IN ({listed(channels)}) AND ends_at > :now AND state = 'scheduled'
        ORDER BY starts_at, session_id LIMIT :limit
        """,
        now=epoch(now),
        limit=limit,
    )
    return [session_of(row) for row in rows]


def sessions_over(
    transaction: Transaction,
    channels: Collection[int],
    *,
    since: datetime,
    now: datetime,
    limit: int,
) -> list[Session]:
    """Returns the uncancelled sessions of channels that ended after ``since``, latest first."""
    rows = transaction.all(
        f"""
        SELECT * FROM session
        WHERE channel_id IN ({listed(channels)}) AND ends_at > :since AND ends_at <= :now
            AND state = 'scheduled'
        ORDER BY ends_at DESC, session_id LIMIT :limit
        """,
        since=epoch(since),
        now=epoch(now),
        limit=limit,
    )
    return [session_of(row) for row in rows]


def every_session_ahead(transaction: Transaction, *, now: datetime) -> list[Session]:
    """Returns sessions that have not begun and are not cancelled, of all servers with the bot."""
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE starts_at > :now AND state = 'scheduled' AND guild_id NOT IN (
            SELECT guild_id FROM guild WHERE removed_at IS NOT NULL)
        """,
        now=epoch(now),
    )
    return [session_of(row) for row in rows]
