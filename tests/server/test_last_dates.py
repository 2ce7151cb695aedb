"""A series of which no date is left is over: it is in no list, and nobody is asked about it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.moments import DAY, HOUR, THURSDAY_10, WEEK
from tests.server.actions import edit, schedule, series_listed, told
from tests.server.simulated_server import SimulatedServer
from tests.server.test_series import date_named

COMMANDS = ("edit", "cancel", "end", "pause", "extra")


async def offered(server: SimulatedServer, command: str) -> list[str]:
    """Returns the whole series that a command offers to the organizer."""
    choices = await server.organizer.autocomplete(server.jellies, f"jelly {command}", "jelly", "")
    return [str(one["name"]) for one in choices if str(one["value"]).startswith("series:")]


async def series_in_list(server: SimulatedServer) -> int:
    return (await series_listed(server)).count("every Thursday")


@pytest.mark.parametrize("command", COMMANDS)
async def test_what_this_and_all_later_leaves_in_the_past_is_in_no_list(
    server: SimulatedServer, command: str
) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    await server.at(THURSDAY_10 + 2 * DAY)
    await edit(server, which="Weekly", dates="later", when="every thursday 11-16")
    [name] = await offered(server, command)
    assert "11:00" in name
    assert await series_in_list(server) == 1


async def test_what_this_and_all_later_leaves_ahead_is_offered_until_it_is_over(
    server: SimulatedServer,
) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    form = await server.organizer.slash(
        server.jellies, "jelly edit", jelly=await date_named(server, "3 dec"), dates="later"
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            **{"what": "Weekly", "when": "every thursday 11-16 from 3 dec", "where": "The Alb"},
            **{"about": "", "host": [server.organizer]},
        },
    )
    assert preview.response is not None
    await server.organizer.click(preview.response, label="Save it")
    await server.settle()
    assert len(await offered(server, "end")) == 2
    await server.at(THURSDAY_10 + 5 * HOUR)
    assert len(await offered(server, "end")) == 2
    await server.at(THURSDAY_10 + 6 * HOUR)
    [name] = await offered(server, "end")
    assert "11:00" in name


async def test_a_series_is_over_with_its_last_date(server: SimulatedServer) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16 2 times")
    await server.at(THURSDAY_10 + WEEK + 5 * HOUR)
    assert len(await offered(server, "pause")) == 1
    await server.at(THURSDAY_10 + WEEK + 6 * HOUR)
    assert await offered(server, "pause") == []
    assert await series_in_list(server) == 0


async def test_a_series_is_over_if_its_last_dates_are_skipped(server: SimulatedServer) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16 2 times")
    await server.at(THURSDAY_10 + DAY)
    asked = await server.organizer.slash(
        server.jellies, "jelly skip", jelly=await date_named(server, "3 dec")
    )
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Skip it")
    await server.settle()
    assert await offered(server, "end") == []


async def test_a_series_whose_next_date_is_far_off_is_not_over(server: SimulatedServer) -> None:
    await schedule(server, title="Yearly", when="every year on 26 november 10-16")
    await server.at(THURSDAY_10 + DAY)
    assert len(await offered(server, "end")) == 1


async def test_a_paused_series_is_over_when_its_last_date_would_have_been(
    server: SimulatedServer,
) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16 3 times")
    [choice] = await server.organizer.autocomplete(server.jellies, "jelly end", "jelly", "")
    asked = await server.organizer.slash(server.jellies, "jelly pause", jelly=choice["value"])
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Pause it")
    await server.settle()
    await server.at(THURSDAY_10 + WEEK)
    assert len(await offered(server, "end")) == 1
    await server.at(THURSDAY_10 + 4 * WEEK)
    assert await offered(server, "end") == []


async def test_nobody_is_asked_whether_a_series_that_is_over_goes_on(
    server: SimulatedServer,
) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16 3 times")
    for week in range(3):
        await server.at(THURSDAY_10 + week * WEEK + 6 * HOUR)
    assert told(server, "three") == []
    await schedule(server, title="Also weekly", when="every thursday 10-16")
    first = datetime(2026, 12, 17, 16, tzinfo=UTC)
    for week in range(3):
        await server.at(first + week * WEEK)
    assert (
        len([one for one in server.messages() if "Also weekly" in one and "Keep it going?" in one])
        == 1
    )
