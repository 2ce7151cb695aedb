"""Members answer: on the card, by command, again and again, also after a restart."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from data.models import Answer
from data.people.rsvps import Wish, answer
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_scheduling import THURSDAY_10, stamp


async def test_the_card_itself_answers_a_press(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    card = town.card()
    result = await sam.click(card, label="Going")
    assert result.response is not None
    assert result.response.id == card.id
    assert f"**1 going**\n{sam.mention}" in text_of(town.card())
    await priya.click(town.card(), label="Maybe")
    await jordan.click(town.card(), label="Can't make it")
    text = text_of(town.card())
    assert "**1 going** · 1 maybe · 1 can't make it" in text
    assert f"**Maybe** {priya.mention}" in text


async def test_a_member_changes_their_mind_as_often_as_they_like(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    for label, shown in (
        ("Going", "**1 going**"),
        ("Maybe", "**0 going** · 1 maybe"),
        ("Can't make it", "**0 going** · 1 can't make it"),
        ("Going", "**1 going**"),
    ):
        await sam.click(town.card(), label=label)
        assert shown in text_of(town.card())


async def test_pressing_twice_counts_once(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    version = await town.read("SELECT version FROM session")
    await sam.click(town.card(), label="Going")
    assert await town.read("SELECT version FROM session") == version
    assert "**1 going**" in text_of(town.card())


async def test_names_stand_in_the_order_of_answering(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    for member in (sam, priya, jordan):
        await member.click(town.card(), label="Going")
    await sam.click(town.card(), label="Maybe")
    await sam.click(town.card(), label="Going")
    assert f"{priya.mention}, {jordan.mention}, {sam.mention}" in text_of(town.card())


async def test_old_buttons_work_after_a_restart(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await town.restart()
    await priya.click(town.card(), label="Going")
    assert f"**2 going**\n{sam.mention}, {priya.mention}" in text_of(town.card())


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_press_costs_one_transaction_and_one_request_with_120_on_the_card(
    town: Town, restarted: bool
) -> None:
    # A member who has never been, or whose mood is not known, is asked in a message of its own.
    await town.schedule(what="Tuesday jelly", when="tuesday 10-16")
    asked = await town.members[0].click(town.card("Tuesday jelly"), label="Going")
    await town.members[0].click(asked.followups[0], label="Either")
    await town.schedule()
    session_id = (await town.read("SELECT MAX(session_id) AS newest FROM session"))[0]["newest"]
    for number in range(120):
        await town.database.write(
            partial(
                answer,
                guild_id=town.guild.id,
                session_id=session_id,
                user_id=10**17 + number,
                wish=Wish(Answer.GOING),
                now=town.clock.now(),
            )
        )
    town.bot.mirrors.touch(session_id)
    await town.settle()
    if restarted:
        await town.restart()
        await town.settle()
    assert "**120 going**" in text_of(town.card())
    assert "and 96 more" in text_of(town.card())
    requests, commits = len(town.environment.http_requests), town.database.commits
    await town.members[0].click(town.card(), label="Going")
    assert town.database.commits - commits == 1
    made = [(r.method, r.path) for r in town.environment.http_requests[requests:]]
    assert len(made) == 1
    assert made[0][0] == "POST"
    assert made[0][1].endswith("/callback")
    assert "**121 going**" in text_of(town.card())


async def test_a_press_on_a_jelly_that_is_over_gets_one_private_sentence(town: Town) -> None:
    await town.schedule()
    town.clock.moment = THURSDAY_10 + timedelta(hours=7)
    result = await town.members[0].click(town.card(), label="Going")
    assert result.ephemeral
    assert "is over" in said(result)
    await town.settle()
    assert "**Over**" in text_of(town.card())
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]


async def test_a_press_that_crosses_a_cancellation_gets_one_private_sentence(town: Town) -> None:
    await town.schedule()
    card = town.card()
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it off")
    result = await town.members[0].click(card, label="Going")
    assert result.ephemeral
    assert "called off" in said(result)


async def test_rsvp_by_command_with_a_note_shows_on_the_card(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    choices = await sam.autocomplete(town.jellies, "rsvp", "session", "thurs")
    result = await sam.slash(
        town.chat,
        "rsvp",
        session=choices[0]["value"],
        answer="going",
        note="my **thesis** <@1> @everyone",
    )
    assert result.ephemeral
    assert "you are down as **Going**" in said(result)
    await town.settle()
    text = text_of(town.card())
    assert "**Working on**" in text
    assert "thesis" in text
    assert "**thesis**" not in text
    assert "<@1>" not in text
    assert "@everyone" not in text


async def test_a_note_stays_when_the_answer_changes_and_goes_when_emptied(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", note="taxes")
    await sam.click(town.card(), label="Maybe")
    await sam.click(town.card(), label="Going")
    assert "taxes" in text_of(town.card())
    await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", note="")
    await town.settle()
    assert "taxes" not in text_of(town.card())


async def test_jellies_lists_what_is_on_with_my_answers(town: Town) -> None:
    await town.schedule()
    await town.schedule("Friday jelly", when="friday 10-16")
    sam = town.members[0]
    await sam.click(town.card("Thursday jelly"), label="Going")
    listed = await sam.slash(town.chat, "jellies")
    assert listed.ephemeral
    text = said(listed)
    assert stamp(THURSDAY_10, "F") in text
    assert "You: Going" in text
    assert "You: no answer yet" in text


async def test_headcount_lists_everybody_with_notes(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", note="taxes")
    await priya.click(town.card(), label="Maybe")
    await jordan.click(town.card(), label="Can't make it")
    text = said(await sam.slash(town.chat, "headcount session", which="Thursday jelly"))
    assert f"**1 going**\n{sam.mention} · taxes" in text
    assert f"**1 maybe**\n{priya.mention}" in text
    assert f"**1 can't make it**\n{jordan.mention}" in text


async def test_crossing_presses_end_with_the_latest_count(town: Town) -> None:
    """Two answers may land in either order; a refresh settles it."""
    await town.schedule()
    session_id = (await town.read("SELECT session_id FROM session"))[0]["session_id"]
    mirrors = town.bot.mirrors
    with mirrors.showing(session_id, 2), mirrors.showing(session_id, 3):
        pass
    edits = _card_edits(town)
    await mirrors.settle()
    assert _card_edits(town) == edits + 1


async def test_a_single_press_needs_no_refresh(town: Town) -> None:
    await town.schedule()
    edits = _card_edits(town)
    await town.members[0].click(town.card(), label="Going")
    await town.settle()
    assert _card_edits(town) == edits
    assert await town.read("SELECT 1 FROM mirror WHERE version > version_shown") == []


async def test_an_answer_that_never_reached_the_card_shows_after_the_next_start(
    town: Town,
) -> None:
    """As after a power cut between the store and the acknowledgement."""
    await town.schedule()
    await town.database.write(
        lambda t: answer(
            t,
            guild_id=town.guild.id,
            session_id=1,
            user_id=town.members[0].id,
            wish=Wish(Answer.GOING),
            now=town.clock.now(),
        )
    )
    await town.restart()
    await town.bot.mirrors.touch_lagging()
    await town.bot.mirrors.settle()
    assert "**1 going**" in text_of(town.card())


async def test_changes_to_one_card_become_one_edit(town: Town) -> None:
    await town.schedule()
    edits = _card_edits(town)
    sam = town.members[0]
    for note in ("a", "b", "c", "d"):
        await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", note=note)
    await town.settle()
    assert _card_edits(town) == edits + 1
    assert f"{sam.mention} d" in text_of(town.card())


async def test_cards_refresh_by_themselves_after_a_quiet_moment(town: Town) -> None:
    await town.schedule()
    await town.members[0].slash(town.jellies, "rsvp", session="Thursday jelly", answer="going")
    running = asyncio.create_task(town.bot.mirrors.run())
    try:
        async with asyncio.timeout(20):
            while "**1 going**" not in text_of(town.card()):
                await asyncio.sleep(0.05)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_card_deleted_in_discord_is_let_go(town: Town) -> None:
    await town.schedule()
    await town.organizer.delete(town.card())
    await town.members[0].slash(town.jellies, "rsvp", session="Thursday jelly", answer="going")
    await town.settle()
    assert await town.read("SELECT * FROM mirror") == []


def _card_edits(town: Town) -> int:
    return sum(
        1
        for request in town.environment.http_requests
        if request.method == "PATCH" and "/messages/" in request.path
    )
