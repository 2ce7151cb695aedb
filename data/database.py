"""One SQLite file: every change is a function over one transaction, run in one hop.

The cost of SQLite behind asyncio is the hop between threads and the sync to disk, not the SQL. So
a change never awaits in the middle, and the writer commits whatever is waiting together: one sync
then pays for all of it, and every answered press has reached the disk (``synchronous=FULL``).
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar, cast

import aiosqlite

from data.backups import copy_before_upgrade
from data.condition import connect_to_look
from data.errors import DatabaseUnusable
from data.migrations import migrate

log = logging.getLogger(__name__)

T = TypeVar("T")


class Row(Protocol):
    """One row: a value by its column's name, some by a slice, all by going through it."""

    def __getitem__(self, key: str | slice, /) -> Any: ...  # noqa: ANN401  whatever SQL holds

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Iterable[str]: ...


BUSY_SECONDS = 2.0
"""How long to wait for another process's lock: less than Discord's 3 s for an answer."""


OLDEST_SQLITE = (3, 37)
"""STRICT tables came with it: https://www.sqlite.org/stricttables.html."""


class Transaction:
    """What a change or a query works on: SQL with named parameters, inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, **values: object) -> list[Row]:
        """Every row, as mappings by column name."""
        return cast("list[Row]", self._connection.execute(sql, values).fetchall())

    def one(self, sql: str, **values: object) -> Row | None:
        """The first row, or None."""
        return cast("Row | None", self._connection.execute(sql, values).fetchone())

    def run(self, sql: str, **values: object) -> int:
        """Run a statement that returns no rows; gives the number of rows it changed."""
        return self._connection.execute(sql, values).rowcount


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

    def run_soon(self, function: Callable[[sqlite3.Connection], None]) -> None:
        """Queue a function for the thread without waiting for it."""
        self._tx.put_nowait((None, lambda: function(self._conn)))


class Database:
    """The open file: :meth:`write` changes it, :meth:`read` looks at it."""

    def __init__(self, writer: _Connection, reader: _Connection, path: Path) -> None:
        self.path = path
        self.commits = 0
        """Transactions since the file was opened; changes committed together count once."""
        self._writer = writer
        self._reader = reader
        self._waiting: deque[_Waiting] = deque()
        self._closed = False

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file, made with its folder where missing, and bring its schema up to date.

        An older one with data in it is copied first, into ``backups`` beside it.
        Raises DatabaseUnusable, with a sentence for whoever hosts the bot.
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
        opened: list[_Connection] = []
        try:
            for _ in ("writer", "reader"):
                connection = _Connection(lambda: _connect(path), iter_chunk_size=64)
                await connection
                opened.append(connection)
                await connection.run(_prepare)
            await opened[0].run(lambda connection: copy_before_upgrade(connection, path))
            await opened[0].run(migrate)
        except (sqlite3.Error, DatabaseUnusable) as error:
            for connection in opened:
                await connection.close()
            if isinstance(error, DatabaseUnusable):
                raise
            raise DatabaseUnusable(
                f"The database {path} can't be used ({error}). Check that the file is a Jelly "
                "database, that this user may write to it and that the disk is not full."
            ) from error
        return cls(opened[0], opened[1], path)

    @classmethod
    async def look_at(cls, path: Path) -> Self:
        """Open a whole file of this version for :meth:`read` alone, also while a bot works on it.

        Raises sqlite3.Error.
        """
        opened: list[_Connection] = []
        try:
            for _ in ("writer", "reader"):
                connection = _Connection(
                    lambda: _as_rows(connect_to_look(path)), iter_chunk_size=64
                )
                await connection
                opened.append(connection)
        except sqlite3.Error:
            for connection in opened:
                await connection.close()
            raise
        return cls(opened[0], opened[1], path)

    async def write(self, change: Change[T]) -> T:
        """Run a change in a transaction; when this returns, it is on the disk.

        An exception raised by the change undoes that change alone and is raised here.
        """
        if self._closed:
            raise DatabaseUnusable("The bot is stopping, so nothing can be changed any more.")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(change, future))
        self._writer.run_soon(self._commit_waiting)
        return await future

    async def read(self, query: Change[T]) -> T:
        """Run a query on one consistent state of the store."""

        def run(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN")
            try:
                return query(Transaction(connection))
            finally:
                connection.execute("ROLLBACK")

        return await self._reader.run(run)

    async def close(self) -> None:
        """Finish the changes that are waiting, then close the file."""
        self._closed = True
        await self._writer.close()
        await self._reader.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def _commit_waiting(self, connection: sqlite3.Connection) -> None:
        """In the writer's thread: commit everything that is waiting in one transaction."""
        batch: list[_Waiting] = []
        while self._waiting:
            batch.append(self._waiting.popleft())
        if not batch:
            return  # an earlier call took these along
        try:
            _run_together(connection, batch)
            self.commits += 1
        except BaseException as error:
            # Told first: whoever waits must never hear that it is saved, whatever fails next.
            for waiting in batch:
                waiting.outcome = error
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if not isinstance(error, Exception):
                raise
        finally:
            loop = batch[0].future.get_loop()
            loop.call_soon_threadsafe(_deliver, batch)


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


def _connect(path: Path) -> sqlite3.Connection:
    return _as_rows(
        sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256)
    )


def _as_rows(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.row_factory = sqlite3.Row
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
