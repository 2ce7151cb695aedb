"""Prints the output of every benchmark: short tables, their numbers, and broken promises."""

from __future__ import annotations

import argparse
import math
import random
import shlex
import statistics
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

Measure: TypeAlias = Callable[[argparse.Namespace], Sequence[str]]
"""Prints its figures and returns a sentence for each promise that was broken."""
MOST_SENTENCES = 24


def parser_of(name: str, documentation: str) -> argparse.ArgumentParser:
    """Returns a parser for ``python -m benchmarks.NAME``.

    Its description is the first line of the module's docstring.
    """
    return argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=documentation.splitlines()[0]
    )


def run(parser: argparse.ArgumentParser, measure: Measure) -> int:
    """Runs a script that states promises; returns its exit code.

    1. Add ``--seed`` to its options, drawn if it is not given.
    2. Print the command that draws the same again.
    3. Measure.
    4. Print what was broken, with that command; 1 if there is anything, else 0.

    A script that fails by itself has proved nothing, so that counts as broken.
    """
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="draws the same again"
    )
    options = parser.parse_args()
    command = shlex.join([*parser.prog.split(), *_words(options)])
    print(command, flush=True)
    try:
        broken = list(measure(options))
    except Exception as error:  # noqa: BLE001  reported with the seed, whatever it is
        traceback.print_exc()
        broken = [f"The script failed before it had measured everything: {error!r}"]
    print()
    for sentence in first_of(broken, MOST_SENTENCES):
        print(f"BROKEN: {sentence}")
    print(f"draws the same again: {command}" if broken else "every promise was kept")
    return 1 if broken else 0


def first_of(sentences: Sequence[str], most: int) -> list[str]:
    """Returns the first ``most`` distinct sentences, and how many more there are."""
    each = list(dict.fromkeys(sentences))
    return each if len(each) <= most else [*each[:most], f"and {len(each) - most} more"]


def not_zero(counts: Mapping[str, int]) -> list[str]:
    """Returns a sentence for each count that should be zero and is not."""
    return [f"{what}: {number}" for what, number in counts.items() if number]


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Prints columns as wide as they need to be, numbers to the right."""
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))


def print_goal(what: str, value: float, goal: float, *, at_least: bool) -> None:
    """Prints one line: the value, the goal, and whether it is met.

    A goal is about speed, which depends on the machine: the exit code does not depend on it.
    """
    is_reached = value >= goal if at_least else value <= goal
    sign = ">=" if at_least else "<="
    verdict = "reached" if is_reached else "NOT REACHED"
    print(f"{what}: {_cell(value)} (goal {sign} {_cell(goal)}: {verdict})")


def percentile(values: Sequence[float], percent: float) -> float:
    """Returns the smallest value that so many percent of all do not exceed; NaN if none exists."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else math.nan


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Returns the interval of two values in which the median of the distribution lies, at 95 %.

    By order statistics, so for any distribution; not numbers if there are fewer than six values.
    https://en.wikipedia.org/wiki/Order_statistic#Estimating_quantiles
    """
    ordered, number = sorted(values), len(values)
    rank, beyond = 0, 0.0
    while beyond + (chance := math.comb(number, rank) / 2**number) <= 0.025:
        beyond += chance
        rank += 1
    return (ordered[rank - 1], ordered[-rank]) if rank else (math.nan, math.nan)


def print_ratio(what: str, ratios: Sequence[float], goal: float, *, at_least: bool) -> None:
    """Prints the goal of a median ratio, with the interval in which it lies."""
    low, high = interval(ratios)
    of = f"median {what} of {len(ratios)} pairs, 95 % between {_cell(low)} and {_cell(high)}"
    print_goal(of, median(ratios), goal, at_least=at_least)


def _words(options: argparse.Namespace) -> list[str]:
    """Returns the options as they would be typed."""
    words = []
    for name, value in vars(options).items():
        if value is not None:
            several = value if isinstance(value, list) else [value]
            words += [f"--{name.replace('_', '-')}", *map(str, several)]
    return words


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return "-"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
