"""The monthly post that thanks the hosts of a channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from data.channels import settings_in
from data.limits import THANKS_AT, THANKS_USEFUL_FOR
from data.models import Owner
from data.outbox.kinds import THANKS
from data.outbox.owe import owe
from data.people.history import month_around
from data.people.others import HAD_OTHERS
from data.rows import epoch, moment
from data.store.transaction import Row, Transaction

_THANKS = "owner_channel_id = :channel_id AND kind = 'thanks'"


def owe_thanks(transaction: Transaction, session_id: int, *, now: datetime) -> None:
    """Owes a channel the post about the month of a session that is over, and was not empty.

    A session at which only its host was counts for none.
    """
    row = transaction.one(
        f"""
        SELECT channel.guild_id, channel_id, channel.zone, ends_at
        FROM session JOIN channel USING (channel_id)
        WHERE session_id = :session_id AND ends_at <= :now AND session.state = 'scheduled'
            AND {HAD_OTHERS} AND thanks_hosts = 1
        """,
        session_id=session_id,
        now=epoch(now),
    )
    if row is None:
        return
    month, following = month_around(moment(row["ends_at"]), ZoneInfo(row["zone"]))
    occasion = month.year * 100 + month.month
    due = following + THANKS_AT
    if now < due + THANKS_USEFUL_FOR and not _is_owed(transaction, row["channel_id"], occasion):
        owe(
            transaction,
            Owner(row["guild_id"], channel_id=row["channel_id"]),
            THANKS,
            row["channel_id"],
            occasion=occasion,
            due=epoch(due),
            useful_until=epoch(due + THANKS_USEFUL_FOR),
        )


def plan_thanks(transaction: Transaction, channel_id: int, *, now: datetime) -> None:
    """Replaces a channel's unsent posts of thanks by those that its current settings need."""
    withdrawn = transaction.all(
        f"""
        UPDATE delivery SET state = 'withdrawn'
        WHERE {_THANKS} AND state = 'pending' AND attempts = 0
        RETURNING occasion
        """,
        channel_id=channel_id,
    )
    zone = ZoneInfo(settings_in(transaction, channel_id).zone)
    begins, _ = month_around(now, zone)
    for row in withdrawn:
        month = datetime(row["occasion"] // 100, row["occasion"] % 100, 1, tzinfo=zone)
        begins = min(begins, month)
    # A day more: with the zone, the month that a session belongs to may have changed.
    begins -= timedelta(days=1)
    while (first := _first_with_people(transaction, channel_id, begins, now)) is not None:
        owe_thanks(transaction, first["session_id"], now=now)
        _, begins = month_around(moment(first["ends_at"]), zone)


def _first_with_people(
    transaction: Transaction, channel_id: int, since: datetime, now: datetime
) -> Row | None:
    """Returns the first session of a channel that is over, and had more than its host."""
    return transaction.one(
        f"""
        SELECT session_id, ends_at FROM session
        WHERE channel_id = :channel_id AND ends_at >= :since AND ends_at <= :now
            AND state = 'scheduled' AND {HAD_OTHERS}
        ORDER BY ends_at LIMIT 1
        """,
        channel_id=channel_id,
        since=epoch(since),
        now=epoch(now),
    )


def _is_owed(transaction: Transaction, channel_id: int, occasion: int) -> bool:
    """Returns whether a month's post is owed, was sent, or ended other than by withdrawal."""
    row = transaction.one(
        f"""
        SELECT 1 FROM delivery
        WHERE {_THANKS} AND occasion = :occasion AND state <> 'withdrawn'
        """,
        channel_id=channel_id,
        occasion=occasion,
    )
    return row is not None
