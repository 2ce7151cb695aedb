"""Changes to the settings of a channel and its server, and of the messages owed by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from data.channels import find_settings, is_removed, settings_of
from data.limits import (
    DEFAULT_ANNOUNCE_BEFORE,
    DEFAULT_REMINDERS,
    LEAST_LIMITS,
    LONGEST_ANNOUNCE_BEFORE,
    LONGEST_OFFER_FOR,
    LONGEST_OFFER_WITHIN,
    LONGEST_REMINDER,
    MOST_OF_ANY,
    MOST_REMINDERS,
    PLANNED_AT_ONCE,
    SHORTEST_OFFER_FOR,
    SHORTEST_REMINDER,
)
from data.models import ChannelSettings, Guild, QuietHours
from data.outbox.addresses import readdress_from
from data.outbox.alerts import follow_organizers
from data.outbox.plan import plan
from data.outbox.quiet import look_again_in
from data.outbox.standing import keep_from_now_on
from data.outbox.thanks import plan_thanks
from data.people.pseudonyms import stands_for
from data.people.seats import fill
from data.refusal import Refusal
from data.rows import epoch, session_of
from data.store.transaction import Transaction

BELONGING = (
    ("series", "channel_id"),
    ("session", "channel_id"),
    ("delivery", "owner_channel_id"),
    ("mirror", "owner_channel_id"),
    ("change", "channel_id"),
)
"""The tables and columns of what belongs to a channel."""


def set_up(
    transaction: Transaction, *, guild_id: int, channel_id: int, zone: str, now: datetime
) -> ChannelSettings:
    """Sets the two settings that have no default; the others start at their defaults."""
    settings = settings_of(transaction, guild_id) or ChannelSettings(
        channel_id, guild_id, zone, DEFAULT_ANNOUNCE_BEFORE, DEFAULT_REMINDERS, None
    )
    return save(transaction, replace(settings, channel_id=channel_id, zone=zone), now=now)


def save(transaction: Transaction, settings: ChannelSettings, *, now: datetime) -> ChannelSettings:
    """Replaces the settings of a server's channel, and updates messages owed to match them.

    The messages of PLANNED_AT_ONCE sessions at once, of others by :func:`replan`. If it is another
    channel than before, everything in the former one moves there. Raises Refusal if a value is out
    of range, or the channel is another server's.
    """
    _check(settings)
    _check_own(transaction, settings.guild_id, settings.channel_id)
    before = settings_of(transaction, settings.guild_id)
    _write(transaction, settings)
    if before is not None and before.is_tidy and not settings.is_tidy:
        keep_from_now_on(transaction, settings.guild_id, now=now)
    if before is not None and before.channel_id != settings.channel_id:
        _move(transaction, before.channel_id, settings.channel_id)
    if before is not None and _plans_otherwise(before, settings):
        _note_replanned(transaction, settings.channel_id, 0)
        replan(transaction, settings.channel_id, now=now)
    if before is not None and _quiet(before) != _quiet(settings):
        look_again_in(transaction, settings.guild_id, now=now)
    plan_thanks(transaction, settings.channel_id, now=now)
    if before is not None and before.channel_id != settings.channel_id:
        readdress_from(transaction, before.channel_id)
    return settings


def channel_to_replan(transaction: Transaction) -> int | None:
    """Returns a channel that has sessions to be planned by changed settings; None if none has."""
    row = transaction.one(
        "SELECT channel_id FROM channel WHERE replanned_until IS NOT NULL LIMIT 1"
    )
    return None if row is None else int(row["channel_id"])


def replan(transaction: Transaction, channel_id: int, *, now: datetime) -> None:
    """Plans the next PLANNED_AT_ONCE sessions of a channel by its changed settings."""
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE channel_id = :channel_id AND ends_at > :now AND session_id > (
            SELECT replanned_until FROM channel WHERE channel_id = :channel_id)
        ORDER BY session_id LIMIT :limit
        """,
        channel_id=channel_id,
        now=epoch(now),
        limit=PLANNED_AT_ONCE,
    )
    for row in rows:
        session = session_of(row)
        plan(transaction, session, now=now)
        fill(transaction, session, now=now)
    is_all = len(rows) < PLANNED_AT_ONCE
    _note_replanned(transaction, channel_id, None if is_all else rows[-1]["session_id"])


def _plans_otherwise(before: ChannelSettings, after: ChannelSettings) -> bool:
    """Returns whether sessions need other messages, or seats are offered otherwise."""
    return before != replace(
        after,
        host_role_id=before.host_role_id,
        thanks_hosts=before.thanks_hosts,
        limits=before.limits,
        is_tidy=before.is_tidy,
        quiet_hours=before.quiet_hours,
        card_role_id=before.card_role_id,
    )


def _quiet(settings: ChannelSettings) -> tuple[QuietHours | None, str]:
    return settings.quiet_hours, settings.zone


def _note_replanned(transaction: Transaction, channel_id: int, until: int | None) -> None:
    transaction.run(
        "UPDATE channel SET replanned_until = :until WHERE channel_id = :channel_id",
        channel_id=channel_id,
        until=until,
    )


def save_guild(transaction: Transaction, guild: Guild, *, now: datetime) -> None:
    """Stores a server's own settings; the server is set up.

    Raises Refusal if the channel for organizers is known to be another server's.
    """
    if guild.organizers_channel_id is not None:
        _check_own(transaction, guild.guild_id, guild.organizers_channel_id)
    transaction.run(
        """
        UPDATE guild SET organizers_channel_id = :organizers_channel_id,
            settings_by = :settings_by,
            owner_id = CASE WHEN owner_id = :owner_hash THEN owner_id ELSE :owner_id END
        WHERE guild_id = :guild_id
        """,
        guild_id=guild.guild_id,
        organizers_channel_id=guild.organizers_channel_id,
        settings_by=guild.settings_by,
        owner_id=guild.owner_id,
        owner_hash=stands_for(transaction, guild.owner_id or 0)[1],
    )
    follow_organizers(transaction, guild.guild_id, now=now)


def note_owners(transaction: Transaction, owners: Mapping[int, int], *, now: datetime) -> None:
    """Notes who owns servers that are set up, by server id."""
    for guild_id, owner_id in owners.items():
        changed = transaction.run(
            """
            UPDATE guild SET owner_id = :owner_id
            WHERE guild_id = :guild_id AND COALESCE(owner_id, 0) NOT IN (:owner_id, :hash)
            """,
            guild_id=guild_id,
            owner_id=owner_id,
            hash=stands_for(transaction, owner_id)[1],
        )
        if changed:
            follow_organizers(transaction, guild_id, now=now)


def _write(transaction: Transaction, settings: ChannelSettings) -> None:
    if is_removed(transaction, settings.guild_id):
        # Its data are just being deleted, or Discord has not said yet that the bot is back.
        raise Refusal("I've only just come back, so I'm not ready yet. Try again in a minute.")
    transaction.run(
        "INSERT INTO guild (guild_id) VALUES (:guild_id) ON CONFLICT (guild_id) DO NOTHING",
        guild_id=settings.guild_id,
    )
    quiet = settings.quiet_hours
    transaction.run(
        """
        INSERT INTO channel (channel_id, guild_id, zone, announce_before, host_role_id,
            offer_within, offer_for, thanks_hosts, most_jellies_each, most_series_each,
            most_changes_each, most_cards, most_series, is_tidy, quiet_from, quiet_until,
            card_role_id)
        VALUES (:channel_id, :guild_id, :zone, :announce_before, :host_role_id,
            :offer_within, :offer_for, :thanks_hosts, :most_jellies_each, :most_series_each,
            :most_changes_each, :most_cards, :most_series, :is_tidy, :quiet_from, :quiet_until,
            :card_role_id)
        ON CONFLICT (channel_id) DO UPDATE SET
            zone = excluded.zone, announce_before = excluded.announce_before,
            host_role_id = excluded.host_role_id, offer_within = excluded.offer_within,
            offer_for = excluded.offer_for, thanks_hosts = excluded.thanks_hosts,
            most_jellies_each = excluded.most_jellies_each,
            most_series_each = excluded.most_series_each,
            most_changes_each = excluded.most_changes_each,
            most_cards = excluded.most_cards, most_series = excluded.most_series,
            is_tidy = excluded.is_tidy, quiet_from = excluded.quiet_from,
            quiet_until = excluded.quiet_until, card_role_id = excluded.card_role_id
        """,
        channel_id=settings.channel_id,
        guild_id=settings.guild_id,
        zone=settings.zone,
        announce_before=int(settings.announce_before.total_seconds()),
        host_role_id=settings.host_role_id,
        offer_within=int(settings.offer_within.total_seconds()),
        offer_for=int(settings.offer_for.total_seconds()),
        thanks_hosts=int(settings.thanks_hosts),
        most_jellies_each=settings.limits.jellies_each,
        most_series_each=settings.limits.series_each,
        most_changes_each=settings.limits.changes_each,
        most_cards=settings.limits.cards,
        most_series=settings.limits.series,
        is_tidy=int(settings.is_tidy),
        quiet_from=quiet and _minutes(quiet.begins),
        quiet_until=quiet and _minutes(quiet.ends),
        card_role_id=settings.card_role_id,
    )
    transaction.run(
        "DELETE FROM reminder_setting WHERE channel_id = :channel_id",
        channel_id=settings.channel_id,
    )
    for before in settings.reminders:
        transaction.run(
            "INSERT INTO reminder_setting (channel_id, before) VALUES (:channel_id, :before)",
            channel_id=settings.channel_id,
            before=int(before.total_seconds()),
        )


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def too_many_reminders() -> Refusal:
    return Refusal.counted(
        "There can be up to {count} reminder. Leave some out.",
        "There can be up to {count} reminders. Leave some out.",
        count=MOST_REMINDERS,
    )


def _move(transaction: Transaction, before: int, after: int) -> None:
    """Moves everything that belongs to one channel to another, and forgets the first."""
    for table, column in BELONGING:
        transaction.run(
            f"UPDATE {table} SET {column} = :after WHERE {column} = :before",
            before=before,
            after=after,
        )
    transaction.run("DELETE FROM reminder_setting WHERE channel_id = :before", before=before)
    transaction.run("DELETE FROM channel WHERE channel_id = :before", before=before)


def _check_own(transaction: Transaction, guild_id: int, channel_id: int) -> None:
    taken = find_settings(transaction, channel_id)
    if taken is not None and taken.guild_id != guild_id:
        raise Refusal("That channel is in another server. Choose one in this server.")


def _check(settings: ChannelSettings) -> None:
    if len(settings.reminders) > MOST_REMINDERS:
        raise too_many_reminders()
    if len(set(settings.reminders)) < len(settings.reminders):
        raise Refusal("That reminder is in there twice. Name each one once.")
    if any(not SHORTEST_REMINDER <= r <= LONGEST_REMINDER for r in settings.reminders):
        raise Refusal("A reminder can come from 1 minute up to 4 weeks before a jelly.")
    if not timedelta(0) <= settings.announce_before <= LONGEST_ANNOUNCE_BEFORE:
        raise Refusal("A card can be posted at most 7 weeks before its jelly.")
    if not timedelta(0) <= settings.offer_within <= LONGEST_OFFER_WITHIN:
        raise Refusal("Offers can begin at most 1 week before the start.")
    if not SHORTEST_OFFER_FOR <= settings.offer_for <= LONGEST_OFFER_FOR:
        raise Refusal("An offer can last from 5 minutes up to 1 day.")
    if settings.quiet_hours is not None and len(set(settings.quiet_hours)) == 1:
        raise Refusal("Quiet hours can't end when they begin. Give another end, or type none.")
    for limit, least in zip(settings.limits, LEAST_LIMITS, strict=True):
        if not least <= limit <= MOST_OF_ANY:
            raise Refusal(
                "Each limit is a whole number from {least} to {most}.",
                least=least,
                most=MOST_OF_ANY,
            )
    spans = (settings.announce_before, settings.offer_within, settings.offer_for)
    if any(span % timedelta(minutes=1) for span in (*settings.reminders, *spans)):
        raise Refusal("Use whole minutes, e.g. 30 minutes.")
