"""One-offs: "thursday 10am", "dec 3 10-16", "in 2 hours"."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lark import Token, Tree

from bot.when.days import Ahead, read_day
from bot.when.hours import DEFAULT_LENGTH, LONGEST_SESSION, Hours, read_length
from bot.when.parts import Parts
from bot.when.recurrence import instant
from bot.when.refusal import Refused, words_of
from bot.when.vocabulary import WEEKDAYS, long_date, short_date
from data.models import Schedule

FURTHEST_AHEAD = timedelta(days=5 * 365 + 1)


def one_off(tree: Tree[Token], hours: Hours, zone: ZoneInfo, now: datetime) -> Schedule:
    """The schedule of a single day; ``now`` is aware."""
    today = now.astimezone(zone).date()

    def is_ahead(day: date) -> bool:
        return instant(datetime.combine(day, clock_of(hours)), zone) > now

    day = read_day(tree, Ahead(today, is_ahead))
    check_distance(day, today, tree)
    if not is_ahead(day):
        past = f"{long_date(day)} {clock_of(hours):%H:%M} is past"
        raise Refused(past, tree, _next_such(tree, day, today))
    return Schedule(zone.key, datetime.combine(day, clock_of(hours)), hours.length)


def at_moment(parts: Parts, zone: ZoneInfo, now: datetime) -> Schedule:
    """ "In 2 hours": to the minute, in the wall time of the zone."""
    moment = parts.moment
    assert moment is not None
    parts.refuse_all_but("moment")
    for part in parts.hours:
        if part.data != "length" or len(parts.hours) > 1:
            raise Refused(f'"{words_of(part)}" does not fit beside it', part)
    length = read_length(parts.hours[0].children[0]) if parts.hours else DEFAULT_LENGTH
    if not timedelta() < length <= LONGEST_SESSION:
        raise Refused("a session is at most 24 hours long", parts.hours[0], ("for 3 hours",))
    starts_at = (now + read_length(moment.children[0])).replace(second=0, microsecond=0)
    wall = starts_at.astimezone(zone).replace(tzinfo=None)
    if starts_at <= now:
        raise Refused("that is now", moment, ("in 1 hour",))
    if instant(wall, zone) != starts_at:
        raise Refused(f"the clocks show {wall:%H:%M} twice that day", moment)
    return Schedule(zone.key, wall, length)


def check_distance(day: date, today: date, place: Tree[Token] | None = None) -> None:
    """Refuse days far out of reach, also of what calendars and zones can count."""
    if day - today > FURTHEST_AHEAD:
        raise Refused(f"{long_date(day)} is more than five years ahead", place, ("tomorrow",))
    if today - day > FURTHEST_AHEAD * 10:
        raise Refused(f"{long_date(day)} is long past", place, ("tomorrow",))


def clock_of(hours: Hours) -> time:
    """The wall time at which a session begins."""
    return time(hours.start // 60, hours.start % 60)


def _next_such(tree: Tree[Token], day: date, today: date) -> tuple[str, ...]:
    """What to type in place of a day that is past."""
    if tree.data in ("today", "tonight"):
        return ("tomorrow",)
    weekday = WEEKDAYS[day.weekday()].lower()
    if tree.data == "near_weekday":
        return (f"next {weekday}",)
    years = (today.year, today.year + 1)
    leap_day = (day.month, day.day) == (2, 29)
    again = [day.replace(year=year) for year in years if not leap_day or year % 4 == 0]
    later = [short_date(other).lower() for other in again if other > today]
    return (*later[:1], weekday)
