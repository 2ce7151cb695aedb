"""Presses during faults: how soon they are answered, and that none is lost.

Members press the buttons of one card, several at a time, through one fault after the other. A press
counts as lost if it was acknowledged and the store holds another answer at the end. If answers
themselves are late or fail, that is part of the figure, because people wait for it. The seed draws
who presses what, and which requests a fault hits.

Ends with 1 if an answer was lost, if a press was left without an answer although Discord took every
request, if the card was posted twice, or if the bot asked too often or ended by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.ledger import Ledger, stored_answers
from benchmarks.report import not_zero, parser_of, percentile, print_table, run
from data.store.transaction import Transaction
from tests import stored
from tests.loopback import Guild, Loopback, Message

PRESSES = {"Going": "going", "Maybe": "maybe", "Can't make it": "declined"}
TITLE = "Pressed jelly"
AT_ONCE = 5
PAUSE = 0.05
LOCKED, UNLOCKED = 0.8, 0.8
"""Seconds for which another process locks the database, and leaves it unlocked."""
NOTHING_SAVED = "nothing was saved"
"""Part of what members read if their answer can't be stored."""

Disturb = Callable[[Loopback, Path], AbstractAsyncContextManager[None]]


@dataclass(frozen=True)
class Fault:
    name: str
    disturb: Disturb
    is_answerable: bool = True
    """Whether every press can be acknowledged in time."""


@dataclass
class Pressed:
    """The result of the presses during one fault."""

    fault: Fault
    waits: list[float] = field(default_factory=list)
    """Seconds to each acknowledgement."""
    refused: int = 0
    """Presses answered privately that nothing can be saved at the moment."""
    unanswered: int = 0
    lost: list[str] = field(default_factory=list)
    """A sentence for each lost answer."""


@dataclass
class Faulty:
    """The result of all faults."""

    each: list[Pressed] = field(default_factory=list)
    cards: int = 0
    limited: int = 0
    refused: int = 0
    """Requests that Discord would not have taken."""
    exit_code: int = 0

    @property
    def broken(self) -> list[str]:
        """Returns a sentence for each promise that was broken."""
        broken = []
        for pressed in self.each:
            name = pressed.fault.name
            broken += [f"{name}: lost: {sentence}" for sentence in pressed.lost]
            if pressed.fault.is_answerable:
                broken += not_zero(
                    {
                        f"{name}: presses without an answer": pressed.unanswered,
                        f"{name}: presses told to try again": pressed.refused,
                    }
                )
            if not pressed.waits:
                broken.append(f"{name}: no press was acknowledged, which proves nothing")
        if self.cards != 1:
            broken.append(f"messages in the channel instead of one card: {self.cards}")
        return broken + not_zero(
            {
                "requests answered with 429": self.limited,
                "requests that Discord would not have taken": self.refused,
                "the bot's exit code": self.exit_code,
            }
        )


async def under_faults(seconds: float, file: Path, *, seed: int) -> Faulty:
    """Presses for so long under each fault."""
    result = Faulty()
    async with Loopback(seed=seed) as discord:
        guild = await discord.create_guild(members=AT_ONCE)

        def schedule(transaction: Transaction) -> None:
            stored.set_up(transaction, guild)
            start = int((datetime.now(UTC) + timedelta(days=2)).timestamp())
            stored.schedule(transaction, guild, TITLE, start)

        await stored.write(file, schedule)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "CRITICAL"}
        async with discord.bot("bot", "run", env=settings) as bot:
            card = await _card(discord, guild)
            for fault in FAULTS:
                pressed, ledger = Pressed(fault), Ledger()
                async with fault.disturb(discord, file):
                    pressing = (
                        _press(
                            discord,
                            card,
                            member,
                            seconds,
                            ledger,
                            random.Random(f"{seed} {fault.name} {number}"),
                            pressed,
                        )
                        for number, member in enumerate(guild.members)
                    )
                    await asyncio.gather(*pressing)
                await discord.clear_faults()
                await discord.wait_ready()
                pressed.lost = ledger.lost(stored_answers(file))
                result.each.append(pressed)
            result.exit_code = await bot.stop()
        messages = await discord.messages(guild.channels["jellies"])
        result.cards = sum(not message.ephemeral for message in messages)
        result.limited = sum((await discord.counters()).limited.values())
        result.refused = len(await discord.violations())
    return result


async def _press(
    discord: Loopback,
    card: Message,
    member: int,
    seconds: float,
    ledger: Ledger,
    chance: random.Random,
    pressed: Pressed,
) -> None:
    """Has one member press one button after the other."""
    loop, place = asyncio.get_running_loop(), (TITLE, member)
    end = loop.time() + seconds
    while loop.time() < end:
        label, answer = chance.choice(list(PRESSES.items()))
        ledger.sent(place, answer)
        made = await discord.click(member, card, card.buttons[label])
        if made.kind == "update" and made.seconds is not None:
            pressed.waits.append(made.seconds)
            ledger.noted(place, answer)
        elif made.kind == "message":
            pressed.refused += 1
            # If something else went wrong, the answer may be stored or not.
            if made.message is not None and NOTHING_SAVED in made.message.text:
                ledger.refused(place, answer)
        else:
            pressed.unanswered += 1
        await asyncio.sleep(PAUSE)


async def _card(discord: Loopback, guild: Guild) -> Message:
    [card] = await discord.messages(guild.channels["jellies"], at_least=1, within=10)
    return card


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
    await discord.disturb_interactions(copies=2, times=None)
    yield


@asynccontextmanager
async def _late(discord: Loopback, _file: Path) -> AsyncIterator[None]:
    await discord.disturb_interactions(late=0.5, times=None)
    yield


def _repeated(act: Callable[[Loopback], Awaitable[None]], every: float) -> Disturb:
    """Returns a fault that repeats an act on the gateway all the time."""

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


FAULTS = (
    Fault("nothing is wrong", _nothing),
    Fault("every request 50 to 250 ms late", _slow),
    Fault("every fifth request answered with 503", _ill, is_answerable=False),
    Fault("every fifth connection cut after it took effect", _dropped, is_answerable=False),
    Fault("every press delivered twice", _twice),
    Fault("every press delivered half a second late", _late),
    Fault(
        "the gateway cut every 2 s", _repeated(lambda d: d.cut_gateway(), 2), is_answerable=False
    ),
    Fault(
        "asked to reconnect every 2 s",
        _repeated(lambda d: d.ask_to_reconnect(), 2),
        is_answerable=False,
    ),
    Fault("the database locked half of the time", _locked, is_answerable=False),
)


def print_faults(result: Faulty) -> None:
    print_table(
        "presses under each fault; ms from the press to its acknowledgement",
        ("fault", "acknowledged", "p50", "p99", "told to try again", "no answer in 3 s", "lost"),
        [
            (
                *(pressed.fault.name, len(pressed.waits)),
                *(1e3 * percentile(pressed.waits, 50), 1e3 * percentile(pressed.waits, 99)),
                *(pressed.refused, pressed.unanswered, len(pressed.lost)),
            )
            for pressed in result.each
        ],
    )


def main() -> int:
    parser = parser_of("faults", __doc__)
    parser.add_argument("--seconds", type=float, default=10, help="of presses, under each fault")
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jelly.sqlite3"
        result = asyncio.run(under_faults(options.seconds, file, seed=options.seed))
    print_faults(result)
    return result.broken


if __name__ == "__main__":
    sys.exit(main())
