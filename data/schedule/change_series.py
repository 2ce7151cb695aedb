"""Changing the rule of a series, all of it or from one date on, without breaking the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from data.models import Details, Horizon, Occurrence, Schedule, Session
from data.outbox.plan import concerns_anybody, is_on_its_way
from data.people.members import note_called_off
from data.rows import DETAILS_SET, epoch, wall
from data.schedule.find import session_now
from data.schedule.series import (
    add_series,
    extend,
    series_ahead,
    series_now,
    series_to_change,
    write_rules,
)
from data.schedule.sessions import call_off, check_details, columns, rewrite
from data.store.transaction import Transaction


def change_series(
    transaction: Transaction,
    series_id: int,
    *,
    details: Details,
    schedule: Schedule,
    horizon: Horizon,
    now: datetime,
) -> list[Session]:
    """Change a series and its sessions ahead, apart from those that were changed by themselves.

    A session stays, answers and all, where the new dates have one on its day, and moves where they
    have just one other in its week; the rest leave the series and are called off where anybody
    knew of them, and new dates are added.
    Gives the sessions ahead.
    """
    check_details(details)
    series = series_to_change(transaction, series_id)
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
    rescheduled = series.schedule != schedule
    there: Mapping[date, Occurrence] = {}
    if rescheduled:
        there = _follow_rule(transaction, series_id, horizon.occurrences, now)
    for session in series_ahead(transaction, series_id, now=now):
        if session.is_exception:
            continue  # it goes its own way
        day = session.schedule.start.date()
        occurrence = there.get(day) if rescheduled else _unchanged(session)
        if occurrence is None and day == now.astimezone(ZoneInfo(schedule.zone)).date():
            continue  # people are on their way: a new rule begins after today
        if occurrence is None:
            leave_series(transaction, session, now)
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
    extend(transaction, series_now(transaction, series_id), horizon=horizon, now=now)
    return series_ahead(transaction, series_id, now=now)


def split_series(
    transaction: Transaction,
    first: Session,
    *,
    earlier: Schedule,
    details: Details,
    schedule: Schedule,
    horizon: Horizon,
    now: datetime,
) -> list[Session]:
    """Change one date of a series and all later ones, which become a series of their own.

    ``earlier`` is what is left of the old one, ``schedule`` and ``horizon`` are the new one's.
    Gives the new one's sessions ahead.
    """
    assert first.series_id is not None
    assert first.recurrence_id is not None
    old = series_to_change(transaction, first.series_id)
    transaction.run(
        "UPDATE series SET version = version + 1 WHERE series_id = :series_id",
        series_id=old.series_id,
    )
    write_rules(transaction, old.series_id, earlier)
    new, _ = add_series(
        transaction,
        guild_id=old.guild_id,
        created_by=old.created_by,
        details=old.details,
        schedule=replace(old.schedule, start=first.recurrence_id),
        horizon=Horizon((), goes_on=True),
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
        horizon=horizon,
        now=now,
    )


def leave_series(transaction: Transaction, session: Session, now: datetime) -> None:
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
        note_called_off(transaction, session_now(transaction, session.session_id), now)
        transaction.run(
            """
            DELETE FROM delivery_recipient WHERE delivery_id IN (
                SELECT delivery_id FROM delivery WHERE session_id = :session_id)
            """,
            session_id=session.session_id,
        )
        for table in ("delivery", "session_boundary", "rsvp", "session_hours", "draft", "session"):
            transaction.run(
                f"DELETE FROM {table} WHERE session_id = :session_id",
                session_id=session.session_id,
            )


def _follow_rule(
    transaction: Transaction,
    series_id: int,
    occurrences: Sequence[Occurrence],
    now: datetime,
) -> dict[date, Occurrence]:
    """Have every date, also called off and moved ones, stand for its counterpart in the new rule.

    Otherwise the new rule would bring back what was called off, and double what was moved. Gives
    the counterparts by the day of the old date.
    """
    rows = transaction.all(
        """
        SELECT session_id, recurrence_id FROM session
        WHERE series_id = :series_id AND ends_at > :now ORDER BY recurrence_id
        """,
        series_id=series_id,
        now=epoch(now),
    )
    there = _counterparts([wall(row["recurrence_id"]).date() for row in rows], occurrences)
    for row in rows:
        _set_recurrence_id(transaction, row["session_id"], f"{row['recurrence_id']} before")
    for row in rows:
        occurrence = there.get(wall(row["recurrence_id"]).date())
        new = row["recurrence_id"] if occurrence is None else occurrence.recurrence_id.isoformat()
        _set_recurrence_id(transaction, row["session_id"], new)
    return there


def _counterparts(
    days: Sequence[date], occurrences: Sequence[Occurrence]
) -> dict[date, Occurrence]:
    """Which new date stands for which old day: that of the day, else the only one of the week."""
    new = {one.recurrence_id.date(): one for one in reversed(occurrences)}
    there = {day: new[day] for day in days if day in new}
    left_days, left_new = set(days) - new.keys(), new.keys() - set(days)
    for day in left_days:
        if [other for other in left_days if _week(other) == _week(day)] != [day]:
            continue
        in_week = [other for other in left_new if _week(other) == _week(day)]
        if len(in_week) == 1:
            there[day] = new[in_week[0]]
    return there


def _week(day: date) -> tuple[int, int]:
    return day.isocalendar()[:2]


def _set_recurrence_id(transaction: Transaction, session_id: int, recurrence_id: str) -> None:
    transaction.run(
        "UPDATE session SET recurrence_id = :recurrence_id WHERE session_id = :session_id",
        session_id=session_id,
        recurrence_id=recurrence_id,
    )


def _unchanged(session: Session) -> Occurrence:
    return Occurrence(session.schedule.start, session.starts_at, session.ends_at)
