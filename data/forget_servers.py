"""Deleting all that is stored of a server, in steps of a bounded number of rows.

Every step is whole by itself, and the server's own row goes last: what a kill interrupts goes on.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from data.limits import DELETED_AT_ONCE, REMOVED_KEPT_FOR
from data.people.forgetting import want_rewrite
from data.rows import epoch, moment
from data.store.transaction import Transaction


class _Table(NamedTuple):
    """Rows of a server in a table with the column guild_id, and what belongs to each of them."""

    name: str
    key: str
    """The column by which rows are chosen, and by which others belong to them."""
    belonging: tuple[tuple[str, str], ...] = ()
    """Tables and their columns with the key; deleted first."""


_MESSAGES_OF = "SELECT delivery_id FROM delivery WHERE {column} = :key"
_TABLES = (
    _Table("draft", "draft_id"),
    _Table("member", "user_id"),
    _Table("invitation", "invitation_id"),
    _Table("refused_host", "user_id"),
    _Table("change", "change_id"),
    _Table("deletion", "message_id"),
    _Table(
        "session",
        "session_id",
        (
            ("delivery", "session_id"),
            ("mirror", "session_id"),
            ("rsvp", "session_id"),
            ("ping", "session_id"),
            ("session_boundary", "session_id"),
            ("session_hours", "session_id"),
        ),
    ),
    _Table(
        "series",
        "series_id",
        (
            ("delivery", "series_id"),
            ("mirror", "series_id"),
            ("series_rule", "series_id"),
            ("series_excluded", "series_id"),
        ),
    ),
    _Table(
        "channel",
        "channel_id",
        (
            ("delivery", "owner_channel_id"),
            ("mirror", "owner_channel_id"),
            ("reminder_setting", "channel_id"),
        ),
    ),
    _Table("guild", "guild_id", (("delivery", "guild_id"), ("mirror", "guild_id"))),
)
"""In the order in which foreign keys let them go."""


def next_deletion(transaction: Transaction) -> datetime | None:
    """Returns when the data of a server that removed the bot are to be deleted next."""
    row = transaction.one("SELECT MIN(removed_at) AS at FROM guild WHERE removed_at IS NOT NULL")
    return None if row is None or row["at"] is None else moment(row["at"]) + REMOVED_KEPT_FOR


def server_to_forget(transaction: Transaction, *, now: datetime) -> int | None:
    """Returns a server that removed the bot REMOVED_KEPT_FOR ago; None if there is none."""
    row = transaction.one(
        "SELECT guild_id FROM guild WHERE removed_at <= :until ORDER BY removed_at LIMIT 1",
        until=epoch(now - REMOVED_KEPT_FOR),
    )
    return None if row is None else int(row["guild_id"])


def forget_some(transaction: Transaction, guild_id: int) -> bool:
    """Deletes up to DELETED_AT_ONCE rows of a server, and what belongs to them.

    Returns whether there were any; if not, nothing of the server is left, once the file is
    rewritten.
    """
    for table in _TABLES:
        keys = transaction.all(
            f"SELECT {table.key} AS key FROM {table.name} WHERE guild_id = :guild_id LIMIT :most",
            guild_id=guild_id,
            most=DELETED_AT_ONCE,
        )
        for row in keys:
            for name, column in table.belonging:
                _delete(transaction, name, column, row["key"])
            transaction.run(
                f"DELETE FROM {table.name} WHERE guild_id = :guild_id AND {table.key} = :key",
                guild_id=guild_id,
                key=row["key"],
            )
        if keys and table.name == "guild":
            _forget_private_channels(transaction)
            want_rewrite(transaction)
        if keys:
            return True
    return False


def forget_server(transaction: Transaction, guild_id: int) -> bool:
    """Deletes all that is stored of a server; returns whether there was anything."""
    was_there = False
    while forget_some(transaction, guild_id):
        was_there = True
    return was_there


def _delete(transaction: Transaction, name: str, column: str, key: int) -> None:
    if name == "delivery":
        messages = _MESSAGES_OF.format(column=column)
        for table in ("delivery_recipient", "delivery_named"):
            transaction.run(f"DELETE FROM {table} WHERE delivery_id IN ({messages})", key=key)
        for told in ("told_by", "alerted_by"):
            transaction.run(
                f"UPDATE delivery SET {told} = NULL WHERE {told} IN ({messages})", key=key
            )
    transaction.run(f"DELETE FROM {name} WHERE {column} = :key", key=key)


def _forget_private_channels(transaction: Transaction) -> None:
    """Deletes the private channels of people to whom no message is known any more."""
    transaction.run(
        """
        DELETE FROM private_channel
        WHERE user_id NOT IN (SELECT channel_id FROM delivery WHERE is_private = 1)
        """
    )
