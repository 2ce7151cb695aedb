"""Computes the sessions of a schedule: first in wall time, then in its zone, then in UTC."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot.calendar.rules import HORIZON, LAST_WALL, parse_rule
from data.limits import SESSIONS_AHEAD
from data.models import Horizon, Occurrence, Schedule
from data.wall_time import instant

# Upper bound of the difference between wall time and UTC: offsets reach 14 hours, and the longest
# gap, a day left out of the calendar, is 24.
_FURTHEST_FROM_UTC = timedelta(hours=48)
_AN_INSTANT = timedelta(microseconds=1)
_FIRST_WALL = datetime(1, 1, 1)  # noqa: DTZ001 - wall time


def occurrences(
    schedule: Schedule, *, after: datetime | None = None, before: datetime | None = None
) -> Iterator[Occurrence]:
    """Yields the sessions with ``after <= starts_at < before``, both aware, in strict order.

    Lazy, and as fast for an old series as for a new one. Rules end at the latest a hundred years
    after ``after`` (or the start). If two wall times become one instant because the clocks skipped
    one of them, only the other is a session.
    """
    zone = ZoneInfo(schedule.zone)
    for found in _in_order(
        _placed(wall, schedule, zone) for wall in _walls(schedule, after, before)
    ):
        if before is not None and found.starts_at >= before:
            return
        if after is None or found.starts_at >= after:
            yield found


def left_out(schedule: Schedule) -> tuple[datetime, ...]:
    """Returns the excluded wall times at which the rules give a session."""
    if not schedule.excluded:
        return ()
    zone = ZoneInfo(schedule.zone)
    first, last = (instant(pick(schedule.excluded), zone) for pick in (min, max))
    given = set(_walls(replace(schedule, excluded=()), first, last + _AN_INSTANT))
    return tuple(wall for wall in schedule.excluded if wall in given)


def instant_of(wall: datetime, zone: str) -> datetime:
    """Returns the UTC instant of a naive wall time in an IANA zone."""
    return instant(wall, ZoneInfo(zone))


def _walls(
    schedule: Schedule, after: datetime | None, before: datetime | None
) -> Iterator[datetime]:
    """Yields the naive wall times of the sessions, increasing.

    Some of them may be outside of the window.
    """
    if not schedule.rules:
        yield schedule.start
        return
    begin = schedule.start if after is None else max(schedule.start, _naive(after, -1))
    last = begin + min(HORIZON, LAST_WALL - begin)
    if before is not None:
        last = min(last, _naive(before, +1))
    expansions = [
        parse_rule(rule).dates(schedule.start, not_before=begin, last=last)
        for rule in schedule.rules
    ]
    excluded = frozenset(schedule.excluded)
    for wall, _ in groupby(heapq.merge(*expansions)):
        if wall not in excluded:
            yield wall


def _naive(moment: datetime, direction: int) -> datetime:
    """Returns a wall time that is before (-1) or after (+1) ``moment`` in every zone."""
    naive = moment.astimezone(UTC).replace(tzinfo=None)
    if direction < 0:
        return naive - min(_FURTHEST_FROM_UTC, naive - _FIRST_WALL)
    return naive + min(_FURTHEST_FROM_UTC, LAST_WALL - naive)


def _placed(wall: datetime, schedule: Schedule, zone: ZoneInfo) -> Occurrence:
    starts_at = instant(wall, zone)
    moved_to = starts_at.astimezone(zone).replace(tzinfo=None)
    ends_at = instant(wall + schedule.duration, zone)
    if ends_at <= starts_at:
        # The end is in the gap as well, so the session moves as a whole.
        ends_at = instant(moved_to + schedule.duration, zone)
    return Occurrence(wall, starts_at, ends_at, shifted=moved_to != wall)


def _in_order(found: Iterator[Occurrence]) -> Iterator[Occurrence]:
    """Sorts in the sessions that a gap moved, and drops one that moved onto another."""
    moved: list[Occurrence] = []
    for occurrence in found:
        if occurrence.shifted:
            if all(other.starts_at != occurrence.starts_at for other in moved):
                moved.append(occurrence)
            continue
        while moved and moved[0].starts_at <= occurrence.starts_at:
            earlier = moved.pop(0)
            if earlier.starts_at < occurrence.starts_at:
                yield earlier
        yield occurrence
    yield from moved


def horizon_of(schedule: Schedule, now: datetime, *, near: datetime | None = None) -> Horizon:
    """Returns the dates of a schedule from yesterday to SESSIONS_AHEAD from now.

    With ``near``, a naive wall time, also later ones up to that on the day nearest to it, if that
    is not much later.
    """
    end = now + SESSIONS_AHEAD
    dates = list(occurrences(schedule, after=now - timedelta(days=1), before=end))
    if near is not None:
        last = max(end, instant_of(near, schedule.zone)) + SESSIONS_AHEAD
        for one in occurrences(schedule, after=end, before=last):
            if dates and _days_between(dates[-1], near) <= _days_between(one, near):
                break
            dates.append(one)
    goes_on = next(occurrences(schedule, after=end), None) is not None
    return Horizon(tuple(dates), goes_on)


def _days_between(date: Occurrence, wall: datetime) -> int:
    return abs((date.recurrence_id.date() - wall.date()).days)
