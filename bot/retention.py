"""When what is old is forgotten: at the start, and once a day."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, datetime, timedelta
from functools import partial

from bot.clock import Clock
from data.models import Kept
from data.retention import START, STEPS, Place
from data.store.database import Database

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(hours=1)
"""Longest delay after a new day (UTC) begins, or after a failure."""
PAUSE = 0.02
"""Seconds between two steps, in which the store takes other changes."""


async def forget_daily(database: Database, clock: Clock, kept: Kept) -> None:
    """Forget what is old now, and then each day, until cancelled."""
    done: date | None = None
    while True:
        now = clock.now()
        if now.date() != done:
            try:
                await forget(database, kept, now=now)
                done = now.date()
            except Exception:  # whatever it is, later days must be forgotten, too
                log.exception("What is old could not be forgotten; it is tried again in an hour.")
        await asyncio.sleep(LOOK_AGAIN.total_seconds())


async def forget(database: Database, kept: Kept, *, now: datetime, pause: float = PAUSE) -> None:
    """Forget everything that is old as of a moment, step by step."""
    for step in STEPS:
        place: Place | None = START
        while place is not None:
            place = await database.write(partial(step, kept=kept, now=now, after=place))
            await asyncio.sleep(pause)
