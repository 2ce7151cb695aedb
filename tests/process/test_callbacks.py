"""First answers reach Discord within its three seconds, or whoever answers hears why not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
import pytest_asyncio
from aiohttp import web
from discord.http import Route

from bot.callbacks import ANSWERED_ALREADY, CALLBACK, Callbacks, Limited

MESSAGE, EDIT = 4, 7
"""https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-callback-type."""
DISCORD_WAITS = 3.0
"""Seconds."""


class Discord:
    """Does to each request what comes next, and takes the answer where nothing does."""

    def __init__(self) -> None:
        self.happens: list[str] = []
        self.cookies: list[str | None] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.cookies.append(request.headers.get("Cookie"))
        await request.read()
        match self.happens.pop(0) if self.happens else "taken":
            case "hangs":
                await asyncio.sleep(60)
            case "connection lost":
                assert request.transport is not None
                request.transport.abort()
            case "fails":
                return web.Response(status=503, text="upstream connect error")
            case "limited":
                return _refusal(429, retry_after=0.3)
            case "limited for long":
                return _refusal(429, retry_after=30.0)
            case "answered already":
                return _refusal(400, code=ANSWERED_ALREADY)
        taken = web.Response(status=204)
        taken.set_cookie("session", "1")
        return taken


@pytest_asyncio.fixture
async def backend(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    backend, application = Discord(), web.Application()
    application.router.add_route("*", "/{path:.*}", backend.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    # By name, since no cookie is kept for an address.
    monkeypatch.setattr(Route, "BASE", f"http://localhost:{runner.addresses[0][1]}")
    yield backend
    await runner.cleanup()


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """discord.py's, as it were."""
    async with aiohttp.ClientSession() as session:
        yield session


async def _answer(session: aiohttp.ClientSession, kind: int) -> None:
    callbacks = Callbacks()
    route = Route("POST", CALLBACK, webhook_id=1, webhook_token="token")
    started_at = time.monotonic()
    try:
        await callbacks.request(route, session, payload={"type": kind})
    finally:
        await callbacks.aclose()
        assert time.monotonic() - started_at < DISCORD_WAITS


@pytest.mark.parametrize("kind", [MESSAGE, EDIT])
@pytest.mark.parametrize(
    "happens",
    [
        ["fails"],
        ["fails", "fails"],
        ["hangs"],
        ["connection lost"],
        # The first did arrive, and only the word of it was lost.
        ["connection lost", "answered already"],
        ["hangs", "answered already"],
    ],
    ids=", ".join,
)
async def test_another_try_succeeds(
    backend: Discord, session: aiohttp.ClientSession, kind: int, happens: list[str]
) -> None:
    backend.happens = list(happens)
    await _answer(session, kind)
    assert backend.happens == []


async def test_a_message_waits_for_a_limit(
    backend: Discord, session: aiohttp.ClientSession
) -> None:
    backend.happens = ["limited"]
    await _answer(session, MESSAGE)
    assert len(backend.cookies) == 2


@pytest.mark.parametrize(
    ("kind", "happens"),
    [(EDIT, "limited"), (EDIT, "limited for long"), (MESSAGE, "limited for long")],
)
async def test_a_limit_is_told_at_once_where_something_else_may_be_answered(
    backend: Discord, session: aiohttp.ClientSession, kind: int, happens: str
) -> None:
    backend.happens = [happens]
    with pytest.raises(Limited) as told:
        await _answer(session, kind)
    assert told.value.retry_after == (0.3 if happens == "limited" else 30.0)
    assert len(backend.cookies) == 1


@pytest.mark.parametrize(
    ("happens", "raised"),
    [
        ("fails", discord.DiscordServerError),
        ("hangs", TimeoutError),
        ("connection lost", aiohttp.ClientConnectionError),
    ],
)
async def test_what_never_succeeds_ends_in_time(
    backend: Discord,
    session: aiohttp.ClientSession,
    happens: str,
    raised: type[Exception],
) -> None:
    backend.happens = [happens] * 20
    with pytest.raises(raised):
        await _answer(session, MESSAGE)
    assert 2 <= len(backend.cookies) < 20


async def test_a_second_answer_to_one_press_is_refused(
    backend: Discord, session: aiohttp.ClientSession
) -> None:
    """Unless it was repeated: then it would be somebody else's answer."""
    backend.happens = ["answered already"]
    with pytest.raises(discord.HTTPException) as refused:
        await _answer(session, MESSAGE)
    assert refused.value.code == ANSWERED_ALREADY


async def test_no_cookie_is_kept(backend: Discord, session: aiohttp.ClientSession) -> None:
    callbacks = Callbacks()
    route = Route("POST", CALLBACK, webhook_id=1, webhook_token="token")
    for _ in range(2):
        await callbacks.request(route, session, payload={"type": MESSAGE})
    await callbacks.aclose()
    assert backend.cookies == [None, None]


async def test_nothing_is_answered_once_the_connections_are_closed() -> None:
    async with aiohttp.ClientSession() as closed:
        pass
    with pytest.raises(aiohttp.ClientConnectionError):
        await _answer(closed, MESSAGE)


def _refusal(status: int, **says: object) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps({"message": "no", **says}).encode(),
        headers={"Content-Type": "application/json"},  # without a charset, as Discord's
    )
