"""``python -m bot forget``: the same as /me forget, for the operator."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from bot.command_line import main
from bot.lock import only_process_on
from data.store.database import Database
from tests.server.lives import bytes_with, live, newcomer, rows_with, shown_with
from tests.server.simulated_server import SimulatedServer, text_of


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns the path of the database for the command line."""
    file = tmp_path / "jelly.sqlite3"
    monkeypatch.setenv("JELLY_DATABASE", str(file))
    monkeypatch.setenv("DISCORD_TOKEN", "")
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", list(root.handlers))
    monkeypatch.setattr(root, "level", root.level)
    return file


async def test_nothing_is_left_and_the_next_start_settles_discord(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with SimulatedServer.open(file) as server:
        await server.set_up()
        canary = await newcomer(server)
        await live(server, canary)
        await server.database.close()
        assert await asyncio.to_thread(main, ["forget", str(canary.id)]) == 0
        told = capsys.readouterr().out
        assert told.startswith(f"All that was stored about {canary.id} is deleted, and ")
        assert bytes_with(file, canary.id) == []
        assert shown_with(server, canary)
        server.database = await Database.open(file)
        await server.restart()
        await server.start_again()
        assert shown_with(server, canary) == []
        assert await rows_with(server, canary) == []
        assert "A jelly" in "".join(map(text_of, server.cards()))
        await server.database.close()
        assert await asyncio.to_thread(main, ["forget", str(canary.id)]) == 1
        assert f"Nothing is stored about the person {canary.id}." in capsys.readouterr().err


async def test_while_a_bot_runs_it_is_refused(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with await Database.open(file):
        with only_process_on(file):
            assert await asyncio.to_thread(main, ["forget", "123"]) == 1
    assert "Stop that one first" in capsys.readouterr().err


def test_without_a_file_it_makes_none(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget", "123"]) == 1
    assert "There is no database" in capsys.readouterr().err
    assert not file.exists()


@pytest.mark.parametrize("argument", [[], ["sam"], ["-5"], ["0"], ["٣"], [str(2**63)]])
def test_it_takes_a_persons_id(argument: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["forget", *argument])
