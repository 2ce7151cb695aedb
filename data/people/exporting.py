"""Everything that the store holds about one person, by the rules of ``data/people/personal.py``."""

from __future__ import annotations

from collections.abc import Mapping

from data.models import StoredRow, StoredValue
from data.people.personal import TABLES, Column, Holds
from data.store.transaction import Row, Transaction


def everything_about(transaction: Transaction, user_id: int) -> dict[str, list[StoredRow]]:
    """Returns what each table holds about a person, by the table's name; without empty tables."""
    found = {
        table: [
            _about(transaction, row, columns, user_id)
            for row in transaction.all(
                f"SELECT * FROM {table} WHERE {_names(columns)}", user_id=user_id
            )
            if any(row[name] == user_id and ids.is_exported for name, ids in _ids(columns).items())
        ]
        for table, columns in TABLES.items()
        if _ids(columns)
    }
    return {table: rows for table, rows in found.items() if rows}


def is_known(transaction: Transaction, user_id: int) -> bool:
    """Returns whether the store holds anything about a person, also what they are not given."""
    return any(
        transaction.one(f"SELECT 1 FROM {table} WHERE {_names(columns)} LIMIT 1", user_id=user_id)
        for table, columns in TABLES.items()
        if _ids(columns)
    )


def _names(columns: Mapping[str, Column]) -> str:
    """Returns the condition of SQL that a row names the person."""
    return " OR ".join(
        f"({name} = :user_id AND {column.where or '1 = 1'})"
        for name, column in _ids(columns).items()
    )


def _ids(columns: Mapping[str, Column]) -> dict[str, Column]:
    return {name: column for name, column in columns.items() if column.holds is Holds.PERSON}


def _about(
    transaction: Transaction, row: Row, columns: Mapping[str, Column], user_id: int
) -> StoredRow:
    context = {name: row[name] for name, rule in columns.items() if rule.holds is Holds.CONTEXT}
    theirs = {
        name: row[name]
        for name, rule in columns.items()
        if (rule.holds is Holds.PERSON and row[name] == user_id)
        or (rule.of and row[rule.of] == user_id)
    }
    if context.get("session_id") is not None and "starts_at" not in context:
        context |= _jelly(transaction, context["session_id"])
    return StoredRow(context, theirs)


def _jelly(transaction: Transaction, session_id: StoredValue) -> dict[str, StoredValue]:
    row = transaction.one(
        "SELECT title, starts_at FROM session WHERE session_id = :session_id",
        session_id=session_id,
    )
    return {} if row is None else {"jelly": row["title"], "starts_at": row["starts_at"]}
