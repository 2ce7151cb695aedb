"""Copies of the database, and the way back: whole or not at all, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.backups import nightly_copies
from bot.config import PROJECT, Config, ConfigError, load
from bot.lock import only_process_on
from data import backups
from data.backups import BackupFailed, nightly_copy
from data.database import Change, Database, Transaction
from data.errors import DatabaseUnusable
from data.memory import recall, remember
from data.migrations import migrate, newest_version
from data.models import Answer, Details, Occurrence, Schedule
from data.rsvps import Wish, answer
from data.sessions import add_session
from data.settings import set_up
from tests.loopback import Loopback, Process
from tests.town import StoppedClock

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GUILD, ROBIN = 1, 2


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the database is, for the command line too; its folder holds nothing else."""
    file = tmp_path / "var" / "jelly.sqlite3"
    file.parent.mkdir()
    monkeypatch.setenv("JELLY_DATABASE", str(file))
    monkeypatch.setenv("DISCORD_TOKEN", "")
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    return file


class TestBackup:
    def test_it_says_what_it_wrote(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _make(file, jellies=3)
        copy = tmp_path / "copy.sqlite3"
        assert main(["backup", str(copy)]) == 0
        said = capsys.readouterr().out
        assert said == f"Wrote {copy} ({copy.stat().st_size / 1e3:.0f} kB, 3 sessions).\n"
        assert _dump(copy) == _dump(file)

    def test_in_a_folder_it_gets_a_dated_name(self, file: Path, tmp_path: Path) -> None:
        _make(file)
        assert backups.backup(file, tmp_path, now=NOW).path == (
            tmp_path / "jelly-2026-11-23-090000.sqlite3"
        )

    def test_it_needs_no_other_file_and_leaves_none(self, file: Path, tmp_path: Path) -> None:
        _make_unmerged(file)
        backups.backup(file, tmp_path / "copy.sqlite3", now=NOW)
        assert _names(tmp_path) == {"var", "copy.sqlite3"}
        with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)

    def test_it_waits_for_no_change_in_hand_and_leaves_it_out(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backups, "BUSY_SECONDS", 0)
        _make(file)
        before = _dump(file)
        with closing(sqlite3.connect(file, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("DELETE FROM memory")
            writer.execute("INSERT INTO memory VALUES ('half', 'done')")
            backups.backup(file, tmp_path / "copy.sqlite3", now=NOW)
            writer.execute("COMMIT")
        assert _dump(tmp_path / "copy.sqlite3") == before != _dump(file)

    def test_what_keeps_others_out_is_told(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backups, "BUSY_SECONDS", 0.01)
        _make(file)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("INSERT INTO memory VALUES ('mine', 'alone')")
            with pytest.raises(BackupFailed, match="locked"):
                backups.backup(file, tmp_path / "copy.sqlite3", now=NOW)
        assert _names(tmp_path) == {"var"}

    def test_a_copy_is_as_private_as_the_database(self, file: Path, tmp_path: Path) -> None:
        _make(file)
        file.chmod(0o600)
        copy = backups.backup(file, tmp_path, now=NOW).path
        assert copy.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        "wrong",
        [
            "a file is there",
            "no folder",
            "a file for a folder",
            "a name too long",
            "no database",
            "not a database",
            "of another program",
            "torn",
            "a full disk",
        ],
    )
    def test_what_cannot_be_copied_is_told_in_a_sentence(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str
    ) -> None:
        copy = tmp_path / "copies" / "copy.sqlite3"
        copy.parent.mkdir()
        _make(file)
        if wrong == "a file is there":
            copy.write_text("precious")
        elif wrong == "no folder":
            copy = copy.parent / "none" / "copy.sqlite3"
        elif wrong == "a file for a folder":
            copy = file / "copy.sqlite3"
        elif wrong == "a name too long":
            copy = copy.parent / ("x" * 300)
        elif wrong == "no database":
            file.unlink()
        elif wrong != "a full disk":
            _spoil(file, wrong)
        before = _bytes(copy.parent), _names(tmp_path)
        with _full_disk(wrong == "a full disk"):
            assert main(["backup", str(copy)]) == 1
        assert (_bytes(copy.parent), _names(tmp_path)) == before
        _assert_a_sentence(capsys.readouterr().err)
        assert file.exists() == (wrong != "no database")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written(self, file: Path, tmp_path: Path) -> None:
        _make(file)
        (tmp_path / "copies").mkdir(mode=0o500)
        with pytest.raises(BackupFailed, match="can't be written"):
            backups.backup(file, tmp_path / "copies", now=NOW)

    def test_it_is_on_the_disk_before_it_has_its_name(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _make(file)
        copy = tmp_path / "copy.sqlite3"
        steps: list[str] = []
        sync, replace = os.fsync, os.replace

        def watched_sync(number: int) -> None:
            steps.append("file" if os.path.isfile(number) else "folder")  # noqa: PTH113
            sync(number)

        def watched_replace(source: Path, target: Path) -> None:
            steps.append(f"{target.name} in place")
            replace(source, target)

        monkeypatch.setattr(os, "fsync", watched_sync)
        monkeypatch.setattr(os, "replace", watched_replace)
        backups.backup(file, copy, now=NOW)
        assert steps == ["file", "copy.sqlite3 in place", "folder"]

    async def test_a_copy_amid_answers_is_a_moment_of_the_store(
        self, file: Path, tmp_path: Path
    ) -> None:
        """It holds the first so many changes, each whole, and all that were answered before it."""
        taken: list[Change[None]] = []
        answered = 0
        chance = random.Random(5)

        def change(session_id: int) -> Change[None]:
            user_id = chance.randrange(10, 30)
            kind = chance.choice((Answer.GOING, Answer.GOING, Answer.MAYBE, Answer.DECLINED))
            wish = Wish(kind, guests=user_id % 2)

            def answering(transaction: Transaction) -> None:
                answer(
                    transaction,
                    guild_id=GUILD,
                    session_id=session_id,
                    user_id=user_id,
                    wish=wish,
                    now=NOW,
                )
                remember(transaction, "changes", str(len(taken) + 1))
                taken.append(answering)

            return answering

        async def keep_answering(session_id: int) -> None:
            nonlocal answered
            while True:
                await database.write(change(session_id))
                answered += 1

        copies: list[tuple[Path, int]] = []
        async with await Database.open(file) as database:
            session_id = await database.write(_add_jelly)
            async with asyncio.timeout(20), asyncio.TaskGroup() as group:
                writers = [group.create_task(keep_answering(session_id)) for _ in range(4)]
                for number in range(9):
                    before, path = answered, tmp_path / f"{number}.sqlite3"
                    if number % 4:
                        await asyncio.to_thread(backups.backup, file, path, now=NOW)
                    else:
                        assert "Wrote" in await _bot("backup", str(path), code=0)
                    copies.append((path, before))
                    while answered < before + 10:
                        await asyncio.sleep(0)
                for writer in writers:
                    writer.cancel()
        counts = [_assert_is_a_moment(path, taken) for path, _ in copies]
        assert counts == sorted(set(counts)), "something was answered between any two copies"
        assert all(count >= before for count, (_, before) in zip(counts, copies, strict=True))


class TestRestore:
    def test_it_puts_the_copy_in_place_and_keeps_what_was_there(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        copy = _copy_of_one_jelly(tmp_path)
        old = _make_unmerged(file)
        assert main(["restore", str(copy)]) == 0
        [kept] = (file.parent / "backups").iterdir()
        assert capsys.readouterr().out == (
            f"{file} is now what {copy} holds (1 session); what was there before is kept as "
            f"{kept}.\n"
        )
        assert kept.name.startswith("jelly-replaced-20")
        assert (_dump(file), _dump(kept)) == (_dump(copy), old)
        assert _names(file.parent) == {file.name, f"{file.name}.lock", "backups"}

    async def test_the_bot_opens_what_was_put_back(self, file: Path, tmp_path: Path) -> None:
        backups.restore(_copy_of_one_jelly(tmp_path), file, now=NOW)
        async with await Database.open(file) as database:
            assert await database.read(lambda t: recall(t, "name")) == "copy"

    def test_where_there_was_none_it_keeps_none(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        copy = _copy_of_one_jelly(tmp_path)
        file.parent.rmdir()
        assert main(["restore", str(copy)]) == 0
        assert "there was none before" in capsys.readouterr().out
        assert list((file.parent / "backups").iterdir()) == []
        assert _dump(file) == _dump(copy)

    @pytest.mark.parametrize("wrong", ["not a database", "empty", "torn"])
    def test_what_is_damaged_is_kept_as_it_is(self, file: Path, tmp_path: Path, wrong: str) -> None:
        copy = _copy_of_one_jelly(tmp_path)
        _make(file)
        _spoil(file, wrong)
        damaged = file.read_bytes()
        kept = backups.restore(copy, file, now=NOW).replaced
        assert kept is not None
        assert kept.read_bytes() == damaged
        assert _dump(file) == _dump(copy)
        assert _names(file.parent) == {file.name, "backups"}

    def test_what_sqlite_can_t_merge_is_kept_too_and_never_merged_into_the_copy(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backups, "_make_one_file", lambda database: None)
        copy = _copy_of_one_jelly(tmp_path)
        old = _make_unmerged(file)
        kept = backups.restore(copy, file, now=NOW).replaced
        assert kept is not None
        assert _dump(file) == _dump(copy)
        assert _names(kept.parent) == {kept.name, f"{kept.name}-wal"}
        assert _dump(kept) == old

    def test_a_link_to_the_database_stays_one(self, file: Path, tmp_path: Path) -> None:
        copy = _copy_of_one_jelly(tmp_path)
        real = tmp_path / "elsewhere.sqlite3"
        _make(real)
        file.symlink_to(real)
        backups.restore(copy, file, now=NOW)
        assert file.is_symlink()
        assert _dump(real) == _dump(copy)

    def test_it_keeps_the_rights_of_the_database(self, file: Path, tmp_path: Path) -> None:
        copy = _copy_of_one_jelly(tmp_path)
        _make(file)
        file.chmod(0o640)
        backups.restore(copy, file, now=NOW)
        assert file.stat().st_mode & 0o777 == 0o640

    @pytest.mark.parametrize(
        "wrong",
        [
            "no copy",
            "a folder",
            "the database itself",
            "a link to the database",
            "not a database",
            "of another program",
            "empty",
            "torn",
            "its last page overwritten",
            "a newer version",
            "a full disk",
            "a file for a folder",
            "a bot that runs",
            "another program",
        ],
    )
    def test_what_cannot_be_restored_is_told_and_changes_nothing(
        self,
        file: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        wrong: str,
    ) -> None:
        monkeypatch.setattr(backups, "BUSY_SECONDS", 0.01)
        copy = _copy_of_one_jelly(tmp_path)
        _make(file)
        other = sqlite3.connect(file)
        if wrong == "no copy":
            copy.unlink()
        elif wrong == "a folder":
            copy = tmp_path
        elif wrong == "the database itself":
            copy = file
        elif wrong == "a link to the database":
            copy.unlink()
            copy.symlink_to(file)
        elif wrong == "a file for a folder":
            (file.parent / "backups").write_text("in the way")
        elif wrong == "another program":
            other.execute("SELECT * FROM memory")
        elif wrong not in ("a full disk", "a bot that runs"):
            _spoil(copy, wrong)
        old, names = _dump(file), _names(tmp_path)
        with _full_disk(wrong == "a full disk"):
            if wrong == "a bot that runs":
                with only_process_on(file):
                    assert main(["restore", str(copy)]) == 1
            else:
                assert main(["restore", str(copy)]) == 1
        other.close()
        _assert_a_sentence(capsys.readouterr().err)
        assert _dump(file) == old
        assert _names(tmp_path) == names
        assert _names(file.parent) <= {file.name, f"{file.name}.lock", "backups"}
        assert _bytes(file.parent / "backups") in (None, {})

    def test_a_copy_torn_anywhere_is_refused(self, file: Path, tmp_path: Path) -> None:
        copy = _copy_of_one_jelly(tmp_path)
        whole = copy.read_bytes()
        page = 4096
        for size in (*range(0, len(whole), page * 7), len(whole) - page, len(whole) - 1, 50, 700):
            copy.write_bytes(whole[:size])
            with pytest.raises(BackupFailed, match=r"damaged|cut off|not a Jelly"):
                backups.restore(copy, file, now=NOW)
            assert not file.exists()
        copy.write_bytes(whole)
        assert backups.restore(copy, file, now=NOW).sessions == 1

    @pytest.mark.parametrize("command", ["backup", "restore"])
    def test_a_command_without_a_path_is_not_run(self, command: str) -> None:
        with pytest.raises(SystemExit, match="2"):
            main([command])
        with pytest.raises(SystemExit, match="2"):
            main(["run", "somewhere"])


class TestKills:
    """Killed at each of its steps, and then done once more, with no repair by hand."""

    def test_a_copy(self, tmp_path: Path) -> None:
        folder = tmp_path / "var"
        folder.mkdir()
        old = _make_unmerged(folder / "jelly.sqlite3")
        killed = _kill_at_each_step(folder, "backup", "FOLDER/copy.sqlite3")
        for place in killed:
            copy = place / "copy.sqlite3"
            assert _dump(place / "jelly.sqlite3") == old
            if copy.exists():
                assert _dump(copy) == old
                copy.unlink()
            backups.backup(place / "jelly.sqlite3", copy, now=NOW)
            assert _names(place) <= {"jelly.sqlite3", "copy.sqlite3"}

    def test_the_way_back(self, tmp_path: Path) -> None:
        folder = tmp_path / "var"
        folder.mkdir()
        new = _dump(_copy_of_one_jelly(folder))
        database = folder / "jelly.sqlite3"
        old = _make_unmerged(database)
        killed = _kill_at_each_step(folder, "restore", "FOLDER/copy.sqlite3")
        found = []
        for place in killed:
            database, copies = place / "jelly.sqlite3", place / "backups"
            kept = [_dump(path) for path in copies.glob("*.sqlite3")]
            assert set(kept) <= {old}
            found.append(_dump(database))
            if found[-1] == new:
                assert kept
            backups.restore(place / "copy.sqlite3", database, now=NOW)
            assert _dump(database) == new
            assert old in [_dump(path) for path in copies.glob("*.sqlite3")]
            assert not [path for path in place.iterdir() if path.name.endswith(".part")]
        assert {old, new} == set(found)

    async def test_an_upgrade(self, tmp_path: Path) -> None:
        folder = tmp_path / "var"
        folder.mkdir()
        old = _make_first_version(folder / "jelly.sqlite3")
        new = _upgraded(folder / "jelly.sqlite3", tmp_path / "upgraded.sqlite3")
        killed = _kill_at_each_step(folder, "open")
        found = set()
        for place in killed:
            database = place / "jelly.sqlite3"
            copy = place / "backups" / f"jelly-before-v{newest_version()}.sqlite3"
            if copy.exists():
                assert _dump(copy) == old
            found.add(_dump(database))
            async with await Database.open(database):
                pass
            assert (_dump(copy), _dump(database)) == (old, new)
            assert _names(place) == {"jelly.sqlite3", "backups"}
            assert _names(place / "backups") == {copy.name}
        assert found == {old, new}


class TestUpgrade:
    async def test_it_keeps_a_copy_of_what_was_there(self, file: Path) -> None:
        old = _make_first_version(file)
        async with await Database.open(file) as database:
            assert await database.read(lambda t: recall(t, "name")) == "first"
        copies = file.parent / "backups"
        assert _names(copies) == {f"jelly-before-v{newest_version()}.sqlite3"}
        [copy] = copies.iterdir()
        assert _dump(copy) == old
        backups.restore(copy, file, now=NOW)
        assert _dump(file) == old

    @pytest.mark.parametrize("what", ["new", "nobody's", "up to date"])
    async def test_what_has_nothing_to_lose_is_not_copied(self, file: Path, what: str) -> None:
        if what == "nobody's":
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                migrate(connection, up_to=1)
        elif what == "up to date":
            _make(file)
        async with await Database.open(file):
            assert not (file.parent / "backups").exists()

    @pytest.mark.parametrize("wrong", ["a full disk", "a file for a folder", "damaged"])
    async def test_without_the_copy_nothing_is_upgraded(self, file: Path, wrong: str) -> None:
        old = _make_first_version(file)
        if wrong == "a file for a folder":
            (file.parent / "backups").write_text("in the way")
        elif wrong == "damaged":
            _spoil(file, "its last page overwritten")
        content = file.read_bytes()
        with _full_disk(wrong == "a full disk"), pytest.raises(DatabaseUnusable) as refusal:
            await Database.open(file)
        _assert_a_sentence(str(refusal.value))
        assert "not upgraded without a copy" in str(refusal.value)
        if wrong == "damaged":
            # Only the mark that it keeps a -wal, in its first page, has changed.
            assert file.read_bytes()[4096:] == content[4096:]
            return
        assert _dump(file) == old
        if wrong == "a file for a folder":
            (file.parent / "backups").unlink()
        async with await Database.open(file) as database:
            assert await database.read(lambda t: recall(t, "name")) == "first"


class TestNightly:
    def test_so_many_are_kept_and_only_its_own_deleted(self, file: Path) -> None:
        _make(file)
        folder = file.parent / "backups"
        folder.mkdir()
        others = {
            "jelly-before-v2.sqlite3",
            "jelly-replaced-2026-11-01-101500.sqlite3",
            "jelly-2026-11-01-101500.sqlite3",
            "jelly-nightly-2026-11-01.sqlite3.keep",
            "other-nightly-2026-11-01.sqlite3",
            "not-jelly-nightly-2026-11-01.sqlite3",
            # A clock that ran ahead made this one.
            "jelly-nightly-2031-01-01.sqlite3",
        }
        for name in others:
            (folder / name).write_text("not to be touched")
        (folder / "jelly-nightly-2026-11-19.sqlite3.abcd_123.part").mkdir()
        for day in range(20, 26):
            assert nightly_copy(file, date(2026, 11, day), keep=3) is not None
            assert nightly_copy(file, date(2026, 11, day), keep=3) is None
            kept = {f"jelly-nightly-2026-11-{d}.sqlite3" for d in range(max(20, day - 2), day + 1)}
            assert _names(folder) == others | kept
        nightly_copy(file, date(2026, 11, 25), keep=1)
        assert _names(folder) == others | {"jelly-nightly-2026-11-25.sqlite3"}
        assert _dump(folder / "jelly-nightly-2026-11-25.sqlite3") == _dump(file)

    def test_where_today_s_fails_the_older_ones_stay(self, file: Path) -> None:
        _make(file)
        for day in (20, 21):
            nightly_copy(file, date(2026, 11, day), keep=2)
        before = _bytes(file.parent / "backups")
        with _full_disk(), pytest.raises(BackupFailed):
            nightly_copy(file, date(2026, 11, 22), keep=1)
        assert _bytes(file.parent / "backups") == before

    async def test_a_failure_is_told_and_tried_again(
        self, file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr("bot.backups.LOOK_AGAIN", timedelta(milliseconds=1))
        _make(file)
        folder = file.parent / "backups"
        folder.write_text("in the way")
        clock = StoppedClock(NOW)
        async with nightly_copies(_settings(file, 2), clock):
            await _until(lambda: len(caplog.records) >= 2)
            assert {record.levelname for record in caplog.records} == {"ERROR"}
            assert str(folder) in caplog.text
            assert "tried again" in caplog.text
            folder.unlink()
            await _until(lambda: (folder / "jelly-nightly-2026-11-23.sqlite3").exists())
            clock.moment += timedelta(days=1)
            await _until(lambda: (folder / "jelly-nightly-2026-11-24.sqlite3").exists())

    async def test_the_end_waits_for_the_copy_in_hand(self, file: Path) -> None:
        _make(file)
        async with nightly_copies(_settings(file, 2), StoppedClock(NOW)):
            await asyncio.sleep(0)
        assert _names(file.parent / "backups") == {"jelly-nightly-2026-11-23.sqlite3"}

    async def test_none_are_made_where_none_are_wanted(self, file: Path) -> None:
        _make(file)
        async with nightly_copies(_settings(file, 0), StoppedClock(NOW)):
            await asyncio.sleep(0)
        assert _names(file.parent) == {file.name}

    @pytest.mark.parametrize(("value", "number"), [(None, 7), ("", 7), ("0", 0), (" 30 ", 30)])
    def test_the_setting(self, tmp_path: Path, value: str | None, number: int) -> None:
        environment = {} if value is None else {"JELLY_BACKUPS": value}
        assert load(environment, tmp_path / ".env").backups == number

    @pytest.mark.parametrize("value", ["-1", "many", "1.5", "9" * 5000])
    def test_a_wrong_setting_is_named(self, tmp_path: Path, value: str) -> None:
        with pytest.raises(ConfigError, match="JELLY_BACKUPS"):
            load({"JELLY_BACKUPS": value}, tmp_path / ".env")


async def test_a_running_bot_is_copied_and_not_replaced(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite3"
    async with Loopback() as discord:
        environment = {"JELLY_DATABASE": str(file), "JELLY_BACKUPS": "2"}
        async with discord.bot("bot", "run", env=environment) as bot:
            await discord.wait_ready()
            guild = await discord.create_guild()
            channel = guild.channels["jellies"]
            asked = {"channel": channel, "zone": "UTC"}
            await discord.slash(guild.owner, channel, "settings", asked)
            assert "Wrote" in await _bot("backup", str(copy), code=0)
            await bot.said("Made the nightly copy")
            refused = await _bot("restore", str(copy), code=1)
            assert "Another process already runs" in refused
            await discord.slash(guild.owner, channel, "settings", {"zone": "Europe/London"})
            assert await bot.stop() == 0
        assert "Traceback" not in bot.output
        assert _zones(file) == ["Europe/London"]
        assert len(list((file.parent / "backups").glob("jelly-nightly-*.sqlite3"))) == 1
        assert "is now what" in await _bot("restore", str(copy), code=0)
        assert _zones(file) == ["UTC"]
        async with discord.bot("bot", "run", env=environment) as bot:
            await discord.wait_ready()
            assert await bot.stop() == 0


def _settings(file: Path, copies: int) -> Config:
    return Config(token=None, database=file, backups=copies, log_level=logging.INFO)


def _add_jelly(transaction: Transaction) -> int:
    """A jelly with five seats, in a server that is set up; gives its id."""
    set_up(transaction, guild_id=GUILD, channel_id=3, zone="UTC", now=NOW)
    start, length = NOW + timedelta(days=3), timedelta(hours=4)
    wall_time = start.replace(tzinfo=None)
    return add_session(
        transaction,
        guild_id=GUILD,
        created_by=ROBIN,
        details=Details("Thursday jelly", "The Alb", "", ROBIN, capacity=5),
        schedule=Schedule("UTC", wall_time, length),
        occurrence=Occurrence(wall_time, start, start + length),
        now=NOW,
    ).session_id


def _make(file: Path, *, jellies: int = 2, name: str = "old") -> None:
    """A database as the bot leaves it at its end."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)
        transaction = Transaction(connection)
        connection.execute("BEGIN")
        for _ in range(jellies):
            _add_jelly(transaction)
        remember(transaction, "name", name)
        connection.execute("COMMIT")


def _copy_of_one_jelly(folder: Path) -> Path:
    database = folder / "other.sqlite3"
    _make(database, jellies=1, name="copy")
    copy = backups.backup(database, folder / "copy.sqlite3", now=NOW).path
    database.unlink()
    return copy


def _make_first_version(file: Path) -> str:
    """A database that the first Jelly has left, with a server in it; gives what it holds."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        migrate(connection, up_to=1)
        connection.execute(
            "INSERT INTO guild (guild_id, channel_id, zone, announce_before) "
            "VALUES (1, 2, 'UTC', 60)"
        )
        connection.execute("INSERT INTO memory VALUES ('name', 'first')")
    return _dump(file)


def _upgraded(file: Path, upgraded: Path) -> str:
    """What a database holds once it is brought up to date."""
    shutil.copyfile(file, upgraded)
    with closing(sqlite3.connect(upgraded, isolation_level=None)) as connection:
        migrate(connection)
    return _dump(upgraded)


def _make_unmerged(file: Path) -> str:
    """A database as a kill leaves it, its last changes in the ``-wal``; gives what it holds."""
    _make(file)
    in_use = file.with_name("in-use.sqlite3")
    file.rename(in_use)
    with closing(sqlite3.connect(in_use, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("INSERT INTO memory VALUES ('late', 'news')")
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{in_use}{suffix}", f"{file}{suffix}")
        holds = _dump(in_use)
    in_use.unlink()
    return holds


def _spoil(file: Path, kind: str) -> None:
    """Make something else of a database."""
    if kind == "not a database":
        file.write_text("Dear Jelly,\n" * 1000)
    elif kind == "empty":
        file.write_bytes(b"")
    elif kind == "torn":
        os.truncate(file, file.stat().st_size // 2)
    elif kind == "its last page overwritten":
        with file.open("r+b") as opened:
            opened.seek(-4096, os.SEEK_END)
            opened.write(b"\xff" * 4096)
    elif kind == "of another program":
        file.unlink()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE session (name)")
            connection.execute("PRAGMA user_version = 1")
    else:
        assert kind == "a newer version"
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA user_version = 9999")


def _dump(file: Path) -> str:
    """All that a whole database holds."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        version = connection.execute("PRAGMA user_version").fetchone()
        return "\n".join([str(version), *connection.iterdump()])


def _zones(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [zone for (zone,) in connection.execute("SELECT zone FROM guild")]


def _assert_is_a_moment(copy: Path, taken: list[Change[None]]) -> int:
    """A copy holds the first so many changes and nothing else; gives how many."""
    with closing(sqlite3.connect(copy)) as connection:
        for counted, answer_ in (
            ("going_count", Answer.GOING),
            ("waiting_count", Answer.WAITLISTED),
            ("maybe_count", Answer.MAYBE),
            ("declined_count", Answer.DECLINED),
        ):
            stored, actual = connection.execute(
                f"SELECT {counted}, (SELECT COUNT(*) FROM rsvp WHERE answer = ?) FROM session",
                (answer_,),
            ).fetchone()
            assert stored == actual, counted
        rows = connection.execute("SELECT value FROM memory WHERE name = 'changes'").fetchall()
    count = int(rows[0][0]) if rows else 0
    again = copy.with_name("again.sqlite3")
    with closing(sqlite3.connect(again, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        migrate(connection)
        connection.execute("BEGIN")
        _add_jelly(Transaction(connection))
        known = len(taken)
        for change in taken[:count]:
            change(Transaction(connection))
        del taken[known:]
        _set_changes(connection, count)
        connection.execute("COMMIT")
    assert _dump(again) == _dump(copy)
    again.unlink()
    return count


def _set_changes(connection: sqlite3.Connection, count: int) -> None:
    if count:
        remember(Transaction(connection), "changes", str(count))


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _bytes(folder: Path) -> dict[str, bytes] | None:
    if not folder.is_dir():
        return None
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def _full_disk(is_full: bool = True) -> Iterator[None]:
    """Let no file of this process grow beyond 64 kB, as on a disk without room for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if is_full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _assert_a_sentence(said: str) -> None:
    said = said.removesuffix("\n")
    assert said.endswith(".")
    assert "\n" not in said


def _kill_at_each_step(folder: Path, *words: str) -> list[Path]:
    """The folders in which it was killed, the one in which it ended by itself last."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", str(folder), *words],
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


async def _bot(*words: str, code: int) -> str:
    """What ``python -m bot`` says; it must end with this code."""
    process = await Process.start("bot", *words, env={})
    assert await process.ended() == code, process.output
    return process.output


async def _until(holds: Callable[[], bool], within: float = 10.0) -> None:
    """Wait until something that is not announced has happened."""
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)
