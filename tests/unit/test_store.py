"""The file: changes are whole or not at all, waiting ones are committed together."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from data.change_settings import set_up
from data.due import follow_clock, next_due
from data.migrations import FOLDER, migrate
from data.mirrors import lagging_sessions
from data.models import Kept
from data.outbox.notice_rate import next_notice_at
from data.outbox.quiet import look_again, look_again_in
from data.people.session_views import card_view
from data.refusal import Refusal
from data.retention import START, STEPS
from data.schedule.series import series_to_extend
from data.store import connect, errors
from data.store.database import Database
from data.store.errors import Place, what_to_do
from data.store.key_value import recall, remember
from data.store.transaction import Row, Transaction
from data.store.unusable import DatabaseUnusable
from tests.unit.in_memory import claim_due


async def test_changes_that_wait_are_committed_together(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        before = database.commits
        await asyncio.gather(
            *(database.write(partial(remember, name=str(n), value=str(n))) for n in range(500))
        )
        assert database.commits - before < 100
        kept = await database.read(lambda t: t.all("SELECT * FROM key_value"))
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
            assert other.execute("SELECT value FROM key_value").fetchone() == ("yes",)
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


async def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DatabaseUnusable, match=r"can't be made .*\.$"):
        await Database.open(tmp_path / "file" / "a.sqlite3")


async def test_what_is_wrong_is_told_once_and_again_while_it_lasts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.01)

    async def number() -> str | None:
        with pytest.raises(DatabaseUnusable, match="locked") as unusable:
            await database.write(lambda t: remember(t, "kept", "no"))
        return unusable.value.number

    async with await Database.open(tmp_path / "a.sqlite3") as database:
        with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            first = await number()
            assert [await number() for _ in range(5)] == [first] * 5
            assert len(caplog.records) == 1
            monkeypatch.setattr(errors, "TELL_AGAIN", 0.0)
            assert await number() != first
            assert len(caplog.records) == 2
            assert str(first) in caplog.text
            assert await database.read(lambda t: recall(t, "kept")) is None
        await database.write(lambda t: remember(t, "kept", "yes"))


async def test_a_fault_of_the_program_is_not_taken_for_one_of_the_disk(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        with pytest.raises(sqlite3.IntegrityError):
            await database.write(lambda t: t.run("INSERT INTO key_value VALUES ('no value', NULL)"))
        with pytest.raises(sqlite3.OperationalError):
            await database.read(lambda t: t.all("SELECT no_such_column"))


@pytest.mark.parametrize(
    ("name", "place", "advice"),
    [
        ("SQLITE_FULL", Place(9**9, False, None), "full. Free some space"),
        ("SQLITE_IOERR_SHMSIZE", Place(4096, False, None), "full. Free some space"),
        ("SQLITE_CANTOPEN", Place(4096, False, None), "full. Free some space"),
        ("SQLITE_IOERR_WRITE", Place(9**9, True, None), "may only be read. Mount it"),
        ("SQLITE_IOERR_FSYNC", Place(9**9, False, None), "disk I/O"),
        ("SQLITE_READONLY", Place(9**9, False, None), "this user may read and write it"),
        ("SQLITE_CANTOPEN", Place(9**9, False, None), "this user may read and write it"),
        ("SQLITE_READONLY_DBMOVED", Place(9**9, False, None), "moved, deleted"),
        ("SQLITE_BUSY", Place(0, True, None), "Another program"),
        ("SQLITE_BUSY_SNAPSHOT", Place(9**9, False, None), "Another program"),
        ("SQLITE_NOTADB", Place(9**9, False, None), "bot restore COPY` (there is none in"),
        ("SQLITE_CORRUPT", Place(9**9, False, Path("/c")), "`python -m bot restore /c`"),
        ("SQLITE_CONSTRAINT_CHECK", Place(0, True, None), None),
        ("SQLITE_ERROR", Place(0, True, None), None),
    ],
)
def test_what_to_do_is_one_plain_sentence(name: str, place: Place, advice: str | None) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = getattr(sqlite3, name), name
    sentence = what_to_do(error, Path("/var/jelly.sqlite3"), place)
    if advice is None:
        assert sentence is None
        return
    assert sentence is not None
    assert advice in sentence
    assert "/var/jelly.sqlite3" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


async def test_a_file_that_was_away_is_opened_again_once_for_all_who_wait(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path, elsewhere = tmp_path / "a.sqlite3", tmp_path / "elsewhere.sqlite3"
    others = _connections()
    async with await Database.open(path) as database:
        await database.write(lambda t: remember(t, "before", "yes"))

        async def many() -> set[object]:
            return set(
                await asyncio.gather(
                    *(database.write(partial(remember, name=str(n), value="")) for n in range(50)),
                    *(database.read(lambda t: recall(t, "before")) for _ in range(50)),
                    return_exceptions=True,
                )
            )

        path.rename(elsewhere)
        with pytest.raises(DatabaseUnusable):
            await database.write(lambda t: remember(t, "away", "yes"))
        assert {type(outcome) for outcome in await many()} == {DatabaseUnusable}
        elsewhere.rename(path)
        assert await many() == {None, "yes"}
        assert await database.read(lambda t: recall(t, "away")) is None
        assert caplog.text.count("is open again") == 1
        async with asyncio.timeout(10):
            while len(_connections() - others) != 2:  # aiosqlite does not wait for those that end
                await asyncio.sleep(0.005)


async def test_it_can_be_closed_while_it_opens_again(tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "a.sqlite3", tmp_path / "elsewhere.sqlite3"
    async with await Database.open(path) as database:
        path.rename(elsewhere)
        with pytest.raises(DatabaseUnusable):
            await database.write(lambda t: remember(t, "away", "yes"))
        elsewhere.rename(path)
        waiting = asyncio.ensure_future(database.write(lambda t: remember(t, "last", "word")))
        await asyncio.sleep(0)
        await database.close()
        with pytest.raises(DatabaseUnusable, match="stopping"):
            await waiting
    assert not Path(f"{path}-wal").exists()


def test_an_upgraded_database_equals_a_fresh_one(tmp_path: Path) -> None:
    """Each older version, once upgraded, has the same schema as one made today."""
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


def test_the_schema_that_people_read_is_the_one_that_migrations_make() -> None:
    migrated, readable = (sqlite3.connect(":memory:", isolation_level=None) for _ in range(2))
    with closing(migrated), closing(readable):
        migrate(migrated)
        readable.executescript((FOLDER.parent / "schema.sql").read_text("utf-8"))
        assert _definitions(readable) == _definitions(migrated)


def _definitions(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Returns the parts of each table, index and trigger; columns added later come last."""
    rows = connection.execute(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    )
    return {name: _parts(sql) for name, sql in rows}


def _parts(sql: str) -> list[str]:
    """Returns a statement without comments and line breaks, split at its outermost commas."""
    plain = " ".join(re.sub(r"--[^\n]*", "", sql).replace('"', "").split())
    head, _, body = plain.partition(" (")
    if not head.startswith("CREATE TABLE"):
        return [plain]
    parts, depth, part = [head], 0, ""
    for character in body:
        depth += (character == "(") - (character == ")")
        if (character == "," and depth == 0) or depth < 0:
            parts.append(part)
            part, depth = "", max(depth, 0)
        else:
            part += character
    return sorted(re.sub(r"\s*([()])\s*", r"\1", one).strip() for one in (*parts, part))


async def test_waking_up_scans_nothing(tmp_path: Path) -> None:
    """The queries of every wake-up use an index, however much is not yet due."""
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        asked = await database.write(_asked_at_a_wake_up)
        assert len(asked) > 10
        for sql, values in asked:
            plan = await database.read(partial(_plan_of, sql=sql, values=values))
            steps = [str(step["detail"]) for step in plan]
            scans = {step for step in steps if step.startswith("SCAN") and "INDEX" not in step}
            # They search what an index has found, at most 500 rows, for the first of each channel.
            assert scans <= {"SCAN due", "SCAN turns"} or "ROW_NUMBER" in sql, (sql, steps)
            assert not scans & {f"SCAN {table}" for table in _LARGE}, (sql, steps)
            if "version > version_shown" in sql:
                assert any("mirror_lagging" in step for step in steps), steps


async def test_no_step_of_forgetting_goes_through_a_whole_table(tmp_path: Path) -> None:
    now = datetime.now(UTC)

    def fill(transaction: Transaction) -> None:
        set_up(transaction, guild_id=1, channel_id=2, zone="UTC", now=now)
        for sql in (
            """
            INSERT INTO session (session_id, guild_id, channel_id, title, place, about, host_id,
                created_by, zone, starts_local, duration, starts_at, ends_at)
            VALUES (3, 1, 2, 'a', 'b', '', 4, 4, 'UTC', '2020-01-01T10:00', 3600, 0, 3600)
            """,
            """
            INSERT INTO rsvp (session_id, user_id, answer, note, answered_at, position)
            VALUES (3, 4, 'going', 'c', 0, 2)
            """,
            """
            INSERT INTO delivery (kind, guild_id, session_id, channel_id, due_at, useful_until,
                try_at, state)
            VALUES ('reminder', 1, 3, 2, 0, 0, 0, 'sent')
            """,
            """
            INSERT INTO series (series_id, guild_id, channel_id, title, place, about, host_id,
                created_by, zone, starts_local, duration, confirmed_at, state)
            VALUES (6, 1, 2, 'a', 'b', '', 4, 4, 'UTC', '2020-01-01T10:00', 3600, 0, 'ended')
            """,
            """
            INSERT INTO invitation (guild_id, series_id, user_id, invited_by, to_host, invited_at)
            VALUES (1, 6, 4, 5, 0, 0)
            """,
            "INSERT INTO private_channel (user_id, asked_at, asked_times) VALUES (8, 0, 1)",
        ):
            transaction.run(sql)

    def forget(transaction: Transaction) -> list[tuple[str, dict[str, object]]]:
        noting = _Noting(transaction)
        for step in STEPS:
            assert step(noting, Kept(), now, START) is None
        return noting.asked

    async with await Database.open(tmp_path / "a.sqlite3") as database:
        await database.write(fill)
        asked = await database.write(forget)
        left = await database.read(
            lambda t: t.all(
                """
                SELECT guild_id FROM delivery UNION ALL SELECT guild_id FROM invitation
                UNION ALL SELECT user_id FROM private_channel
                """
            )
        )
        assert left == []
        for sql, values in asked:
            plan = await database.read(partial(_plan_of, sql=sql, values=values))
            for step in (str(one["detail"]) for one in plan):
                assert not step.startswith("SCAN"), (sql, step)


async def test_a_card_is_read_in_order_from_indexes_however_many_answered(tmp_path: Path) -> None:
    def ask(transaction: Transaction) -> list[tuple[str, dict[str, object]]]:
        for sql in (
            "INSERT INTO guild (guild_id) VALUES (1)",
            """
            INSERT INTO channel (channel_id, guild_id, zone, announce_before)
            VALUES (2, 1, 'UTC', 60)
            """,
            """
            INSERT INTO session (session_id, guild_id, channel_id, title, place, about, host_id,
                created_by, zone, starts_local, duration, starts_at, ends_at)
            VALUES (3, 1, 2, 'a', 'b', '', 4, 4, 'UTC', '2020-01-01T10:00', 3600, 0, 3600)
            """,
            """
            INSERT INTO rsvp (session_id, user_id, answer, answered_at, position, came)
            VALUES (3, 4, 'going', 0, 2, 1), (3, 5, 'maybe', 0, 3, 0)
            """,
        ):
            transaction.run(sql)
        noting = _Noting(transaction)
        view = card_view(noting, 3)
        assert view is not None
        assert (len(view.roster.going), len(view.roster.maybe), len(view.roster.came)) == (1, 1, 1)
        return noting.asked

    async with await Database.open(tmp_path / "a.sqlite3") as database:
        for sql, values in await database.write(ask):
            plan = await database.read(partial(_plan_of, sql=sql, values=values))
            for step in (str(one["detail"]) for one in plan):
                assert "TEMP B-TREE" not in step, (sql, step)


async def test_a_message_of_a_kind_that_nobody_knows_holds_up_no_other(tmp_path: Path) -> None:
    """A newer Jelly may have written it into a file that an older one took over."""
    now = datetime.now(UTC)

    def fill(transaction: Transaction) -> None:
        set_up(transaction, guild_id=1, channel_id=2, zone="UTC", now=now)
        for kind in ("telegram", "thanks"):
            transaction.run(
                """
                INSERT INTO delivery (kind, guild_id, owner_channel_id, channel_id, occasion,
                    due_at, useful_until, try_at)
                VALUES (:kind, 1, 2, 2, 202611, 0, :later, 0)
                """,
                kind=kind,
                later=int(now.timestamp()) + 3600,
            )

    async with await Database.open(tmp_path / "a.sqlite3") as database:
        await database.write(fill)
        claimed = await database.write(lambda t: claim_due(t, now=now, limit=10, most_mentions=40))
        assert [delivery.kind.name for delivery in claimed.deliveries] == ["thanks"]
        [row] = await database.read(
            lambda t: t.all("SELECT state, error FROM delivery WHERE kind = 'telegram'")
        )
    assert row["state"] == "withdrawn"
    assert row["error"] == '["unknown_kind"]'


_LARGE = ("delivery", "session", "session_boundary", "mirror", "rsvp")


class _Noting(Transaction):
    """Keeps every statement that it runs."""

    def __init__(self, transaction: Transaction) -> None:
        super().__init__(transaction._connection)
        self.asked: list[tuple[str, dict[str, object]]] = []

    def all(self, sql: str, **values: object) -> list[Row]:
        self.asked.append((sql, values))
        return super().all(sql, **values)

    def one(self, sql: str, **values: object) -> Row | None:
        self.asked.append((sql, values))
        return super().one(sql, **values)

    def run(self, sql: str, **values: object) -> int:
        self.asked.append((sql, values))
        return super().run(sql, **values)


def _asked_at_a_wake_up(transaction: Transaction) -> list[tuple[str, dict[str, object]]]:
    noting, now = _Noting(transaction), datetime.now(UTC)
    follow_clock(noting, now=now)
    claim_due(noting, now=now, limit=10, most_mentions=40)
    next_notice_at(noting, 1, now)
    look_again(noting, 1)
    look_again_in(noting, 1, now=now)
    series_to_extend(noting, now=now, limit=10)
    next_due(noting)
    lagging_sessions(noting)
    return noting.asked


def _plan_of(transaction: Transaction, sql: str, values: dict[str, object]) -> list[Row]:
    return transaction.all(f"EXPLAIN QUERY PLAN {sql}", **values)


async def test_a_file_that_cannot_be_opened_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = _connections()
    path = tmp_path / "a.sqlite3"
    path.write_text("a letter")
    with pytest.raises(DatabaseUnusable, match="not a database"):
        await Database.open(path)
    too_long = tmp_path.joinpath(*3 * ["folder" * 30], "a.sqlite3")  # for SQLite, which has 512
    with pytest.raises(DatabaseUnusable, match="can't be opened"):
        await Database.open(too_long)
    assert _connections() <= before


def _connections() -> set[threading.Thread]:
    """Returns the threads that have a connection to a database."""
    return {thread for thread in threading.enumerate() if "connection_worker" in thread.name}


async def test_what_is_deleted_is_overwritten_by_every_connection(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        for asked in (database.write, database.read):
            rows = await asked(lambda t: t.all("PRAGMA secure_delete"))
            assert [row["secure_delete"] for row in rows] == [1]


async def test_a_rewritten_file_holds_nothing_deleted_and_an_empty_wal(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite3"
    async with await Database.open(file) as database:
        for number in range(500):
            await database.write(partial(remember, name=f"secret {number}", value="x" * 100))
        await database.write(lambda t: t.run("DELETE FROM key_value WHERE name LIKE 'secret%'"))
        await database.write(partial(remember, name="kept", value="1"))
        assert await database.rewrite_file()
        assert Path(f"{file}-wal").stat().st_size == 0
        for one in tmp_path.glob("a.sqlite3*"):
            assert b"secret" not in one.read_bytes()
        assert await database.read(lambda t: recall(t, "kept")) == "1"
        await database.write(partial(remember, name="kept", value="2"))
    with pytest.raises(DatabaseUnusable):
        await database.rewrite_file()
