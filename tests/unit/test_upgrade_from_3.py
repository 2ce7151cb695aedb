"""A file of schema 3 is upgraded whole; messages being sent keep their nonce and mark."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.earlier_tries import marker_of, nonce_of
from data.migrations import migrate
from data.models import Owner
from data.outbox.claims import release_claims
from data.outbox.deliveries import Delivery
from data.store.transaction import Transaction
from tests.unit.in_memory import claim_due

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
AT = int(NOW.timestamp())
GUILD, HOST, SERIES, SESSION = 1, 5, 1, 1
NONCES = {
    "announcement": "jieip7pmvdowsf4zffoba",
    "reminder": "jnrtmvpgwmlw42pkpoura",
    "start": "jgziu4tsraqnx2vog2vaa",
    "moved": "jfibytyhtivcwhmeiy7cq",
    "cancelled": "jx4befxua2ipffogxnnqa",
    "question": "jhzwrxnmdh2gll3nsevqq",
    "undecided": "ju6nusahavgyizo3g3adq",
    "promoted": "jrht3sdvmakkjzgrtuqfa",
    "offer": "jl2ebxdsvx46wuzp442oa",
    "on_behalf": "juy25d25av2xiujysasqq",
    "request": "jgg7imkq7mkkqxz35imvq",
    "newcomer": "jitpkcqukjtj3xt7jbmfq",
    "summary": "j5vhdfjoxhsbfab636t4a",
    "thanks": "jphdwx7geupztwq4rhdaa",
    "undelivered": "jj6vcy5vnaby4qka2xu6a",
}
"""The nonces that schema 3's Jelly made of the rows below."""
PRIVATE = ("newcomer", "summary", "undelivered")


@pytest.fixture
def older() -> Iterator[sqlite3.Connection]:
    """Yields a file of schema 3 in which one message of each kind was being sent at its end."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        migrate(connection, up_to=3)
        connection.executescript(
            f"""
            INSERT INTO guild (guild_id, channel_id, zone, announce_before)
            VALUES ({GUILD}, 2, 'UTC', 0);
            INSERT INTO series (guild_id, title, place, about, host_id, created_by, zone,
                starts_local, duration, confirmed_at)
            VALUES ({GUILD}, 'Weekly', 'Home', '', {HOST}, {HOST}, 'UTC', '2026-11-26T10:00:00',
                3600, 0);
            INSERT INTO session (guild_id, series_id, recurrence_id, title, place, about, host_id,
                created_by, zone, starts_local, duration, starts_at, ends_at, version,
                card_channel_id, card_message_id, card_version)
            VALUES ({GUILD}, {SERIES}, '2026-11-26T10:00:00', 'Weekly', 'Home', '', {HOST}, {HOST},
                'UTC', '2026-11-26T10:00:00', 3600, {AT + 3600}, {AT + 7200}, 4, 2, 77, 3);
            INSERT INTO private_channel (user_id, channel_id, asked_at, asked_times)
            VALUES ({HOST}, 55, 0, 1);
            INSERT INTO rsvp (session_id, user_id, answer, note, answered_at, position)
            VALUES ({SESSION}, 9, 'going', 'my thesis', {AT}, 5);
            """
        )
        for number, kind in enumerate(NONCES, 1):
            connection.execute(
                """
                INSERT INTO delivery (kind, session_id, channel_id, is_private, occasion, due_at,
                    useful_until, state, try_at, attempts, first_try_at)
                VALUES (?, 1, ?, ?, ?, ?, ?, 'sending', ?, 1, ?)
                """,
                (
                    *(kind, HOST if kind in PRIVATE else 100 + number, kind in PRIVATE),
                    *(_occasion(kind), AT - 60, AT + 7200, AT, AT - 60),
                ),
            )
        yield connection


def _occasion(kind: str) -> int:
    """Returns what a row of that kind is about in schema 3."""
    return {
        "thanks": 202610,
        "question": 0,
        "undelivered": 2,
        "summary": AT + 7200,
    }.get(kind, AT + 3600)


def _claimed(connection: sqlite3.Connection) -> dict[str, Delivery]:
    """Returns every message, as the first claims after the start yield them."""
    store, found, now = Transaction(connection), dict[str, Delivery](), NOW
    release_claims(store, now=now)
    for _ in range(len(NONCES)):
        claimed = claim_due(store, now=now, limit=50, most_mentions=40)
        found |= {delivery.kind.name: delivery for delivery in claimed.deliveries}
        # Private messages go to one host, one after the other.
        connection.executemany(
            "UPDATE delivery SET state = 'sent' WHERE delivery_id = ?",
            [(delivery.delivery_id,) for delivery in claimed.deliveries],
        )
    return found


def test_what_was_on_its_way_keeps_its_nonce_and_its_mark(older: sqlite3.Connection) -> None:
    ids = {row["kind"]: row["delivery_id"] for row in older.execute("SELECT * FROM delivery")}
    migrate(older)
    found = _claimed(older)
    assert {kind: nonce_of(delivery) for kind, delivery in found.items()} == NONCES
    assert {kind: marker_of(delivery) for kind, delivery in found.items()} == {
        kind: delivery_id + 1 for kind, delivery_id in ids.items()
    }
    assert all(delivery.attempts == 2 for delivery in found.values())


def test_each_message_belongs_to_what_it_is_about(older: sqlite3.Connection) -> None:
    migrate(older)
    owners = {kind: delivery.owner for kind, delivery in _claimed(older).items()}
    assert owners.pop("question") == Owner(GUILD, series_id=SERIES)
    assert owners.pop("thanks") == Owner(GUILD, channel_id=2)
    assert owners.pop("undelivered") == Owner(GUILD)
    assert set(owners.values()) == {Owner(GUILD, session_id=SESSION)}


def test_messages_say_what_they_said(older: sqlite3.Connection) -> None:
    """A question is still about its series and links the same card; a failure is still told."""
    older.execute("UPDATE delivery SET told_by = 15, state = 'expired' WHERE kind = 'reminder'")
    migrate(older)
    found = _claimed(older)
    question, word = found["question"], found["undelivered"]
    assert question.series is not None
    assert question.host_id == HOST
    assert question.card is not None
    assert question.card.remote_id == 77
    assert [problem.title for problem in word.problems] == ["Weekly"]
    assert word.shown.session.session_id == SESSION


def test_a_month_that_was_thanked_for_twice_comes_along(older: sqlite3.Connection) -> None:
    """A change of the zone could bring that about; both messages are known to have arrived."""
    older.execute(
        """
        INSERT INTO session (guild_id, title, place, about, host_id, created_by, zone,
            starts_local, duration, starts_at, ends_at)
        SELECT guild_id, title, place, about, host_id, created_by, zone, starts_local, duration,
            starts_at, ends_at FROM session
        """
    )
    older.execute(
        """
        INSERT INTO delivery (kind, session_id, channel_id, occasion, due_at, useful_until, state,
            try_at, message_id)
        SELECT kind, 2, channel_id, occasion, due_at, useful_until, 'sent', try_at, 99
        FROM delivery WHERE kind = 'thanks'
        """
    )
    migrate(older)
    thanks = older.execute("SELECT * FROM delivery WHERE kind = 'thanks' ORDER BY before")
    assert [row["message_id"] for row in thanks] == [None, 99]
    assert "thanks" in _claimed(older)


def test_cards_and_answers_come_along(older: sqlite3.Connection) -> None:
    before = [dict(row) for row in older.execute("SELECT * FROM rsvp")]
    migrate(older)
    after = [dict(row) for row in older.execute("SELECT * FROM rsvp")]
    assert [{name: row[name] for name in before[0]} for row in after] == before
    [mirror] = older.execute("SELECT * FROM mirror")
    assert (mirror["kind"], mirror["session_id"], mirror["remote_id"]) == ("card", SESSION, 77)
    assert (mirror["version"], mirror["version_shown"]) == (5, 3)
    [session] = older.execute("SELECT * FROM session")
    assert (session["version"], session["going_count"]) == (5, 1)


def test_no_id_is_given_out_twice(older: sqlite3.Connection) -> None:
    older.execute("DELETE FROM delivery WHERE kind = 'undelivered'")
    before = dict(older.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    migrate(older)
    after = dict(older.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
    assert after | before == after


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_an_upgrade_that_is_broken_off_changes_nothing(tmp_path: Path, share: float) -> None:
    """A real kill is drawn in ``tests/process``; here it is interrupted at a certain step."""
    path = tmp_path / "older.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, up_to=3)
        before = list(connection.iterdump())
        steps = _steps_of_an_upgrade()
        left = iter(range(int(steps * share)))
        connection.set_progress_handler(lambda: next(left, None) is None, 1)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            migrate(connection)
        connection.set_progress_handler(None, 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert list(connection.iterdump()) == before
        assert migrate(connection) > 3


def _steps_of_an_upgrade() -> int:
    """Returns how many steps SQLite takes for an upgrade of a file of schema 3."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, up_to=3)
        connection.set_progress_handler(count, 1)
        migrate(connection)
    return steps
