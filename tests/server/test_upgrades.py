"""A store that the first Jelly wrote works on under today's, and nothing is lost or said twice."""

from __future__ import annotations

from simcord.components import walk_components

from data.store.database import Database
from tests.older_schemas import put_back
from tests.server.hosting import (
    ENDS,
    FIRST_OF_DECEMBER,
    MINUTE,
    hold,
    live_until,
    move,
    plan,
    summaries_for,
    thanks_in,
    told_alone,
)
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_reminding import DAY, HOUR
from tests.server.test_scheduling import THURSDAY_10, stamp


async def test_an_older_store_is_brought_up_to_date_with_everything_in_it(town: Town) -> None:
    sam, priya, jordan = town.members
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.schedule("Friday jelly", when="friday 10-16")
    await sam.slash(town.jellies, "rsvp", session="Friday", answer="going", note="my thesis")
    for member in (priya, sam):
        await member.click(town.card("Weekly"), label="Going")
    await jordan.click(town.card("Weekly"), label="Maybe")
    await town.settle()
    cards = [text_of(card) for card in town.cards()]
    await _upgrade(town)
    assert [text_of(card) for card in town.cards()] == cards
    shown = said(await town.organizer.slash(town.chat, "headcount session", which="Friday"))
    assert f"**1 going**\n{sam.mention} · " in shown
    assert "my thesis" in shown
    # The card answers, in the same order, with the same counts.
    await jordan.click(town.card("Weekly"), label="Going")
    assert f"**3 going**\n{priya.mention}, {sam.mention}, {jordan.mention}" in text_of(
        town.card("Weekly")
    )
    await sam.click(town.card("Weekly"), label="Can't make it")
    assert f"**2 going** · 1 can't make it\n{priya.mention}, {jordan.mention}" in text_of(
        town.card("Weekly")
    )
    # What was owed is still sent, once.
    for moment in (THURSDAY_10 - DAY, THURSDAY_10 - HOUR, THURSDAY_10):
        await town.at(moment)
    about = [message for message in town.messages() if "**Weekly**" in message]
    assert len(about) == 3
    assert priya.mention in about[0]
    assert "starts now" in about[2]


async def test_people_known_before_an_upgrade_are_no_newcomers_after_it(town: Town) -> None:
    sam, priya, _ = town.members
    await hold(town, sam)
    await town.schedule("Friday jelly", when="friday 10-16")
    await _upgrade(town)
    told = told_alone(town.organizer)
    known = await sam.click(town.card("Friday jelly"), label="Going")
    assert [one.content for one in known.followups] == [
        "You are going. How do you like to work this time?"
    ]
    new = await priya.click(town.card("Friday jelly"), label="Going")
    assert "Welcome!" in new.followups[0].content
    await town.after(15 * MINUTE)
    [word] = told_alone(town.organizer)[len(told) :]
    assert priya.mention in word
    assert sam.mention not in word


async def test_those_who_were_going_before_an_upgrade_are_not_asked_again_after_it(
    town: Town,
) -> None:
    sam, priya, _ = town.members
    await town.schedule()
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Maybe")
    await _upgrade(town)
    for label in ("Going", "Maybe", "Going"):
        assert (await sam.click(town.card(), label=label)).followups == []
    asked = await priya.click(town.card(), label="Going")
    assert "How do you like to work this time?" in asked.followups[0].content


async def test_no_card_is_edited_because_of_an_upgrade_alone(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.settle()
    await town.database.close()
    put_back(town.file, to=1)
    town.database = await Database.open(town.file)
    assert await town.read("SELECT 1 FROM mirror WHERE version <> version_shown") == []
    await town.restart()


async def test_somebody_who_came_before_an_upgrade_is_no_newcomer_at_an_earlier_made_date(
    town: Town,
) -> None:
    sam = town.members[0]
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.schedule("Tuesday jelly", when="tuesday 10-16")
    await sam.click(town.card("Tuesday jelly"), label="Going")
    await sam.click(town.card("Weekly"), label="Going")
    await town.at(THURSDAY_10 - DAY)  # Tuesday is over
    await _upgrade(town)
    shown = said(await town.organizer.slash(town.chat, "headcount session", which="26 nov"))
    assert sam.mention in shown
    assert "first time here" not in shown


async def test_what_was_planned_before_an_upgrade_gets_what_is_new(town: Town) -> None:
    sam, priya, _ = town.members
    await plan(town, sam)
    await priya.click(town.card(), label="Maybe")
    await _upgrade(town)
    await town.at(THURSDAY_10 - DAY)
    assert [one for one in town.messages() if "you said maybe" in one] != []
    await town.at(THURSDAY_10)
    assert buttons_of(town.card())[:2] == ["I'm here", "Heading off"]
    await town.at(ENDS)
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]
    await town.at(ENDS + HOUR)
    assert len(summaries_for(town.organizer)) == 1
    await town.at(ENDS + DAY)
    assert buttons_of(town.card()) == []
    await town.at(FIRST_OF_DECEMBER)
    assert len(thanks_in(town)) == 1


async def test_what_was_on_its_way_at_an_upgrade_arrives_once(town: Town) -> None:
    sam = town.members[0]
    await town.schedule()
    await town.schedule("Friday jelly", when="friday 10-16")
    await sam.click(town.card("Thursday jelly"), label="Going")
    await sam.click(town.card("Friday jelly"), label="Going")
    town.clock.moment = THURSDAY_10 - DAY
    claimed = int(town.clock.moment.timestamp())
    await town.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', attempts = 1, first_try_at = :at, "
            "try_at = :at + 60 WHERE kind = 'reminder' AND before = 86400 AND session_id = 1",
            at=claimed,
        )
    )
    await _upgrade(town)
    await town.after(10 * MINUTE)
    [reminder] = [one for one in town.messages() if "**Thursday jelly**" in one]
    assert sam.mention in reminder
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await move(town, "Friday jelly", "saturday 10-16")
    assert not any("has moved" in one for one in town.messages())
    await _upgrade(town)
    await town.after(10 * MINUTE)
    [moved] = [one for one in town.messages() if "has moved" in one]
    assert stamp(THURSDAY_10 + DAY, "F") in moved
    assert stamp(THURSDAY_10 + 2 * DAY, "F") in moved
    assert f"Going: {sam.mention}" in moved


async def test_a_card_from_before_an_upgrade_gets_what_is_new(town: Town) -> None:
    await town.schedule()
    backend = town.environment.backend
    card = town.card()
    components = backend.get_message(card.channel.id, card.id).components
    for row in walk_components(components):
        if row["type"] == 1:  # the first Jelly knew three buttons
            row["components"] = row["components"][:3]
    backend.edit_message(card.channel.id, card.id, {"components": components})
    assert buttons_of(town.card()) == ["Going", "Maybe", "Can't make it"]
    await _upgrade(town)
    assert buttons_of(town.card()) == ["Going", "Maybe", "Can't make it", "Add details"]


async def test_a_jelly_that_ended_just_before_an_upgrade_is_summed_up(town: Town) -> None:
    await hold(town, town.members[0])
    await town.at(ENDS + 30 * MINUTE)
    await _upgrade(town)
    await live_until(town, ENDS + DAY)
    assert len(summaries_for(town.organizer)) == 1


async def test_an_upgrade_is_done_once(town: Town) -> None:
    await plan(town, town.members[0])
    await _upgrade(town)
    await town.at(ENDS)
    await town.restart()
    await town.start_again()
    await town.at(ENDS + HOUR)
    await town.kill()
    await town.start_again()
    await town.after(HOUR)
    assert len(summaries_for(town.organizer)) == 1


async def _upgrade(town: Town) -> None:
    """Put the store back to what the first Jelly wrote, and start today's on it."""
    await town.settle()
    await town.database.close()
    put_back(town.file, to=1)
    town.database = await Database.open(town.file)
    await town.restart()
    await town.start_again()
