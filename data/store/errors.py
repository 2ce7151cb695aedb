"""What the person running the bot can do about errors of SQLite: a sentence for each."""

from __future__ import annotations

import logging
import os
import secrets
import sqlite3
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from data.store.backups import newest_nightly
from data.store.integrity import primary_code
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

TELL_AGAIN = 600.0
"""Seconds after which an error that persists is logged again."""
FULL_BELOW = 1_000_000
"""A disk with fewer free bytes than this counts as full."""


class Place(NamedTuple):
    """What is known about the place of a database."""

    free: int
    """Bytes free on its disk for this user; FULL_BELOW if that isn't known."""
    read_only: bool
    """Whether its disk is read-only."""
    copy: Path | None
    """The newest nightly copy of it; None if there is none."""


class Outage:
    """Logs what is wrong with a database: once, then every TELL_AGAIN seconds while it lasts."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[str, float]] = {}
        self.lasts = False
        """Whether an error was logged since a change was last stored."""

    def told(self, sentence: str) -> str:
        """Logs a sentence, unless it was logged recently; returns its number in the log."""
        number, at = self._told.get(sentence, ("", -TELL_AGAIN))
        if monotonic() - at >= TELL_AGAIN:
            number = secrets.token_hex(3)
            log.error("Error %s: %s", number, sentence)
            self._told[sentence] = number, monotonic()
            self.lasts = True
        return number

    def ends(self) -> None:
        self.lasts = False
        log.info("Changes are stored again.")


def unusable(error: sqlite3.Error | OSError, database: Path) -> DatabaseUnusable | None:
    """Returns the error for the person running the bot; None if it is a fault of the program."""
    if isinstance(error, OSError):
        return DatabaseUnusable(
            f"{database} can't be looked up ({error.strerror}). Check the path, that its disk is "
            "there, and that this user may go there."
        )
    sentence = what_to_do(error, database, _look_around(database))
    return None if sentence is None else DatabaseUnusable(sentence)


def gone() -> sqlite3.Error:
    """Returns the error to raise if the names of the open files now belong to others or to none.

    SQLite would not notice, and would go on writing into files that can't be found again.
    """
    error = sqlite3.OperationalError("the file was moved or deleted")
    error.sqlite_errorcode = sqlite3.SQLITE_READONLY_DBMOVED
    error.sqlite_errorname = "SQLITE_READONLY_DBMOVED"
    return error


def needs_new_connections(error: Exception) -> bool:
    """Returns whether connections stay unusable after an error, even once its cause has ended."""
    return primary_code(error) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def what_to_do(error: sqlite3.Error, database: Path, place: Place) -> str | None:
    """Returns the sentence for an error of SQLite; None if only a programmer can help.

    Codes: https://www.sqlite.org/rescode.html
    """
    code = primary_code(error)
    if not code:
        return None
    reason = f"{error}, {error.sqlite_errorname}"
    if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_DBMOVED:
        return (
            f"{database} is gone, or the -wal beside it: moved, deleted, or their disk is away. "
            f"Put back what was there; or stop the bot, and {_restore(database, place)}."
        )
    if code == sqlite3.SQLITE_CORRUPT:
        return (
            f"{database} is damaged, or its disk is failing ({reason}). Stop the bot, check the "
            f"disk, and {_restore(database, place)}."
        )
    if code == sqlite3.SQLITE_NOTADB:
        return (
            f"{database} is not a database, or its beginning is damaged. Stop the bot, and "
            f"{_restore(database, place)}; or point JELLY_DATABASE at another file."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return (
            f"Another program keeps {database} locked. Close it, such as a database browser with "
            f"a change in hand; where there is fuser, `fuser -v {database}` names it."
        )
    if code not in (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOLFS,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    ):
        return None
    # SQLite reports the same fault of a disk under several codes, so the disk is checked first.
    if place.read_only:
        return f"The disk of {database} may only be read. Mount it so that it can be written, too."
    if code == sqlite3.SQLITE_FULL or place.free < FULL_BELOW:
        return f"The disk of {database} is full. Free some space on it."
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOLFS):
        return (
            f"The disk of {database} can't be read or written ({reason}). Check that it is there, "
            "that this user may use more of it, and that it is not failing."
        )
    return (
        f"{database} can't be opened or written ({reason}). Check that this user may read and "
        "write it, the files beside it and its folder."
    )


def _restore(database: Path, place: Place) -> str:
    copy = place.copy or "COPY"
    none = "" if place.copy else f" (there is none in {database.parent / 'backups'})"
    return f"put a copy back with `python -m bot restore {copy}`{none}"


def _look_around(database: Path) -> Place:
    nightly = newest_nightly(database)
    copy = None if nightly is None else nightly[0]
    try:
        disk = os.statvfs(database.resolve().parent)
    except OSError:  # free space and mount flags are unknown
        return Place(FULL_BELOW, False, copy)
    return Place(disk.f_bavail * disk.f_frsize, bool(disk.f_flag & os.ST_RDONLY), copy)
