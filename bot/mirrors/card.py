"""Keeps a session's card current, within the rate limit for edits of old messages.

Whether a response that edits an old card counts against that limit is not documented. It is assumed
not to, until Discord refuses one for it; then responses on old cards share the limit with the
refreshes for an hour, and a press for which there is no room is answered without the edit.
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
from bot.discord_errors import UNKNOWN_MESSAGE
from bot.ending import giving_up_after
from bot.language import CHANNEL_LOCALE, words_for
from bot.messages.card import card
from data.models import Mirror, SessionView

log = logging.getLogger(__name__)

_EDIT = re.compile(r"/channels/(\d+)/messages/\d+$")

EDITS, EDITS_WINDOW = 3, 6.0
"""Edits of messages older than OLD that Discord allows per channel in EDITS_WINDOW seconds.

Undocumented; measured by https://docs.discord.food/resources/message#edit-message. discord.py
enforces the limit for younger ones, which Discord announces with every answer.
"""
OLD = timedelta(minutes=59)
"""Discord's hour, less a minute for clock differences."""
LONGEST_EDIT = 60.0
"""Seconds after which an edit is postponed; it may have to wait for many messages."""
ON_ITS_WAY = 0.5
"""Seconds after which a response has usually reached Discord."""
STRICT_FOR = 3600.0
"""Seconds for which, after a refusal for that limit, edits are counted against it."""


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
        """Whether Discord accepts a response that edits this card now; if so, counts the edit."""
        now = asyncio.get_running_loop().time()
        if now >= self._answers_count_until:
            return True
        channel = self._channel(channel_id)
        is_old = self._is_old(message_id) or now < channel.taken_for_old_until
        return not is_old or channel.take_now()

    def answer_was_refused(self, channel_id: int) -> None:
        """Record that Discord refused a response that edits a card, because of the rate limit."""
        if not self._answers_count_until:
            log.warning("Discord counts answers as edits of old cards; sharing its rate with them.")
        channel = self._channel(channel_id)
        self._answers_count_until = asyncio.get_running_loop().time() + STRICT_FOR
        channel.taken_for_old_until = self._answers_count_until
        channel.fill()

    def note_limited(self, method: str, path: str) -> None:
        """Record a refused request; a refresh is refused only if Discord counts its card as old."""
        if method == "PATCH" and (edited := _EDIT.search(path)):
            channel = self._channel(int(edited[1]))
            channel.taken_for_old_until = asyncio.get_running_loop().time() + STRICT_FOR

    def turn(self, mirror: Mirror) -> AbstractAsyncContextManager[None]:
        """Wait until a refresh may edit a card."""
        return self._channel(_channel_of(mirror)).turn(is_old=self._is_old(mirror.remote_id))

    async def show(self, mirror: Mirror, view: SessionView) -> None:
        """Edit a card. Raises discord.HTTPException, Stopped or a connection's error."""
        # A partial message needs no fetch, and its edit leaves the embeds' flag unchanged.
        channel = self._client.get_partial_messageable(_channel_of(mirror))
        message = channel.get_partial_message(mirror.remote_id)
        async with giving_up_after(self._client, LONGEST_EDIT):
            await message.edit(
                view=card(words_for(CHANNEL_LOCALE), view, self._clock.now()),
                # discord.py applies the bot's default only to edits of the content.
                allowed_mentions=discord.AllowedMentions.none(),
            )

    def is_gone(self, error: discord.HTTPException) -> bool:
        """Whether only the card was deleted."""
        return error.code == UNKNOWN_MESSAGE

    def _channel(self, channel_id: int) -> _Channel:
        return self._channels.setdefault(channel_id, _Channel(self._edits_window))

    def _is_old(self, message_id: int) -> bool:
        return self._clock.now() - discord.utils.snowflake_time(message_id) > OLD


def _channel_of(mirror: Mirror) -> int:
    assert mirror.channel_id is not None  # a card is a message
    return mirror.channel_id


class _Channel:
    """Allows one edit at a time in a channel, and EDITS of old messages in each window."""

    def __init__(self, window: float) -> None:
        self.taken_for_old_until = 0.0
        """Event loop time until which all its messages count as old, whatever their ids say."""
        self._window = window
        self._lock = asyncio.Lock()
        self._old_edits: deque[float] = deque(maxlen=EDITS)

    @asynccontextmanager
    async def turn(self, *, is_old: bool) -> AsyncIterator[None]:
        """Wait until a message may be edited, and count the edit."""
        loop = asyncio.get_running_loop()
        async with self._lock:
            is_old = is_old or loop.time() < self.taken_for_old_until
            while is_old and (wait := self._wait()) > 0:  # noqa: ASYNC110  a refusal refills it
                await asyncio.sleep(wait)
            try:
                yield
            finally:
                if is_old or loop.time() < self.taken_for_old_until:
                    # Counted at its end, so that the window holds however long the request took.
                    self._old_edits.append(loop.time())

    def take_now(self) -> bool:
        """Whether an old message may be edited now, after refreshes; if so, counts the edit."""
        if self._lock.locked() or self._wait() > 0:
            return False
        self._old_edits.append(asyncio.get_running_loop().time() + ON_ITS_WAY)
        return True

    def fill(self) -> None:
        """Leave no room for edits of old messages for a whole window."""
        self._old_edits.extend([asyncio.get_running_loop().time()] * EDITS)

    def _wait(self) -> float:
        """Returns the seconds until an old message may be edited."""
        if len(self._old_edits) < EDITS:
            return 0.0
        now = asyncio.get_running_loop().time()
        return max(0.0, self._old_edits[0] + self._window - now)
