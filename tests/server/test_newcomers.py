"""Newcomers know what to expect, and hosts look out for them."""

from __future__ import annotations

from tests.moments import HOUR, MINUTE, THURSDAY_10, stamp
from tests.server.actions import (
    HOST,
    add_details,
    answer,
    call_off,
    edit,
    follow_up,
    headcount,
    letters,
    schedule,
    told,
)
from tests.server.simulated_server import SimulatedServer, said, text_of


async def test_a_newcomer_is_told_what_to_expect_and_the_host_that_they_are_new(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, jordan = server.members
    welcome = follow_up(await sam.click(server.card(), label="Going")).content
    assert "This is your first jelly here" in welcome
    assert f"between {stamp(THURSDAY_10, 't')} and {stamp(THURSDAY_10 + 6 * HOUR, 't')}" in welcome
    assert f"look for {server.organizer.mention}, the host" in welcome
    await server.after(5 * MINUTE)
    await priya.click(server.card(), label="Going")
    await server.after(4 * MINUTE)
    assert letters(server.organizer) == []
    await server.after(1 * MINUTE)
    [letter] = letters(server.organizer)
    assert f"First time: {sam.mention}, {priya.mention} will be at **Thursday jelly**" in letter
    await jordan.click(server.card(), label="Going")
    await server.after(10 * MINUTE)
    assert f"First time: {jordan.mention} will be" in letters(server.organizer)[1]
    await server.after(HOUR)
    assert len(letters(server.organizer)) == 2
    assert letters(sam) == []


async def test_the_welcome_is_still_there_after_saying_the_mood(server: SimulatedServer) -> None:
    """The mood is asked for right under it, and most people press before they read."""
    await schedule(server)
    sam = server.members[0]
    asked = follow_up(await sam.click(server.card(), label="Going"))
    await sam.click(asked, label="Either")
    private = [text_of(m) for m in server.jellies.history(viewer=sam) if m.flags.ephemeral]
    assert any(f"look for {server.organizer.mention}, the host" in text for text in private)


async def test_nothing_public_marks_a_newcomer(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    await server.after(HOUR)
    public = [text_of(m) for m in server.jellies.history() if not m.flags.ephemeral]
    assert not any("first" in text.casefold() for text in public)
    assert "first time here" not in await headcount(server, priya)
    assert "first time here" not in await headcount(server, sam)
    assert f"{sam.mention} · first time here" in await headcount(server, server.organizer)
    seen_by_jordan = [text_of(m) for m in server.jellies.history(viewer=jordan)]
    assert not any("first jelly" in text for text in seen_by_jordan)


async def test_whoever_has_been_before_is_not_told_of(server: SimulatedServer) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 + 7 * HOUR)
    await schedule(server, title="Next jelly", when="friday 10-16")
    pressed = await server.members[0].click(server.card("Next jelly"), label="Going")
    await server.after(HOUR)
    assert "first" not in follow_up(pressed).content
    assert not any("Next jelly" in letter for letter in letters(server.organizer))


async def test_hosting_ones_own_first_jelly_is_told_to_nobody(server: SimulatedServer) -> None:
    await schedule(server)
    pressed = await server.organizer.click(server.card(), label="Going")
    assert follow_up(pressed).content == "You're going! How do you like to work this time?"
    await server.after(HOUR)
    assert letters(server.organizer) == []


async def test_taking_it_back_before_the_host_is_told_tells_nobody(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Going")
    await sam.click(server.card(), label="Can't make it")
    await server.after(10 * MINUTE)
    [letter] = letters(server.organizer)
    assert f"First time: {priya.mention} will be" in letter
    assert sam.mention not in letter
    await priya.click(server.card(), label="Maybe")
    await server.after(HOUR)
    assert len(letters(server.organizer)) == 1


async def test_a_newcomer_who_takes_it_back_is_still_new_when_they_return(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    for label in ("Going", "Can't make it"):
        await sam.click(server.card(), label=label)
    await server.after(HOUR)
    assert letters(server.organizer) == []
    again = await sam.click(server.card(), label="Going")
    assert again.followups == []  # they have already got their welcome
    await server.after(HOUR)
    assert len(letters(server.organizer)) == 1


async def test_whoever_answered_by_command_first_is_asked_for_their_mood_on_the_card_once(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    said_so_far = [said(await answer(server, sam, what)) for what in ("going", "maybe", "going")]
    assert ["first jelly" in text for text in said_so_far] == [True, False, False]
    await sam.click(server.card(), label="Maybe")
    asked = follow_up(await sam.click(server.card(), label="Going")).content
    assert asked == "You're going! How do you like to work this time?"
    await sam.click(server.card(), label="Maybe")
    again = await sam.click(server.card(), label="Going")
    assert again.followups == []


async def test_a_newcomer_left_out_of_the_message_is_told_of_when_they_come_back(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Going")
    await sam.click(server.card(), label="Can't make it")
    await server.after(10 * MINUTE)
    await sam.click(server.card(), label="Going")
    await server.after(10 * MINUTE)
    assert any(sam.mention in letter for letter in letters(server.organizer))


async def test_a_newcomer_who_drops_the_first_date_is_new_to_the_host_of_the_second(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16", by=priya)
    await sam.click(server.card(), label="Going")
    await sam.click(server.card("Friday jelly"), label="Going")
    await sam.click(server.card(), label="Can't make it")
    await server.after(HOUR)
    assert [sam.mention in letter for letter in letters(priya)] == [True]


async def test_a_newcomer_is_new_where_they_come_first_whatever_they_pressed_first(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    await sam.click(server.card("Friday jelly"), label="Going")
    await sam.click(server.card(), label="Going")
    await server.after(HOUR)
    assert [sam.mention in letter for letter in letters(priya)] == [True]


async def test_a_first_jelly_that_was_called_off_was_none(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    await call_off(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    pressed = await sam.click(server.card("Friday jelly"), label="Going")
    assert "This is your first jelly here" in follow_up(pressed).content
    await server.after(HOUR)
    assert [sam.mention in letter for letter in letters(server.organizer)] == [True]


async def test_a_newcomer_after_one_whose_first_jelly_was_called_off_is_told_of(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await server.schedule()
    await server.schedule("Friday jelly", when="friday 10-16")
    for title in ("Thursday jelly", "Friday jelly"):
        await sam.click(server.card(title), label="Going")
    await server.after(15 * MINUTE)
    await call_off(server)
    await server.after(15 * MINUTE)
    told = letters(server.organizer)
    assert sam.mention in told[-1]
    await priya.click(server.card("Friday jelly"), label="Going")
    await server.after(15 * MINUTE)
    [word] = letters(server.organizer)[len(told) :]
    assert priya.mention in word


async def test_a_host_who_takes_over_is_the_one_who_is_told(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await edit(server, host=priya)
    await server.after(HOUR)
    assert letters(server.organizer) == []
    assert [sam.mention in letter for letter in letters(priya)[1:]] == [True]


async def test_a_host_whose_private_messages_are_closed_finds_it_in_the_headcount(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya)
    path = f"/channels/{priya.user.dm_channel.id}/messages"
    server.environment.inject_error("POST", path, status=403, code=50007, times=None)
    await sam.click(server.card(), label="Going")
    await server.after(HOUR)
    assert letters(priya) == []
    assert f"{sam.mention} · first time here" in await headcount(server, priya)
    assert "first time here" not in await headcount(server, jordan)
    assert "What didn't arrive" not in said(await priya.slash(server.jellies, "jelly list"))
    await server.at(THURSDAY_10 - HOUR)
    assert told(server, f"Going: {priya.mention} {sam.mention}") != []


async def test_private_messages_that_only_fail_for_a_while_arrive_later(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    path = f"/channels/{server.organizer.user.dm_channel.id}/messages"
    server.environment.inject_error("POST", path, status=503, times=2)
    await server.members[0].click(server.card(), label="Going")
    await server.after(10 * MINUTE)
    assert letters(server.organizer) == []
    for _ in range(3):
        await server.after(MINUTE)
    assert len(letters(server.organizer)) == 1


async def test_a_newcomer_who_begins_with_the_form_is_welcomed_too(server: SimulatedServer) -> None:
    await schedule(server)
    sent = await add_details(server, server.members[0], note="taxes")
    assert "This is your first jelly here" in follow_up(sent).content


async def test_a_newcomer_who_joins_the_line_with_the_form_is_welcomed_too(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST)
    sent = await add_details(server, server.members[0], note="taxes")
    assert "#1 on the waiting list" in follow_up(sent).content
    assert "This is your first jelly here" in follow_up(sent).content


async def test_a_newcomer_who_begins_with_the_command_is_welcomed_too(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    answered = await answer(server, server.members[0], "going")
    assert "This is your first jelly here" in said(answered)


async def test_a_newcomer_on_the_waiting_list_is_new_once_they_get_a_seat(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=HOST)
    sam = server.members[0]
    waits = await sam.click(server.card(), label="Join the waiting list")
    assert "This is your first jelly here" in follow_up(waits).content
    await server.after(HOUR)
    assert letters(server.organizer) == []
    await server.organizer.click(server.card(), label="Can't make it")
    await server.after(10 * MINUTE)
    assert [sam.mention in letter for letter in letters(server.organizer)] == [True]


async def test_a_jelly_called_off_tells_its_host_of_nobody(server: SimulatedServer) -> None:
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    await call_off(server)
    await server.after(HOUR)
    assert letters(server.organizer) == []
