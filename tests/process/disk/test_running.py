"""The disk fails under a running bot: people are told, nothing is half done, and it goes on."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.store import backups
from tests import stored
from tests.loopback import Answer, Guild, Loopback, Message, Process
from tests.process.disk import faults

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SEND, _HISTORY = "POST /channels/{id}/messages", "GET /channels/{id}/messages"
_TOLD = re.compile(r" ERROR .* Error (\w{6}): (.*)$", re.MULTILINE)
_PRIVATE = re.compile(
    r"I can't reach my data right now, so nothing was saved \(error (\w{6})\)\. "
    r"Try again in a moment\."
)

Trouble = Callable[[Path, int], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """A fault of a process's database, and what the log says about it."""

    happens: Trouble
    advice: str
    reads: bool = True
    """Whether stored data can still be read."""
    needs_disk: bool = False


FAULTS = [
    Fault(faults.full, "is full. Free some space on it.", needs_disk=True),
    Fault(faults.used_up, "Check that it is there, that this user may use more of it"),
    Fault(faults.read_only, "can't be read or written"),
    Fault(faults.locked, "Another program keeps {file} locked. Close it"),
    Fault(faults.moved, "{file} is gone", reads=False),
    Fault(faults.deleted, "{file} is gone", reads=False),
    Fault(faults.deleted_with_folder, "{file} is gone", reads=False),
    Fault(faults.away, "{file} is gone", reads=False, needs_disk=True),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.happens.__name__)
async def test_nothing_is_saved_or_half_done_and_then_it_goes_on(
    discord: Loopback, guild: Guild, file: Path, fault: Fault
) -> None:
    sam, priya, jordan = guild.members
    channel = guild.channels["jellies"]
    with _disk(file, fault):
        async with _bot_with_card(discord, guild, file) as (bot, card):
            assert (await discord.click(sam, card, card.buttons["Going"])).kind == "update"
            [before] = await faults.posted(discord, guild)
            with fault.happens(file, bot.pid):
                presses = [
                    await discord.click(priya, card, card.buttons["Going"]),
                    await discord.click(jordan, card, card.buttons["Maybe"]),
                    await discord.slash(
                        priya, channel, "rsvp", {"jelly": "Thursday jelly", "answer": "going"}
                    ),
                ]
                numbers = {_number(press) for press in presses}
                assert [press.refusals for press in presses] == [[], [], []]
                looked = await discord.slash(jordan, channel, "jellies")
                assert looked.message is not None
                assert ("Thursday jelly" in looked.message.text) == fault.reads
                assert await faults.posted(discord, guild) == [before]
            [(number, sentence)] = _TOLD.findall(bot.output)
            assert numbers == {number}
            assert fault.advice.format(file=file) in sentence
            assert sentence.endswith(".")
            pressed = await discord.click(priya, card, card.buttons["Maybe"])
            assert pressed.kind == "update"
            await bot.said("Changes are stored again.")
            assert await bot.stop() == 0
        assert faults.holds(file) == {sam: "going", priya: "maybe"}
    [shown] = await faults.posted(discord, guild)
    assert f"<@{priya}>" in shown.text


async def test_a_rush_while_another_program_locks_the_file_is_answered_in_time(
    discord: Loopback, file: Path
) -> None:
    guild = await discord.create_guild(members=30)
    async with _bot_with_card(discord, guild, file) as (bot, card):
        with faults.locked(file):
            # Discord gives a bot 3 seconds, and each of these waits for some of those before it.
            rush = await discord.press_many(
                card, [card.buttons["Going"]], guild.members, in_flight=15, within=3.0
            )
        assert rush.outcomes == {"message": 30}
        assert len(_TOLD.findall(bot.output)) == 1
        again = await discord.press_many(card, [card.buttons["Going"]], guild.members)
        assert again.outcomes == {"update": 30}
    assert faults.holds(file) == dict.fromkeys(guild.members, "going")


async def test_what_is_due_meanwhile_comes_once_when_it_is_over(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    async with _bot_with_card(discord, guild, file) as (bot, card):
        with faults.used_up(file, bot.pid):
            # The test process may still write.
            soon = int(time.time()) + 600
            await stored.write(file, lambda t: stored.schedule(t, guild, "Soon", soon))
            await _ring_alarm(discord, guild)
            await bot.said("can't be read or written")
            assert await faults.posted(discord, guild) == [card]
        await _ring_alarm(discord, guild)
        await discord.wait_requests(_SEND, 2)
        await _ring_alarm(discord, guild)
        assert await bot.stop() == 0
    [_, posted] = await faults.posted(discord, guild)
    assert "## Soon" in posted.text
    assert len(_TOLD.findall(bot.output)) == 1


async def test_what_arrived_and_could_not_be_noted_is_not_sent_again(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    # After this answer discord.py waits for a second before it tries again.
    await discord.disturb_requests(
        path="/channels/*/messages", status=500, takes_effect=True, times=1
    )
    await stored.write(file, lambda t: stored.plan(t, guild))
    async with faults.running(discord, file) as bot:
        card = await faults.card(discord, guild)
        with faults.used_up(file, bot.pid):
            await bot.said("can't be read or written")
        assert await bot.stop() == 0
    async with faults.running(discord, file) as bot:
        await discord.wait_requests(_HISTORY)
        pressed = await discord.click(guild.members[0], card, card.buttons["Going"])
        assert pressed.kind == "update"
        assert await bot.stop() == 0
    [shown] = await faults.posted(discord, guild)
    assert shown.id == card.id


async def test_it_ends_well_while_nothing_can_be_written(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    async with _bot_with_card(discord, guild, file) as (bot, card):
        await discord.click(guild.members[0], card, card.buttons["Going"])
        with faults.used_up(file, bot.pid):
            _number(await discord.click(guild.members[1], card, card.buttons["Going"]))
            assert await bot.stop() == 0
    assert faults.holds(file) == {guild.members[0]: "going"}


async def test_what_is_saved_after_its_wal_was_deleted_survives_a_kill(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    sam, priya, _ = guild.members
    async with _bot_with_card(discord, guild, file) as (bot, card):
        await discord.click(sam, card, card.buttons["Going"])
        Path(f"{file}-wal").unlink()
        await _press_until_saved(discord, priya, card, "Maybe")
        await bot.kill()
    assert faults.holds(file) == {sam: "going", priya: "maybe"}


async def test_a_copy_put_in_the_place_of_the_file_is_taken_as_it_is(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    sam, priya, jordan = guild.members
    async with _bot_with_card(discord, guild, file) as (bot, card):
        await discord.click(sam, card, card.buttons["Going"])
        copy = backups.backup(file, file.parent, now=datetime.now(UTC)).path
        await discord.click(jordan, card, card.buttons["Going"])
        copy.replace(file)
        await _press_until_saved(discord, priya, card, "Maybe")
        await bot.kill()
    assert faults.holds(file) == {sam: "going", priya: "maybe"}


async def test_a_damaged_file_is_told_with_the_copy_to_restore(
    discord: Loopback, guild: Guild, file: Path
) -> None:
    sam, priya, jordan = guild.members
    async with _bot_with_card(discord, guild, file) as (bot, card):
        await discord.click(sam, card, card.buttons["Going"])
        [nightly] = faults.keeping_copies(file)
        assert await bot.stop() == 0
    _spoil_answers(file)
    async with faults.running(discord, file) as bot:
        number = _number(await discord.click(priya, card, card.buttons["Going"]))
        assert _number(await discord.click(jordan, card, card.buttons["Going"])) == number
        channel = guild.channels["jellies"]
        await discord.autocomplete(priya, channel, "rsvp", "jelly", "th", within=0.3)
        [(told, sentence)] = _TOLD.findall(bot.output)
        assert told == number
        assert "is damaged" in sentence
        assert f"`python -m bot restore {nightly}`" in sentence
        assert await bot.stop() == 0
    restoring = await Process.start(
        "bot", "restore", str(nightly), env={"JELLY_DATABASE": str(file)}
    )
    assert await restoring.ended() == 0, restoring.output
    async with faults.running(discord, file) as bot:
        assert (await discord.click(priya, card, card.buttons["Maybe"])).kind == "update"


@asynccontextmanager
async def _bot_with_card(
    discord: Loopback, guild: Guild, file: Path
) -> AsyncIterator[tuple[Process, Message]]:
    """Runs the bot on a new database with one jelly in it; yields it and the card that it posts."""
    await stored.write(file, lambda t: stored.plan(t, guild))
    async with faults.running(discord, file) as bot:
        card = await faults.card(discord, guild)
        await bot.said("Sent the message announcement")
        yield bot, card


async def _press_until_saved(discord: Loopback, user: int, card: Message, button: str) -> None:
    """Presses until it is saved: at the second try, unless another write met the fault before."""
    first = await discord.click(user, card, card.buttons[button])
    if first.kind != "update":
        _number(first)
        assert (await discord.click(user, card, card.buttons[button])).kind == "update"


@contextmanager
def _disk(file: Path, fault: Fault) -> Iterator[None]:
    if not fault.needs_disk:
        yield
        return
    with faults.small_disk(file.parent):
        yield


def _spoil_answers(file: Path) -> None:
    """Overwrites the page from which SQLite finds all answers."""
    with closing(sqlite3.connect(file)) as connection:
        page, size = connection.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size) FROM sqlite_schema "
            "WHERE name = 'rsvp'"
        ).fetchone()
    with file.open("r+b") as opened:
        opened.seek((page - 1) * size)
        opened.write(b"\xff" * size)


async def _ring_alarm(discord: Loopback, guild: Guild) -> None:
    """Makes the bot look at what is due, as after any change."""
    await discord.slash(guild.owner, guild.channels["jellies"], "settings", {"thanks": True})


def _number(answer: Answer) -> str:
    """Returns the number that the one private sentence names."""
    assert answer.kind == "message"
    assert answer.message is not None
    assert answer.message.ephemeral
    assert not answer.followups
    said = _PRIVATE.fullmatch(answer.message.text)
    assert said is not None, answer.message.text
    return said[1]
