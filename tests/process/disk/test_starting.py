"""What is in the database's place at the start of the bot, and what a kill or a tear has left."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from data.migrations import migrate
from data.store.database import Database
from tests import stored
from tests.loopback import Loopback
from tests.process.disk import faults

pytestmark = pytest.mark.asyncio(loop_scope="module")

_ACKNOWLEDGED = "POST /interactions/{id}/{token}/callback"
FRAME = 24 + 4096
"""https://www.sqlite.org/fileformat2.html#the_write_ahead_log: a header of 32 bytes, then these."""


def nothing_else(file: Path) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Start:
    """The files there, what may run meanwhile, and what the operator is told."""

    makes: Callable[[Path], None]
    told: str
    meanwhile: Callable[[Path], AbstractContextManager[None]] = nothing_else
    leaves: tuple[str, ...] = ()
    """The suffixes of the files left beside it."""


def a_letter(file: Path) -> None:
    file.write_text("Dear Jelly,\n" * 1000)


def a_folder(file: Path) -> None:
    file.mkdir()


def a_jelly_database(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)


def damaged(file: Path) -> None:
    a_jelly_database(file)
    with file.open("r+b") as opened:
        opened.seek(100)
        opened.write(b"\xff" * 3000)


def from_a_newer_jelly(file: Path) -> None:
    a_jelly_database(file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 9999")


def of_another_program(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE bookmark (address)")


def of_another_program_with_a_wal_and_a_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE bookmark (address)")
        connection.execute("PRAGMA user_version = 1")


def of_another_program_that_was_killed(file: Path) -> None:
    done = f"""
import os, sqlite3
connection = sqlite3.connect({str(file)!r}, isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("CREATE TABLE bookmark (address)")
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", done], check=False)
    assert Path(f"{file}-wal").stat().st_size > 0


def nothing_but_copies(file: Path) -> None:
    (file.parent / "backups").mkdir()
    a_jelly_database(file.parent / "backups" / "jelly-nightly-2026-11-23.sqlite3")


def nothing_in_it_but_copies(file: Path) -> None:
    nothing_but_copies(file)
    file.touch()


def nothing_but_a_wal(file: Path) -> None:
    of_another_program_that_was_killed(file)
    file.unlink()


def a_link_that_leads_nowhere(file: Path) -> None:
    file.symlink_to(file.parent / "away" / "jelly.sqlite3")


def nothing(file: Path) -> None:
    pass


@contextmanager
def a_full_disk(file: Path) -> Iterator[None]:
    with faults.small_disk(file.parent), faults.full(file):
        yield


@contextmanager
def a_database_on_a_full_disk(file: Path) -> Iterator[None]:
    with faults.small_disk(file.parent):
        a_jelly_database(file)
        with faults.full(file):
            yield


STARTS = [
    Start(a_letter, "{file} is not a database"),
    Start(a_folder, "{file} is a folder"),
    Start(damaged, "{file} is damaged"),
    Start(from_a_newer_jelly, "{file} is from a newer Jelly"),
    Start(of_another_program, "{file} is not a Jelly database"),
    Start(of_another_program_with_a_wal_and_a_version, "{file} is not a Jelly database"),
    Start(of_another_program_that_was_killed, "{file} is not a Jelly database"),
    Start(nothing_but_copies, "python -m bot restore {file.parent}/backups/jelly-nightly-"),
    Start(nothing_in_it_but_copies, "python -m bot restore {file.parent}/backups/jelly-nightly-"),
    Start(nothing_but_a_wal, "jelly.sqlite3-wal beside it holds changes to it"),
    Start(a_link_that_leads_nowhere, "{file} leads to {file.parent}/away/jelly.sqlite3"),
    Start(a_jelly_database, "Another program keeps {file} locked", faults.locked),
    Start(
        a_jelly_database, "{file} can't be opened or written", faults.read_only, ("-shm", "-wal")
    ),
    Start(nothing, "The disk of {file} is full", a_full_disk, leaves=("",)),
    Start(nothing, "The disk of {file} is full", a_database_on_a_full_disk, ("-shm", "-wal")),
]


@pytest.mark.parametrize(
    "start", STARTS, ids=lambda start: f"{start.makes.__name__}, {start.meanwhile.__name__}"
)
async def test_what_cannot_be_used_is_told_in_a_sentence_and_not_touched(
    discord: Loopback, file: Path, start: Start
) -> None:
    start.makes(file)
    if file.is_file():
        file.chmod(0o600)  # as the bot makes it; else it would mend that first
    with start.meanwhile(file):
        before = faults.contents(file.parent)
        async with discord.bot("bot", "run", env={"JELLY_DATABASE": str(file)}) as bot:
            assert await bot.ended() == 1
        [sentence] = bot.output.splitlines()
        assert start.told.format(file=file) in sentence
        assert sentence.endswith(".")
        left = faults.contents(file.parent)
        assert {name: left.get(name) for name in before} == before
        assert left.keys() - before.keys() == {f"{file.name}{suffix}" for suffix in start.leaves}


async def test_it_connects_only_when_its_changes_at_the_start_are_stored(
    discord: Loopback, file: Path
) -> None:
    """A press that fails in the same commit would take them along, and end the bot."""
    async with faults.running(discord, file) as bot:
        assert await bot.stop() == 0
    await discord.reset_counters()
    await discord.disturb_requests(path="/users/@me", status=503)
    async with discord.bot("bot", "run", env={"JELLY_DATABASE": str(file)}) as bot:
        await bot.said("I can't reach Discord (DiscordServerError: 503")
        with faults.locked(file):
            await discord.clear_faults()
            assert await bot.ended() == 1
    assert "Invite me with" in bot.output
    assert f"Another program keeps {file} locked" in bot.output
    assert (await discord.counters()).gateway == {}


async def test_an_empty_file_is_a_new_database(file: Path) -> None:
    file.touch()
    async with await Database.open(file):
        pass
    assert faults.holds(file) == {}


async def test_every_press_that_was_answered_before_a_kill_is_there(
    discord: Loopback, file: Path
) -> None:
    guild = await discord.create_guild(members=60)
    await stored.write(file, lambda t: stored.plan(t, guild))
    await discord.reset_counters()
    async with faults.running(discord, file) as bot:
        card = await faults.card(discord, guild)
        rush = asyncio.create_task(
            discord.press_many(
                card, [card.buttons["Going"]], guild.members, in_flight=20, within=0.5
            )
        )
        await discord.wait_requests(_ACKNOWLEDGED, 15)
        await bot.kill()
        answered = [press.user for press in (await rush).each if press.kind == "update"]
    assert 15 <= len(answered) < 60
    assert faults.holds(file).keys() >= set(answered)


async def test_a_torn_wal_costs_only_what_is_behind_the_tear(
    discord: Loopback, file: Path, tmp_path: Path
) -> None:
    """With the file cut or changed at any byte, the bot starts with the answers before it."""
    guild = await discord.create_guild(members=10)
    await stored.write(file, lambda t: stored.plan(t, guild))
    await discord.reset_counters()
    async with faults.running(discord, file) as bot:
        card = await faults.card(discord, guild)
        for member in guild.members:
            assert (await discord.click(member, card, card.buttons["Going"])).kind == "update"
        await bot.kill()
    whole = Path(f"{file}-wal").read_bytes()
    found = []
    frames = range(32, len(whole), FRAME)
    tears = sorted({0, 20, *frames[::9], *(at + FRAME // 2 for at in frames[::7]), len(whole)})
    for number, tear in enumerate(tears):
        cut, changed = whole[:tear], bytearray(whole)
        if tear < len(whole):
            changed[tear] ^= 0xFF
        kept = [
            await _opened_with(file, wal, tmp_path / f"{number}-{kind}")
            for kind, wal in (("cut", cut), ("changed", bytes(changed)))
        ]
        assert kept[0] == kept[1] == guild.members[: len(kept[0])]
        found.append(len(kept[0]))
    assert found == sorted(found)
    assert found[0] == 0
    assert found[-1] == len(guild.members)
    assert len(set(found)) > 5
    Path(f"{file}-wal").write_bytes(whole[: -FRAME // 2])
    async with faults.running(discord, file) as bot:
        last = guild.members[-1]
        assert (await discord.click(last, card, card.buttons["Maybe"])).kind == "update"
        assert await bot.stop() == 0
    assert faults.holds(file) == {**dict.fromkeys(guild.members, "going"), last: "maybe"}


async def _opened_with(file: Path, wal: bytes, folder: Path) -> list[int]:
    """Returns who is going after the store was opened with another ``-wal``, in answering order."""
    folder.mkdir()
    copy = folder / file.name
    for suffix in ("", "-shm"):
        shutil.copyfile(f"{file}{suffix}", f"{copy}{suffix}")
    Path(f"{copy}-wal").write_bytes(wal)
    async with await Database.open(copy):
        pass
    return list(faults.holds(copy))
