"""Deletes messages in Discord that are no longer to be read: one at a time, after all sends.

Of some only the buttons to answer go.

Only Discord's own word ends a deletion: the message or its channel is gone, or the bot may not.
Everything else is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

import aiohttp
import discord

from bot.clock import Clock
from bot.discord_errors import brief, is_final
from bot.ending import cancelled, giving_up_after
from bot.language import CHANNEL_LOCALE, words_for
from bot.messages.buttons import Row, components_of, link_button, row
from bot.pacer import Priority, Stopped, priority
from data.deletions import Deletion, claim_deletions, put_off_deletion, settle_deletion
from data.store.database import Database

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Messages deleted at each wake-up."""
LEASE = timedelta(minutes=10)
"""After which a deletion is tried again if its end could not be recorded."""
LONGEST_DELETION = 30.0
"""Seconds after which one is put off."""
LONGEST_BACKOFF = timedelta(hours=1)


class Deletions:
    """The deletions that are due; ``on_room`` is called when a wake-up's share is done."""

    def __init__(
        self,
        client: discord.Client,
        database: Database,
        clock: Clock,
        on_room: Callable[[], None],
    ) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._on_room = on_room
        self._task: asyncio.Task[int] | None = None

    def begin(self) -> None:
        """Begin with what is due, unless that is going on; waits for nothing."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._delete_due(), name="deletions")
            self._task.add_done_callback(_log_failure)

    async def drain(self) -> None:
        """Delete everything that is due, and wait until it is deleted or put off."""
        while True:
            self.begin()
            assert self._task is not None  # it has just begun
            if not await self._task:
                return

    async def close(self) -> None:
        """Stop; the rest is deleted at the next start."""
        if self._task is not None:
            await cancelled([self._task])

    async def _delete_due(self) -> int:
        """Deletes a wake-up's share; returns how many messages that were."""
        priority.set(Priority.DELETION)
        now = self._clock.now()
        claimed = await self._database.write(
            lambda t: claim_deletions(t, now=now, until=now + LEASE, limit=AT_ONCE)
        )
        for deletion in claimed:
            try:
                await self._delete(deletion)
            except Stopped:
                break
        if len(claimed) == AT_ONCE:
            self._on_room()
        return len(claimed)

    async def _delete(self, deletion: Deletion) -> None:
        channel = self._client.get_partial_messageable(deletion.channel_id)
        try:
            async with giving_up_after(self._client, LONGEST_DELETION):
                message = channel.get_partial_message(deletion.message_id)
                if deletion.only_buttons:
                    await _remove_buttons(message)
                else:
                    await message.delete()
        except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
            if not is_final(error):
                await self._put_off(deletion, error)
                return
            if not isinstance(error, discord.NotFound):
                log.warning(
                    "A message in channel %s can't be deleted and stays: %s",
                    deletion.channel_id,
                    brief(error),
                )
        await self._database.write(lambda t: settle_deletion(t, deletion))

    async def _put_off(self, deletion: Deletion, error: Exception) -> None:
        wait = min(LONGEST_BACKOFF, timedelta(seconds=2.0 ** min(deletion.attempts, 20)))
        log.info("A message in channel %s is deleted later: %s", deletion.channel_id, brief(error))
        until = self._clock.now() + wait
        await self._database.write(lambda t: put_off_deletion(t, deletion, until=until))


async def _remove_buttons(message: discord.PartialMessage) -> None:
    """Remove the buttons under a message, apart from the link to its card."""
    found = await message.fetch()
    buttons = [one for one in components_of(found) if isinstance(one, discord.Button)]
    label = words_for(CHANNEL_LOCALE)("Open the card")
    links = [link_button(label, one.url) for one in buttons if one.url is not None]
    if len(links) < len(buttons):
        # An edit notifies nobody; who was mentioned still is.
        mentioned = discord.AllowedMentions(everyone=False, roles=False, users=found.mentions)
        await message.edit(view=Row(row(*links)) if links else None, allowed_mentions=mentioned)


def _log_failure(task: asyncio.Task[int]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        # The store could not be written; after the lease they are claimed again.
        log.error("Deletions could not be recorded", exc_info=error)
