"""Ends tasks and requests that take too long, including cases that discord.py does not handle."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import discord

AGAIN_AFTER = 0.1
"""Seconds between two cancellations."""


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended.

    One cancellation is not enough: when a request ends, even by a cancellation, discord.py sleeps
    until its bucket may be used again, for seconds.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=AGAIN_AFTER)


@asynccontextmanager
async def giving_up_after(client: discord.Client, seconds: float) -> AsyncIterator[None]:
    """Limit the time of requests to Discord; raises TimeoutError after ``seconds``.

    If a request ends while discord.py waits in it for the end of a global rate limit, all other
    requests would wait forever; so that wait is released. The pacer enforces the limit by itself.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        client.http._global_over.set()
        raise
