"""Word to a server's organizers: what they alone can mend, or has no host to tell; who takes over.

Discord does not say who the organizers are, so it goes to the channel chosen for them;
else privately to the person who last used ``/settings``, and if that can't arrive, to the server's
owner.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from data.channels import find_guild, is_removed
from data.limits import ALERT_EVERY, FAILURES_TOGETHER, FAILURES_USEFUL_FOR
from data.models import Owner, Session, is_deleted
from data.outbox.deliveries import Problem
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.failures import JELLY_OF_DELIVERY, PROBLEM, host_of, problem_of, words_about
from data.outbox.kinds import (
    ALERT,
    HOST_LEFT,
    RETURNED,
    TO_ORGANIZERS,
    Kind,
    To,
    kind_of,
)
from data.outbox.owe import owe
from data.rows import epoch, session_of
from data.store.transaction import Row, Transaction

_FOR_ORGANIZERS = (ErrorCode.CHANNEL_GONE, ErrorCode.MISSING, ErrorCode.FORBIDDEN)
"""Reasons that organizers can mend, whatever the message."""
_WORD = f"""guild_id = :guild_id AND session_id IS NULL AND series_id IS NULL
    AND owner_channel_id IS NULL AND kind IN {TO_ORGANIZERS}"""
_ALERTS = f"{_WORD} AND kind = :kind"


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
    if row["is_private"] or kind_of(row["kind"]).to in (To.ORGANIZERS, To.NOBODY):
        return
    host = host_of(transaction, delivery_id)
    if error.code not in _FOR_ORGANIZERS and host is not None:
        return
    guild_id = row["guild_id"]
    addresses = _addresses(transaction, guild_id)
    # The host is told of it anyway.
    if not addresses or (host is not None and addresses[0] == _Address(host[1], is_private=True)):
        return
    alert_id = _waiting(transaction, guild_id, ALERT)
    if alert_id is None:
        due = epoch(now + FAILURES_TOGETHER)
        last = _last_due(transaction, guild_id)
        if last is not None:
            due = max(due, last + int(ALERT_EVERY.total_seconds()))
        alert_id = _owe(transaction, guild_id, ALERT, addresses[0], delivery_id, due)
    _note_alerted(transaction, delivery_id, alert_id)


def ask_who_takes_over(transaction: Transaction, delivery_id: int, *, now: datetime) -> None:
    """Owes the organizers the question who hosts a session, by the look for its host.

    It is due after FAILURES_TOGETHER, so that other dates of that host are in the same message.
    """
    row = transaction.one(
        "SELECT guild_id FROM delivery WHERE delivery_id = :delivery_id", delivery_id=delivery_id
    )
    assert row is not None  # it was just claimed
    guild_id = row["guild_id"]
    question_id = _waiting(transaction, guild_id, HOST_LEFT)
    if question_id is None:
        addresses = _addresses(transaction, guild_id)
        if not addresses:
            return
        due = epoch(now + FAILURES_TOGETHER)
        question_id = _owe(transaction, guild_id, HOST_LEFT, addresses[0], delivery_id, due)
    _note_alerted(transaction, delivery_id, question_id)


def sessions_without_host(
    transaction: Transaction, delivery_id: int, *, now: datetime
) -> tuple[Session, ...]:
    """Returns the sessions that a question who takes over is about, soonest first.

    Without those that got another host meanwhile, that are called off, or that have begun.
    """
    rows = transaction.all(
        """
        SELECT session.* FROM delivery JOIN session USING (session_id)
            JOIN member ON member.guild_id = session.guild_id AND user_id = host_id
        WHERE alerted_by = :delivery_id AND session.state = 'scheduled' AND starts_at > :now
            AND left_at IS NOT NULL
        ORDER BY starts_at, session_id
        """,
        delivery_id=delivery_id,
        now=epoch(now),
    )
    return tuple(session_of(row) for row in rows)


def tell_of_return(
    transaction: Transaction, guild_id: int, *, removed_at: datetime, now: datetime
) -> None:
    """Owes the organizers word that the bot is back and goes on, and since when it was away."""
    if addresses := _addresses(transaction, guild_id):
        owe(
            transaction,
            Owner(guild_id),
            RETURNED,
            addresses[0].channel_id,
            is_private=addresses[0].is_private,
            occasion=epoch(removed_at),
            previous_at=epoch(removed_at),
            due=epoch(now),
            useful_until=epoch(now + FAILURES_USEFUL_FOR),
        )


def sessions_left_out(
    transaction: Transaction, guild_id: int, *, since: datetime, until: datetime
) -> int:
    """Returns how many sessions began in a server while the bot was removed from it."""
    row = transaction.one(
        """
        SELECT COUNT(*) AS sessions FROM session
        WHERE guild_id = :guild_id AND ends_at > :since AND starts_at >= :since
            AND starts_at <= :until AND state = 'scheduled'
        """,
        guild_id=guild_id,
        since=epoch(since),
        until=epoch(until),
    )
    assert row is not None  # COUNT always returns a row
    return int(row["sessions"])


def readdress(transaction: Transaction, delivery_id: int, *, now: datetime) -> bool:
    """Sends word that could not arrive to the next address; returns whether there is one."""
    row = transaction.one(
        "SELECT * FROM delivery WHERE delivery_id = :delivery_id", delivery_id=delivery_id
    )
    if row is None or kind_of(row["kind"]).to is not To.ORGANIZERS:
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
        f"SELECT * FROM delivery WHERE {_WORD} AND state = 'pending' AND attempts = 0",
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


def _waiting(transaction: Transaction, guild_id: int, kind: Kind) -> int | None:
    row = transaction.one(
        f"""
        SELECT delivery_id FROM delivery
        WHERE {_ALERTS} AND state = 'pending' AND attempts = 0 LIMIT 1
        """,
        guild_id=guild_id,
        kind=kind.name,
    )
    return None if row is None else int(row["delivery_id"])


def _last_due(transaction: Transaction, guild_id: int) -> int | None:
    """Returns when word of failures was or will be due last, in epoch seconds."""
    row = transaction.one(
        f"""
        SELECT MAX(due_at) AS due_at FROM delivery
        WHERE {_ALERTS} AND state IN ('pending', 'sending', 'sent')
        """,
        guild_id=guild_id,
        kind=ALERT.name,
    )
    return None if row is None else row["due_at"]


def _owe(
    transaction: Transaction, guild_id: int, kind: Kind, to: _Address, delivery_id: int, due: int
) -> int:
    """Owes a message that begins with a row, such as a failure; returns its id."""
    return owe(
        transaction,
        Owner(guild_id),
        kind,
        to.channel_id,
        is_private=to.is_private,
        occasion=delivery_id,
        before=words_about(transaction, kind, delivery_id),
        due=due,
        useful_until=due + int(FAILURES_USEFUL_FOR.total_seconds()),
    )


def _note_alerted(transaction: Transaction, delivery_id: int, alerted_by: int) -> None:
    transaction.run(
        "UPDATE delivery SET alerted_by = :alerted_by WHERE delivery_id = :delivery_id",
        alerted_by=alerted_by,
        delivery_id=delivery_id,
    )


def _addresses(transaction: Transaction, guild_id: int) -> list[_Address]:
    """Returns where word to organizers may go, the best first."""
    guild = find_guild(transaction, guild_id)
    if guild is None or is_removed(transaction, guild_id):
        return []
    wanted = (
        (guild.organizers_channel_id, False),
        (guild.settings_by, True),
        (guild.owner_id, True),
    )
    return list(
        dict.fromkeys(
            _Address(one, private) for one, private in wanted if one and not is_deleted(one)
        )
    )


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
