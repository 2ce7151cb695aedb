"""Everything ahead that one person scheduled or hosts, to be called off in one step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from data.limits import CALLED_OFF_AT_ONCE
from data.models import ByPerson, Session
from data.rows import epoch, listed, session_of
from data.schedule.find import BEGAN_AT_MOST
from data.schedule.series import cancel_series
from data.schedule.sessions import call_off
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CalledOff:
    """What one step called off, and whether more is left."""

    dates: int
    is_all: bool


def ahead_by(
    transaction: Transaction,
    guild_id: int,
    user_id: int,
    channels: Collection[int],
    *,
    named: int,
    now: datetime,
) -> ByPerson:
    """Returns what :func:`call_off_by` would call off and withdraw, with the first dates.

    Nothing if there are no channels.
    """
    most = CALLED_OFF_AT_ONCE + 1
    series = _series_by(transaction, user_id, channels, most)
    dates = {
        one.session_id: one
        for one in (
            *_dates_of(transaction, series, now, most),
            *_single_dates_by(transaction, guild_id, user_id, channels, now, most),
        )
    }
    soonest = sorted(dates.values(), key=lambda one: (one.starts_at, one.session_id))
    row = transaction.one(
        """
        SELECT (SELECT COUNT(*) FROM draft WHERE guild_id = :guild_id AND user_id = :user_id)
            + (SELECT COUNT(*) FROM invitation WHERE guild_id = :guild_id
                AND invited_by = :user_id AND state = 'open') AS unfinished
        """,
        guild_id=guild_id,
        user_id=user_id,
    )
    assert row is not None  # COUNT always returns a row
    unfinished = row["unfinished"] if channels else 0
    return ByPerson(user_id, min(len(dates), most), len(series), tuple(soonest[:named]), unfinished)


def call_off_by(
    transaction: Transaction,
    guild_id: int,
    user_id: int,
    channels: Collection[int],
    *,
    limit: int,
    now: datetime,
) -> CalledOff:
    """Calls off series and dates ahead that a person scheduled or hosts, about ``limit`` dates.

    Whole series come first: all their dates, no matter who hosts them. Withdraws the person's open
    previews and unanswered invitations.
    """
    dates = 0
    for series_id in _series_by(transaction, user_id, channels, limit):
        if dates >= limit:
            return CalledOff(dates, is_all=False)
        dates += len(cancel_series(transaction, series_id, now=now))
    single = _single_dates_by(transaction, guild_id, user_id, channels, now, limit + 1)
    for session in single[:limit]:
        call_off(transaction, session, now)
    if channels:
        _withdraw_unfinished(transaction, guild_id, user_id)
    is_all = len(single) <= limit and not _series_by(transaction, user_id, channels, 1)
    return CalledOff(dates + len(single[:limit]), is_all)


def _withdraw_unfinished(transaction: Transaction, guild_id: int, user_id: int) -> None:
    transaction.run(
        "DELETE FROM draft WHERE guild_id = :guild_id AND user_id = :user_id",
        guild_id=guild_id,
        user_id=user_id,
    )
    transaction.run(
        """
        UPDATE invitation SET state = 'withdrawn'
        WHERE guild_id = :guild_id AND invited_by = :user_id AND state = 'open'
        """,
        guild_id=guild_id,
        user_id=user_id,
    )


def _series_by(
    transaction: Transaction, user_id: int, channels: Collection[int], most: int
) -> list[int]:
    rows = transaction.all(
        f"""
        SELECT series_id FROM series
        WHERE channel_id IN ({listed(channels)}) AND state = 'active'
            AND :user_id IN (created_by, host_id)
        ORDER BY series_id LIMIT :most
        """,
        user_id=user_id,
        most=most,
    )
    return [row["series_id"] for row in rows]


def _dates_of(
    transaction: Transaction, series: Collection[int], now: datetime, most: int
) -> list[Session]:
    """Returns the dates of series that have not begun."""
    rows = transaction.all(
        f"""
        SELECT * FROM session
        WHERE series_id IN ({listed(series)}) AND starts_at > :now AND state = 'scheduled'
        LIMIT :most
        """,
        now=epoch(now),
        most=most,
    )
    return [session_of(row) for row in rows]


def _single_dates_by(
    transaction: Transaction,
    guild_id: int,
    user_id: int,
    channels: Collection[int],
    now: datetime,
    most: int,
) -> list[Session]:
    """Returns the jellies outside series, and the dates of others' series, that are not over."""
    found: dict[int, Session] = {}
    for whose in ("created_by = :user_id AND series_id IS NULL", "host_id = :user_id"):
        for row in transaction.all(
            f"""
            SELECT * FROM session
            WHERE guild_id = :guild_id AND {whose} AND state = 'scheduled'
                AND starts_at > :earliest AND ends_at > :now AND channel_id IN ({listed(channels)})
            ORDER BY starts_at LIMIT :most
            """,
            guild_id=guild_id,
            user_id=user_id,
            earliest=epoch(now - BEGAN_AT_MOST),
            now=epoch(now),
            most=most,
        ):
            session = session_of(row)
            found[session.session_id] = session
    return sorted(found.values(), key=lambda one: (one.starts_at, one.session_id))[:most]
