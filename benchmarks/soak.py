"""Mixed use for as long as you like, with faults in between: what leaks, stalls or gets lost.

Members press, answer by command, look things up and fill in forms; jellies are scheduled minutes
ahead, moved and called off, so that cards, reminders and notices come in real time. Every few
seconds there is a fault: requests fail or are slow, presses arrive twice, the gateway is cut, asked
to reconnect or loses its session. The health page of the bot reports its memory, tasks, open files
and the longest stall of its event loop. The seed replays who does what, not the timing.

Ends with 1 if an answer was lost, a message doubled or not sent, a request not one that Discord
takes, the log has an error, or something leaks.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.ledger import stored_answers
from benchmarks.mixed_use import MixedUse, Used, title_of
from benchmarks.report import median, not_zero, parser_of, percentile, print_table, run
from tests.loopback import Guild, Loopback

CHANNELS, MEMBERS = 4, 40
BETWEEN_LOOKS = 1.0
SETTLED_WITHIN = 60.0
MOST_TASKS, MOST_FILES = 20, 10
"""More than at the start. Cards wait for their turn, and the last messages are still being sent."""
MOST_MEMORY = 1.25
"""Ratio of the memory in the last quarter to that in the second."""
LONG = 300.0
"""Seconds after which memory should be stable."""

_OWED = "state IN ('pending', 'sending')"


@dataclass(frozen=True)
class Look:
    """What the health page reported at one moment: bytes, counts and seconds."""

    memory: int
    tasks: int
    open_files: int
    stall: float


@dataclass
class Soak:
    """The result of a soak."""

    seconds: float
    used: Used = field(default_factory=Used)
    exit_code: int = 0
    lost: list[str] = field(default_factory=list)
    """A sentence for each lost answer."""
    errors: int = 0
    sent: int = 0
    doubled: list[str] = field(default_factory=list)
    """Messages that were posted more than once, one entry for each extra copy."""
    expired: int = 0
    unpaid: int = 0
    refused: int = 0
    """Requests that Discord would not have taken."""
    limited: int = 0
    looks: list[Look] = field(default_factory=list)
    unseen: int = 0
    """Requests to the health page that it did not answer."""

    @property
    def memory_growth(self) -> float:
        """Returns the ratio of the last quarter's memory to the second's.

        The first quarter is the warm-up.
        """
        quarter = max(1, len(self.looks) // 4)
        before = self.looks[quarter : 2 * quarter] or self.looks
        return median([look.memory for look in self.looks[-quarter:]]) / median(
            [look.memory for look in before]
        )

    @property
    def task_growth(self) -> int:
        return self.looks[-1].tasks - self.looks[0].tasks

    @property
    def file_growth(self) -> int:
        return self.looks[-1].open_files - self.looks[0].open_files

    @property
    def longest_stall(self) -> float:
        return max(look.stall for look in self.looks[1:])

    @property
    def broken(self) -> list[str]:
        """Returns a sentence for each promise that was broken."""
        broken = not_zero(
            {
                "acknowledged answers lost": len(self.lost),
                "messages doubled": len(self.doubled),
                "messages due and not sent": self.unpaid,
                "errors in the log": self.errors,
                "requests that Discord would not have taken": self.refused,
                "requests answered with 429": self.limited,
                "questions that the health page did not answer": self.unseen,
                "the bot's exit code": self.exit_code,
            }
        )
        if not self.used.is_enough:
            broken.append(f"too little use to prove anything: {self.used.noted} answers noted")
        if self.task_growth > MOST_TASKS:
            broken.append(f"tasks more than at the start: {self.task_growth}")
        if self.file_growth > MOST_FILES:
            broken.append(f"open files more than at the start: {self.file_growth}")
        if self.seconds >= LONG and self.memory_growth > MOST_MEMORY:
            broken.append(f"memory, last quarter to second: {self.memory_growth:.2f}")
        return broken


async def soak(seconds: float, file: Path, *, seed: int) -> Soak:
    """Uses a bot in its own process for so long, then lets it settle and counts."""
    result = Soak(seconds)
    async with Loopback(seed=seed) as discord, aiohttp.ClientSession() as http:
        guild = await discord.create_guild(
            channels=[f"jellies-{number}" for number in range(CHANNELS)], members=MEMBERS
        )
        port = _free_port()
        settings = {
            "JELLY_DATABASE": str(file),
            "JELLY_LOG_LEVEL": "ERROR",
            "JELLY_HEALTH_PORT": str(port),
        }
        async with discord.bot("bot", "run", env=settings) as bot:
            await discord.wait_ready()
            use = MixedUse(discord, guild, random.Random(seed), file)
            await use.set_up()
            result.looks.append(await _look(http, port))
            async with _looking(http, port, result):
                await use.go_on(seconds)
            settled_at = await _settle(file)
            result.looks.append(await _look(http, port))
            result.exit_code = await bot.stop()
            result.errors = bot.output.count(" ERROR ") + bot.output.count("Traceback")
            if result.errors:
                print(bot.output)
        result.used = use.used
        result.lost = use.used.ledger.lost(stored_answers(file))
        result.expired = _number(file, "SELECT COUNT(*) FROM delivery WHERE state = 'expired'")
        # What becomes due while the bot stops is left to the next start.
        result.unpaid = _number(
            file, f"SELECT COUNT(*) FROM delivery WHERE {_OWED} AND try_at < {settled_at}"
        )
        result.limited = sum((await discord.counters()).limited.values())
        result.refused = len(await discord.violations())
        await _count_messages(discord, guild, result)
    return result


@asynccontextmanager
async def _looking(http: aiohttp.ClientSession, port: int, result: Soak) -> AsyncIterator[None]:
    """Asks the health page at intervals, as long as the context is open."""

    async def keep_looking() -> None:
        while True:
            await asyncio.sleep(BETWEEN_LOOKS)
            try:
                result.looks.append(await _look(http, port))
            except aiohttp.ClientError:
                result.unseen += 1

    looking = asyncio.create_task(keep_looking())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.wait((looking,))


async def _look(http: aiohttp.ClientSession, port: int) -> Look:
    async with http.get(f"http://127.0.0.1:{port}/healthz") as answer:
        told = await answer.json()
    return Look(told["memory"], told["tasks"], told["open_files"], told["event_loop_stall"])


async def _settle(file: Path) -> int:
    """Waits until everything due, put off or not, has been sent or has had the time for it."""
    owed = f"SELECT COUNT(*) FROM delivery WHERE {_OWED} AND due_at <= unixepoch()"
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLED_WITHIN):
            while _number(file, owed):
                await asyncio.sleep(0.5)
    return _number(file, "SELECT unixepoch()")


async def _count_messages(discord: Loopback, guild: Guild, result: Soak) -> None:
    for channel in guild.channels.values():
        shown = [m for m in await discord.messages(channel) if not m.ephemeral]
        # Every jelly has a name of its own, and so has every place that a jelly moves to.
        counted = Counter(title_of(m) if m.text.startswith("## ") else m.text for m in shown)
        result.doubled += (counted - Counter(counted.keys())).elements()
        result.sent += len(shown)


def _number(file: Path, query: str) -> int:
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> int:
    parser = parser_of("soak", __doc__)
    parser.add_argument("--minutes", type=float, default=60)
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jelly.sqlite3"
        result = asyncio.run(soak(60 * options.minutes, file, seed=options.seed))
    print_soak(result)
    return result.broken


def print_soak(result: Soak) -> None:
    used = result.used
    print_table(
        f"{result.seconds / 60:.1f} minutes of mixed use",
        ("what", "figure"),
        [
            ("faults injected", used.faults),
            ("presses and commands acknowledged", used.acknowledged),
            ("not answered in 3 s, amid faults", used.unanswered),
            ("answers noted", used.noted),
            ("  of these in private, on cards out of date", used.noted_privately),
            ("  of these lost", len(result.lost)),
            ("p50 of an acknowledgement, ms", 1e3 * percentile(used.waits, 50)),
            ("p99 of an acknowledgement, ms", 1e3 * percentile(used.waits, 99)),
            ("messages sent", result.sent),
            ("messages doubled", len(result.doubled)),
            ("messages expired", result.expired),
            ("messages due and not sent", result.unpaid),
            ("requests answered with 429", result.limited),
            ("errors in the log", result.errors),
            ("memory at the end, MB", result.looks[-1].memory / 1e6),
            ("memory, last quarter to second", result.memory_growth),
            ("tasks more than at the start", result.task_growth),
            ("open files more than at the start", result.file_growth),
            ("longest stall of the event loop, ms", 1e3 * result.longest_stall),
        ],
    )
    for sentence in result.lost:
        print(sentence)
    for text in result.doubled:
        print(f"once too often: {text}")


if __name__ == "__main__":
    sys.exit(main())
