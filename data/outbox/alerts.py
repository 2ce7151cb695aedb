"""Word to a server's organizers of what they alone can mend, or of what has no host to tell.

Discord does not say who the organizers are, so it goes to the channel chosen for them; else
privately to whoever last used ``/settings``, and if that can't arrive, to the server's owner.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from data.channels import find_guild
from data.limits import ALERT_EVERY, FAILURES_TOGETHER, FAILURES_USEFUL_FOR
from data.models import Owner
from data.outbox.deliveries import Problem
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.failures import JELLY_OF_DELIVERY, PROBLEM, host_of, problem_of, words_about
from data.outbox.kinds import ALERT
from data.outbox.owe import owe
from data.rows import epoch
from data.store.transaction import Row, Transaction

_FOR_ORGANIZERS = (ErrorCode.CHANNEL_GONE, ErrorCode.MISSING, ErrorCode.FORBIDDEN)
"""Reasons that organizers can mend, whatever the message."""
_ALERTS = """guild_id = :guild_id AND session_id IS NULL AND series_id IS NULL
    AND owner_channel_id IS NULL AND kind = 'alert'"""


class _Address(NamedTuple):
    channel_id: int
    """A user's id if it is private."""
    is_private: bool


def tell_organizers_soon(
    transaction: Transaction, delivery_id: int, error: DeliveryError, *, now: datetime
) -> None:
    """Owes the organizers word of a failure, if it is for them; at most one message a day.

    It is due after FAILURES_TOGETHER, so that further failures are told in the same message.
    """
    row = transaction.one(
        "SELECT guild_id, kind, is_private FROM delivery WHERE delivery_id = :delivery_id",
        delivery_id=delivery_id,
    )
    assert row is not None  # it has just failed
    if row["is_private"] or row["kind"] == ALERT.name or error.code is ErrorCode.NOT_IN_SERVER:
        return
    host = host_of(transaction, delivery_id)
    if error.code not in _FOR_ORGANIZERS and host is not None:
        return
    guild_id = row["guild_id"]
    addresses = _addresses(transaction, guild_id)
    # The host is told of it anyway.
    if not addresses or (host is not None and addresses[0] == _Address(host[1], is_private=True)):
        return
    alert_id = _waiting(transaction, guild_id)
    if alert_id is None:
        alert_id = _owe(transaction, guild_id, addresses[0], delivery_id, now)
    transaction.run(
        "UPDATE delivery SET alerted_by = :alert_id WHERE delivery_id = :delivery_id",
        alert_id=alert_id,
        delivery_id=delivery_id,
    )


def readdress(transaction: Transaction, delivery_id: int, *, now: datetime) -> bool:
    """Sends word that could not arrive to the next address; returns whether there is one."""
    row = transaction.one(
        "SELECT * FROM delivery WHERE delivery_id = :delivery_id", delivery_id=delivery_id
    )
    if row is None or row["kind"] != ALERT.name:
        return False
    addresses = _addresses(transaction, row["guild_id"])
    current = _Address(row["channel_id"], bool(row["is_private"]))
    # It may have been on its way to an address that was replaced meanwhile.
    later = addresses[addresses.index(current) + 1 :] if current in addresses else addresses
    if not later:
        return False
    _send_to(transaction, row, later[0], now)
    return True


def follow_organizers(transaction: Transaction, guild_id: int, *, now: datetime) -> None:
    """Readdresses word that is not sent yet, after a change of where it goes."""
    for row in transaction.all(
        f"SELECT * FROM delivery WHERE {_ALERTS} AND state = 'pending' AND attempts = 0",
        guild_id=guild_id,
    ):
        if addresses := _addresses(transaction, guild_id):
            _send_to(transaction, row, addresses[0], now)


def problems_alerted_by(transaction: Transaction, delivery_id: int) -> tuple[Problem, ...]:
    """Returns the failures that word to organizers tells of, oldest first, but mended ones."""
    rows = transaction.all(
        f"""
        SELECT {PROBLEM} FROM {JELLY_OF_DELIVERY}
        WHERE alerted_by = :delivery_id AND delivery.state = 'failed'
        ORDER BY due_at, delivery_id
        """,
        delivery_id=delivery_id,
    )
    return tuple(problem_of(row) for row in rows)


def _waiting(transaction: Transaction, guild_id: int) -> int | None:
    row = transaction.one(
        f"""
        SELECT delivery_id FROM delivery
        WHERE {_ALERTS} AND state = 'pending' AND attempts = 0 LIMIT 1
        """,
        guild_id=guild_id,
    )
    return None if row is None else int(row["delivery_id"])


def _owe(
    transaction: Transaction, guild_id: int, to: _Address, delivery_id: int, now: datetime
) -> int:
    """Owes a message about a failure; returns its id."""
    last = transaction.one(
        f"""
        SELECT MAX(due_at) AS due_at FROM delivery
        WHERE {_ALERTS} AND state IN ('pending', 'sending', 'sent')
        """,
        guild_id=guild_id,
    )
    due = epoch(now + FAILURES_TOGETHER)
    if last is not None and last["due_at"] is not None:
        due = max(due, last["due_at"] + int(ALERT_EVERY.total_seconds()))
    return owe(
        transaction,
        Owner(guild_id),
        ALERT,
        to.channel_id,
        is_private=to.is_private,
        occasion=delivery_id,
        before=words_about(transaction, ALERT, delivery_id),
        due=due,
        useful_until=due + int(FAILURES_USEFUL_FOR.total_seconds()),
    )


def _addresses(transaction: Transaction, guild_id: int) -> list[_Address]:
    """Returns where word to organizers may go, the best first."""
    guild = find_guild(transaction, guild_id)
    if guild is None:
        return []
    wanted = (
        (guild.organizers_channel_id, False),
        (guild.settings_by, True),
        (guild.owner_id, True),
    )
    return list(dict.fromkeys(_Address(one, private) for one, private in wanted if one))


def _send_to(transaction: Transaction, row: Row, address: _Address, now: datetime) -> None:
    transaction.run(
        """
        UPDATE delivery SET channel_id = :channel_id, is_private = :is_private, attempts = 0,
            first_try_at = NULL, error = NULL, state = 'pending', try_at = :try_at
        WHERE delivery_id = :delivery_id
        """,
        channel_id=address.channel_id,
        is_private=int(address.is_private),
        delivery_id=row["delivery_id"],
        try_at=max(row["due_at"], epoch(now)),
    )
