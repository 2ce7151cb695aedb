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
from tests.server.simulated_server import Town, said, text_of
from tests.server.test_reminding import DAY, HOUR, crowd, mentioned_users, move
from tests.server.test_scheduling import THURSDAY_10


async def test_a_press_that_crosses_a_refresh_leaves_the_latest_count(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going")
    on_its_way, go = asyncio.Event(), asyncio.Event()

    async def slow(send: Callable[[], Awaitable[object]]) -> object:
        on_its_way.set()
        await go.wait()
        return await send()

    restore = _through(town, "edit_message", slow)
    refresh = asyncio.create_task(town.bot.mirrors.settle())
    await on_its_way.wait()
    restore()
    await priya.click(town.card(), label="Going")
    go.set()
    await refresh
    await town.settle()
    assert "**2 going**" in text_of(town.card())


async def test_cards_go_on_being_refreshed_after_a_database_error(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh_module, "RECORD_AFTER", 0.01)
    monkeypatch.setattr(refresh_module, "QUIET", 0.01)
    await town.schedule()
    sam, priya, _ = town.members
    failed = asyncio.Event()
    write = town.database.write

    async def locked(change: Change[T]) -> T:
        failed.set()
        raise sqlite3.OperationalError("database is locked")

    running = asyncio.create_task(town.bot.mirrors.run())
    try:
        await sam.click(town.card(), label="Going")
        monkeypatch.setattr(town.database, "write", locked)
        await failed.wait()
        monkeypatch.setattr(town.database, "write", write)
        await priya.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going")
        async with asyncio.timeout(20):
            while "**2 going**" not in text_of(town.card()):
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_slow_channel_holds_up_only_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.schedule("Here", when="thursday 10-16")
    await town.organizer.slash(town.jellies, "settings", channel=town.chat)
    await town.schedule("There", when="thursday 10-16")
    gate, there = asyncio.Event(), asyncio.Event()
    send = town.bot.http.send_message

    async def send_slowly(channel_id: int, *, params: MultipartParameters) -> object:
        if channel_id == town.jellies.id:
            await gate.wait()
        else:
            there.set()
        return await send(channel_id, params=params)

    monkeypatch.setattr(town.bot.http, "send_message", send_slowly)
    town.clock.moment = THURSDAY_10 - DAY
    with town.environment.time_context():
        await town.bot.do_what_is_due()
        async with asyncio.timeout(20):
            await there.wait()
        gate.set()
        await town.bot.outbox.drain()
    assert len(town.messages()) == 1


async def test_a_deleted_channel_can_be_left_behind(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    for method in ("POST", "PATCH"):
        town.environment.inject_error(
            method,
            f"/channels/{town.jellies.id}/messages*",
            status=404,
            code=10003,
            message="Unknown Channel",
            times=None,
        )
    await town.at(THURSDAY_10 - DAY)
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "the channel is gone" in listed
    await town.organizer.slash(town.chat, "settings", channel=town.chat)
    await town.settle()
    public = [m for m in town.chat.history() if not m.flags.ephemeral]
    assert any("## Thursday jelly" in text_of(message) for message in public)
    await town.at(THURSDAY_10 - HOUR)
    public = [m for m in town.chat.history() if not m.flags.ephemeral]
    assert any("is on" in message.content for message in public)


async def test_a_card_that_a_moderator_deleted_can_be_posted_again(town: Town) -> None:
    await town.schedule()
    await town.organizer.delete(town.card())
    await town.members[0].slash(town.jellies, "rsvp", session="Thursday jelly", answer="going")
    await town.settle()
    listed = await town.organizer.slash(town.jellies, "jelly list")
    assert "the card was deleted" in said(listed)
    assert listed.response is not None
    await town.organizer.click(listed.response, label="Try again")
    await town.settle()
    assert "**1 going**" in text_of(town.card())


async def test_a_card_adopted_after_a_lost_answer_shows_what_holds_now(town: Town) -> None:
    _through(town, "send_message", _lost, once=True)
    await town.schedule()
    await town.members[0].slash(town.jellies, "rsvp", session="Thursday jelly", answer="going")
    for _ in range(3):
        await town.after(timedelta(minutes=4))
    assert len(town.cards()) == 1
    assert "**1 going**" in text_of(town.card())


async def test_a_card_whose_arrival_nobody_noticed_is_called_off_too(town: Town) -> None:
    _through(town, "send_message", _lost, once=True)
    await town.schedule()
    await _call_off(town)
    for _ in range(3):
        await town.after(timedelta(minutes=4))
    assert len(town.cards()) == 1
    assert "**Called off**" in text_of(town.card())


async def test_what_arrived_unnoticed_at_the_last_moment_is_not_said_to_have_been_too_late(
    town: Town,
) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY)
    _through(town, "send_message", _lost, once=True)
    await town.at(THURSDAY_10 - timedelta(seconds=1))
    await town.after(timedelta(seconds=30))
    assert len([one for one in town.messages() if " is on <t" in one]) == 2
    listed = said(await town.organizer.slash(town.jellies, "jelly list"))
    assert "What did not arrive" not in listed


async def test_what_arrived_while_nothing_could_be_noted_is_not_sent_again(town: Town) -> None:
    """The disk is locked for longer than Discord remembers the nonce of a message."""
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    with closing(sqlite3.connect(town.file, isolation_level=None)) as other:

        async def lock(send: Callable[[], Awaitable[object]]) -> object:
            sent = await send()
            other.execute("BEGIN IMMEDIATE")
            return sent

        _through(town, "send_message", lock, once=True)
        with pytest.raises(DatabaseUnusable):
            await town.at(THURSDAY_10 - DAY)
    assert len(town.messages()) == 1
    for _ in range(3):
        await town.after(timedelta(minutes=4))
    assert len(town.messages()) == 1
    assert await town.read("SELECT * FROM delivery WHERE state = 'sending'") == []


async def test_what_never_left_is_not_mistaken_for_what_did(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ids that Discord gives components without a mark may be the mark of another message."""
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Maybe")
    await town.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    send, asked = town.bot.http.send_message, "you said maybe"

    async def lose(channel_id: int, *, params: MultipartParameters) -> object:
        if asked in (params.payload or {})["content"]:
            await send(channel_id, params=params)
        raise aiohttp.ServerDisconnectedError

    # So that the reminder, which never left, is tried again first.
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    with monkeypatch.context() as patched:
        patched.setattr(town.bot.http, "send_message", lose)
        await town.at(THURSDAY_10 - DAY)
    [message] = [message for message in town.jellies.history() if asked in message.content]
    [reminder] = await town.read(
        "SELECT delivery_id FROM delivery WHERE kind = 'reminder' AND attempts = 1"
    )
    ids = {getattr(part, "id", None) for part in components_of(message)}
    assert reminder["delivery_id"] + 1 in ids
    for _ in range(2):
        await town.after(timedelta(minutes=1))
    assert [sum(words in one for one in town.messages()) for words in (asked, " is on <t")] == [
        1,
        1,
    ]


async def test_nothing_is_sent_for_a_jelly_called_off_after_a_kill(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await _claim_and_die(town, THURSDAY_10 - HOUR)
    before = len(town.messages())
    await _call_off(town)
    await town.after(timedelta(minutes=2))
    assert not any(" is on <t" in message for message in town.messages()[before:])


async def test_nothing_is_sent_for_the_old_time_of_a_jelly_moved_after_a_kill(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await _claim_and_die(town, THURSDAY_10)
    before = len(town.messages())
    await move(town, "friday 10-16")
    await town.after(timedelta(minutes=2))
    assert not any("starts now" in message for message in town.messages()[before:])


async def test_what_was_claimed_before_a_kill_is_sent_at_the_next_start(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await _claim_and_die(town, THURSDAY_10 - DAY)
    assert town.messages() == []
    await town.start_again()
    assert len(town.messages()) == 1
    await town.after(timedelta(minutes=10))
    assert len(town.messages()) == 1


async def test_what_was_on_its_way_at_a_kill_goes_before_anything_newer(town: Town) -> None:
    await town.schedule("Later", when="thursday 12-16")
    await town.schedule("Sooner", when="thursday 10-12")
    await _claim_and_die(town, THURSDAY_10 - DAY)
    town.clock.moment = THURSDAY_10 - DAY + 3 * HOUR
    await town.start_again()
    assert [one.split("**")[1] for one in town.messages()] == ["Sooner", "Later"]


async def test_what_failed_for_an_old_time_is_not_tried_again_after_a_move(town: Town) -> None:
    start = datetime(2026, 12, 10, 10, tzinfo=UTC)
    await town.schedule(when="2026-12-10 10:00")
    town.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await town.at(start - timedelta(days=6))
    await town.at(start - DAY)
    await move(town, "2026-12-24 10:00")
    town.environment.backend.faults.clear()
    await town.after(HOUR)
    assert town.messages() == []


async def test_a_card_that_may_not_be_edited_costs_one_request(town: Town) -> None:
    await town.schedule("Old")
    card = town.card("Old")
    path = f"/channels/{town.jellies.id}/messages/{card.id}"
    town.environment.inject_error("PATCH", path, status=403, code=50001, times=None)
    await town.members[0].slash(town.jellies, "rsvp", session="Old", answer="going")
    await town.settle()
    for name in ("New", "Newer", "Newest"):
        await town.schedule(name, when="tomorrow 10-16")
    edits = [r for r in town.environment.http_requests if r.method == "PATCH" and r.path == path]
    assert len(edits) == 1


async def test_those_mentioned_in_parts_stay_theirs_when_somebody_leaves(town: Town) -> None:
    await town.schedule()
    people = await crowd(town, 81)
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=None)
    town.clock.moment = THURSDAY_10 - DAY
    town.environment.backend.faults.clear()
    sends = 0

    async def only_the_first(send: Callable[[], Awaitable[object]]) -> object:
        nonlocal sends
        sends += 1
        if sends in (2, 3):
            raise aiohttp.ServerDisconnectedError
        return await send()

    _through(town, "send_message", only_the_first)
    await town.settle()
    await town.database.write(
        lambda t: answer(
            t,
            guild_id=town.guild.id,
            session_id=1,
            user_id=people[0],
            wish=Wish(Answer.DECLINED),
            now=town.clock.now(),
        )
    )
    await town.after(timedelta(seconds=30))
    mentioned = {user for part in mentioned_users(town) for user in part}
    assert mentioned >= set(people[1:])


async def test_one_series_that_cannot_be_read_holds_up_no_other(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.schedule("One", when="thursday 12-16")
    await town.members[0].click(town.card("One"), label="Going")
    await town.database.write(lambda t: t.run("UPDATE series SET zone = 'Europe/Gone'"))
    await town.at(THURSDAY_10 + timedelta(hours=1))
    assert any("**One** is on" in message for message in town.messages())


async def test_only_organizers_may_try_again(town: Town) -> None:
    await town.schedule()
    town.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await town.at(THURSDAY_10 - DAY)
    listed = await town.members[1].slash(town.jellies, "jelly list")
    assert listed.response is not None
    assert listed.response.components == []
    assert "What did not arrive" in said(listed)


async def test_a_failed_card_is_told_however_long_ago_it_was_due(town: Town) -> None:
    await town.organizer.slash(town.jellies, "settings", card="2 weeks")
    town.environment.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    await town.schedule()
    listed = said(await town.organizer.slash(town.jellies, "jelly list"))
    assert "What did not arrive" in listed


async def test_the_list_still_shows_dates_after_an_absence(town: Town) -> None:
    for number in range(6):
        await town.schedule(f"Jelly {number}", when=f"2026-11-{24 + number} 10:00")
    await town.schedule("The next one", when="2026-12-02 10:00")
    await town.at(THURSDAY_10 + timedelta(days=4))
    listed = said(await town.organizer.slash(town.jellies, "jelly list"))
    assert "The next one" in listed


async def test_an_older_preview_does_not_undo_a_newer_change(town: Town) -> None:
    await town.schedule()
    form = await town.organizer.slash(town.jellies, "jelly edit", which="Thursday jelly")
    fields = {
        "what": "Thursday jelly",
        "when": "thursday 10-16",
        "where": "The Alb",
        "host": [town.organizer],
        "about": "Cake!",
    }
    older = await town.organizer.submit_modal(form, fields)
    await move(town, "friday 10-16")
    assert older.response is not None
    refused = await town.organizer.click(older.response, label="Save it")
    assert "changed that jelly meanwhile" in said(refused)
    rows = await town.read("SELECT starts_local FROM session")
    assert rows[0]["starts_local"].startswith("2026-11-27")


async def test_an_old_button_never_presses_something_new(town: Town) -> None:
    first = await town.organizer.slash(
        town.jellies, "jelly new", what="First", when="thursday 10-16", where="Here"
    )
    await town.after(timedelta(days=1, minutes=1))
    await town.organizer.slash(
        town.jellies, "jelly new", what="Unfinished", when="thursday 10-16", where="Here"
    )
    assert first.response is not None
    late = await town.organizer.click(first.response, label="Post it")
    assert "more than a day old" in said(late)
    assert await town.read("SELECT 1 FROM session") == []


async def test_a_title_cannot_forge_a_link(town: Town) -> None:
    await town.schedule("Free beer](https://evil.example/x) [", when="thursday 10-16")
    listed = said(await town.members[0].slash(town.jellies, "jellies"))
    assert "](https://evil.example" not in listed


async def test_headcounts_say_how_many_whatever_is_cut(town: Town) -> None:
    await town.schedule()
    await crowd(town, 120)
    await town.members[0].click(town.card(), label="Maybe")
    text = said(
        await town.organizer.slash(town.jellies, "headcount session", which="Thursday jelly")
    )
    assert "120 going · 1 maybe · 0 can't make it" in text


def _through(
    town: Town,
    method: str,
    network: Callable[[Callable[[], Awaitable[object]]], Awaitable[object]],
    *,
    once: bool = False,
) -> Callable[[], None]:
    """Put a network that misbehaves between the bot and Discord; gives how to mend it."""
    real = getattr(town.bot.http, method)

    async def request(*arguments: object, **options: object) -> object:
        if once:
            setattr(town.bot.http, method, real)
        return await network(lambda: real(*arguments, **options))

    setattr(town.bot.http, method, request)
    return lambda: setattr(town.bot.http, method, real)


async def _lost(send: Callable[[], Awaitable[object]]) -> object:
    """Discord took the request, and its answer never came."""
    await send()
    raise aiohttp.ServerDisconnectedError


async def _claim_and_die(town: Town, moment: datetime) -> None:
    """Claim what is due at a moment and die before anything is sent; start again afterwards."""

    async def die(send: Callable[[], Awaitable[object]]) -> object:
        return await asyncio.Event().wait()

    await town.at(moment - timedelta(seconds=1))
    _through(town, "send_message", die)
    town.clock.moment = moment
    with town.environment.time_context():
        await town.bot.outbox.pay()
    await town.kill()


async def _call_off(town: Town) -> None:
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it off")
    await town.settle()
