"""From the start of the process to ready, in seconds: with an empty store, and with a full one.

Each start is a new process, over real sockets to a simulated Discord with one server. ``logged in``
is when that has handed the servers over; ``ready`` is when the bot's log says so, which includes a
twentieth of a second in which discord.py waits for more servers (its own two seconds are
shortened). The full store holds open sessions whose cards are out, and answers to each; the bare
bot is an ordinary discord.py bot without a store, which also loads fewer modules and tells Discord
of its commands every time. The contestants take turns.

It does not show Discord's own speed, nor that of a disk that has not read the file before.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from benchmarks.report import median, print_goal, print_table
from benchmarks.stores import (
    FIRST_USER,
    filling,
    have_answered,
    have_posted,
    in_days,
    schedule,
    set_up,
)
from data.models import Answer
from tests.loopback import Loopback, Process

OVER_EMPTY, OVER_BARE = 0.3, 1.0
"""Goals: seconds by which a full store may be later than an empty one, and than the bare bot."""
SESSIONS_PER_GUILD = 50
_ANSWERS = tuple(Answer)

Start = Callable[[], AbstractAsyncContextManager[Process]]


def fill(file: Path, sessions: int, answers: int) -> None:
    """Fills in open sessions with their cards posted, over eight weeks, and answers to them."""
    with filling(file) as connection:
        for number in range(sessions):
            guild_id = 1 + number // SESSIONS_PER_GUILD
            channel_id = FIRST_USER + guild_id
            if number % SESSIONS_PER_GUILD == 0:
                set_up(connection, guild_id, channel_id)
            session_id = schedule(connection, guild_id, in_days(2 + 56 * number / sessions))
            first, last = (answers * n // sessions for n in (number, number + 1))
            people = [
                (FIRST_USER + place, _ANSWERS[place % len(_ANSWERS)])
                for place in range(last - first)
            ]
            have_answered(connection, session_id, people)
            have_posted(connection, session_id, channel_id)


async def once(discord: Loopback, start: Start, *, says_ready: bool) -> tuple[float, float]:
    """Returns the seconds until it was logged in, and until it was ready if the log says so."""
    started_at = time.perf_counter()
    async with start() as bot:
        await discord.wait_ready()
        logged_in = time.perf_counter() - started_at
        if not says_ready:
            return logged_in, float("nan")
        await bot.said("Ready as")
        ready = time.perf_counter() - started_at
        await bot.stop()
        return logged_in, ready


async def measure(empty: Path, full: Path, rounds: int) -> None:
    async with Loopback(env={"DISCORD_OPENAPI": ""}) as discord:
        await discord.create_guild()

        def ours(file: Path) -> AbstractAsyncContextManager[Process]:
            settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "INFO"}
            return discord.bot("bot", "run", env=settings)

        contestants: dict[str, Start] = {
            "bare bot": lambda: discord.bot("tests.loopback.bare_bot"),
            "empty store": lambda: ours(empty),
            "full store": lambda: ours(full),
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
        for number in range(rounds + 1):
            for name, start in contestants.items():
                taken = await once(discord, start, says_ready=name != "bare bot")
                if number:  # the first round also tells Discord of the commands
                    times[name].append(taken)
    _print(times, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=1_000)
    parser.add_argument("--answers", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        empty, full = Path(folder) / "empty.sqlite3", Path(folder) / "full.sqlite3"
        fill(full, options.sessions, options.answers)
        print(f"full: {options.sessions:,} open sessions, {options.answers:,} answers")
        asyncio.run(measure(empty, full, options.rounds))


def _print(times: dict[str, list[tuple[float, float]]], rounds: int) -> None:
    logged_in = {name: median([one[0] for one in taken]) for name, taken in times.items()}
    ready = {name: median([one[1] for one in taken]) for name, taken in times.items()}
    print_table(
        f"seconds from the start of the process, medians of {rounds}",
        ("", "logged in", "ready"),
        [(name, logged_in[name], ready[name]) for name in times],
    )
    over_empty = ready["full store"] - ready["empty store"]
    print_goal("full store, seconds over the empty one", over_empty, OVER_EMPTY, at_least=False)
    over_bare = logged_in["full store"] - logged_in["bare bot"]
    print_goal("full store, seconds over the bare bot", over_bare, OVER_BARE, at_least=False)


if __name__ == "__main__":
    main()
