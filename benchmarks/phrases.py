"""How much of what people type every day is read, and read right, by the tests' tables.

The tables hold phrases typed at several moments, with their dates or their refusal and its first
hint; they were written without knowledge of the grammar. A phrase that is read as other dates is
the worst outcome. ``--wrong`` lists every row that is not right.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from benchmarks.report import parser_of, print_goal, print_table
from tests.unit.phrases.table import DAILY, Outcome, Row, outcome, rows

MOST_READ = 0.95
"""Goal: the share of phrases to be read that are read right."""
HINTED = 0.90
"""Goal: the share of phrases to be refused whose first hint is right."""

Outcomes = Sequence[tuple[Row, Outcome, str]]


def print_wrong(outcomes: Outcomes) -> None:
    for kind in Outcome:
        found = [(row, reading) for row, became, reading in outcomes if became is kind]
        if found and kind is not Outcome.RIGHT:
            print(f"\n{kind.value}: {len(found)}")
            for row, reading in found:
                print(f'  "{row.phrase}" typed on {row.now:%a %Y-%m-%d %H:%M} UTC in {row.zone}')
                print(f"    expected  {row.expected}")
                print(f"    became    {reading}")


def figures(outcomes: Outcomes) -> tuple[int, ...]:
    """Returns a row of the table of figures."""
    reads = Counter(became for row, became, _ in outcomes if not row.is_refused)
    refuses = Counter(became for row, became, _ in outcomes if row.is_refused)
    return (
        len(outcomes),
        reads.total(),
        reads[Outcome.RIGHT],
        reads[Outcome.OTHER_DATES],
        reads[Outcome.REFUSED],
        refuses.total(),
        refuses[Outcome.READ],
        refuses[Outcome.RIGHT],
    )


def measure(options: argparse.Namespace) -> None:
    tables = {name: [(row, *outcome(row)) for row in rows(name)] for name in DAILY}
    everything = [one for outcomes in tables.values() for one in outcomes]
    if options.wrong:
        print_wrong(everything)
    print_table(
        "What became of phrases, by table",
        (
            *("table", "rows", "to be read", "read right", "read wrong", "refused"),
            *("to be refused", "read", "first hint right"),
        ),
        [(name, *figures(outcomes)) for name, outcomes in (*tables.items(), ("all", everything))],
    )
    _, to_read, right, wrong, _, to_refuse, read, hinted = figures(everything)
    print_goal("read wrong, or read instead of refused", wrong + read, 0, at_least=False)
    print_goal("read right", right / max(to_read, 1), MOST_READ, at_least=True)
    print_goal("first hint right", hinted / max(to_refuse, 1), HINTED, at_least=True)


def main() -> None:
    parser = parser_of("phrases", __doc__ or "")
    parser.add_argument("--wrong", action="store_true", help="list every row that is not right")
    measure(parser.parse_args())


if __name__ == "__main__":
    main()
