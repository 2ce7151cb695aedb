"""What the host alone is told: how it went, and who is new."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
import simcord

from tests.server.hosting import (
    ENDS,
    FIRST_OF_DECEMBER,
    MINUTE,
    SECOND,
    WEEK,
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
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_reminding import DAY, HOUR, mentioned_users
from tests.server.test_scheduling import THURSDAY_10, stamp


async def test_the_host_hears_an_hour_later_how_it_went_and_nobody_else_does(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule_with(town, host=sam)
    await priya.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", guests=1)
    await jordan.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await priya.click(town.card(), label="I'm here")
    await town.at(ENDS + HOUR - SECOND)
    assert summaries_for(sam) == []
    public = town.transcript()
    await town.at(ENDS + HOUR)
    [summary] = summaries_for(sam)
    assert "**2 were going**, with 1 guest" in summary
    assert f"**2 came**: {priya.mention} +1" in summary
    assert f"**For the first time**: {priya.mention}" in summary
    assert stamp(THURSDAY_10, "F") in summary
    assert town.transcript() == public
    for member in (priya, jordan, town.organizer):
        assert told_alone(member) == []
    await town.at(ENDS + 2 * HOUR)
    await town.at(ENDS + WEEK)
    assert len(summaries_for(sam)) == 1


async def test_a_summary_says_where_who_came_is_not_known(town: Town) -> None:
    await hold(town, *town.members)
    await town.at(ENDS + HOUR)
    [summary] = summaries_for(town.organizer)
    assert "**3 were going**" in summary
    assert "who came is not known" in summary


async def test_where_nobody_was_going_and_nobody_came_there_is_no_summary(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Maybe")
    await priya.click(town.card(), label="Can't make it")
    await live_until(town, ENDS + 2 * DAY)
    assert told_alone(town.organizer) == []
    assert "is over" not in town.transcript()
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "What did not arrive" not in listed


async def test_somebody_who_came_where_nobody_was_going_is_summed_up(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Can't make it")
    await town.at(ENDS)
    await sam.click(town.card(), label="I was there")
    await town.at(ENDS + HOUR)
    [summary] = summaries_for(town.organizer)
    assert f"**1 came**: {sam.mention}" in summary


async def test_with_closed_messages_the_summary_waits_behind_a_button(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule_with(town, host=sam)
    for member in (priya, jordan):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await priya.click(town.card(), label="I'm here")
    await town.at(ENDS)
    close_messages_of(town, sam)
    before = len(town.messages())
    await town.at(ENDS + HOUR)
    assert summaries_for(sam) == []
    [line] = town.messages()[before:]
    assert sam.mention in line
    assert priya.mention not in line
    assert "came" not in line
    assert mentioned_users(town)[-1] == [sam.id]
    message = town.jellies.last_message
    assert message is not None
    assert buttons_of(message) == ["See the summary", "Open the card"]
    for reader in (sam, town.organizer):
        seen = await reader.click(message, label="See the summary")
        assert seen.ephemeral
        assert f"**1 came**: {priya.mention}" in said(seen)
    for reader in (priya, jordan):
        refused = await reader.click(message, label="See the summary")
        assert refused.ephemeral
        assert "Only its host" in said(refused)
        assert "came" not in said(refused)
    await town.kill()
    await town.start_again()
    await live_until(town, ENDS + 2 * DAY)
    assert len(town.messages()) == before + 1
    assert "**1 came**" in said(await sam.click(message, label="See the summary"))


async def test_a_host_who_cannot_even_be_written_to_is_told_in_the_channel(town: Town) -> None:
    await hold(town, town.organizer)
    town.environment.inject_error(
        "POST", "/users/@me/channels", status=403, code=50007, message="Cannot send messages"
    )
    await town.at(ENDS + HOUR)
    assert [one for one in town.messages() if "how it went" in one] == [town.messages()[-1]]
    assert told_alone(town.organizer) == []


async def test_something_passing_delays_the_summary_and_sends_it_once(town: Town) -> None:
    await hold(town, town.members[0])
    channel = town.organizer.user.dm_channel
    town.environment.inject_error("POST", f"/channels/{channel.id}/messages", status=503, times=2)
    await town.at(ENDS + HOUR)
    assert summaries_for(town.organizer) == []
    for _ in range(4):
        await town.after(30 * SECOND)
    assert len(summaries_for(town.organizer)) == 1
    assert "is over" not in town.transcript()


@pytest.mark.parametrize("how", ["restarted", "killed"])
async def test_between_the_end_and_the_summary_the_bot_may_stop(town: Town, how: str) -> None:
    await hold(town, town.members[0])
    await (town.restart() if how == "restarted" else town.kill())
    await town.start_again()
    assert summaries_for(town.organizer) == []
    await town.at(ENDS + HOUR)
    await (town.restart() if how == "restarted" else town.kill())
    await town.start_again()
    await town.after(10 * MINUTE)
    assert len(summaries_for(town.organizer)) == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_summary_on_its_way_when_the_power_fails_arrives_once(
    town: Town, arrived: bool
) -> None:
    await hold(town, town.members[0])
    real = town.bot.http.send_message
    out = asyncio.Event()

    async def fails(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as in discord.py
        if arrived:
            await real(*arguments, **options)
        out.set()
        return await asyncio.Event().wait()

    setattr(town.bot.http, "send_message", fails)  # noqa: B010  a network that breaks off
    await town.at(ENDS + HOUR - SECOND)
    town.clock.moment = ENDS + HOUR
    with town.environment.time_context():
        await town.bot.outbox.pay()
    await out.wait()
    await town.kill()
    assert len(summaries_for(town.organizer)) == int(arrived)
    town.clock.moment += 5 * MINUTE
    await town.start_again()
    await town.after(10 * MINUTE)
    assert len(summaries_for(town.organizer)) == 1


async def test_after_an_absence_the_summary_comes_late_but_within_a_week(town: Town) -> None:
    await hold(town, town.members[0])
    await town.at(ENDS + HOUR + WEEK - SECOND)
    assert len(summaries_for(town.organizer)) == 1


async def test_after_a_week_a_summary_is_left_out(town: Town) -> None:
    await hold(town, town.members[0])
    await town.at(ENDS + HOUR + WEEK)
    assert summaries_for(town.organizer) == []


@pytest.mark.parametrize("when", ["thursday 10-18", "friday 10-16"])
async def test_a_moved_end_moves_the_summary(town: Town, when: str) -> None:
    await plan(town, town.members[0])
    await town.at(THURSDAY_10 - HOUR)
    await move(town, "Thursday jelly", when)
    ends = ENDS + (2 * HOUR if "18" in when else DAY)
    for moment in (THURSDAY_10, ENDS, ENDS + HOUR, ends, ends + HOUR - SECOND):
        await town.at(moment)
    assert summaries_for(town.organizer) == []
    await town.at(ends + HOUR)
    assert len(summaries_for(town.organizer)) == 1
    await town.at(ends + DAY)
    assert len(summaries_for(town.organizer)) == 1


async def test_a_jelly_that_is_on_can_go_on_for_longer(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10 + HOUR)
    await town.members[0].click(town.card(), label="I'm here")
    preview = await move(town, "Thursday jelly", "today 10-18")
    assert "is past" not in said(preview)
    await live_until(town, ENDS + 3 * HOUR - SECOND)
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]
    assert "**1 was there**" in text_of(town.card())
    assert summaries_for(town.organizer) == []
    await town.at(ENDS + 3 * HOUR)
    assert len(summaries_for(town.organizer)) == 1


@pytest.mark.parametrize("moment", [THURSDAY_10 - DAY, THURSDAY_10 + HOUR])
async def test_a_new_host_gets_the_summary(town: Town, moment: datetime) -> None:
    sam, priya, _ = town.members
    await plan(town, priya)
    await town.at(moment)
    told_before = told_alone(town.organizer)
    await _hand_over(town, sam)
    for later in (ENDS, ENDS + HOUR, ENDS + DAY):
        await town.at(later)
    assert len(summaries_for(sam)) == 1
    assert told_alone(town.organizer) == told_before


async def test_a_new_host_is_told_who_is_new(town: Town) -> None:
    sam, priya, _ = town.members
    await plan(town, priya)
    await _hand_over(town, sam)
    await town.after(15 * MINUTE)
    assert [priya.mention in one for one in told_alone(sam)] == [True]
    assert told_alone(town.organizer) == []


async def test_a_newcomer_who_becomes_the_host_is_not_told_of_themselves(town: Town) -> None:
    sam = town.members[0]
    await plan(town, sam)
    await _hand_over(town, sam)
    await town.after(15 * MINUTE)
    assert told_alone(sam) == []


async def test_a_jelly_that_was_called_off_owes_neither_summary_nor_thanks(town: Town) -> None:
    sam = town.members[0]
    await plan(town, sam)
    await live_until(town, THURSDAY_10 + HOUR)
    await sam.click(town.card(), label="I'm here")
    told = told_alone(town.organizer)
    await call_off(town)
    await live_until(town, FIRST_OF_DECEMBER)
    assert told_alone(town.organizer) == told
    assert "Thank you for hosting" not in town.transcript()
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "What did not arrive" not in listed


async def test_a_newcomer_who_did_not_come_is_not_summed_up_as_one(town: Town) -> None:
    sam, priya, _ = town.members
    await begin(town, sam, priya)
    await priya.click(town.card(), label="I'm here")
    await town.at(ENDS)
    await sam.click(town.card(), label="I wasn't there")
    await town.at(ENDS + HOUR)
    [summary] = summaries_for(town.organizer)
    assert f"**For the first time**: {priya.mention}" in summary
    assert sam.mention not in summary


async def test_the_first_jelly_is_the_one_that_was_held_first(town: Town) -> None:
    await town.schedule()
    await town.schedule("Friday jelly", when="friday 10-16")
    sam = town.members[0]
    await sam.click(town.card("Friday jelly"), label="Going")
    await sam.click(town.card("Thursday jelly"), label="Going")
    for moment in (THURSDAY_10, THURSDAY_10 + DAY):
        await town.at(moment)
        await sam.click(town.cards()[0 if moment == THURSDAY_10 else 1], label="I'm here")
        await town.at(moment + 6 * HOUR)
        await town.at(moment + 7 * HOUR)
    thursday, friday = summaries_for(town.organizer)
    assert f"**For the first time**: {sam.mention}" in thursday
    assert "For the first time" not in friday


async def test_a_summary_of_many_who_were_added_by_the_host_arrives(town: Town) -> None:
    await town.schedule("Thursday jelly with everybody", when="thursday 10-16")
    people = [
        town.guild.add_member(town.environment.create_user(f"guest{number}"))
        for number in range(30)
    ]
    for person in people:
        await town.organizer.slash(
            town.jellies, "rsvp", session="Thursday jelly", answer="going", member=person
        )
    await town.at(THURSDAY_10)
    opened = await open_roll(town, town.organizer)
    for menu in menus_of(opened):
        values = [option["value"] for option in menu["options"]]
        await choose(town.organizer, opened, values, custom_id=menu["custom_id"])
    await town.at(ENDS)
    await town.at(ENDS + HOUR)
    [summary] = summaries_for(town.organizer)
    assert "**30 came**" in summary
    assert len(summary) <= 2000


async def test_a_private_message_that_did_not_arrive_is_told_without_a_made_up_channel(
    town: Town,
) -> None:
    await plan(town, town.members[0])
    town.environment.inject_error("POST", "/users/@me/channels", status=400, code=50033)
    await town.after(15 * MINUTE)
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "word of who is new" in listed
    assert f"<#{town.organizer.id}>" not in listed


async def test_a_private_message_that_is_tried_again_reaches_the_host(town: Town) -> None:
    sam = town.members[0]
    await plan(town, sam)
    town.environment.inject_error("POST", "/users/@me/channels", status=400, code=50033)
    await town.after(15 * MINUTE)
    assert told_alone(town.organizer) == []
    listed = await town.organizer.slash(town.chat, "jelly list")
    await press(town.organizer, listed, "Try again")
    await town.settle()
    assert [sam.mention in one for one in told_alone(town.organizer)] == [True]


async def _hand_over(town: Town, host: simcord.MemberActor) -> None:
    form = await town.organizer.slash(town.jellies, "jelly edit", which="Thursday jelly")
    preview = await town.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": "Thursday 26 November 2026, 10:00 to 16:00, London time",
            "where": "The Alb",
            "host": [host],
        },
    )
    await press(town.organizer, preview, "Save it")
    await town.settle()
