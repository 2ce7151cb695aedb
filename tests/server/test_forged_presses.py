"""What a tampered client sends changes nothing and is answered privately."""

from __future__ import annotations

import pytest

from tests.moments import ENDS, THURSDAY_10
from tests.server.actions import drafted
from tests.server.hosting import begin, forge, open_next_door, open_roll, plan
from tests.server.simulated_server import SimulatedServer, said, text_of


async def test_a_member_who_forges_a_host_button_is_refused_privately(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await begin(server, sam)
    next_door = await open_next_door(server)
    before = await server.read("SELECT * FROM rsvp")
    for forged in (
        *("jelly:export-table:1", "jelly:export-list:1", "jelly:roll:1:0", "jelly:roll:1:1"),
        *("jelly:ticked:1:0:0", "jelly:take-off:1", "jelly:taken-off:1:0", "jelly:summary:1"),
    ):
        for presser, under, sentence in (
            (priya, server.card(), f"Only its host {server.organizer.mention} or an organizer"),
            (next_door.organizer, next_door.message, "no longer on the list"),
        ):
            refused = await forge(server, presser, under, forged, str(sam.id))
            assert refused.ephemeral
            assert sentence in said(refused)
            assert sam.mention not in said(refused)
            assert refused.response is not None
            assert refused.response.attachments == []
    assert await server.read("SELECT * FROM rsvp") == before


async def test_nobody_comes_to_another_servers_jelly(server: SimulatedServer) -> None:
    await plan(server, server.members[0])
    next_door = await open_next_door(server)
    for moment in (THURSDAY_10, ENDS):
        await server.at(moment)
        before = await server.read("SELECT * FROM rsvp")
        for forged in (
            *("jelly:here:1", "jelly:off:1", "jelly:was-there:1:1", "jelly:was-there:1:0"),
            "jelly:details:1:card",
        ):
            refused = await forge(server, next_door.organizer, next_door.message, forged)
            assert refused.ephemeral
            assert "no longer on the list" in said(refused)
        assert await server.read("SELECT * FROM rsvp") == before


async def test_a_made_up_button_is_answered_in_a_sentence(server: SimulatedServer) -> None:
    await begin(server)
    for forged in (
        *("jelly:here", "jelly:here:x", "jelly:here:1:2", "jelly:was-there:1", "jelly:roll:1"),
        *("jelly:was-there:1:yes", "jelly:ticked:1:0", "jelly:usual-mood:furious", "jelly:thanks"),
    ):
        refused = await forge(server, server.organizer, server.card(), forged)
        assert refused.ephemeral
        assert "That button no longer works" in said(refused)


async def test_a_made_up_number_is_answered_in_a_sentence(server: SimulatedServer) -> None:
    await begin(server)
    refused = await forge(server, server.organizer, server.card(), f"jelly:here:{2**63}")
    assert refused.ephemeral
    assert "Something went wrong" not in said(refused)


async def test_forged_values_in_the_list_are_ignored(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await begin(server, sam, priya)
    opened = await open_roll(server, server.organizer)
    assert opened.response is not None
    made_up = ["999", "0", "-1", "abc", "", "²", "٣", "9" * 100, str(jordan.id)]
    for forged in ("jelly:ticked:1:0:0", "jelly:ticked:1:7:3", "jelly:ticked:1:-1:-1"):
        shown = await forge(
            server, server.organizer, opened.response, forged, *made_up, str(sam.id)
        )
        assert "1 of 3 checked in" in said(shown)
    rows = await server.read("SELECT user_id, arrived_at IS NOT NULL AS came FROM rsvp")
    came = {row["user_id"]: row["came"] for row in rows}
    assert came == {server.organizer.id: 0, sam.id: 1, priya.id: 0}


@pytest.mark.parametrize("values", [["999"], [], ["abc"], ["9" * 30]])
async def test_forged_values_take_nobody_off(server: SimulatedServer, values: list[str]) -> None:
    await plan(server, server.members[0])
    refused = await forge(server, server.organizer, server.card(), "jelly:taken-off:1:0", *values)
    assert refused.ephemeral
    assert "**2 coming**" in text_of(server.card())
    assert "not on that list" in said(refused)


async def test_a_forged_last_yes_to_forget_me_under_a_preview_is_answered(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    preview = await drafted(server, by=server.members[0])
    assert preview.response is not None
    done = await forge(server, server.members[0], preview.response, "jelly:forgotten:0:0")
    assert done.ephemeral
    assert "nothing is stored about you" in said(done)
