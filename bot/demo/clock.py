"""A clock that the demo moves forward, and ``/time``, which moves it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.clock import Clock
from bot.discord_types import Interaction
from bot.interactions import say, words_of
from bot.language import N_
from bot.messages.text import timestamp
from bot.phrases.en import read_duration
from data.refusal import Refusal

FURTHEST = timedelta(weeks=8)


class DemoClock(Clock):
    """The machine's clock plus the time by which it was moved forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def machine_time(self, moment: datetime) -> datetime:
        return moment - self.ahead


class TimeTravel(JellyCog):
    """``/time``, which exists only in the demo."""

    def __init__(self, bot: JellyBot, jumps: asyncio.Queue[timedelta]) -> None:
        super().__init__(bot)
        self._jumps = jumps

    @app_commands.command(
        name="time", description=N_("Demo only: move time forward and watch what the bot does")
    )
    @app_commands.describe(forward=N_("How far, such as: 1 hour, 1 day, 1 week"))
    async def time_(self, interaction: Interaction, forward: str) -> None:
        span = read_duration(forward)
        if not timedelta(0) < span <= FURTHEST:
            raise Refusal("Time can move forward by up to 8 weeks at once, such as 1 day.")
        then = self.bot.clock.now() + span
        self._jumps.put_nowait(span)
        words = words_of(interaction)
        await say(
            interaction,
            words("It will be {when} in a moment. Watch the channel.", when=timestamp(then, "F")),
        )

    @time_.autocomplete("forward")
    async def _spans(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        spans = ("1 hour", "6 hours", "1 day", "3 days", "1 week", "2 weeks")
        return [
            app_commands.Choice(name=span, value=span)
            for span in spans
            if span.startswith(typed.strip())
        ]
