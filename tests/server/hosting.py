"""Actions of a host and what they see on the day and afterwards, for the flows."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord
import simcord
from simcord.actors import _component_interaction
from simcord.backend.models import Overwrite
from simcord.components import walk_components
from simcord.enums import OverwriteType

from data.due import next_due
from tests.moments import ENDS, THURSDAY_10
from tests.server.actions import agree_to_host
from tests.server.simulated_server import ZONE, SimulatedServer

BUTTON, SELECT = 2, 3


# Jellies, and how they change.


async def plan(server: SimulatedServer, *going: simcord.MemberActor) -> None:
    """Schedules a jelly on Thursday to which these said they would come."""
    await server.schedule()
    for member in going:
        await member.click(server.card(), label="Going")


async def begin(server: SimulatedServer, *going: simcord.MemberActor) -> None:
    """Schedules a jelly on Thursday to which these said they would come, and lets it begin."""
    await plan(server, *going)
    await server.at(THURSDAY_10)


async def hold(server: SimulatedServer, *going: simcord.MemberActor) -> None:
    """Schedules a jelly on Thursday to which these said they would come, and lets it end."""
    await plan(server, *going)
    await live_until(server, ENDS)


async def schedule_with(server: SimulatedServer, **options: object) -> None:
    """Schedules a jelly on Thursday with more details than what, when and where."""
    preview = await server.organizer.slash(
        server.jellies,
        "jelly new",
        what="Thursday jelly",
        when="thursday 10-16",
        where="The Alb",
        **options,
    )
    await press(server.organizer, preview, "Schedule it")
    await server.settle()
    if isinstance(host := options.get("host"), simcord.MemberActor):
        await agree_to_host(server, host)


async def move(server: SimulatedServer, jelly: str, when: str) -> simcord.InteractionResult:
    """Moves a jelly and returns the preview of that."""
    preview = await server.organizer.slash(server.jellies, "jelly move", jelly=jelly, when=when)
    await press(server.organizer, preview, "Save it")
    await server.settle()
    return preview


async def call_off(server: SimulatedServer) -> None:
    """Calls the jelly on Thursday off."""
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    await press(server.organizer, asked, "Call it off")
    await server.settle()


async def live_until(server: SimulatedServer, moment: datetime) -> None:
    """Lets time pass with the bot running, so that everything comes at its moment."""
    while (due := await server.database.read(next_due)) is not None and due <= moment:
        await server.at(max(due, server.clock.moment))
        if await server.database.read(next_due) == due:
            break  # it can't be sent, so waiting for it would never end
    await server.at(moment)


# Presses.


async def press(
    person: simcord.MemberActor, shown: simcord.InteractionResult, label: str
) -> simcord.InteractionResult:
    """Presses a button of the bot's answer."""
    assert shown.response is not None
    return await person.click(shown.response, label=label)


async def choose(
    person: simcord.MemberActor,
    shown: simcord.InteractionResult,
    values: list[str],
    *,
    custom_id: str | None = None,
) -> simcord.InteractionResult:
    """Chooses in the list of the bot's answer, or in one of its lists."""
    assert shown.response is not None
    return await person.select(shown.response, values, custom_id=custom_id)


async def forge(
    server: SimulatedServer,
    actor: simcord.MemberActor,
    under: discord.Message | simcord.ResponseMessage,
    custom_id: str,
    *values: str,
) -> simcord.InteractionResult:
    """Presses what nobody was shown, as a tampered client does."""
    channel_id = (
        under.channel_id if isinstance(under, simcord.ResponseMessage) else under.channel.id
    )
    stored = server.environment.backend.get_message(channel_id, under.id)
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": BUTTON}
    if custom_id.split(":")[1] in ("ticked", "taken-off"):
        data |= {"component_type": SELECT, "values": list(values)}
    return await _component_interaction(actor, stored, data)


# What the host is shown.


async def headcount(
    server: SimulatedServer, reader: simcord.MemberActor
) -> simcord.InteractionResult:
    """Returns who comes to the jelly on Thursday, as shown to that reader."""
    return await reader.slash(server.chat, "headcount session", jelly="Thursday jelly")


async def table_file(server: SimulatedServer) -> tuple[str, bytes]:
    """Returns the file that the host downloads: its name and its content."""
    sent = await press(server.organizer, await headcount(server, server.organizer), "Table (CSV)")
    assert sent.ephemeral
    assert sent.response is not None
    [file] = sent.response.attachments
    return file.filename, await file.read()


def rows_of(data: bytes) -> list[list[str]]:
    """Returns what a spreadsheet reads in that file, the header first."""
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


async def table(server: SimulatedServer) -> list[list[str]]:
    """Returns the rows of the file that the host downloads, the header first."""
    _, data = await table_file(server)
    return rows_of(data)


async def open_roll(
    server: SimulatedServer, host: simcord.MemberActor
) -> simcord.InteractionResult:
    """Opens the list in which the host ticks people off."""
    return await press(host, await headcount(server, host), "Check people in")


def menus_of(shown: simcord.InteractionResult) -> list[dict[str, Any]]:
    """Returns the lists to choose from in the bot's answer."""
    assert shown.response is not None
    return [part for part in walk_components(shown.response.components) if part["type"] == SELECT]


def told_alone(person: simcord.MemberActor) -> list[str]:
    """Returns what the bot told a member in private, oldest first."""
    return [message.content for message in person.user.dm_channel.history()]


def summaries_for(person: simcord.MemberActor) -> list[str]:
    """Returns the summaries that a member got in private, oldest first."""
    return [text for text in told_alone(person) if text.startswith("### How ")]


def thanks_in(server: SimulatedServer) -> list[str]:
    """Returns the monthly posts in the channel for jellies, oldest first."""
    return [text for text in server.messages() if "Thank you for hosting" in text]


def close_messages_of(server: SimulatedServer, user: simcord.UserHandle) -> None:
    """Makes Discord refuse the bot's private messages to a member, as the member asked it to."""
    server.environment.inject_error(
        "POST",
        f"/channels/{user.dm_channel.id}/messages",
        status=403,
        code=50007,
        message="Cannot send messages to this user",
        times=None,
    )


def hide_jellies_from(server: SimulatedServer, person: simcord.MemberActor) -> None:
    """Takes View Channel from a member in the channel for jellies."""
    denied = discord.Permissions(view_channel=True).value
    overwrite = Overwrite(person.id, OverwriteType.MEMBER, allow=0, deny=denied)
    server.environment.backend.edit_channel(server.jellies.id, {}, overwrites=[overwrite])


# Another server.


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Another server with the same bot in it."""

    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    organizer: simcord.MemberActor
    message: discord.Message
    """A message to press under."""


async def open_next_door(server: SimulatedServer) -> Neighbours:
    """Sets up another server, in which Nadia is the organizer."""
    guild = server.environment.create_guild("Next door")
    channel = guild.create_text_channel("jellies")
    powers = guild.create_role("Organizers", permissions=discord.Permissions(administrator=True))
    user = server.environment.create_user("nadia", global_name="Nadia")
    organizer = guild.add_member(user, roles=[powers])
    await organizer.slash(channel, "settings", channel=channel, zone=ZONE)
    message = await organizer.send(channel, "Hello")
    return Neighbours(guild, channel, organizer, message)
