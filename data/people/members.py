"""What is stored about a server's members: name, usual mood, first session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from data.models import Mood, Session
from data.outbox.about_people import owe_newcomer, owe_no_longer
from data.outbox.kinds import NEWCOMER
from data.rows import epoch, maybe_moment, session_of
from data.store.transaction import Transaction


class Member(NamedTuple):
    """What is known of a member in one server."""

    name: str
    mood: Mood | None
    """The mood set on their next Going."""
    first_session_id: int | None
    """The earliest session at which they have a seat or were; None if there is none."""
    first_starts_at: datetime | None
    has_left: bool = False
    """Whether Discord said that they are not in the server any more."""

    def is_first(self, session: Session, now: datetime) -> bool:
        """Returns whether a session is or would be their first."""
        if self.first_starts_at is None or self.first_session_id == session.session_id:
            return True
        return self.first_starts_at > now and session.starts_at < self.first_starts_at


def find_member(transaction: Transaction, guild_id: int, user_id: int) -> Member | None:
    """Returns what is known of a member, or None if they never answered in that server."""
    row = transaction.one(
        """
        SELECT name, mood, session_id, starts_at, left_at FROM member
        LEFT JOIN session ON session_id = first_session_id AND state = 'scheduled'
        WHERE member.guild_id = :guild_id AND user_id = :user_id
        """,
        guild_id=guild_id,
        user_id=user_id,
    )
    if row is None:
        return None
    mood = None if row["mood"] is None else Mood(row["mood"])
    first_starts_at = maybe_moment(row["starts_at"])
    return Member(row["name"], mood, row["session_id"], first_starts_at, row["left_at"] is not None)


def note_name(transaction: Transaction, guild_id: int, user_id: int, name: str) -> None:
    """Stores a member's name in a server, for lists that can't mention them; they are there."""
    transaction.run(
        """
        INSERT INTO member (guild_id, user_id, name) VALUES (:guild_id, :user_id, :name)
        ON CONFLICT (guild_id, user_id) DO UPDATE SET name = excluded.name, left_at = NULL
        WHERE member.name <> excluded.name OR member.left_at IS NOT NULL
        """,
        guild_id=guild_id,
        user_id=user_id,
        name=name,
    )


def note_left(transaction: Transaction, guild_id: int, user_id: int, *, now: datetime) -> None:
    """Notes that a person has left a server; they are sent nothing of it."""
    transaction.run(
        """
        INSERT INTO member (guild_id, user_id, left_at) VALUES (:guild_id, :user_id, :now)
        ON CONFLICT (guild_id, user_id) DO UPDATE SET left_at = excluded.left_at
        """,
        guild_id=guild_id,
        user_id=user_id,
        now=epoch(now),
    )


def note_found(transaction: Transaction, guild_id: int, user_id: int) -> None:
    """Notes that a person is in a server, as far as was not known."""
    transaction.run(
        """
        UPDATE member SET left_at = NULL
        WHERE guild_id = :guild_id AND user_id = :user_id AND left_at IS NOT NULL
        """,
        guild_id=guild_id,
        user_id=user_id,
    )


def has_left(transaction: Transaction, guild_id: int, user_id: int) -> bool:
    """Returns whether Discord said that a person is not in a server any more."""
    row = transaction.one(
        """
        SELECT 1 FROM member
        WHERE guild_id = :guild_id AND user_id = :user_id AND left_at IS NOT NULL
        """,
        guild_id=guild_id,
        user_id=user_id,
    )
    return row is not None


def note_mood(transaction: Transaction, guild_id: int, user_id: int, mood: Mood | None) -> None:
    """Stores the mood to set on a member's next Going; None clears it."""
    transaction.run(
        """
        INSERT INTO member (guild_id, user_id, mood) VALUES (:guild_id, :user_id, :mood)
        ON CONFLICT (guild_id, user_id) DO UPDATE SET mood = excluded.mood
        """,
        guild_id=guild_id,
        user_id=user_id,
        mood=mood,
    )


def note_going(transaction: Transaction, session: Session, user_id: int, now: datetime) -> None:
    """Notes that a member has a seat; if it is their first session, owes its host a message."""
    member = find_member(transaction, session.guild_id, user_id)
    session_id = session.session_id
    if member is not None:
        if not member.is_first(session, now):
            return
        if member.first_session_id not in (None, session_id):
            owe_no_longer(transaction, member.first_session_id, user_id, NEWCOMER)
    _set_first(transaction, session.guild_id, user_id, session_id)
    if user_id != session.details.host_id:
        owe_newcomer(transaction, session, user_id, now=now)


def note_not_going(transaction: Transaction, session: Session, user_id: int, now: datetime) -> None:
    """Replaces a member's first session by the next one at which they have a seat or were."""
    owe_no_longer(transaction, session.session_id, user_id, NEWCOMER)
    row = transaction.one(
        """
        SELECT session.* FROM rsvp JOIN session USING (session_id)
        WHERE user_id = :user_id AND guild_id = :guild_id
            AND (answer = 'going' OR came = 1) AND state = 'scheduled'
            AND session_id <> :session_id
        ORDER BY starts_at, session_id LIMIT 1
        """,
        user_id=user_id,
        guild_id=session.guild_id,
        session_id=session.session_id,
    )
    another = None if row is None else session_of(row)
    another_id = None if another is None else another.session_id
    _set_first(transaction, session.guild_id, user_id, another_id)
    if another is not None and user_id != another.details.host_id and not another.is_over(now):
        owe_newcomer(transaction, another, user_id, now=now)


def note_there(transaction: Transaction, session: Session, user_id: int) -> None:
    """Notes that a member was at a session; it becomes their first if it is earlier than that."""
    member = find_member(transaction, session.guild_id, user_id)
    first_starts_at = None if member is None else member.first_starts_at
    if first_starts_at is None or session.starts_at < first_starts_at:
        _set_first(transaction, session.guild_id, user_id, session.session_id)


def note_not_there(transaction: Transaction, session: Session, user_id: int, now: datetime) -> None:
    """Replaces a member's first session if it was theirs only because they were marked as there."""
    row = transaction.one(
        """
        SELECT 1 FROM rsvp JOIN member USING (user_id)
        WHERE session_id = :session_id AND user_id = :user_id AND answer <> 'going'
            AND member.guild_id = :guild_id AND first_session_id = :session_id
        """,
        session_id=session.session_id,
        user_id=user_id,
        guild_id=session.guild_id,
    )
    if row is not None:
        note_not_going(transaction, session, user_id, now)


def note_called_off(transaction: Transaction, session: Session, now: datetime) -> None:
    """Replaces the first session of all members whose first was the cancelled one."""
    for row in transaction.all(
        """
        SELECT rsvp.user_id FROM rsvp JOIN member ON member.user_id = rsvp.user_id
        WHERE rsvp.session_id = :session_id AND member.guild_id = :guild_id
            AND first_session_id = :session_id
        """,
        session_id=session.session_id,
        guild_id=session.guild_id,
    ):
        note_not_going(transaction, session, row["user_id"], now)


def _set_first(
    transaction: Transaction, guild_id: int, user_id: int, session_id: int | None
) -> None:
    transaction.run(
        """
        INSERT INTO member (guild_id, user_id, first_session_id)
        VALUES (:guild_id, :user_id, :session_id)
        ON CONFLICT (guild_id, user_id) DO UPDATE SET first_session_id = excluded.first_session_id
        """,
        guild_id=guild_id,
        user_id=user_id,
        session_id=session_id,
    )


def names_of(transaction: Transaction, guild_id: int, user_ids: Iterable[int]) -> dict[int, str]:
    """Returns the known names of members in a server, by user id."""
    members = ((user_id, find_member(transaction, guild_id, user_id)) for user_id in user_ids)
    return {user_id: found.name for user_id, found in members if found is not None and found.name}


def first_timers(transaction: Transaction, session_id: int) -> frozenset[int]:
    """Returns the members going to or seen at a session for whom it is the first in that server.

    The host is left out.
    """
    rows = transaction.all(
        """
        SELECT rsvp.user_id FROM session
        JOIN rsvp USING (session_id)
        JOIN member ON member.guild_id = session.guild_id AND member.user_id = rsvp.user_id
        WHERE session_id = :session_id AND first_session_id = :session_id
            AND rsvp.user_id <> session.host_id
            AND (answer = 'going' OR came = 1)
        ORDER BY rsvp.position
        """,
        session_id=session_id,
    )
    return frozenset(row["user_id"] for row in rows)
