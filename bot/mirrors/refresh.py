"""Keeps mirrors current: each is refreshed once after a period without changes.

A press updates its own card with its response. Everything else that changes a session, and
overlapping presses, are touched here; those of its mirrors that are out of date are refreshed with
the latest state. A :class:`Shows` implements one kind of mirror.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import discord

from bot.clock import Clock
from bot.discord_errors import UNKNOWN_CHANNEL, is_final
from bot.ending import cancelled
from bot.pacer import Priority, Stopped, priority
from data.mirrors import lagging_sessions, mirrors_of, record_shown
from data.models import Mirror, MirrorKind, SessionView
from data.outbox.gone import card_gone, channel_gone
from data.people.session_views import card_view
from data.store.database import Database
from data.store.transaction import Transaction

log = logging.getLogger(__name__)

QUIET = 2.0
"""Seconds without another change after which a session is refreshed."""
TOGETHER = 0.2
"""Seconds in which changes are collected: handling each would slow presses down."""
LONGEST_WAIT = 10.0
"""Seconds after which it is refreshed although changes continue."""
MOST_REFRESHES = 20
"""Mirrors that are changed at the same time."""
RECORD_AFTER = 10.0
"""Seconds after which the shown versions are written to the store, for all mirrors together."""
RETRY_AFTER, LONGEST_RETRY = 15.0, 300.0
"""Seconds after which a failed refresh is retried: doubled each time, up to the latter."""


class Shows(Protocol):
    """Shows one kind of mirror in Discord."""

    def turn(self, mirror: Mirror) -> AbstractAsyncContextManager[None]:
        """Wait until Discord's limits allow a change of the mirror."""

    async def show(self, mirror: Mirror, view: SessionView) -> None:
        """Change the mirror. Raises discord.HTTPException, Stopped or a connection's error."""

    def is_gone(self, error: discord.HTTPException) -> bool:
        """Whether only the mirror was deleted, and not the channel that it was in."""


@dataclass(slots=True)
class _Lag:
    since: float
    due: float


class Mirrors:
    """Every session's mirrors; ``shows`` has an entry for each kind.

    ``on_owed`` is called when messages are owed because one is gone.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        shows: Mapping[MirrorKind, Shows],
        *,
        on_owed: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._shows = shows
        self._on_owed = on_owed
        self._touched: set[int] = set()
        """Touched since :meth:`run` last looked; only that task reads the time."""
        self._lagging: dict[int, _Lag] = {}
        self._refreshing: dict[asyncio.Task[None], int] = {}
        self._waiting: set[int] = set()
        """Sessions whose refresh has begun but not yet read the store: it will see any change."""
        self._failures: Counter[int] = Counter()
        """Refreshes of a session that failed in a row."""
        self._room = asyncio.Semaphore(MOST_REFRESHES)
        self._showing: Counter[_Face] = Counter()
        self._crossed: set[_Face] = set()
        self._shown: dict[_Face, int] = {}
        self._record_at: float | None = None
        self._changed = asyncio.Event()

    @property
    def kinds(self) -> Set[MirrorKind]:
        """The kinds that can be shown."""
        return self._shows.keys()

    @contextmanager
    def showing(
        self,
        session_id: int,
        version: int,
        kind: MirrorKind = MirrorKind.CARD,
        *,
        is_refresh: bool = False,
    ) -> Iterator[None]:
        """Wrap what puts this version on a mirror, to detect overlaps, which may land in any order.

        After an overlap, or a failed response to a press, the session is touched, so that a refresh
        corrects the mirror. A failed refresh is handled by its caller.
        """
        face = session_id, kind
        self._showing[face] += 1
        if self._showing[face] > 1:
            self._crossed.add(face)
        failed = True
        try:
            yield
            failed = False
        finally:
            self._showing[face] -= 1
            if face in self._crossed or (failed and not is_refresh):
                self.touch(session_id)
            elif not failed:
                self._note_shown(face, version)
            if not self._showing[face]:
                del self._showing[face]
                self._crossed.discard(face)

    def touch(self, session_id: int) -> None:
        """Mark the session's mirrors, if any, as possibly out of date, to be refreshed later."""
        self._touched.add(session_id)
        self._changed.set()

    async def touch_lagging(self) -> None:
        """Touch every session whose mirrors are out of date according to the store."""
        after: int | None = 0
        while after is not None:
            sessions, after = await self._database.read(partial(lagging_sessions, after=after))
            for session_id in sessions:
                self.touch(session_id)

    async def run(self) -> None:
        """Refresh mirrors as they become due, until cancelled."""
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
        """Refresh all touched sessions now, and record the shown versions."""
        while self._touched or self._lagging or self._refreshing:
            self._note_touched(0.0)
            self._begin_refreshing(float("inf"))
            await asyncio.gather(*self._refreshing)
        await self._record()

    async def close(self) -> None:
        """Record the shown versions; what is still out of date is refreshed at the next start."""
        await cancelled(self._refreshing)
        await self._record_or_retry()

    def _note_touched(self, now: float) -> float | None:
        """Schedule a refresh for each touched session.

        Returns the event loop time of the next refresh or recording; None if there is none.
        """
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
            task = asyncio.create_task(self._refresh(session_id), name=f"mirrors of {session_id}")
            self._refreshing[task] = session_id
            task.add_done_callback(self._refreshed)

    def _refreshed(self, task: asyncio.Task[None]) -> None:
        session_id = self._refreshing.pop(task)
        self._waiting.discard(session_id)
        if task.cancelled() or (error := task.exception()) is None or isinstance(error, Stopped):
            del self._failures[session_id]
            return
        log.warning("What shows session %s will be refreshed again: %s", session_id, error)
        now = asyncio.get_running_loop().time()
        wait = min(LONGEST_RETRY, RETRY_AFTER * 2.0 ** self._failures[session_id])
        self._failures[session_id] += 1
        self._lagging.setdefault(session_id, _Lag(now, now + wait))
        self._changed.set()

    async def _refresh(self, session_id: int) -> None:
        """Update each of a session's mirrors, one after the other."""
        priority.set(Priority.CARD)
        for mirror in await self._database.read(lambda t: mirrors_of(t, session_id)):
            shows = self._shows[mirror.kind]
            async with shows.turn(mirror), self._room:
                self._waiting.discard(session_id)
                await self._show(session_id, mirror, shows)

    async def _show(self, session_id: int, mirror: Mirror, shows: Shows) -> None:
        def query(transaction: Transaction) -> tuple[SessionView | None, Mirror | None]:
            mirrors = mirrors_of(transaction, session_id)
            current = next((one for one in mirrors if one.kind is mirror.kind), None)
            return card_view(transaction, session_id), current

        view, current = await self._database.read(query)
        if view is None or current is None:
            return
        if current.mirror_id != mirror.mirror_id:
            # It was replaced meanwhile, by one for which the turn may be another.
            if current.version > current.version_shown:
                self.touch(session_id)
            return
        version = view.session.version
        try:
            with self.showing(session_id, version, mirror.kind, is_refresh=True):
                await shows.show(mirror, view)
        except discord.HTTPException as error:
            if not is_final(error):
                raise
            channel_id = mirror.channel_id
            if shows.is_gone(error):
                log.info("The %s of session %s was deleted in Discord.", mirror.kind, session_id)
                now = self._clock.now()
                await self._database.write(lambda t: card_gone(t, mirror, now=now))
                self._on_owed()
            elif error.code == UNKNOWN_CHANNEL and channel_id is not None:
                log.info("The channel of session %s was deleted in Discord.", session_id)
                guild_id, now = mirror.owner.guild_id, self._clock.now()
                await self._database.write(lambda t: channel_gone(t, guild_id, channel_id, now=now))
                self._on_owed()
            else:
                what = f"The {mirror.kind} of session {session_id}"
                log.warning("%s is not refreshed: %s", what, error)
                # A retry would be refused again until the session changes.
                self._note_shown((session_id, mirror.kind), version)

    def _note_shown(self, face: _Face, version: int) -> None:
        self._shown[face] = max(version, self._shown.get(face, 0))
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
        except Exception:  # whatever it is, all cards would stop following
            log.exception("What mirrors show could not be recorded; it is tried again.")


_Face = tuple[int, MirrorKind]
"""One of a session's mirrors, by the session's id and the kind."""
