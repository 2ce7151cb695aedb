"""Databases to copy and to put back, what they hold, and what is wrong with them."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from data.change_settings import set_up
from data.migrations import migrate
from data.models import Details, Occurrence, Schedule
from data.schedule.sessions import add_session
from data.store import backups
from data.store.key_value import remember
from data.store.transaction import Transaction
from tests.moments import MONDAY
from tests.older_schemas import put_back

GUILD, ROBIN, CHANNEL = 1, 2, 3


def add_jelly(transaction: Transaction) -> int:
    """Adds a jelly with five seats, in a server that is set up; returns its id."""
    set_up(transaction, guild_id=GUILD, channel_id=CHANNEL, zone="UTC", now=MONDAY)
    start, length = MONDAY + timedelta(days=3), timedelta(hours=4)
    wall_time = start.replace(tzinfo=None)
    return add_session(
        transaction,
        channel_id=CHANNEL,
        created_by=ROBIN,
        details=Details("Thursday jelly", "The Alb", "", ROBIN, capacity=5),
        schedule=Schedule("UTC", wall_time, length),
        occurrence=Occurrence(wall_time, start, start + length),
        now=MONDAY,
    ).session_id


def make_database(file: Path, *, jellies: int = 2, name: str = "old") -> None:
    """Makes a database as the bot leaves it when it ends."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection)
        transaction = Transaction(connection)
        connection.execute("BEGIN")
        for _ in range(jellies):
            add_jelly(transaction)
        remember(transaction, "name", name)
        connection.execute("COMMIT")


def make_unmerged(file: Path) -> str:
    """Makes a database as a kill leaves it, with a ``-wal``; returns its contents.

    Its last changes are only in the ``-wal``.
    """
    make_database(file)
    in_use = file.with_name("in-use.sqlite3")
    file.rename(in_use)
    with closing(sqlite3.connect(in_use, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("INSERT INTO key_value VALUES ('late', 'news')")
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{in_use}{suffix}", f"{file}{suffix}")
        holds = dump(in_use)
    in_use.unlink()
    return holds


def make_first_version(file: Path) -> str:
    """Makes a database as the first Jelly left it, with a server in it; returns its contents."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        migrate(connection, up_to=1)
        connection.execute(
            "INSERT INTO guild (guild_id, channel_id, zone, announce_before) "
            "VALUES (1, 2, 'UTC', 60)"
        )
        connection.execute("INSERT INTO memory VALUES ('name', 'first')")
    return dump(file)


def make_older(file: Path, schema: int) -> str:
    """Makes a database with jellies as a Jelly with that schema left it; returns its contents.

    One message didn't arrive, and another may have come twice.
    """
    make_database(file)
    with closing(sqlite3.connect(file)) as connection, connection:
        for delivery_id, state, error in ((1, "expired", "too_late"), (2, "sent", "maybe_twice")):
            connection.execute(
                "UPDATE delivery SET state = ?, error = json_array(?) WHERE delivery_id = ?",
                (state, error, delivery_id),
            )
    put_back(file, to=schema)
    return dump(file)


def copy_of_one_jelly(folder: Path) -> Path:
    """Returns a copy of another database, which is deleted."""
    database = folder / "other.sqlite3"
    make_database(database, jellies=1, name="copy")
    copy = backups.backup(database, folder / "copy.sqlite3", now=MONDAY).path
    database.unlink()
    return copy


def spoil(file: Path, kind: str) -> None:
    """Damages a database."""
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


@contextmanager
def full_disk(is_full: bool = True) -> Iterator[None]:
    """Lets no file of this process grow beyond 64 kB, as on a disk without room for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if is_full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def dump(file: Path) -> str:
    """Returns all that a database holds."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        version = connection.execute("PRAGMA user_version").fetchone()
        return "\n".join([str(version), *connection.iterdump()])


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def files_in(folder: Path) -> dict[str, bytes] | None:
    """Returns the files of a folder by name, or ``None`` if there is no folder."""
    if not folder.is_dir():
        return None
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def assert_a_sentence(said: str) -> None:
    said = said.removesuffix("\n")
    assert said.endswith(".")
    assert "\n" not in said
