"""Opening the database's file, after checking what is in its place before changing anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from data.migrations import version_of
from data.store.backups import newest_nightly
from data.store.integrity import connect_to_look, flaw_of_origin, is_new
from data.store.unusable import DatabaseUnusable

BUSY_SECONDS = 1.0
"""Seconds to wait for another process's lock.

A change may also wait for the one before it, and Discord accepts no answer after 3 s.
"""


def wal_of(path: Path) -> Path:
    """Returns the path of SQLite's latest changes: beside the file to which a link leads."""
    return Path(f"{path.resolve()}-wal")


def check_place(path: Path) -> None:
    """Checks that a file is missing, empty, or a database of this program; changes nothing.

    Raises DatabaseUnusable otherwise, also if it is missing or empty and a -wal or copies of it
    exist. Raises sqlite3.Error or OSError if it can't be read.
    """
    if path.is_symlink() and not path.exists():
        raise DatabaseUnusable(
            f"{path} leads to {path.readlink()}, which is not there. Mount its disk, or remove the "
            "link."
        )
    if path.is_dir():
        raise DatabaseUnusable(f"{path} is a folder. Point JELLY_DATABASE at a file in it.")
    wal = wal_of(path)
    if not is_there(path):
        # SQLite would create a new database and delete the -wal.
        if is_there(wal):
            raise DatabaseUnusable(
                f"{path} is missing or empty, and {wal.name} beside it holds changes to it. Put it "
                "back, or move that away to begin with a new one or a copy."
            )
        if (newest := newest_nightly(path)) is not None:
            copy, _ = newest
            raise DatabaseUnusable(
                f"{path} is missing or empty, and there are copies of it. Put the newest back with "
                f"`python -m bot restore {copy}`, or move {copy.parent} away to begin anew."
            )
        return
    with closing(connect_to_look(path)) as connection:
        flaw = None if is_new(connection) else flaw_of_origin(connection)
    if flaw is not None:
        raise DatabaseUnusable(
            f"{path} {flaw[1]}. Move it away, or point JELLY_DATABASE at another file."
        )


def is_there(path: Path) -> bool:
    """Returns whether a file exists and is not empty."""
    return path.exists() and path.stat().st_size > 0


def connect(path: Path, *, mode: str) -> sqlite3.Connection:
    """Returns a connection whose changes are on the disk once they are committed.

    ``mode`` is one of https://www.sqlite.org/uri.html. Raises sqlite3.Error, also if the file can't
    be written.
    """
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=256,
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        # What is deleted is overwritten: https://www.sqlite.org/pragma.html#pragma_secure_delete
        connection.execute("PRAGMA secure_delete = ON")
        # A missing permission to write shows here, not at the first press. Nothing is written.
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA user_version = {version_of(connection)}")
        connection.execute("ROLLBACK")
    except BaseException:
        connection.close()
        raise
    return connection
