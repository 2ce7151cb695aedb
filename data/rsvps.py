"""Answers: who comes, who might, who can't."""

from __future__ import annotations

from datetime import datetime

from data.boards import card_board
from data.database import Transaction
from data.errors import Refusal
from data.models import AgendaItem, Answer, Board, SessionState
from data.rows import epoch, session_of

LONGEST_NOTE = 100


def answer(
    transaction: Transaction,
    *,
    guild_id: int,
    session_id: int,
    user_id: int,
    answer: Answer,
    note: str | None = None,
    now: datetime,
) -> Board:
    """Take a member's answer; the same answer again changes nothing.

    ``note`` replaces the member's note, None leaves it. Gives what the card shows now. Raises
    Refusal where there is nothing to answer any more.
    """
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id AND guild_id = :guild_id",
        session_id=session_id,
        guild_id=guild_id,
    )
    if row is None:
        raise Refusal("That jelly is no longer on the list. Type /jellies to see what is on.")
    if row["state"] == SessionState.CANCELLED:
        raise Refusal("This jelly was called off. Type /jellies to see what else is on.")
    if epoch(now) >= row["ends_at"]:
        raise Refusal("This jelly is over. Type /jellies to see what is on next.")
    if note is not None and len(note) > LONGEST_NOTE:
        raise Refusal(f"A note has room for {LONGEST_NOTE} characters; shorten it a little.")
    # A new answer goes to the end of its list; a new note keeps its place.
    changed = transaction.run(
        """
        INSERT INTO rsvp (session_id, user_id, answer, note, answered_at, position)
        VALUES (:session_id, :user_id, :answer, COALESCE(:note, ''), :now, :position)
        ON CONFLICT (session_id, user_id) DO UPDATE SET
            answer = excluded.answer,
            note = COALESCE(:note, note),
            asked_again = 0,
            answered_at = CASE WHEN answer = excluded.answer
                THEN answered_at ELSE excluded.answered_at END,
            position = CASE WHEN answer = excluded.answer
                THEN position ELSE excluded.position END
        WHERE answer <> excluded.answer OR note <> COALESCE(:note, note) OR asked_again = 1
        """,
        session_id=session_id,
        user_id=user_id,
        answer=answer,
        note=note,
        now=epoch(now),
        position=row["version"] + 1,
    )
    if changed:
        row = transaction.one(
            "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
        )
        assert row is not None  # it was there at the top of this transaction
    return card_board(transaction, row)


def agenda(
    transaction: Transaction, *, guild_id: int, user_id: int, now: datetime, limit: int
) -> list[AgendaItem]:
    """What is on in a server, soonest first, with one member's answers."""
    rows = transaction.all(
        """
        SELECT session.*, rsvp.answer, rsvp.note
        FROM session
        LEFT JOIN rsvp ON rsvp.session_id = session.session_id AND rsvp.user_id = :user_id
        WHERE guild_id = :guild_id AND ends_at > :now AND state = 'scheduled'
        ORDER BY starts_at, session.session_id LIMIT :limit
        """,
        guild_id=guild_id,
        user_id=user_id,
        now=epoch(now),
        limit=limit,
    )
    return [
        AgendaItem(
            session=session_of(row),
            going_count=row["going_count"],
            answer=None if row["answer"] is None else Answer(row["answer"]),
            note=row["note"] or "",
        )
        for row in rows
    ]
