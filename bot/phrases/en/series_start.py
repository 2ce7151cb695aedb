"""Reads where a series begins: "from jan 5", "starting next month", "in december"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.phrases.en.days.dates import read_day
from bot.phrases.en.days.lookahead import ahead_of
from bot.phrases.en.days.numeric_dates import with_year
from bot.phrases.en.days.periods import first_day, fitting_day, is_without_year, read_period
from bot.phrases.en.days.relative_days import by_date
from bot.phrases.en.parse_tree import branches, own_token, place_of, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import long_date

_SUNDAY = 6

# A date without a year is the past one if that is at most so far back, the coming one if the past
# one is further back than the second; between the two it can be either.
SURELY_PAST, _SURELY_COMING = timedelta(days=92), timedelta(days=183)


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a series begins: its first possible ``day``, and the end that "to" adds to it.

    ``is_one_day`` is False for the first day of a month or week.
    """

    day: date
    is_one_day: bool
    closing: Tree[Token] | None = None


def read_begin(tree: Tree[Token], today: date, typed_on: date) -> Begin:
    """Reads "from jan 5", "starting next month", "from jan 5 to mar 3"; the day may be past."""
    days = branches(tree)
    if len(days) == 2 and {days[0].data, days[1].data} == {"weekday"}:
        first, last = words_of(days[0]), words_of(days[1])
        raise Refused(
            '"{it}" can be days of every week or one stretch',
            tree,
            (f"every {first} to {last}", f"on {first} to {last}"),
        )
    typed = days[0]
    is_one_day = read_period(typed, ahead_of(today)) is None
    since = own_token(tree, "SINCE")
    if since is not None:
        day = _past(typed, since, today)
    elif is_without_year(typed):
        day = _past_or_coming(typed, today)
    elif is_one_day:
        day = read_day(typed, ahead_of(today, typed_on))
    else:
        day = _first_of_period(typed, today, typed_on)
    return Begin(day, is_one_day, closing=days[1] if len(days) == 2 else None)


def _first_of_period(tree: Tree[Token], today: date, typed_on: date) -> date:
    """Returns the first day of "next week", "june"; two are refused, as for "next monday"."""
    found = {first_day(tree, ahead_of(day)) for day in (today, typed_on)}
    if today.weekday() == _SUNDAY and words_of(tree) == "next week":
        found |= {day + timedelta(weeks=1) for day in found}
    one, *others = sorted(found)
    if not others:
        return one
    raise Refused(
        '"{it}" can be {one} or {other}',
        tree,
        [by_date(day) for day in (one, *others)],
        one=long_date(one),
        other=long_date(others[0]),
    )


def _past(tree: Tree[Token], since: Token, today: date) -> date:
    """Returns the last such day or month that has begun: "since 13 november"."""
    begin = today - timedelta(days=6 if tree.data == "weekday" else 364)
    if tree.data == "month":
        begin = today.replace(day=1) - relativedelta(months=11)
    day = first_day(tree, ahead_of(begin))
    if day > today:
        raise Refused('"{it}" is still ahead', tree, fixes=[(place_of(since), "from")])
    return day


def _past_or_coming(tree: Tree[Token], today: date) -> date:
    """Returns the date or month that words without a year mean as a start.

    A series that began lately is said with its first date. A month is the present or a coming one,
    except that a recent one can be either.
    """
    past = fitting_day(tree, today - _SURELY_COMING)
    coming = fitting_day(tree, today)
    if past is None or not today - _SURELY_COMING <= past < today:
        return coming or first_day(tree, ahead_of(today))
    is_recent = today - past <= SURELY_PAST
    if coming is None or (is_recent and tree.data != "month"):
        return past
    if tree.data == "month":
        is_present = (past.year, past.month) == (today.year, today.month)
        if is_present or not is_recent:
            return coming
    one, other = (with_year(words_of(tree), day.year) for day in (past, coming))
    raise Refused('"{it}" can be {one} or {other}', tree, (one, other), one=one, other=other)
