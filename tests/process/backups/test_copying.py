"""A copy of the database is whole or not made, whatever is written meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.command_line import main
from data.migrations import migrate
from data.models import Answer, Wish
from data.people.rsvps import answer
from data.store import backups
from data.store.backups import BackupFailed
from data.store.database import Change, Database
from data.store.key_value import remember
from data.store.transaction import Transaction
from tests.loopback import Loopback, Process
from tests.moments import MONDAY
from tests.process.backups.databases import (
    GUILD,
    add_jelly,
    assert_a_sentence,
    dump,
    files_in,
    full_disk,
    make_database,
    make_unmerged,
    names_in,
    spoil,
)

SEED = int(os.environ.get("COPIES_SEED", 5))
LONGEST_COPIES = 90.0
"""Seconds for nine copies, three of them by separate processes; a busy machine takes 15."""


class TestBackup:
    def test_it_says_what_it_wrote(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        make_database(file, jellies=3)
        copy = tmp_path / "copy.sqlite3"
        assert main(["backup", str(copy)]) == 0
        said = capsys.readouterr().out
        assert said == f"Wrote {copy} ({copy.stat().st_size / 1e3:.0f} kB, 3 sessions).\n"
        assert dump(copy) == dump(file)

    def test_in_a_folder_it_gets_a_dated_name(self, file: Path, tmp_path: Path) -> None:
        make_database(file)
        assert backups.backup(file, tmp_path, now=MONDAY).path == (
            tmp_path / "jelly-2026-11-23-090000.sqlite3"
        )

    def test_it_needs_no_other_file_and_leaves_none(self, file: Path, tmp_path: Path) -> None:
        make_unmerged(file)
        backups.backup(file, tmp_path / "copy.sqlite3", now=MONDAY)
        assert names_in(tmp_path) == {"var", "copy.sqlite3"}
        with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)

    def test_it_waits_for_no_change_in_hand_and_leaves_it_out(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backups, "BUSY_SECONDS", 0)
        make_database(file)
        before = dump(file)
        with closing(sqlite3.connect(file, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("DELETE FROM key_value")
            writer.execute("INSERT INTO key_value VALUES ('half', 'done')")
            backups.backup(file, tmp_path / "copy.sqlite3", now=MONDAY)
            writer.execute("COMMIT")
        assert dump(tmp_path / "copy.sqlite3") == before != dump(file)

    def test_what_keeps_others_out_is_told(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backups, "BUSY_SECONDS", 0.01)
        make_database(file)
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("PRAGMA locking_mode = EXCLUSIVE")
            other.execute("INSERT INTO key_value VALUES ('mine', 'alone')")
            with pytest.raises(BackupFailed, match="locked"):
                backups.backup(file, tmp_path / "copy.sqlite3", now=MONDAY)
        assert names_in(tmp_path) == {"var"}

    def test_a_copy_is_for_its_owner_alone_wherever_it_goes(
        self, file: Path, tmp_path: Path
    ) -> None:
        make_database(file)
        file.chmod(0o644)
        tmp_path.chmod(0o755)
        copy = backups.backup(file, tmp_path, now=MONDAY).path
        assert copy.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        "wrong",
        [
            "a file is there",
            "no folder",
            "no folder to put it into",
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
        make_database(file)
        if wrong == "a file is there":
            copy.write_text("precious")
        elif wrong == "no folder":
            copy = copy.parent / "none" / "copy.sqlite3"
        elif wrong == "no folder to put it into":
            copy = copy.parent / "usb"
        elif wrong == "a file for a folder":
            copy = file / "copy.sqlite3"
        elif wrong == "a name too long":
            copy = copy.parent / ("x" * 300)
        elif wrong == "no database":
            file.unlink()
        elif wrong != "a full disk":
            spoil(file, wrong)
        before = files_in(copy.parent), names_in(tmp_path)
        with full_disk(wrong == "a full disk"):
            assert main(["backup", str(copy)]) == 1
        assert (files_in(copy.parent), names_in(tmp_path)) == before
        assert_a_sentence(capsys.readouterr().err)
        assert file.exists() == (wrong != "no database")

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_cannot_be_written(self, file: Path, tmp_path: Path) -> None:
        make_database(file)
        (tmp_path / "copies").mkdir(mode=0o500)
        with pytest.raises(BackupFailed, match="can't be written"):
            backups.backup(file, tmp_path / "copies", now=MONDAY)

    def test_it_is_on_the_disk_before_it_has_its_name(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_database(file)
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
        backups.backup(file, copy, now=MONDAY)
        assert steps == ["file", "copy.sqlite3 in place", "folder"]

    async def test_a_copy_amid_answers_is_a_moment_of_the_store(
        self, file: Path, tmp_path: Path
    ) -> None:
        """The copy holds the first changes, each whole, with all that were answered before it."""
        taken: list[Change[None]] = []
        answered = 0
        print(f"COPIES_SEED={SEED} draws the same answers again")  # noqa: T201  pytest shows it if the test fails
        chance = random.Random(SEED)

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
                    now=MONDAY,
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
            session_id = await database.write(add_jelly)
            async with asyncio.timeout(LONGEST_COPIES), asyncio.TaskGroup() as group:
                writers = [group.create_task(keep_answering(session_id)) for _ in range(4)]
                for number in range(9):
                    before, path = answered, tmp_path / f"{number}.sqlite3"
                    if number % 4:
                        await asyncio.to_thread(backups.backup, file, path, now=MONDAY)
                    else:
                        assert "Wrote" in await _bot("backup", str(path), code=0)
                    copies.append((path, before))
                    print(f"copy {number} was begun after {before} answers, made by {answered}")  # noqa: T201
                    # More than the copy can hold, however few were answered since it was begun.
                    held_at_most = len(taken)
                    while answered <= held_at_most:
                        await asyncio.sleep(0)
                for writer in writers:
                    writer.cancel()
        counts = [_assert_is_a_moment(path, taken) for path, _ in copies]
        assert counts == sorted(set(counts)), "something was answered between any two copies"
        assert all(count >= before for count, (_, before) in zip(counts, copies, strict=True))


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


def _assert_is_a_moment(copy: Path, taken: list[Change[None]]) -> int:
    """Asserts that a copy holds only the first changes, in order; returns how many."""
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
        rows = connection.execute("SELECT value FROM key_value WHERE name = 'changes'").fetchall()
    count = int(rows[0][0]) if rows else 0
    again = copy.with_name("again.sqlite3")
    with closing(sqlite3.connect(again, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = OFF")
        migrate(connection)
        connection.execute("BEGIN")
        add_jelly(Transaction(connection))
        known = len(taken)
        for change in taken[:count]:
            change(Transaction(connection))
        del taken[known:]
        _set_changes(connection, count)
        connection.execute("COMMIT")
    assert dump(again) == dump(copy)
    again.unlink()
    return count


def _set_changes(connection: sqlite3.Connection, count: int) -> None:
    if count:
        remember(Transaction(connection), "changes", str(count))


def _zones(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [zone for (zone,) in connection.execute("SELECT zone FROM channel")]


async def _bot(*words: str, code: int) -> str:
    """Returns the output of ``python -m bot``, which must end with this code."""
    process = await Process.start("bot", *words, env={})
    assert await process.ended() == code, process.output
    return process.output
