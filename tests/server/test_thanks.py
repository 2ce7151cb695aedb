"""The monthly post that thanks the hosts: once a month at ten, without a ping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.hosting import (
    ENDS,
    FIRST_OF_DECEMBER,
    SECOND,
    WEEK,
    hold,
    live_until,
    open_next_door,
    plan,
    press,
    schedule_with,
    thanks_in,
)
from tests.server.simulated_server import Town, buttons_of, said
from tests.server.test_reminding import DAY, HOUR, mentioned_users
from tests.server.test_scheduling import THURSDAY_10


async def test_the_hosts_are_thanked_on_the_first_and_nobody_is_pinged(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule_with(town, host=priya)
    await town.schedule("Friday jelly", when="friday 10-16", where="The Shrew")
    await town.schedule("Empty jelly", when="saturday 10-16", where="Nowhere")
    await sam.click(town.card("Thursday jelly"), label="Going")
    for member in (sam, jordan):
        await member.click(town.card("Friday jelly"), label="Going")
    for day in range(3):
        await town.at(ENDS + day * DAY)
        await town.at(ENDS + day * DAY + HOUR)
    await town.at(FIRST_OF_DECEMBER - SECOND)
    assert thanks_in(town) == []
    await town.at(FIRST_OF_DECEMBER)
    [thanks] = thanks_in(town)
    assert "November" in thanks
    assert "2 jellies, 2 places, 2 people." in thanks
    assert priya.mention in thanks
    assert town.organizer.mention in thanks
    assert sam.mention not in thanks
    assert mentioned_users(town)[-1] == []
    sent = [r for r in town.environment.http_requests if r.path.endswith("/messages")][-1]
    assert sent.json is not None
    assert sent.json["allowed_mentions"]["parse"] == []
    for later in (FIRST_OF_DECEMBER + DAY, FIRST_OF_DECEMBER + 40 * DAY):
        await town.at(later)
        await town.restart()
        await town.start_again()
    assert len(thanks_in(town)) == 1


async def test_ten_in_the_morning_is_that_of_the_server(town: Town) -> None:
    await town.organizer.slash(town.chat, "settings", zone="Pacific/Auckland")
    await town.schedule(when="thursday 10-16")
    await town.members[0].click(town.card(), label="Going")
    for hours in (12, 20, 40):
        await town.at(THURSDAY_10 - DAY + hours * HOUR)
    first = datetime(2026, 11, 30, 21, tzinfo=UTC)  # 10:00 of 1 December there
    await town.at(first - SECOND)
    assert thanks_in(town) == []
    await town.at(first)
    assert len(thanks_in(town)) == 1


async def test_a_month_without_people_is_not_thanked_for(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.members[0].click(town.card("Weekly"), label="Can't make it")
    for week in range(3):
        await town.at(ENDS + week * WEEK)
    await town.at(FIRST_OF_DECEMBER + 40 * DAY)
    assert thanks_in(town) == []


async def test_each_month_is_thanked_for_once(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    sam = town.members[0]
    for week in range(7):
        await town.at(THURSDAY_10 + week * WEEK)
        await sam.click(town.card("Weekly"), label="I'm here")
        await town.at(ENDS + week * WEEK)
        await town.at(ENDS + week * WEEK + DAY)
    november, december = thanks_in(town)
    assert "November" in november
    assert "1 jelly, 1 place, 1 person." in november
    assert "December" in december
    assert "5 jellies, 1 place, 1 person." in december


@pytest.mark.parametrize("when_said", ["before", "after"])
async def test_no_thanks_where_the_organizers_want_none(town: Town, when_said: str) -> None:
    if when_said == "before":
        await town.organizer.slash(town.chat, "settings", thanks=False)
    await hold(town, town.members[0])
    if when_said == "after":
        await town.organizer.slash(town.chat, "settings", thanks=False)
    for day in range(4, 20):
        await town.at(ENDS + day * DAY)
    assert thanks_in(town) == []
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "thanks to the hosts" not in listed


async def test_a_jelly_across_the_months_end_counts_once(town: Town) -> None:
    await hold(town, town.members[0])
    await town.schedule("Night jelly", when="2026-11-30 22:00 for 4 hours")
    await town.members[1].click(town.card("Night jelly"), label="Going")
    for moment in (
        datetime(2026, 11, 30, 22, tzinfo=UTC),
        datetime(2026, 12, 1, 2, tzinfo=UTC),
        datetime(2026, 12, 2, 3, tzinfo=UTC),
        datetime(2027, 1, 1, 10, tzinfo=UTC),
    ):
        await town.at(moment)
    november, december = thanks_in(town)
    assert "1 jelly, 1 place, 1 person." in november
    assert "1 jelly, 1 place, 1 person." in december


@pytest.mark.parametrize("how", ["down since before the jelly", "down since after it"])
async def test_down_on_the_first_it_is_sent_late_and_once(town: Town, how: str) -> None:
    await plan(town, town.members[0])
    if how == "down since after it":
        await town.at(ENDS)
    await town.at(FIRST_OF_DECEMBER + timedelta(days=13, hours=23))
    assert len(thanks_in(town)) == 1
    await town.kill()
    await town.start_again()
    await town.after(10 * DAY)
    assert len(thanks_in(town)) == 1


async def test_down_for_two_weeks_it_is_left_out(town: Town) -> None:
    await hold(town, town.members[0])
    await town.at(FIRST_OF_DECEMBER + timedelta(weeks=2))
    assert thanks_in(town) == []


async def test_those_who_came_are_thanked_for_where_people_checked_in(town: Town) -> None:
    await hold(town, *town.members)
    await town.members[0].click(town.card(), label="I was there")
    await town.at(FIRST_OF_DECEMBER)
    assert "1 jelly, 1 place, 1 person." in thanks_in(town)[0]


async def test_thanks_go_to_the_channel_of_that_day(town: Town) -> None:
    await hold(town, town.members[0])
    await town.organizer.slash(town.chat, "settings", channel=town.chat)
    await town.at(FIRST_OF_DECEMBER)
    assert thanks_in(town) == []
    assert "Thank you for hosting" in town.chat.history()[-1].content


async def test_thanks_come_at_ten_also_where_the_zone_changed(town: Town) -> None:
    await hold(town, town.members[0])
    await town.organizer.slash(town.chat, "settings", zone="America/New_York")
    await town.at(FIRST_OF_DECEMBER)
    assert thanks_in(town) == []
    await town.at(FIRST_OF_DECEMBER + 5 * HOUR)
    assert len(thanks_in(town)) == 1


async def test_thanks_that_are_switched_on_come_on_the_next_first(town: Town) -> None:
    await town.organizer.slash(town.chat, "settings", thanks=False)
    await hold(town, town.members[0])
    await town.at(ENDS + DAY)
    await town.organizer.slash(town.chat, "settings", thanks=True)
    await town.at(FIRST_OF_DECEMBER)
    assert len(thanks_in(town)) == 1


async def test_thanks_for_a_month_lead_to_no_single_card(town: Town) -> None:
    await hold(town, town.members[0])
    await live_until(town, FIRST_OF_DECEMBER)
    message = town.jellies.last_message
    assert message is not None
    assert "Thank you for hosting" in message.content
    assert buttons_of(message) == ["See what's on"]
    shown = await town.members[0].click(message, label="See what's on")
    assert shown.ephemeral
    assert "No jelly is planned yet" in said(shown)


async def test_each_server_is_thanked_for_its_own_jellies(town: Town) -> None:
    await town.schedule()
    next_door = await open_next_door(town)
    shown = await next_door.organizer.slash(
        next_door.channel, "jelly new", what="Theirs", when="friday 10-16", where="There"
    )
    await press(next_door.organizer, shown, "Post it")
    await next_door.organizer.slash(next_door.channel, "rsvp", session="Theirs", answer="going")
    await live_until(town, FIRST_OF_DECEMBER)
    assert thanks_in(town) == []
    theirs = next_door.channel.last_message
    assert theirs is not None
    assert "1 jelly, 1 place, 1 person." in theirs.content
    assert next_door.organizer.mention in theirs.content
