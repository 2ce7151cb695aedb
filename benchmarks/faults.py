"""Presses while something is wrong: how soon they are answered, and that none is lost.

Members press the buttons of one card, several at a time, through one fault after the other. A press
counts as lost if it was acknowledged and the store holds another answer at the end. Where answers
themselves are late or fail, that is part of the figure: it is what people wait.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.report import percentile, print_table
from data.database import Transaction
from tests import stored
from tests.loopback import Guild, Loopback, Message

PRESSES = {"Going": "going", "Maybe": "maybe", "Can't make it": "declined"}
AT_ONCE = 5
PAUSE = 0.05
LOCKED, UNLOCKED = 0.8, 0.8
"""Seconds that another process holds the database, and leaves it alone."""

Fault = Callable[[Loopback, Path], AbstractAsyncContextManager[None]]


@dataclass
class Faulty:
    """What came of the presses during one fault."""

    name: str
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    """Answered privately that nothing can be saved at the moment."""
    unanswered: int = 0
    lost: int = 0


async def under_faults(seconds: float, file: Path) -> list[Faulty]:
    """Press for so long under each fault."""
    results = []
    async with Loopback() as discord:
        guild = await discord.create_guild(members=AT_ONCE)

        def schedule(transaction: Transaction) -> None:
            stored.set_up(transaction, guild)
            start = int((datetime.now(UTC) + timedelta(days=2)).timestamp())
            stored.schedule(transaction, guild, "Pressed jelly", start)

        await stored.write(file, schedule)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "CRITICAL"}
        async with discord.bot("bot", "run", env=settings):
            card = await _card(discord, guild)
            for name, fault in FAULTS:
                result = Faulty(name)
                async with fault(discord, file):
                    said = await asyncio.gather(
                        *(_press(discord, card, who, seconds, result) for who in guild.members)
                    )
                await discord.clear_faults()
                await discord.wait_ready()
                stored_now = _answers(file)
                for member, answer in zip(guild.members, said, strict=True):
                    result.lost += answer is not None and stored_now.get(member) != answer
                results.append(result)
    return results


async def _press(
    discord: Loopback, card: Message, member: int, seconds: float, result: Faulty
) -> str | None:
    """One member presses one button after the other; gives what they were last told is stored."""
    loop, last = asyncio.get_running_loop(), None
    end = loop.time() + seconds
    while loop.time() < end:
        for label, answer in PRESSES.items():
            made = await discord.click(member, card, card.buttons[label])
            if made.kind == "update" and made.seconds is not None:
                result.waits.append(made.seconds)
                last = answer
            elif made.kind == "message":
                result.refused += 1
            else:
                # It may be stored or not: nobody was told.
                result.unanswered += 1
                last = None
            await asyncio.sleep(PAUSE)
    return last


async def _card(discord: Loopback, guild: Guild) -> Message:
    await discord.wait_requests("POST /channels/{id}/messages", 1)
    [card] = await discord.messages(guild.channels["jellies"])
    return card


def _answers(file: Path) -> dict[int, str]:
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute("SELECT user_id, answer FROM rsvp"))


@asynccontextmanager
async def _nothing(_discord: Loopback, _file: Path) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def _slow(discord: Loopback, _file: Path) -> AsyncIterator[None]:
    await discord.disturb_requests(latency=0.05, jitter=0.2)
    yield


@asynccontextmanager
async def _ill(discord: Loopback, _file: Path) -> AsyncIterator[None]:
    await discord.disturb_requests(status=503, chance=0.2)
    yield


@asynccontextmanager
async def _dropped(discord: Loopback, _file: Path) -> AsyncIterator[None]:
    await discord.disturb_requests(drop=True, takes_effect=True, chance=0.2)
    yield


@asynccontextmanager
async def _twice(discord: Loopback, _file: Path) -> AsyncIterator[None]:
    await discord.disturb_interactions(copies=2)
    yield


@asynccontextmanager
async def _late(discord: Loopback, _file: Path) -> AsyncIterator[None]:
    await discord.disturb_interactions(late=0.5)
    yield


def _again_and_again(act: Callable[[Loopback], Awaitable[None]], every: float) -> Fault:
    """Something that is done to the gateway all the time."""

    @asynccontextmanager
    async def fault(discord: Loopback, _file: Path) -> AsyncIterator[None]:
        async def keep_on() -> None:
            while True:
                await asyncio.sleep(every)
                await act(discord)

        acting = asyncio.create_task(keep_on())
        try:
            yield
        finally:
            acting.cancel()
            await asyncio.gather(acting, return_exceptions=True)

    return fault


@asynccontextmanager
async def _locked(_discord: Loopback, file: Path) -> AsyncIterator[None]:
    async def keep_locking() -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            while True:
                connection.execute("PRAGMA busy_timeout = 5000")
                connection.execute("BEGIN IMMEDIATE")
                try:
                    await asyncio.sleep(LOCKED)
                finally:
                    connection.execute("ROLLBACK")
                await asyncio.sleep(UNLOCKED)

    locking = asyncio.create_task(keep_locking())
    try:
        yield
    finally:
        locking.cancel()
        await asyncio.gather(locking, return_exceptions=True)


FAULTS: tuple[tuple[str, Fault], ...] = (
    ("nothing is wrong", _nothing),
    ("every request 50 to 250 ms late", _slow),
    ("every fifth request answered with 503", _ill),
    ("every fifth connection cut after it took effect", _dropped),
    ("every press delivered twice", _twice),
    ("every press delivered half a second late", _late),
    ("the gateway cut every 2 s", _again_and_again(lambda d: d.cut_gateway(), 2)),
    ("asked to reconnect every 2 s", _again_and_again(lambda d: d.ask_to_reconnect(), 2)),
    ("the database locked half of the time", _locked),
)


def print_faults(results: list[Faulty]) -> None:
    print_table(
        "presses under each fault; ms from the press to its acknowledgement",
        ("fault", "acknowledged", "p50", "p99", "told to try again", "no answer in 3 s", "lost"),
        [
            (
                *(result.name, len(result.waits)),
                *(1e3 * percentile(result.waits, 50), 1e3 * percentile(result.waits, 99)),
                *(result.refused, result.unanswered, result.lost),
            )
            for result in results
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print_faults(asyncio.run(under_faults(options.seconds, Path(folder) / "jelly.sqlite3")))


if __name__ == "__main__":
    main()
