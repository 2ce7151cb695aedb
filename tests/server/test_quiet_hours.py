"""Between ten in the evening and eight in the morning nobody is pinged, unless it can't wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
import discord
import pytest

from data.limits import CORRECTIONS_TOGETHER
from tests.moments import DAY, HOUR, MINUTE, SECOND, THURSDAY_10, WEEK
from tests.server.actions import (
    HOST,
    answer,
    call_off,
    edit,
    filled,
    mine,
    press_in_turn,
    schedule,
    told,
    without_quiet_hours,
)
from tests.server.hosting import close_messages_of, live_until
from tests.server.network import through
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, said

MIDNIGHT = THURSDAY_10 - 10 * HOUR
ELEVEN, SIX, EIGHT = MIDNIGHT - HOUR, MIDNIGHT + 6 * HOUR, MIDNIGHT + 8 * HOUR
"""In the night before the jelly, and in the morning."""


async def _planned(
    server: SimulatedServer, *, when: str = "thursday 18-21", reminders: str = "12 hours"
) -> None:
    """Schedules a jelly to which Sam comes, with other reminders than usual."""
    await server.organizer.slash(server.chat, "settings", reminders=reminders)
    await schedule(server, when=when)
    await server.members[0].click(server.card(), label="Going")


async def _is_sent_in_the_morning(server: SimulatedServer, words: str) -> None:
    """Checks that a message comes at eight, and once."""
    for moment in (EIGHT - SECOND, EIGHT, EIGHT + 4 * HOUR):
        await server.at(moment)
        assert len(told(server, words)) == (moment >= EIGHT), moment


# Reminders.


async def test_a_reminder_that_is_due_at_night_comes_in_the_morning(
    server: SimulatedServer,
) -> None:
    await _planned(server)
    await server.at(SIX)
    assert server.messages() == []
    await _is_sent_in_the_morning(server, "The Alb")
    assert server.members[0].id in mentioned_users(server)[-1]


async def test_a_reminder_of_a_jelly_soon_after_the_night_comes_in_time(
    server: SimulatedServer,
) -> None:
    await _planned(server, when="thursday 9-12", reminders="3 hours")
    await server.at(SIX)
    assert len(server.messages()) == 1


@pytest.mark.parametrize(("when", "waits"), [("10:59-13", False), ("11-13", True)])
async def test_soon_after_is_less_than_three_hours(
    server: SimulatedServer, when: str, waits: bool
) -> None:
    await _planned(server, when=f"thursday {when}", reminders="11 hours")
    await server.at(MIDNIGHT)
    assert (server.messages() == []) == waits
    await server.at(EIGHT)
    assert len(server.messages()) == 1


async def test_of_two_reminders_of_a_night_the_later_one_comes(server: SimulatedServer) -> None:
    """The first would be useless by then; that it never came is no failure."""
    await _planned(server, reminders="18 hours, 12 hours")
    await server.at(MIDNIGHT)
    await server.at(SIX)
    await _is_sent_in_the_morning(server, "The Alb")
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "didn't arrive" not in listed
    assert "too late" not in listed


async def test_a_line_that_mentions_nobody_comes_at_any_hour(server: SimulatedServer) -> None:
    await _planned(server, when="thursday 22:30-23:30", reminders="none")
    await server.at(MIDNIGHT + DAY - 90 * MINUTE)
    assert len(told(server, "is on now")) == 1


async def test_without_quiet_hours_a_reminder_comes_when_it_is_due(server: SimulatedServer) -> None:
    await without_quiet_hours(server)
    await _planned(server)
    await server.at(SIX)
    assert len(server.messages()) == 1


async def test_other_hours_are_kept_too(server: SimulatedServer) -> None:
    await server.organizer.slash(server.chat, "settings", quiet_hours="noon-2pm")
    await _planned(server, reminders="12 hours, 5 hours")
    await server.at(SIX)
    assert len(server.messages()) == 1
    await server.at(EIGHT + 5 * HOUR)
    assert len(server.said_ever()) == 1
    await server.at(EIGHT + 6 * HOUR)
    assert len(server.said_ever()) == 2


# Moves, and calling off.


@pytest.mark.parametrize(
    ("when", "to", "waits"),
    [
        ("thursday 18-21", "thursday 19-22", True),
        ("thursday 10-13", "thursday 10:30-13", False),
        ("thursday 18-21", "thursday 10-13", False),
        # Who knows nothing of it would be there in the morning.
        ("thursday 10-13", "thursday 18-21", False),
    ],
)
async def test_a_move_at_night_waits_unless_the_jelly_is_or_was_soon(
    server: SimulatedServer, when: str, to: str, waits: bool
) -> None:
    await _planned(server, when=when, reminders="none")
    await server.at(ELEVEN)
    await edit(server, when=to)
    await server.at(ELEVEN + CORRECTIONS_TOGETHER)
    assert len(told(server, "has moved")) == (not waits)
    if waits:
        await _is_sent_in_the_morning(server, "has moved")


@pytest.mark.parametrize(("when", "waits"), [("18-21", True), ("10-13", False)])
async def test_calling_off_at_night_waits_unless_the_jelly_is_soon(
    server: SimulatedServer, when: str, waits: bool
) -> None:
    await _planned(server, when=f"thursday {when}", reminders="none")
    await server.at(ELEVEN)
    await call_off(server)
    assert len(told(server, "is called off")) == (not waits)
    if waits:
        await _is_sent_in_the_morning(server, "is called off")


async def test_no_reminder_stands_at_night_of_a_time_that_is_no_more(
    server: SimulatedServer,
) -> None:
    await _planned(server, reminders="1 day")
    await server.at(THURSDAY_10 + 8 * HOUR - DAY)
    assert len(server.messages()) == 1
    await server.at(ELEVEN)
    await edit(server, when="thursday 19-21")
    await server.after(CORRECTIONS_TOGETHER)
    assert server.messages() == []
    await server.at(EIGHT)
    [message] = server.messages()
    assert "has moved" in message


async def test_a_second_move_of_the_night_is_told_with_the_first(server: SimulatedServer) -> None:
    await _planned(server, reminders="none")
    await server.at(ELEVEN)
    await edit(server, when="thursday 19-22")
    await server.after(HOUR)
    await edit(server, when="thursday 20-22")
    await server.after(HOUR)
    assert told(server, "has moved") == []
    await _is_sent_in_the_morning(server, "has moved")


async def test_what_waits_is_told_at_once_if_the_jelly_moves_to_the_early_morning(
    server: SimulatedServer,
) -> None:
    """Also that someone was put down for it."""
    await _planned(server, reminders="none")
    await server.at(ELEVEN)
    await answer(server, server.organizer, "going", member=server.members[1])
    await edit(server, when="thursday 19-22")
    await server.after(5 * MINUTE)
    assert server.messages() == []
    await edit(server, when="thursday 9-12")
    await server.after(CORRECTIONS_TOGETHER)
    assert len(told(server, "added you")) == len(told(server, "has moved")) == 1
    await server.at(EIGHT)
    assert len(server.messages()) == 2


# Seats.


async def _last_seat_is_free(server: SimulatedServer, at: datetime, *, start: str = "18") -> None:
    """Has the only one with a seat give it up then, while others wait."""
    await server.organizer.slash(server.chat, "settings", reminders="none", offers_within="1 day")
    await schedule(server, when=f"thursday {start}-21", seats=HOST + 1)
    await press_in_turn(server, *server.members)
    await server.at(at)
    await server.members[0].click(server.card(), label="Can't make it")
    await server.settle()


async def test_time_to_take_a_seat_stands_still_at_night(server: SimulatedServer) -> None:
    """Offered at half past nine for an hour, it is kept until half past eight."""
    await _last_seat_is_free(server, MIDNIGHT - 150 * MINUTE)
    priya = server.members[1]
    assert len(told(server, "is yours if you")) == 1
    await server.at(EIGHT + 30 * MINUTE - SECOND)
    assert "kept" in await mine(server, priya)
    await server.at(EIGHT + 30 * MINUTE)
    assert "kept" not in await mine(server, priya)
    assert len(told(server, "is yours if you")) == 2


async def test_a_seat_that_comes_free_at_night_is_offered_in_the_morning(
    server: SimulatedServer,
) -> None:
    await _last_seat_is_free(server, MIDNIGHT - 21 * MINUTE)
    assert told(server, "is yours if you") == []
    await server.at(EIGHT)
    [offer] = told(server, "is yours if you")
    assert f"<t:{int((EIGHT + HOUR).timestamp())}:t>" in offer.content
    await server.at(EIGHT + HOUR - SECOND)
    await server.members[1].click(offer, label="Take the seat")
    assert await mine(server, server.members[1]) == "Going"


async def test_a_seat_of_an_early_jelly_is_offered_at_once_and_kept_into_the_morning(
    server: SimulatedServer,
) -> None:
    """Of the two hours awake before ten, it is kept for a third."""
    await _last_seat_is_free(server, ELEVEN, start="10")
    [offer] = told(server, "is yours if you")
    assert f"<t:{int((EIGHT + 40 * MINUTE).timestamp())}:t>" in offer.content


async def test_whoever_takes_the_seat_at_night_is_not_told_of_the_offer(
    server: SimulatedServer,
) -> None:
    await _last_seat_is_free(server, ELEVEN)
    await server.at(SIX)
    await server.members[1].click(server.card(), label="Join the waiting list")
    assert await mine(server, server.members[1]) == "Going"
    await server.at(EIGHT + 4 * HOUR)
    assert told(server, "is yours if you") == []


async def test_a_seat_given_at_night_is_told_in_the_morning(server: SimulatedServer) -> None:
    await server.organizer.slash(server.chat, "settings", reminders="none")
    await schedule(server, when="friday 10-13", seats=HOST + 1)
    await press_in_turn(server, *server.members)
    await server.at(ELEVEN)
    await server.members[0].click(server.card(), label="Can't make it")
    assert await mine(server, server.members[1]) == "Going"
    await _is_sent_in_the_morning(server, "a seat came free")


async def test_in_the_morning_whoever_got_a_seat_at_night_is_pinged_once(
    server: SimulatedServer,
) -> None:
    """By the word of the seat, which comes first; the reminder only names them."""
    settings = {"reminders": "12 hours", "offers_within": "none"}
    await server.organizer.slash(server.chat, "settings", **settings)
    await schedule(server, when="thursday 18-21", seats=HOST + 1)
    await press_in_turn(server, *server.members)
    await server.at(ELEVEN)
    await server.members[0].click(server.card(), label="Can't make it")
    await server.at(SIX)
    await server.at(EIGHT)
    seat, reminder = server.messages()
    assert "a seat came free" in seat
    priya = server.members[1]
    assert priya.mention in reminder
    assert mentioned_users(server)[-2:] == [[priya.id], [server.organizer.id]]


# Others that ask for someone in the channel.


async def test_questions_to_a_host_wait(server: SimulatedServer) -> None:
    await server.organizer.slash(server.chat, "settings", reminders="none")
    await schedule(server, when="thursday 18-21", answers_close="2 days")
    await server.at(ELEVEN)
    await server.members[0].click(server.card(), label="Ask to join")
    await _is_sent_in_the_morning(server, "would like to join")


async def test_a_host_is_asked_in_the_morning_whether_an_empty_series_goes_on(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="every thursday 20-23")
    for week in range(3):
        await server.at(MIDNIGHT + week * WEEK + 23 * HOUR)
    assert told(server, "Keep it going?") == []
    await server.at(MIDNIGHT + 2 * WEEK + DAY + 8 * HOUR)
    assert len(told(server, "Keep it going?")) == 1


async def test_an_invitation_waits_only_where_the_channel_reads_it(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, when="friday 10-13", by=priya)
    close_messages_of(server, sam.user)
    await server.at(ELEVEN)
    await answer(server, priya, "going", member=sam)
    await server.settle()
    assert told(server, "invites you") == []
    await _is_sent_in_the_morning(server, "invites you")


async def test_a_host_whose_messages_are_closed_reads_afterwards_in_the_morning_who_came(
    server: SimulatedServer,
) -> None:
    close_messages_of(server, server.organizer.user)
    await _planned(server, when="wednesday 18-21", reminders="none")
    await live_until(server, ELEVEN)
    assert told(server, "is over") == []
    await _is_sent_in_the_morning(server, "is over")


# Settings, clocks, zones.


async def test_hours_that_change_at_night_hold_at_once(server: SimulatedServer) -> None:
    await _planned(server)
    await server.at(SIX)
    await server.organizer.slash(server.chat, "settings", quiet_hours="22:00-09:00")
    await server.at(EIGHT)
    assert server.messages() == []
    await server.organizer.slash(server.chat, "settings", quiet_hours="22:00-08:30")
    await server.at(EIGHT + 30 * MINUTE - SECOND)
    assert server.messages() == []
    await server.at(EIGHT + 30 * MINUTE)
    assert len(server.messages()) == 1


async def test_two_organizers_at_night(server: SimulatedServer) -> None:
    """One switches quiet hours off, so what waited comes; the other had the form open."""
    role = server.guild.create_role("Helpers", permissions=discord.Permissions(manage_guild=True))
    other = server.guild.add_member(server.environment.create_user("alex"), roles=[role])
    await _planned(server)
    await server.at(SIX)
    panel = await other.slash(server.chat, "settings")
    assert panel.response is not None
    form = await other.select(panel.response, ["notifications"])
    await without_quiet_hours(server)
    await server.settle()
    assert len(server.messages()) == 1
    late = await other.submit_modal(form, {**filled(form), "quiet_hours": "20:00-10:00"})
    assert "Someone changed the settings while you had this open" in said(late)
    await server.at(EIGHT + HOUR)
    assert len(server.messages()) == 1


async def test_another_zone_ends_the_night_at_another_time(server: SimulatedServer) -> None:
    await _planned(server, when="thursday 18-21 London")
    await server.at(SIX)
    await server.organizer.slash(server.chat, "settings", zone="Berlin")
    await server.at(EIGHT - HOUR - SECOND)
    assert server.messages() == []
    await server.at(EIGHT - HOUR)
    assert len(server.messages()) == 1


async def test_the_clock_of_the_channel_counts_not_that_of_the_jelly(
    server: SimulatedServer,
) -> None:
    """It is at 18:00 in New York; 18 hours before that is 5 in the morning in London."""
    await _planned(server, when="thursday 18-21 new york", reminders="18 hours")
    await server.at(SIX)
    assert server.messages() == []
    await _is_sent_in_the_morning(server, "The Alb")


@pytest.mark.parametrize(
    ("day", "due", "morning"),
    [
        ("mar 28 2027", "2027-03-28T06:00+01:00", "2027-03-28T08:00+01:00"),
        ("oct 31 2027", "2027-10-31T06:00+00:00", "2027-10-31T08:00+00:00"),
    ],
)
async def test_in_a_night_in_which_the_clocks_change_morning_is_when_they_show_it(
    server: SimulatedServer, day: str, due: str, morning: str
) -> None:
    await server.organizer.slash(server.chat, "settings", reminders="12 hours")
    await schedule(server, when=f"{day} 18-21")
    await server.at(datetime.fromisoformat(due) - DAY)
    await server.members[0].click(server.card(), label="Going")
    await server.at(datetime.fromisoformat(due))
    await server.at(datetime.fromisoformat(morning) - SECOND)
    assert server.messages() == []
    await server.at(datetime.fromisoformat(morning))
    assert len(server.messages()) == 1


# Whatever happens meanwhile.


async def test_a_restart_at_night_changes_nothing(server: SimulatedServer) -> None:
    await _planned(server)
    await server.at(SIX)
    await server.restart()
    await server.start_again()
    assert server.messages() == []
    await _is_sent_in_the_morning(server, "The Alb")


async def test_what_waits_for_the_morning_is_not_overdue(server: SimulatedServer) -> None:
    await _planned(server)
    await server.at(SIX)
    await server.after(HOUR)
    told_ = said(await server.organizer.slash(server.chat, "doctor"))
    assert "should have been sent" not in told_
    assert f"the next on <t:{int(EIGHT.timestamp())}:f>; none is overdue" in told_


async def test_a_connection_that_comes_back_at_night_wakes_nobody(server: SimulatedServer) -> None:
    await _planned(server)
    await server.at(SIX)
    await server.bot.on_resumed()
    await server.settle()
    assert server.messages() == []
    await _is_sent_in_the_morning(server, "The Alb")


async def test_what_an_outage_kept_back_wakes_nobody_when_it_is_over(
    server: SimulatedServer,
) -> None:
    await _planned(server, reminders="21 hours")
    await server.at(MIDNIGHT - 3 * HOUR - SECOND)

    async def fail(send: Callable[[], Awaitable[object]]) -> object:
        raise aiohttp.ServerDisconnectedError

    repair = through(server, "send_message", fail)
    await server.at(MIDNIGHT - 3 * HOUR)
    await server.at(ELEVEN)
    repair()
    await server.after(HOUR)
    assert server.messages() == []
    await server.bot.on_resumed()
    await server.settle()
    assert server.messages() == []
    await _is_sent_in_the_morning(server, "The Alb")


async def test_what_arrived_unnoticed_in_the_evening_is_noted_at_night(
    server: SimulatedServer,
) -> None:
    await _planned(server, reminders="21 hours")

    async def lost(send: Callable[[], Awaitable[object]]) -> object:
        await send()
        server.clock.moment = ELEVEN
        raise aiohttp.ServerDisconnectedError

    await server.at(MIDNIGHT - 3 * HOUR - SECOND)
    through(server, "send_message", lost, once=True)
    await server.at(MIDNIGHT - 3 * HOUR)
    await server.after(HOUR)
    assert len(server.messages()) == 1
    [row] = await server.read("SELECT state FROM delivery WHERE kind = 'reminder'")
    assert row["state"] == "sent"


async def test_a_clock_that_showed_night_at_noon_keeps_no_one_waiting_until_morning(
    server: SimulatedServer,
) -> None:
    await _planned(server, reminders="none")
    noon = MIDNIGHT - 12 * HOUR
    await server.at(noon)
    await edit(server, when="thursday 19-22")
    server.clock.moment = ELEVEN
    await server.settle()
    assert server.messages() == []
    await server.at(noon + CORRECTIONS_TOGETHER)
    assert len(told(server, "has moved")) == 1
