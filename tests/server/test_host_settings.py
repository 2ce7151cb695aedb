"""What a host sets, and changes after people have answered: tone, seats, a series' dates."""

from __future__ import annotations

import pytest
import simcord

from tests.moments import DAY, THURSDAY_10, stamp
from tests.server.actions import (
    HOST,
    answer,
    at_once,
    drafted,
    edit,
    filled,
    follow_up,
    forged,
    member,
    mine,
    press_in_turn,
    previewed,
    schedule,
    told,
)
from tests.server.simulated_server import SimulatedServer, said, text_of

# Before any member sees it.


@pytest.mark.parametrize(
    ("tone", "on_card", "expect"),
    [
        ("quiet", " · quiet, for heads-down work", "It's a quiet one"),
        ("mixed", "", "Some work heads-down, some are up for a chat"),
        ("social", " · social, for company", "People work and chat."),
    ],
)
async def test_the_tone_stands_on_the_card_and_tells_newcomers_what_to_expect(
    server: SimulatedServer, tone: str, on_card: str, expect: str
) -> None:
    await schedule(server, tone=tone)
    assert f"**Host** {server.organizer.mention}{on_card}\n" in text_of(server.card())
    pressed = await server.members[0].click(server.card(), label="Going")
    assert expect in follow_up(pressed).content


async def test_the_host_sets_the_tone_in_the_preview_before_anybody_sees_it(
    server: SimulatedServer,
) -> None:
    shown = await drafted(server)
    assert "No seat limit, and each member may bring 1 guest." in said(shown)
    assert shown.response is not None
    form = await server.organizer.click(shown.response, label="Seats and tone")
    assert filled(form) == {"tone": ["mixed"], "seats": "", "guests": "1", "close": ""}
    preview = await server.organizer.submit_modal(
        form, {"tone": ["social"], "seats": "9", "guests": "3", "close": "1 day"}
    )
    text = said(preview)
    assert "social, for company" in text
    assert "**8 seats left**" in text
    assert "9 seats, and each member may bring 3 guests." in text
    assert f"Answer by {stamp(THURSDAY_10 - DAY, 'F')}. After that, it's up to the host." in text
    assert server.cards() == []
    assert preview.response is not None
    await server.organizer.click(preview.response, label="Schedule it")
    await server.settle()
    assert "social, for company" in text_of(server.card())


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"seats": "many"}, "“seats” has to be a number"),
        ({"seats": "0"}, "1 to 1000 seats"),
        ({"seats": "-3"}, "“seats” has to be a number"),
        ({"seats": "1001"}, "1 to 1000 seats"),
        ({"seats": "٣"}, "“seats” has to be a number"),
        ({"guests": "x"}, "“guests” has to be a number"),
        ({"close": "soon"}, "soon"),
        ({"close": "5 weeks"}, "up to 4 weeks before the start"),
        ({"close": "30 seconds"}, "30 seconds"),
    ],
)
async def test_what_does_not_fit_the_seats_form_gets_one_sentence_and_changes_nothing(
    server: SimulatedServer, fields: dict[str, str], sentence: str
) -> None:
    shown = await drafted(server)
    assert shown.response is not None
    form = await server.organizer.click(shown.response, label="Seats and tone")
    typed = {**filled(form), "tone": ["quiet"], "seats": "9", "close": "2 days", **fields}
    refused = await server.organizer.submit_modal(form, typed)
    assert refused.response is not None
    assert refused.response.id == shown.response.id
    assert sentence in said(refused)
    assert "error" not in said(refused)
    [draft] = await server.read("SELECT tone, capacity FROM draft")
    assert draft == {"tone": "mixed", "capacity": None}
    # The form comes back with everything that was typed.
    again = await server.organizer.click(refused.response, label="Seats and tone")
    assert filled(again) == typed
    mended = {**filled(again), "seats": "8", "guests": "1", "close": "1 day"}
    preview = await server.organizer.submit_modal(again, mended)
    assert "8 seats" in said(preview)
    assert "quiet, for heads-down work" in said(preview)


async def test_nobody_else_may_open_or_send_the_seats_form_of_a_preview(
    server: SimulatedServer,
) -> None:
    shown = await drafted(server)
    assert shown.response is not None
    sam = server.members[0]
    for custom_id in ("jelly:draft-seats:1", "jelly:draft-save:1:1795687200"):
        pressed = await forged(server, sam, custom_id, shown.response)
        assert "That preview has been used" in said(pressed)
    assert await server.read("SELECT * FROM session") == []


# After people have answered.


async def test_fewer_seats_throw_nobody_out_and_the_preview_says_so(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 3)
    sam, priya, jordan = server.members
    kim = member(server, "Kim")
    await press_in_turn(server, sam, priya, jordan, kim)
    preview = await edit(server, seats={"seats": "3"})
    assert "4 are taken already. No one loses theirs" in preview
    assert "**4 coming** · 3 seats from now on · **1 waiting**" in text_of(server.card())
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert told(server, "a seat came free") == []
    assert await mine(server, kim) == "#1 on the waiting list"
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    assert await mine(server, kim) == "Going"


async def test_fewer_seats_on_all_dates_throw_nobody_out_and_the_preview_says_so(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="every thursday 10-16", seats=HOST + 3)
    for who in server.members:
        await who.click(server.card(), label="Going")
    preview = await edit(server, dates="all", seats={"seats": "2"})
    assert "No one loses theirs" in preview


async def test_two_organizers_who_change_the_seats_at_once_hear_of_each_other(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=3)
    previews = [await previewed(server, seats={"seats": seats}) for seats in ("5", "1")]
    first, second = (preview.response for preview in previews)
    assert first is not None
    assert second is not None
    results = await at_once(
        server, (server.organizer, first, "Save it"), (server.organizer, second, "Save it")
    )
    await server.settle()
    [refused] = [
        result for result in results if "was changed while you were editing it" in said(result)
    ]
    now, mine = (1, 5) if refused is results[0] else (5, 1)
    assert f"**Seats**\nNow: {now}\nYours: {mine}" in said(refused)
    assert ("**4 seats left**" if now == 5 else "**no seats left**") in text_of(server.card())


async def test_seats_of_a_series_are_those_of_all_its_dates(server: SimulatedServer) -> None:
    await schedule(server, when="every thursday 10-16", seats=HOST + 1)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Join the waiting list")
    await edit(server, dates="all", seats={"seats": "5", "guests": "2", "tone": ["quiet"]})
    assert priya.mention in told(server, "a seat came free")[0].content
    for week in range(1, 5):
        await server.at(THURSDAY_10 + 7 * week * DAY - DAY)
    newest = text_of(server.cards()[-1])
    assert "**1 coming** · **4 seats left**" in newest
    assert "quiet, for heads-down work" in newest
    assert len(server.cards()) > 4


async def test_a_change_of_other_things_keeps_tone_seats_guests_and_deadline(
    server: SimulatedServer,
) -> None:
    await schedule(server, tone="social", seats=8, guests=3, answers_close="2 days")
    await edit(server, where="The Shrew")
    moved = await server.organizer.slash(
        server.jellies, "jelly move", jelly="Thursday jelly", when="friday 10-16"
    )
    assert moved.response is not None
    await server.organizer.click(moved.response, label="Save it")
    await server.settle()
    preview = await previewed(server)
    assert preview.response is not None
    changed = await server.organizer.click(preview.response, label="Change")
    again = await server.organizer.submit_modal(
        changed, {**filled(changed), "host": [server.organizer]}
    )
    assert again.response is not None
    form = await server.organizer.click(again.response, label="Seats and tone")
    assert filled(form) == {"tone": ["social"], "seats": "8", "guests": "3", "close": "2 days"}
    card = text_of(server.card())
    assert "The Shrew" in card
    assert "social, for company" in card
    assert "**7 seats left**" in card
    assert f"Answer by {stamp(THURSDAY_10 - DAY, 'F')}." in card


async def test_later_dates_split_off_keep_their_seats(server: SimulatedServer) -> None:
    await schedule(server, when="every thursday 10-16", seats=7, guests=2, tone="quiet")
    await edit(server, dates="later", where="The Shrew")
    card = text_of(server.card())
    assert "The Shrew" in card
    assert "**6 seats left**" in card
    assert "quiet, for heads-down work" in card


# A series whose dates change.


async def said_yes_then_no_to_the_last_date(
    server: SimulatedServer, who: simcord.MemberActor, **options: object
) -> None:
    """Has a member say yes, then no, to a date that has no card yet."""
    await schedule(server, title="Weekly jelly", when="every thursday 10-16")
    listed = await who.autocomplete(server.chat, "rsvp", "jelly", "weekly")
    for what in ("going", "declined"):
        await answer(server, who, what, session=listed[-1]["value"], **options)
    await server.settle()


async def change_the_rule(server: SimulatedServer) -> None:
    """Gives the series other days, so that its old dates ahead are removed."""
    preview = await previewed(
        server, which="weekly", dates="all", when="tuesdays and fridays 10-16"
    )
    assert preview.response is not None
    saved = await server.organizer.click(preview.response, label="Save it")
    assert server.errors.records == []
    assert "is changed" in said(saved)


async def test_a_date_a_newcomer_no_longer_comes_to_can_leave_its_series(
    server: SimulatedServer,
) -> None:
    await said_yes_then_no_to_the_last_date(server, server.members[0])
    await change_the_rule(server)


async def test_a_date_to_which_someone_wanted_to_come_for_hours_can_leave_its_series(
    server: SimulatedServer,
) -> None:
    await said_yes_then_no_to_the_last_date(server, server.organizer, hours="10 to 13")
    await change_the_rule(server)


async def test_a_date_to_which_someone_was_added_and_taken_off_can_leave_its_series(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await schedule(server)
    await sam.click(server.card(), label="Going")
    await said_yes_then_no_to_the_last_date(server, server.organizer, member=sam)
    await change_the_rule(server)
