"""Hosts and organizers answer for others, visibly, and never without their knowledge."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.moments import DAY, THURSDAY_10
from tests.server.actions import (
    HOST,
    LAST_HOURS,
    answer,
    follow_up,
    forged,
    headcount,
    mine,
    schedule,
    sent_together,
    told,
)
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_an_organizer_adds_someone_visibly_and_they_are_told(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    robin = server.organizer
    await schedule(server, by=priya)
    answered = await answer(server, robin, "going", member=sam)
    assert answered.ephemeral
    assert f"{sam.mention} is going to **" in said(answered)
    await server.settle()
    assert f"{sam.mention} (added by {robin.mention})" in text_of(server.card())
    [word] = told(server, "added you")
    assert word.content.startswith(
        f"{sam.mention}: {robin.mention} added you to **Thursday jelly**"
    )
    assert mentioned_users(server)[-1] == [sam.id]
    assert "answered by" in await mine(server, sam)
    assert f"{sam.mention} · answered by {robin.mention}" in await headcount(server, jordan)


async def test_organizers_remove_someone_and_the_next_in_line_gets_the_seat(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya, seats=HOST + 1)
    await sam.click(server.card(), label="Going")
    await jordan.click(server.card(), label="Join the waiting list")
    await answer(server, server.organizer, "declined", member=sam)
    await server.settle()
    [word] = told(server, "took you off")
    assert f"{sam.mention}: {server.organizer.mention} took you off the list" in word.content
    assert jordan.mention in told(server, "a seat came free")[0].content
    listed = f"{priya.mention}, {jordan.mention}\n-# 1 can't make it"
    assert f"**2 coming** · **no seats left**\n{listed}" in text_of(server.card())


async def test_an_ordinary_member_answers_for_nobody_else(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    refused = await answer(server, sam, "going", member=priya)
    assert refused.ephemeral
    assert f"Only its host {server.organizer.mention} or an organizer" in said(refused)
    await server.settle()
    assert server.messages() == []
    assert await mine(server, priya) == "no answer yet"


async def test_choosing_oneself_as_member_is_just_an_answer(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    answered = await answer(server, sam, "going", member=sam)
    assert "You're going to **" in said(answered)
    await server.settle()
    assert "added by" not in text_of(server.card())
    assert server.messages() == []


async def test_a_bot_is_not_put_on_the_list(server: SimulatedServer) -> None:
    await schedule(server)
    robot = server.guild.add_member(server.environment.create_user("robot", bot=True))
    refused = await answer(server, server.organizer, "going", member=robot)
    assert "Choose a person" in said(refused)
    assert "**1 coming**" in text_of(server.card())


async def test_ones_own_later_word_wins(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    for who in (sam, priya):
        await answer(server, server.organizer, "going", member=who)
    await server.settle()
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Can't make it")
    card = text_of(server.card())
    assert "added by" not in card
    robin = server.organizer.mention
    assert f"**2 coming**\n{robin}, {sam.mention}\n-# 1 can't make it" in card
    assert await mine(server, priya) == "Can't make it"


async def test_whoever_answers_before_the_word_is_out_is_not_told_any_more(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await answer(server, server.organizer, "going", member=sam)
    await sam.click(server.card(), label="Going")
    await server.settle()
    assert server.messages() == []


async def test_several_added_or_taken_off_are_told_in_one_message(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, jordan = server.members
    await jordan.click(server.card(), label="Maybe")
    for who, what in ((sam, "going"), (priya, "going"), (jordan, "declined")):
        await answer(server, server.organizer, what, member=who)
    await server.settle()
    [word] = told(server, "added you")
    assert (
        f"{sam.mention}, {priya.mention}: {server.organizer.mention} added you to" in word.content
    )
    assert f"{jordan.mention}: {server.organizer.mention} took you off" in word.content


async def test_added_to_a_full_jelly_means_the_waiting_list_and_both_are_told(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    answered = await answer(server, server.organizer, "going", member=priya)
    assert "is on the waiting list for **" in said(answered)
    await server.settle()
    assert "put you on the waiting list" in told(server, priya.mention)[0].content


async def test_a_newcomer_added_by_the_host_is_welcomed_with_their_own_press(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await answer(server, server.organizer, "going", member=sam)
    await server.settle()
    pressed = await sam.click(server.card(), label="Going")
    assert "This is your first jelly here" in follow_up(pressed).content


async def test_the_host_takes_someone_off_by_choosing_them_from_the_headcount(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Join the waiting list")
    await jordan.click(server.card(), label="Maybe")
    shown = await server.organizer.slash(server.chat, "headcount session", jelly="Thursday jelly")
    assert shown.response is not None
    asked = await server.organizer.click(shown.response, label="Take someone off")
    assert asked.ephemeral
    assert "who comes off the list?" in said(asked)
    assert asked.response is not None
    done = await server.organizer.select(asked.response, [str(sam.id)])
    assert f"{sam.mention} is off the list" in said(done)
    await server.settle()
    assert priya.mention in told(server, "a seat came free")[0].content
    assert f"{sam.mention}: {server.organizer.mention} took" in told(server, "took you")[0].content
    assert await mine(server, sam) == f"Can't make it, answered by {server.organizer.mention}"


async def test_nobody_else_sees_or_uses_take_someone_off(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    await priya.click(server.card(), label="Going")
    shown = await sam.slash(server.chat, "headcount session", jelly="Thursday jelly")
    assert shown.response is not None
    assert buttons_of(shown.response) == []
    for custom_id in ("jelly:take-off:1", "jelly:taken-off:1:0"):
        refused = await forged(server, sam, custom_id, server.card(), values=[str(priya.id)])
        assert "Only its host" in said(refused)
    assert await mine(server, priya) == "Going"


async def test_two_organizers_who_take_the_same_person_off_tell_them_once(
    server: SimulatedServer,
) -> None:
    organizers = next(role for role in server.guild.roles.values() if role.name == "Organizers")
    second = server.guild.add_member(
        server.environment.create_user("alex", global_name="Alex"), roles=[organizers]
    )
    await schedule(server)
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    lists = []
    for who in (server.organizer, second):
        shown = await who.slash(server.chat, "headcount session", jelly="Thursday jelly")
        assert shown.response is not None
        asked = await who.click(shown.response, label="Take someone off")
        assert asked.response is not None
        lists.append(asked.response)
    data = {"custom_id": "jelly:taken-off:1:0", "component_type": 3, "values": [str(sam.id)]}
    await sent_together(server, (server.organizer, lists[0], data), (second, lists[1], data))
    await server.settle()
    assert len(told(server, "took you off")) == 1
    card = text_of(server.card())
    assert "**1 coming**" in card
    assert "\n-# 1 can't make it" in card


@pytest.mark.parametrize(
    ("at", "told_of"),
    [(THURSDAY_10 - 2 * DAY, "a seat came free"), (LAST_HOURS, "is yours if")],
)
async def test_whoever_gets_a_seat_before_reading_that_they_wait_reads_only_of_the_seat(
    server: SimulatedServer, at: datetime, told_of: str
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, when="thursday 10-16", seats=HOST + 1)
    await sam.click(server.card(), label="Going")
    await server.at(at)
    for who in (priya, jordan):
        await answer(server, server.organizer, "going", member=who)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    [in_line] = told(server, "put you on the waiting list")
    [seat] = told(server, told_of)
    assert [who.mention in in_line.content for who in (priya, jordan)] == [False, True]
    assert [who.mention in seat.content for who in (priya, jordan)] == [True, False]
