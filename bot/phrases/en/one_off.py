"""Reads one-offs: "thursday 10am", "dec 3 10-16", "in 2 hours"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lark import Token, Tree

from bot.phrases.en.clauses import Clauses
from bot.phrases.en.days.dates import read_day
from bot.phrases.en.days.lookahead import Lookahead
from bot.phrases.en.days.periods import fitting_day, is_without_year, next_such
from bot.phrases.en.hours.durations import read_length
from bot.phrases.en.hours.time_range import Hours, checked_length
from bot.phrases.en.parse_tree import first_token
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import WEEKDAYS, clock, long_date
from data.limits import FURTHEST_AHEAD
from data.models import Schedule
from data.refusal import ClockTimes
from data.wall_time import instant

# A date without a year that was so lately is not taken for next year's.
_LATELY = timedelta(days=31)


def one_off(
    tree: Tree[Token], hours: Hours, zone: ZoneInfo, now: datetime, typed_on: date
) -> Schedule:
    """Returns the schedule of a single day.

    ``now`` is aware; ``typed_on`` is its date where the phrase is typed.
    """
    today = now.astimezone(zone).date()

    def is_ahead(day: date) -> bool:
        return instant(datetime.combine(day, clock_of(hours)), zone) > now

    lately = fitting_day(tree, today - _LATELY) if is_without_year(tree) else None
    if lately is not None and not is_ahead(lately):
        day = lately
    else:
        day = read_day(tree, Lookahead(today, is_ahead, typed_on))
    check_distance(day, today, tree)
    if not is_ahead(day):
        when = f"{long_date(day)} {clock_of(hours):%H:%M}"
        raise Refused(
            "{when} has passed", tree, _next_such(tree, day, today), when=ClockTimes(when)
        )
    return Schedule(zone.key, datetime.combine(day, clock_of(hours)), hours.length)


def at_moment(
    moment: Tree[Token], clauses: Clauses, zone: ZoneInfo, now: datetime, default_length: timedelta
) -> Schedule:
    """Returns the schedule of "in 2 hours", or of a timestamp copied from Discord.

    To the minute, in wall time.
    """
    clauses.check_stands_alone(moment)
    length = checked_length(clauses.hours[0]) if clauses.hours else default_length
    token = first_token(moment)
    if token.type == "TIMESTAMP":
        seconds = int(re.findall("[0-9]+", token)[0])
        starts_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    else:
        starts_at = now.astimezone(UTC) + read_length(token)
    starts_at = starts_at.replace(second=0, microsecond=0)
    check_distance(starts_at.date(), now.astimezone(UTC).date(), moment)
    wall = starts_at.astimezone(zone).replace(tzinfo=None)
    if starts_at <= now:
        when = f"{long_date(wall)} {clock(wall)}"
        raise Refused("{when} has passed", moment, ("in 1 hour",), when=ClockTimes(when))
    if instant(wall, zone) != starts_at:
        raise Refused("the clocks show {time} twice that day", moment, time=ClockTimes(clock(wall)))
    return Schedule(zone.key, wall, length)


def check_distance(day: date, today: date, place: Tree[Token] | None = None) -> None:
    """Refuses days that are too far away, including those that calendars and zones can't count."""
    if day - today > FURTHEST_AHEAD:
        far = long_date(day)
        raise Refused("{day} is more than five years ahead", place, ("tomorrow",), day=far)
    if today - day > FURTHEST_AHEAD * 10:
        raise Refused("{day} is long gone", place, ("tomorrow",), day=long_date(day))


def clock_of(hours: Hours) -> time:
    """Returns the wall time at which a session begins."""
    return time(hours.start // 60, hours.start % 60)


def _next_such(tree: Tree[Token], day: date, today: date) -> list[str]:
    """Returns what to type in place of a day that is past."""
    if tree.data in ("today", "tonight"):
        return ["tomorrow"]
    if tree.data == "near_weekday":
        return [f"next {WEEKDAYS[day.weekday()].lower()}"]
    later = next_such(tree, today)
    return [later] if later else []
