"""The loopback Discord and the bots against it end when they are told to."""

from __future__ import annotations

import pytest

from tests.loopback import Loopback

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_server_ends_when_told() -> None:
    async with Loopback() as discord:
        assert discord.process.is_running
    assert await discord.process.ended() == 0


class TestBot:
    async def test_a_wrong_token_ends_it(self, discord: Loopback) -> None:
        async with discord.bot("tests.loopback.bare_bot", token="another") as bot:
            assert await bot.ended() == 1
            assert "Improper token has been passed" in bot.output
