"""Whom a session has notified about, by kind of message: about each member once."""

from __future__ import annotations

from collections.abc import Sequence

from data.models import Rsvp
from data.outbox.kinds import Kind
from data.people.pseudonyms import stands_for
from data.store.transaction import Transaction


def pinged(
    transaction: Transaction, session_id: int, kind: Kind, people: Sequence[Rsvp]
) -> frozenset[int]:
    """Returns the members about whom a message of a limited kind has notified someone before."""
    if not kind.is_limited:
        return frozenset()
    return frozenset(
        rsvp.user_id
        for rsvp in people
        if transaction.one(
            """
            SELECT 1 FROM ping
            WHERE session_id = :session_id AND user_id IN (:user_id, :hash) AND reason = :reason
            """,
            session_id=session_id,
            user_id=rsvp.user_id,
            hash=stands_for(transaction, rsvp.user_id)[1],
            reason=kind.name,
        )
        is not None
    )


def note_pings(
    transaction: Transaction, session_id: int, kind: Kind, people: Sequence[Rsvp]
) -> None:
    """Notes that a message of a kind has notified someone about members, if that is limited."""
    for rsvp in people if kind.is_limited else ():
        transaction.run(
            """
            INSERT INTO ping (session_id, user_id, reason)
            VALUES (:session_id, :user_id, :reason)
            ON CONFLICT (session_id, user_id, reason) DO NOTHING
            """,
            session_id=session_id,
            user_id=rsvp.user_id,
            reason=kind.name,
        )
