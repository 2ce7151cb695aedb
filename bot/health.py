"""``/healthz``: whether the bot works, for supervisors on the same machine."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.app import JellyBot
from bot.config import Config, ConfigError
from data.checkup import Owed, owed
from data.store.key_value import remember
from data.store.unusable import DatabaseUnusable

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
"""Only this machine may ask: the page is for its supervisor, and has no password."""
_NAMES = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
"""What a request may call this machine in its Host header."""
PATIENCE = timedelta(minutes=15)
"""How long Discord may be away: it mostly comes back by itself, and a restart would not help."""
TRY_STORE_EVERY = 5.0
"""Seconds: the store is written to at most this often, however often the page is requested."""
LONGEST_TRY = 2.5
"""Seconds after which a write that has not ended counts as failed."""
LOOK_AT_LOOP_EVERY = 0.1
LAST_ANSWERS = 1.0
"""Seconds that requests in progress get at the end."""


@asynccontextmanager
async def health_page(settings: Config, bot: JellyBot) -> AsyncIterator[None]:
    """Serve the page while this is open, if the settings name a port.

    Raises ConfigError if the port can't be used.
    """
    if settings.health_port is None:
        yield
        return
    health = _Health(bot)
    page = web.Application(middlewares=[_for_this_machine])
    page.router.add_get("/healthz", health.answer)
    runner = web.AppRunner(page, access_log=None, shutdown_timeout=LAST_ANSWERS)
    await runner.setup()
    watching = asyncio.create_task(health.watch_loop(), name="event loop watcher")
    try:
        try:
            await web.TCPSite(runner, HOST, settings.health_port).start()
        except OSError as error:
            raise ConfigError(
                f"The port {settings.health_port} of JELLY_HEALTH_PORT can't be had "
                f"({error.strerror}). Name another one, or leave it empty for no health page."
            ) from error
        log.info("The health page is http://%s:%s/healthz.", HOST, settings.health_port)
        yield
    finally:
        watching.cancel()
        await asyncio.wait((watching,))
        await runner.cleanup()


@web.middleware
async def _for_this_machine(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuses what a page in a browser asks by a name of its own that leads to this machine.

    https://owasp.org/www-community/attacks/DNS_Rebinding
    """
    if not _NAMES.fullmatch(request.headers.get("Host", "")):
        return web.Response(
            status=403, text="Ask for this page at http://127.0.0.1 or http://localhost.\n"
        )
    return await handler(request)


class _Health:
    def __init__(self, bot: JellyBot) -> None:
        self._bot = bot
        self._worst_stall = 0.0
        self._trying = asyncio.Lock()
        self._tried_at: float | None = None
        self._store_error: str | None = None
        self._owed: Owed | None = None

    async def answer(self, _: web.Request) -> web.Response:
        """Returns the report as JSON, with status 200 if the bot works and 503 if it does not."""
        bot, loop = self._bot, asyncio.get_running_loop()
        await self._try_store()
        away = timedelta(0)
        if bot.away_since is not None:
            away = max(away, bot.clock.now() - bot.away_since)
        worked_at = bot.alarm.worked_at
        problems = []
        if self._store_error is not None:
            problems.append(f"The database can't be written: {self._store_error}")
        if bot.alarm.hangs:
            problems.append("The work at the alarm hangs.")
        if away > PATIENCE:
            problems.append(f"Discord has been away for {int(away.total_seconds())} seconds.")
        stall, self._worst_stall = self._worst_stall, 0.0
        told: dict[str, Any] = {
            "problems": problems,
            "connected": bot.away_since is None,
            "away": round(away.total_seconds(), 1),
            "database": self._store_error is None,
            "alarm": {
                "alive": not bot.alarm.hangs,
                "last": None if worked_at is None else round(loop.time() - worked_at, 1),
            },
            "event_loop_stall": round(stall, 4),
            "memory": _memory(),
            "tasks": len(asyncio.all_tasks()),
            "open_files": _open_files(),
            "owed": self._owed and self._owed.messages,
            "overdue": self._owed and self._owed.overdue,
        }
        return web.json_response(told, status=503 if problems else 200)

    async def watch_loop(self) -> None:
        """Measure how long the event loop is blocked."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_AT_LOOP_EVERY
            await asyncio.sleep(LOOK_AT_LOOP_EVERY)
            self._worst_stall = max(self._worst_stall, loop.time() - due)

    async def _try_store(self) -> None:
        """Write to the store and count what is owed, at most once in TRY_STORE_EVERY seconds."""
        loop = asyncio.get_running_loop()
        async with self._trying:
            if self._tried_at is not None and loop.time() - self._tried_at < TRY_STORE_EVERY:
                return
            now = self._bot.clock.now()
            try:
                async with asyncio.timeout(LONGEST_TRY):
                    await self._bot.database.write(
                        lambda t: remember(t, "found healthy", now.isoformat())
                    )
                    self._owed = await self._bot.database.read(lambda t: owed(t, now=now))
                self._store_error = None
            except TimeoutError:
                self._store_error = f"no answer within {LONGEST_TRY} seconds"
            except (sqlite3.Error, DatabaseUnusable) as error:
                self._store_error = str(error)
            self._tried_at = loop.time()


def _memory() -> int | None:
    """Returns the resident memory of this process in bytes; None if the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _open_files() -> int | None:
    try:
        # Listing the folder opens one more file.
        return len(os.listdir("/dev/fd")) - 1  # noqa: PTH208  only the number is needed
    except OSError:
        return None
