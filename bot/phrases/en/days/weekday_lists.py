"""Reads lists of days in a rule: "tuesdays and thursdays", "2nd and 4th thursday", "14 march"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from lark import Token, Tree

from bot.calendar.rules import DAILY, WEEKLY, YEARLY, Rule
from bot.phrases.en.days.dates import month_and_day
from bot.phrases.en.days.days_of_month import MOST_WEEKDAYS, read_month_days
from bot.phrases.en.frequency import checked_interval
from bot.phrases.en.parse_tree import branches, own_token, tokens, weekdays_in, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import WEEKDAYS, month_number, ordinal, ordinal_number

DATES = frozenset({"date", "numeric_date"})
WEEKLY_KINDS = frozenset({"weekdays", "weekday_range", "workdays", "weekends"})
MONTHLY_KINDS = frozenset({"nth", "nth_day", "nth_weekday", "nth_workday"})


def read_days_alone(
    days: Tree[Token], *, repeats: bool, is_beside_monthly: bool = False
) -> list[Rule]:
    """Reads "every tuesday", "tuesdays and thursdays", "2nd and 4th thursday", "every march 14".

    ``repeats`` if the phrase says so by "every" or by "mornings"; ``is_beside_monthly`` if it has
    other days of the month.
    """
    items = branches(days)
    kinds = {str(item.data) for item in items}
    every = own_token(days, "EVERY") or own_token(days, "EVERY_OTHER")
    interval = 2 if own_token(days, "EVERY_OTHER") else 1
    if kinds <= WEEKLY_KINDS:
        if not repeats and not any(is_plural(item) for item in items):
            raise Refused('it isn\'t clear whether "{it}" repeats', days, fixes=every_before(days))
        if interval > 1 and "workdays" in kinds:
            readings = ("every 2 weeks on weekdays", "every weekday")
            raise Refused('"{it}" can be other weeks or other days', days, readings)
        return [read_weekdays(items, interval)]
    if interval > 1:
        raise Refused('"{words}" only goes with weekdays', days, words="every other")
    if every is not None and kinds <= DATES:
        return read_dates(items, 1)
    if every is not None and kinds == {"nth_day"} and len(items) == 1:
        number = ordinal_number(tokens(items[0], "ORDINAL")[0])
        if number > 1:
            return [Rule(DAILY, checked_interval(number, items[0]))]
    if not kinds <= MONTHLY_KINDS:
        raise Refused('"{it}" is more than one day', days, (words_of(items[0]),))
    if not _is_monthly(items, is_every=repeats, is_beside_monthly=is_beside_monthly):
        raise _not_clearly_monthly(days, items, is_every=repeats)
    return read_month_days(items, 1)


def read_weekdays(items: Sequence[Tree[Token]], interval: int) -> Rule:
    days: list[int] = []
    for item in items:
        if item.data not in WEEKLY_KINDS:
            raise Refused('"{it}" isn\'t a day of every week', item, ("monday",))
        days += weekdays_of(item)
        if len(set(days)) < len(days):
            raise Refused('"{it}" is there twice', item)
    return Rule(WEEKLY, interval, weekdays=tuple((0, day) for day in sorted(days)))


def weekdays_of(item: Tree[Token]) -> list[int]:
    """Returns the weekdays that "tuesdays", "mon to fri" or "weekends" mean, Monday 0."""
    if item.data == "workdays":
        return list(range(5))
    if item.data == "weekends":
        return [5, 6]
    numbers = weekdays_in(item)
    if item.data != "weekday_range":
        return numbers
    first, last = numbers
    return [day % 7 for day in range(first, last + (1 if last > first else 8))]


def read_dates(items: Sequence[Tree[Token]], interval: int) -> list[Rule]:
    """Returns the rules of days of the year: "14 march"."""
    rules = []
    for item in items:
        if item.data not in DATES:
            raise Refused('"{it}" isn\'t a day of every year', item, ("14 march",))
        month, day = month_and_day(item)
        rules.append(Rule(YEARLY, interval, months=(month,), month_days=(day,)))
    return rules


def read_days_of_one_month(days: Tree[Token], month: Tree[Token]) -> list[Rule]:
    """Reads "every 1st monday of december"."""
    token = tokens(month)[0]
    if re.search(r"\d", token):
        raise Refused('"{it}" comes only once', token)
    rules = read_month_days(branches(days), 1)
    if any(rule.positions for rule in rules):
        raise Refused("weekdays in general don't go with one month", days)
    return [replace(rule, frequency=YEARLY, months=(month_number(token),)) for rule in rules]


def every_before(days: Tree[Token]) -> list[tuple[tuple[int, int], str]]:
    """Returns the fix that puts "every" before the days, in place of "on" and "the"."""
    return [((days.meta.start_pos, branches(days)[0].meta.start_pos), "every ")]


def is_one_weekday(item: Tree[Token]) -> bool:
    is_one = item.data == "weekdays" and len(item.children) == 1
    return is_one and not is_plural(item)


def is_plural(item: Tree[Token]) -> bool:
    """Returns whether a weekday is plural: "tuesdays", "tuesday's", "weekends"."""
    return any(token.replace("'", "").endswith(("days", "weekends")) for token in tokens(item))


def is_one_day(days: Tree[Token]) -> bool:
    """Returns whether days are one of the week or month: "tuesdays", "the 1st friday"."""
    items = branches(days)
    is_single = len(items) == 1 and items[0].data in MONTHLY_KINDS | {"weekdays"}
    return is_single and len(weekdays_in(items[0])) <= 1


def are_first_or_last(items: Sequence[Tree[Token]]) -> bool:
    """Returns whether all are like "first friday", which no other rhythm than a month has."""
    ordinals = [token for item in items for token in tokens(item, "ORDINAL")]
    return {ordinal_number(token) for token in ordinals} <= {1, -1}


def _is_monthly(items: Sequence[Tree[Token]], *, is_every: bool, is_beside_monthly: bool) -> bool:
    """Returns whether ordinals without "of the month" can only mean days of the month.

    "2nd and 4th thursday" and "every 1st friday" can; "every 2nd thursday" may be every other week,
    and "2nd thursday" a single day. "Every 3rd thursday" can beside "every 1st friday".
    """
    kinds = {str(item.data) for item in items}
    numbers = [ordinal_number(token) for item in items for token in tokens(item, "ORDINAL")]
    if kinds == {"nth"}:
        return is_every and len(items) == 1 and numbers[0] > MOST_WEEKDAYS
    if "nth_weekday" not in kinds or not kinds <= {"nth", "nth_weekday"}:
        return False
    weekdays = {day for item in items for day in weekdays_in(item)}
    if len(numbers) > 1 and len(weekdays) == 1:
        return max(numbers) <= MOST_WEEKDAYS
    if is_every:
        return are_first_or_last(items) or (is_beside_monthly and 2 not in numbers)
    return len(numbers) > 1 and kinds == {"nth_weekday"}


def _not_clearly_monthly(
    days: Tree[Token], items: Sequence[Tree[Token]], *, is_every: bool
) -> Refused:
    begin, end = days.meta.start_pos, days.meta.end_pos
    first = items[0]
    number = ordinal_number(tokens(first, "ORDINAL")[0])
    of_the_month = ((end, end), " of the month")
    if not is_every:
        every = every_before(days)[0]
        listed = ((begin, first.meta.start_pos), "every month on the ")
        fixes = [((begin, end), f"every {words_of(first)} of the month")] if len(items) == 1 else []
        return Refused(
            'it isn\'t clear whether "{it}" repeats',
            days,
            fixes=[*fixes, of_the_month, listed, every],
        )
    if first.data != "nth_weekday" or number < 2:
        return Refused(
            'it isn\'t clear whether "{it}" is in every month', days, fixes=[of_the_month]
        )
    weekday = WEEKDAYS[weekdays_in(first)[0]].lower()
    other_weeks = f"every {number} weeks on {weekday}"
    others = "".join(f" and every {words_of(item)} of the month" for item in items[1:])
    return Refused(
        '"{it}" can be {one} or {other}',
        days,
        fixes=[((begin, end), other_weeks + others), of_the_month],
        one=other_weeks,
        other=f"the {ordinal(number)} {weekday} of the month",
    )
