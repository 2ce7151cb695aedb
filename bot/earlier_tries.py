"""Recognizes what an earlier try of a message may have sent, so that people read it once.

Every message is sent with a nonce, by which Discord knows a repeat for some minutes, and carries
a mark, by which the bot finds it in the channel afterwards.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import discord

from bot.messages.buttons import components_of, parts_of
from bot.permissions import missing_in
from data.models import MirrorKind
from data.outbox.deliveries import Delivery

NONCE_REMEMBERED = timedelta(minutes=2)
"""Time since the first try within which no possible duplicate is reported.

Discord checks a nonce against "the past few minutes".
https://discord.com/developers/docs/resources/message#create-message
"""
HISTORY = 1000
"""Number of messages, oldest first, among which an earlier try is looked for; ten requests."""
CLOCKS_APART = timedelta(seconds=10)
"""How long before the first try, by the bot's clock, Discord may have dated the message."""
CLOCK_WAS_WRONG = timedelta(hours=1)
"""The same if the clock has gone back since the first try."""


def nonce_of(delivery: Delivery) -> str:
    """Returns a nonce that is the same for every try of one message only; at most 25 characters."""
    what = f"{delivery.delivery_id}:{delivery.channel_id}:{delivery.nonce_session_id}"
    digest = hashlib.blake2b(what.encode(), digest_size=12).digest()
    return "j" + base64.b32encode(digest).decode().rstrip("=").lower()


def marker_of(delivery: Delivery) -> int:
    """Returns a component id (positive 32-bit number) that marks a notice in the history."""
    return delivery.delivery_id % (2**31 - 1) + 1


async def tries_in(
    channel: discord.abc.Messageable, delivery: Delivery, bot_id: int, *, now: datetime
) -> AsyncIterator[int]:
    """Yields the ids of messages that carry a delivery's mark, oldest first."""
    since = delivery.first_try_at - CLOCKS_APART
    if now < delivery.first_try_at:
        since = now - CLOCK_WAS_WRONG
    async for message in channel.history(after=since, limit=HISTORY, oldest_first=True):
        if message.author.id == bot_id and _is_of(delivery, message):
            yield message.id


def may_look_into(client: discord.Client, delivery: Delivery) -> bool:
    """Returns whether the bot may read a channel's history; if not, Discord returns no messages.

    https://discord.com/developers/docs/resources/message#get-channel-messages
    """
    channel = client.get_channel(delivery.channel_id)
    return not isinstance(channel, discord.abc.GuildChannel) or not missing_in(
        channel, channel.guild.me, ["read_message_history"]
    )


def _is_of(delivery: Delivery, message: discord.Message) -> bool:
    """Whether a message is that of an earlier try."""
    if delivery.kind.becomes is not MirrorKind.CARD:
        # Discord chooses the ids of other buttons, which may be the same number.
        first = _first_button(message)
        return first is not None and first.id == marker_of(delivery)
    # The buttons of a card change, but each names its session.
    session_id = str(delivery.owner.session_id)
    buttons = [one for one in components_of(message) if isinstance(one, discord.Button)]
    return message.flags.components_v2 and any(
        parts_of(one.custom_id or "")[1:2] == [session_id] for one in buttons
    )


def _first_button(message: discord.Message) -> discord.Button | None:
    """Returns the first button of a plain message, which carries its mark; None for a card."""
    row = message.components[0] if message.components else None
    first = row.children[0] if isinstance(row, discord.ActionRow) else None
    return first if isinstance(first, discord.Button) else None
