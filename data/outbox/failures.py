"""Messages that never arrived: told to hosts in one message, listed for organizers, retried."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from data.limits import (
    FAILURES_TOGETHER,
    FAILURES_USEFUL_FOR,
    PROBLEMS_LOOKED_AT,
    RETRIED_AT_ONCE,
)
from data.models import DeliveryState, Owner, is_deleted
from data.outbox.addresses import ADDRESS
from data.outbox.deliveries import Problem
from data.outbox.errors import error_of
from data.outbox.kinds import TO_ORGANIZERS, UNDELIVERED, Kind, To, kind_of, names_where
from data.outbox.owe import owe
from data.rows import epoch, listed, moment
from data.store.transaction import Row, Transaction

JELLY_OF_DELIVERY = """
    delivery LEFT JOIN session ON session.session_id = COALESCE(
            delivery.session_id, CASE WHEN kind = 'question' THEN occasion END)
        LEFT JOIN series ON series.series_id = delivery.series_id"""
"""SQL: messages joined with the session or series that each belongs to."""
_NO_MESSAGES = names_where(lambda kind: kind.to is To.NOBODY)
PROBLEM = """delivery.*, COALESCE(session.title, series.title, '') AS title,
    COALESCE(session.channel_id, series.channel_id, owner_channel_id) AS jelly_channel_id,
    COALESCE(session.host_id, series.host_id) AS host_id,
    COALESCE(session.created_by, series.created_by) AS created_by"""
"""SQL: the columns of a problem, from JELLY_OF_DELIVERY."""


def tell_hosts(transaction: Transaction, delivery_ids: Sequence[int], *, now: datetime) -> None:
    """Owes each host one private message about those of the messages meant for a channel."""
    told_by: dict[tuple[int, int], int] = {}
    for delivery_id in delivery_ids:
        if (host := host_of(transaction, delivery_id)) is None:
            continue
        if host not in told_by:
            guild_id, host_id = host
            told_by[host] = owe(
                transaction,
                Owner(guild_id),
                UNDELIVERED,
                host_id,
                occasion=delivery_id,
                before=words_about(transaction, UNDELIVERED, delivery_id),
                due=epoch(now),
                useful_until=epoch(now + FAILURES_USEFUL_FOR),
            )
        _note_told(transaction, delivery_id, told_by[host])


def tell_host_soon(transaction: Transaction, delivery_id: int, *, now: datetime) -> None:
    """Owes the host a private message about one failure, or adds it to one not sent yet.

    It is due after FAILURES_TOGETHER, so that further failures are told in the same message.
    """
    if (host := host_of(transaction, delivery_id)) is None:
        return
    guild_id, host_id = host
    row = transaction.one(
        """
        SELECT delivery_id FROM delivery
        WHERE guild_id = :guild_id AND session_id IS NULL AND series_id IS NULL
            AND owner_channel_id IS NULL AND kind = 'undelivered' AND channel_id = :host_id
            AND is_private = 1 AND state = 'pending' AND attempts = 0
        LIMIT 1
        """,
        guild_id=guild_id,
        host_id=host_id,
    )
    if row is None:
        tell_hosts(transaction, [delivery_id], now=now + FAILURES_TOGETHER)
    else:
        _note_told(transaction, delivery_id, row["delivery_id"])


def words_about(transaction: Transaction, kind: Kind, delivery_id: int) -> int:
    """Returns how many messages of a kind began with this failure, and were not left to be sent.

    A message that fails again is told again: its number is part of what makes a row unique.
    """
    row = transaction.one(
        """
        SELECT COUNT(*) AS words FROM delivery
        WHERE guild_id = (SELECT guild_id FROM delivery WHERE delivery_id = :delivery_id)
            AND session_id IS NULL AND series_id IS NULL AND owner_channel_id IS NULL
            AND kind = :kind AND occasion = :delivery_id AND state IN ('sent', 'expired', 'sending')
        """,
        kind=kind.name,
        delivery_id=delivery_id,
    )
    assert row is not None  # COUNT always returns a row
    return int(row["words"])


def problems_told_by(transaction: Transaction, delivery_id: int) -> tuple[Problem, ...]:
    """Returns what a message of kind UNDELIVERED tells, oldest first, without what was mended."""
    rows = transaction.all(
        f"""
        SELECT {PROBLEM} FROM {JELLY_OF_DELIVERY}
        WHERE told_by = :delivery_id
            AND (delivery.state IN ('failed', 'expired')
                OR (delivery.state = 'sent' AND delivery.error IS NOT NULL))
        ORDER BY due_at, delivery_id
        """,
        delivery_id=delivery_id,
    )
    return tuple(problem_of(row) for row in rows)


def problems(transaction: Transaction, guild_id: int, *, since: datetime) -> list[Problem]:
    """Returns a server's messages that never arrived or may have arrived twice, oldest first.

    Those of a session count if it ended at ``since`` or later, others if they were due then, and
    expired ones only if they were still useful then. Only the latest PROBLEMS_LOOKED_AT of each
    are looked at.
    """
    rows = transaction.all(
        f"""
        SELECT {PROBLEM} FROM {JELLY_OF_DELIVERY}
        WHERE delivery_id IN (
                SELECT delivery_id FROM (
                    SELECT delivery_id FROM delivery
                    WHERE guild_id = :guild_id AND state IN ('failed', 'expired')
                    ORDER BY due_at DESC LIMIT :limit) AS lost
                UNION ALL
                SELECT delivery_id FROM (
                    SELECT delivery_id FROM delivery
                    WHERE guild_id = :guild_id AND state = 'sent' AND error IS NOT NULL
                    ORDER BY due_at DESC LIMIT :limit) AS doubtful)
            AND COALESCE(session.ends_at, delivery.due_at) >= :since
            AND (delivery.state <> 'expired' OR useful_until >= :since)
            -- Members need not know where organizers are told.
            AND kind NOT IN {TO_ORGANIZERS}
        ORDER BY due_at
        """,
        guild_id=guild_id,
        since=epoch(since),
        limit=PROBLEMS_LOOKED_AT,
    )
    return [problem_of(row) for row in rows]


def retry_failed(
    transaction: Transaction,
    guild_id: int,
    channels: Collection[int],
    *,
    hosted_by: int | None = None,
    now: datetime,
) -> int:
    """Owes failed messages again that are still useful; returns how many there were.

    At most the latest RETRIED_AT_ONCE. Those of jellies in other channels are left out; with
    ``hosted_by``, also those of jellies that this person neither hosts nor scheduled.
    """
    seen = listed(channels)
    return transaction.run(
        f"""
        UPDATE delivery SET state = 'pending', try_at = :now, error = NULL,
            told_by = NULL, alerted_by = NULL,
            channel_id = CASE WHEN is_private = 1 THEN channel_id ELSE {ADDRESS} END
        WHERE delivery_id IN (
            -- Both states are named for the index delivery_lost.
            SELECT delivery_id FROM delivery AS lost
            WHERE state IN ('failed', 'expired') AND state = 'failed'
                AND guild_id = :guild_id AND useful_until > :now
                AND CASE WHEN session_id IS NULL THEN is_private = 0
                    ELSE EXISTS (SELECT 1 FROM session
                        WHERE session.session_id = lost.session_id
                            AND session.channel_id IN ({seen}) AND ends_at > :now) END
                AND (series_id IS NULL OR EXISTS (SELECT 1 FROM series
                    WHERE series.series_id = lost.series_id
                        AND series.channel_id IN ({seen})))
                AND (owner_channel_id IS NULL OR owner_channel_id IN ({seen}))
                AND (:is_all = 1
                    OR EXISTS (SELECT 1 FROM session
                        WHERE session.session_id = lost.session_id
                            AND :hosted_by IN (session.host_id, session.created_by))
                    OR EXISTS (SELECT 1 FROM series
                        WHERE series.series_id = lost.series_id
                            AND :hosted_by IN (series.host_id, series.created_by)))
            ORDER BY due_at DESC LIMIT :limit)
        """,
        guild_id=guild_id,
        is_all=int(hosted_by is None),
        hosted_by=hosted_by,
        now=epoch(now),
        limit=RETRIED_AT_ONCE,
    )


def problem_of(row: Row) -> Problem:
    """Returns the problem of a row with the columns PROBLEM."""
    return Problem(
        delivery_id=row["delivery_id"],
        kind=kind_of(row["kind"]),
        state=DeliveryState(row["state"]),
        channel_id=row["channel_id"],
        is_private=bool(row["is_private"]),
        due_at=moment(row["due_at"]),
        error=error_of(row["error"]),
        title=row["title"],
        jelly_channel_id=row["jelly_channel_id"],
        hosted_by=frozenset((row["host_id"], row["created_by"])) - {None},
    )


def host_of(transaction: Transaction, delivery_id: int) -> tuple[int, int] | None:
    """Returns the server and the host of a public message of a session or series, else None.

    None too for what is not a message.
    """
    row = transaction.one(
        f"""
        SELECT delivery.guild_id, COALESCE(session.host_id, series.host_id) AS host_id
        FROM {JELLY_OF_DELIVERY}
        WHERE delivery_id = :delivery_id AND is_private = 0 AND kind NOT IN {_NO_MESSAGES}
        """,
        delivery_id=delivery_id,
    )
    if row is None or row["host_id"] is None or is_deleted(row["host_id"]):
        return None
    return row["guild_id"], row["host_id"]


def _note_told(transaction: Transaction, delivery_id: int, told_by: int) -> None:
    transaction.run(
        "UPDATE delivery SET told_by = :told_by WHERE delivery_id = :delivery_id",
        told_by=told_by,
        delivery_id=delivery_id,
    )
