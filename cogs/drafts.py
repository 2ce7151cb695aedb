"""Private previews of drafts, which a press posts or saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import discord

from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import LARGEST, form, form_values, guild_of, press, show, show_instead
from bot.messages import forms, previews
from bot.messages.buttons import Layout, custom_id
from bot.messages.text import one_line, paragraphs
from bot.permissions import check_channel
from bot.phrases.en import DurationNotUnderstood, NotUnderstood, describe, read_duration
from cogs.readings import (
    Context,
    Reading,
    context_of,
    not_understood,
    reading_of,
)
from cogs.settings import checked_zone
from data.change_settings import set_up
from data.models import (
    NOBODY,
    Details,
    Draft,
    Horizon,
    Series,
    Session,
    SessionState,
    SessionView,
    Tone,
)
from data.refusal import Refusal
from data.schedule import drafts
from data.schedule.change_series import change_from, change_series
from data.schedule.series import add_series
from data.schedule.sessions import add_session, change_session, check_details
from data.store.transaction import Transaction


class Drafts(JellyCog):
    @form("setup", int)
    async def first_settings(self, interaction: Interaction, draft_id: int) -> None:
        values = form_values(interaction)
        channel = _channel(interaction, values["channel"])
        check_channel(channel)
        zone = checked_zone(values["zone"])

        def save(transaction: Transaction) -> Context:
            set_up(
                transaction,
                guild_id=guild_of(interaction),
                channel_id=channel.id,
                zone=zone,
                now=self.bot.clock.now(),
            )
            return context_of(transaction, interaction, draft_id, self.bot.clock.now())

        await show_preview(self.bot, interaction, await self.bot.database.write(save))

    @press("draft-change", int)
    async def change(self, interaction: Interaction, draft_id: int) -> None:
        draft = (await self._context(interaction, draft_id)).draft
        form_id = custom_id("draft-changed", draft_id)
        await interaction.response.send_modal(
            forms.jelly_form(form_id, "Change it", draft.details, draft.phrase)
        )

    @form("draft-changed", int)
    async def changed(self, interaction: Interaction, draft_id: int) -> None:
        await self._change(
            interaction,
            draft_id,
            lambda draft: (entered(interaction, draft.details), entered_phrase(interaction)),
        )

    @press("draft-seats", int)
    async def ask_for_seats(self, interaction: Interaction, draft_id: int) -> None:
        draft = (await self._context(interaction, draft_id)).draft
        form_id = custom_id("draft-seated", draft_id)
        await interaction.response.send_modal(forms.seats_form(form_id, draft.details))

    @form("draft-seated", int)
    async def seated(self, interaction: Interaction, draft_id: int) -> None:
        values = form_values(interaction)

        def change(draft: Draft) -> tuple[Details, str]:
            details = with_seats(
                draft.details,
                tone=values["tone"],
                seats=values["seats"],
                guests=values["guests"],
                closes=values["close"],
            )
            check_details(details)
            return details, draft.phrase

        await self._change(interaction, draft_id, change)

    async def _context(self, interaction: Interaction, draft_id: int) -> Context:
        now = self.bot.clock.now()
        return await self.bot.database.read(lambda t: context_of(t, interaction, draft_id, now))

    async def _change(
        self,
        interaction: Interaction,
        draft_id: int,
        change: Callable[[Draft], tuple[Details, str]],
    ) -> None:
        """Change a draft, and show it in place of what was pressed."""
        guild_id, user_id = guild_of(interaction), interaction.user.id

        def save(transaction: Transaction) -> Context:
            draft = drafts.find(transaction, draft_id, guild_id=guild_id, user_id=user_id)
            details, phrase = change(draft)
            drafts.change(
                transaction,
                draft_id,
                guild_id=guild_id,
                user_id=user_id,
                details=details,
                phrase=phrase,
            )
            return context_of(transaction, interaction, draft_id, self.bot.clock.now())

        context = await self.bot.database.write(save)
        await show_preview(self.bot, interaction, context, instead=True)

    @press("draft-read", int, int)
    async def read_instead(self, interaction: Interaction, draft_id: int, index: int) -> None:
        """Use one of the phrases that a refusal offered, counted from 0."""
        now = self.bot.clock.now()

        def take(transaction: Transaction) -> Context:
            context = context_of(transaction, interaction, draft_id, self.bot.clock.now())
            try:
                reading_of(context, now)
            except NotUnderstood as refusal:
                if 0 <= index < len(refusal.examples):
                    drafts.change(
                        transaction,
                        draft_id,
                        guild_id=guild_of(interaction),
                        user_id=interaction.user.id,
                        details=context.draft.details,
                        phrase=refusal.examples[index],
                    )
            return context_of(transaction, interaction, draft_id, self.bot.clock.now())

        context = await self.bot.database.write(take)
        await show_preview(self.bot, interaction, context, instead=True)

    @press("draft-save", int, int)
    async def save(self, interaction: Interaction, draft_id: int, previewed: int) -> None:
        """Post or save a draft; ``previewed`` is the preview's first start, in epoch seconds."""
        now = self.bot.clock.now()
        context = await self._context(interaction, draft_id)
        try:
            reading = reading_of(context, now)
        except NotUnderstood:
            reading = None
        if reading is None or int(reading.next_dates[0].starts_at.timestamp()) != previewed:
            # Time has passed since the preview, so that the words now mean another date.
            await show_preview(self.bot, interaction, context, instead=True)
            return
        horizon = self.bot.horizon_of(reading.schedule, now)

        def save(transaction: Transaction) -> Layout:
            if context_of(transaction, interaction, draft_id, now).draft != context.draft:
                raise Refusal("That preview is out of date; press Change to look at it again.")
            drafts.use_up(
                transaction,
                draft_id,
                guild_id=guild_of(interaction),
                user_id=interaction.user.id,
            )
            return _save(transaction, interaction, context, reading, horizon, now)

        view = await self.bot.database.write(save)
        await show_instead(interaction, view)
        await self.bot.mirrors.touch_lagging()
        self.bot.alarm.ring()


async def show_preview(
    bot: JellyBot, interaction: Interaction, context: Context, *, instead: bool = False
) -> None:
    """Show a draft to its author, as a new private message or in place of the one pressed."""
    now = bot.clock.now()
    try:
        reading = reading_of(context, now)
    except NotUnderstood as error:
        view = previews.draft_refused(context.draft, str(error), instead=error.examples)
    except Refusal as error:
        view = previews.draft_refused(context.draft, str(error))
    else:
        session = _as_session(context, reading)
        view = previews.draft_preview(
            context.draft,
            SessionView(session, context.roster),
            rule=describe(reading.schedule),
            next_dates=reading.next_dates,
            channel_id=context.settings.channel_id,
            posted_at=session.starts_at - context.settings.announce_before,
            impact=context.impact,
            now=now,
        )
    if instead:
        await show_instead(interaction, view)
    else:
        await show(interaction, view)


def details_of(what: str, where: str, about: str, host_id: int) -> Details:
    """Returns typed details, each on one line, except that ``about`` keeps its lines."""
    return Details(one_line(what), one_line(where), paragraphs(about), host_id)


def entered(interaction: Interaction, before: Details) -> Details:
    """Returns the details in the submitted form of a jelly; the rest as in ``before``."""
    values = form_values(interaction)
    host_id = _user(values["host"]) if values["host"] else interaction.user.id
    new = details_of(values["what"], values["where"], values["about"], host_id)
    return replace(before, title=new.title, place=new.place, about=new.about, host_id=new.host_id)


def entered_phrase(interaction: Interaction) -> str:
    """Returns the date phrase in the submitted form of a jelly."""
    return one_line(form_values(interaction)["when"])


def with_seats(details: Details, *, tone: str, seats: str, guests: str, closes: str) -> Details:
    """Returns details with the typed seats and tone. Raises Refusal with what to type."""
    try:
        span = closes.strip().casefold().removesuffix("before")
        answers_close = read_duration(span) if span else None
    except DurationNotUnderstood as error:
        raise not_understood(error) from error
    return replace(
        details,
        tone=_tone(tone) if tone else details.tone,
        capacity=_number(seats, "seats") if seats.strip() else None,
        most_guests=_number(guests, "guests"),
        answers_close=answers_close,
    )


def _tone(chosen: str) -> Tone:
    try:
        return Tone(chosen)
    except ValueError as error:
        raise Refusal("Choose one of the tones in the list.") from error


def _user(chosen: str) -> int:
    if not (chosen.isascii() and chosen.isdecimal() and 0 < int(chosen) <= LARGEST):
        raise Refusal("Choose the host from the list.")
    return int(chosen)


def _number(typed: str, what: str) -> int:
    if not (typed.strip().isascii() and typed.strip().isdecimal()):
        raise Refusal(f"“{what}” has to be a number; try again with digits, such as 8.")
    return int(typed)


def _save(
    transaction: Transaction,
    interaction: Interaction,
    context: Context,
    reading: Reading,
    horizon: Horizon,
    now: datetime,
) -> Layout:
    draft, settings, changed = context.draft, context.settings, context.changed
    details, jellies = draft.details, reading.schedule
    if isinstance(changed, Session) and draft.target.and_later:
        return _save_later(transaction, context, reading, horizon, now)
    if isinstance(changed, Session):
        session = change_session(
            transaction,
            changed.session_id,
            details=details,
            schedule=jellies,
            occurrence=reading.next_dates[0],
            now=now,
        )
        if session.version == changed.version:
            return previews.unchanged(details.title)
        return previews.saved(details.title, [session])
    if isinstance(changed, Series):
        sessions = change_series(
            transaction,
            changed.series_id,
            details=details,
            schedule=jellies,
            horizon=horizon,
            now=now,
        )
        return previews.saved(details.title, sessions)
    guild_id, user_id = settings.guild_id, interaction.user.id
    if jellies.rules:
        add_series(
            transaction,
            guild_id=guild_id,
            created_by=user_id,
            details=details,
            schedule=jellies,
            horizon=horizon,
            now=now,
        )
    else:
        add_session(
            transaction,
            guild_id=guild_id,
            created_by=user_id,
            details=details,
            schedule=jellies,
            occurrence=reading.next_dates[0],
            now=now,
        )
    first = reading.next_dates[0].starts_at
    return previews.posted(
        details.title,
        first=first,
        rule=describe(jellies) if jellies.rules else "",
        channel_id=settings.channel_id,
        posted_at=first - settings.announce_before,
        now=now,
    )


def _save_later(
    transaction: Transaction,
    context: Context,
    reading: Reading,
    horizon: Horizon,
    now: datetime,
) -> Layout:
    details, first = context.draft.details, context.changed
    assert isinstance(first, Session)
    assert reading.split is not None  # read for later dates, so it was split
    sessions = change_from(
        transaction,
        first,
        reading.split,
        details=details,
        schedule=reading.schedule,
        horizon=horizon,
        now=now,
    )
    return previews.saved(details.title, sessions)


def _as_session(context: Context, reading: Reading) -> Session:
    """Returns the session that the draft's card will show."""
    draft, first = context.draft, reading.next_dates[0]
    return Session(
        session_id=0,
        guild_id=draft.guild_id,
        series_id=None,
        recurrence_id=None,
        is_exception=False,
        details=draft.details,
        created_by=draft.user_id,
        schedule=replace(reading.schedule, start=first.recurrence_id),
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        state=SessionState.SCHEDULED,
        version=1,
        counts=NOBODY,
    )


def _channel(interaction: Interaction, channel_id: str) -> discord.abc.GuildChannel:
    guild = interaction.guild
    channel = guild.get_channel(int(channel_id)) if guild and channel_id.isdecimal() else None
    if channel is None:
        raise Refusal("I can't see that channel; type /jelly new again and choose another.")
    return channel


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Drafts(bot))
