"""Attendance: arriving and leaving, the host's list, and a member's own record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from data.limits import CORRECTABLE_FOR, LISTED, MOST_COUNTED
from data.models import (
    Answer,
    Answered,
    Page,
    Record,
    Session,
    SessionState,
    SessionView,
    Visit,
    Wish,
)
from data.people.invitations import refused_hosts, takes_invitations
from data.people.members import find_member, note_name, note_not_there, note_there
from data.people.others import HAD_OTHERS
from data.people.rsvps import Check, answer, rsvp_of_member
from data.people.session_views import card_view_of
from data.refusal import Refusal
from data.rows import epoch, maybe_epoch, moment, session_of
from data.schedule.find import no_such_jelly, session_now
from data.store.transaction import Transaction


def arrive(
    transaction: Transaction,
    *,
    guild_id: int,
    session_id: int,
    user_id: int,
    name: str,
    check: Check | None = None,
    now: datetime,
) -> Answered:
    """Notes that a member is there, and sets their answer to Going.

    If all seats are taken, they count as there and are on the waiting list. Raises Refusal before
    the start, or as :func:`answer` does.
    """
    answered = answer(
        transaction,
        guild_id=guild_id,
        session_id=session_id,
        user_id=user_id,
        wish=Wish(Answer.GOING),
        name=name,
        is_there=True,
        check=check,
        now=now,
    )
    if not answered.view.session.has_begun(now):
        raise Refusal("It hasn't started yet. Press I'm here when you're there.")
    at = answered.mine.arrived_at or now
    session = session_now(transaction, session_id)
    _note(transaction, session, user_id, arrived_at=at, left_at=None, now=now)
    return replace(answered, view=_view(transaction, session_id))


def leave(
    transaction: Transaction, *, guild_id: int, session_id: int, user_id: int, now: datetime
) -> SessionView:
    """Notes that a member has left.

    Raises Refusal if they were not there, or before the start and after the end.
    """
    mine = rsvp_of_member(transaction, session_id, user_id)
    session = _session(transaction, guild_id, session_id)
    if session.is_over(now):
        raise Refusal("This jelly is over. Type /jellies to see what's next.")
    if not session.has_begun(now):
        raise Refusal("It hasn't started yet. Press I'm here when you're there.")
    if mine is None or mine.arrived_at is None:
        raise Refusal("You haven't checked in. Press I'm here first.")
    if mine.left_at is None:
        _note(transaction, session, user_id, arrived_at=mine.arrived_at, left_at=now, now=now)
    return _view(transaction, session_id)


def correct(
    transaction: Transaction,
    *,
    guild_id: int,
    session_id: int,
    user_id: int,
    name: str,
    was_there: bool,
    now: datetime,
) -> SessionView:
    """Notes a member's own statement after a session whether they were there.

    Raises Refusal before its end, and from CORRECTABLE_FOR after it.
    """
    session = _session(transaction, guild_id, session_id)
    if not session.is_over(now):
        raise Refusal("It isn't over yet. Press I'm here on its card.")
    _check_correctable(session, now)
    note_name(transaction, guild_id, user_id, name)
    _set_there(transaction, session, user_id, was_there, now)
    return _view(transaction, session_id)


def tick_off(
    transaction: Transaction,
    *,
    guild_id: int,
    session_id: int,
    were_there: Mapping[int, bool],
    now: datetime,
) -> None:
    """Notes for members on the host's list whether they were there, by user id.

    Raises Refusal before the start, and from CORRECTABLE_FOR after the end.
    """
    session = _session(transaction, guild_id, session_id)
    if not session.has_begun(now):
        raise Refusal("It hasn't started yet. Check people in once it has.")
    _check_correctable(session, now)
    for user_id, was_there in were_there.items():
        if rsvp_of_member(transaction, session_id, user_id) is not None:
            _set_there(transaction, session, user_id, was_there, now)


def record_of(
    transaction: Transaction, guild_id: int, user_id: int, *, start: int, now: datetime
) -> Record:
    """Returns what a member did in a server, to be shown to that member only.

    With the visits from a position on; of their answers and of what they hosted, only the latest
    MOST_COUNTED are counted.
    """
    visits = transaction.all(
        """
        SELECT starts_at, title, place FROM (
            SELECT session_id, came FROM rsvp WHERE user_id = :user_id
            ORDER BY session_id DESC LIMIT :most) AS latest
        JOIN session ON session.session_id = latest.session_id
        WHERE guild_id = :guild_id AND latest.came = 1 AND state = 'scheduled'
        ORDER BY starts_at DESC
        """,
        user_id=user_id,
        guild_id=guild_id,
        most=MOST_COUNTED,
    )
    hosted = transaction.one(
        f"""
        SELECT COUNT(*) AS jellies FROM (
            SELECT {HAD_OTHERS} AS had_others FROM session
            WHERE guild_id = :guild_id AND host_id = :user_id AND state = 'scheduled'
                AND starts_at <= :now
            ORDER BY starts_at DESC LIMIT :most) AS latest
        WHERE had_others
        """,
        guild_id=guild_id,
        user_id=user_id,
        now=epoch(now),
        most=MOST_COUNTED,
    )
    assert hosted is not None  # COUNT always returns a row
    member = find_member(transaction, guild_id, user_id)
    shown = [
        Visit(moment(row["starts_at"]), row["title"], row["place"])
        for row in visits[start : start + LISTED]
    ]
    return Record(
        mood=None if member is None else member.mood,
        takes_invitations=takes_invitations(transaction, guild_id, user_id),
        refused_hosts=refused_hosts(transaction, guild_id, user_id),
        visits=Page(shown, start, len(visits), is_cut=len(visits) == MOST_COUNTED),
        places=len({row["place"].casefold() for row in visits}),
        hosted=hosted["jellies"],
    )


def _view(transaction: Transaction, session_id: int) -> SessionView:
    return card_view_of(transaction, session_now(transaction, session_id))


def _session(transaction: Transaction, guild_id: int, session_id: int) -> Session:
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id AND guild_id = :guild_id",
        session_id=session_id,
        guild_id=guild_id,
    )
    if row is None:
        raise no_such_jelly()
    session = session_of(row)
    if session.state is SessionState.CANCELLED:
        raise Refusal("That jelly was called off. Type /jellies to see what else is on.")
    return session


def _check_correctable(session: Session, now: datetime) -> None:
    if now - CORRECTABLE_FOR >= session.ends_at:
        raise Refusal("That was more than a day ago, so it can't be changed any more.")


def _set_there(
    transaction: Transaction, session: Session, user_id: int, was_there: bool, now: datetime
) -> None:
    session_id = session.session_id
    mine = rsvp_of_member(transaction, session_id, user_id)
    if not was_there:
        _note(transaction, session, user_id, arrived_at=None, left_at=None, now=now)
    elif mine is None or not mine.came:
        if mine is None:
            # 'declined', so that a statement about the past takes no seat.
            transaction.run(
                """
                INSERT INTO rsvp (session_id, user_id, answer, answered_at, position)
                VALUES (:session_id, :user_id, 'declined', :at, (
                    SELECT version + 1 FROM session WHERE session.session_id = :session_id))
                """,
                session_id=session_id,
                user_id=user_id,
                at=epoch(session.ends_at),
            )
        _note(transaction, session, user_id, arrived_at=session.starts_at, left_at=None, now=now)


def _note(
    transaction: Transaction,
    session: Session,
    user_id: int,
    *,
    arrived_at: datetime | None,
    left_at: datetime | None,
    now: datetime,
) -> None:
    transaction.run(
        """
        UPDATE rsvp SET arrived_at = :arrived_at, left_at = :left_at, came = :came, as_host = 0
        WHERE session_id = :session_id AND user_id = :user_id
            AND (as_host = 1 OR COALESCE(arrived_at, -1) <> COALESCE(:arrived_at, -1)
                OR COALESCE(left_at, -1) <> COALESCE(:left_at, -1))
        """,
        session_id=session.session_id,
        user_id=user_id,
        arrived_at=maybe_epoch(arrived_at),
        left_at=maybe_epoch(left_at),
        came=int(arrived_at is not None),
    )
    if arrived_at is not None:
        note_there(transaction, session, user_id)
    else:
        note_not_there(transaction, session, user_id, now)
