"""Keeps posted cards current, within the rate at which Discord lets old messages be edited.

A press updates its own card by answering. Everything else that changes a card, and presses that
crossed, is touched here: the card is refreshed once after a quiet moment, with the latest state.

Whether an answer that edits an old card counts against that rate is not documented. It is taken not
to, until Discord refuses one for it; then answers on old cards share the rate with the refreshes
for an hour, and a press for which there is no room is answered without the edit.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import discord

from bot.clock import Clock
from bot.ending import cancelled, giving_up_after
from bot.messages.card import card
from bot.pacer import Priority, Stopped, priority
from data.people.session_views import (
    card_view,
    forget_card,
    forget_channel,
    record_shown,
    stale_cards,
)
from data.store.database import Database

log = logging.getLogger(__name__)

_EDIT = re.compile(r"/channels/(\d+)/messages/\d+$")

QUIET = 2.0
"""Seconds without another change after which a card is refreshed."""
TOGETHER = 0.2
"""Seconds in which changes are noted together: looking at each would cost presses their time."""
LONGEST_WAIT = 10.0
"""Seconds after which it is refreshed although changes keep coming."""
EDITS, EDITS_WINDOW = 3, 6.0
"""Edits of messages older than OLD that Discord allows per channel in so many seconds.

Undocumented; measured by https://docs.discord.food/resources/message#edit-message. discord.py keeps
to the limit for younger ones, which Discord announces with every answer.
"""
OLD = timedelta(minutes=59)
"""Discord's hour, less a minute for clocks that differ."""
LONGEST_EDIT = 60.0
"""Seconds after which an edit is given up for later; it may have to wait for many messages."""
MOST_REFRESHES = 20
"""Cards that are edited at the same time, each in a channel of its own."""
ON_ITS_WAY = 0.5
"""Seconds after which an answer has reached Discord, mostly."""
STRICT_FOR = 3600.0
"""Seconds for which what Discord refused because of that rate is taken to count against it."""
RECORD_AFTER = 10.0
"""Seconds after which what cards show is written to the store, for all of them together."""
RETRY_AFTER = 15.0
"""Seconds after which a refresh that failed is tried again."""
UNKNOWN_MESSAGE = 10008
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#json."""


@dataclass(slots=True)
class _Lag:
    since: float
    due: float


class Boards:
    def __init__(
        self,
        client: discord.Client,
        database: Database,
        clock: Clock,
        *,
        edits_window: float = EDITS_WINDOW,
    ) -> None:
        self._client = client
        self._database = database
        self._clock = clock
        self._edits_window = edits_window
        self._touched: set[int] = set()
        """Touched since :meth:`run` last looked; only that task reads the time."""
        self._lagging: dict[int, _Lag] = {}
        self._refreshing: dict[asyncio.Task[None], int] = {}
        self._waiting: set[int] = set()
        """Sessions whose refresh has begun but not yet read the store: it will see any change."""
        self._channels: dict[int, _Channel] = {}
        self._room = asyncio.Semaphore(MOST_REFRESHES)
        self._answers_count_until = 0.0
        self._showing: Counter[int] = Counter()
        self._crossed: set[int] = set()
        self._shown: dict[int, int] = {}
        self._record_at: float | None = None
        self._changed = asyncio.Event()

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

    @contextmanager
    def showing(self, session_id: int, version: int, *, is_refresh: bool = False) -> Iterator[None]:
        """Around anything that puts this version on a card: what overlaps may land in any order.

        What overlapped leaves the card behind, which a refresh settles; so does an answer to a
        press that failed. A refresh that fails is up to whoever makes it.
        """
        self._showing[session_id] += 1
        if self._showing[session_id] > 1:
            self._crossed.add(session_id)
        failed = True
        try:
            yield
            failed = False
        finally:
            self._showing[session_id] -= 1
            if session_id in self._crossed or (failed and not is_refresh):
                self.touch(session_id)
            elif not failed:
                self._note_shown(session_id, version)
            if not self._showing[session_id]:
                del self._showing[session_id]
                self._crossed.discard(session_id)

    def touch(self, session_id: int) -> None:
        """The session's card, if it has one, may lag behind: refresh it after a quiet moment."""
        self._touched.add(session_id)
        self._changed.set()

    async def touch_stale(self) -> None:
        """Touch every card that the store knows to lag behind."""
        for session_id in await self._database.read(stale_cards):
            self.touch(session_id)

    async def run(self) -> None:
        """Refresh cards as they become due, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self._changed.clear()
            due = self._note_touched(loop.time())
            try:
                async with asyncio.timeout(None if due is None else max(0.0, due - loop.time())):
                    await self._changed.wait()
            except TimeoutError:
                self._begin_refreshing(loop.time())
                if self._record_at is not None and self._record_at <= loop.time():
                    await self._record_or_retry()
            else:
                await asyncio.sleep(TOGETHER)

    async def settle(self) -> None:
        """Refresh every touched card now and record what cards show."""
        while self._touched or self._lagging or self._refreshing:
            self._note_touched(0.0)
            self._begin_refreshing(float("inf"))
            await asyncio.gather(*self._refreshing)
        await self._record()

    async def close(self) -> None:
        """Record what cards show; a card that still lags is refreshed at the next start."""
        await cancelled(self._refreshing)
        await self._record_or_retry()

    def _note_touched(self, now: float) -> float | None:
        """Decide when each touched card is refreshed; returns when to look again."""
        touched, self._touched = self._touched, set()
        # A refresh that has yet to read the store will see the change.
        for session_id in touched - self._waiting:
            lag = self._lagging.setdefault(session_id, _Lag(now, now))
            lag.due = min(now + QUIET, lag.since + LONGEST_WAIT)
        if self._shown and self._record_at is None:
            self._record_at = now + RECORD_AFTER
        moments = [lag.due for lag in self._lagging.values()]
        if self._record_at is not None:
            moments.append(self._record_at)
        return min(moments, default=None)

    def _begin_refreshing(self, now: float) -> None:
        for session_id in [s for s, lag in self._lagging.items() if lag.due <= now]:
            del self._lagging[session_id]
            self._waiting.add(session_id)
            task = asyncio.create_task(self._refresh(session_id), name=f"card of {session_id}")
            self._refreshing[task] = session_id
            task.add_done_callback(self._refreshed)

    def _refreshed(self, task: asyncio.Task[None]) -> None:
        session_id = self._refreshing.pop(task)
        self._waiting.discard(session_id)
        if task.cancelled() or (error := task.exception()) is None or isinstance(error, Stopped):
            return
        log.warning("The card of session %s will be refreshed again: %r", session_id, error)
        now = asyncio.get_running_loop().time()
        self._lagging.setdefault(session_id, _Lag(now, now + RETRY_AFTER))
        self._changed.set()

    async def _refresh(self, session_id: int) -> None:
        priority.set(Priority.CARD)
        view = await self._database.read(lambda t: card_view(t, session_id))
        if view is None or view.session.card_channel_id is None:
            return
        channel_id, message_id = view.session.card_channel_id, view.session.card_message_id
        is_old = message_id is not None and self._is_old(message_id)
        async with self._channel(channel_id).turn(is_old=is_old), self._room:
            self._waiting.discard(session_id)
            view = await self._database.read(lambda t: card_view(t, session_id))
            if view is None or view.session.card_message_id is None:
                return
            # A partial message needs no fetch, and its edit leaves the embeds' flag alone.
            channel = self._client.get_partial_messageable(channel_id)
            message = channel.get_partial_message(view.session.card_message_id)
            try:
                with self.showing(session_id, view.session.version, is_refresh=True):
                    async with giving_up_after(self._client, LONGEST_EDIT):
                        await message.edit(
                            view=card(view, self._clock.now()),
                            # What the bot allows goes with the content of an edit only.
                            allowed_mentions=discord.AllowedMentions.none(),
                        )
            except discord.NotFound as error:
                if error.code == UNKNOWN_MESSAGE:
                    log.info("The card of session %s was deleted in Discord.", session_id)
                    await self._database.write(lambda t: forget_card(t, session_id))
                else:
                    log.info("The channel of session %s was deleted in Discord.", session_id)
                    await self._database.write(lambda t: forget_channel(t, channel_id))
            except discord.Forbidden as error:
                log.warning("The card of session %s can't be refreshed: %s", session_id, error)
                # Asking again would be refused again: it has to change first.
                self._note_shown(session_id, view.session.version)

    def _channel(self, channel_id: int) -> _Channel:
        return self._channels.setdefault(channel_id, _Channel(self._edits_window))

    def _is_old(self, message_id: int) -> bool:
        return self._clock.now() - discord.utils.snowflake_time(message_id) > OLD

    def _note_shown(self, session_id: int, version: int) -> None:
        self._shown[session_id] = max(version, self._shown.get(session_id, 0))
        self._changed.set()

    async def _record(self) -> None:
        shown, self._shown, self._record_at = self._shown, {}, None
        if not shown:
            return
        try:
            await self._database.write(lambda t: record_shown(t, shown))
        except BaseException:
            self._shown = {**shown, **self._shown}
            raise

    async def _record_or_retry(self) -> None:
        try:
            await self._record()
        except Exception:  # whatever ails the store, cards must go on
            log.exception("What cards show could not be recorded; it is tried again.")


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
