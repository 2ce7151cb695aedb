"""``/settings``: a server's settings, and the form for those that have no default."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.actions.settings import change_settings
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import actor_of, say, words_of
from bot.language import N_
from bot.messages import lists
from bot.permissions import check_channel
from bot.phrases.en import find_zones

_CARD_SPANS = ("1 day", "3 days", "6 days", "1 week", "2 weeks")
_OFFERS_WITHIN = ("12 hours", "6 hours", "1 day", "none")
_OFFER_TIMES = ("1 hour", "30 minutes", "2 hours")
_REMINDER_SPANS = ("1 day, 1 hour", "2 days, 2 hours", "1 week, 1 day, 1 hour", "1 hour", "none")


class Settings(JellyCog):
    @app_commands.command(description=N_("See or change how Jelly works in this server"))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        channel=N_("Where cards and reminders are posted"),
        zone=N_("The time zone in which times are read, such as Europe/London"),
        card=N_("How long before a jelly its card is posted, such as: 6 days"),
        reminders=N_("When to remind, such as: 1 day, 1 hour; or none"),
        host_role=N_("The role that may host; @everyone lets everybody"),
        offers_within=N_("How long before a jelly free seats are only offered, such as: 12 hours"),
        offer_time=N_("How long somebody has to take an offered seat, such as: 1 hour"),
        thanks=N_("Whether the channel gets a monthly post that thanks the hosts"),
    )
    async def settings(
        self,
        interaction: Interaction,
        channel: discord.TextChannel | None = None,
        zone: str | None = None,
        card: str | None = None,
        reminders: str | None = None,
        host_role: discord.Role | None = None,
        offers_within: str | None = None,
        offer_time: str | None = None,
        thanks: bool | None = None,
    ) -> None:
        if channel is not None:
            check_channel(channel)
        settings, before = await change_settings(
            self.bot,
            actor_of(interaction),
            channel_id=channel.id if channel else None,
            zone=zone,
            card=card,
            reminders=reminders,
            host_role_id=None
            if host_role is None
            else 0
            if host_role.is_default()
            else host_role.id,
            offers_within=offers_within,
            offer_time=offer_time,
            thanks=thanks,
        )
        await say(interaction, lists.settings(words_of(interaction), settings, before))

    @settings.autocomplete("zone")
    async def _zones(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=zone, value=zone) for zone in find_zones(typed)]

    @settings.autocomplete("card")
    async def _cards(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return _beginning_with(typed, _CARD_SPANS)

    @settings.autocomplete("offers_within")
    async def _offers_within(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _beginning_with(typed, _OFFERS_WITHIN)

    @settings.autocomplete("offer_time")
    async def _offer_time(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _beginning_with(typed, _OFFER_TIMES)

    @settings.autocomplete("reminders")
    async def _reminders(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _beginning_with(typed, _REMINDER_SPANS)


def _beginning_with(typed: str, spans: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    typed = typed.strip()
    own = (typed,) if typed and typed not in spans else ()
    fitting = [span for span in spans if span.startswith(typed.casefold())]
    return [app_commands.Choice(name=span[:100], value=span[:100]) for span in (*own, *fitting)]


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Settings(bot))
