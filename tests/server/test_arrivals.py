"""Saying on the day that one is here or heading off, and how the card counts it."""

from __future__ import annotations

from tests.server.hosting import (
    ENDS,
    MINUTE,
    SECOND,
    begin,
    call_off,
    forge,
    headcount,
    hold,
    live_until,
    move,
    schedule_with,
    table,
    told_alone,
)
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_reminding import DAY, HOUR
from tests.server.test_scheduling import THURSDAY_10


async def test_nobody_is_there_before_it_begins(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10 - SECOND)
    assert not {"I'm here", "Heading off"} & set(buttons_of(town.card()))
    here = await forge(town, sam, town.card(), "jelly:here:1")
    assert here.ephemeral
    assert "It has not begun yet" in said(here)
    off = await forge(town, sam, town.card(), "jelly:off:1")
    assert off.ephemeral
    assert "It has not begun yet" in said(off)
    assert await town.read("SELECT * FROM rsvp") == []
    assert "**0 going**" in text_of(town.card())
    await town.at(THURSDAY_10)
    assert buttons_of(town.card())[:2] == ["I'm here", "Heading off"]


async def test_the_card_counts_who_is_here_now_with_guests(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", guests=1)
    await priya.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    assert "**0 here now** · **2 going**" in text_of(town.card())
    pressed = await sam.click(town.card(), label="I'm here")
    assert pressed.response is not None
    assert pressed.response.id == town.card().id
    assert pressed.followups == []
    assert "**2 here now** · **2 going**" in text_of(town.card())
    await jordan.click(town.card(), label="I'm here")
    assert "**3 here now** · **3 going**" in text_of(town.card())
    assert f"{sam.mention} +1, {priya.mention}, {jordan.mention}" in text_of(town.card())
    await sam.click(town.card(), label="Heading off")
    assert "**1 here now** · **3 going**" in text_of(town.card())


async def test_somebody_without_an_answer_who_is_there_is_going_from_then_on(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Maybe")
    await priya.click(town.card(), label="Can't make it")
    await town.at(THURSDAY_10)
    for member in (sam, priya, jordan):
        await member.click(town.card(), label="I'm here")
    text = text_of(town.card())
    assert "**3 here now** · **3 going**\n" in text
    assert "maybe" not in text.casefold()
    assert "You: Going" in said(await jordan.slash(town.chat, "jellies"))


async def test_pressing_twice_changes_nothing(town: Town) -> None:
    sam = town.members[0]
    await begin(town)
    for label in ("I'm here", "Heading off"):
        await sam.click(town.card(), label=label)
        once = await town.read("SELECT version, arrived_at, left_at FROM session JOIN rsvp")
        await town.after(10 * MINUTE)
        again = await sam.click(town.card(), label=label)
        assert again.followups == []
        assert await town.read("SELECT version, arrived_at, left_at FROM session JOIN rsvp") == once


async def test_heading_off_without_having_come_is_refused(town: Town) -> None:
    sam, priya, _ = town.members
    await begin(town, sam)
    for member in (sam, priya):
        refused = await member.click(town.card(), label="Heading off")
        assert refused.ephemeral
        assert "You are not down as there" in said(refused)
    assert "**0 here now** · **1 going**" in text_of(town.card())


async def test_whoever_comes_back_is_here_since_they_first_came(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10 + 5 * MINUTE)
    await sam.click(town.card(), label="I'm here")
    await town.at(THURSDAY_10 + HOUR)
    await sam.click(town.card(), label="Heading off")
    assert "**0 here now**" in text_of(town.card())
    await town.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(town.card(), label="I'm here")
    assert "**1 here now**" in text_of(town.card())
    rows = await table(town)
    assert rows[1][8:] == ["yes", "2026-11-26 10:05", ""]


async def test_with_all_seats_taken_people_are_there_all_the_same(town: Town) -> None:
    await schedule_with(town, seats=1)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    pressed = await priya.click(town.card(), label="I'm here")
    [private] = pressed.followups
    assert private.ephemeral
    assert "You are down as here" in private.content
    assert f"talk to {town.organizer.mention}" in private.content
    text = text_of(town.card())
    assert "**1 here now** · **1 going**" in text
    assert "**1 waiting**" in text
    assert priya.mention not in text
    again = await priya.click(town.card(), label="I'm here")
    assert "talk to" in again.followups[0].content
    assert "**1 here now**" in text_of(town.card())
    await priya.click(town.card(), label="Heading off")
    assert "**0 here now**" in text_of(town.card())
    assert "was there" in said(await headcount(town, town.organizer))


async def test_after_answers_closed_whoever_stands_in_the_room_need_not_ask(town: Town) -> None:
    await schedule_with(town, answers_close="1 hour")
    sam, priya, _ = town.members
    await town.at(THURSDAY_10 - MINUTE)
    await sam.click(town.card(), label="Ask the host to come")
    await town.at(THURSDAY_10)
    for member in (sam, priya):
        pressed = await member.click(town.card(), label="I'm here")
        assert all("host is being asked" not in one.content for one in pressed.followups)
    assert "**2 here now** · **2 going**" in text_of(town.card())


async def test_a_late_press_of_the_day_is_refused_in_a_sentence(town: Town) -> None:
    sam = town.members[0]
    await begin(town)
    card = town.card()
    town.clock.moment = ENDS
    for label in ("I'm here", "Heading off"):
        refused = await sam.click(card, label=label)
        assert refused.ephemeral
        assert "This jelly is over" in said(refused)
    assert await town.read("SELECT * FROM rsvp") == []


async def test_a_press_on_a_jelly_that_was_called_off_is_refused(town: Town) -> None:
    sam = town.members[0]
    await begin(town)
    await call_off(town)
    for forged in ("jelly:here:1", "jelly:off:1", "jelly:was-there:1:1"):
        refused = await forge(town, sam, town.card(), forged)
        assert refused.ephemeral
        assert "called off" in said(refused)
    assert await town.read("SELECT * FROM rsvp") == []


async def test_whoever_cannot_make_it_after_all_is_not_here_any_more(town: Town) -> None:
    sam = town.members[0]
    await begin(town)
    await sam.click(town.card(), label="I'm here")
    await sam.click(town.card(), label="Can't make it")
    assert "**0 here now** · **0 going** · 1 can't make it" in text_of(town.card())
    await sam.click(town.card(), label="Going")
    assert "**0 here now** · **1 going**" in text_of(town.card())


async def test_the_buttons_of_the_day_work_after_a_restart(town: Town) -> None:
    sam, priya, _ = town.members
    await begin(town)
    await sam.click(town.card(), label="I'm here")
    await town.restart()
    await priya.click(town.card(), label="I'm here")
    assert "**2 here now**" in text_of(town.card())
    await town.kill()
    await sam.click(town.card(), label="Heading off")
    assert "**1 here now**" in text_of(town.card())


async def test_whoever_comes_for_the_first_time_unannounced_is_welcomed(town: Town) -> None:
    sam = town.members[0]
    await begin(town)
    pressed = await sam.click(town.card(), label="I'm here")
    await town.settle()
    assert "Say hello when they come in" in told_alone(town.organizer)[-1]
    assert any("Welcome!" in one.content for one in pressed.followups)


async def test_nobody_is_at_a_jelly_that_moved_to_another_day(town: Town) -> None:
    sam = town.members[0]
    await begin(town)
    await sam.click(town.card(), label="I'm here")
    await move(town, "Thursday jelly", "friday 10-16")
    await town.at(THURSDAY_10 + DAY)
    assert "**0 here now** · **1 going**" in text_of(town.card())


async def test_nobody_is_here_now_once_it_is_over(town: Town) -> None:
    await hold(town, town.members[0])
    text = text_of(town.card())
    assert "**Over**" in text
    assert "here now" not in text


async def test_nobody_waits_for_a_seat_once_it_is_over(town: Town) -> None:
    await schedule_with(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await live_until(town, ENDS)
    await jordan.click(town.card(), label="I was there")
    assert "waiting" not in text_of(town.card())


async def test_a_host_without_a_seat_is_not_sent_to_themselves(town: Town) -> None:
    await schedule_with(town, seats=1)
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    pressed = await town.organizer.click(town.card(), label="I'm here")
    assert "**1 here now**" in text_of(town.card())
    assert all(town.organizer.mention not in one.content for one in pressed.followups)
