"""What cards show, and which of them lag behind the store."""

from __future__ import annotations

from collections.abc import Mapping

from data.database import Row, Transaction
from data.models import Answer, Board, Roster, Rsvp
from data.rows import session_of

NAMES_GOING = 24
"""Those going whom a card names, a dozen lines on a phone; the rest is a count."""
NAMES_MAYBE = 12

_ON_A_CARD = {Answer.GOING: NAMES_GOING, Answer.MAYBE: NAMES_MAYBE}


def board_of(
    transaction: Transaction, session_id: int, *, guild_id: int | None = None
) -> Board | None:
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
    return Board(session_of(row), _roster(transaction, row, dict.fromkeys(Answer, -1)))


def card_board_of(transaction: Transaction, session_id: int) -> Board | None:
    """A session with those whom its card names; the counts cover everybody."""
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
    )
    return None if row is None else card_board(transaction, row)


def card_board(transaction: Transaction, row: Row) -> Board:
    """The same from the session's row."""
    return Board(session_of(row), _roster(transaction, row, _ON_A_CARD))


def _roster(transaction: Transaction, row: Row, most: Mapping[Answer, int]) -> Roster:
    """The answers of a session, at most so many of each; -1 stands for all."""

    def listed(answer: Answer) -> tuple[Rsvp, ...]:
        if answer not in most or not row[f"{answer}_count"]:
            return ()
        rows = transaction.all(
            """
            SELECT user_id, note, position, asked_again FROM rsvp
            WHERE session_id = :session_id AND answer = :answer ORDER BY position LIMIT :most
            """,
            session_id=row["session_id"],
            answer=answer,
            most=most[answer],
        )
        return tuple(
            Rsvp(one["user_id"], answer, one["note"], one["position"], bool(one["asked_again"]))
            for one in rows
        )

    return Roster(
        going=listed(Answer.GOING),
        maybe=listed(Answer.MAYBE),
        declined=listed(Answer.DECLINED),
        going_count=row["going_count"],
        maybe_count=row["maybe_count"],
        declined_count=row["declined_count"],
        asked_again_count=row["asked_again_count"],
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
