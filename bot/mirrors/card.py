"""How a session's card is kept current, within the rate at which old messages can be edited.

Whether an answer that edits an old card counts against that rate is not documented. It is taken not
to, until Discord refuses one for it; then answers on old cards share the rate with the refreshes
for an hour, and a press for which there is no room is answered without the edit.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

import discord

from bot.clock import Clock
from bot.ending import giving_up_after
from bot.messages.card import card
from data.models import Mirror, SessionView

log = logging.getLogger(__name__)

_EDIT = re.compile(r"/channels/(\d+)/messages/\d+$")

EDITS, EDITS_WINDOW = 3, 6.0
"""Edits of messages older than OLD that Discord allows per channel in so many seconds.

Undocumented; measured by https://docs.discord.food/resources/message#edit-message. discord.py keeps
to the limit for younger ones, which Discord announces with every answer.
"""
OLD = timedelta(minutes=59)
"""Discord's hour, less a minute for clocks that differ."""
LONGEST_EDIT = 60.0
"""Seconds after which an edit is given up for later; it may have to wait for many messages."""
ON_ITS_WAY = 0.5
"""Seconds after which an answer has reached Discord, mostly."""
STRICT_FOR = 3600.0
"""Seconds for which what Discord refused because of that rate is taken to count against it."""
UNKNOWN_MESSAGE = 10008
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#json."""


class Cards:
    """Edits of cards, by presses and by refreshes; ``edits_window`` is in seconds."""

    def __init__(
        self, client: discord.Client, clock: Clock, *, edits_window: float = EDITS_WINDOW
    ) -> None:
        self._client = client
        self._clock = clock
        self._edits_window = edits_window
        self._channels: dict[int, _Channel] = {}
        self._answers_count_until = 0.0

    def take_edit(self, channel_id: int, message_id: int) -> bool:
        """Whether Discord takes an answer that edits this card now; if so, the edit is counted."""
        now = asyncio.get_running_loop().time()
        if now >= self._answers_count_until:
            return True
        channel = self._channel(channel_id)
        is_old = self._is_old(message_id) or now < channel.taken_for_old_until
        return not is_old or channel.take_now()

    def answer_was_refused(self, channel_id: int) -> None:
        """Discord refused an answer that edits a card, because of the rate."""
        if not self._answers_count_until:
            log.warning("Discord counts answers as edits of old cards; sharing its rate with them.")
        channel = self._channel(channel_id)
        self._answers_count_until = asyncio.get_running_loop().time() + STRICT_FOR
        channel.taken_for_old_until = self._answers_count_until
        channel.fill()

    def note_limited(self, method: str, path: str) -> None:
        """A limit refused a request; a refresh, only if Discord takes its card for old."""
        if method == "PATCH" and (edited := _EDIT.search(path)):
            channel = self._channel(int(edited[1]))
            channel.taken_for_old_until = asyncio.get_running_loop().time() + STRICT_FOR

    def turn(self, mirror: Mirror) -> AbstractAsyncContextManager[None]:
        """Wait until a card may be edited by a refresh."""
        return self._channel(_channel_of(mirror)).turn(is_old=self._is_old(mirror.remote_id))

    async def show(self, mirror: Mirror, view: SessionView) -> None:
        """Edit a card. Raises discord.HTTPException, Stopped or what a connection raises."""
        # A partial message needs no fetch, and its edit leaves the embeds' flag alone.
        channel = self._client.get_partial_messageable(_channel_of(mirror))
        message = channel.get_partial_message(mirror.remote_id)
        async with giving_up_after(self._client, LONGEST_EDIT):
            await message.edit(
                view=card(view, self._clock.now()),
                # What the bot allows goes with the content of an edit only.
                allowed_mentions=discord.AllowedMentions.none(),
            )

    def is_gone(self, error: discord.NotFound) -> bool:
        """Whether the card alone was deleted."""
        return error.code == UNKNOWN_MESSAGE

    def _channel(self, channel_id: int) -> _Channel:
        return self._channels.setdefault(channel_id, _Channel(self._edits_window))

    def _is_old(self, message_id: int) -> bool:
        return self._clock.now() - discord.utils.snowflake_time(message_id) > OLD


def _channel_of(mirror: Mirror) -> int:
    assert mirror.channel_id is not None  # a card is a message
    return mirror.channel_id


class _Channel:
    """One edit at a time in a channel, and of old messages only so many in a window of time."""

    def __init__(self, window: float) -> None:
        self.taken_for_old_until = 0.0
        """Until then all its messages are, whatever their ids say."""
        self._window = window
        self._lock = asyncio.Lock()
        self._old_edits: deque[float] = deque(maxlen=EDITS)

    @asynccontextmanager
    async def turn(self, *, is_old: bool) -> AsyncIterator[None]:
        """Wait until a message may be edited, and count it."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            is_old = is_old or loop.time() < self.taken_for_old_until
            while is_old and (wait := self._wait()) > 0:  # noqa: ASYNC110  a refusal fills it anew
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                if is_old or loop.time() < self.taken_for_old_until:
                    # Counted when it ends: the window must hold however long the request took.
                    self._old_edits.append(loop.time())

    def take_now(self) -> bool:
        """Count the edit of an old message if there is room for it, which refreshes have first."""
        if self._lock.locked() or self._wait() > 0:
            return False
        self._old_edits.append(asyncio.get_running_loop().time() + ON_ITS_WAY)
        return True

    def fill(self) -> None:
        """Leave no room for edits of old messages for a whole window."""
        self._old_edits.extend([asyncio.get_running_loop().time()] * EDITS)

    def _wait(self) -> float:
        """Seconds until an old message may be edited."""
        if len(self._old_edits) < EDITS:
            return 0.0
        now = asyncio.get_running_loop().time()
        return max(0.0, self._old_edits[0] + self._window - now)
