"""Before answers close, members who said maybe are asked; after that, Going asks the host."""

from __future__ import annotations

from datetime import timedelta

import discord
import simcord

from tests.moments import DAY, HOUR, THURSDAY_10, stamp
from tests.server.actions import (
    HOST,
    add_details,
    at_once,
    call_off,
    edit,
    follow_up,
    keep_every_message,
    mine,
    schedule,
    told,
)
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

# The question to those who said maybe.


async def test_maybe_takes_no_seat_and_is_asked_once_a_day_before(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 2)
    sam, priya, jordan = server.members
    for who in (sam, priya, jordan):
        await who.click(server.card(), label="Maybe")
    assert "**2 seats left**" in text_of(server.card())
    await server.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    assert told(server, "Have you decided?") == []
    await server.at(THURSDAY_10 - DAY)
    [question] = told(server, "Have you decided?")
    assert question.content.startswith("**Thursday jelly** is on ")
    assert question.content.endswith(
        f"\n{sam.mention} {priya.mention} {jordan.mention}: you said maybe. Have you decided?"
    )
    assert buttons_of(question) == ["Yes, going", "Can't make it", "Open the card"]
    yes = await sam.click(question, label="Yes, going")
    assert yes.ephemeral
    assert "You're going to **" in said(yes)
    no = await priya.click(question, label="Can't make it")
    assert "You can't make **" in said(no)
    await server.settle()
    assert f"-# 1 maybe: {jordan.mention} · 1 can't make it" in text_of(server.card())
    for moment in (THURSDAY_10 - HOUR, THURSDAY_10):
        await server.at(moment)
    assert len(told(server, "Have you decided?")) == 1


async def test_a_yes_to_a_full_jelly_is_told_its_place_in_line(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")
    await server.at(THURSDAY_10 - DAY)
    [question] = told(server, "Have you decided?")
    yes = await priya.click(question, label="Yes, going")
    assert "#1 on the waiting list" in said(yes)


async def test_a_maybe_is_asked_while_a_yes_still_counts(server: SimulatedServer) -> None:
    await keep_every_message(server)
    await schedule(server, answers_close="1 day")
    sam = server.members[0]
    await sam.click(server.card(), label="Maybe")
    for days in (2, 1):
        await server.at(THURSDAY_10 - days * DAY)
        for question in told(server, "Have you decided?")[:1]:
            await sam.click(question, label="Yes, going")
    assert await mine(server, sam) == "Going"


async def test_a_maybe_is_asked_once_however_early_answers_close(server: SimulatedServer) -> None:
    await schedule(server, answers_close="3 days")
    await server.members[0].click(server.card(), label="Maybe")
    for days in (3, 2, 1, 0):
        await server.at(THURSDAY_10 - days * DAY)
    assert len(told(server, "Have you decided?")) == 1


async def test_nobody_is_asked_who_has_decided_or_where_it_is_off(server: SimulatedServer) -> None:
    await schedule(server)
    await schedule(server, title="Other jelly", when="thursday 10-16")
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Maybe")
    await sam.click(server.card(), label="Going")
    await priya.click(server.card("Other jelly"), label="Maybe")
    await call_off(server, which="Other jelly")
    await server.at(THURSDAY_10 - DAY)
    assert told(server, "Have you decided?") == []


async def test_a_button_under_the_question_pressed_by_someone_else_is_their_own_answer(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Maybe")
    await server.at(THURSDAY_10 - DAY)
    [question] = told(server, "Have you decided?")
    await priya.click(question, label="Yes, going")
    assert await mine(server, priya) == "Going"
    assert await mine(server, sam) == "Maybe"


# After the deadline.


async def asked_to_come(server: SimulatedServer, who: simcord.MemberActor) -> discord.Message:
    """Returns the question to the host after a member has pressed when answers were closed."""
    await who.click(server.card(), label="Ask to join")
    await server.settle()
    [question] = told(server, "would like to join")
    return question


async def test_after_the_deadline_going_asks_the_host_in_the_channel(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="1 day")
    sam, priya, _ = server.members
    closes = THURSDAY_10 - DAY
    assert f"Answer by {stamp(closes, 'F')}. After that, it's up to the host." in text_of(
        server.card()
    )
    await server.at(closes - timedelta(seconds=1))
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"
    await server.at(closes)
    assert buttons_of(server.card())[0] == "Ask to join"
    assert f"Answers closed {stamp(closes, 'R')}." in text_of(server.card())
    asks = await priya.click(server.card(), label="Ask to join")
    assert "the host in the channel" in follow_up(asks).content
    assert await mine(server, priya) == "Asked to join"
    await server.settle()
    [question] = told(server, "would like to join")
    assert question.content.startswith(
        f"{server.organizer.mention}, {priya.mention} would like to join **Thursday jelly**"
    )
    assert mentioned_users(server)[-1] == [server.organizer.id]
    assert buttons_of(question) == ["Let them in", "Not this time", "Open the card"]
    decided = await server.organizer.click(question, label="Let them in")
    assert f"{priya.mention} is going to **" in said(decided)
    assert decided.response is not None
    assert buttons_of(decided.response) == []
    await server.settle()
    assert "**3 coming" in text_of(server.card())
    [word] = told(server, "added you")
    assert word.content.startswith(priya.mention)


async def test_not_this_time_is_told_and_takes_no_seat(server: SimulatedServer) -> None:
    await schedule(server, answers_close="4 days", seats=HOST + 3)
    sam = server.members[0]
    question = await asked_to_come(server, sam)
    assert "**3 seats left**" in text_of(question)
    await server.organizer.click(question, label="Not this time")
    await server.settle()
    assert (await mine(server, sam)).startswith("Can't make it")
    assert f"{server.organizer.mention}\n-# 1 can't make it" in text_of(server.card())
    assert told(server, f"{sam.mention}: {server.organizer.mention} took you off") != []


async def test_only_the_host_and_organizers_decide_who_is_let_in(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, answers_close="4 days", by=priya)
    question = await asked_to_come(server, sam)
    for who in (sam, jordan):
        refused = await who.click(question, label="Let them in")
        assert refused.ephemeral
        assert "Only its host" in said(refused)
    assert await mine(server, sam) == "Asked to join"
    await priya.click(question, label="Let them in")
    assert (await mine(server, sam)).startswith("Going")


async def test_a_host_and_an_organizer_who_decide_at_once_are_told_what_holds(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, answers_close="4 days", by=priya)
    question = await asked_to_come(server, sam)
    first, second = await at_once(
        server,
        (priya, question, "Let them in"),
        (server.organizer, question, "Not this time"),
    )
    assert f"{sam.mention} is going to **" in said(first)
    assert second.ephemeral
    assert "settled." in said(second)
    await server.settle()
    assert (await mine(server, sam)).startswith("Going")
    assert len(told(server, "added you")) == 1


async def test_let_in_where_all_seats_are_taken_means_the_waiting_list(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="1 day", seats=HOST + 1)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY)
    question = await asked_to_come(server, priya)
    assert "**no seats left**" in text_of(question)
    decided = await server.organizer.click(question, label="Put them in line")
    assert "is on the waiting list for **" in said(decided)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert priya.mention in told(server, "a seat came free")[0].content


async def test_the_host_comes_after_the_deadline_without_asking(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, answers_close="4 days", by=sam)
    await sam.click(server.card(), label="Ask to join")
    assert await mine(server, sam) == "Going"
    await server.settle()
    assert server.said_ever() == []


async def test_a_press_just_after_the_deadline_asks_whatever_the_card_still_says(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="1 day")
    sam = server.members[0]
    card = server.card()
    server.clock.moment = THURSDAY_10 - DAY
    asks = await sam.click(card, label="Going")
    assert "the host in the channel" in follow_up(asks).content
    assert buttons_of(server.card())[0] == "Ask to join"


async def test_those_who_wait_get_seats_also_after_the_deadline(server: SimulatedServer) -> None:
    await schedule(server, answers_close="1 day", seats=HOST + 1)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Join the waiting list")
    await server.at(THURSDAY_10 - DAY + HOUR)
    await priya.click(server.card(), label="Ask to join")
    assert await mine(server, priya) == "#1 on the waiting list"
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert await mine(server, priya) == "Going"
    assert told(server, "would like to join") == []


async def test_after_the_deadline_details_change_and_a_no_is_taken_without_asking(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="1 day")
    sam, priya, _ = server.members
    for who in (sam, priya):
        await who.click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY)
    await add_details(server, sam, note="taxes", guests=["1"])
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    card = text_of(server.card())
    assert "**3 coming**\n" in card
    assert "\n-# 1 can't make it\n" in card
    assert f"{server.organizer.mention}, {sam.mention} +1" in card
    assert told(server, "would like to join") == []


async def test_taking_the_question_back_before_it_is_out_asks_nobody(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="4 days")
    sam = server.members[0]
    await sam.click(server.card(), label="Ask to join")
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert server.said_ever() == []


async def test_whoever_asks_again_is_asked_about_again(server: SimulatedServer) -> None:
    await schedule(server, answers_close="4 days")
    sam = server.members[0]
    question = await asked_to_come(server, sam)
    await server.organizer.click(question, label="Let them in")
    await sam.click(server.card(), label="Can't make it")
    again = await sam.click(server.card(), label="Ask to join")
    assert "the host in the channel" in follow_up(again).content
    await server.settle()
    assert any(buttons_of(m)[:1] == ["Let them in"] for m in told(server, "would like to join"))


async def test_a_newcomer_who_is_let_in_knows_what_to_expect(server: SimulatedServer) -> None:
    await schedule(server, answers_close="4 days")
    asks = await server.members[0].click(server.card(), label="Ask to join")
    assert "This is your first jelly here" in follow_up(asks).content


async def test_the_form_tells_whoever_asks_that_the_host_is_asked(server: SimulatedServer) -> None:
    await schedule(server, answers_close="4 days")
    sam = server.members[0]
    sent = await add_details(server, sam, note="taxes")
    assert await mine(server, sam) == "Asked to join, taxes"
    assert "the host in the channel" in follow_up(sent).content


async def test_a_later_deadline_opens_the_answers_again(server: SimulatedServer) -> None:
    await schedule(server, answers_close="4 days")
    sam = server.members[0]
    await sam.click(server.card(), label="Ask to join")
    await edit(server, seats={"close": ""})
    assert buttons_of(server.card())[0] == "Going"
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"


async def test_a_question_to_a_jelly_that_is_called_off_meanwhile_gets_one_sentence(
    server: SimulatedServer,
) -> None:
    await keep_every_message(server)
    await schedule(server, answers_close="4 days")
    sam = server.members[0]
    question = await asked_to_come(server, sam)
    await call_off(server)
    assert sam.mention in told(server, "is called off")[0].content
    late = await server.organizer.click(question, label="Let them in")
    assert late.ephemeral
    assert "called off" in said(late)
