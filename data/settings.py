"""The settings of a server, as its organizers chose them."""

from __future__ import annotations

from datetime import timedelta

from data.models import GuildSettings
from data.store.transaction import Transaction


def settings_of(transaction: Transaction, guild_id: int) -> GuildSettings | None:
    """Returns the server's settings, or None if it is not set up yet."""
    row = transaction.one("SELECT * FROM guild WHERE guild_id = :guild_id", guild_id=guild_id)
    if row is None:
        return None
    reminders = transaction.all(
        "SELECT before FROM reminder_setting WHERE guild_id = :guild_id ORDER BY before DESC",
        guild_id=guild_id,
    )
    return GuildSettings(
        guild_id=guild_id,
        channel_id=row["channel_id"],
        zone=row["zone"],
        announce_before=timedelta(seconds=row["announce_before"]),
        reminders=tuple(timedelta(seconds=reminder["before"]) for reminder in reminders),
        host_role_id=row["host_role_id"],
        offer_within=timedelta(seconds=row["offer_within"]),
        offer_for=timedelta(seconds=row["offer_for"]),
        thanks_hosts=bool(row["thanks_hosts"]),
    )
