"""Reads how often a series repeats: "every 2 weeks", "monthly", "every other month"."""

from __future__ import annotations

import re

from lark import Token, Tree

from bot.calendar.rules import DAILY, MONTHLY, WEEKLY, YEARLY
from bot.phrases.en.hours.durations import read_count
from bot.phrases.en.parse_tree import Node, own_token
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import ordinal_number
from data.limits import LONGEST_INTERVAL
from data.refusal import Sentence

Frequency = tuple[str, int]

_PERIODS: dict[str, Frequency] = {
    "day": (DAILY, 1),
    "week": (WEEKLY, 1),
    "fortnight": (WEEKLY, 2),
    "month": (MONTHLY, 1),
    "quarter": (MONTHLY, 3),
    "year": (YEARLY, 1),
}
_ADVERBS: dict[str, Frequency] = {
    "daily": (DAILY, 1),
    "weekly": (WEEKLY, 1),
    "fortnightly": (WEEKLY, 2),
    "monthly": (MONTHLY, 1),
    "quarterly": (MONTHLY, 3),
    "yearly": (YEARLY, 1),
    "annually": (YEARLY, 1),
}
# Can mean every second period or twice in the period, which no rule says.
_TWO_MEANINGS = {
    "biweekly": (
        "every 2 weeks",
        Sentence('"{it}" can be {rule} or twice a week', {"rule": "every 2 weeks"}),
    ),
    "bimonthly": (
        "every 2 months",
        Sentence('"{it}" can be {rule} or twice a month', {"rule": "every 2 months"}),
    ),
}


def read_frequency(often: Tree[Token], *, is_of_one_day: bool = False) -> Frequency:
    """Returns the RRULE frequency and interval of an ``often`` part.

    "Biweekly" could be twice a week, unless it ``is_of_one_day``.
    """
    adverb = own_token(often, "OFTEN")
    if adverb is not None:
        word = adverb.replace("-", "")
        if word in _TWO_MEANINGS:
            if is_of_one_day:
                return (WEEKLY if word == "biweekly" else MONTHLY), 2
            rule, reason = _TWO_MEANINGS[word]
            raise Refused(reason, adverb, (rule,))
        return _ADVERBS[word]
    span = own_token(often, "LONG_SPAN")
    if span is not None:
        unit = re.findall(r"[a-z]+", span)[-1].removesuffix("s")
        return _multiplied(_PERIODS[unit], read_count(span), span)
    period = _PERIODS[str(own_token(often, "PERIOD") or "day")]
    nth = own_token(often, "ORDINAL")
    if nth is not None:
        return _multiplied(period, ordinal_number(nth), often)
    return _multiplied(period, 2 if own_token(often, "EVERY_OTHER") else 1, often)


def _multiplied(frequency: Frequency, times: int, place: Node) -> Frequency:
    unit, interval = frequency[0], frequency[1] * times
    return unit, checked_interval(interval, place)


def checked_interval(interval: int, place: Node) -> int:
    """Refuses "every 0 weeks", "every last month" and intervals that never come round again."""
    if not 1 <= interval <= LONGEST_INTERVAL:
        raise Refused('"{it}" isn\'t a way to repeat', place)
    return interval
