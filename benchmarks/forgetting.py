"""Deleting a person's data, in milliseconds: the changes, and rewriting the file.

A store has so many answers, those of 100 people to past jellies, and the messages of each. One
person after another is forgotten as ``/me forget`` does it. While the file is rewritten, presses
wait: nobody waits longer for a deletion.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from benchmarks.report import median, print_table
from benchmarks.stores import FIRST_USER, count, filling, have_answered, in_days, schedule, set_up
from bot.clock import Clock
from bot.forgetting import forget
from data.models import Answer
from data.store.database import Database

PEOPLE = 100
_GUILD, _CHANNEL = 1, 2


def fill(connection: sqlite3.Connection, answers: int) -> None:
    """Fills a store with past jellies to which all people said Going, each with a note."""
    set_up(connection, _GUILD, _CHANNEL)
    going = [(FIRST_USER + 1 + number, Answer.GOING) for number in range(PEOPLE)]
    for number in range(-(-answers // PEOPLE)):
        session_id = schedule(connection, _GUILD, in_days(30 + number / 24))
        have_answered(connection, session_id, going)
        # A past jelly can't be scheduled, so each is moved there.
        connection.execute(
            """
            UPDATE session SET starts_at = starts_at - :long_ago, ends_at = ends_at - :long_ago
            WHERE session_id = :session_id
            """,
            {"long_ago": 400 * 24 * 3600, "session_id": session_id},
        )
    connection.execute("UPDATE rsvp SET note = 'my thesis, and whatever comes up at lunch'")
    connection.execute("UPDATE delivery SET state = 'sent', message_id = delivery_id")


async def forgotten(file: Path, times: int) -> tuple[list[float], list[float]]:
    """Returns the milliseconds that each deletion took, and those of rewriting the file alone."""
    whole, rewriting = [], []
    async with await Database.open(file) as database:
        for number in range(times):
            started_at = time.perf_counter()
            await forget(database, Clock(), FIRST_USER + 1 + number)
            whole.append((time.perf_counter() - started_at) * 1000)
            started_at = time.perf_counter()
            await database.rewrite_file()
            rewriting.append((time.perf_counter() - started_at) * 1000)
    return whole, rewriting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, nargs="+", default=[1_000, 50_000])
    parser.add_argument("--times", type=int, default=5, help="people who are forgotten, of each")
    options = parser.parse_args()
    rows = []
    for answers in options.answers:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "jelly.sqlite3"
            with filling(file) as connection:
                fill(connection, answers)
            whole, rewriting = asyncio.run(forgotten(file, options.times))
            size = file.stat().st_size / 1e6
            rows.append(
                (f"{count(file, 'rsvp'):,}", size, median(whole), median(rewriting), max(rewriting))
            )
    print_table(
        f"medians of {options.times}, in ms",
        ("answers", "file, MB", "forgetting", "of which rewriting", "longest rewriting"),
        rows,
    )


if __name__ == "__main__":
    main()
