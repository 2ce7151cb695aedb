"""A member who finds no seat keeps a place in line, and is told when a seat comes free."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from data.limits import CORRECTIONS_TOGETHER
from tests.moments import HOUR, MINUTE, MONDAY
from tests.server.actions import (
    HOST,
    LAST_HOURS,
    add_details,
    answer,
    call_off,
    crowd,
    cut_the_power,
    edit,
    follow_up,
    headcount,
    member,
    mine,
    press_in_turn,
    schedule,
    told,
)
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_a_full_jelly_queues_in_the_order_of_asking_and_says_who_is_where(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 2)
    sam, priya, jordan = server.members
    kim, lou = member(server, "Kim"), member(server, "Lou")
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Going")
    assert buttons_of(server.card())[0] == "Join the waiting list"
    for place, who in enumerate((jordan, kim, lou), 1):
        waits = await who.click(server.card(), label="Join the waiting list")
        assert f"You're **#{place} on the waiting list**" in follow_up(waits).content
    assert "**no seats left** · **3 waiting**" in text_of(server.card())
    assert await mine(server, kim) == "#2 on the waiting list"
    answered = await answer(server, lou, "going")
    assert "#3 on the waiting list" in said(answered)
    seen = await headcount(server, kim)
    assert f"**3 on the waiting list**\n{jordan.mention}\n{kim.mention}\n{lou.mention}" in seen
    await jordan.click(server.card(), label="Can't make it")
    assert await mine(server, kim) == "#1 on the waiting list"
    assert await mine(server, lou) == "#2 on the waiting list"


async def test_a_headcount_names_no_lists_that_nobody_is_on(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    assert "waiting" not in await headcount(server, sam)
    await priya.click(server.card(), label="Maybe")
    seen = await headcount(server, sam)
    assert f"**1 maybe**\n{priya.mention}" in seen
    assert "waiting" not in seen


async def test_pressing_again_while_waiting_keeps_the_place_and_tells_it(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Join the waiting list")
    await jordan.click(server.card(), label="Join the waiting list")
    again = await priya.click(server.card(), label="Join the waiting list")
    assert "#1 on the waiting list" in follow_up(again).content
    assert await mine(server, jordan) == "#2 on the waiting list"


async def test_leaving_the_line_and_coming_back_is_its_end(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    for who in (priya, jordan):
        await who.click(server.card(), label="Join the waiting list")
    await priya.click(server.card(), label="Maybe")
    back = await priya.click(server.card(), label="Join the waiting list")
    assert "#2 on the waiting list" in follow_up(back).content
    await sam.click(server.card(), label="Can't make it")
    await sam.click(server.card(), label="Join the waiting list")
    assert await mine(server, sam) == "#2 on the waiting list"
    await server.settle()
    [message] = told(server, "a seat came free")
    assert jordan.mention in message.content
    assert priya.mention not in message.content


async def test_whoever_gets_a_seat_is_told_with_a_mention_once_and_can_give_it_back(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    for who in (priya, jordan):
        await who.click(server.card(), label="Join the waiting list")
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    [message] = told(server, "a seat came free")
    assert message.content.startswith(
        f"{priya.mention}: a seat came free, so you're going to **Thursday jelly**"
    )
    assert mentioned_users(server)[-1] == [priya.id]
    card = text_of(server.card())
    robin = server.organizer.mention
    assert f"**no seats left** · **1 waiting**\n{robin}, {priya.mention}" in card
    back = await priya.click(message, label="Can't make it")
    assert "You can't make **" in said(back)
    await server.settle()
    assert jordan.mention in told(server, "a seat came free")[1].content
    await server.after(HOUR)
    assert len(told(server, "a seat came free")) == 2


async def test_several_seats_that_come_free_are_told_in_one_message(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    for who in (priya, jordan):
        await who.click(server.card(), label="Join the waiting list")
    await edit(server, seats={"seats": "6"})
    [message] = told(server, "a seat came free")
    assert message.content.startswith(f"{priya.mention}, {jordan.mention}: ")
    assert sorted(mentioned_users(server)[-1]) == [priya.id, jordan.id]
    assert "**2 seats left**" in text_of(server.card())
    assert buttons_of(server.card())[0] == "Going"


async def test_no_limit_any_more_seats_everybody_who_waits(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await press_in_turn(server, sam, priya, jordan)
    await edit(server, seats={"seats": ""})
    assert "**4 coming**" in text_of(server.card())
    assert "Seats" not in text_of(server.card())


@pytest.mark.parametrize(
    ("at", "words"),
    [(MONDAY, "a seat came free"), (LAST_HOURS, "is yours if you take it by")],
)
async def test_a_hundred_who_get_seats_at_once_are_mentioned_once_each(
    server: SimulatedServer, at: datetime, words: str
) -> None:
    await schedule(server, seats=HOST + 1)
    people = await crowd(server, 100)
    await server.at(at)
    await edit(server, seats={"seats": "1000"})
    messages = told(server, words)
    assert len(messages) == 3
    assert all(len(message.content) <= 2000 for message in messages)
    mentioned = mentioned_users(server)[-3:]
    assert sorted(user for part in mentioned for user in part) == people[1:]
    for message, users in zip(messages, mentioned, strict=True):
        assert all(f"<@{user}>" in message.content for user in users)


async def test_a_party_that_does_not_fit_keeps_its_place_while_the_next_goes_in(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 3, guests=2)
    sam, priya, jordan = server.members
    kim = member(server, "Kim")
    for who in (sam, priya, kim):
        await who.click(server.card(), label="Going")
    waits = await add_details(server, jordan, guests=["2"])
    assert "#1 on the waiting list" in follow_up(waits).content
    lou = member(server, "Lou")
    await lou.click(server.card(), label="Join the waiting list")
    await kim.click(server.card(), label="Can't make it")
    await server.settle()
    [message] = told(server, "a seat came free")
    assert message.content.startswith(f"{lou.mention}: ")
    assert "Groups too large for the free seats keep their place" in message.content
    assert await mine(server, jordan) == "#1 on the waiting list, with 2 guests"
    again = await jordan.click(server.card(), label="Join the waiting list")
    assert "#1 on" in follow_up(again).content
    await lou.click(server.card(), label="Can't make it")
    again = await jordan.click(server.card(), label="Going")
    assert (
        "1 seat is free, and you're 3 with your guests. You keep your place, but smaller groups "
        "may get in first." in follow_up(again).content
    )
    await priya.click(server.card(), label="Can't make it")
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert await mine(server, jordan) == "Going, with 2 guests"
    assert f"{jordan.mention} +2: a seat" in told(server, "a seat came free")[-1].content


async def test_a_party_that_fits_goes_before_those_who_asked_later(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    await add_details(server, priya, guests=["1"])
    await jordan.click(server.card(), label="Join the waiting list")
    await edit(server, seats={"seats": "4"})
    assert await mine(server, priya) == "Going, with 1 guest"
    assert await mine(server, jordan) == "#1 on the waiting list"


async def test_fewer_guests_let_the_next_in(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 3, guests=2)
    sam, priya, jordan = server.members
    await add_details(server, sam, guests=["2"])
    for who in (priya, jordan):
        await who.click(server.card(), label="Join the waiting list")
    await add_details(server, sam, guests=["1"])
    [message] = told(server, "a seat came free")
    assert priya.mention in message.content
    assert jordan.mention not in message.content


async def test_a_party_in_line_that_becomes_smaller_goes_in(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 2)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await add_details(server, priya, guests=["1"])
    assert await mine(server, priya) == "#1 on the waiting list, with 1 guest"
    await add_details(server, priya, guests=["0"])
    assert await mine(server, priya) == "Going"
    assert told(server, "a seat came free") == []


async def test_one_seat_goes_from_one_to_the_next(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1, guests=9)
    people = [*server.members, member(server, "Kim")]
    refused = await answer(server, people[0], "going", guests=2)
    assert refused.ephemeral
    await press_in_turn(server, *people)
    for leaves, gets in pairwise(people):
        await leaves.click(server.card(), label="Can't make it")
        await server.settle()
        assert told(server, "a seat came free")[-1].content.startswith(f"{gets.mention}: ")
        assert await mine(server, gets) == "Going"
    assert len(told(server, "a seat came free")) == 3


async def test_a_seat_given_back_before_the_word_is_out_is_told_to_the_next_only(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await press_in_turn(server, sam, priya, jordan)
    await sam.click(server.card(), label="Can't make it")
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    [message] = told(server, "a seat came free")
    assert jordan.mention in message.content
    assert priya.mention not in message.content


async def test_a_seat_given_back_while_discord_is_away_is_not_told_any_more(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    server.environment.inject_error("POST", "/channels/*/messages", status=503)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert told(server, "a seat came free") == []
    await priya.click(server.card(), label="Can't make it")
    await server.after(MINUTE)
    assert not any(priya.mention in message.content for message in told(server, "a seat"))


async def test_whoever_gives_a_seat_back_and_takes_it_again_needs_no_word(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await sam.click(server.card(), label="Can't make it")
    await priya.click(server.card(), label="Can't make it")
    await priya.click(server.card(), label="Going")
    await server.settle()
    assert await mine(server, priya) == "Going"
    assert told(server, "a seat came free") == []


async def test_those_who_wait_are_told_of_a_move_and_of_a_cancellation(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await edit(server, when="friday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    [moved] = told(server, "has moved")
    assert f"Waiting: {priya.mention}" in moved.content
    assert sorted(mentioned_users(server)[-1]) == [sam.id, priya.id]
    still = await priya.click(moved, label="Still coming")
    assert "#1 on the waiting list" in said(still)
    no = await sam.click(moved, label="Can't make it")
    assert no.ephemeral
    await server.settle()
    assert await mine(server, priya) == "Going"
    await call_off(server)
    assert priya.mention in told(server, "is called off")[0].content


# Restarts.


async def test_a_promotion_survives_a_restart_before_its_message(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await sam.click(server.card(), label="Can't make it")
    await server.restart()
    await server.start_again()
    assert len(told(server, "a seat came free")) == 1
    assert await mine(server, priya) == "Going"
    card = text_of(server.card())
    assert f"**no seats left**\n{server.organizer.mention}, {priya.mention}" in card
    await server.after(10 * MINUTE)
    assert len(told(server, "a seat came free")) == 1


async def test_a_promotion_survives_a_kill_before_its_message(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await press_in_turn(server, sam, priya)
    await sam.click(server.card(), label="Can't make it")
    await cut_the_power(server)
    [message] = told(server, "a seat came free")
    assert priya.mention in message.content
    back = await priya.click(message, label="Can't make it")
    assert "You can't make **" in said(back)
