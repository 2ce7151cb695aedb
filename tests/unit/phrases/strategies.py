"""Random schedules of every kind that people can type."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice

from hypothesis import strategies as st

from bot.calendar import occurrences
from bot.calendar.merge_rules import merge_rules
from bot.calendar.rules import DAILY, MONTHLY, WEEKLY, YEARLY, Rule, end_of
from bot.phrases.en.days.days_of_month import WORKDAYS
from data.models import Schedule

ZONES = (
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Casablanca",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)

_weekdays = st.lists(st.integers(0, 6), min_size=1, max_size=6, unique=True)
_intervals = st.sampled_from([1, 1, 1, 2, 3, 6])
_nths = st.sampled_from([1, 2, 3, 4, 5, -1, -2])
_lengths = st.integers(1, 24 * 12).map(lambda fives: timedelta(minutes=5 * fives))
_clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 5, 15, 30, 59]))
_days = st.dates(date(2024, 1, 1), date(2031, 12, 31))


def _daily(interval: int) -> Rule:
    return Rule(DAILY, interval)


def _weekly(interval: int, days: list[int]) -> Rule:
    return Rule(WEEKLY, interval, weekdays=tuple((0, day) for day in sorted(days)))


def _monthly(interval: int, days: list[tuple[int, int]]) -> Rule:
    return Rule(MONTHLY, interval, weekdays=tuple(days))


def _dates(interval: int, days: list[int]) -> Rule:
    return Rule(MONTHLY, interval, month_days=tuple(days))


def _workday(interval: int, nths: list[int]) -> Rule:
    return Rule(MONTHLY, interval, weekdays=WORKDAYS, positions=tuple(nths))


def _day_of_year(interval: int, day: date) -> Rule:
    return Rule(YEARLY, interval, months=(day.month,), month_days=(day.day,))


def _weekday_of_year(month: int, nth: int, day: int) -> Rule:
    return Rule(YEARLY, months=(month,), weekdays=((nth, day),))


_month_days = st.integers(1, 31) | st.integers(-3, -1)
rules = st.one_of(
    st.builds(_daily, _intervals),
    st.builds(_weekly, _intervals, _weekdays),
    st.builds(
        _monthly,
        _intervals,
        st.lists(st.tuples(_nths, st.integers(0, 6)), min_size=1, max_size=3, unique=True),
    ),
    st.builds(_dates, _intervals, st.lists(_month_days, min_size=1, max_size=3, unique=True)),
    st.builds(_workday, _intervals, st.lists(_nths, min_size=1, max_size=2, unique=True)),
    st.builds(_day_of_year, _intervals, st.dates(date(2024, 1, 1), date(2024, 12, 31))),
    st.builds(_weekday_of_year, st.integers(1, 12), _nths, st.integers(0, 6)),
)


@st.composite
def one_offs(draw: st.DrawFn, zones: tuple[str, ...] = ZONES) -> Schedule:
    """Draws a single session."""
    zone = draw(st.sampled_from(zones))
    start = datetime.combine(draw(_days), draw(_clocks))
    return Schedule(zone, start, draw(_lengths))


@st.composite
def series(draw: st.DrawFn, zones: tuple[str, ...] = ZONES) -> Schedule:
    """Draws one or more rules from their first match on, perhaps with an end and exceptions."""
    base = draw(one_offs(zones))
    found = merge_rules(draw(st.lists(rules, min_size=1, max_size=3)))
    every_time = tuple(str(replace(rule, interval=1)) for rule in found)
    start = next(occurrences(replace(base, rules=every_time))).recurrence_id
    first = next(rule for rule in found if replace(rule, interval=1).first_date(start) == start)
    found = [
        rule
        if rule is first
        else rule.counted_from(start + timedelta(draw(st.integers(0, 400))), start)
        for rule in found
    ]
    end = draw(st.none() | st.integers(0, 900) | st.just("times"))
    if isinstance(end, int):
        found = [replace(rule, until=end_of(start.date() + timedelta(end))) for rule in found]
    elif end == "times" and len(found) == 1:
        found = [replace(found[0], count=draw(st.integers(1, 30)))]
    whole = replace(base, start=start, rules=tuple(str(rule) for rule in found))
    later = [session.recurrence_id for session in islice(occurrences(whole), 1, 12)]
    if not later:
        return whole
    excluded = draw(st.lists(st.sampled_from(later), max_size=3, unique=True))
    return replace(whole, excluded=tuple(sorted(excluded)))


schedules = one_offs() | series()
