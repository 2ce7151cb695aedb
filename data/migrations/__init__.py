"""Migrations of a database's schema: numbered ``.sql`` files, run in one transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

FOLDER = Path(__file__).parent


def newest_version() -> int:
    """Returns the schema version that this program works with."""
    return _number(_files()[-1])


def version_of(connection: sqlite3.Connection) -> int:
    """Returns the number of the last migration run on the database; 0 if it is empty."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, *, up_to: int | None = None) -> int:
    """Runs the missing migrations, all or none; returns the database's version afterwards.

    The version is ``PRAGMA user_version``, written in the same transaction. Raises
    sqlite3.IntegrityError if a migration leaves a dangling foreign key.
    """
    version = version_of(connection)
    last = newest_version() if up_to is None else up_to
    unseen = [file for file in _files() if version < _number(file) <= last]
    if not unseen:
        return version
    version = _number(unseen[-1])
    script = "\n".join(file.read_text("utf-8") for file in unseen)
    # SQLite advises to turn foreign keys off while tables are rebuilt, which works only outside a
    # transaction: https://www.sqlite.org/lang_altertable.html#otheralter.
    checked: int = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        # executescript would commit a pending transaction, but there is none here.
        connection.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {version};")
        if dangling := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise sqlite3.IntegrityError(f"the migration leaves a dangling row: {tuple(dangling)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute(f"PRAGMA foreign_keys = {checked}")
    return version


def _files() -> list[Path]:
    return sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def _number(file: Path) -> int:
    return int(file.name[:4])
