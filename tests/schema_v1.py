"""Files as an older Jelly wrote them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from data.migrations import migrate


def put_back_to_the_first(file: Path) -> None:
    """Make a file what the first Jelly would have written of it."""
    older = file.with_suffix(".older")
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        migrate(connection, up_to=1)
        connection.execute("ATTACH ? AS newer", (str(file),))
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
            rows = _AS_THE_FIRST_HAD_IT.get(table, f"newer.{table}")
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM {rows}")
    older.replace(file)


_AS_THE_FIRST_HAD_IT = {
    "session": """(
        SELECT session.*, mirror.channel_id AS card_channel_id, remote_id AS card_message_id,
            COALESCE(version_shown, 0) AS card_version
        FROM newer.session LEFT JOIN newer.mirror
            ON mirror.session_id = session.session_id AND mirror.kind = 'card')""",
    # What was owed of kinds that it knew, by the sessions that made it owed.
    "delivery": """(
        SELECT delivery_id, kind, COALESCE(session_id, occasion) AS session_id, channel_id, before,
            CASE WHEN kind = 'question' THEN 0 ELSE occasion END AS occasion, part, from_position,
            until_position, previous_at, previous_place, due_at, useful_until, state, try_at,
            attempts, first_try_at, message_id, error
        FROM newer.delivery
        WHERE kind IN ('announcement', 'reminder', 'start', 'moved', 'cancelled', 'question')
        UNION ALL
        SELECT NULL, 'refresh', session_id, 0, 0, at, 0, 0, NULL, NULL, NULL, at, 253402300799,
            'pending', at, 0, NULL, NULL, NULL
        FROM newer.session_boundary JOIN newer.session USING (session_id)
        WHERE at IN (starts_at, ends_at))""",
    "memory": "(SELECT * FROM newer.key_value WHERE name = 'commands')",
}
"""Where the rows of a table of the first schema are found in today's; the rest as they are."""
