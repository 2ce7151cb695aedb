"""Values of the program itself that persist from one start to the next."""

from __future__ import annotations

from data.store.transaction import Transaction


def recall(transaction: Transaction, name: str) -> str | None:
    row = transaction.one("SELECT value FROM key_value WHERE name = :name", name=name)
    return None if row is None else str(row["value"])


def remember(transaction: Transaction, name: str, value: str) -> None:
    transaction.run(
        """
        INSERT INTO key_value (name, value) VALUES (:name, :value)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """,
        name=name,
        value=value,
    )


def forget(transaction: Transaction, name: str) -> None:
    transaction.run("DELETE FROM key_value WHERE name = :name", name=name)
