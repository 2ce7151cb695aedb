"""Bodies that Discord would not accept are refused and recorded."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from tests.loopback import Guild, Loopback, Violation
from tests.loopback.clients import Caller, button, row
from tests.loopback.models import Json
from tests.loopback.rules import of_callback, of_commands

pytestmark = pytest.mark.asyncio(loop_scope="module")

_V2 = 1 << 15


def _text(content: str = "hello") -> Json:
    return {"type": 10, "content": content}


async def _refusals(discord: Loopback) -> list[Violation]:
    """Returns violations that hold wherever tests run; the OpenAPI file may repeat them."""
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
            {"content": "hi", "components": [row(button("a"), button("a"))]},
            {"content": "hi", "components": [row({"type": 2, "style": 1, "label": "A"})]},
            {"content": "hi", "components": [row(button("x" * 101))]},
            {"content": "hi", "components": [row(button(label="x" * 81))]},
            {"content": "hi", "components": [row(button(label=""))]},
            {"content": "hi", "components": [row(*(button(f"{n}") for n in range(6)))]},
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
        container = {"type": 17, "components": [_text(), row(button())]}
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
