"""Hosts are going to what they host: the bot writes that Going until they say otherwise.

It takes a seat like any other, so it is written only where one is free. It is no word of theirs:
nobody is told of it, and it goes to the next host. What a person said themselves stays theirs.
"""

from __future__ import annotations

from datetime import datetime

from data.models import Answer, Rsvp, Session, is_deleted
from data.outbox.about_people import settle_request
from data.outbox.standing import settle_question, tidy
from data.people.members import find_member, note_going, note_not_going
from data.people.rsvps import rsvp_of_member
from data.people.seats import fill, fits
from data.rows import epoch, session_of
from data.schedule.find import session_now
from data.store.key_value import forget, recall, remember
from data.store.transaction import Transaction

_TO_SEAT = "hosts are seated below"
"""Key in the store for the session below which hosts get a Going that scheduled before it was
theirs; the migration that brought it leaves it."""


def seat_host(transaction: Transaction, session: Session, *, now: datetime) -> Session:
    """Writes the Going of a session's host, who has given no answer; returns the session after it.

    Nothing is written if no seat is free, they left the server, or their data were deleted.
    """
    host_id = session.details.host_id
    if is_deleted(host_id) or not fits(session, 1):
        return session
    is_written = transaction.run(
        """
        INSERT INTO rsvp (session_id, user_id, answer, mood, answered_at, position, as_host)
        SELECT session_id, host_id, 'going', member.mood, :now, version + 1, 1
        FROM session
        LEFT JOIN member ON member.guild_id = session.guild_id AND member.user_id = host_id
        WHERE session_id = :session_id AND member.left_at IS NULL
        ON CONFLICT (session_id, user_id) DO NOTHING
        """,
        session_id=session.session_id,
        now=epoch(now),
    )
    if not is_written:
        return session
    note_going(transaction, session, host_id, now)
    return session_now(transaction, session.session_id)


def follow_new_host(
    transaction: Transaction,
    session: Session,
    former_id: int,
    *,
    has_accepted: bool,
    now: datetime,
) -> None:
    """Hands the Going that the bot wrote for a former host over to a session's present one.

    ``has_accepted`` if they agreed to host just this session: that is a newer word than their "no"
    or "maybe", and their wait for a seat is over if their party fits. Otherwise their answer stays.
    The seat that this may free goes to them first, then to the next in line.
    """
    host_id, session_id = session.details.host_id, session.session_id
    if host_id == former_id:
        return
    session = _unseat(transaction, session, former_id, now)
    mine = rsvp_of_member(transaction, session_id, host_id)
    if mine is None:
        session = seat_host(transaction, session, now=now)
    elif has_accepted and mine.answer is not Answer.GOING:
        session = _replace(transaction, session, mine, now)
    if session.counts.waiting:
        fill(transaction, session, now=now)


def free_seat_of_host(transaction: Transaction, session: Session, *, now: datetime) -> None:
    """Takes the Going back that the bot wrote for a session's host, because they have left.

    The seat goes to the next in line.
    """
    session = _unseat(transaction, session, session.details.host_id, now)
    if session.counts.waiting:
        fill(transaction, session, now=now)


def _unseat(transaction: Transaction, session: Session, user_id: int, now: datetime) -> Session:
    """Takes the Going back that the bot wrote for a host; returns the session after it."""
    session_id = session.session_id
    if not transaction.run(
        """
        DELETE FROM rsvp
        WHERE session_id = :session_id AND user_id = :user_id AND as_host = 1
        """,
        session_id=session_id,
        user_id=user_id,
    ):
        return session
    member = find_member(transaction, session.guild_id, user_id)
    if member is not None and member.first_session_id == session_id:
        note_not_going(transaction, session, user_id, now)
    return session_now(transaction, session_id)


def _replace(transaction: Transaction, session: Session, mine: Rsvp, now: datetime) -> Session:
    """Makes the answer of a new host a Going, if their party fits; returns the session after it.

    It is their own if they had said Going, and waited for a seat or for the former host's word.
    """
    is_own = mine.answer in (Answer.WAITLISTED, Answer.REQUESTED)
    if mine.offered_until is None and not fits(session, mine.party):
        return session
    transaction.run(
        """
        UPDATE rsvp SET answer = 'going', as_host = :as_host, answered_at = :now,
            position = :position, answered_by = NULL, asked_again = 0, offered_until = NULL,
            passed = 0, is_refused = 0,
            -- The reason for a no is for the host alone.
            note = CASE WHEN answer = 'declined' THEN '' ELSE note END
        WHERE session_id = :session_id AND user_id = :user_id
        """,
        as_host=int(not is_own),
        now=epoch(now),
        position=session.version + 1,
        session_id=session.session_id,
        user_id=mine.user_id,
    )
    if mine.answer is Answer.REQUESTED:
        settle_request(transaction, session.session_id, mine.user_id)
    note_going(transaction, session, mine.user_id, now)
    session = session_now(transaction, session.session_id)
    settle_question(transaction, session, now=now)
    tidy(transaction, session.session_id, now=now)
    return session


def seat_earlier_hosts(transaction: Transaction, *, limit: int, now: datetime) -> bool:
    """Writes the Going of hosts for sessions ahead from before an upgrade; returns whether all are.

    The next ``limit`` sessions. It is done once, so that nobody is put back later.
    """
    noted = recall(transaction, _TO_SEAT)
    if noted is None:
        return True
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE session_id < :below AND starts_at > :now AND state = 'scheduled'
        ORDER BY session_id DESC LIMIT :limit
        """,
        below=int(noted),
        now=epoch(now),
        limit=limit,
    )
    for row in rows:
        seat_host(transaction, session_of(row), now=now)
    if len(rows) < limit:
        forget(transaction, _TO_SEAT)
        return True
    remember(transaction, _TO_SEAT, str(rows[-1]["session_id"]))
    return False
