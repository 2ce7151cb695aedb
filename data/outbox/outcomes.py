"""Outcomes of a claimed message: it arrived, failed, has to wait, or goes to the channel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from data.deletions import delete_message_of
from data.mirrors import note_mirror
from data.models import DeliveryState
from data.outbox.alerts import readdress, tell_organizers_soon
from data.outbox.deliveries import Delivery
from data.outbox.errors import DeliveryError, ErrorCode, text_of
from data.outbox.failures import tell_host_soon
from data.outbox.pings import note_pings
from data.outbox.standing import tidy_after
from data.rows import epoch
from data.store.transaction import Transaction


def record_sent(
    transaction: Transaction,
    delivery: Delivery,
    *,
    message_id: int | None,
    named: Collection[int] | None = None,
    now: datetime,
    doubt: DeliveryError | None = None,
) -> bool:
    """Notes that a message arrived, whom it names, and about whom it notified someone.

    ``named`` is None if whom it names is not known. That of an announcement becomes the session's
    card. ``doubt`` says why it may have arrived twice. Returns whether the new card already lags
    behind.
    """
    recorded = transaction.one(
        """
        UPDATE delivery SET state = 'sent', message_id = :message_id, error = :doubt,
            sent_at = :now, names_known = :names_known
        WHERE delivery_id = :delivery_id RETURNING is_unwanted
        """,
        delivery_id=delivery.delivery_id,
        now=epoch(now),
        message_id=message_id,
        doubt=text_of(doubt),
        names_known=int(named is not None),
    )
    if recorded is not None and recorded["is_unwanted"]:
        # Whom it is about, the store may know no more.
        delete_message_of(transaction, delivery.delivery_id, at=now)
    else:
        _note_named(transaction, delivery.delivery_id, named or ())
    if not (recorded and recorded["is_unwanted"]) and delivery.owner.session_id is not None:
        note_pings(transaction, delivery.owner.session_id, delivery.kind, delivery.people)
    if message_id is not None:
        tidy_after(transaction, delivery, now=now)
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
    # The message that arrived may be from an earlier attempt, and show an older version.
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


def _note_named(transaction: Transaction, delivery_id: int, user_ids: Collection[int]) -> None:
    for user_id in user_ids:
        transaction.run(
            """
            INSERT INTO delivery_named (delivery_id, user_id) VALUES (:delivery_id, :user_id)
            ON CONFLICT (delivery_id, user_id) DO NOTHING
            """,
            delivery_id=delivery_id,
            user_id=user_id,
        )


def recorded_messages(transaction: Transaction, message_ids: Sequence[int]) -> set[int]:
    """Returns which of these messages are deliveries that are recorded as sent."""
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
    error: DeliveryError,
    now: datetime,
) -> None:
    """Notes that a message will not arrive, and why: it failed, expired or was withdrawn.

    The host is owed a message about it, unless it was withdrawn, and organizers if they can mend
    it. Word to organizers goes to the next of them instead of failing.
    """
    is_unread = state is DeliveryState.FAILED
    is_wrong = error.code in (
        ErrorCode.PRIVATE_CLOSED,
        ErrorCode.NOT_ORGANIZER,
        ErrorCode.HOST_LEFT,
    )
    if (is_unread or is_wrong) and readdress(transaction, delivery_id, now=now):
        return
    transaction.run(
        "UPDATE delivery SET state = :state, error = :error WHERE delivery_id = :delivery_id",
        delivery_id=delivery_id,
        state=state,
        error=text_of(error),
    )
    if state in (DeliveryState.EXPIRED, DeliveryState.FAILED):
        tell_host_soon(transaction, delivery_id, now=now)
    if state is DeliveryState.FAILED:
        tell_organizers_soon(transaction, delivery_id, error, now=now)


def postpone(
    transaction: Transaction, delivery_id: int, *, until: datetime, error: DeliveryError | None
) -> None:
    """Makes a claimed message due again later, because of a temporary error."""
    transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = :until, error = :error
        WHERE delivery_id = :delivery_id AND state = 'sending'
        """,
        delivery_id=delivery_id,
        until=epoch(until),
        error=text_of(error),
    )


def say_in_channel(transaction: Transaction, delivery: Delivery, *, now: datetime) -> None:
    """Moves a private message that can't arrive to the channel, to say where its content is.

    Kinds without ``falls_back_to_channel`` are withdrawn, because a command shows their content.
    """
    if not delivery.kind.falls_back_to_channel:
        record_end(
            transaction,
            delivery.delivery_id,
            state=DeliveryState.WITHDRAWN,
            error=DeliveryError(ErrorCode.PRIVATE_CLOSED),
            now=now,
        )
        return
    channel_id = None if delivery.card is None else delivery.card.channel_id
    if channel_id is None and delivery.view is not None:
        channel_id = delivery.view.session.channel_id
    if channel_id is None and delivery.series is not None:
        channel_id = delivery.series.channel_id
    transaction.run(
        """
        UPDATE delivery SET is_private = 0, state = 'pending', try_at = :now, attempts = 0,
            first_try_at = NULL, channel_id = COALESCE(:channel_id,
                (SELECT channel.channel_id FROM channel
                 WHERE channel.guild_id = delivery.guild_id LIMIT 1))
        WHERE delivery_id = :delivery_id AND state = 'sending'
        """,
        now=epoch(now),
        channel_id=channel_id,
        delivery_id=delivery.delivery_id,
    )
