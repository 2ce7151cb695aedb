"""Much at once: all of it arrives, within what Discord allows, and nobody waits for it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.burst import once

REMINDERS = 1000


async def test_a_thousand_reminders_due_at_once(tmp_path: Path) -> None:
    burst = await once(REMINDERS, tmp_path / "jelly.sqlite3")
    assert (burst.delivered, burst.recorded, burst.limited) == (REMINDERS, REMINDERS, 0)
    assert burst.presses
    assert burst.unanswered == 0
