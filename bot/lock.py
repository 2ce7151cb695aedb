"""One process on one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from data.errors import DatabaseUnusable


@contextmanager
def only_process_on(database: Path) -> Iterator[None]:
    """Hold the database, or raise DatabaseUnusable where another process does."""
    lock = FileLock(database.with_name(database.name + ".lock"))
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout as error:
        raise DatabaseUnusable(
            f"Another process already runs on the database {database}. Stop that one first, or "
            "give this one its own file with JELLY_DATABASE."
        ) from error
    except OSError as error:
        raise DatabaseUnusable(
            f"The folder {database.parent} for the database can't be written ({error.strerror}). "
            "Make it writable for this user, or point JELLY_DATABASE somewhere else."
        ) from error
    try:
        yield
    finally:
        lock.release()
