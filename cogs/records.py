"""``/me record``: a member's own record and preferred mood; private."""

from __future__ import annotations

from discord import app_commands

from bot.actions import records
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import actor_of, press, say, say_instead, words_of
from bot.language import N_, Words
from bot.messages import lists
from bot.messages.buttons import Payload, button, row
from bot.messages.card import MOOD_LABELS
from data.models import Mood

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
        record = await records.record(self.bot, actor_of(interaction))
        await say(
            interaction,
            lists.record(words_of(interaction), record),
            buttons=_usual_mood_buttons(words_of(interaction)),
        )

    @press("usual-mood", mood_pressed)
    async def usual_mood(self, interaction: Interaction, mood: Mood | None) -> None:
        record = await records.prefer_mood(self.bot, actor_of(interaction), mood)
        await say_instead(
            interaction,
            lists.record(words_of(interaction), record),
            buttons=_usual_mood_buttons(words_of(interaction)),
        )


def _usual_mood_buttons(words: Words) -> Payload:
    return row(
        *(button(words(label), "usual-mood", mood) for mood, label in MOOD_LABELS.items()),
        button(words("Ask each time"), "usual-mood", ASK_EACH_TIME),
    )


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Records(bot))
