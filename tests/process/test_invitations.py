"""Over sockets: an invitation is answered in a private message, also by the next process."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from data.store.transaction import Transaction
from tests import stored
from tests.loopback import Loopback

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    await started.reset_counters()
    yield started
    assert await started.violations() == []


async def test_an_invitation_is_answered_in_a_private_message_after_a_restart(
    discord: Loopback, tmp_path: Path
) -> None:
    guild, file = await discord.create_guild(), tmp_path / "jelly.sqlite3"
    sam, priya = guild.members[:2]

    def plan(transaction: Transaction) -> None:
        stored.plan(transaction, guild)
        transaction.run("UPDATE session SET host_id = :host, created_by = :host", host=priya)

    await stored.write(file, plan)
    chat = guild.channels["jellies"]
    environment = {"JELLY_DATABASE": str(file)}
    async with discord.bot("bot", env=environment):
        await discord.wait_ready()
        options = {"jelly": "session:1", "answer": "going", "member": sam}
        asked = await discord.slash(priya, chat, "rsvp", options)
        assert asked.message is not None
        assert "is invited to **Thursday jelly**" in asked.message.text
        [letter] = await discord.dms(sam, at_least=1)
        assert "invites you to **Thursday jelly**" in letter.text
    async with discord.bot("bot", env=environment):
        await discord.wait_ready()
        pressed = await discord.click(sam, letter, letter.buttons["I'm in"])
        assert pressed.message is not None
        assert "You're going to **" in pressed.message.text
        again = await discord.click(sam, letter, letter.buttons["No thanks"], forged=True)
        assert again.message is not None
        assert "You've answered that already" in again.message.text
    requests = (await discord.counters()).requests
    assert requests["GET /guilds/{id}/members/{id}"] == 2
    assert _answers(file) == [(sam, "going", None)]


def _answers(file: Path) -> list[tuple[int, str, int | None]]:
    """Returns the answers that people gave, and who gave each for them."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(
            "SELECT user_id, answer, answered_by FROM rsvp WHERE as_host = 0"
        ).fetchall()
