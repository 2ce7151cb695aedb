"""One's own record, and how one likes to work."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.moments import DAY, THURSDAY_10, stamp
from tests.server.hosting import hold, open_next_door, press, schedule_with
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_me_shows_ones_own_record_and_nobody_elses(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    nothing = await sam.slash(server.chat, "me record")
    assert nothing.ephemeral
    assert "haven't been to a jelly here yet" in said(nothing)
    await schedule_with(server, host=priya)
    await server.schedule("Friday jelly", when="friday 10-16", where="  THE ALB")
    await server.schedule("Saturday jelly", when="saturday 10-16", where="The Shrew")
    for card in ("Thursday jelly", "Friday jelly", "Saturday jelly"):
        await sam.click(server.card(card), label="Going")
    for day, card in enumerate(("Thursday jelly", "Friday jelly")):
        await server.at(THURSDAY_10 + day * DAY)
        await sam.click(server.card(card), label="I'm here")
    await server.at(THURSDAY_10 + 3 * DAY)
    mine = said(await sam.slash(server.chat, "me record"))
    assert "You've been to 2 jellies at 1 place." in mine
    assert "Saturday jelly" not in mine
    lines = mine.splitlines()
    assert lines[2].startswith(stamp(THURSDAY_10 + DAY, "D"))
    assert lines[3].startswith(stamp(THURSDAY_10, "D"))
    assert "Only you can see this" in mine
    hers = said(await priya.slash(server.chat, "me record"))
    assert "You've hosted 1 jelly." in hers
    assert "Thursday jelly" not in hers
    assert sam.mention not in hers


async def test_another_servers_jellies_do_not_count(server: SimulatedServer) -> None:
    await hold(server, server.members[0])
    sam = server.members[0]
    await sam.click(server.card(), label="I was there")
    other = await open_next_door(server)
    there = other.guild.add_member(sam.user)
    await sam.slash(server.chat, "me record")
    assert "haven't been to a jelly here yet" in said(await there.slash(other.channel, "me record"))
    shown = await there.slash(other.channel, "me record")
    await press(there, shown, "Heads-down")
    assert "asked each time" in said(await sam.slash(server.chat, "me record"))


async def test_me_changes_how_one_likes_to_work(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    shown = await sam.slash(server.chat, "me record")
    assert shown.response is not None
    assert "How you like to work: asked each time" in said(shown)
    assert buttons_of(shown.response) == [
        *("Heads-down", "Either", "Up for a chat", "Ask each time", "No invitations")
    ]
    changed = await sam.click(shown.response, label="Heads-down")
    assert changed.response is not None
    assert changed.response.id == shown.response.id
    assert "How you like to work: Heads-down" in said(changed)
    assert "asked each time" in said(await priya.slash(server.chat, "me record"))
    pressed = await sam.click(server.card(), label="Going")
    assert "How do you like to work" not in pressed.followups[0].content  # only a welcome
    assert "**2 coming** · 1 heads-down" in text_of(server.card())
    await server.restart()
    again = await sam.click(changed.response, label="Ask each time")
    assert "asked each time" in said(again)
    await server.schedule("Friday jelly", when="friday 10-16")
    asked = await sam.click(server.card("Friday jelly"), label="Going")
    assert "You're going! How do you like to work this time?" in asked.followups[0].content


async def test_the_mood_someone_says_on_the_way_is_remembered(server: SimulatedServer) -> None:
    await server.schedule()
    sam = server.members[0]
    asked = await sam.click(server.card(), label="Going")
    await sam.click(asked.followups[0], label="Up for a chat")
    assert "How you like to work: Up for a chat" in said(await sam.slash(server.chat, "me record"))


async def test_me_lists_the_latest_twenty_and_has_a_page_for_the_others(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await server.schedule("Daily", when="every day 10-11")
    start = datetime(2026, 11, 23, 10, tzinfo=UTC)
    for day in range(24):
        await server.at(start + day * DAY)
        [card] = [card for card in server.cards() if "I'm here" in buttons_of(card)]
        await sam.click(card, label="I'm here")
    shown = await sam.slash(server.chat, "me record")
    text = said(shown)
    assert "You've been to 24 jellies at 1 place" in text
    listed = [line for line in text.splitlines() if line.startswith("<t:")]
    assert listed[0].startswith(stamp(start + 23 * DAY, "D"))
    assert len(listed) == 20
    assert "-# and 4 more" in text
    await server.restart()
    assert shown.response is not None
    text = said(await sam.click(shown.response, label="Next page"))
    assert "You've been to 24 jellies at 1 place" in text
    assert len([line for line in text.splitlines() if line.startswith("<t:")]) == 4
    text = said(await sam.click(shown.response, label="First page"))
    assert "-# and 4 more" in text
