"""What each command costs with few and with many jellies planned, in milliseconds, and the start.

Everything that can be asked of Jelly is asked by five made-up people of a real file, without
Discord: once where few series go on each day, and once where many do, in turns. ``ratio`` is the
second over the first. The start is what the bot does before it looks for what is due.

It does not show what Discord or a slow disk adds.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from collections import defaultdict
from contextlib import closing, suppress
from pathlib import Path

from benchmarks.report import median, parser_of, print_goal, print_table
from bot.app import JellyBot
from data.refusal import Refusal
from tests.expected_rights import MEMBERS
from tests.large_store import add_daily_series
from tests.unit.made_up import PEOPLE, plan_everything
from tests.unit.test_actions import STEPS, Step, World

SLOWEST = 50.0
"""Goal: milliseconds of the slowest command with many, but for those that change them all."""
CHANGES_ALL = ("setup", "cancel-by", "/settings, settings-changed")


def fill(folder: Path, name: str, series: int) -> World:
    """Returns a store with so many daily series beside everything else."""
    file = folder / name / "jelly.sqlite3"
    file.parent.mkdir()
    planned = asyncio.run(plan_everything(file))
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        add_daily_series(connection, series)
    return World(file, planned)


async def taken(world: World, step: Step) -> float:
    """Returns the milliseconds that an action takes."""
    person = next(one for one in ("host", "administrator", *MEMBERS) if one in step.expected.may)
    async with world.open() as program:
        began = time.perf_counter()
        with suppress(Refusal):
            await world.ask(program, PEOPLE[person], step)
        return (time.perf_counter() - began) * 1000


async def start_taken(world: World) -> float:
    """Returns the milliseconds before the bot looks for what is due, after the first time."""
    async with world.open() as program:
        await JellyBot(program.database, program.clock).begin()
        bot = JellyBot(program.database, program.clock)
        began = time.perf_counter()
        await bot.begin()
        await bot.catch_up()
        return (time.perf_counter() - began) * 1000


async def measure(few: World, many: World, rounds: int) -> None:
    times: defaultdict[str, tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
    for _ in range(rounds):
        for step in STEPS:
            name = f"{step.action.__name__} {step.names}"
            for world, found in zip((few, many), times[name], strict=True):
                found.append(await taken(world, step))
        for world, found in zip((few, many), times["start"], strict=True):
            found.append(await start_taken(world))
    rows = [(name, median(one), median(other)) for name, (one, other) in times.items()]
    rows.sort(key=lambda row: -row[2])
    print_table(
        f"milliseconds, medians of {rounds}",
        ("", "few", "many", "ratio"),
        [(name, one, other, other / one) for name, one, other in rows],
    )
    slowest = max(
        other
        for name, _, other in rows
        if name != "start" and name.partition(" ")[2] not in CHANGES_ALL
    )
    print_goal("slowest that does not change all, ms", slowest, SLOWEST, at_least=False)


def main() -> None:
    parser: argparse.ArgumentParser = parser_of("bounds", __doc__ or "")
    parser.add_argument("--few", type=int, default=3)
    parser.add_argument("--many", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = fill(folder, "few", options.few), fill(folder, "many", options.many)
        print(f"few: {options.few} daily series; many: {options.many}")
        asyncio.run(measure(few, many, options.rounds))


if __name__ == "__main__":
    main()
