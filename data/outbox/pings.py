"""Who is named without being notified: about each member some kinds notify once in a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from data.limits import CORRECTIONS_TOGETHER, SEAT_TOLD_FOR
from data.models import Rsvp
from data.outbox.kinds import (
    CANCELLED,
    MOVED,
    OFFER,
    ON_BEHALF,
    PROMOTED,
    REMINDER,
    UNDECIDED,
    Kind,
    names_where,
)
from data.people.pseudonyms import stands_for
from data.rows import epoch
from data.store.transaction import Transaction

_ABOUT_SEATS = names_where(lambda kind: kind in (PROMOTED, OFFER, ON_BEHALF))


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


def told_of_seat(
    transaction: Transaction, session_id: int, kind: Kind, *, now: datetime
) -> frozenset[int]:
    """Returns the members whom a reminder does not notify: word of their seat has just done that.

    Of several messages of a kind that name a member, only the first notified them.
    """
    if kind not in (REMINDER, UNDECIDED):
        return frozenset()
    rows = transaction.all(
        f"""
        SELECT user_id FROM delivery
        JOIN delivery_recipient USING (delivery_id) JOIN delivery_named USING (delivery_id, user_id)
        WHERE session_id = :session_id AND sent_at IS NOT NULL AND kind IN {_ABOUT_SEATS}
        GROUP BY user_id, kind HAVING MIN(sent_at) > :since AND MIN(sent_at) <= :now
        """,
        session_id=session_id,
        since=epoch(now - SEAT_TOLD_FOR),
        now=epoch(now),
    )
    return frozenset(row["user_id"] for row in rows)


def changed_by(transaction: Transaction, guild_id: int, kind: Kind, *, due: int) -> frozenset[int]:
    """Returns whom a move or a call-off, due at that epoch second, does not notify: who did it.

    Everybody is notified if several people made changes in the server in the moments before it.
    """
    if kind not in (MOVED, CANCELLED):
        return frozenset()
    rows = transaction.all(
        """
        SELECT made_by FROM change
        WHERE guild_id = :guild_id AND made_at >= :since AND made_at <= :due
        """,
        guild_id=guild_id,
        since=due - int(CORRECTIONS_TOGETHER.total_seconds()),
        due=due,
    )
    makers = frozenset(row["made_by"] for row in rows)
    return makers if len(makers) == 1 else frozenset()


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
