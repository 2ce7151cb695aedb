"""``/jelly``: schedule, change, call off and list jellies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import discord
from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import form, guild_of, press, say, show
from bot.messages import forms, lists, previews
from bot.messages.buttons import button, custom_id, row
from bot.messages.text import one_line
from bot.phrases.en import describe, find_zones
from bot.rights import check, may
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
from cogs.readings import Context, context_of, jelly_of, jelly_to_change, split_at, start
from data.limits import (
    LONGEST_ABOUT,
    LONGEST_PLACE,
    LONGEST_TITLE,
    LONGEST_TYPED_PHRASE,
    MOST_GUESTS,
    MOST_SEATS,
    PROBLEMS_SHOWN_FOR,
    SESSIONS_LISTED,
)
from data.models import AgendaItem, DeliveryState, Details, Series, Session, Target, fingerprint
from data.outbox.deliveries import Problem
from data.outbox.failures import problems, retry_failed
from data.people.rsvps import agenda
from data.refusal import Refusal
from data.schedule.pauses import resume_series
from data.schedule.series import active_series, add_date, find_series
from data.settings import settings_of
from data.store.transaction import Transaction

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
        when: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE],
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
            check(interaction, settings)
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
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        chosen = dates.value if dates else ONLY_THIS

        def query(transaction: Transaction) -> tuple[Target, Session | Series, str]:
            target = target_of(transaction, guild_id, which, now)
            if chosen == ALL_DATES:
                advice = "leave out “dates” to change it"
                target = _whole_series(transaction, guild_id, target, advice)
            elif chosen == AND_LATER and target.session_id is not None:
                target = replace(target, and_later=True)
            found = jelly_to_change(transaction, interaction, target)
            if isinstance(found, Series) or not target.and_later:
                with_start = isinstance(found, Series) or None
                return target, found, describe(found.schedule, with_start=with_start)
            series = find_series(transaction, guild_id, found.series_id or 0)
            return target, found, describe(split_at(series, found).later, with_start=True)

        target, found, phrase = await self.bot.database.read(query)
        await interaction.response.send_modal(
            forms.jelly_form(
                _form_id(target, fingerprint(found)), _form_title(target), found.details, phrase
            )
        )

    @form("edit", str, int, str)
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
        when: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE] | None = None,
        where: app_commands.Range[str, 1, LONGEST_PLACE] | None = None,
    ) -> None:
        """Move one date to another time or place; those going are told and asked again"""
        if when is None and where is None:
            raise Refusal("Say when or where to move it: fill in “when”, “where” or both.")
        found = await self._to_change(interaction, which)
        if isinstance(found, Series):
            raise Refusal("Choose a single date to move; /jelly edit changes a whole series.")
        place = found.details.place if where is None else one_line(where)
        phrase = describe(found.schedule) if when is None else one_line(when)
        await self._preview_change(
            interaction,
            Target(session_id=found.session_id),
            lambda before: replace(before, place=place),
            phrase,
            fingerprint(found),
        )

    @jelly.command()
    @app_commands.describe(which="Which date")
    async def skip(self, interaction: Interaction, which: str) -> None:
        """Leave out one date; those going are told"""
        found = await self._to_change(interaction, which)
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
        when: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE],
    ) -> None:
        """Add one more date to a series"""
        series = await self._series_to_change(interaction, which)
        now = self.bot.clock.now()
        occurrence = one_date(when, zone=series.schedule.zone, now=now)

        def add(transaction: Transaction) -> Session:
            jelly_to_change(transaction, interaction, Target(series_id=series.series_id))
            return add_date(transaction, series.series_id, occurrence=occurrence, now=now)

        session = await self.bot.database.write(add)
        await show(interaction, previews.date_added(session))
        self.bot.alarm.ring()

    @jelly.command()
    @app_commands.describe(which="One date, or all dates of a series")
    async def cancel(self, interaction: Interaction, which: str) -> None:
        """Call off a jelly, one date or a whole series; those going are told"""
        found = await self._to_change(interaction, which)
        await endings.ask_to_cancel(self.bot, interaction, found)

    @jelly.command()
    @app_commands.describe(which="All dates of a series")
    async def end(self, interaction: Interaction, which: str) -> None:
        """End a series; its dates ahead are called off and those going are told"""
        series = await self._series_to_change(interaction, which)
        await endings.ask_to_cancel(self.bot, interaction, series)

    @jelly.command()
    @app_commands.describe(
        which="All dates of a series",
        until="The day on which it goes on, such as: jan 5; until you resume it, where left out",
    )
    async def pause(
        self,
        interaction: Interaction,
        which: str,
        until: app_commands.Range[str, 1, LONGEST_TYPED_PHRASE] | None = None,
    ) -> None:
        """Leave out the dates of a series for a while; those going are told"""
        series = await self._series_to_change(interaction, which)
        await endings.ask_to_pause(self.bot, interaction, series, until)

    @jelly.command()
    @app_commands.describe(which="All dates of a series")
    async def resume(self, interaction: Interaction, which: str) -> None:
        """Let a paused series go on"""
        series = await self._series_to_change(interaction, which)
        now = self.bot.clock.now()
        horizon = self.bot.horizon_of(series.schedule, now)

        def resume(transaction: Transaction) -> list[Session]:
            jelly_to_change(transaction, interaction, Target(series_id=series.series_id))
            return resume_series(transaction, series.series_id, horizon=horizon, now=now)

        sessions = await self.bot.database.write(resume)
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
        if may(interaction, "retry") and any(p.state is DeliveryState.FAILED for p in failed):
            retry = row(button("Try again", "retry"))
        await say(interaction, lists.plan(items, series, failed, now), buttons=retry)

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

    async def _to_change(self, interaction: Interaction, which: str) -> Session | Series:
        """Returns what was chosen, if the member may change it. Raises Refusal."""
        guild_id, now = guild_of(interaction), self.bot.clock.now()
        return await self.bot.database.read(
            lambda t: jelly_to_change(t, interaction, target_of(t, guild_id, which, now))
        )

    async def _series_to_change(self, interaction: Interaction, which: str) -> Series:
        """Returns the series that was chosen, or that of the chosen date. Raises Refusal."""
        guild_id, now = guild_of(interaction), self.bot.clock.now()

        def query(transaction: Transaction) -> Session | Series:
            target = target_of(transaction, guild_id, which, now)
            advice = "choose a series from the list"
            whole = _whole_series(transaction, guild_id, target, advice)
            return jelly_to_change(transaction, interaction, whole)

        series = await self.bot.database.read(query)
        assert isinstance(series, Series)  # the target is a series
        return series

    async def _preview_change(
        self,
        interaction: Interaction,
        target: Target,
        change: Callable[[Details], Details],
        phrase: str,
        based_on: str,
    ) -> None:
        def keep(transaction: Transaction) -> Context:
            found = jelly_to_change(transaction, interaction, target)
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


def _whole_series(transaction: Transaction, guild_id: int, target: Target, advice: str) -> Target:
    """Returns the series of what was chosen. Raises Refusal, with ``advice``, if it has none."""
    found = jelly_of(transaction, guild_id, target)
    if found.series_id is None:
        raise Refusal(f"That date belongs to no series; {advice}.")
    return Target(series_id=found.series_id)


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
    """Returns a default zone by the country of the server's language; the form asks for it."""
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
