"""Those going are told of a move: corrections are one notice, and a host moves a date rarely."""

from __future__ import annotations

from datetime import timedelta

import simcord

from data.limits import CORRECTIONS_TOGETHER, MOST_MOVES, MOVES_APART
from tests.moments import DAY, HOUR, MINUTE, SECOND, THURSDAY_10, WEEK, stamp
from tests.server.actions import call_off, member, mine, press_in_turn, schedule, told
from tests.server.hosting import press
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def proposed(
    server: SimulatedServer, who: simcord.MemberActor, jelly: str = "Thursday jelly", **to: str
) -> simcord.InteractionResult:
    """Returns the preview of a move to another time or place."""
    return await who.slash(server.jellies, "jelly move", jelly=jelly, **to)


async def move(server: SimulatedServer, who: simcord.MemberActor, **to: str) -> None:
    """Moves the jelly, or fails if it is refused."""
    await press(who, await proposed(server, who, **to), "Save it")
    await server.settle()


async def moved(server: SimulatedServer, who: simcord.MemberActor, **to: str) -> None:
    """Moves the jelly, and lets everybody be told of it."""
    await move(server, who, **to)
    await server.after(CORRECTIONS_TOGETHER)


async def test_corrections_within_two_minutes_are_one_notice(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server)
    await press_in_turn(server, sam, priya)
    for hour in range(1, 6):
        await move(server, server.organizer, when=f"friday {10 + hour}-20")
        await server.after(20 * SECOND)
    await move(server, server.organizer, where="The Shrew")
    assert told(server, "has moved") == []
    await server.after(20 * SECOND - timedelta(microseconds=1))
    assert server.messages() == []
    await server.after(timedelta(microseconds=1))
    [notice] = told(server, "has moved")
    friday_15 = THURSDAY_10 + DAY + 5 * HOUR
    assert stamp(THURSDAY_10, "F") in notice.content
    assert f"to **{stamp(friday_15, 'F')}**" in notice.content
    assert "is now at **The Shrew** instead of The Alb" in notice.content
    assert sorted(mentioned_users(server)[-1]) == sorted([sam.id, priya.id])
    await server.after(HOUR)
    assert len(server.messages()) == 1


async def test_the_card_shows_a_move_at_once(server: SimulatedServer) -> None:
    await schedule(server)
    await move(server, server.organizer, when="friday 10-16")
    assert stamp(THURSDAY_10 + DAY, "F") in text_of(server.card())
    assert server.messages() == []


async def test_who_has_yet_to_confirm_reads_it_among_their_answers(server: SimulatedServer) -> None:
    """Before the notice is sent, and after a reminder has taken its place."""
    sam, priya, _ = server.members
    await schedule(server)
    await press_in_turn(server, sam, priya)
    await moved(server, server.organizer, when="thursday 13-16")
    assert await mine(server, sam) == "Going, yet to confirm the new time"
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"
    await server.at(THURSDAY_10 + 2 * HOUR)
    assert await mine(server, priya) == "Going, yet to confirm the new time"
    await server.at(THURSDAY_10 + 3 * HOUR)
    assert await mine(server, priya) == "Going"


async def test_what_was_moved_back_in_time_is_never_told(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    await move(server, priya, when="friday 10-16")
    assert "yet to confirm" in text_of(server.card())
    await server.after(MINUTE)
    await move(server, priya, when="thursday 10-16")
    assert "yet to confirm" not in text_of(server.card())
    await server.after(HOUR)
    assert server.messages() == []


async def test_moving_back_after_the_notice_is_told_and_still_asks(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server)
    await sam.click(server.card(), label="Going")
    await moved(server, server.organizer, when="friday 10-16")
    await moved(server, server.organizer, when="thursday 10-16")
    assert len(told(server, "has moved")) == 2
    await move(server, server.organizer, when="saturday 10-16")
    await moved(server, server.organizer, when="thursday 10-16")
    assert len(told(server, "has moved")) == 2
    assert "yet to confirm" in text_of(server.card())


async def test_the_notice_comes_at_the_start_at_the_latest(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server)
    await sam.click(server.card(), label="Going")
    await server.at(THURSDAY_10 - 2 * HOUR)
    await move(server, server.organizer, when="today 8:01-16")
    await server.after(MINUTE)
    [notice] = told(server, "has moved")
    assert stamp(THURSDAY_10 - 2 * HOUR + MINUTE, "F") in notice.content


async def test_calling_off_tells_at_once_and_names_the_time_that_people_knew(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await schedule(server)
    await sam.click(server.card(), label="Going")
    await move(server, server.organizer, when="friday 10-16")
    await call_off(server)
    [notice] = server.messages()
    assert f"**Thursday jelly** on {stamp(THURSDAY_10, 'F')} is called off" in notice
    assert mentioned_users(server)[-1] == [sam.id]
    await server.after(HOUR)
    assert len(server.messages()) == 1


async def test_who_moves_or_calls_off_is_named_and_not_notified(server: SimulatedServer) -> None:
    robin, (sam, priya, _) = server.organizer, server.members
    await schedule(server, by=priya)
    await server.after(HOUR)
    await sam.click(server.card(), label="Going")
    await moved(server, priya, when="friday 10-16")
    [notice] = told(server, "has moved")
    assert priya.mention in notice.content
    assert mentioned_users(server)[-1] == [sam.id]
    await moved(server, robin, when="saturday 10-16")
    assert mentioned_users(server)[-1] == [priya.id, sam.id]
    await call_off(server)
    assert mentioned_users(server)[-1] == [priya.id, sam.id]


async def test_when_several_correct_a_move_all_are_notified(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await server.after(HOUR)
    await sam.click(server.card(), label="Going")
    await move(server, server.organizer, when="friday 10-16")
    await server.after(MINUTE)
    await moved(server, priya, when="friday 11-16")
    assert mentioned_users(server)[-1] == [priya.id, sam.id]


async def test_a_notice_that_waits_comes_after_a_restart_too(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server)
    await sam.click(server.card(), label="Going")
    await move(server, server.organizer, when="friday 10-16")
    await server.kill()
    await server.start_again()
    assert server.messages() == []
    await server.after(CORRECTIONS_TOGETHER)
    assert len(told(server, "has moved")) == 1


# How often a host may move a date.


async def test_a_host_moves_a_date_three_times_an_hour_apart(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    for number, day in enumerate(("friday", "saturday", "sunday"), 1):
        await moved(server, priya, when=f"{day} 10-16")
        assert len(told(server, "has moved")) == number
        await server.after(MOVES_APART - CORRECTIONS_TOGETHER - SECOND)
        too_soon = await proposed(server, priya, when=f"{day} 12-16")
        assert ("was moved a short while ago" in said(too_soon)) == (number < MOST_MOVES)
        await server.after(SECOND)
    refused = await proposed(server, priya, where="The Shrew")
    assert (
        f"Thursday jelly on {stamp(THURSDAY_10 + 3 * DAY, 'F')} has been moved 3 times already, "
        "so only organizers can move it now; ask one of them." in said(refused)
    )
    assert refused.response is not None
    assert "Save it" not in buttons_of(refused.response)
    await server.after(DAY)
    assert "has been moved 3 times" in said(await proposed(server, priya, when="sunday 18-20"))
    await moved(server, server.organizer, when="sunday 18-20")
    assert len(told(server, "has moved")) == MOST_MOVES + 1


async def test_a_move_too_soon_says_when_it_can_be_moved_next(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    began_at = server.clock.now()
    await moved(server, priya, when="friday 10-16")
    refused = await proposed(server, priya, when="friday 11-16")
    assert (
        f"You can move it again from {stamp(began_at + MOVES_APART, 'F')}, or ask an organizer"
        in said(refused)
    )
    assert f"to **{stamp(THURSDAY_10 + DAY, 'F')}**" in told(server, "has moved")[0].content


async def test_a_correction_does_not_count(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    for minute in range(6):
        await move(server, priya, when=f"friday 10:{minute}0-16")
    await server.after(MOVES_APART)
    for day in ("saturday", "sunday"):
        await moved(server, priya, when=f"{day} 10-16")
        await server.after(MOVES_APART)
    assert len(told(server, "has moved")) == MOST_MOVES
    assert "has been moved 3 times" in said(await proposed(server, priya, when="sunday 18-20"))


async def test_a_move_that_was_taken_back_does_not_count(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    for _ in range(MOST_MOVES + 1):
        await move(server, priya, when="friday 10-16")
        await moved(server, priya, when="thursday 10-16")
    await moved(server, priya, when="friday 10-16")
    assert len(told(server, "has moved")) == 1
    assert "a short while ago" in said(await proposed(server, priya, when="thursday 10-16"))


async def test_what_tells_nobody_is_not_limited(server: SimulatedServer) -> None:
    """Other changes than time and place, and dates of which nobody knows yet."""
    sam, priya, _ = server.members
    await schedule(server, title="Far away", when="jan 14 10-16", by=priya)
    for day in range(15, 20):
        preview = await proposed(server, priya, "Far away", when=f"jan {day} 10-16")
        await press(priya, preview, "Save it")
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    for hour in range(17, 22):
        await move(server, priya, when=f"thursday 10-{hour}")
    await server.after(HOUR)
    assert server.messages() == []


async def test_organizers_move_as_often_as_they_like(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    for hour in range(11, 16):
        await moved(server, server.organizer, when=f"thursday {hour}-20")
    assert len(told(server, "has moved")) == 5
    await moved(server, priya, when="friday 10-16")
    assert len(told(server, "has moved")) == 6


async def test_a_series_moves_its_dates_as_rarely_and_the_date_is_named(
    server: SimulatedServer,
) -> None:
    priya, kim = server.members[1], member(server, "Kim")
    await schedule(server, title="Weekly", when="every thursday 10-16", by=priya)
    await kim.click(server.card("Weekly"), label="Going")
    await move_all(server, priya, "every thursday 11-16")
    await server.after(CORRECTIONS_TOGETHER)
    assert len(told(server, "has moved")) == 1
    refused = await preview_of_all(server, priya, "every thursday 12-16")
    hour_later = THURSDAY_10 + HOUR
    assert f"Weekly on {stamp(hour_later, 'F')} was moved a short while ago" in said(refused)
    await server.after(MOVES_APART)
    await move_all(server, priya, "every thursday 12-16")
    await server.after(MOVES_APART)
    await move_all(server, priya, "every thursday 13-16")
    await server.after(MOVES_APART)
    assert len(told(server, "has moved")) == MOST_MOVES
    refused = await preview_of_all(server, priya, "every friday 10-16")
    assert f"Weekly on {stamp(THURSDAY_10 + 3 * HOUR, 'F')} has been moved 3" in said(refused)
    starts = await server.read("SELECT starts_at FROM session ORDER BY starts_at")
    assert starts[1]["starts_at"] == int((THURSDAY_10 + WEEK + 3 * HOUR).timestamp())


async def preview_of_all(
    server: SimulatedServer, who: simcord.MemberActor, when: str
) -> simcord.InteractionResult:
    """Returns the preview of other words for a whole series."""
    listed = await who.autocomplete(server.jellies, "jelly edit", "jelly", "Weekly")
    series = next(one["value"] for one in listed if one["value"].startswith("series:"))
    form = await who.slash(server.jellies, "jelly edit", jelly=series)
    assert form.modal is not None
    return await who.submit_modal(
        form, {"what": "Weekly", "when": when, "where": "The Alb", "about": "", "host": [who]}
    )


async def move_all(server: SimulatedServer, who: simcord.MemberActor, when: str) -> None:
    await press(who, await preview_of_all(server, who, when), "Save it")
    await server.settle()
