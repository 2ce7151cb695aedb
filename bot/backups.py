"""Copies of the database: when they are made, and the sentences about them for the operator."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import Clock
from bot.config import Config
from data.models import Kept
from data.outside import forget_outside
from data.store import backups
from data.store.backups import BackupFailed

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(hours=1)
"""Longest delay of the copy after a new day (UTC) begins, or after a failure."""


def backup(settings: Config, wanted: Path, now: datetime) -> str:
    """Copy the database; returns a sentence that says so. Raises BackupFailed."""
    copy = backups.backup(settings.database, wanted, now=now)
    size = copy.path.stat().st_size
    return f"Wrote {copy.path} ({_size(size)}, {_sessions(copy.sessions)})."


def restore(settings: Config, copy: Path, now: datetime) -> str:
    """Replace the database by a copy; returns a sentence that says so. Raises BackupFailed."""
    restored = backups.restore(
        copy, settings.database, now=now, change=lambda t: forget_outside(t, now=now)
    )
    if restored.replaced is None:
        kept = "there was none before"
    else:
        kept = f"what was there before is kept as {restored.replaced}"
    sessions = _sessions(restored.sessions)
    return f"{settings.database} is now what {copy} holds ({sessions}); {kept}."


@asynccontextmanager
async def keeping_copies(settings: Config, clock: Clock) -> AsyncIterator[None]:
    """Copy the database once a day, also at the first start of a day, and delete old copies.

    While this is open.
    """
    stop = asyncio.Event()
    copying = asyncio.create_task(_keep_copies(settings, clock, stop), name="copies")
    try:
        yield
    finally:
        # A copy in progress must end before another process may hold the database.
        stop.set()
        await copying


async def _keep_copies(settings: Config, clock: Clock, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await asyncio.to_thread(_make_and_prune, settings, clock.now())
        except BackupFailed as problem:
            log.error("%s It is tried again in an hour.", problem)
        except Exception:  # whatever it is, it must end neither the bot nor later copies
            log.exception("The nightly copy failed; it is tried again in an hour.")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_AGAIN.total_seconds())


def _make_and_prune(settings: Config, now: datetime) -> None:
    kept = Kept.at_most(settings.keep_days)
    for old in backups.prune_kept_aside(settings.database, made_before=now - kept.copies):
        log.info("Deleted the old copy %s.", old)
    if settings.backups:
        copy = backups.nightly_copy(settings.database, now.date(), keep=settings.backups)
        if copy is not None:
            log.info("Made the nightly copy %s.", copy.path)


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"
