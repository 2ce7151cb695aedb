"""Calling off, pausing and resuming: each is confirmed once, by a press."""

from __future__ import annotations

from datetime import datetime

from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import press, say, say_instead, show, show_instead
from bot.messages import previews
from bot.messages.buttons import Layout
from bot.phrases.en import describe
from cogs.choices import one_date
from cogs.readings import jelly_to_change
from data.models import Series, Session, Target
from data.outbox.plan import channel_of
from data.people.session_views import card_view
from data.refusal import Refusal
from data.rows import moment
from data.schedule.pauses import confirm_series, pause_series
from data.schedule.series import cancel_series, series_ahead
from data.schedule.sessions import cancel_session
from data.settings import settings_of
from data.store.transaction import Transaction


def until_pressed(text: str) -> datetime | None:
    """Returns the moment in a button's id, in epoch seconds; None for 0: until it is resumed.

    Raises ValueError if the moment is out of range.
    """
    try:
        return moment(int(text)) if int(text) else None
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error


class Endings(JellyCog):
    @press("cancel", str, int)
    async def cancel(self, interaction: Interaction, kind: str, number: int) -> None:
        now = self.bot.clock.now()
        target = Target(session_id=number) if kind == "session" else Target(series_id=number)

        def call_off(transaction: Transaction) -> Session | Series:
            found = jelly_to_change(transaction, interaction, target)
            if isinstance(found, Session):
                cancel_session(transaction, found.session_id, now=now)
            else:
                cancel_series(transaction, found.series_id, now=now)
            return found

        found = await self.bot.database.write(call_off)
        await show_instead(interaction, previews.called_off(found))
        await self._follow_up()

    @press("keep")
    async def keep(self, interaction: Interaction) -> None:
        await show_instead(interaction, previews.kept())

    @press("series-pause", int, until_pressed)
    async def pause(self, interaction: Interaction, series_id: int, until: datetime | None) -> None:
        now = self.bot.clock.now()

        def change(transaction: Transaction) -> Series:
            series = self._series(transaction, interaction, series_id)
            pause_series(transaction, series_id, until=until, now=now)
            return series

        series = await self.bot.database.write(change)
        await say_instead(interaction, previews.paused(series.details.title, until))
        await self._follow_up()

    @press("series-go-on", int)
    async def go_on(self, interaction: Interaction, series_id: int) -> None:
        def change(transaction: Transaction) -> Series:
            self._series(transaction, interaction, series_id)
            return confirm_series(transaction, series_id, now=self.bot.clock.now())

        series = await self.bot.database.write(change)
        await say_instead(interaction, previews.goes_on(series.details.title))

    @press("series-end", int)
    async def end(self, interaction: Interaction, series_id: int) -> None:
        def change(transaction: Transaction) -> Series:
            series = self._series(transaction, interaction, series_id)
            cancel_series(transaction, series_id, now=self.bot.clock.now())
            return series

        series = await self.bot.database.write(change)
        await say_instead(interaction, previews.ended(series.details.title))
        await self._follow_up()

    async def _follow_up(self) -> None:
        await self.bot.mirrors.touch_lagging()
        self.bot.alarm.ring()

    def _series(self, transaction: Transaction, interaction: Interaction, series_id: int) -> Series:
        series = jelly_to_change(transaction, interaction, Target(series_id=series_id))
        assert isinstance(series, Series)  # the target is a series
        return series


async def ask_to_cancel(bot: JellyBot, interaction: Interaction, found: Session | Series) -> None:
    """Ask whether to call off a session or a whole series. Raises Refusal."""
    now = bot.clock.now()

    def question(transaction: Transaction) -> Layout:
        if isinstance(found, Series):
            settings = settings_of(transaction, found.guild_id)
            channel_id = settings.channel_id if settings else 0
            dates = series_ahead(transaction, found.series_id, now=now)
            rule = describe(found.schedule)
            return previews.cancel_series_question(found, rule, len(dates), channel_id)
        view = card_view(transaction, found.session_id)
        if view is None:
            raise Refusal("That jelly is gone. Type /jelly list to see what is on.")
        return previews.cancel_session_question(view, channel_of(transaction, found))

    await show(interaction, await bot.database.read(question))


async def ask_to_pause(
    bot: JellyBot, interaction: Interaction, series: Series, until: str | None
) -> None:
    """Ask whether to leave out the dates of a series until a day. Raises Refusal."""
    now = bot.clock.now()
    ends_at = None if until is None else _day(until, series.schedule.zone, now)
    ahead = await bot.database.read(lambda t: series_ahead(t, series.series_id, now=now))
    dates = sum(1 for one in ahead if ends_at is None or one.starts_at < ends_at)
    question, buttons = previews.pause_question(series, dates, ends_at)
    await say(interaction, question, buttons=buttons)


def _day(typed: str, zone: str, now: datetime) -> datetime:
    """Returns the moment at which a day begins. Raises Refusal if it can't be read."""
    try:
        return one_date(f"{typed} 00:00", zone=zone, now=now).starts_at
    except Refusal as error:
        raise Refusal("Say the day on which it goes on, such as: jan 5, or next monday.") from error


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Endings(bot))
