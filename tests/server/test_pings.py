"""Whatever others do, a jelly notifies a person once for each reason; names do not notify."""

from __future__ import annotations

import simcord

from tests.moments import DAY, MINUTE, THURSDAY_10
from tests.server.actions import (
    HOST,
    LAST_HOURS,
    answer,
    cut_the_power,
    press_in_turn,
    schedule,
    told,
)
from tests.server.pings import ASKS, FREE, KEPT, mentioned_users, pings
from tests.server.simulated_server import SimulatedServer, buttons_of


async def pass_on(server: SimulatedServer, *people: simcord.MemberActor, times: int) -> None:
    """Has each in turn give up the seat and go back to the end of the line."""
    for _ in range(times):
        for who in people:
            await who.click(server.card(), label="Can't make it")
            await server.settle()
            await who.click(server.card(), label=buttons_of(server.card())[0])
            await server.settle()


async def test_two_who_pass_a_seat_to_and_fro_notify_each_at_most_once(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await press_in_turn(server, sam, priya, jordan)
    await pass_on(server, sam, priya, times=20)
    notified = [user for users in pings(server, FREE) for user in users]
    assert notified.count(jordan.id) == 1
    assert max(notified.count(user) for user in notified) == 1


async def test_a_second_word_of_a_seat_names_without_notifying(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    await press_in_turn(server, sam)
    await pass_on(server, priya, sam, times=1)
    assert pings(server, FREE) == [[priya.id], [sam.id], []]
    assert priya.mention in told(server, FREE)[-1].content


async def test_another_jelly_and_another_reason_notify_anew(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    for title in ("Thursday jelly", "Other jelly"):
        await schedule(server, title=title, seats=HOST + 1)
        for who in (sam, priya):
            card = server.card(title)
            await who.click(card, label=buttons_of(card)[0])
        await sam.click(server.card(title), label="Can't make it")
        await server.settle()
    assert pings(server, FREE) == [[priya.id], [priya.id]]
    await server.at(THURSDAY_10 - DAY)
    host = server.organizer.id
    assert pings(server, "is on <t:") == [[host, priya.id], [host, priya.id]]


async def test_an_offer_made_again_names_without_notifying(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await press_in_turn(server, sam, priya)
    await server.at(LAST_HOURS)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert pings(server, KEPT) == [[priya.id]]
    await priya.click(server.card(), label="Can't make it")
    await press_in_turn(server, jordan, priya)
    await jordan.click(server.card(), label="Can't make it")
    await server.settle()
    assert priya.mention in told(server, KEPT)[-1].content
    assert pings(server, KEPT) == [[priya.id], []]


async def test_whoever_asks_to_come_again_and_again_notifies_the_host_once(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="1 day")
    sam, priya, _ = server.members
    await server.at(THURSDAY_10 - DAY)
    for _ in range(3):
        await sam.click(server.card(), label="Ask to join")
        await server.settle()
        await server.organizer.click(told(server, ASKS)[-1], label="Let them in")
        await sam.click(server.card(), label="Can't make it")
    posted = await server.read("SELECT * FROM delivery WHERE kind = 'request' AND state = 'sent'")
    assert len(posted) == 3
    assert mentioned_users(server).count([server.organizer.id]) == 1
    await priya.click(server.card(), label="Ask to join")
    await server.settle()
    assert mentioned_users(server).count([server.organizer.id]) == 2


async def test_a_request_taken_back_and_made_again_notifies_the_host_once(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="1 day")
    sam = server.members[0]
    await server.at(THURSDAY_10 - DAY)
    for _ in range(20):
        await sam.click(server.card(), label="Ask to join")
        await server.settle()
        await sam.click(server.card(), label="Can't make it")
        await server.settle()
    first, *again = pings(server, ASKS)
    assert first == [server.organizer.id]
    assert again == [[]] * len(again)
    assert not any(ASKS in message for message in server.messages())


async def test_what_was_sent_right_before_the_power_went_notifies_nobody_again(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await sam.click(server.card(), label="Can't make it")
    await cut_the_power(server)
    await press_in_turn(server, sam)
    await pass_on(server, priya, sam, times=1)
    assert [user for users in pings(server, FREE) for user in users] == [priya.id, sam.id]


async def test_newcomers_who_come_and_go_reach_the_host_once(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    for _ in range(40):
        await sam.click(server.card(), label="Going")
        await server.after(11 * MINUTE)
        await sam.click(server.card(), label="Can't make it")
        await server.settle()
    assert server.said_ever() == []
    private = server.organizer.user.dm_channel.history()
    assert len([message for message in private if "First time" in message.content]) == 1


async def test_who_is_added_and_taken_off_in_turn_is_notified_once(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    for what in ("going", "declined", "going", "declined"):
        await answer(server, server.organizer, what, member=sam)
        await server.settle()
    found = [*pings(server, "added you"), *pings(server, "took you off")]
    assert [users for users in found if users] == [[sam.id]]
    assert len(found) == 4


async def test_a_reminder_names_those_without_notifying_who_have_just_got_a_seat(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=3)
    sam, priya, jordan = server.members
    await press_in_turn(server, sam, priya, jordan)
    await server.at(THURSDAY_10 - DAY - 59 * MINUTE)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert pings(server, FREE) == [[jordan.id]]
    await server.at(THURSDAY_10 - DAY)
    assert jordan.mention in told(server, "is on <t:")[-1].content
    assert pings(server, "is on <t:")[-1] == [server.organizer.id, priya.id]


async def test_a_reminder_notifies_those_whom_word_of_a_seat_only_named(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=2)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    await press_in_turn(server, sam)
    await server.at(THURSDAY_10 - DAY - 30 * MINUTE)
    await pass_on(server, priya, sam, times=1)
    assert pings(server, FREE) == [[priya.id], [sam.id], []]
    assert priya.mention in told(server, FREE)[-1].content
    await server.at(THURSDAY_10 - DAY)
    assert pings(server, "is on <t:")[-1] == [server.organizer.id, priya.id]
