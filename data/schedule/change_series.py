"""Changes of a series, all of it or from one date on, that keep members' answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from data.models import (
    ChangeImpact,
    Details,
    Horizon,
    Occurrence,
    Schedule,
    Series,
    Session,
    Split,
)
from data.outbox.plan import concerns_anybody, is_on_its_way
from data.outbox.standing import take_down_all
from data.people.invitations import has_invited, keep_refusals
from data.people.members import note_called_off
from data.rows import epoch, session_of
from data.schedule.change_impact import impact_of
from data.schedule.find import session_now
from data.schedule.find_series import has_dates_before, series_ahead
from data.schedule.last_dates import look_at_series
from data.schedule.quotas import check_cards, check_series_in
from data.schedule.reschedule import reschedule
from data.schedule.series import (
    extend,
    insert_series,
    rewrite_series,
    series_now,
    series_to_change,
    shorten_series,
)
from data.schedule.sessions import call_off, check_details, rewrite
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Changed:
    """A series as it is after a change, its sessions ahead, and what became of its dates."""

    series: Series
    ahead: list[Session]
    held: frozenset[datetime]
    """The wall times of the rule at which dates are skipped, or were changed individually."""
    impact: ChangeImpact


def last_place(transaction: Transaction, series_id: int) -> datetime | None:
    """Returns where the rule of a series has the last date that is stored; None if none is."""
    row = transaction.one(
        """
        SELECT MAX(recurrence_id) AS last FROM session
        WHERE series_id = :series_id AND is_exception = 0
        """,
        series_id=series_id,
    )
    return None if row is None or row["last"] is None else datetime.fromisoformat(row["last"])


def change_series(
    transaction: Transaction,
    series_id: int,
    *,
    details: Details,
    schedule: Schedule,
    before: Sequence[Occurrence],
    horizon: Horizon,
    is_limited: bool,
    now: datetime,
) -> Changed:
    """Changes a series and its sessions ahead, except those that were changed individually.

    Sessions move to the dates of the new rule as :func:`reschedule` plans it. Those without a date
    leave the series, and are cancelled if members may know of them. ``before`` are the dates of
    the old rule, ``horizon`` those of the new one, to beyond the last date that is stored.
    ``is_limited`` if dates may be moved only so often. Raises Refusal if the details are not
    valid, the series is not active, or a date was moved too often.
    """
    check_details(details)
    old = series_to_change(transaction, series_id)
    rewrite_series(transaction, series_id, details=details, schedule=schedule, now=now)
    since = before[0].recurrence_id if before else schedule.start
    dates = _dates(transaction, series_id, since, now)
    return _follow(
        transaction,
        series_now(transaction, series_id),
        dates,
        before,
        horizon,
        is_rescheduled=old.schedule != schedule,
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
    before: Sequence[Occurrence],
    horizon: Horizon,
    is_limited: bool,
    now: datetime,
) -> Changed:
    """Changes one date of a series and all later ones, which become a new series.

    ``split`` is the old series divided at that date; ``before`` are the dates of its later part,
    ``schedule`` and ``horizon`` those of the new series. If no date is before it, the series
    itself changes. Raises Refusal as :func:`change_series` does.
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
            before=before,
            horizon=horizon,
            is_limited=is_limited,
            now=now,
        )
    check_details(details)
    if has_dates_before(transaction, first, now=now):
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
    _keep_pause(transaction, old, later=new.series_id)
    keep_refusals(transaction, old.series_id, later=new.series_id, now=now)
    changed = _follow(
        transaction,
        series_now(transaction, new.series_id),
        _dates(transaction, old.series_id, first.recurrence_id, now, and_on=False),
        before,
        horizon,
        is_rescheduled=split.later != schedule,
        is_limited=is_limited,
        now=now,
    )
    look_at_series(transaction, old.series_id, now=now)
    return changed


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
    take_down_all(transaction, session.session_id, now=now)
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


def _keep_pause(transaction: Transaction, series: Series, *, later: int) -> None:
    """Has the pause of a series hold for the series that its later dates become."""
    transaction.run(
        """
        UPDATE series SET paused_from = :paused_from, paused_until = :paused_until
        WHERE series_id = :series_id
        """,
        series_id=later,
        paused_from=None if series.paused_from is None else epoch(series.paused_from),
        paused_until=None if series.paused_until is None else epoch(series.paused_until),
    )


def _dates(
    transaction: Transaction,
    series_id: int,
    since: datetime,
    now: datetime,
    *,
    and_on: bool = True,
) -> list[Session]:
    """Returns the dates that a series has in its rule from a wall time on, cancelled ones too.

    With ``and_on``, also those that are ahead or on now, wherever the rule has them.
    """
    rows = transaction.all(
        """
        SELECT * FROM session
        WHERE series_id = :series_id
            AND (recurrence_id >= :since OR (:and_on = 1 AND ends_at > :now))
        ORDER BY recurrence_id
        """,
        series_id=series_id,
        since=since.isoformat(),
        and_on=int(and_on),
        now=epoch(now),
    )
    return [session_of(row) for row in rows]


def _follow(
    transaction: Transaction,
    series: Series,
    dates: Sequence[Session],
    before: Sequence[Occurrence],
    horizon: Horizon,
    *,
    is_rescheduled: bool,
    is_limited: bool,
    now: datetime,
) -> Changed:
    """Adapts dates, cancelled and moved ones too, to a series as it is stored now.

    1. Each takes its place in the new rule. Otherwise the rule would add cancelled dates again,
       and moved ones twice.
    2. Dates ahead change with the series, or leave it.
    3. The other dates of the rule are added.
    """
    after = horizon.occurrences
    plan = reschedule(series, dates, before=before, after=after, now=now)
    impact = impact_of(transaction, dates, plan)
    _place_all(transaction, series.series_id, dates, plan.places)
    ahead = series_ahead(transaction, series.series_id, now=now)
    for session in ahead:
        occurrence = plan.changed.get(session.session_id)
        if session.session_id in plan.called_off:
            leave_series(transaction, session, now)
        elif occurrence is not None:
            rewrite(
                transaction,
                session,
                series.details,
                series.schedule,
                occurrence,
                is_exception=False,
                is_limited=is_limited,
                now=now,
            )
    goes_on = horizon.goes_on or any(one.starts_at > now for one in after)
    added = extend(transaction, series, horizon=Horizon(tuple(plan.added), goes_on), now=now)
    then = series_ahead(transaction, series.series_id, now=now)
    if is_rescheduled:
        check_cards(transaction, _more(ahead, then, added), now=now)
    gone = plan.changed.keys() | plan.called_off
    held = frozenset(place for key, place in plan.places.items() if key not in gone)
    return Changed(series_now(transaction, series.series_id), then, held, impact)


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
    dates: Sequence[Session],
    places: Mapping[int, datetime],
) -> None:
    # They leave their series first, because two of them may exchange places.
    for session in dates:
        _place(transaction, session, None, None)
    for session in dates:
        _place(transaction, session, series_id, places[session.session_id])


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
