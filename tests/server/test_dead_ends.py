"""What Discord would refuse is reported with the setting to change, and not tried again."""

from __future__ import annotations

import discord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from tests.moments import DAY, MINUTE, THURSDAY_10
from tests.server.actions import keep_every_message
from tests.server.hosting import told_alone
from tests.server.simulated_server import SimulatedServer, said


async def test_without_permission_nothing_is_sent_and_the_switch_is_named(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    deny(server, "send_messages")
    asked = sends(server)
    await server.at(THURSDAY_10 - DAY)
    assert sends(server) == asked
    listed = await server.organizer.slash(server.chat, "jelly list")
    assert "I'm missing Send Messages there; allow my role that" in said(listed)
    await server.after(2 * MINUTE)
    [*_, word] = told_alone(server.organizer)
    assert "I'm missing Send Messages there; allow my role that" in word
    deny(server)
    assert listed.response is not None
    await server.organizer.click(listed.response, label="Try again")
    await server.settle()
    assert len(server.said_ever()) == 1


async def test_a_deleted_channel_is_not_asked_for(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    asked = sends(server)
    server.environment.backend.delete_channel(server.jellies.id)
    await server.at(THURSDAY_10 - DAY)
    assert sends(server) == asked
    assert "the channel is gone" in said(await server.organizer.slash(server.chat, "jelly list"))


async def test_what_fails_within_a_minute_is_told_in_one_message(server: SimulatedServer) -> None:
    for title in ("Thursday jelly", "Other jelly"):
        await server.schedule(title)
    deny(server, "send_messages")
    await server.at(THURSDAY_10 - DAY)
    await server.after(2 * MINUTE)
    [word] = [one for one in told_alone(server.organizer) if "didn't arrive" in one]
    assert "**Thursday jelly**" in word
    assert "**Other jelly**" in word


async def test_a_server_that_removed_the_bot_is_left_in_peace(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    asked = sends(server)
    server.environment.backend.remove_guild(server.guild.id)
    await server.at(THURSDAY_10 - DAY)
    assert sends(server) == asked
    assert await server.read(
        "SELECT state, error FROM delivery WHERE kind = 'reminder' LIMIT 1"
    ) == [{"state": "withdrawn", "error": '["not_in_server"]'}]


async def test_what_may_have_arrived_is_sent_again_where_nobody_can_look(
    server: SimulatedServer,
) -> None:
    await arrived_unrecorded(server)
    deny(server, "read_message_history")
    await server.after(10 * MINUTE)
    deny(server)
    assert len(server.said_ever()) == 2
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    await server.after(2 * MINUTE)
    [*_, word] = told_alone(server.organizer)
    for told in (listed, word):
        assert "What may have come twice" in told
        assert "Read Message History" in told


async def test_another_notice_that_reads_the_same_is_not_mistaken_for_it(
    server: SimulatedServer,
) -> None:
    await keep_every_message(server)
    """Of two messages with the same text only one has arrived."""
    await arrived_unrecorded(server)
    await server.database.write(
        lambda t: t.run(
            """
            INSERT INTO delivery (guild_id, session_id, kind, channel_id, before, occasion, due_at,
                useful_until, state, try_at, attempts, first_try_at, message_id)
            SELECT guild_id, session_id, kind, channel_id, 1, occasion, due_at - 1, useful_until,
                'sent', try_at, 1, first_try_at, :message_id
            FROM delivery WHERE kind = 'reminder' AND state = 'sending'
            """,
            message_id=next(m.id for m in server.jellies.history() if m.content),
        )
    )
    await server.after(10 * MINUTE)
    assert said_by_the_bot(server) == 2


async def arrived_unrecorded(server: SimulatedServer) -> None:
    """Leaves a reminder in the channel whose bot was killed before it could record that."""
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY)
    assert len(server.said_ever()) == 1
    await server.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', message_id = NULL WHERE kind = 'reminder' "
            "AND state = 'sent'"
        )
    )


def said_by_the_bot(server: SimulatedServer) -> int:
    """Returns the number of messages of the bot in the channel for jellies, without cards."""
    return sum(bool(m.content) and m.author.bot for m in server.jellies.history())


def sends(server: SimulatedServer) -> int:
    """Returns how many messages the bot has asked Discord to post in the channel for jellies."""
    return sum(
        request.method == "POST" and request.path == f"/channels/{server.jellies.id}/messages"
        for request in server.environment.http_requests
    )


def deny(server: SimulatedServer, *permissions: str) -> None:
    """Takes these permissions from the bot in the channel for jellies, gives back all others."""
    backend = server.environment.backend
    denied = discord.Permissions(**dict.fromkeys(permissions, True))
    overwrite = Overwrite(backend.bot_user.id, OverwriteType.MEMBER, allow=0, deny=denied.value)
    backend.edit_channel(server.jellies.id, {}, overwrites=[overwrite])
