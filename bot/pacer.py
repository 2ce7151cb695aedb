"""Keeps the bot below Discord's global limit, which discord.py does not do itself."""

from __future__ import annotations

import asyncio

SENDS_PER_SECOND = 46.0
"""Discord allows 50 requests a second: https://discord.com/developers/docs/topics/rate-limits."""


class Pacer:
    """Hands out turns evenly: ``await turn()`` before each request that counts.

    Answers to interactions stand outside the limit and take no turn.
    """

    def __init__(self, per_second: float = SENDS_PER_SECOND) -> None:
        self._interval = 1 / per_second
        self._next = 0.0

    async def turn(self) -> None:
        loop = asyncio.get_running_loop()
        mine = max(self._next, loop.time())
        self._next = mine + self._interval
        if (wait := mine - loop.time()) > 0:
            await asyncio.sleep(wait)
