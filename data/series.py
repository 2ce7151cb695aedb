"""Series: rules by which jellies happen, changed, ended and continued as time goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from data.database import Row, Transaction
from data.errors import Refusal
from data.models import Ahead, DeliveryKind, Details, Occurrence, Schedule, Series, Session
from data.owing import concerns_anybody, is_on_its_way, owe
from data.rows import epoch, series_of, session_of, wall
from data.sessions import call_off, check_details, columns, insert, rewrite

HORIZON = timedelta(weeks=8)
"""How far ahead the sessions of a series exist."""

EXTEND_BEFORE = timedelta(weeks=1)
"""How long a series goes on before its next dates are added."""

EMPTY_IN_A_ROW = 3
"""After so many dates to which nobody came, the host is asked whether to go on."""

QUESTION_USEFUL_FOR = timedelta(weeks=2)


def add_series(
    transaction: Transaction,
    *,
    guild_id: int,
    created_by: int,
    details: Details,
    schedule: Schedule,
    ahead: Ahead,
    now: datetime,
) -> tuple[Series, list[Session]]:
    """Schedule a series with its dates ahead."""
    check_details(details)
    row = transaction.one(
        """
        INSERT INTO series (guild_id, title, place, about, host_id, created_by, zone,
            starts_local, duration, confirmed_at)
        VALUES (:guild_id, :title, :place, :about, :host_id, :created_by, :zone,
            :starts_local, :duration, :now)
        RETURNING series_id
        """,
        guild_id=guild_id,
        created_by=created_by,
        now=epoch(now),
        **columns(details, schedule),
    )
    assert row is not None  # RETURNING gives the row that was inserted
    series_id: int = row["series_id"]
    _write_rules(transaction, series_id, schedule)
    series = _series(transaction, series_id)
    sessions = extend(transaction, series, ahead=ahead, now=now)
    return series, sessions


def extend(
    transaction: Transaction, series: Series, *, ahead: Ahead, now: datetime
) -> list[Session]:
    """Add the dates of a series up to the horizon that do not exist yet; gives those added.

    Dates that have begun, or at which the series pauses, are left out. A series whose last date is
    over ends. Does nothing where the series changed since it was read.
    """
    if not _is_unchanged(transaction, series):
        return []
    added = []
    for occurrence in ahead.occurrences:
        if occurrence.starts_at <= now or series.is_paused(occurrence.starts_at):
            continue
        if _exists(transaction, series.series_id, occurrence):
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
    _look_again(transaction, series.series_id, ahead, now)
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


def _look_again(transaction: Transaction, series_id: int, ahead: Ahead, now: datetime) -> None:
    """Note when the dates of a series want attention next; end it where it has none left."""
    row = transaction.one(
        """
        SELECT MAX(ends_at) AS last FROM session
        WHERE series_id = :series_id AND ends_at > :now AND state = 'scheduled'
        """,
        series_id=series_id,
        now=epoch(now),
    )
    last = row["last"] if row else None
    if ahead.goes_on or ahead.occurrences:
        last = epoch(now + EXTEND_BEFORE)
    transaction.run(
        """
        UPDATE series SET extend_at = :extend_at,
            state = CASE WHEN :extend_at IS NULL THEN 'ended' ELSE state END
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        extend_at=last,
    )


def put_off(transaction: Transaction, series_id: int, *, until: datetime) -> None:
    """Look at the dates of a series later, because they can't be known now."""
    transaction.run(
        "UPDATE series SET extend_at = :until WHERE series_id = :series_id",
        series_id=series_id,
        until=epoch(until),
    )


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
    ahead: Ahead,
    now: datetime,
) -> list[Session]:
    """Change a series and its sessions ahead, apart from those that were changed by themselves.

    A session stays, answers and all, where the new dates have one on its day; others leave the
    series and are called off where anybody knew of them, and new dates are added.
    Gives the sessions ahead.
    """
    check_details(details)
    series = _active_series(transaction, series_id)
    transaction.run(
        """
        UPDATE series SET title = :title, place = :place, about = :about, host_id = :host_id,
            zone = :zone, starts_local = :starts_local, duration = :duration,
            version = version + 1, confirmed_at = :now
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        now=epoch(now),
        **columns(details, schedule),
    )
    _write_rules(transaction, series_id, schedule)
    rescheduled = series.schedule != schedule
    on_day = _by_day(ahead.occurrences)
    if rescheduled:
        _follow_rule(transaction, series_id, on_day, now)
    for session in series_ahead(transaction, series_id, now=now):
        if session.is_exception:
            continue  # it goes its own way
        day = session.schedule.start.date()
        occurrence = on_day.get(day) if rescheduled else _unchanged(session)
        if occurrence is None and day == now.astimezone(ZoneInfo(schedule.zone)).date():
            continue  # people are on their way: a new rule begins after today
        if occurrence is None:
            _leave_series(transaction, session, now)
        elif occurrence.starts_at > now:
            rewrite(
                transaction,
                session,
                details,
                schedule if rescheduled else session.schedule,
                occurrence,
                now=now,
                is_exception=False,
            )
    extend(transaction, _series(transaction, series_id), ahead=ahead, now=now)
    return series_ahead(transaction, series_id, now=now)


def _by_day(occurrences: Sequence[Occurrence]) -> dict[date, Occurrence]:
    """The first date of each day; a series is rarely held twice on one."""
    on_day: dict[date, Occurrence] = {}
    for occurrence in occurrences:
        on_day.setdefault(occurrence.recurrence_id.date(), occurrence)
    return on_day


def _follow_rule(
    transaction: Transaction, series_id: int, on_day: Mapping[date, Occurrence], now: datetime
) -> None:
    """Have every date, also called off and moved ones, stand for the new rule's date of its day.

    Otherwise the new rule would bring back what was called off, and double what was moved.
    """
    rows = transaction.all(
        """
        SELECT session_id, recurrence_id FROM session
        WHERE series_id = :series_id AND ends_at > :now ORDER BY recurrence_id
        """,
        series_id=series_id,
        now=epoch(now),
    )
    for row in rows:
        _set_recurrence_id(transaction, row["session_id"], f"{row['recurrence_id']} before")
    for row in rows:
        there = on_day.get(wall(row["recurrence_id"]).date())
        new = row["recurrence_id"] if there is None else there.recurrence_id.isoformat()
        _set_recurrence_id(transaction, row["session_id"], new)


def _set_recurrence_id(transaction: Transaction, session_id: int, recurrence_id: str) -> None:
    transaction.run(
        "UPDATE session SET recurrence_id = :recurrence_id WHERE session_id = :session_id",
        session_id=session_id,
        recurrence_id=recurrence_id,
    )


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


def split_series(
    transaction: Transaction,
    first: Session,
    *,
    earlier: Schedule,
    details: Details,
    schedule: Schedule,
    ahead: Ahead,
    now: datetime,
) -> list[Session]:
    """Change one date of a series and all later ones, which become a series of their own.

    ``earlier`` is what is left of the old one, ``schedule`` and ``ahead`` are the new one's.
    Gives the new one's sessions ahead.
    """
    assert first.series_id is not None
    assert first.recurrence_id is not None
    old = _active_series(transaction, first.series_id)
    transaction.run(
        "UPDATE series SET version = version + 1 WHERE series_id = :series_id",
        series_id=old.series_id,
    )
    _write_rules(transaction, old.series_id, earlier)
    new, _ = add_series(
        transaction,
        guild_id=old.guild_id,
        created_by=old.created_by,
        details=old.details,
        schedule=replace(old.schedule, start=first.recurrence_id),
        ahead=Ahead((), goes_on=True),
        now=now,
    )
    transaction.run(
        """
        UPDATE session SET series_id = :new
        WHERE series_id = :old AND recurrence_id >= :first
        """,
        new=new.series_id,
        old=old.series_id,
        first=first.recurrence_id.isoformat(),
    )
    return change_series(
        transaction,
        new.series_id,
        details=details,
        schedule=schedule,
        ahead=ahead,
        now=now,
    )


def add_date(
    transaction: Transaction, series_id: int, *, occurrence: Occurrence, now: datetime
) -> Session:
    """Hold a series once more (RDATE). Raises Refusal where it is held then anyway."""
    series = _active_series(transaction, series_id)
    if occurrence.starts_at <= now:
        raise Refusal("That start has just passed; choose a later one.")
    if _exists(transaction, series_id, occurrence):
        raise Refusal("That series has a date at that time already; choose another time.")
    session = insert(
        transaction,
        series.guild_id,
        series_id,
        series.created_by,
        series.details,
        replace(series.schedule, duration=occurrence.ends_at - occurrence.starts_at),
        occurrence,
        now=now,
    )
    transaction.run(
        "UPDATE session SET is_exception = 1 WHERE session_id = :session_id",
        session_id=session.session_id,
    )
    return session


def pause_series(
    transaction: Transaction, series_id: int, *, until: datetime | None, now: datetime
) -> list[Session]:
    """Hold no dates until a moment, or until somebody resumes it; gives the dates left out."""
    _active_series(transaction, series_id)
    transaction.run(
        """
        UPDATE series SET paused_from = :now, paused_until = :until, version = version + 1
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        now=epoch(now),
        until=None if until is None else epoch(until),
    )
    left_out = [
        session
        for session in series_ahead(transaction, series_id, now=now)
        if until is None or session.starts_at < until
    ]
    for session in left_out:
        _leave_series(transaction, session, now)
    return left_out


def resume_series(
    transaction: Transaction, series_id: int, *, ahead: Ahead, now: datetime
) -> list[Session]:
    """Go on after a pause. Raises Refusal where it does not pause."""
    series = _active_series(transaction, series_id)
    if not series.is_paused(now):
        raise Refusal("That series is not paused. Type /jelly list to see its dates.")
    transaction.run(
        """
        UPDATE series SET paused_from = NULL, paused_until = NULL, version = version + 1,
            confirmed_at = :now
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        now=epoch(now),
    )
    extend(transaction, _series(transaction, series_id), ahead=ahead, now=now)
    return series_ahead(transaction, series_id, now=now)


def confirm_series(transaction: Transaction, series_id: int, *, now: datetime) -> Series:
    """Note that somebody wants the series to go on."""
    _active_series(transaction, series_id)
    transaction.run(
        "UPDATE series SET confirmed_at = :now WHERE series_id = :series_id",
        series_id=series_id,
        now=epoch(now),
    )
    return _series(transaction, series_id)


def ask_whether_to_go_on(transaction: Transaction, session_id: int, *, now: datetime) -> bool:
    """Once a session is over: owe the host of its series the question whether to go on.

    Only where nobody came to its last dates, and once until somebody confirms the series.
    """
    row = transaction.one(
        """
        SELECT series.series_id, series.confirmed_at, guild.channel_id, card_channel_id
        FROM session JOIN series USING (series_id) JOIN guild ON guild.guild_id = series.guild_id
        WHERE session_id = :session_id AND ends_at <= :now AND series.state = 'active'
            AND paused_from IS NULL
        """,
        session_id=session_id,
        now=epoch(now),
    )
    if row is None or _was_asked(transaction, row["series_id"], row["confirmed_at"]):
        return False
    last = transaction.all(
        """
        SELECT EXISTS (SELECT 1 FROM rsvp WHERE rsvp.session_id = session.session_id
                       AND answer = 'going') AS had_people
        FROM session
        WHERE series_id = :series_id AND ends_at <= :now AND state = 'scheduled'
            AND starts_at > :confirmed_at
        ORDER BY starts_at DESC LIMIT :in_a_row
        """,
        series_id=row["series_id"],
        now=epoch(now),
        confirmed_at=row["confirmed_at"],
        in_a_row=EMPTY_IN_A_ROW,
    )
    if len(last) < EMPTY_IN_A_ROW or any(one["had_people"] for one in last):
        return False
    owe(
        transaction,
        session_id,
        DeliveryKind.QUESTION,
        row["card_channel_id"] or row["channel_id"],
        due=epoch(now),
        useful_until=epoch(now + QUESTION_USEFUL_FOR),
    )
    return True


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


def _was_asked(transaction: Transaction, series_id: int, since: int) -> bool:
    row = transaction.one(
        """
        SELECT 1 FROM delivery JOIN session USING (session_id)
        WHERE series_id = :series_id AND kind = 'question' AND due_at >= :since LIMIT 1
        """,
        series_id=series_id,
        since=since,
    )
    return row is not None


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
