"""Keeps the bot connected: retries the login, and reconnects after any disconnection.

The gateway delivers commands and presses. The store, the alarm and the outbox do not depend on it,
and continue while it is disconnected.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets

import aiohttp
import discord

from bot.app import JellyBot
from bot.config import ConfigError
from bot.discord_errors import is_final

log = logging.getLogger(__name__)

LONGEST_PAUSE = 60.0
"""Longest pause between two tries, in seconds."""
PATIENCE = 120
"""Seconds that discord.py has to restore a lost connection.

It always resumes the same session, at the address that Discord named for it, with growing pauses of
up to a quarter of an hour. A new connection may work long before.
"""
STAYING, GOING_AWAY = 4000, 1000
"""Close codes of the gateway: after the latter, Discord shows the bot as offline at once.

https://discord.com/developers/docs/events/gateway#initiating-a-disconnect
"""
NEW_TOKEN = (
    "Discord doesn't accept DISCORD_TOKEN. Reset the token on the Bot page of your application at "
    "https://discord.com/developers/applications and put the new one into .env."
)
_INTENTS = (
    "Discord closed the connection: it doesn't allow what this program asks for (code {code}). "
    "Update the program, or switch the intents that Discord names on under Bot at "
    "https://discord.com/developers/applications."
)
FINAL_CLOSE_CODES = {
    4004: NEW_TOKEN,
    4011: "Discord closed the connection: the bot is in so many servers that it needs shards (code "
    "4011), and this version of Jelly has none. The token is right; have the bot leave servers, or "
    "run a second application for some of them.",
    4013: _INTENTS.format(code=4013),
    4014: _INTENTS.format(code=4014),
}
"""What to tell the operator of close codes after which a retry can't help.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
"""
LAST_WORDS = 2.0
"""Seconds that closing an abandoned connection may take."""


async def log_in(bot: JellyBot, token: str) -> None:
    """Log in, as soon as Discord can be reached.

    Raises ConfigError, with a sentence for the operator, if a retry can't help.
    """
    tries = 0
    while True:
        try:
            await bot.login(token)
        except discord.LoginFailure as error:
            raise ConfigError(NEW_TOKEN) from error
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            problem: Exception = error
        else:
            return
        # Each login opens a new session, but a closed connector would be reused.
        await bot.http.close()
        bot.http.connector = discord.utils.MISSING
        tries += 1
        pause = _pause(tries)
        if is_final(problem):
            log.warning(
                "Discord refused the login (%s). Check that the application of DISCORD_TOKEN still "
                "has its bot; trying again in %.0f s.",
                problem,
                pause,
            )
        else:
            log.warning(
                "I can't reach Discord (%s). Check this machine's network, or wait; trying "
                "again in %.0f s.",
                problem,
                pause,
            )
        await asyncio.sleep(pause)


async def stay_connected(bot: JellyBot, *, patience: float = PATIENCE) -> None:
    """Keep a bot that is logged in connected to the gateway, until it is closed.

    Raises ConfigError if Discord closed the connection for good.
    """
    tries = 0
    while not bot.is_closed():
        connected_before = bot.connections
        try:
            await _connect(bot, patience)
        except discord.PrivilegedIntentsRequired as error:
            raise ConfigError(FINAL_CLOSE_CODES[4014]) from error
        except discord.ConnectionClosed as error:
            if error.code in FINAL_CLOSE_CODES:
                raise ConfigError(FINAL_CLOSE_CODES[error.code]) from error
            log.warning("Discord closed the connection (code %s); trying again.", error.code)
        except _StaysAway:
            log.warning("Discord has been away for %.0f s; trying a new session.", patience)
        except Exception as error:  # any error: a new session may work
            if bot.ws is None and isinstance(error, AttributeError):
                # discord.py 2.7.1 raises AttributeError if its first connection fails.
                log.warning("I can't reach Discord's gateway; trying again.")
            else:
                number = secrets.token_hex(3)
                log.exception("Error %s ended the connection to Discord; connecting anew.", number)
        if bot.is_closed():
            return
        await hang_up(bot, STAYING)
        tries = 0 if bot.connections > connected_before else tries + 1
        await asyncio.sleep(_pause(tries))


class _StaysAway(Exception):
    """The connection is lost, and discord.py did not restore its session in time."""


async def _connect(bot: JellyBot, patience: float) -> None:
    """Stay connected in one new session until it ends.

    Raises _StaysAway once the connection has been lost for ``patience`` seconds.
    """
    connection = asyncio.create_task(bot.connect(), name="gateway")
    try:
        away = 0
        while not connection.done():
            await asyncio.wait((connection,), timeout=1)
            away = 0 if bot.away_since is None else away + 1
            if away >= patience and not connection.done():
                raise _StaysAway
        connection.result()
    finally:
        connection.cancel()
        await asyncio.wait((connection,))


async def hang_up(bot: JellyBot, code: int) -> None:
    """Close the gateway connection, if it is open, with STAYING or GOING_AWAY."""
    bot.note_away()
    if bot.ws is not None and bot.ws.open:
        try:
            async with asyncio.timeout(LAST_WORDS):
                await bot.ws.close(code)
        except TimeoutError:
            log.info("The old connection to Discord did not close in time.")


def _pause(tries: int) -> float:
    """Returns the seconds to wait after ``tries`` failures in a row, randomized for each bot."""
    return min(LONGEST_PAUSE, 2.0**tries) * random.uniform(0.5, 1.0)
