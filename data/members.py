"""What a server knows about its members: a name, a usual mood, when they first came along."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from data.database import Row, Transaction
from data.models import Mood
from data.owing import owe_newcomer


class Member(NamedTuple):
    """What is known of somebody."""

    name: str
    mood: Mood | None
    """Given to their next Going."""
    first_session_id: int | None
    """The first they had a seat at, unless they gave it back."""


def find_member(transaction: Transaction, guild_id: int, user_id: int) -> Member | None:
    """What is known of somebody; None where they never answered in that server."""
    row = transaction.one(
        """
        SELECT name, mood, first_session_id FROM member
        WHERE guild_id = :guild_id AND user_id = :user_id
        """,
        guild_id=guild_id,
        user_id=user_id,
    )
    if row is None:
        return None
    mood = None if row["mood"] is None else Mood(row["mood"])
    return Member(row["name"], mood, row["first_session_id"])


def note_name(transaction: Transaction, guild_id: int, user_id: int, name: str) -> None:
    """Remember what somebody is called in a server, for lists that can't mention them."""
    transaction.run(
        """
        INSERT INTO member (guild_id, user_id, name) VALUES (:guild_id, :user_id, :name)
        ON CONFLICT (guild_id, user_id) DO UPDATE SET name = excluded.name
        WHERE name <> excluded.name
        """,
        guild_id=guild_id,
        user_id=user_id,
        name=name,
    )


def note_mood(transaction: Transaction, guild_id: int, user_id: int, mood: Mood | None) -> None:
    """Remember the mood that somebody's next Going is given; None forgets it."""
    transaction.run(
        """
        INSERT INTO member (guild_id, user_id, mood) VALUES (:guild_id, :user_id, :mood)
        ON CONFLICT (guild_id, user_id) DO UPDATE SET mood = excluded.mood
        """,
        guild_id=guild_id,
        user_id=user_id,
        mood=mood,
    )


def note_going(transaction: Transaction, session: Row, user_id: int, now: datetime) -> None:
    """Somebody has a seat from now on; where it is their first, its host is owed word of it."""
    changed = transaction.run(
        """
        INSERT INTO member (guild_id, user_id, first_session_id)
        VALUES (:guild_id, :user_id, :session_id)
        ON CONFLICT (guild_id, user_id) DO UPDATE SET first_session_id = excluded.first_session_id
        WHERE first_session_id IS NULL
        """,
        guild_id=session["guild_id"],
        user_id=user_id,
        session_id=session["session_id"],
    )
    if changed and user_id != session["host_id"]:
        owe_newcomer(transaction, session["session_id"], user_id, now=now)


def note_not_going(transaction: Transaction, session: Row, user_id: int) -> None:
    """Somebody gave their seat back: the next they say Going to is the first again."""
    transaction.run(
        """
        UPDATE member SET first_session_id = NULL
        WHERE guild_id = :guild_id AND user_id = :user_id AND first_session_id = :session_id
        """,
        guild_id=session["guild_id"],
        user_id=user_id,
        session_id=session["session_id"],
    )


def names_of(transaction: Transaction, guild_id: int, user_ids: Iterable[int]) -> dict[int, str]:
    """What people are called in a server, where that is known."""
    members = ((user_id, find_member(transaction, guild_id, user_id)) for user_id in user_ids)
    return {user_id: found.name for user_id, found in members if found is not None and found.name}


def first_timers(transaction: Transaction, session_id: int) -> frozenset[int]:
    """Those going to a session, or who were there, for whom it is the first in that server."""
    rows = transaction.all(
        """
        SELECT rsvp.user_id FROM session
        JOIN rsvp USING (session_id)
        JOIN member ON member.guild_id = session.guild_id AND member.user_id = rsvp.user_id
        WHERE session_id = :session_id AND first_session_id = :session_id
            AND rsvp.user_id <> session.host_id
            AND (answer = 'going' OR arrived_at IS NOT NULL)
        ORDER BY rsvp.position
        """,
        session_id=session_id,
    )
    return frozenset(row["user_id"] for row in rows)
