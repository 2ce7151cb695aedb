"""The file: changes are whole or not at all, waiting ones are committed together."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from functools import partial
from pathlib import Path

import pytest

from data.database import Database, Row, Transaction
from data.errors import DatabaseUnusable, Refusal
from data.memory import recall, remember
from data.migrations import FOLDER, migrate


async def test_changes_that_wait_are_committed_together(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        before = database.commits
        await asyncio.gather(
            *(database.write(partial(remember, name=str(n), value=str(n))) for n in range(500))
        )
        assert database.commits - before < 100
        kept = await database.read(lambda t: t.all("SELECT * FROM memory"))
        assert len(kept) == 500


async def test_a_refused_change_undoes_itself_and_no_other(tmp_path: Path) -> None:
    def refused(transaction: Transaction) -> None:
        remember(transaction, "half", "done")
        raise Refusal("No.")

    async with await Database.open(tmp_path / "a.sqlite3") as database:
        results = await asyncio.gather(
            database.write(lambda t: remember(t, "first", "1")),
            database.write(refused),
            database.write(lambda t: remember(t, "last", "1")),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [type(None), Refusal, type(None)]
        assert await database.read(lambda t: recall(t, "half")) is None
        assert await database.read(lambda t: recall(t, "first")) == "1"
        assert await database.read(lambda t: recall(t, "last")) == "1"


async def test_what_was_answered_is_on_the_disk(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        await database.write(lambda t: remember(t, "kept", "yes"))
        mode = await database.read(lambda t: t.one("PRAGMA synchronous"))
        assert mode is not None
        assert mode["synchronous"] == 2  # FULL: https://www.sqlite.org/pragma.html
        journal = await database.read(lambda t: t.one("PRAGMA journal_mode"))
        assert journal is not None
        assert journal["journal_mode"] == "wal"
        with sqlite3.connect(tmp_path / "a.sqlite3") as other:
            assert other.execute("SELECT value FROM memory").fetchone() == ("yes",)
        other.close()


async def test_closing_finishes_what_waits(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "a.sqlite3")
    waiting = asyncio.ensure_future(database.write(lambda t: remember(t, "last", "word")))
    await asyncio.sleep(0)
    await database.close()
    await waiting
    with pytest.raises(DatabaseUnusable):
        await database.write(lambda t: remember(t, "too", "late"))
    async with await Database.open(tmp_path / "a.sqlite3") as again:
        assert await again.read(lambda t: recall(t, "last")) == "word"


async def test_the_folder_is_made(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "deep" / "down" / "a.sqlite3") as database:
        assert database.path.exists()


@pytest.mark.parametrize("kind", ["not a database", "a folder", "a newer version", "no folder"])
async def test_a_file_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.sqlite3"
    if kind == "not a database":
        path.write_bytes(b"This is a shopping list, and a long one. " * 200)
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a newer version":
        newer = sqlite3.connect(path)
        newer.execute("PRAGMA user_version = 9999")
        newer.close()
    else:
        (tmp_path / "file").write_text("in the way")
        path = tmp_path / "file" / "a.sqlite3"
    with pytest.raises(DatabaseUnusable) as refusal:
        await Database.open(path)
    assert str(refusal.value).endswith(".")
    assert "\n" not in str(refusal.value)


def test_an_upgraded_database_equals_a_fresh_one(tmp_path: Path) -> None:
    """Each older version, brought up to date, has the same schema as one made today."""
    newest = max(int(file.name[:4]) for file in FOLDER.glob("*.sql"))
    fresh = _schema(tmp_path / "fresh.sqlite3", ())
    for version in range(1, newest + 1):
        assert _schema(tmp_path / f"from-{version}.sqlite3", (version,)) == fresh


def _schema(path: Path, stops: tuple[int, ...]) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path, isolation_level=None)
    for stop in stops:
        assert migrate(connection, up_to=stop) == stop
    migrate(connection)
    rows = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    return rows


async def test_waking_up_scans_nothing(tmp_path: Path) -> None:
    """The queries of every wake-up are answered by an index, however much is not yet due."""
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        for sql in (
            "SELECT MIN(try_at) AS at FROM delivery WHERE state IN ('pending', 'sending')",
            "SELECT delivery_id FROM delivery WHERE state IN ('pending', 'sending') "
            "AND try_at <= :now ORDER BY try_at, delivery_id LIMIT 20",
            "UPDATE delivery SET state = 'expired' WHERE state IN ('pending', 'sending') "
            "AND try_at <= :now AND useful_until <= :now AND attempts = 0",
            "SELECT session_id FROM session WHERE card_message_id IS NOT NULL "
            "AND version > card_version ORDER BY session_id",
            "SELECT MIN(extend_at) AS at FROM series WHERE extend_at IS NOT NULL",
            "SELECT MIN(offered_until) AS at FROM rsvp WHERE offered_until IS NOT NULL",
            "SELECT session_id, user_id FROM rsvp WHERE offered_until <= :now",
            "SELECT user_id FROM rsvp WHERE session_id = 1 AND answer = 'waitlisted' "
            "AND offered_until IS NULL AND guests = 0 AND passed = 0 ORDER BY position LIMIT 1",
        ):
            plan = await database.read(partial(_plan_of, sql=sql))
            steps = [str(step["detail"]) for step in plan]
            assert all("USING" in step and "INDEX" in step for step in steps), (sql, steps)


def _plan_of(transaction: Transaction, sql: str) -> list[Row]:
    return transaction.all(f"EXPLAIN QUERY PLAN {sql}", now=0)


async def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with pytest.raises(DatabaseUnusable, match="can't be used"):
        await Database.open(tmp_path)
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert not any("connection_worker" in name for name in left)
