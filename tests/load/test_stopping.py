"""The process ends soon, whatever is in progress, and the next start finishes the work."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from data.store.transaction import Transaction
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


async def test_limits_that_are_used_up(tmp_path: Path) -> None:
    """discord.py waits until a limit ends even if it is told to give up."""
    file, cards, per_limit = tmp_path / "jelly.sqlite3", 6, 4
    async with Loopback() as discord:
        edited, posted = await discord.create_guild(), await discord.create_guild()
        await stored.write(file, lambda t: _owe_several(t, edited, cards))
        async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
            await discord.wait_requests("POST /channels/{id}/messages", cards)
            assert await bot.stop() == 0
        await stored.write(file, lambda t: t.run("UPDATE session SET version = version + 1"))
        await stored.write(file, lambda t: _owe_several(t, posted, cards))
        await discord.reset_counters()
        for method, guild in (("POST", posted), ("PATCH", edited)):
            path = f"/channels/{guild.channels['jellies']}/messages*"
            await discord.disturb_requests(method=method, path=path, times=per_limit)
            await discord.disturb_requests(method=method, path=path, latency=120.0)
        async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
            # A counted request has been answered, so the next one has been sent.
            await discord.wait_requests("POST /channels/{id}/messages", per_limit)
            await discord.wait_requests("PATCH /channels/{id}/messages/{id}", per_limit)
            started_at = time.monotonic()
            assert await bot.stop(within=LONGEST_END) == 0
            assert time.monotonic() - started_at < LONGEST_END
            assert "Traceback" not in bot.output


def _owe_several(transaction: Transaction, guild: Guild, cards: int) -> None:
    stored.set_up(transaction, guild)
    for number in range(cards):
        stored.schedule(transaction, guild, f"Jelly {number}", int(time.time()) + 2 * 86_400)


def _owe_cards(transaction: Transaction, guilds: list[Guild]) -> None:
    for guild in guilds:
        stored.plan(transaction, guild)


def _count(file: Path, which: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute(
            f"SELECT COUNT(*) FROM delivery WHERE kind = 'announcement' AND {which}"
        )
        return int(found.fetchone()[0])
