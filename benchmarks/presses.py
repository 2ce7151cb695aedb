"""Presses per second through the whole bot, against a bare bot that stores nothing.

Each contestant is a real process with a simulated Discord of its own, over real sockets. Ours
writes every press to a real file (synchronous=FULL) before it answers; the bare one, an ordinary
discord.py bot, only edits a card of the same size with as many names. As is usual in discord.py,
the bare one has the edited card sent back, which ours does not ask for. So many presses are in
flight all the time, every press changes an answer, and the contestants take turns within one run.

Per round and contestant: presses acknowledged per second; seconds from press to acknowledgement;
CPU milliseconds of the bot's process per press (Linux only); then what the file holds.

It does not show Discord's own speed or the network's, and on few cores the simulated Discord
competes with the bot for them. Its disk is the one of the temporary folder (``--folder``).

Ends with 1 if a press was not answered or not stored.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.report import (
    median,
    not_zero,
    parser_of,
    percentile,
    print_ratio,
    print_table,
    run,
)
from benchmarks.stores import (
    FIRST_USER,
    filling,
    have_answered,
    have_been_before,
    in_days,
    schedule,
    set_up,
)
from data.models import ANSWERS
from tests.loopback import Guild, Loopback, Message, Presses, Process

GOAL, CPU_GOAL = 0.90, 1.05
"""Ratio to the bare bot's presses per second, and to its CPU per press."""
_EDIT = "PATCH /channels/{id}/messages/{id}"


@dataclass
class Contestant:
    """A running bot with a card, the people who press on it, and the results."""

    discord: Loopback
    bot: Process
    card: Message
    people: list[int]
    version: int = 0
    """The session's version in the store, before any press."""
    pressed: int = 0
    rounds: list[Presses] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    async def press(self, presses: int, in_flight: int, *, is_measured: bool = True) -> None:
        users = [self._presser(self.pressed + number) for number in range(presses)]
        cpu_before = self.bot.cpu_seconds
        result = await self.discord.press_many(
            self.card, list(self.card.buttons.values())[: len(ANSWERS)], users, in_flight=in_flight
        )
        self.pressed += presses
        if is_measured:
            self.rounds.append(result)
            self.cpu.append((self.bot.cpu_seconds - cpu_before) / presses * 1000)

    def last_answers(self) -> dict[int, str]:
        """Returns what each person pressed last."""
        return {
            self._presser(number): ANSWERS[number % len(ANSWERS)] for number in range(self.pressed)
        }

    def _presser(self, number: int) -> int:
        """Returns the person for a press, so that each person's next press is another answer."""
        turn, place = divmod(number, len(self.people))
        shift = turn if len(self.people) % len(ANSWERS) == 0 else 0
        return self.people[(place + shift) % len(self.people)]


@asynccontextmanager
async def jelly(file: Path, people: int, chance: random.Random) -> AsyncIterator[Contestant]:
    """Runs our bot, whose card already has so many people on it, in a random order."""
    async with _discord() as discord:
        guild = await discord.create_guild(members=people)
        chance.shuffle(guild.members)
        _fill(file, guild)
        settings = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "INFO"}
        async with discord.bot("bot", "run", env=settings) as bot:
            await discord.wait_ready()
            [card] = await discord.messages(guild.channels["jellies"], at_least=1)
            yield Contestant(discord, bot, card, guild.members, _version(file))
            await bot.stop()


@asynccontextmanager
async def bare(people: int, like: Message) -> AsyncIterator[Contestant]:
    """Runs the bare bot, with a card like that one."""
    async with _discord() as discord:
        guild = await discord.create_guild(members=people)
        async with discord.bot("tests.loopback.bare_bot") as bot:
            await discord.wait_ready()
            card = await _bare_card(discord, guild, like)
            yield Contestant(discord, bot, card, guild.members)
            await bot.stop()


async def compare(
    people: int, in_flight: int, options: argparse.Namespace, file: Path
) -> list[str]:
    """Lets both take turns, and prints the results; returns what was broken."""
    async with AsyncExitStack() as running:
        chance = random.Random(options.seed)
        ours = await running.enter_async_context(jelly(file, people, chance))
        theirs = await running.enter_async_context(bare(people, ours.card))
        for contestant in (theirs, ours):
            await contestant.press(options.presses, in_flight, is_measured=False)
        for _ in range(options.rounds):
            for contestant in (theirs, ours):
                await contestant.press(options.presses, in_flight)
        edits = (await ours.discord.counters()).requests.get(_EDIT, 0)
    title = (
        f"{people} people on the card, {in_flight} presses in flight; cards of "
        f"{_size(ours.card)} bytes (ours) and {_size(theirs.card)} bytes (bare)"
    )
    _print_rounds(title, ours, theirs)
    return _print_kept(ours, file, edits)


def main() -> int:
    parser = parser_of("presses", __doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[7, 120], help="on the card")
    parser.add_argument("--presses", type=int, default=1500, help="per round and contestant")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[20])
    parser.add_argument("--folder", type=Path, help="for the database; a temporary one")
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    # The buttons repeat with every third press, also from one round to the next.
    options.presses -= options.presses % len(ANSWERS)
    broken = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for people, in_flight in itertools.product(options.people, options.in_flight):
            file = Path(folder) / f"{people}-{in_flight}.sqlite3"
            broken += asyncio.run(compare(people, in_flight, options, file))
    return broken


def _discord() -> Loopback:
    # Otherwise the check of each body against Discord's description would be measured.
    return Loopback(env={"DISCORD_OPENAPI": ""})


def _fill(file: Path, guild: Guild) -> None:
    """Fills in one jelly whose card is due.

    Each person's answer is one that they will not press first.
    """
    answers = [
        (member, ANSWERS[(number + 1) % len(ANSWERS)])
        for number, member in enumerate(guild.members)
    ]
    with filling(file) as connection:
        set_up(connection, guild.id, guild.channels["jellies"])
        session_id = schedule(connection, guild.id, in_days(2))
        have_answered(connection, session_id, answers)
        # Otherwise each is asked for their mood afterwards, which is not part of a press.
        have_been_before(connection, guild.id, guild.members)


async def _bare_card(discord: Loopback, guild: Guild, like: Message) -> Message:
    """Returns a card with as many members as the other, and as near as possible to its size."""
    known = guild.members[: len(like.raw["mentions"])]

    async def post(strangers: int) -> Message:
        people = [*known, *range(FIRST_USER, FIRST_USER + strangers)]
        names = " ".join(f"<@{person}>" for person in people)
        options = {"people": len(known), "names": names}
        shown = await discord.slash(guild.owner, guild.channels["jellies"], "card", options)
        assert shown.message is not None
        return shown.message

    few, many = _size(await post(0)), _size(await post(100))
    return await post(max(0, (_size(like) - few) * 100 // (many - few)))


def _version(file: Path) -> int:
    """Returns the version of the session that is pressed on; each changed answer increases it."""
    with closing(sqlite3.connect(file)) as connection:
        version: int = connection.execute("SELECT MAX(version) FROM session").fetchone()[0]
        return version


def _size(card: Message) -> int:
    return len(json.dumps(card.raw["components"], separators=(",", ":")).encode())


def _print_rounds(title: str, ours: Contestant, theirs: Contestant) -> None:
    header = ("round", "bare/s", "jelly/s", "ratio", "bare CPU ms", "jelly CPU ms")
    rows = [
        (number, b.per_second, j.per_second, j.per_second / b.per_second, b_cpu, j_cpu)
        for number, (b, j, b_cpu, j_cpu) in enumerate(
            zip(theirs.rounds, ours.rounds, theirs.cpu, ours.cpu, strict=True), start=1
        )
    ]
    medians = [median([row[column] for row in rows]) for column in range(1, len(header))]
    print_table(title, header, [*rows, ("median", *medians)])
    for name, contestant in (("bare", theirs), ("jelly", ours)):
        waits = [wait * 1000 for presses in contestant.rounds for wait in presses.latencies]
        print(f"{name}: p50 {percentile(waits, 50):.1f} ms, p99 {percentile(waits, 99):.1f} ms")
    print_ratio("ratio", [row[3] for row in rows], GOAL, at_least=True)
    cpu_ratios = [jelly / bare for *_, bare, jelly in rows]
    print_ratio("CPU ratio", cpu_ratios, CPU_GOAL, at_least=False)


def _print_kept(ours: Contestant, file: Path, edits: int) -> list[str]:
    """Prints what the file holds in the end; returns what of it is not what was pressed."""
    unanswered = sum(presses.unanswered for presses in ours.rounds)
    stored = _version(file) - ours.version
    with closing(sqlite3.connect(file)) as connection:
        answers = dict(connection.execute("SELECT user_id, answer FROM rsvp"))
    wrong = sum(answers[user] != answer for user, answer in ours.last_answers().items())
    print(
        f"jelly: {ours.pressed} presses with the warm-up, {unanswered} unanswered, {stored} "
        f"stored, {ours.pressed - stored} lost, {wrong} last answers wrong, {edits} more edits of "
        "the card"
    )
    return not_zero(
        {
            "presses without an answer": unanswered,
            "presses that are not stored": ours.pressed - stored,
            "members whose stored answer is not what they pressed last": wrong,
            "errors in the log": ours.bot.output.count(" ERROR "),
        }
    )


if __name__ == "__main__":
    sys.exit(main())
