"""What can happen to the file of a bot that runs, done really, and mended again."""

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
"""Bytes on a small disk, on which there is room for a nightly copy."""

_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
"""


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own in a folder; the test is skipped where this user may mount none."""
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
    """Also while files on it are open, which the bot would have without ``-l``."""
    _run("umount", "-l", str(folder))


@contextmanager
def full(file: Path, pid: int = 0) -> Iterator[None]:
    """Nothing more fits on the small disk."""
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
    """The process may write no more to any file: what a quota does, without needing one."""
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):  # it may have ended by now
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@contextmanager
def read_only(file: Path, pid: int = 0) -> Iterator[None]:
    """Nobody may write to the database any more, not even who has it open."""
    files = [str(one) for one in (file, Path(f"{file}-wal")) if one.exists()]
    if _run("chattr", "+i", *files) != 0:
        pytest.skip("only root may do that, and not on every file system")
    try:
        yield
    finally:
        _run("chattr", "-i", *files)


@contextmanager
def locked(file: Path, pid: int = 0) -> Iterator[None]:
    """Another program has begun a change and does not end it."""
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
    """The database is elsewhere for a while, with what stands beside it."""
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
    """The database and all beside it are deleted, and a copy is put in its place."""
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
    """The disk is not there for a while; the folder where it was is empty."""
    unmount(file.parent)
    assert not [*file.parent.iterdir()]
    yield
    mount_again(file.parent)


@asynccontextmanager
async def running(discord: Loopback, file: Path) -> AsyncIterator[Process]:
    """The bot, connected, with its nightly copy made; killed at the end, unless it has ended."""
    environment = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "INFO"}
    async with discord.bot("bot", "run", env=environment) as bot:
        await discord.wait_ready()
        async with asyncio.timeout(10):
            while not nightly_copies(file):
                await asyncio.sleep(0.005)
        yield bot
    assert "Traceback" not in bot.output, bot.output


async def card(discord: Loopback, guild: Guild) -> Message:
    """The first message that everybody sees in the channel, once it is there."""
    await discord.wait_requests("POST /channels/{id}/messages")
    [first] = await posted(discord, guild)
    return first


async def posted(discord: Loopback, guild: Guild) -> list[Message]:
    """What everybody sees in the channel."""
    messages = await discord.messages(guild.channels["jellies"])
    return [message for message in messages if not message.ephemeral]


def nightly_copies(file: Path) -> list[Path]:
    return [*(file.parent / "backups").glob("jelly-nightly-*.sqlite3")]


def holds(file: Path) -> dict[int, str]:
    """Who answered what, in a database that is whole."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return dict(connection.execute("SELECT user_id, answer FROM rsvp"))


def contents(folder: Path) -> dict[str, bytes | str]:
    """All that is in a folder, byte by byte, but for who locks what."""
    found: dict[str, bytes | str] = {}
    for one in folder.rglob("*"):
        if one.is_symlink():
            found[one.name] = os.readlink(one)  # noqa: PTH115  a path that leads nowhere is fine
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
