"""Transactions, on which changes and queries of the store work."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar, cast

T = TypeVar("T")


class Row(Protocol):
    """One row: a value by column name, several by a slice, all by iteration."""

    def __getitem__(self, key: str | slice, /) -> Any: ...  # noqa: ANN401  whatever SQL holds

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Iterable[str]: ...


class Transaction:
    """Runs SQL with named parameters inside one transaction, for a change or a query."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self, sql: str, **values: object) -> list[Row]:
        """Returns all rows."""
        return cast("list[Row]", self._connection.execute(sql, values).fetchall())

    def one(self, sql: str, **values: object) -> Row | None:
        """Returns the first row, or None if there is none."""
        return cast("Row | None", self._connection.execute(sql, values).fetchone())

    def run(self, sql: str, **values: object) -> int:
        """Runs a statement that returns no rows; returns the number of rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def try_out(self, change: Callable[[Transaction], T]) -> T:
        """Returns what a change returns, and undoes the change."""
        self.run("SAVEPOINT try_out")
        try:
            return change(self)
        finally:
            # SQLite undoes the whole transaction by itself on a full disk or an I/O error.
            if self._connection.in_transaction:
                self.run("ROLLBACK TO try_out")
                self.run("RELEASE try_out")
