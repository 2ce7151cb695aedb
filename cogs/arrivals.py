"""Presses on the day itself: I'm here, Heading off, and I was there afterwards."""

from __future__ import annotations

from bot.actions import attendance
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import answer_on_card, is_under_layout, press, say, words_of
from bot.language import CHANNEL_LOCALE, words_for
from bot.members import actor_of
from bot.messages import answers
from bot.messages.card import card_container
from data.models import SessionView


class Arrivals(JellyCog):
    @press("here", int)
    async def arrive(self, interaction: Interaction, session_id: int) -> None:
        answered = await attendance.arrive(self.bot, actor_of(interaction), session_id)
        words = words_of(interaction)
        text = answers.there(words, answered)
        if not is_under_layout(interaction):
            self.bot.session_changed(session_id)
            await say(interaction, text or words("You're checked in."))
            return
        await self._show(interaction, answered.view)
        if text:
            await say(interaction, text)

    @press("off", int)
    async def leave(self, interaction: Interaction, session_id: int) -> None:
        view = await attendance.leave(self.bot, actor_of(interaction), session_id)
        if not is_under_layout(interaction):
            self.bot.session_changed(session_id)
            words = words_of(interaction)
            await say(interaction, words("You're checked out."))
            return
        await self._show(interaction, view)

    @press("was-there", int, int)
    async def correct(self, interaction: Interaction, session_id: int, was_there: int) -> None:
        view = await attendance.correct(
            self.bot, actor_of(interaction), session_id, was_there=bool(was_there)
        )
        await self._show(interaction, view)
        words = words_of(interaction)
        await say(
            interaction,
            words("Got it, you were there.") if was_there else words("Got it, you weren't there."),
        )

    async def _show(self, interaction: Interaction, view: SessionView) -> None:
        card = card_container(words_for(CHANNEL_LOCALE), view, self.bot.clock.now())
        await answer_on_card(interaction, self.bot.mirrors, self.bot.cards, view, card)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Arrivals(bot))
