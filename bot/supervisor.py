"""Notifies systemd that the bot is ready, what it waits for, and that it is alive.

One datagram for each message, to the socket that systemd names. The libraries for it have not been
released for years, or need a compiler.
https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.app import JellyBot
from bot.config import Config

log = logging.getLogger(__name__)

TELL_EVERY = 5.0
"""Seconds between two reports of changes to systemd."""


@asynccontextmanager
async def supervised(settings: Config, bot: JellyBot, stop: asyncio.Event) -> AsyncIterator[None]:
    """Keep systemd notified while this is open, if it asked for that.

    The bot reports ready at once, so that systemd does not restart it while it waits for Discord.
    """
    if settings.notify_socket is None:
        yield
        return
    # systemd recommends half of its interval.
    every = min(TELL_EVERY, (settings.watchdog or TELL_EVERY * 2) / 2)
    with _Systemd(settings.notify_socket) as systemd:
        systemd.tell("READY=1")
        telling = asyncio.create_task(_keep_telling(systemd, bot, stop, every), name="supervisor")
        try:
            yield
        finally:
            telling.cancel()
            await asyncio.wait((telling,))
            systemd.tell("STOPPING=1")


async def _keep_telling(
    systemd: _Systemd, bot: JellyBot, stop: asyncio.Event, every: float
) -> None:
    told = ""
    while True:
        news = _news(bot, stop)
        if news != told:
            systemd.tell(news)
            told = news
        # Without it systemd ends the bot. Its arrival shows that the event loop runs.
        if not bot.alarm.hangs:
            systemd.tell("WATCHDOG=1")
        if stop.is_set():
            await asyncio.sleep(every)
        else:
            # Not wait_for: up to Python 3.11 it loses a cancellation if it has just ended.
            with suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await stop.wait()


def _news(bot: JellyBot, stop: asyncio.Event) -> str:
    """Returns the state and status to report to systemd."""
    if stop.is_set():
        return "STOPPING=1\nSTATUS=Stopping"
    if bot.alarm.hangs:
        return "STATUS=The work at the alarm hangs"
    if bot.away_since is not None:
        return f"STATUS=Waiting for Discord since {bot.away_since:%Y-%m-%d %H:%M} UTC"
    return "STATUS=Connected to Discord"


class _Systemd:
    """The socket on which systemd listens."""

    def __init__(self, address: str) -> None:
        # The name of an abstract socket, which is not a file, begins with a zero byte.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)
        self._is_deaf = False

    def __enter__(self) -> _Systemd:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def tell(self, message: str) -> None:
        try:
            self._socket.sendto(message.encode(), self._address)
        except OSError as error:
            if not self._is_deaf:
                log.warning("systemd can't be told how the bot is: %s", error)
            self._is_deaf = True
        else:
            self._is_deaf = False
