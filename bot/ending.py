"""Ends what takes too long, also where discord.py is not prepared for that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import discord

AGAIN_AFTER = 0.1
"""Seconds."""


async def cancelled(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until they have ended.

    Once is not enough: as a request ends, discord.py sleeps until its bucket may be used again,
    for seconds, also if what ends it is that it was cancelled.
    """
    waiting = {task for task in tasks if not task.done()}
    while waiting:
        for task in waiting:
            task.cancel()
        _, waiting = await asyncio.wait(waiting, timeout=AGAIN_AFTER)


@asynccontextmanager
async def giving_up_after(client: discord.Client, seconds: float) -> AsyncIterator[None]:
    """Around requests to Discord; raises TimeoutError once they have taken so long.

    One that ends as discord.py waits with it until a limit for all requests is over would otherwise
    leave all others waiting for good. The pacer keeps to that limit by itself.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        client.http._global_over.set()
        raise
