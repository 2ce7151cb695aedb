"""``/headcount``: who is coming to one jelly, and attendance over time."""

from __future__ import annotations

import logging
from io import BytesIO

import discord
from discord import app_commands

from bot.actions import attendance, choices, find
from bot.app import JellyBot, JellyCog
from bot.charts import NotDrawn, can_draw, history_pictures, in_words
from bot.discord_types import Interaction
from bot.interactions import as_choices, press, say, say_instead, show_instead, words_of
from bot.language import N_
from bot.members import actor_of
from bot.messages import checkin_list, exports, lists
from bot.messages.buttons import Payload, row, row_of
from bot.messages.notices.hosts import summary
from bot.submitted import chosen_values, shown_options
from data.limits import LOOKED_BACK

log = logging.getLogger(__name__)


class Headcounts(JellyCog):
    headcount = app_commands.Group(
        name="headcount", description=N_("See who's coming, and how many came"), guild_only=True
    )

    @headcount.command(
        name="session",
        description=N_("See who's coming, who's waiting, who might and who can't"),
    )
    @app_commands.describe(jelly=N_("Which jelly"))
    async def session(self, interaction: Interaction, jelly: str) -> None:
        text, buttons = await self._headcount(interaction, jelly, 0)
        await say(interaction, text, buttons=buttons)

    @press("who", int)
    async def who(self, interaction: Interaction, session_id: int) -> None:
        """Show from a card what ``/headcount session`` does."""
        jelly = find.choice_of_session(session_id)
        text, buttons = await self._headcount(interaction, jelly, 0)
        await say(interaction, text, buttons=buttons)

    @press("headcount", int, int)
    async def headcount_page(self, interaction: Interaction, session_id: int, start: int) -> None:
        """Show the page that begins at a position."""
        jelly = find.choice_of_session(session_id)
        text, buttons = await self._headcount(interaction, jelly, start)
        await say_instead(interaction, text, buttons=buttons)

    async def _headcount(
        self, interaction: Interaction, jelly: str, start: int
    ) -> tuple[str, Payload | None]:
        found = await attendance.headcount(self.bot, actor_of(interaction), jelly)
        words, now = words_of(interaction), self.bot.clock.now()
        view = found.checkin_list.view
        text, pages = lists.headcount(
            words,
            view,
            shows_hours=found.shows_hours,
            first_timers=found.checkin_list.first_timers,
            start=max(0, start),
            now=now,
        )
        if not found.keeps_list:
            return text, row_of(pages)
        # One row has room for the host's buttons and one more: the next page, at last the first.
        return text, row(*checkin_list.host_buttons(words, view, now), *pages[-1:])

    @session.autocomplete("jelly")
    async def _jellies(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        since = self.bot.clock.now() - LOOKED_BACK
        return as_choices(
            await choices.past_and_coming_choices(
                self.bot, actor_of(interaction), typed, since=since
            )
        )

    @headcount.command(
        name="history", description=N_("See how many came over time, and when the most do")
    )
    @app_commands.describe(jelly=N_("A series; leave out for the whole server"))
    async def history(self, interaction: Interaction, jelly: str | None = None) -> None:
        # On a busy machine, drawing takes longer than Discord waits for a response.
        await interaction.response.defer(ephemeral=True)

        found = await attendance.history(self.bot, actor_of(interaction), jelly)
        words, past = words_of(interaction), found.sessions
        text = lists.history(words, found.title, in_words(words, past))
        files = []
        if past and can_draw():
            try:
                pictures = await history_pictures(words, past)
            except NotDrawn as error:
                log.warning(
                    "The history of server %s could not be drawn: %s", interaction.guild_id, error
                )
                failed = words(
                    "-# I couldn't draw the pictures this time, so here are the figures."
                )
                text = f"{text}\n{failed}"
            else:
                files = [
                    discord.File(BytesIO(picture.png), name, description=picture.description)
                    for name, picture in (
                        ("over-time.png", pictures.over_time),
                        ("by-weekday-and-hour.png", pictures.by_hour),
                    )
                    if picture is not None
                ]
        await interaction.followup.send(text, files=files, ephemeral=True, suppress_embeds=True)

    @history.autocomplete("jelly")
    async def _past_series(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return as_choices(await choices.past_series_choices(self.bot, actor_of(interaction), typed))

    @press("export-table", int)
    async def table(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._list(interaction, session_id, "export-table")
        words, name_of = words_of(interaction), actor_of(interaction).channels.name_of
        data = exports.headcount_csv(words, roll.view, roll.names, name_of)
        file = discord.File(BytesIO(data), exports.export_filename(roll.view.session, name_of))
        await interaction.response.send_message(
            words("Here's the table. It opens in any spreadsheet."),
            file=file,
            ephemeral=True,
        )

    @press("export-list", int)
    async def copyable(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._list(interaction, session_id, "export-list")
        name_of = actor_of(interaction).channels.name_of
        listed = exports.copyable_list(words_of(interaction), roll.view, roll.names, name_of)
        await say(interaction, f"```\n{listed}\n```")

    @press("roll", int, int)
    async def open_roll(self, interaction: Interaction, session_id: int, page: int) -> None:
        """Show a page of the list to tick people off."""
        roll = await self._list(interaction, session_id, "roll")
        layout = checkin_list.roll(words_of(interaction), roll.view, roll.names, page)
        if page == checkin_list.FIRST_PAGE:
            await interaction.response.send_message(view=layout, ephemeral=True)
        else:
            await show_instead(interaction, layout)

    @press("ticked", int, int, int)
    async def ticked(self, interaction: Interaction, session_id: int, page: int, part: int) -> None:
        """Record which people of one part of a page the host ticked off."""
        chosen = chosen_values(interaction)
        # Only what the host changed: others may have arrived since the list was opened.
        changed = {
            int(value): value in chosen
            for value, was_ticked in shown_options(interaction).items()
            if value.isdecimal() and (value in chosen) != was_ticked
        }
        found = await attendance.check_in(self.bot, actor_of(interaction), session_id, changed)
        layout = checkin_list.roll(words_of(interaction), found.view, found.names, page)
        await show_instead(interaction, layout)

    @press("take-off", int)
    async def choose_whom_to_take_off(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._list(interaction, session_id, "take-off")
        layout = checkin_list.take_off(words_of(interaction), roll.view, roll.names)
        await interaction.response.send_message(view=layout, ephemeral=True)

    @press("taken-off", int, int)
    async def taken_off(self, interaction: Interaction, session_id: int, part: int) -> None:
        chosen = [value for value in chosen_values(interaction) if value.isdecimal()]
        shown = shown_options(interaction)
        user_id = int(chosen[0]) if len(chosen) == 1 and chosen[0] in shown else 0
        found = await attendance.take_off(self.bot, actor_of(interaction), session_id, user_id)
        layout = checkin_list.take_off(
            words_of(interaction), found.view, found.names, taken_off=user_id
        )
        await show_instead(interaction, layout)

    @press("summary", int)
    async def see_summary(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._list(interaction, session_id, "summary")
        await say(interaction, summary(words_of(interaction), roll.view, tuple(roll.first_timers)))

    async def _list(
        self, interaction: Interaction, session_id: int, name: str
    ) -> attendance.CheckinList:
        return await attendance.checkin_list(self.bot, actor_of(interaction), session_id, name=name)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Headcounts(bot))
