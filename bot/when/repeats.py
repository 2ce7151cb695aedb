"""How a series repeats: the parts of a phrase that say so, to recurrence rules."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from lark import Token, Tree

from bot.when.days import month_and_day
from bot.when.frequency import Frequency, checked_interval, read_frequency
from bot.when.monthdays import MOST_WEEKDAYS, read_month_days
from bot.when.refusal import Refused
from bot.when.rules import DAILY, MONTHLY, WEEKLY, YEARLY, Rule
from bot.when.trees import branches, own_token, tokens, weekdays_in, words_of
from bot.when.unions import united
from bot.when.vocabulary import WEEKDAYS, month_number, ordinal, ordinal_number

_WEEKLY_KINDS = frozenset({"weekdays", "weekday_range", "workdays"})
_MONTHLY_KINDS = frozenset({"nth", "nth_day", "nth_weekday", "nth_workday"})


@dataclass(slots=True)
class Repeat:
    """The parts of one rule, or the day of a one-off, as they were typed."""

    days: list[Tree[Token]] = field(default_factory=list)
    often: list[Tree[Token]] = field(default_factory=list)
    of: list[Tree[Token]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.days or self.often or self.of)

    def parts(self) -> list[Tree[Token]]:
        """All of them."""
        return [*self.days, *self.often, *self.of]

    def one_day(self) -> Tree[Token] | None:
        """The day of a one-off, if this is no rule."""
        if self.often or self.of or len(self.days) != 1 or self.days[0].data == "every_days":
            return None
        items = branches(self.days[0])
        item = items[0]
        if len(items) > 1 or item.data in _MONTHLY_KINDS - {"nth"}:
            return None
        if item.data in _WEEKLY_KINDS:
            is_one = item.data == "weekdays" and len(item.children) == 1
            return item if is_one and not _repeats_by_itself(item) else None
        return item


def read_rules(repeats: Sequence[Repeat], begin_weekday: int | None) -> list[Rule]:
    """The rules of a series, without ends.

    ``begin_weekday`` is the weekday on which the series is said to begin, for "every 2 weeks".
    """
    return united(rule for repeat in repeats for rule in _read_repeat(repeat, begin_weekday))


def _read_repeat(repeat: Repeat, begin_weekday: int | None) -> list[Rule]:
    for extra in (*repeat.days[1:], *repeat.often[1:], *repeat.of[1:]):
        raise Refused("{it} does not fit with the days before it", extra)
    days = repeat.days[0] if repeat.days else None
    often = repeat.often[0] if repeat.often else None
    of = repeat.of[0] if repeat.of else None
    if days is None:
        return _without_days(often, of, begin_weekday)
    every = own_token(days, "EVERY") or own_token(days, "EVERY_OTHER")
    if every is not None and often is not None:
        raise Refused("it repeats in two ways", often)
    month = next((tree for tree in branches(of) if tree.data == "month"), None) if of else None
    frequency = _frequency(often, of if month is None else None)
    if month is not None:
        if frequency not in (None, (YEARLY, 1)) or (every is None and often is None):
            raise Refused("it is not clear how {it} repeats", of, fixes=_every(days))
        return _once_a_year(days, month)
    if frequency is not None and own_token(days, "EVERY_OTHER"):
        raise Refused('"every other" can be weeks or months', days)
    if frequency is None:
        return _by_days_alone(days)
    return _by_frequency(days, *frequency)


def _without_days(
    often: Tree[Token] | None, of: Tree[Token] | None, begin_weekday: int | None
) -> list[Rule]:
    """ "Daily", or "every 2 weeks" where the beginning says on which day."""
    if of is not None or often is None:
        raise Refused("it needs a day", of)
    frequency, interval = read_frequency(often)
    if frequency == DAILY:
        return [Rule(DAILY, interval)]
    if frequency == WEEKLY and begin_weekday is not None:
        return [Rule(WEEKLY, interval, weekdays=((0, begin_weekday),))]
    on = {WEEKLY: ("monday",), MONTHLY: ("the 15th", "the 1st monday"), YEARLY: ("14 march",)}
    end = often.meta.end_pos
    fixes = [((end, end), f" on {day}") for day in on[frequency]]
    raise Refused("it needs a day", often, fixes=fixes)


def _frequency(often: Tree[Token] | None, of: Tree[Token] | None) -> Frequency | None:
    """What "every 2 weeks" and "of every month" say, if anything does."""
    said = read_frequency(often) if often is not None else None
    if of is None:
        return said
    inner = branches(of)
    of_frequency = read_frequency(inner[0]) if inner else (MONTHLY, 1)
    period = own_token(of, "PERIOD")
    if of_frequency[0] != MONTHLY or (period is not None and period != "month"):
        raise Refused("{it} is not clear", of, ("of the month",))
    if said is not None and (said[0] != MONTHLY or inner):
        raise Refused("it repeats in two ways", of)
    return said or of_frequency


def _by_frequency(days: Tree[Token], frequency: str, interval: int) -> list[Rule]:
    items = branches(days)
    if frequency == WEEKLY:
        return [_weekly(items, interval)]
    if frequency == YEARLY:
        return _dates(items, interval)
    if frequency == DAILY:
        raise Refused("every day leaves no other days", days)
    weekly = [item for item in items if item.data in _WEEKLY_KINDS]
    if not weekly or own_token(days, "EVERY") is None or interval > 1:
        _refuse_a_date_or_a_weekday(days)
        return read_month_days(items, interval)
    # "Every tuesday and the first friday of the month".
    if items[: len(weekly)] != weekly:
        raise Refused("it is not clear whether {it} is every week", weekly[-1])
    return [_weekly(weekly, 1), *read_month_days(items[len(weekly) :], 1)]


def _refuse_a_date_or_a_weekday(days: Tree[Token]) -> None:
    """ "The 1st and the last friday": two fridays, or a date and a friday."""
    little_words = [child for child in days.children if isinstance(child, Token)]
    for before, after in pairwise(branches(days)):
        between = range(before.meta.end_pos, after.meta.start_pos)
        if (before.data, after.data) != ("nth", "nth_weekday"):
            continue
        can_be_a_week = ordinal_number(words_of(before)) <= MOST_WEEKDAYS
        if can_be_a_week and any(token.start_pos in between for token in little_words):
            place = (before.meta.start_pos, after.meta.end_pos)
            instead = f"{words_of(before)} and {words_of(after)}"
            raise Refused("{it} can be two weekdays or a date and one", place, (instead,))


def _once_a_year(days: Tree[Token], month: Tree[Token]) -> list[Rule]:
    """ "Every 1st monday of december"."""
    token = tokens(month)[0]
    if re.search(r"\d", token):
        raise Refused("{it} comes only once", token)
    rules = read_month_days(branches(days), 1)
    if any(rule.positions for rule in rules):
        raise Refused("weekdays in general don't go with one month", days)
    return [replace(rule, frequency=YEARLY, months=(month_number(token),)) for rule in rules]


def _by_days_alone(days: Tree[Token]) -> list[Rule]:
    """ "Every tuesday", "tuesdays and thursdays", "2nd and 4th thursday", "every march 14"."""
    items = branches(days)
    kinds = {str(item.data) for item in items}
    every = own_token(days, "EVERY") or own_token(days, "EVERY_OTHER")
    interval = 2 if own_token(days, "EVERY_OTHER") else 1
    if kinds <= _WEEKLY_KINDS:
        if every is None and not any(_repeats_by_itself(item) for item in items):
            raise Refused("it is not clear whether {it} repeats", days, fixes=_every(days))
        if interval > 1 and "workdays" in kinds:
            readings = ("every 2 weeks on weekdays", "every weekday")
            raise Refused("{it} can be other weeks or other days", days, readings)
        return [_weekly(items, interval)]
    if interval > 1:
        raise Refused('"every other" only goes with weekdays', days)
    if every is not None and kinds == {"date"}:
        return _dates(items, 1)
    if every is not None and kinds == {"nth_day"} and len(items) == 1:
        number = ordinal_number(tokens(items[0], "ORDINAL")[0])
        if number > 1:
            return [Rule(DAILY, checked_interval(number, items[0]))]
    if not kinds <= _MONTHLY_KINDS:
        raise Refused("{it} is more than one day", days)
    if not _is_monthly(items, is_every=every is not None):
        raise _not_clearly_monthly(days, items, is_every=every is not None)
    return read_month_days(items, 1)


def _is_monthly(items: Sequence[Tree[Token]], *, is_every: bool) -> bool:
    """Whether ordinals without "of the month" can only be meant so.

    "2nd and 4th thursday" and "every 1st friday" can; "every 2nd thursday" may be every other
    week, and "2nd thursday" a single day.
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
        return set(numbers) <= {1, -1}
    return len(numbers) > 1 and kinds == {"nth_weekday"}


def _not_clearly_monthly(
    days: Tree[Token], items: Sequence[Tree[Token]], *, is_every: bool
) -> Refused:
    begin, end = days.meta.start_pos, days.meta.end_pos
    first = items[0]
    number = ordinal_number(tokens(first, "ORDINAL")[0])
    of_the_month = ((end, end), " of the month")
    if not is_every:
        every = _every(days)[0]
        listed = ((begin, first.meta.start_pos), "every month on the ")
        fixes = [((begin, end), f"every {words_of(first)} of the month")] if len(items) == 1 else []
        return Refused(
            "it is not clear whether {it} repeats",
            days,
            fixes=[*fixes, of_the_month, listed, every],
        )
    if first.data != "nth_weekday" or number < 2:
        return Refused("it is not clear whether {it} is in every month", days, fixes=[of_the_month])
    weekday = WEEKDAYS[weekdays_in(first)[0]].lower()
    other_weeks = f"every {number} weeks on {weekday}"
    others = "".join(f" and every {words_of(item)} of the month" for item in items[1:])
    return Refused(
        f"{{it}} can be {other_weeks} or the {ordinal(number)} {weekday} of the month",
        days,
        fixes=[((begin, end), other_weeks + others), of_the_month],
    )


def _weekly(items: Sequence[Tree[Token]], interval: int) -> Rule:
    days: list[int] = []
    for item in items:
        numbers = weekdays_in(item)
        if item.data == "workdays":
            days += range(5)
        elif item.data == "weekdays":
            days += numbers
        elif item.data == "weekday_range":
            first, last = numbers
            days += [day % 7 for day in range(first, last + (1 if last > first else 8))]
        else:
            raise Refused("{it} is not a day of every week", item, ("monday",))
        if len(set(days)) < len(days):
            raise Refused("{it} is there twice", item)
    return Rule(WEEKLY, interval, weekdays=tuple((0, day) for day in sorted(days)))


def _dates(items: Sequence[Tree[Token]], interval: int) -> list[Rule]:
    """Days of the year: "14 march"."""
    rules = []
    for item in items:
        if item.data != "date":
            raise Refused("{it} is not a day of every year", item, ("14 march",))
        month, day = month_and_day(tokens(item)[0])
        rules.append(Rule(YEARLY, interval, months=(month,), month_days=(day,)))
    return rules


def _every(days: Tree[Token]) -> list[tuple[tuple[int, int], str]]:
    """The fix that puts "every" before the days, in place of "on" and "the"."""
    return [((days.meta.start_pos, branches(days)[0].meta.start_pos), "every ")]


def _repeats_by_itself(item: Tree[Token]) -> bool:
    """Plurals: "tuesdays", "weekdays"."""
    return any(token.endswith("days") for token in tokens(item))
