"""The settings of a server and of its channel, as typed."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from bot.actions.actor import Actor, Program
from bot.actions.change_log import note
from bot.actions.rights import check_permissions
from bot.phrases.en import (
    NONE,
    DurationNotUnderstood,
    check_zone,
    read_daily_range,
    read_duration,
)
from data.change_settings import save, save_guild, too_many_reminders
from data.channels import closing_early, find_guild, settings_of
from data.limits import DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, MOST_REMINDERS
from data.models import ChangeAction, ChannelSettings, Guild, Limits, QuietHours, Settings
from data.refusal import Refusal, Sentence
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Typed:
    """Settings as typed or chosen; None leaves one as it is. Lengths of time are text."""

    channel_id: int | None = None
    zone: str | None = None
    card: str | None = None
    reminders: str | None = None
    host_role_id: int | None = None
    """0 lets everybody host."""
    offers_within: str | None = None
    offer_time: str | None = None
    thanks: bool | None = None
    organizers_channel_id: int | None = None
    """0 for none."""
    limits: tuple[str, ...] | None = None
    """In the order of the fields of Limits."""
    quiet_hours: str | None = None
    tidy: bool | None = None
    card_role_id: int | None = None
    """0 for none."""
    card_role_is_mute_in: frozenset[int] = frozenset()
    """Channels in which the bot may not mention that role."""


async def settings_now(program: Program, actor: Actor) -> Settings | None:
    """Returns the settings, or None if the server is not set up; the actor is who asked last."""
    check_permissions(actor, "/settings")

    def query(transaction: Transaction) -> Settings | None:
        channel = settings_of(transaction, actor.guild_id)
        if channel is None:
            return None
        now = program.clock.now()
        guild = used_by(transaction, actor, now)
        return Settings(channel, guild, closing_early(transaction, channel, now=now))

    return await program.database.write(query)


async def change_settings(
    program: Program, actor: Actor, typed: Typed, *, based_on: str | None = None
) -> tuple[Settings, Settings | None]:
    """Changes settings; returns them, and those before, None if nothing changed.

    ``based_on`` is the fingerprint of the settings that a form was filled with, "" if there were
    none. Raises Refusal, also if they have changed since, and then changes nothing.
    """
    check_permissions(actor, "/settings")
    wanted = _read(typed)

    def change(transaction: Transaction) -> tuple[Settings, Settings | None]:
        now = program.clock.now()
        before = settings_of(transaction, actor.guild_id)
        if before is None and not {"zone", "channel_id"} <= wanted.keys():
            raise Refusal(
                "First choose a channel and a time zone together: /settings channel: zone:"
            )
        check_choice(actor, before.channel_id if before else None, typed.channel_id)
        channel = replace(before or _defaults(actor.guild_id), **wanted)
        _check_card_role(typed, before, channel)
        if channel != before:
            save(transaction, channel, now=now)
        guild_before = used_by(transaction, actor, now)
        if based_on is not None and based_on != _fingerprint(before, guild_before):
            raise Refusal(
                "Someone changed the settings while you had this open. Check them and try again."
            )
        guild = guild_before
        if typed.organizers_channel_id is not None:
            chosen = typed.organizers_channel_id or None
            check_choice(actor, guild_before.organizers_channel_id, chosen)
            guild = replace(guild, organizers_channel_id=chosen)
            save_guild(transaction, guild, now=now)
        after = Settings(channel, guild, closing_early(transaction, channel, now=now))
        if before is None:
            note(transaction, actor, ChangeAction.SETTINGS, now=now, fields=sorted(wanted))
            return after, None
        if (channel, guild) == (before, guild_before):
            return after, None
        changed = _changed(before, channel)
        if guild.organizers_channel_id != guild_before.organizers_channel_id:
            changed.append("organizers_channel_id")
        note(transaction, actor, ChangeAction.SETTINGS, now=now, fields=changed)
        return after, Settings(before, guild_before)

    changed = await program.database.write(change)
    program.messages_owed()
    return changed


def check_choice(actor: Actor, before: int | None, chosen: int | None) -> None:
    """Raises Refusal if the actor may not choose a channel, None for none, instead of another.

    What was told in the former one is told in the new one.
    """
    if chosen is None or chosen == before:
        return
    if not actor.channels.may_send(chosen):
        raise Refusal("You can't write in that channel. Choose one where you can.")
    if before is not None and not actor.channels.may_view(before):
        raise Refusal("You can't see the channel used now. Ask an administrator to choose another.")


def _check_card_role(typed: Typed, before: ChannelSettings | None, after: ChannelSettings) -> None:
    """Raises Refusal if a card's mention of a chosen role would notify nobody."""
    if before is not None and before.card_role_id == after.card_role_id:
        return
    if typed.card_role_id and after.channel_id in typed.card_role_is_mute_in:
        raise Refusal(
            "I can't mention <@&{role}> in <#{channel}>. Switch on “Allow anyone to @mention this "
            "role” in its settings, or allow my role “Mention @everyone, @here, and All Roles” "
            "there, then try again.",
            role=typed.card_role_id,
            channel=after.channel_id,
        )


def _fingerprint(channel: ChannelSettings | None, guild: Guild) -> str:
    return "" if channel is None else Settings(channel, guild).fingerprint


def _changed(before: ChannelSettings, after: ChannelSettings) -> list[str]:
    """Returns the names of the settings that differ."""
    names = [field.name for field in fields(ChannelSettings)]
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def used_by(transaction: Transaction, actor: Actor, now: datetime) -> Guild:
    """Notes that the actor used the settings last, in a server that is set up; returns it."""
    guild = find_guild(transaction, actor.guild_id)
    assert guild is not None  # it is there since its channel is
    owner_id = actor.guild_owner_id or guild.owner_id
    known = replace(guild, settings_by=actor.user_id, owner_id=owner_id)
    if known != guild:
        save_guild(transaction, known, now=now)
    return known


def _read(typed: Typed) -> dict[str, Any]:
    """Returns the fields of a channel's settings, each checked by its own reader."""
    wanted: dict[str, Any] = {}
    if typed.zone is not None:
        wanted["zone"] = check_zone(typed.zone)
    if typed.card is not None:
        wanted["announce_before"] = read_duration(typed.card)
    if typed.reminders is not None:
        wanted["reminders"] = _reminders(typed.reminders)
    if typed.host_role_id is not None:
        wanted["host_role_id"] = typed.host_role_id or None
    if typed.offers_within is not None:
        wanted["offer_within"] = _span_or_none(typed.offers_within)
    if typed.offer_time is not None:
        wanted["offer_for"] = read_duration(typed.offer_time)
    if typed.thanks is not None:
        wanted["thanks_hosts"] = typed.thanks
    if typed.limits is not None:
        wanted["limits"] = Limits(*map(_limit, typed.limits))
    if typed.channel_id is not None:
        wanted["channel_id"] = typed.channel_id
    if typed.quiet_hours is not None:
        wanted["quiet_hours"] = _quiet_hours(typed.quiet_hours)
    if typed.tidy is not None:
        wanted["is_tidy"] = typed.tidy
    if typed.card_role_id is not None:
        wanted["card_role_id"] = typed.card_role_id or None
    return wanted


def _defaults(guild_id: int) -> ChannelSettings:
    return ChannelSettings(0, guild_id, "", DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, None)


def _limit(typed: str) -> int:
    """Returns a typed limit. Raises Refusal if it is no number."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal()):
        raise Refusal("Each limit has to be a number, e.g. 10.")
    return int(typed)


def _quiet_hours(typed: str) -> QuietHours | None:
    """Returns the typed hours; None for "none". Raises Refusal."""
    is_none = typed.strip().casefold() == NONE
    return None if is_none else QuietHours(*read_daily_range(typed))


def _span_or_none(typed: str) -> timedelta:
    """Returns the typed length of time; zero for "none". Raises Refusal."""
    return timedelta() if typed.strip().casefold() == NONE else read_duration(typed)


def _reminders(typed: str) -> tuple[timedelta, ...]:
    """Returns the typed lengths of time, separated by commas. Raises Refusal with what to type."""
    if typed.strip().casefold() == NONE:
        return ()
    parts = [part for part in typed.replace(" and ", ",").split(",") if part.strip()]
    if len(parts) > MOST_REMINDERS:
        raise too_many_reminders()
    try:
        return tuple(sorted((read_duration(part) for part in parts), reverse=True))
    except DurationNotUnderstood as error:
        how = Sentence("Separate reminders with commas, or type none to turn them off.")
        raise Refusal("{problem} {advice}", problem=error.sentence, advice=how) from error
