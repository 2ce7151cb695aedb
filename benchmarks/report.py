"""What every benchmark prints: short tables of text, and the numbers in them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as they need to be, numbers to the right."""
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))


def print_goal(what: str, value: float, goal: float, *, at_least: bool) -> None:
    """One line: what came out, what it should be, and whether it is."""
    is_reached = value >= goal if at_least else value <= goal
    sign = ">=" if at_least else "<="
    verdict = "reached" if is_reached else "NOT REACHED"
    print(f"{what}: {_cell(value)} (goal {sign} {_cell(goal)}: {verdict})")


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return "-"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
