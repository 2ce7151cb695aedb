"""The monthly post that thanks the hosts: once a month at ten, without a ping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.moments import DAY, ENDS, FIRST_OF_DECEMBER, HOUR, SECOND, THURSDAY_10, WEEK
from tests.server.hosting import (
    hold,
    live_until,
    open_next_door,
    plan,
    press,
    schedule_with,
    thanks_in,
)
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said


async def test_the_hosts_are_thanked_on_the_first_and_nobody_is_pinged(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule_with(server, host=priya)
    await server.schedule("Friday jelly", when="friday 10-16", where="The Shrew")
    await server.schedule("Empty jelly", when="saturday 10-16", where="Nowhere")
    await sam.click(server.card("Thursday jelly"), label="Going")
    for member in (sam, jordan):
        await member.click(server.card("Friday jelly"), label="Going")
    for day in range(3):
        await server.at(ENDS + day * DAY)
        await server.at(ENDS + day * DAY + HOUR)
    await server.at(FIRST_OF_DECEMBER - SECOND)
    assert thanks_in(server) == []
    await server.at(FIRST_OF_DECEMBER)
    [thanks] = thanks_in(server)
    assert "November" in thanks
    assert "2 jellies, 2 places, 4 people." in thanks
    assert priya.mention in thanks
    assert server.organizer.mention in thanks
    assert sam.mention not in thanks
    assert mentioned_users(server)[-1] == []
    sent = [r for r in server.environment.http_requests if r.path.endswith("/messages")][-1]
    assert sent.json is not None
    assert sent.json["allowed_mentions"]["parse"] == []
    for later in (FIRST_OF_DECEMBER + DAY, FIRST_OF_DECEMBER + 40 * DAY):
        await server.at(later)
        await server.restart()
        await server.start_again()
    assert len(thanks_in(server)) == 1


async def test_ten_in_the_morning_is_that_of_the_server(server: SimulatedServer) -> None:
    await server.organizer.slash(server.chat, "settings", zone="Pacific/Auckland")
    await server.schedule(when="thursday 10-16")
    await server.members[0].click(server.card(), label="Going")
    for hours in (12, 20, 40):
        await server.at(THURSDAY_10 - DAY + hours * HOUR)
    first = datetime(2026, 11, 30, 21, tzinfo=UTC)  # 10:00 of 1 December there
    await server.at(first - SECOND)
    assert thanks_in(server) == []
    await server.at(first)
    assert len(thanks_in(server)) == 1


async def test_a_month_without_people_is_not_thanked_for(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.members[0].click(server.card("Weekly"), label="Can't make it")
    for week in range(3):
        await server.at(ENDS + week * WEEK)
    await server.at(FIRST_OF_DECEMBER + 40 * DAY)
    assert thanks_in(server) == []


async def test_each_month_is_thanked_for_once(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    sam = server.members[0]
    for week in range(7):
        await server.at(THURSDAY_10 + week * WEEK)
        await sam.click(server.card("Weekly"), label="I'm here")
        await server.at(ENDS + week * WEEK)
        await server.at(ENDS + week * WEEK + DAY)
    november, december = thanks_in(server)
    assert "November" in november
    assert "1 jelly, 1 place, 1 person." in november
    assert "December" in december
    assert "5 jellies, 1 place, 1 person." in december


@pytest.mark.parametrize("when_said", ["before", "after"])
async def test_no_thanks_where_the_organizers_want_none(
    server: SimulatedServer, when_said: str
) -> None:
    if when_said == "before":
        await server.organizer.slash(server.chat, "settings", thanks=False)
    await hold(server, server.members[0])
    if when_said == "after":
        await server.organizer.slash(server.chat, "settings", thanks=False)
    for day in range(4, 20):
        await server.at(ENDS + day * DAY)
    assert thanks_in(server) == []
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "thanks to the hosts" not in listed


async def test_a_jelly_across_the_months_end_counts_once(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    await server.schedule("Night jelly", when="2026-11-30 22:00 for 4 hours")
    await server.members[1].click(server.card("Night jelly"), label="Going")
    for moment in (
        datetime(2026, 11, 30, 22, tzinfo=UTC),
        datetime(2026, 12, 1, 2, tzinfo=UTC),
        datetime(2026, 12, 2, 3, tzinfo=UTC),
        datetime(2027, 1, 1, 10, tzinfo=UTC),
    ):
        await server.at(moment)
    november, december = thanks_in(server)
    assert "1 jelly, 1 place, 2 people." in november
    assert "1 jelly, 1 place, 2 people." in december


@pytest.mark.parametrize("how", ["down since before the jelly", "down since after it"])
async def test_down_on_the_first_it_is_sent_late_and_once(
    server: SimulatedServer, how: str
) -> None:
    await plan(server, server.members[0])
    if how == "down since after it":
        await server.at(ENDS)
    await server.at(FIRST_OF_DECEMBER + timedelta(days=13, hours=23))
    assert len(thanks_in(server)) == 1
    await server.kill()
    await server.start_again()
    await server.after(10 * DAY)
    assert len(thanks_in(server)) == 1


async def test_down_for_two_weeks_it_is_left_out(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    await server.at(FIRST_OF_DECEMBER + timedelta(weeks=2))
    assert thanks_in(server) == []


async def test_those_who_came_are_thanked_for_where_people_checked_in(
    server: SimulatedServer,
) -> None:
    await hold(server, *server.members)
    await server.members[0].click(server.card(), label="I was there")
    await server.at(FIRST_OF_DECEMBER)
    assert "1 jelly, 1 place, 1 person." in thanks_in(server)[0]


async def test_thanks_go_to_the_channel_of_that_day(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    await server.organizer.slash(server.chat, "settings", channel=server.chat)
    await server.at(FIRST_OF_DECEMBER)
    assert thanks_in(server) == []
    assert "Thank you for hosting" in server.chat.history()[-1].content


async def test_thanks_come_at_ten_also_where_the_zone_changed(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    await server.organizer.slash(server.chat, "settings", zone="America/New_York")
    await server.at(FIRST_OF_DECEMBER)
    assert thanks_in(server) == []
    await server.at(FIRST_OF_DECEMBER + 5 * HOUR)
    assert len(thanks_in(server)) == 1


async def test_thanks_that_are_switched_on_come_on_the_next_first(server: SimulatedServer) -> None:
    await server.organizer.slash(server.chat, "settings", thanks=False)
    await hold(server, server.members[0])
    await server.at(ENDS + DAY)
    await server.organizer.slash(server.chat, "settings", thanks=True)
    await server.at(FIRST_OF_DECEMBER)
    assert len(thanks_in(server)) == 1


async def test_thanks_for_a_month_lead_to_no_single_card(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    await live_until(server, FIRST_OF_DECEMBER)
    message = server.jellies.last_message
    assert message is not None
    assert "Thank you for hosting" in message.content
    assert buttons_of(message) == ["See what's on"]
    shown = await server.members[0].click(message, label="See what's on")
    assert shown.ephemeral
    assert "Nothing's planned yet" in said(shown)


async def test_each_server_is_thanked_for_its_own_jellies(server: SimulatedServer) -> None:
    await server.schedule()
    next_door = await open_next_door(server)
    shown = await next_door.organizer.slash(
        next_door.channel, "jelly new", what="Theirs", when="friday 10-16", where="There"
    )
    await press(next_door.organizer, shown, "Schedule it")
    noor = next_door.guild.add_member(server.environment.create_user("noor"))
    await noor.slash(next_door.channel, "rsvp", jelly="Theirs", answer="going")
    await live_until(server, FIRST_OF_DECEMBER)
    assert thanks_in(server) == []
    theirs = next_door.channel.last_message
    assert theirs is not None
    assert "1 jelly, 1 place, 2 people." in theirs.content
    assert next_door.organizer.mention in theirs.content
