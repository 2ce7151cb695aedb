"""Lists of what's on: ``/jellies`` and ``/jelly list``, in which dates are answered too."""

from __future__ import annotations

from collections.abc import Sequence

from discord import app_commands

from bot.actions import answers as actions
from bot.actions import records
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import press, say, say_instead, show, show_instead, words_of
from bot.language import N_
from bot.members import actor_of
from bot.messages import answers, lists
from bot.messages import whats_on as messages
from bot.messages.buttons import Layout, row_of
from bot.messages.whats_on import Which
from bot.submitted import pressed_ids
from cogs.rsvps import answer_pressed
from data.models import Answer, Wish


class WhatsOn(JellyCog):
    @app_commands.command(description=N_("See what's on, and answer"))
    @app_commands.guild_only()
    async def jellies(self, interaction: Interaction) -> None:
        await show(interaction, await list_of(self.bot, interaction, Which.AGENDA))

    @press("agenda")
    async def show_agenda(self, interaction: Interaction) -> None:
        await show(interaction, await list_of(self.bot, interaction, Which.AGENDA))

    @press("agenda-page", int)
    async def agenda_page(self, interaction: Interaction, start: int) -> None:
        """Show the page that begins at a position."""
        await show_instead(interaction, await list_of(self.bot, interaction, Which.AGENDA, start))

    @press("list-page", int)
    async def list_page(self, interaction: Interaction, start: int) -> None:
        """Show the page that begins at a position."""
        await show_instead(interaction, await list_of(self.bot, interaction, Which.PLAN, start))

    @press("list-rsvp", int, answer_pressed, Which, int)
    async def answer(
        self, interaction: Interaction, session_id: int, answer: Answer, which: Which, start: int
    ) -> None:
        """Record an answer pressed in a list, and show the same dates again."""
        answered = await actions.answer(
            self.bot, actor_of(interaction), session_id, Wish(answer), asks_mood=True
        )
        shown = [int(one) for one in pressed_ids(interaction, "list-rsvp") if one.isdecimal()]
        layout = await list_of(self.bot, interaction, which, start, shown=shown)
        await show_instead(interaction, layout)
        private = answers.follow_up(words_of(interaction), answered, self.bot.clock.now())
        if private is not None:
            text, buttons = private
            await say(interaction, text, buttons=buttons)

    @press("series-page", int)
    async def series_page(self, interaction: Interaction, start: int) -> None:
        """Show the series that go on, from a position on."""
        series = await records.series_ahead(self.bot, actor_of(interaction), start=start)
        text, pages = lists.series(words_of(interaction), series, self.bot.clock.now())
        await say_instead(interaction, text, buttons=row_of(pages))


async def list_of(
    bot: JellyBot,
    interaction: Interaction,
    which: Which,
    start: int = 0,
    *,
    shown: Sequence[int] = (),
) -> Layout:
    """Returns a page of one of the lists; ``shown`` are the sessions that it already shows."""
    actor, words, now = actor_of(interaction), words_of(interaction), bot.clock.now()
    if which is Which.AGENDA:
        page = await actions.agenda(bot, actor, start=start, shown=shown)
        return messages.agenda(words, page, now)
    plan = await records.plan(bot, actor, start=start, shown=shown)
    return messages.plan(
        words,
        plan.dates,
        now,
        problems=plan.problems,
        may_retry=plan.may_retry,
        series=plan.series,
    )


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(WhatsOn(bot))
