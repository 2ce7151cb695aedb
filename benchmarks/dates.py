"""Reading phrases and finding dates, in milliseconds, compared with the naive use of dateutil.

Three things are measured, in one process without a network:

- reading each phrase of the tests' table, accepted and refused ones;
- the next ten sessions of a series that began ten years ago;
- the dates of eight weeks for many series, as the alarm finds them, without writing them.

The contestant of the last two is ``dateutil.rrule`` iterated from the start of the series. They
take turns. It does not show what the store costs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil import rrule

from benchmarks.report import median, percentile, print_table
from bot.calendar import occurrences
from bot.phrases.en import NotUnderstood, read
from data.models import Schedule
from tests.unit.phrases.table import Row, rows

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HORIZON = timedelta(weeks=8)
TEN = 10
TEN_YEARS = timedelta(weeks=520)


def timed(work: Callable[[], object]) -> float:
    """Returns the milliseconds that some work takes."""
    started_at = time.perf_counter()
    work()
    return (time.perf_counter() - started_at) * 1000


def understand(row: Row) -> None:
    with suppress(NotUnderstood):
        read(row.phrase, zone=row.zone, now=row.now)


def naively(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """Yields the starts of a series with one rule, by going through all of them from the first."""
    zone = ZoneInfo(schedule.zone)
    for wall in rrule.rrulestr(schedule.rules[0], dtstart=schedule.start):
        start = wall.replace(tzinfo=zone).astimezone(UTC)
        if start >= after:
            yield start


def old(phrase: str) -> Schedule:
    """Returns a series that began ten years ago."""
    schedule = read(phrase, zone="Europe/London", now=NOW)
    return replace(schedule, start=schedule.start - TEN_YEARS)


def measure_reading(rounds: int) -> None:
    table = list(rows())
    for row in table:
        understand(row)
    printed = []
    for name, group in (
        ("understood", [row for row in table if not row.is_refused]),
        ("refused", [row for row in table if row.is_refused]),
    ):
        waits = [timed(partial(understand, row)) for _ in range(rounds) for row in group]
        printed.append((name, len(group), median(waits), percentile(waits, 99), max(waits)))
    print_table("Reading a phrase, ms", ("phrases", "number", "median", "p99", "worst"), printed)


def next_ten(schedule: Schedule) -> list[datetime]:
    return [found.starts_at for found in islice(occurrences(schedule, after=NOW), TEN)]


def next_ten_naively(schedule: Schedule) -> list[datetime]:
    return list(islice(naively(schedule, NOW), TEN))


def measure_old_series(rounds: int) -> None:
    printed = []
    for phrase in ("every thursday 10am", "every weekday 10am", "every month on the 31st 10am"):
        schedule = old(phrase)
        assert next_ten(schedule) == next_ten_naively(schedule)
        ratios, mine, theirs = [], [], []
        for _ in range(rounds):
            mine.append(timed(partial(next_ten, schedule)))
            theirs.append(timed(partial(next_ten_naively, schedule)))
            ratios.append(theirs[-1] / mine[-1])
        printed.append((phrase, median(mine), median(theirs), median(ratios)))
    print_table(
        "The next ten sessions of a series ten years old, ms",
        ("series", "ours", "from its start", "times as fast"),
        printed,
    )


def measure_many(rounds: int, series: int) -> None:
    schedules = [
        replace(old("every thursday 10am"), duration=timedelta(minutes=60 + number % 300))
        for number in range(series)
    ]
    end = NOW + HORIZON

    def ours() -> None:
        for schedule in schedules:
            list(occurrences(schedule, after=NOW, before=end))

    def theirs() -> None:
        for schedule in schedules[:: max(1, series // 200)]:
            for start in naively(schedule, NOW):
                if start >= end:
                    break

    share = len(schedules[:: max(1, series // 200)]) / series
    mine, naive, ratios = [], [], []
    for _ in range(rounds):
        mine.append(timed(ours))
        naive.append(timed(theirs) / share)
        ratios.append(naive[-1] / mine[-1])
    print_table(
        f"The dates of eight weeks for {series:,} series ten years old, ms (theirs: a sample)",
        ("ours", "from their start", "times as fast"),
        [(median(mine), median(naive), median(ratios))],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--series", type=int, default=10_000)
    asked = parser.parse_args()
    measure_reading(asked.rounds)
    measure_old_series(asked.rounds * 10)
    measure_many(asked.rounds, asked.series)


if __name__ == "__main__":
    main()
