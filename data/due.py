"""What is due by the clock, apart from messages: sessions that change by themselves, offers."""

from __future__ import annotations

from datetime import datetime

from data.outbox.thanks import owe_thanks
from data.people.seats import lapse_offers
from data.rows import epoch, moment
from data.schedule.pauses import ask_whether_to_go_on
from data.store.transaction import Transaction


def follow_clock(transaction: Transaction, *, now: datetime) -> bool:
    """Do what time alone brings; returns whether it made a mirror lag behind.

    1. Offers of seats whose time is up go to the next in line.
    2. Sessions that begin, end or close their answers are shown as they are now.
    3. After the end of one: ask whether its series goes on, and thank its month's hosts.
    """
    lapsed = lapse_offers(transaction, now=now)
    passed = transaction.all(
        "SELECT session_id FROM session_boundary WHERE at <= :now ORDER BY at", now=epoch(now)
    )
    sessions = dict.fromkeys(row["session_id"] for row in passed)
    for session_id in sessions:
        transaction.run(
            "UPDATE session SET version = version + 1 WHERE session_id = :session_id",
            session_id=session_id,
        )
        transaction.run(
            "DELETE FROM session_boundary WHERE session_id = :session_id AND at <= :now",
            session_id=session_id,
            now=epoch(now),
        )
        ask_whether_to_go_on(transaction, session_id, now=now)
        owe_thanks(transaction, session_id, now=now)
    return bool(lapsed or sessions)


def next_due(transaction: Transaction) -> datetime | None:
    """When a message, a session, a series or an offer next wants attention."""
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
            transaction.one("SELECT MIN(extend_at) AS at FROM series WHERE extend_at IS NOT NULL"),
            transaction.one(
                "SELECT MIN(offered_until) AS at FROM rsvp WHERE offered_until IS NOT NULL"
            ),
        )
        if row is not None and row["at"] is not None
    ]
    return moment(min(moments)) if moments else None
