"""What cards show, and which of them lag behind the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.limits import NAMES_GOING, NAMES_MAYBE
from data.models import Answer, Hours, Roster, Rsvp, SessionView
from data.rows import RSVP, moment, rsvp_of, session_of
from data.store.transaction import Row, Transaction

_COUNTS = {
    Answer.GOING: "going_count",
    Answer.WAITLISTED: "waiting_count",
    Answer.REQUESTED: "requested_count",
    Answer.MAYBE: "maybe_count",
    Answer.DECLINED: "declined_count",
}
_COUNTED = (
    *_COUNTS.values(),
    "guest_count",
    "offered_seats",
    "asked_again_count",
    "heads_down_count",
    "chatty_count",
    "here_count",
    "came_count",
)
_NAMES = {Answer.GOING: NAMES_GOING, Answer.MAYBE: NAMES_MAYBE}


def session_view(
    transaction: Transaction, session_id: int, *, guild_id: int | None = None
) -> SessionView | None:
    """A session with everybody who answered; None where that server has no such session."""
    row = transaction.one(
        """
        SELECT * FROM session
        WHERE session_id = :session_id AND guild_id = COALESCE(:guild_id, guild_id)
        """,
        session_id=session_id,
        guild_id=guild_id,
    )
    if row is None:
        return None
    listed: dict[Answer, list[Rsvp]] = {}
    for one in transaction.all(
        f"SELECT {RSVP} FROM rsvp WHERE session_id = :session_id ORDER BY position",
        session_id=session_id,
    ):
        rsvp = rsvp_of(one[:])
        listed.setdefault(rsvp.answer, []).append(rsvp)
    return SessionView(session_of(row), _roster(transaction, row, listed))


def card_view(transaction: Transaction, session_id: int) -> SessionView | None:
    """A session with those whom its card names; the counts cover everybody."""
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
    )
    return None if row is None else card_view_of(transaction, row)


def card_view_of(transaction: Transaction, row: Row) -> SessionView:
    """The same from the session's row."""
    return SessionView(session_of(row), _roster(transaction, row, _on_a_card(transaction, row)))


def _on_a_card(transaction: Transaction, row: Row) -> dict[Answer, list[Rsvp]]:
    """Those whom a card names, and only what it says of them: one is made at each press."""
    listed: dict[Answer, list[Rsvp]] = {}
    named = tuple(answer for answer in _NAMES if row[_COUNTS[answer]])
    if not named:
        return listed
    for user_id, text, note, position, guests, answered_by in transaction.all(
        _ON_A_CARD[named], session_id=row["session_id"]
    ):
        answer = Answer(text)
        listed.setdefault(answer, []).append(
            Rsvp(user_id, answer, note, position, False, guests, None, None, None, answered_by)
        )
    return listed


def _names_of(*answers: Answer) -> str:
    """One statement for all who gave these answers: each costs a press a change of threads."""
    # The answer is no parameter: SQLite would plan anew at each press, for a partial index asks
    # what it is (https://www.sqlite.org/c3ref/prepare.html).
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


def _roster(transaction: Transaction, row: Row, listed: Mapping[Answer, Sequence[Rsvp]]) -> Roster:
    """The answers of a session, with those who are listed under each."""
    return Roster(
        going=tuple(listed.get(Answer.GOING, ())),
        waiting=tuple(listed.get(Answer.WAITLISTED, ())),
        requested=tuple(listed.get(Answer.REQUESTED, ())),
        maybe=tuple(listed.get(Answer.MAYBE, ())),
        declined=tuple(listed.get(Answer.DECLINED, ())),
        hours=_hours(transaction, row["session_id"]) if row["hours_count"] else (),
        **{name: row[name] for name in _COUNTED},
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


def stale_cards(transaction: Transaction) -> list[int]:
    """Sessions whose posted card is not known to show their present version."""
    rows = transaction.all(
        """
        SELECT session_id FROM session
        WHERE card_message_id IS NOT NULL AND version > card_version ORDER BY session_id
        """
    )
    return [row["session_id"] for row in rows]


def record_shown(transaction: Transaction, versions: Mapping[int, int]) -> None:
    """Cards are known to show these versions, by session id."""
    for session_id, version in versions.items():
        transaction.run(
            """
            UPDATE session SET card_version = :version
            WHERE session_id = :session_id AND card_version < :version
            """,
            session_id=session_id,
            version=version,
        )


def forget_card(transaction: Transaction, session_id: int) -> None:
    """The card's message is gone from Discord; the organizers see that, and may post it again."""
    _forget(transaction, "session_id = :session_id", "the card was deleted", session_id=session_id)


def forget_channel(transaction: Transaction, channel_id: int) -> None:
    """A channel is gone from Discord, and the cards in it."""
    _forget(
        transaction, "card_channel_id = :channel_id", "the channel is gone", channel_id=channel_id
    )


def _forget(transaction: Transaction, which: str, error: str, **values: object) -> None:
    transaction.run(
        f"""
        UPDATE delivery SET state = 'failed', error = :error
        WHERE kind = 'announcement' AND state = 'sent'
            AND session_id IN (SELECT session_id FROM session WHERE {which})
        """,
        error=error,
        **values,
    )
    transaction.run(
        f"UPDATE session SET card_channel_id = NULL, card_message_id = NULL WHERE {which}",
        **values,
    )
