"""Reads how a series repeats, from the parts of a phrase to recurrence rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lark import Token, Tree

from bot.calendar.merge_rules import merge_rules
from bot.calendar.rules import DAILY, MONTHLY, WEEKLY, YEARLY, Rule
from bot.phrases.en.days.days_of_month import MOST_WEEKDAYS, read_month_days
from bot.phrases.en.days.weekday_lists import (
    DATES,
    MONTHLY_KINDS,
    WEEKLY_KINDS,
    are_first_or_last,
    every_before,
    is_one_day,
    is_one_weekday,
    read_dates,
    read_days_alone,
    read_days_of_one_month,
    read_weekdays,
)
from bot.phrases.en.frequency import Frequency, read_frequency
from bot.phrases.en.parse_tree import branches, own_token, tokens, words_of
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import ordinal_number


@dataclass(slots=True)
class Repeat:
    """The parts of one rule, or the day of a one-off, as they were typed.

    ``is_plural`` if it is on "mornings" or "evenings": then "thursday" is every Thursday.
    """

    days: list[Tree[Token]] = field(default_factory=list)
    often: list[Tree[Token]] = field(default_factory=list)
    of: list[Tree[Token]] = field(default_factory=list)
    counted: list[Tree[Token]] = field(default_factory=list)
    is_plural: bool = False

    def __bool__(self) -> bool:
        return bool(self.parts())

    def parts(self) -> list[Tree[Token]]:
        """Returns all parts that were typed."""
        return [*self.days, *self.often, *self.of, *self.counted]

    def one_day(self) -> Tree[Token] | None:
        """Returns the day of a one-off; None if this is a rule."""
        if (
            self.often
            or self.of
            or self.counted
            or any(part.data == "every_days" for part in self.days)
        ):
            return None
        items = [item for part in self.days for item in branches(part)]
        if len(self.days) == len(items) == 2:
            return _weekday_and_date(items)
        if len(items) != 1 or items[0].data in MONTHLY_KINDS - {"nth"}:
            return None
        is_one = items[0].data not in WEEKLY_KINDS or is_one_weekday(items[0])
        return items[0] if is_one else None


def read_rules(
    repeat: Repeat, begin_weekday: int | None, *, is_beside_monthly: bool = False
) -> list[Rule]:
    """Returns the rules of one rhythm of a series, without an end.

    ``begin_weekday`` is the weekday on which the phrase says that the series begins, for "every 2
    weeks". Beside "every first wednesday", "every third thursday" is of the month as well.
    """
    return merge_rules(_read_repeat(repeat, begin_weekday, is_beside_monthly))


def is_monthly(repeat: Repeat) -> bool:
    """Returns whether days are those of a month, as in "every first wednesday"."""
    items = [item for part in repeat.days for item in branches(part)]
    if not items or any(item.data != "nth_weekday" for item in items):
        return False
    return bool(repeat.of) or are_first_or_last(items)


def _read_repeat(repeat: Repeat, begin_weekday: int | None, is_beside_monthly: bool) -> list[Rule]:
    for extra in (*repeat.days[1:], *repeat.often[1:], *repeat.of[1:], *repeat.counted[1:]):
        raise Refused('"{it}" doesn\'t fit with the days before it', extra)
    days = repeat.days[0] if repeat.days else None
    often = repeat.often[0] if repeat.often else None
    of = repeat.of[0] if repeat.of else None
    if days is None:
        return _without_days(often, of, begin_weekday)
    every = own_token(days, "EVERY") or own_token(days, "EVERY_OTHER")
    if every is not None and often is not None:
        raise Refused("it repeats in two ways", often)
    month = next((tree for tree in branches(of) if tree.data == "month"), None) if of else None
    frequency = _frequency(often, of if month is None else None, is_of_one_day=is_one_day(days))
    if month is not None:
        if frequency not in (None, (YEARLY, 1)) or (every is None and often is None):
            raise Refused('it isn\'t clear how "{it}" repeats', of, fixes=every_before(days))
        return read_days_of_one_month(days, month)
    if frequency is not None and own_token(days, "EVERY_OTHER"):
        raise Refused('"{words}" can be weeks or months', days, words="every other")
    if frequency is None:
        repeats = every is not None or repeat.is_plural
        return read_days_alone(days, repeats=repeats, is_beside_monthly=is_beside_monthly)
    _refuse_a_date_or_a_weekday(days, is_of_the_month=often is None)
    return _by_frequency(days, *frequency)


def _without_days(
    often: Tree[Token] | None, of: Tree[Token] | None, begin_weekday: int | None
) -> list[Rule]:
    """Reads "daily", or "every 2 weeks" if the begin of the series gives the weekday."""
    if of is not None or often is None:
        raise Refused("on which day?", of)
    frequency, interval = read_frequency(often)
    if frequency == DAILY:
        return [Rule(DAILY, interval)]
    if frequency == WEEKLY and begin_weekday is not None:
        return [Rule(WEEKLY, interval, weekdays=((0, begin_weekday),))]
    on = {
        WEEKLY: ("monday", "thursday", "saturday"),
        MONTHLY: ("the 1st", "the 15th", "the 1st monday"),
        YEARLY: ("14 march", "1 june", "1 december"),
    }
    end = often.meta.end_pos
    fixes = [((end, end), f" on {day}") for day in on[frequency]]
    raise Refused("on which day?", (end, end), fixes=fixes)


def _frequency(
    often: Tree[Token] | None, of: Tree[Token] | None, *, is_of_one_day: bool
) -> Frequency | None:
    """Returns what "every 2 weeks" and "of every month" say; None if there is neither."""
    said = read_frequency(often, is_of_one_day=is_of_one_day) if often is not None else None
    if of is None:
        return said
    inner = branches(of)
    of_frequency = read_frequency(inner[0]) if inner else (MONTHLY, 1)
    period = own_token(of, "PERIOD")
    if of_frequency[0] != MONTHLY or (period is not None and period != "month"):
        raise Refused('"{it}" isn\'t clear', of, ("of the month",))
    if said is not None and (said[0] != MONTHLY or inner):
        raise Refused("it repeats in two ways", of)
    return said or of_frequency


def _by_frequency(days: Tree[Token], frequency: str, interval: int) -> list[Rule]:
    items = branches(days)
    if frequency == WEEKLY:
        return [read_weekdays(items, interval)]
    if frequency == YEARLY:
        return read_dates(items, interval)
    if frequency == DAILY:
        raise Refused("every day leaves no other days", days)
    weekly = [item for item in items if item.data in WEEKLY_KINDS]
    if not weekly or own_token(days, "EVERY") is None or interval > 1:
        return read_month_days(items, interval)
    # "Every tuesday and the first friday of the month".
    if items[: len(weekly)] != weekly:
        raise Refused('it isn\'t clear whether "{it}" is every week', weekly[-1])
    return [read_weekdays(weekly, 1), *read_month_days(items[len(weekly) :], 1)]


def _refuse_a_date_or_a_weekday(days: Tree[Token], *, is_of_the_month: bool) -> None:
    """Refuses "every month on the 1st and the last friday": two fridays, or a date and a friday.

    "The 1st and the last friday of the month" are two fridays, and a "15th" there is a mistake.
    """
    little_words = [child for child in days.children if isinstance(child, Token)]
    for before, after in pairwise(branches(days)):
        between = range(before.meta.end_pos, after.meta.start_pos)
        if (before.data, after.data) != ("nth", "nth_weekday"):
            continue
        can_be_a_week = ordinal_number(words_of(before)) <= MOST_WEEKDAYS
        if is_of_the_month and not can_be_a_week:
            raise Refused("no month has that many", before, ("1st", "2nd"))
        is_apart = any(token.start_pos in between for token in little_words)
        if can_be_a_week and is_apart and not is_of_the_month:
            place = (before.meta.start_pos, after.meta.end_pos)
            instead = f"{words_of(before)} and {words_of(after)}"
            raise Refused('"{it}" can be two weekdays or a date and one', place, (instead,))


def _weekday_and_date(items: Sequence[Tree[Token]]) -> Tree[Token] | None:
    """Returns the day of "thursday 10am dec 3", as if its two parts were adjacent."""
    dates = [item for item in items if item.data in DATES | {"nth"}]
    weekdays = [item for item in items if is_one_weekday(item)]
    if len(dates) == len(weekdays) == 1:
        return Tree("weekday_date", [tokens(weekdays[0])[0], dates[0]], dates[0].meta)
    return None
