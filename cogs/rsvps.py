"""Answers: the buttons on a card, ``/rsvp``, and ``/jellies`` with one's own answers."""

from __future__ import annotations

from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.cards import lists
from bot.cards.card import ANSWER_LABELS, card
from bot.cards.text import escaped, one_line, timestamp
from bot.interactions import Interaction, guild_of, press, say
from cogs.choices import session_choices, session_id_of
from data import rsvps
from data.models import Answer, Board, Session

JELLIES_SHOWN = 10
NO_NOTE = "-"


class Rsvps(JellyCog):
    @press("rsvp", int, Answer)
    async def answer_card(self, interaction: Interaction, session_id: int, answer: Answer) -> None:
        board = await self._take(interaction, session_id, answer)
        with self.bot.boards.showing(session_id, board.session.version):
            await interaction.response.edit_message(view=card(board, self.bot.clock.now()))

    @press("reply", int, Answer)
    async def answer_notice(
        self, interaction: Interaction, session_id: int, answer: Answer
    ) -> None:
        """An answer pressed under a notice, so that the card has to follow by itself."""
        board = await self._take(interaction, session_id, answer)
        self.bot.boards.touch(session_id)
        await say(interaction, down_as(board.session, answer))

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.rename(which="session")
    @app_commands.describe(
        which="Which jelly",
        answer="Are you coming?",
        note="What you are working on, shown on the card while you are going; - takes it off",
    )
    @app_commands.choices(
        answer=[
            app_commands.Choice(name=label, value=answer.value)
            for answer, label in ANSWER_LABELS.items()
        ]
    )
    async def rsvp(
        self,
        interaction: Interaction,
        which: str,
        answer: app_commands.Choice[str],
        note: app_commands.Range[str, 0, rsvps.LONGEST_NOTE] | None = None,
    ) -> None:
        """Say whether you are coming to a jelly, and what you are working on"""
        now = self.bot.clock.now()
        board = await self.bot.database.write(
            lambda t: rsvps.answer(
                t,
                guild_id=guild_of(interaction),
                session_id=session_id_of(t, guild_of(interaction), which, now),
                user_id=interaction.user.id,
                answer=Answer(answer.value),
                note=None if note is None else _note(note),
                now=now,
            )
        )
        session = board.session
        self.bot.boards.touch(session.session_id)
        await say(interaction, down_as(session, Answer(answer.value)))

    @rsvp.autocomplete("which")
    async def _which(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await session_choices(self.bot, guild_of(interaction), typed)

    @app_commands.command()
    @app_commands.guild_only()
    async def jellies(self, interaction: Interaction) -> None:
        """See what is on, and what you answered"""
        items = await self.bot.database.read(
            lambda t: rsvps.agenda(
                t,
                guild_id=guild_of(interaction),
                user_id=interaction.user.id,
                now=self.bot.clock.now(),
                limit=JELLIES_SHOWN,
            )
        )
        await say(interaction, lists.agenda(items))

    async def _take(self, interaction: Interaction, session_id: int, answer: Answer) -> Board:
        return await self.bot.database.write(
            lambda t: rsvps.answer(
                t,
                guild_id=guild_of(interaction),
                session_id=session_id,
                user_id=interaction.user.id,
                answer=answer,
                now=self.bot.clock.now(),
            )
        )


def _note(typed: str) -> str:
    note = one_line(typed)
    return "" if note == NO_NOTE else note


def down_as(session: Session, answer: Answer) -> str:
    what = f"**{escaped(session.details.title)}**, {timestamp(session.starts_at, 'F')}"
    return (
        f"{what}: you are down as **{ANSWER_LABELS[answer]}**. To change it, answer again or press "
        "a button on the card."
    )


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Rsvps(bot))
