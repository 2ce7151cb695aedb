"""Brings a database's schema up to date: numbered ``.sql`` files, each in one transaction."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from data.errors import DatabaseUnusable

FOLDER = Path(__file__).parent


def migrate(connection: sqlite3.Connection, *, up_to: int | None = None) -> int:
    """Run the migrations the database has not seen; gives its version afterwards.

    The version is ``PRAGMA user_version``, written in the migration's own transaction. Raises
    DatabaseUnusable where the database comes from a newer Jelly.
    """
    files = sorted(FOLDER.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    newest = int(files[-1].name[:4])
    if version > newest:
        raise DatabaseUnusable(
            f"The database is from a newer Jelly (its version is {version}, this program knows "
            f"{newest}). Update the program, or restore an older backup."
        )
    for file in files:
        number = int(file.name[:4])
        if number <= version or (up_to is not None and number > up_to):
            continue
        # executescript commits nothing of its own here: it would only commit a pending
        # transaction, and there is none.
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{file.read_text('utf-8')}\nPRAGMA user_version = {number};\nCOMMIT;"
        )
        version = number
    return version
