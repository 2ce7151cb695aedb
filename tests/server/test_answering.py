"""Members answer: on the card, by command, repeatedly, also after a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from data.models import Answer, Wish
from data.people.rsvps import answer
from tests.moments import THURSDAY_10, stamp
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_the_card_itself_answers_a_press(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    card = server.card()
    result = await sam.click(card, label="Going")
    assert result.response is not None
    assert result.response.id == card.id
    assert f"**2 coming**\n{server.organizer.mention}, {sam.mention}" in text_of(server.card())
    await priya.click(server.card(), label="Maybe")
    await jordan.click(server.card(), label="Can't make it")
    text = text_of(server.card())
    assert f"-# 1 maybe: {priya.mention} · 1 can't make it" in text


async def test_a_member_changes_their_mind_as_often_as_they_like(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    for label, shown in (
        ("Going", "**2 coming**"),
        ("Maybe", f"so far. Who's next?\n-# 1 maybe: {sam.mention}"),
        ("Can't make it", "so far. Who's next?\n-# 1 can't make it"),
        ("Going", "**2 coming**"),
    ):
        await sam.click(server.card(), label=label)
        assert shown in text_of(server.card())


async def test_pressing_twice_counts_once(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    version = await server.read("SELECT version FROM session")
    await sam.click(server.card(), label="Going")
    assert await server.read("SELECT version FROM session") == version
    assert "**2 coming**" in text_of(server.card())


async def test_names_stand_in_the_order_of_answering(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    for member in (sam, priya, jordan):
        await member.click(server.card(), label="Going")
    await sam.click(server.card(), label="Maybe")
    await sam.click(server.card(), label="Going")
    assert f"{priya.mention}, {jordan.mention}, {sam.mention}" in text_of(server.card())


async def test_old_buttons_work_after_a_restart(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await server.restart()
    await priya.click(server.card(), label="Going")
    everybody = ", ".join(who.mention for who in (server.organizer, sam, priya))
    assert f"**3 coming**\n{everybody}" in text_of(server.card())


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_press_costs_one_transaction_and_one_request_with_120_on_the_card(
    server: SimulatedServer, restarted: bool
) -> None:
    # A member who has never come, or whose mood is not known, is asked in a separate message.
    await server.schedule(what="Tuesday jelly", when="tuesday 10-16")
    asked = await server.members[0].click(server.card("Tuesday jelly"), label="Going")
    await server.members[0].click(asked.followups[0], label="Either")
    await server.schedule()
    session_id = (await server.read("SELECT MAX(session_id) AS newest FROM session"))[0]["newest"]
    for number in range(120):
        await server.database.write(
            partial(
                answer,
                guild_id=server.guild.id,
                session_id=session_id,
                user_id=10**17 + number,
                wish=Wish(Answer.GOING),
                now=server.clock.now(),
            )
        )
    server.bot.mirrors.touch(session_id)
    await server.settle()
    if restarted:
        await server.restart()
        await server.settle()
    assert "**121 coming**" in text_of(server.card())
    assert "and 113 more" in text_of(server.card())
    requests, commits = len(server.environment.http_requests), server.database.commits
    await server.members[0].click(server.card(), label="Going")
    assert server.database.commits - commits == 1
    made = [(r.method, r.path) for r in server.environment.http_requests[requests:]]
    assert len(made) == 1
    assert made[0][0] == "POST"
    assert made[0][1].endswith("/callback")
    assert "**122 coming**" in text_of(server.card())


async def test_a_press_on_a_jelly_that_is_over_gets_one_private_sentence(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    server.clock.moment = THURSDAY_10 + timedelta(hours=7)
    result = await server.members[0].click(server.card(), label="Going")
    assert result.ephemeral
    assert "is over" in said(result)
    await server.settle()
    assert "**Over**" in text_of(server.card())
    assert buttons_of(server.card()) == ["I was there", "I wasn't there"]


async def test_a_press_that_crosses_a_cancellation_gets_one_private_sentence(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    card = server.card()
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Call it off")
    result = await server.members[0].click(card, label="Going")
    assert result.ephemeral
    assert "called off" in said(result)


async def test_rsvp_by_command_with_a_note_shows_on_the_card(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    choices = await sam.autocomplete(server.jellies, "rsvp", "jelly", "thurs")
    result = await sam.slash(
        server.chat,
        "rsvp",
        jelly=choices[0]["value"],
        answer="going",
        note="my **thesis** <@1> @everyone",
    )
    assert result.ephemeral
    assert "You're going to **" in said(result)
    await server.settle()
    text = text_of(server.card())
    assert "**Working on**" in text
    assert "thesis" in text
    assert "**thesis**" not in text
    assert "<@1>" not in text
    assert "@everyone" not in text


async def test_a_note_stays_when_the_answer_changes_and_goes_when_emptied(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam = server.members[0]
    await sam.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", note="taxes")
    await sam.click(server.card(), label="Maybe")
    await sam.click(server.card(), label="Going")
    assert "taxes" in text_of(server.card())
    await sam.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", note="")
    await server.settle()
    assert "taxes" not in text_of(server.card())


async def test_jellies_lists_what_is_on_with_my_answers(server: SimulatedServer) -> None:
    await server.schedule()
    await server.schedule("Friday jelly", when="friday 10-16")
    sam = server.members[0]
    await sam.click(server.card("Thursday jelly"), label="Going")
    listed = await sam.slash(server.chat, "jellies")
    assert listed.ephemeral
    text = said(listed)
    assert stamp(THURSDAY_10, "F") in text
    assert "You: Going" in text
    assert text.count("You: ") == 1


async def test_headcount_lists_everybody_with_notes(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    await sam.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", note="taxes")
    await priya.click(server.card(), label="Maybe")
    await jordan.click(server.card(), label="Can't make it")
    text = said(await sam.slash(server.chat, "headcount session", jelly="Thursday jelly"))
    assert f"**2 coming** · 1 maybe · 1 can't make it\n{server.organizer.mention} · host\n" in text
    assert f"{sam.mention} · taxes\n" in text
    assert f"**1 maybe**\n{priya.mention}" in text
    assert f"**1 can't make it**\n{jordan.mention}" in text


async def test_crossing_presses_end_with_the_latest_count(server: SimulatedServer) -> None:
    """Two answers may be stored in either order; a refresh settles it."""
    await server.schedule()
    session_id = (await server.read("SELECT session_id FROM session"))[0]["session_id"]
    mirrors = server.bot.mirrors
    with mirrors.showing(session_id, 2), mirrors.showing(session_id, 3):
        pass
    edits = _card_edits(server)
    await mirrors.settle()
    assert _card_edits(server) == edits + 1


async def test_a_single_press_needs_no_refresh(server: SimulatedServer) -> None:
    await server.schedule()
    edits = _card_edits(server)
    await server.members[0].click(server.card(), label="Going")
    await server.settle()
    assert _card_edits(server) == edits
    assert await server.read("SELECT 1 FROM mirror WHERE version > version_shown") == []


async def test_an_answer_that_never_reached_the_card_shows_after_the_next_start(
    server: SimulatedServer,
) -> None:
    """This happens after a power cut between the store and the acknowledgement."""
    await server.schedule()
    await server.database.write(
        lambda t: answer(
            t,
            guild_id=server.guild.id,
            session_id=1,
            user_id=server.members[0].id,
            wish=Wish(Answer.GOING),
            now=server.clock.now(),
        )
    )
    await server.restart()
    await server.bot.mirrors.touch_lagging()
    await server.bot.mirrors.settle()
    assert "**2 coming**" in text_of(server.card())


async def test_changes_to_one_card_become_one_edit(server: SimulatedServer) -> None:
    await server.schedule()
    edits = _card_edits(server)
    sam = server.members[0]
    for note in ("a", "b", "c", "d"):
        await sam.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", note=note)
    await server.settle()
    assert _card_edits(server) == edits + 1
    assert f"{sam.mention} d" in text_of(server.card())


async def test_cards_refresh_by_themselves_after_a_quiet_moment(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    running = asyncio.create_task(server.bot.mirrors.run())
    try:
        async with asyncio.timeout(20):
            while "**1 coming**" not in text_of(server.card()):
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_card_deleted_in_discord_is_let_go(server: SimulatedServer) -> None:
    await server.schedule()
    await server.organizer.delete(server.card())
    await server.members[0].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    await server.settle()
    assert await server.read("SELECT * FROM mirror") == []


def _card_edits(server: SimulatedServer) -> int:
    return sum(
        1
        for request in server.environment.http_requests
        if request.method == "PATCH" and "/messages/" in request.path
    )
