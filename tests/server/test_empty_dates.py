"""A date with nobody but its host: one quiet line the day before, and nothing else."""

from __future__ import annotations

import pytest

from tests.moments import DAY, ENDS, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import answer, schedule, told
from tests.server.hosting import live_until, move, told_alone
from tests.server.pings import pings
from tests.server.simulated_server import SimulatedServer, said


@pytest.mark.parametrize(
    ("host", "invitation"),
    [
        ("Going", "Just the host so far. Who's next?"),
        ("Can't make it", "No one's in yet. Be the first?"),
    ],
)
async def test_it_gets_one_line_that_notifies_nobody(
    server: SimulatedServer, host: str, invitation: str
) -> None:
    await server.organizer.slash(server.jellies, "settings", reminders="3 days, 1 day, 1 hour")
    await schedule(server)
    await server.organizer.click(server.card(), label=host)
    await server.members[0].click(server.card(), label="Can't make it")
    await server.at(THURSDAY_10 - DAY)
    [line] = server.said_ever()
    assert line.startswith("**Thursday jelly** is on ")
    assert line.endswith(f"The Alb. {invitation}")
    assert "<@" not in line
    assert pings(server, "is on <t:") == [[]]
    await live_until(server, ENDS)
    assert server.said_ever() == [line]
    assert told_alone(server.organizer) == []
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_guests_of_the_host_are_somebody(server: SimulatedServer) -> None:
    await schedule(server)
    await answer(server, server.organizer, "going", guests=1)
    await live_until(server, THURSDAY_10)
    assert len(server.said_ever()) == 3
    assert "with 2 people" in server.said_ever()[-1]


async def test_a_first_answer_brings_the_rest(server: SimulatedServer) -> None:
    await schedule(server)
    await server.at(THURSDAY_10 - DAY)
    await server.members[0].click(server.card(), label="Going")
    await live_until(server, THURSDAY_10)
    assert len(server.said_ever()) == 3
    assert "Be the first?" not in server.said_ever()[1]


async def test_its_move_is_told_to_nobody(server: SimulatedServer) -> None:
    await schedule(server)
    await move(server, "Thursday jelly", "friday 10-16")
    await server.after(10 * MINUTE)
    assert server.said_ever() == []
    await live_until(server, ENDS + DAY)
    [line] = server.said_ever()
    assert "Just the host so far." in line


async def test_a_move_is_told_to_those_who_said_maybe_or_asked_to_come(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await schedule(server, title="Other jelly", answers_close="4 days")
    await server.members[0].click(server.card(), label="Maybe")
    await server.members[1].click(server.card("Other jelly"), label="Ask to join")
    for title in ("Thursday jelly", "Other jelly"):
        await move(server, title, "friday 10-16")
    await server.after(10 * MINUTE)
    assert len(told(server, "has moved")) == 2


async def test_nothing_of_it_is_told_as_missed_but_its_line(server: SimulatedServer) -> None:
    await schedule(server)
    await server.at(THURSDAY_10 - DAY)
    await server.at(ENDS + HOUR)
    assert len(server.said_ever()) == 1
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed
