from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.pseudo_language import Checks, speak_pseudo
from tests.server.simulated_server import SimulatedServer

# A busy machine must not fail a test, and each run must draw the same examples.
_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", _patient, derandomize=True, max_examples=15)
settings.register_profile("full", _patient, derandomize=True, max_examples=100)
settings.register_profile("search", _patient, max_examples=2000, print_blob=True)
settings.load_profile("quick")  # --hypothesis-profile chooses another

_SPEAKS_PSEUDO = pytest.StashKey[Checks]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pseudo-language",
        action="store_true",
        help="the bot speaks a made-up, longer language; see tests/pseudo_language.py",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--pseudo-language"):
        config.stash[_SPEAKS_PSEUDO] = speak_pseudo()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begins before the fixtures do, since those of a module may say something."""
    if (checks := item.config.stash.get(_SPEAKS_PSEUDO, None)) is not None:
        checks.begin(item.path.name)


@pytest.fixture(autouse=True)
def _sentences_are_translated(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test in the pseudo-language if a text went past the catalogue or is too long."""
    yield
    if (checks := request.config.stash.get(_SPEAKS_PSEUDO, None)) is not None:
        problems = checks.finish()
        assert not problems, "\n".join(problems)


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
