"""Wakes the bot when something is due. It holds no state that is lost when it is killed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from bot.clock import Clock

log = logging.getLogger(__name__)

SAFETY_TICK = 30.0
"""Seconds: the longest wait, even if the clock jumps or a wake-up is missed.

Measured by the event loop's clock. APScheduler uses the machine's clock, and if that goes back,
APScheduler stands still for as long.
"""


LONGEST_WORK = 120.0
"""Seconds from one end of the work to the next after which it hangs: four safety ticks."""


class Alarm:
    """Runs ``work`` regularly, and at the moment that ``work`` returns as next due.

    Start it outside the bot's own tasks, once the bot is logged in.
    """

    def __init__(self, clock: Clock, work: Callable[[], Awaitable[datetime | None]]) -> None:
        self._clock = clock
        self._work = work
        self._wanted = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self.worked_at: float | None = None
        """When the work last ended, failed or not (event loop time); None while stopped."""
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True}
        )

    def ring(self) -> None:
        """Have the work run again, because something may be due now."""
        self._wanted.set()

    def start(self) -> None:
        self._scheduler.start()
        self.worked_at = asyncio.get_running_loop().time()
        self._worker = asyncio.create_task(self._keep_working(), name="alarm")
        self.ring()

    @property
    def hangs(self) -> bool:
        """Whether the work has not ended for more than LONGEST_WORK seconds."""
        if self.worked_at is None:
            return False
        return asyncio.get_running_loop().time() - self.worked_at > LONGEST_WORK

    async def stop(self) -> None:
        """Stop ringing, and wait until the work in progress has ended."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        self.worked_at = None

    async def _ring(self) -> None:
        self.ring()

    async def _keep_working(self) -> None:
        while True:
            # Not wait_for: up to Python 3.11 it loses the cancellation by stop() after a ring.
            with suppress(TimeoutError):
                async with asyncio.timeout(SAFETY_TICK):
                    await self._wanted.wait()
            self._wanted.clear()
            try:
                due = await self._work()
            except Exception:  # whatever it is, an alarm that ended would never ring again
                log.exception("The work at the alarm failed; it is tried again shortly.")
            else:
                self._set(due)
            self.worked_at = asyncio.get_running_loop().time()

    def _set(self, due: datetime | None) -> None:
        if due is not None:
            self._scheduler.add_job(
                self._ring,
                DateTrigger(self._clock.machine_time(due), UTC),
                id="next",
                replace_existing=True,
            )
