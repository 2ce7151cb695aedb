"""The history in words, as a server without the extra ``charts`` shows it."""

from __future__ import annotations

import logging
import sys

import pytest

from bot.charts import can_draw
from bot.doctor import machine
from bot.doctor.findings import State
from data.refusal import in_english
from tests.process.drawing_process import Started
from tests.server.hosting import hold
from tests.server.simulated_server import SimulatedServer, said


@pytest.fixture(autouse=True)
def _no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behaves like a machine without matplotlib: nothing finds it, and importing it fails."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert not can_draw()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    return Started(monkeypatch)


async def test_the_words_stand_alone_and_the_log_is_quiet(
    server: SimulatedServer, started: Started, caplog: pytest.LogCaptureFixture
) -> None:
    await hold(server, *server.members)
    caplog.clear()
    caplog.set_level(logging.INFO)
    shown = await server.members[0].slash(server.chat, "headcount history")
    assert shown.ephemeral
    assert said(shown).splitlines() == [
        "### Looking back: all jellies here",
        "1 jelly, on 26 Nov 2026, guests included.",
        "Going: 4 people.",
        "Came: unknown, because no one checked in.",
    ]
    assert shown.response is not None
    assert shown.response.attachments == []
    assert started.environments == []
    assert [record.getMessage() for record in caplog.records if _is_ours(record)] == []


async def test_a_history_of_nothing_looks_the_same(server: SimulatedServer) -> None:
    shown = await server.members[0].slash(server.chat, "headcount history")
    assert "There hasn't been a jelly yet." in said(shown)


async def test_no_command_promises_pictures(server: SimulatedServer) -> None:
    descriptions = {c.qualified_name: c.description for c in server.bot.tree.walk_commands()}
    descriptions["help"] += said(await server.members[0].slash(server.chat, "help"))
    assert "/headcount history" in descriptions["help"]
    for command, description in descriptions.items():
        assert "picture" not in description, command
        assert "chart" not in description, command


def test_the_doctor_finds_nothing_wrong_and_says_how_to_add_pictures() -> None:
    finding = machine.pictures()
    assert finding.state is State.OK
    assert "shows words; to add pictures, install requirements/charts.txt" in in_english(
        finding.sentence
    )


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.split(".")[0] in ("bot", "cogs", "data")
