"""Reads months, weeks and years as stretches of days: "june", "next week", "the end of june"."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.phrases.en.days.dates import read_day, says_year
from bot.phrases.en.days.lookahead import Lookahead, ahead_of
from bot.phrases.en.days.numeric_dates import with_year
from bot.phrases.en.parse_tree import branches, first_token, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import MONTHS, month_number

ONE_DAY = timedelta(days=1)
# Days and months of which the year may be left out.
_WITHOUT_A_YEAR = frozenset({"date", "numeric_date", "weekday_date", "month"})


def first_day(tree: Tree[Token], ahead: Lookahead) -> date:
    """Returns a day, or the first day of a month, week or year."""
    period = read_period(tree, ahead)
    return read_day(tree, ahead) if period is None else period[0]


def fitting_day(tree: Tree[Token], begin: date) -> date | None:
    """Returns the first such day from ``begin`` on; None if its weekday is not the one said."""
    if tree.data != "weekday_date":
        return first_day(tree, ahead_of(begin))
    with suppress(Refused):
        return first_day(tree, ahead_of(begin))
    return None


def is_without_year(tree: Tree[Token]) -> bool:
    """Returns whether it is a date or month of which the year is not said."""
    by_ordinal = tree.data == "weekday_date" and any(part.data == "nth" for part in branches(tree))
    return tree.data in _WITHOUT_A_YEAR and not by_ordinal and not says_year(tree)


def read_month(token: Token, ahead: Lookahead) -> tuple[date, date]:
    """Returns the first and last day of a MONTH token: of this month or the next with its name."""
    month = month_number(token)
    year = re.search(r"[0-9]{4}", token)
    if year:
        if not 1900 <= int(year[0]) <= 9000:
            raise Refused('"{it}" is too far away', token)
        first = date(int(year[0]), month, 1)
    else:
        first = date(ahead.today.year + (month < ahead.today.month), month, 1)
    return first, first + relativedelta(months=1) - ONE_DAY


def next_such(tree: Tree[Token], first: date) -> str:
    """Returns the words for the next date, month or other period of a kind that begins after a day.

    "30 nov 2027" for "30 nov", "the end of next year" for "the end of the year". "" if a year is
    said, or if there is no such word.
    """
    if tree.data == "end_of":
        inner = branches(tree)
        later = next_such(inner[0], first) if inner else f"next {tree.children[-1]}"
        return later and f"the end of {later}"
    if tree.data == "near_period":
        words = words_of(tree)
        return words.replace("this", "next") if words.startswith("this") else ""
    day = fitting_day(tree, first + ONE_DAY) if is_without_year(tree) else None
    return with_year(words_of(tree), day.year + (day <= first)) if day is not None else ""


def read_period(tree: Tree[Token], ahead: Lookahead) -> tuple[date, date] | None:
    """Returns the first and last day of a named month, week or year; None for a single day."""
    if tree.data == "month":
        return read_month(first_token(tree), ahead)
    if tree.data == "near_period":
        return _near(str(first_token(tree)), ahead)
    if tree.data != "end_of":
        return None
    inner = branches(tree)
    return (
        read_period(inner[0], ahead) if inner else _near(f"this {tree.children[-1]}", ahead, tree)
    )


def _near(text: str, ahead: Lookahead, place: Tree[Token] | None = None) -> tuple[date, date]:
    which, unit = text.split()
    today = ahead.today
    later = int(which == "next")
    if unit == "week":
        first = today - timedelta(days=today.weekday()) + timedelta(weeks=later)
        return first, first + timedelta(days=6)
    if unit == "month":
        first = today.replace(day=1) + relativedelta(months=later)
        return first, first + relativedelta(months=1) - ONE_DAY
    if unit == "year":
        return date(today.year + later, 1, 1), date(today.year + later, 12, 31)
    raise Refused('"{it}" isn\'t clear', place, (f"the end of {MONTHS[today.month - 1].lower()}",))
