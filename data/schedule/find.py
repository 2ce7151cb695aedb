"""Queries for sessions, by id or by time."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from data.limits import LONGEST_SESSION, MOST_COUNTED
from data.models import Session
from data.refusal import Refusal
from data.rows import epoch, listed, session_of
from data.store.transaction import Transaction

BEGAN_AT_MOST = LONGEST_SESSION * 2
"""What began longer ago is over, also after a clock change."""


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
    return Refusal("That jelly is no longer on the list. Type /jellies to see what's on.")


def sessions_ahead(
    transaction: Transaction,
    channels: Collection[int],
    *,
    limit: int,
    offset: int = 0,
    but: Collection[int] = (),
    by: int | None = None,
    now: datetime,
) -> list[Session]:
    """Returns sessions of channels that are neither over nor cancelled, soonest first.

    ``but`` are the ids of those that are left out; ``by`` is a person of whom only those are
    returned that they host or scheduled.
    """
    whose = "" if by is None else "AND :by IN (host_id, created_by)"
    rows = transaction.all(
        f"""
        SELECT * FROM session WHERE {_ahead(channels, but)} {whose}
        ORDER BY starts_at, session_id LIMIT :limit OFFSET :offset
        """,
        by=by,
        earliest=epoch(now - BEGAN_AT_MOST),
        now=epoch(now),
        limit=limit,
        offset=offset,
    )
    return [session_of(row) for row in rows]


def count_ahead(
    transaction: Transaction,
    channels: Collection[int],
    *,
    but: Collection[int] = (),
    now: datetime,
) -> int:
    """Returns how many there are of :func:`sessions_ahead`, at most MOST_COUNTED."""
    row = transaction.one(
        f"""
        SELECT COUNT(*) AS number FROM (
            SELECT 1 FROM session WHERE {_ahead(channels, but)} LIMIT :most) AS counted
        """,
        earliest=epoch(now - BEGAN_AT_MOST),
        now=epoch(now),
        most=MOST_COUNTED,
    )
    assert row is not None  # COUNT always returns a row
    return int(row["number"])


def _ahead(channels: Collection[int], but: Collection[int]) -> str:
    """Returns the SQL condition for sessions that are neither over nor cancelled."""
    left_out = f" AND session_id NOT IN ({listed(but)})" if but else ""
    # By its start too, which its index is sorted by.
    return f"""channel_id IN ({listed(channels)}) AND state = 'scheduled'
        AND starts_at > :earliest AND ends_at > :now{left_out}"""


def sessions_over(
    transaction: Transaction,
    channels: Collection[int],
    *,
    since: datetime,
    by: int | None = None,
    now: datetime,
    limit: int,
) -> list[Session]:
    """Returns the uncancelled sessions of channels that ended after ``since``, latest first.

    ``by`` is a person of whom only those are returned that they host or scheduled.
    """
    whose = "" if by is None else "AND :by IN (host_id, created_by)"
    rows = transaction.all(
        f"""
        SELECT * FROM session
        WHERE channel_id IN ({listed(channels)}) AND ends_at > :since AND ends_at <= :now
            AND state = 'scheduled' {whose}
        ORDER BY ends_at DESC, session_id LIMIT :limit
        """,
        by=by,
        since=epoch(since),
        now=epoch(now),
        limit=limit,
    )
    return [session_of(row) for row in rows]


def latest_scheduled_by(
    transaction: Transaction, channel_id: int, user_id: int, *, limit: int, searched: int
) -> list[Session]:
    """Returns the sessions of a channel that a person scheduled last, the latest first.

    Only the last ``searched`` of the channel are looked at.
    """
    rows = transaction.all(
        """
        SELECT * FROM (
            SELECT * FROM session WHERE channel_id = :channel_id
            ORDER BY ends_at DESC LIMIT :searched) AS latest
        WHERE created_by = :user_id
        ORDER BY session_id DESC LIMIT :limit
        """,
        channel_id=channel_id,
        user_id=user_id,
        searched=searched,
        limit=limit,
    )
    return [session_of(row) for row in rows]


def sessions_of_all_servers(
    transaction: Transaction, *, after: int, limit: int, now: datetime
) -> tuple[list[Session], int | None]:
    """Returns sessions of all servers with the bot that have not begun and are not cancelled.

    Those among the next ``limit`` open ones with ids above ``after``, and the last of these ids;
    None if there are no more.
    """
    # Each session that has yet to change by time has a boundary.
    rows = transaction.all(
        """
        SELECT DISTINCT session_id FROM session_boundary
        WHERE session_id > :after ORDER BY session_id LIMIT :limit
        """,
        after=after,
        limit=limit,
    )
    ids = [row["session_id"] for row in rows]
    if not ids:
        return [], None
    sessions = transaction.all(
        f"""
        SELECT * FROM session
        WHERE session_id IN ({listed(ids)}) AND starts_at > :now AND state = 'scheduled'
            AND guild_id NOT IN (SELECT guild_id FROM guild WHERE removed_at IS NOT NULL)
        """,
        now=epoch(now),
    )
    return [session_of(row) for row in sessions], ids[-1]
