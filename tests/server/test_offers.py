"""In the last hours a free seat is kept for the next in line, who may have other plans by then."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import discord
import pytest

from tests.server.actions import (
    DAY,
    HOUR,
    LAST_HOURS,
    MINUTE,
    at_once,
    call_off,
    cut_the_power,
    edit,
    follow_up,
    in_line,
    member,
    mine,
    mine_of,
    press_in_turn,
    schedule,
    told,
)
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_reminding import mentioned_users
from tests.server.test_scheduling import THURSDAY_10, stamp


async def offered(town: Town, *, seats: int = 1, at: datetime = LAST_HOURS) -> discord.Message:
    """The offer to the next in line, once Sam, the first of those with seats, can't make it."""
    await in_line(town, seats=seats, at=at)
    await town.members[0].click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    return offer


async def test_seats_are_given_until_twelve_hours_before_and_offered_from_then_on(
    town: Town,
) -> None:
    await in_line(town, at=LAST_HOURS - timedelta(seconds=1))
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    assert await mine(town, priya) == "Going"
    await town.at(LAST_HOURS)
    await priya.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you until")
    until = LAST_HOURS + HOUR
    assert offer.content.startswith(
        f"{jordan.mention}: a seat at **Thursday jelly** on {stamp(THURSDAY_10, 'F')} is kept for "
        f"you until {stamp(until, 't')} ({stamp(until, 'R')})."
    )
    assert mentioned_users(town)[-1] == [jordan.id]
    assert buttons_of(offer) == ["Take the seat", "Can't make it", "Open the card"]
    assert "**Seats** 0 of 1 taken · 1 kept for the next in line · **1 waiting**" in text_of(
        town.card()
    )
    assert buttons_of(town.card())[0] == "Join the waiting list"


async def test_an_offer_taken_is_a_seat(town: Town) -> None:
    offer = await offered(town)
    _, priya, jordan = town.members
    taken = await priya.click(offer, label="Take the seat")
    assert taken.ephemeral
    assert "you are down as **Going**" in said(taken)
    await town.settle()
    assert f"**Seats** 1 of 1 taken · **1 waiting**\n{priya.mention}" in text_of(town.card())
    await town.after(2 * HOUR)
    assert len(told(town, "is kept for you")) == 1
    assert await mine(town, priya) == "Going"
    assert await mine(town, jordan) == "On the waiting list, number 1"


async def test_an_offer_can_be_taken_on_the_card(town: Town) -> None:
    await offered(town)
    _, priya, _ = town.members
    await priya.click(town.card(), label="Join the waiting list")
    assert await mine(town, priya) == "Going"


async def test_an_offer_declined_goes_to_the_next(town: Town) -> None:
    offer = await offered(town)
    _, priya, jordan = town.members
    await priya.click(offer, label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you")[1].content.startswith(f"{jordan.mention}: ")
    late = await priya.click(offer, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)


async def test_an_offer_that_runs_out_goes_to_the_next_and_its_owner_to_the_end(
    town: Town,
) -> None:
    await offered(town)
    _, priya, jordan = town.members
    await town.at(LAST_HOURS + HOUR - timedelta(seconds=1))
    assert len(told(town, "is kept for you")) == 1
    await town.at(LAST_HOURS + HOUR)
    first, second = told(town, "is kept for you")
    assert second.content.startswith(f"{jordan.mention}: ")
    assert await mine(town, priya) == "On the waiting list, number 2"
    late = await priya.click(first, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)
    await jordan.click(second, label="Take the seat")
    assert await mine(town, jordan) == "Going"


async def test_whoever_answers_late_is_offered_the_seat_when_the_next_declines(
    town: Town,
) -> None:
    await offered(town)
    _, priya, jordan = town.members
    await town.after(HOUR)
    first, second = told(town, "is kept for you")
    late = await priya.click(first, label="Take the seat")
    assert "as soon as one is free for you, you are told in the channel" in said(late)
    await jordan.click(second, label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you")[-1].content.startswith(f"{priya.mention}: ")


async def test_an_offer_accepted_late_is_a_seat_where_nobody_else_waits(town: Town) -> None:
    offer = await offered(town, seats=2)
    _, _, jordan = town.members
    await town.after(2 * HOUR)
    assert await mine(town, jordan) == "On the waiting list, number 1"
    assert "**Seats** 1 of 2 taken, **1 free** · **1 waiting**" in text_of(town.card())
    late = await jordan.click(offer, label="Take the seat")
    assert "you are down as **Going**" in said(late)


async def test_an_offer_pressed_in_the_very_moment_it_ends_is_gone(town: Town) -> None:
    offer = await offered(town)
    _, priya, jordan = town.members
    town.clock.moment = LAST_HOURS + HOUR
    late = await priya.click(offer, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)
    await town.settle()
    assert told(town, "is kept for you")[1].content.startswith(f"{jordan.mention}: ")


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
    town: Town, before: timedelta, lasts: timedelta
) -> None:
    now = THURSDAY_10 - before
    offer = await offered(town, at=now)
    _, priya, _ = town.members
    assert f"until {stamp(now + lasts, 't')}" in offer.content
    assert priya.mention in offer.content


async def test_nothing_is_offered_so_late_that_nobody_could_answer(town: Town) -> None:
    await in_line(town, at=THURSDAY_10 + 6 * HOUR - timedelta(seconds=30))
    await town.members[0].click(town.card(), label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you") == []
    assert await mine(town, town.members[1]) == "On the waiting list, number 1"


async def test_settings_decide_when_offers_begin_and_how_long_they_last(town: Town) -> None:
    await town.organizer.slash(
        town.jellies, "settings", offers_within="1 day", offer_time="30 minutes"
    )
    offer = await offered(town, at=THURSDAY_10 - DAY)
    assert f"until {stamp(THURSDAY_10 - DAY + 30 * MINUTE, 't')}" in offer.content


async def test_settings_can_do_without_offers(town: Town) -> None:
    shown = await town.organizer.slash(town.jellies, "settings", offers_within="none")
    assert "Seats that come free: go to the next in line right away ← new" in said(shown)
    await in_line(town, at=THURSDAY_10 - HOUR)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you") == []
    assert await mine(town, priya) == "Going"


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
    town: Town, options: dict[str, str], sentence: str
) -> None:
    refused = await town.organizer.slash(town.jellies, "settings", **options)
    assert sentence in said(refused)
    assert "error" not in said(refused)
    shown = said(await town.organizer.slash(town.jellies, "settings"))
    assert "in the last 12 hours before a jelly" in shown
    assert "for up to 1 hour" in shown


async def test_doing_without_offers_seats_those_whose_offer_ran_out(town: Town) -> None:
    await offered(town, seats=2)
    _, _, jordan = town.members
    await town.after(2 * HOUR)
    assert "**1 free** · **1 waiting**" in text_of(town.card())
    await town.organizer.slash(town.jellies, "settings", offers_within="none")
    await town.settle()
    assert await mine(town, jordan) == "Going"


async def test_two_free_seats_are_offered_in_one_message(town: Town) -> None:
    await schedule(town, seats=2)
    kim = member(town, "Kim")
    sam, priya, jordan = town.members
    await press_in_turn(town, sam, priya, jordan, kim)
    await town.at(LAST_HOURS)
    for who in (sam, priya):
        await who.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    assert offer.content.startswith(f"{jordan.mention}, {kim.mention}: ")
    await jordan.click(offer, label="Take the seat")
    await kim.click(offer, label="Take the seat")
    await town.settle()
    assert f"**2 going** · 2 can't make it\n**Seats** 2 of 2 taken\n{jordan.mention}" in text_of(
        town.card()
    )


async def test_taking_and_declining_an_offer_at_once_leaves_the_last_word(town: Town) -> None:
    offer = await offered(town)
    _, priya, jordan = town.members
    await at_once(
        town,
        (priya, offer, "Take the seat"),
        (priya, offer, "Take the seat"),
        (priya, offer, "Can't make it"),
    )
    await town.settle()
    assert await mine(town, priya) == "Can't make it"
    assert told(town, "is kept for you")[-1].content.startswith(f"{jordan.mention}: ")
    assert len(told(town, "is kept for you")) == 2


async def test_a_button_under_an_offer_pressed_by_somebody_else_takes_nobodys_seat(
    town: Town,
) -> None:
    offer = await offered(town)
    _, priya, _ = town.members
    kim = member(town, "Kim")
    pressed = await kim.click(offer, label="Take the seat")
    assert "number 3 on the waiting list" in said(pressed)
    await priya.click(offer, label="Take the seat")
    assert await mine(town, priya) == "Going"


async def test_an_offer_that_never_got_through_costs_nobody_their_turn(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=None)
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    for _ in range(14):
        await town.after(5 * MINUTE)
    town.environment.backend.faults.clear()
    await town.after(5 * MINUTE)
    [offer] = told(town, "is kept for you")
    assert offer.content.startswith(f"{priya.mention}: ")
    await priya.click(offer, label="Take the seat")
    assert await mine(town, priya) == "Going"
    assert await mine(town, jordan) == "On the waiting list, number 1"


async def test_an_offer_cut_off_by_a_power_cut_costs_nobody_their_turn(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")

    async def gone(*_: object, **__: object) -> object:
        return await asyncio.Event().wait()

    monkeypatch.setattr(town.bot.http, "send_message", gone)
    with town.environment.time_context():
        await town.bot.outbox.pay()
    await town.kill()
    town.clock.moment += 2 * HOUR
    await town.start_again()
    [offer] = told(town, "is kept for you")
    assert offer.content.startswith(f"{priya.mention}: ")


async def test_an_offer_refused_by_discord_for_good_costs_nobody_their_turn(town: Town) -> None:
    """A permission is missing: nobody hears of anything until an organizer mends it."""
    await in_line(town)
    sam, priya, _ = town.members
    town.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await town.after(2 * HOUR)
    town.environment.backend.faults.clear()
    assert (await mine(town, priya)).startswith("On the waiting list, number 1")


async def test_an_offer_waits_for_nobody_who_was_told_while_the_bot_was_away(
    town: Town,
) -> None:
    offer = await offered(town)
    _, priya, jordan = town.members
    town.clock.moment += 3 * HOUR
    await town.restart()
    await town.start_again()
    assert told(town, "is kept for you")[-1].content.startswith(f"{jordan.mention}: ")
    late = await priya.click(offer, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)


async def test_called_off_while_offers_are_open(town: Town) -> None:
    offer = await offered(town)
    _, priya, jordan = town.members
    await call_off(town)
    [notice] = told(town, "is called off")
    assert priya.mention in notice.content
    assert jordan.mention in notice.content
    late = await priya.click(offer, label="Take the seat")
    assert late.ephemeral
    assert "called off" in said(late)
    await town.after(2 * HOUR)
    assert len(told(town, "is kept for you")) == 1


async def test_moved_to_another_week_while_an_offer_is_open(town: Town) -> None:
    await offered(town)
    _, priya, jordan = town.members
    await edit(town, when="2026-12-03 10:00-16:00")
    await town.after(2 * HOUR)
    assert await mine(town, jordan) in ("Going", "On the waiting list, number 1")
    going = [who for who in (priya, jordan) if await mine(town, who) == "Going"]
    assert len(going) == 1
    assert "**Seats** 1 of 1 taken · **1 waiting**" in text_of(town.card())
    assert going[0].mention in told(town, "a seat has come free")[-1].content


async def test_more_seats_while_an_offer_is_open_leave_it_open(town: Town) -> None:
    await offered(town)
    _, priya, jordan = town.members
    await edit(town, seats={"seats": "3"})
    offers = told(town, "is kept for you")
    assert [who.mention in offers[-1].content for who in (priya, jordan)] == [False, True]
    for offer, who in zip(offers, (priya, jordan), strict=True):
        await who.click(offer, label="Take the seat")
        assert await mine(town, who) == "Going"


async def test_no_limit_in_the_last_hours_hides_nobody_who_still_waits(town: Town) -> None:
    await in_line(town)
    await edit(town, seats={"seats": ""})
    assert len(told(town, "is kept for you")) == 1
    assert "2 waiting" in text_of(town.card())


async def test_fewer_seats_while_an_offer_is_open_keep_the_promise(town: Town) -> None:
    offer = await offered(town, seats=2)
    _, _, jordan = town.members
    await edit(town, seats={"seats": "1"})
    await jordan.click(offer, label="Take the seat")
    assert await mine(town, jordan) == "Going"


async def test_an_offer_shows_in_ones_own_list(town: Town) -> None:
    await offered(town)
    _, priya, _ = town.members
    assert stamp(LAST_HOURS + HOUR, "t") in await mine(town, priya)


async def test_whoever_presses_anew_does_not_overtake_a_party_with_an_offer(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    kim = member(town, "Kim")
    await sam.click(town.card(), label="Can't make it")
    waits = await kim.click(town.card(), label="Join the waiting list")
    assert "number 3 on the waiting list" in follow_up(waits).content
    await sam.click(town.card(), label="Join the waiting list")
    assert await mine(town, sam) == "On the waiting list, number 4"
    assert await mine(town, priya) != "Going"


# Restarts.


async def test_offers_requests_and_private_questions_work_after_a_restart(town: Town) -> None:
    offer = await offered(town)
    sam, priya, _ = town.members
    await schedule(town, title="Friday jelly", when="friday 10-16", answers_close="1 week")
    await sam.click(town.card("Friday jelly"), label="Ask the host to come")
    await town.settle()
    [request] = told(town, "would like to come")
    await schedule(town, title="Saturday jelly", when="saturday 10-16")
    asked = follow_up(await sam.click(town.card("Saturday jelly"), label="Going"))
    await town.restart()
    await priya.click(offer, label="Take the seat")
    assert (await mine_of(town, priya, "Thursday jelly")).startswith("Going")
    await town.organizer.click(request, label="Let them in")
    assert (await mine_of(town, sam, "Friday jelly")).startswith("Going")
    await sam.click(asked, label="Either")
    assert (await mine_of(town, sam, "Saturday jelly")) == "Going, either"


async def test_an_offer_owed_before_a_kill_is_made_once(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    await cut_the_power(town)
    [offer] = told(town, "is kept for you")
    await priya.click(offer, label="Take the seat")
    assert await mine(town, priya) == "Going"
