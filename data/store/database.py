"""One SQLite file: every change is a function over one transaction, run in one hop.

The cost of SQLite behind asyncio is the hop between threads and the sync to disk, not the SQL. So
a change never awaits in the middle, and the writer commits whatever is waiting together: one sync
then pays for all of it, and every answered press has reached the disk (``synchronous=FULL``).
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
from data.store.backups import copy_before_upgrade
from data.store.connect import check_place, connect, is_there, wal_of
from data.store.errors import Outage, gone, needs_new_connections, unusable
from data.store.integrity import connect_to_look
from data.store.transaction import Transaction
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

T = TypeVar("T")


OLDEST_SQLITE = (3, 37)
"""STRICT tables came with it: https://www.sqlite.org/stricttables.html."""


Change = Callable[[Transaction], T]


class _Waiting:
    """One change in the queue, and who waits for it."""

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
    """An aiosqlite connection that runs a whole function of the connection in its thread."""

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except BaseException:
            # aiosqlite stops its thread without waiting, and it must not outlive the event loop.
            await asyncio.to_thread(self._thread.join)
            raise

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        # aiosqlite offers only single statements in public; its own methods are built on this one.
        execute = cast("Callable[..., Awaitable[T]]", self._execute)
        return await execute(function, self._conn)

    async def close(self) -> None:
        if self._connection is not None:
            # SQLite would not do it for a file that was moved away, and what is in its place now
            # would take the -wal for its own.
            with suppress(sqlite3.Error):
                await self.run(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").close())
        await super().close()

    def run_soon(self, function: Callable[[sqlite3.Connection], None]) -> None:
        """Queue a function for the thread without waiting for it."""
        self._tx.put_nowait((None, lambda: function(self._conn)))


class Database:
    """The open file: :meth:`write` changes it, :meth:`read` looks at it.

    Where its disk fails it, both raise DatabaseUnusable until it can be used again, and the log is
    told what to do. A file that was moved or deleted is opened again once it is back.
    """

    def __init__(self, path: Path, connections: tuple[_Connection, _Connection]) -> None:
        self.path = path
        self.commits = 0
        """Transactions since the file was opened; changes committed together count once."""
        self._waiting: deque[_Waiting] = deque()
        self._outage = Outage()
        self._reopening: asyncio.Task[None] | None = None
        self._takes_changes = True
        self._take(connections)

    def _take(self, connections: tuple[_Connection, _Connection]) -> None:
        self._writer, self._reader = connections
        self._is_lost = False
        """Whether these are of no more use."""
        self._names = (str(self.path), str(wal_of(self.path)))
        self._identities = _identities(self._names)

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, made with its folder where missing, and bring its schema up to date.

        An older one with data in it is copied first, into ``backups`` beside it. Raises
        DatabaseUnusable, with a sentence for whoever hosts the bot; what isn't Jelly's is not
        changed.
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
        try:
            return cls(path, await _open(path, mode="rwc"))
        except (sqlite3.Error, OSError) as error:
            raise unusable(error, path) or DatabaseUnusable(
                f"The database {path} can't be used ({error}). Restore a copy of it."
            ) from error

    @classmethod
    async def look_at(cls, path: Path) -> Self:
        """Open a whole file of this version for :meth:`read` alone, also while a bot works on it.

        Raises sqlite3.Error.
        """
        database = cls(path, await _connect(lambda: connect_to_look(path)))
        database._takes_changes = False
        return database

    async def write(self, change: Change[T]) -> T:
        """Run a change in a transaction; when this returns, it is on the disk.

        An exception raised by the change undoes that change alone and is raised here.
        """
        if self._is_lost:
            await self._open_again()
        if not self._takes_changes:
            raise DatabaseUnusable("The bot is stopping, so nothing can be changed any more.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(change, future))
        writer = self._writer
        if len(self._waiting) == 1:
            # Whatever comes up in the same turn of the event loop is committed together.
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
        """Run a query on one consistent state of the store."""

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

    async def close(self) -> None:
        """Finish the changes that are waiting, then close the file."""
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
        """In the writer's thread: commit everything that is waiting in one transaction."""
        batch: list[_Waiting] = []
        while self._waiting:
            batch.append(self._waiting.popleft())
        if not batch:
            return  # an earlier call took these along
        try:
            self._check_files()
            _run_together(connection, batch)
            # Nobody may hear that something is saved which went into a file that is gone.
            self._check_files()
            self.commits += 1
        except BaseException as error:
            # Told first: whoever waits must never hear that it is saved, whatever fails next.
            for waiting in batch:
                waiting.outcome = error
            self._undo(connection)
            if not isinstance(error, Exception):
                raise
        finally:
            loop = batch[0].future.get_loop()
            loop.call_soon_threadsafe(_deliver, batch)

    def _undo(self, connection: sqlite3.Connection) -> None:
        """In a connection's thread: roll back, unless SQLite has done so already."""
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
        """Raise the error as DatabaseUnusable and tell the log, unless it is the program's own."""
        if of in (self._writer, self._reader) and needs_new_connections(error):
            self._is_lost = True
        problem = await asyncio.to_thread(unusable, error, self.path)
        if problem is None:
            return
        problem.number = self._outage.told(str(problem))
        raise problem from error

    async def _open_again(self) -> None:
        """Have new connections; whoever needs them meanwhile waits for the same ones."""
        if not self._takes_changes:
            return
        if self._reopening is None or self._reopening.done():
            self._reopening = asyncio.create_task(self._reopen(), name="opening the database")
        await asyncio.shield(self._reopening)

    async def _reopen(self) -> None:
        try:
            # While nothing is there, nothing is closed: it may be put back as it was.
            if not await asyncio.to_thread(is_there, self.path):
                raise gone()
            # Both before either is opened again: they share what SQLite knows of the -wal.
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
    """One connection to write with, one to read with, and a schema that is up to date.

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
    """Which files have these names now; None where none has."""
    found: list[tuple[int, int] | None] = []
    for name in names:
        try:
            file = os.stat(name)  # noqa: PTH116  half the time, with every commit
        except OSError:
            found.append(None)
        else:
            found.append((file.st_dev, file.st_ino))
    return found


def _run_together(connection: sqlite3.Connection, batch: list[_Waiting]) -> None:
    transaction = Transaction(connection)
    connection.execute("BEGIN IMMEDIATE")
    if len(batch) == 1:
        # Alone, it needs no savepoint: what it raises undoes the transaction.
        batch[0].outcome = batch[0].change(transaction)
        connection.execute("COMMIT")
        return
    for waiting in batch:
        connection.execute("SAVEPOINT change")
        try:
            waiting.outcome = waiting.change(transaction)
        except Exception as error:  # it belongs to whoever asked for the change
            waiting.outcome = error
            if not connection.in_transaction:
                # SQLite itself rolled the whole transaction back: a full disk, an I/O error.
                raise
            connection.execute("ROLLBACK TO change")
        connection.execute("RELEASE change")
    connection.execute("COMMIT")


def _deliver(batch: list[_Waiting]) -> None:
    for waiting in batch:
        waiting.deliver()
