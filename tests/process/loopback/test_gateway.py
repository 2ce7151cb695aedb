"""The gateway behaves like Discord's, from hello to a session that is gone."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.loopback import TOKEN, Guild, Loopback
from tests.loopback.clients import GatewayClient

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestGateway:
    @pytest.mark.parametrize(
        ("token", "intents", "code"), [("another", 1, 4004), (TOKEN, 1 << 15, 4014)]
    )
    async def test_it_refuses_to_identify(
        self, gateway: GatewayClient, token: str, intents: int, code: int
    ) -> None:
        await gateway.identify(token, intents)
        assert await gateway.closed_with() == code

    async def test_it_tells_the_bot_of_its_servers(
        self, discord: Loopback, guild: Guild, gateway: GatewayClient
    ) -> None:
        await gateway.identify()
        ready = await gateway.until("READY")
        assert ready["resume_gateway_url"] == discord.place.gateway
        assert {"id": str(guild.id), "unavailable": True} in ready["guilds"]
        while (told := await gateway.until("GUILD_CREATE"))["id"] != str(guild.id):
            pass
        assert told["unavailable"] is False
        assert {channel["name"] for channel in told["channels"]} == {"jellies", "chat"}
        members = [int(member["user"]["id"]) for member in told["members"]]
        assert members == [discord.place.bot_id]

    async def test_it_replays_what_a_resumed_session_missed(
        self,
        discord: Loopback,
        guild: Guild,
        gateway: GatewayClient,
        http: aiohttp.ClientSession,
    ) -> None:
        await gateway.identify()
        ready = await gateway.until("READY")
        while (await gateway.until("GUILD_CREATE"))["id"] != str(guild.id):
            pass
        _, code = await asyncio.gather(discord.close_gateway(1001), gateway.closed_with())
        assert code == 1001
        created = await discord.create_channel(guild.id, "new")
        async with http.ws_connect(ready["resume_gateway_url"]) as socket:
            resumed = GatewayClient(socket)
            await resumed.resume(ready["session_id"], gateway.sequence)
            assert (await resumed.until("CHANNEL_CREATE"))["id"] == str(created)
            await resumed.until("RESUMED")

    async def test_it_does_not_resume_a_session_it_forgot(
        self, discord: Loopback, gateway: GatewayClient, http: aiohttp.ClientSession
    ) -> None:
        await gateway.identify()
        ready = await gateway.until("READY")
        closing = discord.close_gateway(4009, resumable=False)
        _, code = await asyncio.gather(closing, gateway.closed_with())
        assert code == 4009
        async with http.ws_connect(discord.place.gateway) as socket:
            resumed = GatewayClient(socket)
            await resumed.resume(ready["session_id"], gateway.sequence)
            assert (await resumed.next())["op"] == 10
            frame = await resumed.next()
            assert (frame["op"], frame["d"]) == (9, False)

    async def test_it_invalidates_a_session_and_asks_to_reconnect(
        self, discord: Loopback, gateway: GatewayClient
    ) -> None:
        await discord.ask_to_reconnect()
        assert (await gateway.next())["op"] == 7
        await discord.invalidate_session(resumable=True)
        frame = await gateway.next()
        assert (frame["op"], frame["d"]) == (9, True)

    async def test_it_falls_silent(self, discord: Loopback, gateway: GatewayClient) -> None:
        await gateway.send(1, None)
        assert (await gateway.next())["op"] == 11
        await discord.silence_gateway()
        await gateway.send(1, None)
        await discord.wait_gateway("heartbeat", 2)
        with pytest.raises(asyncio.TimeoutError):
            await gateway.socket.receive(timeout=0.05)

    async def test_it_refuses_sessions_on_demand(
        self, discord: Loopback, gateway: GatewayClient
    ) -> None:
        await discord.refuse_identify(4000)
        await gateway.identify()
        assert await gateway.closed_with() == 4000

    async def test_it_is_gone_and_comes_back(
        self, discord: Loopback, gateway: GatewayClient, http: aiohttp.ClientSession
    ) -> None:
        await discord.go_away(api=False)
        assert await gateway.closed_with() == 1006
        with pytest.raises(aiohttp.ClientConnectionError):
            await http.ws_connect(discord.place.gateway)
        await discord.come_back()
        async with http.ws_connect(discord.place.gateway) as socket:
            assert (await GatewayClient(socket).next())["op"] == 10
