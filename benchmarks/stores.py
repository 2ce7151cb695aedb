"""Fills stores with synthetic jellies, quickly and directly in the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from data.change_settings import save
from data.channels import settings_of
from data.limits import DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS
from data.migrations import migrate, newest_version
from data.models import Answer, ChannelSettings, Details, Occurrence, Schedule
from data.schedule.sessions import insert
from data.store.transaction import Transaction
from data.upgrades import plan_after_upgrade

TITLE = "Thursday jelly"
FIRST_USER = 100_000_000_000_000_000
"""Unused ids of people and messages, as long as real ones."""


@contextmanager
def filling(file: Path) -> Iterator[sqlite3.Connection]:
    """Opens a new store to fill in one transaction, without waiting for the disk."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")
        migrate(connection)
        connection.execute("BEGIN")
        # As after a start of the bot, so that the next one has nothing to catch up on.
        now = datetime.now(UTC)
        plan_after_upgrade(Transaction(connection), schema=newest_version(), limit=1, now=now)
        yield connection
        connection.execute("COMMIT")


def set_up(connection: sqlite3.Connection, guild_id: int, channel_id: int) -> None:
    """Adds a server with its default settings, but without quiet hours: any hour is alike."""
    settings = ChannelSettings(
        channel_id,
        guild_id,
        "UTC",
        DEFAULT_ANNOUNCE_BEFORE,
        DEFAULT_REMINDERS,
        None,
        quiet_hours=None,
    )
    save(Transaction(connection), settings, now=datetime.now(UTC))


def in_days(days: float) -> datetime:
    """Returns the moment that long from now, on a full minute as people schedule."""
    return (datetime.now(UTC) + timedelta(days=days)).replace(second=0, microsecond=0)


def schedule(connection: sqlite3.Connection, guild_id: int, start: datetime) -> int:
    """Adds a jelly of four hours, with everything it makes the bot owe; returns its id."""
    wall_time, length = start.replace(tzinfo=None), timedelta(hours=4)
    details = Details(TITLE, "The Albion, upstairs", "The wifi is on the wall.", FIRST_USER)
    transaction = Transaction(connection)
    settings = settings_of(transaction, guild_id)
    assert settings is not None  # set_up comes first
    # Not add_session, which refuses what exceeds the limits of a channel.
    session = insert(
        transaction,
        settings.channel_id,
        None,
        FIRST_USER,
        details,
        Schedule("UTC", wall_time, length),
        Occurrence(wall_time, start, start + length),
        now=datetime.now(UTC),
    )
    # Who is going is for have_answered to say, of the host too.
    connection.execute("DELETE FROM rsvp WHERE session_id = ?", (session.session_id,))
    return session.session_id


def have_answered(
    connection: sqlite3.Connection, session_id: int, answers: Sequence[tuple[int, Answer]]
) -> None:
    """Adds answers of members, in this order."""
    now = int(datetime.now(UTC).timestamp())
    connection.executemany(
        """
        INSERT INTO rsvp (session_id, user_id, answer, answered_at, position)
        VALUES (?, ?, ?, ?, ?)
        """,
        [
            (session_id, user_id, answer, now, position)
            for position, (user_id, answer) in enumerate(answers, start=2)
        ],
    )
    connection.execute(
        "UPDATE session SET version = version + ? WHERE session_id = ?",
        (len(answers), session_id),
    )


def have_been_before(
    connection: sqlite3.Connection, guild_id: int, user_ids: Sequence[int]
) -> None:
    """Records that all these members were at a past jelly, and that their mood is known."""
    # A past jelly can't be scheduled, so one is moved there.
    session_id = schedule(connection, guild_id, in_days(30))
    connection.execute(
        """
        UPDATE session SET starts_at = starts_at - :days, ends_at = ends_at - :days
        WHERE session_id = :session_id
        """,
        {"days": 60 * 24 * 3600, "session_id": session_id},
    )
    connection.execute("UPDATE delivery SET state = 'sent' WHERE session_id = ?", (session_id,))
    connection.executemany(
        """
        INSERT INTO member (guild_id, user_id, mood, first_session_id) VALUES (?, ?, 'either', ?)
        """,
        [(guild_id, user_id, session_id) for user_id in user_ids],
    )


def have_posted(connection: sqlite3.Connection, session_id: int, channel_id: int) -> None:
    """Records that the session's card is out and up to date."""
    connection.execute(
        """
        INSERT INTO mirror (kind, guild_id, session_id, channel_id, remote_id, version,
            version_shown)
        SELECT 'card', guild_id, session_id, ?, ? + session_id, version, version
        FROM session WHERE session_id = ?
        """,
        (channel_id, FIRST_USER, session_id),
    )
    connection.execute(
        """
        UPDATE delivery SET state = 'sent' WHERE session_id = ? AND kind = 'announcement'
        """,
        (session_id,),
    )


def count(file: Path, rows: str) -> int:
    """Returns how many rows of a finished store there are.

    ``rows`` is a table and a condition, such as ``rsvp WHERE answer = 'going'``.
    """
    with closing(sqlite3.connect(file)) as connection:
        number: int = connection.execute(f"SELECT COUNT(*) FROM {rows}").fetchone()[0]
        return number
