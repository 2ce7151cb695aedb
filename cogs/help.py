"""``/help``: what this person can do, first step first, said in private."""

from __future__ import annotations

from discord import app_commands

from bot.actions.first_steps import standing_of
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import say, words_of
from bot.language import N_, Words
from bot.members import actor_of
from bot.messages.help import NAMED, help_messages


class Help(JellyCog):
    @app_commands.command(name="help", description=N_("See what you can do here"))
    @app_commands.guild_only()
    async def help_(self, interaction: Interaction) -> None:
        words = words_of(interaction)
        standing = await standing_of(self.bot, actor_of(interaction))
        for message in help_messages(words, standing, others=unnamed(words, self.bot)):
            await say(interaction, message)


def unnamed(words: Words, bot: JellyBot) -> list[str]:
    """Returns a line for each command that no line of the help names, with its description."""
    return [
        f"`/{command.qualified_name}` {words(command.description)}"
        for command in bot.tree.walk_commands()
        if isinstance(command, app_commands.Command)
        and command.name != "help"
        and f"`/{command.qualified_name}`" not in NAMED
    ]


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Help(bot))
