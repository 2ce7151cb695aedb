"""The channels in which jellies are posted, what organizers chose for each and for their server."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from data.models import ChannelSettings, Guild, Limits, QuietHours
from data.rows import epoch, moment
from data.store.transaction import Row, Transaction


def find_settings(transaction: Transaction, channel_id: int) -> ChannelSettings | None:
    """Returns the settings of a channel, or None if no jellies are posted in it."""
    row = transaction.one(
        "SELECT * FROM channel WHERE channel_id = :channel_id", channel_id=channel_id
    )
    return None if row is None else _settings(transaction, row)


def settings_in(transaction: Transaction, channel_id: int) -> ChannelSettings:
    """Returns the settings of a channel to which a series, session or message belongs."""
    settings = find_settings(transaction, channel_id)
    assert settings is not None  # ensured by a foreign key of series and sessions
    return settings


def settings_of(transaction: Transaction, guild_id: int) -> ChannelSettings | None:
    """Returns the settings of a server's channel, or None if it is not set up yet."""
    row = transaction.one("SELECT * FROM channel WHERE guild_id = :guild_id", guild_id=guild_id)
    return None if row is None else _settings(transaction, row)


def channels_of(transaction: Transaction, guild_id: int) -> list[int]:
    """Returns the ids of the channels of a server in which jellies are posted."""
    rows = transaction.all(
        "SELECT channel_id FROM channel WHERE guild_id = :guild_id ORDER BY channel_id",
        guild_id=guild_id,
    )
    return [row["channel_id"] for row in rows]


def closing_early(transaction: Transaction, settings: ChannelSettings, *, now: datetime) -> int:
    """Returns how many sessions of a channel close their answers before their card is posted."""
    # Counted by the spans alone: where the clocks change, 23 hours may be as long as 1 day.
    row = transaction.one(
        """
        SELECT COUNT(*) AS sessions FROM session
        WHERE channel_id = :channel_id AND ends_at > :now AND state = 'scheduled'
            AND answers_close >= :announce_before AND starts_at - :announce_before > :now
        """,
        channel_id=settings.channel_id,
        announce_before=int(settings.announce_before.total_seconds()),
        now=epoch(now),
    )
    assert row is not None  # COUNT always returns a row
    return int(row["sessions"])


def find_guild(transaction: Transaction, guild_id: int) -> Guild | None:
    """Returns what is stored of a server; None before anything was set up in it."""
    row = transaction.one("SELECT * FROM guild WHERE guild_id = :guild_id", guild_id=guild_id)
    if row is None:
        return None
    return Guild(
        guild_id=guild_id,
        organizers_channel_id=row["organizers_channel_id"],
        settings_by=row["settings_by"],
        owner_id=row["owner_id"],
    )


def is_removed(transaction: Transaction, guild_id: int) -> bool:
    """Returns whether a server removed the bot, so that nothing is owed to it."""
    return removed_since(transaction, guild_id) is not None


def removed_since(transaction: Transaction, guild_id: int) -> datetime | None:
    """Returns when a server was found to have removed the bot; None if it has it."""
    row = transaction.one(
        "SELECT removed_at FROM guild WHERE guild_id = :guild_id AND removed_at IS NOT NULL",
        guild_id=guild_id,
    )
    return None if row is None else moment(row["removed_at"])


def _settings(transaction: Transaction, row: Row) -> ChannelSettings:
    reminders = transaction.all(
        "SELECT before FROM reminder_setting WHERE channel_id = :channel_id ORDER BY before DESC",
        channel_id=row["channel_id"],
    )
    return ChannelSettings(
        channel_id=row["channel_id"],
        guild_id=row["guild_id"],
        zone=row["zone"],
        announce_before=timedelta(seconds=row["announce_before"]),
        reminders=tuple(timedelta(seconds=reminder["before"]) for reminder in reminders),
        host_role_id=row["host_role_id"],
        offer_within=timedelta(seconds=row["offer_within"]),
        offer_for=timedelta(seconds=row["offer_for"]),
        thanks_hosts=bool(row["thanks_hosts"]),
        limits=Limits(
            row["most_jellies_each"],
            row["most_series_each"],
            row["most_changes_each"],
            row["most_cards"],
            row["most_series"],
        ),
        is_tidy=bool(row["is_tidy"]),
        quiet_hours=_quiet_hours(row),
        card_role_id=row["card_role_id"],
    )


def _quiet_hours(row: Row) -> QuietHours | None:
    if row["quiet_from"] is None:
        return None
    return QuietHours(*(time(*divmod(row[name], 60)) for name in ("quiet_from", "quiet_until")))
