"""Faults between the steps: lost answers, kills, slow channels, deleted things, crossings."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from discord.http import MultipartParameters

from bot.messages.buttons import components_of
from bot.mirrors import refresh as refresh_module
from data.models import Answer
from data.people.rsvps import Wish, answer
from data.store.database import Change, T
from data.store.unusable import DatabaseUnusable
from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.simulated_server import SimulatedServer, said, text_of
from tests.server.test_reminding import crowd, mentioned_users, move


async def test_a_press_that_crosses_a_refresh_leaves_the_latest_count(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    await sam.slash(server.jellies, "rsvp", session="Thursday jelly", answer="going")
    on_its_way, go = asyncio.Event(), asyncio.Event()

    async def slow(send: Callable[[], Awaitable[object]]) -> object:
        on_its_way.set()
        await go.wait()
        return await send()

    restore = _through(server, "edit_message", slow)
    refresh = asyncio.create_task(server.bot.mirrors.settle())
    await on_its_way.wait()
    restore()
    await priya.click(server.card(), label="Going")
    go.set()
    await refresh
    await server.settle()
    assert "**2 going**" in text_of(server.card())


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
        await priya.slash(server.jellies, "rsvp", session="Thursday jelly", answer="going")
        async with asyncio.timeout(20):
            while "**2 going**" not in text_of(server.card()):
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
    await server.members[0].slash(server.jellies, "rsvp", session="Thursday jelly", answer="going")
    await server.settle()
    listed = await server.organizer.slash(server.jellies, "jelly list")
    assert "the card was deleted" in said(listed)
    assert listed.response is not None
    await server.organizer.click(listed.response, label="Try again")
    await server.settle()
    assert "**1 going**" in text_of(server.card())


async def test_a_card_adopted_after_a_lost_answer_shows_what_holds_now(
    server: SimulatedServer,
) -> None:
    _through(server, "send_message", _lost, once=True)
    await server.schedule()
    await server.members[0].slash(server.jellies, "rsvp", session="Thursday jelly", answer="going")
    for _ in range(3):
        await server.after(timedelta(minutes=4))
    assert len(server.cards()) == 1
    assert "**1 going**" in text_of(server.card())


async def test_a_card_whose_arrival_nobody_noticed_is_called_off_too(
    server: SimulatedServer,
) -> None:
    _through(server, "send_message", _lost, once=True)
    await server.schedule()
    await _call_off(server)
    for _ in range(3):
        await server.after(timedelta(minutes=4))
    assert len(server.cards()) == 1
    assert "**Called off**" in text_of(server.card())


async def test_what_arrived_unnoticed_at_the_last_moment_is_not_said_to_have_been_too_late(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY)
    _through(server, "send_message", _lost, once=True)
    await server.at(THURSDAY_10 - timedelta(seconds=1))
    await server.after(timedelta(seconds=30))
    assert len([one for one in server.messages() if " is on <t" in one]) == 2
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What did not arrive" not in listed


async def test_what_arrived_while_nothing_could_be_noted_is_not_sent_again(
    server: SimulatedServer,
) -> None:
    """The disk is locked for longer than Discord remembers the nonce of a message."""
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    with closing(sqlite3.connect(server.file, isolation_level=None)) as other:

        async def lock(send: Callable[[], Awaitable[object]]) -> object:
            sent = await send()
            other.execute("BEGIN IMMEDIATE")
            return sent

        _through(server, "send_message", lock, once=True)
        with pytest.raises(DatabaseUnusable):
            await server.at(THURSDAY_10 - DAY)
    assert len(server.messages()) == 1
    for _ in range(3):
        await server.after(timedelta(minutes=4))
    assert len(server.messages()) == 1
    assert await server.read("SELECT * FROM delivery WHERE state = 'sending'") == []


async def test_what_never_left_is_not_mistaken_for_what_did(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ids that Discord gives unmarked components may be the mark of another message."""
    await server.schedule()
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")
    await server.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    send, asked = server.bot.http.send_message, "you said maybe"

    async def lose(channel_id: int, *, params: MultipartParameters) -> object:
        if asked in (params.payload or {})["content"]:
            await send(channel_id, params=params)
        raise aiohttp.ServerDisconnectedError

    # So that the reminder, which was never sent, is tried again first.
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    with monkeypatch.context() as patched:
        patched.setattr(server.bot.http, "send_message", lose)
        await server.at(THURSDAY_10 - DAY)
    [message] = [message for message in server.jellies.history() if asked in message.content]
    [reminder] = await server.read(
        "SELECT delivery_id FROM delivery WHERE kind = 'reminder' AND attempts = 1"
    )
    ids = {getattr(part, "id", None) for part in components_of(message)}
    assert reminder["delivery_id"] + 1 in ids
    for _ in range(2):
        await server.after(timedelta(minutes=1))
    assert [sum(words in one for one in server.messages()) for words in (asked, " is on <t")] == [
        1,
        1,
    ]


async def test_nothing_is_sent_for_a_jelly_called_off_after_a_kill(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await _claim_and_die(server, THURSDAY_10 - HOUR)
    before = len(server.messages())
    await _call_off(server)
    await server.after(timedelta(minutes=2))
    assert not any(" is on <t" in message for message in server.messages()[before:])


async def test_nothing_is_sent_for_the_old_time_of_a_jelly_moved_after_a_kill(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await _claim_and_die(server, THURSDAY_10)
    before = len(server.messages())
    await move(server, "friday 10-16")
    await server.after(timedelta(minutes=2))
    assert not any("starts now" in message for message in server.messages()[before:])


async def test_what_was_claimed_before_a_kill_is_sent_at_the_next_start(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await _claim_and_die(server, THURSDAY_10 - DAY)
    assert server.messages() == []
    await server.start_again()
    assert len(server.messages()) == 1
    await server.after(timedelta(minutes=10))
    assert len(server.messages()) == 1


async def test_what_was_on_its_way_at_a_kill_goes_before_anything_newer(
    server: SimulatedServer,
) -> None:
    await server.schedule("Later", when="thursday 12-16")
    await server.schedule("Sooner", when="thursday 10-12")
    await _claim_and_die(server, THURSDAY_10 - DAY)
    server.clock.moment = THURSDAY_10 - DAY + 3 * HOUR
    await server.start_again()
    assert [one.split("**")[1] for one in server.messages()] == ["Sooner", "Later"]


async def test_what_failed_for_an_old_time_is_not_tried_again_after_a_move(
    server: SimulatedServer,
) -> None:
    start = datetime(2026, 12, 10, 10, tzinfo=UTC)
    await server.schedule(when="2026-12-10 10:00")
    server.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await server.at(start - timedelta(days=6))
    await server.at(start - DAY)
    await move(server, "2026-12-24 10:00")
    server.environment.backend.faults.clear()
    await server.after(HOUR)
    assert server.messages() == []


async def test_a_card_that_may_not_be_edited_costs_one_request(server: SimulatedServer) -> None:
    await server.schedule("Old")
    card = server.card("Old")
    path = f"/channels/{server.jellies.id}/messages/{card.id}"
    server.environment.inject_error("PATCH", path, status=403, code=50001, times=None)
    await server.members[0].slash(server.jellies, "rsvp", session="Old", answer="going")
    await server.settle()
    for name in ("New", "Newer", "Newest"):
        await server.schedule(name, when="tomorrow 10-16")
    edits = [r for r in server.environment.http_requests if r.method == "PATCH" and r.path == path]
    assert len(edits) == 1


async def test_those_mentioned_in_parts_stay_theirs_when_somebody_leaves(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    people = await crowd(server, 81)
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=None)
    server.clock.moment = THURSDAY_10 - DAY
    server.environment.backend.faults.clear()
    sends = 0

    async def only_the_first(send: Callable[[], Awaitable[object]]) -> object:
        nonlocal sends
        sends += 1
        if sends in (2, 3):
            raise aiohttp.ServerDisconnectedError
        return await send()

    _through(server, "send_message", only_the_first)
    await server.settle()
    await server.database.write(
        lambda t: answer(
            t,
            guild_id=server.guild.id,
            session_id=1,
            user_id=people[0],
            wish=Wish(Answer.DECLINED),
            now=server.clock.now(),
        )
    )
    await server.after(timedelta(seconds=30))
    mentioned = {user for part in mentioned_users(server) for user in part}
    assert mentioned >= set(people[1:])


async def test_one_series_that_cannot_be_read_holds_up_no_other(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.schedule("One", when="thursday 12-16")
    await server.members[0].click(server.card("One"), label="Going")
    await server.database.write(lambda t: t.run("UPDATE series SET zone = 'Europe/Gone'"))
    await server.at(THURSDAY_10 + timedelta(hours=1))
    assert any("**One** is on" in message for message in server.messages())


async def test_only_organizers_may_try_again(server: SimulatedServer) -> None:
    await server.schedule()
    server.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await server.at(THURSDAY_10 - DAY)
    listed = await server.members[1].slash(server.jellies, "jelly list")
    assert listed.response is not None
    assert listed.response.components == []
    assert "What did not arrive" in said(listed)


async def test_a_failed_card_is_told_however_long_ago_it_was_due(server: SimulatedServer) -> None:
    await server.organizer.slash(server.jellies, "settings", card="2 weeks")
    server.environment.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    await server.schedule()
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What did not arrive" in listed


async def test_the_list_still_shows_dates_after_an_absence(server: SimulatedServer) -> None:
    for number in range(6):
        await server.schedule(f"Jelly {number}", when=f"2026-11-{24 + number} 10:00")
    await server.schedule("The next one", when="2026-12-02 10:00")
    await server.at(THURSDAY_10 + timedelta(days=4))
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "The next one" in listed


async def test_an_older_preview_does_not_undo_a_newer_change(server: SimulatedServer) -> None:
    await server.schedule()
    form = await server.organizer.slash(server.jellies, "jelly edit", which="Thursday jelly")
    fields = {
        "what": "Thursday jelly",
        "when": "thursday 10-16",
        "where": "The Alb",
        "host": [server.organizer],
        "about": "Cake!",
    }
    older = await server.organizer.submit_modal(form, fields)
    await move(server, "friday 10-16")
    assert older.response is not None
    refused = await server.organizer.click(older.response, label="Save it")
    assert "changed that jelly meanwhile" in said(refused)
    rows = await server.read("SELECT starts_local FROM session")
    assert rows[0]["starts_local"].startswith("2026-11-27")


async def test_an_old_button_never_presses_something_new(server: SimulatedServer) -> None:
    first = await server.organizer.slash(
        server.jellies, "jelly new", what="First", when="thursday 10-16", where="Here"
    )
    await server.after(timedelta(days=1, minutes=1))
    await server.organizer.slash(
        server.jellies, "jelly new", what="Unfinished", when="thursday 10-16", where="Here"
    )
    assert first.response is not None
    late = await server.organizer.click(first.response, label="Post it")
    assert "more than a day old" in said(late)
    assert await server.read("SELECT 1 FROM session") == []


async def test_a_title_cannot_forge_a_link(server: SimulatedServer) -> None:
    await server.schedule("Free beer](https://evil.example/x) [", when="thursday 10-16")
    listed = said(await server.members[0].slash(server.jellies, "jellies"))
    assert "](https://evil.example" not in listed


async def test_headcounts_say_how_many_whatever_is_cut(server: SimulatedServer) -> None:
    await server.schedule()
    await crowd(server, 120)
    await server.members[0].click(server.card(), label="Maybe")
    text = said(
        await server.organizer.slash(server.jellies, "headcount session", which="Thursday jelly")
    )
    assert "120 going · 1 maybe · 0 can't make it" in text


def _through(
    server: SimulatedServer,
    method: str,
    network: Callable[[Callable[[], Awaitable[object]]], Awaitable[object]],
    *,
    once: bool = False,
) -> Callable[[], None]:
    """Puts a faulty network between the bot and Discord; returns how to repair it."""
    real = getattr(server.bot.http, method)

    async def request(*arguments: object, **options: object) -> object:
        if once:
            setattr(server.bot.http, method, real)
        return await network(lambda: real(*arguments, **options))

    setattr(server.bot.http, method, request)
    return lambda: setattr(server.bot.http, method, real)


async def _lost(send: Callable[[], Awaitable[object]]) -> object:
    """Sends the request, and loses Discord's answer to it."""
    await send()
    raise aiohttp.ServerDisconnectedError


async def _claim_and_die(server: SimulatedServer, moment: datetime) -> None:
    """Claims what is due at a moment, is killed before anything is sent, and starts again."""

    async def die(send: Callable[[], Awaitable[object]]) -> object:
        return await asyncio.Event().wait()

    await server.at(moment - timedelta(seconds=1))
    _through(server, "send_message", die)
    server.clock.moment = moment
    with server.environment.time_context():
        await server.bot.outbox.pay()
    await server.kill()


async def _call_off(server: SimulatedServer) -> None:
    asked = await server.organizer.slash(server.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Call it off")
    await server.settle()
