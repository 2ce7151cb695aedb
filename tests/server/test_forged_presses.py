"""What a client that somebody tampered with sends changes nothing and is answered privately."""

from __future__ import annotations

import pytest

from tests.server.hosting import ENDS, begin, forge, open_next_door, open_roll, plan
from tests.server.simulated_server import Town, said, text_of
from tests.server.test_scheduling import THURSDAY_10


async def test_a_member_who_forges_a_host_button_is_refused_privately(town: Town) -> None:
    sam, priya, _ = town.members
    await begin(town, sam)
    next_door = await open_next_door(town)
    before = await town.read("SELECT * FROM rsvp")
    for forged in (
        *("jelly:export-table:1", "jelly:export-list:1", "jelly:roll:1:0", "jelly:roll:1:1"),
        *("jelly:ticked:1:0:0", "jelly:take-off:1", "jelly:taken-off:1:0", "jelly:summary:1"),
    ):
        for presser, under, sentence in (
            (priya, town.card(), f"Only its host {town.organizer.mention} and organizers"),
            (next_door.organizer, next_door.message, "no longer on the list"),
        ):
            refused = await forge(town, presser, under, forged, str(sam.id))
            assert refused.ephemeral
            assert sentence in said(refused)
            assert sam.mention not in said(refused)
            assert refused.response is not None
            assert refused.response.attachments == []
    assert await town.read("SELECT * FROM rsvp") == before


async def test_nobody_comes_to_another_servers_jelly(town: Town) -> None:
    await plan(town, town.members[0])
    next_door = await open_next_door(town)
    for moment in (THURSDAY_10, ENDS):
        await town.at(moment)
        before = await town.read("SELECT * FROM rsvp")
        for forged in (
            *("jelly:here:1", "jelly:off:1", "jelly:was-there:1:1", "jelly:was-there:1:0"),
            "jelly:details:1:card",
        ):
            refused = await forge(town, next_door.organizer, next_door.message, forged)
            assert refused.ephemeral
            assert "no longer on the list" in said(refused)
        assert await town.read("SELECT * FROM rsvp") == before


async def test_a_made_up_button_is_answered_in_a_sentence(town: Town) -> None:
    await begin(town)
    for forged in (
        *("jelly:here", "jelly:here:x", "jelly:here:1:2", "jelly:was-there:1", "jelly:roll:1"),
        *("jelly:was-there:1:yes", "jelly:ticked:1:0", "jelly:usual-mood:furious", "jelly:thanks"),
    ):
        refused = await forge(town, town.organizer, town.card(), forged)
        assert refused.ephemeral
        assert "That button no longer works" in said(refused)


async def test_a_made_up_number_is_answered_in_a_sentence(town: Town) -> None:
    await begin(town)
    refused = await forge(town, town.organizer, town.card(), f"jelly:here:{2**63}")
    assert refused.ephemeral
    assert "Something went wrong" not in said(refused)


async def test_forged_values_in_the_list_are_ignored(town: Town) -> None:
    sam, priya, jordan = town.members
    await begin(town, sam, priya)
    opened = await open_roll(town, town.organizer)
    assert opened.response is not None
    made_up = ["999", "0", "-1", "abc", "", "²", "٣", "9" * 100, str(jordan.id)]
    for forged in ("jelly:ticked:1:0:0", "jelly:ticked:1:7:3", "jelly:ticked:1:-1:-1"):
        shown = await forge(town, town.organizer, opened.response, forged, *made_up, str(sam.id))
        assert "1 of 2 ticked off" in said(shown)
    rows = await town.read("SELECT user_id, arrived_at IS NOT NULL AS came FROM rsvp")
    assert {row["user_id"]: row["came"] for row in rows} == {sam.id: 1, priya.id: 0}


@pytest.mark.parametrize("values", [["999"], [], ["abc"], ["9" * 30]])
async def test_forged_values_take_nobody_off(town: Town, values: list[str]) -> None:
    await plan(town, town.members[0])
    refused = await forge(town, town.organizer, town.card(), "jelly:taken-off:1:0", *values)
    assert refused.ephemeral
    assert "**1 going**" in text_of(town.card())
    assert "not on that list" in said(refused)
