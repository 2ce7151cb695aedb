"""Messages in Discord that are to go, or lose their buttons: a row each, until Discord answered."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from data.rows import epoch
from data.store.transaction import Transaction


class Deletion(NamedTuple):
    channel_id: int
    message_id: int
    attempts: int
    only_buttons: bool
    """Whether only the buttons to answer go, and the text stays."""


def delete_soon(
    transaction: Transaction,
    *,
    guild_id: int,
    channel_id: int,
    message_id: int,
    only_buttons: bool = False,
    at: datetime,
) -> None:
    """Has a message of the bot deleted at a moment; a private one by its private channel.

    If that is to happen anyway, the earlier moment counts, and the whole message rather than its
    buttons.
    """
    transaction.run(
        """
        INSERT INTO deletion (channel_id, message_id, guild_id, try_at, only_buttons)
        VALUES (:channel_id, :message_id, :guild_id, :at, :only_buttons)
        ON CONFLICT (channel_id, message_id) DO UPDATE SET
            try_at = CASE WHEN excluded.try_at < deletion.try_at
                OR excluded.only_buttons < deletion.only_buttons
                THEN excluded.try_at ELSE deletion.try_at END,
            only_buttons = CASE WHEN excluded.only_buttons < deletion.only_buttons
                THEN excluded.only_buttons ELSE deletion.only_buttons END
        """,
        channel_id=channel_id,
        message_id=message_id,
        guild_id=guild_id,
        only_buttons=int(only_buttons),
        at=epoch(at),
    )


def delete_message_of(transaction: Transaction, delivery_id: int, *, at: datetime) -> None:
    """Has the message of a delivery deleted at a moment, if it arrived and its channel is known."""
    row = transaction.one(
        """
        SELECT guild_id, message_id, CASE WHEN is_private = 1
            THEN private_channel.channel_id ELSE delivery.channel_id END AS place
        FROM delivery LEFT JOIN private_channel ON user_id = delivery.channel_id
        WHERE delivery_id = :delivery_id AND message_id IS NOT NULL
        """,
        delivery_id=delivery_id,
    )
    if row is not None and row["place"] is not None:
        delete_soon(
            transaction,
            guild_id=row["guild_id"],
            channel_id=row["place"],
            message_id=row["message_id"],
            at=at,
        )


def claim_deletions(
    transaction: Transaction, *, now: datetime, until: datetime, limit: int
) -> list[Deletion]:
    """Returns messages to delete now, oldest first; unless settled, they are due again ``until``.

    So what a crash leaves undone is done later.
    """
    claimed: list[Deletion] = []
    for row in transaction.all(
        "SELECT * FROM deletion WHERE try_at <= :now ORDER BY try_at LIMIT :limit",
        now=epoch(now),
        limit=limit,
    ):
        one = Deletion(
            row["channel_id"], row["message_id"], row["attempts"] + 1, bool(row["only_buttons"])
        )
        transaction.run(
            """
            UPDATE deletion SET try_at = :until, attempts = attempts + 1
            WHERE channel_id = :channel_id AND message_id = :message_id
            """,
            until=epoch(until),
            channel_id=one.channel_id,
            message_id=one.message_id,
        )
        claimed.append(one)
    return claimed


def release_deletions(transaction: Transaction, *, now: datetime) -> None:
    """Makes due what was tried and is not settled. Only at the start, when nothing is deleted."""
    transaction.run(
        "UPDATE deletion SET try_at = :now WHERE attempts > 0 AND try_at > :now", now=epoch(now)
    )


def settle_deletion(transaction: Transaction, deletion: Deletion) -> None:
    """Notes that a message is gone, or stays for good; or that its buttons are or do."""
    transaction.run(
        """
        DELETE FROM deletion
        -- Meanwhile the whole message may have to go.
        WHERE channel_id = :channel_id AND message_id = :message_id
            AND only_buttons = :only_buttons
        """,
        channel_id=deletion.channel_id,
        message_id=deletion.message_id,
        only_buttons=int(deletion.only_buttons),
    )
    if not deletion.only_buttons:
        transaction.run(
            "UPDATE delivery SET is_superseded = 1 WHERE message_id = :message_id",
            message_id=deletion.message_id,
        )


def put_off_deletion(transaction: Transaction, deletion: Deletion, *, until: datetime) -> None:
    transaction.run(
        """
        UPDATE deletion SET try_at = :until
        WHERE channel_id = :channel_id AND message_id = :message_id
        """,
        until=epoch(until),
        channel_id=deletion.channel_id,
        message_id=deletion.message_id,
    )
