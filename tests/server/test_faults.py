"""Faults that the bot works around: slow and deleted channels, locked files, crossing edits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from discord.http import MultipartParameters

from bot.mirrors import refresh as refresh_module
from data.store.database import Change, T
from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.network import through
from tests.server.simulated_server import SimulatedServer, said, text_of


async def test_a_press_that_crosses_a_refresh_leaves_the_latest_count(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    await sam.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    on_its_way, go = asyncio.Event(), asyncio.Event()

    async def slow(send: Callable[[], Awaitable[object]]) -> object:
        on_its_way.set()
        await go.wait()
        return await send()

    restore = through(server, "edit_message", slow)
    refresh = asyncio.create_task(server.bot.mirrors.settle())
    await on_its_way.wait()
    restore()
    await priya.click(server.card(), label="Going")
    go.set()
    await refresh
    await server.settle()
    assert "**3 coming**" in text_of(server.card())


async def test_cards_go_on_being_refreshed_after_a_database_error(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh_module, "RECORD_AFTER", 0.01)
    monkeypatch.setattr(refresh_module, "QUIET", 0.01)
    await server.schedule()
    sam, priya, _ = server.members
    failed = asyncio.Event()
    write = server.database.write

    async def locked(change: Change[T]) -> T:
        failed.set()
        raise sqlite3.OperationalError("database is locked")

    running = asyncio.create_task(server.bot.mirrors.run())
    try:
        await sam.click(server.card(), label="Going")
        monkeypatch.setattr(server.database, "write", locked)
        await failed.wait()
        monkeypatch.setattr(server.database, "write", write)
        await priya.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
        async with asyncio.timeout(20):
            while "**2 coming**" not in text_of(server.card()):
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_slow_channel_holds_up_only_itself(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.schedule("Here", when="thursday 10-16")
    await server.organizer.slash(server.jellies, "settings", channel=server.chat)
    await server.schedule("There", when="thursday 10-16")
    gate, there = asyncio.Event(), asyncio.Event()
    send = server.bot.http.send_message

    async def send_slowly(channel_id: int, *, params: MultipartParameters) -> object:
        if channel_id == server.jellies.id:
            await gate.wait()
        else:
            there.set()
        return await send(channel_id, params=params)

    monkeypatch.setattr(server.bot.http, "send_message", send_slowly)
    server.clock.moment = THURSDAY_10 - DAY
    with server.environment.time_context():
        await server.bot.do_what_is_due()
        async with asyncio.timeout(20):
            await there.wait()
        gate.set()
        await server.bot.outbox.drain()
    assert len(server.messages()) == 1


async def test_a_deleted_channel_can_be_left_behind(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    for method in ("POST", "PATCH"):
        server.environment.inject_error(
            method,
            f"/channels/{server.jellies.id}/messages*",
            status=404,
            code=10003,
            message="Unknown Channel",
            times=None,
        )
    await server.at(THURSDAY_10 - DAY)
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "the channel is gone" in listed
    await server.organizer.slash(server.chat, "settings", channel=server.chat)
    await server.settle()
    public = [m for m in server.chat.history() if not m.flags.ephemeral]
    assert any("## Thursday jelly" in text_of(message) for message in public)
    await server.at(THURSDAY_10 - HOUR)
    public = [m for m in server.chat.history() if not m.flags.ephemeral]
    assert any("is on" in message.content for message in public)


async def test_a_card_that_a_moderator_deleted_can_be_posted_again(server: SimulatedServer) -> None:
    await server.schedule()
    await server.organizer.delete(server.card())
    await server.members[0].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    await server.settle()
    listed = await server.organizer.slash(server.jellies, "jelly list")
    assert "the card was deleted" in said(listed)
    assert listed.response is not None
    await server.organizer.click(listed.response, label="Try again")
    await server.settle()
    assert "**2 coming**" in text_of(server.card())


async def test_a_card_that_may_not_be_edited_costs_one_request(server: SimulatedServer) -> None:
    await server.schedule("Old")
    card = server.card("Old")
    path = f"/channels/{server.jellies.id}/messages/{card.id}"
    server.environment.inject_error("PATCH", path, status=403, code=50001, times=None)
    await server.members[0].slash(server.jellies, "rsvp", jelly="Old", answer="going")
    await server.settle()
    for name in ("New", "Newer", "Newest"):
        await server.schedule(name, when="tomorrow 10-16")
    edits = [r for r in server.environment.http_requests if r.method == "PATCH" and r.path == path]
    assert len(edits) == 1


async def test_one_series_that_cannot_be_read_holds_up_no_other(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.schedule("One", when="thursday 12-16")
    await server.members[0].click(server.card("One"), label="Going")
    await server.database.write(lambda t: t.run("UPDATE series SET zone = 'Europe/Gone'"))
    await server.at(THURSDAY_10 + timedelta(hours=1))
    assert any("**One** is on" in message for message in server.messages())
