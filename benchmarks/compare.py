"""Run a benchmark here and in another checkout in turns, and compare its figures pair by pair.

    git worktree add ../before HEAD~1
    python -m benchmarks.compare ../before --times 5 -- presses --rounds 5

Both checkouts are compiled, and run with this Python and its packages. Every number of the tables
that the benchmark prints is a figure; of a table with a row ``median``, that row alone. ``after``
is this checkout, and a ratio above 1 means that its number is the larger one, whether or not that
is better. What changes between a pair's two runs, such as the load of a shared machine, is in the
ratios too: see their interval.

Ends with 1 if a run failed.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from benchmarks.report import interval, median, print_table

HERE = Path(__file__).parent.parent
Figures: TypeAlias = Mapping[tuple[str, str], float]
"""Numbers by where they stand: the table's number with its row, and the column."""


class RunFailed(Exception):
    """A benchmark ended with an error; with its output."""


def run_in(checkout: Path, command: Sequence[str]) -> Figures:
    """Returns what a benchmark prints in a checkout. Raises RunFailed."""
    name, *options = command
    words = [sys.executable, "-m", f"benchmarks.{name}", *options]
    ran = subprocess.run(words, cwd=checkout, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RunFailed(f"{shlex.join(words)} in {checkout}:\n{ran.stdout}{ran.stderr}")
    return figures_of(ran.stdout)


def figures_of(output: str) -> Figures:
    """Returns the numbers of all tables in the output of a benchmark."""
    figures = {}
    for number, table in enumerate(_tables(output), start=1):
        header, *rows = table
        medians = [row for row in rows if row[0] == "median"]
        for label, *cells in medians or rows:
            # An empty first cell of the header can't be seen in the output.
            for column, cell in zip(header[-len(cells) :], cells, strict=True):
                if re.fullmatch(r"-?[\d,]+(\.\d+)?", cell):
                    figures[f"table {number}, {label}", column] = float(cell.replace(",", ""))
    return figures


def _tables(output: str) -> Iterator[list[list[str]]]:
    """Yields each table as its rows of cells, the header first."""
    rows: list[list[str]] = []
    for line in [*output.splitlines(), ""]:
        if line.startswith("  "):
            rows.append(re.split(r" {2,}", line.strip()))
        elif rows:
            yield rows
            rows = []


def compare(before: Path, command: Sequence[str], times: int) -> None:
    for checkout in (before, HERE):
        # Otherwise a checkout that never ran, or may not keep its bytecode, would start slower.
        packages = [file.parent for file in checkout.glob("*/__init__.py")]
        subprocess.run([sys.executable, "-m", "compileall", "-q", *packages], check=True)
    pairs = []
    for number in range(1, times + 1):
        pairs.append((run_in(before, command), run_in(HERE, command)))
        print(f"pair {number} of {times}", flush=True)
    rows = []
    for figure in pairs[0][0]:
        of_pairs = [(old[figure], new[figure]) for old, new in pairs if figure in new]
        ratios = [new / old for old, new in of_pairs if old]
        olds, news = ([pair[side] for pair in of_pairs] for side in (0, 1))
        rows.append((*figure, median(olds), median(news), median(ratios), *interval(ratios)))
    print_table(
        f"{shlex.join(command)}: medians of {times} pairs, and the 95 % interval of the ratio",
        ("row", "figure", "before", "after", "ratio", "from", "to"),
        rows,
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare", description=__doc__.splitlines()[0]
    )
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("--times", type=int, default=7, help="how many pairs of runs")
    parser.add_argument("command", nargs="+", metavar="BENCHMARK", help="after two dashes")
    options = parser.parse_args()
    try:
        compare(options.before, options.command, options.times)
    except RunFailed as failed:
        print(failed)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
