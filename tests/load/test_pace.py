"""Much at once: all of it arrives, within what Discord allows, and nobody waits for it.

A thousand reminders due at once are the ``burst`` of `test_instruments.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.boards import EDITS, EDITS_WINDOW
from bot.pacer import Pacer
from data.database import Transaction
from tests import stored
from tests.loopback import Guild, Loopback, Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARDS, CHANGES = 4, 300
HOUR = 3600.0

_EDIT = "PATCH /channels/{id}/messages/{id}"
_SEND = "POST /channels/{id}/messages"


@pytest_asyncio.fixture(loop_scope="module")
async def discord() -> AsyncIterator[Loopback]:
    async with Loopback() as discord:
        yield discord
        assert await discord.violations() == []


async def test_after_a_standstill_no_second_sees_more_turns_than_it_may() -> None:
    pacer, taken = Pacer(per_second=20), []

    async def take() -> None:
        await pacer.turn()
        taken.append(asyncio.get_running_loop().time())

    taking = [asyncio.create_task(take()) for _ in range(50)]
    await asyncio.sleep(0.3)
    time.sleep(0.6)  # noqa: ASYNC251  the event loop stands still
    await asyncio.gather(*taking)
    assert all(later - first > 0.99 for first, later in zip(taken, taken[20:], strict=False))


async def test_hundreds_of_changes_to_the_cards_of_one_channel(
    discord: Loopback, tmp_path: Path
) -> None:
    """The cards are older than an hour, so Discord allows few edits and answers 429 to more."""
    file = tmp_path / "jelly.sqlite3"
    guild = await discord.create_guild()
    channel = guild.channels["jellies"]

    def schedule(transaction: Transaction) -> None:
        stored.set_up(transaction, guild)
        start = int((datetime.now(UTC) + timedelta(days=2)).timestamp())
        for number in range(CARDS):
            stored.schedule(transaction, guild, f"Jelly {number}", start)

    await stored.write(file, schedule)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await discord.wait_requests(_SEND, CARDS)
        for card in await discord.messages(channel):
            await discord.age_message(card, HOUR)
        for number in range(CHANGES):
            options = {
                "session": f"Jelly {number % CARDS}",
                "answer": "going",
                "note": f"change {number}",
            }
            answered = await discord.slash(guild.members[0], channel, "rsvp", options)
            assert answered.kind == "message"
        last = [f"change {number}" for number in range(CHANGES - CARDS, CHANGES)]
        async with asyncio.timeout(60):
            while not _show(await _cards(discord, guild), last):
                await asyncio.sleep(0.1)
    counters = await discord.counters()
    edits = [r.at for r in await discord.requests() if r.method == "PATCH"]
    assert counters.limited == {}
    assert CARDS <= len(edits) < CHANGES / 10
    for first, one_too_many in zip(edits, edits[EDITS:], strict=False):
        assert one_too_many - first > EDITS_WINDOW


async def _cards(discord: Loopback, guild: Guild) -> list[Message]:
    messages = await discord.messages(guild.channels["jellies"])
    return [message for message in messages if not message.ephemeral]


def _show(cards: list[Message], notes: list[str]) -> bool:
    return all(any(note in card.text for card in cards) for note in notes)
