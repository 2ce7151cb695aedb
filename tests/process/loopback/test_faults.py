"""Requests that fail on demand, and the answers to a bot if something is gone."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from tests.loopback import Guild, Loopback
from tests.loopback.clients import Caller, GatewayClient

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestFaults:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    @pytest.mark.parametrize("takes_effect", [False, True])
    async def test_it_answers_with_an_error(
        self, discord: Loopback, guild: Guild, bot: Caller, status: int, takes_effect: bool
    ) -> None:
        channel = guild.channels["jellies"]
        await discord.disturb_requests(
            path="/channels/*/messages", status=status, takes_effect=takes_effect, times=1
        )
        assert (await bot.send(channel, content="hi")).status == status
        assert len(await discord.messages(channel)) == int(takes_effect)
        assert (await bot.send(channel, content="hi")).status == 200

    @pytest.mark.parametrize("takes_effect", [False, True])
    async def test_it_cuts_the_connection(
        self, discord: Loopback, guild: Guild, bot: Caller, takes_effect: bool
    ) -> None:
        channel = guild.channels["jellies"]
        await discord.disturb_requests(method="POST", drop=True, takes_effect=takes_effect)
        with pytest.raises(aiohttp.ClientConnectionError):
            await bot.send(channel, content="hi")
        assert len(await discord.messages(channel)) == int(takes_effect)
        assert (await discord.counters()).statuses == {0: 1}

    async def test_it_is_slow(self, discord: Loopback, bot: Caller) -> None:
        await discord.disturb_requests(latency=0.1, jitter=0.05)
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        assert (await bot.request("GET", "/users/@me")).status == 200
        assert loop.time() - started_at >= 0.1

    async def test_it_is_gone_and_comes_back(self, discord: Loopback, bot: Caller) -> None:
        await discord.go_away(gateway=False)
        with pytest.raises(aiohttp.ClientConnectionError):
            await bot.request("GET", "/users/@me")
        await discord.come_back()
        assert (await bot.request("GET", "/users/@me")).status == 200


class TestDeadEnds:
    async def test_a_deleted_channel(self, discord: Loopback, guild: Guild, bot: Caller) -> None:
        await discord.delete_channel(guild.channels["jellies"])
        answered = await bot.send(guild.channels["jellies"], content="hi")
        assert (answered.status, answered.body["code"]) == (404, 10003)

    async def test_a_permission_taken_away(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        await discord.deny_bot(channel, "send_messages")
        answered = await bot.send(channel, content="hi")
        assert (answered.status, answered.body["code"]) == (403, 50013)
        await discord.deny_bot(channel)
        assert (await bot.send(channel, content="hi")).status == 200

    async def test_a_server_that_the_bot_left_and_comes_back_to(
        self, discord: Loopback, guild: Guild, bot: Caller, gateway: GatewayClient
    ) -> None:
        channel = guild.channels["jellies"]
        await bot.send(channel, content="before")
        await gateway.identify()
        await discord.remove_bot(guild.id)
        assert await gateway.until("GUILD_DELETE") == {"id": str(guild.id)}
        answered = await bot.send(channel, content="hi")
        assert (answered.status, answered.body["code"]) == (403, 50001)
        await discord.invite_bot(guild.id)
        while (joined := await gateway.until("GUILD_CREATE"))["id"] != str(guild.id):
            pass
        assert "unavailable" not in joined
        assert [message.text for message in await discord.messages(channel)] == ["before"]
        assert (await bot.send(channel, content="hi")).status == 200

    async def test_closed_dms(self, discord: Loopback, guild: Guild, bot: Caller) -> None:
        member = guild.members[0]
        await discord.close_dms(member)
        opened = await bot.request("POST", "/users/@me/channels", {"recipient_id": member})
        channel = int(opened.body["id"])
        answered = await bot.send(channel, content="hi")
        assert (answered.status, answered.body["code"]) == (403, 50007)
        await discord.open_dms(member)
        assert (await bot.send(channel, content="hi")).status == 200
        assert [message.text for message in await discord.dms(member)] == ["hi"]
