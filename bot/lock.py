"""Ensures that only one process uses a database, by whatever path it is named.

The lock stands beside the file to which links lead, as what SQLite keeps beside a database does.
A second name of the same file (a hard link) is not recognized.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from data.store.unusable import DatabaseUnusable

LONGEST_GLANCE = 0.2
"""Seconds to wait for the lock, since :func:`is_held` takes it for a moment."""


@contextmanager
def only_process_on(database: Path) -> Iterator[None]:
    """Hold the lock on the database. Raises DatabaseUnusable if another process holds it."""
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(_lock_file(database))
        lock.acquire(timeout=LONGEST_GLANCE)
    except Timeout as error:
        raise DatabaseUnusable(
            f"Another process already runs on the database {database}. Stop that one first; a "
            "second bot takes a file of its own in JELLY_DATABASE."
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


def is_held(database: Path) -> bool | None:
    """Whether a process holds the database; None if this user can't tell."""
    try:
        file = _lock_file(database)
        if not file.exists():
            return False
        with FileLock(file).acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return None


def _lock_file(database: Path) -> Path:
    real = Path(os.path.realpath(database))
    if not real.parent.is_dir():
        real = database  # the link leads nowhere, which opening the database tells
    return real.with_name(real.name + ".lock")
