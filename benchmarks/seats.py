"""The change behind one answer, in microseconds, with few and with many answers on the session.

Measured is ``data.people.rsvps.answer`` in a transaction on a real file, undone after each time, so
that the session always has as many answers. There is room for everyone, or all seats are taken and
the others wait. A person who leaves a full session frees a seat, so that the first in line gets it
and is owed word of it; the last table is the outbox claiming that word, in the same thread as all
changes. As many people go at every size, so that every card names as many.

Each size is measured in a new store, and in one that a bot has closed since: then SQLite has
counted the rows of the tables, and may choose other plans. All take turns within one run. Last
comes every statement, triggers included, that goes through a whole table in either.

It does not show the sync to disk, which changes that wait together share.

Between the rounds, members drawn from the seed answer at random, one after the other, and leave.
Ends with 1 if one of these changes takes a seat that does not exist, leaves one free while people
wait, or seats them in another order than that in which they asked.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from benchmarks.report import median, parser_of, print_goal, print_table, run
from benchmarks.stores import FIRST_USER, filling, have_answered, in_days, schedule, set_up
from data.models import ANSWERS, Answer, Wish
from data.outbox.claims import claim
from data.people.rsvps import answer
from data.store.database import Database
from data.store.transaction import Row, Transaction

GOAL = 1.5
"""Times as long as with the fewest answers."""
SEATS = 5
DRAWN = 40
"""Answers in a row between two rounds."""
_GUILD, _CHANNEL, _SESSION = 1, 2, 1
_LEAVING, _NEW = FIRST_USER, FIRST_USER - 1
_TRIGGER_ROW = re.compile(r"\b(?:NEW|OLD)\.\w+")

Change: TypeAlias = Callable[[Transaction, datetime], None]


class Undone(Exception):
    """Raised to roll back what has just been changed."""


class Recording(Transaction):
    """Records each statement that it runs, with the values of its first run."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.statements: dict[str, dict[str, object]] = {}

    def all(self, sql: str, **values: object) -> list[Row]:
        self.statements.setdefault(sql, values)
        return super().all(sql, **values)

    def one(self, sql: str, **values: object) -> Row | None:
        self.statements.setdefault(sql, values)
        return super().one(sql, **values)

    def run(self, sql: str, **values: object) -> int:
        self.statements.setdefault(sql, values)
        return super().run(sql, **values)


def nothing(_transaction: Transaction, _now: datetime) -> None:
    pass


def one_more_comes(transaction: Transaction, now: datetime) -> None:
    _answer(transaction, _NEW, Answer.GOING, now)


def one_leaves(transaction: Transaction, now: datetime) -> None:
    _answer(transaction, _LEAVING, Answer.DECLINED, now)


def word_is_claimed(transaction: Transaction, now: datetime) -> None:
    lease = timedelta(seconds=60)
    claimed = claim(transaction, now=now, lease=lease, limit=1, private_limit=1, most_mentions=40)
    [promoted] = claimed.deliveries
    assert [rsvp.answer for rsvp in promoted.people] == [Answer.GOING]


@dataclass(frozen=True)
class Case:
    """A change that is measured, and what happens before it in the same transaction."""

    name: str
    change: Change
    is_full: bool
    before: Change = nothing


CASES = (
    Case("Going, with room", one_more_comes, is_full=False),
    Case("Going, onto the waiting list", one_more_comes, is_full=True),
    Case("Leaving, with a promotion", one_leaves, is_full=True),
    Case("Claiming word of that promotion", word_is_claimed, is_full=True, before=one_leaves),
)


def fill(file: Path, answers: int, *, is_full: bool) -> None:
    """Fills in a session with so many answers.

    The first few of them are Going; the others wait, or decline.
    """
    others = Answer.WAITLISTED if is_full else Answer.DECLINED
    people = [
        (FIRST_USER + number, Answer.GOING if number < SEATS else others)
        for number in range(answers)
    ]
    with filling(file) as connection:
        set_up(connection, _GUILD, _CHANNEL)
        assert schedule(connection, _GUILD, in_days(2)) == _SESSION
        if is_full:
            connection.execute("UPDATE session SET capacity = ?", (SEATS,))
        have_answered(connection, _SESSION, people)
        # Nothing but the promotion is then owed at once.
        connection.execute("UPDATE delivery SET state = 'sent'")


async def close_as_the_bot_does(file: Path, case: Case) -> None:
    """Makes a change in the bot's own database, undoes it, and closes the file."""

    def change(transaction: Transaction) -> None:
        now = datetime.now(UTC)
        case.before(transaction, now)
        case.change(transaction, now)
        raise Undone

    async with await Database.open(file) as database:
        with suppress(Undone):
            await database.write(change)


@contextmanager
def opened(file: Path) -> Iterator[sqlite3.Connection]:
    """Opens a store as the bot opens it."""
    with closing(sqlite3.connect(file, isolation_level=None, cached_statements=256)) as connection:
        connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "temp_store = MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        yield connection


def timed(case: Case, connection: sqlite3.Connection) -> float:
    """Returns the microseconds of one change, which is undone."""
    transaction, now = Transaction(connection), datetime.now(UTC)
    connection.execute("BEGIN IMMEDIATE")
    case.before(transaction, now)
    started_at = time.perf_counter()
    case.change(transaction, now)
    taken = time.perf_counter() - started_at
    connection.execute("ROLLBACK")
    return taken * 1_000_000


def measure(
    case: Case,
    stores: Sequence[sqlite3.Connection],
    rounds: int,
    times: int,
    chance: random.Random,
) -> tuple[list[list[float]], list[str]]:
    """Returns the median microseconds of each round, for each store; and what was broken.

    The latter is what the random answers between the rounds broke.
    """
    taken: list[list[float]] = [[] for _ in stores]
    broken: list[str] = []
    for number in range(rounds + 1):
        for store in stores:
            broken += broken_by(case.change, store, case.before)
            broken += broken_by_chance(store, chance)
        for store, of_store in zip(stores, taken, strict=True):
            of_round = median([timed(case, store) for _ in range(times)])
            if number:  # the first round runs with cold caches
                of_store.append(of_round)
    return taken, [f"{case.name}: {sentence}" for sentence in broken]


def broken_by(change: Change, connection: sqlite3.Connection, before: Change) -> list[str]:
    """Returns what is wrong after one change, which is undone."""
    transaction, now = Transaction(connection), datetime.now(UTC)
    connection.execute("BEGIN IMMEDIATE")
    before(transaction, now)
    change(transaction, now)
    broken = list(_wrong_seats(transaction))
    connection.execute("ROLLBACK")
    return broken


def broken_by_chance(connection: sqlite3.Connection, chance: random.Random) -> list[str]:
    """Returns what is wrong after answers of present or new members, in a row, which are undone."""
    transaction, now = Transaction(connection), datetime.now(UTC)
    known = [row["user_id"] for row in transaction.all("SELECT user_id FROM rsvp")]
    seated = [
        row["user_id"] for row in transaction.all("SELECT user_id FROM rsvp WHERE answer = 'going'")
    ]
    people = [*chance.sample(known, min(len(known), SEATS)), *seated, _NEW, _NEW - 1]
    connection.execute("BEGIN IMMEDIATE")
    broken: list[str] = []
    for _ in range(DRAWN):
        if broken:
            break
        user_id, wish = chance.choice(people), chance.choice(ANSWERS)
        line = _in_line(transaction)
        was = _answer_of(transaction, user_id)
        _answer(transaction, user_id, wish, now)
        broken += _wrong_seats(transaction)
        broken += _wrong_turn(line, user_id, was, wish, transaction)
    connection.execute("ROLLBACK")
    return broken


def whole_tables(case: Case, connection: sqlite3.Connection) -> Iterator[str]:
    """Yields each step of a change's plans that goes through a whole table, and its statement."""
    recording, now = Recording(connection), datetime.now(UTC)
    connection.execute("BEGIN IMMEDIATE")
    case.before(recording, now)
    case.change(recording, now)
    connection.execute("ROLLBACK")
    tables = {row["name"] for row in connection.execute("SELECT name FROM sqlite_schema")}
    statements = recording.statements | {sql: {} for sql in _in_triggers(connection)}
    for sql, values in statements.items():
        for step in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values):
            verb, _, rest = step["detail"].partition(" ")
            # Other scans are of rows that an inner query has found.
            if verb == "SCAN" and rest.split(" ")[0] in tables:
                yield f"{step['detail']}: {' '.join(sql.split())}"


def compare(
    case: Case, sizes: Sequence[int], folder: Path, options: argparse.Namespace
) -> list[str]:
    """Measures one change at each size, in new and in closed stores, and prints the results.

    Returns a sentence for each promise that was broken.
    """
    chance = random.Random(options.seed)
    files: list[Path] = []
    for state in ("new", "closed"):
        for size in sizes:
            file = folder / f"{state}-{size}.sqlite3"
            fill(file, size, is_full=case.is_full)
            if state == "closed":
                asyncio.run(close_as_the_bot_does(file, case))
            files.append(file)
    with ExitStack() as stack:
        stores = [stack.enter_context(opened(file)) for file in files]
        taken, broken = measure(case, stores, options.rounds, options.times, chance)
        scans = {
            f"{step} ({file.stem})"
            for file, store in zip(files, stores, strict=True)
            for step in whole_tables(case, store)
        }
    for file in files:
        file.unlink()
    new, old = taken[: len(sizes)], taken[len(sizes) :]
    rows = [
        (
            f"{size:,}",
            median(new[place]),
            _ratio(new[place], new[0]),
            median(old[place]),
            _ratio(old[place], new[0]),
        )
        for place, size in enumerate(sizes)
    ]
    header = ("answers", "new", "ratio", "closed since", "ratio")
    print_table(f"{case.name}, µs", header, rows)
    slowest = max(_ratio(of_store, new[0]) for of_store in taken)
    print_goal("largest ratio to a new store with the fewest", slowest, GOAL, at_least=False)
    for scan in sorted(scans):
        print(f"a whole table: {scan}")
    return list(dict.fromkeys(broken))


def main() -> int:
    parser = parser_of("seats", __doc__)
    parser.add_argument("--answers", type=int, nargs="+", default=[10, 1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--times", type=int, default=50, help="changes per round and store")
    parser.add_argument("--folder", type=Path, help="for the databases; a temporary one")
    return run(parser, _measure)


def _measure(options: argparse.Namespace) -> Sequence[str]:
    broken = []
    for case in CASES:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            broken += compare(case, options.answers, Path(folder), options)
    return broken


def _answer(transaction: Transaction, user_id: int, wish: Answer, now: datetime) -> None:
    answer(
        transaction,
        guild_id=_GUILD,
        session_id=_SESSION,
        user_id=user_id,
        wish=Wish(wish),
        name="Sam",
        now=now,
    )


def _answer_of(transaction: Transaction, user_id: int) -> str | None:
    row = transaction.one("SELECT answer FROM rsvp WHERE user_id = :user_id", user_id=user_id)
    return None if row is None else row["answer"]


def _in_line(transaction: Transaction) -> list[int]:
    rows = transaction.all(
        """
        SELECT user_id FROM rsvp WHERE answer = 'waitlisted' AND given_up < 2
        ORDER BY position LIMIT 3
        """
    )
    return [row["user_id"] for row in rows]


def _wrong_seats(transaction: Transaction) -> Iterator[str]:
    """Yields what is wrong with who has a seat and who waits, according to the answers."""
    row = transaction.one(
        """
        SELECT capacity, going_count, waiting_count,
            (SELECT COUNT(*) FROM rsvp WHERE answer = 'going') AS going,
            (SELECT COUNT(*) FROM rsvp WHERE answer = 'waitlisted') AS waiting,
            (SELECT COUNT(*) FROM rsvp WHERE answer = 'waitlisted' AND given_up < 2) AS in_line
        FROM session
        """
    )
    assert row is not None
    going, waiting, capacity = row["going"], row["waiting"], row["capacity"]
    if (row["going_count"], row["waiting_count"]) != (going, waiting):
        yield "the counts of the session are not those of its answers"
    if capacity is not None and going > capacity:
        yield f"{going} people have the {capacity} seats"
    # People who gave up a seat twice are passed by, and may take it by pressing.
    if row["in_line"] and (capacity is None or going < capacity):
        yield f"{row['in_line']} people wait while a seat is free"


def _wrong_turn(
    line: Sequence[int], user_id: int, was: str | None, wish: Answer, transaction: Transaction
) -> Iterator[str]:
    """Yields what is wrong with the first in line after one member's answer."""
    if not line:
        return
    others = [other for other in line if other != user_id]
    gave_up = was == Answer.GOING and wish is not Answer.GOING
    seated = [other for other in others if _answer_of(transaction, other) == Answer.GOING]
    if seated != others[: int(gave_up)]:
        yield f"{seated} got a seat of {others} in line, after {user_id} changed {was} to {wish}"
    if was != Answer.GOING and _answer_of(transaction, user_id) == Answer.GOING:
        yield f"{user_id} got a seat before {line} in line"


def _in_triggers(connection: sqlite3.Connection) -> Iterator[str]:
    """Yields the statements of triggers; 0 replaces the values of the row."""
    for row in connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'trigger'"):
        body = row["sql"].partition("BEGIN")[2].rpartition("END")[0]
        for statement in body.split(";"):
            if statement.strip():
                yield _TRIGGER_ROW.sub("0", statement)


def _ratio(rounds: Sequence[float], least: Sequence[float]) -> float:
    """Returns how many times as long it took, as the median of the ratios within each round."""
    return median([mine / other for mine, other in zip(rounds, least, strict=True)])


if __name__ == "__main__":
    sys.exit(main())
