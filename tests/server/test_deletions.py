"""Messages that are to be deleted: after all sends, until Discord has said what became of them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import discord
import pytest

from bot.deletions import AT_ONCE, LEASE
from bot.pacer import Priority
from data.deletions import claim_deletions, delete_soon
from data.store.transaction import Transaction
from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.simulated_server import SimulatedServer

FORBIDDEN, UNKNOWN_CHANNEL = 50001, 10003


async def post(server: SimulatedServer, number: int = 1) -> list[int]:
    """Returns the ids of messages that the bot has posted."""
    channel = server.bot.get_partial_messageable(server.jellies.id)
    with server.environment.time_context():
        return [(await channel.send(f"{n}")).id for n in range(number)]


async def delete(server: SimulatedServer, *message_ids: int) -> None:
    """Has messages deleted, and lets the bot do what is due."""
    await note(server, *message_ids)
    await server.settle()


async def note(server: SimulatedServer, *message_ids: int) -> None:
    now, guild_id, channel_id = server.clock.now(), server.guild.id, server.jellies.id

    def change(transaction: Transaction) -> None:
        for message_id in message_ids:
            delete_soon(
                transaction,
                guild_id=guild_id,
                channel_id=channel_id,
                message_id=message_id,
                at=now,
            )

    await server.database.write(change)


async def left(server: SimulatedServer) -> list[int]:
    """Returns the ids of messages that are still to be deleted."""
    return [row["message_id"] for row in await server.read("SELECT message_id FROM deletion")]


def refuse(server: SimulatedServer, message_id: int, *, status: int, code: int = 0) -> None:
    path = f"/channels/{server.jellies.id}/messages/{message_id}"
    server.environment.inject_error("DELETE", path, status=status, code=code, times=1)


async def test_a_message_is_deleted_once_and_nothing_else(server: SimulatedServer) -> None:
    await server.set_up()
    first, _ = await post(server, 2)
    await delete(server, first, first)
    assert server.messages() == ["1"]
    assert await left(server) == []


async def test_many_are_deleted_a_share_at_each_wake_up(server: SimulatedServer) -> None:
    await server.set_up()
    messages = await post(server, AT_ONCE + 1)
    await note(server, *messages)
    with server.environment.time_context():
        await server.bot.do_what_is_due()
        while len(await left(server)) > 1:
            await asyncio.sleep(0)
    assert len(server.messages()) == 1
    await server.settle()
    assert server.messages() == []


@pytest.mark.parametrize(("status", "code"), [(404, 10008), (404, UNKNOWN_CHANNEL)])
async def test_what_is_gone_already_is_done(
    server: SimulatedServer, status: int, code: int
) -> None:
    await server.set_up()
    [message] = await post(server)
    refuse(server, message, status=status, code=code)
    await delete(server, message)
    assert await left(server) == []


async def test_what_discord_refuses_for_good_stays_and_is_logged(
    server: SimulatedServer, caplog: pytest.LogCaptureFixture
) -> None:
    await server.set_up()
    [message] = await post(server)
    refuse(server, message, status=403, code=FORBIDDEN)
    with caplog.at_level(logging.WARNING, "bot.deletions"):
        await delete(server, message)
    assert await left(server) == []
    [line] = [record.getMessage() for record in caplog.records if record.name == "bot.deletions"]
    assert f"channel {server.jellies.id} can't be deleted and stays" in line


@pytest.mark.parametrize("status", [403, 404])
async def test_a_proxys_page_is_not_discords_word(server: SimulatedServer, status: int) -> None:
    await server.set_up()
    [message] = await post(server)
    refuse(server, message, status=status)
    await delete(server, message)
    assert await left(server) == [message]
    await server.after(HOUR)
    assert await left(server) == []
    assert server.messages() == []


async def test_a_kill_in_between_leaves_nothing_undone(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    [message] = await post(server)
    await note(server, message)
    now = server.clock.now()
    await server.database.write(
        lambda t: claim_deletions(t, now=now, until=now + LEASE, limit=AT_ONCE)
    )
    await server.kill()
    assert server.messages() == ["0"]
    await server.start_again()
    await server.settle()
    assert server.messages() == []
    assert await left(server) == []


async def test_sends_do_not_wait_for_a_deletion_that_hangs(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    [message] = await post(server)
    await note(server, message)
    answered, delete_in_discord = asyncio.Event(), discord.PartialMessage.delete

    async def hang(of: discord.PartialMessage, **options: Any) -> None:  # noqa: ANN401
        await answered.wait()
        await delete_in_discord(of, **options)

    monkeypatch.setattr(discord.PartialMessage, "delete", hang)
    server.clock.moment = THURSDAY_10 - DAY
    with server.environment.time_context():
        await server.bot.do_what_is_due()
        await server.bot.outbox.drain()
    assert "0" in server.messages()
    assert server.members[0].mention in server.messages()[-1]
    answered.set()
    await server.settle()
    assert "0" not in server.messages()
    assert max(Priority) is Priority.DELETION
