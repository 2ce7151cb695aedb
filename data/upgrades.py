"""What a newer schema brings to a store that was filled under an older one."""

from __future__ import annotations

from datetime import datetime

from data.limits import CORRECTABLE_FOR
from data.outbox.plan import plan
from data.people.history import plan_thanks
from data.rows import epoch
from data.store.key_value import recall, remember
from data.store.transaction import Transaction


def plan_after_upgrade(transaction: Transaction, *, now: datetime) -> None:
    """After an upgrade of the schema: owe what is new, and have every card show it."""
    version = transaction.one("PRAGMA user_version")
    assert version is not None  # every database has one
    schema = str(version["user_version"])
    if recall(transaction, "planned under") == schema:
        return
    for row in transaction.all(
        """
        UPDATE session SET version = version + 1
        WHERE ends_at > :since AND state = 'scheduled' RETURNING session_id
        """,
        since=epoch(now - CORRECTABLE_FOR),
    ):
        plan(transaction, row["session_id"], now)
    for row in transaction.all("SELECT guild_id FROM guild"):
        plan_thanks(transaction, row["guild_id"], now=now)
    remember(transaction, "planned under", schema)
