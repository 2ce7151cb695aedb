"""Run a command again and again, and report how often it was green and how long it took.

    python -m benchmarks.repeat --times 20 --busy 5 -- make test

Some of the runs, spread evenly, have a busy machine: two loops that do nothing else run beside
them. The output of a red run is kept in a file whose name is printed. Ends with 1 unless all were
green.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import median, print_table

LOOPS = 2
FOLDER = Path("build") / "repeat"
# Ends with the process that started it, however that ends.
_LOOP = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"


@dataclass(frozen=True)
class Run:
    number: int
    is_busy: bool
    seconds: float
    exit_code: int

    @property
    def is_green(self) -> bool:
        return self.exit_code == 0


def repeat(command: Sequence[str], *, times: int, busy: int, folder: Path) -> list[Run]:
    """Runs a command so many times, ``busy`` of them on a busy machine."""
    folder.mkdir(parents=True, exist_ok=True)
    runs = []
    for number in range(1, times + 1):
        output = folder / f"run-{number:03}.txt"
        ran = run_once(command, number, is_busy=is_busy(number, times, busy), output=output)
        runs.append(ran)
        if ran.is_green:
            output.unlink()
            outcome = "green"
        else:
            outcome = f"RED, with {ran.exit_code}: {output}"
        beside = "busy" if ran.is_busy else "quiet"
        print(f"{number} of {times}, {beside}, {ran.seconds:.1f} s: {outcome}", flush=True)
    return runs


def is_busy(number: int, times: int, busy: int) -> bool:
    """Returns whether the run with this number, from 1, is one of the evenly spread busy runs."""
    return number * busy // times > (number - 1) * busy // times


def run_once(command: Sequence[str], number: int, *, is_busy: bool, output: Path) -> Run:
    with output.open("wb") as file, _loops(LOOPS if is_busy else 0):
        started_at = time.monotonic()
        finished = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, check=False)
        return Run(number, is_busy, time.monotonic() - started_at, finished.returncode)


@contextmanager
def _loops(number: int) -> Iterator[None]:
    """Runs so many processes that keep the machine busy, as long as the context is open."""
    loops = [subprocess.Popen([sys.executable, "-c", _LOOP]) for _ in range(number)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def print_runs(runs: Sequence[Run]) -> None:
    kinds = {
        "quiet": [run for run in runs if not run.is_busy],
        "busy": [run for run in runs if run.is_busy],
    }
    print_table(
        "seconds of each run",
        ("machine", "runs", "green", "median", "min", "max"),
        [
            (name, len(of_kind), sum(run.is_green for run in of_kind), median(took), *ends)
            for name, of_kind in kinds.items()
            if (took := [run.seconds for run in of_kind])
            for ends in [(min(took), max(took))]
        ],
    )
    green = sum(run.is_green for run in runs)
    print(f"green {green} times of {len(runs)}")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.repeat", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--busy", type=int, default=0, help="how many of them on a busy machine")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for what red runs said")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="after two dashes")
    options = parser.parse_args()
    if not 0 <= options.busy <= options.times or options.times < 1:
        parser.error("--busy has to be from 0 to --times, and that at least 1")
    print(shlex.join(options.command), flush=True)
    runs = repeat(options.command, times=options.times, busy=options.busy, folder=options.folder)
    print_runs(runs)
    return 0 if all(run.is_green for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
