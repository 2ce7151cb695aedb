"""A form with one thing wrong comes back with everything that was typed."""

from __future__ import annotations

import pytest

from tests.server.actions import drafted, filled, schedule
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, said, text_of

NOTHING = "\u2800"
"""A character that shows nothing."""


async def test_a_title_that_shows_nothing_keeps_the_rest_of_a_new_jelly(
    server: SimulatedServer,
) -> None:
    refused = await drafted(server, title=NOTHING, about="The wifi is good", seats=8)
    assert "“what” is empty" in said(refused)
    form = await press(server.organizer, refused, "Change")
    assert filled(form)["about"] == "The wifi is good"
    preview = await server.organizer.submit_modal(form, {**filled(form), "what": "Thursday jelly"})
    assert "## Thursday jelly" in said(preview)
    assert "The wifi is good" in said(preview)
    assert "8 seats" in said(preview)
    await press(server.organizer, preview, "Schedule it")
    await server.settle()
    assert "The wifi is good" in text_of(server.card())


async def test_an_edit_that_leaves_the_place_empty_keeps_what_else_was_typed(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="session:1")
    typed = {**filled(form), "what": "Friday jelly", "when": "friday 10-16", "where": NOTHING}
    refused = await server.organizer.submit_modal(form, typed)
    assert "“where” is empty" in said(refused)
    again = await press(server.organizer, refused, "Change")
    assert filled(again) == {**typed, "where": filled(again)["where"]}
    preview = await server.organizer.submit_modal(again, {**filled(again), "where": "The Shrew"})
    assert "## Friday jelly" in said(preview)
    await press(server.organizer, preview, "Save it")
    [jelly] = await server.read("SELECT title, place FROM session")
    assert jelly == {"title": "Friday jelly", "place": "The Shrew"}


async def test_a_host_who_cannot_be_asked_costs_nothing_else(server: SimulatedServer) -> None:
    bot = server.guild.add_member(server.environment.create_user("robot", bot=True))
    preview = await drafted(server, seats=5, host=bot)
    assert said(preview).startswith("Bots work from home. Choose a person. Everything else is kept")
    assert "5 seats" in said(preview)
    assert f"**Host** {server.organizer.mention}" in said(preview)
    form = await press(server.organizer, preview, "Change")
    again = await server.organizer.submit_modal(
        form, {**filled(form), "what": "Tea", "host": [bot]}
    )
    assert "Bots work from home." in said(again)
    assert "## Tea" in said(again)
    saved = await press(server.organizer, again, "Schedule it")
    assert "**Tea** is scheduled" in said(saved)
    [jelly] = await server.read("SELECT host_id FROM session")
    assert jelly["host_id"] == server.organizer.id


@pytest.mark.parametrize("typed", ["sometime", "10 weeks", "30 seconds"])
async def test_a_deadline_that_cannot_be_read_costs_nothing_else(
    server: SimulatedServer, typed: str
) -> None:
    preview = await drafted(server, seats=5, answers_close=typed)
    assert "Everything else is kept." in said(preview)
    assert "5 seats" in said(preview)
    await press(server.organizer, preview, "Schedule it")
    [jelly] = await server.read("SELECT capacity, answers_close FROM session")
    assert jelly == {"capacity": 5, "answers_close": None}


async def test_the_first_settings_come_back_with_the_channel_and_the_zone(
    empty_town: SimulatedServer,
) -> None:
    server = empty_town
    form = await drafted(server)
    typed = {"channel": [server.jellies], "zone": "Atlantis"}
    refused = await server.organizer.submit_modal(form, typed)
    assert "Atlantis" in said(refused)
    again = await press(server.organizer, refused, "Change it")
    assert filled(again)["zone"] == "Atlantis"
    assert str(server.jellies.id) in str(again.modal)
    preview = await server.organizer.submit_modal(again, {**typed, "zone": "London"})
    assert "## Thursday jelly" in said(preview)


async def test_a_tone_that_is_none_costs_nothing_else(server: SimulatedServer) -> None:
    preview = await drafted(server, seats=5, tone="furious")
    assert "Choose one of the tones in the list. Everything else is kept." in said(preview)
    assert "5 seats" in said(preview)
