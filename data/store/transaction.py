"""What a change or a query of the store works on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Protocol, cast


class Row(Protocol):
    """One row: a value by its column's name, some by a slice, all by going through it."""

    def __getitem__(self, key: str | slice, /) -> Any: ...  # noqa: ANN401  whatever SQL holds

    def __iter__(self) -> Iterator[Any]: ...

    def keys(self) -> Iterable[str]: ...


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
        """Run a statement that returns no rows; returns the number of rows it changed."""
        return self._connection.execute(sql, values).rowcount
