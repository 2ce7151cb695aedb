"""The README and the help in Discord name every command and every setting."""

from __future__ import annotations

from bot.config import PROJECT
from bot.language import ENGLISH, words_for
from bot.messages.help import NAMED
from cogs import help as help_page
from tests.server.simulated_server import SimulatedServer


async def test_every_command_and_option_is_in_the_readme_and_in_the_help(
    server: SimulatedServer,
) -> None:
    readme = (PROJECT / "README.md").read_text("utf-8")
    unnamed = help_page.unnamed(words_for(ENGLISH), server.bot)
    in_app = "\n".join((NAMED, *unnamed))
    commands = [
        command for command in server.bot.tree.walk_commands() if not hasattr(command, "commands")
    ]
    assert len(commands) >= 9
    for command in commands:
        assert f"`/{command.qualified_name}" in readme, command.qualified_name
        if command.name != "help":
            assert f"`/{command.qualified_name}`" in in_app, command.qualified_name
    settings = server.bot.tree.get_command("settings")
    assert settings is not None
    for option in settings.to_dict(server.bot.tree)["options"]:
        assert f"`{option['name']}`" in readme, option["name"]


async def test_every_command_is_for_servers_alone(server: SimulatedServer) -> None:
    for command in server.bot.tree.get_commands():
        assert command.guild_only, command.qualified_name
