"""Whether whom a message is for can be reached: servers, channels, roles, members, organizers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import discord

from bot.clock import Clock
from bot.discord_errors import UNKNOWN_MEMBER, UNKNOWN_USER
from bot.permissions import TO_SEND, may_mention, missing_in
from data.models import DeliveryState
from data.outbox.alerts import ask_who_takes_over
from data.outbox.deliveries import Delivery
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.kinds import To
from data.outbox.private_channels import note_private_channel
from data.people.hosting import free_seat_of_host
from data.people.members import note_found, note_left
from data.schedule.find import session_now
from data.store.database import Database
from data.store.transaction import Transaction

NOT_A_MEMBER = (UNKNOWN_MEMBER, UNKNOWN_USER)
"""The codes that say that a person is not in a server."""


class Shut(Exception):
    """The channel can't be written to."""

    def __init__(self, error: DeliveryError) -> None:
        super().__init__(error.code)
        self.error = error


class NotNow(Exception):
    """Whether the message may be sent can't be told for a while."""

    def __init__(self, why: str, at_least: timedelta = timedelta(0)) -> None:
        super().__init__(why)
        self.at_least = at_least


class NothingToSay(Exception):
    """The message is not to be sent at all."""

    def __init__(self, state: DeliveryState, code: ErrorCode) -> None:
        super().__init__(code)
        self.state, self.error = state, DeliveryError(code)


class Addressees:
    """Asks the cache of the gateway, or Discord; ``is_away`` returns whether it is disconnected."""

    def __init__(
        self,
        client: discord.Client,
        database: Database,
        clock: Clock,
        is_away: Callable[[], bool],
    ) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._is_away = is_away

    def card_role(self, delivery: Delivery) -> discord.Role | None:
        """Returns the role that a card mentions; None if it is gone or may not be mentioned."""
        guild = self._client.get_guild(delivery.owner.guild_id)
        if guild is None or delivery.card_role_id is None:
            return None
        role = guild.get_role(delivery.card_role_id)
        channel = guild.get_channel(delivery.channel_id)
        is_told = role is not None and channel is not None and may_mention(role, channel, guild.me)
        return role if is_told else None

    def is_in_server(self, delivery: Delivery) -> bool:
        """Whether the bot is in the server, as far as the gateway told."""
        # The cache is out of date while the gateway is disconnected.
        if self._is_away() or not self._client.is_ready():
            return True
        return self._client.get_guild(delivery.owner.guild_id) is not None

    async def check(self, delivery: Delivery) -> None:
        """Raises Shut, NotNow or NothingToSay if the message would not reach whom it is for."""
        self._check_open(delivery)
        await self._check_organizer(delivery)

    def _check_open(self, delivery: Delivery) -> None:
        """Raises Shut if Discord would surely refuse: Discord limits refused requests.

        https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
        """
        # The cache is out of date while the gateway is disconnected.
        if self._is_away() or not self._client.is_ready():
            return
        guild = self._client.get_guild(delivery.owner.guild_id)
        if guild is None or guild.unavailable or delivery.is_private:
            return
        channel = guild.get_channel(delivery.channel_id)
        if channel is None:
            raise Shut(DeliveryError(ErrorCode.CHANNEL_GONE))
        if missing := missing_in(channel, guild.me, TO_SEND):
            raise Shut(DeliveryError(ErrorCode.MISSING, {"permissions": missing}))

    async def _check_organizer(self, delivery: Delivery) -> None:
        """Raises NothingToSay if private word to organizers would reach one who no longer is one.

        Raises NotNow while that is not known.
        """
        if delivery.kind.to is not To.ORGANIZERS or not delivery.is_private:
            return
        guild = self._client.get_guild(delivery.owner.guild_id)
        if guild is not None and delivery.channel_id == guild.owner_id:
            return
        member = await self._find_member(delivery.owner.guild_id, delivery.channel_id)
        if member is None or not member.guild_permissions.manage_guild:
            raise NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.NOT_ORGANIZER)

    async def look_for_host(self, delivery: Delivery) -> ErrorCode:
        """Look up whether the host is in the server; if not, organizers are asked who takes over.

        Raises NotNow while Discord does not say.
        """
        guild_id, host_id = delivery.owner.guild_id, delivery.host_id
        now = self._clock.now()
        if await self._find_member(guild_id, host_id) is not None:
            await self._database.write(lambda t: note_found(t, guild_id, host_id))
            return ErrorCode.HOST_THERE

        def change(transaction: Transaction) -> None:
            session = session_now(transaction, delivery.shown.session.session_id)
            if session.details.host_id != host_id:
                return  # handed over, or the host's data were deleted, while Discord was asked
            note_left(transaction, guild_id, host_id, now=now)
            free_seat_of_host(transaction, session, now=now)
            ask_who_takes_over(transaction, delivery.delivery_id, now=now)

        await self._database.write(change)
        return ErrorCode.HOST_LEFT

    async def _find_member(self, guild_id: int, user_id: int) -> discord.Member | None:
        """Returns a member of a server, or None if Discord says that they are not in it.

        Raises NotNow while that is not known.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            raise NotNow("who is a member is not known while the server is away")
        try:
            return await guild.fetch_member(user_id)
        except discord.HTTPException as error:
            if error.code in NOT_A_MEMBER:
                return None
            raise NotNow(f"Discord did not say who is a member: {error}") from error

    async def channel_for(self, delivery: Delivery) -> discord.abc.Messageable:
        """Returns where the message is sent; opens the private channel that it needs."""
        if not delivery.is_private:
            return self._client.get_partial_messageable(delivery.channel_id)
        channel_id = delivery.private_channel_id
        if channel_id is None:
            opened = await self._client.create_dm(discord.Object(delivery.channel_id))
            channel_id = opened.id
            await self.note_private_channel_of(delivery, channel_id)
        return self._client.get_partial_messageable(channel_id)

    async def note_private_channel_of(self, delivery: Delivery, channel_id: int | None) -> None:
        """Store the private channel of the person whom the message is for; None if it is gone."""
        user_id = delivery.channel_id
        await self._database.write(lambda t: note_private_channel(t, user_id, channel_id))
