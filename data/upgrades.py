"""Planning of messages after an upgrade of the program."""

from __future__ import annotations

from datetime import datetime

from data.limits import CORRECTABLE_FOR
from data.outbox.kinds import KINDS
from data.outbox.plan import plan_open_sessions
from data.outbox.thanks import plan_thanks
from data.store.key_value import forget, recall, remember
from data.store.transaction import Transaction

_PLANNED_UNDER = "planned under"
"""Key in the store for the version that planned the open sessions last."""


def plan_after_upgrade(transaction: Transaction, *, schema: int, now: datetime) -> None:
    """Owes what is new in this version, and has mirrors show it.

    Does nothing if that was done for this schema with the same planned kinds.
    """
    if is_planned(transaction, schema=schema):
        return
    plan_open_sessions(transaction, since=now - CORRECTABLE_FOR, now=now)
    for row in transaction.all("SELECT channel_id FROM channel"):
        plan_thanks(transaction, row["channel_id"], now=now)
    remember(transaction, _PLANNED_UNDER, _version(schema))


def plan_anew(transaction: Transaction) -> None:
    """Has the next start plan all open sessions, and mirrors show them."""
    forget(transaction, _PLANNED_UNDER)


def is_planned(transaction: Transaction, *, schema: int) -> bool:
    """Returns whether all that this version of the program plans is owed."""
    return recall(transaction, _PLANNED_UNDER) == _version(schema)


def _version(schema: int) -> str:
    """Returns the schema with the kinds of messages that are planned."""
    return " ".join([str(schema), *sorted(kind.name for kind in KINDS.values() if kind.planned)])
