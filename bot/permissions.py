"""The permissions of the bot itself, and what to tell the member if one is missing."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from bot.language import N_
from data.refusal import Listed, Refusal, Sentence

NEEDED = {
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "read_message_history": N_("Read Message History"),
}
"""Permissions that the bot needs in the channel for jellies, with Discord's names for them.

After a crash it reads the history to see what it had already posted.
"""
TO_SEND = ("view_channel", "send_messages")
"""Permissions without which no message can be sent."""

PERMISSIONS = discord.Permissions(**dict.fromkeys(NEEDED, True))


def missing_in(
    channel: discord.abc.GuildChannel, me: discord.Member, needed: Iterable[str] = NEEDED
) -> list[str]:
    """Returns the permissions that the bot's member lacks in a channel, by Discord's names."""
    granted = channel.permissions_for(me)
    return [NEEDED[name] for name in needed if not getattr(granted, name)]


def may_mention(role: discord.Role, channel: discord.abc.GuildChannel, me: discord.Member) -> bool:
    """Returns whether a message of the bot's member in a channel notifies those who have a role.

    https://discord.com/developers/docs/resources/message#allowed-mentions-object
    """
    return role.mentionable or channel.permissions_for(me).mention_everyone


def listed(permissions: Iterable[str]) -> Listed:
    """Returns permissions, by Discord's names, as a value of a sentence."""
    return Listed(Sentence(permission) for permission in permissions)


def check_channel(channel: discord.abc.GuildChannel) -> None:
    """Raises Refusal, naming the missing permissions, if the bot can't work in a channel."""
    if missing := missing_in(channel, channel.guild.me):
        raise Refusal(
            "In <#{channel}> I'm missing: {permissions}. Allow my role that in the "
            "channel's permissions, then try again.",
            channel=channel.id,
            permissions=listed(missing),
        )
