"""Whatever happens to the connection, the process keeps running and people are answered again."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import discord as discord_py
import pytest
import pytest_asyncio
import yarl

from bot.app import JellyBot
from bot.clock import Clock
from bot.connection import log_in, stay_connected
from bot.pacer import LONGEST_SESSION_WAIT, SessionPacer
from data.store.database import Database
from data.store.transaction import Transaction
from tests import stored
from tests.loopback import TOKEN, Guild, Loopback, Message, Process

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODY_THERE = "ws://127.0.0.1:1"
# discord.py leaves a connection it gave up to the garbage collector, which emits a warning.
LEFT_BY_DISCORD_PY = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Loopback]:
    async with Loopback(heartbeat_interval=0.2) as discord:
        yield discord


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    """Yields a Discord without faults, reset afterwards; every request to it must be valid."""
    await started.reset_counters()
    yield started
    await started.clear_faults()
    await started.come_back()
    await started.strand_sessions("")
    assert await started.violations() == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jelly.sqlite3"


@pytest_asyncio.fixture(loop_scope="module")
async def guild(discord: Loopback) -> Guild:
    return await discord.create_guild()


async def test_discord_is_away_at_the_start(discord: Loopback, guild: Guild, file: Path) -> None:
    await discord.go_away()
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await bot.said("I can't reach Discord")
        await bot.said("I can't reach Discord", times=2)
        await discord.come_back()
        await discord.wait_ready()
        await _answers(discord, guild)
        assert "Traceback" not in bot.output
        assert "Unclosed" not in bot.output
        assert await bot.stop() == 0


async def test_discord_is_ill_at_the_start(discord: Loopback, guild: Guild, file: Path) -> None:
    await discord.disturb_requests(path="/users/@me", status=503)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await bot.said("I can't reach Discord (DiscordServerError: 503", within=30)
        await discord.clear_faults()
        await discord.wait_ready()
        await _answers(discord, guild)


@pytest.mark.parametrize("status", [403, 404, 405, 408])
async def test_a_proxy_answers_the_login_in_place_of_discord(
    discord: Loopback, guild: Guild, file: Path, status: int
) -> None:
    await discord.disturb_requests(path="/users/@me", status=status)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await bot.said(f": {status}, code 0). Check this machine", times=2)
        await discord.clear_faults()
        await discord.wait_ready()
        await _answers(discord, guild)
        assert await bot.stop() == 0
    assert max(map(len, bot.output.splitlines())) < 450
    assert "</p>\n" not in bot.output


async def test_a_login_that_discord_refuses_is_tried_again(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    await discord.disturb_requests(path="/users/@me", status=403, code=20001)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await bot.said("Discord refused the login (Forbidden: 403, code 20001)", times=2)
        await discord.clear_faults()
        await discord.wait_ready()
        await _answers(discord, guild)


@pytest.mark.parametrize("code", [4010, 4012])
async def test_a_connection_closed_for_what_may_pass(
    discord: Loopback, guild: Guild, file: Path, code: int
) -> None:
    async with _running(discord, file) as bot:
        await discord.close_gateway(code, resumable=False)
        await bot.said(f"Discord closed the connection (code {code})")
        await discord.wait_gateway("identify", 2)
        await discord.wait_ready()
        await _answers(discord, guild)
        assert await bot.stop() == 0


async def test_an_event_that_discord_py_cannot_read(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    async with _running(discord, file) as bot:
        await discord.garble_gateway("GUILD_CREATE", {"id": "not a number"})
        await bot.said("ended the connection")
        await discord.wait_gateway("identify", 2)
        await discord.wait_ready()
        await _answers(discord, guild)
        assert await bot.stop() == 0


async def test_a_session_that_is_not_known_any_more(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    async with _running(discord, file) as bot:
        await discord.close_gateway(4009, resumable=False)
        await discord.wait_gateway("identify", 2)
        await discord.wait_ready()
        await _answers(discord, guild)
        assert await bot.stop() == 0


async def test_an_answer_whose_arrival_is_not_told(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    await stored.write(file, lambda t: stored.plan(t, guild))
    jellies, newcomer = guild.channels["jellies"], guild.members[1]
    async with _running(discord, file) as bot:
        await discord.wait_requests("POST /channels/{id}/messages")
        [card] = await discord.messages(jellies)
        await discord.disturb_requests(
            method="POST",
            path="/interactions/*/callback",
            times=1,
            drop=True,
            takes_effect=True,
        )
        answered = await discord.click(newcomer, card, card.buttons["Going"])
        assert answered.kind == "update"
        await _until(discord, guild, lambda shown: shown.ephemeral and "Welcome!" in shown.text)
        assert "WARNING" not in bot.output
        assert await bot.stop() == 0


async def test_what_is_due_is_sent_while_the_gateway_is_away(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    start = int(time.time()) + 3

    def owe_card_and_line(transaction: Transaction) -> None:
        stored.set_up(transaction, guild)
        stored.go(transaction, guild, stored.schedule(transaction, guild, "Starting", start))

    await stored.write(file, owe_card_and_line)
    async with _running(discord, file):
        await discord.go_away(api=False)
        await _until(discord, guild, lambda shown: "is on now" in shown.text)
    assert time.time() >= start


@LEFT_BY_DISCORD_PY
async def test_a_session_that_never_comes_back(
    discord: Loopback, guild: Guild, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await discord.strand_sessions(NOBODY_THERE)
    async with _bot_in_here(discord, file, monkeypatch) as bot:
        connection = asyncio.create_task(stay_connected(bot, patience=1))
        await discord.wait_ready()
        await discord.strand_sessions("")
        await discord.cut_gateway()
        await discord.wait_gateway("identify", 2)
        await discord.wait_ready()
        await _answers(discord, guild)
        assert (await discord.counters()).gateway.get("resume", 0) == 0
        await bot.close()
        await connection


@LEFT_BY_DISCORD_PY
async def test_a_gateway_that_falls_silent(
    discord: Loopback, guild: Guild, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _bot_in_here(discord, file, monkeypatch) as bot:
        bot._connection.heartbeat_timeout = 1.0
        connection = asyncio.create_task(stay_connected(bot))
        await discord.wait_ready()
        await discord.silence_gateway()
        await discord.wait_gateway("resume", 1)
        await _answers(discord, guild)
        await bot.close()
        await connection


async def test_new_sessions_are_further_apart_the_more_there_were() -> None:
    loop, pacer = asyncio.get_running_loop(), SessionPacer()
    waits = []
    started, elapsed = loop.time(), 0.0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loop, "time", lambda: started + elapsed)

        async def sleep(seconds: float) -> None:
            nonlocal elapsed
            waits.append(max(0.0, seconds))
            elapsed += max(0.0, seconds)

        patched.setattr(asyncio, "sleep", sleep)
        for _ in range(400):
            await pacer.turn()
    assert waits[:6] == pytest.approx([5, 5, 5, 5, 5, 10])
    assert max(waits) == pytest.approx(LONGEST_SESSION_WAIT)
    assert elapsed > 0.9 * 390 * LONGEST_SESSION_WAIT


@asynccontextmanager
async def _running(discord: Loopback, file: Path) -> AsyncIterator[Process]:
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await discord.wait_ready()
        yield bot


@asynccontextmanager
async def _bot_in_here(
    discord: Loopback, file: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[JellyBot]:
    """Runs a bot in this process that is logged in, so that its timeouts can be tested."""
    monkeypatch.setattr(discord_py.http.Route, "BASE", discord.place.api)
    monkeypatch.setattr(
        discord_py.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.place.gateway)
    )
    await discord.expect_bot()
    async with await Database.open(file) as database, JellyBot(database, Clock()) as bot:
        await log_in(bot, TOKEN)
        yield bot
    gc.collect()  # while the warning is expected


async def _until(discord: Loopback, guild: Guild, stands: Callable[[Message], bool]) -> None:
    """Waits until such a message is in the channel."""
    async with asyncio.timeout(30):
        while not any(map(stands, await discord.messages(guild.channels["jellies"]))):
            await asyncio.sleep(0.05)


async def _answers(discord: Loopback, guild: Guild) -> None:
    """Has a member run a command, and asserts that the bot answers."""
    answer = await discord.slash(guild.owner, guild.channels["jellies"], "help")
    assert answer.kind == "message"
