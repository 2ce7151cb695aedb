"""What the bot itself is allowed to do, and what to tell where something is missing."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from data.refusal import Refusal

NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "read_message_history": "Read Message History",
}
"""What the bot needs in the channel for jellies, and what Discord calls it.

It reads the history to see, after a crash, what it had already posted.
"""
TO_SEND = ("view_channel", "send_messages")
"""What a message can't go without."""

PERMISSIONS = discord.Permissions(**dict.fromkeys(NEEDED, True))


def missing_in(
    channel: discord.abc.GuildChannel, me: discord.Member, needed: Iterable[str] = NEEDED
) -> list[str]:
    """What the bot, as a member of the server, lacks in a channel, as Discord calls it."""
    granted = channel.permissions_for(me)
    return [NEEDED[name] for name in needed if not getattr(granted, name)]


def check_channel(channel: discord.abc.GuildChannel) -> None:
    """Raises Refusal, naming the switches to flip, where the bot can't work in a channel."""
    if missing := missing_in(channel, channel.guild.me):
        raise Refusal(
            f"In {channel.mention} I am missing: {', '.join(missing)}. Allow that for my role in "
            "the channel's permissions, then try again."
        )
