"""One table of what the bot withstands: kills, faults, a burst, and hours of mixed use.

Each part is a benchmark of its own, with more to say: kills, faults, burst and soak.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
from pathlib import Path

from benchmarks import burst, faults, kills, soak
from benchmarks.report import percentile, print_table


async def reliability(
    folder: Path, *, seed: int, killed: int, seconds: float, reminders: int, minutes: float
) -> list[tuple[str, object]]:
    """The rows of the table."""
    died = await kills.run(killed, seed)
    faulty = await faults.under_faults(seconds, folder / "faults.sqlite3")
    burst_ = await burst.once(reminders, folder / "burst.sqlite3")
    soaked = await soak.soak(60 * minutes, folder / "soak.sqlite3", seed=seed)
    pressed = [len(result.waits) for result in faulty]
    count = died.count
    return [
        ("kills survived", died.kills.total()),
        ("  presses and commands acknowledged", died.acknowledged),
        ("  of these lost", count.lost),
        ("  anything else wrong", len(died.problems)),
        (
            "  messages owed / sent / doubled / expired",
            f"{count.owed} / {count.sent} / {count.doubled} / {count.expired}",
        ),
        ("kinds of fault injected", len(faulty) - 1),
        ("  presses acknowledged under them", sum(pressed[1:])),
        ("  of these lost", sum(result.lost for result in faulty)),
        *(
            (
                f"  ms to an answer, p50 / p99, {result.name}",
                f"{1e3 * percentile(result.waits, 50):.0f} / "
                f"{1e3 * percentile(result.waits, 99):.0f}",
            )
            for result in faulty
        ),
        (f"sends a second, {reminders} due at once", burst_.per_second),
        ("  delivered / answered with 429", f"{burst_.delivered} / {burst_.limited}"),
        ("  ms to an answer meanwhile, p99", 1e3 * percentile(burst_.presses, 99)),
        (f"minutes of mixed use with {soaked.faults} faults", minutes),
        ("  presses and commands acknowledged", soaked.acknowledged),
        ("  answers lost", soaked.lost),
        (
            "  messages sent / doubled / expired",
            f"{soaked.sent} / {soaked.doubled} / {soaked.expired}",
        ),
        ("  memory at the end, MB", soaked.looks[-1].memory / 1e6),
        ("  memory, last quarter to second", soaked.memory_growth),
        ("  tasks and open files more than before", soaked.task_growth + soaked.file_growth),
        ("  longest stall of the event loop, ms", 1e3 * soaked.longest_stall),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10, help="of presses, under each fault")
    parser.add_argument("--reminders", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=5, help="of mixed use")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = asyncio.run(
            reliability(
                Path(folder),
                seed=asked.seed,
                killed=asked.kills,
                seconds=asked.seconds,
                reminders=asked.reminders,
                minutes=asked.minutes,
            )
        )
    print_table(f"reliability, seed {asked.seed}", ("what", "figure"), rows)


if __name__ == "__main__":
    main()
