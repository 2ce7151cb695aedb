"""Presses as they really arrive, doubled, crossed or forged: each counts once or not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import discord
import pytest
import simcord

from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.actions import (
    HOST,
    Shown,
    at_once,
    call_off,
    edit,
    filled,
    follow_up,
    forged,
    in_line,
    mine,
    previewed,
    schedule,
    sent_together,
    told,
)
from tests.server.simulated_server import SimulatedServer, said, text_of

# From two devices, and crossed.


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        ("Going", "Can't make it", "Can't make it"),
        ("Can't make it", "Going", "Going"),
        ("Maybe", "Going", "Going"),
        ("Going", "Maybe", "Maybe"),
    ],
)
async def test_of_two_presses_at_once_the_last_one_holds(
    server: SimulatedServer, first: str, last: str, holds: str
) -> None:
    await schedule(server, seats=3)
    sam = server.members[0]
    card = server.card()
    results = await at_once(server, (sam, card, first), (sam, card, last))
    assert all(result.acknowledged for result in results)
    await server.settle()
    assert await mine(server, sam) == holds
    card_text = text_of(server.card())
    assert f"**{1 + (holds == 'Going')} coming**" in card_text
    assert ("1 maybe" in card_text) == (holds == "Maybe")
    assert ("1 can't make it" in card_text) == (holds == "Can't make it")


async def test_the_same_press_from_two_devices_takes_one_seat_and_one_place(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    card = server.card()
    await at_once(server, (sam, card, "Going"), (sam, card, "Going"))
    assert "**no seats left**\n" in text_of(server.card())
    await server.settle()
    card = server.card()
    pressed = await at_once(
        server,
        (priya, card, "Join the waiting list"),
        (priya, card, "Join the waiting list"),
        (jordan, card, "Join the waiting list"),
    )
    await server.settle()
    assert "#1 on" in follow_up(pressed[0]).content
    assert "#1 on" in follow_up(pressed[1]).content
    assert "#2 on" in follow_up(pressed[2]).content
    assert "**2 waiting**" in text_of(server.card())


async def test_two_who_press_for_the_last_seat_get_one_seat_and_one_place(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    card = server.card()
    _, second = await at_once(server, (sam, card, "Going"), (priya, card, "Going"))
    assert "#1 on the waiting list" in follow_up(second).content
    await server.settle()
    card_text = text_of(server.card())
    assert "**no seats left** · **1 waiting**\n" in card_text
    assert sam.mention in card_text
    assert priya.mention not in card_text


async def test_a_press_that_crosses_fewer_seats_is_counted_once(server: SimulatedServer) -> None:
    await schedule(server, seats=5)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    preview = await previewed(server, seats={"seats": "2"})
    assert preview.response is not None
    _, crossed = await at_once(
        server,
        (server.organizer, preview.response, "Save it"),
        (priya, server.card(), "Going"),
    )
    # Either may come first; what the member was told then holds.
    waits = "#1 on the waiting list" in follow_up(crossed).content
    await server.settle()
    waiting = "**2 coming** · **no seats left** · **1 waiting**"
    seated = "**3 coming** · 2 seats from now on"
    assert (waiting if waits else seated) in text_of(server.card())
    assert await mine(server, priya) == ("#1 on the waiting list" if waits else "Going")


async def test_a_press_that_crosses_a_cancellation_is_told_so(server: SimulatedServer) -> None:
    await schedule(server)
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    assert asked.response is not None
    _, crossed = await at_once(
        server,
        (server.organizer, asked.response, "Call it off"),
        (server.members[0], server.card(), "Going"),
    )
    assert crossed.ephemeral
    assert "called off" in said(crossed)
    await server.settle()
    assert "**Called off**" in text_of(server.card())
    assert "**1 person had said they'd come**" in text_of(server.card())


async def test_a_form_that_crosses_a_cancellation_or_the_end_is_told_so(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    sam = server.members[0]
    form = await sam.click(server.card(), label="Add details")
    other = await sam.click(server.card("Friday jelly"), label="Add details")
    await call_off(server)
    late = await sam.submit_modal(form, filled(form))
    assert late.ephemeral
    assert "called off" in said(late)
    await server.at(THURSDAY_10 + DAY + 6 * HOUR)
    late = await sam.submit_modal(other, filled(other))
    assert "is over" in said(late)


async def test_hours_typed_before_a_move_are_read_against_the_new_hours(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    form = await sam.click(server.card(), label="Add details")
    await edit(server, when="thursday 14-18")
    late = await sam.submit_modal(form, {**filled(form), "hours": "10 to 13"})
    assert "It runs 14:00 to 18:00" in late.followups[-1].content
    assert await mine(server, sam) == "Going"


# Forged.


@pytest.mark.parametrize(
    "custom_id",
    [
        "jelly:rsvp:1:waitlisted",
        "jelly:rsvp:1:requested",
        "jelly:rsvp:1:yes",
        "jelly:rsvp:1",
        "jelly:rsvp:1:going:2",
        "jelly:rsvp::going",
        "jelly:rsvp:one:going",
        "jelly:rsvp:99:going",
        "jelly:rsvp:-1:going",
        f"jelly:rsvp:{10**30}:going",
        "jelly:reply:1:waitlisted",
        "jelly:mood:1:angry",
        "jelly:mood:99:chatty",
        f"jelly:details:{10**30}:card",
        "jelly:details:99:card",
        "jelly:request:1:1:waitlisted",
        "jelly:nothing:1",
        "jelly:",
    ],
)
async def test_a_forged_press_gets_one_private_sentence_and_changes_nothing(
    server: SimulatedServer, custom_id: str
) -> None:
    await schedule(server)
    result = await forged(server, server.members[0], custom_id, server.card())
    assert server.errors.records == []
    assert result.ephemeral
    assert "error" not in said(result)
    assert await server.read("SELECT * FROM rsvp WHERE as_host = 0") == []


@pytest.mark.parametrize("custom_id", ["jelly:mood:1:chatty", "jelly:request:1:1:going"])
async def test_a_press_forged_under_the_card_gets_one_private_sentence(
    server: SimulatedServer, custom_id: str
) -> None:
    """Its id is valid, but it is never shown under a card."""
    await schedule(server)
    result = await forged(server, server.members[0], custom_id, server.card())
    assert server.errors.records == []
    assert result.ephemeral
    assert "## Thursday jelly" in text_of(server.card())


@pytest.mark.parametrize("chosen", [["x"], [], [str(10**30)]])
async def test_a_forged_choice_of_whom_to_take_off_takes_nobody_off(
    server: SimulatedServer, chosen: list[str]
) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    result = await forged(
        server, server.organizer, "jelly:taken-off:1:0", server.card(), values=chosen
    )
    assert server.errors.records == []
    assert result.ephemeral
    assert "**2 coming**" in text_of(server.card())


async def forged_details(
    server: SimulatedServer, who: simcord.MemberActor, fields: dict[str, str | list[str]]
) -> simcord.InteractionResult:
    """Sends "Add details" with other fields than it has, or with values that it does not offer."""
    components = [
        {
            "type": 18,
            "component": {
                "custom_id": name,
                **(
                    {"type": 4, "value": value}
                    if isinstance(value, str)
                    else {"type": 3, "values": value}
                ),
            },
        }
        for name, value in fields.items()
    ]
    data = {"custom_id": "jelly:detailed:1:card", "components": components}
    [result] = await sent_together(server, (who, server.card(), data), kind=5)
    return result


@pytest.mark.parametrize(
    "fields",
    [
        {"mood": ["either"], "hours": "", "guests": ["99"], "note": ""},
        {"mood": ["either"], "hours": "", "guests": ["-1"], "note": "x" * 5000},
        {"mood": ["angry"], "hours": "", "guests": ["0"], "note": ""},
    ],
)
async def test_a_forged_form_gets_one_private_sentence(
    server: SimulatedServer, fields: dict[str, str | list[str]]
) -> None:
    await schedule(server)
    result = await forged_details(server, server.members[0], fields)
    assert server.errors.records == []
    assert result.ephemeral
    assert await server.read("SELECT * FROM rsvp WHERE as_host = 0") == []


async def test_a_form_from_before_an_upgrade_counts_as_far_as_it_goes(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await forged_details(server, sam, {"note": "taxes"})
    assert await mine(server, sam) == "Going, taxes"


async def test_a_forged_decision_decides_nothing(server: SimulatedServer) -> None:
    await schedule(server, answers_close="4 days")
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Ask to join")
    refused = await forged(server, sam, f"jelly:request:1:{sam.id}:going", server.card())
    assert "Only its host" in said(refused)
    unasked = await forged(
        server, server.organizer, f"jelly:request:1:{priya.id}:going", server.card()
    )
    assert "settled." in said(unasked)
    assert await mine(server, sam) == "Asked to join"
    assert await mine(server, priya) == "no answer yet"


async def test_a_session_of_another_server_cannot_be_answered_or_seen(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    elsewhere = server.environment.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("general")
    stranger = elsewhere.add_member(server.environment.create_user("mallory"))
    message = await stranger.send(channel, "hello")
    for custom_id in (
        "jelly:rsvp:1:going",
        "jelly:reply:1:going",
        "jelly:mood:1:chatty",
        "jelly:details:1:card",
        "jelly:request:1:1:going",
        "jelly:take-off:1",
        "jelly:draft-seats:1",
    ):
        result = await forged(server, stranger, custom_id, message)
        assert result.ephemeral
        assert "error" not in said(result)
        assert "Thursday jelly" not in said(result)
    assert await server.read("SELECT * FROM rsvp WHERE as_host = 0") == []


# The cost of a press.


async def test_every_press_costs_one_transaction_and_one_request_and_its_follow_up(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members

    async def cost(who: simcord.MemberActor, label: str, *, follow_ups: int) -> None:
        card = server.card()
        requests, commits = len(server.environment.http_requests), server.database.commits
        await who.click(card, label=label)
        made = [request.path for request in server.environment.http_requests[requests:]]
        assert server.database.commits - commits == 1
        assert made[0].endswith("/callback")
        assert len(made) == 1 + follow_ups

    await cost(sam, "Going", follow_ups=1)  # welcome, and how do you like to work?
    await cost(sam, "Join the waiting list", follow_ups=0)
    await cost(priya, "Join the waiting list", follow_ups=1)  # your place
    await cost(sam, "Can't make it", follow_ups=0)  # Priya gets the seat
    await server.settle()
    assert await mine(server, priya) == "Going"
    await cost(priya, "Maybe", follow_ups=0)


async def test_presses_under_messages_cost_no_more(server: SimulatedServer) -> None:
    await in_line(server)
    sam, priya, _ = server.members
    await schedule(server, title="Friday jelly", when="friday 10-16", answers_close="1 week")

    async def cost(
        who: simcord.MemberActor, on: Shown, label: str, *, follow_ups: int = 0
    ) -> simcord.InteractionResult:
        requests, commits = len(server.environment.http_requests), server.database.commits
        result = await who.click(on, label=label)
        assert server.database.commits - commits == 1
        assert len(server.environment.http_requests) - requests == 1 + follow_ups
        return result

    await sam.click(server.card("Thursday jelly"), label="Can't make it")
    friday = server.card("Friday jelly")
    await cost(sam, friday, "Ask to join", follow_ups=1)
    await server.settle()
    await cost(priya, told(server, "is yours if you")[0], "Take the seat")
    await cost(server.organizer, told(server, "would like to join")[0], "Let them in")
    asked = follow_up(await server.organizer.click(friday, label="Ask to join"))
    await cost(server.organizer, asked, "Heads-down")


async def test_presses_under_a_word_that_stands_cost_no_more(server: SimulatedServer) -> None:
    """Also those that settle a question, whose buttons or message then go."""
    await schedule(server, answers_close="1 hour")
    sam, priya, jordan = server.members
    for who, label in ((sam, "Maybe"), (priya, "Maybe"), (jordan, "Going")):
        await who.click(server.card(), label=label)

    async def cost(who: simcord.MemberActor, on: Shown, label: str, *, settles: bool) -> None:
        requests, commits = len(server.environment.http_requests), server.database.commits
        await who.click(on, label=label)
        assert server.database.commits - commits == 1
        made = [request.path for request in server.environment.http_requests[requests:]]
        assert [path.rpartition("/")[2] for path in made] == ["callback"]
        assert bool(await to_go(server)) == settles
        await server.settle()
        assert await to_go(server) == []

    await server.at(THURSDAY_10 - DAY)
    [reminder] = standing(server, "you said maybe")
    await cost(sam, reminder, "Yes, going", settles=False)
    await cost(priya, reminder, "Can't make it", settles=True)
    await cost(jordan, server.card(), "Maybe", settles=False)
    await cost(jordan, server.card(), "Going", settles=False)
    await server.at(THURSDAY_10 - HOUR)
    await priya.click(server.card(), label="Ask to join")
    await server.settle()
    [question] = standing(server, "would like to join")
    await cost(server.organizer, question, "Let them in", settles=True)
    await server.at(THURSDAY_10)
    [start] = standing(server, "is on now")
    await cost(sam, start, "I'm here", settles=False)
    await cost(sam, start, "Heading off", settles=False)


def standing(server: SimulatedServer, words: str) -> list[discord.Message]:
    """Returns the messages with these words that stand in the channel."""
    return [message for message in server.jellies.history() if words in message.content]


async def to_go(server: SimulatedServer) -> list[dict[str, object]]:
    """Returns the messages that are to be deleted by now, or to lose their buttons."""
    now = int(server.clock.moment.timestamp())
    return await server.read("SELECT * FROM deletion WHERE try_at <= :now", now=now)


async def test_nothing_is_kept_for_what_is_private(server: SimulatedServer) -> None:
    """discord.py would keep each view, and a task for it, for a quarter of an hour."""
    await server.schedule()
    tasks = asyncio.all_tasks()
    for _ in range(10):
        await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
        await server.organizer.slash(server.jellies, "headcount session", jelly="Thursday jelly")
        await server.members[0].click(server.card(), label="Add details")
        await server.members[0].click(server.card(), label="Going")
    assert asyncio.all_tasks() == tasks
    assert server.bot._connection._view_store._synced_message_views == {}


async def test_an_old_button_never_presses_something_new(server: SimulatedServer) -> None:
    first = await server.organizer.slash(
        server.jellies, "jelly new", what="First", when="thursday 10-16", where="Here"
    )
    await server.after(timedelta(days=1, minutes=1))
    await server.organizer.slash(
        server.jellies, "jelly new", what="Unfinished", when="thursday 10-16", where="Here"
    )
    assert first.response is not None
    late = await server.organizer.click(first.response, label="Schedule it")
    assert "has expired" in said(late)
    assert await server.read("SELECT 1 FROM session") == []
