"""What the bot writes is for its own user alone, and what an older version wrote is mended."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.doctor import machine
from bot.doctor.findings import State
from data.store.database import Database
from tests.loopback import Loopback

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(os.name != "posix", reason="modes of files are a matter of POSIX"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "jelly.sqlite3"


def _modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*")}


def _expose(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture
def usual_mask() -> Iterator[None]:
    """Has the bot inherit the mask of most machines, so that its own is what counts."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.usefixtures("usual_mask")
async def test_all_that_it_writes_is_for_its_own_user(file: Path) -> None:
    async with (
        Loopback() as discord,
        discord.bot("bot", "run", env={"JELLY_DATABASE": str(file)}) as bot,
    ):
        await bot.said("Ready as")
        await bot.said("Made the nightly copy")
        modes = _modes(file.parent)
        assert await bot.stop() == 0
    assert {"jelly.sqlite3", "jelly.sqlite3-wal", "jelly.sqlite3-shm", "backups"} <= modes.keys()
    assert modes.pop("backups") == 0o700
    assert set(modes.values()) == {0o600}
    assert file.parent.stat().st_mode & 0o777 == 0o700


async def test_what_an_older_version_wrote_is_mended_at_the_start(file: Path) -> None:
    async with Loopback() as discord:
        env = {"JELLY_DATABASE": str(file)}
        async with discord.bot("bot", "run", env=env) as bot:
            await bot.said("Made the nightly copy")
            await bot.kill()  # and leaves its -wal
        _expose(file.parent)
        async with discord.bot("bot", "run", env=env) as bot:
            await bot.said("Ready as")
            modes = _modes(file.parent)
            assert await bot.stop() == 0
    assert modes.pop("backups") == 0o700
    assert set(modes.values()) == {0o600}
    assert "Other users" not in bot.output


async def test_a_copy_in_a_folder_that_was_named_is_private_too(file: Path, tmp_path: Path) -> None:
    async with await Database.open(file):
        pass
    _expose(file.parent)
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    async with Loopback() as discord:
        env = {"JELLY_DATABASE": str(file)}
        async with discord.bot("bot", "backup", str(shared), env=env) as bot:
            assert await bot.ended() == 0
    [copy] = shared.iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert shared.stat().st_mode & 0o777 == 0o755


async def test_files_beside_a_link_are_mended_where_it_leads(file: Path, tmp_path: Path) -> None:
    real = tmp_path / "disk" / "real.sqlite3"
    async with await Database.open(real):
        pass
    real.chmod(0o644)
    file.parent.mkdir()
    file.symlink_to(real)
    async with await Database.open(file):
        assert real.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
async def test_files_of_another_user_stay_as_they_are(file: Path) -> None:
    async with await Database.open(file):
        pass
    _expose(file.parent)
    os.chown(file, 12345, 12345)
    async with await Database.open(file):
        assert file.stat().st_mode & 0o777 == 0o644


async def test_the_doctor_notices_an_env_file_that_others_may_read(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    assert list(machine.env_file(env)) == []
    env.write_text("DISCORD_TOKEN=secret")
    for mode in (0o640, 0o604, 0o644):
        env.chmod(mode)
        [finding] = machine.env_file(env)
        assert finding.state is State.WARNING
        assert finding.remedy is not None
        assert finding.remedy.values["file"] == str(env)
    env.chmod(0o600)
    assert list(machine.env_file(env)) == []


async def test_the_doctor_notices_data_that_others_may_read(file: Path) -> None:
    async with await Database.open(file):
        pass
    copies = file.parent / "backups"
    copies.mkdir(mode=0o700, exist_ok=True)
    for path in file.parent.iterdir():
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert list(machine.files(file)) == []
    copy = copies / "jelly-nightly-2026-11-23.sqlite3"
    shutil.copy(file, copy)
    copy.chmod(0o640)
    with closing(sqlite3.connect(copy)):
        [finding] = machine.files(file)
    assert finding.state is State.WARNING
    assert finding.sentence.values["file"] == str(copy)
    copy.chmod(0o600)
    assert list(machine.files(file)) == []
