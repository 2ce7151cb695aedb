from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.server.simulated_server import SimulatedServer

# A busy machine must not fail a test, and each run must draw the same examples.
_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _patient, derandomize=True, max_examples=15)
settings.register_profile("full", _patient, derandomize=True, max_examples=100)
settings.register_profile("search", _patient, max_examples=2000, print_blob=True)
settings.load_profile("quick")  # --hypothesis-profile chooses another


@pytest.fixture
async def empty_town(tmp_path: Path) -> AsyncIterator[SimulatedServer]:
    """Yields a server in which nobody has set up the bot."""
    async with SimulatedServer.open(tmp_path / "jelly.sqlite3") as server:
        yield server


@pytest.fixture
async def server(empty_town: SimulatedServer) -> SimulatedServer:
    """Returns a server that is set up, with nothing scheduled."""
    await empty_town.set_up()
    return empty_town
