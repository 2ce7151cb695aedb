"""A channel or card that was deleted: what depended on it is planned anew, or someone is told."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest
import simcord

from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10, WEEK
from tests.server.hosting import live_until, open_next_door, press, schedule_with, told_alone
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

ORDERS = ("settings first", "deletion first", "deletion while away", "both while nobody noticed")


def _cards_in(channel: simcord.ChannelHandle) -> list[discord.Message]:
    return [
        message
        for message in channel.history()
        if not message.flags.ephemeral and text_of(message).startswith("## ")
    ]


def _lines_in(channel: simcord.ChannelHandle) -> list[discord.Message]:
    return [
        message for message in channel.history() if message.content and not message.flags.ephemeral
    ]


async def _delete(server: SimulatedServer, channel: simcord.ChannelHandle) -> None:
    server.environment.backend.delete_channel(channel.id)
    await server.environment.settle()
    await server.settle()


async def _choose(server: SimulatedServer, channel: simcord.ChannelHandle) -> None:
    await server.organizer.slash(server.chat, "settings", channel=channel)
    await server.settle()


def _unnoticed(server: SimulatedServer, channel: simcord.ChannelHandle) -> None:
    """Has Discord refuse everything in a channel, as if its deletion had not been told."""
    for method in ("POST", "PATCH", "GET"):
        server.environment.inject_error(
            method,
            f"/channels/{channel.id}/messages*",
            status=404,
            code=10003,
            message="Unknown Channel",
            times=None,
        )


async def _replace(server: SimulatedServer, order: str) -> simcord.ChannelHandle:
    """Deletes the channel for jellies and chooses another; returns the new one."""
    old, new = server.jellies, server.guild.create_text_channel("new")
    match order:
        case "settings first":
            await _choose(server, new)
            await _delete(server, old)
        case "deletion first":
            await _delete(server, old)
            await _choose(server, new)
        case "deletion while away":
            await server.bot.close()
            server.environment.backend.delete_channel(old.id)
            await server.restart()
            await server.start_again()
            await _choose(server, new)
        case _:
            _unnoticed(server, old)
            await _choose(server, new)
            await server.members[2].slash(
                server.chat, "rsvp", jelly="Thursday jelly", answer="declined"
            )
            await server.settle()
            await server.settle()
    return new


@pytest.mark.parametrize("order", ORDERS)
async def test_jellies_already_announced_go_on_in_the_new_channel(
    server: SimulatedServer, order: str
) -> None:
    host, guest, _ = server.members
    await schedule_with(server, host=host)
    await server.schedule("Weekly", when="every friday 10-16")
    await guest.click(server.card(), label="Going")
    new = await _replace(server, order)
    titles = {text_of(card).splitlines()[0] for card in _cards_in(new)}
    assert titles == {"## Thursday jelly", "## Weekly"}
    [card] = [card for card in _cards_in(new) if "Thursday" in text_of(card)]
    assert "**2 coming**" in text_of(card)
    for moment in (THURSDAY_10 - DAY, THURSDAY_10 - HOUR):
        await live_until(server, moment)
        [reminder] = [one for one in _lines_in(new) if "**Thursday jelly** is on" in one.content]
        assert buttons_of(reminder) == ["Open the card"]
    await live_until(server, THURSDAY_10)
    assert [one.content for one in _lines_in(new) if "is on now" in one.content] != []
    owed = await server.read(
        """
        SELECT kind FROM delivery
        WHERE channel_id = :old AND is_private = 0 AND state IN ('pending', 'sending', 'failed')
        """,
        old=server.jellies.id,
    )
    assert owed == []
    doctor = said(await server.organizer.slash(server.chat, "doctor"))
    assert "no card" not in doctor
    await server.members[1].click(card, label="Going")


@pytest.mark.parametrize("order", ["settings first", "both while nobody noticed"])
async def test_what_is_planned_anew_is_told_to_nobody_as_lost(
    server: SimulatedServer, order: str
) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await _replace(server, order)
    await server.after(2 * MINUTE)
    assert told_alone(host)[1:] == []  # after the question whether to host
    assert told_alone(server.organizer) == []


async def test_a_deleted_channel_is_told_at_once_and_once(server: SimulatedServer) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await _delete(server, server.jellies)
    await server.after(2 * MINUTE)
    [_, to_host] = told_alone(host)
    assert "The card for **Thursday jelly**" in to_host
    assert "the channel is gone" in to_host
    [to_organizer] = told_alone(server.organizer)
    assert "Choose another channel with `/settings`" in to_organizer
    await server.restart()
    await server.settle()
    await server.after(HOUR)
    assert len(told_alone(host)) == 2
    assert len(told_alone(server.organizer)) == 1


async def test_word_of_a_deleted_channel_that_was_replaced_within_a_minute_is_not_sent(
    server: SimulatedServer,
) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await _replace(server, "deletion first")
    await server.after(2 * MINUTE)
    assert told_alone(host)[1:] == []  # after the question whether to host
    assert told_alone(server.organizer) == []


async def test_what_is_on_its_way_to_a_deleted_channel_goes_to_the_new_one_too(
    server: SimulatedServer,
) -> None:
    """A notice is owed in the moment in which its channel is found to be gone."""
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    new = server.guild.create_text_channel("new")
    await _choose(server, new)
    _unnoticed(server, server.jellies)
    asked = await server.organizer.slash(server.chat, "jelly cancel", jelly="Thursday jelly")
    await press(server.organizer, asked, "Call it off")
    await server.settle()
    await server.after(5 * MINUTE)
    assert any("off" in one.content for one in _lines_in(new))


async def test_the_thanks_and_the_question_follow_to_the_new_channel(
    server: SimulatedServer,
) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await live_until(server, THURSDAY_10 + 2 * WEEK + 5 * HOUR)
    new = await _replace(server, "deletion first")
    await live_until(server, THURSDAY_10 + 2 * WEEK + DAY)
    assert any("Keep it going?" in one.content for one in _lines_in(new))


async def test_another_channel_that_is_deleted_changes_nothing(server: SimulatedServer) -> None:
    await server.schedule()
    other = server.guild.create_text_channel("other")
    before = await server.read("SELECT * FROM delivery")
    await _delete(server, other)
    assert await server.read("SELECT * FROM delivery") == before
    assert len(server.cards()) == 1


async def test_a_channel_of_another_server_is_not_taken_for_gone(server: SimulatedServer) -> None:
    there = await open_next_door(server)
    await server.schedule()
    await _delete(server, there.channel)
    await server.restart()
    await server.start_again()
    assert len(server.cards()) == 1
    assert await server.read("SELECT remote_id FROM mirror") == [{"remote_id": server.card().id}]


async def test_the_host_of_a_deleted_card_is_told_privately_once_and_posts_it_anew(
    server: SimulatedServer,
) -> None:
    host, guest, other = server.members
    await schedule_with(server, host=host)
    await server.organizer.delete(server.card())
    await guest.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    await server.settle()
    await server.after(2 * MINUTE)
    told = [one for one in told_alone(host) if "deleted" in one]
    assert len(told) == 1
    assert told[0].startswith("### A card was deleted")
    assert "press **Try again** in `/jelly list`" in told[0]
    assert server.said_ever() == []
    assert not any("deleted" in one for one in told_alone(server.organizer))
    strangers = await other.slash(server.chat, "jelly list")
    assert strangers.response is not None
    assert "Try again" not in buttons_of(strangers.response)
    await press(host, await host.slash(server.chat, "jelly list"), "Try again")
    await server.settle()
    assert "**2 coming**" in text_of(server.card())
    await server.after(HOUR)
    assert len([one for one in told_alone(host) if "deleted" in one]) == 1


async def test_a_host_has_only_their_own_sent_again(server: SimulatedServer) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await server.schedule("Friday jelly", when="friday 10-16")
    for title in ("Thursday jelly", "Friday jelly"):
        await server.organizer.delete(server.card(title))
        await host.slash(server.jellies, "rsvp", jelly=title, answer="maybe")
    await server.settle()
    await press(host, await host.slash(server.chat, "jelly list"), "Try again")
    await server.settle()
    assert [text_of(card).splitlines()[0] for card in server.cards()] == ["## Thursday jelly"]


async def test_reminders_without_a_card_carry_buttons_to_answer(server: SimulatedServer) -> None:
    _, guest, other = server.members
    await server.schedule()
    await server.organizer.delete(server.card())
    await guest.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    await server.settle()
    await server.at(THURSDAY_10 - DAY)
    reminder = server.jellies.last_message
    assert reminder is not None
    assert "**Thursday jelly** is on" in reminder.content
    assert "on the card" not in reminder.content
    assert buttons_of(reminder) == ["Going", "Maybe", "Can't make it"]
    assert "You're going" in said(await other.click(reminder, label="Going"))


async def test_a_reminder_to_nobody_without_a_card_carries_them_too(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.organizer.delete(server.card())
    await server.members[0].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="declined")
    await server.settle()
    await server.at(THURSDAY_10 - DAY)
    reminder = server.jellies.last_message
    assert reminder is not None
    assert "Just the host so far. Who's next?" in reminder.content
    assert buttons_of(reminder) == ["Going", "Maybe", "Can't make it"]


async def test_the_doctor_notices_a_card_that_should_stand_and_try_again_posts_it(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.database.write(lambda t: t.run("DELETE FROM mirror"))
    told = said(await server.organizer.slash(server.chat, "doctor"))
    assert "1 date should have a card by now: “Thursday jelly”" in told
    listed = await server.organizer.slash(server.chat, "jelly list")
    assert "Check" in said(await press(server.organizer, listed, "Try again"))
    await server.settle()
    assert len(await server.read("SELECT * FROM mirror")) == 1
    told = said(await server.organizer.slash(server.chat, "doctor"))
    assert "has none" not in told


async def test_the_doctor_waits_for_a_card_that_is_not_due(server: SimulatedServer) -> None:
    await server.schedule(when="2026-12-24 10:00-16:00")
    assert "has none" not in said(await server.organizer.slash(server.chat, "doctor"))
    await server.at(server.clock.moment + timedelta(days=1))
    assert "has none" not in said(await server.organizer.slash(server.chat, "doctor"))
