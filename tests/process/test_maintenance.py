"""What the operator does by command while the bot is stopped: to a server, to all of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.command_line import main
from bot.lock import only_process_on
from data.change_settings import set_up
from data.mirrors import note_mirror
from data.models import MirrorKind, Owner
from data.outside import (
    APPLICATION,
    COMMANDS_TOLD,
    application_of,
    forget_outside,
    note_application,
)
from data.rows import epoch
from data.store.backups import restore
from data.store.key_value import recall, remember
from data.store.transaction import Transaction
from tests.moments import MONDAY
from tests.process.backups.databases import add_jelly, make_database

SERVER, OTHER = 1_123_456_789_012_345_678, 1_123_456_789_012_345_679


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The database's place; the settings name it."""
    place = tmp_path / "jelly.sqlite3"
    monkeypatch.setenv("JELLY_DATABASE", str(place))
    monkeypatch.setenv("DISCORD_TOKEN", "")
    return place


T = TypeVar("T")


def write(file: Path, change: Callable[[Transaction], T]) -> T:
    """Changes a database on which no bot runs; returns what the change returns."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        result = change(Transaction(connection))
        connection.execute("COMMIT")
        return result


def rows(file: Path, sql: str) -> Sequence[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def _two_servers(transaction: Transaction) -> None:
    for guild_id in (SERVER, OTHER):
        set_up(transaction, guild_id=guild_id, channel_id=guild_id + 9, zone="UTC", now=MONDAY)


def test_a_server_is_forgotten_at_once_and_the_file_holds_no_id_of_it(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_database(file)
    write(file, _two_servers)
    assert main(["forget-server", str(SERVER)]) == 0
    assert str(SERVER) in capsys.readouterr().out
    assert rows(file, "SELECT guild_id FROM guild ORDER BY 1") == [(1,), (OTHER,)]
    for part in file.parent.iterdir():
        content = part.read_bytes()
        assert SERVER.to_bytes(8, "big") not in content
        assert str(SERVER).encode() not in content
    assert main(["forget-server", str(SERVER)]) == 1
    assert "Nothing is stored" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["forget-server", str(SERVER)], ["adopt"]])
def test_a_running_bot_is_to_be_stopped_first(
    file: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    make_database(file)
    with only_process_on(file):
        assert main(command) == 1
    assert "Stop that one first" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["forget-server", str(SERVER)], ["adopt"]])
def test_without_a_database_none_is_made(
    file: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(command) == 1
    assert "There is no database" in capsys.readouterr().err
    assert list(file.parent.iterdir()) == []


@pytest.mark.parametrize("typed", [[], ["jelly"], ["0"], ["-5"], ["²"], ["9" * 20], ["1.5"]])
def test_what_is_no_id_is_refused(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["forget-server", *typed])
    assert "takes the id of a server" in capsys.readouterr().err


def test_after_adopt_the_next_application_owns_the_database(file: Path) -> None:
    make_database(file)
    write(file, lambda t: note_application(t, 5))
    assert main(["adopt"]) == 0
    assert write(file, application_of) is None


def test_a_restore_forgets_what_was_known_of_discord(file: Path) -> None:
    def fill(transaction: Transaction) -> None:
        session_id = add_jelly(transaction)
        remember(transaction, COMMANDS_TOLD, "an older digest")
        remember(transaction, APPLICATION, "5")
        note_mirror(
            transaction,
            Owner(1, session_id=session_id),
            MirrorKind.CARD,
            channel_id=3,
            remote_id=4,
            version=7,
            version_shown=7,
        )
        transaction.run(
            "UPDATE delivery SET state = 'sending', attempts = 1, first_try_at = 1 "
            "WHERE kind = 'announcement'"
        )
        transaction.run("UPDATE guild SET missing_since = 1, removed_at = 1")

    make_database(file, jellies=0)
    write(file, fill)
    copy = file.parent / "copy.sqlite3"
    assert main(["backup", str(copy)]) == 0
    now = MONDAY + timedelta(days=40)
    restore(copy, file, now=now, change=lambda t: forget_outside(t, now=now))
    assert write(file, lambda t: recall(t, COMMANDS_TOLD)) is None
    assert write(file, lambda t: recall(t, APPLICATION)) == "5"
    assert rows(file, "SELECT version_shown FROM mirror") == [(0,)]
    assert rows(file, "SELECT COUNT(*) FROM delivery WHERE state = 'sending'") == [(0,)]
    assert rows(file, "SELECT missing_since, removed_at FROM guild") == [(None, epoch(now))]


def test_the_command_does_so(file: Path) -> None:
    make_database(file)
    write(file, lambda t: remember(t, COMMANDS_TOLD, "an older digest"))
    copy = file.parent / "copy.sqlite3"
    assert main(["backup", str(copy)]) == 0
    assert main(["restore", str(copy)]) == 0
    assert write(file, lambda t: recall(t, COMMANDS_TOLD)) is None
