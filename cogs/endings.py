"""Calling off, pausing and resuming: each is confirmed once, by a press."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.actions import changes
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import press, say_instead, show_instead, words_instead, words_of
from bot.members import actor_of
from bot.messages import endings as messages
from data.models import Ending


def until_pressed(text: str) -> datetime | None:
    """Returns the moment in a button's id, in epoch seconds; None for 0: until it is resumed.

    Raises ValueError if the moment is out of range.
    """
    try:
        return datetime.fromtimestamp(int(text), UTC) if int(text) else None
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error


class Endings(JellyCog):
    @press("cancel", Ending, int)
    async def cancel(self, interaction: Interaction, ending: Ending, number: int) -> None:
        found = await changes.end(self.bot, actor_of(interaction), ending, number)
        await show_instead(interaction, messages.called_off(words_of(interaction), found))

    @press("keep")
    async def keep(self, interaction: Interaction) -> None:
        await show_instead(interaction, messages.kept(words_of(interaction)))

    @press("series-pause", int, until_pressed)
    async def pause(self, interaction: Interaction, series_id: int, until: datetime | None) -> None:
        series = await changes.pause(self.bot, actor_of(interaction), series_id, until=until)
        text = messages.paused(words_instead(interaction), series.details.title, until)
        await say_instead(interaction, text)

    @press("series-go-on", int)
    async def go_on(self, interaction: Interaction, series_id: int) -> None:
        series = await changes.confirm(self.bot, actor_of(interaction), series_id)
        text = messages.goes_on(words_instead(interaction), series.details.title)
        await say_instead(interaction, text)

    @press("series-end", int)
    async def end(self, interaction: Interaction, series_id: int) -> None:
        found = await changes.end(self.bot, actor_of(interaction), Ending.END, series_id)
        text = messages.ended(words_instead(interaction), found.jelly.details.title)
        await say_instead(interaction, text)


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Endings(bot))
