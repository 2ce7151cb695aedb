"""What people say that they are working on."""

from __future__ import annotations

import pytest
import simcord

from tests.server.actions import (
    add_details,
    answer,
    filled,
    mine,
    schedule,
)
from tests.server.simulated_server import SimulatedServer, text_of

# With a note.


async def test_a_note_shows_as_it_was_typed_and_notifies_nobody(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    note = "**bold** @everyone <@1> `x` [a](https://evil.example) # big"
    await add_details(server, sam, note=note)
    card = text_of(server.card())
    assert "**Working on**" in card
    for markup in ("**bold**", "@everyone", "<@1>", "`x`", "[a]("):
        assert markup not in card.partition("**Working on**")[2]
    form = await sam.click(server.card(), label="Add details")
    assert filled(form)["note"] == note
    for request in server.environment.http_requests:
        if request.json and request.path.endswith("/messages"):
            assert request.json["allowed_mentions"]["parse"] == []


@pytest.mark.parametrize(
    "note",
    ["🧑‍💻 with 🇬🇧 and é", "עברית ואז English", "مرحبا 123", "x" * 100, "🧵" * 100, "*" * 100],
)
async def test_notes_in_any_script_are_kept_and_can_be_taken_off(
    server: SimulatedServer, note: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    await add_details(server, sam, note=note)
    form = await sam.click(server.card(), label="Add details")
    assert filled(form)["note"] == note
    card = text_of(server.card())
    assert card.count(sam.mention) == 2
    await sam.submit_modal(form, {**filled(form), "note": ""})
    assert "Working on" not in text_of(server.card())


async def test_a_note_cannot_turn_the_rest_of_the_card_around_or_break_its_lines(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await add_details(server, sam, note="\u202eevil\u2066\u200b")
    assert text_of(server.card()).endswith(f"{sam.mention} evil")


async def test_a_note_of_more_than_a_hundred_characters_is_refused_by_the_command(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    with pytest.raises(simcord.OptionError, match="100"):
        await answer(server, sam, "going", note="x" * 101)
    await answer(server, sam, "going", note="taxes")
    await answer(server, sam, "going", note="-")
    assert await mine(server, sam) == "Going"
