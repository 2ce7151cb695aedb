"""Everything that an older Jelly showed can still be pressed, and does what it did."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from data.store.database import Database
from tests.expected_rights import EXPECTED
from tests.older_schemas import put_back
from tests.server.permission_matrix import World, open_world, shown
from tests.server.simulated_server import SimulatedServer
from tests.server.test_rights import CASES

NEW = {"invited"}
"""Of a kind of row that older files did not have."""
PRESSES = [name for name in CASES if not name.startswith("/") and name not in NEW]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[3, 4])
async def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Yields a server whose file was older when its cards, previews and lists were shown."""
    folder = tmp_path_factory.mktemp("old-buttons")
    kept = folder / "kept.sqlite3"
    async with SimulatedServer.open(folder / "jelly.sqlite3") as server:
        world = await open_world(server, kept)
        await server.database.close()
        put_back(server.file, to=request.param)
        server.database = await Database.open(server.file)
        await server.restart()
        world.keep()
        yield world


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", PRESSES)
async def test_it_is_pressed_after_an_upgrade(upgraded: World, name: str) -> None:
    case, may = CASES[name], EXPECTED[name].may
    person = "host" if "host" in may else min(may)
    assert case.told in shown(await upgraded.do(person, name, case))
    upgraded.restore()
