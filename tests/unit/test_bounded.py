"""However much is planned, a command reads as much as before, and the start goes in small steps.

What is counted are rows, and the instructions of SQLite's virtual machine: not seconds.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.actions import call_off_by, settings
from bot.app import SESSIONS_AT_ONCE, JellyBot
from data.due import follow_clock, next_due
from data.limits import CALLED_OFF_AT_ONCE, PLANNED_AT_ONCE
from data.refusal import Refusal
from data.store.transaction import Row, Transaction
from data.upgrades import plan_after_upgrade
from tests.expected_rights import MEMBERS
from tests.large_store import DAYS, add_daily_series
from tests.moments import DAY, HOUR
from tests.unit.made_up import (
    HOST,
    PEOPLE,
    MadeUpProgram,
    Planned,
    plan_everything,
)
from tests.unit.test_actions import STEPS, Step, World, _title

FEW, MANY, VERY_FEW = 60, 120, 10
"""Daily series; a channel may have 50, of which a command may read all, but not all their dates."""
ROWS_PER_SERIES, INSTRUCTIONS_PER_SERIES = 5, 100
MOST_ROWS = 2500
"""In one transaction, while there are 6,720 sessions and 60,480 messages."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVERY = 10
"""Instructions between two counts."""


@dataclass
class Meter:
    """What transactions cost."""

    rows: list[int] = field(default_factory=list)
    """Read and changed, by transaction."""
    instructions: int = 0

    def tick(self) -> int:
        self.instructions += _EVERY
        return 0


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    """Counts what all transactions of a test read, change and compute."""
    meter = Meter()

    def counted(method: Callable[..., Any], rows_of: Callable[[Any], int]) -> Callable[..., Any]:
        def call(transaction: Transaction, sql: str, **values: object) -> Any:  # noqa: ANN401
            result = method(transaction, sql, **values)
            meter.rows[-1] += rows_of(result)
            return result

        return call

    begin = Transaction.__init__

    def begun(transaction: Transaction, connection: sqlite3.Connection) -> None:
        begin(transaction, connection)
        meter.rows.append(0)
        connection.set_progress_handler(meter.tick, _EVERY)

    def one(row: Row | None) -> int:
        return int(row is not None)

    monkeypatch.setattr(Transaction, "__init__", begun)
    monkeypatch.setattr(Transaction, "all", counted(Transaction.all, len))
    monkeypatch.setattr(Transaction, "one", counted(Transaction.one, one))
    monkeypatch.setattr(Transaction, "run", counted(Transaction.run, lambda rows: max(rows, 0)))
    return meter


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, World, World]:
    """Returns stores in which everything is planned: with few daily series, many, and very few."""
    folder = tmp_path_factory.mktemp("bounded")
    first = folder / "few" / "jelly.sqlite3"
    first.parent.mkdir()
    planned = asyncio.run(plan_everything(first))
    few, many, very_few = (_world(first, planned, series) for series in (FEW, MANY, VERY_FEW))
    return few, many, very_few


def _world(file: Path, planned: Planned, series: int) -> World:
    """Returns a store with so many more daily series."""
    target = file.parent.with_name(str(series)) / file.name
    target.parent.mkdir()
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as source,
        closing(sqlite3.connect(target, isolation_level=None)) as connection,
    ):
        source.backup(connection)
        connection.execute("PRAGMA synchronous = OFF")
        add_daily_series(connection, series)
    return World(target, planned)


async def _cost(world: World, step: Step, meter: Meter) -> tuple[int, int]:
    """Returns how many rows and instructions an action takes."""
    person = next(one for one in ("host", "administrator", *MEMBERS) if one in step.expected.may)
    async with world.open() as program:
        meter.rows.clear()
        meter.instructions = 0
        # There are too many dates already, so more are refused.
        with suppress(Refusal):
            await world.ask(program, PEOPLE[person], step)
        return sum(meter.rows), meter.instructions


MOVES_EVERYTHING = "setup"
"""Another channel takes every jelly that there ever was along, in one statement for each table."""
BY_THE_HUNDREDS = "cancel-by"
"""Calls off as many as there are, up to a number, in steps."""
POINTS_OUT = ("/doctor", "/settings, settings-changed", "settings-change, settings-again")
"""What they point out of dates ahead is counted by SQLite; they read no more of them."""
ABOUT_ONE_PERSON = ("/me export", "/me forget, forget", "forgotten")
"""Reads or deletes everything that is stored about someone, in all servers."""
COMMANDS = [
    step
    for step in STEPS
    if step.names not in (MOVES_EVERYTHING, BY_THE_HUNDREDS, *ABOUT_ONE_PERSON)
]


@pytest.mark.parametrize("step", COMMANDS, ids=_title)
async def test_a_command_reads_no_more_if_twice_as_much_is_planned(
    worlds: tuple[World, World, World], step: Step, meter: Meter
) -> None:
    (rows, instructions), (more_rows, more_instructions) = [
        await _cost(world, step, meter) for world in worlds[:2]
    ]
    added = MANY - FEW
    assert more_rows <= rows + added * ROWS_PER_SERIES
    if step.names not in POINTS_OUT:
        assert more_instructions <= instructions + added * INSTRUCTIONS_PER_SERIES
    assert max(meter.rows) <= MOST_ROWS


async def test_everything_by_one_person_is_called_off_in_small_transactions(
    worlds: tuple[World, World, World], meter: Meter
) -> None:
    async with worlds[1].open() as program:
        meter.rows.clear()
        organizer = PEOPLE["organizer"]
        result = await call_off_by.call_off_everything_by(program, organizer, HOST.user_id)
    assert result.dates >= CALLED_OFF_AT_ONCE
    assert result.left.dates > CALLED_OFF_AT_ONCE
    assert max(meter.rows) <= MOST_ROWS


async def test_other_settings_are_followed_in_small_transactions_beginning_at_once(
    worlds: tuple[World, World, World], meter: Meter
) -> None:
    async with worlds[2].open() as program:
        typed = settings.Typed(reminders="5 hours")
        await settings.change_settings(program, PEOPLE["administrator"], typed)
        assert 0 < await _reminders(program, 5 * HOUR) < VERY_FEW * DAYS
        assert await program.database.read(next_due) == EPOCH
        await _bot(program).replan_changed_channels(program.clock.now())
        assert await _reminders(program, 5 * HOUR) >= VERY_FEW * DAYS
        assert max(meter.rows) <= MOST_ROWS


async def _reminders(program: MadeUpProgram, before: timedelta) -> int:
    """Returns how many reminders are to come that long before a jelly."""
    row = await program.database.read(
        lambda t: t.one(
            """
            SELECT COUNT(*) AS number FROM delivery
            WHERE kind = 'reminder' AND before = :before AND state = 'pending'
            """,
            before=int(before.total_seconds()),
        )
    )
    assert row is not None
    return int(row["number"])


async def test_limits_and_who_may_host_change_no_message(
    worlds: tuple[World, World, World], meter: Meter
) -> None:
    async with worlds[1].open() as program:
        administrator = PEOPLE["administrator"]
        for typed in (
            settings.Typed(limits=("11", "4", "21", "101", "51")),
            settings.Typed(host_role_id=0),
            settings.Typed(thanks=False),
            settings.Typed(quiet_hours="none", tidy=False, card_role_id=1),
        ):
            meter.rows.clear()
            await settings.change_settings(program, administrator, typed)
            assert sum(meter.rows) < 100


async def test_an_upgrade_plans_in_small_transactions_and_goes_on_where_it_was_killed(
    worlds: tuple[World, World, World], meter: Meter
) -> None:
    async with worlds[2].open() as program:
        now = program.clock.now()

        def step(transaction: Transaction) -> bool:
            return plan_after_upgrade(transaction, schema=10**6, limit=PLANNED_AT_ONCE, now=now)

        assert not await program.database.write(step)
        assert 0 < await _reminders(program, HOUR) <= PLANNED_AT_ONCE
        steps = 1
        while not await program.database.write(step):
            steps += 1
        assert VERY_FEW * DAYS / PLANNED_AT_ONCE <= steps <= VERY_FEW * DAYS / PLANNED_AT_ONCE + 2
        assert await _reminders(program, HOUR) >= VERY_FEW * DAYS
        assert max(meter.rows) <= MOST_ROWS
        meter.rows.clear()
        assert await program.database.write(step)
        assert sum(meter.rows) < 10


async def test_a_start_looks_at_everything_in_small_steps(
    worlds: tuple[World, World, World], meter: Meter
) -> None:
    async with worlds[2].open() as program:
        bot = _bot(program)
        await bot.begin()
        meter.rows.clear()
        await bot.catch_up()
        assert sum(meter.rows) > 2 * VERY_FEW * DAYS
        assert max(meter.rows) <= 2 * SESSIONS_AT_ONCE
        program.clock.moment += 90 * DAY
        left = [await _left_to_pass(program)]
        while left[-1]:
            await program.database.write(lambda t: follow_clock(t, now=program.clock.now()))
            left.append(await _left_to_pass(program))
            assert left[-1] < left[-2]
        assert len(left) > 2


async def _left_to_pass(program: MadeUpProgram) -> int:
    row = await program.database.read(
        lambda t: t.one("SELECT COUNT(*) AS number FROM session_boundary")
    )
    assert row is not None
    return int(row["number"])


async def test_a_start_follows_the_law_on_time_for_every_session(
    worlds: tuple[World, World, World],
) -> None:
    """Also for the last of them."""
    async with worlds[2].open() as program:
        await program.database.write(
            lambda t: t.run(
                "UPDATE session SET starts_at = starts_at + 3600, ends_at = ends_at + 3600"
            )
        )
        await _bot(program).catch_up()
        wrong = await program.database.read(
            lambda t: t.all(
                """
                SELECT session_id FROM session
                WHERE starts_at > :now AND series_id > 2
                    AND strftime('%s', starts_local) <> CAST(starts_at AS TEXT)
                """,
                now=int(program.clock.now().timestamp()),
            )
        )
        assert wrong == []


def _bot(program: MadeUpProgram) -> JellyBot:
    return JellyBot(program.database, program.clock)
