"""Reads single days as dates: "thursday", "dec 3", "the 3rd", "next friday"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.phrases.en.days.lookahead import Lookahead
from bot.phrases.en.days.numeric_dates import LONGEST_MONTHS, YearMonthDay, readings, the_reading
from bot.phrases.en.days.relative_days import RELATIVE_DAYS, read_relative_day
from bot.phrases.en.parse_tree import branches, first_token, place_of, tokens
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import MONTHS, WEEKDAYS, month_number, ordinal_number, weekday_number

_ALMOST_A_YEAR = timedelta(days=360)


def read_day(tree: Tree[Token], ahead: Lookahead) -> date:
    """Returns the date of one day of the grammar; raises :class:`Refused`.

    Days typed with their year, and "today", are returned even if they are not ahead.
    """
    if tree.data in RELATIVE_DAYS:
        return read_relative_day(tree, ahead)
    return _READERS[str(tree.data)](tree, ahead)


def typed_date(day: date, typed: Tree[Token], first: date) -> str:
    """Returns a day as it could have been typed: "24 dec".

    With its year if ``typed`` has one, or if a date without a year, looked for from ``first`` on,
    would be another.
    """
    words = f"{day.day} {MONTHS[day.month - 1][:3].lower()}"
    return f"{words} {day.year}" if says_year(typed) or day - first > _ALMOST_A_YEAR else words


def says_year(tree: Tree[Token]) -> bool:
    """Returns whether a day is typed with its year."""
    return any(
        len(re.findall(r"[0-9]+", token)) > 2 or re.search(r"[0-9]{4}", token)
        for token in tokens(tree)
    )


def month_and_day(tree: Tree[Token]) -> tuple[int, int]:
    """Returns the month and day of a date without a year, such as "march 14"."""
    year, month, day = _date_parts(tree)
    if year is not None:
        raise Refused('"{it}" is only one day', tree, (f"{MONTHS[month - 1].lower()} {day}",))
    if not 1 <= day <= LONGEST_MONTHS[month - 1]:
        raise _no_such_day(tree)
    return month, day


def _date(tree: Tree[Token], ahead: Lookahead) -> date:
    return _on_calendar(_date_parts(tree), tree, ahead)


def _on_calendar(parts: YearMonthDay, tree: Tree[Token], ahead: Lookahead) -> date:
    year, month, day = parts
    if year is not None:
        with suppress(ValueError):
            return date(year, month, day)
        raise _no_such_day(tree)
    for candidate in _on_day(day, [(ahead.today.year + later, month) for later in range(9)]):
        if ahead.allows(candidate):
            if candidate - ahead.today <= timedelta(days=366):
                return candidate
            in_full = f"{day} {MONTHS[month - 1].lower()} {candidate.year}"
            raise Refused('the next "{it}" is in {year}', tree, (in_full,), year=candidate.year)
    raise _no_such_day(tree)


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
    return ahead.next_weekday(weekday_number(first_token(tree)))


def _weekday_date(tree: Tree[Token], ahead: Lookahead) -> date:
    token, named = first_token(tree), branches(tree)[0]
    if named.data == "numeric_date":
        days = [_on_calendar(parts, named, ahead) for parts in readings(named)]
        fitting = [day for day in days if day.weekday() == weekday_number(token)]
        if len(fitting) == 1:
            return fitting[0]
    day = read_day(named, ahead)
    if day.weekday() == weekday_number(token):
        return day
    right = WEEKDAYS[day.weekday()]
    fixes = [(place_of(token), f"{right.lower()} "), (place_of(named), "")]
    date_named = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    raise Refused("{date} is a {weekday}", tree, fixes=fixes, date=date_named, weekday=right)


_READERS: dict[str, Callable[[Tree[Token], Lookahead], date]] = {
    "date": _date,
    "numeric_date": _date,
    "nth": _nth,
    "weekday": _weekday,
    "weekdays": _weekday,
    "weekday_date": _weekday_date,
}


def _date_parts(tree: Tree[Token]) -> YearMonthDay:
    """Returns the year, month and day of a date, unchecked."""
    if tree.data == "numeric_date":
        return the_reading(tree)
    token = first_token(tree)
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


def _no_such_day(tree: Tree[Token]) -> Refused:
    return Refused('there is no "{it}"', tree)
