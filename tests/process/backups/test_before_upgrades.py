"""The copy made before an upgrade; without it the upgrade changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from data.migrations import migrate, newest_version
from data.store import backups
from data.store.database import Database
from data.store.key_value import recall
from data.store.unusable import DatabaseUnusable
from tests.moments import MONDAY
from tests.process.backups.databases import (
    assert_a_sentence,
    dump,
    full_disk,
    make_database,
    make_first_version,
    names_in,
    spoil,
)


class TestUpgrade:
    async def test_it_keeps_a_copy_of_what_was_there(self, file: Path) -> None:
        old = make_first_version(file)
        async with await Database.open(file) as database:
            assert await database.read(lambda t: recall(t, "name")) == "first"
        copies = file.parent / "backups"
        assert names_in(copies) == {f"jelly-before-v{newest_version()}.sqlite3"}
        [copy] = copies.iterdir()
        assert dump(copy) == old
        backups.restore(copy, file, now=MONDAY)
        assert dump(file) == old

    @pytest.mark.parametrize("what", ["new", "nobody's", "up to date"])
    async def test_what_has_nothing_to_lose_is_not_copied(self, file: Path, what: str) -> None:
        if what == "nobody's":
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                migrate(connection, up_to=1)
        elif what == "up to date":
            make_database(file)
        async with await Database.open(file):
            assert not (file.parent / "backups").exists()

    @pytest.mark.parametrize("wrong", ["a full disk", "a file for a folder", "damaged"])
    async def test_without_the_copy_nothing_is_upgraded(self, file: Path, wrong: str) -> None:
        old = make_first_version(file)
        if wrong == "a file for a folder":
            (file.parent / "backups").write_text("in the way")
        elif wrong == "damaged":
            spoil(file, "its last page overwritten")
        content = file.read_bytes()
        with full_disk(wrong == "a full disk"), pytest.raises(DatabaseUnusable) as refusal:
            await Database.open(file)
        assert_a_sentence(str(refusal.value))
        assert "not upgraded without a copy" in str(refusal.value)
        if wrong == "damaged":
            # Only the mark for a -wal, in its first page, has changed.
            assert file.read_bytes()[4096:] == content[4096:]
            return
        assert dump(file) == old
        if wrong == "a file for a folder":
            (file.parent / "backups").unlink()
        async with await Database.open(file) as database:
            assert await database.read(lambda t: recall(t, "name")) == "first"
