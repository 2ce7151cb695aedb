"""Commands belong to servers: a person can't install them for themselves."""

from __future__ import annotations

from pathlib import Path

from bot.app import JellyBot
from bot.clock import Clock
from data.store.database import Database

SERVERS, IN_SERVERS = 0, 0
"""https://discord.com/developers/docs/resources/application#application-object-application-integration-types
and https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-object-interaction-context-types."""


async def test_every_command_is_installed_to_servers_only_and_used_there(tmp_path: Path) -> None:
    async with (
        await Database.open(tmp_path / "jelly.sqlite3") as database,
        JellyBot(database, Clock()) as bot,
    ):
        await bot.load_cogs()
        commands = bot.tree.get_commands()
        assert len(commands) > 5
        for command in commands:
            payload = command.to_dict(bot.tree)
            assert payload["integration_types"] == [SERVERS], command.name
            assert payload["contexts"] == [IN_SERVERS], command.name
