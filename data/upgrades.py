"""Planning of messages after an upgrade of the program."""

from __future__ import annotations

from datetime import datetime

from data.limits import CORRECTABLE_FOR
from data.outbox.kinds import KINDS
from data.outbox.plan import plan_open_sessions
from data.outbox.thanks import plan_thanks
from data.people.hosting import seat_earlier_hosts
from data.schedule.last_dates import look_at_all_series
from data.store.key_value import forget, recall, remember
from data.store.transaction import Transaction

_PLANNED_UNDER = "planned under"
"""Key in the store for the version that planned the open sessions last."""

_RULES = "whole days by the clocks"
"""How times are planned; another text has all open sessions planned anew."""

_LAST_PLANNED = "last planned"
"""Key in the store for the session up to which they are planned, and for which version."""


def plan_after_upgrade(transaction: Transaction, *, schema: int, limit: int, now: datetime) -> bool:
    """Owes what is new in this version, and has mirrors show it; returns whether all is planned.

    Plans the next ``limit`` sessions; also after a restart amid them. Does nothing if all was
    planned for this schema with the same planned kinds and rules.
    """
    if is_planned(transaction, schema=schema):
        return True
    if not seat_earlier_hosts(transaction, limit=limit, now=now):
        return False
    last = plan_open_sessions(
        transaction,
        since=now - CORRECTABLE_FOR,
        after=_last_planned(transaction, schema),
        limit=limit,
        now=now,
    )
    if last is not None:
        remember(transaction, _LAST_PLANNED, f"{last} {_version(schema)}")
        return False
    look_at_all_series(transaction, now=now)
    for row in transaction.all("SELECT channel_id FROM channel"):
        plan_thanks(transaction, row["channel_id"], now=now)
    remember(transaction, _PLANNED_UNDER, _version(schema))
    return True


def _last_planned(transaction: Transaction, schema: int) -> int:
    """Returns the id up to which sessions are planned for this version; 0 if none are."""
    last, _, version = (recall(transaction, _LAST_PLANNED) or "0 ").partition(" ")
    return int(last) if version == _version(schema) else 0


def plan_anew(transaction: Transaction) -> None:
    """Has the next start plan all open sessions, and mirrors show them."""
    forget(transaction, _PLANNED_UNDER)


def is_planned(transaction: Transaction, *, schema: int) -> bool:
    """Returns whether all that this version of the program plans is owed."""
    return recall(transaction, _PLANNED_UNDER) == _version(schema)


def _version(schema: int) -> str:
    """Returns the schema with the kinds of messages that are planned, and by which rules."""
    kinds = sorted(kind.name for kind in KINDS.values() if kind.planned)
    return " ".join([str(schema), *kinds, _RULES])
