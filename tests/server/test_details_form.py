"""The form for the details of an answer."""

from __future__ import annotations

from tests.server.actions import (
    HOST,
    add_details,
    filled,
    follow_up,
    mine,
    schedule,
)
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_a_form_opens_with_everything_one_said_before(server: SimulatedServer) -> None:
    await schedule(server, guests=2)
    sam = server.members[0]
    await add_details(server, sam, mood=["chatty"], hours="11 to 14", guests=["2"], note="taxes")
    form = await sam.click(server.card(), label="Add details")
    assert filled(form) == {
        "mood": ["chatty"],
        "hours": "11:00 to 14:00",
        "guests": ["2"],
        "note": "taxes",
    }
    await sam.submit_modal(form, filled(form))
    assert await mine(server, sam) == "Going, with 2 guests, up for a chat, 11:00 to 14:00, taxes"


async def test_the_private_message_leads_to_the_same_form_and_shows_what_one_said(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    asked = follow_up(await sam.click(server.card(), label="Going"))
    sent = await add_details(server, sam, asked, mood=["either"], hours="until 13", note="taxes")
    assert sent.response is not None
    assert sent.response.id == asked.id
    assert "-# Either, 10:00 to 13:00, taxes" in said(sent)
    assert f"{sam.mention} taxes" in text_of(server.card())
    waits = follow_up(await priya.click(server.card(), label="Join the waiting list"))
    assert buttons_of(waits) == ["Heads-down", "Either", "Up for a chat", "Add details"]
    sent = await add_details(server, priya, waits, note="tea")
    assert "#1 on the waiting list" in said(sent)
    assert "tea" not in text_of(server.card())


async def test_of_two_forms_sent_from_two_devices_the_last_one_holds(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    forms = [await sam.click(server.card(), label="Add details") for _ in range(2)]
    await sam.submit_modal(forms[1], {**filled(forms[1]), "note": "laptop", "hours": "10 to 12"})
    await sam.submit_modal(forms[0], {**filled(forms[0]), "note": "phone"})
    assert await mine(server, sam) == "Going, phone"


async def test_a_form_sent_by_someone_who_said_maybe_keeps_the_maybe(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await sam.click(server.card(), label="Maybe")
    await add_details(server, sam, note="taxes", hours="10 to 13")
    assert await mine(server, sam) == "Maybe, 10:00 to 13:00, taxes"
    assert "By the hour" not in text_of(server.card())
