from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.loopback import Guild, Loopback


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    """Yields a Discord without faults or counts; every request to it must be valid."""
    await started.reset_counters()
    yield started
    await started.clear_faults()
    assert await started.violations() == []


@pytest_asyncio.fixture(loop_scope="module")
async def guild(discord: Loopback) -> Guild:
    return await discord.create_guild()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Returns where a database is to be: alone in its folder."""
    folder = tmp_path / "var"
    folder.mkdir()
    return folder / "jelly.sqlite3"
