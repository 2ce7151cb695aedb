"""What the bot owes about certain people: a seat, an offer, a newcomer, a question to the host.

Such a row names its people in ``delivery_recipient``; whoever joins before it is sent shares it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.limits import NEWCOMERS_TOGETHER
from data.models import DeliveryKind
from data.outbox.plan import owe
from data.rows import epoch
from data.store.transaction import Row, Transaction


def owe_to(
    transaction: Transaction,
    session_id: int,
    kind: DeliveryKind,
    user_ids: Sequence[int],
    *,
    now: datetime,
    useful_until: int | None = None,
) -> None:
    """Owe certain people of a session word in the channel, until its end or a moment."""
    session = _with_channel(transaction, session_id)
    _join_or_owe(
        transaction,
        session,
        kind,
        user_ids,
        channel_id=session["channel_id"],
        due=epoch(now),
        useful_until=session["ends_at"] if useful_until is None else useful_until,
    )


def owe_no_longer(
    transaction: Transaction, session_id: int, user_id: int, kind: DeliveryKind
) -> None:
    """Somebody gave their seat back before anybody was told that they have it."""
    transaction.run(
        """
        DELETE FROM delivery_recipient WHERE user_id = :user_id AND delivery_id IN (
            SELECT delivery_id FROM delivery
            WHERE session_id = :session_id AND kind = :kind
                AND state = 'pending' AND attempts = 0)
        """,
        session_id=session_id,
        kind=kind,
        user_id=user_id,
    )


def owe_newcomer(transaction: Transaction, session_id: int, user_id: int, *, now: datetime) -> None:
    """Owe the host private word of somebody who comes along for the first time, once.

    After a while, so that several are told of together and a change of mind goes unmentioned.
    """
    session = _with_channel(transaction, session_id)
    if not _stands(transaction, session_id, DeliveryKind.NEWCOMER, user_id):
        later = epoch(now + NEWCOMERS_TOGETHER)
        _join_or_owe(
            transaction,
            session,
            DeliveryKind.NEWCOMER,
            [user_id],
            channel_id=session["host_id"],
            is_private=True,
            due=max(epoch(now), min(later, session["starts_at"])),
            useful_until=session["ends_at"],
        )


def owe_request(transaction: Transaction, session_id: int, user_id: int, *, now: datetime) -> None:
    """Owe the host of a session the question whether somebody may still come.

    A question that nobody has answered yet still stands in the channel, and is not asked twice.
    """
    session = _with_channel(transaction, session_id)
    if _stands(transaction, session_id, DeliveryKind.REQUEST, user_id):
        return
    delivery_id = owe(
        transaction,
        session_id,
        DeliveryKind.REQUEST,
        session["channel_id"],
        occasion=session["version"],
        due=epoch(now),
        useful_until=session["ends_at"],
    )
    add_recipients(transaction, delivery_id, [user_id])


def settle_request(transaction: Transaction, session_id: int, user_id: int) -> None:
    """The host has said whether somebody may come: the question stands no longer."""
    transaction.run(
        """
        DELETE FROM delivery_recipient WHERE user_id = :user_id AND delivery_id IN (
            SELECT delivery_id FROM delivery
            WHERE session_id = :session_id AND kind = 'request')
        """,
        session_id=session_id,
        user_id=user_id,
    )


def _stands(transaction: Transaction, session_id: int, kind: DeliveryKind, user_id: int) -> bool:
    """Whether such a message about somebody has gone out, or will."""
    row = transaction.one(
        """
        SELECT 1 FROM delivery JOIN delivery_recipient USING (delivery_id)
        WHERE session_id = :session_id AND kind = :kind AND user_id = :user_id
            AND state IN ('pending', 'sending', 'sent')
        """,
        session_id=session_id,
        kind=kind,
        user_id=user_id,
    )
    return row is not None


def _with_channel(transaction: Transaction, session_id: int) -> Row:
    row = transaction.one(
        """
        SELECT session_id, version, starts_at, ends_at, host_id,
            COALESCE(card_channel_id, channel_id) AS channel_id
        FROM session JOIN guild USING (guild_id) WHERE session_id = :session_id
        """,
        session_id=session_id,
    )
    assert row is not None  # a foreign key holds it
    return row


def _join_or_owe(
    transaction: Transaction,
    session: Row,
    kind: DeliveryKind,
    user_ids: Sequence[int],
    *,
    channel_id: int,
    due: int,
    useful_until: int,
    is_private: bool = False,
) -> None:
    """Owe one message for several: people join the last one of its kind that is still unsent."""
    unsent = transaction.one(
        """
        UPDATE delivery SET useful_until = MAX(useful_until, :useful_until)
        WHERE session_id = :session_id AND kind = :kind AND part = 0
            AND state = 'pending' AND attempts = 0
        RETURNING delivery_id
        """,
        session_id=session["session_id"],
        kind=kind,
        useful_until=useful_until,
    )
    if unsent is not None:
        delivery_id = unsent["delivery_id"]
    else:
        delivery_id = owe(
            transaction,
            session["session_id"],
            kind,
            channel_id,
            is_private=is_private,
            occasion=session["version"],
            due=due,
            useful_until=useful_until,
        )
    add_recipients(transaction, delivery_id, user_ids)


def add_recipients(transaction: Transaction, delivery_id: int, user_ids: Sequence[int]) -> None:
    for user_id in user_ids:
        transaction.run(
            """
            INSERT INTO delivery_recipient (delivery_id, user_id) VALUES (:delivery_id, :user_id)
            ON CONFLICT (delivery_id, user_id) DO NOTHING
            """,
            delivery_id=delivery_id,
            user_id=user_id,
        )
