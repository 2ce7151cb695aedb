"""Kills the bot with SIGKILL again and again, at any step of its work, and counts what was lost.

The bot is a real process on a real file (synchronous=FULL) that talks to a simulated Discord over
real sockets. Server after server begins with a file of an older Jelly, the first one or that of
schema 4; the next bot starts on the file that the last one left. Each is killed by a SIGKILL
(kill -9) before a step that is drawn from all the steps of its work (a statement, a call that
changes a file, a request, the arrival of its answer), and now and then at a random time. In the end
everything is compared: what people were told, what the file holds, and what Discord shows. The same
run is part of the tests, with fewer kills.

A kill ends a process, not the machine: it can't show whether the disk keeps what it confirmed.

Ends with 1 if anything is not as it must be. Each such sentence names the seed of its server; with
that and ``--kills 1`` the same kills come again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from benchmarks.report import parser_of, print_table, run
from tests.crash.process_pool import ProcessPool
from tests.crash.scenario import KINDS, Outcome, run_scenario
from tests.loopback import Loopback

KILLS_OF_EACH = 4
"""Kills in one story."""


async def kill(kills: int, seed: int) -> Outcome:
    """Runs stories, each with the next seed, until there were so many kills in all."""
    total = Outcome(seed)
    async with (
        Loopback(rate_limits=False, env={"DISCORD_OPENAPI": ""}) as discord,
        ProcessPool() as pool,
    ):
        while total.kills.total() < kills:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    story = await run_scenario(
                        discord, pool, Path(folder), seed, kills_of_each=KILLS_OF_EACH
                    )
                except Exception as error:  # noqa: BLE001  reported with the seed, whatever it is
                    traceback.print_exc()
                    total.problems.append(f"seed {seed}: the story broke off: {error!r}")
                    return total
            story.problems += story.too_few(KILLS_OF_EACH)
            story.problems = [f"seed {seed}: {problem}" for problem in story.problems]
            total.add(story)
            seed += 1
    return total


def main() -> int:
    parser = parser_of("kills", __doc__)
    parser.add_argument("--kills", type=int, default=1_000, help="at least so many")
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    total = asyncio.run(kill(options.kills, options.seed))
    _print(total)
    return total.problems


def _print(total: Outcome) -> None:
    print(f"{total.kills.total()} kills, {total.lives} processes")
    rows = [(kind, total.kills[kind]) for kind in (*KINDS, "start", "rest")]
    print_table("killed in the middle of", ("what", "kills"), rows)
    print_table("killed right before", ("what", "kills"), total.kill_points.most_common())
    print_table(
        "presses and commands",
        ("acknowledged", "lost", "unanswered"),
        [(total.acknowledged, total.count.lost, total.unanswered)],
    )
    count = total.count
    print_table(
        "messages",
        ("owed", "sent", "expired", "withdrawn", "doubled", "missing"),
        [(count.owed, count.sent, count.expired, count.withdrawn, count.doubled, count.missing)],
    )


if __name__ == "__main__":
    sys.exit(main())
