"""What a preview and the lists say of dates is true and complete."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.moments import stamp
from tests.server.actions import drafted, schedule, series_listed
from tests.server.simulated_server import SimulatedServer, said


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("every tuesday 10am from 5 january", "from 5 Jan 2027"),
        ("every tuesday 10am except 24 nov", "from 1 Dec 2026"),
        ("every tuesday 10am 3 times except 1 dec", "3 times, except 1 Dec 2026"),
        ("every tuesday 10am except 1 dec and 8 dec", "except 1 Dec 2026 and 8 Dec 2026"),
        ("every thursday in december 10am", "from 3 Dec 2026, until 31 Dec 2026"),
        ("every 2 weeks on thursday 10am from 5 november", "from 3 Dec 2026"),
        (
            "every 3 weeks on monday counted from 7 dec and every friday 10am",
            "every 3 weeks on Monday counted from 7 Dec 2026",
        ),
    ],
)
async def test_a_preview_says_a_later_start_counts_and_days_left_out(
    server: SimulatedServer, when: str, words: str
) -> None:
    assert words in said(await drafted(server, when=when))


async def test_it_says_no_start_of_what_begins_with_its_next_date(server: SimulatedServer) -> None:
    assert "from" not in said(await drafted(server, when="every tuesday 10am from tuesday"))


async def test_the_list_says_when_a_series_begins_until_it_has_begun(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="every tuesday 10am from 15 december")
    assert "from 15 Dec 2026" in await series_listed(server)
    await server.at(datetime.fromisoformat("2026-12-15T09:00+00:00"))
    listed = await series_listed(server)
    assert "every Tuesday" in listed
    assert "from 15 Dec 2026" not in listed


@pytest.mark.parametrize("when", ["28 march 2027 01:30", "every sunday 01:30"])
async def test_a_preview_says_which_hour_the_clocks_skip(
    server: SimulatedServer, when: str
) -> None:
    """Also of a date that is not among the next three."""
    preview = said(await drafted(server, when=when))
    skipped = datetime.fromisoformat("2027-03-28T02:30+01:00")
    assert "The clocks go forward" in preview
    assert stamp(skipped, "t") in preview


async def test_a_single_date_is_said_by_what_the_clocks_show(server: SimulatedServer) -> None:
    preview = said(await drafted(server, when="28 march 2027 01:30-05:00"))
    assert "Sunday 28 March 2027, 02:30 to 05:00" in preview
