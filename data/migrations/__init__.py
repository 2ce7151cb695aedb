"""Brings a database's schema up to date: numbered ``.sql`` files, in one transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

FOLDER = Path(__file__).parent


def newest_version() -> int:
    """The version that this program works with."""
    return _number(_files()[-1])


def version_of(connection: sqlite3.Connection) -> int:
    """The last migration that the database has seen; 0 for an empty one."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, *, up_to: int | None = None) -> int:
    """Run the migrations the database has not seen, all or none; returns its version afterwards.

    The version is ``PRAGMA user_version``, written in the same transaction.
    """
    version = version_of(connection)
    last = newest_version() if up_to is None else up_to
    unseen = [file for file in _files() if version < _number(file) <= last]
    if not unseen:
        return version
    version = _number(unseen[-1])
    script = "\n".join(file.read_text("utf-8") for file in unseen)
    # Off while tables are built anew under their names, as SQLite advises, and only outside of a
    # transaction: https://www.sqlite.org/lang_altertable.html#otheralter.
    checked: int = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        # executescript commits nothing of its own here: it would only commit a pending
        # transaction, and there is none.
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
