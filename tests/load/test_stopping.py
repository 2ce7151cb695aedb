"""The end comes soon, whatever is on its way, and the next start finishes it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from data.database import Transaction
from tests import stored
from tests.loopback import Guild, Loopback

SERVERS = 100
LONGEST_END = 10.0
"""Seconds that a supervisor such as Docker gives a process before it kills it."""


@pytest.mark.parametrize("answers", ["late", "never"])
async def test_a_hundred_messages_on_their_way(tmp_path: Path, answers: str) -> None:
    file = tmp_path / "jelly.sqlite3"
    async with Loopback() as discord:
        guilds = [await discord.create_guild(members=1) for _ in range(SERVERS)]
        await stored.write(file, lambda t: _owe_cards(t, guilds))
        latency = 1.0 if answers == "late" else 20.0
        await discord.disturb_requests(
            method="POST", path="/channels/*/messages", latency=latency, drop=answers == "never"
        )
        async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
            async with asyncio.timeout(20):
                while _count(file, "state = 'sending'") < SERVERS:
                    await asyncio.sleep(0.02)
            started_at = time.monotonic()
            assert await bot.stop(within=LONGEST_END) == 0
            assert time.monotonic() - started_at < LONGEST_END
            assert "Traceback" not in bot.output
        sent = _count(file, "state = 'sent'")
        assert 0 < sent < SERVERS if answers == "late" else sent == 0
        await discord.clear_faults()
        async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
            async with asyncio.timeout(30):
                while _count(file, "state = 'sent'") < SERVERS:
                    await asyncio.sleep(0.1)
            assert await bot.stop() == 0
        for guild in guilds:
            assert len(await discord.messages(guild.channels["jellies"])) == 1
        assert (await discord.counters()).limited == {}


def _owe_cards(transaction: Transaction, guilds: list[Guild]) -> None:
    for guild in guilds:
        stored.plan(transaction, guild)


def _count(file: Path, which: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(
            f"SELECT COUNT(*) FROM delivery WHERE kind = 'announcement' AND {which}"
        )
        return int(found.fetchone()[0])
