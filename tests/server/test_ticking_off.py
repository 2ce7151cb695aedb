"""The list in which a host ticks people off, or removes a person."""

from __future__ import annotations

import pytest

from tests.moments import DAY, ENDS, HOUR, SECOND, THURSDAY_10
from tests.server.actions import HOST, crowd
from tests.server.hosting import (
    begin,
    choose,
    forge,
    headcount,
    live_until,
    menus_of,
    open_roll,
    plan,
    press,
    schedule_with,
    table,
)
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_the_host_ticks_people_off_in_one_list(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule_with(server, host=sam)
    for member in (priya, jordan):
        await member.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    opened = await open_roll(server, sam)
    assert opened.ephemeral
    assert "0 of 3 checked in" in said(opened)
    [menu] = menus_of(opened)
    assert [option["label"] for option in menu["options"]] == ["Sam", "Priya", "Jordan"]
    ticked = await choose(sam, opened, [str(priya.id)])
    assert "1 of 3 checked in" in said(ticked)
    await server.settle()
    assert "**1 here now** · 3 coming in all" in text_of(server.card())
    again = await choose(sam, ticked, [str(priya.id)])
    assert "1 of 3 checked in" in said(again)
    unticked = await choose(sam, again, [])
    assert "0 of 3 checked in" in said(unticked)
    await server.settle()
    assert "**3 coming**" in text_of(server.card())


async def test_ticking_off_shows_who_came_by_themselves_and_goes_on_for_a_day(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await plan(server, sam, priya)
    await jordan.click(server.card(), label="Maybe")
    await server.at(THURSDAY_10 + HOUR)
    await sam.click(server.card(), label="I'm here")
    await server.at(ENDS + DAY - SECOND)
    opened = await open_roll(server, server.organizer)
    assert "1 of 4 checked in" in said(opened)
    [menu] = menus_of(opened)
    assert {o["label"]: bool(o.get("default")) for o in menu["options"]} == {
        "Robin": False,
        "Sam": True,
        "Priya": False,
        "Jordan": False,
    }
    both = [str(sam.id), str(priya.id)]
    assert "2 of 4 checked in" in said(await choose(server.organizer, opened, both))
    await server.settle()
    assert "**2 came**" in text_of(server.card())
    rows = await table(server)
    assert rows[2][8:10] == ["yes", "2026-11-26 11:00"]
    await server.at(ENDS + DAY)
    late = await choose(server.organizer, opened, [])
    assert late.ephemeral
    assert "more than a day ago" in said(late)
    assert "**2 came**" in text_of(server.card())


async def test_the_list_of_nobody_says_so(server: SimulatedServer) -> None:
    await plan(server)
    await server.organizer.click(server.card(), label="Can't make it")
    await server.at(THURSDAY_10)
    opened = await open_roll(server, server.organizer)
    assert "no one said they'd come" in said(opened)
    assert menus_of(opened) == []


@pytest.mark.parametrize(
    ("people", "menus"), [(1, [1]), (25, [25]), (26, [25, 1]), (60, [25, 25, 10])]
)
async def test_more_than_a_list_holds_stand_in_several(
    server: SimulatedServer, people: int, menus: list[int]
) -> None:
    await server.schedule()
    everybody = [server.organizer.id, *await crowd(server, people - HOST)]
    await server.at(THURSDAY_10)
    opened = await open_roll(server, server.organizer)
    assert [len(menu["options"]) for menu in menus_of(opened)] == menus
    listed = [int(o["value"]) for menu in menus_of(opened) for o in menu["options"]]
    assert listed == everybody
    last = menus_of(opened)[-1]
    ticked = await choose(
        server.organizer,
        opened,
        [option["value"] for option in last["options"]],
        custom_id=last["custom_id"],
    )
    assert f"{menus[-1]} of {people} checked in" in said(ticked)
    came = await server.read("SELECT user_id FROM rsvp WHERE arrived_at IS NOT NULL")
    assert {row["user_id"] for row in came} == {*everybody[-menus[-1] :]}


async def test_more_than_a_message_holds_stand_on_several_pages(server: SimulatedServer) -> None:
    await server.schedule()
    everybody = [server.organizer.id, *await crowd(server, 120 - HOST)]
    await server.at(THURSDAY_10)
    first = await open_roll(server, server.organizer)
    assert first.response is not None
    assert [len(menu["options"]) for menu in menus_of(first)] == [25] * 4
    assert buttons_of(first.response) == ["Next 100 (page 2 of 2)"]
    second = await press(server.organizer, first, "Next 100 (page 2 of 2)")
    assert second.response is not None
    assert second.response.id == first.response.id
    [menu] = menus_of(second)
    assert [int(option["value"]) for option in menu["options"]] == everybody[100:]
    ticked = await choose(server.organizer, second, [str(user) for user in everybody[100:103]])
    assert "3 of 120 checked in" in said(ticked)
    assert [int(o["value"]) for o in menus_of(ticked)[0]["options"]] == everybody[100:]
    back = await press(server.organizer, ticked, "Next 100 (page 1 of 2)")
    assert back.response is not None
    assert back.response.id == first.response.id
    assert int(menus_of(back)[0]["options"][0]["value"]) == everybody[0]
    await server.settle()
    assert "**3 here now** · 120 coming in all" in text_of(server.card())


async def test_the_host_takes_someone_off_who_is_told(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await plan(server, sam, priya)
    shown = await headcount(server, server.organizer)
    opened = await press(server.organizer, shown, "Take someone off")
    assert opened.ephemeral
    done = await choose(server.organizer, opened, [str(sam.id)])
    assert f"{sam.mention} is off the list" in said(done)
    await server.settle()
    assert f"{sam.mention}: {server.organizer.mention} took you off" in server.messages()[-1]
    text = text_of(server.card())
    listed = f"**2 coming**\n{server.organizer.mention}, {priya.mention}\n-# 1 can't make it"
    assert listed in text
    assert opened.response is not None
    again = await forge(
        server, server.organizer, opened.response, "jelly:taken-off:1:0", str(sam.id)
    )
    assert again.acknowledged
    assert listed in text_of(server.card())


async def test_whoever_came_without_a_firm_answer_can_be_ticked_off(
    server: SimulatedServer,
) -> None:
    await schedule_with(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await jordan.click(server.card(), label="Maybe")
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Join the waiting list")
    await live_until(server, ENDS)
    [menu] = menus_of(await open_roll(server, server.organizer))
    assert {option["label"] for option in menu["options"]} == {"Robin", "Sam", "Priya", "Jordan"}


async def test_a_list_that_was_open_for_a_while_takes_back_no_arrival(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await begin(server, sam, priya)
    opened = await open_roll(server, server.organizer)
    await sam.click(server.card(), label="I'm here")
    await choose(server.organizer, opened, [str(priya.id)])
    await server.settle()
    assert "**2 here now**" in text_of(server.card())


async def test_a_list_that_grew_shorter_takes_back_nobody_elses_arrival(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await plan(server, sam)
    comers = [server.organizer.id, *await crowd(server, 24 - HOST)]
    shown_first = [str(user) for user in comers]
    await priya.click(server.card(), label="Going")  # the 26th, alone in the second list
    await server.at(THURSDAY_10)
    await priya.click(server.card(), label="I'm here")
    opened = await open_roll(server, server.organizer)
    first, _ = menus_of(opened)
    await sam.click(server.card(), label="Can't make it")
    await choose(server.organizer, opened, shown_first, custom_id=first["custom_id"])
    await server.settle()
    assert "**25 here now**" in text_of(server.card())
