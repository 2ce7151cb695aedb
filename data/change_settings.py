"""Changes to the settings of a server, which also change the messages that are owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from data.limits import (
    DEFAULT_ANNOUNCE_BEFORE,
    DEFAULT_REMINDERS,
    LONGEST_ANNOUNCE_BEFORE,
    LONGEST_OFFER_FOR,
    LONGEST_OFFER_WITHIN,
    LONGEST_REMINDER,
    MOST_REMINDERS,
    SHORTEST_OFFER_FOR,
    SHORTEST_REMINDER,
)
from data.models import GuildSettings
from data.outbox.plan import plan
from data.outbox.thanks import plan_thanks
from data.people.seats import fill
from data.refusal import Refusal
from data.rows import epoch, session_of
from data.settings import settings_of
from data.store.transaction import Transaction


def set_up(
    transaction: Transaction, *, guild_id: int, channel_id: int, zone: str, now: datetime
) -> GuildSettings:
    """Sets the two settings that have no default; the others start at their defaults."""
    settings = settings_of(transaction, guild_id) or GuildSettings(
        guild_id, channel_id, zone, DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, None
    )
    return save(transaction, replace(settings, channel_id=channel_id, zone=zone), now=now)


def save(transaction: Transaction, settings: GuildSettings, *, now: datetime) -> GuildSettings:
    """Replaces a server's settings and updates all messages owed to match them.

    Raises Refusal if a value is out of range.
    """
    _check(settings)
    transaction.run(
        """
        INSERT INTO guild (guild_id, channel_id, zone, announce_before, host_role_id,
            offer_within, offer_for, thanks_hosts)
        VALUES (:guild_id, :channel_id, :zone, :announce_before, :host_role_id,
            :offer_within, :offer_for, :thanks_hosts)
        ON CONFLICT (guild_id) DO UPDATE SET
            channel_id = excluded.channel_id, zone = excluded.zone,
            announce_before = excluded.announce_before, host_role_id = excluded.host_role_id,
            offer_within = excluded.offer_within, offer_for = excluded.offer_for,
            thanks_hosts = excluded.thanks_hosts
        """,
        guild_id=settings.guild_id,
        channel_id=settings.channel_id,
        zone=settings.zone,
        announce_before=int(settings.announce_before.total_seconds()),
        host_role_id=settings.host_role_id,
        offer_within=int(settings.offer_within.total_seconds()),
        offer_for=int(settings.offer_for.total_seconds()),
        thanks_hosts=int(settings.thanks_hosts),
    )
    transaction.run(
        "DELETE FROM reminder_setting WHERE guild_id = :guild_id", guild_id=settings.guild_id
    )
    for before in settings.reminders:
        transaction.run(
            "INSERT INTO reminder_setting (guild_id, before) VALUES (:guild_id, :before)",
            guild_id=settings.guild_id,
            before=int(before.total_seconds()),
        )
    for row in transaction.all(
        "SELECT * FROM session WHERE guild_id = :guild_id AND ends_at > :now",
        guild_id=settings.guild_id,
        now=epoch(now),
    ):
        session = session_of(row)
        plan(transaction, session, now=now)
        fill(transaction, session, now=now)
    plan_thanks(transaction, settings.guild_id, now=now)
    return settings


def too_many_reminders() -> Refusal:
    return Refusal.counted(
        "At most {count} reminder is possible; leave some out.",
        "At most {count} reminders are possible; leave some out.",
        count=MOST_REMINDERS,
    )


def _check(settings: GuildSettings) -> None:
    if len(settings.reminders) > MOST_REMINDERS:
        raise too_many_reminders()
    if len(set(settings.reminders)) < len(settings.reminders):
        raise Refusal("The same reminder stands there twice; name each one once.")
    if any(not SHORTEST_REMINDER <= r <= LONGEST_REMINDER for r in settings.reminders):
        raise Refusal("A reminder can come from 1 minute up to 4 weeks before a jelly.")
    if not timedelta(0) <= settings.announce_before <= LONGEST_ANNOUNCE_BEFORE:
        raise Refusal("A card can be posted at most 7 weeks before its jelly.")
    if not timedelta(0) <= settings.offer_within <= LONGEST_OFFER_WITHIN:
        raise Refusal("Offers can begin at most 1 week before the start.")
    if not SHORTEST_OFFER_FOR <= settings.offer_for <= LONGEST_OFFER_FOR:
        raise Refusal("An offer can last from 5 minutes up to 1 day.")
    spans = (settings.announce_before, settings.offer_within, settings.offer_for)
    if any(span % timedelta(minutes=1) for span in (*settings.reminders, *spans)):
        raise Refusal("Say it in whole minutes, such as: 30 minutes.")
