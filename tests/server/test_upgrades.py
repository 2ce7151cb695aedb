"""A store that the first Jelly wrote works under today's, and nothing is lost or sent twice."""

from __future__ import annotations

import pytest
from simcord.components import walk_components

from bot.retention import forget
from data.limits import CORRECTIONS_TOGETHER
from data.models import Kept
from data.outbox.kinds import KINDS, UNDECIDED
from data.store.database import Database
from tests.moments import DAY, ENDS, FIRST_OF_DECEMBER, HOUR, MINUTE, THURSDAY_10, stamp
from tests.older_schemas import put_back
from tests.server.hosting import (
    hold,
    live_until,
    move,
    plan,
    press,
    summaries_for,
    thanks_in,
    told_alone,
)
from tests.server.simulated_server import BUTTONS, SimulatedServer, buttons_of, said, text_of


@pytest.mark.parametrize("schema", [1, 4])
async def test_an_older_store_is_brought_up_to_date_with_everything_in_it(
    server: SimulatedServer, schema: int
) -> None:
    sam, priya, jordan = server.members
    await server.organizer.slash(
        server.jellies, "settings", reminders="1 day, 1 hour", card="5 days"
    )
    settings = said(await server.organizer.slash(server.jellies, "settings"))
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.schedule("Friday jelly", when="friday 10-16")
    robin = server.organizer
    await robin.click(server.card("Friday jelly"), label="Going")
    await sam.slash(server.jellies, "rsvp", jelly="Friday", answer="going", note="my thesis")
    for member in (robin, priya, sam):
        await member.click(server.card("Weekly"), label="Going")
    await jordan.click(server.card("Weekly"), label="Maybe")
    await server.settle()
    cards = [text_of(card) for card in server.cards()]
    await upgrade(server, schema)
    assert [text_of(card) for card in server.cards()] == cards
    assert said(await server.organizer.slash(server.jellies, "settings")) == settings
    shown = said(await server.organizer.slash(server.chat, "headcount session", jelly="Friday"))
    assert f"**2 coming**\n{robin.mention} · host\n{sam.mention} · " in shown
    assert "my thesis" in shown
    # The card answers, in the same order, with the same counts.
    await jordan.click(server.card("Weekly"), label="Going")
    names = [who.mention for who in (robin, priya, sam, jordan)]
    assert f"**4 coming**\n{', '.join(names)}" in text_of(server.card("Weekly"))
    await sam.click(server.card("Weekly"), label="Can't make it")
    names.remove(sam.mention)
    assert f"**3 coming**\n{', '.join(names)}\n-# 1 can't make it" in text_of(server.card("Weekly"))
    # What was owed is still sent, once.
    for moment in (THURSDAY_10 - DAY, THURSDAY_10 - HOUR, THURSDAY_10):
        await server.at(moment)
    about = [message for message in server.said_ever() if "**Weekly**" in message]
    assert len(about) == 3
    assert priya.mention in about[0]
    assert "is on now" in about[2]


@pytest.mark.parametrize("schema", [1, 4])
async def test_why_something_did_not_arrive_is_still_told(
    server: SimulatedServer, schema: int
) -> None:
    await plan(server, server.organizer, server.members[0])
    await server.at(THURSDAY_10 + HOUR)
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "it was too late" in listed
    await upgrade(server, schema)
    assert said(await server.organizer.slash(server.jellies, "jelly list")) == listed


async def test_a_kind_of_message_that_is_new_is_owed_to_what_was_scheduled_before(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.delitem(KINDS, UNDECIDED.name)
        await server.start_again()
        await server.schedule()
        await server.members[0].click(server.card(), label="Maybe")
    await server.start_again()
    await server.at(THURSDAY_10 - DAY)
    assert any("you said maybe" in message for message in server.said_ever())


async def test_people_known_before_an_upgrade_are_no_newcomers_after_it(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await hold(server, sam)
    await server.schedule("Friday jelly", when="friday 10-16")
    await upgrade(server)
    told = told_alone(server.organizer)
    known = await sam.click(server.card("Friday jelly"), label="Going")
    assert [one.content for one in known.followups] == [
        "You're going! How do you like to work this time?"
    ]
    new = await priya.click(server.card("Friday jelly"), label="Going")
    assert "Welcome!" in new.followups[0].content
    await server.after(15 * MINUTE)
    [word] = told_alone(server.organizer)[len(told) :]
    assert priya.mention in word
    assert sam.mention not in word


async def test_those_who_were_going_before_an_upgrade_are_not_asked_again_after_it(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await server.schedule()
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")
    await upgrade(server)
    for label in ("Going", "Maybe", "Going"):
        assert (await sam.click(server.card(), label=label)).followups == []
    asked = await priya.click(server.card(), label="Going")
    assert "How do you like to work this time?" in asked.followups[0].content


async def test_no_card_is_edited_because_of_an_upgrade_alone(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.settle()
    await server.database.close()
    put_back(server.file, to=1)
    server.database = await Database.open(server.file)
    assert await server.read("SELECT 1 FROM mirror WHERE version <> version_shown") == []
    await server.restart()


async def test_someone_who_came_before_an_upgrade_is_no_newcomer_at_an_earlier_made_date(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.schedule("Tuesday jelly", when="tuesday 10-16")
    await sam.click(server.card("Tuesday jelly"), label="Going")
    await sam.click(server.card("Weekly"), label="Going")
    await server.at(THURSDAY_10 - DAY)  # Tuesday is over
    await upgrade(server)
    shown = said(await server.organizer.slash(server.chat, "headcount session", jelly="26 nov"))
    assert sam.mention in shown
    assert "first time here" not in shown


async def test_what_was_planned_before_an_upgrade_gets_what_is_new(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await plan(server, sam)
    await priya.click(server.card(), label="Maybe")
    await upgrade(server)
    await server.at(THURSDAY_10 - DAY)
    assert [one for one in server.said_ever() if "you said maybe" in one] != []
    await server.at(THURSDAY_10)
    assert buttons_of(server.card())[:2] == ["I'm here", "Heading off"]
    await server.at(ENDS)
    assert buttons_of(server.card()) == ["I was there", "I wasn't there"]
    await server.at(ENDS + HOUR)
    assert len(summaries_for(server.organizer)) == 1
    await server.at(ENDS + DAY)
    assert buttons_of(server.card()) == []
    await server.at(FIRST_OF_DECEMBER)
    assert len(thanks_in(server)) == 1


async def test_what_was_on_its_way_at_an_upgrade_arrives_once(server: SimulatedServer) -> None:
    sam = server.members[0]
    await server.schedule()
    await server.schedule("Friday jelly", when="friday 10-16")
    await sam.click(server.card("Thursday jelly"), label="Going")
    await sam.click(server.card("Friday jelly"), label="Going")
    server.clock.moment = THURSDAY_10 - DAY
    claimed = int(server.clock.moment.timestamp())
    await server.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', attempts = 1, first_try_at = :at, "
            "try_at = :at + 60 WHERE kind = 'reminder' AND before = 86400 AND session_id = 1",
            at=claimed,
        )
    )
    await upgrade(server)
    await server.after(10 * MINUTE)
    [reminder] = [one for one in server.said_ever() if "**Thursday jelly**" in one]
    assert sam.mention in reminder
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await move(server, "Friday jelly", "saturday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    assert not any("has moved" in one for one in server.said_ever())
    await upgrade(server)
    await server.after(10 * MINUTE)
    [moved] = [one for one in server.said_ever() if "has moved" in one]
    assert stamp(THURSDAY_10 + DAY, "F") in moved
    assert stamp(THURSDAY_10 + 2 * DAY, "F") in moved
    assert f"Going: {sam.mention}" in moved


async def test_a_card_from_before_an_upgrade_gets_what_is_new(server: SimulatedServer) -> None:
    await server.schedule()
    backend = server.environment.backend
    card = server.card()
    components = backend.get_message(card.channel.id, card.id).components
    for row in walk_components(components):
        if row["type"] == 1:  # the first Jelly knew three buttons
            row["components"] = row["components"][:3]
    backend.edit_message(card.channel.id, card.id, {"components": components})
    assert buttons_of(server.card()) == ["Going", "Maybe", "Can't make it"]
    await upgrade(server)
    assert buttons_of(server.card()) == BUTTONS


async def test_a_jelly_that_ended_just_before_an_upgrade_is_summed_up(
    server: SimulatedServer,
) -> None:
    await hold(server, server.members[0])
    await server.at(ENDS + 30 * MINUTE)
    await upgrade(server)
    await live_until(server, ENDS + DAY)
    assert len(summaries_for(server.organizer)) == 1


async def test_who_came_before_an_upgrade_is_known_when_the_time_of_it_is_forgotten(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await plan(server, *server.members)
    await server.at(THURSDAY_10 + HOUR)
    await sam.click(server.card(), label="I'm here")
    await live_until(server, ENDS + 2 * DAY)
    await upgrade(server, 4)
    await server.at(ENDS + 40 * DAY)
    await forget(server.database, Kept(), now=server.clock.moment, pause=0)
    assert await server.read("SELECT 1 FROM rsvp WHERE arrived_at IS NOT NULL") == []
    for member, jellies in zip(server.members, (1, 0, 0), strict=True):
        told = said(await member.slash(server.chat, "me record"))
        assert ("You've been to 1 jelly at 1 place" in told) == bool(jellies)


async def test_a_preview_of_a_change_that_was_open_at_an_upgrade_is_saved(
    server: SimulatedServer,
) -> None:
    """What its author left alone is not known of it, so all of it counts as typed."""
    await server.schedule()
    preview, older = [
        await server.organizer.slash(
            server.jellies, "jelly move", jelly="Thursday jelly", when=when, where="The Shrew"
        )
        for when in ("friday 10-16", "saturday 10-16")
    ]
    await upgrade(server, 6)
    await press(server.organizer, preview, "Save it")
    await server.settle()
    assert stamp(THURSDAY_10 + DAY, "F") in text_of(server.card())
    assert "The Shrew" in text_of(server.card())
    await press(server.organizer, older, "Save it")
    assert "was changed while you were editing it" in said(older)
    await press(server.organizer, older, "Save mine")
    await server.settle()
    assert stamp(THURSDAY_10 + 2 * DAY, "F") in text_of(server.card())


async def test_an_upgrade_is_done_once(server: SimulatedServer) -> None:
    await plan(server, server.members[0])
    await upgrade(server)
    await server.at(ENDS)
    await server.restart()
    await server.start_again()
    await server.at(ENDS + HOUR)
    await server.kill()
    await server.start_again()
    await server.after(HOUR)
    assert len(summaries_for(server.organizer)) == 1


async def upgrade(server: SimulatedServer, schema: int | None = 1) -> None:
    """Puts the store back to what an older Jelly wrote, and starts today's on it.

    With ``schema`` None its schema is today's.
    """
    await server.settle()
    await server.database.close()
    if schema is not None:
        put_back(server.file, to=schema)
    server.database = await Database.open(server.file)
    await server.restart()
    await server.start_again()
