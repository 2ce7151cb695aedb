"""How many notices a session may have in its channel in an hour: what exceeds that waits."""

from __future__ import annotations

from datetime import datetime

from data.limits import MOST_NOTICES, NOTICES_WINDOW
from data.outbox.kinds import names_where
from data.rows import epoch
from data.store.transaction import Transaction

_LIMITED = names_where(lambda kind: kind.is_limited)
_NO_NOTICES = names_where(lambda kind: kind.becomes is not None)
_NEW = f"""state IN ('pending', 'sending') AND is_private = 0 AND try_at <= :now
    AND attempts = 0 AND part = 0 AND session_id IS NOT NULL AND kind IN {_LIMITED}"""
"""SQL: a due message of a limited kind that was not tried yet; its other parts go with it."""


def hold_back(transaction: Transaction, *, now: datetime) -> None:
    """Delays due messages of limited kinds whose session has had its notices of this hour.

    They wait until the oldest of these is an hour old; meanwhile others of their kind may join
    them. Other kinds are not delayed, and count.
    """
    for row in transaction.all(
        f"SELECT DISTINCT session_id FROM delivery WHERE {_NEW}", now=epoch(now)
    ):
        free_at = next_notice_at(transaction, row["session_id"], now)
        if free_at is not None:
            transaction.run(
                f"""
                UPDATE delivery SET due_at = :free_at, try_at = :free_at
                WHERE session_id = :session_id AND {_NEW}
                """,
                session_id=row["session_id"],
                free_at=free_at,
                now=epoch(now),
            )


def next_notice_at(transaction: Transaction, session_id: int, now: datetime) -> int | None:
    """Returns when a session may have its next notice, in epoch seconds; None if that is now."""
    row = transaction.one(
        f"""
        SELECT sent_at FROM delivery
        WHERE session_id = :session_id AND sent_at > :since
            -- Since the clock was set back, if it was.
            AND sent_at <= :now
            AND is_private = 0 AND part = 0 AND kind NOT IN {_NO_NOTICES}
        ORDER BY sent_at DESC LIMIT 1 OFFSET {MOST_NOTICES - 1}
        """,
        session_id=session_id,
        since=epoch(now - NOTICES_WINDOW),
        now=epoch(now),
    )
    if row is None:
        return None
    return int(row["sent_at"]) + int(NOTICES_WINDOW.total_seconds())
