"""Reminders that are all due at once, each in a channel of its own: how fast they go out.

The bot is a real process on a real file and starts with all of them due; a simulated Discord
holds it to 50 requests a second, as the real one does. Counted are the messages that arrived, the
seconds from the first request for one to the last, and every 429 ("too many requests").

It does not show the network's delays, and Discord may hold a bot to less than it documents.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import median, print_goal, print_table
from benchmarks.stores import count, filling, have_posted, in_days, schedule, set_up
from tests.loopback import Guild, Loopback

GOAL = 44.0
_SEND = "POST /channels/{id}/messages"
_LAST_REMINDER = 3600
"""Seconds before the start, by default."""


@dataclass(frozen=True)
class Burst:
    delivered: int
    recorded: int
    seconds: float
    limited: int

    @property
    def per_second(self) -> float:
        return (self.delivered - 1) / self.seconds


async def once(reminders: int, file: Path) -> Burst:
    """Start the bot with so many reminders due, and wait for the last of them."""
    async with Loopback(env={"DISCORD_OPENAPI": ""}) as discord:
        channels = [f"jelly-{number}" for number in range(reminders)]
        guild = await discord.create_guild(channels=channels)
        fill(file, guild)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "WARNING"}
        async with discord.bot("bot", "run", env=settings) as bot:
            await discord.wait_requests(_SEND, reminders, within=30 + reminders / 20)
            await bot.stop()
        limited = sum((await discord.counters()).limited.values())
        sent = [
            request.at
            for request in await discord.requests()
            if request.method == "POST" and request.status == 200
        ]
        delivered = 0
        for channel in guild.channels.values():
            delivered += len(await discord.messages(channel))
    recorded = count(file, "delivery WHERE kind = 'reminder' AND state = 'sent'")
    return Burst(delivered, recorded, max(sent) - min(sent), limited)


def fill(file: Path, guild: Guild) -> None:
    """A session in each channel, whose card is out and whose reminder is due right now."""
    due = int(time.time())
    with filling(file) as connection:
        set_up(connection, guild.id, next(iter(guild.channels.values())))
        for channel_id in guild.channels.values():
            session_id = schedule(connection, guild.id, in_days(0.1))
            have_posted(connection, session_id, channel_id)
            _bring_forward(connection, session_id, channel_id, due)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reminders", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bursts = [
            asyncio.run(once(options.reminders, Path(folder) / f"{number}.sqlite3"))
            for number in range(options.rounds)
        ]
    print_table(
        f"{options.reminders} reminders due at once",
        ("round", "delivered", "recorded", "seconds", "per second", "429"),
        [
            (number, b.delivered, b.recorded, b.seconds, b.per_second, b.limited)
            for number, b in enumerate(bursts, start=1)
        ],
    )
    print_goal("median per second", median([b.per_second for b in bursts]), GOAL, at_least=True)


def _bring_forward(
    connection: sqlite3.Connection, session_id: int, channel_id: int, due: int
) -> None:
    """Have the session's last reminder be due then, in that channel."""
    connection.execute(
        """
        UPDATE delivery SET channel_id = ?, due_at = ?, try_at = ?
        WHERE session_id = ? AND kind = 'reminder' AND before = ?
        """,
        (channel_id, due, due, session_id, _LAST_REMINDER),
    )


if __name__ == "__main__":
    main()
