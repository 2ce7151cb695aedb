"""One table of what the bot withstands: kills, faults, a burst, and hours of mixed use.

Each part is a benchmark of its own, with more detail: kills, faults, burst and soak. Ends with 1 if
a promise was broken in any of them.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import burst, faults, kills, soak
from benchmarks.report import MOST_SENTENCES, first_of, parser_of, percentile, print_table, run


async def reliability(folder: Path, options: argparse.Namespace) -> list[str]:
    """Prints the table; returns a sentence for each promise that was broken."""
    seed = options.seed
    died = await kills.kill(options.kills, seed)
    faulty = await faults.under_faults(options.seconds, folder / "faults.sqlite3", seed=seed)
    burst_ = await burst.once(options.reminders, folder / "burst.sqlite3", seed=seed)
    soaked = await soak.soak(60 * options.minutes, folder / "soak.sqlite3", seed=seed)
    count = died.count
    rows: list[tuple[str, object]] = [
        ("kills survived", died.kills.total()),
        ("  presses and commands acknowledged", died.acknowledged),
        ("  of these lost", count.lost),
        ("  anything else wrong", len(died.problems)),
        (
            "  messages owed / sent / doubled / expired",
            f"{count.owed} / {count.sent} / {count.doubled} / {count.expired}",
        ),
        ("kinds of fault injected", len(faulty.each) - 1),
        (
            "  presses acknowledged under them",
            sum(len(pressed.waits) for pressed in faulty.each[1:]),
        ),
        ("  of these lost", sum(len(pressed.lost) for pressed in faulty.each)),
        *(
            (
                f"  ms to an answer, p50 / p99, {pressed.fault.name}",
                f"{1e3 * percentile(pressed.waits, 50):.0f} / "
                f"{1e3 * percentile(pressed.waits, 99):.0f}",
            )
            for pressed in faulty.each
        ),
        (f"sends a second, {burst_.reminders} due at once", burst_.per_second),
        ("  arrived / answered with 429", f"{burst_.arrived} / {burst_.limited}"),
        ("  ms to an answer meanwhile, p99", 1e3 * percentile(burst_.pressed.waits, 99)),
        (f"minutes of mixed use with {soaked.used.faults} faults", soaked.seconds / 60),
        ("  presses and commands acknowledged", soaked.used.acknowledged),
        ("  answers lost", len(soaked.lost)),
        (
            "  messages sent / doubled / expired",
            f"{soaked.sent} / {len(soaked.doubled)} / {soaked.expired}",
        ),
        ("  memory at the end, MB", soaked.looks[-1].memory / 1e6),
        ("  memory, last quarter to second", soaked.memory_growth),
        ("  tasks and open files more than before", soaked.task_growth + soaked.file_growth),
        ("  longest stall of the event loop, ms", 1e3 * soaked.longest_stall),
    ]
    print_table("reliability", ("what", "figure"), rows)
    parts = {
        "kills": died.problems,
        "faults": faulty.broken,
        "burst": burst_.broken,
        "soak": soaked.broken,
    }
    return [
        f"{name}: {sentence}"
        for name, broken in parts.items()
        for sentence in first_of(broken, MOST_SENTENCES // len(parts) - 1)
    ]


def main() -> int:
    parser = parser_of("reliability", __doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=10, help="of presses, under each fault")
    parser.add_argument("--reminders", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=5, help="of mixed use")
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(reliability(Path(folder), options))


if __name__ == "__main__":
    sys.exit(main())
