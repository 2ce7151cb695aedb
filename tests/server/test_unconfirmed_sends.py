"""Messages of which the bot does not know whether they arrived: lost answers, and kills."""

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
from data.models import Answer, Wish
from data.people.rsvps import answer
from data.store.unusable import DatabaseUnusable
from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.actions import call_off, crowd
from tests.server.hosting import move
from tests.server.network import through
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, said, text_of


async def test_a_card_adopted_after_a_lost_answer_shows_what_holds_now(
    server: SimulatedServer,
) -> None:
    through(server, "send_message", _lost, once=True)
    await server.schedule()
    await server.members[0].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    for _ in range(3):
        await server.after(timedelta(minutes=4))
    assert len(server.cards()) == 1
    assert "**2 coming**" in text_of(server.card())


async def test_a_card_whose_arrival_nobody_noticed_is_called_off_too(
    server: SimulatedServer,
) -> None:
    through(server, "send_message", _lost, once=True)
    await server.schedule()
    await call_off(server)
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
    through(server, "send_message", _lost, once=True)
    await server.at(THURSDAY_10 - timedelta(seconds=1))
    await server.after(timedelta(seconds=30))
    assert len([one for one in server.said_ever() if " is on <t" in one]) == 2
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed


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

        through(server, "send_message", lock, once=True)
        with pytest.raises(DatabaseUnusable):
            await server.at(THURSDAY_10 - DAY)
    assert len(server.said_ever()) == 1
    for _ in range(3):
        await server.after(timedelta(minutes=4))
    assert len(server.said_ever()) == 1
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
    assert [sum(words in one for one in server.said_ever()) for words in (asked, " is on <t")] == [
        1,
        1,
    ]


async def test_nothing_is_sent_for_a_jelly_called_off_after_a_kill(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await _claim_and_die(server, THURSDAY_10 - HOUR)
    before = len(server.said_ever())
    await call_off(server)
    await server.after(timedelta(minutes=2))
    assert not any(" is on <t" in message for message in server.said_ever()[before:])


async def test_nothing_is_sent_for_the_old_time_of_a_jelly_moved_after_a_kill(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await _claim_and_die(server, THURSDAY_10)
    before = len(server.said_ever())
    await move(server, "Thursday jelly", "friday 10-16")
    await server.after(timedelta(minutes=2))
    assert not any("is on now" in message for message in server.said_ever()[before:])


async def test_what_was_claimed_before_a_kill_is_sent_at_the_next_start(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await _claim_and_die(server, THURSDAY_10 - DAY)
    assert server.said_ever() == []
    await server.start_again()
    assert len(server.said_ever()) == 1
    await server.after(timedelta(minutes=10))
    assert len(server.said_ever()) == 1


async def test_what_was_on_its_way_at_a_kill_goes_before_anything_newer(
    server: SimulatedServer,
) -> None:
    await server.schedule("Later", when="thursday 12-16")
    await server.schedule("Sooner", when="thursday 10-12")
    await _claim_and_die(server, THURSDAY_10 - DAY)
    server.clock.moment = THURSDAY_10 - DAY + 3 * HOUR
    await server.start_again()
    assert [one.split("**")[1] for one in server.said_ever()] == ["Sooner", "Later"]


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
    await move(server, "Thursday jelly", "2026-12-24 10:00")
    server.environment.backend.faults.clear()
    await server.after(HOUR)
    assert server.said_ever() == []


async def test_those_mentioned_in_parts_stay_theirs_when_someone_leaves(
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

    through(server, "send_message", only_the_first)
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


async def _lost(send: Callable[[], Awaitable[object]]) -> object:
    """Sends the request, and loses Discord's answer to it."""
    await send()
    raise aiohttp.ServerDisconnectedError


async def _claim_and_die(server: SimulatedServer, moment: datetime) -> None:
    """Claims what is due at a moment, is killed before anything is sent, and starts again."""

    async def die(send: Callable[[], Awaitable[object]]) -> object:
        return await asyncio.Event().wait()

    await server.at(moment - timedelta(seconds=1))
    through(server, "send_message", die)
    server.clock.moment = moment
    with server.environment.time_context():
        await server.bot.outbox.pay()
    await server.kill()
