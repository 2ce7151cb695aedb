"""What came of a claimed message: it arrived, failed, has to wait, or goes another way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.mirrors import note_mirror
from data.models import DeliveryState
from data.outbox.deliveries import Delivery
from data.outbox.failures import tell_host_soon
from data.rows import epoch
from data.store.transaction import Transaction


def record_sent(
    transaction: Transaction,
    delivery: Delivery,
    *,
    message_id: int | None,
    now: datetime,
    doubt: str | None = None,
) -> bool:
    """Note that a message arrived; an announcement's is the session's card from now on.

    ``doubt`` says why it may have arrived twice. Returns whether that card lags behind already.
    """
    transaction.run(
        """
        UPDATE delivery SET state = 'sent', message_id = :message_id, error = :doubt
        WHERE delivery_id = :delivery_id
        """,
        delivery_id=delivery.delivery_id,
        message_id=message_id,
        doubt=doubt,
    )
    if doubt is not None:
        tell_host_soon(transaction, delivery.delivery_id, now=now)
    if delivery.kind.becomes is None or message_id is None:
        return False
    row = transaction.one(
        "SELECT version FROM session WHERE session_id = :session_id",
        session_id=delivery.owner.session_id,
    )
    if row is None:
        return False
    # An earlier try may be what arrived, showing what was true then.
    shown = delivery.shown.session.version if delivery.attempts == 1 else 0
    mirror = note_mirror(
        transaction,
        delivery.owner,
        delivery.kind.becomes,
        channel_id=delivery.channel_id,
        remote_id=message_id,
        version=row["version"],
        version_shown=shown,
    )
    return mirror.version > mirror.version_shown


def recorded_messages(transaction: Transaction, message_ids: Sequence[int]) -> set[int]:
    """Which of these messages are known to be deliveries that arrived."""
    if not message_ids:
        return set()
    rows = transaction.all(
        """
        SELECT message_id FROM delivery
        WHERE message_id BETWEEN :first AND :last AND state = 'sent'
        """,
        first=min(message_ids),
        last=max(message_ids),
    )
    return {row["message_id"] for row in rows} & set(message_ids)


def record_end(
    transaction: Transaction,
    delivery_id: int,
    *,
    state: DeliveryState,
    error: str,
    now: datetime,
) -> None:
    """Note that a message will not arrive: it failed, expired or was withdrawn, and why."""
    transaction.run(
        "UPDATE delivery SET state = :state, error = :error WHERE delivery_id = :delivery_id",
        delivery_id=delivery_id,
        state=state,
        error=error,
    )
    if state in (DeliveryState.EXPIRED, DeliveryState.FAILED):
        tell_host_soon(transaction, delivery_id, now=now)


def postpone(transaction: Transaction, delivery_id: int, *, until: datetime, error: str) -> None:
    """Try a message again later, because something passing stood in the way."""
    transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = :until, error = :error
        WHERE delivery_id = :delivery_id AND state = 'sending'
        """,
        delivery_id=delivery_id,
        until=epoch(until),
        error=error,
    )


def say_in_channel(transaction: Transaction, delivery: Delivery, *, now: datetime) -> None:
    """A private message can't arrive: the host is told in the channel where to see what it says.

    What else is private can be seen with a command, and is left unsaid.
    """
    if not delivery.kind.falls_back_to_channel:
        reason = "their private messages are closed"
        record_end(
            transaction, delivery.delivery_id, state=DeliveryState.WITHDRAWN, error=reason, now=now
        )
        return
    transaction.run(
        """
        UPDATE delivery SET is_private = 0, state = 'pending', try_at = :now, attempts = 0,
            first_try_at = NULL, channel_id = COALESCE(
                (SELECT mirror.channel_id FROM mirror
                 WHERE mirror.session_id = delivery.session_id AND mirror.kind = 'card'),
                (SELECT guild.channel_id FROM guild WHERE guild.guild_id = delivery.guild_id))
        WHERE delivery_id = :delivery_id
        """,
        now=epoch(now),
        delivery_id=delivery.delivery_id,
    )
