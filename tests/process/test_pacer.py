"""Requests are held where they leave: no second of Discord's ever sees more than it allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.pacer import PER_SECOND, Pacer, Priority, Stopped, priority
from tests.process.local_server import serving


class Discord:
    """Records when each request arrived, and answers as configured."""

    def __init__(self) -> None:
        self.arrivals: list[float] = []
        self.paths: list[str] = []
        self.latency = 0.0
        self.answer: Callable[[], web.Response] = web.Response

    async def handle(self, request: web.Request) -> web.Response:
        self.arrivals.append(time.monotonic())
        self.paths.append(request.path)
        await asyncio.sleep(self.latency)
        return self.answer()

    async def has_seen(self, requests: int) -> None:
        while len(self.arrivals) < requests:
            await asyncio.sleep(0.005)

    def most_in_a_second(self) -> int:
        return max(
            sum(first <= other < first + 1 for other in self.arrivals) for first in self.arrivals
        )


@asynccontextmanager
async def connected(pacer: Pacer) -> AsyncIterator[tuple[Discord, aiohttp.ClientSession, str]]:
    """Yields a server on this machine, and a session whose requests the pacer holds."""
    discord = Discord()
    async with (
        serving(discord.handle) as port,
        aiohttp.ClientSession(trace_configs=[pacer.trace]) as session,
    ):
        yield discord, session, f"http://127.0.0.1:{port}"


async def _post(session: aiohttp.ClientSession, address: str) -> None:
    async with session.post(address) as response:
        await response.read()


@pytest.mark.parametrize("latency", [0.0, 0.3])
async def test_no_second_sees_more_than_it_may(latency: float) -> None:
    async with connected(Pacer()) as (discord, session, address):
        discord.latency = latency
        await asyncio.gather(*(_post(session, f"{address}/channels") for _ in range(130)))
    assert len(discord.arrivals) == 130
    assert discord.most_in_a_second() <= PER_SECOND


async def test_after_a_standstill_no_second_sees_more_than_it_may() -> None:
    async with connected(Pacer()) as (discord, session, address):
        sending = [asyncio.create_task(_post(session, f"{address}/channels")) for _ in range(120)]
        await asyncio.sleep(0.3)
        time.sleep(0.7)  # noqa: ASYNC251  blocks the event loop on purpose
        await asyncio.gather(*sending)
    assert discord.most_in_a_second() <= PER_SECOND


async def test_answers_to_interactions_wait_for_nothing() -> None:
    async with connected(Pacer()) as (discord, session, address):
        sending = [asyncio.create_task(_post(session, f"{address}/channels")) for _ in range(100)]
        await asyncio.sleep(0.1)
        for path in ("/api/v10/interactions/1/token/callback", "/api/v10/webhooks/1/token"):
            await _post(session, address + path)
        # Measured by the other requests, not by the clock: a busy machine may pause meanwhile.
        assert len(discord.paths) < 60
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


async def test_channel_messages_leave_before_private_ones_and_those_before_cards() -> None:
    async def send(session: aiohttp.ClientSession, address: str, of: Priority) -> None:
        priority.set(of)
        await _post(session, f"{address}/{of.name}")

    kinds = (Priority.CARD, Priority.PRIVATE_MESSAGE, Priority.CHANNEL_MESSAGE)
    async with connected(Pacer()) as (discord, session, address):
        await asyncio.gather(*(send(session, address, of) for of in kinds for _ in range(30)))
    last = {of: len(discord.paths) - discord.paths[::-1].index(f"/{of.name}") for of in kinds}
    assert (
        last[Priority.CHANNEL_MESSAGE] < last[Priority.PRIVATE_MESSAGE] <= last[Priority.CARD] == 90
    )


async def test_once_discord_says_so_nothing_leaves_for_as_long() -> None:
    async with connected(Pacer()) as (discord, session, address):
        limited = {"X-RateLimit-Global": "true", "Retry-After": "0.8"}
        discord.answer = lambda: web.Response(status=429, headers=limited)
        await _post(session, f"{address}/channels")
        discord.answer = web.Response
        await asyncio.gather(*(_post(session, f"{address}/channels") for _ in range(3)))
    first, *others = discord.arrivals
    assert min(others) - first > 0.75


async def test_what_was_cancelled_takes_nobodys_turn() -> None:
    async with connected(Pacer()) as (discord, session, address):
        waiting = [asyncio.create_task(_post(session, f"{address}/a")) for _ in range(1500)]
        await discord.has_seen(1)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        async with asyncio.timeout(15):  # with the turns of the others it would take 30
            await asyncio.gather(*(_post(session, f"{address}/b") for _ in range(20)))
    assert discord.paths.count("/b") == 20
    assert discord.paths.count("/a") < 1000


async def test_at_the_end_what_waits_is_told_and_what_has_left_is_answered() -> None:
    pacer = Pacer()
    async with connected(pacer) as (discord, session, address):
        discord.latency = 0.2
        sending = [asyncio.create_task(_post(session, f"{address}/a")) for _ in range(100)]
        await discord.has_seen(1)
        pacer.stop()
        ends = await asyncio.gather(*sending, return_exceptions=True)
        late = await asyncio.gather(_post(session, f"{address}/late"), return_exceptions=True)
        await _post(session, f"{address}/api/v10/interactions/1/token/callback")
    assert isinstance(late[0], Stopped)
    stopped = [end for end in ends if isinstance(end, Stopped)]
    assert len(stopped) + len(discord.arrivals) == 101
    assert 0 < len(stopped) < 100
    assert [end for end in ends if end is not None and not isinstance(end, Stopped)] == []
