"""Files that only the user who runs the bot may read: what people typed stands in them."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

FILE, FOLDER = 0o600, 0o700
"""Modes of files and folders."""
OTHERS = 0o077
"""What the group and others may do with a file."""


def make_private(database: Path, copies: Path) -> None:
    """Takes the database, the files beside it and its copies away from other users.

    Those of another user stay as they are. What can't be changed is logged.
    """
    for path in open_to_others(database, copies):
        try:
            if path.stat().st_uid == os.geteuid():
                path.chmod(FOLDER if path.is_dir() else FILE)
        except OSError as error:
            log.warning("Other users of this machine may still open %s: %r", path, error)


def open_to_others(database: Path, copies: Path) -> list[Path]:
    """Returns those of the same files that other users of the machine may open."""
    return [path for path in _files_of(database, copies) if is_open_to_others(path)]


def is_open_to_others(path: Path) -> bool:
    """Whether other users may do anything with a file; False if there is none.

    False, too, if it is hidden from this user or modes mean nothing on this machine.
    """
    try:
        return os.name == "posix" and bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False


def _files_of(database: Path, copies: Path) -> Iterator[Path]:
    """Yields the database, its lock, what SQLite keeps beside it, and its copies and their folder.

    They are beside the file to which a link leads; the copies beside the link.
    """
    real = Path(os.path.realpath(database))
    # The database first: SQLite gives its mode to the files that it makes beside it.
    for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
        yield real.with_name(real.name + suffix)
    with suppress(OSError):
        yield copies
        stem = database.name.removesuffix(".sqlite3")
        yield from sorted(copies.glob(f"{stem}-*.sqlite3"))
