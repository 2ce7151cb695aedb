from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.loopback import Loopback


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Loopback]:
    """Yields a loopback Discord for the tests of one module, each of which has its own server."""
    async with Loopback() as discord:
        yield discord
