"""The SQLite file: every change is a function of one transaction, run in one thread switch.

The cost of SQLite with asyncio is the switch between threads and the sync to disk, not the SQL. So
a change never awaits inside its transaction, and the writer commits all waiting changes together
with one sync. Every answered press has reached the disk (``synchronous=FULL``).
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import aiosqlite

from data.migrations import migrate
from data.store.backups import copy_before_upgrade, folder_of_copies
from data.store.connect import check_place, connect, is_there, wal_of
from data.store.errors import Outage, gone, needs_new_connections, unusable
from data.store.integrity import connect_to_look
from data.store.private_files import make_private
from data.store.transaction import Transaction
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

T = TypeVar("T")


OLDEST_SQLITE = (3, 37)
"""The first version with STRICT tables: https://www.sqlite.org/stricttables.html."""


Change = Callable[[Transaction], T]


class _Waiting:
    """One change in the queue, with the future of its caller and its outcome."""

    __slots__ = ("change", "future", "outcome")

    def __init__(self, change: Change[Any], future: asyncio.Future[Any]) -> None:
        self.change = change
        self.future = future
        self.outcome: Any = None

    def deliver(self) -> None:
        if self.future.done():
            return
        if isinstance(self.outcome, BaseException):
            self.future.set_exception(self.outcome)
        else:
            self.future.set_result(self.outcome)


class _Connection(aiosqlite.Connection):
    """An aiosqlite connection that can run a function of the connection in its thread."""

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except BaseException:
            # aiosqlite stops its thread without waiting, but it must not outlive the event loop.
            await asyncio.to_thread(self._thread.join)
            raise

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        # aiosqlite's public methods run single statements only; they are built on this one.
        execute = cast("Callable[..., Awaitable[T]]", self._execute)
        return await execute(function, self._conn)

    async def close(self) -> None:
        if self._connection is not None:
            # SQLite does no checkpoint for a file that was moved, and a new file in its place would
            # use the -wal as its own.
            with suppress(sqlite3.Error):
                await self.run(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").close())
        await super().close()

    def run_soon(self, function: Callable[[sqlite3.Connection], None]) -> None:
        """Queues a function for the thread without waiting for it."""
        self._tx.put_nowait((None, lambda: function(self._conn)))


class Database:
    """The open file: :meth:`write` changes it, :meth:`read` queries it.

    If its disk fails, both raise DatabaseUnusable until the file can be used again, and what to do
    is logged. A file that was moved or deleted is opened again once it is back.
    """

    def __init__(self, path: Path, connections: tuple[_Connection, _Connection]) -> None:
        self.path = path
        self.commits = 0
        """Commits since this object was created; changes committed together count once."""
        self._waiting: deque[_Waiting] = deque()
        self._outage = Outage()
        self._reopening: asyncio.Task[None] | None = None
        self._takes_changes = True
        self._take(connections)

    def _take(self, connections: tuple[_Connection, _Connection]) -> None:
        self._writer, self._reader = connections
        self._is_lost = False
        """Whether these connections have to be replaced."""
        self._names = (str(self.path), str(wal_of(self.path)))
        self._identities = _identities(self._names)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Opens the file, creates it and its folder if missing, and migrates its schema.

        A file with an older schema and data in it is copied first, into ``backups`` beside it.
        Raises DatabaseUnusable, with a sentence for the person running the bot. A file that is not
        Jelly's is not changed.
        """
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise DatabaseUnusable(
                f"This Python comes with SQLite {sqlite3.sqlite_version}, and 3.37 or newer is "
                "needed. Use a newer Python."
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnusable(
                f"The folder {path.parent} for the database can't be made ({error.strerror}). "
                "Make it yourself, or point JELLY_DATABASE at a place this user may write to."
            ) from error
        await asyncio.to_thread(make_private, path, folder_of_copies(path))
        try:
            return cls(path, await _open(path, mode="rwc"))
        except (sqlite3.Error, OSError) as error:
            raise unusable(error, path) or DatabaseUnusable(
                f"The database {path} can't be used ({error}). Restore a copy of it."
            ) from error

    @classmethod
    async def look_at(cls, path: Path) -> Self:
        """Opens a complete file of this version for :meth:`read` only, even while a bot uses it.

        Raises sqlite3.Error.
        """
        database = cls(path, await _connect(lambda: connect_to_look(path)))
        database._takes_changes = False
        return database

    async def write(self, change: Change[T]) -> T:
        """Runs a change in a transaction and returns its result once it is on the disk.

        An exception raised by the change undoes only that change and is raised here. Raises
        DatabaseUnusable if the file can't be used or the bot is stopping.
        """
        if self._is_lost:
            await self._open_again()
        if not self._takes_changes:
            raise DatabaseUnusable("The bot is stopping, so nothing can be changed any more.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(change, future))
        writer = self._writer
        if len(self._waiting) == 1:
            # Deferred, so that changes of the same turn of the event loop are committed together.
            asyncio.get_running_loop().call_soon(self._commit_soon)
        try:
            result = await future
        except sqlite3.Error as error:
            await self._explain(error, writer)
            raise
        if self._outage.lasts:
            self._outage.ends()
        return result

    async def read(self, query: Change[T]) -> T:
        """Runs a query on one consistent state of the store and returns its result."""

        def run(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN")
            try:
                return query(Transaction(connection))
            finally:
                self._undo(connection)

        if self._is_lost:
            await self._open_again()
        reader = self._reader
        try:
            return await reader.run(run)
        except sqlite3.Error as error:
            await self._explain(error, reader)
            raise

    async def rewrite_file(self) -> bool:
        """Rewrites the file and empties its -wal, so that nothing deleted is left in either.

        Changes wait for it. Returns False if another connection was reading, such as that of a
        copy: then it has to be done again. Raises DatabaseUnusable.
        """

        def rewrite(connection: sqlite3.Connection) -> bool:
            self._check_files()
            # Cells that SQLite moved between pages stay behind, even where it overwrites others.
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

        if self._is_lost:
            await self._open_again()
        if not self._takes_changes:
            raise DatabaseUnusable("The bot is stopping, so nothing can be changed any more.")
        writer = self._writer
        try:
            return await writer.run(rewrite)
        except sqlite3.Error as error:
            await self._explain(error, writer)
            raise

    async def close(self) -> None:
        """Finishes the waiting changes, then closes the file."""
        self._takes_changes = False
        if self._reopening is not None:
            await asyncio.wait((self._reopening,))
        self._commit_soon()
        await self._close_connections()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _commit_soon(self) -> None:
        self._writer.run_soon(self._commit_waiting)

    def _commit_waiting(self, connection: sqlite3.Connection) -> None:
        """Commits all waiting changes in one transaction; runs in the writer's thread."""
        batch: list[_Waiting] = []
        while self._waiting:
            batch.append(self._waiting.popleft())
        if not batch:
            return  # an earlier call committed these
        try:
            self._check_files()
            _run_together(connection, batch)
            # No change may be reported as saved if it was written to a file that is gone.
            self._check_files()
            self.commits += 1
        except BaseException as error:
            # Set first, so that no change is reported as saved if the rollback fails as well.
            for waiting in batch:
                waiting.outcome = error
            self._undo(connection)
            if not isinstance(error, Exception):
                raise
        finally:
            loop = batch[0].future.get_loop()
            loop.call_soon_threadsafe(_deliver, batch)

    def _undo(self, connection: sqlite3.Connection) -> None:
        """Rolls back, unless SQLite has done so already; runs in the connection's thread."""
        if connection.in_transaction:
            try:
                connection.execute("ROLLBACK")
            except sqlite3.Error:
                self._is_lost = True
                raise

    def _check_files(self) -> None:
        if _identities(self._names) != self._identities:
            raise gone()

    async def _explain(self, error: sqlite3.Error | OSError, of: _Connection | None = None) -> None:
        """Raises the error as DatabaseUnusable and logs it, unless it is a fault of the program."""
        if of in (self._writer, self._reader) and needs_new_connections(error):
            self._is_lost = True
        problem = await asyncio.to_thread(unusable, error, self.path)
        if problem is None:
            return
        problem.number = self._outage.told(str(problem))
        raise problem from error

    async def _open_again(self) -> None:
        """Opens new connections; concurrent callers wait for the same ones."""
        if not self._takes_changes:
            return
        if self._reopening is None or self._reopening.done():
            self._reopening = asyncio.create_task(self._reopen(), name="opening the database")
        await asyncio.shield(self._reopening)

    async def _reopen(self) -> None:
        try:
            # While the file is missing, nothing is closed: it may be put back unchanged.
            if not await asyncio.to_thread(is_there, self.path):
                raise gone()
            # Both are closed before either is opened: they share SQLite's state of the -wal.
            await self._close_connections()
            self._take(await _open(self.path, mode="rw"))
        except (sqlite3.Error, OSError) as error:
            await self._explain(error)
            raise
        except DatabaseUnusable as problem:
            problem.number = self._outage.told(str(problem))
            raise
        log.info("The database %s is open again.", self.path)

    async def _close_connections(self) -> None:
        await self._writer.close()
        await self._reader.close()


async def _open(path: Path, *, mode: str) -> tuple[_Connection, _Connection]:
    """Returns one connection to write with and one to read with, after migrating the schema.

    Raises DatabaseUnusable, sqlite3.Error or OSError.
    """
    await asyncio.to_thread(check_place, path)
    writer, reader = await _connect(lambda: connect(path, mode=mode))
    try:
        await writer.run(lambda connection: copy_before_upgrade(connection, path))
        await writer.run(migrate)
    except BaseException:
        await writer.close()
        await reader.close()
        raise
    return writer, reader


async def _connect(connect: Callable[[], sqlite3.Connection]) -> tuple[_Connection, _Connection]:
    def connected() -> sqlite3.Connection:
        connection = connect()
        connection.row_factory = sqlite3.Row
        return connection

    writer, reader = (_Connection(connected, iter_chunk_size=64) for _ in ("writer", "reader"))
    await writer
    try:
        await reader
    except BaseException:
        await writer.close()
        raise
    return writer, reader


def _identities(names: Sequence[str]) -> list[tuple[int, int] | None]:
    """Returns the device and inode of each name's file, or None if there is no file."""
    found: list[tuple[int, int] | None] = []
    for name in names:
        try:
            file = os.stat(name)  # noqa: PTH116  takes half the time, at every commit
        except OSError:
            found.append(None)
        else:
            found.append((file.st_dev, file.st_ino))
    return found


def _run_together(connection: sqlite3.Connection, batch: list[_Waiting]) -> None:
    transaction = Transaction(connection)
    connection.execute("BEGIN IMMEDIATE")
    if len(batch) == 1:
        # A single change needs no savepoint: an exception undoes the whole transaction.
        batch[0].outcome = batch[0].change(transaction)
        connection.execute("COMMIT")
        return
    for waiting in batch:
        connection.execute("SAVEPOINT change")
        try:
            waiting.outcome = waiting.change(transaction)
        except Exception as error:  # it is raised to the caller of this change
            waiting.outcome = error
            if not connection.in_transaction:
                # SQLite rolled the whole transaction back, such as on a full disk or an I/O error.
                raise
            connection.execute("ROLLBACK TO change")
        connection.execute("RELEASE change")
    connection.execute("COMMIT")


def _deliver(batch: list[_Waiting]) -> None:
    for waiting in batch:
        waiting.deliver()
