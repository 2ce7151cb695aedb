"""A store in which nothing is stored yet, migrated once in each process that runs tests.

That migrating makes it, and what older stores become, is in ``tests/unit/test_store.py``.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache

from data.migrations import migrate


@cache
def empty_store() -> bytes:
    """Returns the contents of a file with today's schema."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        return connection.serialize()
