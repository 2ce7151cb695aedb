"""What a test can make the loopback Discord do: each public method is a command."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import discord
from simcord.backend.errors import SetupError
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from .backend import LoopbackBackend
from .faults import DeliveryFault, Faults, IdentifyFault, RestFault
from .gateway import Gateway
from .listener import Listener
from .models import Json
from .nonces import Nonces
from .people import People
from .pulse import Pulse
from .ratelimits import RateLimits
from .tally import Tally

_LONGEST_BURIAL = 10.0
_FAULTS = {"rest": RestFault, "delivery": DeliveryFault, "identify": IdentifyFault}


class Commands:
    """Commands with JSON arguments and results; what cannot be done raises SetupError."""

    def __init__(
        self,
        backend: LoopbackBackend,
        people: People,
        gateway: Gateway,
        faults: Faults,
        limits: RateLimits,
        nonces: Nonces,
        tally: Tally,
        pulse: Pulse,
        api: Listener,
        gateway_listener: Listener,
    ) -> None:
        self._backend = backend
        self._gateway = gateway
        self._faults = faults
        self._limits = limits
        self._nonces = nonces
        self._tally = tally
        self._pulse = pulse
        self._listeners = {"api": api, "gateway": gateway_listener}
        self.slash = people.slash
        self.autocomplete = people.autocomplete
        self.click = people.click
        self.select = people.select
        self.submit_modal = people.submit_modal
        self.press_many = people.press_many
        self.replay = people.replay
        self._people = people
        self.answer = people.answer

    # The world

    def create_guild(self, name: str, channels: Sequence[str], members: int) -> Json:
        backend = self._backend
        with backend.unannounced():
            guild = backend.create_guild(name)
            created = {
                channel: backend.create_channel(guild.id, channel).id for channel in channels
            }
            people = [backend.make_user(f"member {number}").id for number in range(1, members + 1)]
            for user_id in people:
                backend.add_member(guild.id, user_id)
        backend.announce_join(guild)
        return {
            "id": guild.id,
            "owner": guild.owner_id,
            "channels": created,
            "members": people,
        }

    def create_channel(self, guild: int, name: str) -> int:
        return self._backend.create_channel(guild, name).id

    def add_member(self, guild: int, name: str) -> int:
        user = self._backend.make_user(name)
        self._backend.add_member(guild, user.id, announce=True)
        return user.id

    def remove_member(self, guild: int, user: int) -> None:
        self._backend.remove_member(guild, user)

    def create_role(self, guild: int, name: str, permissions: Sequence[str]) -> int:
        value = _permissions(permissions)
        return self._backend.create_role(guild, name, permissions=value).id

    def give_role(self, guild: int, user: int, role: int) -> None:
        self._backend.add_member_role(guild, user, role)

    def take_role(self, guild: int, user: int, role: int) -> None:
        self._backend.remove_member_role(guild, user, role)

    def set_permissions(
        self, channel: int, target: int, allow: Sequence[str], deny: Sequence[str]
    ) -> None:
        """Overwrites a channel's permissions for a role or a member; with neither, removes that."""
        stored = self._backend.get_channel(channel)
        guild = self._backend.get_guild(stored.guild_id or 0)
        kept = [overwrite for overwrite in stored.overwrites if overwrite.target_id != target]
        if allow or deny:
            kind = OverwriteType.ROLE if target in guild.roles else OverwriteType.MEMBER
            kept.append(Overwrite(target, kind, _permissions(allow), _permissions(deny)))
        self._backend.edit_channel(channel, {}, overwrites=kept)

    def delete_channel(self, channel: int) -> None:
        self._backend.delete_channel(channel)

    def remove_bot(self, guild: int) -> None:
        self._backend.remove_bot(guild)

    def invite_bot(self, guild: int) -> None:
        self._backend.invite_bot(guild)

    def open_dms(self, user: int, is_open: bool) -> None:
        if is_open:
            self._backend.closed_dms.discard(user)
        else:
            self._backend.closed_dms.add(user)

    # Messages

    def post(self, user: int, channel: int, content: str) -> Json:
        self._backend.require_permissions(
            self._backend.get_channel(channel).guild_id, user, channel, "send_messages"
        )
        return self._backend.message_json(self._backend.create_message(channel, user, content))

    def delete_message(self, channel: int, message: int) -> None:
        self._backend.delete_message(channel, message)

    async def messages(self, channel: int, at_least: int, within: float) -> list[Json]:
        """Returns all messages of a channel, oldest first, once there are `at_least` that many."""
        stored = self._backend.messages[self._backend.get_channel(channel).id]
        await self._pulse.until(lambda: len(stored) >= at_least, within)
        return [self._backend.message_json(message) for message in stored.values()]

    def deleted_messages(self, channel: int) -> list[Json]:
        """Returns the messages of a channel that were deleted, each as it was then."""
        return [
            self._backend.message_json(message)
            for message in self._backend.deleted
            if message.channel_id == channel
        ]

    async def dms(self, user: int, at_least: int, within: float) -> list[Json]:
        channel = self._backend.get_dm_channel(user).id
        return await self.messages(channel, at_least, within)

    def age_message(self, channel: int, message: int, seconds: float) -> None:
        """Makes a message look as if it was posted that much earlier; its id stays."""
        stored = self._backend.get_message(channel, message)
        posted_at = datetime.fromisoformat(stored.timestamp) - timedelta(seconds=seconds)
        stored.timestamp = posted_at.isoformat()

    # Faults

    def add_fault(self, kind: str, **details: Any) -> None:  # noqa: ANN401 - a dataclass's fields
        self._faults.add(_FAULTS[kind](**details))

    def clear_faults(self) -> None:
        self._faults.clear()
        self._gateway.silence(silent=False)

    async def close_gateway(self, code: int, resumable: bool) -> None:
        await self._gateway.close(code, resumable=resumable)

    def cut_gateway(self) -> None:
        self._gateway.cut()

    def ask_to_reconnect(self) -> None:
        self._gateway.ask_to_reconnect()

    def invalidate_session(self, resumable: bool) -> None:
        self._gateway.invalidate(resumable=resumable)

    def strand_sessions(self, resume_url: str) -> None:
        self._gateway.resume_url = resume_url

    def garble_gateway(self, event: str, payload: Json) -> None:
        self._gateway.garble(event, payload)

    def silence_gateway(self) -> None:
        self._gateway.silence(silent=True)

    def refuse(self, what: Sequence[str]) -> None:
        """Refuses new connections to `api` or `gateway`, and cuts the existing ones."""
        for name in what:
            self._listeners[name].refuse()

    async def take(self, what: Sequence[str]) -> None:
        for name in what:
            await self._listeners[name].open()

    # Settings

    def advance(self, seconds: float) -> float:
        self._backend.advance_clock(seconds)
        return self._backend.clock.elapsed

    def set_rate_limits(self, enabled: bool, answers_count: bool) -> None:
        self._limits.enabled = enabled
        self._limits.answers_count = answers_count
        self._limits.reset()

    def set_nonce_window(self, seconds: float) -> None:
        self._nonces.window = seconds

    def set_heartbeat_interval(self, seconds: float) -> None:
        """Sets the interval for connections from now on."""
        self._gateway.heartbeat_interval = seconds

    def set_clock(self, ahead: float) -> None:
        self._backend.clock_ahead = ahead

    def set_application(self, settings: Json) -> None:
        self._backend.application = settings

    # What happened

    def expect_bot(self) -> None:
        self._gateway.expect_bot()

    async def bury_bot(self) -> None:
        """Processes what a killed bot had sent, and ends all waiting for its answers."""
        async with asyncio.timeout(_LONGEST_BURIAL):
            while not all(listener.is_idle for listener in self._listeners.values()):
                await asyncio.sleep(0.001)
        self._people.give_up()

    async def wait_ready(self, within: float) -> bool:
        return await self._pulse.until(lambda: self._gateway.is_ready, within)

    async def wait_gateway(self, event: str, count: int, within: float) -> bool:
        """Waits until the counter of a gateway event has reached `count`."""
        return await self._pulse.until(lambda: self._tally.gateway[event] >= count, within)

    async def wait_requests(self, route: str, count: int, within: float) -> bool:
        return await self._pulse.until(lambda: self._tally.requested(route) >= count, within)

    def counters(self) -> Json:
        return self._tally.counters()

    def reset_counters(self) -> None:
        self._tally.reset()

    def requests(self) -> list[Json]:
        return [asdict(request) for request in self._tally.requests]

    def violations(self) -> list[Json]:
        return [asdict(violation) for violation in self._tally.violations]


def _permissions(names: Sequence[str]) -> int:
    if unknown := set(names) - set(discord.Permissions.VALID_FLAGS):
        raise SetupError(f"Discord has no permission {', '.join(sorted(unknown))}")
    return discord.Permissions(**dict.fromkeys(names, True)).value
