"""One wake-up of the alarm with nothing due, in milliseconds.

Measured is what the bot really does then (``JellyBot.do_what_is_due``): ask when anything is due
next, through the queue of the database's reader, on a real file. The contestants are an outbox with
nothing in it and one with many messages that are not due yet; they take turns, so many wake-ups per
round.

It does not show the cost of what is due: that is the time Discord takes.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import median, percentile, print_goal, print_table
from benchmarks.stores import filling, set_up
from bot.app import JellyBot
from bot.clock import Clock
from data.store.database import Database

GOAL = 1.0
_GUILD, _CHANNEL, _HOST = 1, 2, 3
_KINDS = ("announcement", "reminder", "undecided", "start", "summary")
"""What a session makes the bot owe."""


def fill(connection: sqlite3.Connection, messages: int) -> None:
    """Fills an outbox with so many messages, all due from tomorrow on, five for each session.

    The clock changes each session's card twice, too.
    """
    set_up(connection, _GUILD, _CHANNEL)
    sessions = -(-messages // len(_KINDS))
    tomorrow = int((datetime.now(UTC) + timedelta(days=1)).timestamp())
    connection.executemany(
        """
        INSERT INTO session (session_id, guild_id, channel_id, title, place, about, host_id,
            created_by, zone, starts_local, duration, starts_at, ends_at)
        VALUES (?, ?, ?, 'Jelly', 'The Alb', '', ?, ?, 'UTC', '2026-01-01T10:00:00', 3600, ?, ?)
        """,
        (
            (number, _GUILD, _CHANNEL, _HOST, _HOST, tomorrow + number, tomorrow + number + 3600)
            for number in range(1, sessions + 1)
        ),
    )
    connection.execute(
        """
        INSERT INTO session_boundary (session_id, at)
        SELECT session_id, starts_at FROM session UNION ALL SELECT session_id, ends_at FROM session
        """
    )
    connection.executemany(
        """
        INSERT INTO delivery (guild_id, session_id, kind, channel_id, occasion, due_at,
            useful_until, try_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """,
        _deliveries(messages, tomorrow),
    )


def _deliveries(messages: int, tomorrow: int) -> Iterator[tuple[object, ...]]:
    for number in range(messages):
        session, position = divmod(number, len(_KINDS))
        due = tomorrow + session
        yield _GUILD, session + 1, _KINDS[position], _CHANNEL, position, due, due + 3600, due


async def wake_up(bot: JellyBot, times: int) -> list[float]:
    """Returns the milliseconds of each wake-up."""
    waits = []
    for _ in range(times):
        started_at = time.perf_counter()
        await bot.do_what_is_due()
        waits.append((time.perf_counter() - started_at) * 1000)
    return waits


async def measure(files: dict[int, Path], rounds: int, times: int) -> None:
    waits: dict[int, list[list[float]]] = {messages: [] for messages in files}
    async with AsyncExitStack() as opened:
        bots = {}
        for messages, file in files.items():
            database = await opened.enter_async_context(await Database.open(file))
            bots[messages] = JellyBot(database, Clock())
            await wake_up(bots[messages], times)
        for _ in range(rounds):
            for messages, bot in bots.items():
                waits[messages].append(await wake_up(bot, times))
    rows = [
        (
            f"{messages:,}",
            median([percentile(one, 50) for one in of_one]),
            median([percentile(one, 99) for one in of_one]),
            max(wait for one in of_one for wait in one),
        )
        for messages, of_one in waits.items()
    ]
    print_table(
        f"medians of {rounds} rounds of {times} wake-ups, in ms",
        ("undue messages", "p50", "p99", "longest of all"),
        rows,
    )
    print(f"ratio of the p50: {rows[-1][1] / rows[0][1]:.2f}")
    print_goal("p50 of the fullest, ms", rows[-1][1], GOAL, at_least=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, nargs="+", default=[0, 1_000_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--times", type=int, default=300, help="wake-ups per round")
    parser.add_argument("--folder", type=Path, help="for the databases; a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        files = {messages: Path(folder) / f"{messages}.sqlite3" for messages in options.messages}
        for messages, file in files.items():
            with filling(file) as connection:
                fill(connection, messages)
        asyncio.run(measure(files, options.rounds, options.times))


if __name__ == "__main__":
    main()
