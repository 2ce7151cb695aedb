"""The condition of a database file, looked at without changing it: is it whole, and whose is it?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from data.migrations import migrate, newest_version, version_of


class Flaw(Enum):
    UNREADABLE = auto()  # this user can't read it, or another program locks it
    FOREIGN = auto()  # another program's, or no database at all
    DAMAGED = auto()
    NEWER = auto()  # of a later version than this program knows


class Condition(NamedTuple):
    flaw: Flaw | None
    words: str
    """What is wrong, to be read after the file's name; "" where nothing is."""
    version: int = 0
    """The last migration it has seen, where that is known."""


def condition_of(database: Path) -> Condition:
    """What there is to say about a file that may be in use; reads all of it."""
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
    """A connection that changes nothing, for what may be in use by another process.

    Where nobody works on the file, nothing is made beside it: what SQLite makes there would belong
    to whoever looks. https://www.sqlite.org/uri.html
    """
    place = database.resolve()
    in_use = place.with_name(place.name + "-wal").exists()
    how = "mode=ro" if in_use else "mode=ro&immutable=1"
    return sqlite3.connect(f"{place.as_uri()}?{how}", uri=True, isolation_level=None)


def is_cut_off(connection: sqlite3.Connection, database: Path) -> bool:
    """Whether the end of the last page is missing, for which SQLite may read nothing.

    The file is not opened besides: closing it would end SQLite's own locks in this process
    (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    version_of(connection)  # reads the header, and with it the size of a page
    page: int = connection.execute("PRAGMA page_size").fetchone()[0]
    return database.stat().st_size % page != 0


def is_damage(error: sqlite3.DatabaseError) -> bool:
    return primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def primary_code(error: Exception) -> int:
    """The lower byte of SQLite's code, 0 without one: https://www.sqlite.org/rescode.html."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def flaw_in(connection: sqlite3.Connection) -> tuple[Flaw, str] | None:
    """What is wrong with a database, as in Condition; None where it is a whole one of Jelly's."""
    problem = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if problem != "ok":
        return Flaw.DAMAGED, f"is damaged ({' '.join(problem.split())})"
    return flaw_of_origin(connection)


def flaw_of_origin(connection: sqlite3.Connection) -> tuple[Flaw, str] | None:
    """Whether a database, whole or not, is of a Jelly that this program knows; as flaw_in."""
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
    """Whether nothing has ever been put into a database."""
    return version_of(connection) == 0 and not _tables(connection)


def _tables_of_version(version: int) -> set[str]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        migrate(empty, up_to=version)
        return _tables(empty)


def _tables(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in rows}
