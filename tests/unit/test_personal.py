"""The rules of what is personal: each column has one, and what is exported has a name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bot.messages import personal as messages
from data.models import (
    Answer,
    ChangeAction,
    DeliveryState,
    InvitationState,
    Mood,
    SessionState,
    Tone,
)
from data.outbox.kinds import KINDS
from data.people.personal import TABLES, Holds
from data.people.pseudonyms import HASHES, hashed, random_id, stands_for
from data.store.database import Database
from data.store.transaction import Transaction

ROBIN, SAM = 7_000_100, 7_000_101


async def test_every_column_of_every_table_has_a_rule(tmp_path: Path) -> None:
    """A new column takes its line in data/people/personal.py."""

    def columns(transaction: Transaction) -> dict[str, set[str]]:
        tables = transaction.all(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        return {
            table["name"]: {
                row["name"]
                for row in transaction.all(f"SELECT name FROM pragma_table_info('{table['name']}')")
            }
            for table in tables
        }

    async with await Database.open(tmp_path / "a.sqlite3") as database:
        stored = await database.read(columns)
    assert {table: set(rules) for table, rules in TABLES.items()} == stored


def test_each_rule_is_whole() -> None:
    for table, columns in TABLES.items():
        for name, column in columns.items():
            where = f"{table}.{name}"
            if column.holds is Holds.PERSON:
                assert column.then, where
                assert not column.then[-1].where, f"{where}: some rows would keep the id"
            if column.of:
                assert columns[column.of].holds is Holds.PERSON, where
            if column.holds is Holds.WORDS:
                goes = column.of and any(
                    then.becomes is None and not then.where for then in columns[column.of].then
                )
                assert column.becomes or goes, f"{where}: the words would stay"


def test_everything_that_is_exported_is_called_something() -> None:
    for table, columns in TABLES.items():
        if any(column.holds is Holds.PERSON for column in columns.values()):
            assert table in messages.TABLES
            for name, column in columns.items():
                is_said = name in {*messages.COLUMNS, messages.ONLY_IN_JSON}
                assert column.holds is Holds.NOTHING or is_said or not column.of


async def test_a_hash_is_found_again_and_no_random_id_is_one(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "a.sqlite3") as database:
        assert await database.read(lambda t: stands_for(t, SAM)) == (SAM, SAM)
        hers = await database.write(lambda t: hashed(t, ROBIN))
        his = await database.write(lambda t: hashed(t, SAM))
        assert await database.read(lambda t: stands_for(t, SAM)) == (SAM, his)
    assert hers != his
    assert hers in HASHES
    assert his in HASHES
    some = {random_id() for _ in range(1000)}
    assert len(some) == 1000
    assert all(-(2**62) <= one < HASHES.start for one in some)
    async with await Database.open(tmp_path / "b.sqlite3") as another:
        assert await another.write(lambda t: hashed(t, SAM)) != his


def test_every_code_is_said_in_words() -> None:
    codes: dict[str, Iterable[object]] = {
        "answer": Answer,
        "mood": Mood,
        "tone": Tone,
        "kind": KINDS,
        "reason": KINDS,
        "state": [*SessionState, *DeliveryState, *InvitationState, "active", "ended"],
        "action": ChangeAction,
    }
    assert {name: set(words) for name, words in messages.CODES.items()} == {
        name: {str(value) for value in values} for name, values in codes.items()
    }
