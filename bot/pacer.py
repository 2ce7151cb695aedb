"""Keeps the bot below Discord's limits, where discord.py does not do that itself."""

from __future__ import annotations

import asyncio
from collections import deque

SENDS_PER_SECOND = 46.0
"""Discord allows 50 requests a second: https://discord.com/developers/docs/topics/rate-limits."""


class Pacer:
    """Hands out turns evenly: ``await turn()`` before each request that counts.

    After a moment in which the event loop stood still, what has piled up goes out at once, but
    never more than a second's turns within any second. Answers to interactions stand outside the
    limit and take no turn.
    """

    def __init__(self, per_second: float = SENDS_PER_SECOND) -> None:
        self._interval = 1 / per_second
        self._next = 0.0
        self._taken: deque[float] = deque(maxlen=int(per_second))

    async def turn(self) -> None:
        loop = asyncio.get_running_loop()
        mine = max(self._next, loop.time())
        self._next = mine + self._interval
        await self._until(mine)
        while len(self._taken) == self._taken.maxlen and self._taken[0] + 1 > loop.time():
            await self._until(self._taken[0] + 1)
        self._taken.append(loop.time())

    async def _until(self, moment: float) -> None:
        if (wait := moment - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(wait)


SESSION_EVERY = 5.0
"""Seconds between two new gateway sessions of one bot.

https://discord.com/developers/docs/events/gateway#rate-limiting
"""
FREE_SESSIONS = 5
"""New sessions in an hour after which the next ones are further apart."""
LONGEST_SESSION_WAIT = 45.0
"""Seconds; discord.py gives a connection 60 to come about."""
HOUR = 3600.0


class SessionPacer:
    """Spreads new gateway sessions: Discord resets the token of a bot with over 1,000 a day."""

    def __init__(self) -> None:
        self._opened: deque[float] = deque()

    async def turn(self) -> None:
        """Wait before a new session; the first of an hour need not."""
        loop = asyncio.get_running_loop()
        while self._opened and self._opened[0] <= loop.time() - HOUR:
            self._opened.popleft()
        if self._opened:
            doublings = max(0, len(self._opened) - FREE_SESSIONS)
            apart = min(LONGEST_SESSION_WAIT, SESSION_EVERY * 2.0**doublings)
            await asyncio.sleep(self._opened[-1] + apart - loop.time())
        self._opened.append(loop.time())
