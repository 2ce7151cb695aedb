"""``/settings``: what is decided for a server and its channel, and the forms that change it."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands

from bot.actions.settings import Typed, change_settings, settings_now
from bot.app import JellyBot, JellyCog
from bot.discord_types import Interaction
from bot.interactions import form, press, say, say_instead, words_of
from bot.language import N_
from bot.members import actor_of
from bot.messages import settings as messages
from bot.messages.settings import Group
from bot.messages.text import said
from bot.permissions import check_channel, may_mention
from bot.phrases.en import find_zones
from bot.submitted import channel_chosen, chosen_values, form_values
from data.models import Limits
from data.refusal import Refusal

_CARD_SPANS = ("1 day", "3 days", "6 days", "1 week", "2 weeks")
_OFFERS_WITHIN = ("12 hours", "6 hours", "1 day", "none")
_OFFER_TIMES = ("1 hour", "30 minutes", "2 hours")
_QUIET_HOURS = ("22:00-08:00", "23:00-07:00", "none")
_REMINDER_SPANS = ("1 day, 1 hour", "2 days, 2 hours", "1 week, 1 day, 1 hour", "1 hour", "none")


class Settings(JellyCog):
    @app_commands.command(description=N_("See or change how Jelly works in this server"))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        channel=N_("Where cards and reminders are posted"),
        zone=N_("The time zone in which times are read, e.g. Europe/London"),
        card=N_("How long before a jelly its card is posted, e.g. 6 days"),
        reminders=N_("When to remind, e.g. 1 day, 1 hour; or none"),
        host_role=N_("The role that may host; @everyone for everyone"),
        offers_within=N_("From when free seats are offered, not given, e.g. 12 hours"),
        offer_time=N_("How long someone has to take an offered seat, e.g. 1 hour"),
        thanks=N_("Whether the channel gets a monthly post that thanks the hosts"),
        quiet_hours=N_("When no one is pinged, e.g. 22:00-08:00; or none"),
        tidy=N_("Whether replaced and settled messages are deleted"),
        card_role=N_("A role that each new card mentions"),
        organizers=N_("Where organizers hear about messages that couldn't be sent"),
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
        quiet_hours: str | None = None,
        tidy: bool | None = None,
        card_role: discord.Role | None = None,
        organizers: discord.TextChannel | None = None,
    ) -> None:
        for one in (channel, organizers):
            if one is not None:
                check_channel(one)
        typed = Typed(
            channel_id=channel.id if channel else None,
            zone=zone,
            card=card,
            reminders=reminders,
            host_role_id=None if host_role is None else _id_of(host_role),
            offers_within=offers_within,
            offer_time=offer_time,
            thanks=thanks,
            organizers_channel_id=organizers.id if organizers else None,
            quiet_hours=quiet_hours,
            tidy=tidy,
        )
        if card_role is not None:
            typed = _with_card_role(typed, card_role)
        if typed == Typed():
            await self._show(interaction)
        else:
            settings, before = await change_settings(self.bot, actor_of(interaction), typed)
            text, groups = messages.panel(words_of(interaction), settings, before)
            await say(interaction, text, buttons=groups)

    @press("settings-change")
    async def change(self, interaction: Interaction) -> None:
        """Open the form of the group that was chosen from the list."""
        await self._open(interaction, _group(*chosen_values(interaction)))

    @press("settings-again", Group, str)
    async def change_again(self, interaction: Interaction, group: Group, typed: str) -> None:
        """Open a form that was refused, with what was typed into it."""
        await self._open(interaction, group, messages.typed_before(group, typed))

    @form("settings-changed", Group, str)
    async def changed(self, interaction: Interaction, group: Group, based_on: str) -> None:
        words, values = words_of(interaction), form_values(interaction)
        try:
            typed = _typed(interaction, group)
            settings, before = await change_settings(
                self.bot, actor_of(interaction), typed, based_on=based_on
            )
        except Refusal as refusal:
            again = messages.again(words, group, values)
            await say_instead(interaction, said(words, refusal.sentence), buttons=again)
        else:
            text, groups = messages.panel(words, settings, before)
            await say_instead(interaction, text, buttons=groups)

    async def _show(self, interaction: Interaction) -> None:
        settings = await settings_now(self.bot, actor_of(interaction))
        if settings is None:
            await self._open(interaction, Group.PLACE)
        else:
            text, groups = messages.panel(words_of(interaction), settings)
            await say(interaction, text, buttons=groups)

    async def _open(
        self, interaction: Interaction, group: Group, typed: dict[str, str] | None = None
    ) -> None:
        settings = await settings_now(self.bot, actor_of(interaction))
        modal = messages.form(
            words_of(interaction),
            Group.PLACE if settings is None else group,
            settings,
            typed,
            channel_id=interaction.channel_id or 0,
            zone=likely_zone(interaction),
        )
        await interaction.response.send_modal(modal)

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

    @settings.autocomplete("quiet_hours")
    async def _quiet_hours(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _beginning_with(typed, _QUIET_HOURS)

    @settings.autocomplete("reminders")
    async def _reminders(
        self, interaction: Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        return _beginning_with(typed, _REMINDER_SPANS)


def likely_zone(interaction: Interaction) -> str:
    """Returns a default zone by the country of the server's language; a form asks for it."""
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


def _typed(interaction: Interaction, group: Group) -> Typed:
    """Returns what was submitted in the form of a group. Raises Refusal."""
    values = form_values(interaction)
    if not values:
        raise Refusal("That form came in empty. Open it again with /settings.")
    match group:
        case Group.PLACE:
            return Typed(channel_id=_channel(interaction, values["channel"]), zone=values["zone"])
        case Group.TIMES:
            return Typed(card=values["card"], reminders=values["reminders"])
        case Group.HOSTS:
            chosen = values["host_role"]
            return Typed(host_role_id=_id_of(_role(interaction, chosen)) if chosen else 0)
        case Group.SEATS:
            return Typed(offers_within=values["offers_within"], offer_time=values["offer_time"])
        case Group.THANKS:
            return Typed(thanks=values["thanks"] == messages.ON)
        case Group.ORGANIZERS:
            chosen = values["organizers"]
            return Typed(organizers_channel_id=_channel(interaction, chosen) if chosen else 0)
        case Group.NOTIFICATIONS:
            chosen = values["card_role"]
            typed = Typed(quiet_hours=values["quiet_hours"], tidy=values["tidy"] == messages.ON)
            if not chosen:
                return replace(typed, card_role_id=0)
            return _with_card_role(typed, _role(interaction, chosen))
        case Group.LIMITS:
            return Typed(limits=tuple(values[name] for name in Limits._fields))


def _group(chosen: str = "") -> Group:
    """Returns the group that was chosen from the list. Raises Refusal if there is none such."""
    try:
        return Group(chosen)
    except ValueError as error:
        raise Refusal("Choose one of the groups in the list.") from error


def _channel(interaction: Interaction, chosen: str) -> int:
    """Returns the id of the chosen channel. Raises Refusal if the bot can't work in it."""
    channel = channel_chosen(interaction, chosen)
    if channel is None:
        raise Refusal("I can't see that channel. Choose another.")
    check_channel(channel)
    return channel.id


def _id_of(role: discord.Role) -> int:
    return 0 if role.is_default() else role.id


def _with_card_role(typed: Typed, role: discord.Role) -> Typed:
    """Returns what was typed, with a role for new cards to mention. Raises Refusal."""
    if role.is_default():
        raise Refusal("Cards can't mention everyone. Choose another role.")
    me, channels = role.guild.me, role.guild.text_channels
    mute = (channel.id for channel in channels if not may_mention(role, channel, me))
    return replace(typed, card_role_id=role.id, card_role_is_mute_in=frozenset(mute))


def _role(interaction: Interaction, chosen: str) -> discord.Role:
    """Returns the chosen role. Raises Refusal if it is unknown."""
    is_id = chosen.isascii() and chosen.isdecimal()
    role = interaction.guild.get_role(int(chosen)) if interaction.guild and is_id else None
    if role is None:
        raise Refusal("I can't see that role. Choose another.")
    return role


def _beginning_with(typed: str, spans: tuple[str, ...]) -> list[app_commands.Choice[str]]:
    typed = typed.strip()
    own = (typed,) if typed and typed not in spans else ()
    fitting = [span for span in spans if span.startswith(typed.casefold())]
    return [app_commands.Choice(name=span[:100], value=span[:100]) for span in (*own, *fitting)]


async def setup(bot: JellyBot) -> None:
    await bot.add_cog(Settings(bot))
