"""``/jelly``: schedule, change, call off and list jellies."""

from __future__ import annotations

from datetime import timedelta

import discord
from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.cards import forms, lists, previews
from bot.cards.buttons import button, custom_id
from bot.cards.text import one_line
from bot.interactions import Interaction, guild_of, press, say, show
from bot.rights import check_may_change, check_may_host, may_set_up
from bot.when import describe, find_zones
from cogs.choices import jelly_choices, target_of
from cogs.drafts import (
    NOT_SET_UP,
    Context,
    context_of,
    details_of,
    entered,
    jelly_of,
    show_preview,
    start,
)
from data import drafts
from data.boards import board_of
from data.database import Transaction
from data.deliveries import problems, retry_failed
from data.errors import Refusal
from data.models import AgendaItem, Problem, Series, Session, Target
from data.rsvps import agenda
from data.series import active_series, cancel_series, series_ahead
from data.sessions import LONGEST_ABOUT, LONGEST_PLACE, LONGEST_TITLE, cancel_session
from data.settings import settings_of

PROBLEMS_SHOWN_FOR = timedelta(days=7)
SESSIONS_LISTED = 40


class JellySchedule(JellyCog):
    jelly = app_commands.Group(
        name="jelly", description="Schedule, change and call off jellies", guild_only=True
    )

    @jelly.command()
    @app_commands.describe(
        what="Its name, such as: Thursday jelly",
        when="Such as: thursday 10am · dec 3 9:30-16:00 · every tuesday 10am",
        where="The place, such as: The Alb, upstairs",
        host="Who opens the door; you, where left out",
        about="What to know: the wifi, the coffee, the quiet corner",
    )
    async def new(
        self,
        interaction: Interaction,
        what: app_commands.Range[str, 1, LONGEST_TITLE],
        when: app_commands.Range[str, 1, drafts.LONGEST_PHRASE],
        where: app_commands.Range[str, 1, LONGEST_PLACE],
        host: discord.Member | None = None,
        about: app_commands.Range[str, 0, LONGEST_ABOUT] = "",
    ) -> None:
        """Schedule a jelly, once or again and again; you see it before anybody else does"""
        details = details_of(what, where, about, (host or interaction.user).id)

        def keep(transaction: Transaction) -> Context | int:
            settings = settings_of(transaction, guild_of(interaction))
            if settings is None and not may_set_up(interaction):
                raise Refusal(NOT_SET_UP)
            if settings is not None:
                check_may_host(interaction, settings)
            draft_id = start(
                transaction, interaction, Target(), details, one_line(when), self.bot.clock.now()
            )
            if settings is None:
                return draft_id
            return context_of(transaction, interaction, draft_id)

        kept = await self.bot.database.write(keep)
        if isinstance(kept, Context):
            await show_preview(self.bot, interaction, kept)
        else:
            await interaction.response.send_modal(
                forms.setup_form(kept, interaction.channel_id or 0, _likely_zone(interaction))
            )

    @jelly.command()
    @app_commands.describe(which="One date, or all dates of a series")
    async def edit(self, interaction: Interaction, which: str) -> None:
        """Change a jelly, one date or a whole series"""
        found = await self._find(interaction, which)
        check_may_change(interaction, found)
        one = isinstance(found, Session)
        form_id = (
            custom_id("edit", "session", found.session_id)
            if isinstance(found, Session)
            else custom_id("edit", "series", found.series_id)
        )
        await interaction.response.send_modal(
            forms.jelly_form(
                form_id,
                "Change this date" if one else "Change all its dates",
                found.details,
                describe(found.schedule),
            )
        )

    @press("edit", str, int)
    async def edited(self, interaction: Interaction, kind: str, number: int) -> None:
        target = Target(session_id=number) if kind == "session" else Target(series_id=number)
        details, phrase = entered(interaction)

        def keep(transaction: Transaction) -> Context:
            check_may_change(interaction, jelly_of(transaction, guild_of(interaction), target))
            draft_id = start(
                transaction, interaction, target, details, phrase, self.bot.clock.now()
            )
            return context_of(transaction, interaction, draft_id)

        await show_preview(self.bot, interaction, await self.bot.database.write(keep))

    @jelly.command()
    @app_commands.describe(which="One date, or all dates of a series")
    async def cancel(self, interaction: Interaction, which: str) -> None:
        """Call off a jelly, one date or a whole series; those going are told"""
        found = await self._find(interaction, which)
        check_may_change(interaction, found)
        now = self.bot.clock.now()

        def question(transaction: Transaction) -> discord.ui.LayoutView:
            settings = settings_of(transaction, found.guild_id)
            channel_id = settings.channel_id if settings else 0
            if isinstance(found, Series):
                dates = series_ahead(transaction, found.series_id, now=now)
                rule = describe(found.schedule)
                return previews.cancel_series_question(found, rule, len(dates), channel_id)
            board = board_of(transaction, found.session_id, names=0)
            if board is None:
                raise Refusal("That jelly is gone. Type /jelly list to see what is on.")
            return previews.cancel_session_question(
                board, board.session.card_channel_id or channel_id
            )

        await show(interaction, await self.bot.database.read(question))

    @press("cancel", str, int)
    async def cancelled(self, interaction: Interaction, kind: str, number: int) -> None:
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        target = Target(session_id=number) if kind == "session" else Target(series_id=number)

        def call_off(transaction: Transaction) -> str:
            found = jelly_of(transaction, guild_id, target)
            check_may_change(interaction, found)
            if isinstance(found, Session):
                cancel_session(transaction, found.session_id, now=now)
            else:
                cancel_series(transaction, found.series_id, now=now)
            return found.details.title

        title = await self.bot.database.write(call_off)
        await interaction.response.edit_message(view=previews.called_off(title))
        await self.bot.boards.touch_stale()
        self.bot.alarm.ring()

    @press("keep")
    async def kept(self, interaction: Interaction) -> None:
        await interaction.response.edit_message(view=previews.kept())

    @jelly.command(name="list")
    async def list_(self, interaction: Interaction) -> None:
        """See every series and date, and what could not be posted"""
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        user_id = interaction.user.id

        def query(
            transaction: Transaction,
        ) -> tuple[list[AgendaItem], list[Series], list[Problem]]:
            return (
                agenda(
                    transaction, guild_id=guild_id, user_id=user_id, now=now, limit=SESSIONS_LISTED
                ),
                active_series(transaction, guild_id),
                problems(transaction, guild_id, since=now - PROBLEMS_SHOWN_FOR),
            )

        items, series, failed = await self.bot.database.read(query)
        view = None
        if failed:
            view = discord.ui.View(timeout=None)
            view.add_item(button("Try again", "retry"))
            view.stop()
        await say(interaction, lists.plan(items, series, failed), view=view)

    @press("retry")
    async def retry(self, interaction: Interaction) -> None:
        tried = await self.bot.database.write(
            lambda t: retry_failed(t, guild_of(interaction), now=self.bot.clock.now())
        )
        self.bot.alarm.ring()
        await say(
            interaction,
            "It is on its way again; look into the channel in a moment."
            if tried
            else "Nothing of it is of use any more, so nothing is sent.",
        )

    @edit.autocomplete("which")
    @cancel.autocomplete("which")
    async def _which(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await jelly_choices(self.bot, guild_of(interaction), typed)

    async def _find(self, interaction: Interaction, which: str) -> Session | Series:
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        return await self.bot.database.read(
            lambda t: jelly_of(t, guild_id, target_of(t, guild_id, which, now))
        )


def _likely_zone(interaction: Interaction) -> str:
    """A zone to begin with, by the country of the server's language; it is shown and asked."""
    locale = str(interaction.guild_locale or interaction.locale)
    zones = find_zones(_CITIES.get(locale, ""), limit=1)
    return zones[0] if zones else "UTC"


# English is spoken in too many zones for a guess, apart from British English.
_CITIES = {
    "da": "Copenhagen",
    "de": "Berlin",
    "en-GB": "London",
    "fr": "Paris",
    "it": "Rome",
    "ja": "Tokyo",
    "ko": "Seoul",
    "nl": "Amsterdam",
    "no": "Oslo",
    "pl": "Warsaw",
    "sv-SE": "Stockholm",
}


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(JellySchedule(bot))
