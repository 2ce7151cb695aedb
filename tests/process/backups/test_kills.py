"""Copies, restoring and upgrades, killed at any moment: nothing is lost, none is half done."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.config import PROJECT
from data.migrations import migrate, newest_version
from data.store import backups
from data.store.database import Database
from tests.crash.kill_points import OLDER_SCHEMAS
from tests.moments import MONDAY
from tests.process.backups.databases import (
    copy_of_one_jelly,
    dump,
    make_older,
    make_unmerged,
    names_in,
)


class TestKills:
    """Kills at each step, then runs once more, with no manual repair."""

    def test_a_copy(self, tmp_path: Path) -> None:
        folder = tmp_path / "var"
        folder.mkdir()
        old = make_unmerged(folder / "jelly.sqlite3")
        killed = _kill_at_each_step(folder, "backup", "FOLDER/copy.sqlite3")
        for place in killed:
            copy = place / "copy.sqlite3"
            assert dump(place / "jelly.sqlite3") == old
            if copy.exists():
                assert dump(copy) == old
                copy.unlink()
            backups.backup(place / "jelly.sqlite3", copy, now=MONDAY)
            assert names_in(place) <= {"jelly.sqlite3", "copy.sqlite3"}

    def test_the_way_back(self, tmp_path: Path) -> None:
        folder = tmp_path / "var"
        folder.mkdir()
        new = dump(copy_of_one_jelly(folder))
        database = folder / "jelly.sqlite3"
        old = make_unmerged(database)
        killed = _kill_at_each_step(folder, "restore", "FOLDER/copy.sqlite3")
        found = []
        for place in killed:
            database, copies = place / "jelly.sqlite3", place / "backups"
            kept = [dump(path) for path in copies.glob("*.sqlite3")]
            assert set(kept) <= {old}
            found.append(dump(database))
            if found[-1] == new:
                assert kept
            backups.restore(place / "copy.sqlite3", database, now=MONDAY)
            assert dump(database) == new
            assert old in [dump(path) for path in copies.glob("*.sqlite3")]
            assert not [path for path in place.iterdir() if path.name.endswith(".part")]
        assert {old, new} == set(found)

    @pytest.mark.parametrize("schema", OLDER_SCHEMAS)
    async def test_an_upgrade(self, tmp_path: Path, schema: int) -> None:
        folder = tmp_path / "var"
        folder.mkdir()
        old = make_older(folder / "jelly.sqlite3", schema)
        new = _upgraded(folder / "jelly.sqlite3", tmp_path / "upgraded.sqlite3")
        killed = _kill_at_each_step(folder, "open")
        found = set()
        for place in killed:
            database = place / "jelly.sqlite3"
            copy = place / "backups" / f"jelly-before-v{newest_version()}.sqlite3"
            if copy.exists():
                assert dump(copy) == old
            found.add(dump(database))
            async with await Database.open(database):
                pass
            assert (dump(copy), dump(database)) == (old, new)
            assert names_in(place) == {"jelly.sqlite3", "backups"}
            assert names_in(place / "backups") == {copy.name}
        assert found == {old, new}


def _upgraded(file: Path, upgraded: Path) -> str:
    """Returns what a database holds after an upgrade."""
    shutil.copyfile(file, upgraded)
    with closing(sqlite3.connect(upgraded, isolation_level=None)) as connection:
        migrate(connection)
    return dump(upgraded)


def _kill_at_each_step(folder: Path, *words: str) -> list[Path]:
    """Returns the folders in which it was killed; in the last one it ended by itself."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.process.kills", str(folder), *words],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    places = list(folder.parent.glob(f"{folder.name}-*"))
    assert len(places) > 10
    return sorted(places, key=lambda place: int(place.name.rpartition("-")[2]))
