"""The outbox's rows on their way: claimed, sent, put off, ended, looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.boards import board_of
from data.database import Row, Transaction
from data.models import Delivery, DeliveryKind, DeliveryState, Problem
from data.owing import owe
from data.rows import epoch, moment
from data.series import ask_whether_to_go_on

_MENTIONING = (DeliveryKind.REMINDER, DeliveryKind.MOVED, DeliveryKind.CANCELLED)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim took: messages to send now, and those that came too late."""

    deliveries: tuple[Delivery, ...]
    expired: tuple[Problem, ...]
    refreshed: int
    """Cards that the clock made stale."""


def claim(
    transaction: Transaction,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    mentions_per_message: int,
) -> Claimed:
    """Take what is due so that nobody else sends it, until the lease runs out.

    Rows that were never tried and are of no use any more expire; a row that was tried before is
    claimed however late it is, because it may have arrived.
    """
    values = {"now": epoch(now), "until": epoch(now + lease), "limit": limit}
    refreshed = transaction.run(
        """
        UPDATE session SET version = version + 1
        WHERE card_message_id IS NOT NULL AND session_id IN (
            SELECT session_id FROM delivery
            WHERE state IN ('pending', 'sending') AND try_at <= :now AND kind = 'refresh')
        """,
        **values,
    )
    for row in transaction.all(
        """
        UPDATE delivery SET state = 'sent'
        WHERE state IN ('pending', 'sending') AND try_at <= :now AND kind = 'refresh'
        RETURNING session_id
        """,
        **values,
    ):
        ask_whether_to_go_on(transaction, row["session_id"], now=now)
    expired = transaction.all(
        """
        UPDATE delivery SET state = 'expired', error = 'it was too late to be of use'
        WHERE state IN ('pending', 'sending') AND try_at <= :now
            AND useful_until <= :now AND attempts = 0
        RETURNING *, (SELECT title FROM session WHERE session.session_id = delivery.session_id)
            AS title
        """,
        **values,
    )
    claimed = transaction.all(
        """
        UPDATE delivery
        SET state = 'sending', try_at = :until, attempts = attempts + 1,
            first_try_at = COALESCE(first_try_at, :now)
        WHERE delivery_id IN (
            SELECT delivery_id FROM delivery
            WHERE state IN ('pending', 'sending') AND try_at <= :now
            ORDER BY try_at, delivery_id LIMIT :limit)
        RETURNING *
        """,
        **values,
    )
    deliveries = [_delivery_of(transaction, row) for row in claimed]
    for row, delivery in zip(claimed, deliveries, strict=True):
        if delivery.kind in _MENTIONING and delivery.part == 0:
            _owe_parts(transaction, row, delivery, mentions_per_message, now)
    deliveries.sort(key=lambda delivery: delivery.delivery_id)
    return Claimed(tuple(deliveries), tuple(problem_of(row) for row in expired), refreshed)


def record_sent(transaction: Transaction, delivery: Delivery, *, message_id: int | None) -> None:
    """The message has arrived; an announcement's message is the session's card from now on."""
    transaction.run(
        """
        UPDATE delivery SET state = 'sent', message_id = :message_id, error = NULL
        WHERE delivery_id = :delivery_id
        """,
        delivery_id=delivery.delivery_id,
        message_id=message_id,
    )
    if delivery.kind is DeliveryKind.ANNOUNCEMENT and message_id is not None:
        session = delivery.board.session
        transaction.run(
            """
            UPDATE session SET card_channel_id = :channel_id, card_message_id = :message_id,
                card_version = :version
            WHERE session_id = :session_id
            """,
            channel_id=delivery.channel_id,
            message_id=message_id,
            version=session.version,
            session_id=session.session_id,
        )


def record_end(
    transaction: Transaction, delivery_id: int, *, state: DeliveryState, error: str
) -> None:
    """The message will not arrive: failed, expired or withdrawn, and why."""
    transaction.run(
        "UPDATE delivery SET state = :state, error = :error WHERE delivery_id = :delivery_id",
        delivery_id=delivery_id,
        state=state,
        error=error,
    )


def postpone(transaction: Transaction, delivery_id: int, *, until: datetime, error: str) -> None:
    """Something passing stood in the way; try again later."""
    transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = :until, error = :error
        WHERE delivery_id = :delivery_id AND state = 'sending'
        """,
        delivery_id=delivery_id,
        until=epoch(until),
        error=error,
    )


def retry_failed(transaction: Transaction, guild_id: int, *, now: datetime) -> int:
    """Owe again what failed for good and is still of use; gives how many those are."""
    return transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = :now, error = NULL,
            channel_id = (SELECT COALESCE(card_channel_id, guild.channel_id)
                          FROM session JOIN guild USING (guild_id)
                          WHERE session.session_id = delivery.session_id)
        WHERE state = 'failed' AND useful_until > :now AND session_id IN (
            SELECT session_id FROM session WHERE guild_id = :guild_id AND ends_at > :now)
        """,
        guild_id=guild_id,
        now=epoch(now),
    )


def problems(transaction: Transaction, guild_id: int, *, since: datetime) -> list[Problem]:
    """What was owed to a server since then and never arrived, oldest first."""
    rows = transaction.all(
        """
        SELECT delivery.*, session.title
        FROM session JOIN delivery USING (session_id)
        WHERE guild_id = :guild_id AND ends_at >= :since AND due_at >= :since
            AND delivery.state IN ('failed', 'expired')
        ORDER BY due_at
        """,
        guild_id=guild_id,
        since=epoch(since),
    )
    return [problem_of(row) for row in rows]


def next_due(transaction: Transaction) -> datetime | None:
    """When the outbox, or a series that runs out of dates, next wants attention."""
    moments = [
        row["at"]
        for row in (
            transaction.one(
                "SELECT MIN(try_at) AS at FROM delivery WHERE state IN ('pending', 'sending')"
            ),
            transaction.one("SELECT MIN(extend_at) AS at FROM series WHERE extend_at IS NOT NULL"),
        )
        if row is not None and row["at"] is not None
    ]
    return moment(min(moments)) if moments else None


def problem_of(row: Row) -> Problem:
    return Problem(
        kind=DeliveryKind(row["kind"]),
        state=DeliveryState(row["state"]),
        channel_id=row["channel_id"],
        due_at=moment(row["due_at"]),
        error=row["error"] or "",
        title=row["title"],
    )


def _delivery_of(transaction: Transaction, row: Row) -> Delivery:
    board = board_of(transaction, row["session_id"])
    assert board is not None  # a foreign key holds it
    return Delivery(
        delivery_id=row["delivery_id"],
        kind=DeliveryKind(row["kind"]),
        channel_id=row["channel_id"],
        part=row["part"],
        previous_at=None if row["previous_at"] is None else moment(row["previous_at"]),
        previous_place=row["previous_place"],
        useful_until=moment(row["useful_until"]),
        attempts=row["attempts"],
        first_try_at=moment(row["first_try_at"]),
        board=board,
    )


def _owe_parts(
    transaction: Transaction, row: Row, first: Delivery, mentions_per_message: int, now: datetime
) -> None:
    parts = -(-len(first.board.roster.going) // mentions_per_message)
    for part in range(1, parts):
        owe(
            transaction,
            row["session_id"],
            first.kind,
            first.channel_id,
            before=row["before"],
            occasion=row["occasion"],
            part=part,
            previous_at=row["previous_at"],
            previous_place=row["previous_place"],
            due=epoch(now),
            useful_until=row["useful_until"],
        )
