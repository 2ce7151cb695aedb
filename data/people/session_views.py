"""Sessions together with the members who answered, as Discord shows them."""

from __future__ import annotations

from itertools import combinations
from typing import TypeAlias

from data.limits import CARD_NAMES, NAMES_GOING, NAMES_MAYBE
from data.models import Answer, Hours, Roster, Rsvp, Session, SessionView, is_deleted
from data.rows import RSVP, moment, rsvp_of, session_of
from data.store.transaction import Transaction

_CAME = "came"
_Listed: TypeAlias = dict[str, list[Rsvp]]
"""Members by answer; under _CAME those who are or were there."""


def session_view(transaction: Transaction, session_id: int) -> SessionView | None:
    """Returns a session with all who answered, or None if there is none."""
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
    )
    return None if row is None else session_view_of(transaction, session_of(row))


def session_view_of(transaction: Transaction, session: Session) -> SessionView:
    """Returns what :func:`session_view` does, for a session already read in this transaction."""
    listed: _Listed = {}
    for one in transaction.all(
        f"SELECT {RSVP} FROM rsvp WHERE session_id = :session_id ORDER BY position",
        session_id=session.session_id,
    ):
        rsvp = rsvp_of(one[:])
        listed.setdefault(rsvp.answer, []).append(rsvp)
        if rsvp.came:
            listed.setdefault(_CAME, []).append(rsvp)
    return SessionView(session, _roster(transaction, session, listed))


def card_view(transaction: Transaction, session_id: int) -> SessionView | None:
    """Returns a session with the members whom its card names, or None if there is none.

    The counts include all who answered.
    """
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
    )
    return None if row is None else card_view_of(transaction, session_of(row))


def card_view_of(transaction: Transaction, session: Session) -> SessionView:
    """Returns what :func:`card_view` does, for a session already read in this transaction."""
    return SessionView(session, _roster(transaction, session, _on_a_card(transaction, session)))


def _on_a_card(transaction: Transaction, session: Session) -> _Listed:
    """Returns the members whom a card names, with only the fields it shows.

    Kept small, because a card is made at each press.
    """
    listed: _Listed = {}
    counts = session.counts
    groups = tuple(
        group
        for group, number in (
            (Answer.GOING, counts.going),
            (Answer.MAYBE, counts.maybe),
            (_CAME, counts.came),
        )
        if number
    )
    if not groups:
        return listed
    for group, user_id, answer, note, position, guests, answered_by in transaction.all(
        _ON_A_CARD[groups], session_id=session.session_id
    ):
        listed.setdefault(group, []).append(
            Rsvp(user_id, Answer(answer), note, position, False, guests, answered_by=answered_by)
        )
    return listed


_GROUPS = {
    # The answer is not a parameter: SQLite would plan the statement again at each press, because a
    # partial index depends on its value (https://www.sqlite.org/c3ref/prepare.html).
    Answer.GOING: ("answer = 'going'", NAMES_GOING),
    Answer.MAYBE: ("answer = 'maybe'", NAMES_MAYBE),
    _CAME: ("came = 1", CARD_NAMES),
}


def _members_of(*groups: str) -> str:
    """Returns one statement for the members in these groups, as each costs a thread switch."""
    return " UNION ALL ".join(
        f"""
        SELECT * FROM (
            SELECT '{group}' AS listed_as, user_id, answer, note, position, guests, answered_by
            FROM rsvp
            WHERE session_id = :session_id AND {_GROUPS[group][0]}
            ORDER BY position LIMIT {_GROUPS[group][1]}) AS {group}
        """
        for group in groups
    )


_ON_A_CARD = {
    groups: _members_of(*groups)
    for number in range(1, len(_GROUPS) + 1)
    for groups in combinations(_GROUPS, number)
}


def _roster(transaction: Transaction, session: Session, listed: _Listed) -> Roster:
    """Returns the roster of a session, with the members listed under each answer.

    Members whose data were deleted are counted, not listed.
    """

    def known(group: str) -> tuple[Rsvp, ...]:
        return tuple(rsvp for rsvp in listed.get(group, ()) if not is_deleted(rsvp.user_id))

    return Roster(
        going=known(Answer.GOING),
        waiting=known(Answer.WAITLISTED),
        requested=known(Answer.REQUESTED),
        maybe=known(Answer.MAYBE),
        declined=known(Answer.DECLINED),
        counts=session.counts,
        hours=_hours(transaction, session.session_id) if session.counts.hours else (),
        came=known(_CAME),
    )


def _hours(transaction: Transaction, session_id: int) -> tuple[Hours, ...]:
    rows = transaction.all(
        """
        SELECT arrives_at, leaves_at, people FROM session_hours
        WHERE session_id = :session_id AND people > 0 ORDER BY arrives_at, leaves_at
        """,
        session_id=session_id,
    )
    return tuple(
        Hours(moment(row["arrives_at"]), moment(row["leaves_at"]), row["people"]) for row in rows
    )
