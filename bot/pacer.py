"""Keeps the bot below those of Discord's limits that discord.py does not enforce itself."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from enum import IntEnum
from types import SimpleNamespace

import aiohttp

log = logging.getLogger(__name__)

PER_SECOND = 50
"""Requests that Discord allows in a second: https://discord.com/developers/docs/topics/rate-limits."""
PACE = 48.0
"""Requests a second, spread evenly, as long as they are answered soon."""
WINDOW = 1.02
"""Seconds for which a request counts after its answer: one second by Discord's clock."""
CATCH_UP = 0.25
"""Seconds of requests that may be made up for after the event loop was blocked."""
EXEMPT = ("/interactions/", "/webhooks/")
"""Path parts of requests outside the limit: responses to interactions and follow-ups.

https://discord.com/developers/docs/interactions/receiving-and-responding#endpoints
"""


class Priority(IntEnum):
    """Order in which waiting requests are sent."""

    ANYTHING_ELSE = 0
    CHANNEL_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    CARD = 3
    DELETION = 4


priority: ContextVar[Priority] = ContextVar("priority", default=Priority.ANYTHING_ELSE)
"""Priority of the requests that the current task makes."""


class Stopped(Exception):
    """A request was not sent because the bot is stopping."""


class Pacer:
    """Delays requests, one by one, at the moment when they would be sent to Discord.

    :attr:`trace` is passed to discord.py as its ``http_trace``, so every request is held, including
    discord.py's own retries. A sent request counts until a second after its answer, less half of
    the fastest round trip, since only Discord knows when in between it arrived. So no second by
    Discord's clock has more than PER_SECOND requests, however late the answers are and however
    busy the machine, unless the latency suddenly becomes much shorter.
    """

    def __init__(self, on_limited: Callable[[str, str], None] = lambda method, path: None) -> None:
        """``on_limited`` is called with the method and path of a request that a limit refused."""
        self._on_limited = on_limited
        self._waiting: list[tuple[Priority, int, asyncio.Future[None]]] = []
        self._number = itertools.count()
        self._in_flight = 0
        self._answered: deque[float] = deque()
        self._round_trips: deque[float] = deque(maxlen=2 * PER_SECOND)
        self._next = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._is_stopped = False
        self.trace = aiohttp.TraceConfig()
        self.trace.on_request_headers_sent.append(self._on_leaving)
        self.trace.on_request_end.append(self._on_answer)
        self.trace.on_request_exception.append(self._on_failure)

    def stop(self) -> None:
        """From now on, requests within the limit raise Stopped instead of being sent."""
        self._is_stopped = True
        for _, _, turn in self._waiting:
            if not turn.done():
                turn.set_exception(Stopped())
        self._waiting.clear()

    async def _on_leaving(
        self,
        _session: aiohttp.ClientSession,
        request: SimpleNamespace,
        params: aiohttp.TraceRequestHeadersSentParams,
    ) -> None:
        # aiohttp awaits this before it writes a byte, when the connection is already open.
        if any(part in params.url.path for part in EXEMPT):
            return
        if self._is_stopped:
            raise Stopped
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority.get(), next(self._number), turn))
        self._let_out()
        try:
            await turn
        finally:
            # A turn counts even if it was granted just as its task was cancelled.
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                request.left = getattr(request, "left", 0) + 1
                request.left_at = asyncio.get_running_loop().time()

    async def _on_answer(
        self,
        _session: aiohttp.ClientSession,
        request: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        answer = params.response
        if answer.status == 429:
            if "X-RateLimit-Global" in answer.headers:
                log.warning("Discord's limit for all requests was reached; waiting.")
                pause = float(answer.headers.get("Retry-After", WINDOW))
                self._next = max(self._next, asyncio.get_running_loop().time() + pause)
            else:
                self._on_limited(params.method, params.url.path)
        self._arrived(request)

    async def _on_failure(
        self,
        _session: aiohttp.ClientSession,
        request: SimpleNamespace,
        _params: aiohttp.TraceRequestExceptionParams,
    ) -> None:
        self._arrived(request)

    def _arrived(self, request: SimpleNamespace) -> None:
        """Count a request as answered, if it was sent: Discord has counted it by now."""
        if left := getattr(request, "left", 0):
            now = asyncio.get_running_loop().time()
            self._round_trips.append(now - request.left_at)
            self._in_flight -= left
            self._answered.extend([now] * left)
            self._let_out()

    def _let_out(self) -> None:
        """Grant a turn to as many requests as allowed, and schedule the next call."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        window = max(WINDOW / 2, WINDOW - min(self._round_trips, default=0.0) / 2)
        while self._answered and self._answered[0] <= now - window:
            self._answered.popleft()
        while self._waiting:
            if self._waiting[0][2].done():  # its task was cancelled
                heapq.heappop(self._waiting)
                continue
            free_at = self._next
            if self._in_flight + len(self._answered) >= PER_SECOND:
                if not self._answered:
                    return  # the next answer calls this again
                free_at = max(free_at, self._answered[0] + window)
            if free_at > now:
                self._timer = loop.call_at(free_at, self._let_out)
                return
            _, _, turn = heapq.heappop(self._waiting)
            self._in_flight += 1
            self._next = max(self._next, now - CATCH_UP) + 1 / PACE
            turn.set_result(None)


SESSION_EVERY = 5.0
"""Seconds between two new gateway sessions of one bot.

https://discord.com/developers/docs/events/gateway#rate-limiting
"""
FREE_SESSIONS = 5
"""New sessions in an hour after which the next ones are further apart."""
LONGEST_SESSION_WAIT = 45.0
"""Seconds; discord.py waits 60 for a connection to be established."""
HOUR = 3600.0


class SessionPacer:
    """Spreads new gateway sessions: Discord resets the token of a bot with over 1,000 a day."""

    def __init__(self) -> None:
        self._opened: deque[float] = deque()

    async def turn(self) -> None:
        """Wait before a new session; the first of an hour need not wait."""
        loop = asyncio.get_running_loop()
        while self._opened and self._opened[0] <= loop.time() - HOUR:
            self._opened.popleft()
        if self._opened:
            doublings = max(0, len(self._opened) - FREE_SESSIONS)
            apart = min(LONGEST_SESSION_WAIT, SESSION_EVERY * 2.0**doublings)
            await asyncio.sleep(self._opened[-1] + apart - loop.time())
        self._opened.append(loop.time())
