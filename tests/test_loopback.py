"""The loopback Discord does as Discord does, and misbehaves when told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.loopback import TOKEN, Guild, Loopback, LoopbackError, Message, Violation
from tests.loopback.rules import of_callback, of_commands

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]

_CALLBACK = "POST /interactions/{id}/{token}/callback"
_V2 = 1 << 15


@dataclass(frozen=True)
class Answered:
    status: int
    body: Any
    headers: dict[str, str]


class Caller:
    """Sends requests to the API as a bot would, one by one and without retries."""

    def __init__(self, http: aiohttp.ClientSession, api: str, token: str = TOKEN) -> None:
        self._http = http
        self._api = api
        self._headers = {"Authorization": f"Bot {token}"}

    async def request(self, method: str, path: str, body: object = None) -> Answered:
        async with self._http.request(
            method, self._api + path, json=body, headers=self._headers
        ) as answer:
            raw = await answer.read()
            headers = dict(answer.headers)
            return Answered(answer.status, json.loads(raw) if raw else None, headers)

    async def send(self, channel: int, **body: object) -> Answered:
        return await self.request("POST", f"/channels/{channel}/messages", body)

    async def edit(self, message: Message, **body: object) -> Answered:
        path = f"/channels/{message.channel_id}/messages/{message.id}"
        return await self.request("PATCH", path, body)


class GatewayClient:
    """Speaks to the gateway as a bot would, frame by frame."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sequence = 0

    async def identify(self, token: str = TOKEN, intents: int = 1) -> None:
        await self.send(2, {"token": token, "intents": intents, "properties": {}})

    async def resume(self, session: str, sequence: int) -> None:
        await self.send(6, {"token": TOKEN, "session_id": session, "seq": sequence})

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def next(self) -> Json:
        frame: Json = await self.socket.receive_json(timeout=5)
        self.sequence = frame["s"] or self.sequence
        return frame

    async def until(self, event: str) -> Json:
        while (frame := await self.next())["t"] != event:
            pass
        data: Json = frame["d"]
        return data

    async def closed_with(self) -> int | None:
        while (await self.socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.socket.close_code


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Loopback]:
    async with Loopback() as discord:
        yield discord


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    """A Discord on which no bot runs, with nothing wrong and nothing counted."""
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
    """A connection on which the server has said hello."""
    async with http.ws_connect(discord.place.gateway) as socket:
        client = GatewayClient(socket)
        assert (await client.next())["op"] == 10
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def inhabited() -> AsyncIterator[Loopback]:
    """A Discord on which the bare bot runs."""
    async with Loopback() as discord, discord.bot("tests.loopback.bare_bot"):
        await discord.wait_ready()
        yield discord


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def probed() -> AsyncIterator[Loopback]:
    """A Discord on which the probe bot runs, in a server of its own."""
    async with Loopback() as discord, discord.bot("tests.loopback.probe_bot"):
        await discord.wait_ready()
        yield discord


@pytest_asyncio.fixture(loop_scope="module")
async def home(inhabited: Loopback) -> Guild:
    await inhabited.clear_faults()
    await inhabited.reset_counters()
    return await inhabited.create_guild(channels=["jellies", "chat"], members=20)


@pytest_asyncio.fixture(loop_scope="module")
async def card(inhabited: Loopback, home: Guild) -> Message:
    answer = await inhabited.slash(home.owner, home.channels["jellies"], "card", {"people": 7})
    assert answer.message is not None
    return answer.message


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
        # As a sub-limit it does not show in what the headers announce.
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


def _button(custom_id: str = "a", label: str = "A") -> Json:
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id}


def _row(*buttons: Json) -> Json:
    return {"type": 1, "components": list(buttons)}


def _text(content: str = "hello") -> Json:
    return {"type": 10, "content": content}


async def _refusals(discord: Loopback) -> list[Violation]:
    """Violations that hold wherever the tests run; the OpenAPI file may name them once more."""
    return [each for each in await discord.violations() if each.source != "openapi"]


class TestRules:
    @pytest.mark.parametrize(
        "body",
        [
            {"content": "x" * 2001},
            {"content": "hi", "nonce": "n" * 26},
            {"components": [_text()]},
            {"components": [_text()], "flags": _V2, "content": "hi"},
            {"components": [_text() for _ in range(41)], "flags": _V2},
            {"components": [_text("x" * 2001), _text("x" * 2000)], "flags": _V2},
            {"content": "hi", "components": [_row(_button("a"), _button("a"))]},
            {"content": "hi", "components": [_row({"type": 2, "style": 1, "label": "A"})]},
            {"content": "hi", "components": [_row(_button("x" * 101))]},
            {"content": "hi", "components": [_row(_button(label="x" * 81))]},
            {"content": "hi", "components": [_row(_button(label=""))]},
            {"content": "hi", "components": [_row(*(_button(f"{n}") for n in range(6)))]},
            {"content": "hi", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
            {"content": "hi", "embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]},
        ],
    )
    async def test_it_refuses_a_message(
        self, discord: Loopback, guild: Guild, bot: Caller, body: Json
    ) -> None:
        answered = await bot.send(guild.channels["jellies"], **body)
        assert (answered.status, answered.body["code"]) == (400, 50035)
        assert len(await _refusals(discord)) == 1
        assert await discord.messages(guild.channels["jellies"]) == []

    async def test_it_refuses_an_empty_message(
        self, discord: Loopback, guild: Guild, bot: Caller
    ) -> None:
        answered = await bot.send(guild.channels["jellies"], content="")
        assert (answered.status, answered.body["code"]) == (400, 50006)
        assert len(await _refusals(discord)) == 1

    async def test_it_takes_a_card(self, discord: Loopback, guild: Guild, bot: Caller) -> None:
        container = {"type": 17, "components": [_text(), _row(_button())]}
        card = {"components": [container], "flags": _V2}
        assert (await bot.send(guild.channels["jellies"], **card)).status == 200
        [message] = await discord.messages(guild.channels["jellies"])
        assert (message.text, message.buttons) == ("hello", {"A": "a"})
        assert await discord.violations() == []

    @pytest.mark.parametrize(
        ("kind", "callback"),
        [
            (4, {"type": 8, "data": {"choices": [{"name": "a", "value": "a"}] * 26}}),
            (4, {"type": 8, "data": {"choices": [{"name": "a", "value": "x" * 101}]}}),
            (4, {"type": 8, "data": {"choices": [{"name": "", "value": "a"}]}}),
            (4, {"type": 4, "data": {"content": "hi"}}),
            (2, {"type": 7, "data": {"content": "hi"}}),
            (2, {"type": 5, "data": {"flags": 4}}),
            (5, {"type": 9, "data": {}}),
        ],
    )
    async def test_it_refuses_an_answer(self, kind: int, callback: Json) -> None:
        assert len(list(of_callback(callback, kind))) == 1

    @pytest.mark.parametrize(
        "command",
        [
            {"name": "Jelly", "description": "no capitals"},
            {"name": "jelly new", "description": "no spaces"},
            {"name": "jelly", "description": ""},
            {"name": "jelly", "description": "x" * 101},
            {
                "name": "jelly",
                "description": "the required option comes too late",
                "options": [
                    {"name": "a", "description": "a", "type": 3},
                    {"name": "b", "description": "b", "type": 3, "required": True},
                ],
            },
        ],
    )
    async def test_it_refuses_a_command(self, command: Json) -> None:
        assert len(list(of_commands([command]))) == 1

    async def test_it_refuses_two_commands_of_one_name(self) -> None:
        command = {"name": "jelly", "description": "twice"}
        assert len(list(of_commands([command, command]))) == 1

    async def test_it_notes_what_the_openapi_file_does_not_allow(
        self, tmp_path: Path, http: aiohttp.ClientSession
    ) -> None:
        snowflake = {"$ref": "#/components/schemas/SnowflakeType"}
        schema = {
            "type": "object",
            "properties": {"content": {"type": "string"}, "sticker_ids": {"items": snowflake}},
        }
        body = {"content": {"application/json": {"schema": schema}}}
        path = {"post": {"requestBody": body}}
        description = {
            "paths": {"/channels/{channel_id}/messages": path},
            "components": {"schemas": {"SnowflakeType": {"type": "string"}}},
        }
        file = tmp_path / "openapi.json"
        file.write_text(json.dumps(description), encoding="utf-8")
        async with Loopback(env={"DISCORD_OPENAPI": str(file)}) as discord:
            guild = await discord.create_guild()
            bot = Caller(http, discord.place.api)
            channel = guild.channels["jellies"]
            await bot.send(channel, content="hi", sticker_ids=[])
            await bot.send(channel, content="hi", sticker_ids=[5])
            assert await discord.violations() == []
            await bot.send(channel, content=5)
            problems = [v.problem for v in await discord.violations() if v.source == "openapi"]
            assert problems == ['content: 5 is not of type "string"']


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


class TestInteractions:
    async def test_a_forged_press_reaches_the_bot_and_its_answer_the_member(
        self, discord: Loopback, guild: Guild, bot: Caller, gateway: GatewayClient
    ) -> None:
        await bot.send(guild.channels["jellies"], content="hi", components=[_row(_button())])
        [message] = await discord.messages(guild.channels["jellies"])
        await gateway.identify()
        await gateway.until("READY")
        click = asyncio.create_task(discord.click(guild.owner, message, "b", forged=True))
        pressed = await gateway.until("INTERACTION_CREATE")
        assert pressed["data"] == {"custom_id": "b", "component_type": 2}
        assert pressed["member"]["user"]["id"] == str(guild.owner)
        assert pressed["message"]["components"][0]["components"][0]["custom_id"] == "a"
        path = f"/interactions/{pressed['id']}/{pressed['token']}/callback"
        assert (await bot.request("POST", path, {"type": 6})).status == 204
        assert (await click).kind == "deferred_update"


class TestBareBot:
    async def test_it_posts_a_card_and_answers_presses(
        self, inhabited: Loopback, home: Guild
    ) -> None:
        channel = home.channels["jellies"]
        posted = await inhabited.slash(home.owner, channel, "card", {"people": 3})
        assert posted.kind == "message"
        assert posted.message is not None
        assert list(posted.message.buttons) == ["Going", "Maybe", "Can't make it"]
        pressed = await inhabited.click(
            home.members[0], posted.message, posted.message.buttons["Maybe"]
        )
        assert (pressed.kind, pressed.refusals) == ("update", [])
        assert pressed.seconds is not None
        assert pressed.seconds < 3
        [shown] = await inhabited.messages(channel)
        assert shown.text.endswith("Last answer: Maybe")
        assert shown.pinged_users == []
        assert (await inhabited.counters()).requests == {_CALLBACK: 2}
        assert await inhabited.violations() == []

    async def test_it_answers_many_presses_at_once(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        presses = await inhabited.press_many(
            card, list(card.buttons.values()), home.members * 10, in_flight=20
        )
        assert presses.outcomes == {"update": 200}
        assert presses.unanswered == 0
        assert 0 < presses.p50 <= presses.p99 < 3
        assert presses.per_second > 20
        assert (await inhabited.counters()).limited == {}
        assert await inhabited.violations() == []

    async def test_an_interaction_delivered_twice_is_accepted_once(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.disturb_interactions(copies=2)
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"])
        await inhabited.wait_requests(_CALLBACK, 3)
        pressed = await inhabited.again(pressed)
        assert (pressed.kind, pressed.refusals) == ("update", [40060])

    async def test_an_interaction_can_come_late_and_again(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.disturb_interactions(late=0.2)
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"])
        assert pressed.seconds is not None
        assert pressed.seconds >= 0.2
        await inhabited.replay(pressed)
        await inhabited.wait_requests(_CALLBACK, 3)
        assert (await inhabited.again(pressed)).refusals == [40060]

    async def test_a_press_on_a_cut_gateway_arrives_with_the_resumed_session(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.cut_gateway()
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"])
        assert pressed.kind == "update"
        gateway = (await inhabited.counters()).gateway
        assert (gateway["resume"], gateway.get("identify")) == (1, None)

    async def test_an_answer_that_never_comes_is_told(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        await inhabited.disturb_requests(path="/interactions/*", status=403, times=1)
        pressed = await inhabited.click(home.members[0], card, card.buttons["Going"], within=0.2)
        assert (pressed.kind, pressed.seconds) == (None, None)

    async def test_nobody_presses_what_is_not_there(
        self, inhabited: Loopback, home: Guild, card: Message
    ) -> None:
        with pytest.raises(LoopbackError, match="nothing to press"):
            await inhabited.click(home.members[0], card, "bare:7:nonsense")

    async def test_old_buttons_work_after_a_kill(self, http: aiohttp.ClientSession) -> None:
        async with Loopback() as discord:
            home = await discord.create_guild()
            async with discord.bot("tests.loopback.bare_bot") as bot:
                await discord.wait_ready()
                posted = await discord.slash(home.owner, home.channels["jellies"], "card")
                await bot.kill()
            assert not bot.is_running
            assert posted.message is not None
            async with discord.bot("tests.loopback.bare_bot"):
                await discord.wait_ready()
                pressed = await discord.click(
                    home.members[0], posted.message, posted.message.buttons["Going"]
                )
                assert pressed.kind == "update"

    async def test_a_wrong_token_ends_it(self, discord: Loopback) -> None:
        async with discord.bot("tests.loopback.bare_bot", token="another") as bot:
            assert await bot.ended() == 1
            assert "Improper token has been passed" in bot.output


class TestProbeBot:
    async def test_a_form_is_filled_in(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        member = guild.members[0]
        shown = await probed.slash(member, guild.channels["jellies"], "form")
        assert shown.modal is not None
        assert (shown.kind, shown.modal["title"]) == ("modal", "About you")
        with pytest.raises(LoopbackError, match="does not take 21 characters"):
            await probed.submit_modal(shown, {"name": "x" * 21})
        with pytest.raises(LoopbackError, match="must be filled in"):
            await probed.submit_modal(shown, {})
        sent = await probed.submit_modal(shown, {"name": "Ada"})
        assert sent.message is not None
        assert (sent.message.text, sent.message.ephemeral) == ("Ada from Bern", True)
        with pytest.raises(LoopbackError, match="no modal to submit"):
            await probed.submit_modal(shown, {"name": "Ada"})

    async def test_a_menu_is_chosen_from(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        asked = await probed.slash(guild.owner, guild.channels["jellies"], "menu")
        assert asked.message is not None
        chosen = await probed.select(guild.owner, asked.message, "whom", [guild.members[1]])
        assert chosen.message is not None
        assert chosen.message.text == f"Chose <@{guild.members[1]}>"

    async def test_a_bot_that_thinks_is_waited_for(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        thought = await probed.slash(guild.owner, guild.channels["jellies"], "think")
        assert thought.message is not None
        assert (thought.kind, thought.message.text) == ("message", "Thought")
        await probed.wait_requests("POST /webhooks/{id}/{token}")
        assert [m.text for m in (await probed.again(thought)).followups] == ["And more"]

    async def test_options_offer_choices_and_take_members(self, probed: Loopback) -> None:
        guild = await probed.create_guild()
        channel, member = guild.channels["jellies"], guild.members[0]
        offered = await probed.autocomplete(member, channel, "travel", "city", "Ber")
        assert [choice["value"] for choice in offered.choices] == ["berlin", "bern"]
        with pytest.raises(LoopbackError, match="needs the option host"):
            await probed.slash(member, channel, "travel", {"city": "bern"})
        gone = await probed.slash(
            member, channel, "travel", {"city": "bern", "host": guild.members[1]}
        )
        assert gone.message is not None
        assert gone.message.text == f"To bern with <@{guild.members[1]}>"
        assert gone.message.pinged_users == [guild.members[1]]
        assert await probed.violations() == []


async def test_the_server_ends_when_told() -> None:
    async with Loopback() as discord:
        assert discord.process.is_running
    assert await discord.process.ended() == 0
