from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import settings

from tests.loopback import Loopback
from tests.town import Town

# A test is not wrong because the machine it runs on is busy, and each run draws the same;
# --hypothesis-profile=search draws others, and more.
settings.register_profile("jelly", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("jelly")


@pytest.fixture
async def empty_town(tmp_path: Path) -> AsyncIterator[Town]:
    """A server in which nobody has set up the bot."""
    async with Town.open(tmp_path / "jelly.sqlite3") as town:
        yield town


@pytest.fixture
async def town(empty_town: Town) -> Town:
    """A server that is set up, with nothing scheduled."""
    await empty_town.set_up()
    return empty_town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Loopback]:
    """A loopback Discord for the tests of one module, each of which has a server of its own."""
    async with Loopback() as discord:
        yield discord
