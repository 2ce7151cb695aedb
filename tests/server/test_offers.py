"""In the last hours a free seat is kept for the next in line, who may have other plans by then."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import discord
import pytest

from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10, stamp
from tests.server.actions import (
    HOST,
    LAST_HOURS,
    at_once,
    call_off,
    cut_the_power,
    edit,
    follow_up,
    in_line,
    keep_every_message,
    member,
    mine,
    mine_of,
    press_in_turn,
    schedule,
    told,
)
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def offered(
    server: SimulatedServer, *, seats: int = 1, at: datetime = LAST_HOURS
) -> discord.Message:
    """Returns the offer to the next in line, after Sam, the first seated, can't make it."""
    await in_line(server, seats=seats, at=at)
    await server.members[0].click(server.card(), label="Can't make it")
    await server.settle()
    [offer] = told(server, "is yours if you")
    return offer


async def test_seats_are_given_until_twelve_hours_before_and_offered_from_then_on(
    server: SimulatedServer,
) -> None:
    await in_line(server, at=LAST_HOURS - timedelta(seconds=1))
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Can't make it")
    assert await mine(server, priya) == "Going"
    await server.at(LAST_HOURS)
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    [offer] = told(server, "is yours if you take it by")
    until = LAST_HOURS + HOUR
    assert offer.content.startswith(
        f"{jordan.mention}: a seat at **Thursday jelly** on {stamp(THURSDAY_10, 'F')} is yours if "
        f"you take it by {stamp(until, 't')} ({stamp(until, 'R')})."
    )
    assert mentioned_users(server)[-1] == [jordan.id]
    assert buttons_of(offer) == ["Take the seat", "Can't make it", "Open the card"]
    line = "**1 coming** · **no seats left** · 1 kept for the next in line · **1 waiting**"
    assert line in text_of(server.card())
    assert buttons_of(server.card())[0] == "Join the waiting list"


async def test_an_offer_taken_is_a_seat(server: SimulatedServer) -> None:
    offer = await offered(server)
    _, priya, jordan = server.members
    taken = await priya.click(offer, label="Take the seat")
    assert taken.ephemeral
    assert "You're going to **" in said(taken)
    await server.settle()
    host = server.organizer.mention
    card = text_of(server.card())
    assert f"**no seats left** · **1 waiting**\n{host}, {priya.mention}" in card
    await server.after(2 * HOUR)
    assert len(told(server, "is yours if you")) == 1
    assert await mine(server, priya) == "Going"
    assert await mine(server, jordan) == "#1 on the waiting list"


async def test_an_offer_can_be_taken_on_the_card(server: SimulatedServer) -> None:
    await offered(server)
    _, priya, _ = server.members
    await priya.click(server.card(), label="Join the waiting list")
    assert await mine(server, priya) == "Going"


async def test_an_offer_declined_goes_to_the_next(server: SimulatedServer) -> None:
    await keep_every_message(server)
    offer = await offered(server)
    _, priya, jordan = server.members
    await priya.click(offer, label="Can't make it")
    await server.settle()
    assert told(server, "is yours if you")[1].content.startswith(f"{jordan.mention}: ")
    late = await priya.click(offer, label="Take the seat")
    assert "#2 on the waiting list" in said(late)


async def test_an_offer_that_runs_out_goes_to_the_next_and_its_owner_to_the_end(
    server: SimulatedServer,
) -> None:
    await keep_every_message(server)
    await offered(server)
    _, priya, jordan = server.members
    await server.at(LAST_HOURS + HOUR - timedelta(seconds=1))
    assert len(told(server, "is yours if you")) == 1
    await server.at(LAST_HOURS + HOUR)
    first, second = told(server, "is yours if you")
    assert second.content.startswith(f"{jordan.mention}: ")
    assert await mine(server, priya) == "#2 on the waiting list"
    late = await priya.click(first, label="Take the seat")
    assert "#2 on the waiting list" in said(late)
    await jordan.click(second, label="Take the seat")
    assert await mine(server, jordan) == "Going"


async def test_whoever_answers_late_is_offered_the_seat_when_the_next_declines(
    server: SimulatedServer,
) -> None:
    await keep_every_message(server)
    await offered(server)
    _, priya, jordan = server.members
    await server.after(HOUR)
    first, second = told(server, "is yours if you")
    late = await priya.click(first, label="Take the seat")
    assert "I'll tell you in the channel" in said(late)
    await jordan.click(second, label="Can't make it")
    await server.settle()
    assert told(server, "is yours if you")[-1].content.startswith(f"{priya.mention}: ")


async def test_an_offer_accepted_late_is_a_seat_where_nobody_else_waits(
    server: SimulatedServer,
) -> None:
    await keep_every_message(server)
    offer = await offered(server, seats=2)
    _, _, jordan = server.members
    await server.after(2 * HOUR)
    assert await mine(server, jordan) == "#1 on the waiting list"
    assert "**1 seat left** · **1 waiting**" in text_of(server.card())
    late = await jordan.click(offer, label="Take the seat")
    assert "You're going to **" in said(late)


async def test_an_offer_pressed_in_the_very_moment_it_ends_is_gone(server: SimulatedServer) -> None:
    offer = await offered(server)
    _, priya, jordan = server.members
    server.clock.moment = LAST_HOURS + HOUR
    late = await priya.click(offer, label="Take the seat")
    assert "#2 on the waiting list" in said(late)
    await server.settle()
    assert told(server, "is yours if you")[1].content.startswith(f"{jordan.mention}: ")


@pytest.mark.parametrize(
    ("before", "lasts"),
    [
        (12 * HOUR, HOUR),
        (3 * HOUR, HOUR),
        (90 * MINUTE, 30 * MINUTE),
        (20 * MINUTE, 6 * MINUTE),
        (-3 * HOUR, HOUR),
        (-5 * HOUR - 45 * MINUTE, 5 * MINUTE),
    ],
)
async def test_an_offer_lasts_at_most_a_third_of_the_time_left(
    server: SimulatedServer, before: timedelta, lasts: timedelta
) -> None:
    now = THURSDAY_10 - before
    offer = await offered(server, at=now)
    _, priya, _ = server.members
    assert f"by {stamp(now + lasts, 't')}" in offer.content
    assert priya.mention in offer.content


async def test_nothing_is_offered_so_late_that_nobody_could_answer(server: SimulatedServer) -> None:
    await in_line(server, at=THURSDAY_10 + 6 * HOUR - timedelta(seconds=30))
    await server.members[0].click(server.card(), label="Can't make it")
    await server.settle()
    assert told(server, "is yours if you") == []
    assert await mine(server, server.members[1]) == "#1 on the waiting list"


async def test_settings_decide_when_offers_begin_and_how_long_they_last(
    server: SimulatedServer,
) -> None:
    await server.organizer.slash(
        server.jellies, "settings", offers_within="1 day", offer_time="30 minutes"
    )
    offer = await offered(server, at=THURSDAY_10 - DAY)
    assert f"by {stamp(THURSDAY_10 - DAY + 30 * MINUTE, 't')}" in offer.content


async def test_settings_can_do_without_offers(server: SimulatedServer) -> None:
    shown = await server.organizer.slash(server.jellies, "settings", offers_within="none")
    assert "Seats that come free: go to the next in line right away ← new" in said(shown)
    await in_line(server, at=THURSDAY_10 - HOUR)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert told(server, "is yours if you") == []
    assert await mine(server, priya) == "Going"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"offers_within": "8 days"}, "at most 1 week before the start"),
        ({"offer_time": "2 minutes"}, "from 5 minutes up to 1 day"),
        ({"offer_time": "2 days"}, "from 5 minutes up to 1 day"),
        ({"offer_time": "none"}, "none"),
        ({"offers_within": "a while"}, "a while"),
    ],
)
async def test_settings_for_offers_that_do_not_fit_get_one_sentence(
    server: SimulatedServer, options: dict[str, str], sentence: str
) -> None:
    refused = await server.organizer.slash(server.jellies, "settings", **options)
    assert sentence in said(refused)
    assert "error" not in said(refused)
    shown = said(await server.organizer.slash(server.jellies, "settings"))
    assert "in the last 12 hours" in shown
    assert "for up to 1 hour" in shown


async def test_doing_without_offers_seats_those_whose_offer_ran_out(
    server: SimulatedServer,
) -> None:
    await offered(server, seats=2)
    _, _, jordan = server.members
    await server.after(2 * HOUR)
    assert "**1 seat left** · **1 waiting**" in text_of(server.card())
    await server.organizer.slash(server.jellies, "settings", offers_within="none")
    await server.settle()
    assert await mine(server, jordan) == "Going"


async def test_two_free_seats_are_offered_in_one_message(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 2)
    kim = member(server, "Kim")
    sam, priya, jordan = server.members
    await press_in_turn(server, sam, priya, jordan, kim)
    await server.at(LAST_HOURS)
    for who in (sam, priya):
        await who.click(server.card(), label="Can't make it")
    await server.settle()
    [offer] = told(server, "is yours if you")
    assert offer.content.startswith(f"{jordan.mention}, {kim.mention}: ")
    await jordan.click(offer, label="Take the seat")
    await kim.click(offer, label="Take the seat")
    await server.settle()
    host = server.organizer.mention
    card = text_of(server.card())
    assert f"**3 coming** · **no seats left**\n{host}, {jordan.mention}" in card


async def test_taking_and_declining_an_offer_at_once_leaves_the_last_word(
    server: SimulatedServer,
) -> None:
    offer = await offered(server)
    _, priya, jordan = server.members
    await at_once(
        server,
        (priya, offer, "Take the seat"),
        (priya, offer, "Take the seat"),
        (priya, offer, "Can't make it"),
    )
    await server.settle()
    assert await mine(server, priya) == "Can't make it"
    assert told(server, "is yours if you")[-1].content.startswith(f"{jordan.mention}: ")
    assert len(told(server, "is yours if you")) == 2


async def test_a_button_under_an_offer_pressed_by_someone_else_takes_nobodys_seat(
    server: SimulatedServer,
) -> None:
    offer = await offered(server)
    _, priya, _ = server.members
    kim = member(server, "Kim")
    pressed = await kim.click(offer, label="Take the seat")
    assert "#3 on the waiting list" in said(pressed)
    await priya.click(offer, label="Take the seat")
    assert await mine(server, priya) == "Going"


async def test_an_offer_that_never_got_through_costs_nobody_their_turn(
    server: SimulatedServer,
) -> None:
    await in_line(server)
    sam, priya, jordan = server.members
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=None)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    for _ in range(14):
        await server.after(5 * MINUTE)
    server.environment.backend.faults.clear()
    await server.after(5 * MINUTE)
    [offer] = told(server, "is yours if you")
    assert offer.content.startswith(f"{priya.mention}: ")
    await priya.click(offer, label="Take the seat")
    assert await mine(server, priya) == "Going"
    assert await mine(server, jordan) == "#1 on the waiting list"


async def test_an_offer_cut_off_by_a_power_cut_costs_nobody_their_turn(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await in_line(server)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Can't make it")

    async def gone(*_: object, **__: object) -> object:
        return await asyncio.Event().wait()

    monkeypatch.setattr(server.bot.http, "send_message", gone)
    with server.environment.time_context():
        await server.bot.outbox.pay()
    await server.kill()
    server.clock.moment += 2 * HOUR
    await server.start_again()
    [offer] = told(server, "is yours if you")
    assert offer.content.startswith(f"{priya.mention}: ")


async def test_an_offer_refused_by_discord_for_good_costs_nobody_their_turn(
    server: SimulatedServer,
) -> None:
    """A permission is missing: nobody is told of anything until an organizer fixes it."""
    await in_line(server)
    sam, priya, _ = server.members
    server.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    await server.after(2 * HOUR)
    server.environment.backend.faults.clear()
    assert (await mine(server, priya)).startswith("#1 on the waiting list")


async def test_an_offer_waits_for_nobody_who_was_told_while_the_bot_was_away(
    server: SimulatedServer,
) -> None:
    await keep_every_message(server)
    offer = await offered(server)
    _, priya, jordan = server.members
    server.clock.moment += 3 * HOUR
    await server.restart()
    await server.start_again()
    assert told(server, "is yours if you")[-1].content.startswith(f"{jordan.mention}: ")
    late = await priya.click(offer, label="Take the seat")
    assert "#2 on the waiting list" in said(late)


async def test_called_off_while_offers_are_open(server: SimulatedServer) -> None:
    await keep_every_message(server)
    offer = await offered(server)
    _, priya, jordan = server.members
    await call_off(server)
    [notice] = told(server, "is called off")
    assert priya.mention in notice.content
    assert jordan.mention in notice.content
    late = await priya.click(offer, label="Take the seat")
    assert late.ephemeral
    assert "called off" in said(late)
    await server.after(2 * HOUR)
    assert len(told(server, "is yours if you")) == 1


async def test_moved_to_another_week_while_an_offer_is_open(server: SimulatedServer) -> None:
    await offered(server)
    _, priya, jordan = server.members
    await edit(server, when="2026-12-03 10:00-16:00")
    await server.after(2 * HOUR)
    assert await mine(server, jordan) in ("Going", "#1 on the waiting list")
    going = [who for who in (priya, jordan) if await mine(server, who) == "Going"]
    assert len(going) == 1
    assert "**no seats left** · **1 waiting**" in text_of(server.card())
    assert going[0].mention in told(server, "a seat came free")[-1].content


async def test_more_seats_while_an_offer_is_open_leave_it_open(server: SimulatedServer) -> None:
    await offered(server)
    _, priya, jordan = server.members
    await edit(server, seats={"seats": f"{HOST + 3}"})
    offers = told(server, "is yours if you")
    assert [who.mention in offers[-1].content for who in (priya, jordan)] == [False, True]
    for offer, who in zip(offers, (priya, jordan), strict=True):
        await who.click(offer, label="Take the seat")
        assert await mine(server, who) == "Going"


async def test_no_limit_in_the_last_hours_hides_nobody_who_still_waits(
    server: SimulatedServer,
) -> None:
    await in_line(server)
    await edit(server, seats={"seats": ""})
    assert len(told(server, "is yours if you")) == 1
    assert "2 waiting" in text_of(server.card())


async def test_fewer_seats_while_an_offer_is_open_keep_the_promise(server: SimulatedServer) -> None:
    offer = await offered(server, seats=2)
    _, _, jordan = server.members
    await edit(server, seats={"seats": f"{HOST + 1}"})
    await jordan.click(offer, label="Take the seat")
    assert await mine(server, jordan) == "Going"


async def test_an_offer_shows_in_ones_own_list(server: SimulatedServer) -> None:
    await offered(server)
    _, priya, _ = server.members
    assert stamp(LAST_HOURS + HOUR, "t") in await mine(server, priya)


async def test_whoever_presses_anew_does_not_overtake_a_party_with_an_offer(
    server: SimulatedServer,
) -> None:
    await in_line(server)
    sam, priya, _ = server.members
    kim = member(server, "Kim")
    await sam.click(server.card(), label="Can't make it")
    waits = await kim.click(server.card(), label="Join the waiting list")
    assert "#3 on the waiting list" in follow_up(waits).content
    await sam.click(server.card(), label="Join the waiting list")
    assert await mine(server, sam) == "#4 on the waiting list"
    assert await mine(server, priya) != "Going"


# Restarts.


async def test_offers_requests_and_private_questions_work_after_a_restart(
    server: SimulatedServer,
) -> None:
    offer = await offered(server)
    sam, priya, _ = server.members
    await schedule(server, title="Friday jelly", when="friday 10-16", answers_close="1 week")
    await sam.click(server.card("Friday jelly"), label="Ask to join")
    await server.settle()
    [request] = told(server, "would like to join")
    await schedule(server, title="Saturday jelly", when="saturday 10-16")
    asked = follow_up(await sam.click(server.card("Saturday jelly"), label="Going"))
    await server.restart()
    await priya.click(offer, label="Take the seat")
    assert (await mine_of(server, priya, "Thursday jelly")).startswith("Going")
    await server.organizer.click(request, label="Let them in")
    assert (await mine_of(server, sam, "Friday jelly")).startswith("Going")
    await sam.click(asked, label="Either")
    assert (await mine_of(server, sam, "Saturday jelly")) == "Going, either"


async def test_an_offer_owed_before_a_kill_is_made_once(server: SimulatedServer) -> None:
    await in_line(server)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Can't make it")
    await cut_the_power(server)
    [offer] = told(server, "is yours if you")
    await priya.click(offer, label="Take the seat")
    assert await mine(server, priya) == "Going"
