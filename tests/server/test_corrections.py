"""Correcting for a day whether one came, and who is told."""

from __future__ import annotations

import pytest
import simcord

from tests.moments import DAY, ENDS, HOUR, SECOND, THURSDAY_10
from tests.server.actions import HOST
from tests.server.hosting import begin, forge, headcount, hold, live_until, schedule_with, table
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_anybody_can_put_it_right_for_a_day(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await begin(server, sam, priya)
    await sam.click(server.card(), label="I'm here")
    early = await forge(server, sam, server.card(), "jelly:was-there:1:0")
    assert early.ephemeral
    assert "It isn't over yet" in said(early)
    await server.at(ENDS)
    assert buttons_of(server.card()) == ["I was there", "I wasn't there"]
    wrong = await sam.click(server.card(), label="I wasn't there")
    assert "Got it, you weren't there" in wrong.followups[0].content
    assert wrong.followups[0].ephemeral
    right = await priya.click(server.card(), label="I was there")
    assert "Got it, you were there" in right.followups[0].content
    assert "**1 came**" in text_of(server.card())
    await priya.click(server.card(), label="I was there")
    assert "**1 came**" in text_of(server.card())
    nothing = await jordan.click(server.card(), label="I wasn't there")
    assert "t there" in nothing.followups[0].content
    assert await server.read("SELECT 1 FROM rsvp WHERE user_id = :u", u=jordan.id) == []
    assert "You haven't been to a jelly here yet" in said(await sam.slash(server.chat, "me record"))
    assert "1 jelly at 1 place" in said(await priya.slash(server.chat, "me record"))


async def test_a_day_later_it_stays_as_it_is(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    sam = server.members[0]
    old = server.card()
    server.clock.moment = ENDS + DAY - SECOND
    assert "were there" in (await sam.click(old, label="I was there")).followups[0].content
    server.clock.moment = ENDS + DAY
    for label in ("I was there", "I wasn't there"):
        refused = await sam.click(old, label=label)
        assert refused.ephemeral
        assert "more than a day ago" in said(refused)
    await server.at(ENDS + DAY)
    assert buttons_of(server.card()) == []
    assert "**1 came**" in text_of(server.card())


async def test_nothing_public_tells_who_came_until_it_is_over(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await begin(server, sam, priya)
    await sam.click(server.card(), label="I'm here")
    sam_is_here = _seen_by(server, jordan)
    await sam.click(server.card(), label="Heading off")
    await priya.click(server.card(), label="I'm here")
    assert _seen_by(server, jordan) == sam_is_here
    assert "**1 here now**" in sam_is_here
    await server.at(ENDS)
    for came, missed in ((sam, priya), (priya, sam)):
        await came.click(server.card(), label="I was there")
        await missed.click(server.card(), label="I wasn't there")
        await server.settle()
        assert f"**1 came**\n{came.mention}\n" in f"{text_of(server.card())}\n"
        assert missed.mention not in text_of(server.card())
    messages = server.messages()
    await live_until(server, ENDS + DAY)
    assert server.messages() == messages


async def test_whoever_says_afterwards_that_they_were_there_is_named_on_the_card(
    server: SimulatedServer,
) -> None:
    await hold(server, server.members[0])
    jordan = server.members[2]
    told = await jordan.click(server.card(), label="I was there")
    assert "Got it, you were there." in told.followups[0].content
    assert f"**1 came**\n{jordan.mention}\n" in f"{text_of(server.card())}\n"


async def test_whoever_says_so_afterwards_stands_in_everybodys_list(
    server: SimulatedServer,
) -> None:
    await hold(server, server.members[0])
    _, priya, jordan = server.members
    await jordan.click(server.card(), label="I was there")
    for reader in (server.organizer, priya):
        shown = said(await headcount(server, reader))
        came, missed = shown.split("**2 more had said they'd come**")
        assert f"**1 came**\n{jordan.mention}" in came
        assert jordan.mention not in missed
        assert "couldn't make it" not in shown


async def test_a_wrong_press_makes_nobody_someone_who_was_there(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    await server.schedule("Next jelly", when="dec 3 10-16")
    jordan = server.members[2]
    await jordan.click(server.card("Thursday jelly"), label="I was there")
    await jordan.click(server.card("Thursday jelly"), label="I wasn't there")
    await live_until(server, ENDS + 2 * DAY)
    pressed = await jordan.click(server.card("Next jelly"), label="Going")
    assert "Welcome!" in pressed.followups[0].content


async def test_saying_so_again_afterwards_keeps_when_someone_came_and_left(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam = server.members[0]
    await server.at(THURSDAY_10 + HOUR)
    await sam.click(server.card(), label="I'm here")
    await server.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(server.card(), label="Heading off")
    before = await table(server)
    await server.at(ENDS)
    await sam.click(server.card(), label="I was there")
    assert await table(server) == before


async def test_whoever_says_afterwards_that_they_were_there_has_a_name_in_the_table(
    server: SimulatedServer,
) -> None:
    await hold(server, server.members[0])
    await server.members[2].click(server.card(), label="I was there")
    rows = await table(server)
    assert [row[0] for row in rows[1:]] == ["Robin", "Sam", "Jordan"]


@pytest.mark.parametrize("before", [None, "Maybe", "Can't make it"])
async def test_whoever_was_there_is_no_newcomer_next_time(
    server: SimulatedServer, before: str | None
) -> None:
    await server.schedule()
    await server.schedule("Next jelly", when="dec 3 10-16")
    sam = server.members[0]
    if before is not None:
        await sam.click(server.card(), label=before)
    await server.at(ENDS)
    await sam.click(server.card("Thursday jelly"), label="I was there")
    await server.at(THURSDAY_10 + 3 * DAY)
    pressed = await sam.click(server.card("Next jelly"), label="Going")
    assert all("Welcome!" not in one.content for one in pressed.followups)


async def test_whoever_was_there_without_a_seat_is_no_newcomer_next_time(
    server: SimulatedServer,
) -> None:
    await schedule_with(server, seats=HOST + 1)
    await server.schedule("Next jelly", when="dec 3 10-16")
    sam, priya, _ = server.members
    await priya.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    await sam.click(server.card("Thursday jelly"), label="I'm here")
    await server.at(THURSDAY_10 + 3 * DAY)
    pressed = await sam.click(server.card("Next jelly"), label="Going")
    assert all("Welcome!" not in one.content for one in pressed.followups)


def _seen_by(server: SimulatedServer, reader: simcord.MemberActor) -> str:
    """Returns everything that a person reads in the channel for jellies."""
    return "\n".join(text_of(message) for message in server.jellies.history(viewer=reader))
