"""``python -m tests.crash.steps [KIND]...``: lists the steps of each kind of work, with numbers.

From these the ranges in ``kill_points`` are taken. Nothing is killed. Work differs a little from
one time to the next, so each kind is listed three times.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import tests.crash.actions
from tests.crash.kill_points import NEVER, OLDER_SCHEMAS, WORKS, KillPoint, Step
from tests.crash.process_pool import ProcessPool
from tests.crash.scenario import found
from tests.crash.world import World
from tests.loopback import Loopback

TIMES = 3
_ALL = Step.STATEMENT | Step.FILE | Step.REQUEST | Step.ANSWER


async def _list(kinds: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            Loopback(rate_limits=False, env={"DISCORD_OPENAPI": ""}) as discord,
            ProcessPool() as pool,
        ):
            for schema in OLDER_SCHEMAS:
                world = await found(discord, pool, Path(folder), schema)
                try:
                    await _tell("migration", world, 0)
                finally:
                    await world.end()
            world = await found(discord, pool, Path(folder), max(OLDER_SCHEMAS))
            try:
                await world.live_on()
                for kind in kinds:
                    for time in range(TIMES):
                        await _tell(kind, world, time)
            finally:
                await world.end()


async def _tell(kind: str, world: World, time: int) -> None:
    drawn = []

    def never(_chance: random.Random, work: str) -> KillPoint:
        drawn.append(work)
        return KillPoint(_ALL, NEVER, after=WORKS[work].after)

    setattr(tests.crash.actions, "draw", never)  # noqa: B010  it is an import there
    begins_at = world.log.stat().st_size if world.log.exists() else 0
    await tests.crash.actions.ACTIONS[kind](world, random.Random(f"{kind} {time}"))
    await world.end()
    log = world.log.read_bytes()[begins_at:].decode()
    steps = _numbered(log, WORKS[drawn[-1]].requests)
    print(f"\n{', '.join(drawn)}:", *steps, sep="\n")  # noqa: T201  it is run by hand


def _numbered(log: str, requests: str) -> Iterator[str]:
    counts = Counter[str]()
    for line in log.splitlines():
        kind, _, what = line.partition(" ")
        if kind in Step.__members__ and (kind not in ("REQUEST", "ANSWER") or requests in what):
            yield f"  {kind} {counts[kind]}: {what[:90]}"
            counts[kind] += 1


if __name__ == "__main__":
    others = [kind for kind in tests.crash.actions.ACTIONS if kind != "migration"]
    asyncio.run(_list(sys.argv[1:] or others))
