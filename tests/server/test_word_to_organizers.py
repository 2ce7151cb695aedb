"""What organizers alone can mend is told where they read it, and to nobody else."""

from __future__ import annotations

import simcord

from tests.moments import DAY, FIRST_OF_DECEMBER, HOUR, MINUTE, THURSDAY_10
from tests.server.hosting import (
    close_messages_of,
    hold,
    schedule_with,
    thanks_in,
    told_alone,
)
from tests.server.simulated_server import SimulatedServer, said
from tests.server.test_dead_ends import deny
from tests.server.test_rights_taken_away import take_away

HEADING = "### What didn't arrive"


async def _fails(server: SimulatedServer) -> simcord.MemberActor:
    """Has a member host a jelly whose reminder is not allowed into the channel; returns them."""
    host = server.members[0]
    await schedule_with(server, host=host)
    await server.members[1].click(server.card(), label="Going")
    deny(server, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    await server.after(2 * MINUTE)
    return host


def _words(person: simcord.MemberActor) -> list[str]:
    return [text for text in told_alone(person) if text.startswith(HEADING)]


def _words_to_owner(server: SimulatedServer) -> list[str]:
    messages = server.guild.owner.dm_channel.history()
    return [message.content for message in messages if message.content.startswith(HEADING)]


async def test_whoever_last_used_the_settings_is_told_what_the_host_cannot_mend(
    server: SimulatedServer,
) -> None:
    host = await _fails(server)
    [word] = _words(server.organizer)
    assert "The reminder for **Thursday jelly**" in word
    assert "I'm missing Send Messages there; allow my role that" in word
    assert "press **Try again** in `/jelly list`" in word
    assert "`/settings`" in word
    [to_host] = _words(host)
    assert "Only you were told" in to_host
    assert _words(server.members[1]) == []


async def test_a_channel_for_organizers_is_told_and_nobody_privately(
    server: SimulatedServer,
) -> None:
    await server.organizer.slash(server.jellies, "settings", organizers=server.chat)
    await _fails(server)
    [message] = [one for one in server.chat.history() if one.content.startswith(HEADING)]
    assert "getting this" not in message.content
    assert message.mentions == []
    assert _words(server.organizer) == []


async def test_it_goes_on_to_the_owner_if_private_messages_are_closed(
    server: SimulatedServer,
) -> None:
    close_messages_of(server, server.organizer.user)
    await _fails(server)
    assert len(_words_to_owner(server)) == 1


async def test_it_goes_on_privately_if_the_channel_for_organizers_is_gone(
    server: SimulatedServer,
) -> None:
    channel = server.guild.create_text_channel("organizers")
    await server.organizer.slash(server.jellies, "settings", organizers=channel)
    server.environment.backend.delete_channel(channel.id)
    await _fails(server)
    assert len(_words(server.organizer)) == 1


async def test_if_nobody_can_be_reached_it_fails_once_and_is_listed(
    server: SimulatedServer,
) -> None:
    for user in (server.organizer.user, server.guild.owner):
        close_messages_of(server, user)
    await _fails(server)
    states = await server.read("SELECT state FROM delivery WHERE kind = 'alert'")
    assert states == [{"state": "withdrawn"}]
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "I'm missing Send Messages there" in listed


async def test_one_message_a_day_tells_of_everything(server: SimulatedServer) -> None:
    await _fails(server)
    await server.at(THURSDAY_10 - HOUR + 2 * MINUTE)
    assert len(_words(server.organizer)) == 1
    await server.at(THURSDAY_10 + HOUR)
    [_, second] = _words(server.organizer)
    assert f"due <t:{int((THURSDAY_10 - HOUR).timestamp())}:F>" in second


async def test_what_is_mended_before_it_is_told_is_not_told(server: SimulatedServer) -> None:
    await schedule_with(server, host=server.members[0])
    await server.members[1].click(server.card(), label="Going")
    deny(server, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    listed = await server.organizer.slash(server.chat, "jelly list")
    deny(server)
    assert listed.response is not None
    await server.organizer.click(listed.response, label="Try again")
    await server.settle()
    await server.after(2 * MINUTE)
    assert _words(server.organizer) == []


async def test_thanks_have_no_host_so_organizers_are_told_of_them(server: SimulatedServer) -> None:
    await hold(server, *server.members)
    server.environment.inject_error(
        "POST", f"/channels/{server.jellies.id}/messages", status=400, code=50035, times=None
    )
    await server.at(FIRST_OF_DECEMBER + 12 * HOUR)
    await server.after(2 * MINUTE)
    [word] = _words(server.organizer)
    assert "The thanks to the hosts" in word


async def test_thanks_that_failed_are_sent_by_try_again(server: SimulatedServer) -> None:
    await hold(server, *server.members)
    deny(server, "send_messages")
    await server.at(FIRST_OF_DECEMBER + 12 * HOUR)
    deny(server)
    listed = await server.organizer.slash(server.chat, "jelly list")
    assert listed.response is not None
    pressed = said(await server.organizer.click(listed.response, label="Try again"))
    assert "Check" in pressed
    await server.settle()
    assert len(thanks_in(server)) == 1


async def test_the_doctor_says_if_the_channel_for_organizers_is_gone(
    server: SimulatedServer,
) -> None:
    channel = server.guild.create_text_channel("organizers")
    await server.organizer.slash(server.jellies, "settings", organizers=channel)
    assert "for organizers is gone" not in said(await server.organizer.slash(server.chat, "doctor"))
    server.environment.backend.delete_channel(channel.id)
    assert "for organizers is gone" in said(await server.organizer.slash(server.chat, "doctor"))


async def test_a_host_who_set_the_server_up_is_told_once(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[1].click(server.card(), label="Going")
    deny(server, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    await server.after(2 * MINUTE)
    assert len(_words(server.organizer)) == 1


async def test_a_new_channel_for_organizers_gets_what_is_not_told_yet(
    server: SimulatedServer,
) -> None:
    await schedule_with(server, host=server.members[0])
    await server.members[1].click(server.card(), label="Going")
    deny(server, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    await server.organizer.slash(server.jellies, "settings", organizers=server.chat)
    await server.after(2 * MINUTE)
    assert any(one.content.startswith(HEADING) for one in server.chat.history())
    assert _words(server.organizer) == []


async def test_a_new_channel_gets_what_the_former_one_lost_while_it_was_tried_again(
    server: SimulatedServer,
) -> None:
    channel = server.guild.create_text_channel("organizers")
    await server.organizer.slash(server.jellies, "settings", organizers=channel)
    server.environment.inject_error(
        "POST", f"/channels/{channel.id}/messages", status=503, times=None
    )
    await _fails(server)
    await server.organizer.slash(server.jellies, "settings", organizers=server.chat)
    server.environment.backend.delete_channel(channel.id)
    for _ in range(2):
        await server.after(5 * MINUTE)
    assert [one.content.startswith(HEADING) for one in server.chat.history()] == [True]
    assert _words(server.organizer) == []


async def test_a_new_owner_is_told_what_waits_for_the_former_one(server: SimulatedServer) -> None:
    await server.database.write(lambda t: t.run("UPDATE guild SET settings_by = NULL"))
    await server.restart()
    await schedule_with(server, host=server.members[0])
    await server.members[1].click(server.card(), label="Going")
    deny(server, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    former, heir = server.guild.owner, server.members[2]
    backend, role = server.environment.backend, server.guild.roles["Organizers"]
    backend.add_member_role(server.guild.id, former.id, role.id)  # and is an organizer still
    backend.edit_guild(server.guild.id, {"owner_id": heir.id})
    await server.environment.settle()
    await server.after(2 * MINUTE)
    assert len(_words(heir)) == 1
    assert former.dm_channel.history() == []


async def test_a_kill_while_organizers_are_told_repeats_nothing(server: SimulatedServer) -> None:
    await _fails(server)
    await server.kill()
    await server.start_again()
    await server.after(HOUR)
    assert len(_words(server.organizer)) == 1


async def test_a_server_from_before_has_its_owner_told(server: SimulatedServer) -> None:
    await server.database.write(lambda t: t.run("UPDATE guild SET settings_by = NULL"))
    await server.restart()
    await _fails(server)
    assert len(_words_to_owner(server)) == 1


async def test_whoever_may_no_longer_know_is_passed_over(server: SimulatedServer) -> None:
    take_away(server, server.organizer, server.guild.roles["Organizers"])
    await _fails(server)
    assert _words(server.organizer) == []
    assert len(_words_to_owner(server)) == 1


async def test_a_server_that_removed_the_bot_is_told_nothing(server: SimulatedServer) -> None:
    await server.organizer.slash(server.jellies, "settings", organizers=server.chat)
    await schedule_with(server, host=server.members[0])
    await server.members[1].click(server.card(), label="Going")
    deny(server, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    server.environment.backend.remove_guild(server.guild.id)
    await server.after(2 * MINUTE)
    assert _words(server.organizer) == []
    assert _words(server.members[0]) == []
    assert _words_to_owner(server) == []


async def test_what_fails_again_is_told_again(server: SimulatedServer) -> None:
    await _fails(server)
    listed = await server.organizer.slash(server.chat, "jelly list")
    assert listed.response is not None
    await server.organizer.click(listed.response, label="Try again")
    await server.settle()
    await server.after(2 * MINUTE)
    assert len(_words(server.members[0])) == 2
    await server.at(THURSDAY_10 + HOUR)
    assert "The reminder for **Thursday jelly**" in _words(server.organizer)[1]


async def test_members_do_not_read_where_organizers_are_told(server: SimulatedServer) -> None:
    channel = server.guild.create_text_channel("organizers")
    await server.organizer.slash(server.jellies, "settings", organizers=channel)
    await _fails(server)
    await server.database.write(
        lambda t: t.run("UPDATE delivery SET state = 'failed' WHERE kind = 'alert'")
    )
    listed = said(await server.members[2].slash(server.chat, "jelly list"))
    assert "The reminder" in listed
    assert str(channel.id) not in listed


async def test_a_long_answer_of_discord_does_not_push_the_advice_out(
    server: SimulatedServer,
) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await server.members[1].click(server.card(), label="Going")
    server.environment.inject_error(
        "POST",
        f"/channels/{server.jellies.id}/messages",
        status=400,
        code=50035,
        message="x" * 2400,
        times=None,
    )
    await server.at(THURSDAY_10 - DAY)
    await server.after(2 * MINUTE)
    [word] = _words(host)
    assert "Only you were told" in word
