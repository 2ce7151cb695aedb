"""What channels were told of one person's jellies: cards, moves, callings-off."""

from __future__ import annotations

from datetime import datetime

from data.limits import CORRECTIONS_TOGETHER
from data.outbox.kinds import ANNOUNCEMENT, CANCELLED, MOVED, names_where
from data.rows import epoch, moment
from data.store.transaction import Transaction

_CHANGES = names_where(lambda kind: kind in (ANNOUNCEMENT, MOVED, CANCELLED))


def last_told_of(
    transaction: Transaction,
    guild_id: int,
    user_id: int,
    *,
    since: datetime,
    limit: int,
    now: datetime,
) -> list[datetime]:
    """Returns when channels were told of jellies that a person scheduled or hosts, latest first.

    What is about to be told counts, so that nobody is faster than the outbox.
    """
    rows = transaction.all(
        f"""
        SELECT at FROM (
            SELECT session_id, sent_at AS at FROM delivery
            WHERE channel_id IN (SELECT channel_id FROM channel WHERE guild_id = :guild_id)
                AND sent_at > :since AND part = 0 AND kind IN {_CHANGES}
            UNION ALL
            SELECT session_id, CASE WHEN due_at < :now THEN :now ELSE due_at END AS at
            FROM delivery
            WHERE guild_id = :guild_id AND state IN ('pending', 'sending') AND due_at <= :soon
                AND part = 0 AND kind IN {_CHANGES}) AS told
        JOIN session ON session.session_id = told.session_id
        WHERE :user_id IN (created_by, host_id)
        ORDER BY at DESC LIMIT :limit
        """,
        guild_id=guild_id,
        user_id=user_id,
        since=epoch(since),
        now=epoch(now),
        soon=epoch(now + CORRECTIONS_TOGETHER),
        limit=limit,
    )
    return [moment(row["at"]) for row in rows]
