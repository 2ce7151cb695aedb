"""Waits for the simulated world to reach a state, without polling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pulse:
    """Signals each change, so that waiting code checks again."""

    def __init__(self) -> None:
        self._waiting: list[asyncio.Future[None]] = []

    def beat(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def until(self, holds: Callable[[], bool], within: float) -> bool:
        """Waits until `holds` is true, at most `within` seconds; returns whether it is."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + within
        while not holds():
            left = give_up_at - loop.time()
            if left <= 0:
                return False
            future = loop.create_future()
            self._waiting.append(future)
            await asyncio.wait([future], timeout=left)
        return True
