"""The copies that a running bot makes every night."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from bot.backups import keeping_copies
from bot.config import Config, ConfigError, load
from data.store.backups import BackupFailed, nightly_copy, prune_kept_aside
from tests.moments import DAY, MONDAY
from tests.process.backups.databases import dump, files_in, full_disk, make_database, names_in
from tests.server.simulated_server import StoppedClock


class TestNightly:
    def test_so_many_are_kept_and_only_its_own_deleted(self, file: Path) -> None:
        make_database(file)
        folder = file.parent / "backups"
        folder.mkdir()
        others = {
            "jelly-before-v2.sqlite3",
            "jelly-replaced-2026-11-01-101500.sqlite3",
            "jelly-2026-11-01-101500.sqlite3",
            "jelly-nightly-2026-11-01.sqlite3.keep",
            "other-nightly-2026-11-01.sqlite3",
            "not-jelly-nightly-2026-11-01.sqlite3",
            # This one was made while the clock was ahead.
            "jelly-nightly-2031-01-01.sqlite3",
        }
        for name in others:
            (folder / name).write_text("not to be touched")
        (folder / "jelly-nightly-2026-11-19.sqlite3.abcd_123.part").mkdir()
        for day in range(20, 26):
            assert nightly_copy(file, date(2026, 11, day), keep=3) is not None
            assert nightly_copy(file, date(2026, 11, day), keep=3) is None
            kept = {f"jelly-nightly-2026-11-{d}.sqlite3" for d in range(max(20, day - 2), day + 1)}
            assert names_in(folder) == others | kept
        nightly_copy(file, date(2026, 11, 25), keep=1)
        assert names_in(folder) == others | {"jelly-nightly-2026-11-25.sqlite3"}
        assert dump(folder / "jelly-nightly-2026-11-25.sqlite3") == dump(file)

    def test_where_today_s_fails_the_older_ones_stay(self, file: Path) -> None:
        make_database(file)
        for day in (20, 21):
            nightly_copy(file, date(2026, 11, day), keep=2)
        before = files_in(file.parent / "backups")
        with full_disk(), pytest.raises(BackupFailed):
            nightly_copy(file, date(2026, 11, 22), keep=1)
        assert files_in(file.parent / "backups") == before

    def test_it_leaves_room_for_the_bot_to_work(
        self, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_database(file)
        monkeypatch.setattr("data.store.backups.ROOM_TO_WORK", 2**62)  # more than any disk has
        with pytest.raises(BackupFailed, match="too little room"):
            nightly_copy(file, date(2026, 11, 22), keep=1)
        assert names_in(file.parent / "backups") == set()

    async def test_a_failure_is_told_and_tried_again(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr("bot.backups.LOOK_AGAIN", timedelta(milliseconds=1))
        make_database(file)
        folder = file.parent / "backups"
        folder.write_text("in the way")
        clock = StoppedClock(MONDAY)
        async with keeping_copies(_settings(file, 2), clock):
            await _until(lambda: len(caplog.records) >= 2)
            assert {record.levelname for record in caplog.records} == {"ERROR"}
            assert str(folder) in caplog.text
            assert "tried again" in caplog.text
            folder.unlink()
            await _until(lambda: (folder / "jelly-nightly-2026-11-23.sqlite3").exists())
            clock.moment += timedelta(days=1)
            await _until(lambda: (folder / "jelly-nightly-2026-11-24.sqlite3").exists())

    async def test_the_end_waits_for_the_copy_in_hand(self, file: Path) -> None:
        make_database(file)
        async with keeping_copies(_settings(file, 2), StoppedClock(MONDAY)):
            await asyncio.sleep(0)
        assert names_in(file.parent / "backups") == {"jelly-nightly-2026-11-23.sqlite3"}

    async def test_none_are_made_where_none_are_wanted(self, file: Path) -> None:
        make_database(file)
        async with keeping_copies(_settings(file, 0), StoppedClock(MONDAY)):
            await asyncio.sleep(0)
        assert names_in(file.parent) == {file.name}

    async def test_copies_kept_aside_go_after_thirty_days(self, file: Path) -> None:
        make_database(file)
        folder = file.parent / "backups"
        folder.mkdir()
        old = {
            *("jelly-before-v5.sqlite3", "jelly-replaced-2026-10-01-101500.sqlite3"),
            "jelly-replaced-2026-10-01-101500.sqlite3-wal",
        }
        others = {
            *("jelly-2026-10-01-101500.sqlite3", "other-before-v5.sqlite3"),
            *("jelly-before-v5.sqlite3.keep", "jelly-replaced-mine.sqlite3"),
        }
        for name in old | others:
            _made(folder / name, MONDAY)
        clock = StoppedClock(MONDAY + timedelta(days=30) - timedelta(seconds=1))
        async with keeping_copies(_settings(file, 0), clock):
            await asyncio.sleep(0)
        assert names_in(folder) == old | others
        clock.moment += timedelta(seconds=1)
        async with keeping_copies(_settings(file, 0), clock):
            await asyncio.sleep(0)
        assert names_in(folder) == others

    def test_at_most_five_are_kept_aside_the_newest(self, file: Path) -> None:
        make_database(file)
        folder = file.parent / "backups"
        folder.mkdir()
        for day in range(9):
            _made(folder / f"jelly-replaced-2026-11-0{day + 1}-101500.sqlite3", MONDAY + day * DAY)
            _made(folder / f"jelly-replaced-2026-11-0{day + 1}-101500.sqlite3-wal", MONDAY)
        gone = prune_kept_aside(file, made_before=MONDAY - DAY)
        assert names_in(folder) == {
            f"jelly-replaced-2026-11-0{day}-101500.sqlite3{ending}"
            for day in range(5, 10)
            for ending in ("", "-wal")
        }
        assert len(gone) == 8
        assert prune_kept_aside(file, made_before=MONDAY - DAY) == []

    async def test_a_shorter_span_holds_for_them_too(self, file: Path) -> None:
        make_database(file)
        folder = file.parent / "backups"
        folder.mkdir()
        _made(folder / "jelly-before-v5.sqlite3", MONDAY)
        settings = replace(_settings(file, 0), keep_days=2)
        async with keeping_copies(settings, StoppedClock(MONDAY + 2 * DAY)):
            await asyncio.sleep(0)
        assert names_in(folder) == set()

    @pytest.mark.parametrize(("value", "number"), [(None, 7), ("", 7), ("0", 0), (" 30 ", 30)])
    def test_the_setting(self, tmp_path: Path, value: str | None, number: int) -> None:
        environment = {} if value is None else {"JELLY_BACKUPS": value}
        assert load(environment, tmp_path / ".env").backups == number

    @pytest.mark.parametrize("value", ["-1", "many", "1.5", "9" * 5000])
    def test_a_wrong_setting_is_named(self, tmp_path: Path, value: str) -> None:
        with pytest.raises(ConfigError, match="JELLY_BACKUPS"):
            load({"JELLY_BACKUPS": value}, tmp_path / ".env")


def _settings(file: Path, copies: int) -> Config:
    return Config(token=None, database=file, backups=copies, log_level=logging.INFO)


def _made(file: Path, at: datetime) -> None:
    file.write_text("a copy")
    os.utime(file, (at.timestamp(), at.timestamp()))


async def _until(holds: Callable[[], bool], within: float = 10.0) -> None:
    """Waits until something that is not announced has happened."""
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)
