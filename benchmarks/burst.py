"""Reminders that are all due at once, each in a channel of its own: how fast they go out.

All the while somebody presses the buttons of a card, ten times a second.

The bot is a real process on a real file and starts with all of them due; a simulated Discord
holds it to 50 requests a second, as the real one does. Counted are the messages that arrived, the
seconds from the first request for one to the last, and every 429 ("too many requests").

It does not show the network's delays, and Discord may hold a bot to less than it documents.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sqlite3
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import median, percentile, print_goal, print_table
from benchmarks.stores import (
    count,
    filling,
    have_been_before,
    have_posted,
    in_days,
    schedule,
    set_up,
)
from tests.loopback import Answer, Guild, Loopback

GOAL = 44.0
_PRESSED = "pressed"
_BETWEEN_PRESSES = 0.1
_SEND = "POST /channels/{id}/messages"
_LAST_REMINDER = 3600
"""Seconds before the start, by default."""


@dataclass(frozen=True)
class Burst:
    delivered: int
    recorded: int
    seconds: float
    limited: int
    presses: tuple[float, ...]
    """Seconds from each press on the way to its answer."""
    unanswered: int

    @property
    def per_second(self) -> float:
        return (self.delivered - 1) / self.seconds


async def once(reminders: int, file: Path) -> Burst:
    """Start the bot with so many reminders due, and wait for the last of them."""
    async with Loopback(env={"DISCORD_OPENAPI": ""}) as discord:
        channels = [_PRESSED, *(f"jelly-{number}" for number in range(reminders))]
        guild = await discord.create_guild(channels=channels)
        fill(file, guild)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "WARNING"}
        async with discord.bot("bot", "run", env=settings) as bot:
            pressing = asyncio.create_task(_press(discord, guild))
            await discord.wait_requests(_SEND, reminders + 1, within=30 + reminders / 20)
            pressing.cancel()
            await asyncio.wait((pressing,))
            answers = pressing.result()
            await bot.stop()
        limited = sum((await discord.counters()).limited.values())
        sent = [
            request.at
            for request in await discord.requests()
            if request.method == "POST" and request.path.endswith("/messages")
        ]
        delivered = 0
        for name, channel in guild.channels.items():
            if name != _PRESSED:
                delivered += len(await discord.messages(channel))
    recorded = count(file, "delivery WHERE kind = 'reminder' AND message_id IS NOT NULL")
    return Burst(
        delivered,
        recorded,
        max(sent) - min(sent),
        limited,
        tuple(answer.seconds for answer in answers if answer.seconds is not None),
        sum(answer.kind != "update" for answer in answers),
    )


async def _press(discord: Loopback, guild: Guild) -> list[Answer]:
    """Press the one card's buttons until cancelled; gives what came of each press."""
    answers: list[Answer] = []
    with suppress(asyncio.CancelledError):
        channel = guild.channels[_PRESSED]
        while not (messages := await discord.messages(channel)):
            await asyncio.sleep(0.05)
        card = messages[0]
        going, declined = card.buttons["Going"], card.buttons["Can't make it"]
        for number in itertools.count():
            button = declined if number % 2 else going
            answers.append(await discord.click(guild.members[0], card, button))
            await asyncio.sleep(_BETWEEN_PRESSES)
    return answers


def fill(file: Path, guild: Guild) -> None:
    """A session in each channel, whose card is out and whose reminder is due right now.

    In the first channel, the card is due.
    """
    due = int(time.time())
    with filling(file) as connection:
        set_up(connection, guild.id, guild.channels[_PRESSED])
        have_been_before(connection, guild.id, guild.members)
        schedule(connection, guild.id, in_days(2))
        for name, channel_id in guild.channels.items():
            if name == _PRESSED:
                continue
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
        f"{options.reminders} reminders due at once; seconds from a press to its answer",
        (
            *("round", "delivered", "recorded", "seconds", "per second", "429"),
            *("presses", "unanswered", "p50", "p99"),
        ),
        [
            (
                *(number, b.delivered, b.recorded, b.seconds, b.per_second, b.limited),
                *(len(b.presses), b.unanswered),
                *(percentile(b.presses, 50), percentile(b.presses, 99)),
            )
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
