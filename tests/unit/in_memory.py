"""A new store in memory, for rules that need no file."""

from __future__ import annotations

import sqlite3

from tests.empty_store import empty_store


def open_in_memory() -> sqlite3.Connection:
    """Returns a connection to a new store with today's schema, for a Transaction over it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.deserialize(empty_store())
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
