"""Words about an existing jelly are read in its zone, and keep its length where they say none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import simcord

from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10, stamp
from tests.server.actions import filled, schedule
from tests.server.simulated_server import SimulatedServer, buttons_of, said
from tests.server.test_series import date_named, press, scheduled

NEW_YORK = 5 * HOUR
"""By how much a time in New York is later than the same time in London."""
FRIDAY_11 = THURSDAY_10 + DAY + HOUR


async def in_new_york(server: SimulatedServer, when: str = "thursday 10-16") -> None:
    """Schedules a jelly in New York; the server's zone is London's."""
    await schedule(server, when=f"{when} new york")


async def form_of(
    server: SimulatedServer, dates: str | None = None
) -> tuple[simcord.InteractionResult, dict[str, object]]:
    """Returns the form of a change, and what it holds."""
    which = await date_named(server, "26 nov")
    form = await server.organizer.slash(
        server.jellies, "jelly edit", jelly=which, **({"dates": dates} if dates else {})
    )
    return form, {**filled(form), "host": [server.organizer]}


async def all_named(server: SimulatedServer) -> str:
    choices = await server.organizer.autocomplete(server.jellies, "jelly end", "jelly", "")
    return str(choices[0]["value"])


async def moved(server: SimulatedServer, when: str) -> str:
    """Moves the jelly of Thursday; returns the preview of that."""
    preview = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "26 nov"), when=when
    )
    text = said(preview)
    await press(server, preview, "Save it")
    return text


async def ends(server: SimulatedServer) -> list[datetime]:
    rows = await server.read(
        "SELECT ends_at FROM session WHERE state = 'scheduled' ORDER BY starts_at"
    )
    return [datetime.fromtimestamp(row["ends_at"], UTC) for row in rows]


async def test_a_date_is_moved_in_its_own_zone(server: SimulatedServer) -> None:
    await in_new_york(server)
    assert "11:00 to 14:00, New York time" in await moved(server, "friday 11-14")
    assert await scheduled(server) == [FRIDAY_11 + NEW_YORK]


async def test_a_zone_in_the_words_counts_instead(server: SimulatedServer) -> None:
    await in_new_york(server)
    await moved(server, "friday 11-14 london")
    assert await scheduled(server) == [FRIDAY_11]


async def test_a_date_is_moved_in_the_zone_that_it_has_by_itself(server: SimulatedServer) -> None:
    await schedule(server, when="every thursday 10-16")
    await moved(server, "nov 26 10-16 new york")
    await moved(server, "nov 26 11-14")
    assert (await scheduled(server))[0] == THURSDAY_10 + HOUR + NEW_YORK


@pytest.mark.parametrize(
    ("when", "dates", "typed"),
    [
        ("thursday 10-16", None, "friday 11-14"),
        ("every thursday 10-16", None, "friday 11-14"),
        ("every thursday 10-16", "later", "every friday 11-14"),
        ("every thursday 10-16", "all", "every friday 11-14"),
    ],
)
async def test_a_form_is_read_in_the_zone_of_what_it_changes(
    server: SimulatedServer, when: str, dates: str | None, typed: str
) -> None:
    await in_new_york(server, when)
    form, fields = await form_of(server, dates)
    preview = await server.organizer.submit_modal(form, {**fields, "when": typed})
    await press(server, preview, "Save it")
    assert (await scheduled(server))[0] == FRIDAY_11 + NEW_YORK


async def test_what_a_refused_change_offers_is_of_its_zone(server: SimulatedServer) -> None:
    await in_new_york(server)
    refused = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "26 nov"), when="4/12 10am"
    )
    assert refused.response is not None
    fourth = next(label for label in buttons_of(refused.response) if label.startswith("4 dec"))
    await press(server, await pressed(server, refused, fourth), "Save it")
    assert await scheduled(server) == [THURSDAY_10 + 8 * DAY + NEW_YORK]
    assert (await ends(server))[0] == THURSDAY_10 + 8 * DAY + NEW_YORK + 6 * HOUR


async def test_a_pause_ends_with_a_day_of_the_series_zone(server: SimulatedServer) -> None:
    await in_new_york(server, "every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly pause", jelly=await all_named(server), until="dec 17"
    )
    assert stamp(datetime(2026, 12, 17, 5, tzinfo=UTC), "D") in said(asked)


async def test_a_pause_until_a_day_with_two_readings_is_asked_about(
    server: SimulatedServer,
) -> None:
    await in_new_york(server, "every thursday 10-16")
    await server.at(THURSDAY_10 + 3 * DAY + NEW_YORK)
    until = {
        day: await server.organizer.slash(
            server.jellies, "jelly pause", jelly=await all_named(server), until=day
        )
        for day in ("next monday", "monday")
    }
    assert "e.g. jan 5 or monday" in said(until["next monday"])
    assert stamp(datetime(2026, 11, 30, 5, tzinfo=UTC), "D") in said(until["monday"])


async def test_another_zone_of_the_server_changes_nothing_about_its_jellies(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="thursday 10-16")
    await server.organizer.slash(server.jellies, "settings", zone="New York")
    await moved(server, "friday 11-14")
    assert await scheduled(server) == [FRIDAY_11]


@pytest.mark.parametrize(("command", "when"), [("move", "thursday"), ("extra", "every thursday")])
async def test_suggestions_are_of_the_chosen_jelly(
    server: SimulatedServer, command: str, when: str
) -> None:
    """And of the server's zone until one is chosen."""
    await in_new_york(server, f"{when} 10-16")
    which = await (date_named(server, "26 nov") if command == "move" else all_named(server))
    typed = (server.jellies, f"jelly {command}", "when", "friday 11am")
    [chosen, *_] = await server.organizer.autocomplete(*typed, jelly=which)
    assert "11:00 to 17:00, New York time" in chosen["name"]
    [before, *_] = await server.organizer.autocomplete(*typed)
    assert "11:00 to 14:00, London time" in before["name"]


async def test_suggestions_for_a_jelly_that_is_on_may_keep_its_start(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await server.at(THURSDAY_10 + 10 * MINUTE)
    [choice, *_] = await server.organizer.autocomplete(
        server.jellies, "jelly move", "when", "today 10-17", jelly="session:1"
    )
    assert choice["name"].startswith("Thursday 26 November 2026, 10:00 to 17:00")


@pytest.mark.parametrize(
    ("typed", "hours"), [("saturday 11am", 6), ("saturday 11am-1pm", 2), ("saturday 11", 6)]
)
async def test_a_move_keeps_the_length_unless_it_says_one(
    server: SimulatedServer, typed: str, hours: int
) -> None:
    await schedule(server, when="thursday 10-16")
    saturday = THURSDAY_10 + 2 * DAY + HOUR
    assert f"11:00 to {11 + hours}:00" in await moved(server, typed)
    assert await ends(server) == [saturday + hours * HOUR]


@pytest.mark.parametrize(
    ("dates", "typed"),
    [(None, "saturday 11am"), ("later", "every saturday 11am"), ("all", "every saturday 11am")],
)
async def test_an_edit_keeps_the_length_that_its_words_leave_out(
    server: SimulatedServer, dates: str | None, typed: str
) -> None:
    await schedule(server, when="every thursday 10-16")
    form, fields = await form_of(server, dates)
    preview = await server.organizer.submit_modal(form, {**fields, "when": typed})
    assert "11:00 to 17:00" in said(preview)
    await press(server, preview, "Save it")
    saturday = THURSDAY_10 + 2 * DAY + HOUR
    assert (await ends(server))[0] == saturday + 6 * HOUR


async def test_a_date_of_its_own_length_keeps_that(server: SimulatedServer) -> None:
    await schedule(server, when="every thursday 10-16")
    await moved(server, "nov 26 10am for 90 minutes")
    await moved(server, "nov 27 11am")
    assert (await ends(server))[0] == FRIDAY_11 + timedelta(minutes=90)


async def test_a_new_jelly_without_an_end_lasts_three_hours(server: SimulatedServer) -> None:
    await schedule(server, when="thursday 10am")
    assert await ends(server) == [THURSDAY_10 + 3 * HOUR]


async def pressed(
    server: SimulatedServer, shown: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    assert shown.response is not None
    return await server.organizer.click(shown.response, label=label)
