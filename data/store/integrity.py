"""Checks of a database file that change nothing: whether it is complete, and of which program."""

from __future__ import annotations

import sqlite3
from collections.abc import Set
from contextlib import closing
from enum import Enum, auto
from functools import cache
from pathlib import Path
from typing import NamedTuple

from data.migrations import migrate, newest_version, version_of


class Flaw(Enum):
    UNREADABLE = auto()  # this user can't read it, or another program locks it
    FOREIGN = auto()  # another program's, or not a database
    DAMAGED = auto()
    NEWER = auto()  # of a later version than this program knows


class Condition(NamedTuple):
    flaw: Flaw | None
    words: str
    """What is wrong, to be read after the file's name; "" if nothing is."""
    version: int = 0
    """The number of the last migration run on it; 0 if that is not known."""


def condition_of(database: Path) -> Condition:
    """Returns the condition of a file that may be in use; reads all of it."""
    try:
        with closing(connect_to_look(database)) as connection:
            version = version_of(connection)
            if is_cut_off(connection, database):
                return Condition(Flaw.DAMAGED, "is cut off at its end", version)
            found = flaw_in(connection)
            return Condition(*found, version) if found else Condition(None, "", version)
    except (sqlite3.Error, OSError) as error:
        flaw = Flaw.UNREADABLE
        if isinstance(error, sqlite3.DatabaseError) and is_damage(error):
            not_one = primary_code(error) == sqlite3.SQLITE_NOTADB
            flaw = Flaw.FOREIGN if not_one else Flaw.DAMAGED
        return Condition(flaw, f"{_VERBS[flaw]} ({getattr(error, 'strerror', None) or error})")


_VERBS = {
    Flaw.UNREADABLE: "can't be read",
    Flaw.FOREIGN: "is no database",
    Flaw.DAMAGED: "is damaged",
}


def connect_to_look(database: Path) -> sqlite3.Connection:
    """Returns a connection that changes nothing, for a file that another process may be using.

    If no process uses the file, no files are created beside it, because they would belong to the
    user of this process. https://www.sqlite.org/uri.html
    """
    place = database.resolve()
    in_use = place.with_name(place.name + "-wal").exists()
    how = "mode=ro" if in_use else "mode=ro&immutable=1"
    return sqlite3.connect(f"{place.as_uri()}?{how}", uri=True, isolation_level=None)


def is_cut_off(connection: sqlite3.Connection, database: Path) -> bool:
    """Returns whether the end of the last page is missing, from which SQLite may read nothing.

    The file is not opened without SQLite: closing it would end SQLite's locks in this process
    (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    version_of(connection)  # reads the header, which holds the page size
    page: int = connection.execute("PRAGMA page_size").fetchone()[0]
    return database.stat().st_size % page != 0


def is_damage(error: sqlite3.DatabaseError) -> bool:
    return primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def primary_code(error: Exception) -> int:
    """Returns the lower byte of SQLite's error code, or 0 if the error has none.

    Codes: https://www.sqlite.org/rescode.html
    """
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def flaw_in(connection: sqlite3.Connection) -> tuple[Flaw, str] | None:
    """Returns what is wrong with a database, as in Condition; None if it is whole and Jelly's."""
    problem = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if problem != "ok":
        return Flaw.DAMAGED, f"is damaged ({' '.join(problem.split())})"
    return flaw_of_origin(connection)


def flaw_of_origin(connection: sqlite3.Connection) -> tuple[Flaw, str] | None:
    """Returns a flaw unless a database, whole or not, is of a version of Jelly known here."""
    version, newest = version_of(connection), newest_version()
    tables = _tables(connection)
    if version > newest and tables & _tables_of_version(1):
        return Flaw.NEWER, (
            f"is from a newer Jelly (its version is {version}, this program knows {newest}; "
            "update it first)"
        )
    if 0 < version <= newest and tables >= _tables_of_version(version):
        return None
    return Flaw.FOREIGN, "is not a Jelly database"


def is_new(connection: sqlite3.Connection) -> bool:
    """Returns whether a database has neither a version nor tables."""
    return version_of(connection) == 0 and not _tables(connection)


@cache
def _tables_of_version(version: int) -> Set[str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        migrate(empty, up_to=version)
        return _tables(empty)


def _tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in rows}
