"""What a reminder asks: those who said maybe whether they come, others whether a new time suits."""

from __future__ import annotations

import discord
import simcord

from data.limits import CORRECTIONS_TOGETHER
from data.models import Answer
from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.actions import answer as answer_by_command
from tests.server.actions import crowd, mine, schedule, told
from tests.server.hosting import live_until, move
from tests.server.pings import mentioned_users, pings
from tests.server.simulated_server import SimulatedServer, buttons_of, said

DAY_BEFORE = THURSDAY_10 - DAY


async def answered(server: SimulatedServer, **labels: str) -> list[simcord.MemberActor]:
    """Has Sam, Priya and Jordan answer on the card; returns them."""
    people = dict(zip(("sam", "priya", "jordan"), server.members, strict=True))
    for name, label in labels.items():
        await people[name].click(server.card(), label=label)
    return server.members


def reminder(server: SimulatedServer) -> discord.Message:
    """Returns the reminder that stands."""
    return told(server, "is on <t:")[-1]


async def test_the_reminder_of_the_day_before_asks_those_who_said_maybe(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, jordan = await answered(server, sam="Going", priya="Maybe", jordan="Maybe")
    await server.at(DAY_BEFORE)
    robin = server.organizer
    assert len(server.said_ever()) == 1
    assert reminder(server).content.splitlines()[1:] == [
        f"Going: {robin.mention} {sam.mention}",
        f"{priya.mention} {jordan.mention}: you said maybe. Have you decided?",
    ]
    assert pings(server, "is on <t:") == [[robin.id, sam.id, priya.id, jordan.id]]
    assert buttons_of(reminder(server)) == ["Yes, going", "Can't make it", "Open the card"]
    assert "You're going to **" in said(await priya.click(reminder(server), label="Yes, going"))
    await server.settle()
    await live_until(server, THURSDAY_10 - HOUR)
    assert len(server.said_ever()) == 2
    assert "Have you decided?" not in reminder(server).content
    assert f"-# Maybe: {jordan.mention}" in reminder(server).content
    assert pings(server, "is on <t:")[-1] == [robin.id, sam.id, priya.id]


async def test_many_who_are_going_or_said_maybe_are_told_in_parts(server: SimulatedServer) -> None:
    await schedule(server)
    people = await crowd(server, 90, lambda user_id: Answer.MAYBE if user_id % 3 else Answer.GOING)
    await server.at(DAY_BEFORE)
    parts = told(server, "is on <t:")
    assert len(parts) == 3
    notified = sorted(user for part in mentioned_users(server) for user in part)
    assert notified == sorted([*people, server.organizer.id])
    for part in parts:
        assert "you said maybe" in part.content
        assert buttons_of(part) == ["Yes, going", "Can't make it", "Open the card"]
    rows = await server.read(
        "SELECT DISTINCT due_at FROM delivery WHERE kind = 'reminder' AND before = 86400"
    )
    assert rows == [{"due_at": int(DAY_BEFORE.timestamp())}]


async def test_where_only_some_said_maybe_they_are_asked_once_and_nothing_else_comes(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    _, priya, _ = await answered(server, priya="Maybe")
    await live_until(server, THURSDAY_10 + HOUR)
    [question] = server.said_ever()
    assert f"{priya.mention}: you said maybe. Have you decided?" in question


async def test_a_reminder_long_before_answers_close_asks_and_one_soon_before_does_not(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="18 hours")
    await schedule(server, title="Other jelly", answers_close="19 hours")
    for title in ("Thursday jelly", "Other jelly"):
        await server.members[0].click(server.card(title), label="Maybe")
    await server.at(DAY_BEFORE - 19 * HOUR)
    assert ["**Other jelly**" in one for one in server.said_ever()] == [True]
    assert "Have you decided?" in server.said_ever()[0]
    await server.at(DAY_BEFORE)
    asked = [one for one in server.said_ever() if "Have you decided?" in one]
    assert ["**Thursday jelly** is on" in one for one in asked] == [False, True]


async def test_a_reminder_at_the_moment_of_the_question_asks_in_its_place(
    server: SimulatedServer,
) -> None:
    await server.organizer.slash(server.jellies, "settings", reminders="2 days, 1 day")
    await schedule(server, answers_close="1 day")
    sam, priya, _ = await answered(server, sam="Going", priya="Maybe")
    await server.at(THURSDAY_10 - 2 * DAY)
    assert len(server.said_ever()) == 1
    assert f"Going: {server.organizer.mention} {sam.mention}" in reminder(server).content
    assert f"{priya.mention}: you said maybe" in reminder(server).content
    await server.at(DAY_BEFORE)
    assert "Have you decided?" not in reminder(server).content


async def test_where_it_is_too_late_to_ask_before_answers_close_the_reminder_asks_still(
    server: SimulatedServer,
) -> None:
    await schedule(server, answers_close="60 hours")
    sam, priya, _ = await answered(server, sam="Going", priya="Maybe")
    await server.at(DAY_BEFORE)
    assert len(server.said_ever()) == 1
    assert f"Going: {server.organizer.mention} {sam.mention}" in reminder(server).content
    assert f"{priya.mention}: you said maybe. Have you decided?" in reminder(server).content


async def test_after_a_move_a_reminder_asks_those_who_have_not_confirmed(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, _ = await answered(server, sam="Going", priya="Going")
    await move(server, "Thursday jelly", "friday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    [moved] = told(server, "has moved")
    await sam.click(moved, label="Still coming")
    await server.at(THURSDAY_10)
    lines = reminder(server).content.splitlines()
    assert lines[1].startswith("Going: ")
    assert sam.mention in lines[1]
    assert priya.mention not in lines[1]
    assert f"{priya.mention}: it moved after you said yes. Still coming?" in lines
    assert buttons_of(reminder(server)) == ["Still coming", "Can't make it", "Open the card"]
    await priya.click(reminder(server), label="Still coming")
    assert await mine(server, priya) == "Going"
    await server.settle()
    await server.at(THURSDAY_10 + DAY - HOUR)
    assert "Still coming?" not in reminder(server).content
    assert buttons_of(reminder(server)) == ["Open the card"]


async def test_buttons_go_with_the_last_answer_and_stay_where_there_is_no_card(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await schedule(server, title="Other jelly")
    _, priya, _ = server.members
    for title in ("Thursday jelly", "Other jelly"):
        await priya.click(server.card(title), label="Maybe")
    await server.organizer.delete(server.card("Other jelly"))
    await answer_by_command(server, priya, "maybe", session="Other jelly", note="taxes")
    await server.settle()
    await server.at(DAY_BEFORE)
    for title in ("Thursday jelly", "Other jelly"):
        [shown] = told(server, f"**{title}** is on")
        await priya.click(shown, label="Can't make it")
    await server.settle()
    assert [buttons_of(one) for one in told(server, "is on <t:")] == [
        ["Open the card"],
        ["Going", "Maybe", "Can't make it"],
    ]


async def test_both_questions_share_their_buttons(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = await answered(server, sam="Going", priya="Maybe")
    await move(server, "Thursday jelly", "friday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    await server.at(THURSDAY_10)
    assert f"{priya.mention}: you said maybe. Have you decided?" in reminder(server).content
    assert f"{sam.mention}: it moved after you said yes. Still coming?" in reminder(server).content
    assert buttons_of(reminder(server)) == ["Yes, going", "Can't make it", "Open the card"]
    for who in (sam, priya):
        await who.click(reminder(server), label="Yes, going")
        assert await mine(server, who) == "Going"
