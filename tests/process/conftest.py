from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.loopback import Loopback


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Loopback]:
    """A loopback Discord for the tests of one module, each of which has a server of its own."""
    async with Loopback() as discord:
        yield discord
