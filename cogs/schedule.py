"""``/jelly``: schedule, change, call off and list jellies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import discord
from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.cards import forms, lists, previews
from bot.cards.buttons import button, custom_id, view
from bot.cards.text import one_line
from bot.interactions import Interaction, guild_of, press, say, show
from bot.rights import (
    check_is_organizer,
    check_may_change,
    check_may_host,
    is_organizer,
    may_set_up,
)
from bot.when import describe, find_zones
from cogs import endings
from cogs.choices import (
    jelly_choices,
    one_date,
    series_choices,
    session_choices,
    target_of,
    when_choices,
)
from cogs.drafts import details_of, entered, entered_phrase, show_preview, with_seats
from cogs.readings import NOT_SET_UP, Context, context_of, jelly_of, schedule_from, start
from data import drafts
from data.database import Transaction
from data.deliveries import problems, retry_failed
from data.errors import Refusal
from data.models import (
    AgendaItem,
    DeliveryState,
    Details,
    Problem,
    Series,
    Session,
    Target,
    fingerprint,
)
from data.pauses import resume_series
from data.rsvps import agenda
from data.seats import MOST_GUESTS
from data.series import active_series, add_date, find_series
from data.sessions import LONGEST_ABOUT, LONGEST_PLACE, LONGEST_TITLE, MOST_SEATS
from data.settings import settings_of

PROBLEMS_SHOWN_FOR = timedelta(days=7)
SESSIONS_LISTED = 40

ONLY_THIS, AND_LATER, ALL_DATES = "this", "later", "all"


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
        seats="For how many people and guests there is room; for everybody, where left out",
        guests="How many guests each member may bring; 1, where left out",
        tone="What it is for: quiet work, company, or some of both",
        answers_close="How long before the start answers close; later, Going asks the host",
    )
    @app_commands.choices(
        tone=[app_commands.Choice(name=label, value=tone) for tone, label in forms.TONES.items()]
    )
    async def new(
        self,
        interaction: Interaction,
        what: app_commands.Range[str, 1, LONGEST_TITLE],
        when: app_commands.Range[str, 1, drafts.LONGEST_PHRASE],
        where: app_commands.Range[str, 1, LONGEST_PLACE],
        host: discord.Member | None = None,
        about: app_commands.Range[str, 0, LONGEST_ABOUT] = "",
        seats: app_commands.Range[int, 1, MOST_SEATS] | None = None,
        guests: app_commands.Range[int, 0, MOST_GUESTS] = 1,
        tone: app_commands.Choice[str] | None = None,
        answers_close: str = "",
    ) -> None:
        """Schedule a jelly, once or again and again; you see it before anybody else does"""
        details = with_seats(
            details_of(what, where, about, (host or interaction.user).id),
            tone=tone.value if tone else "",
            seats=str(seats or ""),
            guests=str(guests),
            closes=answers_close,
        )

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
            return context_of(transaction, interaction, draft_id, self.bot.clock.now())

        kept = await self.bot.database.write(keep)
        if isinstance(kept, Context):
            await show_preview(self.bot, interaction, kept)
        else:
            await interaction.response.send_modal(
                forms.setup_form(kept, interaction.channel_id or 0, _likely_zone(interaction))
            )

    @jelly.command()
    @app_commands.describe(
        which="One date, or all dates of a series",
        dates="Which dates of its series to change; only this one, where left out",
    )
    @app_commands.choices(
        dates=[
            app_commands.Choice(name="only this date", value=ONLY_THIS),
            app_commands.Choice(name="this and all later dates", value=AND_LATER),
            app_commands.Choice(name="all dates", value=ALL_DATES),
        ]
    )
    async def edit(
        self,
        interaction: Interaction,
        which: str,
        dates: app_commands.Choice[str] | None = None,
    ) -> None:
        """Change a jelly: one date, that and all later ones, or a whole series"""
        target = await self._target(interaction, which)
        chosen = dates.value if dates else ONLY_THIS
        found = await self._find(interaction, target)
        if isinstance(found, Session) and chosen == ALL_DATES:
            if found.series_id is None:
                raise Refusal("That date belongs to no series; leave out “dates” to change it.")
            target = Target(series_id=found.series_id)
            found = await self._find(interaction, target)
        phrase = describe(found.schedule, with_start=isinstance(found, Series) or None)
        if isinstance(found, Session) and chosen == AND_LATER:
            target = Target(session_id=found.session_id, and_later=True)
            series_id, guild_id = found.series_id or 0, found.guild_id
            series = await self.bot.database.read(lambda t: find_series(t, guild_id, series_id))
            phrase = describe(schedule_from(series, found), with_start=True)
        check_may_change(interaction, found)
        await interaction.response.send_modal(
            forms.jelly_form(
                _form_id(target, fingerprint(found)), _form_title(target), found.details, phrase
            )
        )

    @press("edit", str, int, str)
    async def edited(
        self, interaction: Interaction, scope: str, number: int, based_on: str
    ) -> None:
        target = _target_of(scope, number)
        await self._preview_change(
            interaction,
            target,
            lambda before: entered(interaction, before),
            entered_phrase(interaction),
            based_on,
        )

    @jelly.command()
    @app_commands.describe(
        which="Which date",
        when="Its new time, such as: friday 10-16",
        where="Its new place",
    )
    async def move(
        self,
        interaction: Interaction,
        which: str,
        when: app_commands.Range[str, 1, drafts.LONGEST_PHRASE] | None = None,
        where: app_commands.Range[str, 1, LONGEST_PLACE] | None = None,
    ) -> None:
        """Move one date to another time or place; those going are told and asked again"""
        if when is None and where is None:
            raise Refusal("Say when or where to move it: fill in “when”, “where” or both.")
        target = await self._target(interaction, which)
        found = await self._find(interaction, target)
        if isinstance(found, Series):
            raise Refusal("Choose a single date to move; /jelly edit changes a whole series.")
        place = found.details.place if where is None else one_line(where)
        phrase = describe(found.schedule) if when is None else one_line(when)
        await self._preview_change(
            interaction,
            target,
            lambda before: replace(before, place=place),
            phrase,
            fingerprint(found),
        )

    @jelly.command()
    @app_commands.describe(which="Which date")
    async def skip(self, interaction: Interaction, which: str) -> None:
        """Leave out one date; those going are told"""
        found = await self._find(interaction, await self._target(interaction, which))
        if isinstance(found, Series):
            raise Refusal("Choose a single date to leave out; /jelly pause leaves out several.")
        await endings.ask_to_cancel(self.bot, interaction, found)

    @jelly.command()
    @app_commands.describe(
        which="All dates of a series", when="The extra date, such as: dec 30 10-16"
    )
    async def extra(
        self,
        interaction: Interaction,
        which: str,
        when: app_commands.Range[str, 1, drafts.LONGEST_PHRASE],
    ) -> None:
        """Add one more date to a series"""
        series = await self._series(interaction, which)
        check_may_change(interaction, series)
        now = self.bot.clock.now()
        occurrence = one_date(when, zone=series.schedule.zone, now=now)
        session = await self.bot.database.write(
            lambda t: add_date(t, series.series_id, occurrence=occurrence, now=now)
        )
        await show(interaction, previews.date_added(session))
        self.bot.alarm.ring()

    @jelly.command()
    @app_commands.describe(which="One date, or all dates of a series")
    async def cancel(self, interaction: Interaction, which: str) -> None:
        """Call off a jelly, one date or a whole series; those going are told"""
        found = await self._find(interaction, await self._target(interaction, which))
        await endings.ask_to_cancel(self.bot, interaction, found)

    @jelly.command()
    @app_commands.describe(which="All dates of a series")
    async def end(self, interaction: Interaction, which: str) -> None:
        """End a series; its dates ahead are called off and those going are told"""
        await endings.ask_to_cancel(self.bot, interaction, await self._series(interaction, which))

    @jelly.command()
    @app_commands.describe(
        which="All dates of a series",
        until="The day on which it goes on, such as: jan 5; until you resume it, where left out",
    )
    async def pause(
        self,
        interaction: Interaction,
        which: str,
        until: app_commands.Range[str, 1, drafts.LONGEST_PHRASE] | None = None,
    ) -> None:
        """Leave out the dates of a series for a while; those going are told"""
        series = await self._series(interaction, which)
        await endings.ask_to_pause(self.bot, interaction, series, until)

    @jelly.command()
    @app_commands.describe(which="All dates of a series")
    async def resume(self, interaction: Interaction, which: str) -> None:
        """Let a paused series go on"""
        series = await self._series(interaction, which)
        check_may_change(interaction, series)
        now = self.bot.clock.now()
        ahead = self.bot.occurrences_ahead(series.schedule, now)
        sessions = await self.bot.database.write(
            lambda t: resume_series(t, series.series_id, ahead=ahead, now=now)
        )
        await show(interaction, previews.saved(series.details.title, sessions))
        self.bot.alarm.ring()

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
        retry = None
        if is_organizer(interaction) and any(p.state is DeliveryState.FAILED for p in failed):
            retry = view(button("Try again", "retry"))
        await say(interaction, lists.plan(items, series, failed, now), view=retry)

    @press("retry")
    async def retry(self, interaction: Interaction) -> None:
        check_is_organizer(interaction)
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

    @move.autocomplete("which")
    @skip.autocomplete("which")
    async def _which_date(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await session_choices(self.bot, guild_of(interaction), typed)

    @extra.autocomplete("which")
    @end.autocomplete("which")
    @pause.autocomplete("which")
    @resume.autocomplete("which")
    async def _which_series(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return await series_choices(self.bot, guild_of(interaction), typed)

    @new.autocomplete("when")
    @move.autocomplete("when")
    @extra.autocomplete("when")
    async def _when(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await when_choices(self.bot, guild_of(interaction), typed)

    async def _target(self, interaction: Interaction, which: str) -> Target:
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        return await self.bot.database.read(lambda t: target_of(t, guild_id, which, now))

    async def _find(self, interaction: Interaction, target: Target) -> Session | Series:
        guild_id = guild_of(interaction)
        return await self.bot.database.read(lambda t: jelly_of(t, guild_id, target))

    async def _series(self, interaction: Interaction, which: str) -> Series:
        found = await self._find(interaction, await self._target(interaction, which))
        if isinstance(found, Series):
            return found
        if found.series_id is None:
            raise Refusal("That date belongs to no series; choose a series from the list.")
        whole = await self._find(interaction, Target(series_id=found.series_id))
        assert isinstance(whole, Series)
        return whole

    async def _preview_change(
        self,
        interaction: Interaction,
        target: Target,
        change: Callable[[Details], Details],
        phrase: str,
        based_on: str,
    ) -> None:
        def keep(transaction: Transaction) -> Context:
            found = jelly_of(transaction, guild_of(interaction), target)
            check_may_change(interaction, found)
            draft_id = start(
                transaction,
                interaction,
                target,
                change(found.details),
                phrase,
                self.bot.clock.now(),
                based_on=based_on,
            )
            return context_of(transaction, interaction, draft_id, self.bot.clock.now())

        await show_preview(self.bot, interaction, await self.bot.database.write(keep))


def _form_id(target: Target, based_on: str) -> str:
    if target.series_id is not None:
        return custom_id("edit", ALL_DATES, target.series_id, based_on)
    scope = AND_LATER if target.and_later else ONLY_THIS
    return custom_id("edit", scope, target.session_id, based_on)


def _form_title(target: Target) -> str:
    if target.series_id is not None:
        return "Change all its dates"
    return "Change this and all later dates" if target.and_later else "Change this date"


def _target_of(scope: str, number: int) -> Target:
    if scope == ALL_DATES:
        return Target(series_id=number)
    return Target(session_id=number, and_later=scope == AND_LATER)


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
