"""Requests get Discord's answers: nonces count once, limits hold."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.loopback import TOKEN, Guild, Loopback
from tests.loopback.clients import Caller

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestRequests:
    async def test_it_refuses_a_wrong_token(
        self, discord: Loopback, http: aiohttp.ClientSession
    ) -> None:
        stranger = Caller(http, discord.place.api, token="another")
        assert (await stranger.request("GET", "/users/@me")).status == 401
        assert (await discord.counters()).invalid == 1

    async def test_it_answers_with_the_one_content_type_discord_py_reads(self, bot: Caller) -> None:
        answered = await bot.request("GET", "/users/@me")
        assert answered.headers["Content-Type"] == "application/json"

    async def test_it_says_what_it_does_not_simulate(self, discord: Loopback, bot: Caller) -> None:
        assert (await bot.request("GET", "/nothing/of/the/kind")).status == 501
        assert [violation.source for violation in await discord.violations()] == ["unsupported"]

    async def test_it_takes_files(
        self, discord: Loopback, guild: Guild, http: aiohttp.ClientSession
    ) -> None:
        channel = guild.channels["jellies"]
        form = aiohttp.FormData(quote_fields=False)
        described = [{"id": 0, "filename": "a.ics", "description": "the calendar"}]
        payload = {"content": "here", "attachments": described}
        form.add_field("payload_json", json.dumps(payload), content_type="application/json")
        form.add_field("files[0]", b"BEGIN:VCALENDAR", filename="a.ics")
        url = f"{discord.place.api}/channels/{channel}/messages"
        async with http.post(url, data=form, headers={"Authorization": f"Bot {TOKEN}"}) as answer:
            assert answer.status == 200
        [message] = await discord.messages(channel)
        [attachment] = message.raw["attachments"]
        assert attachment["filename"] == "a.ics"
        assert attachment["description"] == "the calendar"

    async def test_it_shows_what_came_right_after_a_message(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        ids = [(await discord.post(guild.owner, channel, f"{n}")).id for n in range(5)]
        page = await bot.request("GET", f"/channels/{channel}/messages?after={ids[0]}&limit=2")
        assert [int(message["id"]) for message in page.body] == [ids[2], ids[1]]

    async def test_it_answers_10062_for_an_interaction_it_does_not_know(self, bot: Caller) -> None:
        answered = await bot.request("POST", "/interactions/1/token/callback", {"type": 6})
        assert (answered.status, answered.body["code"]) == (404, 10062)


class TestNonces:
    async def test_it_posts_a_repeated_nonce_once(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        first = await bot.send(channel, content="one", nonce="n", enforce_nonce=True)
        again = await bot.send(channel, content="two", nonce="n", enforce_nonce=True)
        assert (again.status, again.body["id"]) == (200, first.body["id"])
        assert [message.text for message in await discord.messages(channel)] == ["one"]
        await discord.deny_bot(channel, "send_messages")
        refused = await bot.send(channel, content="one", nonce="n", enforce_nonce=True)
        assert (refused.status, refused.body["code"]) == (403, 50013)

    async def test_it_knows_nonces_by_channel_and_only_when_enforced(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel, other = guild.channels["jellies"], guild.channels["chat"]
        await bot.send(channel, content="one", nonce="n", enforce_nonce=True)
        await bot.send(channel, content="two", nonce="n")
        await bot.send(other, content="three", nonce="n", enforce_nonce=True)
        assert len(await discord.messages(channel)) == 2
        assert len(await discord.messages(other)) == 1

    async def test_it_answers_404_for_the_nonce_of_a_deleted_message(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        await bot.send(channel, content="one", nonce="n", enforce_nonce=True)
        [message] = await discord.messages(channel)
        await discord.delete_message(message)
        again = await bot.send(channel, content="one", nonce="n", enforce_nonce=True)
        assert (again.status, again.body["code"]) == (404, 10008)

    async def test_what_is_deleted_can_still_be_looked_at(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        await bot.send(channel, content="one")
        await bot.send(channel, content="two")
        [message, _] = await discord.messages(channel)
        await discord.delete_message(message)
        assert [one.text for one in await discord.messages(channel)] == ["two"]
        assert [one.text for one in await discord.deleted_messages(channel)] == ["one"]

    async def test_it_forgets_a_nonce_after_its_window(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        await discord.set_nonce_window(0)
        await bot.send(channel, content="one", nonce="n", enforce_nonce=True)
        await bot.send(channel, content="two", nonce="n", enforce_nonce=True)
        await discord.set_nonce_window(180)
        assert len(await discord.messages(channel)) == 2


class TestRateLimits:
    async def test_it_limits_messages_per_channel(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        answers = [await bot.send(channel, content="hi") for _ in range(6)]
        assert [answer.status for answer in answers] == [200] * 5 + [429]
        left = [answer.headers["X-RateLimit-Remaining"] for answer in answers]
        assert left == ["4", "3", "2", "1", "0", "0"]
        refused = answers[-1]
        assert refused.headers["Via"]
        assert refused.headers["X-RateLimit-Scope"] == "user"
        assert not refused.body["global"]
        assert 0 < refused.body["retry_after"] <= 5
        assert (await bot.send(guild.channels["chat"], content="hi")).status == 200
        counters = await discord.counters()
        assert counters.limited == {"bucket": 1}
        assert counters.requests == {"POST /channels/{id}/messages": 7}
        assert len(await discord.messages(channel)) == 5

    async def test_it_limits_edits_of_old_messages_more(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        channel = guild.channels["jellies"]
        await bot.send(channel, content="hi")
        [message] = await discord.messages(channel)
        await discord.age_message(message, 3700)
        answers = [await bot.edit(message, content=f"{number}") for number in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 200, 429]
        assert answers[-1].body["code"] == 30046
        # As a sub-limit it does not appear in what the headers announce.
        assert answers[-1].headers["X-RateLimit-Remaining"] == "2"
        assert (await discord.counters()).limited == {"old-edit": 1}

    async def test_it_limits_all_requests_together(self, discord: Loopback, bot: Caller) -> None:
        channels = (await discord.create_guild(channels=[f"c{n}" for n in range(51)])).channels
        sent = [bot.send(channel, content="hi") for channel in channels.values()]
        refused = [answer for answer in await asyncio.gather(*sent) if answer.status == 429]
        assert [answer.body["global"] for answer in refused] == [True]
        assert refused[0].headers["X-RateLimit-Scope"] == "global"

    async def test_it_can_do_without(self, discord: Loopback, guild: Guild, bot: Caller) -> None:
        await discord.set_rate_limits(enabled=False)
        channel = guild.channels["jellies"]
        answers = [await bot.send(channel, content="hi") for _ in range(60)]
        assert {answer.status for answer in answers} == {200}
