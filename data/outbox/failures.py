"""Word to the host of what did not arrive: one message for all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.limits import FAILURES_TOGETHER
from data.models import DeliveryKind, DeliveryState, Problem
from data.outbox.plan import owe
from data.rows import epoch, moment
from data.store.transaction import Row, Transaction

USEFUL_FOR = timedelta(weeks=1)


def tell_hosts(transaction: Transaction, delivery_ids: Sequence[int], *, now: datetime) -> None:
    """Owe each host private word of those messages that others were to read in the channel."""
    told_by: dict[tuple[int, int], int] = {}
    for delivery_id in delivery_ids:
        row = transaction.one(
            """
            SELECT session_id, guild_id, host_id FROM delivery JOIN session USING (session_id)
            WHERE delivery_id = :delivery_id AND is_private = 0
                AND kind NOT IN ('thanks', 'undelivered')
            """,
            delivery_id=delivery_id,
        )
        if row is None:
            continue
        host = row["guild_id"], row["host_id"]
        if host not in told_by:
            told_by[host] = owe(
                transaction,
                row["session_id"],
                DeliveryKind.UNDELIVERED,
                row["host_id"],
                is_private=True,
                occasion=delivery_id,
                due=epoch(now),
                useful_until=epoch(now + USEFUL_FOR),
            )
        _note_told(transaction, delivery_id, told_by[host])


def tell_host_soon(transaction: Transaction, delivery_id: int, *, now: datetime) -> None:
    """As for several, with a moment for what fails next: it is told in the same message."""
    row = transaction.one(
        """
        SELECT word.delivery_id FROM delivery AS lost JOIN session USING (session_id)
            JOIN session AS other USING (guild_id, host_id)
            JOIN delivery AS word ON word.session_id = other.session_id
        WHERE lost.delivery_id = :delivery_id AND lost.is_private = 0
            AND lost.kind NOT IN ('thanks', 'undelivered')
            AND word.kind = 'undelivered' AND word.state = 'pending' AND word.attempts = 0
        LIMIT 1
        """,
        delivery_id=delivery_id,
    )
    if row is None:
        tell_hosts(transaction, [delivery_id], now=now + FAILURES_TOGETHER)
    else:
        _note_told(transaction, delivery_id, row["delivery_id"])


def problems_told_by(transaction: Transaction, delivery_id: int) -> tuple[Problem, ...]:
    """What such a message tells of, oldest first."""
    rows = transaction.all(
        """
        SELECT delivery.*, session.title FROM delivery JOIN session USING (session_id)
        WHERE told_by = :delivery_id ORDER BY due_at, delivery_id
        """,
        delivery_id=delivery_id,
    )
    return tuple(problem_of(row) for row in rows)


def _note_told(transaction: Transaction, delivery_id: int, told_by: int) -> None:
    transaction.run(
        "UPDATE delivery SET told_by = :told_by WHERE delivery_id = :delivery_id",
        told_by=told_by,
        delivery_id=delivery_id,
    )


def problem_of(row: Row) -> Problem:
    """A row of the outbox with the title of its session."""
    return Problem(
        kind=DeliveryKind(row["kind"]),
        state=DeliveryState(row["state"]),
        channel_id=row["channel_id"],
        is_private=bool(row["is_private"]),
        due_at=moment(row["due_at"]),
        error=row["error"] or "",
        title=row["title"],
    )
