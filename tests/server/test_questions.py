"""What is asked before a date is skipped or called off, or a series ended or paused."""

from __future__ import annotations

import pytest

from data.limits import DATES_NAMED
from tests.moments import DAY, THURSDAY_10, WEEK, stamp
from tests.server.actions import drafted
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, buttons_of, said

SERIES = "series:1"


@pytest.fixture
async def weekly(server: SimulatedServer) -> SimulatedServer:
    await server.set_up()
    await server.schedule("Weekly", when="every thursday 10-16")
    return server


@pytest.mark.parametrize(
    ("command", "jelly", "question", "yes", "done"),
    [
        ("skip", "session:1", "Skip **Weekly** on", "Skip it", "is skipped. The series goes on."),
        ("cancel", "session:1", "Call off **Weekly** on", "Call it off", "is called off."),
        ("cancel", SERIES, "the whole series **Weekly**", "Call it all off", "with all its dates"),
        ("end", SERIES, "End **Weekly** (every Thursday", "End it", "**Weekly** has ended."),
    ],
)
async def test_each_asks_its_own_question(
    weekly: SimulatedServer, command: str, jelly: str, question: str, yes: str, done: str
) -> None:
    asked = await weekly.organizer.slash(weekly.jellies, f"jelly {command}", jelly=jelly)
    assert question in said(asked)
    assert asked.response is not None
    assert buttons_of(asked.response) == [yes, "Keep it"]
    answer = said(await press(weekly.organizer, asked, yes))
    assert done in answer
    # Nobody but the host is going, so nobody is told.
    assert "told" not in answer


async def test_a_date_outside_a_series_is_called_off_instead_of_skipped(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await server.schedule()
    asked = await server.organizer.slash(server.jellies, "jelly skip", jelly="session:1")
    assert "Call off **Thursday jelly** on" in said(asked)
    assert asked.response is not None
    assert buttons_of(asked.response) == ["Call it off", "Keep it"]


async def test_it_says_who_will_be_told_and_who_was(weekly: SimulatedServer) -> None:
    sam, priya, _ = weekly.members
    await sam.click(weekly.card("Weekly"), label="Going")
    await priya.click(weekly.card("Weekly"), label="Maybe")
    channel = weekly.jellies.mention
    for command, yes in (("skip", "Skip it"), ("end", "End it")):
        jelly = "session:1" if command == "skip" else SERIES
        asked = await weekly.organizer.slash(weekly.jellies, f"jelly {command}", jelly=jelly)
        told = f"2 people besides the host said going or maybe. They'll be told in {channel}."
        assert told in said(asked)
        if command == "end":
            answer = said(await press(weekly.organizer, asked, yes))
            assert f"Those who were going are told in {channel}." in answer


async def test_a_pause_and_an_end_name_the_dates(weekly: SimulatedServer) -> None:
    until = THURSDAY_10 + 2 * WEEK - DAY
    paused = await weekly.organizer.slash(
        weekly.jellies, "jelly pause", jelly=SERIES, until=f"{until:%Y-%m-%d}"
    )
    days = [stamp(THURSDAY_10 + weeks * WEEK, "D") for weeks in range(DATES_NAMED)]
    assert f"Skips 2 dates: {days[0]}, {days[1]}." in said(paused)
    ended = said(await weekly.organizer.slash(weekly.jellies, "jelly end", jelly=SERIES))
    assert f"Calls off 8 dates: {', '.join(days)} and 3 more." in ended


async def test_discard_leaves_a_new_jelly_unscheduled(server: SimulatedServer) -> None:
    await server.set_up()
    preview = await drafted(server)
    assert "**Thursday jelly** isn't scheduled" in said(
        await press(server.organizer, preview, "Discard")
    )
    assert await server.read("SELECT 1 FROM draft") == []
    assert await server.read("SELECT 1 FROM session") == []


async def test_discard_leaves_what_exists_as_it_is(weekly: SimulatedServer) -> None:
    extra = await weekly.organizer.slash(
        weekly.jellies, "jelly extra", jelly=SERIES, when="dec 12 10-14"
    )
    assert "gets no extra date" in said(await press(weekly.organizer, extra, "Discard"))
    moved = await weekly.organizer.slash(
        weekly.jellies, "jelly move", jelly="session:1", when="friday 10-16"
    )
    assert "**Weekly** stays as it is" in said(await press(weekly.organizer, moved, "Discard"))
    [date] = await weekly.read("SELECT starts_at FROM session WHERE session_id = 1")
    assert date["starts_at"] == THURSDAY_10.timestamp()
    assert await weekly.read("SELECT 1 FROM draft") == []
