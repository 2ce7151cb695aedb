"""``/me``: a member's own record and preferred mood, and what is stored about them; private."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import discord
from discord import app_commands

from bot.actions import invitations, personal, records
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import defer_instead, press, say, say_instead, words_of
from bot.language import N_, Words
from bot.members import actor_of
from bot.messages import lists
from bot.messages import personal as personal_data
from bot.messages.buttons import DANGER, Payload, Row, button, row
from bot.messages.card import MOOD_LABELS
from data.models import Hosted, Mood, Record

ASK_EACH_TIME = "ask"


def mood_pressed(text: str) -> Mood | None:
    """Returns the mood in a button's id; None if the member is to be asked each time."""
    return None if text == ASK_EACH_TIME else Mood(text)


class Records(JellyCog):
    me = app_commands.Group(
        name="me", description=N_("What Jelly knows about you; only you see it"), guild_only=True
    )

    @me.command(name="record", description=N_("See where you were, and say how you like to work"))
    async def record(self, interaction: Interaction) -> None:
        words = words_of(interaction)
        record = await records.record(self.bot, actor_of(interaction))
        text, pages = lists.record(words, record)
        await say(interaction, text, buttons=_moods(words), below=_below(words, record, pages))

    @press("record-page", int)
    async def record_page(self, interaction: Interaction, start: int) -> None:
        """Show the page that begins at a position."""
        record = await records.record(self.bot, actor_of(interaction), start=start)
        await self._show_record(interaction, record)

    @me.command(name="export", description=N_("Get everything stored about you"))
    async def export(self, interaction: Interaction) -> None:
        actor, words, now = actor_of(interaction), words_of(interaction), self.bot.clock.now()
        found = await personal.export(self.bot, actor)
        files = [
            discord.File(BytesIO(data), name)
            for data, name in (
                (personal_data.as_text(words, found, actor.user_id, now), "jelly-about-me.txt"),
                (personal_data.as_json(found, actor.user_id, now), "jelly-about-me.json"),
            )
        ]
        await interaction.response.send_message(
            words(
                "Here's everything stored about you in this bot's servers, once to read "
                "and once for programs."
            ),
            files=files,
            ephemeral=True,
        )

    @me.command(name="forget", description=N_("Delete everything stored about you"))
    async def forget(self, interaction: Interaction) -> None:
        hosted = await personal.to_forget(self.bot, actor_of(interaction))
        words = words_of(interaction)
        await say(
            interaction,
            personal_data.question(words, hosted.dates, hosted.series),
            buttons=row(
                button(words("Delete everything about me"), "forget", style=DANGER),
                _cancel(words),
            ),
        )

    @press("forget")
    async def confirm_forgetting(self, interaction: Interaction) -> None:
        hosted = await personal.to_forget(self.bot, actor_of(interaction))
        await self._ask_again(interaction, hosted.dates, hosted.series)

    @press("forget-nothing")
    async def forget_nothing(self, interaction: Interaction) -> None:
        words = words_of(interaction)
        await say_instead(interaction, words("Nothing was deleted."))

    @press("forgotten", int, int)
    async def forgotten(self, interaction: Interaction, dates: int, series: int) -> None:
        words = words_of(interaction)
        # Rewriting a large file may take longer than Discord waits for an answer.
        await defer_instead(interaction)
        done = await personal.forget(self.bot, actor_of(interaction), Hosted(dates, series))
        if done.is_done:
            text, view = words("Done: nothing is stored about you any more."), None
        else:
            text = personal_data.confirmation(words, *done.hosted)
            view = Row(_last_button(words, *done.hosted))
        await interaction.edit_original_response(content=text, view=view)

    async def _ask_again(self, interaction: Interaction, dates: int, series: int) -> None:
        words = words_of(interaction)
        await say_instead(
            interaction,
            personal_data.confirmation(words, dates, series),
            buttons=_last_button(words, dates, series),
        )

    @press("usual-mood", mood_pressed)
    async def usual_mood(self, interaction: Interaction, mood: Mood | None) -> None:
        record = await records.prefer_mood(self.bot, actor_of(interaction), mood)
        await self._show_record(interaction, record)

    @press("take-invitations", int)
    async def take_invitations(self, interaction: Interaction, takes: int) -> None:
        record = await invitations.take(self.bot, actor_of(interaction), takes=bool(takes))
        await self._show_record(interaction, record)

    async def _show_record(self, interaction: Interaction, record: Record) -> None:
        words = words_of(interaction)
        text, pages = lists.record(words, record)
        below = _below(words, record, pages)
        await say_instead(interaction, text, buttons=_moods(words), below=below)


def _moods(words: Words) -> Payload:
    return row(
        *(button(words(label), "usual-mood", mood) for mood, label in MOOD_LABELS.items()),
        button(words("Ask each time"), "usual-mood", ASK_EACH_TIME),
    )


def _below(words: Words, record: Record, pages: Sequence[Payload]) -> Payload:
    """Returns whether to take invitations, and the next page, after the last the first."""
    takes_all = record.takes_invitations and not record.refused_hosts
    label = words("No invitations") if takes_all else words("Invitations from everyone")
    return row(
        button(label, "take-invitations", int(not takes_all)),
        *pages[-1:],
    )


def _last_button(words: Words, dates: int, series: int) -> Payload:
    label = words("Yes, delete everything about me")
    return row(button(label, "forgotten", dates, series, style=DANGER), _cancel(words))


def _cancel(words: Words) -> Payload:
    return button(words("Cancel"), "forget-nothing")


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Records(bot))
