"""All that is stored of a server is deleted, in every table there is, and of no other server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.actions import settings
from data.forget_servers import forget_server, forget_some
from data.limits import DELETED_AT_ONCE
from data.refusal import Refusal
from data.removed_servers import note_removed
from data.store.database import Database
from data.store.transaction import Transaction
from tests.moments import MONDAY
from tests.unit.made_up import (
    HERE,
    NEXT_DOOR,
    NEXT_DOORS_CHANNEL,
    ROBIN,
    MadeUpProgram,
    plan_everything,
    stored,
)

_FILL = {
    "mirror": "(kind, guild_id, session_id, channel_id, remote_id, version, version_shown) "
    "SELECT 'card', guild_id, session_id, channel_id, 1, 1, 1 FROM session",
    "session_hours": "(session_id, arrives_at, leaves_at, people) "
    "SELECT session_id, 1, 2, 1 FROM session WHERE session_id NOT IN "
    "(SELECT session_id FROM session_hours)",
    "series_excluded": "(series_id, starts_local) SELECT series_id, 'x' FROM series",
    "delivery_recipient": "(delivery_id, user_id) SELECT delivery_id, 9 FROM delivery "
    "WHERE delivery_id NOT IN (SELECT delivery_id FROM delivery_recipient)",
    "delivery_named": "(delivery_id, user_id) SELECT delivery_id, 9 FROM delivery "
    "WHERE delivery_id NOT IN (SELECT delivery_id FROM delivery_named)",
    "invitation": "(guild_id, session_id, user_id, invited_by, to_host, invited_at) "
    "SELECT guild_id, session_id, 9, 8, 0, 1 FROM session",
    "refused_host": "(guild_id, user_id, host_id) SELECT guild_id, 9, 8 FROM guild",
    "ping": "(session_id, user_id, reason) SELECT session_id, 9, 'moved' FROM session",
    "change": "(guild_id, action, made_at) SELECT guild_id, 'edited', 1 FROM guild",
    "deletion": "(channel_id, message_id, guild_id, try_at) SELECT 5, guild_id, guild_id, 1 "
    "FROM guild",
    "private_channel": "(user_id, asked_at, asked_times) "
    "SELECT DISTINCT channel_id, 1, 1 FROM delivery WHERE is_private = 1",
    "key_value": "(name, value) VALUES ('commands', 'digest')",
}
"""Rows of both servers in tables that those who plan everything may leave empty."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A store with rows in every table."""
    file = tmp_path / "jelly.sqlite3"
    await plan_everything(file)
    async with await Database.open(file) as opened:

        def fill(transaction: Transaction) -> None:
            for table, rows in _FILL.items():
                transaction.run(f"INSERT INTO {table} {rows}")
            transaction.run(
                "UPDATE delivery SET told_by = (SELECT MAX(delivery_id) FROM delivery), "
                "alerted_by = (SELECT MIN(delivery_id) FROM delivery) WHERE guild_id = :here",
                here=HERE,
            )

        await opened.write(fill)
        yield opened


async def test_every_table_has_rows_so_that_a_new_one_is_not_forgotten(database: Database) -> None:
    empty = {name for name, rows in (await stored(database)).items() if not rows}
    assert empty == set(), "give these rows in _FILL, and delete them in data/forget_servers.py"


async def test_nothing_is_left_of_a_server_and_everything_of_another(database: Database) -> None:
    before = await stored(database)
    assert await database.write(lambda t: forget_server(t, NEXT_DOOR))
    after = await stored(database)
    del before["key_value"]  # now also that the file is to be rewritten
    for name, rows in before.items():
        assert after[name] == [row for row in rows if not _is_next_door(row)], name
    assert await database.write(lambda t: forget_server(t, HERE))
    left = {name for name, rows in (await stored(database)).items() if rows}
    assert left == {"key_value"}  # what the program remembers of itself


def _is_next_door(row: dict[str, object]) -> bool:
    return row.get("guild_id") == NEXT_DOOR or row.get("channel_id") == NEXT_DOORS_CHANNEL


async def test_a_server_that_is_not_there_is_told_apart(database: Database) -> None:
    assert not await database.write(lambda t: forget_server(t, 1))


async def test_steps_are_bounded(database: Database) -> None:
    def fill(transaction: Transaction) -> None:
        for user_id in range(3 * DELETED_AT_ONCE):
            transaction.run(
                "INSERT INTO member (guild_id, user_id) VALUES (:here, :user_id)",
                here=NEXT_DOOR,
                user_id=user_id,
            )

    await database.write(fill)

    async def members() -> int:
        return len((await stored(database))["member"])

    while True:
        there = await members()
        if not await database.write(lambda t: forget_some(t, NEXT_DOOR)):
            break
        assert there - await members() <= DELETED_AT_ONCE


async def test_nobody_sets_a_server_up_while_its_data_are_being_deleted(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "jelly.sqlite3") as database:
        program = MadeUpProgram(database)
        typed = settings.Typed(channel_id=5, zone="Europe/London")
        await settings.change_settings(program, ROBIN, typed)
        await database.write(lambda t: note_removed(t, HERE, now=MONDAY))
        typed = replace(typed, zone="Europe/Paris")
        with pytest.raises(Refusal, match="Try again in a minute"):
            await settings.change_settings(program, ROBIN, typed)
        await database.write(lambda t: forget_server(t, HERE))
        await settings.change_settings(program, ROBIN, typed)
