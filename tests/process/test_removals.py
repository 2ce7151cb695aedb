"""Over sockets: a server removes the bot and invites it again, and what a restart learns of it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from data.limits import DELETED_AT_ONCE, MISSING_FOR, REMOVED_KEPT_FOR
from data.store.transaction import Transaction
from tests import stored
from tests.loopback import Guild, Loopback

CARD_BEFORE = 6 * 86_400
"""How long before a jelly its card is due, in seconds."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    await started.reset_counters()
    yield started
    assert await started.violations() == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jelly.sqlite3"


@pytest_asyncio.fixture(loop_scope="module")
async def guild(discord: Loopback, file: Path) -> Guild:
    """A server with a jelly ahead, whose card is due."""
    guild = await discord.create_guild()
    await stored.write(file, lambda t: stored.plan(t, guild))
    return guild


def rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


async def until(file: Path, sql: str, expected: list[tuple[Any, ...]]) -> None:
    """Waits until the store holds that."""
    async with asyncio.timeout(20):
        while rows(file, sql) != expected:
            await asyncio.sleep(0.05)


async def test_removed_nothing_is_due_and_invited_again_the_card_comes(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    def card_at_the_start(transaction: Transaction) -> None:
        # The bot plans anew what a change of settings concerns, so both have to say so.
        transaction.run("UPDATE channel SET announce_before = 0")
        transaction.run(
            "UPDATE delivery SET due_at = due_at + :before, try_at = due_at + :before",
            before=CARD_BEFORE,
        )

    await stored.write(file, card_at_the_start)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await discord.wait_ready()
        await discord.remove_bot(guild.id)
        await until(file, "SELECT COUNT(*) FROM guild WHERE removed_at IS NOT NULL", [(1,)])
        owed = "SELECT COUNT(*) FROM delivery WHERE state IN ('pending', 'sending')"
        await until(file, owed, [(0,)])
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("UPDATE channel SET announce_before = ?", (CARD_BEFORE,))
        await discord.invite_bot(guild.id)
        card = "SELECT COUNT(*) FROM delivery WHERE kind = 'announcement' AND state = 'sent'"
        await until(file, card, [(1,)])
        assert rows(file, "SELECT removed_at FROM guild") == [(None,)]
        assert len(await discord.messages(guild.channels["jellies"])) == 1
        assert await bot.stop() == 0


async def test_missing_at_two_logins_a_day_apart_it_is_removed(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    await discord.remove_bot(guild.id)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await until(file, "SELECT COUNT(*) FROM guild WHERE missing_since IS NOT NULL", [(1,)])
        assert await bot.stop() == 0
    assert rows(file, "SELECT removed_at FROM guild") == [(None,)]
    day = int(MISSING_FOR.total_seconds())
    await stored.write(
        file, lambda t: t.run(f"UPDATE guild SET missing_since = missing_since - {day}")
    )
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await until(file, "SELECT COUNT(*) FROM guild WHERE removed_at IS NOT NULL", [(1,)])
        assert await bot.stop() == 0


async def test_killed_during_the_deletion_it_goes_on_and_no_id_is_left_in_the_file(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    await discord.remove_bot(guild.id)
    long_ago = int(time.time() - REMOVED_KEPT_FOR.total_seconds()) - 60

    def fill(transaction: Transaction) -> None:
        transaction.run("UPDATE guild SET removed_at = :long_ago", long_ago=long_ago)
        for user_id in range(50 * DELETED_AT_ONCE):
            transaction.run(
                "INSERT INTO member (guild_id, user_id) VALUES (:guild_id, :user_id)",
                guild_id=guild.id,
                user_id=user_id,
            )

    await stored.write(file, fill)
    members = "SELECT COUNT(*) FROM member"
    [(before,)] = rows(file, members)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        async with asyncio.timeout(20):
            while rows(file, members) == [(before,)]:
                await asyncio.sleep(0.002)
        await bot.kill()
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await until(file, "SELECT COUNT(*) FROM guild", [(0,)])
        assert await bot.stop() == 0
    assert rows(file, members) == [(0,)]
    for part in file.parent.iterdir():
        assert part.is_dir() or guild.id.to_bytes(8, "big") not in part.read_bytes()
