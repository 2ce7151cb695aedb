"""Private previews of drafts, which a press posts or saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import discord

from bot.actions import drafts, saving
from bot.actions.actor import Person
from bot.actions.details import details_of, with_seats
from bot.actions.edits import SEATS_FORM, filled_with
from bot.actions.previews import Preview
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import form, press, say_instead, show, show_instead, words_of
from bot.language import CHANNEL_LOCALE, Words, words_for
from bot.language.typed import one_line
from bot.members import actor_of
from bot.messages import forms, previews, saved_drafts
from bot.messages.buttons import Layout, button, custom_id, packed, row, unpacked
from bot.messages.conflicts import both_versions
from bot.messages.text import said
from bot.permissions import check_channel
from bot.phrases.en import NotUnderstood, describe
from bot.submitted import channel_chosen, form_values, person_chosen
from data.limits import LONGEST_LABEL, MOST_INSTEAD
from data.models import Details, Draft, SessionView
from data.refusal import Refusal


class Drafts(JellyCog):
    @form("setup", int)
    async def first_settings(self, interaction: Interaction, draft_id: int) -> None:
        words, values = words_of(interaction), form_values(interaction)
        try:
            channel = _channel(interaction, values["channel"])
            check_channel(channel)
            preview = await drafts.set_up(
                self.bot,
                actor_of(interaction),
                draft_id,
                channel_id=channel.id,
                zone=values["zone"],
            )
        except Refusal as refusal:
            typed = packed([values["channel"], values["zone"]], "setup-again", draft_id)
            again = button(words("Change it"), "setup-again", draft_id, typed)
            await say_instead(interaction, said(words, refusal.sentence), buttons=row(again))
        else:
            await show(interaction, layout_of(words, preview, self.bot.clock.now()))

    @press("setup-again", int, str)
    async def first_settings_again(
        self, interaction: Interaction, draft_id: int, typed: str
    ) -> None:
        """Open the form of the first settings with what was refused."""
        channel, zone, *_ = (*unpacked(typed), "")
        channel_id = int(channel) if channel.isascii() and channel.isdecimal() else 0
        await interaction.response.send_modal(
            forms.setup_form(words_of(interaction), draft_id, channel_id, zone)
        )

    @press("draft-change", int)
    async def change(self, interaction: Interaction, draft_id: int) -> None:
        draft = await drafts.draft_of(self.bot, actor_of(interaction), draft_id)
        filled = filled_with(draft.details, draft.phrase)
        form_id = custom_id("draft-changed", draft_id, filled)
        words = words_of(interaction)
        await interaction.response.send_modal(
            forms.jelly_form(words, form_id, words("Change it"), draft.details, draft.phrase)
        )

    @form("draft-changed", int, str)
    async def changed(self, interaction: Interaction, draft_id: int, filled: str) -> None:
        preview = await drafts.revise(
            self.bot,
            actor_of(interaction),
            draft_id,
            lambda draft: (entered(interaction, draft.details), entered_phrase(interaction)),
            filled=filled,
            host=entered_host(interaction),
        )
        await self._show_instead(interaction, preview)

    @press("draft-seats", int)
    async def ask_for_seats(self, interaction: Interaction, draft_id: int) -> None:
        await self._ask_for_seats(interaction, draft_id)

    @press("draft-seats-again", int, str)
    async def ask_for_seats_again(
        self, interaction: Interaction, draft_id: int, typed: str
    ) -> None:
        """Open the form for seats and tone with what was refused."""
        await self._ask_for_seats(interaction, draft_id, unpacked(typed))

    async def _ask_for_seats(
        self, interaction: Interaction, draft_id: int, typed: Sequence[str] = ()
    ) -> None:
        draft = await drafts.draft_of(self.bot, actor_of(interaction), draft_id)
        filled = filled_with(draft.details, draft.phrase, SEATS_FORM)
        form_id = custom_id("draft-seated", draft_id, filled)
        now = forms.seats_typed(draft.details)
        fields = typed if len(typed) == len(now) else now
        await interaction.response.send_modal(
            forms.seats_form(words_of(interaction), form_id, fields)
        )

    @form("draft-seated", int, str)
    async def seated(self, interaction: Interaction, draft_id: int, filled: str) -> None:
        values = form_values(interaction)
        # If it is gone, there is nothing to type anew.
        await drafts.draft_of(self.bot, actor_of(interaction), draft_id)

        def change(draft: Draft) -> tuple[Details, str]:
            details = with_seats(
                draft.details,
                tone=values["tone"],
                seats=values["seats"],
                guests=values["guests"],
                closes=values["close"],
            )
            return details, draft.phrase

        try:
            preview = await drafts.revise(
                self.bot,
                actor_of(interaction),
                draft_id,
                change,
                filled=filled,
                fields=SEATS_FORM,
            )
        except Refusal as refusal:
            typed = [values[name] for name in forms.SEATS_FIELDS]
            layout = previews.seats_refused(
                words_of(interaction), draft_id, refusal.sentence, typed
            )
            await show_instead(interaction, layout)
        else:
            await self._show_instead(interaction, preview)

    @press("draft-read", int, int)
    async def read_instead(self, interaction: Interaction, draft_id: int, index: int) -> None:
        """Use one of the phrases that a refusal offered, counted from 0."""
        preview = await drafts.read_instead(self.bot, actor_of(interaction), draft_id, index)
        await self._show_instead(interaction, preview)

    @press("draft-save", int, str)
    async def save(self, interaction: Interaction, draft_id: int, promised: str) -> None:
        """Post or save a draft; ``promised`` is what its preview said of the dates."""
        actor = actor_of(interaction)
        saved = await saving.save(self.bot, actor, draft_id, promised=promised)
        await self._show_saved(interaction, saved)

    @press("draft-over", int, str, str)
    async def save_over(
        self, interaction: Interaction, draft_id: int, promised: str, fingerprint: str
    ) -> None:
        """Save a draft on top of what others changed, a version of which this was shown with."""
        saved = await saving.save(
            self.bot, actor_of(interaction), draft_id, promised=promised, over=fingerprint
        )
        await self._show_saved(interaction, saved)

    @press("draft-discard", int)
    async def discard(self, interaction: Interaction, draft_id: int) -> None:
        draft = await saving.discard(self.bot, actor_of(interaction), draft_id)
        await show_instead(interaction, saved_drafts.discarded(words_of(interaction), draft))

    async def _show_saved(
        self, interaction: Interaction, saved: Preview | saving.Posted | saving.Changed
    ) -> None:
        words, now = words_of(interaction), self.bot.clock.now()
        match saved:
            case Preview() as preview:
                await self._show_instead(interaction, preview)
            case saving.Posted() as posted:
                layout = saved_drafts.posted(
                    words,
                    posted.details.title,
                    first=posted.first,
                    rule=posted.rule,
                    channel_id=posted.channel_id,
                    posted_at=posted.posted_at,
                    asked_host_id=posted.asked_host_id,
                    adds_date=posted.adds_date,
                    now=now,
                )
                await show_instead(interaction, layout)
            case saving.Changed(details, sessions, asked):
                changed = (
                    saved_drafts.unchanged(words, details.title, asked_host_id=asked)
                    if sessions is None
                    else saved_drafts.saved(words, details.title, sessions, asked_host_id=asked)
                )
                await show_instead(interaction, changed)

    async def _show_instead(self, interaction: Interaction, preview: Preview) -> None:
        layout = layout_of(words_of(interaction), preview, self.bot.clock.now())
        await show_instead(interaction, layout)


def layout_of(words: Words, preview: Preview, now: datetime) -> Layout:
    """Returns a draft as its author is shown it, or why it can't be posted."""
    context, reading = preview.context, preview.reading
    conflict = _conflict(words, preview)
    problem = None if preview.problem is None else preview.problem.sentence
    if reading is None:
        refusal = preview.refusal
        assert refusal is not None  # since there is no reading
        if not isinstance(refusal, NotUnderstood):
            return previews.draft_refused(
                words, context.draft, refusal.sentence, conflict=conflict, problem=problem
            )
        fits = len(refusal.examples) <= MOST_INSTEAD and all(
            len(phrase) <= LONGEST_LABEL for phrase in refusal.examples
        )
        return previews.draft_refused(
            words,
            context.draft,
            # What the buttons say whole needs no second sentence.
            refusal.problem if fits else refusal.sentence,
            instead=refusal.examples,
            conflict=conflict,
            problem=problem,
        )
    session = context.as_session(reading)
    return previews.draft_preview(
        words,
        context.draft,
        SessionView(session, context.roster),
        card_words=words_for(CHANNEL_LOCALE),
        rule=describe(reading.schedule, now=now),
        next_dates=reading.next_dates,
        promised=preview.promised,
        shifted=preview.shifted,
        channel_id=context.settings.channel_id,
        posted_at=context.settings.announced_at(session.starts_at, session.schedule.zone),
        impact=preview.impact,
        asked_host_id=context.draft.details.host_id if context.asks_host else None,
        conflict=conflict,
        problem=problem,
        now=now,
    )


def _conflict(words: Words, preview: Preview) -> previews.Conflict | None:
    """Returns both versions of what a draft is about, if others changed it meanwhile."""
    context, reading = preview.context, preview.reading
    draft, jelly = context.draft, context.jelly
    if jelly is None or not context.is_outdated:
        return None
    typed = draft.phrase if reading is None else describe(reading.schedule, with_start=True)
    dates = (context.phrase, typed) if context.phrase else None
    text = both_versions(words, jelly.details, draft.details, dates=dates, changed=draft.changed)
    return previews.Conflict(text, context.fingerprint)


def entered(interaction: Interaction, before: Details) -> Details:
    """Returns the details in the submitted form of a jelly; the rest as in ``before``."""
    values = form_values(interaction)
    new = details_of(values["what"], values["where"], values["about"], before.host_id)
    return replace(before, title=new.title, place=new.place, about=new.about)


def entered_host(interaction: Interaction) -> Person | None:
    """Returns the host chosen in the submitted form of a jelly; None if none was."""
    return person_chosen(interaction, form_values(interaction)["host"])


def entered_phrase(interaction: Interaction) -> str:
    """Returns the date phrase in the submitted form of a jelly."""
    return one_line(form_values(interaction)["when"])


def _channel(interaction: Interaction, chosen: str) -> discord.abc.GuildChannel:
    channel = channel_chosen(interaction, chosen)
    if channel is None:
        raise Refusal("I can't see that channel. Choose another.")
    return channel


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Drafts(bot))
