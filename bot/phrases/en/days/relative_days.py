"""Reads days that count from the day on which they are typed: "tomorrow", "next friday"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.phrases.en.days.lookahead import Lookahead
from bot.phrases.en.hours.durations import read_count
from bot.phrases.en.parse_tree import branches, first_token, own_token, tokens, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import MONTHS, WEEKDAYS, long_date, weekday_number

_SATURDAY, _SUNDAY = 5, 6
_WEEK = timedelta(weeks=1)
# Words for a day that say its part as well.
_PARTS = {
    "tonight": "evening",
    "evening": "evening",
    "morning": "morning",
    "afternoon": "afternoon",
}


def read_relative_day(tree: Tree[Token], ahead: Lookahead) -> date:
    """Returns the day that a word means today; raises :class:`Refused` if it can mean two.

    A day that is not ahead is returned only if the word means no other.
    """
    read = RELATIVE_DAYS[str(tree.data)]
    starts = {ahead.today, ahead.typed_on or ahead.today}
    found = [day for today in starts for day in read(tree, replace(ahead, today=today))]
    days = sorted({day for day in found if ahead.allows(day)})
    if len(days) < 2:
        return days[0] if days else found[0]
    one, other, *_ = days
    instead = [by_date(day) for day in (one, other)]
    if tree.data == "tonight":
        part = _PARTS[words_of(tree).split()[-1]]
        instead = [f"{day} {part}" for day in instead]
    raise Refused(
        '"{it}" can be {one} or {other}',
        tree,
        instead,
        one=long_date(one),
        other=long_date(other),
    )


def by_date(day: date) -> str:
    """Returns a day as it can be typed: "monday 30 nov"."""
    weekday, month = WEEKDAYS[day.weekday()].lower(), MONTHS[day.month - 1][:3].lower()
    return f"{weekday} {day.day} {month}"


def _today(tree: Tree[Token], ahead: Lookahead) -> list[date]:
    return [ahead.today]


def _tomorrow(tree: Tree[Token], ahead: Lookahead) -> list[date]:
    return [ahead.today + timedelta(days=1)]


def _overmorrow(tree: Tree[Token], ahead: Lookahead) -> list[date]:
    return [ahead.today + timedelta(days=2)]


def _near_weekday(tree: Tree[Token], ahead: Lookahead) -> list[date]:
    """Reads "this friday" as the coming one, "next friday" as in the week after this.

    Weeks begin on Monday; on a Sunday, for many the week has begun today.
    """
    token = first_token(tree)
    words = re.findall(r"[a-z]+", token)
    others = ("the", "this", "coming", "next", "week", "on", "of")
    names = [word for word in words if word not in others]
    weekday = weekday_number(names[0])
    if "next" not in words and "week" not in words:
        return [ahead.next_weekday(weekday)]
    monday = ahead.today - timedelta(days=ahead.today.weekday())
    day = monday + timedelta(days=weekday)
    if "next" not in words:
        return [day]
    if ahead.today.weekday() == _SUNDAY != weekday:
        return [day + _WEEK, day + 2 * _WEEK]
    return [day + _WEEK]


def _near_weekend(tree: Tree[Token], ahead: Lookahead) -> list[date]:
    if "next" not in first_token(tree):
        return [ahead.next_weekday(day) for day in (_SATURDAY, _SUNDAY)]
    next_monday = ahead.today - timedelta(days=ahead.today.weekday()) + _WEEK
    return [next_monday + timedelta(days=day) for day in (_SATURDAY, _SUNDAY)]


def _in_days(tree: Tree[Token], ahead: Lookahead) -> list[date]:
    return [_later(ahead.today, first_token(tree))]


def _weeks_later(tree: Tree[Token], ahead: Lookahead) -> list[date]:
    """Reads "a week on friday", "friday week", "two weeks from today"."""
    span = own_token(tree, "LONG_SPAN")
    inner = branches(tree)
    if span is None:  # "friday week": a single token
        token = first_token(tree)
        name, *_, unit = token.split()
        span = Token.new_borrow_pos("LONG_SPAN", f"a {unit}", token)
        kind = {"today": "today", "tomorrow": "tomorrow", "tmrw": "tomorrow"}.get(name, "weekday")
        inner = [Tree(kind, [token])]
    if inner[0].data != "weekday":
        return [_later(day, span) for day in RELATIVE_DAYS[str(inner[0].data)](inner[0], ahead)]
    if not re.search("week|fortnight", span):
        raise Refused('"{it}" isn\'t clear', tree)
    weekday = weekday_number(tokens(inner[0])[0])
    days = [ahead.next_weekday(weekday)]
    if ahead.today.weekday() == weekday:
        # For some a week from today, for others from the next such day.
        days = [ahead.today, ahead.today + _WEEK]
    return [_later(day, span) for day in days]


def _later(day: date, span: Token) -> date:
    """Returns the day that is a span such as "3 days" or "a fortnight" after another."""
    count = read_count(span)
    if "month" in span or "year" in span:
        months = relativedelta(years=count) if "year" in span else relativedelta(months=count)
        later = day + months
        if later.day != day.day:
            raise Refused("that month has no day {day}", span, day=day.day)
        return later
    days = {"d": 1, "w": 7, "f": 14}[re.findall(r"[a-z]+", span)[-1][0]]
    return day + timedelta(days=count * days)


RELATIVE_DAYS: dict[str, Callable[[Tree[Token], Lookahead], list[date]]] = {
    "today": _today,
    "tonight": _today,
    "tomorrow": _tomorrow,
    "overmorrow": _overmorrow,
    "near_weekday": _near_weekday,
    "near_weekend": _near_weekend,
    "in_days": _in_days,
    "weeks_later": _weeks_later,
}
"""The days that a word can mean, by its kind."""
