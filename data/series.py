"""Series: rules by which jellies happen, changed, ended and continued as time goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.database import Row, Transaction
from data.errors import Refusal
from data.models import Details, Occurrence, Schedule, Series, Session
from data.owing import concerns_anybody, is_on_its_way
from data.rows import epoch, series_of, session_of
from data.sessions import call_off, check_details, columns, insert, rewrite

HORIZON = timedelta(weeks=8)
"""How far ahead the sessions of a series exist."""

EXTEND_BEFORE = timedelta(weeks=1)
"""How long a series goes on before its next dates are added."""


def add_series(
    transaction: Transaction,
    *,
    guild_id: int,
    created_by: int,
    details: Details,
    schedule: Schedule,
    occurrences: Sequence[Occurrence],
    now: datetime,
) -> tuple[Series, list[Session]]:
    """Schedule a series; ``occurrences`` are its dates from now to the horizon."""
    check_details(details)
    row = transaction.one(
        """
        INSERT INTO series (guild_id, title, place, about, host_id, created_by, zone,
            starts_local, duration)
        VALUES (:guild_id, :title, :place, :about, :host_id, :created_by, :zone,
            :starts_local, :duration)
        RETURNING series_id
        """,
        guild_id=guild_id,
        created_by=created_by,
        **columns(details, schedule),
    )
    assert row is not None  # RETURNING gives the row that was inserted
    series_id: int = row["series_id"]
    _write_rules(transaction, series_id, schedule)
    series = _series(transaction, series_id)
    sessions = extend(transaction, series, occurrences=occurrences, now=now)
    return series, sessions


def extend(
    transaction: Transaction, series: Series, *, occurrences: Sequence[Occurrence], now: datetime
) -> list[Session]:
    """Add the dates of a series up to the horizon that do not exist yet; gives those added.

    Dates that have begun are left out. Does nothing where the series changed since it was read.
    """
    changed = transaction.run(
        """
        UPDATE series SET extend_at = :extend_at
        WHERE series_id = :series_id AND version = :version AND state = 'active'
        """,
        extend_at=epoch(now + EXTEND_BEFORE),
        series_id=series.series_id,
        version=series.version,
    )
    if not changed:
        return []
    added = []
    for occurrence in occurrences:
        if occurrence.starts_at <= now or _exists(transaction, series.series_id, occurrence):
            continue
        added.append(
            insert(
                transaction,
                series.guild_id,
                series.series_id,
                series.created_by,
                series.details,
                series.schedule,
                occurrence,
                now=now,
            )
        )
    return added


def series_to_extend(transaction: Transaction, *, now: datetime, limit: int) -> list[Series]:
    """Series whose next dates have to be added."""
    rows = transaction.all(
        """
        SELECT * FROM series WHERE extend_at IS NOT NULL AND extend_at <= :now
        ORDER BY extend_at LIMIT :limit
        """,
        now=epoch(now),
        limit=limit,
    )
    return [series_of(transaction, row) for row in rows]


def change_series(
    transaction: Transaction,
    series_id: int,
    *,
    details: Details,
    schedule: Schedule,
    occurrences: Sequence[Occurrence],
    now: datetime,
) -> list[Session]:
    """Change a series and its sessions ahead, apart from those that were changed by themselves.

    A session stays, answers and all, where the new dates have one on its day; others leave the
    series and are called off where anybody knew of them, and new dates are added.
    ``occurrences`` are the dates from now to the horizon. Gives the sessions ahead.
    """
    check_details(details)
    series = _active_series(transaction, series_id)
    transaction.run(
        """
        UPDATE series SET title = :title, place = :place, about = :about, host_id = :host_id,
            zone = :zone, starts_local = :starts_local, duration = :duration,
            version = version + 1
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        **columns(details, schedule),
    )
    _write_rules(transaction, series_id, schedule)
    by_day = {occurrence.recurrence_id.date(): occurrence for occurrence in occurrences}
    rescheduled = series.schedule != schedule
    for session in series_ahead(transaction, series_id, now=now):
        occurrence = by_day.get(session.schedule.start.date())
        if session.is_exception:
            # It keeps its own time; the date it stands for is not added a second time.
            continue
        if occurrence is None and rescheduled:
            _leave_series(transaction, session, now)
        else:
            rewrite(
                transaction,
                session,
                details,
                schedule if rescheduled else session.schedule,
                occurrence or _unchanged(session),
                now=now,
                is_exception=False,
            )
    extend(transaction, _series(transaction, series_id), occurrences=occurrences, now=now)
    return series_ahead(transaction, series_id, now=now)


def cancel_series(transaction: Transaction, series_id: int, *, now: datetime) -> list[Session]:
    """End a series and call off its sessions ahead; gives those."""
    _active_series(transaction, series_id)
    transaction.run(
        """
        UPDATE series SET state = 'cancelled', extend_at = NULL, version = version + 1
        WHERE series_id = :series_id
        """,
        series_id=series_id,
    )
    ahead = series_ahead(transaction, series_id, now=now)
    for session in ahead:
        call_off(transaction, session, now)
    return ahead


def find_series(transaction: Transaction, guild_id: int, series_id: int) -> Series | None:
    """An active series of that server."""
    row = transaction.one(
        """
        SELECT * FROM series
        WHERE series_id = :series_id AND guild_id = :guild_id AND state = 'active'
        """,
        series_id=series_id,
        guild_id=guild_id,
    )
    return None if row is None else series_of(transaction, row)


def active_series(transaction: Transaction, guild_id: int) -> list[Series]:
    rows = transaction.all(
        "SELECT * FROM series WHERE guild_id = :guild_id AND state = 'active' ORDER BY series_id",
        guild_id=guild_id,
    )
    return [series_of(transaction, row) for row in rows]


def series_ahead(transaction: Transaction, series_id: int, *, now: datetime) -> list[Session]:
    """A series' sessions that have not begun and are not called off, soonest first."""
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE series_id = :series_id AND starts_at > :now AND state = 'scheduled'
        ORDER BY starts_at
        """,
        series_id=series_id,
        now=epoch(now),
    )
    return [session_of(row) for row in rows]


def _leave_series(transaction: Transaction, session: Session, now: datetime) -> None:
    """The new rules no longer have this date, so it must not stand in their way later."""
    if concerns_anybody(transaction, session) or is_on_its_way(transaction, session):
        transaction.run(
            """
            UPDATE session SET series_id = NULL, recurrence_id = NULL
            WHERE session_id = :session_id
            """,
            session_id=session.session_id,
        )
        call_off(transaction, session, now)
    else:
        for table in ("delivery", "rsvp", "draft", "session"):
            transaction.run(
                f"DELETE FROM {table} WHERE session_id = :session_id",
                session_id=session.session_id,
            )


def _write_rules(transaction: Transaction, series_id: int, schedule: Schedule) -> None:
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


def _unchanged(session: Session) -> Occurrence:
    return Occurrence(session.schedule.start, session.starts_at, session.ends_at)


def _exists(transaction: Transaction, series_id: int, occurrence: Occurrence) -> bool:
    # A date that was called off or moved away keeps its row, so it is never added again.
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


def _series(transaction: Transaction, series_id: int) -> Series:
    row = transaction.one("SELECT * FROM series WHERE series_id = :series_id", series_id=series_id)
    assert row is not None  # the caller has just written or read it
    return series_of(transaction, row)


def _active_series(transaction: Transaction, series_id: int) -> Series:
    row = transaction.one(
        "SELECT * FROM series WHERE series_id = :series_id AND state = 'active'",
        series_id=series_id,
    )
    if row is None:
        raise Refusal("That series was called off. Type /jelly list to see what is on.")
    return series_of(transaction, row)
