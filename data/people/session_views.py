"""Sessions together with the members who answered, as Discord shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.limits import NAMES_GOING, NAMES_MAYBE
from data.models import Answer, Hours, Roster, Rsvp, Session, SessionView, is_deleted
from data.rows import RSVP, moment, rsvp_of, session_of
from data.store.transaction import Transaction

_NAMES = {Answer.GOING: NAMES_GOING, Answer.MAYBE: NAMES_MAYBE}


def session_view(transaction: Transaction, session_id: int) -> SessionView | None:
    """Returns a session with all who answered, or None if there is none."""
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
    )
    return None if row is None else session_view_of(transaction, session_of(row))


def session_view_of(transaction: Transaction, session: Session) -> SessionView:
    """Returns what :func:`session_view` does, for a session already read in this transaction."""
    listed: dict[Answer, list[Rsvp]] = {}
    for one in transaction.all(
        f"SELECT {RSVP} FROM rsvp WHERE session_id = :session_id ORDER BY position",
        session_id=session.session_id,
    ):
        rsvp = rsvp_of(one[:])
        listed.setdefault(rsvp.answer, []).append(rsvp)
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


def _on_a_card(transaction: Transaction, session: Session) -> dict[Answer, list[Rsvp]]:
    """Returns the members whom a card names, with only the fields it shows.

    Kept small, because a card is made at each press.
    """
    listed: dict[Answer, list[Rsvp]] = {}
    counts = session.counts
    named = tuple(
        answer
        for answer, number in ((Answer.GOING, counts.going), (Answer.MAYBE, counts.maybe))
        if number
    )
    if not named:
        return listed
    for user_id, text, note, position, guests, answered_by in transaction.all(
        _ON_A_CARD[named], session_id=session.session_id
    ):
        answer = Answer(text)
        listed.setdefault(answer, []).append(
            Rsvp(user_id, answer, note, position, False, guests, None, None, None, answered_by)
        )
    return listed


def _names_of(*answers: Answer) -> str:
    """Returns one statement for members with these answers, as each costs a thread switch."""
    # The answer is not a parameter: SQLite would plan the statement again at each press, because a
    # partial index depends on its value (https://www.sqlite.org/c3ref/prepare.html).
    return " UNION ALL ".join(
        f"""
        SELECT * FROM (
            SELECT user_id, answer, note, position, guests, answered_by FROM rsvp
            WHERE session_id = :session_id AND answer = '{answer}'
            ORDER BY position LIMIT {_NAMES[answer]}) AS {answer}
        """
        for answer in answers
    )


_ON_A_CARD: dict[tuple[Answer, ...], str] = {
    answers: _names_of(*answers)
    for answers in ((Answer.GOING,), (Answer.MAYBE,), (Answer.GOING, Answer.MAYBE))
}


def _roster(
    transaction: Transaction, session: Session, listed: Mapping[Answer, Sequence[Rsvp]]
) -> Roster:
    """Returns the roster of a session, with the members listed under each answer.

    Members whose data were deleted are counted, not listed.
    """

    def known(answer: Answer) -> tuple[Rsvp, ...]:
        return tuple(rsvp for rsvp in listed.get(answer, ()) if not is_deleted(rsvp.user_id))

    return Roster(
        going=known(Answer.GOING),
        waiting=known(Answer.WAITLISTED),
        requested=known(Answer.REQUESTED),
        maybe=known(Answer.MAYBE),
        declined=known(Answer.DECLINED),
        counts=session.counts,
        hours=_hours(transaction, session.session_id) if session.counts.hours else (),
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
