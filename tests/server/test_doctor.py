"""What ``/doctor`` tells the person who sets a server up: what is wrong, and how to fix it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import discord
import pytest
import simcord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from bot.doctor import machine
from bot.doctor.findings import State
from data.outbox.errors import DeliveryError, ErrorCode, text_of
from data.outbox.gone import channel_gone
from data.store.transaction import Transaction
from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10
from tests.server.hosting import open_next_door
from tests.server.simulated_server import SimulatedServer, said

LONGEST_MESSAGE = 2000

# Titles that might break a line, a mention or a message.
_NASTY = ("**_`~|" * 17)[:100]
_FAMILY = "👩‍👩‍👧‍👦" * 14
_FROM_THE_RIGHT = "يوم عمل مشترك في المقهى " * 4
_LOUD = "@everyone <@1> <t:1:R>\n# big"


async def test_it_says_that_all_is_well(server: SimulatedServer) -> None:
    await server.schedule()
    told = await _asked(server)
    assert "all is well" in told
    assert f"In {server.jellies.mention} I have every permission" in told
    assert "none is overdue" in told
    assert "Every message arrived" in told
    assert " bot's clock agrees" in told
    assert "What to do" not in told


async def test_it_is_for_those_who_may_set_up_and_for_their_eyes_only(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    [command] = [c for c in await server.bot.tree.fetch_commands() if c.name == "doctor"]
    server.guild.set_command_permissions(command, {sam: True})
    assert "Manage Server" in said(await sam.slash(server.chat, "doctor"))
    assert (await server.organizer.slash(server.chat, "doctor")).ephemeral


async def test_a_server_without_settings_is_told_what_to_type(empty_town: SimulatedServer) -> None:
    told = await _asked(empty_town)
    assert "**WARNING** This server isn't set up yet." in told
    assert "`/settings channel: zone:`" in told


async def test_a_missing_permission_is_named_with_its_switch(server: SimulatedServer) -> None:
    _deny(server, server.jellies, "send_messages", "read_message_history")
    told = await _asked(server)
    missing = "Send Messages, Read Message History"
    assert f"**PROBLEM** In {server.jellies.mention} I'm missing: {missing}." in told
    me = server.guild.me
    assert me is not None
    assert f"the member {me.display_name}" in told
    assert f"> {missing} > allow." in told
    _deny(server, server.jellies)
    assert "all is well" in await _asked(server)


async def test_a_channel_with_older_cards_is_looked_at_too(server: SimulatedServer) -> None:
    await server.schedule()
    await server.organizer.slash(server.chat, "settings", channel=server.chat)
    _deny(server, server.jellies, "view_channel")
    told = await _asked(server)
    assert f"In {server.chat.mention} I have every permission" in told
    assert f"In {server.jellies.mention} I'm missing: View Channel" in told
    assert told.index("**PROBLEM**") < told.index("**OK**")


async def test_a_channel_that_is_gone(server: SimulatedServer) -> None:
    server.environment.backend.delete_channel(server.jellies.id)
    told = await _asked(server)
    assert "**PROBLEM** The channel for jellies is gone." in told
    assert "`/settings channel:`" in told


async def test_a_role_that_is_gone(server: SimulatedServer) -> None:
    hosts = server.guild.create_role("Hosts")
    await server.organizer.slash(server.jellies, "settings", host_role=hosts)
    assert "all is well" in await _asked(server)
    server.environment.backend.delete_role(server.guild.id, hosts.id)
    told = await _asked(server)
    assert "**WARNING** The role that may host is gone" in told
    assert "`/settings host_role:`" in told


async def test_a_role_that_new_cards_cannot_mention(server: SimulatedServer) -> None:
    fans = server.guild.create_role("Fans")
    await server.organizer.slash(server.jellies, "settings", card_role=fans)
    assert "New cards can't mention" not in await _asked(server)
    server.forbid_mentions(server.jellies)
    assert "**WARNING** New cards can't mention the chosen role" in await _asked(server)
    server.environment.backend.edit_role(server.guild.id, fans.id, {"mentionable": True})
    await server.environment.settle()
    assert "New cards can't mention" not in await _asked(server)
    server.environment.backend.delete_role(server.guild.id, fans.id)
    await server.environment.settle()
    assert "`/settings card_role:`" in await _asked(server)


async def test_a_zone_without_data(server: SimulatedServer) -> None:
    await _run(server, "UPDATE channel SET zone = 'Mars/Olympus'")
    told = await _asked(server)
    assert "**PROBLEM** There's no zone data for Mars/Olympus" in told
    assert "`/settings zone:`" in told


async def test_a_clock_that_is_wrong(server: SimulatedServer) -> None:
    server.clock.moment += 10 * timedelta(seconds=1)
    assert "**WARNING** The bot's clock is 10 seconds ahead" in await _asked(server)
    server.clock.moment -= 2 * MINUTE
    told = await _asked(server)
    assert "**PROBLEM** The bot's clock is 110 seconds behind" in told
    assert "`sudo timedatectl set-ntp true`" in told


async def test_what_is_overdue_is_told_with_the_reason(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.after(HOUR)
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=None)
    due = THURSDAY_10 - DAY
    _be(server, due)
    await server.settle()
    _be(server, due + MINUTE)
    assert "should have been sent" not in await _asked(server)
    _be(server, due + 2 * MINUTE)
    told = await _asked(server)
    assert "**PROBLEM** 1 message should have been sent more than 1 minute ago, first the " in told
    assert f"reminder for “Thursday jelly”, due <t:{int(due.timestamp())}:f> (503 Error" in told


async def test_what_never_arrived_is_told_for_a_month(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    _deny(server, server.jellies, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    _be(server, THURSDAY_10 + DAY)
    _deny(server, server.jellies)
    await server.settle()
    for days in (1, 6, 29):
        await server.at(THURSDAY_10 + days * DAY)
        told = await _asked(server)
        assert "**WARNING** The reminder for “Thursday jelly”, due " in told
        assert ", didn't arrive: I'm missing Send Messages there; allow my role that." in told
        assert "Try again in `/jelly list`" in told
        assert ", didn't arrive: it was too late." in told
    await server.at(THURSDAY_10 + 32 * DAY)
    assert "Every message arrived" in await _asked(server)


@pytest.mark.parametrize("title", [_NASTY, _FAMILY, _FROM_THE_RIGHT, _LOUD])
async def test_whatever_is_wrong_fits_into_one_message(server: SimulatedServer, title: str) -> None:
    for _ in range(50):
        await server.schedule("Doomed", when="thursday 10-16")
    await _run(server, "UPDATE session SET title = :title", title=title[:100])
    await _run(
        server,
        "UPDATE delivery SET state = 'failed', error = :error WHERE kind = 'reminder'",
        error=text_of(DeliveryError(ErrorCode.FOREIGN, {"text": title * 10})),
    )
    await _run(server, "UPDATE delivery SET due_at = 0, try_at = 0 WHERE kind = 'start'")
    await _run(server, "UPDATE channel SET zone = :zone", zone=title)
    _deny(server, server.jellies, "send_messages")
    told = await _asked(server)
    assert len(told) <= LONGEST_MESSAGE
    # The worst problem comes first, and is never left out.
    assert told.count("**PROBLEM**") == 3
    assert "100 messages didn't arrive" in told
    assert "@everyone" not in told
    assert "<@1>" not in told
    assert "\n# " not in told


async def test_nothing_of_another_server_is_told(server: SimulatedServer) -> None:
    there = await open_next_door(server)
    for _ in range(2):
        await server.schedule("Ours", when="thursday 10-16")
    await _run(
        server,
        "UPDATE delivery SET state = 'failed', error = :error WHERE kind = 'start'",
        error=text_of(DeliveryError(ErrorCode.FOREIGN, {"text": "ours"})),
    )
    _deny(server, server.jellies, "send_messages")
    now = server.clock.now()
    await server.database.write(
        lambda t: channel_gone(t, server.guild.id, server.jellies.id, now=now)
    )
    answer = said(await there.organizer.slash(there.channel, "doctor"))
    assert "all is well" in answer
    assert "No message is scheduled" in answer
    assert "ours" not in answer.casefold()
    assert server.jellies.mention not in answer


async def test_it_tells_nothing_of_the_machine(server: SimulatedServer) -> None:
    told = await _asked(server)
    assert str(server.file) not in told
    assert str(server.file.parent) not in told
    assert server.bot.http.token is None or server.bot.http.token not in told


@pytest.mark.parametrize(
    ("free", "size", "state"),
    [
        (40e6, 1e6, State.PROBLEM),
        (400e6, 1e6, State.WARNING),
        (1e9, 1e6, State.OK),
        (1e9, 600e6, State.WARNING),
        (90e9, 30e9, State.OK),
    ],
)
def test_a_disk_is_full_when_no_copy_fits(free: float, size: float, state: State) -> None:
    finding = machine.space(Path("/srv"), int(free), int(size))
    assert finding.state is state


async def _asked(server: SimulatedServer) -> str:
    return said(await server.organizer.slash(server.chat, "doctor"))


async def _run(server: SimulatedServer, sql: str, **values: object) -> None:
    """Changes the store as no member can."""

    def change(transaction: Transaction) -> None:
        transaction.run(sql, **values)

    await server.database.write(change)


def _be(server: SimulatedServer, moment: datetime) -> None:
    """Moves time to that moment, with a bot that does nothing then."""
    server.environment.backend.advance_clock((moment - server.environment.now()).total_seconds())
    server.clock.moment = moment


def _deny(server: SimulatedServer, channel: simcord.ChannelHandle, *permissions: str) -> None:
    """Takes these permissions from the bot in a channel, and gives back all others."""
    assert server.bot.user is not None
    denied = discord.Permissions(**dict.fromkeys(permissions, True)).value
    entry = Overwrite(server.bot.user.id, OverwriteType.MEMBER, 0, denied)
    server.environment.backend.edit_channel(
        channel.id, {}, overwrites=[entry] if permissions else []
    )
