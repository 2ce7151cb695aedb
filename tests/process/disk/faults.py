"""Real faults of the file of a running bot, caused and repaired."""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.store import backups
from tests.loopback import Guild, Loopback, Message, Process

SIZE = 24_000_000
"""Bytes on a small disk, which has room for a nightly copy."""

_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mounts a separate file system in a folder; the test is skipped if that is not allowed."""
    disk = folder.with_name(f"{folder.name}.disk")
    disk.mkdir()
    with _mounted("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)):
        mount_again(folder)
        try:
            yield
        finally:
            unmount(folder)


@contextmanager
def _mounted(*words: str) -> Iterator[None]:
    if _run("mount", *words) != 0:
        pytest.skip("only root may mount a disk, and not in every container")
    try:
        yield
    finally:
        unmount(Path(words[-1]))


def mount_again(folder: Path) -> None:
    assert _run("mount", "--bind", f"{folder}.disk", str(folder)) == 0


def unmount(folder: Path) -> None:
    """Unmounts also while files are open, which the bot would have without ``-l``."""
    _run("umount", "-l", str(folder))


@contextmanager
def full(file: Path, pid: int = 0) -> Iterator[None]:
    """Fills the small disk until nothing more fits."""
    filling = file.with_name("filling")
    with suppress(OSError), filling.open("wb", buffering=0) as opened:
        for size in (65_536, 4096, 1):
            with suppress(OSError):
                while opened.write(b"\0" * size) == size:
                    pass
    try:
        yield
    finally:
        filling.unlink()


@contextmanager
def used_up(file: Path, pid: int) -> Iterator[None]:
    """Stops the process from writing to any file, as a quota does, without needing one."""
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # it may have ended by now
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def read_only(file: Path, pid: int = 0) -> Iterator[None]:
    """Lets nobody write to the database any more, not even a process that has it open."""
    files = [str(one) for one in (file, Path(f"{file}-wal")) if one.exists()]
    if _run("chattr", "+i", *files) != 0:
        pytest.skip("only root may do that, and not on every file system")
    try:
        yield
    finally:
        _run("chattr", "-i", *files)


@contextmanager
def locked(file: Path, pid: int = 0) -> Iterator[None]:
    """Has another program begin a change and not end it."""
    other = subprocess.Popen(
        [sys.executable, "-c", _LOCK, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield
        other.communicate(b"\n")


@contextmanager
def moved(file: Path, pid: int = 0) -> Iterator[None]:
    """Moves the database elsewhere for a while, with the files beside it."""
    elsewhere = file.parent / "elsewhere"
    elsewhere.mkdir()
    files = [*file.parent.glob(f"{file.name}*")]
    for one in files:
        one.rename(elsewhere / one.name)
    yield
    for one in files:
        (elsewhere / one.name).rename(one)


@contextmanager
def deleted(file: Path, pid: int = 0) -> Iterator[None]:
    """Deletes the database and all files beside it, and puts a copy in its place."""
    copy = backups.backup(file, file.parent, now=datetime.now(UTC)).path
    for one in file.parent.glob(f"{file.name}*"):
        one.unlink()
    yield
    copy.rename(file)


@contextmanager
def deleted_with_folder(file: Path, pid: int = 0) -> Iterator[None]:
    copy = backups.backup(file, file.parent.parent, now=datetime.now(UTC)).path
    shutil.rmtree(file.parent)
    yield
    file.parent.mkdir()
    copy.rename(file)


@contextmanager
def away(file: Path, pid: int = 0) -> Iterator[None]:
    """Takes the disk away for a while; the folder where it was is empty."""
    unmount(file.parent)
    assert not [*file.parent.iterdir()]
    yield
    mount_again(file.parent)


@asynccontextmanager
async def running(discord: Loopback, file: Path) -> AsyncIterator[Process]:
    """Runs the bot, connected, with its nightly copy made; killed at the end if still running."""
    environment = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "INFO"}
    async with discord.bot("bot", "run", env=environment) as bot:
        await discord.wait_ready()
        async with asyncio.timeout(10):
            while not keeping_copies(file):
                await asyncio.sleep(0.005)
        yield bot
    assert "Traceback" not in bot.output, bot.output


async def card(discord: Loopback, guild: Guild) -> Message:
    """Waits for the first message that everybody sees in the channel, and returns it."""
    await discord.wait_requests("POST /channels/{id}/messages")
    [first] = await posted(discord, guild)
    return first


async def posted(discord: Loopback, guild: Guild) -> list[Message]:
    """Returns what everybody sees in the channel."""
    messages = await discord.messages(guild.channels["jellies"])
    return [message for message in messages if not message.ephemeral]


def keeping_copies(file: Path) -> list[Path]:
    return [*(file.parent / "backups").glob("jelly-nightly-*.sqlite3")]


def holds(file: Path) -> dict[int, str]:
    """Returns the answers by member, in an intact database."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict(connection.execute("SELECT user_id, answer FROM rsvp WHERE as_host = 0"))


def contents(folder: Path) -> dict[str, bytes | str]:
    """Returns everything in a folder, byte by byte, except for locks."""
    found: dict[str, bytes | str] = {}
    for one in folder.rglob("*"):
        if one.is_symlink():
            found[one.name] = os.readlink(one)  # noqa: PTH115  a dangling path is fine
        elif one.is_dir() or one.name.endswith("-shm"):
            found[one.name] = "something"
        elif one.suffix != ".lock":
            found[one.name] = one.read_bytes()
    return found


def _run(*words: str) -> int:
    try:
        return subprocess.run(words, check=False, capture_output=True).returncode
    except FileNotFoundError:
        return -1
