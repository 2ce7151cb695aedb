"""What cards show, and which of them lag behind the store."""

from __future__ import annotations

from collections.abc import Mapping

from data.database import Transaction
from data.models import Answer, Board, Roster, Rsvp
from data.rows import rsvp_of, session_of

NAMES_ON_A_CARD = 24
"""Names of one answer that a card lists, a dozen lines on a phone; the rest is a count."""


def board_of(
    transaction: Transaction,
    session_id: int,
    *,
    guild_id: int | None = None,
    names: int = -1,
) -> Board | None:
    """A session with its answers; None where that server has no such session.

    ``names`` is how many of each answer to list, -1 for all; the counts always cover everybody.
    """
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
    return Board(session_of(row), roster_of(transaction, session_id, names=names))


def roster_of(transaction: Transaction, session_id: int, *, names: int = -1) -> Roster:
    rows = transaction.all(
        """
        SELECT answer, COUNT(*) AS people, SUM(asked_again) AS asked_again FROM rsvp
        WHERE session_id = :session_id GROUP BY answer
        """,
        session_id=session_id,
    )
    counts = {row["answer"]: row["people"] for row in rows}
    asked_again = {row["answer"]: row["asked_again"] for row in rows}

    def listed(answer: Answer) -> tuple[Rsvp, ...]:
        if not counts.get(answer):
            return ()
        rows = transaction.all(
            """
            SELECT user_id, answer, note, position, asked_again FROM rsvp
            WHERE session_id = :session_id AND answer = :answer ORDER BY position LIMIT :names
            """,
            session_id=session_id,
            answer=answer,
            names=names,
        )
        return tuple(rsvp_of(row) for row in rows)

    return Roster(
        going=listed(Answer.GOING),
        maybe=listed(Answer.MAYBE),
        declined=listed(Answer.DECLINED),
        going_count=counts.get(Answer.GOING, 0),
        maybe_count=counts.get(Answer.MAYBE, 0),
        declined_count=counts.get(Answer.DECLINED, 0),
        asked_again_count=asked_again.get(Answer.GOING, 0),
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
