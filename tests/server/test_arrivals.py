"""Saying on the day that one has arrived or is leaving, and how the card counts it."""

from __future__ import annotations

from tests.moments import DAY, ENDS, HOUR, MINUTE, SECOND, THURSDAY_10, stamp
from tests.server.actions import HOST, told
from tests.server.hosting import (
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
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_nobody_is_there_before_it_begins(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    await server.at(THURSDAY_10 - SECOND)
    assert not {"I'm here", "Heading off"} & set(buttons_of(server.card()))
    here = await forge(server, sam, server.card(), "jelly:here:1")
    assert here.ephemeral
    assert "It hasn't started yet" in said(here)
    off = await forge(server, sam, server.card(), "jelly:off:1")
    assert off.ephemeral
    assert "It hasn't started yet" in said(off)
    assert await server.read("SELECT * FROM rsvp WHERE as_host = 0") == []
    assert "**1 coming**" in text_of(server.card())
    await server.at(THURSDAY_10)
    assert buttons_of(server.card())[:2] == ["I'm here", "Heading off"]


async def test_the_card_counts_who_is_here_now_with_guests(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    await sam.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", guests=1)
    await priya.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    assert "**4 coming**" in text_of(server.card())
    pressed = await sam.click(server.card(), label="I'm here")
    assert pressed.response is not None
    assert pressed.response.id == server.card().id
    assert pressed.followups == []
    assert "**2 here now** · 4 coming in all" in text_of(server.card())
    await jordan.click(server.card(), label="I'm here")
    assert "**3 here now** · 5 coming in all" in text_of(server.card())
    assert f"{sam.mention} +1, {priya.mention}, {jordan.mention}" in text_of(server.card())
    await sam.click(server.card(), label="Heading off")
    assert "**1 here now** · 5 coming in all" in text_of(server.card())


async def test_someone_without_an_answer_who_is_there_is_going_from_then_on(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Maybe")
    await priya.click(server.card(), label="Can't make it")
    await server.at(THURSDAY_10)
    for member in (sam, priya, jordan):
        await member.click(server.card(), label="I'm here")
    text = text_of(server.card())
    assert "**3 here now** · 4 coming in all\n" in text
    assert "maybe" not in text.casefold()
    assert "You: Going" in said(await jordan.slash(server.chat, "jellies"))


async def test_pressing_twice_changes_nothing(server: SimulatedServer) -> None:
    sam = server.members[0]
    await begin(server)
    for label in ("I'm here", "Heading off"):
        await sam.click(server.card(), label=label)
        once = await server.read("SELECT version, arrived_at, left_at FROM session JOIN rsvp")
        await server.after(10 * MINUTE)
        again = await sam.click(server.card(), label=label)
        assert again.followups == []
        assert (
            await server.read("SELECT version, arrived_at, left_at FROM session JOIN rsvp") == once
        )


async def test_heading_off_without_having_come_is_refused(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await begin(server, sam)
    for member in (sam, priya):
        refused = await member.click(server.card(), label="Heading off")
        assert refused.ephemeral
        assert "You haven't checked in. Press" in said(refused)
    assert "**2 coming**" in text_of(server.card())


async def test_whoever_comes_back_is_here_since_they_first_came(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    await server.at(THURSDAY_10 + 5 * MINUTE)
    await sam.click(server.card(), label="I'm here")
    await server.at(THURSDAY_10 + HOUR)
    await sam.click(server.card(), label="Heading off")
    assert "here now" not in text_of(server.card())
    await server.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(server.card(), label="I'm here")
    assert "**1 here now**" in text_of(server.card())
    rows = await table(server)
    [row] = [one for one in rows if one[0] == "Sam"]
    assert row[8:] == ["yes", "2026-11-26 10:05", ""]


async def test_with_all_seats_taken_people_are_there_all_the_same(server: SimulatedServer) -> None:
    await schedule_with(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    pressed = await priya.click(server.card(), label="I'm here")
    [private] = pressed.followups
    assert private.ephemeral
    assert "You're checked in, but every seat is taken" in private.content
    assert f"Talk to {server.organizer.mention}" in private.content
    text = text_of(server.card())
    assert "**1 here now** · 2 coming in all" in text
    assert "**1 waiting**" in text
    assert priya.mention not in text
    again = await priya.click(server.card(), label="I'm here")
    assert "Talk to" in again.followups[0].content
    assert "**1 here now**" in text_of(server.card())
    await priya.click(server.card(), label="Heading off")
    assert "here now" not in text_of(server.card())
    assert f"{priya.mention} · has left" in said(await headcount(server, server.organizer))


async def test_after_answers_closed_whoever_stands_in_the_room_need_not_ask(
    server: SimulatedServer,
) -> None:
    await schedule_with(server, answers_close="1 hour")
    sam, priya, _ = server.members
    await server.at(THURSDAY_10 - MINUTE)
    await sam.click(server.card(), label="Ask to join")
    await server.at(THURSDAY_10)
    for member in (sam, priya):
        pressed = await member.click(server.card(), label="I'm here")
        assert all("I've asked the host" not in one.content for one in pressed.followups)
    assert "**2 here now** · 3 coming in all" in text_of(server.card())


async def test_a_late_press_of_the_day_is_refused_in_a_sentence(server: SimulatedServer) -> None:
    sam = server.members[0]
    await begin(server)
    card = server.card()
    server.clock.moment = ENDS
    for label in ("I'm here", "Heading off"):
        refused = await sam.click(card, label=label)
        assert refused.ephemeral
        assert "This jelly is over" in said(refused)
    assert await server.read("SELECT * FROM rsvp WHERE as_host = 0") == []


async def test_a_press_on_a_jelly_that_was_called_off_is_refused(server: SimulatedServer) -> None:
    sam = server.members[0]
    await begin(server)
    await call_off(server)
    for forged in ("jelly:here:1", "jelly:off:1", "jelly:was-there:1:1"):
        refused = await forge(server, sam, server.card(), forged)
        assert refused.ephemeral
        assert "called off" in said(refused)
    assert await server.read("SELECT * FROM rsvp WHERE as_host = 0") == []


async def test_whoever_cannot_make_it_after_all_is_not_here_any_more(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await begin(server)
    await sam.click(server.card(), label="I'm here")
    await sam.click(server.card(), label="Can't make it")
    assert "so far. Who's next?\n-# 1 can't make it" in text_of(server.card())
    await sam.click(server.card(), label="Going")
    assert "**2 coming**" in text_of(server.card())


async def test_the_buttons_of_the_day_work_after_a_restart(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await begin(server)
    await sam.click(server.card(), label="I'm here")
    await server.restart()
    await priya.click(server.card(), label="I'm here")
    assert "**2 here now**" in text_of(server.card())
    await server.kill()
    await sam.click(server.card(), label="Heading off")
    assert "**1 here now**" in text_of(server.card())


async def test_whoever_comes_for_the_first_time_unannounced_is_welcomed(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await begin(server)
    pressed = await sam.click(server.card(), label="I'm here")
    await server.settle()
    assert "Say hello when they arrive" in told_alone(server.organizer)[-1]
    assert any("Welcome!" in one.content for one in pressed.followups)


async def test_nobody_is_at_a_jelly_that_moved_to_another_day(server: SimulatedServer) -> None:
    sam = server.members[0]
    await begin(server)
    await sam.click(server.card(), label="I'm here")
    await move(server, "Thursday jelly", "friday 10-16")
    await server.at(THURSDAY_10 + DAY)
    assert "**2 coming**" in text_of(server.card())


async def test_nobody_is_here_now_once_it_is_over(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    text = text_of(server.card())
    assert "**Over**" in text
    assert "here now" not in text


async def test_nobody_waits_for_a_seat_once_it_is_over(server: SimulatedServer) -> None:
    await schedule_with(server, seats=HOST + 1)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Join the waiting list")
    await live_until(server, ENDS)
    await jordan.click(server.card(), label="I was there")
    assert "waiting" not in text_of(server.card())


async def test_a_host_without_a_seat_is_not_sent_to_themselves(server: SimulatedServer) -> None:
    await schedule_with(server, seats=HOST + 1)
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    pressed = await server.organizer.click(server.card(), label="I'm here")
    assert "**1 here now**" in text_of(server.card())
    assert all(server.organizer.mention not in one.content for one in pressed.followups)


async def test_the_line_at_the_start_has_buttons_to_check_in_and_out(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await begin(server, sam)
    [line] = told(server, "is on now")
    until = stamp(ENDS, "t")
    assert f"is on now at The Alb until {until}, with 2 people." in line.content
    assert buttons_of(line) == ["I'm here", "Heading off", "Open the card"]
    here = await sam.click(line, label="I'm here")
    assert here.ephemeral
    assert said(here) == "You're checked in."
    assert here.followups == []
    await server.settle()
    assert "**1 here now**" in text_of(server.card())
    off = await sam.click(line, label="Heading off")
    assert off.ephemeral
    assert said(off) == "You're checked out."
    await server.settle()
    assert "here now" not in text_of(server.card())
    assert "This is your first jelly here" in said(await priya.click(line, label="I'm here"))
    await server.settle()
    assert "**1 here now**" in text_of(server.card())
