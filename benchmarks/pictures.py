"""The pictures of the history: how long they take, and how long the event loop stalls meanwhile.

Each round is a fresh process, as the bot is after its start. It asks for the pictures of so many
jellies once, then again, then several times at once as several people do; a task that sleeps for 5
ms in a loop reports the longest time by which it overslept. Every drawing is a process of its own
with an empty font cache, so the first one differs from the next by what the bot's process has to
load. ``idle`` is the noise of the machine: a second without any drawing.

It does not show a disk that has not read matplotlib's files before, nor sending to Discord.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable
from datetime import datetime, timedelta

from benchmarks.report import median, percentile, print_goal, print_table
from bot.charts import history_pictures
from bot.language import ENGLISH, words_for
from data.models import PastSession

GOAL = 2.0
"""Seconds from the request to both pictures."""
LONGEST_STALL = 100.0
"""Milliseconds."""
_NAP = 0.005


def history(jellies: int) -> list[PastSession]:
    """Returns jellies twice a week, with more and more people.

    At one in five nobody checks in.
    """
    first = datetime(2020, 1, 7, 10)  # noqa: DTZ001 - wall time
    return [
        PastSession(
            starts_local=first
            + timedelta(weeks=number // 2, days=2 * (number % 2), hours=number % 5),
            title="Thursday jelly",
            going=5 + number % 7 + number // 50,
            came=None if number % 5 == 0 else 4 + number % 6 + number // 50,
        )
        for number in range(jellies)
    ]


async def timed(work: Awaitable[object]) -> tuple[float, float]:
    """Returns the seconds that some work takes, and the milliseconds of the longest stall."""
    longest = 0.0

    async def nap() -> None:
        nonlocal longest
        while True:
            lay_down_at = time.perf_counter()
            await asyncio.sleep(_NAP)
            longest = max(longest, time.perf_counter() - lay_down_at - _NAP)

    napping = asyncio.create_task(nap())
    started_at = time.perf_counter()
    await work
    taken = time.perf_counter() - started_at
    napping.cancel()
    return taken, longest * 1000


async def one_round(jellies: int, at_once: int) -> dict[str, tuple[float, float]]:
    held, words = history(jellies), words_for(ENGLISH)
    return {
        "idle": await timed(asyncio.sleep(1)),
        "first": await timed(history_pictures(words, held)),
        "next": await timed(history_pictures(words, held)),
        f"{at_once} at once": await timed(
            asyncio.gather(*(history_pictures(words, held) for _ in range(at_once)))
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jellies", type=int, nargs="+", default=[1, 60, 500])
    parser.add_argument("--at-once", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--one-round", action="store_true", help="in this process, as JSON")
    asked = parser.parse_args()
    if asked.one_round:
        print(json.dumps(asyncio.run(one_round(asked.jellies[0], asked.at_once))))
        return
    for jellies in asked.jellies:
        _print(jellies, [_in_a_fresh_process(jellies, asked.at_once) for _ in range(asked.rounds)])


def _in_a_fresh_process(jellies: int, at_once: int) -> dict[str, tuple[float, float]]:
    ended = subprocess.run(
        [
            *(sys.executable, "-m", "benchmarks.pictures", "--one-round"),
            *("--jellies", str(jellies), "--at-once", str(at_once)),
        ],
        check=True,
        stdout=subprocess.PIPE,
    )
    taken: dict[str, tuple[float, float]] = json.loads(ended.stdout)
    return taken


def _print(jellies: int, rounds: list[dict[str, tuple[float, float]]]) -> None:
    rows = []
    for what in rounds[0]:
        seconds = [one[what][0] for one in rounds]
        stalls = [one[what][1] for one in rounds]
        rows.append((what, median(seconds), max(seconds), median(stalls), max(stalls)))
    print_table(
        f"Both pictures of {jellies} jellies, medians and worst of {len(rounds)} fresh processes",
        ("", "seconds", "worst", "stall, ms", "worst"),
        rows,
    )
    drawn = [what for what in rounds[0] if what != "idle"]
    print_goal("first, seconds", median([one["first"][0] for one in rounds]), GOAL, at_least=False)
    stalls = [one[what][1] for one in rounds for what in drawn]
    print_goal("longest stall, ms", percentile(stalls, 100), LONGEST_STALL, at_least=False)


if __name__ == "__main__":
    main()
