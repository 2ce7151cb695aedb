"""Mirrors: which of them lag, what becomes of them, and that each kind can be shown."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import discord
import pytest

from bot.app import JellyBot
from bot.clock import Clock
from bot.mirrors.refresh import Mirrors
from data.mirrors import (
    card_of,
    lagging_sessions,
    mirrors_of,
    note_mirror,
    record_shown,
)
from data.models import Mirror, MirrorKind, Owner, SessionView
from data.outbox.gone import card_gone, channel_gone
from data.store.database import Database
from data.store.transaction import Transaction
from tests.unit.in_memory import open_in_memory

CARD = MirrorKind.CARD
GUILD, CHANNEL, MESSAGE = 1, 2, 77
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
EARLY = datetime.fromtimestamp(5, UTC)
"""Before the sessions of the store begin."""
OWNER = Owner(GUILD, session_id=1)


@pytest.fixture
def store() -> Iterator[Transaction]:
    """Yields a store with one server and two sessions."""
    with closing(open_in_memory()) as connection:
        transaction = Transaction(connection)
        _fill(transaction)
        yield transaction


def _fill(store: Transaction) -> None:
    store.run("INSERT INTO guild (guild_id) VALUES (1)")
    store.run(
        "INSERT INTO channel (channel_id, guild_id, zone, announce_before) VALUES (2, 1, 'UTC', 0)"
    )
    for _ in range(2):
        store.run(
            """
            INSERT INTO session (guild_id, channel_id, title, place, about, host_id, created_by,
                zone, starts_local, duration, starts_at, ends_at)
            VALUES (1, 2, 'Jelly', 'Home', '', 5, 5, 'UTC', '2026-12-03T10:00:00', 3600, 10, 20)
            """
        )


def _post(store: Transaction, *, version_shown: int = 1) -> None:
    note_mirror(
        store,
        OWNER,
        CARD,
        channel_id=CHANNEL,
        remote_id=MESSAGE,
        version=1,
        version_shown=version_shown,
    )


async def test_every_kind_of_mirror_can_be_shown(tmp_path: Path) -> None:
    async with await Database.open(tmp_path / "jelly.sqlite3") as database:
        bot = JellyBot(database, Clock())
        assert bot.mirrors.kinds == set(MirrorKind)


def test_a_mirror_lags_from_a_change_until_it_is_shown(store: Transaction) -> None:
    _post(store)
    assert lagging_sessions(store)[0] == []
    store.run("UPDATE session SET version = version + 1")
    assert lagging_sessions(store)[0] == [1]
    record_shown(store, {(1, CARD): 2})
    assert lagging_sessions(store)[0] == []


def test_an_answer_makes_it_lag(store: Transaction) -> None:
    _post(store)
    store.run(
        """
        INSERT INTO rsvp (session_id, user_id, answer, answered_at, position)
        VALUES (1, 9, 'going', 0, 2)
        """
    )
    assert lagging_sessions(store)[0] == [1]


def test_what_is_shown_never_goes_back(store: Transaction) -> None:
    _post(store)
    store.run("UPDATE session SET version = version + 5")
    record_shown(store, {(1, CARD): 6})
    record_shown(store, {(1, CARD): 3})
    assert lagging_sessions(store)[0] == []


def test_a_second_card_takes_the_place_of_the_first(store: Transaction) -> None:
    _post(store)
    note_mirror(store, OWNER, CARD, channel_id=CHANNEL, remote_id=78, version=1, version_shown=1)
    assert [mirror.remote_id for mirror in mirrors_of(store, 1)] == [78]


@pytest.mark.parametrize("gone", ["the card", "the channel"])
def test_a_deleted_card_is_forgotten_and_its_announcement_failed(
    store: Transaction, gone: str
) -> None:
    _post(store)
    store.run(
        """
        INSERT INTO delivery (kind, guild_id, session_id, channel_id, due_at, useful_until,
            try_at, state)
        VALUES ('announcement', 1, 1, 2, 0, 20, 0, 'sent')
        """
    )
    if gone == "the card":
        card_gone(store, mirrors_of(store, 1)[0], now=EARLY)
    else:
        channel_gone(store, GUILD, CHANNEL, now=EARLY)
    assert card_of(store, 1) is None
    [row] = store.all("SELECT state FROM delivery WHERE kind = 'announcement'")
    assert row["state"] == "failed"


@pytest.mark.parametrize("table", ["mirror", "delivery"])
def test_nothing_belongs_to_two(store: Transaction, table: str) -> None:
    more = {
        "mirror": ("channel_id, remote_id, version, version_shown", "2, 77, 1, 1"),
        "delivery": ("channel_id, due_at, useful_until, try_at", "2, 0, 0, 0"),
    }
    columns, values = more[table]
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        store.run(
            f"""
            INSERT INTO {table} (kind, guild_id, session_id, owner_channel_id, {columns})
            VALUES ('card', 1, 1, 2, {values})
            """
        )


class _Waiting:
    """Shows nothing before its gate opens; notes what it showed, by Discord's id."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.shown: list[int] = []

    @asynccontextmanager
    async def turn(self, mirror: Mirror) -> AsyncIterator[None]:
        await self.gate.wait()
        yield

    async def show(self, mirror: Mirror, view: SessionView) -> None:
        self.shown.append(mirror.remote_id)

    def is_gone(self, error: discord.HTTPException) -> bool:
        return True


async def test_a_card_that_took_the_place_of_another_amid_a_refresh_is_refreshed(
    tmp_path: Path,
) -> None:
    def fill(store: Transaction) -> None:
        _fill(store)
        _post(store)
        store.run("UPDATE session SET version = version + 1")

    def replace(store: Transaction) -> None:
        channel_gone(store, GUILD, CHANNEL, now=EARLY)
        note_mirror(store, OWNER, CARD, channel_id=3, remote_id=88, version=2, version_shown=1)

    cards = _Waiting()
    async with await Database.open(tmp_path / "jelly.sqlite3") as database:
        await database.write(fill)
        mirrors = Mirrors(database, Clock(), {CARD: cards}, on_owed=lambda: None)
        mirrors.touch(1)
        settling = asyncio.create_task(mirrors.settle())
        while not mirrors._waiting:
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        await database.write(replace)
        mirrors.touch(1)
        cards.gate.set()
        await settling
        await mirrors.settle()
        assert cards.shown == [88]
        assert (await database.read(lagging_sessions))[0] == []
