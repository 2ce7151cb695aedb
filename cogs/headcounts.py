"""``/headcount``: who is coming, who might, who can't."""

from __future__ import annotations

from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.cards import lists
from bot.interactions import Interaction, guild_of, say
from cogs.choices import session_choices, session_id_of
from data.boards import board_of
from data.database import Transaction
from data.errors import Refusal
from data.models import Board


class Headcounts(JellyCog):
    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.rename(which="session")
    @app_commands.describe(which="Which jelly")
    async def headcount(self, interaction: Interaction, which: str) -> None:
        """See who is coming to a jelly, who might and who can't"""
        guild_id, now = guild_of(interaction), self.bot.clock.now()

        def query(transaction: Transaction) -> Board:
            session_id = session_id_of(transaction, guild_id, which, now)
            board = board_of(transaction, session_id, guild_id=guild_id)
            if board is None:
                raise Refusal("That jelly is no longer on the list. Type /jellies to see what is.")
            return board

        await say(interaction, lists.headcount(await self.bot.database.read(query)))

    @headcount.autocomplete("which")
    async def _which(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(self.bot, guild_of(interaction), typed)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Headcounts(bot))
