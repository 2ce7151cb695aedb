"""What becomes of the dates of a series when its rule changes: a plan, carried out later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from zoneinfo import ZoneInfo

from data.limits import SESSIONS_AHEAD
from data.models import Occurrence, Series, Session, SessionState
from data.schedule.pairing import pair


@dataclass(frozen=True, slots=True)
class Reschedule:
    """What becomes of the dates of a series, by the id of each session."""

    places: Mapping[int, datetime]
    """The wall time at which the new rule has a session (RECURRENCE-ID); of all of them."""
    changed: Mapping[int, Occurrence]
    """The dates ahead that change with the series, with the times they will have."""
    called_off: Collection[int]
    """The dates ahead that leave the series."""
    unchanged: Collection[int]
    """The dates ahead that stay as they are."""
    added: Sequence[Occurrence]


def reschedule(
    series: Series,
    sessions: Sequence[Session],
    *,
    before: Sequence[Occurrence],
    after: Sequence[Occurrence],
    now: datetime,
) -> Reschedule:
    """Plans how the dates of a series follow its new rule.

    ``series`` has the new rule, and ``after`` are that rule's dates, ``before`` those of the old
    one, both from yesterday to beyond the horizon. ``sessions`` are those of the series, also
    skipped and moved ones.

    1. Dates that have not begun are paired with new ones that have not begun. Skipped dates and
       those that were changed individually are paired by where the old rule has them: they stay as
       they are, and the new rule has no other date in their place, nor one at their start.
    2. Dates without a pair are called off, and so are those whose new date is in a pause. Today's
       date stays, because members may be on their way.
    3. New dates without a pair are added up to the horizon.
    """
    old_rule = {one.recurrence_id: one.starts_at for one in before}
    counterparts = _counterparts(sessions, old_rule, after, now)
    today = now.astimezone(ZoneInfo(series.schedule.zone)).date()
    changed: dict[int, Occurrence] = {}
    called_off, unchanged = set(), set()
    for session in sessions:
        if not _is_ahead(session, now):
            continue
        counterpart = counterparts.get(session.session_id)
        if session.is_exception:
            unchanged.add(session.session_id)
        elif counterpart is not None and not series.is_paused(counterpart.starts_at):
            changed[session.session_id] = counterpart
        elif counterpart is None and (
            session.recurrence_id not in old_rule or session.schedule.start.date() == today
        ):
            unchanged.add(session.session_id)
        else:
            called_off.add(session.session_id)
    places = _places(sessions, counterparts)
    taken = {place for session_id, place in places.items() if session_id not in called_off}
    starts = {one.starts_at for one in sessions if one.session_id in unchanged}
    added = [
        one
        for one in after
        if now < one.starts_at < now + SESSIONS_AHEAD
        and not series.is_paused(one.starts_at)
        and one.recurrence_id not in taken
        and one.starts_at not in starts
    ]
    return Reschedule(places, changed, called_off, unchanged, added)


def _counterparts(
    sessions: Sequence[Session],
    old_rule: Mapping[datetime, datetime],
    after: Sequence[Occurrence],
    now: datetime,
) -> dict[int, Occurrence]:
    """Returns the new date that each session has, or stands for if it is skipped or has begun.

    ``old_rule`` has the starts of the old rule's dates, by their wall times.
    """
    old_days = {place.date() for place in old_rule}
    kept = {one.starts_at for one in sessions if one.is_exception and _is_ahead(one, now)}
    ahead = [one for one in after if one.starts_at > now and one.starts_at not in kept]
    new_on = {one.recurrence_id.date(): one for one in ahead}
    counterparts: dict[int, Occurrence] = {}
    moving: list[tuple[datetime, Session]] = []
    for session in sessions:
        assert session.recurrence_id is not None  # it is a date of a series
        day, begins = session.recurrence_id.date(), old_rule.get(session.recurrence_id)
        if begins is not None and begins > now:
            moving.append((begins, session))
        elif day in new_on and (begins is not None or _keeps_day(session, day, old_days)):
            counterparts[session.session_id] = new_on.pop(day)
    moving.sort(key=lambda one: one[0])
    free = [one for one in ahead if one.recurrence_id.date() in new_on]
    free = _through(free, moving[-1][1]) if moving else []
    for i, j in pair([begins for begins, _ in moving], [one.starts_at for one in free]):
        counterparts[moving[i][1].session_id] = free[j]
    return counterparts


def _keeps_day(session: Session, day: date, old_days: Collection[date]) -> bool:
    """Returns whether a session that an earlier rule left without a pair holds its day.

    A day that was skipped stays skipped. An extra date is in no rule either, and holds none.
    """
    if session.state is SessionState.CANCELLED:
        return day not in old_days
    return not session.is_exception


def _through(new: Sequence[Occurrence], last: Session) -> list[Occurrence]:
    """Returns the new dates up to the first that is on the day of the last old one, or after it.

    How far the dates of a series are known says nothing about where they go.
    """
    assert last.recurrence_id is not None
    day = last.recurrence_id.date()
    earlier = list(takewhile(lambda one: one.recurrence_id.date() < day, new))
    return list(new[: len(earlier) + 1])


def _places(
    sessions: Sequence[Session], counterparts: Mapping[int, Occurrence]
) -> dict[int, datetime]:
    """Returns a place in the series for each session: its counterpart's, else its old one."""
    places = {session_id: one.recurrence_id for session_id, one in counterparts.items()}
    old = [one.recurrence_id for one in sessions if one.recurrence_id is not None]
    taken = set(places.values())
    for session, own in zip(sessions, old, strict=True):
        if session.session_id in places:
            continue
        # An extra date may be in the place of another, which has left its own.
        place = next(place for place in (own, *old) if place not in taken)
        taken.add(place)
        places[session.session_id] = place
    return places


def _is_ahead(session: Session, now: datetime) -> bool:
    return session.state is SessionState.SCHEDULED and session.starts_at > now
