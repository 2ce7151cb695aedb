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
            kept = {
                "delivery": "kind IN ('announcement', 'reminder', 'start', 'moved', 'cancelled', "
                "'question', 'refresh') AND NOT (kind = 'refresh' AND occasion NOT IN ("
                "SELECT starts_at FROM newer.session UNION SELECT ends_at FROM newer.session))",
                "memory": "name = 'commands'",
            }.get(table, "TRUE")
            connection.execute(
                f"INSERT INTO main.{table} ({columns}) "
                f"SELECT {columns} FROM newer.{table} WHERE {kept}"
            )
    older.replace(file)
