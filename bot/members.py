"""Who an interaction comes from or names, and what they may do in the server's channels."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import discord

from bot.actions.actor import Actor, ChannelAccess, Person
from bot.discord_errors import is_final
from bot.discord_types import Interaction
from data.refusal import Refusal

LONGEST_LOOK_UP = 2.0
"""Seconds to ask Discord for a member; a press has to be answered within three."""


def actor_of(interaction: Interaction) -> Actor:
    """Returns who an interaction comes from, with their rights in the whole server.

    Rights are those of the member's roles. ``interaction.permissions`` holds for one channel, and a
    voice channel can grant Manage Events:
    https://discord.com/developers/docs/topics/permissions#permissions-bitwise-permission-flags.
    """
    return _actor(interaction, guild_of(interaction), interaction.guild, interaction.user)


async def actor_in(interaction: Interaction, guild_id: int) -> Actor:
    """Returns who pressed in a private message about a server, with their rights there.

    In a private message Discord tells nothing about the server, so it is asked. Raises Refusal if
    they are no longer in it, or the bot does not see it.
    """
    if interaction.guild_id is not None:
        return actor_of(interaction)
    guild = interaction.client.get_guild(guild_id)
    if guild is None or guild.unavailable:
        raise Refusal("I can't see that server right now. Try again later.")
    try:
        async with asyncio.timeout(LONGEST_LOOK_UP):
            member = await guild.fetch_member(interaction.user.id)
    except discord.NotFound as error:
        if not is_final(error):
            raise
        raise Refusal("You're no longer in that server.") from error
    return _actor(interaction, guild_id, guild, member)


def _actor(
    interaction: Interaction,
    guild_id: int,
    guild: discord.Guild | None,
    user: discord.User | discord.Member,
) -> Actor:
    member = user if isinstance(user, discord.Member) else None
    permissions = member.guild_permissions if member else discord.Permissions()
    return Actor(
        user_id=user.id,
        name=user.display_name,
        guild_id=guild_id,
        channels=access_of(guild, member, {interaction.channel_id: interaction.permissions}),
        may_manage_events=permissions.manage_events,
        may_manage_guild=permissions.manage_guild or permissions.administrator,
        role_ids=frozenset(role.id for role in member.roles) if member else frozenset(),
        locale=str(interaction.locale),
        guild_owner_id=guild.owner_id if guild else None,
    )


class _Access:
    """What a member may do in the channels of a server.

    Where Discord has just said so, that holds (``told``); else it follows from the gateway's cache.
    """

    def __init__(
        self,
        guild: discord.Guild,
        member: discord.Member,
        told: Mapping[int | None, discord.Permissions],
    ) -> None:
        self._guild = guild
        self._member = member
        self._told = told

    def may_view(self, channel_id: int) -> bool:
        return self._permissions(channel_id).view_channel

    def may_send(self, channel_id: int) -> bool:
        permissions = self._permissions(channel_id)
        return permissions.view_channel and permissions.send_messages

    def name_of(self, channel_id: int) -> str | None:
        channel = self._guild.get_channel_or_thread(channel_id)
        if channel is None or not channel.permissions_for(self._member).view_channel:
            return None
        return channel.name

    def _permissions(self, channel_id: int) -> discord.Permissions:
        if channel_id in self._told:
            return self._told[channel_id]
        channel = self._guild.get_channel(channel_id)
        if channel is not None:
            return channel.permissions_for(self._member)
        if self._guild.unavailable:  # right after the bot has logged in, or in an outage
            raise Refusal("I'm still connecting to this server. Try again in a minute.")
        # A channel that is gone hides nothing from those who settle what becomes of its jellies.
        mine = self._member.guild_permissions
        is_organizer = mine.manage_events or mine.manage_guild or mine.administrator
        return discord.Permissions.all() if is_organizer else discord.Permissions.none()


class _NoAccess:
    def may_view(self, channel_id: int) -> bool:
        return False

    def may_send(self, channel_id: int) -> bool:
        return False

    def name_of(self, channel_id: int) -> str | None:
        return None


def access_of(
    guild: discord.Guild | None,
    member: discord.Member | None,
    told: Mapping[int | None, discord.Permissions] | None = None,
) -> ChannelAccess:
    """Returns what a member may do in a server's channels: nothing, if one of them is unknown.

    ``told`` are their permissions in channels, as an interaction says.
    """
    return _NoAccess() if guild is None or member is None else _Access(guild, member, told or {})


def person_of(user: discord.Member | discord.User) -> Person:
    """Returns someone whom a member chose; Discord sends a User if they are not in the server."""
    member = user if isinstance(user, discord.Member) else None
    access = None if member is None else access_of(member.guild, member)
    return Person(user.id, user.display_name, user.bot, access)


def guild_of(interaction: Interaction) -> int:
    """Returns the id of the server that an interaction comes from.

    Raises Refusal if it comes from none; the bot's commands exist in servers only.
    """
    if interaction.guild_id is None:
        raise Refusal("That only works in a server.")
    return interaction.guild_id
