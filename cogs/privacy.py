"""``/privacy``: what is kept about people, for how long, and how to have it deleted."""

from __future__ import annotations

from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import say, words_of
from bot.language import N_
from bot.messages.buttons import link_button, row
from bot.messages.privacy import privacy


class Privacy(JellyCog):
    @app_commands.command(
        name="privacy",
        description=N_("See what Jelly keeps about you, and how to delete it"),
    )
    @app_commands.guild_only()
    async def privacy(self, interaction: Interaction) -> None:
        words, address = words_of(interaction), self.bot.privacy_url
        policy = None if address is None else row(link_button(words("Privacy policy"), address))
        await say(interaction, privacy(words, self.bot.kept), buttons=policy)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Privacy(bot))
