"""The whole bot in a simulated Discord in the browser: a seeded server, and a movable clock."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from pathlib import Path

import simcord
from simcord.preview import Preview

from bot.config import ConfigError
from bot.demo.page import DemoPage
from bot.demo.seed import MEMBERS, ZONE
from bot.demo.world import LOCALE, TICK, World, demo_world
from bot.run import stop_signals

_STALE_AFTER = timedelta(seconds=20)
"""After which relative times on the page may be wrong."""

__all__ = ["MEMBERS", "ZONE", "World", "demo", "demo_page", "demo_world"]


async def demo(*, port: int | None = None, database: Path | None = None) -> None:
    """Serve the demo on this machine until Ctrl-C or SIGTERM. Raises ConfigError."""
    stop = asyncio.Event()
    with stop_signals(stop), _database_file(database) as file, _free(port):
        async with (
            demo_world(file) as world,
            demo_page(world, port) as page,
        ):
            print(  # noqa: T201  for the terminal
                "\nJelly's demo is ready. Open this in your browser:\n\n"
                f"    {page.url}\n\n"
                f"It says what to try first. Under “Viewing as” you look through each member's "
                f"eyes; {MEMBERS[0]} organizes.\nStop it with Ctrl-C.",
                flush=True,
            )
            await stop.wait()


@asynccontextmanager
async def demo_page(world: World, port: int | None = None) -> AsyncIterator[Preview]:
    """Serves the page of a world, kept current; it opens with the eyes of a member."""
    organizer, newcomer, *others = world.members
    page = DemoPage(
        world.environment,
        world.jellies,
        [newcomer, organizer, *others],
        timezone=ZONE,
        locale=LOCALE,
        port=port,
    )
    async with page:
        keeping = asyncio.create_task(_keep_page_current(world, page), name="demo page")
        try:
            yield page
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


async def _keep_page_current(world: World, page: Preview) -> None:
    """Refresh the page when the bot acts by itself or time moved.

    By itself, the page refreshes only after user actions. Relative times on it are of its refresh.
    """
    seen, shown_at = 0, world.clock.now()
    while True:
        await asyncio.sleep(TICK)
        requests, now = world.environment.backend.http_requests, world.clock.now()
        sent = sum(request.path.startswith("/channels/") for request in requests[seen:])
        if not sent and now - shown_at < _STALE_AFTER:
            seen = len(requests)
            continue
        try:
            await page.refresh()
        except simcord.SetupError:
            continue  # something else is in progress; look again shortly
        seen, shown_at = len(requests), now


@contextmanager
def _free(port: int | None) -> Iterator[None]:
    try:
        yield
    except (simcord.SetupError, OverflowError) as error:
        raise ConfigError(
            f"The demo can't start on port {port} ({error}). Leave --port out to use any free one."
        ) from error


@contextmanager
def _database_file(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="jelly-demo-") as folder:
            yield Path(folder) / "demo.sqlite3"
        return
    if wanted.exists():
        raise ConfigError(
            f"{wanted} exists already, and the demo starts a new server each time. Name a new file."
        )
    yield wanted
