"""Reading phrases and finding dates, in milliseconds, compared with the naive use of dateutil.

Four things are measured, in one process without a network:

- reading each phrase of the tests' tables: those that are read, and refusals with their hints;
- the slowest of the longest phrases: each word that people type, and each whole phrase, repeated;
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

from benchmarks.report import median, percentile, print_goal, print_table
from bot.calendar import occurrences
from bot.phrases.en import NotUnderstood, read
from bot.phrases.en.grammar import count_words
from bot.phrases.en.hints.examples import MOST_WORDS_TRIED
from bot.phrases.en.hints.spelling import WORDS
from data.limits import LONGEST_READ_PHRASE, MOST_READ_TOKENS
from data.models import Schedule
from tests.unit.phrases.table import DAILY, Row, rows

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HORIZON = timedelta(weeks=8)
TEN = 10
READ, REFUSED, WORST = 1.0, 3.0, 20.0
"""Goals: milliseconds of a phrase at the median, of a refusal, and of the slowest phrase."""
LONGEST = 2_000
"""Characters."""
SLOWEST = 10
TEN_YEARS = timedelta(weeks=520)


def timed(work: Callable[[], object]) -> float:
    """Returns the milliseconds of processor time that some work takes."""
    started_at = time.thread_time()
    work()
    return (time.thread_time() - started_at) * 1000


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


def tables() -> list[Row]:
    """Returns the rows of all tables of phrases."""
    return [row for name in ("phrases", *DAILY) for row in rows(name)]


def measure_reading(rounds: int) -> None:
    for row in tables():
        understand(row)
    waits: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(rounds):
        for row in tables():
            waits[row.is_refused].append(timed(partial(understand, row)))
    print_table(
        "Reading a phrase, ms",
        ("phrases", "number", "median", "p99", "worst"),
        [
            (name, len(found) // rounds, median(found), percentile(found, 99), max(found))
            for name, found in (("read", waits[False]), ("refused", waits[True]))
        ],
    )
    print_goal("ms of a phrase that is read, median", median(waits[False]), READ, at_least=False)
    print_goal("ms of a refusal, median", median(waits[True]), REFUSED, at_least=False)


def long_phrases(most: int | None) -> Iterator[str]:
    """Yields every word and phrase that is typed, repeated in several ways.

    As often as is parsed, as hints are sought for, and to 2,000 characters; ``most`` limits how
    many of the words and phrases are taken.
    """
    typed = [row.phrase for row in tables()]
    words = sorted({*WORDS, *typed, *(word for phrase in typed for word in phrase.split())})
    for word in words[:most]:
        for separator in (" ", ", ", " and "):
            piece = word + separator
            for most_words in (MOST_WORDS_TRIED, MOST_READ_TOKENS, LONGEST_READ_PHRASE):
                times = most_words // max(1, count_words(piece.lower()))
                yield piece * min(times, LONGEST_READ_PHRASE // len(piece))
            yield (piece * LONGEST)[:LONGEST]


def measure_longest(rounds: int, most: int | None) -> None:
    """Prints the slowest of the long phrases: each once, and the slowest again, at their best."""

    def once(phrase: str) -> float:
        return timed(partial(understand, Row("", NOW, "Europe/London", phrase, "")))

    every = list(long_phrases(most))
    slowest = sorted(every, key=once)[-SLOWEST:]
    best = {phrase: min(once(phrase) for _ in range(max(3, rounds))) for phrase in slowest}
    print_table(
        f"The slowest of {len(every):,} phrases of up to {LONGEST:,} characters, ms",
        ("begins with", "characters", "best of several"),
        [(repr(phrase[:24]), len(phrase), best[phrase]) for phrase in reversed(slowest)],
    )
    print_goal("ms of the slowest phrase", max(best.values()), WORST, at_least=False)


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
    parser.add_argument("--words", type=int, help="of the slowest phrases; all if not given")
    asked = parser.parse_args()
    measure_reading(asked.rounds)
    measure_longest(asked.rounds, asked.words)
    measure_old_series(asked.rounds * 10)
    measure_many(asked.rounds, asked.series)


if __name__ == "__main__":
    main()
