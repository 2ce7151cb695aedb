"""Reads the exceptions of a series: "except 24 and 31 dec"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lark import Token, Tree

from bot.calendar.recurrence import left_out, occurrences
from bot.phrases.en.days.dates import read_day, typed_date
from bot.phrases.en.days.lookahead import Lookahead
from bot.phrases.en.parse_tree import branches, first_token
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import joined, long_date
from data.models import Schedule

WEEKDAYS_LEFT_OUT = frozenset({"weekday", "workdays", "weekends"})
"""Exceptions that change the rules."""
DAY_OF_THE_MONTH = "DAY_OF_THE_MONTH"
"""The type of tokens that got their month from the date beside them."""

# How far around a day its nearest date is looked for; the rarest rule comes every eight years.
_AROUND = tuple(timedelta(days=days) for days in (10, 100, 1000, 10_000))


class DaysLeftOut:
    """The single days that a phrase leaves out; weekdays that it leaves out are in the rules."""

    def __init__(
        self, exceptions: Tree[Token] | None, ahead_of: Callable[[Tree[Token]], Lookahead]
    ) -> None:
        """``ahead_of`` returns where to look for the day that a part names."""
        parts = branches(exceptions) if exceptions is not None else []
        self._named = [
            (part, read_day(part, ahead_of(part)))
            for part in _with_their_months(
                [part for part in parts if part.data not in WEEKDAYS_LEFT_OUT]
            )
        ]
        self.days = frozenset(day for _, day in self._named)

    def of(self, whole: Schedule, now: datetime, *, since: datetime | None = None) -> Schedule:
        """Returns a series without these days; raises :class:`Refused` if one is not its date.

        Of a series that changes, those before ``since`` may have been dates of the earlier rule.
        """
        without = self._without(whole)
        found = {wall.date() for wall in left_out(without)}
        first = date.min if since is None else since.astimezone(ZoneInfo(whole.zone)).date()
        missing = [(part, day) for part, day in self._named if day not in found and day >= first]
        if missing:
            raise self._no_date(missing, without, now)
        return without

    def dates_of(self, whole: Schedule) -> int:
        """Returns how many of these days are dates of a series."""
        return len(left_out(self._without(whole)))

    def _without(self, whole: Schedule) -> Schedule:
        excluded = tuple(datetime.combine(day, whole.start.time()) for day in sorted(self.days))
        return replace(whole, excluded=excluded)

    def _no_date(
        self, missing: Sequence[tuple[Tree[Token], date]], without: Schedule, now: datetime
    ) -> Refused:
        """Returns the refusal of days that are no dates, with the nearest dates instead."""
        near = {day: _nearest(day, without, now) or day for _, day in missing}
        first, last = missing[0][0], missing[-1][0]
        if any(first_token(part).type == DAY_OF_THE_MONTH for part, _ in self._named):
            first, last = self._named[0][0], self._named[-1][0]
        begin, end = first.meta.start_pos, last.meta.end_pos
        words = joined(
            [
                typed_date(near.get(day, day), part, without.start.date())
                for part, day in self._named
                if begin <= part.meta.start_pos < end
            ]
        )
        return Refused(
            "{day} isn't one of its dates",
            missing[0][0],
            fixes=[((begin, end), words)],
            day=long_date(missing[0][1]),
        )


def _with_their_months(parts: Sequence[Tree[Token]]) -> list[Tree[Token]]:
    """Gives numbers in a list the month of the date beside them: "8 and 15 dec"."""
    named: list[Tree[Token]] = []
    for n, part in enumerate(parts):
        token = first_token(part)
        if part.data != "day_number" and part.data != "nth":
            named.append(part)
            continue
        beside = next((one for one in (*parts[n:], *reversed(named)) if one.data == "date"), None)
        if beside is None and part.data == "nth":
            named.append(part)
            continue
        month = re.search(r"[a-z]{3,}", first_token(beside)) if beside is not None else None
        if beside is None or month is None:
            raise Refused('"{it}" of which month?', part)
        number = re.findall(r"[0-9]+", token)
        year = re.search(r"[0-9]{4}", first_token(beside))
        words = " ".join((*number, month[0], *([year[0]] if year else [])))
        named.append(
            Tree("date", [Token.new_borrow_pos(DAY_OF_THE_MONTH, words, token)], part.meta)
        )
    return named


def _nearest(day: date, series: Schedule, now: datetime) -> date | None:
    """Returns the date of a series, ahead of ``now``, that is nearest to a day."""
    there = datetime.combine(day, series.start.time(), now.tzinfo)
    for around in _AROUND:
        window = occurrences(series, after=max(now, there - around), before=there + around)
        found = [session.recurrence_id.date() for session in window]
        if found:
            return min(found, key=lambda one: abs(one - day))
    return None
