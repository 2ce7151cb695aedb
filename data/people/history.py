"""Past sessions, and the figures of a month."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from data.channels import settings_in
from data.limits import PAST_SESSIONS_COUNTED
from data.models import Figures, PastSession, is_deleted
from data.people.others import HAD_OTHERS
from data.rows import epoch, listed, moment
from data.store.transaction import Transaction


def past_sessions(
    transaction: Transaction,
    channels: Collection[int],
    *,
    series_id: int | None = None,
    now: datetime,
) -> list[PastSession]:
    """Returns the latest sessions of channels or of one series there that are over, oldest first.

    At most PAST_SESSIONS_COUNTED.
    """
    # Each has its own index, which a condition on both would not use.
    which = (
        "ORDER BY ends_at DESC"
        if series_id is None
        else "AND series_id = :series_id ORDER BY starts_at DESC"
    )
    rows = transaction.all(
        f"""
        SELECT starts_at, zone, title, going_count, guest_count, came_count FROM session
        WHERE channel_id IN ({listed(channels)}) AND ends_at <= :now AND state = 'scheduled'
            {which} LIMIT :most
        """,
        series_id=series_id,
        now=epoch(now),
        most=PAST_SESSIONS_COUNTED,
    )
    return [
        PastSession(
            starts_local=moment(row["starts_at"])
            .astimezone(ZoneInfo(row["zone"]))
            .replace(tzinfo=None),
            title=row["title"],
            going=row["going_count"] + row["guest_count"],
            came=row["came_count"] or None,
        )
        for row in reversed(rows)
    ]


def figures_of(transaction: Transaction, channel_id: int, *, month: int) -> Figures | None:
    """Returns the figures of a month, or None if the channel has thanks turned off.

    ``month`` is year and month in six digits, such as 202612.
    """
    settings = settings_in(transaction, channel_id)
    if not settings.thanks_hosts:
        return None
    zone = ZoneInfo(settings.zone)
    begins, ends = month_around(datetime(month // 100, month % 100, 2, tzinfo=zone), zone)
    values = {"channel_id": channel_id, "begins": epoch(begins), "ends": epoch(ends)}
    sessions = transaction.all(
        f"""
        SELECT place, host_id FROM session
        WHERE channel_id = :channel_id AND ends_at >= :begins AND ends_at < :ends
            AND state = 'scheduled' AND {HAD_OTHERS}
        """,
        **values,
    )
    # If nobody checked in at a session, members who said they would come are counted.
    people = transaction.one(
        f"""
        SELECT COUNT(DISTINCT user_id) AS people FROM session JOIN rsvp USING (session_id)
        WHERE channel_id = :channel_id AND ends_at >= :begins AND ends_at < :ends
            AND state = 'scheduled' AND (came = 1 OR (came_count = 0 AND answer = 'going'))
            AND {HAD_OTHERS}
        """,
        **values,
    )
    assert people is not None  # COUNT always returns a row
    hosted = [row["host_id"] for row in sessions if not is_deleted(row["host_id"])]
    return Figures(
        month=begins.replace(tzinfo=None),
        jellies=len(sessions),
        places=len({row["place"].casefold() for row in sessions}),
        people=people["people"],
        hosts=tuple(sorted(set(hosted), key=lambda host: (-hosted.count(host), host))),
    )


def month_around(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Returns the start of a moment's month and of the next one in a zone, as aware datetimes."""
    local = at.astimezone(zone)
    begins = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = (begins + timedelta(days=32)).replace(day=1)
    return begins, ends
