"""Reads days of the month: "the 1st and 15th", "2nd and 4th thursday", "last weekday"."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token, Tree

from bot.calendar.rules import MONTHLY, Rule
from bot.phrases.en.parse_tree import tokens, weekdays_in, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import ordinal_number

WORKDAYS = tuple((0, day) for day in range(5))

# The maximum number of times that a weekday occurs in a month; a bare number above it must be a
# date.
MOST_WEEKDAYS = 5


def read_month_days(items: Sequence[Tree[Token]], interval: int) -> list[Rule]:
    """Returns the monthly rules of a list of days.

    A bare ordinal takes the word of the next item, as in "2nd and 4th thursday"; an ordinal that no
    weekday follows is a date.
    """
    month_days: list[int] = []
    weekdays: list[tuple[int, int]] = []
    positions: list[int] = []
    waiting: list[Token] = []
    for item in items:
        ordinals = tokens(item, "ORDINAL")
        if item.data == "nth":
            waiting += ordinals
            continue
        if item.data not in ("nth_day", "nth_weekday", "nth_workday"):
            raise Refused(
                '"{it}" doesn\'t say which of the month', item, (f"the 1st {words_of(item)}",)
            )
        if item.data == "nth_day":
            month_days += [_month_day(token) for token in (*waiting, *ordinals)]
        else:
            shared = [token for token in waiting if ordinal_number(token) <= MOST_WEEKDAYS]
            month_days += [_month_day(token) for token in waiting if token not in shared]
            numbers = [_week_number(token) for token in (*shared, *ordinals)]
            if item.data == "nth_workday":
                positions += numbers
            else:
                day = weekdays_in(item)[0]
                weekdays += [(number, day) for number in numbers]
        waiting = []
    for token in waiting:
        if ordinal_number(token) <= MOST_WEEKDAYS and (weekdays or positions):
            raise Refused('"{it}" can be a date or a weekday', token, (f"{token} day",))
        if ordinal_number(token) < 0:
            raise Refused('"{it}" what?', token, (f"{token} day", f"{token} friday"))
        month_days.append(_month_day(token))
    for days in (month_days, weekdays, positions):
        if len(set(days)) < len(days):
            raise Refused('"{it}" has a day twice', _all(items))
    rules = []
    if weekdays:
        rules.append(Rule(MONTHLY, interval, weekdays=tuple(weekdays)))
    if month_days:
        rules.append(Rule(MONTHLY, interval, month_days=tuple(month_days)))
    if positions:
        rules.append(Rule(MONTHLY, interval, weekdays=WORKDAYS, positions=tuple(positions)))
    return rules


def _month_day(token: Token) -> int:
    number = ordinal_number(token)
    if not (1 <= number <= 31 or -MOST_WEEKDAYS <= number <= -1):
        raise Refused('no month has a "{it}"', token, ("15th",))
    return number


def _week_number(token: Token) -> int:
    number = ordinal_number(token)
    if not 1 <= abs(number) <= MOST_WEEKDAYS:
        raise Refused("no month has that many", token, ("1st", "last"))
    return number


def _all(items: Sequence[Tree[Token]]) -> tuple[int, int]:
    return items[0].meta.start_pos, items[-1].meta.end_pos
