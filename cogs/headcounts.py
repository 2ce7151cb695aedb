"""``/headcount``: who is coming to one jelly, and attendance over time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from io import BytesIO

import discord
from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.charts import NotDrawn, can_draw, history_pictures, in_words
from bot.discord_types import Interaction
from bot.interactions import chosen_values, guild_of, press, say, show_instead, shown_options
from bot.messages import checkin_list, exports, lists
from bot.messages.buttons import Layout
from bot.messages.notices.hosts import summary
from bot.rights import check, may_change
from cogs.choices import (
    past_and_coming_choices,
    past_series,
    past_series_choices,
    session_id_of,
)
from data.limits import LOOKED_BACK
from data.models import Answer, PastSession, SessionView
from data.people.attendance import tick_off
from data.people.history import past_sessions
from data.people.members import first_timers, names_of
from data.people.rsvps import Wish, answer_for, rsvp_of_member
from data.people.session_views import session_view
from data.refusal import Refusal
from data.store.transaction import Transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Roll:
    """A session with everybody who answered, and what its host needs in addition."""

    view: SessionView
    names: dict[int, str]
    first_timers: frozenset[int]


class Headcounts(JellyCog):
    headcount = app_commands.Group(
        name="headcount", description="See who is coming, and how many came", guild_only=True
    )

    @headcount.command(name="session")
    @app_commands.describe(which="Which jelly")
    async def session(self, interaction: Interaction, which: str) -> None:
        """See who is coming to a jelly, who waits, who might and who can't"""
        guild_id, now = guild_of(interaction), self.bot.clock.now()

        def query(transaction: Transaction) -> Roll:
            session_id = session_id_of(transaction, guild_id, which, now, since=now - LOOKED_BACK)
            return _roll(transaction, guild_id, session_id)

        roll = await self.bot.database.read(query)
        view, user_id = roll.view, interaction.user.id
        is_host = may_change(interaction, view.session)
        is_going = any(rsvp.user_id == user_id for rsvp in view.roster.going)
        text = lists.headcount(
            view,
            shows_hours=is_host or is_going,
            is_host=is_host,
            first_timers=roll.first_timers,
            now=now,
        )
        await say(
            interaction, text, buttons=checkin_list.host_buttons(view, now) if is_host else None
        )

    @session.autocomplete("which")
    async def _which(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await past_and_coming_choices(
            self.bot, guild_of(interaction), typed, since=self.bot.clock.now() - LOOKED_BACK
        )

    @headcount.command(name="history")
    @app_commands.describe(which="All dates of a series; the whole server, where left out")
    async def history(self, interaction: Interaction, which: str | None = None) -> None:
        """See how many came over time, and when the most do"""
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        # On a busy machine, drawing takes longer than Discord waits for a response.
        await interaction.response.defer(ephemeral=True)

        def query(transaction: Transaction) -> tuple[str, list[PastSession]]:
            if which is None:
                return "all jellies here", past_sessions(transaction, guild_id, now=now)
            series = past_series(transaction, guild_id, which)
            past = past_sessions(transaction, guild_id, series_id=series.series_id, now=now)
            return series.details.title, past

        title, past = await self.bot.database.read(query)
        text = lists.history(title, in_words(past))
        files = []
        if past and can_draw():
            try:
                pictures = await history_pictures(past)
            except NotDrawn as error:
                log.warning("The history of server %s could not be drawn: %s", guild_id, error)
                text += "\n-# The pictures could not be drawn this time; these are the figures."
            else:
                files = [
                    discord.File(BytesIO(picture.png), name, description=picture.description)
                    for name, picture in (
                        ("over-time.png", pictures.over_time),
                        ("by-weekday-and-hour.png", pictures.by_hour),
                    )
                ]
        await interaction.followup.send(text, files=files, ephemeral=True)

    @history.autocomplete("which")
    async def _which_series(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await past_series_choices(self.bot, guild_of(interaction), typed)

    @press("export-table", int)
    async def table(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._as_host(interaction, session_id)
        data = exports.headcount_csv(roll.view, roll.names)
        file = discord.File(BytesIO(data), exports.export_filename(roll.view.session))
        await interaction.response.send_message(
            "Here is the table; it opens in any spreadsheet.", file=file, ephemeral=True
        )

    @press("export-list", int)
    async def copyable(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._as_host(interaction, session_id)
        await say(interaction, f"```\n{exports.copyable_list(roll.view, roll.names)}\n```")

    @press("roll", int, int)
    async def open_roll(self, interaction: Interaction, session_id: int, page: int) -> None:
        """Show a page of the list to tick people off."""
        roll = await self._as_host(interaction, session_id)
        layout = checkin_list.roll(roll.view, roll.names, page)
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
        now = self.bot.clock.now()

        def change(transaction: Transaction) -> Layout:
            self._checked(transaction, interaction, session_id)
            tick_off(
                transaction,
                guild_id=guild_of(interaction),
                session_id=session_id,
                were_there=changed,
                now=now,
            )
            roll = self._checked(transaction, interaction, session_id)
            return checkin_list.roll(roll.view, roll.names, page)

        layout = await self.bot.database.write(change)
        self.bot.mirrors.touch(session_id)
        await show_instead(interaction, layout)

    @press("take-off", int)
    async def choose_whom_to_take_off(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._as_host(interaction, session_id)
        await interaction.response.send_message(
            view=checkin_list.take_off(roll.view, roll.names), ephemeral=True
        )

    @press("taken-off", int, int)
    async def taken_off(self, interaction: Interaction, session_id: int, part: int) -> None:
        chosen = [value for value in chosen_values(interaction) if value.isdecimal()]
        shown = shown_options(interaction)
        user_id = int(chosen[0]) if len(chosen) == 1 and chosen[0] in shown else 0
        now = self.bot.clock.now()

        def change(transaction: Transaction) -> Layout:
            self._checked(transaction, interaction, session_id)
            if rsvp_of_member(transaction, session_id, user_id) is None:
                raise Refusal("They are not on that list any more; open it again.")
            answer_for(
                transaction,
                guild_id=guild_of(interaction),
                session_id=session_id,
                user_id=user_id,
                wish=Wish(Answer.DECLINED),
                answered_by=interaction.user.id,
                now=now,
            )
            roll = self._checked(transaction, interaction, session_id)
            return checkin_list.take_off(roll.view, roll.names, taken_off=user_id)

        layout = await self.bot.database.write(change)
        self.bot.mirrors.touch(session_id)
        self.bot.alarm.ring()
        await show_instead(interaction, layout)

    @press("summary", int)
    async def see_summary(self, interaction: Interaction, session_id: int) -> None:
        roll = await self._as_host(interaction, session_id)
        await say(interaction, summary(roll.view, tuple(roll.first_timers)))

    async def _as_host(self, interaction: Interaction, session_id: int) -> Roll:
        return await self.bot.database.read(lambda t: self._checked(t, interaction, session_id))

    def _checked(self, transaction: Transaction, interaction: Interaction, session_id: int) -> Roll:
        roll = _roll(transaction, guild_of(interaction), session_id)
        check(interaction, roll.view.session)
        return roll


def _roll(transaction: Transaction, guild_id: int, session_id: int) -> Roll:
    view = session_view(transaction, session_id, guild_id=guild_id)
    if view is None:
        raise Refusal("That jelly is no longer on the list. Type /jellies to see what is.")
    people = [rsvp.user_id for rsvp in view.roster.everybody()]
    answered_by = [rsvp.answered_by for rsvp in view.roster.everybody() if rsvp.answered_by]
    return Roll(
        view,
        names_of(transaction, guild_id, [*people, *answered_by]),
        first_timers(transaction, session_id),
    )


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Headcounts(bot))
