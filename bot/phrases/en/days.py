"""Reads single days as dates: "thursday", "dec 3", "the 3rd", "next friday"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NoReturn

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.phrases.en.durations import read_count
from bot.phrases.en.parse_tree import branches, first_token, place_of, tokens
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import MONTHS, WEEKDAYS, month_number, ordinal_number, weekday_number

# Kinds of dates that can be read in two ways.
UNCLEAR_DATES = frozenset({"numeric_date", "two_dates"})

_WEEK = timedelta(days=7)
_ALMOST_A_YEAR = timedelta(days=360)
_LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class Lookahead:
    """Decides which of the days that a word can mean is the next one.

    ``today`` is the date from which to search; ``allows`` returns whether a date is still ahead
    (today's session may be over).
    """

    today: date
    allows: Callable[[date], bool]


def read_day(tree: Tree[Token], ahead: Lookahead) -> date:
    """Returns the date of one day of the grammar; raises :class:`Refused`.

    Days typed with their year, and "today", are returned even if they are not ahead.
    """
    return _READERS[str(tree.data)](tree, ahead)


def typed_date(day: date, typed: Tree[Token], first: date) -> str:
    """Returns a day as it could have been typed: "24 dec".

    With its year if ``typed`` has one, or if a date without a year, looked for from ``first`` on,
    would be another.
    """
    says_year = any(re.search(r"[0-9]{4}", token) for token in tokens(typed))
    words = f"{day.day} {MONTHS[day.month - 1][:3].lower()}"
    return f"{words} {day.year}" if says_year or day - first > _ALMOST_A_YEAR else words


def month_and_day(token: Token) -> tuple[int, int]:
    """Returns the month and day of a DATE token without a year, such as "march 14"."""
    year, month, day = _date_parts(token)
    if year is not None:
        raise Refused('"{it}" is only one day', token, (f"{MONTHS[month - 1].lower()} {day}",))
    if not 1 <= day <= _LONGEST_MONTHS[month - 1]:
        raise _no_such_day(token)
    return month, day


def refuse_unclear_date(tree: Tree[Token]) -> NoReturn:
    """Refuses a date of one of the UNCLEAR_DATES, with each of its readings."""
    if tree.data == "numeric_date":
        raise _numeric_date(first_token(tree))
    raise _two_dates(first_token(tree))


def _date(tree: Tree[Token], ahead: Lookahead) -> date:
    token = first_token(tree)
    year, month, day = _date_parts(token)
    if year is not None:
        with suppress(ValueError):
            return date(year, month, day)
        raise _no_such_day(token)
    for candidate in _on_day(day, [(ahead.today.year + later, month) for later in range(9)]):
        if ahead.allows(candidate):
            if candidate - ahead.today <= timedelta(days=366):
                return candidate
            in_full = f"{day} {MONTHS[month - 1].lower()} {candidate.year}"
            raise Refused('the next "{it}" is in {year}', token, (in_full,), year=candidate.year)
    raise _no_such_day(token)


def _nth(tree: Tree[Token], ahead: Lookahead) -> date:
    token = first_token(tree)
    day = ordinal_number(token)
    first = ahead.today.replace(day=1)
    months = [first + relativedelta(months=later) for later in range(13)]
    if 1 <= day <= 31:
        for candidate in _on_day(day, [(month.year, month.month) for month in months]):
            if ahead.allows(candidate):
                return candidate
    if day < 0:
        raise Refused(
            "the last what?", token, ("last day of the month", "last friday of the month")
        )
    raise Refused('no month has a "{it}"', token)


def _weekday(tree: Tree[Token], ahead: Lookahead) -> date:
    return _next_weekday(first_token(tree), ahead)


def _weekday_date(tree: Tree[Token], ahead: Lookahead) -> date:
    token, named = first_token(tree), branches(tree)[0]
    day = read_day(named, ahead)
    if day.weekday() == weekday_number(token):
        return day
    right = WEEKDAYS[day.weekday()]
    fixes = [(place_of(token), f"{right.lower()} "), (place_of(named), "")]
    date_named = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    raise Refused("{date} is a {weekday}", tree, fixes=fixes, date=date_named, weekday=right)


def _near_weekday(tree: Tree[Token], ahead: Lookahead) -> date:
    """Reads "this friday" as in this week, "next friday" as in the next; weeks start on Monday."""
    token = first_token(tree)
    words = re.findall(r"[a-z]+", token)
    if "coming" in words:
        return _next_weekday(token, ahead)
    names = [word for word in words if word not in ("this", "next", "week", "on", "of")]
    monday = ahead.today - timedelta(days=ahead.today.weekday())
    day = monday + timedelta(days=weekday_number(names[0]))
    return day + _WEEK if "next" in words else day


def _in_days(tree: Tree[Token], ahead: Lookahead) -> date:
    token = first_token(tree)
    count = read_count(token)
    if "month" in token or "year" in token:
        months = relativedelta(years=count) if "year" in token else relativedelta(months=count)
        day = ahead.today + months
        if day.day != ahead.today.day:
            raise Refused("that month has no day {day}", token, day=ahead.today.day)
        return day
    days = {"d": 1, "w": 7, "f": 14}[re.findall(r"[a-z]+", token)[-1][0]]
    return ahead.today + timedelta(days=count * days)


def _numeric_date(token: Token) -> Refused:
    """Returns the refusal of "3/12": day and month, or month and day."""
    numbers = re.findall(r"\d+", token)
    if len(numbers[0]) == 4:
        readings, year = [(int(numbers[2]), int(numbers[1]))], numbers[0]
    else:
        first, second = int(numbers[0]), int(numbers[1])
        readings = [(first, second), (second, first)] if first != second else [(first, second)]
        year = numbers[2] if len(numbers) == 3 else ""
    dates = [
        f"{day} {MONTHS[month - 1].lower()}"
        for day, month in readings
        if 1 <= month <= 12 and 1 <= day <= _LONGEST_MONTHS[month - 1]
    ]
    if year:
        dates = [f"{said} {year if len(year) == 4 else f'20{year[-2:]}'}" for said in dates]
    if not dates:
        return Refused('there is no date "{it}"', token)
    if len(dates) == 1:
        return Refused('"{it}" is not clear; type {date}', token, dates, date=dates[0])
    one, other = dates
    return Refused('"{it}" can be {one} or {other}', token, dates, one=one, other=other)


def _two_dates(token: Token) -> Refused:
    """Returns the refusal of "3 dec 10": the 3rd at 10, or the 10th at 3."""
    first, name, second = re.findall(r"\d+|[a-z]+", token)
    month = MONTHS[month_number(name) - 1].lower()
    one = f"{first} {month} at {int(second):02}:00"
    if int(second) > 23:
        one = f"{first} {month} 20{second} at 10:00"
    other = f"{month} {second} at {int(first):02}:00"
    return Refused('"{it}" can be {one} or {other}', token, (one, other), one=one, other=other)


def _tomorrow(tree: Tree[Token], ahead: Lookahead) -> date:
    return ahead.today + timedelta(days=1)


def _overmorrow(tree: Tree[Token], ahead: Lookahead) -> date:
    return ahead.today + timedelta(days=2)


def _today(tree: Tree[Token], ahead: Lookahead) -> date:
    return ahead.today


_READERS: dict[str, Callable[[Tree[Token], Lookahead], date]] = {
    "date": _date,
    "nth": _nth,
    "weekday": _weekday,
    "weekdays": _weekday,
    "weekday_date": _weekday_date,
    "near_weekday": _near_weekday,
    "in_days": _in_days,
    "today": _today,
    "tonight": _today,
    "tomorrow": _tomorrow,
    "overmorrow": _overmorrow,
}


def _next_weekday(token: Token, ahead: Lookahead) -> date:
    name = re.findall(r"[a-z]+", token)[-1]
    day = ahead.today + timedelta(days=(weekday_number(name) - ahead.today.weekday()) % 7)
    return day if ahead.allows(day) else day + _WEEK


def _date_parts(token: Token) -> tuple[int | None, int, int]:
    """Returns the year, month and day of a DATE token, unchecked."""
    iso = re.match(r"(\d{4})-(\d{2})-(\d{2})", token)
    if iso:
        year, month, day = map(int, iso.groups())
        return year, month, day
    name = re.search(r"[a-z]{3,}", token.replace("the", ""))
    numbers = [int(number) for number in re.findall(r"\d+", token)]
    assert name is not None
    return numbers[1] if len(numbers) == 2 else None, month_number(name[0]), numbers[0]


def _on_day(day: int, months: list[tuple[int, int]]) -> Iterator[date]:
    for year, month in months:
        with suppress(ValueError):
            yield date(year, month, day)


def _no_such_day(token: Token) -> Refused:
    return Refused('there is no "{it}"', token)
