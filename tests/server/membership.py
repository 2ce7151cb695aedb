"""A server that removes the bot, invites it again, or is missing when the bot logs in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simcord.backend import serializers

from tests.server.simulated_server import SimulatedServer


@dataclass(frozen=True, slots=True)
class Left:
    """A server as it was when the bot was removed from it."""

    guild: Any
    channels: dict[int, Any]
    messages: dict[int, Any]


def take_out(server: SimulatedServer) -> Left:
    """Takes the server away from the bot, which is not told."""
    backend = server.environment.backend
    guild = backend.guilds.pop(server.guild.id)
    ids = [*guild.channel_ids, *guild.thread_ids]
    return Left(
        guild,
        {id_: backend.channels.pop(id_) for id_ in ids},
        {id_: backend.messages.pop(id_) for id_ in ids if id_ in backend.messages},
    )


def put_back(server: SimulatedServer, left: Left) -> None:
    """Gives it back, as it was; the bot is not told."""
    backend = server.environment.backend
    backend.guilds[left.guild.id] = left.guild
    backend.channels.update(left.channels)
    backend.messages.update(left.messages)


async def remove_bot(server: SimulatedServer) -> Left:
    """Removes the bot from the server."""
    left = take_out(server)
    server.environment.backend.emit("GUILD_DELETE", {"id": str(server.guild.id)})
    await server.environment.settle()
    await server.settle()
    return left


async def invite_again(server: SimulatedServer, left: Left) -> None:
    """Invites the bot again, and lets it do what is due."""
    put_back(server, left)
    backend = server.environment.backend
    payload = dict(serializers.guild_create_payload(backend, left.guild))
    # Discord says it of servers that the bot was in already, and discord.py tells them apart by it.
    del payload["unavailable"]
    backend.emit("GUILD_CREATE", payload)
    await server.environment.settle()
    await server.settle()
