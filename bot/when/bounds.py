"""Where a series begins and ends: "from jan 5", "until june", "for 10 weeks"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.when.days import Ahead, read_day
from bot.when.hours import read_count
from bot.when.refusal import Refused, words_of
from bot.when.vocabulary import MONTHS, month_number

_ONE_DAY = timedelta(days=1)


def read_begin(tree: Tree[Token], ahead: Ahead) -> tuple[date, Tree[Token] | None]:
    """The first possible day of a series, and the tree of its end for "from jan 5 to mar 3"."""
    days = [child for child in tree.children if isinstance(child, Tree)]
    if len(days) == 2 and {days[0].data, days[1].data} == {"weekday"}:
        first, last = words_of(days[0]), words_of(days[1])
        raise Refused(
            f'"{words_of(tree)}" can be days of every week or one stretch',
            tree,
            (f"every {first} to {last}",),
        )
    first_day = _period(days[0], ahead)
    closing = days[1] if len(days) == 2 else None
    return first_day[0] if first_day else read_day(days[0], ahead), closing


def read_end(tree: Tree[Token], ahead: Ahead, *, word: str) -> date:
    """The last possible day of a series, where ``word`` ("until", "through", "to") leads to it."""
    day = next(child for child in (tree, *tree.children) if _is_day(child))
    assert isinstance(day, Tree)
    period = _period(day, ahead)
    if period is None:
        return read_day(day, ahead)
    first, last = period
    if day.data == "end_of" or word in ("through", "thru"):
        return last
    if word in ("until", "till", "til") and first > ahead.today:
        return first - _ONE_DAY
    raise Refused(
        f'"{words_of(tree)}" is not clear',
        tree,
        (f"through {words_of(day)}", f"until {last:%Y-%m-%d}"),
    )


def read_span(token: Token, first: date) -> date:
    """The last possible day of a series that goes on "for 10 weeks" from ``first``."""
    count = read_count(token)
    unit = re.findall(r"[a-z]+", token)[-1].removesuffix("s")
    weeks = {"week": 1, "fortnight": 2}.get(unit)
    if unit == "day":
        return first + timedelta(days=count - 1)
    if weeks:
        return first + timedelta(weeks=count * weeks) - _ONE_DAY
    months = relativedelta(years=count) if unit == "year" else relativedelta(months=count)
    return first + months - _ONE_DAY


def _is_day(node: Token | Tree[Token]) -> bool:
    return isinstance(node, Tree) and node.data not in ("end", "begin")


def _period(tree: Tree[Token], ahead: Ahead) -> tuple[date, date] | None:
    """The first and last day of a month, week or year that is named; None for a single day."""
    if tree.data == "month":
        return _month(tree.children[0], ahead)
    if tree.data == "near_period":
        return _near(str(tree.children[0]), ahead)
    if tree.data != "end_of":
        return None
    inner = tree.children[-1]
    if isinstance(inner, Tree):
        return _period(inner, ahead)
    return _near(f"this {inner}", ahead, place=tree)


def _month(token: Token | Tree[Token], ahead: Ahead) -> tuple[date, date]:
    month = month_number(str(token))
    year = re.search(r"\d{4}", str(token))
    if year:
        if not 1900 <= int(year[0]) <= 9000:
            raise Refused(f'"{year[0]}" is too far away', token)
        first = date(int(year[0]), month, 1)
    else:
        first = date(ahead.today.year + (month < ahead.today.month), month, 1)
    return first, first + relativedelta(months=1) - _ONE_DAY


def _near(text: str, ahead: Ahead, place: Tree[Token] | None = None) -> tuple[date, date]:
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
    raise Refused(
        f'"{unit}" is not clear', place, (f"the end of {MONTHS[today.month - 1].lower()}",)
    )
