"""A server's settings, as typed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.actions.actor import Actor, Program
from bot.actions.rights import check_permissions
from bot.phrases.en import DurationNotUnderstood, check_zone, read_duration
from data.change_settings import save, too_many_reminders
from data.channels import settings_of
from data.limits import DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, MOST_REMINDERS
from data.models import ChannelSettings
from data.refusal import Refusal, Sentence
from data.store.transaction import Transaction

NONE = "none"


async def change_settings(
    program: Program,
    actor: Actor,
    *,
    channel_id: int | None = None,
    zone: str | None = None,
    card: str | None = None,
    reminders: str | None = None,
    host_role_id: int | None = None,
    offers_within: str | None = None,
    offer_time: str | None = None,
    thanks: bool | None = None,
) -> tuple[ChannelSettings, ChannelSettings | None]:
    """Changes what is not None; returns the settings, and those before, None if nothing changed.

    Lengths of time are typed text. A ``host_role_id`` of 0 lets everybody host. Raises Refusal.
    """
    check_permissions(actor, "/settings")
    typed: dict[str, Any] = {}  # by field, checked by its own reader
    if zone is not None:
        typed["zone"] = check_zone(zone)
    if card is not None:
        typed["announce_before"] = read_duration(card)
    if reminders is not None:
        typed["reminders"] = _reminders(reminders)
    if host_role_id is not None:
        typed["host_role_id"] = host_role_id or None
    if offers_within is not None:
        typed["offer_within"] = _span_or_none(offers_within)
    if offer_time is not None:
        typed["offer_for"] = read_duration(offer_time)
    if thanks is not None:
        typed["thanks_hosts"] = thanks
    if channel_id is not None:
        typed["channel_id"] = channel_id

    def change(transaction: Transaction) -> tuple[ChannelSettings, ChannelSettings | None]:
        before = settings_of(transaction, actor.guild_id)
        if before is None and not {"zone", "channel_id"} <= typed.keys():
            raise Refusal(
                "Choose a channel and a time zone first, both in one go: /settings channel: zone:"
            )
        new = replace(before or _defaults(actor.guild_id), **typed)
        if new == before:
            return new, None
        return save(transaction, new, now=program.clock.now()), before

    changed = await program.database.write(change)
    program.messages_owed()
    return changed


def _defaults(guild_id: int) -> ChannelSettings:
    return ChannelSettings(0, guild_id, "", DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, None)


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
        how = Sentence("Several reminders stand apart by commas; “none” turns them off.")
        raise Refusal("{problem} {advice}", problem=error.sentence, advice=how) from error
