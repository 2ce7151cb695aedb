"""``/settings``: a server's settings, and the form for those that have no default."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import discord
from discord import app_commands

from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import guild_of, say
from bot.messages import lists
from bot.permissions import check_channel
from bot.phrases.en import DurationNotUnderstood, UnknownZone, check_zone, find_zones, read_duration
from cogs.readings import not_understood
from data.change_settings import save
from data.limits import DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, MOST_REMINDERS
from data.models import GuildSettings
from data.refusal import Refusal
from data.settings import settings_of
from data.store.transaction import Transaction

NONE = "none"
_CARD_SPANS = ("1 day", "3 days", "6 days", "1 week", "2 weeks")
_OFFERS_WITHIN = ("12 hours", "6 hours", "1 day", "none")
_OFFER_TIMES = ("1 hour", "30 minutes", "2 hours")
_REMINDER_SPANS = ("1 day, 1 hour", "2 days, 2 hours", "1 week, 1 day, 1 hour", "1 hour", "none")


class Settings(JellyCog):
    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        channel="Where cards and reminders are posted",
        zone="The time zone in which times are read, such as Europe/London",
        card="How long before a jelly its card is posted, such as: 6 days",
        reminders="When to remind, such as: 1 day, 1 hour; or none",
        host_role="The role that may host; @everyone lets everybody",
        offers_within="How long before a jelly free seats are only offered, such as: 12 hours",
        offer_time="How long somebody has to take an offered seat, such as: 1 hour",
        thanks="Whether the channel gets a monthly post that thanks the hosts",
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
        """See or change how Jelly works in this server"""
        guild_id = guild_of(interaction)
        zone = None if zone is None else checked_zone(zone)
        announce_before = None if card is None else _span(card)
        offsets = None if reminders is None else _reminders(reminders)
        offer_within = None if offers_within is None else _span_or_none(offers_within)
        offer_for = None if offer_time is None else _span(offer_time)
        if channel is not None:
            check_channel(channel)

        def change(
            transaction: Transaction,
        ) -> tuple[GuildSettings, GuildSettings | None]:
            now = settings_of(transaction, guild_id)
            channel_id = channel.id if channel else now.channel_id if now else None
            zone_now = zone or (now.zone if now else None)
            if channel_id is None or zone_now is None:
                raise Refusal(
                    "Choose a channel and a time zone first, both in one go: "
                    "/settings channel: zone:"
                )
            new = now or GuildSettings(
                guild_id, channel_id, zone_now, DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, None
            )
            new = replace(new, channel_id=channel_id, zone=zone_now)
            if announce_before is not None:
                new = replace(new, announce_before=announce_before)
            if offsets is not None:
                new = replace(new, reminders=offsets)
            if host_role is not None:
                new = replace(new, host_role_id=None if host_role.is_default() else host_role.id)
            if offer_within is not None:
                new = replace(new, offer_within=offer_within)
            if offer_for is not None:
                new = replace(new, offer_for=offer_for)
            if thanks is not None:
                new = replace(new, thanks_hosts=thanks)
            if new == now:
                return new, None
            return save(transaction, new, now=self.bot.clock.now()), now

        settings, before = await self.bot.database.write(change)
        self.bot.alarm.ring()
        await say(interaction, lists.settings(settings, before))

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


def checked_zone(typed: str) -> str:
    """Returns the IANA zone that was typed or chosen. Raises Refusal with the nearest ones."""
    try:
        return check_zone(typed)
    except UnknownZone as error:
        raise not_understood(error) from error


def _span(typed: str) -> timedelta:
    try:
        return read_duration(typed)
    except ValueError as error:
        raise not_understood(error) from error


def _span_or_none(typed: str) -> timedelta:
    """Returns the typed length of time; zero for "none". Raises Refusal."""
    return timedelta() if typed.strip().casefold() == NONE else _span(typed)


def _reminders(typed: str) -> tuple[timedelta, ...]:
    """Returns the typed lengths of time, separated by commas. Raises Refusal with what to type."""
    if typed.strip().casefold() == NONE:
        return ()
    parts = [part for part in typed.replace(" and ", ",").split(",") if part.strip()]
    if len(parts) > MOST_REMINDERS:
        raise Refusal(f"At most {MOST_REMINDERS} reminders are possible; leave some out.")
    try:
        return tuple(sorted((read_duration(part) for part in parts), reverse=True))
    except DurationNotUnderstood as error:
        how = "Several reminders stand apart by commas; “none” turns them off."
        raise Refusal(f"{not_understood(error)} {how}") from error


def _beginning_with(typed: str, spans: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    typed = typed.strip()
    own = (typed,) if typed and typed not in spans else ()
    fitting = [span for span in spans if span.startswith(typed.casefold())]
    return [app_commands.Choice(name=span[:100], value=span[:100]) for span in (*own, *fitting)]


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Settings(bot))
