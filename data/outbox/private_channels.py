"""Discord's channels for private messages: opened at a limited rate, once per person, and stored.

Discord limits or blocks bots that open many in a short time, and documents no number.
https://discord.com/developers/docs/resources/user#create-dm
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from data.limits import MOST_OPENINGS, OPENINGS_REFUSED_FOR, OPENINGS_WINDOW
from data.rows import epoch, moment
from data.store.key_value import recall, remember
from data.store.transaction import Transaction

REFUSED = "private channels refused"
"""The name in the store for when Discord last refused to open one, in epoch seconds."""


class Openings(NamedTuple):
    """How many private channels may be opened now; if none, from when one may."""

    left: int
    next_at: datetime


def openings(transaction: Transaction, *, now: datetime) -> Openings:
    """Returns how many private channels may be opened now, by MOST_OPENINGS and past refusals."""
    # Moments in the future were noted while the clock was ahead, and are ignored.
    row = transaction.one(
        """
        SELECT COALESCE(SUM(asked_times), 0) AS asked, MIN(asked_at) AS first_at
        FROM private_channel
        WHERE asked_at > :since AND asked_at < :until
        """,
        since=epoch(now - OPENINGS_WINDOW),
        until=epoch(now + OPENINGS_WINDOW),
    )
    assert row is not None  # SUM always returns a row
    refused_at = moment(int(recall(transaction, REFUSED) or 0))
    if abs(now - refused_at) < OPENINGS_REFUSED_FOR:
        return Openings(0, refused_at + OPENINGS_REFUSED_FOR)
    first_at = now if row["first_at"] is None else moment(row["first_at"])
    return Openings(max(0, MOST_OPENINGS - row["asked"]), first_at + OPENINGS_WINDOW)


def note_refused_opening(transaction: Transaction, *, now: datetime) -> None:
    """Notes that Discord refused to open a private channel; none is for OPENINGS_REFUSED_FOR."""
    remember(transaction, REFUSED, str(epoch(now)))


def note_opening(transaction: Transaction, user_id: int, *, now: datetime) -> None:
    """Notes that Discord is about to be asked for the private channel with a user."""
    transaction.run(
        """
        INSERT INTO private_channel (user_id, asked_at, asked_times) VALUES (:user_id, :now, 1)
        ON CONFLICT (user_id) DO UPDATE SET asked_at = excluded.asked_at,
            asked_times = CASE WHEN asked_at > :since AND asked_at < :until
                THEN asked_times + 1 ELSE 1 END
        """,
        user_id=user_id,
        now=epoch(now),
        since=epoch(now - OPENINGS_WINDOW),
        until=epoch(now + OPENINGS_WINDOW),
    )


def note_private_channel(transaction: Transaction, user_id: int, channel_id: int | None) -> None:
    """Stores the private channel with a user; None if Discord no longer knows it."""
    transaction.run(
        "UPDATE private_channel SET channel_id = :channel_id WHERE user_id = :user_id",
        user_id=user_id,
        channel_id=channel_id,
    )
