"""Discord's channels for private messages: opened slowly, once for each person, and remembered.

Discord limits or blocks bots that open many in a short time, and says no number.
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
"""Under this name the store remembers when Discord said that they are opened too fast."""


class Openings(NamedTuple):
    """How many private channels may be opened now; if none, from when on one may."""

    left: int
    next_at: datetime


def openings(transaction: Transaction, *, now: datetime) -> Openings:
    """What the limits above leave at this moment."""
    # What a clock that ran far ahead has noted lies in the future, and counts for nothing.
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
    """Discord has said that private channels are opened too fast: none is for a while."""
    remember(transaction, REFUSED, str(epoch(now)))


def note_opening(transaction: Transaction, user_id: int, *, now: datetime) -> None:
    """Discord is about to be asked for the private channel with a user."""
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
    """Remember the private channel with a user; None where Discord no longer knows it."""
    transaction.run(
        "UPDATE private_channel SET channel_id = :channel_id WHERE user_id = :user_id",
        user_id=user_id,
        channel_id=channel_id,
    )
