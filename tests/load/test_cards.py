"""Many changes of cards at once: all are shown, within the limits for young and old messages."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio

from bot.mirrors.card import EDITS, EDITS_WINDOW, LONGEST_EDIT
from bot.mirrors.refresh import MOST_REFRESHES
from data.store.transaction import Transaction
from tests import stored
from tests.loopback import Guild, Loopback, Message

HOUR = 3600.0
BEHIND = 2 * HOUR
"""How much earlier than the bot's clock says cards are posted if they are to be old."""
_SEND = "POST /channels/{id}/messages"


@pytest_asyncio.fixture
async def discord() -> AsyncIterator[Loopback]:
    async with Loopback(behind=BEHIND) as discord:
        yield discord
        assert await discord.violations() == []


async def test_hundreds_of_changes_to_old_cards(discord: Loopback, tmp_path: Path) -> None:
    cards, changes = 4, 300
    file, guild = tmp_path / "jelly.sqlite3", await discord.create_guild()
    channel = guild.channels["jellies"]
    await _post(discord, guild, file, cards)
    await discord.advance(BEHIND)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await discord.wait_ready()
        for number in range(changes):
            options = {
                "jelly": f"Jelly {number % cards}",
                "answer": "going",
                "note": f"change {number}",
            }
            answered = await discord.slash(guild.members[0], channel, "rsvp", options)
            assert answered.kind == "message"
        last = [f"change {number}" for number in range(changes - cards, changes)]
        await _until_shown(discord, guild, lambda shown: all(note in shown for note in last))
    assert (await discord.counters()).limited == {}
    edits = await _edits(discord)
    assert cards <= len(edits) < changes / 10
    for first, one_too_many in zip(edits, edits[EDITS:], strict=False):
        assert one_too_many - first > EDITS_WINDOW


async def test_young_cards_follow_the_limit_that_is_announced(
    discord: Loopback, tmp_path: Path
) -> None:
    cards, per_second = 28, 5 / 5
    file, guild = tmp_path / "jelly.sqlite3", await discord.create_guild()
    await discord.advance(BEHIND)
    await _post(discord, guild, file, cards)
    _change_all(file)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await _until_shown(discord, guild, lambda shown: shown.count("Another place") == cards)
    edits = await _edits(discord)
    assert (await discord.counters()).limited == {}
    assert len(edits) == cards
    assert edits[-1] - edits[0] < cards / per_second + 2


async def test_old_cards_keep_to_their_own_limit(discord: Loopback, tmp_path: Path) -> None:
    cards = 10
    file, guild = tmp_path / "jelly.sqlite3", await discord.create_guild()
    await _post(discord, guild, file, cards)
    await discord.advance(BEHIND)
    _change_all(file)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await _until_shown(discord, guild, lambda shown: shown.count("Another place") == cards)
    edits = await _edits(discord)
    assert (await discord.counters()).limited == {}
    assert len(edits) == cards
    assert edits[-1] - edits[0] < cards / EDITS * EDITS_WINDOW + 2


async def test_cards_that_only_discord_takes_for_old(discord: Loopback, tmp_path: Path) -> None:
    """The machine's clock is slow, and the first refusal tells the bot."""
    cards = 10
    file, guild = tmp_path / "jelly.sqlite3", await discord.create_guild()
    await discord.advance(BEHIND)
    await _post(discord, guild, file, cards)
    for card in await _cards(discord, guild):
        await discord.age_message(card, 2 * HOUR)
    _change_all(file)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await _until_shown(discord, guild, lambda shown: shown.count("Another place") == cards)
    assert sum((await discord.counters()).limited.values()) <= 2


async def test_presses_on_an_old_card_where_discord_counts_answers_as_edits(
    discord: Loopback, tmp_path: Path
) -> None:
    """Every press is answered in time, and the card follows with few refusals."""
    people, seconds, at_a_time = 300, 10.0, 30
    file, guild = tmp_path / "jelly.sqlite3", await discord.create_guild(members=people)
    await _post(discord, guild, file, 1)
    await discord.advance(BEHIND)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await discord.wait_ready()
        await discord.set_rate_limits(answers_count=True)
        [card] = await _cards(discord, guild)
        outcomes = []
        for first in range(0, people, at_a_time):
            pressing = guild.members[first : first + at_a_time]
            presses = await discord.press_many(
                card, [card.buttons["Going"]], pressing, in_flight=3, within=3.0
            )
            outcomes += [press.kind for press in presses.each]
            await asyncio.sleep(seconds * at_a_time / people)
        await _until_shown(discord, guild, lambda shown: f"**{people + 1} coming" in shown)
    assert len(outcomes) == people
    assert set(outcomes) == {"update", "deferred_update"}
    assert sum((await discord.counters()).limited.values()) <= 5
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM rsvp WHERE as_host = 0").fetchone() == (
            people,
        )


async def test_presses_on_a_card_that_only_discord_takes_for_old_where_answers_count(
    discord: Loopback, tmp_path: Path
) -> None:
    people = 60
    file, guild = tmp_path / "jelly.sqlite3", await discord.create_guild(members=people)
    await discord.advance(BEHIND)
    await _post(discord, guild, file, 1)
    [card] = await _cards(discord, guild)
    await discord.age_message(card, 2 * HOUR)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await discord.wait_ready()
        await discord.set_rate_limits(answers_count=True)
        [card] = await _cards(discord, guild)
        presses = await discord.press_many(
            card, [card.buttons["Going"]], guild.members, in_flight=3, within=3.0
        )
        await _until_shown(discord, guild, lambda shown: f"**{people + 1} coming" in shown)
    assert {press.kind for press in presses.each} == {"update", "deferred_update"}
    assert sum((await discord.counters()).limited.values()) <= 5


async def test_another_limit_says_nothing_about_edits_of_old_cards(
    discord: Loopback, tmp_path: Path
) -> None:
    file, guild = tmp_path / "jelly.sqlite3", await discord.create_guild()
    await _post(discord, guild, file, 1)
    await discord.advance(BEHIND)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await discord.wait_ready()
        [card] = await _cards(discord, guild)
        path = "/interactions/*/callback"
        await discord.disturb_requests(method="POST", path=path, status=429, times=1)
        kinds = [
            (await discord.click(member, card, card.buttons["Going"])).kind
            for member in guild.members
        ]
        assert await bot.stop() == 0
    assert kinds == ["deferred_update", "update", "update"]


async def test_edits_that_hang_hold_up_other_channels_for_a_minute_at_most(
    discord: Loopback, tmp_path: Path
) -> None:
    file = tmp_path / "jelly.sqlite3"
    guilds = [await discord.create_guild(members=1) for _ in range(MOST_REFRESHES + 1)]
    await discord.advance(BEHIND)
    await stored.write(file, lambda t: _plan_all(t, guilds))
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await discord.wait_requests(_SEND, len(guilds))
        assert await bot.stop() == 0
    _change_all(file)
    *hanging, _ = guilds
    for guild in hanging:
        path = f"/channels/{guild.channels['jellies']}/messages/*"
        await discord.disturb_requests(method="PATCH", path=path, latency=300.0)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}):
        await _until_shown(
            discord, guilds[-1], lambda shown: "Another place" in shown, within=LONGEST_EDIT + 30
        )


def _plan_all(transaction: Transaction, guilds: list[Guild]) -> None:
    for guild in guilds:
        stored.plan(transaction, guild)


async def _post(discord: Loopback, guild: Guild, file: Path, cards: int) -> None:
    """Posts that many cards in one channel, by a bot that has ended."""

    def schedule(transaction: Transaction) -> None:
        stored.set_up(transaction, guild)
        start = int((datetime.now(UTC) + timedelta(days=2)).timestamp())
        for number in range(cards):
            stored.schedule(transaction, guild, f"Jelly {number}", start)

    await stored.write(file, schedule)
    await discord.set_rate_limits(enabled=False)
    async with discord.bot("bot", env={"JELLY_DATABASE": str(file)}) as bot:
        await discord.wait_requests(_SEND, cards)
        assert await bot.stop() == 0
    await discord.set_rate_limits()
    await discord.reset_counters()


def _change_all(file: Path) -> None:
    """Changes every jelly, as if it had moved while the bot was not running."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE session SET place = 'Another place', version = version + 1")


async def _until_shown(
    discord: Loopback, guild: Guild, shows: Callable[[str], bool], *, within: float = 60.0
) -> None:
    """Waits until the combined text of the cards shows that."""
    async with asyncio.timeout(within):
        while not shows("\n".join(card.text for card in await _cards(discord, guild))):
            await asyncio.sleep(0.1)


async def _cards(discord: Loopback, guild: Guild) -> list[Message]:
    messages = await discord.messages(guild.channels["jellies"])
    return [message for message in messages if not message.ephemeral]


async def _edits(discord: Loopback) -> list[float]:
    """Returns when cards were edited, apart from answers to presses."""
    return [request.at for request in await discord.requests() if request.method == "PATCH"]
