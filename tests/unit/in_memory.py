"""A new store in memory, for rules that need no file."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from data.outbox.claims import Claimed, claim
from data.store.transaction import Transaction
from tests.empty_store import empty_store

LEASE = timedelta(seconds=60)


def open_in_memory() -> sqlite3.Connection:
    """Returns a connection to a new store with today's schema, for a Transaction over it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.deserialize(empty_store())
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def claim_due(
    store: Transaction, *, now: datetime, limit: int = 20, most_mentions: int = 2
) -> Claimed:
    """Claims what is due, as the outbox does."""
    return claim(
        store,
        now=now,
        lease=LEASE,
        limit=limit,
        private_limit=limit,
        most_mentions=most_mentions,
    )
