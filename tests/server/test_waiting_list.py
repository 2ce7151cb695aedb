"""Whoever finds no seat keeps a place in line, and is told when a seat comes free."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from tests.server.actions import (
    HOUR,
    LAST_HOURS,
    MINUTE,
    add_details,
    answer,
    call_off,
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
from tests.server.simulated_server import MONDAY, Town, buttons_of, said, text_of
from tests.server.test_reminding import crowd, mentioned_users


async def test_a_full_jelly_queues_in_the_order_of_asking_and_says_who_is_where(
    town: Town,
) -> None:
    await schedule(town, seats=2)
    sam, priya, jordan = town.members
    kim, lou = member(town, "Kim"), member(town, "Lou")
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Going")
    assert buttons_of(town.card())[0] == "Join the waiting list"
    for place, who in enumerate((jordan, kim, lou), 1):
        waits = await who.click(town.card(), label="Join the waiting list")
        assert f"You are **number {place} on the waiting list**" in follow_up(waits).content
    assert "**Seats** 2 of 2 taken · **3 waiting**" in text_of(town.card())
    assert await mine(town, kim) == "On the waiting list, number 2"
    answered = await answer(town, lou, "going")
    assert "On the waiting list, number 3" in said(answered)
    seen = await headcount(town, kim)
    assert f"**3 on the waiting list**\n{jordan.mention}\n{kim.mention}\n{lou.mention}" in seen
    await jordan.click(town.card(), label="Can't make it")
    assert await mine(town, kim) == "On the waiting list, number 1"
    assert await mine(town, lou) == "On the waiting list, number 2"


async def test_a_headcount_names_no_lists_that_nobody_is_on(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    assert "waiting" not in await headcount(town, sam)
    await priya.click(town.card(), label="Maybe")
    seen = await headcount(town, sam)
    assert f"**1 maybe**\n{priya.mention}" in seen
    assert "waiting" not in seen


async def test_pressing_again_while_waiting_keeps_the_place_and_tells_it(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await jordan.click(town.card(), label="Join the waiting list")
    again = await priya.click(town.card(), label="Join the waiting list")
    assert "number 1 on the waiting list" in follow_up(again).content
    assert await mine(town, jordan) == "On the waiting list, number 2"


async def test_leaving_the_line_and_coming_back_is_its_end(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await priya.click(town.card(), label="Maybe")
    back = await priya.click(town.card(), label="Join the waiting list")
    assert "number 2 on the waiting list" in follow_up(back).content
    await sam.click(town.card(), label="Can't make it")
    await sam.click(town.card(), label="Join the waiting list")
    assert await mine(town, sam) == "On the waiting list, number 2"
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert jordan.mention in message.content
    assert priya.mention not in message.content


async def test_whoever_gets_a_seat_is_told_with_a_mention_once_and_can_give_it_back(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert message.content.startswith(
        f"{priya.mention}: a seat has come free, and you are going to **Thursday jelly**"
    )
    assert mentioned_users(town)[-1] == [priya.id]
    assert f"**Seats** 1 of 1 taken · **1 waiting**\n{priya.mention}" in text_of(town.card())
    back = await priya.click(message, label="Can't make it")
    assert "you are down as **Can't make it**" in said(back)
    await town.settle()
    assert jordan.mention in told(town, "a seat has come free")[1].content
    await town.after(HOUR)
    assert len(told(town, "a seat has come free")) == 2


async def test_several_seats_that_come_free_are_told_in_one_message(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await edit(town, seats={"seats": "5"})
    [message] = told(town, "a seat has come free")
    assert message.content.startswith(f"{priya.mention}, {jordan.mention}: ")
    assert sorted(mentioned_users(town)[-1]) == [priya.id, jordan.id]
    assert "**Seats** 3 of 5 taken, **2 free**" in text_of(town.card())
    assert buttons_of(town.card())[0] == "Going"


async def test_no_limit_any_more_seats_everybody_who_waits(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await press_in_turn(town, sam, priya, jordan)
    await edit(town, seats={"seats": ""})
    assert "**3 going**" in text_of(town.card())
    assert "Seats" not in text_of(town.card())


@pytest.mark.parametrize(
    ("at", "words"),
    [(MONDAY, "a seat has come free"), (LAST_HOURS, "is kept for you until")],
)
async def test_a_hundred_who_get_seats_at_once_are_mentioned_once_each(
    town: Town, at: datetime, words: str
) -> None:
    await schedule(town, seats=1)
    people = await crowd(town, 100)
    await town.at(at)
    await edit(town, seats={"seats": "1000"})
    messages = told(town, words)
    assert len(messages) == 3
    assert all(len(message.content) <= 2000 for message in messages)
    mentioned = mentioned_users(town)[-3:]
    assert sorted(user for part in mentioned for user in part) == people[1:]
    for message, users in zip(messages, mentioned, strict=True):
        assert all(f"<@{user}>" in message.content for user in users)


async def test_a_party_that_does_not_fit_keeps_its_place_while_the_next_goes_in(
    town: Town,
) -> None:
    await schedule(town, seats=3, guests=2)
    sam, priya, jordan = town.members
    kim = member(town, "Kim")
    for who in (sam, priya, kim):
        await who.click(town.card(), label="Going")
    waits = await add_details(town, jordan, guests=["2"])
    assert "number 1 on the waiting list" in follow_up(waits).content
    lou = member(town, "Lou")
    await lou.click(town.card(), label="Join the waiting list")
    await kim.click(town.card(), label="Can't make it")
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert message.content.startswith(f"{lou.mention}: ")
    assert "Parties too large for the free seats keep their place" in message.content
    assert await mine(town, jordan) == "On the waiting list, number 1, with 2 guests"
    again = await jordan.click(town.card(), label="Join the waiting list")
    assert "number 1" in follow_up(again).content
    await lou.click(town.card(), label="Can't make it")
    again = await jordan.click(town.card(), label="Going")
    assert (
        "1 seat is free, and with your guests you are 3. You keep your place; smaller parties "
        "may go in before you." in follow_up(again).content
    )
    await priya.click(town.card(), label="Can't make it")
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert await mine(town, jordan) == "Going, with 2 guests"
    assert f"{jordan.mention} +2: a seat" in told(town, "a seat has come free")[-1].content


async def test_a_party_that_fits_goes_before_those_who_asked_later(town: Town) -> None:
    await schedule(town, seats=2)
    sam, priya, jordan = town.members
    for who in (sam, town.organizer):
        await who.click(town.card(), label="Going")
    await add_details(town, priya, guests=["1"])
    await jordan.click(town.card(), label="Join the waiting list")
    await edit(town, seats={"seats": "4"})
    assert await mine(town, priya) == "Going, with 1 guest"
    assert await mine(town, jordan) == "On the waiting list, number 1"


async def test_fewer_guests_let_the_next_in(town: Town) -> None:
    await schedule(town, seats=3, guests=2)
    sam, priya, jordan = town.members
    await add_details(town, sam, guests=["2"])
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await add_details(town, sam, guests=["1"])
    [message] = told(town, "a seat has come free")
    assert priya.mention in message.content
    assert jordan.mention not in message.content


async def test_a_party_in_line_that_becomes_smaller_goes_in(town: Town) -> None:
    await schedule(town, seats=2)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await add_details(town, priya, guests=["1"])
    assert await mine(town, priya) == "On the waiting list, number 1, with 1 guest"
    await add_details(town, priya, guests=["0"])
    assert await mine(town, priya) == "Going"
    assert told(town, "a seat has come free") == []


async def test_one_seat_goes_from_one_to_the_next(town: Town) -> None:
    await schedule(town, seats=1, guests=9)
    people = [*town.members, member(town, "Kim")]
    refused = await answer(town, people[0], "going", guests=1)
    assert refused.ephemeral
    await press_in_turn(town, *people)
    for leaves, gets in pairwise(people):
        await leaves.click(town.card(), label="Can't make it")
        await town.settle()
        assert told(town, "a seat has come free")[-1].content.startswith(f"{gets.mention}: ")
        assert await mine(town, gets) == "Going"
    assert len(told(town, "a seat has come free")) == 3


async def test_a_seat_given_back_before_the_word_is_out_is_told_to_the_next_only(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await press_in_turn(town, sam, priya, jordan)
    await sam.click(town.card(), label="Can't make it")
    await priya.click(town.card(), label="Can't make it")
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert jordan.mention in message.content
    assert priya.mention not in message.content


async def test_a_seat_given_back_while_discord_is_away_is_not_told_any_more(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await press_in_turn(town, sam, priya)
    town.environment.inject_error("POST", "/channels/*/messages", status=503)
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert told(town, "a seat has come free") == []
    await priya.click(town.card(), label="Can't make it")
    await town.after(MINUTE)
    assert not any(priya.mention in message.content for message in told(town, "a seat"))


async def test_whoever_gives_a_seat_back_and_takes_it_again_needs_no_word(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await press_in_turn(town, sam, priya)
    await sam.click(town.card(), label="Can't make it")
    await priya.click(town.card(), label="Can't make it")
    await priya.click(town.card(), label="Going")
    await town.settle()
    assert await mine(town, priya) == "Going"
    assert told(town, "a seat has come free") == []


async def test_those_who_wait_are_told_of_a_move_and_of_a_cancellation(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await press_in_turn(town, sam, priya)
    await edit(town, when="friday 10-16")
    [moved] = told(town, "has moved")
    assert f"Waiting: {priya.mention}" in moved.content
    assert sorted(mentioned_users(town)[-1]) == [sam.id, priya.id]
    still = await priya.click(moved, label="Still coming")
    assert "number 1 on the waiting list" in said(still)
    no = await sam.click(moved, label="Can't make it")
    assert no.ephemeral
    await town.settle()
    assert await mine(town, priya) == "Going"
    await call_off(town)
    assert priya.mention in told(town, "is called off")[0].content


# Restarts.


async def test_a_promotion_survives_a_restart_before_its_message(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await press_in_turn(town, sam, priya)
    await sam.click(town.card(), label="Can't make it")
    await town.restart()
    await town.start_again()
    assert len(told(town, "a seat has come free")) == 1
    assert await mine(town, priya) == "Going"
    assert f"**Seats** 1 of 1 taken\n{priya.mention}" in text_of(town.card())
    await town.after(10 * MINUTE)
    assert len(told(town, "a seat has come free")) == 1


async def test_a_promotion_survives_a_kill_before_its_message(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await press_in_turn(town, sam, priya)
    await sam.click(town.card(), label="Can't make it")
    await cut_the_power(town)
    [message] = told(town, "a seat has come free")
    assert priya.mention in message.content
    back = await priya.click(message, label="Can't make it")
    assert "you are down as **Can't make it**" in said(back)
