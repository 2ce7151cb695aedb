"""SimCord's backend, adapted to run for hours in real time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from simcord._clock import Clock
from simcord.backend import Backend, serializers
from simcord.backend.models import AllowedMentions, Channel, Guild, Interaction, Message
from simcord.components import component_mentions, validate_components

from .models import Json

_DISCORD_EPOCH_MS = 1_420_070_400_000
_REMEMBERED_INTERACTIONS = 20_000
_REMEMBERED_DELETIONS = 20_000
NO_MENTIONS = AllowedMentions(
    everyone=False, users=frozenset(), roles=frozenset(), replied_user=False
)


class _RealClock(Clock):
    """Follows the machine's clock, plus whatever SimCord was told to advance."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.elapsed)


class _Forgetful(list[Any]):
    """A log that discards what SimCord appends, so it can be used indefinitely."""

    def append(self, _entry: object) -> None:
        return


class LoopbackBackend(Backend):
    """One simulated Discord; keeps no transcript and only the latest interactions."""

    _last_id = 0

    def __init__(self, behind: float = 0.0) -> None:
        clock = _RealClock()
        clock.advance(-behind)
        super().__init__(clock=clock)
        self.http_requests = _Forgetful()
        self.transcript = _Forgetful()
        #: Servers that the bot was removed from, in their last state, by id.
        self.left_guilds: dict[int, tuple[Guild, list[Channel], dict[int, Any]]] = {}
        self.closed_dms: set[int] = set()
        #: The messages that were deleted last, oldest first, each as it was then.
        self.deleted: deque[Message] = deque(maxlen=_REMEMBERED_DELETIONS)
        #: Seconds by which Discord's answers are dated late.
        self.clock_ahead = 0.0
        #: Developer Portal settings that differ from the defaults.
        self.application: dict[str, Any] = {}
        self._interaction_order: deque[int] = deque()
        self._quiet = False

    def snowflake(self) -> int:
        """Returns an id that grows with time, as SimCord's do, but keeps none to compare with."""
        earliest = (int(self.clock.now().timestamp() * 1000) - _DISCORD_EPOCH_MS) << 22
        self._last_id = max(self._last_id + 1, earliest)
        return self._last_id

    def emit(self, event: str, payload: Mapping[str, Any]) -> None:
        if self._quiet:
            return
        for listener in self.subscribers:
            listener(event, payload)

    @contextmanager
    def unannounced(self) -> Iterator[None]:
        """Changes the world without telling the bot."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def new_interaction(
        self, type: int, channel_id: int, user_id: int, guild_id: int | None
    ) -> Interaction:
        record = super().new_interaction(type, channel_id, user_id, guild_id)
        self._interaction_order.append(record.id)
        if len(self._interaction_order) > _REMEMBERED_INTERACTIONS:
            self._forget(self._interaction_order.popleft())
        return record

    def _forget(self, interaction_id: int) -> None:
        """Drops an interaction and the messages that only its member saw."""
        record = self.interactions.pop(interaction_id)
        del self.interaction_tokens[record.token]
        messages = self.messages.get(record.channel_id, {})
        for message_id in (record.message_id or 0, *record.followup_ids):
            if (message := messages.get(message_id)) and message.is_ephemeral:
                del messages[message_id]

    def delete_message(self, channel_id: int, message_id: int) -> None:
        message = self.get_message(channel_id, message_id)
        super().delete_message(channel_id, message_id)
        self.deleted.append(message)

    def redraw(self, message: Message, components: list[Json], mentions: AllowedMentions) -> None:
        """Replaces a card's components and nothing else.

        `edit_message` copies and validates a card several times, which at a thousand presses a
        second would make this server slower than the bot it measures.
        """
        message.components = validate_components(components, flags=message.flags)
        channel = self.get_channel(message.channel_id)
        text = component_mentions(message.components)
        (
            message.mention_user_ids,
            message.mention_role_ids,
            message.ping_user_ids,
            message.ping_role_ids,
            message.mention_everyone,
        ) = self._mention_state(channel, message.author_id, text, mentions, None)
        message.allowed_mentions = mentions
        message.edited_timestamp = self.now_iso()

    def message_json(self, message: Message) -> Json:
        """Returns a message in its wire form, and whom it notifies."""
        return {
            **serializers.message_payload(self, message),
            "pings": {
                "users": message.ping_user_ids,
                "roles": message.ping_role_ids,
                "everyone": message.mention_everyone,
            },
        }

    def remove_bot(self, guild_id: int) -> None:
        """Removes the bot from a server, and keeps the server for its return."""
        guild = self.get_guild(guild_id)
        ids = [*guild.channel_ids, *guild.thread_ids]
        channels = [self.channels[channel_id] for channel_id in ids]
        messages = {channel_id: self.messages[channel_id] for channel_id in ids}
        self.left_guilds[guild_id] = (guild, channels, messages)
        self.remove_guild(guild_id)

    def invite_bot(self, guild_id: int) -> None:
        """Puts the bot back into a server that it was removed from."""
        guild, channels, messages = self.left_guilds.pop(guild_id)
        self.guilds[guild_id] = guild
        self.channels.update({channel.id: channel for channel in channels})
        self.messages.update(messages)
        self.announce_join(guild)

    def announce_join(self, guild: Guild) -> None:
        """Sends GUILD_CREATE for a new server: without `unavailable`, which marks a known one."""
        payload = dict(serializers.guild_create_payload(self, guild))
        del payload["unavailable"]
        self.emit("GUILD_CREATE", payload)

    def is_in_left_guild(self, channel_id: int) -> bool:
        return any(channel_id in messages for _, _, messages in self.left_guilds.values())
