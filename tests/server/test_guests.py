"""Guests, who take seats, and how many each member may bring."""

from __future__ import annotations

from tests.server.actions import (
    HOST,
    add_details,
    answer,
    edit,
    filled,
    mine,
    schedule,
)
from tests.server.simulated_server import SimulatedServer, said, text_of

# With guests.


async def test_guests_stand_beside_their_host_and_take_seats(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 4, guests=2)
    sam, priya, jordan = server.members
    await add_details(server, sam, guests=["2"])
    card = text_of(server.card())
    assert f"{sam.mention} +2" in card
    assert "**4 coming** · **1 seat left**" in card
    await answer(server, priya, "going", guests=1)
    await server.settle()
    assert await mine(server, priya) == "#1 on the waiting list, with 1 guest"
    await jordan.click(server.card(), label="Going")
    assert "**no seats left**" in text_of(server.card())


async def test_where_there_is_room_for_everybody_the_card_counts_guests(
    server: SimulatedServer,
) -> None:
    await schedule(server, guests=9)
    await add_details(server, server.members[0], guests=["9"])
    assert "**11 coming**" in text_of(server.card())


async def test_one_guest_each_unless_the_host_says_otherwise(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    form = await sam.click(server.card(), label="Add details")
    assert form.modal is not None
    choices = next(
        field["component"]["options"]
        for field in form.modal["components"]
        if field["component"]["custom_id"] == "guests"
    )
    assert [choice["label"] for choice in choices] == ["no guests", "1 guest"]
    refused = await answer(server, sam, "going", guests=2)
    assert said(refused) == "Each member can bring 1 guest here."
    assert await mine(server, sam) == "no answer yet"


async def test_no_guests_where_the_host_wants_none(server: SimulatedServer) -> None:
    await schedule(server, guests=0)
    sam = server.members[0]
    form = await sam.click(server.card(), label="Add details")
    assert "guests" not in filled(form)
    refused = await answer(server, sam, "going", guests=1)
    assert "no room for guests" in said(refused)
    await sam.submit_modal(form, filled(form))
    assert await mine(server, sam) == "Going"


async def test_more_guests_than_seats_get_one_sentence_and_nothing_changes(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 3, guests=3)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Going")
    refused = await answer(server, sam, "going", guests=2)
    assert refused.ephemeral
    assert "guests stay as they are" in said(refused)
    assert await mine(server, sam) == "Going"
    whole_house = await answer(server, priya, "going", guests=3)
    assert "guests stay as they are" in said(whole_house)
    assert "**1 seat left**" in text_of(server.card())


async def test_a_lower_limit_sends_nobodys_guests_home(server: SimulatedServer) -> None:
    await schedule(server, guests=3)
    sam, priya, _ = server.members
    await add_details(server, sam, guests=["3"])
    open_form = await priya.click(server.card(), label="Add details")
    await edit(server, seats={"guests": "1"})
    crossed = await priya.submit_modal(open_form, {**filled(open_form), "guests": ["3"]})
    assert said(crossed) == "Each member can bring 1 guest here."
    await add_details(server, sam, note="taxes")
    assert await mine(server, sam) == "Going, with 3 guests, taxes"
    form = await sam.click(server.card(), label="Add details")
    await sam.submit_modal(form, {**filled(form), "guests": ["2"]})
    assert await mine(server, sam) == "Going, with 2 guests, taxes"


async def test_fewer_guests_are_welcome_however_few_seats_there_are(
    server: SimulatedServer,
) -> None:
    await schedule(server, guests=3)
    sam = server.members[0]
    await add_details(server, sam, guests=["3"])
    await edit(server, seats={"seats": "2"})
    await answer(server, sam, "going", guests=2)
    assert await mine(server, sam) == "Going, with 2 guests"


async def test_guests_are_asked_for_anew_after_a_no(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await add_details(server, sam, guests=["1"])
    await sam.click(server.card(), label="Can't make it")
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"
