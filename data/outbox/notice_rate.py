"""How many messages of what members cause may come in an hour: what exceeds that waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data.limits import (
    MOST_NEWCOMER_WORDS,
    MOST_NOTICES,
    MOST_NOTICES_OF_CHANNEL,
    NOTICES_WINDOW,
)
from data.outbox.kinds import NEWCOMER, names_where
from data.rows import epoch
from data.store.transaction import Transaction

_LIMITED = names_where(lambda kind: kind.is_limited)
_NO_NOTICES = names_where(lambda kind: kind.becomes is not None)


@dataclass(frozen=True, slots=True, eq=False)
class _Rate:
    """The most messages that one session, channel or reader has in each NOTICES_WINDOW.

    The texts are SQL: a column, what counts, and which messages wait.
    """

    column: str
    most: int
    counted: str
    waiting: str


_OF_SESSION = _Rate(
    "session_id",
    MOST_NOTICES,
    counted=f"is_private = 0 AND part = 0 AND kind NOT IN {_NO_NOTICES}",
    waiting=f"is_private = 0 AND session_id IS NOT NULL AND kind IN {_LIMITED}",
)
_OF_CHANNEL = _Rate(
    "channel_id",
    MOST_NOTICES_OF_CHANNEL,
    counted=f"is_private = 0 AND part = 0 AND kind IN {_LIMITED}",
    waiting=f"is_private = 0 AND kind IN {_LIMITED}",
)
_OF_HOST = _Rate(
    "channel_id",
    MOST_NEWCOMER_WORDS,
    counted=f"is_private = 1 AND kind = '{NEWCOMER.name}'",
    waiting=f"is_private = 1 AND kind = '{NEWCOMER.name}'",
)


def hold_back(transaction: Transaction, *, now: datetime) -> None:
    """Delays due messages of limited kinds whose session or channel has had its share of this hour.

    Also word of newcomers, if its host had theirs. They wait until the oldest of these is an hour
    old; meanwhile others of their kind may join them. Other kinds are not delayed, and count for
    their session.
    """
    for rate in (_OF_SESSION, _OF_CHANNEL, _OF_HOST):
        # A message that was not tried yet; its other parts go with it.
        new = f"""state IN ('pending', 'sending') AND try_at <= :now
            AND attempts = 0 AND part = 0 AND {rate.waiting}"""
        for row in transaction.all(
            f"SELECT DISTINCT {rate.column} AS owner_id FROM delivery WHERE {new}", now=epoch(now)
        ):
            free_at = _next_at(transaction, rate, row["owner_id"], now)
            if free_at is not None:
                transaction.run(
                    f"""
                    UPDATE delivery SET due_at = :free_at, try_at = :free_at
                    WHERE {rate.column} = :owner_id AND {new}
                    """,
                    owner_id=row["owner_id"],
                    free_at=free_at,
                    now=epoch(now),
                )


def next_notice_at(transaction: Transaction, session_id: int, now: datetime) -> int | None:
    """Returns when a session may have its next notice, in epoch seconds; None if that is now."""
    return _next_at(transaction, _OF_SESSION, session_id, now)


def _next_at(transaction: Transaction, rate: _Rate, owner_id: int, now: datetime) -> int | None:
    row = transaction.one(
        f"""
        SELECT sent_at FROM delivery
        WHERE {rate.column} = :owner_id AND sent_at > :since
            -- Since the clock was set back, if it was.
            AND sent_at <= :now AND {rate.counted}
        ORDER BY sent_at DESC LIMIT 1 OFFSET {rate.most - 1}
        """,
        owner_id=owner_id,
        since=epoch(now - NOTICES_WINDOW),
        now=epoch(now),
    )
    if row is None:
        return None
    return int(row["sent_at"]) + int(NOTICES_WINDOW.total_seconds())
