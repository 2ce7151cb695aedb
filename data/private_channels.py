"""Discord's channels for private messages: opened slowly, once for each person, and remembered.

Discord limits or blocks bots that open many in a short time, and says no number.
https://discord.com/developers/docs/resources/user#create-dm
"""

from __future__ import annotations

from datetime import datetime, timedelta

from data.database import Transaction
from data.rows import epoch, moment

MOST_OPENINGS = 5
"""New private channels within OPENINGS_WINDOW; bots were blocked for bursts of 25 to 40."""
OPENINGS_WINDOW = timedelta(minutes=1)


def openings_left(transaction: Transaction, *, now: datetime) -> int:
    """How many private channels may be opened right now."""
    row = transaction.one(
        "SELECT COUNT(*) AS asked FROM private_channel WHERE asked_at > :since",
        since=epoch(now - OPENINGS_WINDOW),
    )
    assert row is not None  # COUNT always gives a row
    return max(0, MOST_OPENINGS - int(row["asked"]))


def next_opening(transaction: Transaction, *, now: datetime) -> datetime:
    """The moment at which the next private channel may be opened, if none may right now."""
    row = transaction.one(
        "SELECT MIN(asked_at) AS first FROM private_channel WHERE asked_at > :since",
        since=epoch(now - OPENINGS_WINDOW),
    )
    if row is None or row["first"] is None:
        return now
    return moment(row["first"]) + OPENINGS_WINDOW


def note_opening(transaction: Transaction, user_id: int, *, now: datetime) -> None:
    """Discord is about to be asked for the private channel with a user."""
    transaction.run(
        """
        INSERT INTO private_channel (user_id, asked_at) VALUES (:user_id, :now)
        ON CONFLICT (user_id) DO UPDATE SET asked_at = excluded.asked_at
        """,
        user_id=user_id,
        now=epoch(now),
    )


def note_private_channel(transaction: Transaction, user_id: int, channel_id: int | None) -> None:
    """Remember the private channel with a user; None where Discord no longer knows it."""
    transaction.run(
        "UPDATE private_channel SET channel_id = :channel_id WHERE user_id = :user_id",
        user_id=user_id,
        channel_id=channel_id,
    )
