"""Runs the bot in Discord, from locking its database to a clean shutdown."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from collections.abc import Coroutine, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

import discord
from discord.webhook.async_ import async_context

from bot.app import JellyBot, working
from bot.backups import keeping_copies
from bot.callbacks import Callbacks
from bot.clock import Clock
from bot.config import Config
from bot.connection import GOING_AWAY, hang_up, log_in, stay_connected
from bot.health import health_page
from bot.lock import only_process_on
from bot.permissions import PERMISSIONS
from bot.supervisor import supervised
from data.models import Kept
from data.store.database import Database

log = logging.getLogger(__name__)

COLLECT_AFTER = 20_000, 20, 20
"""Objects, and collections of younger generations, after which Python collects cyclic garbage.

With Python's defaults that takes a twentieth of the time of each press, and finds little.
"""
LAST_ANSWERS = 3.0
"""Seconds for responses in progress at the end: Discord accepts none after 3."""

# Names of the tasks in which discord.py runs commands and presses.
_ANSWERING = ("CommandTree-invoker", "discord.py: on_interaction")


async def run(settings: Config, token: str) -> None:
    """Connect to Discord and run until stopped by Ctrl-C or SIGTERM.

    Raises ConfigError or DatabaseUnusable with a sentence for the operator.
    """
    gc.set_threshold(*COLLECT_AFTER)
    callbacks, stop = Callbacks(), asyncio.Event()
    async_context.set(callbacks)
    with only_process_on(settings.database), stop_signals(stop):
        async with (
            aclosing(callbacks),
            await Database.open(settings.database) as database,
            JellyBot(
                database,
                Clock(),
                kept=Kept.at_most(settings.keep_days),
                privacy_url=settings.privacy_url,
            ) as bot,
            health_page(settings, bot),
            supervised(settings, bot, stop),
            keeping_copies(settings, bot.clock),
        ):
            log.info("Working on the database %s.", settings.database)
            if not await _finished(log_in(bot, token), stop):
                return
            print(f"Invite me with {_invite(bot)}", flush=True)  # noqa: T201  for the terminal
            stopped = asyncio.create_task(stop.wait(), name="stop signal")
            async with working(bot):
                # Only now: a press that fails would fail start-up changes in the same commit.
                connection = asyncio.create_task(stay_connected(bot), name="connection")
                await asyncio.wait((connection, stopped), return_when=asyncio.FIRST_COMPLETED)
                log.info("Stopping.")
                connection.cancel()  # discord.py may be waiting minutes for its next try
                await asyncio.wait((connection,))
                await hang_up(bot, GOING_AWAY)
                answers = asyncio.create_task(_finish_answers(), name="last answers")
            await answers
            await bot.close()
            stopped.cancel()
            if not connection.cancelled():
                connection.result()


async def _finished(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> bool:
    """Whether the work ended by itself; the signal to stop cancels it."""
    working = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait(), name="stop signal")
    await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
    ended = working.done()
    for task in (working, stopped):
        task.cancel()
    await asyncio.wait((working, stopped))
    if ended:
        working.result()
    return ended


def _invite(bot: JellyBot) -> str:
    assert bot.application_id is not None  # known since the login
    return discord.utils.oauth_url(
        bot.application_id,
        permissions=PERMISSIONS,
        scopes=("bot", "applications.commands"),
    )


async def _finish_answers() -> None:
    answering = [task for task in asyncio.all_tasks() if task.get_name() in _ANSWERING]
    if answering:
        await asyncio.wait(answering, timeout=LAST_ANSWERS)


@contextmanager
def stop_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
