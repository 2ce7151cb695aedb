"""Stores whose changes do not wait for the disk: no test here cuts the power of the machine.

That changes do wait for it otherwise is in ``tests/unit/test_store.py``; that they outlive a
killed process, which needs no sync, in ``tests/process``.
"""

from __future__ import annotations

from pathlib import Path

from data.store.database import Database


async def open_unsynced(file: Path) -> Database:
    """Opens a store as :meth:`Database.open` does."""
    database = await Database.open(file)
    await database._writer.run(lambda c: c.execute("PRAGMA synchronous = OFF").close())
    return database
