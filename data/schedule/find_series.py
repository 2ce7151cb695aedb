"""Queries for series: one by its id, or those of channels; and for the dates of one."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from data.limits import MOST_COUNTED
from data.models import Series, Session
from data.rows import all_series_of, epoch, listed, series_of, session_of
from data.store.transaction import Transaction


def find_series(transaction: Transaction, guild_id: int, series_id: int) -> Series | None:
    """Returns an active series of that server, or None if there is none."""
    row = transaction.one(
        """
        SELECT * FROM series
        WHERE series_id = :series_id AND guild_id = :guild_id AND state = 'active'
        """,
        series_id=series_id,
        guild_id=guild_id,
    )
    return None if row is None else series_of(transaction, row)


def active_series(
    transaction: Transaction,
    channels: Collection[int],
    *,
    limit: int,
    offset: int = 0,
    by: int | None = None,
) -> list[Series]:
    """Returns series of channels that have not ended, the oldest first.

    ``by`` is a person of whom only those are returned that they host or scheduled.
    """
    whose = "" if by is None else "AND :by IN (host_id, created_by)"
    rows = transaction.all(
        f"""
        SELECT * FROM series
        WHERE channel_id IN ({listed(channels)}) AND state = 'active' {whose}
        ORDER BY series_id LIMIT :limit OFFSET :offset
        """,
        by=by,
        limit=limit,
        offset=offset,
    )
    return all_series_of(transaction, rows)


def count_active_series(transaction: Transaction, channels: Collection[int]) -> int:
    """Returns how many series of channels have not ended, at most MOST_COUNTED."""
    rows = transaction.one(
        f"""
        SELECT COUNT(*) AS number FROM (
            SELECT 1 FROM series WHERE channel_id IN ({listed(channels)}) AND state = 'active'
            LIMIT :most) AS counted
        """,
        most=MOST_COUNTED,
    )
    assert rows is not None  # COUNT always returns a row
    return int(rows["number"])


def find_any_series(
    transaction: Transaction, channels: Collection[int], series_id: int
) -> Series | None:
    """Returns a series of these channels, even an ended one, or None if there is none."""
    row = transaction.one(
        f"""
        SELECT * FROM series
        WHERE series_id = :series_id AND channel_id IN ({listed(channels)})
        """,
        series_id=series_id,
    )
    return None if row is None else series_of(transaction, row)


def every_series(
    transaction: Transaction, channels: Collection[int], *, limit: int
) -> list[Series]:
    """Returns the latest series of channels, newest first, including ended and cancelled ones."""
    rows = transaction.all(
        f"""
        SELECT * FROM series WHERE channel_id IN ({listed(channels)})
        ORDER BY series_id DESC LIMIT :limit
        """,
        limit=limit,
    )
    return all_series_of(transaction, rows)


def has_dates_of_others(
    transaction: Transaction, series_id: int, user_id: int, *, now: datetime
) -> bool:
    """Returns whether someone else hosts and scheduled a date of a series that has not begun."""
    row = transaction.one(
        """
        SELECT 1 FROM session
        WHERE series_id = :series_id AND starts_at > :now AND state = 'scheduled'
            AND :user_id NOT IN (host_id, created_by) LIMIT 1
        """,
        series_id=series_id,
        user_id=user_id,
        now=epoch(now),
    )
    return row is not None


def has_dates_before(transaction: Transaction, session: Session, *, now: datetime) -> bool:
    """Returns whether the series of a session has dates before it that are not over."""
    row = transaction.one(
        """
        SELECT 1 FROM session
        WHERE series_id = :series_id AND recurrence_id < :recurrence_id AND ends_at > :now
            AND state = 'scheduled' LIMIT 1
        """,
        series_id=session.series_id,
        recurrence_id=None if session.recurrence_id is None else session.recurrence_id.isoformat(),
        now=epoch(now),
    )
    return row is not None


def series_ahead(transaction: Transaction, series_id: int, *, now: datetime) -> list[Session]:
    """Returns a series' sessions that have not begun and are not cancelled, soonest first."""
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE series_id = :series_id AND starts_at > :now AND state = 'scheduled'
        ORDER BY starts_at
        """,
        series_id=series_id,
        now=epoch(now),
    )
    return [session_of(row) for row in rows]
