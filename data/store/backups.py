"""Copies of the database: made while it is in use, checked, and named once they are complete.

SQLite copies what is committed at one moment (https://www.sqlite.org/backup.html). Reading the
file without SQLite would make this process lose its locks on it
(https://www.sqlite.org/howtocorrupt.html, 2.2).
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from data.migrations import newest_version, version_of
from data.store.integrity import flaw_in, is_cut_off, is_damage
from data.store.private_files import FILE, FOLDER
from data.store.transaction import Transaction
from data.store.unusable import DatabaseUnusable

BUSY_SECONDS = 10.0
"""Seconds to wait for another program's lock."""
ROOM_TO_WORK = 10_000_000
"""Bytes that an automatic copy leaves free on the disk, for changes and SQLite's -wal."""
MOST_KEPT_ASIDE = 5
"""The most copies made before upgrades and restores that are kept, however new."""


class BackupFailed(Exception):
    """No copy was written or restored; ``str()`` is the sentence for the person running the bot."""


class Copy(NamedTuple):
    """A complete copy, and the number of sessions in it."""

    path: Path
    sessions: int


class Restored(NamedTuple):
    """The number of restored sessions, and where the replaced database is, if there was one."""

    sessions: int
    replaced: Path | None


def backup(database: Path, wanted: Path, *, now: datetime) -> Copy:
    """Copies a database that may be in use to a new file, or into a folder under a dated name.

    Raises BackupFailed.
    """
    with _looking_at(wanted):
        target = wanted / _name(database, _stamp(now)) if wanted.is_dir() else wanted
        if target.exists():
            raise BackupFailed(
                f"{target} exists already. Name a new file, or a folder to put it into."
            )
        if not target.suffix:
            raise BackupFailed(
                f"There is no folder {target}. Make it, or name a new file with an ending, such as "
                f"{target}.sqlite3."
            )
        if not target.parent.is_dir():
            raise BackupFailed(
                f"The folder {target.parent} does not exist. Make it, or name another one."
            )
    return _write(database, target)


def nightly_copy(database: Path, day: date, *, keep: int) -> Copy | None:
    """Makes the copy of a day, unless it exists, and deletes the oldest beyond ``keep`` (from 1).

    Only for the process that holds the database. Returns the new copy, or None if the day had one.
    Raises BackupFailed.
    """
    folder = _folder(database)
    target = folder / _name(database, f"nightly-{day}")
    made = None if target.exists() else _write(database, target, leaving=ROOM_TO_WORK)
    try:
        _remove_broken_off(folder, _nightly_names(database))
        # Copies with a later date, made while the clock was ahead, must not displace this one.
        copies = [copy for copy in _nightly_copies(database) if copy.name <= target.name]
        for old in copies[:-keep]:
            old.unlink()
    except OSError as error:
        raise _undeletable(folder, error) from error
    return made


def _undeletable(folder: Path, error: OSError) -> BackupFailed:
    return BackupFailed(
        f"Old copies in {folder} can't be deleted ({error.strerror}). Make it writable for this "
        "user."
    )


def prune_kept_aside(database: Path, *, made_before: datetime) -> list[Path]:
    """Deletes copies made before upgrades and restores: old ones, and beyond MOST_KEPT_ASIDE.

    Returns what was deleted. Raises BackupFailed.
    """
    folder = folder_of_copies(database)
    if not folder.is_dir():
        return []
    aside = re.compile(
        rf"({re.escape(_stem(database))}-(?:before-v\d+|replaced-\d{{4}}-\d\d-\d\d-\d{{6}})\.sqlite3)"
        r"(?:-wal|-journal)?"
    )
    try:
        # A damaged database may have been kept with a file beside it, which goes with it.
        copies: dict[str, list[Path]] = {}
        for entry in folder.iterdir():
            if (named := aside.fullmatch(entry.name)) and entry.is_file():
                copies.setdefault(named[1], []).append(entry)
        made = {name: max(f.stat().st_mtime for f in files) for name, files in copies.items()}
        newest_first = sorted(copies, key=lambda name: -made[name])
        old = [
            name
            for place, name in enumerate(newest_first)
            if place >= MOST_KEPT_ASIDE or made[name] <= made_before.timestamp()
        ]
        gone = [file for name in old for file in copies[name]]
        for file in gone:
            file.unlink()
    except OSError as error:
        raise _undeletable(folder, error) from error
    return gone


def newest_nightly(database: Path) -> tuple[Path, date] | None:
    """Returns the newest copy of a day and that day; None if there is none or it can't be read."""
    try:
        newest = _nightly_copies(database)[-1]
        return newest, date.fromisoformat(newest.stem[-len("2026-12-03") :])
    except (OSError, IndexError, ValueError):
        return None


def _nightly_copies(database: Path) -> list[Path]:
    """Returns the copies of days, oldest first."""
    nightly = re.compile(_nightly_names(database))
    entries = folder_of_copies(database).iterdir()
    return sorted(entry for entry in entries if nightly.fullmatch(entry.name) and entry.is_file())


def _nightly_names(database: Path) -> str:
    return rf"{re.escape(_stem(database))}-nightly-\d{{4}}-\d\d-\d\d\.sqlite3"


def copy_before_upgrade(connection: sqlite3.Connection, database: Path) -> None:
    """Copies a database if an upgrade is due and a server has been set up in it.

    Raises DatabaseUnusable if the copy can't be made.
    """
    newest = newest_version()
    if not 0 < version_of(connection) < newest:
        return
    if connection.execute("SELECT 1 FROM guild").fetchone() is None:
        return
    try:
        _write(database, _folder(database) / _name(database, f"before-v{newest}"))
    except BackupFailed as problem:
        raise DatabaseUnusable(
            f"{problem} The database is not upgraded without a copy; nothing was changed."
        ) from problem


def restore(
    copy: Path,
    database: Path,
    *,
    now: datetime,
    change: Callable[[Transaction], None] | None = None,
) -> Restored:
    """Replaces the database with a copy, and keeps the old one in ``backups`` beside it.

    ``change`` is made to what is put in place, unless it has an older schema: then the next start
    upgrades it, and plans all anew.

    Only for the process that holds the database. If it is killed at any moment, the old or the new
    database is there, complete. Raises BackupFailed.
    """
    with _looking_at(copy):
        if not copy.is_file():
            raise BackupFailed(f"There is no copy {copy}. Name the file to restore.")
        if database.exists() and copy.samefile(database):
            raise BackupFailed(f"{copy} is the database itself. Name a copy of it.")
    replaced = _folder(database) / _name(database, f"replaced-{_stamp(now)}")
    if replaced.exists():
        raise BackupFailed(f"{replaced} exists already. Try again in a second.")
    # A link stays a link: SQLite also keeps the files beside a database where the link leads.
    place = database.resolve()
    had_one = place.exists()
    with _arriving(place, like=place) as file:
        sessions = _copy(copy, file, "Nothing was changed; try another copy.")
        if change is not None:
            _change(file, change)
        _keep(place, replaced)
    return Restored(sessions, replaced if had_one else None)


def _write(database: Path, target: Path, *, leaving: int = 0) -> Copy:
    with _looking_at(database):
        if not database.exists():
            raise BackupFailed(
                f"There is no database {database} to copy. Start the bot once, or check "
                "JELLY_DATABASE."
            )
        if shutil.disk_usage(target.parent).free < database.stat().st_size + leaving:
            raise BackupFailed(
                f"The disk of {target.parent} has too little room for a copy and for the bot to "
                "work. Free some space on it."
            )
    with _arriving(target, like=database) as file:
        sessions = _copy(database, file, "Restore an older copy of it.")
    return Copy(target, sessions)


def _folder(database: Path) -> Path:
    """Returns the folder beside the database for automatic copies; creates it if missing.

    Raises BackupFailed if it can't be created.
    """
    folder = folder_of_copies(database)
    try:
        if not folder.is_dir():
            folder.mkdir()
            _make_private(folder, like=folder.parent)
    except OSError as error:
        raise BackupFailed(
            f"The folder {folder} for copies can't be made ({error.strerror}). Make it yourself, "
            "writable for this user."
        ) from error
    return folder


def folder_of_copies(database: Path) -> Path:
    """Returns the folder beside the database in which copies are kept that nobody asked for."""
    return database.parent / "backups"


def _name(database: Path, what: str) -> str:
    return f"{_stem(database)}-{what}.sqlite3"


def _stem(database: Path) -> str:
    return database.name.removesuffix(".sqlite3")


def _stamp(now: datetime) -> str:
    return f"{now:%Y-%m-%d-%H%M%S}"


@contextmanager
def _looking_at(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupFailed(
            f"{path} can't be looked up ({error.strerror}). Check the path, and that this user may "
            "go there."
        ) from error


@contextmanager
def _arriving(target: Path, *, like: Path) -> Iterator[Path]:
    """Yields a file to write, which gets the target's name once it is complete and on the disk.

    It gets the owner of ``like``, who alone may open it. Raises BackupFailed if it can't be
    written, and then leaves no file.
    """
    try:
        _remove_broken_off(target.parent, re.escape(target.name))
        with tempfile.TemporaryDirectory(
            prefix=f"{target.name}.", suffix=".part", dir=target.parent
        ) as folder:
            file = Path(folder) / target.name
            yield file
            _make_private(file, like=like)
            _sync(file)
            os.replace(file, target)  # noqa: PTH105  the tests watch the moments around it
            _sync_folder(target.parent)
    except (sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise BackupFailed(
            f"{target} can't be written ({reason}). Check that this user may write to its folder "
            "and that the disk is not full."
        ) from error


def _remove_broken_off(folder: Path, targets: str) -> None:
    """Removes unfinished files of killed attempts at targets whose names match ``targets``."""
    broken_off = re.compile(rf"{targets}\.\w{{8}}\.part")
    for entry in folder.iterdir():
        if broken_off.fullmatch(entry.name) and entry.is_dir():
            shutil.rmtree(entry)


def _copy(source: Path, file: Path, advice: str) -> int:
    """Copies what is committed now into a self-contained file; returns its number of sessions.

    Raises BackupFailed if the source can't be read or is not a complete Jelly database.
    """
    with _reading(source, advice) as connection, closing(_connect(file, mode="rwc")) as copy:
        copy.execute("PRAGMA synchronous = OFF")  # it is synced once, when it is complete
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
    try:
        with closing(_connect(file)) as copy:
            flaw = flaw_in(copy)
            if flaw is None:
                return int(copy.execute("SELECT COUNT(*) FROM session").fetchone()[0])
            words = flaw[1]
    except sqlite3.DatabaseError as error:
        words = f"is damaged ({error})"
    raise BackupFailed(f"{source} {words}. {advice}")


def _change(file: Path, change: Callable[[Transaction], None]) -> None:
    """Makes a change in a self-contained file, if its schema is today's."""
    with closing(_connect(file)) as connection:
        if version_of(connection) == newest_version():
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN")
            change(Transaction(connection))
            connection.execute("COMMIT")


@contextmanager
def _reading(database: Path, advice: str) -> Iterator[sqlite3.Connection]:
    """Yields a connection that sees the database as it is now, unaffected by later changes.

    Raises BackupFailed if it can't be read.
    """
    is_open = False
    try:
        with closing(_connect(database)) as connection:
            # Without a transaction, Connection.backup would wait for a lock without a limit.
            connection.execute("BEGIN")
            cut_off = is_cut_off(connection, database)
            is_open = True
            if cut_off:
                raise BackupFailed(f"{database} is cut off at its end. {advice}")
            yield connection
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise BackupFailed(f"{database} is damaged ({error}). {advice}") from error
        if not is_open:
            raise BackupFailed(
                f"{database} can't be read ({error}). Check that no other program locks it, and "
                "that this user may read it and write beside it."
            ) from error
        raise  # the error is in writing the copy


def _connect(database: Path, *, mode: str = "rw") -> sqlite3.Connection:
    # "rw" creates no file: https://www.sqlite.org/uri.html.
    return sqlite3.connect(
        f"{database.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
    )


def _keep(database: Path, target: Path) -> None:
    """Copies the database to ``target``, and removes the files beside it.

    SQLite would apply files left beside a database to the next one in its place.
    """
    if database.exists():
        _make_one_file(database)
    # Beside a damaged database, files that SQLite could not merge may remain.
    for suffix in ("-wal", "-journal", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            with _arriving(target.with_name(target.name + suffix), like=part) as file:
                shutil.copyfile(part, file)
    for suffix in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    _sync_folder(database.parent)


def _make_one_file(database: Path) -> None:
    """Merges the ``-wal`` into the database, unless that is too damaged.

    Raises BackupFailed if it fails for another reason.
    """
    try:
        with closing(_connect(database)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise BackupFailed(
                f"The database {database} can't be kept aside ({error}). Close what else uses it, "
                "or move it away yourself with the files beside it, and try again."
            ) from error


def _make_private(new: Path, *, like: Path) -> None:
    """Gives a file or folder to the owner of another, and to nobody else, if possible."""
    # Some file systems have neither owners nor modes, and only root may change the owner.
    with suppress(OSError):
        new.chmod(FOLDER if new.is_dir() else FILE)
        os.chown(new, like.stat().st_uid, like.stat().st_gid)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _sync_folder(folder: Path) -> None:
    # Errors are ignored, as in SQLite: some network file systems can't sync a folder, and the file
    # itself is on the disk.
    with suppress(OSError):
        _sync(folder)
