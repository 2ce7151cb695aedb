"""Restoring a copy: completely or not at all, with the previous database kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bot.command_line import main
from bot.lock import only_process_on
from data.store import backups
from data.store.backups import BackupFailed
from data.store.database import Database
from data.store.key_value import recall
from tests.moments import MONDAY
from tests.process.backups.databases import (
    assert_a_sentence,
    copy_of_one_jelly,
    dump,
    files_in,
    full_disk,
    make_database,
    make_unmerged,
    names_in,
    spoil,
)


class TestRestore:
    def test_it_puts_the_copy_in_place_and_keeps_what_was_there(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        copy = copy_of_one_jelly(tmp_path)
        old = make_unmerged(file)
        assert main(["restore", str(copy)]) == 0
        [kept] = (file.parent / "backups").iterdir()
        assert capsys.readouterr().out == (
            f"{file} is now what {copy} holds (1 session); what was there before is kept as "
            f"{kept}.\n"
        )
        assert kept.name.startswith("jelly-replaced-20")
        assert (dump(file), dump(kept)) == (dump(copy), old)
        assert names_in(file.parent) == {file.name, f"{file.name}.lock", "backups"}

    async def test_the_bot_opens_what_was_put_back(self, file: Path, tmp_path: Path) -> None:
        backups.restore(copy_of_one_jelly(tmp_path), file, now=MONDAY)
        async with await Database.open(file) as database:
            assert await database.read(lambda t: recall(t, "name")) == "copy"

    def test_where_there_was_none_it_keeps_none(
        self, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        copy = copy_of_one_jelly(tmp_path)
        file.parent.rmdir()
        assert main(["restore", str(copy)]) == 0
        assert "there was none before" in capsys.readouterr().out
        assert list((file.parent / "backups").iterdir()) == []
        assert dump(file) == dump(copy)

    @pytest.mark.parametrize("wrong", ["not a database", "empty", "torn"])
    def test_what_is_damaged_is_kept_as_it_is(self, file: Path, tmp_path: Path, wrong: str) -> None:
        copy = copy_of_one_jelly(tmp_path)
        make_database(file)
        spoil(file, wrong)
        damaged = file.read_bytes()
        kept = backups.restore(copy, file, now=MONDAY).replaced
        assert kept is not None
        assert kept.read_bytes() == damaged
        assert dump(file) == dump(copy)
        assert names_in(file.parent) == {file.name, "backups"}

    def test_what_sqlite_can_t_merge_is_kept_too_and_never_merged_into_the_copy(
        self, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(backups, "_make_one_file", lambda database: None)
        copy = copy_of_one_jelly(tmp_path)
        old = make_unmerged(file)
        kept = backups.restore(copy, file, now=MONDAY).replaced
        assert kept is not None
        assert dump(file) == dump(copy)
        assert names_in(kept.parent) == {kept.name, f"{kept.name}-wal"}
        assert dump(kept) == old

    def test_a_link_to_the_database_stays_one(self, file: Path, tmp_path: Path) -> None:
        copy = copy_of_one_jelly(tmp_path)
        real = tmp_path / "elsewhere.sqlite3"
        make_database(real)
        file.symlink_to(real)
        backups.restore(copy, file, now=MONDAY)
        assert file.is_symlink()
        assert dump(real) == dump(copy)

    def test_it_is_for_its_owner_alone_afterwards(self, file: Path, tmp_path: Path) -> None:
        copy = copy_of_one_jelly(tmp_path)
        make_database(file)
        for path in (copy, file):
            path.chmod(0o644)
        replaced = backups.restore(copy, file, now=MONDAY).replaced
        assert replaced is not None
        assert [path.stat().st_mode & 0o777 for path in (file, replaced)] == [0o600, 0o600]
        assert replaced.parent.stat().st_mode & 0o777 == 0o700

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
        copy = copy_of_one_jelly(tmp_path)
        make_database(file)
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
            other.execute("SELECT * FROM key_value")
        elif wrong not in ("a full disk", "a bot that runs"):
            spoil(copy, wrong)
        old, names = dump(file), names_in(tmp_path)
        with full_disk(wrong == "a full disk"):
            if wrong == "a bot that runs":
                with only_process_on(file):
                    assert main(["restore", str(copy)]) == 1
            else:
                assert main(["restore", str(copy)]) == 1
        other.close()
        assert_a_sentence(capsys.readouterr().err)
        assert dump(file) == old
        assert names_in(tmp_path) == names
        assert names_in(file.parent) <= {file.name, f"{file.name}.lock", "backups"}
        assert files_in(file.parent / "backups") in (None, {})

    def test_a_copy_torn_anywhere_is_refused(self, file: Path, tmp_path: Path) -> None:
        copy = copy_of_one_jelly(tmp_path)
        whole = copy.read_bytes()
        page = 4096
        for size in (*range(0, len(whole), page * 7), len(whole) - page, len(whole) - 1, 50, 700):
            copy.write_bytes(whole[:size])
            with pytest.raises(BackupFailed, match=r"damaged|cut off|not a Jelly"):
                backups.restore(copy, file, now=MONDAY)
            assert not file.exists()
        copy.write_bytes(whole)
        assert backups.restore(copy, file, now=MONDAY).sessions == 1

    @pytest.mark.parametrize("command", ["backup", "restore"])
    def test_a_command_without_a_path_is_not_run(self, command: str) -> None:
        with pytest.raises(SystemExit, match="2"):
            main([command])
        with pytest.raises(SystemExit, match="2"):
            main(["run", "somewhere"])
