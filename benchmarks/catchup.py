"""Measures how the bot catches up after an absence, when all servers wait for what came due.

Two cases: down past both reminders, so that each server gets the last one late; and down past the
start, so that each gets the line that it has started, and a refreshed card. Every server has a
channel of its own, people who are going, and a card that the bot posted itself in a first run. A
simulated Discord holds it to 50 requests a second, as the real one does; ``--busy`` lets loops that
never rest compete for the processors.

Counted are messages that arrived, requests that a limit refused (429), and how many requests a
second left while there was work. Promised is that nothing is refused and everything arrives.

It does not show the network's delays, and Discord may hold a bot to less than it documents.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import not_zero, parser_of, print_goal, print_table, run
from benchmarks.stores import count, filling, have_answered, schedule, set_up
from data.models import Answer
from tests.loopback import Guild, Loopback, Request

GOAL = 44.0
"""Requests a second: what is left of Discord's 50 after a margin."""
HOUR = 3600
CASES = {"past both reminders": (HOUR // 2, 1), "past the start": (-HOUR // 6, 1)}
"""Seconds from the second run to the start, and messages that each channel gets by then.

That is the latest of what came due: the last reminder, or the line that it has started.
"""
_SEND = "POST /channels/{id}/messages"
_EDIT = "PATCH /channels/{id}/messages/{id}"


@dataclass(frozen=True)
class CaughtUp:
    case: str
    arrived: int
    expected: int
    limited: int
    seconds: float
    """From the first request for a channel to the last."""
    per_second: float
    private: int
    """Private messages by then; new private channels are opened slowly."""

    @property
    def broken(self) -> list[str]:
        """Returns a sentence for each promise that was broken."""
        return not_zero(
            {
                f"{self.case}: messages that did not arrive": max(0, self.expected - self.arrived),
                f"{self.case}: messages too many": max(0, self.arrived - self.expected),
                f"{self.case}: answered with 429": self.limited,
            }
        )


async def catch_up(case: str, options: argparse.Namespace, file: Path) -> CaughtUp:
    """Posts every card, stops until so long before the start, and catches up."""
    servers: int = options.servers
    async with Loopback(seed=options.seed, env={"DISCORD_OPENAPI": ""}) as discord:
        guilds = [await discord.create_guild(members=3) for _ in range(servers)]
        start = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(days=5)
        _fill(file, guilds, start)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "WARNING"}
        async with discord.bot("bot", "run", env=settings) as bot:
            await discord.wait_requests(_SEND, servers, within=30 + servers / 20)
            await bot.stop()
        to_start, messages_each = CASES[case]
        away = int(start.timestamp() - datetime.now(UTC).timestamp()) - to_start
        _move_back(file, away)
        await discord.advance(2 * HOUR)  # every card is old by then
        await discord.reset_counters()
        if options.late:
            await discord.disturb_requests(jitter=options.late)
        async with discord.bot("bot", "run", env=settings) as bot:
            async with asyncio.timeout(60 + servers / 5):
                while count(file, f"delivery WHERE {_OWED}") or _stale(file):
                    await asyncio.sleep(0.25)
            await bot.stop()
        limited = sum((await discord.counters()).limited.values())
        channels = {guild.channels["jellies"] for guild in guilds}
        requests = [request for request in await discord.requests() if _channel(request)]
        public = [request for request in requests if _channel(request) in channels]
        arrived = 0
        for guild in guilds:
            messages = await discord.messages(guild.channels["jellies"])
            arrived += len(messages) - 1  # its card
    seconds = max(r.at for r in public) - min(r.at for r in public)
    return CaughtUp(
        case,
        arrived,
        servers * messages_each,
        limited,
        seconds,
        (len(public) - 1) / seconds,
        sum(r.method == "POST" for r in requests) - sum(r.method == "POST" for r in public),
    )


_OWED = """is_private = 0
    AND (state = 'sending' OR (state = 'pending' AND try_at <= unixepoch()))"""


def _fill(file: Path, guilds: list[Guild], start: datetime) -> None:
    """Fills in a jelly in each server, whose card is due, with two people going and one maybe."""
    with filling(file) as connection:
        for guild in guilds:
            set_up(connection, guild.id, guild.channels["jellies"])
            session_id = schedule(connection, guild.id, start)
            answers = zip(guild.members, (Answer.GOING, Answer.GOING, Answer.MAYBE), strict=True)
            have_answered(connection, session_id, list(answers))
            connection.execute(
                "UPDATE session SET host_id = ?, going_count = 2, maybe_count = 1 "
                "WHERE session_id = ?",
                (guild.members[0], session_id),
            )
            connection.execute(
                "UPDATE delivery SET channel_id = ? WHERE session_id = ? AND is_private = 1",
                (guild.members[0], session_id),
            )


def _move_back(file: Path, seconds: int) -> None:
    """Makes everything due so much earlier, as if so much time had passed."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            """
            UPDATE session SET starts_at = starts_at - :seconds, ends_at = ends_at - :seconds,
                starts_local = strftime('%Y-%m-%dT%H:%M:%S', starts_at - :seconds, 'unixepoch')
            """,
            {"seconds": seconds},
        )
        connection.execute(
            """
            UPDATE delivery SET due_at = due_at - :seconds, try_at = try_at - :seconds,
                useful_until = useful_until - :seconds,
                occasion = CASE WHEN occasion > :seconds THEN occasion - :seconds
                    ELSE occasion END
            WHERE state <> 'sent'
            """,
            {"seconds": seconds},
        )


def _stale(file: Path) -> int:
    return count(file, "mirror WHERE version > version_shown")


def _channel(request: Request) -> int | None:
    """Returns the channel that a request is for; None for other requests."""
    parts = request.path.strip("/").split("/")
    is_message = parts[0] == "channels" and parts[2:3] == ["messages"]
    return int(parts[1]) if is_message else None


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Runs so many processes that never rest beside the bot."""
    with ExitStack() as running:
        for _ in range(loops):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            running.callback(process.wait)
            running.callback(process.kill)
        yield


def main() -> int:
    parser = parser_of("catchup", __doc__)
    parser.add_argument("--servers", type=int, default=200)
    parser.add_argument("--late", type=float, default=0.0, help="seconds, at most, by request")
    parser.add_argument("--busy", type=int, default=0, help="loops beside that never rest")
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder, busy(options.busy):
        results = [
            asyncio.run(catch_up(case, options, Path(folder) / f"{number}.sqlite3"))
            for number, case in enumerate(CASES)
        ]
    print_table(
        f"{options.servers} servers, requests up to {options.late} s late, "
        f"{options.busy} busy loops",
        ("down", "arrived", "429", "seconds", "requests a second", "private by then"),
        [(r.case, r.arrived, r.limited, r.seconds, r.per_second, r.private) for r in results],
    )
    for result in results:
        print_goal(f"requests a second, {result.case}", result.per_second, GOAL, at_least=True)
    return [sentence for result in results for sentence in result.broken]


if __name__ == "__main__":
    sys.exit(main())
