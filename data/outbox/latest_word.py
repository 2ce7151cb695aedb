"""The words of a session: messages of which a later one takes the place of those before it."""

from __future__ import annotations

from datetime import datetime

from data.limits import DUE_LOOKED_AT
from data.outbox.kinds import CANCELLED, MOVED, UNDECIDED, kind_of, names_where
from data.outbox.recipients import is_moot
from data.people.session_views import card_view
from data.rows import epoch
from data.store.transaction import Transaction

# That a session is called off withdraws all else anyway.
_WORDS = names_where(lambda kind: kind.is_word and kind is not CANCELLED)
_FIRST_PARTS = f"kind IN {_WORDS} AND part = 0 AND state IN ('pending', 'sending')"
IS_OVERTAKEN = f"""(
    kind IN {_WORDS} AND EXISTS (
        SELECT 1 FROM delivery AS newer
        WHERE newer.session_id = delivery.session_id AND newer.kind IN {_WORDS}
            AND newer.part = 0 AND newer.state = 'sent'
            AND (newer.due_at, newer.delivery_id) > (delivery.due_at, delivery.delivery_id)))"""
"""SQL: a word of a session that was to come after this one has been sent."""


def leave_latest_words(transaction: Transaction, *, now: datetime) -> None:
    """Withdraws words of sessions that are due together with a later one, so that one is sent.

    They were not tried yet: the bot was away, or they waited. A notice of a move that is owed stays
    instead of later ones, because nothing else tells what was before.
    """
    for found in transaction.all(
        f"""
        SELECT DISTINCT session_id FROM (
            SELECT session_id FROM delivery
            WHERE {_FIRST_PARTS} AND is_private = 0 AND try_at <= :now AND attempts = 0
                AND EXISTS (
                    SELECT 1 FROM delivery AS other
                    WHERE other.session_id = delivery.session_id
                        AND other.kind IN {_WORDS} AND other.part = 0
                        AND other.delivery_id <> delivery.delivery_id
                        AND other.state IN ('pending', 'sending') AND other.due_at <= :now)
            ORDER BY try_at, delivery_id LIMIT :looked_at) AS due
        """,
        now=epoch(now),
        looked_at=DUE_LOOKED_AT,
    ):
        _leave_latest_word(transaction, found["session_id"], now)


def _leave_latest_word(transaction: Transaction, session_id: int, now: datetime) -> None:
    view = card_view(transaction, session_id)
    owed = [
        row
        for row in transaction.all(
            f"""
            SELECT * FROM delivery
            WHERE session_id = :session_id AND {_FIRST_PARTS} AND due_at <= :now
            -- At the same moment, a reminder asks in place of the question.
            ORDER BY due_at, CASE WHEN kind = '{UNDECIDED.name}' THEN 0 ELSE 1 END, delivery_id
            """,
            session_id=session_id,
            now=epoch(now),
        )
        if not is_moot(transaction, kind_of(row["kind"]), row, view)
    ]
    if not owed:
        return
    moves = [row for row in owed if row["kind"] == MOVED.name]
    latest = (moves or owed)[-1]
    if latest["useful_until"] <= epoch(now):
        return  # none is sent, and each is told as missed
    for row in owed:
        is_new = row["attempts"] == 0 and row["try_at"] <= epoch(now)
        if is_new and row is not latest and row["kind"] != MOVED.name:
            transaction.run(
                "UPDATE delivery SET state = 'withdrawn' WHERE delivery_id = :delivery_id",
                delivery_id=row["delivery_id"],
            )
