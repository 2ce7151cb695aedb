"""A short stretch of mixed use amid faults; ``make soak`` is an hour of it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak import soak

SECONDS = 20
SEED = 11


async def test_mixed_use_loses_doubles_and_leaks_nothing(tmp_path: Path) -> None:
    soaked = await soak(SECONDS, tmp_path / "jelly.sqlite3", seed=SEED)
    assert soaked.acknowledged > 50
    assert soaked.faults
    assert (soaked.lost, soaked.doubled, soaked.unpaid) == (0, 0, 0)
    assert soaked.errors == 0
    # A private message of the last moment may still be on its way.
    assert soaked.task_growth <= 5
    assert soaked.file_growth <= 5
