"""Reads where a series begins and ends: "from jan 5", "until june", "for 10 weeks"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.phrases.en.days import Lookahead, read_day
from bot.phrases.en.durations import read_count
from bot.phrases.en.parse_tree import branches, first_token, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import MONTHS, month_number

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a series begins: its first possible ``day``, and the end that "to" adds to it.

    ``is_one_day`` is False for the first day of a month or week.
    """

    day: date
    is_one_day: bool
    closing: Tree[Token] | None


def read_begin(tree: Tree[Token], ahead: Lookahead) -> Begin:
    """Reads "from jan 5", "starting next month", "from jan 5 to mar 3"."""
    days = branches(tree)
    if len(days) == 2 and {days[0].data, days[1].data} == {"weekday"}:
        first, last = words_of(days[0]), words_of(days[1])
        raise Refused(
            '"{it}" can be days of every week or one stretch',
            tree,
            (f"every {first} to {last}", f"on {first} to {last}"),
        )
    period = _period(days[0], ahead)
    day = period[0] if period else read_day(days[0], ahead)
    return Begin(day, is_one_day=period is None, closing=days[1] if len(days) == 2 else None)


def read_end(tree: Tree[Token], ahead: Lookahead, *, word: str) -> date:
    """Returns the last possible day of a series, after ``word`` ("until", "through", "to")."""
    day = branches(tree)[0] if tree.data == "end" else tree
    period = _period(day, ahead)
    if period is None:
        return read_day(day, ahead)
    first, last = period
    if day.data == "end_of" or word in ("through", "thru"):
        return last
    if word in ("until", "till", "til", "'til") and first > ahead.today:
        return first - _ONE_DAY
    raise Refused(
        '"{it}" is not clear',
        tree,
        (f"through {words_of(day)}", f"until {last:%Y-%m-%d}"),
    )


def read_span(token: Token, first: date) -> date:
    """Returns the last possible day of a series that lasts "for 10 weeks" from ``first``."""
    count = read_count(token)
    unit = re.findall(r"[a-z]+", token)[-1].removesuffix("s")
    weeks = {"week": 1, "fortnight": 2}.get(unit)
    if unit == "day":
        return first + timedelta(days=count - 1)
    if weeks:
        return first + timedelta(weeks=count * weeks) - _ONE_DAY
    months = relativedelta(years=count) if unit == "year" else relativedelta(months=count)
    return first + months - _ONE_DAY


def _period(tree: Tree[Token], ahead: Lookahead) -> tuple[date, date] | None:
    """Returns the first and last day of a named month, week or year; None for a single day."""
    if tree.data == "month":
        return _month(first_token(tree), ahead)
    if tree.data == "near_period":
        return _near(str(first_token(tree)), ahead)
    if tree.data != "end_of":
        return None
    inner = branches(tree)
    return _period(inner[0], ahead) if inner else _near(f"this {tree.children[-1]}", ahead, tree)


def _month(token: Token, ahead: Lookahead) -> tuple[date, date]:
    month = month_number(token)
    year = re.search(r"[0-9]{4}", token)
    if year:
        if not 1900 <= int(year[0]) <= 9000:
            raise Refused('"{it}" is too far away', token)
        first = date(int(year[0]), month, 1)
    else:
        first = date(ahead.today.year + (month < ahead.today.month), month, 1)
    return first, first + relativedelta(months=1) - _ONE_DAY


def _near(text: str, ahead: Lookahead, place: Tree[Token] | None = None) -> tuple[date, date]:
    which, unit = text.split()
    today = ahead.today
    later = int(which == "next")
    if unit == "week":
        first = today - timedelta(days=today.weekday()) + timedelta(weeks=later)
        return first, first + timedelta(days=6)
    if unit == "month":
        first = today.replace(day=1) + relativedelta(months=later)
        return first, first + relativedelta(months=1) - _ONE_DAY
    if unit == "year":
        return date(today.year + later, 1, 1), date(today.year + later, 12, 31)
    raise Refused('"{it}" is not clear', place, (f"the end of {MONTHS[today.month - 1].lower()}",))
