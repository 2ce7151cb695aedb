"""Ending one task ends nothing else."""

from __future__ import annotations

import discord
import pytest
from aiohttp import web
from discord.http import Route, handle_message_parameters

from bot.ending import giving_up_after
from tests.loopback import TOKEN
from tests.process.local_server import in_json, serving

ME = {"id": "1", "username": "jelly", "discriminator": "0", "avatar": None}


async def test_a_request_given_up_amid_a_limit_for_all_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        if "/channels/7/" in request.path:
            says = {"message": "limited", "retry_after": 60.0, "global": True}
            return in_json(says, 429, Via="1.1 proxy")
        return in_json(ME)

    async with serving(handle) as port, discord.Client(intents=discord.Intents.none()) as client:
        monkeypatch.setattr(Route, "BASE", f"http://127.0.0.1:{port}")
        await client.http.static_login(TOKEN)
        with pytest.raises(TimeoutError):
            await _send(client, to=7, within=0.3)
        await _send(client, to=8, within=10)


async def _send(client: discord.Client, *, to: int, within: float) -> None:
    async with giving_up_after(client, within):
        with handle_message_parameters(content="Hello") as parameters:
            await client.http.send_message(to, params=parameters)
