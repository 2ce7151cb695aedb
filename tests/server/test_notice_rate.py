"""A jelly has six notices an hour: what members cause beyond that is joined or waits."""

from __future__ import annotations

import simcord

from data.limits import CORRECTIONS_TOGETHER, MOST_NOTICES, NOTICES_WINDOW
from tests.moments import DAY, HOUR, MINUTE, SECOND, THURSDAY_10, stamp
from tests.server.actions import (
    HOST,
    LAST_HOURS,
    call_off,
    crowd,
    edit,
    member,
    mine,
    press_in_turn,
    schedule,
    told,
    without_quiet_hours,
)
from tests.server.hosting import close_messages_of
from tests.server.pings import ASKS, FREE, KEPT, pings
from tests.server.simulated_server import SimulatedServer, buttons_of
from tests.server.test_invitations import invite


def people(server: SimulatedServer, number: int) -> list[simcord.MemberActor]:
    return [member(server, f"Member{n}") for n in range(number)]


async def give_up(server: SimulatedServer, *members: simcord.MemberActor) -> None:
    """Has each give up their seat, half a minute after the one before."""
    for who in members:
        await who.click(server.card(), label="Can't make it")
        await server.after(30 * SECOND)


async def busy(server: SimulatedServer, *, seats: int = 10) -> list[simcord.MemberActor]:
    """Returns those who got seats of a jelly that has had all notices of this hour.

    Two more are in line.
    """
    await schedule(server, seats=HOST + seats)
    seated, waiting = people(server, seats), people(server, seats + 2)
    await press_in_turn(server, *seated, *waiting)
    await give_up(server, *seated[:MOST_NOTICES])
    assert len(told(server, FREE)) == MOST_NOTICES
    await give_up(server, *seated[MOST_NOTICES:])
    return waiting[:seats]


async def test_what_exceeds_six_notices_an_hour_joins_one_that_waits(
    server: SimulatedServer,
) -> None:
    waiting = await busy(server)
    first_at = server.clock.now() - 9 * 30 * SECOND
    assert len(server.messages()) == MOST_NOTICES
    assert await mine(server, waiting[-1]) == "Going"
    await server.at(first_at + NOTICES_WINDOW - SECOND)
    assert len(server.messages()) == MOST_NOTICES
    await server.at(first_at + NOTICES_WINDOW)
    *_, joined = told(server, FREE)
    assert all(who.mention in joined.content for who in waiting[MOST_NOTICES:])
    assert sorted(user for users in pings(server, FREE) for user in users) == sorted(
        who.id for who in waiting
    )
    await server.after(DAY)
    assert len(told(server, FREE)) == MOST_NOTICES + 1


async def test_whoever_gives_the_seat_back_meanwhile_is_not_told_of_it(
    server: SimulatedServer,
) -> None:
    promoted = await busy(server)
    await give_up(server, promoted[-1])
    await server.after(NOTICES_WINDOW)
    assert promoted[-1].mention not in told(server, FREE)[-1].content
    assert promoted[-2].mention in told(server, FREE)[-1].content


async def test_moves_and_calling_off_always_go_and_count(server: SimulatedServer) -> None:
    waiting = await busy(server)
    await edit(server, when="friday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    assert len(told(server, "has moved")) == 1
    await server.after(NOTICES_WINDOW)
    seventh = len(told(server, FREE))
    assert seventh == MOST_NOTICES + 1
    for hour in range(11, 11 + MOST_NOTICES):
        await edit(server, when=f"friday {hour}-20")
        await server.after(CORRECTIONS_TOGETHER)
    assert len(told(server, "has moved")) == 1 + MOST_NOTICES
    await edit(server, seats={"seats": "12"})
    await press_in_turn(server, *people(server, 2))
    await give_up(server, waiting[0])
    assert len(told(server, FREE)) == seventh
    await call_off(server)
    assert len(told(server, "is called off")) == 1
    await server.after(DAY)
    assert len(told(server, FREE)) == seventh


async def test_a_reminder_comes_in_time_however_much_is_going_on(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 10)
    seated, waiting = people(server, 10), people(server, 10)
    await press_in_turn(server, *seated, *waiting)
    await server.at(THURSDAY_10 - DAY - 5 * MINUTE)
    await give_up(server, *seated[: MOST_NOTICES + 1])
    await server.at(THURSDAY_10 - DAY)
    assert len(told(server, "is on <t:")) == 1
    assert len(told(server, FREE)) == MOST_NOTICES


async def test_parts_of_one_notice_count_once(server: SimulatedServer) -> None:
    await schedule(server)
    await crowd(server, 150)
    await edit(server, when="friday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    assert len(told(server, "has moved")) == 4
    await edit(server, seats={"seats": "151"})
    leaving, coming = people(server, 1)[0], people(server, 1)[0]
    await edit(server, seats={"seats": "152"})
    await press_in_turn(server, leaving, coming)
    await give_up(server, leaving)
    assert pings(server, FREE) == [[coming.id]]


async def test_another_jelly_in_the_channel_is_not_held_back(server: SimulatedServer) -> None:
    await busy(server)
    await schedule(server, title="Other jelly", seats=HOST + 1)
    sam, priya, _ = server.members
    for who in (sam, priya):
        await who.click(server.card("Other jelly"), label=buttons_of(server.card("Other jelly"))[0])
    await sam.click(server.card("Other jelly"), label="Can't make it")
    await server.settle()
    assert pings(server, FREE)[-1] == [priya.id]


async def test_a_restart_does_not_let_more_through(server: SimulatedServer) -> None:
    await busy(server)
    await server.restart()
    await server.start_again()
    assert len(server.messages()) == MOST_NOTICES
    await server.after(NOTICES_WINDOW)
    assert len(server.messages()) == MOST_NOTICES + 1


async def test_a_notice_that_waits_is_not_overdue(server: SimulatedServer) -> None:
    waiting = await busy(server)
    await server.after(10 * MINUTE)
    rows = await server.read("SELECT * FROM delivery WHERE kind = 'promoted' AND state = 'pending'")
    [due_at] = [row["due_at"] for row in rows]
    assert due_at > server.clock.now().timestamp()
    assert await mine(server, waiting[-1]) == "Going"


async def test_what_was_sent_before_the_clock_was_set_back_delays_nothing(
    server: SimulatedServer,
) -> None:
    promoted = await busy(server)
    await server.after(2 * NOTICES_WINDOW)
    assert len(told(server, FREE)) == MOST_NOTICES + 1
    server.clock.moment -= DAY
    await give_up(server, promoted[0])
    assert len(told(server, FREE)) == MOST_NOTICES + 2


async def test_the_host_is_asked_about_six_an_hour_and_about_everybody(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="1 day")
    asking = people(server, MOST_NOTICES + 2)
    await server.at(THURSDAY_10 - DAY + MINUTE)
    before = len(server.messages())
    for who in asking:
        await who.click(server.card(), label="Ask to join")
        await server.after(SECOND)
    asked = len(told(server, ASKS))
    assert before + asked == MOST_NOTICES
    await server.after(NOTICES_WINDOW)
    await server.after(NOTICES_WINDOW)
    assert len(told(server, ASKS)) == len(asking)
    assert pings(server, ASKS) == [[server.organizer.id]] * len(asking)


async def test_invitations_in_the_channel_wait_too(server: SimulatedServer) -> None:
    """They stand there for people who take no private messages."""
    await schedule(server, by=server.members[1])
    invited = people(server, MOST_NOTICES + 2)
    for who in invited:
        close_messages_of(server, who.user)
        await invite(server, who, by=server.members[1])
        await server.after(15 * SECOND)
    assert len(told(server, "invites you")) == MOST_NOTICES
    await server.after(NOTICES_WINDOW)
    assert pings(server, "invites you") == [[who.id] for who in invited]


# Seats that are kept for someone.


async def kept_untold(server: SimulatedServer) -> list[simcord.MemberActor]:
    """Returns those to whom seats are offered in the last hours, the last two of them untold."""
    await without_quiet_hours(server)
    await schedule(server, seats=HOST + 10)
    seated, waiting = people(server, 10), people(server, 10)
    await press_in_turn(server, *seated, *waiting)
    await server.at(THURSDAY_10 - DAY)
    await server.at(LAST_HOURS)
    await give_up(server, *seated[: MOST_NOTICES + 2])
    assert len(told(server, KEPT)) == MOST_NOTICES
    return waiting[MOST_NOTICES : MOST_NOTICES + 2]


async def test_an_offer_that_waits_does_not_lapse_untold_and_lasts_its_whole_time(
    server: SimulatedServer,
) -> None:
    untold = await kept_untold(server)
    await server.at(LAST_HOURS + 30 * SECOND + NOTICES_WINDOW)
    *_, offer = told(server, KEPT)
    assert all(who.mention in offer.content for who in untold)
    until = LAST_HOURS + NOTICES_WINDOW + HOUR
    assert stamp(until, "t") in offer.content
    assert {who.id for who in untold} <= set(pings(server, KEPT)[-1])
    await server.at(until - SECOND)
    await untold[0].click(offer, label="Take the seat")
    assert await mine(server, untold[0]) == "Going"
    await server.at(until)
    assert "kept until" not in await mine(server, untold[1])


async def test_a_seat_that_was_taken_before_its_offer_was_told_is_not_offered(
    server: SimulatedServer,
) -> None:
    first, second = await kept_untold(server)
    await first.click(server.card(), label=buttons_of(server.card())[0])
    assert await mine(server, first) == "Going"
    await server.at(LAST_HOURS + 30 * SECOND + NOTICES_WINDOW)
    *_, offer = told(server, KEPT)
    assert first.mention not in offer.content
    assert second.mention in offer.content
