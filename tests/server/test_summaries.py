"""What only the host is told: how it went, and who is new."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
import simcord

from tests.moments import (
    DAY,
    ENDS,
    FIRST_OF_DECEMBER,
    HOUR,
    MINUTE,
    SECOND,
    THURSDAY_10,
    WEEK,
    stamp,
)
from tests.server.actions import agree_to_host, keep_every_message
from tests.server.hosting import (
    begin,
    call_off,
    choose,
    close_messages_of,
    hold,
    live_until,
    menus_of,
    move,
    open_roll,
    plan,
    press,
    schedule_with,
    summaries_for,
    told_alone,
)
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of
from tests.server.test_dead_ends import deny


async def test_the_host_hears_an_hour_later_how_it_went_and_nobody_else_does(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule_with(server, host=sam)
    await priya.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", guests=1)
    await jordan.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    await priya.click(server.card(), label="I'm here")
    await server.at(ENDS + HOUR - SECOND)
    assert summaries_for(sam) == []
    public = server.transcript()
    await server.at(ENDS + HOUR)
    [summary] = summaries_for(sam)
    assert "**4 had said they'd come**" in summary
    assert f"**2 came**: {priya.mention} +1" in summary
    assert f"**For the first time**: {priya.mention}" in summary
    assert stamp(THURSDAY_10, "F") in summary
    assert server.transcript() == public
    for member in (priya, jordan, server.organizer):
        assert told_alone(member) == []
    await server.at(ENDS + 2 * HOUR)
    await server.at(ENDS + WEEK)
    assert len(summaries_for(sam)) == 1


async def test_a_summary_says_where_who_came_is_not_known(server: SimulatedServer) -> None:
    await hold(server, *server.members)
    await server.at(ENDS + HOUR)
    [summary] = summaries_for(server.organizer)
    assert "**4 had said they'd come**" in summary
    assert "who came" in summary


async def test_where_nobody_was_going_and_nobody_came_there_is_no_summary(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Maybe")
    await priya.click(server.card(), label="Can't make it")
    await live_until(server, ENDS + 2 * DAY)
    assert told_alone(server.organizer) == []
    assert "is over" not in server.transcript()
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_someone_who_came_where_nobody_was_going_is_summed_up(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam = server.members[0]
    await sam.click(server.card(), label="Can't make it")
    await server.at(ENDS)
    await sam.click(server.card(), label="I was there")
    await server.at(ENDS + HOUR)
    [summary] = summaries_for(server.organizer)
    assert f"**1 came**: {sam.mention}" in summary


async def test_with_closed_messages_the_summary_waits_behind_a_button(
    server: SimulatedServer,
) -> None:
    await keep_every_message(server)
    sam, priya, jordan = server.members
    await schedule_with(server, host=sam)
    for member in (priya, jordan):
        await member.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    await priya.click(server.card(), label="I'm here")
    await server.at(ENDS)
    close_messages_of(server, sam.user)
    before = len(server.said_ever())
    await server.at(ENDS + HOUR)
    assert summaries_for(sam) == []
    [line] = server.said_ever()[before:]
    assert sam.mention in line
    assert priya.mention not in line
    assert "came" not in line
    assert mentioned_users(server)[-1] == [sam.id]
    message = server.jellies.last_message
    assert message is not None
    assert buttons_of(message) == ["See the summary", "Open the card"]
    for reader in (sam, server.organizer):
        seen = await reader.click(message, label="See the summary")
        assert seen.ephemeral
        assert f"**1 came**: {priya.mention}" in said(seen)
    for reader in (priya, jordan):
        refused = await reader.click(message, label="See the summary")
        assert refused.ephemeral
        assert "Only its host" in said(refused)
        assert "came" not in said(refused)
    await server.kill()
    await server.start_again()
    await live_until(server, ENDS + 2 * DAY)
    assert len(server.said_ever()) == before + 1
    assert "**1 came**" in said(await sam.click(message, label="See the summary"))


async def test_a_summary_that_is_planned_anew_goes_to_the_host_again(
    server: SimulatedServer,
) -> None:
    """It came too early by a wrong clock, and the host and the channel were closed to it."""
    sam, priya, _ = server.members
    await schedule_with(server, host=sam)
    await priya.click(server.card(), label="Going")
    await live_until(server, THURSDAY_10 + HOUR)
    close_messages_of(server, sam.user)
    deny(server, "send_messages")
    await server.at(ENDS + HOUR)
    server.environment.backend.faults.clear()
    deny(server)
    server.clock.moment = THURSDAY_10 + 2 * HOUR
    await server.organizer.slash(server.jellies, "settings", reminders="2 hours")
    await server.at(ENDS + HOUR)
    assert len(summaries_for(sam)) == 1


async def test_a_host_who_cannot_even_be_written_to_is_told_in_the_channel(
    server: SimulatedServer,
) -> None:
    robin = server.organizer
    await schedule_with(server, guests=1)
    await robin.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", guests=1)
    await live_until(server, ENDS)
    server.environment.inject_error(
        "POST", "/users/@me/channels", status=403, code=50007, message="Cannot send messages"
    )
    await server.at(ENDS + HOUR)
    assert [one for one in server.said_ever() if "how it went" in one] == [server.said_ever()[-1]]
    assert told_alone(server.organizer) == []


async def test_something_passing_delays_the_summary_and_sends_it_once(
    server: SimulatedServer,
) -> None:
    await hold(server, server.members[0])
    channel = server.organizer.user.dm_channel
    server.environment.inject_error("POST", f"/channels/{channel.id}/messages", status=503, times=2)
    await server.at(ENDS + HOUR)
    assert summaries_for(server.organizer) == []
    for _ in range(4):
        await server.after(30 * SECOND)
    assert len(summaries_for(server.organizer)) == 1
    assert "is over" not in server.transcript()


@pytest.mark.parametrize("how", ["restarted", "killed"])
async def test_between_the_end_and_the_summary_the_bot_may_stop(
    server: SimulatedServer, how: str
) -> None:
    await hold(server, server.members[0])
    await (server.restart() if how == "restarted" else server.kill())
    await server.start_again()
    assert summaries_for(server.organizer) == []
    await server.at(ENDS + HOUR)
    await (server.restart() if how == "restarted" else server.kill())
    await server.start_again()
    await server.after(10 * MINUTE)
    assert len(summaries_for(server.organizer)) == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_summary_on_its_way_when_the_power_fails_arrives_once(
    server: SimulatedServer, arrived: bool
) -> None:
    await hold(server, server.members[0])
    real = server.bot.http.send_message
    out = asyncio.Event()

    async def fails(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as in discord.py
        if arrived:
            await real(*arguments, **options)
        out.set()
        return await asyncio.Event().wait()

    setattr(server.bot.http, "send_message", fails)  # noqa: B010  the network fails
    await server.at(ENDS + HOUR - SECOND)
    server.clock.moment = ENDS + HOUR
    with server.environment.time_context():
        await server.bot.outbox.pay()
    await out.wait()
    await server.kill()
    assert len(summaries_for(server.organizer)) == int(arrived)
    server.clock.moment += 5 * MINUTE
    await server.start_again()
    await server.after(10 * MINUTE)
    assert len(summaries_for(server.organizer)) == 1


async def test_after_an_absence_the_summary_comes_late_but_within_a_week(
    server: SimulatedServer,
) -> None:
    await hold(server, server.members[0])
    await server.at(ENDS + HOUR + WEEK - SECOND)
    assert len(summaries_for(server.organizer)) == 1


async def test_after_a_week_a_summary_is_left_out(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    await server.at(ENDS + HOUR + WEEK)
    assert summaries_for(server.organizer) == []


@pytest.mark.parametrize("when", ["thursday 10-18", "friday 10-16"])
async def test_a_moved_end_moves_the_summary(server: SimulatedServer, when: str) -> None:
    await plan(server, server.members[0])
    await server.at(THURSDAY_10 - HOUR)
    await move(server, "Thursday jelly", when)
    ends = ENDS + (2 * HOUR if "18" in when else DAY)
    for moment in (THURSDAY_10, ENDS, ENDS + HOUR, ends, ends + HOUR - SECOND):
        await server.at(moment)
    assert summaries_for(server.organizer) == []
    await server.at(ends + HOUR)
    assert len(summaries_for(server.organizer)) == 1
    await server.at(ends + DAY)
    assert len(summaries_for(server.organizer)) == 1


async def test_a_jelly_that_is_on_can_go_on_for_longer(server: SimulatedServer) -> None:
    await server.schedule()
    await server.at(THURSDAY_10 + HOUR)
    await server.members[0].click(server.card(), label="I'm here")
    preview = await move(server, "Thursday jelly", "today 10-18")
    assert "is past" not in said(preview)
    await live_until(server, ENDS + 3 * HOUR - SECOND)
    assert buttons_of(server.card()) == ["I was there", "I wasn't there"]
    assert "**1 came**" in text_of(server.card())
    assert summaries_for(server.organizer) == []
    await server.at(ENDS + 3 * HOUR)
    assert len(summaries_for(server.organizer)) == 1


@pytest.mark.parametrize("moment", [THURSDAY_10 - DAY, THURSDAY_10 + HOUR])
async def test_a_new_host_gets_the_summary(server: SimulatedServer, moment: datetime) -> None:
    sam, priya, _ = server.members
    await plan(server, priya)
    await server.at(moment)
    told_before = told_alone(server.organizer)
    await _hand_over(server, sam)
    for later in (ENDS, ENDS + HOUR, ENDS + DAY):
        await server.at(later)
    assert len(summaries_for(sam)) == 1
    assert told_alone(server.organizer) == told_before


async def test_a_new_host_is_told_who_is_new(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await plan(server, priya)
    await _hand_over(server, sam)
    await server.after(15 * MINUTE)
    assert [priya.mention in one for one in told_alone(sam)[1:]] == [True]
    assert told_alone(server.organizer) == []


async def test_a_newcomer_who_becomes_the_host_is_not_told_of_themselves(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await plan(server, sam)
    await _hand_over(server, sam)
    await server.after(15 * MINUTE)
    assert ["You host **Thursday jelly**" in one for one in told_alone(sam)] == [True]


async def test_a_jelly_that_was_called_off_owes_neither_summary_nor_thanks(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await plan(server, sam)
    await live_until(server, THURSDAY_10 + HOUR)
    await sam.click(server.card(), label="I'm here")
    told = told_alone(server.organizer)
    await call_off(server)
    await live_until(server, FIRST_OF_DECEMBER)
    assert told_alone(server.organizer) == told
    assert "Thank you for hosting" not in server.transcript()
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_a_newcomer_who_did_not_come_is_not_summed_up_as_one(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await begin(server, sam, priya)
    await priya.click(server.card(), label="I'm here")
    await server.at(ENDS)
    await sam.click(server.card(), label="I wasn't there")
    await server.at(ENDS + HOUR)
    [summary] = summaries_for(server.organizer)
    assert f"**For the first time**: {priya.mention}" in summary
    assert sam.mention not in summary


async def test_the_first_jelly_is_the_one_that_was_held_first(server: SimulatedServer) -> None:
    await server.schedule()
    await server.schedule("Friday jelly", when="friday 10-16")
    sam = server.members[0]
    await sam.click(server.card("Friday jelly"), label="Going")
    await sam.click(server.card("Thursday jelly"), label="Going")
    for moment in (THURSDAY_10, THURSDAY_10 + DAY):
        await server.at(moment)
        await sam.click(server.cards()[0 if moment == THURSDAY_10 else 1], label="I'm here")
        await server.at(moment + 6 * HOUR)
        await server.at(moment + 7 * HOUR)
    thursday, friday = summaries_for(server.organizer)
    assert f"**For the first time**: {sam.mention}" in thursday
    assert "For the first time" not in friday


async def test_a_summary_of_many_who_were_added_by_the_host_arrives(
    server: SimulatedServer,
) -> None:
    await server.schedule("Thursday jelly with everybody", when="thursday 10-16")
    people = [
        server.guild.add_member(server.environment.create_user(f"guest{number}"))
        for number in range(30)
    ]
    for person in people:
        await server.organizer.slash(
            server.jellies, "rsvp", jelly="Thursday jelly", answer="going", member=person
        )
    await server.at(THURSDAY_10)
    opened = await open_roll(server, server.organizer)
    for menu in menus_of(opened):
        values = [option["value"] for option in menu["options"]]
        await choose(server.organizer, opened, values, custom_id=menu["custom_id"])
    await server.at(ENDS)
    await server.at(ENDS + HOUR)
    [summary] = summaries_for(server.organizer)
    assert "**31 came**" in summary
    assert len(summary) <= 2000


async def test_a_private_message_that_did_not_arrive_is_told_without_a_made_up_channel(
    server: SimulatedServer,
) -> None:
    await plan(server, server.members[0])
    server.environment.inject_error("POST", "/users/@me/channels", status=400, code=50033)
    await server.after(15 * MINUTE)
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "note about newcomers" in listed
    assert f"<#{server.organizer.id}>" not in listed


async def test_a_private_message_that_is_tried_again_reaches_the_host(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await plan(server, sam)
    server.environment.inject_error("POST", "/users/@me/channels", status=400, code=50033)
    await server.after(15 * MINUTE)
    assert told_alone(server.organizer) == []
    listed = await server.organizer.slash(server.chat, "jelly list")
    await press(server.organizer, listed, "Try again")
    await server.settle()
    assert [sam.mention in one for one in told_alone(server.organizer)] == [True]


async def _hand_over(server: SimulatedServer, host: simcord.MemberActor) -> None:
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="Thursday jelly")
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": "Thursday 26 November 2026, 10:00 to 16:00, London time",
            "where": "The Alb",
            "host": [host],
        },
    )
    await press(server.organizer, preview, "Save it")
    await server.settle()
    await agree_to_host(server, host)
