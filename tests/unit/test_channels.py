"""A channel's settings, and what belongs to a channel."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from data.change_settings import BELONGING, save, save_guild, set_up
from data.channels import find_guild, settings_in, settings_of
from data.limits import DEFAULT_REMINDERS
from data.models import Details, Occurrence, Schedule
from data.refusal import Refusal
from data.schedule.find import session_now
from data.schedule.sessions import add_session
from data.store.transaction import Transaction
from tests.moments import HOUR, MONDAY, THURSDAY_10
from tests.unit.in_memory import open_in_memory

GUILD, HOST, JELLIES, ELSEWHERE = 1, 5, 20, 21


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(open_in_memory()) as connection:
        yield connection


@pytest.fixture
def store(connection: sqlite3.Connection) -> Transaction:
    """Returns a store with a server that is set up, and a jelly in its channel."""
    store = Transaction(connection)
    set_up(store, guild_id=GUILD, channel_id=JELLIES, zone="UTC", now=MONDAY)
    wall_time = THURSDAY_10.replace(tzinfo=None)
    add_session(
        store,
        channel_id=JELLIES,
        created_by=HOST,
        details=Details("Jelly", "Home", "", HOST),
        schedule=Schedule("UTC", wall_time, HOUR),
        occurrence=Occurrence(wall_time, THURSDAY_10, THURSDAY_10 + HOUR),
        now=MONDAY,
    )
    return store


def test_a_session_belongs_to_its_channel_and_the_channels_server(store: Transaction) -> None:
    session = session_now(store, 1)
    assert (session.channel_id, session.guild_id) == (JELLIES, GUILD)


def test_what_is_in_one_channel_moves_to_the_next_with_its_settings(store: Transaction) -> None:
    before = settings_in(store, JELLIES)
    save(store, replace(before, channel_id=ELSEWHERE), now=MONDAY)
    assert session_now(store, 1).channel_id == ELSEWHERE
    assert settings_of(store, GUILD) == replace(before, channel_id=ELSEWHERE)
    assert settings_in(store, ELSEWHERE).reminders == DEFAULT_REMINDERS
    owed = store.all("SELECT DISTINCT channel_id FROM delivery WHERE is_private = 0")
    assert [row["channel_id"] for row in owed] == [ELSEWHERE]
    # Back again, also with another setting.
    save(store, replace(before, reminders=(timedelta(minutes=5),)), now=MONDAY)
    assert settings_in(store, JELLIES).reminders == (timedelta(minutes=5),)
    assert store.all("SELECT 1 FROM channel WHERE channel_id <> :here", here=JELLIES) == []


def test_nothing_that_belongs_to_a_channel_is_left_behind(connection: sqlite3.Connection) -> None:
    tables = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")
    ]
    referring = {
        (table, row["from"])
        for table in tables
        for row in connection.execute(f"PRAGMA foreign_key_list({table})")
        if row["table"] == "channel"
    }
    owned = {
        (table, "owner_channel_id")
        for table in tables
        if any(
            r["name"] == "owner_channel_id"
            for r in connection.execute(f"PRAGMA table_info({table})")
        )
    }
    logged = {("change", "channel_id")}  # of channels that may be gone, so it refers to none
    # A channel's reminders are written anew with its settings.
    assert referring | owned | logged == {*BELONGING, ("reminder_setting", "channel_id")}


def test_a_channel_of_another_server_is_refused(store: Transaction) -> None:
    before = settings_in(store, JELLIES)
    with pytest.raises(Refusal, match="another server"):
        set_up(store, guild_id=GUILD + 1, channel_id=JELLIES, zone="Asia/Tokyo", now=MONDAY)
    assert settings_in(store, JELLIES) == before
    assert settings_of(store, GUILD + 1) is None


def test_organizers_are_not_told_in_a_channel_of_another_server(store: Transaction) -> None:
    set_up(store, guild_id=GUILD + 1, channel_id=ELSEWHERE, zone="Asia/Tokyo", now=MONDAY)
    before = find_guild(store, GUILD)
    assert before is not None
    with pytest.raises(Refusal, match="another server"):
        save_guild(store, replace(before, organizers_channel_id=ELSEWHERE), now=MONDAY)
    assert find_guild(store, GUILD) == before
    save_guild(store, replace(before, organizers_channel_id=JELLIES), now=MONDAY)
