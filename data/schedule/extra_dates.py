"""Extra dates of a series, beside its rule (RDATE)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from data.models import Details, Occurrence, Schedule, Session
from data.refusal import Refusal
from data.rows import epoch, moment
from data.schedule.quotas import check_cards
from data.schedule.series import series_to_change
from data.schedule.sessions import check_details, insert
from data.store.transaction import Transaction


def add_date(
    transaction: Transaction,
    series_id: int,
    *,
    details: Details,
    schedule: Schedule,
    occurrence: Occurrence,
    now: datetime,
) -> Session:
    """Adds one date to a series (RDATE), with details and a zone of its own; returns its session.

    Raises Refusal if the details are not valid, the series is not active, the start has passed, it
    has or had a date then, or the channel has too many cards.
    """
    check_details(details)
    series = series_to_change(transaction, series_id)
    if occurrence.starts_at <= now:
        raise Refusal("That start has just passed. Choose a later one.")
    zone = ZoneInfo(series.schedule.zone)
    place = occurrence.starts_at.astimezone(zone).replace(tzinfo=None)
    _check_free(transaction, series_id, replace(occurrence, recurrence_id=place))
    session = insert(
        transaction,
        series.channel_id,
        series_id,
        series.created_by,
        details,
        schedule,
        occurrence,
        recurrence_id=place,
        now=now,
    )
    transaction.run(
        "UPDATE session SET is_exception = 1 WHERE session_id = :session_id",
        session_id=session.session_id,
    )
    check_cards(transaction, [session], now=now)
    return session


def _check_free(transaction: Transaction, series_id: int, occurrence: Occurrence) -> None:
    """Raises Refusal, with what to do, if a series has or had a date at that time."""
    row = transaction.one(
        """
        SELECT state, starts_at FROM session
        WHERE series_id = :series_id
            AND (recurrence_id = :recurrence_id OR starts_at = :starts_at)
        ORDER BY CASE WHEN state = 'scheduled' AND starts_at = :starts_at THEN 0 ELSE 1 END
        LIMIT 1
        """,
        series_id=series_id,
        recurrence_id=occurrence.recurrence_id.isoformat(),
        starts_at=epoch(occurrence.starts_at),
    )
    if row is None:
        return
    if row["state"] == "cancelled":
        raise Refusal(
            "That series had a date at that time, which was called off. To hold it after all, "
            "schedule it by itself with /jelly new."
        )
    if row["starts_at"] != epoch(occurrence.starts_at):
        raise Refusal(
            "That series had a date at that time, which was moved to {when}. Move it back with "
            "/jelly move, or choose another time.",
            when=moment(row["starts_at"]),
        )
    raise Refusal("That series already has a date then. Choose another time.")
