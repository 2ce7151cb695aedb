"""Series: rules by which sessions take place; they are created, extended and ended here."""

from __future__ import annotations

from datetime import datetime

from data.limits import EXTEND_AFTER
from data.models import Details, Horizon, Occurrence, Schedule, Series, Session
from data.outbox.standing import tidy_series
from data.people.invitations import withdraw_invitations
from data.refusal import Refusal
from data.rows import (
    DETAILS,
    DETAILS_GIVEN,
    DETAILS_SET,
    epoch,
    series_of,
)
from data.schedule.find_series import series_ahead
from data.schedule.quotas import check_cards, check_series_in
from data.schedule.sessions import call_off, check_details, columns, insert
from data.store.transaction import Row, Transaction


def add_series(
    transaction: Transaction,
    *,
    channel_id: int,
    created_by: int,
    details: Details,
    schedule: Schedule,
    horizon: Horizon,
    now: datetime,
) -> tuple[Series, list[Session]]:
    """Creates a series and its sessions up to the horizon.

    Raises Refusal for invalid details, or if the channel has too many series or cards.
    """
    check_details(details)
    check_series_in(transaction, channel_id)
    series = insert_series(
        transaction,
        channel_id=channel_id,
        created_by=created_by,
        details=details,
        schedule=schedule,
        now=now,
    )
    added = extend(transaction, series, horizon=horizon, now=now)
    check_cards(transaction, added, now=now)
    return series, added


def insert_series(
    transaction: Transaction,
    *,
    channel_id: int,
    created_by: int,
    details: Details,
    schedule: Schedule,
    now: datetime,
) -> Series:
    """Stores a series without any dates."""
    row = transaction.one(
        f"""
        INSERT INTO series (guild_id, channel_id, {DETAILS}, created_by, zone,
            starts_local, duration, confirmed_at)
        VALUES ((SELECT guild_id FROM channel WHERE channel_id = :channel_id), :channel_id,
            {DETAILS_GIVEN}, :created_by, :zone,
            :starts_local, :duration, :now)
        RETURNING series_id
        """,
        channel_id=channel_id,
        created_by=created_by,
        now=epoch(now),
        **columns(details, schedule),
    )
    assert row is not None  # RETURNING returns the inserted row
    series_id: int = row["series_id"]
    write_rules(transaction, series_id, schedule)
    return series_now(transaction, series_id)


def rewrite_series(
    transaction: Transaction,
    series_id: int,
    *,
    details: Details,
    schedule: Schedule,
    now: datetime,
) -> None:
    """Replaces the details and schedule of a series, and leaves its dates as they are."""
    transaction.run(
        f"""
        UPDATE series SET {DETAILS_SET}, zone = :zone,
            starts_local = :starts_local, duration = :duration,
            version = version + 1, confirmed_at = :now
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        now=epoch(now),
        **columns(details, schedule),
    )
    write_rules(transaction, series_id, schedule)
    tidy_series(transaction, series_id, now=now)


def shorten_series(transaction: Transaction, series_id: int, schedule: Schedule) -> None:
    """Replaces the rules of a series with those of its shortened schedule."""
    transaction.run(
        "UPDATE series SET version = version + 1 WHERE series_id = :series_id",
        series_id=series_id,
    )
    write_rules(transaction, series_id, schedule)


def extend(
    transaction: Transaction, series: Series, *, horizon: Horizon, now: datetime
) -> list[Session]:
    """Adds the missing dates of a series up to the horizon; returns those added.

    Dates that have begun, or at which the series pauses, are skipped. A series whose last date is
    over ends, unless a pause leaves some out. Does nothing if the series changed since it was read.
    """
    if not _is_unchanged(transaction, series):
        return []
    added, goes_on = [], horizon.goes_on
    for occurrence in horizon.occurrences:
        if occurrence.starts_at <= now or is_held(transaction, series.series_id, occurrence):
            continue
        if series.is_paused(occurrence.starts_at):
            goes_on = True
            continue
        added.append(
            insert(
                transaction,
                series.channel_id,
                series.series_id,
                series.created_by,
                series.details,
                series.schedule,
                occurrence,
                now=now,
            )
        )
    _look_again(transaction, series.series_id, now, goes_on=goes_on)
    return added


def _is_unchanged(transaction: Transaction, series: Series) -> bool:
    row = transaction.one(
        """
        SELECT 1 FROM series
        WHERE series_id = :series_id AND version = :version AND state = 'active'
        """,
        series_id=series.series_id,
        version=series.version,
    )
    return row is not None


def _look_again(transaction: Transaction, series_id: int, now: datetime, *, goes_on: bool) -> None:
    """Notes when the dates of a series are to be extended next; ends it if none is left.

    ``goes_on`` if it may have dates that are not stored yet.
    """
    row = transaction.one(
        """
        SELECT MAX(ends_at) AS last FROM session
        WHERE series_id = :series_id AND ends_at > :now AND state = 'scheduled'
        """,
        series_id=series_id,
        now=epoch(now),
    )
    last = row["last"] if row else None
    if goes_on:
        last = epoch(now + EXTEND_AFTER)
    transaction.run(
        """
        UPDATE series SET extend_at = :extend_at,
            state = CASE WHEN CAST(:extend_at AS BIGINT) IS NULL THEN 'ended' ELSE state END
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        extend_at=last,
    )
    if last is None:
        tidy_series(transaction, series_id, now=now)


def put_off(transaction: Transaction, series_id: int, *, until: datetime) -> None:
    """Defers extending a series until a moment, because its dates can't be computed now."""
    transaction.run(
        """
        UPDATE series SET extend_at = :until
        WHERE series_id = :series_id AND extend_at IS NOT NULL
        """,
        series_id=series_id,
        until=epoch(until),
    )


def series_to_extend(transaction: Transaction, *, now: datetime, limit: int) -> list[Series]:
    """Returns series that are due to be extended, the longest due first."""
    rows = transaction.all(
        """
        SELECT * FROM series WHERE extend_at IS NOT NULL AND extend_at <= :now
        ORDER BY extend_at LIMIT :limit
        """,
        now=epoch(now),
        limit=limit,
    )
    return [series_of(transaction, row) for row in rows]


def cancel_series(transaction: Transaction, series_id: int, *, now: datetime) -> list[Session]:
    """Ends a series and cancels its sessions ahead; returns those.

    Raises Refusal if the series is not active.
    """
    withdraw_invitations(transaction, series_to_change(transaction, series_id), now=now)
    transaction.run(
        """
        UPDATE series SET state = 'cancelled', extend_at = NULL, version = version + 1
        WHERE series_id = :series_id
        """,
        series_id=series_id,
    )
    tidy_series(transaction, series_id, now=now)
    ahead = series_ahead(transaction, series_id, now=now)
    for session in ahead:
        call_off(transaction, session, now)
    return ahead


def write_rules(transaction: Transaction, series_id: int, schedule: Schedule) -> None:
    for table in ("series_rule", "series_excluded"):
        transaction.run(f"DELETE FROM {table} WHERE series_id = :series_id", series_id=series_id)
    for excluded in schedule.excluded:
        transaction.run(
            """
            INSERT INTO series_excluded (series_id, starts_local)
            VALUES (:series_id, :starts_local)
            """,
            series_id=series_id,
            starts_local=excluded.isoformat(),
        )
    for position, rrule in enumerate(schedule.rules):
        transaction.run(
            """
            INSERT INTO series_rule (series_id, position, rrule)
            VALUES (:series_id, :position, :rrule)
            """,
            series_id=series_id,
            position=position,
            rrule=rrule,
        )


def is_held(transaction: Transaction, series_id: int, occurrence: Occurrence) -> bool:
    # A cancelled or moved date keeps its row, so that it is never added again.
    row: Row | None = transaction.one(
        """
        SELECT 1 FROM session WHERE series_id = :series_id
            AND (recurrence_id = :recurrence_id OR (starts_at = :starts_at AND state = 'scheduled'))
        """,
        series_id=series_id,
        recurrence_id=occurrence.recurrence_id.isoformat(),
        starts_at=epoch(occurrence.starts_at),
    )
    return row is not None


def series_now(transaction: Transaction, series_id: int) -> Series:
    row = transaction.one("SELECT * FROM series WHERE series_id = :series_id", series_id=series_id)
    assert row is not None  # the caller has just written or read it
    return series_of(transaction, row)


def series_to_change(transaction: Transaction, series_id: int) -> Series:
    row = transaction.one(
        "SELECT * FROM series WHERE series_id = :series_id AND state = 'active'",
        series_id=series_id,
    )
    if row is None:
        raise Refusal("That series was called off. Type /jelly list to see what's on.")
    return series_of(transaction, row)
