"""Whether people other than its host come to a session: what "nobody" means in every rule.

The guests of the host are such people.
"""

from __future__ import annotations

from data.models import Session
from data.store.transaction import Transaction

_IS_ANOTHER = "(rsvp.user_id <> session.host_id OR rsvp.guests > 0)"

HAD_OTHERS = f"""EXISTS (
    SELECT 1 FROM rsvp WHERE rsvp.session_id = session.session_id
        AND (rsvp.answer = 'going' OR rsvp.came = 1) AND {_IS_ANOTHER})"""
"""SQL: whether anybody but the host of a row of ``session`` is going, or was there."""


def concerns_others(transaction: Transaction, session: Session) -> bool:
    """Returns whether anybody but the host has given an answer other than no."""
    row = transaction.one(
        f"""
        SELECT 1 FROM session JOIN rsvp ON rsvp.session_id = session.session_id
        WHERE session.session_id = :session_id AND answer <> 'declined' AND {_IS_ANOTHER} LIMIT 1
        """,
        session_id=session.session_id,
    )
    return row is not None


def count_others(transaction: Transaction, session: Session) -> int:
    """Returns how many people other than the host said more than no.

    Guests are people, also those of the host.
    """
    row = transaction.one(
        """
        SELECT COUNT(*) FILTER (WHERE user_id <> :host_id) + COALESCE(SUM(guests), 0) AS people
        FROM rsvp WHERE session_id = :session_id AND answer <> 'declined'
        """,
        session_id=session.session_id,
        host_id=session.details.host_id,
    )
    assert row is not None  # a sum always returns a row
    return int(row["people"])
