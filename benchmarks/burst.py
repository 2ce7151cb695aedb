"""Measures how fast reminders go out that are all due at once, each in a channel of its own.

Meanwhile members press the buttons of a card, ten times a second; the seed draws which.

The bot is a real process on a real file and starts with all of them due; a simulated Discord holds
it to 50 requests a second, as the real one does. Counted are the messages that arrived, the seconds
from the first request for one to the last, and every 429 ("too many requests").

It does not show the network's delays, and Discord may hold a bot to less than it documents.

Ends with 1 if a reminder did not arrive, came twice or was not recorded, if there was a 429, or if
a press was not answered or not stored. The speed does not affect the exit code.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.ledger import Ledger, stored_answers
from benchmarks.report import (
    median,
    not_zero,
    parser_of,
    percentile,
    print_goal,
    print_table,
    run,
)
from benchmarks.stores import (
    FIRST_USER,
    TITLE,
    count,
    filling,
    have_answered,
    have_been_before,
    have_posted,
    in_days,
    schedule,
    set_up,
)
from data.models import Answer
from tests.loopback import Guild, Loopback

GOAL = 44.0
_PRESSED = "pressed"
_BETWEEN_PRESSES = 0.1
_BUTTONS = {"Going": "going", "Maybe": "maybe", "Can't make it": "declined"}
_SEND = "POST /channels/{id}/messages"
_LAST_REMINDER = 3600
"""Seconds before the start, by default."""


@dataclass
class Pressed:
    """The result of the presses on the one card meanwhile."""

    waits: list[float] = field(default_factory=list)
    """Seconds from each press to its answer."""
    unanswered: int = 0
    ledger: Ledger = field(default_factory=Ledger)


@dataclass(frozen=True)
class Burst:
    reminders: int
    arrived: int
    """Channels that have their reminder."""
    doubled: int
    """Messages beyond one in each channel."""
    recorded: int
    seconds: float
    limited: int
    pressed: Pressed
    lost: Sequence[str]
    """A sentence for each lost answer."""
    errors: int
    """Errors in the log."""
    exit_code: int

    @property
    def per_second(self) -> float:
        return (self.arrived - 1) / self.seconds

    @property
    def broken(self) -> list[str]:
        """Returns a sentence for each promise that was broken."""
        broken = not_zero(
            {
                "reminders that did not arrive": self.reminders - self.arrived,
                "messages doubled": self.doubled,
                "reminders that were not recorded": self.reminders - self.recorded,
                "requests answered with 429": self.limited,
                "presses without an answer": self.pressed.unanswered,
                "errors in the log": self.errors,
                "the bot's exit code": self.exit_code,
            }
        )
        if not self.pressed.waits:
            broken.append("no press was acknowledged, which proves nothing")
        return [*broken, *(f"lost: {sentence}" for sentence in self.lost)]


async def once(reminders: int, file: Path, *, seed: int) -> Burst:
    """Starts the bot with so many reminders due, and waits for the last of them."""
    async with Loopback(seed=seed, env={"DISCORD_OPENAPI": ""}) as discord:
        channels = [_PRESSED, *(f"jelly-{number}" for number in range(reminders))]
        guild = await discord.create_guild(channels=channels)
        fill(file, guild)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "WARNING"}
        pressed = Pressed()
        async with discord.bot("bot", "run", env=settings) as bot:
            pressing = asyncio.create_task(_press(discord, guild, random.Random(seed), pressed))
            with suppress(TimeoutError):  # what did not arrive is counted
                await discord.wait_requests(_SEND, reminders + 1, within=30 + reminders / 20)
            pressing.cancel()
            with suppress(asyncio.CancelledError):
                await pressing
            exit_code = await bot.stop()
        sent = [
            request.at
            for request in await discord.requests()
            if request.method == "POST" and request.path.endswith("/messages")
        ]
        arrived = doubled = 0
        for name, channel in guild.channels.items():
            shown = [m for m in await discord.messages(channel) if not m.ephemeral]
            arrived += name != _PRESSED and bool(shown)
            doubled += max(0, len(shown) - 1)
        return Burst(
            reminders,
            arrived,
            doubled,
            recorded=count(file, "delivery WHERE kind = 'reminder' AND message_id IS NOT NULL"),
            seconds=max(sent) - min(sent),
            limited=sum((await discord.counters()).limited.values()),
            pressed=pressed,
            lost=pressed.ledger.lost(stored_answers(file)),
            errors=bot.output.count(" ERROR ") + bot.output.count("Traceback"),
            exit_code=exit_code,
        )


async def _press(discord: Loopback, guild: Guild, chance: random.Random, pressed: Pressed) -> None:
    """Presses the one card's buttons until cancelled."""
    channel = guild.channels[_PRESSED]
    while not (messages := await discord.messages(channel)):
        await asyncio.sleep(0.05)
    card = messages[0]
    while True:
        member, (label, said) = chance.choice(guild.members), chance.choice(list(_BUTTONS.items()))
        pressed.ledger.sent((TITLE, member), said)
        answer = await discord.click(member, card, card.buttons[label])
        if answer.kind == "update" and answer.seconds is not None:
            pressed.ledger.noted((TITLE, member), said)
            pressed.waits.append(answer.seconds)
        else:
            pressed.unanswered += 1
        await asyncio.sleep(_BETWEEN_PRESSES)


def fill(file: Path, guild: Guild) -> None:
    """Fills in a session in each channel, whose card is out and whose reminder is due right now.

    A member is going to each. In the first channel, the card is due.
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
            have_answered(connection, session_id, [(FIRST_USER + 1, Answer.GOING)])
            have_posted(connection, session_id, channel_id)
            _bring_forward(connection, session_id, channel_id, due)


def main() -> int:
    parser = parser_of("burst", __doc__)
    parser.add_argument("--reminders", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        bursts = [
            asyncio.run(
                once(
                    options.reminders,
                    Path(folder) / f"{number}.sqlite3",
                    seed=options.seed + number,
                )
            )
            for number in range(options.rounds)
        ]
    print_table(
        f"{options.reminders} reminders due at once; seconds from a press to its answer",
        (
            *("round", "arrived", "doubled", "recorded", "seconds", "per second", "429"),
            *("presses", "unanswered", "p50", "p99"),
        ),
        [
            (
                *(number, b.arrived, b.doubled, b.recorded, b.seconds, b.per_second, b.limited),
                *(len(b.pressed.waits), b.pressed.unanswered),
                *(percentile(b.pressed.waits, 50), percentile(b.pressed.waits, 99)),
            )
            for number, b in enumerate(bursts, start=1)
        ],
    )
    print_goal("median per second", median([b.per_second for b in bursts]), GOAL, at_least=True)
    return [sentence for burst in bursts for sentence in burst.broken]


def _bring_forward(
    connection: sqlite3.Connection, session_id: int, channel_id: int, due: int
) -> None:
    """Makes the session's last reminder due at that time, in that channel."""
    connection.execute(
        """
        UPDATE delivery SET channel_id = ?, due_at = ?, try_at = ?
        WHERE session_id = ? AND kind = 'reminder' AND before = ?
        """,
        (channel_id, due, due, session_id, _LAST_REMINDER),
    )


if __name__ == "__main__":
    sys.exit(main())
