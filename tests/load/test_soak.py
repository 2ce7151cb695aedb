"""A short stretch of mixed use amid faults; ``make soak`` is an hour of it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak import soak

SECONDS = 12
SEED = 11


async def test_mixed_use_loses_doubles_and_leaks_nothing(tmp_path: Path) -> None:
    soaked = await soak(SECONDS, tmp_path / "jelly.sqlite3", seed=SEED)
    assert soaked.acknowledged > 50
    assert soaked.faults
    assert (soaked.lost, soaked.doubled, soaked.unpaid) == (0, 0, 0)
    assert soaked.errors == 0
    # Cards wait for their turn to be edited, and messages of the last moment are on their way.
    assert soaked.task_growth <= 20
    assert soaked.file_growth <= 10
