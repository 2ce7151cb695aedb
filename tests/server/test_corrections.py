"""Putting right for a day whether one was there, and who gets to know."""

from __future__ import annotations

import pytest
import simcord

from tests.server.hosting import (
    ENDS,
    SECOND,
    begin,
    forge,
    headcount,
    hold,
    live_until,
    schedule_with,
    table,
)
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_reminding import DAY, HOUR
from tests.server.test_scheduling import THURSDAY_10


async def test_anybody_can_put_it_right_for_a_day(town: Town) -> None:
    sam, priya, jordan = town.members
    await begin(town, sam, priya)
    await sam.click(town.card(), label="I'm here")
    early = await forge(town, sam, town.card(), "jelly:was-there:1:0")
    assert early.ephemeral
    assert "It is not over yet" in said(early)
    await town.at(ENDS)
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]
    wrong = await sam.click(town.card(), label="I wasn't there")
    assert "You are down as not having been there" in wrong.followups[0].content
    assert wrong.followups[0].ephemeral
    right = await priya.click(town.card(), label="I was there")
    assert "You are down as having been there" in right.followups[0].content
    assert "**1 was there** · 2 had said Going" in text_of(town.card())
    await priya.click(town.card(), label="I was there")
    assert "**1 was there** · 2 had said Going" in text_of(town.card())
    nothing = await jordan.click(town.card(), label="I wasn't there")
    assert "not having been there" in nothing.followups[0].content
    assert await town.read("SELECT 1 FROM rsvp WHERE user_id = :u", u=jordan.id) == []
    assert "You have not been at a jelly here yet" in said(await sam.slash(town.chat, "me"))
    assert "1 jelly in 1 place" in said(await priya.slash(town.chat, "me"))


async def test_a_day_later_it_stays_as_it_is(town: Town) -> None:
    await hold(town, town.members[0])
    sam = town.members[0]
    old = town.card()
    town.clock.moment = ENDS + DAY - SECOND
    assert "having been there" in (await sam.click(old, label="I was there")).followups[0].content
    town.clock.moment = ENDS + DAY
    for label in ("I was there", "I wasn't there"):
        refused = await sam.click(old, label=label)
        assert refused.ephemeral
        assert "more than a day ago" in said(refused)
    await town.at(ENDS + DAY)
    assert buttons_of(town.card()) == []
    assert "**1 was there**" in text_of(town.card())


async def test_nothing_public_tells_which_of_those_going_came(town: Town) -> None:
    sam, priya, jordan = town.members
    await begin(town, sam, priya)
    await sam.click(town.card(), label="I'm here")
    sam_is_here = _seen_by(town, jordan)
    await sam.click(town.card(), label="Heading off")
    await priya.click(town.card(), label="I'm here")
    assert _seen_by(town, jordan) == sam_is_here
    assert "**1 here now**" in sam_is_here
    await town.at(ENDS)
    seen = []
    for came, missed in ((sam, priya), (priya, sam)):
        await came.click(town.card(), label="I was there")
        await missed.click(town.card(), label="I wasn't there")
        await town.settle()
        seen.append(_seen_by(town, jordan))
    assert seen[0] == seen[1]
    assert "**1 was there** · 2 had said Going" in seen[0]
    messages = town.messages()
    await live_until(town, ENDS + DAY)
    assert town.messages() == messages


async def test_whoever_says_afterwards_that_they_were_there_is_not_named_on_the_card(
    town: Town,
) -> None:
    await hold(town, town.members[0])
    jordan = town.members[2]
    told = await jordan.click(town.card(), label="I was there")
    assert "Only you, the host and organizers see that" in told.followups[0].content
    assert jordan.mention not in text_of(town.card())
    assert "**1 was there** · 1 had said Going" in text_of(town.card())


async def test_whoever_says_so_afterwards_stands_in_nobody_elses_list(town: Town) -> None:
    await hold(town, town.members[0])
    _, priya, jordan = town.members
    await jordan.click(town.card(), label="I was there")
    assert f"{jordan.mention} · was there" in said(await headcount(town, town.organizer))
    shown = said(await headcount(town, priya))
    assert jordan.mention not in shown
    assert "0 can't make it" in shown


async def test_a_wrong_press_makes_nobody_somebody_who_was_there(town: Town) -> None:
    await hold(town, town.members[0])
    await town.schedule("Next jelly", when="dec 3 10-16")
    jordan = town.members[2]
    await jordan.click(town.card("Thursday jelly"), label="I was there")
    await jordan.click(town.card("Thursday jelly"), label="I wasn't there")
    await live_until(town, ENDS + 2 * DAY)
    pressed = await jordan.click(town.card("Next jelly"), label="Going")
    assert "Welcome!" in pressed.followups[0].content


async def test_saying_so_again_afterwards_keeps_when_somebody_came_and_left(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10 + HOUR)
    await sam.click(town.card(), label="I'm here")
    await town.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(town.card(), label="Heading off")
    before = await table(town)
    await town.at(ENDS)
    await sam.click(town.card(), label="I was there")
    assert await table(town) == before


async def test_whoever_says_afterwards_that_they_were_there_has_a_name_in_the_table(
    town: Town,
) -> None:
    await hold(town, town.members[0])
    await town.members[2].click(town.card(), label="I was there")
    rows = await table(town)
    assert [row[0] for row in rows[1:]] == ["Sam", "Jordan"]


@pytest.mark.parametrize("before", [None, "Maybe", "Can't make it"])
async def test_whoever_was_there_is_no_newcomer_next_time(town: Town, before: str | None) -> None:
    await town.schedule()
    await town.schedule("Next jelly", when="dec 3 10-16")
    sam = town.members[0]
    if before is not None:
        await sam.click(town.card(), label=before)
    await town.at(ENDS)
    await sam.click(town.card("Thursday jelly"), label="I was there")
    await town.at(THURSDAY_10 + 3 * DAY)
    pressed = await sam.click(town.card("Next jelly"), label="Going")
    assert all("Welcome!" not in one.content for one in pressed.followups)


async def test_whoever_was_there_without_a_seat_is_no_newcomer_next_time(town: Town) -> None:
    await schedule_with(town, seats=1)
    await town.schedule("Next jelly", when="dec 3 10-16")
    sam, priya, _ = town.members
    await priya.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await sam.click(town.card("Thursday jelly"), label="I'm here")
    await town.at(THURSDAY_10 + 3 * DAY)
    pressed = await sam.click(town.card("Next jelly"), label="Going")
    assert all("Welcome!" not in one.content for one in pressed.followups)


def _seen_by(town: Town, reader: simcord.MemberActor) -> str:
    """Everything that somebody reads in the channel for jellies."""
    return "\n".join(text_of(message) for message in town.jellies.history(viewer=reader))
