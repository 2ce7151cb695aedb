"""Two organizers who change a series at the same moment; asked of actions, without Discord."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.actions import changes, drafts
from data.store.database import Change, Database
from tests.moments import DAY, HOUR, THURSDAY_10
from tests.unit.made_up import PEOPLE, ROBIN, MadeUpProgram, post, save, set_up

SERIES = "series:1"
ADA = PEOPLE["administrator"]


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[MadeUpProgram]:
    """Yields a program in whose server a jelly is every Thursday; it is Monday, 9:00."""
    async with await Database.open(tmp_path / "jelly.sqlite3") as database:
        program = MadeUpProgram(database)
        await set_up(program)
        await post(program, ROBIN, "Weekly", "every thursday 10-16")
        yield program


def interrupt(
    monkeypatch: pytest.MonkeyPatch, database: Database, other: Callable[[], Awaitable[object]]
) -> None:
    """Has something else change the store right before the next change of it begins."""
    write = database.write

    async def write_after_it(change: Change[object]) -> object:
        monkeypatch.setattr(database, "write", write)
        await other()
        return await write(change)

    monkeypatch.setattr(database, "write", write_after_it)


async def change_series(program: MadeUpProgram, when: str) -> None:
    """Has the other organizer give the series other dates."""
    chosen = await drafts.to_change(program, ADA, SERIES)
    preview = await drafts.propose_change(
        program, ADA, chosen.target, lambda details: details, when, based_on=chosen.based_on
    )
    await save(program, ADA, preview)


async def test_an_extra_date_is_read_in_the_zone_that_the_series_got_a_moment_before(
    program: MadeUpProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def move_to_berlin() -> None:
        await change_series(program, "every thursday 11-16 berlin")

    interrupt(monkeypatch, program.database, move_to_berlin)
    added = await drafts.propose_date(program, ROBIN, SERIES, "nov 27 10-16")
    assert added.reading is not None
    assert added.reading.next_dates[0].starts_at == THURSDAY_10 + DAY - HOUR
    assert added.reading.schedule.zone == "Europe/Berlin"


async def test_a_series_goes_on_by_the_rule_that_it_got_a_moment_before(
    program: MadeUpProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    await changes.pause(program, ROBIN, 1, until=None)
    interrupt(monkeypatch, program.database, lambda: change_series(program, "every friday 10-16"))
    _, ahead = await changes.resume(program, ROBIN, SERIES)
    assert ahead[0].starts_at == THURSDAY_10 + DAY
    assert {session.starts_at.weekday() for session in ahead} == {4}
