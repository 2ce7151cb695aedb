"""What Discord would refuse ends well: told with the switch to flip, and not asked again."""

from __future__ import annotations

from datetime import timedelta

import discord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from tests.server.hosting import told_alone
from tests.server.simulated_server import Town, said
from tests.server.test_reminding import DAY
from tests.server.test_scheduling import THURSDAY_10

MINUTE = timedelta(minutes=1)


async def test_without_permission_nothing_is_sent_and_the_switch_is_named(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    deny(town, "send_messages")
    asked = sends(town)
    await town.at(THURSDAY_10 - DAY)
    assert sends(town) == asked
    listed = await town.organizer.slash(town.chat, "jelly list")
    assert "I am missing Send Messages there; allow my role that" in said(listed)
    await town.after(2 * MINUTE)
    [*_, word] = told_alone(town.organizer)
    assert "I am missing Send Messages there; allow my role that" in word
    deny(town)
    assert listed.response is not None
    await town.organizer.click(listed.response, label="Try again")
    await town.settle()
    assert len(town.messages()) == 1


async def test_a_deleted_channel_is_not_asked_for(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    asked = sends(town)
    town.environment.backend.delete_channel(town.jellies.id)
    await town.at(THURSDAY_10 - DAY)
    assert sends(town) == asked
    assert "the channel is gone" in said(await town.organizer.slash(town.chat, "jelly list"))


async def test_what_fails_within_a_minute_is_told_in_one_message(town: Town) -> None:
    for title in ("Thursday jelly", "Other jelly"):
        await town.schedule(title)
    deny(town, "send_messages")
    await town.at(THURSDAY_10 - DAY)
    await town.after(2 * MINUTE)
    [word] = [one for one in told_alone(town.organizer) if "did not arrive" in one]
    assert "**Thursday jelly**" in word
    assert "**Other jelly**" in word


async def test_a_server_that_removed_the_bot_is_left_in_peace(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    asked = sends(town)
    town.environment.backend.remove_guild(town.guild.id)
    await town.at(THURSDAY_10 - DAY)
    assert sends(town) == asked
    assert await town.read("SELECT state, error FROM delivery WHERE kind = 'reminder' LIMIT 1") == [
        {"state": "failed", "error": "I am not in that server any more; invite me again"}
    ]


async def test_what_may_have_arrived_is_sent_again_where_nobody_can_look(town: Town) -> None:
    await arrived_unrecorded(town)
    deny(town, "read_message_history")
    await town.after(10 * MINUTE)
    deny(town)
    assert len(town.messages()) == 2
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    await town.after(2 * MINUTE)
    [*_, word] = told_alone(town.organizer)
    for told in (listed, word):
        assert "What may have come twice" in told
        assert "Read Message History" in told


async def test_another_notice_that_reads_the_same_is_not_mistaken_for_it(town: Town) -> None:
    """Of two alike only one has arrived."""
    await arrived_unrecorded(town)
    await town.database.write(
        lambda t: t.run(
            """
            INSERT INTO delivery (guild_id, session_id, kind, channel_id, before, occasion, due_at,
                useful_until, state, try_at, attempts, first_try_at, message_id)
            SELECT guild_id, session_id, kind, channel_id, 1, occasion, due_at, useful_until,
                'sent', try_at, 1, first_try_at, :message_id
            FROM delivery WHERE kind = 'reminder' AND state = 'sending'
            """,
            message_id=next(m.id for m in town.jellies.history() if m.content),
        )
    )
    await town.after(10 * MINUTE)
    assert said_by_the_bot(town) == 2


async def arrived_unrecorded(town: Town) -> None:
    """A reminder is in the channel, and the bot was killed before it could note that."""
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY)
    assert len(town.messages()) == 1
    await town.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', message_id = NULL WHERE kind = 'reminder' "
            "AND state = 'sent'"
        )
    )


def said_by_the_bot(town: Town) -> int:
    """Messages of the bot in the channel for jellies, cards left out."""
    return sum(bool(m.content) and m.author.bot for m in town.jellies.history())


def sends(town: Town) -> int:
    """How many messages the bot has asked Discord to post in the channel for jellies."""
    return sum(
        request.method == "POST" and request.path == f"/channels/{town.jellies.id}/messages"
        for request in town.environment.http_requests
    )


def deny(town: Town, *permissions: str) -> None:
    """Take these permissions from the bot in the channel for jellies, and give back all others."""
    backend = town.environment.backend
    denied = discord.Permissions(**dict.fromkeys(permissions, True))
    overwrite = Overwrite(backend.bot_user.id, OverwriteType.MEMBER, allow=0, deny=denied.value)
    backend.edit_channel(town.jellies.id, {}, overwrites=[overwrite])
