"""First answers reach Discord within its three seconds, or the caller is told why not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest
import pytest_asyncio
from aiohttp import web
from discord.http import Route

from bot.callbacks import CALLBACK, HANGS_AFTER, Callbacks, Limited
from bot.discord_errors import ANSWERED_ALREADY
from tests.process.local_server import in_json, serving

MESSAGE, EDIT = 4, 7
"""https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-callback-type."""
DISCORD_WAITS = 3.0
"""Seconds."""
MOST_TRIES = 10


class Discord:
    """Handles each request as the next entry says, and accepts the answer if there is none."""

    def __init__(self) -> None:
        self.happens: list[str] = []
        self.cookies: list[str | None] = []
        self.latency = 0.0

    async def handle(self, request: web.Request) -> web.Response:
        self.cookies.append(request.headers.get("Cookie"))
        await request.read()
        await asyncio.sleep(self.latency)
        match self.happens.pop(0) if self.happens else "taken":
            case "hangs":
                await asyncio.sleep(60)
            case "connection lost":
                assert request.transport is not None
                request.transport.abort()
            case "a page":
                return web.Response(
                    status=403, text="<html>Blocked</html>", content_type="text/html"
                )
            case "fails":
                return web.Response(status=503, text="upstream connect error")
            case "limited":
                return _refusal(429, retry_after=0.3)
            case "limited for no time":
                return _refusal(429, retry_after=0)
            case "garbled":
                return web.Response(
                    body=b'{"interaction"', headers={"Content-Type": "application/json"}
                )
            case "limited for long":
                return _refusal(429, retry_after=30.0)
            case "answered already":
                return _refusal(400, code=ANSWERED_ALREADY)
        taken = web.Response(status=204)
        taken.set_cookie("session", "1")
        return taken


@pytest_asyncio.fixture
async def backend(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Discord]:
    backend = Discord()
    async with serving(backend.handle) as port:
        # A host name, since no cookie is kept for an address.
        monkeypatch.setattr(Route, "BASE", f"http://localhost:{port}")
        yield backend


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Yields a session configured like discord.py's."""
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
        ["a page"],
        ["hangs"],
        ["connection lost"],
        # The first answer did arrive, and only its confirmation was lost.
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


@pytest.mark.parametrize("kind", [MESSAGE, EDIT])
@pytest.mark.parametrize("latency", [0.5, HANGS_AFTER + 0.4])
async def test_discord_may_take_its_time(
    backend: Discord, session: aiohttp.ClientSession, kind: int, latency: float
) -> None:
    """On a bad day every answer takes this long, and the second one finds the press answered."""
    backend.latency = latency
    backend.happens = ["taken", "answered already"]
    await _answer(session, kind)


async def test_what_discord_says_of_an_answer_may_be_garbled(
    backend: Discord, session: aiohttp.ClientSession
) -> None:
    backend.happens = ["garbled"]
    await _answer(session, MESSAGE)
    assert len(backend.cookies) == 1


async def test_a_message_waits_for_a_limit(
    backend: Discord, session: aiohttp.ClientSession
) -> None:
    backend.happens = ["limited"]
    await _answer(session, MESSAGE)
    assert len(backend.cookies) == 2


async def test_a_limit_without_end_is_not_run_into(
    backend: Discord, session: aiohttp.ClientSession
) -> None:
    backend.happens = ["limited for no time"] * 100
    with pytest.raises(Limited):
        await _answer(session, MESSAGE)
    assert len(backend.cookies) < MOST_TRIES


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
    backend.happens = [happens] * 100
    with pytest.raises(raised):
        await _answer(session, MESSAGE)
    assert 2 <= len(backend.cookies) < MOST_TRIES


async def test_a_second_answer_to_one_press_is_refused(
    backend: Discord, session: aiohttp.ClientSession
) -> None:
    """Here the accepted answer is not known to be ours, which was posted once."""
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


async def test_nothing_is_answered_once_the_connections_are_closed(backend: Discord) -> None:
    async with aiohttp.ClientSession() as closed:
        pass
    with pytest.raises(aiohttp.ClientConnectionError, match="stopping"):
        await _answer(closed, MESSAGE)
    assert backend.cookies == []


async def test_nothing_is_tried_again_once_the_bot_stops(
    backend: Discord, session: aiohttp.ClientSession
) -> None:
    backend.happens = ["fails"] * 100
    answering = asyncio.create_task(_answer(session, MESSAGE))
    while not backend.cookies:
        await asyncio.sleep(0.01)
    await session.close()
    with pytest.raises(aiohttp.ClientConnectionError):
        await answering
    assert len(backend.cookies) < MOST_TRIES


def _refusal(status: int, **says: object) -> web.Response:
    return in_json({"message": "no", **says}, status)
