"""Messages about certain members: a seat, an offer, a newcomer, a question to the host.

Such a row names its members in ``delivery_recipient``; members can join it until it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.limits import NEWCOMERS_TOGETHER
from data.models import Session
from data.outbox.kinds import NEWCOMER, OFFER, ON_BEHALF, PROMOTED, REQUEST, Kind
from data.outbox.owe import add_recipients, owe
from data.outbox.plan import channel_of
from data.rows import epoch
from data.schedule.find import session_now
from data.store.transaction import Transaction


def owe_to(
    transaction: Transaction,
    session: Session,
    kind: Kind,
    user_ids: Sequence[int],
    *,
    now: datetime,
    useful_until: datetime | None = None,
) -> None:
    """Owes certain members of a session a message in the channel, useful until its end or a moment.

    They join the unsent message of that kind, if there is one. Who is told of a seat needs no
    unsent word that someone put them in line for it.
    """
    for user_id in user_ids if kind in (PROMOTED, OFFER) else ():
        owe_no_longer(transaction, session.session_id, user_id, ON_BEHALF)
    _join_or_owe(
        transaction,
        session,
        kind,
        user_ids,
        channel_of(transaction, session),
        due=now,
        useful_until=useful_until or session.ends_at,
    )


def owe_no_longer(transaction: Transaction, session_id: int, user_id: int, kind: Kind) -> None:
    """Removes a member from unsent messages of a kind, because it is news no more."""
    transaction.run(
        """
        DELETE FROM delivery_recipient WHERE user_id = :user_id AND delivery_id IN (
            SELECT delivery_id FROM delivery
            WHERE session_id = :session_id AND kind = :kind
                AND state = 'pending' AND attempts = 0)
        """,
        session_id=session_id,
        kind=kind.name,
        user_id=user_id,
    )


def owe_newcomer(
    transaction: Transaction, session: Session, user_id: int, *, now: datetime
) -> None:
    """Owes the host a private message, once, that a member comes for the first time.

    It is due after NEWCOMERS_TOGETHER, at the latest at the start, so that several newcomers share
    it and a changed answer is not reported.
    """
    if not _is_told(transaction, session, NEWCOMER, user_id):
        later = min(now + NEWCOMERS_TOGETHER, session.starts_at)
        _join_or_owe(
            transaction,
            session,
            NEWCOMER,
            [user_id],
            session.details.host_id,
            due=max(now, later),
            useful_until=session.ends_at,
        )


def owe_request(transaction: Transaction, session: Session, user_id: int, *, now: datetime) -> None:
    """Owes the host of a session the question whether a member may still come.

    A question that is not answered yet stands in the channel, and is not asked twice.
    """
    if _is_told(transaction, session, REQUEST, user_id):
        return
    delivery_id = owe(
        transaction,
        session.owner,
        REQUEST,
        channel_of(transaction, session),
        occasion=session_now(transaction, session.session_id).version,
        due=epoch(now),
        useful_until=epoch(session.ends_at),
    )
    add_recipients(transaction, delivery_id, [user_id])


def settle_request(transaction: Transaction, session_id: int, user_id: int) -> None:
    """Removes a member from the questions to the host, because the host has answered."""
    transaction.run(
        """
        DELETE FROM delivery_recipient WHERE user_id = :user_id AND delivery_id IN (
            SELECT delivery_id FROM delivery
            WHERE session_id = :session_id AND kind = 'request')
        """,
        session_id=session_id,
        user_id=user_id,
    )


def _is_told(transaction: Transaction, session: Session, kind: Kind, user_id: int) -> bool:
    """Returns whether a message of a kind about a member will be sent, or was and stands."""
    row = transaction.one(
        """
        SELECT 1 FROM delivery JOIN delivery_recipient USING (delivery_id)
        WHERE session_id = :session_id AND kind = :kind AND user_id = :user_id
            AND state IN ('pending', 'sending', 'sent') AND is_superseded = 0
        """,
        session_id=session.session_id,
        kind=kind.name,
        user_id=user_id,
    )
    return row is not None


def _join_or_owe(
    transaction: Transaction,
    session: Session,
    kind: Kind,
    user_ids: Sequence[int],
    channel_id: int,
    *,
    due: datetime,
    useful_until: datetime,
) -> None:
    """Adds members to the unsent message of a kind, or owes a new one about them."""
    unsent = transaction.one(
        """
        UPDATE delivery SET useful_until =
            CASE WHEN useful_until < :useful_until THEN :useful_until ELSE useful_until END
        WHERE session_id = :session_id AND kind = :kind AND part = 0
            AND state = 'pending' AND attempts = 0
        RETURNING delivery_id
        """,
        session_id=session.session_id,
        kind=kind.name,
        useful_until=epoch(useful_until),
    )
    if unsent is not None:
        delivery_id = unsent["delivery_id"]
    else:
        delivery_id = owe(
            transaction,
            session.owner,
            kind,
            channel_id,
            occasion=session_now(transaction, session.session_id).version,
            due=epoch(due),
            useful_until=epoch(useful_until),
        )
    add_recipients(transaction, delivery_id, user_ids)
