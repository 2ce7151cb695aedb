"""Who may try again: after a host's no, and after giving up a seat twice."""

from __future__ import annotations

import simcord

from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import (
    HOST,
    LAST_HOURS,
    add_details,
    answer,
    edit,
    follow_up,
    mine,
    press_in_turn,
    schedule,
    told,
)
from tests.server.pings import ASKS, FREE, KEPT
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of
from tests.server.test_invitations import invite, reply

NO = "The host said no to your request for this jelly."
PASSED_BY = "You've given up a seat here twice"


async def refused(server: SimulatedServer) -> simcord.MemberActor:
    """Returns someone whose request after the deadline the host refused."""
    await schedule(server, answers_close="1 day")
    sam = server.members[0]
    await server.at(THURSDAY_10 - DAY)
    await sam.click(server.card(), label="Ask to join")
    await server.settle()
    [question] = told(server, ASKS)
    await server.organizer.click(question, label="Not this time")
    await server.settle()
    return sam


async def test_a_refused_request_is_not_repeated_by_any_way(server: SimulatedServer) -> None:
    sam = await refused(server)
    pressed = await sam.click(server.card(), label="Ask to join")
    assert NO in said(pressed)
    assert "talk to them; they can still let you in" in said(pressed)
    assert NO in said(await answer(server, sam, "going"))
    assert NO in said(await add_details(server, sam, note="Please"))
    await server.settle()
    assert len(told(server, ASKS)) == 1
    assert (await mine(server, sam)).startswith("Can't make it")
    sent = await server.read("SELECT * FROM delivery WHERE kind = 'request'")
    assert len(sent) == 1


async def test_being_there_does_not_overrule_the_hosts_no(server: SimulatedServer) -> None:
    sam = await refused(server)
    await server.at(THURSDAY_10)
    assert NO in said(await sam.click(server.card(), label="I'm here"))
    assert sam.mention not in text_of(server.card())


async def test_whoever_was_refused_may_still_say_maybe_or_no(server: SimulatedServer) -> None:
    sam = await refused(server)
    await sam.click(server.card(), label="Maybe")
    assert await mine(server, sam) == "Maybe"
    assert NO in said(await sam.click(server.card(), label="Ask to join"))
    await sam.click(server.card(), label="Can't make it")
    assert await mine(server, sam) == "Can't make it"


async def test_a_no_holds_for_one_person_and_one_date(server: SimulatedServer) -> None:
    await refused(server)
    sam, priya, _ = server.members
    await priya.click(server.card(), label="Ask to join")
    await schedule(server, title="Friday jelly", when="friday 10-16", answers_close="2 days")
    await sam.click(server.card("Friday jelly"), label="Ask to join")
    await server.settle()
    assert len(told(server, ASKS)) == 3


async def test_the_host_can_let_someone_in_later_and_then_they_may_ask_again(
    server: SimulatedServer,
) -> None:
    sam = await refused(server)
    await answer(server, server.organizer, "going", member=sam)
    assert "Going" in await mine(server, sam)
    await sam.click(server.card(), label="Can't make it")
    await sam.click(server.card(), label="Ask to join")
    assert await mine(server, sam) == "Asked to join"


async def test_a_later_deadline_lets_everybody_answer(server: SimulatedServer) -> None:
    sam = await refused(server)
    await edit(server, seats={"close": "1 hour"})
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"


async def test_an_accepted_invitation_ends_the_hosts_no(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, answers_close="6 days")
    await sam.click(server.card(), label="Ask to join")
    await server.settle()
    await priya.click(told(server, ASKS)[-1], label="Not this time")
    assert NO in said(await sam.click(server.card(), label="Ask to join"))
    await invite(server, sam, by=priya)
    await reply(sam, "I'm in")
    assert await mine(server, sam) == "Going"
    await sam.click(server.card(), label="Can't make it")
    await sam.click(server.card(), label="Ask to join")
    assert await mine(server, sam) == "Asked to join"


# Seats that were given up.


async def passed_by(server: SimulatedServer) -> simcord.MemberActor:
    """Returns someone in line who gave up the one seat twice; Priya has it."""
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    for _ in range(2):
        await sam.click(server.card(), label="Going")
        await sam.click(server.card(), label="Can't make it")
    await press_in_turn(server, priya)
    waits = await sam.click(server.card(), label="Join the waiting list")
    assert "#1 on the waiting list" in follow_up(waits).content
    assert PASSED_BY in follow_up(waits).content
    assert " in the channel" not in follow_up(waits).content
    return sam


async def test_whoever_gave_up_a_seat_twice_is_passed_by(server: SimulatedServer) -> None:
    sam = await passed_by(server)
    _, priya, jordan = server.members
    await press_in_turn(server, jordan)
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    assert await mine(server, jordan) == "Going"
    assert await mine(server, sam) == "#1 on the waiting list"
    [message] = told(server, FREE)
    assert sam.mention not in message.content


async def test_they_can_still_take_a_free_seat_by_pressing(server: SimulatedServer) -> None:
    sam = await passed_by(server)
    priya = server.members[1]
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    assert await mine(server, sam) == "#1 on the waiting list"
    assert told(server, FREE) == []
    assert buttons_of(server.card())[0] == "Going"
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"


async def test_giving_up_once_loses_only_the_place(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await sam.click(server.card(), label="Can't make it")
    waits = await sam.click(server.card(), label="Join the waiting list")
    assert PASSED_BY not in follow_up(waits).content
    await priya.click(server.card(), label="Can't make it")
    assert await mine(server, sam) == "Going"


async def test_they_are_offered_no_seat_either(server: SimulatedServer) -> None:
    sam = await passed_by(server)
    priya = server.members[1]
    await server.at(LAST_HOURS)
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    assert told(server, KEPT) == []
    again = await answer(server, sam, "going")
    assert "You're going to **" in said(again)


async def test_the_command_and_the_form_say_it_too(server: SimulatedServer) -> None:
    sam = await passed_by(server)
    assert PASSED_BY in said(await answer(server, sam, "going"))
    sent = await add_details(server, sam, note="Letters")
    assert PASSED_BY in follow_up(sent).content


async def test_more_seats_go_to_others_first_and_no_limit_lets_everybody_in(
    server: SimulatedServer,
) -> None:
    sam = await passed_by(server)
    jordan = server.members[2]
    await press_in_turn(server, jordan)
    await edit(server, seats={"seats": "3"})
    assert await mine(server, jordan) == "Going"
    assert await mine(server, sam) == "#1 on the waiting list"
    await edit(server, seats={"seats": ""})
    assert await mine(server, sam) == "Going"


async def test_only_ones_own_no_counts_and_only_where_seats_are_limited(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    for _ in range(3):
        await sam.click(server.card(), label="Going")
        await sam.click(server.card(), label="Can't make it")
    await edit(server, seats={"seats": "2"})
    await sam.click(server.card(), label="Going")
    for what in ("declined", "going", "declined"):
        await answer(server, server.organizer, what, member=sam)
    await press_in_turn(server, priya)
    waits = await sam.click(server.card(), label="Join the waiting list")
    assert PASSED_BY not in follow_up(waits).content
    await priya.click(server.card(), label="Can't make it")
    assert await mine(server, sam) == "Going"


async def test_an_offer_declined_is_no_seat_given_up(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await press_in_turn(server, sam, priya)
    await server.at(LAST_HOURS)
    for _ in range(3):
        await sam.click(server.card(), label="Can't make it")
        await server.after(MINUTE)
        await priya.click(server.card(), label="Can't make it")
        await press_in_turn(server, jordan, priya)
        await jordan.click(server.card(), label="Can't make it")
        await server.after(HOUR)
    rows = await server.read("SELECT given_up FROM rsvp WHERE user_id = :user_id", user_id=priya.id)
    assert rows == [{"given_up": 0}]


async def test_a_seat_that_the_bot_gave_a_host_is_not_given_up_by_them(
    server: SimulatedServer,
) -> None:
    robin = server.organizer
    await schedule(server, seats=1)
    for label in ("Can't make it", "Going", "Can't make it"):
        await robin.click(server.card(), label=label)
    await server.members[0].click(server.card(), label="Going")
    await robin.click(server.card(), label="Join the waiting list")
    await server.members[0].click(server.card(), label="Can't make it")
    await server.settle()
    assert await mine(server, robin) == "Going"
