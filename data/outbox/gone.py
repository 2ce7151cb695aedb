"""What becomes of what depended on a card or a channel that was deleted in Discord."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from data.channels import settings_in
from data.models import DeliveryState, Mirror, Session
from data.outbox.addresses import readdress_from
from data.outbox.alerts import tell_organizers_soon
from data.outbox.deliveries import Delivery
from data.outbox.errors import DeliveryError, ErrorCode, text_of
from data.outbox.failures import tell_host_soon
from data.outbox.outcomes import record_end
from data.outbox.plan import plan
from data.rows import epoch, session_of
from data.store.transaction import Transaction


def card_gone(transaction: Transaction, card: Mirror, *, now: datetime) -> None:
    """Removes a card that was deleted, and has its host told how to post it again."""
    lost = _lose_cards(
        transaction, "mirror_id = :mirror_id", ErrorCode.CARD_DELETED, now, mirror_id=card.mirror_id
    )
    _tell(transaction, lost, ErrorCode.CARD_DELETED, now)


def channel_gone(
    transaction: Transaction, guild_id: int, channel_id: int, *, now: datetime
) -> None:
    """Removes the mirrors in a channel that was deleted, and plans what depended on it anew.

    1. The cards that were there are lost.
    2. Sessions ahead that belong to another channel by now get new ones there.
    3. Other messages owed to the channel go where their session, series or server is now.
    4. Hosts and organizers are told of the cards that have no channel to go to.
    """
    lost = _lose_cards(
        transaction,
        "mirror.channel_id = :channel_id",
        ErrorCode.CHANNEL_GONE,
        now,
        channel_id=channel_id,
    )
    transaction.run("DELETE FROM mirror WHERE channel_id = :channel_id", channel_id=channel_id)
    readdress_from(transaction, channel_id, is_gone=True)
    for row in transaction.all(
        """
        SELECT * FROM session
        WHERE guild_id = :guild_id AND ends_at > :now AND channel_id <> :channel_id
            AND EXISTS (
                SELECT 1 FROM delivery
                WHERE delivery.session_id = session.session_id
                    AND delivery.channel_id = :channel_id AND delivery.is_private = 0)
        """,
        guild_id=guild_id,
        channel_id=channel_id,
        now=epoch(now),
    ):
        plan(transaction, session_of(row), now=now)
    _tell(transaction, lost, ErrorCode.CHANNEL_GONE, now)


def record_channel_gone(transaction: Transaction, delivery: Delivery, *, now: datetime) -> None:
    """Notes that the channel is gone to which a claimed message goes.

    It goes where its session, series or server is by now; if that is nowhere else, it has failed.
    """
    values = {"delivery_id": delivery.delivery_id, "channel_id": delivery.channel_id}
    transaction.run(
        "UPDATE delivery SET state = 'pending' WHERE delivery_id = :delivery_id", **values
    )
    channel_gone(transaction, delivery.owner.guild_id, delivery.channel_id, now=now)
    stays = transaction.one(
        """
        SELECT 1 FROM delivery
        WHERE delivery_id = :delivery_id AND channel_id = :channel_id AND state = 'pending'
        """,
        **values,
    )
    if stays is not None:
        error = DeliveryError(ErrorCode.CHANNEL_GONE)
        record_end(
            transaction, delivery.delivery_id, state=DeliveryState.FAILED, error=error, now=now
        )


def channels_in_use(transaction: Transaction, guild_id: int, *, now: datetime) -> list[int]:
    """Returns the channel for a server's jellies, and those with a card of a session ahead."""
    rows = transaction.all(
        """
        SELECT channel_id FROM channel WHERE guild_id = :guild_id
        UNION
        SELECT mirror.channel_id FROM session JOIN mirror USING (session_id)
        WHERE session.guild_id = :guild_id AND ends_at > :now AND mirror.channel_id IS NOT NULL
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    return [row["channel_id"] for row in rows]


def sessions_without_card(
    transaction: Transaction, guild_id: int, *, now: datetime
) -> list[Session]:
    """Returns sessions ahead whose card is due, but neither posted, nor owed, nor failed."""
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE guild_id = :guild_id AND ends_at > :now AND state = 'scheduled'
            AND NOT EXISTS (
                SELECT 1 FROM mirror
                WHERE mirror.session_id = session.session_id AND mirror.kind = 'card')
            AND NOT EXISTS (
                SELECT 1 FROM delivery
                WHERE delivery.session_id = session.session_id
                    AND delivery.kind = 'announcement'
                    AND delivery.state IN ('pending', 'sending', 'failed'))
        ORDER BY starts_at
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    return [session for row in rows if _is_announced(transaction, session := session_of(row), now)]


def _is_announced(transaction: Transaction, session: Session, now: datetime) -> bool:
    settings = settings_in(transaction, session.channel_id)
    return settings.announced_at(session.starts_at, session.schedule.zone) <= now


def post_missing_cards(
    transaction: Transaction, guild_id: int, channels: Collection[int], *, now: datetime
) -> int:
    """Owes those of these cards that belong to these channels; returns how many."""
    sessions = sessions_without_card(transaction, guild_id, now=now)
    missing = [session for session in sessions if session.channel_id in channels]
    for session in missing:
        transaction.run(
            """
            UPDATE delivery SET state = 'withdrawn'
            WHERE session_id = :session_id AND kind = 'announcement'
            """,
            session_id=session.session_id,
        )
        plan(transaction, session, now=now)
    return len(missing)


def _lose_cards(
    transaction: Transaction, which: str, code: ErrorCode, now: datetime, **values: object
) -> list[int]:
    """Removes cards; returns the announcements of sessions ahead, which have failed by that."""
    lost = transaction.all(
        f"""
        UPDATE delivery SET state = 'failed', error = :error
        WHERE kind = 'announcement' AND state = 'sent' AND session_id IN (
            SELECT session_id FROM mirror JOIN session USING (session_id)
            WHERE {which} AND mirror.kind = 'card' AND session.state = 'scheduled'
                AND ends_at > :now)
        RETURNING delivery_id
        """,
        error=text_of(DeliveryError(code)),
        now=epoch(now),
        **values,
    )
    transaction.run(f"DELETE FROM mirror WHERE {which} AND kind = 'card'", **values)
    return [row["delivery_id"] for row in lost]


def _tell(transaction: Transaction, lost: list[int], code: ErrorCode, now: datetime) -> None:
    """Owes hosts and organizers word of those of these announcements that are not owed anew."""
    for delivery_id in lost:
        row = transaction.one(
            "SELECT 1 FROM delivery WHERE delivery_id = :delivery_id AND state = 'failed'",
            delivery_id=delivery_id,
        )
        if row is not None:
            tell_host_soon(transaction, delivery_id, now=now)
            tell_organizers_soon(transaction, delivery_id, DeliveryError(code), now=now)
