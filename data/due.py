"""What is due by time, apart from messages: changes of sessions and offers that run out."""

from __future__ import annotations

from datetime import datetime

from data.forget_servers import next_deletion
from data.limits import PASSED_AT_ONCE
from data.outbox.standing import tidy
from data.outbox.thanks import owe_thanks
from data.people.seats import lapse_offers
from data.rows import epoch, moment
from data.schedule.last_dates import look_at_series
from data.schedule.pauses import ask_whether_to_go_on
from data.store.transaction import Transaction


def follow_clock(transaction: Transaction, *, now: datetime) -> bool:
    """Applies changes that depend only on time; returns whether a mirror lags because of them.

    At most PASSED_AT_ONCE of them: call it again while something is due.

    1. Offers of seats that ran out go to the next on the waiting list.
    2. The version of sessions that begin, end or close their answers is raised.
    3. Messages of these sessions that stand no more are deleted.
    4. After the end of a session: owes the question whether its series goes on, and the thanks to
       its month's hosts; and has a series without further dates looked at.
    """
    lapsed = lapse_offers(transaction, now=now)
    passed = transaction.all(
        "SELECT session_id FROM session_boundary WHERE at <= :now ORDER BY at LIMIT :limit",
        now=epoch(now),
        limit=PASSED_AT_ONCE,
    )
    sessions = dict.fromkeys(row["session_id"] for row in passed)
    for session_id in sessions:
        row = transaction.one(
            """
            UPDATE session SET version = version + 1
            WHERE session_id = :session_id AND state = 'scheduled'
            RETURNING series_id
            """,
            session_id=session_id,
        )
        transaction.run(
            "DELETE FROM session_boundary WHERE session_id = :session_id AND at <= :now",
            session_id=session_id,
            now=epoch(now),
        )
        tidy(transaction, session_id, now=now)
        ask_whether_to_go_on(transaction, session_id, now=now)
        owe_thanks(transaction, session_id, now=now)
        look_at_series(transaction, row["series_id"] if row else None, now=now)
    return bool(lapsed or sessions)


def next_due(transaction: Transaction) -> datetime | None:
    """Returns when something is next due, or None if nothing is.

    That is a message, deletion, session, series or offer, or a server that was removed or is back.
    """
    moments = [
        row["at"]
        for row in (
            *(
                transaction.one(
                    """
                    SELECT MIN(try_at) AS at FROM delivery
                    WHERE state IN ('pending', 'sending') AND is_private = :is_private
                    """,
                    is_private=is_private,
                )
                for is_private in (0, 1)
            ),
            transaction.one("SELECT MIN(at) AS at FROM session_boundary"),
            transaction.one("SELECT MIN(settle_at) AS at FROM guild WHERE settle_at IS NOT NULL"),
            transaction.one("SELECT MIN(0) AS at FROM channel WHERE replanned_until IS NOT NULL"),
            transaction.one("SELECT MIN(extend_at) AS at FROM series WHERE extend_at IS NOT NULL"),
            transaction.one("SELECT MIN(try_at) AS at FROM deletion"),
            transaction.one(
                "SELECT MIN(offered_until) AS at FROM rsvp WHERE offered_until IS NOT NULL"
            ),
        )
        if row is not None and row["at"] is not None
    ]
    if (deletion := next_deletion(transaction)) is not None:
        moments.append(epoch(deletion))
    return moment(min(moments)) if moments else None
