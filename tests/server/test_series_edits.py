"""Edits of a whole series, or of all dates from one on: who is moved where, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from data.limits import CORRECTIONS_TOGETHER
from tests.moments import DAY, HOUR, MONDAY, THURSDAY_10, WEEK
from tests.server.actions import edit
from tests.server.simulated_server import SimulatedServer
from tests.server.test_series import date_named, press, scheduled

THURSDAY_DEC_3 = THURSDAY_10 + WEEK


async def posted(server: SimulatedServer, when: str, *, card: str = "2 weeks") -> None:
    """Posts a series whose first card stands already."""
    await server.organizer.slash(server.jellies, "settings", card=card)
    await server.schedule("Weekly", when=when)


async def everybody_comes(server: SimulatedServer) -> None:
    for member in server.members:
        await member.click(server.card("Weekly"), label="Going")


async def edited(server: SimulatedServer, when: str, *, later_than: str = "") -> str:
    """Has the organizer change when all dates are, or those from one on; returns the preview."""
    preview = await edit(
        server, which=later_than or "Weekly", dates="later" if later_than else "all", when=when
    )
    await server.after(CORRECTIONS_TOGETHER)
    return preview


def offsets(starts: Sequence[datetime], first: datetime) -> list[float]:
    return [(start - first) / DAY for start in starts]


async def test_another_weekday_of_the_month_moves_each_date_to_its_month(
    server: SimulatedServer,
) -> None:
    await posted(server, "every first tuesday 10-16")
    await everybody_comes(server)
    preview = await edited(server, "every first monday 10-16")
    first_tuesday = MONDAY + 8 * DAY + HOUR
    assert "Moves 2 dates (3 people)." in preview
    assert offsets(await scheduled(server), first_tuesday) == [6, 34]
    assert not any("called off" in message for message in server.messages())


async def test_nobody_is_moved_days_back_to_a_start_of_this_hour(server: SimulatedServer) -> None:
    """It is Monday, 9:00, and the new rule has a date at 10:00."""
    await posted(server, "every sunday 10-16", card="1 week")
    await everybody_comes(server)
    preview = await edited(server, "every monday 10-16")
    assert "Moves 8 dates (3 people). Adds 1 date." in preview
    starts = await scheduled(server)
    assert offsets(starts, MONDAY + HOUR) == [7.0 * week for week in range(9)]
    going = await server.read("SELECT going_count FROM session ORDER BY starts_at")
    assert [row["going_count"] for row in going] == [0, 3, *[0] * 7]


@pytest.mark.parametrize("when", ["every friday 10-16", "every wednesday 9-12", "every day 11-16"])
async def test_a_skipped_date_stays_skipped_at_its_new_place(
    server: SimulatedServer, when: str
) -> None:
    await posted(server, "every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly skip", which=await date_named(server, "3 dec")
    )
    await press(server, asked, "Call it off")
    await edited(server, when)
    skipped = {
        "every friday 10-16": THURSDAY_DEC_3 + DAY,
        "every wednesday 9-12": THURSDAY_DEC_3 - DAY - HOUR,
        "every day 11-16": THURSDAY_DEC_3 + HOUR,
    }[when]
    assert skipped not in await scheduled(server)
    assert skipped + WEEK in await scheduled(server)
    await edited(server, "every thursday 10-16")
    assert THURSDAY_DEC_3 not in await scheduled(server)
    assert THURSDAY_DEC_3 + WEEK in await scheduled(server)


async def test_a_skipped_date_without_counterpart_stays_skipped_when_its_day_comes_back(
    server: SimulatedServer,
) -> None:
    await posted(server, "every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly skip", which=await date_named(server, "17 dec")
    )
    await press(server, asked, "Call it off")
    await edited(server, "every first monday 10-16")
    await edited(server, "every thursday 11-16")
    days = [start.date().isoformat() for start in await scheduled(server)]
    assert "2026-12-17" not in days
    assert {"2026-12-10", "2026-12-24"} <= set(days)


async def test_a_count_survives_a_split(server: SimulatedServer) -> None:
    await posted(server, "every thursday 10-16 6 times")
    form = await server.organizer.slash(
        server.jellies, "jelly edit", which=await date_named(server, "10 dec"), dates="later"
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": "every Friday, 10:00 to 16:00, London time, from 10 Dec 2026, 4 times",
            "where": "The Alb",
            "host": [server.organizer],
        },
    )
    await press(server, preview, "Save it")
    assert offsets(await scheduled(server), THURSDAY_10) == [0, 7, 15, 22, 29, 36]
    for _ in range(8):
        await server.after(WEEK)
    held = await server.read("SELECT COUNT(*) AS n FROM session WHERE state = 'scheduled'")
    assert held[0]["n"] == 6
