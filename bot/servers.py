"""What Discord tells of servers, their owners and channels, and what follows from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice

import discord
from discord.ext import commands

from bot.app import JellyBot, JellyCog
from data.change_settings import note_owners
from data.outbox.gone import channel_gone, channels_in_use
from data.removed_servers import note_present, note_ready, note_removed
from data.store.transaction import Transaction
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

SERVERS_AT_ONCE = 500
"""How many are looked at before others get their turn."""


class Servers(JellyCog):
    """Listens to the gateway."""

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        log.info("Ready as %s in %s.", self.bot.user, f"{len(self.bot.guilds)} server(s)")
        present = {guild.id for guild in self.bot.guilds}  # those of an outage too
        await self._note_owners(self.bot.guilds)
        await self._note_servers(partial(note_ready, present=present, now=self.bot.clock.now()))
        await self._look_for_channels(self.bot.guilds)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._note_owners([guild])
        await self._note_servers(partial(note_present, guild_id=guild.id, now=self.bot.clock.now()))
        await self._look_for_channels([guild])

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        # Not for an outage, which is on_guild_unavailable.
        await self._note_servers(partial(note_removed, guild_id=guild.id, now=self.bot.clock.now()))

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        if self.bot.is_ready():  # else all are looked at together
            await self._look_for_channels([guild])

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        guild_id, now = channel.guild.id, self.bot.clock.now()
        await self._store_event(lambda t: channel_gone(t, guild_id, channel.id, now=now))
        self.bot.alarm.ring()

    @commands.Cog.listener()
    async def on_guild_update(self, before: discord.Guild, after: discord.Guild) -> None:
        if before.owner_id != after.owner_id:
            await self._note_owners([after])

    async def _note_owners(self, guilds: Iterable[discord.Guild]) -> None:
        """Store who owns servers that are set up; they are told what nobody else can be."""
        owners = {guild.id: guild.owner_id for guild in guilds if guild.owner_id}
        now = self.bot.clock.now()
        for start in range(0, len(owners), SERVERS_AT_ONCE):
            some = dict(islice(owners.items(), start, start + SERVERS_AT_ONCE))
            await self._store_event(partial(note_owners, owners=some, now=now))

    async def _look_for_channels(self, guilds: Iterable[discord.Guild]) -> None:
        """Plan anew what depended on channels that were deleted while nobody listened."""
        now = self.bot.clock.now()
        known = {
            guild.id: {channel.id for channel in guild.channels}
            for guild in guilds
            if not guild.unavailable
        }

        def change(transaction: Transaction) -> None:
            for guild_id, channels in known.items():
                for channel_id in channels_in_use(transaction, guild_id, now=now):
                    if channel_id not in channels:
                        channel_gone(transaction, guild_id, channel_id, now=now)

        await self._store_event(change)
        self.bot.alarm.ring()

    async def _store_event(self, change: Callable[[Transaction], None]) -> None:
        """Store what the gateway told; nobody waits for it who could be told of a failure."""
        try:
            await self.bot.database.write(change)
        except DatabaseUnusable as error:
            log.warning("What Discord told is not stored: %s", error)

    async def _note_servers(self, change: Callable[[Transaction], None]) -> None:
        """Store what Discord told of the servers that the bot is in, and follow it.

        Of another application than the store's, that says nothing about its servers.
        """
        if self.bot.owns_store:
            await self._store_event(change)
            self.bot.alarm.ring()


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Servers(bot))
