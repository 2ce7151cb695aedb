"""Quotas: how many jellies one person, and one channel, may have ahead.

They hold for what is new: what exceeds a quota already stays, and a series goes on by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from heapq import heappop, heappush

from data.channels import settings_in
from data.limits import MOST_EXTRA_DATES
from data.models import ChannelSettings, Session
from data.refusal import Refusal
from data.rows import epoch, moment
from data.schedule.find import BEGAN_AT_MOST
from data.store.transaction import Transaction


def check_jellies_of(
    transaction: Transaction, settings: ChannelSettings, user_id: int, *, now: datetime
) -> None:
    """Raises Refusal if a person has no room for one more jelly outside series.

    Those that they scheduled or host count.
    """
    most = settings.limits.jellies_each
    if _jellies_of(transaction, settings.guild_id, user_id, now, most) < most:
        return
    if not most:
        raise Refusal(
            "Only organizers (Manage Events) schedule single jellies here. Ask one of them."
        )
    raise Refusal.counted(
        "You have {count} jelly ahead, and that's the most for one person here. Call it off, "
        "wait until it's over, or ask an organizer.",
        "You have {count} jellies ahead, and that's the most for one person here. Call one off, "
        "wait until one is over, or ask an organizer.",
        count=most,
    )


def check_series_of(transaction: Transaction, settings: ChannelSettings, user_id: int) -> None:
    """Raises Refusal if a person has no room for one more series.

    Those that they scheduled or host count, paused ones too.
    """
    most = settings.limits.series_each
    rows = transaction.all(
        """
        SELECT 1 FROM series
        WHERE guild_id = :guild_id AND state = 'active' AND :user_id IN (created_by, host_id)
        LIMIT :most
        """,
        guild_id=settings.guild_id,
        user_id=user_id,
        most=most,
    )
    if len(rows) < most:
        return
    if not most:
        raise Refusal("Only organizers (Manage Events) start series here. Ask one of them.")
    raise Refusal.counted(
        "You have {count} series, and that's the most for one person here. End it, or ask an "
        "organizer.",
        "You have {count} series, and that's the most for one person here. End one, or ask an "
        "organizer.",
        count=most,
    )


def check_extra_dates(transaction: Transaction, series_id: int, *, now: datetime) -> None:
    """Raises Refusal if a series has no room for one more date beside its rule.

    Those that were changed individually count.
    """
    rows = transaction.all(
        """
        SELECT 1 FROM session
        WHERE series_id = :series_id AND starts_at > :now AND state = 'scheduled'
            AND is_exception = 1
        LIMIT :most
        """,
        series_id=series_id,
        now=epoch(now),
        most=MOST_EXTRA_DATES,
    )
    if len(rows) >= MOST_EXTRA_DATES:
        raise Refusal.counted(
            "That series has {count} date beside its rule, and that's the most. Call it off, or "
            "ask an organizer.",
            "That series has {count} dates beside its rule, and that's the most. Call one off, or "
            "ask an organizer.",
            count=MOST_EXTRA_DATES,
        )


def check_series_in(transaction: Transaction, channel_id: int) -> None:
    """Raises Refusal if a channel has no room for one more series."""
    settings = settings_in(transaction, channel_id)
    most = settings.limits.series
    rows = transaction.all(
        """
        SELECT 1 FROM series
        WHERE guild_id = :guild_id AND state = 'active' AND channel_id = :channel_id LIMIT :most
        """,
        guild_id=settings.guild_id,
        channel_id=channel_id,
        most=most,
    )
    if len(rows) >= most:
        raise Refusal.counted(
            "There is {count} series here, and that's the most. End it, or ask an organizer to "
            "raise the limit in /settings.",
            "There are {count} series here, and that's the most. End one, or ask an organizer to "
            "raise the limit in /settings.",
            count=most,
        )


def check_cards(transaction: Transaction, added: Iterable[Session], *, now: datetime) -> None:
    """Raises Refusal if too many cards would stand in a channel beside those of added sessions.

    A card stands from when it is posted until its session is over.
    """
    settings = None
    for session in added:
        settings = settings or settings_in(transaction, session.channel_id)
        full_at = _full_at(transaction, settings, session, now)
        if full_at is not None:
            raise Refusal.counted(
                "On {when}, more than {count} date would have a card, the most for this channel. "
                "Choose another time, call one off, or ask an organizer to raise the limit in "
                "/settings.",
                "On {when}, more than {count} dates would have a card, the most for this channel. "
                "Choose another time, call one off, or ask an organizer to raise the limit in "
                "/settings.",
                count=settings.limits.cards,
                when=full_at,
            )


def _full_at(
    transaction: Transaction, settings: ChannelSettings, session: Session, now: datetime
) -> datetime | None:
    """Returns when the card of a stored session stands beside too many others; None for never."""
    most = settings.limits.cards
    posted_at = max(now, settings.announced_at(session.starts_at, session.schedule.zone))
    rows = transaction.all(
        """
        SELECT starts_at, ends_at, zone FROM session
        WHERE channel_id = :channel_id AND state = 'scheduled'
            AND starts_at > :earliest AND starts_at < :latest AND ends_at > :posted_at
        ORDER BY starts_at LIMIT :limit
        """,
        channel_id=session.channel_id,
        earliest=epoch(posted_at - BEGAN_AT_MOST),
        # A day more: by the clocks, so many days may be an hour longer.
        latest=epoch(session.ends_at + settings.announce_before + timedelta(days=1)),
        posted_at=epoch(posted_at),
        # As many as may stand when it is posted, and until it is over; more are too many.
        limit=2 * most + 1,
    )
    standing: list[int] = []  # a heap of ends
    cards = [
        (max(now, settings.announced_at(moment(row["starts_at"]), row["zone"])), row["ends_at"])
        for row in rows
    ]
    beside = sorted(card for card in cards if card[0] < session.ends_at)
    for at, ends_at in beside:
        while standing and standing[0] <= epoch(at):
            heappop(standing)
        heappush(standing, ends_at)
        if len(standing) > most and at >= posted_at:
            return at
    return posted_at if len(beside) > 2 * most else None


def _jellies_of(
    transaction: Transaction, guild_id: int, user_id: int, now: datetime, most: int
) -> int:
    """Returns how many jellies ahead outside series a person scheduled or hosts; up to ``most``."""
    found = {
        row["session_id"]
        for column in ("created_by", "host_id")
        for row in transaction.all(
            f"""
            SELECT session_id FROM session
            WHERE guild_id = :guild_id AND {column} = :user_id AND starts_at > :now
                AND series_id IS NULL AND state = 'scheduled'
            LIMIT :most
            """,
            guild_id=guild_id,
            user_id=user_id,
            now=epoch(now),
            most=most,
        )
    }
    return len(found)
