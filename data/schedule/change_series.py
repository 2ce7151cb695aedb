"""Changes of a series, all of it or from one date on, that keep members' answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from data.models import Details, Horizon, Occurrence, Schedule, Session, Split
from data.outbox.plan import concerns_anybody, is_on_its_way
from data.people.invitations import has_invited, keep_refusals
from data.people.members import note_called_off
from data.rows import epoch, session_of
from data.schedule.find import session_now
from data.schedule.quotas import check_cards, check_series_in
from data.schedule.series import (
    extend,
    insert_series,
    rewrite_series,
    series_ahead,
    series_now,
    series_to_change,
    shorten_series,
)
from data.schedule.sessions import call_off, check_details, rewrite
from data.store.transaction import Transaction


def change_series(
    transaction: Transaction,
    series_id: int,
    *,
    details: Details,
    schedule: Schedule,
    horizon: Horizon,
    is_limited: bool,
    now: datetime,
) -> list[Session]:
    """Changes a series and its sessions ahead, except those that were changed individually.

    A session keeps its answers if the new rule has a date on its day; otherwise it moves if the
    rule has exactly one other date in its week. The rest leave the series, and are cancelled if
    members may know of them. New dates are added. ``is_limited`` if dates may be moved
    only so often. Returns the sessions ahead. Raises Refusal if the details are not valid, the
    series is not active, or a date was moved too often.
    """
    check_details(details)
    series = series_to_change(transaction, series_id)
    rewrite_series(transaction, series_id, details=details, schedule=schedule, now=now)
    dates = _dates(transaction, series_id, "ends_at > :now", now=epoch(now))
    return _follow(
        transaction,
        series_id,
        dates,
        details,
        schedule,
        horizon,
        is_rescheduled=series.schedule != schedule,
        is_limited=is_limited,
        now=now,
    )


def change_from(
    transaction: Transaction,
    first: Session,
    split: Split,
    *,
    details: Details,
    schedule: Schedule,
    horizon: Horizon,
    is_limited: bool,
    now: datetime,
) -> list[Session]:
    """Changes one date of a series and all later ones, which become a new series.

    ``split`` is the old series divided at that date; ``schedule`` and ``horizon`` are those of the
    new series. If no date is before it, the series itself changes. Returns the sessions ahead and
    raises Refusal as :func:`change_series` does.
    """
    assert first.series_id is not None
    assert first.recurrence_id is not None
    old = series_to_change(transaction, first.series_id)
    if split.earlier is None:
        return change_series(
            transaction,
            old.series_id,
            details=details,
            schedule=schedule,
            horizon=horizon,
            is_limited=is_limited,
            now=now,
        )
    check_details(details)
    check_series_in(transaction, old.channel_id)
    shorten_series(transaction, old.series_id, split.earlier)
    new = insert_series(
        transaction,
        channel_id=old.channel_id,
        created_by=old.created_by,
        details=details,
        schedule=schedule,
        now=now,
    )
    keep_refusals(transaction, old.series_id, later=new.series_id, now=now)
    dates = _dates(
        transaction,
        old.series_id,
        "recurrence_id >= :first",
        first=first.recurrence_id.isoformat(),
    )
    return _follow(
        transaction,
        new.series_id,
        dates,
        details,
        schedule,
        horizon,
        is_rescheduled=split.later != schedule,
        is_limited=is_limited,
        now=now,
    )


def leave_series(transaction: Transaction, session: Session, now: datetime) -> None:
    """Takes a date out of its series: cancels it if members may know of it, else deletes it.

    It frees its place in the series, so that a later rule can use the same date.
    """
    if (
        concerns_anybody(transaction, session)
        or is_on_its_way(transaction, session)
        or has_invited(transaction, session)
    ):
        _place(transaction, session, None, None)
        call_off(transaction, session, now)
        return
    note_called_off(transaction, session_now(transaction, session.session_id), now)
    for table in ("delivery_recipient", "delivery_named"):
        transaction.run(
            f"""
            DELETE FROM {table} WHERE delivery_id IN (
                SELECT delivery_id FROM delivery WHERE session_id = :session_id)
            """,
            session_id=session.session_id,
        )
    for table in (
        "delivery",
        "ping",
        "session_boundary",
        "rsvp",
        "session_hours",
        "draft",
        "session",
    ):
        transaction.run(
            f"DELETE FROM {table} WHERE session_id = :session_id",
            session_id=session.session_id,
        )


def _dates(transaction: Transaction, series_id: int, which: str, **values: object) -> list[Session]:
    rows = transaction.all(
        f"""
        SELECT * FROM session WHERE series_id = :series_id AND {which} ORDER BY recurrence_id
        """,
        series_id=series_id,
        **values,
    )
    return [session_of(row) for row in rows]


def _follow(
    transaction: Transaction,
    series_id: int,
    dates: Sequence[Session],
    details: Details,
    schedule: Schedule,
    horizon: Horizon,
    *,
    is_rescheduled: bool,
    is_limited: bool,
    now: datetime,
) -> list[Session]:
    """Adapts dates, cancelled and moved ones too, to a series as it is stored now.

    1. Each takes the place of its counterpart in the new rule. Otherwise the rule would add
       cancelled dates again, and moved ones twice.
    2. Dates ahead change with the series, or leave it if they have no counterpart.
    3. The other dates of the rule are added.

    Returns the sessions ahead.
    """
    counterparts: Mapping[date, Occurrence] = {}
    if is_rescheduled:
        days = [_day(session) for session in dates if session.ends_at > now]
        counterparts = _counterparts(days, horizon.occurrences)
    _place_all(transaction, series_id, dates, counterparts)
    before = series_ahead(transaction, series_id, now=now)
    for session in before:
        if session.is_exception:
            continue  # it was changed individually
        day = session.schedule.start.date()
        occurrence = counterparts.get(day) if is_rescheduled else _unchanged(session)
        if occurrence is None and day == now.astimezone(ZoneInfo(schedule.zone)).date():
            continue  # members may be on their way: a new rule begins after today
        if occurrence is None:
            leave_series(transaction, session, now)
        elif occurrence.starts_at > now:
            rewrite(
                transaction,
                session,
                details,
                schedule if is_rescheduled else session.schedule,
                occurrence,
                is_exception=False,
                is_limited=is_limited,
                now=now,
            )
    added = extend(transaction, series_now(transaction, series_id), horizon=horizon, now=now)
    after = series_ahead(transaction, series_id, now=now)
    if is_rescheduled:
        check_cards(transaction, _more(before, after, added), now=now)
    return after


def _more(
    before: Sequence[Session], after: Sequence[Session], added: Sequence[Session]
) -> list[Session]:
    """Returns the dates that a new rule adds, if there are more than there were.

    What comes after the last date that there was, time would have added as well.
    """
    if not before:
        return list(added)
    last = max(session.starts_at for session in before)
    is_more = sum(session.starts_at <= last for session in after) > len(before)
    return [session for session in added if is_more and session.starts_at <= last]


def _place_all(
    transaction: Transaction,
    series_id: int,
    dates: Collection[Session],
    counterparts: Mapping[date, Occurrence],
) -> None:
    """Assigns dates to a series, each to the place of its counterpart, else to its old place."""
    # They leave their series first, because two of them may exchange places.
    for session in dates:
        _place(transaction, session, None, None)
    taken: set[datetime | None] = set()
    places = [session.recurrence_id for session in dates]
    for session in sorted(dates, key=lambda session: session.is_exception):
        counterpart = counterparts.get(_day(session))
        place = session.recurrence_id if counterpart is None else counterpart.recurrence_id
        if place in taken:  # an extra date on the day of another
            place = next(old for old in (session.recurrence_id, *places) if old not in taken)
        taken.add(place)
        _place(transaction, session, series_id, place)


def _place(
    transaction: Transaction,
    session: Session,
    series_id: int | None,
    recurrence_id: datetime | None,
) -> None:
    transaction.run(
        """
        UPDATE session SET series_id = :series_id, recurrence_id = :recurrence_id
        WHERE session_id = :session_id
        """,
        session_id=session.session_id,
        series_id=series_id,
        recurrence_id=None if recurrence_id is None else recurrence_id.isoformat(),
    )


def _counterparts(
    days: Sequence[date], occurrences: Sequence[Occurrence]
) -> dict[date, Occurrence]:
    """Returns the new date for each old day: the one on that day, else the only one in its week."""
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


def _day(session: Session) -> date:
    """Returns the day that the old rule gave a session."""
    assert session.recurrence_id is not None  # it is a date of a series
    return session.recurrence_id.date()


def _unchanged(session: Session) -> Occurrence:
    return Occurrence(session.schedule.start, session.starts_at, session.ends_at)
