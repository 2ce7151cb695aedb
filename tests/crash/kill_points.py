"""Kill points: drawn from all steps of the work, and sometimes from its whole duration."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from enum import IntFlag

from data.migrations import migrate

FROM_OUTSIDE = 0.15
"""Share of the kills that come at a random time instead of before a random step."""

LOGGED_IN = "/oauth2/applications/@me"
"""Discord's last answer to a login; the bot checks what is owed after it."""

NEVER = 1 << 62
"""As many steps are never reached; meanwhile each one that counts is told on stderr."""


class Step(IntFlag):
    """A kind of step of a process; a kill comes right before it."""

    STATEMENT = 1
    """A statement changes the database."""
    FILE = 2
    """A file in the database's folder is opened or changed."""
    REQUEST = 4
    """A request is sent to Discord."""
    ANSWER = 8
    """Discord's answer is seen."""


@dataclass(frozen=True)
class KillPoint:
    """Before a step of these kinds, after that many others; or after that many seconds."""

    steps: Step
    left: int = 0
    seconds: float = 0.0
    after: str = ""
    """If set, only steps after Discord's answer to this request count."""
    named: str = ""
    """Only steps with this in their text count, such as part of a statement or an address."""


@dataclass(frozen=True)
class _Work:
    """The steps of some work in a run without failures, which ``tests.crash.steps`` lists.

    If a kill is drawn beyond the last step, the bot is idle when it happens.
    """

    steps: tuple[tuple[Step, int, int], ...]
    """The first and the last step of each kind; a kind is drawn, then a step."""
    seconds: float
    after: str = ""
    requests: str = ""
    """Of requests and answers, only those with this in their text count."""


OLDER_SCHEMAS = (1, 4)
"""Of the files that are upgraded."""


def changes_something(sql: str) -> bool:
    """Returns whether a statement counts; those of database triggers begin with dashes."""
    return sql.split(maxsplit=1)[0] not in {"--", "EXPLAIN", "ROLLBACK", "SELECT"}


def _migration(schema: int) -> _Work:
    """Returns the work of starting on a file of that schema."""
    statements: list[str] = []
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, up_to=schema)
        connection.set_trace_callback(statements.append)
        migrate(connection)
    planning = _BEFORE_MIGRATION + sum(map(changes_something, statements))
    return _Work(
        (
            (Step.FILE, 4, 16),  # of the copy made before the migration
            (Step.STATEMENT, 6, planning - 1),  # of the schema
            (Step.STATEMENT, planning, planning + _PLANNING),  # of what is owed under the new one
            (Step.REQUEST, 0, 2),
            (Step.ANSWER, 0, 2),
        ),
        seconds=0.12,
    )


_BEFORE_MIGRATION = 24
"""Statements, in which the file is looked at and copied."""
_PLANNING = 46
"""Statements, in which old jellies are planned anew."""

WORKS = {
    **{f"migration from {schema}": _migration(schema) for schema in OLDER_SCHEMAS},
    "schedule": _Work(
        ((Step.STATEMENT, 0, 50), (Step.REQUEST, 0, 0), (Step.ANSWER, 0, 0)), seconds=0.02
    ),
    "press": _Work(
        ((Step.STATEMENT, 0, 12), (Step.REQUEST, 0, 0), (Step.ANSWER, 0, 0)), seconds=0.01
    ),
    "promotion": _Work(
        ((Step.STATEMENT, 0, 52), (Step.REQUEST, 0, 1), (Step.ANSWER, 0, 1)), seconds=0.03
    ),
    # Its card is due as soon as the host has pressed "Schedule it".
    "announcement at once": _Work(
        ((Step.STATEMENT, 52, 95), (Step.REQUEST, 1, 1), (Step.ANSWER, 1, 1)), seconds=0.04
    ),
    "announcement when due": _Work(
        ((Step.STATEMENT, 9, 42), (Step.REQUEST, 0, 2), (Step.ANSWER, 0, 2)),
        seconds=0.1,
        after=LOGGED_IN,
        requests="POST ",
    ),
    "reminder": _Work(
        ((Step.STATEMENT, 9, 40), (Step.REQUEST, 0, 2), (Step.ANSWER, 0, 2)),
        seconds=0.1,
        after=LOGGED_IN,
        requests="POST ",
    ),
    # A reminder has been sent, and the one before it goes.
    "tidying": _Work(
        ((Step.STATEMENT, 0, 24), (Step.REQUEST, 0, 0), (Step.ANSWER, 0, 0)),
        seconds=0.12,
        after="/messages",
        requests="DELETE ",
    ),
    "question": _Work(
        ((Step.STATEMENT, 0, 65), (Step.REQUEST, 0, 3), (Step.ANSWER, 0, 3)), seconds=0.06
    ),
    "cancellation": _Work(
        ((Step.STATEMENT, 0, 31), (Step.REQUEST, 0, 1), (Step.ANSWER, 0, 1)), seconds=0.03
    ),
    "nightly copy": _Work(((Step.FILE, 8, 17), (Step.STATEMENT, 18, 32)), seconds=0.08),
    "backup": _Work(((Step.FILE, 0, 8), (Step.STATEMENT, 0, 6)), seconds=0.03),
}


def draw(chance: random.Random, work: str) -> KillPoint:
    """Returns a moment in the middle of some work."""
    known = WORKS[work]
    if chance.random() < FROM_OUTSIDE:
        return KillPoint(Step(0), seconds=chance.uniform(0, known.seconds))
    kind, first, last = chance.choice(known.steps)
    named = known.requests if kind & (Step.REQUEST | Step.ANSWER) else ""
    return KillPoint(kind, chance.randint(first, last), after=known.after, named=named)
