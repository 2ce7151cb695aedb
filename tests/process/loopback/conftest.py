from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest_asyncio

from tests.loopback import Guild, Loopback
from tests.loopback.clients import Caller, GatewayClient


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    """Yields a Discord on which no bot runs, without faults or counts."""
    await started.clear_faults()
    await started.reset_counters()
    await started.set_rate_limits(enabled=True)
    yield started
    await started.clear_faults()


@pytest_asyncio.fixture(loop_scope="module")
async def guild(discord: Loopback) -> Guild:
    return await discord.create_guild(channels=["jellies", "chat"])


@pytest_asyncio.fixture(loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest_asyncio.fixture(loop_scope="module")
async def bot(discord: Loopback, http: aiohttp.ClientSession) -> Caller:
    return Caller(http, discord.place.api)


@pytest_asyncio.fixture(loop_scope="module")
async def gateway(discord: Loopback, http: aiohttp.ClientSession) -> AsyncIterator[GatewayClient]:
    """Yields a connection on which the server has said hello."""
    async with http.ws_connect(discord.place.gateway) as socket:
        client = GatewayClient(socket)
        assert (await client.next())["op"] == 10
        yield client
