"""How long forgetting what is old blocks the store: milliseconds per step, and seconds in all.

The store holds past jellies with answers in which everything was said, some with very many; the
messages that were sent about them, to whom, and the log of changes. A step is one change of the
writer, and other changes wait for it. Meanwhile a member answers again and again on a jelly that is
ahead: the time of such a press, its sync to the disk included, is shown alone and meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import tempfile
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, thread_time

from benchmarks.report import median, percentile, print_goal, print_table
from benchmarks.stores import FIRST_USER, filling, in_days, schedule, set_up
from bot.retention import PAUSE
from data.models import Answer, Kept, Wish
from data.people.rsvps import answer
from data.retention import START, STEPS, Place, Step
from data.rows import epoch
from data.store.database import Database
from data.store.transaction import Transaction

GOAL = 20.0
"""Milliseconds that a step may block other changes."""
_GUILD, _CHANNEL = 1, 2
_LARGE = 20
"""One jelly in so many has a hundred times as many answers as the others."""


def fill(file: Path, answers: int, each: int) -> int:
    """Fills in past jellies with so many answers in all; returns the id of one that is ahead."""
    ended = datetime.now(UTC) - timedelta(days=200)
    with filling(file) as connection:
        set_up(connection, _GUILD, _CHANNEL)
        ahead = schedule(connection, _GUILD, in_days(3))
        left, number = answers, 0
        while left:
            number += 1
            people = min(left, each * (100 if number % _LARGE == 0 else 1))
            left -= people
            _add_past(connection, number, people, epoch(ended))
        connection.executemany(
            """
            INSERT INTO change (guild_id, action, made_by, made_at) VALUES (?, 'edited', ?, ?)
            """,
            [(_GUILD, FIRST_USER, epoch(ended) + place) for place in range(answers // 20)],
        )
    return ahead


def _add_past(connection: sqlite3.Connection, number: int, people: int, ends_at: int) -> None:
    """Adds a jelly that is over, to which so many people came."""
    session_id = connection.execute(
        """
        INSERT INTO session (guild_id, channel_id, title, place, about, host_id, created_by, zone,
            starts_local, duration, starts_at, ends_at)
        VALUES (?, ?, 'Past jelly', 'The Alb', '', ?, ?, 'UTC', '2020-01-01T10:00:00', 3600, ?, ?)
        """,
        (_GUILD, _CHANNEL, FIRST_USER, FIRST_USER, ends_at - 3600, ends_at + number),
    ).lastrowid
    connection.executemany(
        """
        INSERT INTO rsvp (session_id, user_id, answer, note, mood, arrives_at, leaves_at,
            answered_at, position, arrived_at, left_at, came)
        VALUES (?, ?, 'going', 'what I work on', 'chatty', ?, ?, 0, ?, ?, ?, 1)
        """,
        [
            (session_id, FIRST_USER + place, place, place + 60, place, ends_at - 3000, ends_at - 60)
            for place in range(people)
        ],
    )
    for kind in ("reminder", "start", "promoted"):
        delivery_id = connection.execute(
            """
            INSERT INTO delivery (kind, guild_id, session_id, channel_id, due_at, useful_until,
                state, try_at, sent_at)
            VALUES (?, ?, ?, ?, ?, ?, 'sent', ?, ?)
            """,
            (kind, _GUILD, session_id, _CHANNEL, ends_at, ends_at, ends_at, ends_at),
        ).lastrowid
        if kind == "promoted":
            connection.executemany(
                "INSERT INTO delivery_recipient (delivery_id, user_id) VALUES (?, ?)",
                [(delivery_id, FIRST_USER + place) for place in range(min(people, 40))],
            )


async def measure(file: Path, ahead: int, pause: float, chance: random.Random) -> None:
    taken: defaultdict[str, list[float]] = defaultdict(list)
    busy: list[float] = []

    def timed(step: Step, place: Place, transaction: Transaction) -> Place | None:
        begins, busy_before = perf_counter(), thread_time()
        try:
            return step(transaction, Kept(), datetime.now(UTC), place)
        finally:
            busy.append(1000 * (thread_time() - busy_before))
            taken[getattr(step, "__name__", repr(step))].append(1000 * (perf_counter() - begins))

    async with await Database.open(file) as database:
        alone = [await _press(database, ahead, chance) for _ in range(200)]
        meanwhile: list[float] = []
        pressing = asyncio.create_task(_keep_pressing(database, ahead, chance, meanwhile))
        begins = perf_counter()
        for step in STEPS:
            place: Place | None = START
            while place is not None:
                place = await database.write(partial(timed, step, place))
                await asyncio.sleep(pause)
        seconds = perf_counter() - begins
        pressing.cancel()
        await asyncio.wait((pressing,))
    print_table(
        "each step, in milliseconds",
        ("step", "number", "median", "99 %", "longest"),
        [
            (name, len(steps), median(steps), percentile(steps, 99), max(steps))
            for name, steps in taken.items()
        ],
    )
    print_table(
        "a press, in milliseconds",
        ("", "number", "median", "99 %", "longest"),
        [
            (name, len(presses), median(presses), percentile(presses, 99), max(presses))
            for name, presses in (("alone", alone), ("while forgetting", meanwhile))
            if presses
        ],
    )
    every = [one for steps in taken.values() for one in steps]
    print(f"\nall of it, with {pause:g} s between the steps: {seconds:.1f} s")
    print(f"processor time of the longest step, in milliseconds: {max(busy):.1f}")
    print_goal("99 % of the steps in milliseconds", percentile(every, 99), GOAL, at_least=False)


async def _keep_pressing(
    database: Database, ahead: int, chance: random.Random, taken: list[float]
) -> None:
    while True:
        taken.append(await _press(database, ahead, chance))
        await asyncio.sleep(0.05)


async def _press(database: Database, ahead: int, chance: random.Random) -> float:
    """Returns the milliseconds until an answer is on the disk."""
    begins = perf_counter()
    await database.write(
        lambda t: answer(
            t,
            guild_id=_GUILD,
            session_id=ahead,
            user_id=FIRST_USER + chance.randrange(50),
            wish=Wish(chance.choice((Answer.GOING, Answer.MAYBE, Answer.DECLINED))),
            now=datetime.now(UTC),
        )
    )
    return 1000 * (perf_counter() - begins)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.retention", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--answers", type=int, default=1_000_000, help="of past jellies, in all")
    parser.add_argument("--each", type=int, default=20, help="on most of them")
    parser.add_argument("--pause", type=float, default=PAUSE, help="seconds between two steps")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "jelly.sqlite3"
        ahead = fill(file, options.answers, options.each)
        asyncio.run(measure(file, ahead, options.pause, random.Random(7)))


if __name__ == "__main__":
    main()
