"""Database files as an older Jelly wrote them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.messages.delivery_errors import why
from data.migrations import migrate
from data.outbox.errors import error_of
from data.refusal import in_english


def put_back(file: Path, *, to: int) -> None:
    """Rewrites a file to what a Jelly with version 1, 3, 4 or 6 of the schema would have left.

    What that version did not know of is left out.
    """
    older = file.with_suffix(".older")
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        migrate(connection, up_to=to)
        connection.create_function("sentence", 1, _sentence)
        connection.execute("ATTACH ? AS newer", (str(file),))
        _take_hosts_out(connection)
        tables = [
            name
            for (name,) in connection.execute(
                # Answers before sessions, so that no trigger counts them again.
                "SELECT name FROM main.sqlite_schema WHERE type = 'table' "
                "AND name NOT LIKE 'sqlite_%' ORDER BY name <> 'rsvp', name"
            )
        ]
        for table in tables:
            columns = ", ".join(
                row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")
            )
            rows = next((_ROWS[n, table] for n in (1, 3, 4) if n >= to and (n, table) in _ROWS), "")
            rows = rows or f"newer.{table}"
            # Triggers raised these values when answers were inserted; restore the originals.
            connection.execute(f"DELETE FROM main.{table}")
            # A row that a CHECK of that version refuses, such as a new kind, is left out.
            connection.execute(
                f"INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM {rows}"
            )
        connection.execute("DELETE FROM main.sqlite_sequence")
        connection.execute(
            "INSERT INTO main.sqlite_sequence (name, seq) "
            "SELECT name, seq FROM newer.sqlite_sequence WHERE name <> 'mirror' OR :to >= 4",
            {"to": to},
        )
    older.replace(file)


def _take_hosts_out(connection: sqlite3.Connection) -> None:
    """Takes back what the bot answered for hosts, which versions before 8 did not do."""
    for (session_id,) in connection.execute(
        "SELECT session_id FROM newer.rsvp WHERE as_host = 1"
    ).fetchall():
        for statement in (
            "DELETE FROM newer.rsvp WHERE session_id = ? AND as_host = 1",
            # A trigger raised it, and what shows the session would lag.
            "UPDATE newer.session SET version = version - 1 WHERE session_id = ?",
        ):
            connection.execute(statement, (session_id,))


def _sentence(text: str | None) -> str | None:
    """Returns what was stored before version 5 instead of an error's code and values."""
    error = error_of(text)
    return None if error is None else in_english(why(error))


_DELIVERIES = """
    SELECT delivery_id, kind, COALESCE(delivery.session_id, former_session_id,
            CASE kind WHEN 'question' THEN occasion END,
            (SELECT MAX(session_id) FROM newer.session)) AS session_id,
        channel_id, is_private, before,
        CASE WHEN kind = 'question' THEN 0 ELSE occasion END AS occasion, part, from_position,
        until_position, previous_at, previous_place, due_at, useful_until, state, try_at,
        attempts, first_try_at, message_id, sentence(error) AS error, told_by
    FROM newer.delivery"""
_BOUNDARIES = """
    SELECT NULL, 'refresh', session_id, 0, 0, 0, at, 0, 0, NULL, NULL, NULL, at, 253402300799,
        'pending', at, 0, NULL, NULL, NULL, NULL
    FROM newer.session_boundary JOIN newer.session USING (session_id)"""
_ROWS = {
    (4, "guild"): "newer.channel",
    (4, "reminder_setting"): "newer.reminder_setting JOIN newer.channel USING (channel_id)",
    (4, "delivery"): """(
        SELECT delivery_id, kind, guild_id, session_id, series_id,
            CASE WHEN kind <> 'thanks' THEN owner_channel_id END AS owner_channel_id,
            channel_id, is_private, before, occasion, part, from_position, until_position,
            previous_at, previous_place, due_at, useful_until, state, try_at, attempts,
            first_try_at, message_id, sentence(error) AS error, told_by, former_session_id
        FROM newer.delivery)""",
    (3, "session"): """(
        SELECT session.*, mirror.channel_id AS card_channel_id, remote_id AS card_message_id,
            COALESCE(version_shown, 0) AS card_version
        FROM newer.session LEFT JOIN newer.mirror
            ON mirror.session_id = session.session_id AND mirror.kind = 'card')""",
    (3, "delivery"): f"({_DELIVERIES} UNION ALL {_BOUNDARIES})",
    (1, "delivery"): f"""(
        {_DELIVERIES}
        WHERE kind IN ('announcement', 'reminder', 'start', 'moved', 'cancelled', 'question')
        UNION ALL {_BOUNDARIES} WHERE at IN (starts_at, ends_at))""",
    (3, "memory"): """(
        SELECT name, CASE name WHEN 'planned under' THEN '3' ELSE value END AS value
        FROM newer.key_value)""",
    (1, "memory"): "(SELECT * FROM newer.key_value WHERE name = 'commands')",
}
"""The source of a table's rows in today's file, for files up to a version; others are unchanged."""
