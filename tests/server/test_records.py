"""One's own record, and how one likes to work."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.server.hosting import hold, open_next_door, press, schedule_with
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_reminding import DAY
from tests.server.test_scheduling import THURSDAY_10, stamp


async def test_me_shows_ones_own_record_and_nobody_elses(town: Town) -> None:
    sam, priya, _ = town.members
    nothing = await sam.slash(town.chat, "me")
    assert nothing.ephemeral
    assert "not been at a jelly here yet" in said(nothing)
    await schedule_with(town, host=priya)
    await town.schedule("Friday jelly", when="friday 10-16", where="  THE ALB")
    await town.schedule("Saturday jelly", when="saturday 10-16", where="The Shrew")
    for card in ("Thursday jelly", "Friday jelly", "Saturday jelly"):
        await sam.click(town.card(card), label="Going")
    for day, card in enumerate(("Thursday jelly", "Friday jelly")):
        await town.at(THURSDAY_10 + day * DAY)
        await sam.click(town.card(card), label="I'm here")
    await town.at(THURSDAY_10 + 3 * DAY)
    mine = said(await sam.slash(town.chat, "me"))
    assert "You were at 2 jellies in 1 place." in mine
    assert "Saturday jelly" not in mine
    lines = mine.splitlines()
    assert lines[2].startswith(stamp(THURSDAY_10 + DAY, "D"))
    assert lines[3].startswith(stamp(THURSDAY_10, "D"))
    assert "Only you can see this" in mine
    hers = said(await priya.slash(town.chat, "me"))
    assert "You hosted 1 jelly." in hers
    assert "Thursday jelly" not in hers
    assert sam.mention not in hers


async def test_another_servers_jellies_do_not_count(town: Town) -> None:
    await hold(town, town.members[0])
    sam = town.members[0]
    await sam.click(town.card(), label="I was there")
    other = await open_next_door(town)
    there = other.guild.add_member(sam.user)
    await sam.slash(town.chat, "me")
    assert "not been at a jelly here yet" in said(await there.slash(other.channel, "me"))
    shown = await there.slash(other.channel, "me")
    await press(there, shown, "Heads-down")
    assert "asked each time" in said(await sam.slash(town.chat, "me"))


async def test_me_changes_how_one_likes_to_work(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    shown = await sam.slash(town.chat, "me")
    assert shown.response is not None
    assert "How you like to work: asked each time" in said(shown)
    assert buttons_of(shown.response) == [
        *("Heads-down", "Either", "Up for a chat", "Ask each time")
    ]
    changed = await sam.click(shown.response, label="Heads-down")
    assert changed.response is not None
    assert changed.response.id == shown.response.id
    assert "How you like to work: Heads-down" in said(changed)
    assert "asked each time" in said(await priya.slash(town.chat, "me"))
    pressed = await sam.click(town.card(), label="Going")
    assert "How do you like to work" not in pressed.followups[0].content  # a welcome alone
    assert "**1 going: 1 heads-down**" in text_of(town.card())
    await town.restart()
    again = await sam.click(changed.response, label="Ask each time")
    assert "asked each time" in said(again)
    await town.schedule("Friday jelly", when="friday 10-16")
    asked = await sam.click(town.card("Friday jelly"), label="Going")
    assert "You are going. How do you like to work this time?" in asked.followups[0].content


async def test_the_mood_somebody_says_on_the_way_is_remembered(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    asked = await sam.click(town.card(), label="Going")
    await sam.click(asked.followups[0], label="Up for a chat")
    assert "How you like to work: Up for a chat" in said(await sam.slash(town.chat, "me"))


async def test_me_lists_the_latest_ten(town: Town) -> None:
    sam = town.members[0]
    await town.schedule("Daily", when="every day 10-11")
    start = datetime(2026, 11, 23, 10, tzinfo=UTC)
    for day in range(12):
        await town.at(start + day * DAY)
        [card] = [card for card in town.cards() if "I'm here" in buttons_of(card)]
        await sam.click(card, label="I'm here")
    text = said(await sam.slash(town.chat, "me"))
    assert "You were at 12 jellies in 1 place" in text
    listed = [line for line in text.splitlines() if line.startswith("<t:")]
    assert listed[0].startswith(stamp(start + 11 * DAY, "D"))
    assert len(listed) == 10
