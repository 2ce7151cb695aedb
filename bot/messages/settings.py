"""The panel of ``/settings``: what is decided, and a form for each group of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

import discord

from bot.language import N_, Words
from bot.messages.buttons import Payload, button, custom_id, packed, row, unpacked
from bot.messages.forms import channel_and_zone
from bot.messages.modals import Field, channel_field, choice_field, modal, role_field, text_field
from bot.messages.text import lines
from bot.phrases.en import (
    NONE,
    abbreviate_duration,
    describe_daily_range,
    describe_duration,
)
from data.limits import LONGEST_DAILY_RANGE, LONGEST_LIMIT, LONGEST_SPAN, LONGEST_SPANS
from data.models import DEFAULT_LIMITS, ChannelSettings, Limits, Settings


class Group(StrEnum):
    """Settings that are changed in one form."""

    PLACE = "place"
    TIMES = "times"
    HOSTS = "hosts"
    SEATS = "seats"
    THANKS = "thanks"
    ORGANIZERS = "organizers"
    NOTIFICATIONS = "notifications"
    LIMITS = "limits"


_LABELS = {
    Group.PLACE: N_("Channel and time zone"),
    Group.TIMES: N_("Cards and reminders"),
    Group.HOSTS: N_("Who may host"),
    Group.SEATS: N_("Seats that come free"),
    Group.THANKS: N_("Monthly thanks"),
    Group.ORGANIZERS: N_("Channel for organizers"),
    Group.NOTIFICATIONS: N_("Notifications and tidying"),
    Group.LIMITS: N_("Limits"),
}
_TYPED = {
    Group.PLACE: ("channel", "zone"),
    Group.TIMES: ("card", "reminders"),
    Group.HOSTS: ("host_role",),
    Group.SEATS: ("offers_within", "offer_time"),
    Group.THANKS: ("thanks",),
    Group.ORGANIZERS: ("organizers",),
    Group.NOTIFICATIONS: ("quiet_hours", "tidy", "card_role"),
    Group.LIMITS: Limits._fields,
}
"""The fields of each group's form."""
ON, OFF = "on", "off"


def panel(words: Words, settings: Settings, before: Settings | None = None) -> tuple[str, Payload]:
    """Returns the settings, with those that differ from ``before`` marked as new, and a list."""
    facts = _facts(words, settings)
    known = facts if before is None else _facts(words, before)
    text = lines(
        (
            words("### Jelly in this server"),
            *(fact if fact in known else words("{setting} ← new", setting=fact) for fact in facts),
            *_contradictions(words, settings),
            words(
                "-# Whole days before a jelly keep its time of day when the clocks change; hours "
                "and minutes are exact."
            ),
            words("-# Change any of these below, or with the options of `/settings`."),
        )
    )
    groups = discord.ui.Select[discord.ui.View](
        custom_id=custom_id("settings-change"),
        placeholder=words("Change settings"),
        options=[
            discord.SelectOption(label=words(label), value=group)
            for group, label in _LABELS.items()
        ],
    )
    return text, row(groups)


def form(
    words: Words,
    group: Group,
    settings: Settings | None,
    typed: Mapping[str, str] | None = None,
    *,
    channel_id: int = 0,
    zone: str = "",
) -> discord.ui.Modal:
    """Returns the form of a group, filled with the settings or with what was typed before.

    ``channel_id`` and ``zone`` are likely ones for a server that is not set up.
    """
    now = (
        _current(words, settings.channel)
        if settings
        else {"channel": str(channel_id), "zone": zone}
    )
    if settings and settings.guild.organizers_channel_id:
        now["organizers"] = str(settings.guild.organizers_channel_id)
    fields = _fields(words, group, now | dict(typed or {}))
    based_on = settings.fingerprint if settings else ""
    return modal(words(_LABELS[group]), custom_id("settings-changed", group, based_on), *fields)


def again(words: Words, group: Group, values: Mapping[str, str]) -> Payload:
    """Returns the button that opens a form again as it was submitted.

    Its id holds what was typed: at most as much as the fields take, which is all of it.
    """
    typed = packed((values[name] for name in _TYPED[group]), "settings-again", group)
    return row(button(words("Change it"), "settings-again", group, typed))


def typed_before(group: Group, typed: str) -> dict[str, str]:
    """Returns what was typed into the fields of a group, from the id of :func:`again`."""
    return dict(zip(_TYPED[group], unpacked(typed), strict=False))


def _facts(words: Words, settings: Settings) -> list[str]:
    channel, guild = settings.channel, settings.guild
    announced = words.duration(channel.announce_before)
    reminders = words.list([words.duration(before) for before in channel.reminders], "none")
    return [
        words("Channel for jellies: {channel}", channel=f"<#{channel.channel_id}>"),
        words("Time zone: {zone}", zone=channel.zone),
        words("Cards are posted {duration} before", duration=announced),
        words("Reminders: {durations} before", durations=reminders)
        if channel.reminders
        else words("Reminders: none"),
        words("Who may host: {role}", role=f"<@&{channel.host_role_id}>")
        if channel.host_role_id
        else words("Who may host: everyone"),
        words(
            "Seats that come free: offered to the next in line for up to {longest} in "
            "the last {duration}",
            duration=words.duration(channel.offer_within),
            longest=words.duration(channel.offer_for),
        )
        if channel.offer_within
        else words("Seats that come free: go to the next in line right away"),
        words("Monthly thanks to the hosts: on")
        if channel.thanks_hosts
        else words("Monthly thanks to the hosts: off"),
        words("Channel for organizers: {channel}", channel=f"<#{guild.organizers_channel_id}>")
        if guild.organizers_channel_id
        else words(
            "Channel for organizers: none. Problems go privately to the last person to use "
            "`/settings`, or to the owner"
        ),
        words(
            "Quiet hours: {hours}. Pings wait, and no offered seat runs out",
            hours=words.hours(describe_daily_range(*channel.quiet_hours)),
        )
        if channel.quiet_hours
        else words("Quiet hours: none"),
        words("Tidying: replaced and settled messages are deleted")
        if channel.is_tidy
        else words("Tidying: off"),
        words("New cards mention: {role}", role=f"<@&{channel.card_role_id}>")
        if channel.card_role_id
        else words("New cards mention: no one"),
        words("Limits: {limits}", limits=words.list(_limits(words, channel.limits), "none")),
    ]


def _limits(words: Words, limits: Limits) -> list[str]:
    return [
        words.ngettext(
            "{count} jelly ahead per person",
            "{count} jellies ahead per person",
            limits.jellies_each,
        ),
        words.ngettext(
            "{count} series per person", "{count} series per person", limits.series_each
        ),
        words.ngettext(
            "{count} change an hour per person",
            "{count} changes an hour per person",
            limits.changes_each,
        ),
        words.ngettext("{count} date with a card", "{count} dates with a card", limits.cards),
        words.ngettext("{count} series in all", "{count} series in all", limits.series),
    ]


def _contradictions(words: Words, settings: Settings) -> list[str]:
    """Returns what can't work together as it was chosen, and what to do about it."""
    channel, told = settings.channel, []
    if channel.reminders and max(channel.reminders) > channel.announce_before:
        told.append(
            words(
                "**The first reminder ({reminder} before) comes before the card ({card} before):** "
                "post cards earlier or remind later.",
                reminder=words.duration(max(channel.reminders)),
                card=words.duration(channel.announce_before),
            )
        )
    if settings.closing_early:
        told.append(
            words.ngettext(
                "**Answers to {count} date close before its card is posted:** post cards earlier, "
                "or change the deadline with `/jelly edit`.",
                "**Answers to {count} dates close before their cards are posted:** post cards "
                "earlier, or change the deadlines with `/jelly edit`.",
                settings.closing_early,
            )
        )
    return told


def _current(words: Words, settings: ChannelSettings) -> dict[str, str]:
    """Returns the settings as they would be typed or chosen, by field."""
    within, quiet = settings.offer_within, settings.quiet_hours
    return {
        "channel": str(settings.channel_id),
        "zone": settings.zone,
        "card": _spans([settings.announce_before], LONGEST_SPAN),
        "reminders": _spans(settings.reminders, LONGEST_SPANS),
        "host_role": str(settings.host_role_id or ""),
        "offers_within": _spans([within] if within else [], LONGEST_SPAN),
        "offer_time": _spans([settings.offer_for], LONGEST_SPAN),
        "thanks": ON if settings.thanks_hosts else OFF,
        "quiet_hours": NONE if quiet is None else words.hours(describe_daily_range(*quiet)),
        "tidy": ON if settings.is_tidy else OFF,
        "card_role": str(settings.card_role_id or ""),
        **{name: str(limit) for name, limit in settings.limits._asdict().items()},
    }


def _spans(spans: Sequence[timedelta], longest: int) -> str:
    """Returns lengths of time as they would be typed; abbreviated if the field is too short."""
    written = ", ".join(describe_duration(span) for span in spans) or NONE
    if len(written) <= longest:
        return written
    return ",".join(abbreviate_duration(span) for span in spans)


def _fields(words: Words, group: Group, values: Mapping[str, str]) -> list[Field]:
    match group:
        case Group.PLACE:
            return channel_and_zone(words, _id(values["channel"]) or 0, values["zone"])
        case Group.TIMES:
            return [
                text_field(
                    words("Post cards this long before"),
                    "card",
                    values["card"],
                    longest=LONGEST_SPAN,
                    placeholder="6 days",
                    description=words("Whole days keep the jelly's time of day."),
                ),
                text_field(
                    words("Remind this long before"),
                    "reminders",
                    values["reminders"],
                    longest=LONGEST_SPANS,
                    placeholder="1 day, 1 hour",
                    description=words(
                        "Commas between them, or none. Whole days keep the time of day."
                    ),
                ),
            ]
        case Group.HOSTS:
            return [
                role_field(
                    words("Role that may host"),
                    "host_role",
                    _id(values["host_role"]),
                    description=words("Leave empty to let everyone host."),
                )
            ]
        case Group.SEATS:
            return [
                text_field(
                    words("Offer them this long before"),
                    "offers_within",
                    values["offers_within"],
                    longest=LONGEST_SPAN,
                    placeholder="12 hours",
                    description=words(
                        "Before that, the next in line just gets it. Type none for no offers."
                    ),
                ),
                text_field(
                    words("Hold each offer for"),
                    "offer_time",
                    values["offer_time"],
                    longest=LONGEST_SPAN,
                    placeholder="1 hour",
                ),
            ]
        case Group.THANKS:
            return [
                choice_field(
                    words("Thank the hosts each month"),
                    "thanks",
                    [(ON, words("Yes")), (OFF, words("No"))],
                    values["thanks"],
                )
            ]
        case Group.ORGANIZERS:
            return [
                channel_field(
                    words("Channel for organizers"),
                    "organizers",
                    _id(values.get("organizers", "")),
                    required=False,
                    description=words(
                        "Leave empty to message the last to use /settings, or the owner."
                    ),
                )
            ]
        case Group.NOTIFICATIONS:
            return [
                text_field(
                    words("Quiet hours"),
                    "quiet_hours",
                    values["quiet_hours"],
                    longest=LONGEST_DAILY_RANGE,
                    placeholder=words.hours("22:00-08:00"),
                    description=words(
                        "By this server's clock, or none. Pings wait until they end."
                    ),
                ),
                choice_field(
                    words("Delete replaced messages"),
                    "tidy",
                    [(ON, words("Yes")), (OFF, words("No"))],
                    values["tidy"],
                    description=words("Also questions that are settled. Cards always stay."),
                ),
                role_field(
                    words("Role that new cards mention"),
                    "card_role",
                    _id(values["card_role"]),
                    description=words("Leave empty to mention no one."),
                ),
            ]
        case Group.LIMITS:
            return _limit_fields(words, values)


def _limit_fields(words: Words, values: Mapping[str, str]) -> list[Field]:
    labels = {
        "jellies_each": words("Jellies ahead, per person"),
        "series_each": words("Series, per person"),
        "changes_each": words("Changes an hour, per person"),
        "cards": words("Dates with a card, in all"),
        "series": words("Series, in all"),
    }
    return [
        text_field(
            labels[name], name, values[name], longest=LONGEST_LIMIT, placeholder=str(default)
        )
        for name, default in DEFAULT_LIMITS._asdict().items()
    ]


def _id(value: str) -> int | None:
    """Returns an id as a form has it; None for none, and for what is none."""
    return int(value) if value.isascii() and value.isdecimal() else None
