"""Reads where a series ends: "until june", "for 10 weeks", "in december and january"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from lark import Token, Tree

from bot.calendar.rules import MONTHLY, YEARLY, Rule
from bot.phrases.en.clauses import Clauses
from bot.phrases.en.days.dates import read_day
from bot.phrases.en.days.lookahead import Lookahead, ahead_of
from bot.phrases.en.days.periods import (
    ONE_DAY,
    fitting_day,
    is_without_year,
    next_such,
    read_month,
    read_period,
)
from bot.phrases.en.days.relative_days import RELATIVE_DAYS
from bot.phrases.en.hours.durations import read_count
from bot.phrases.en.parse_tree import branches, first_token, place_of, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.series_start import SURELY_PAST, Begin
from bot.phrases.en.vocabulary import long_date

# Words that count from the day on which they are typed.
FROM_TODAY = frozenset({*RELATIVE_DAYS, "near_period"})
_DATES = frozenset({"date", "numeric_date", "weekday_date"})


def read_last_day(
    clauses: Clauses,
    begin: Begin | None,
    first: date,
    rules: Sequence[Rule],
    *,
    today: date,
    typed_on: date,
) -> date | None:
    """Returns the last possible day of a series with its first date on ``first``.

    None if the phrase says none, or a number of times.
    """
    closing = begin.closing if begin is not None else None
    ends = [end for end in (closing, clauses.end, clauses.times, clauses.within) if end is not None]
    if len(ends) > 1:
        raise Refused('"{it}" is a second end', ends[1])
    if not ends or (ends[0] is clauses.times and ends[0].data != "for_span"):
        return None
    if ends[0] is clauses.times:
        return _last_of_span(first_token(ends[0]), first, rules)
    if ends[0] is clauses.within:
        months = branches(ends[0])
        last, named, word = read_within(ends[0], today)[1], months[-1], ""
    else:
        named = ends[0] if ends[0] is closing else branches(ends[0])[0]
        word = "to" if ends[0] is closing else str(first_token(ends[0]))
        ahead = _where_to_look(named, begin, today, typed_on)
        last = _end(ends[0], named, word, ahead, max(first, today))
    if last < max(first, today):
        raise _ends_too_soon(ends[0], named, word, first, today)
    return last


def read_within(tree: Tree[Token], today: date) -> tuple[date, date]:
    """Returns the first and last day of "in december and january": the present or next ones."""
    first, last = read_month(first_token(branches(tree)[0]), ahead_of(today))
    for month in branches(tree)[1:]:
        begins, ends = read_month(first_token(month), ahead_of(last + ONE_DAY))
        if begins != last + ONE_DAY:
            raise Refused("these months don't follow each other", tree)
        last = ends
    return first, last


def _where_to_look(
    named: Tree[Token], begin: Begin | None, today: date, typed_on: date
) -> Lookahead:
    """Returns where to look for an end.

    Dates without a year are looked for from today on, also if the series begins later: an end
    before its first date is a mistake that should be seen, and so is one that has just passed.
    """
    if named.data in FROM_TODAY:
        return ahead_of(today, typed_on)
    if begin is None:
        is_a_date = named.data in _DATES and is_without_year(named)
        recent = fitting_day(named, today - SURELY_PAST) if is_a_date else None
        return ahead_of(min(recent or today, today), typed_on)
    if named.data in _DATES and begin.day > today:
        return ahead_of(max(today, begin.day.replace(month=1, day=1)))
    return ahead_of(begin.day)


def _end(
    end: Tree[Token], named: Tree[Token], word: str, ahead: Lookahead, next_date: date
) -> date:
    """Returns the last possible day after ``word`` ("until", "through", "to").

    A period that ends before ``next_date`` can only be meant in another year.
    """
    period = read_period(named, ahead)
    if period is None:
        return read_day(named, ahead)
    first, last = period
    if named.data == "end_of" or word in ("through", "thru") or last < next_date:
        return last
    if word in ("until", "till", "til", "'til") and first > ahead.today:
        return first - ONE_DAY
    instead = [f"through {words_of(named)}", f"until {last:%Y-%m-%d}"]
    later = next_such(named, last)
    if later:
        instead.append(f"until {later}")
    raise Refused('"{it}" isn\'t clear', end, instead)


def _ends_too_soon(
    end: Tree[Token], named: Tree[Token], word: str, first: date, today: date
) -> Refused:
    """Returns the refusal of an end before the first date ahead, with the next such end."""
    later = next_such(named, max(first, today))
    fixes = [(place_of(named), later)] if later else []
    if named.data == "month" and word.startswith(("until", "till")):
        fixes.append((place_of(end), f"through {words_of(named)}"))
    if first < today:
        return Refused('"{it}" has passed', end, fixes=fixes)
    day = long_date(first)
    return Refused("it would begin on {day}, after its end", end, fixes=fixes, day=day)


def _last_of_span(token: Token, first: date, rules: Sequence[Rule]) -> date:
    """Returns the last possible day of a series that lasts "for 10 weeks" from ``first``.

    Months of a monthly rule, and years of a yearly one, are those of the calendar.
    """
    count = read_count(token)
    unit = re.findall(r"[a-z]+", token)[-1].removesuffix("s")
    weeks = {"week": 1, "fortnight": 2}.get(unit)
    if unit == "day":
        return first + timedelta(days=count - 1)
    if weeks:
        return first + timedelta(weeks=count * weeks) - ONE_DAY
    months = relativedelta(years=count) if unit == "year" else relativedelta(months=count)
    frequencies = {rule.frequency for rule in rules}
    if frequencies == {YEARLY} and unit == "year":
        first = first.replace(month=1, day=1)
    elif frequencies <= {MONTHLY, YEARLY}:
        first = first.replace(day=1)
    return first + months - ONE_DAY
