"""Bots that are killed in the middle of everything they do, and what was lost or doubled.

A story begins with the file of an older Jelly and goes on through migration, scheduling, presses,
promotions, announcements, reminders, cancellations and copies, each of which some bot is killed in.
The seed draws the same kills again, but for those at "any time".
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.report import print_table
from tests.lives.nursery import Nursery
from tests.lives.story import Outcome, tell
from tests.loopback import Loopback

KILLS_OF_EACH = 4


async def stories(kills: int, folder: Path, *, seed: int) -> Outcome:
    """Tell stories until so many bots were killed; what came of all of them together."""
    total = Outcome(seed)
    async with Loopback(rate_limits=False) as discord, Nursery() as nursery:
        while total.kills.total() < kills:
            home = folder / str(seed)
            home.mkdir()
            story = await tell(discord, nursery, home, seed, kills_of_each=KILLS_OF_EACH)
            total.lives += story.lives
            total.kills += story.kills
            total.dooms += story.dooms
            total.acknowledged += story.acknowledged
            total.unanswered += story.unanswered
            total.count += story.count
            total.problems += [f"seed {seed}: {problem}" for problem in story.problems]
            seed += 1
    return total


def print_kills(total: Outcome) -> None:
    _print_counter("bots killed, by what they were in the middle of", total.kills)
    _print_counter("the same, by what they were killed before", total.dooms)
    count = total.count
    print_table(
        f"after {total.kills.total()} kills in {total.lives} lives, first seed {total.seed}",
        ("what", "figure"),
        [
            ("presses and commands acknowledged", total.acknowledged),
            ("not answered, because the bot was dead", total.unanswered),
            ("messages owed", count.owed),
            ("sent", count.sent),
            ("expired", count.expired),
            ("withdrawn", count.withdrawn),
            ("doubled", count.doubled),
            ("missing", count.missing),
            ("other things wrong", len(total.problems)),
        ],
    )
    for problem in total.problems:
        print(problem)


def _print_counter(title: str, counted: Counter[str]) -> None:
    print_table(title, ("what", "kills"), sorted(counted.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print_kills(asyncio.run(stories(options.kills, Path(folder), seed=options.seed)))


if __name__ == "__main__":
    main()
