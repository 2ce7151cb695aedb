"""Parses and writes one RFC 5545 recurrence rule, of the kinds that jellies need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import dropwhile, islice
from typing import Literal

from dateutil import rrule

ICAL_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""Monday first (RFC 5545, 3.3.10)."""
DAILY, WEEKLY, MONTHLY, YEARLY = "DAILY", "WEEKLY", "MONTHLY", "YEARLY"

# Long enough for the rarest rule ("every year on 29 February" waits eight years around 2100), short
# enough that a rule without any date ends soon.
HORIZON = timedelta(days=36525)
LAST_WALL = datetime(9999, 12, 31)  # noqa: DTZ001 - wall time

_Frequency = Literal[0, 1, 2, 3]
_FREQUENCIES: dict[str, _Frequency] = {
    DAILY: rrule.DAILY,
    WEEKLY: rrule.WEEKLY,
    MONTHLY: rrule.MONTHLY,
    YEARLY: rrule.YEARLY,
}
_UNTIL_FORMAT = "%Y%m%dT%H%M%S"
_ANCHOR_FORMAT = "%Y%m%d"


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed RRULE value in naive wall time (RFC 5545, 3.3.10), weeks starting on Monday.

    ``weekdays`` are (n, weekday) with Monday 0; n is 0 for "every", 2 for "the second", -1 for "the
    last". ``until`` is an inclusive naive wall time, as rules in wall time need it; iCalendar files
    need it in UTC. ``anchor`` is a day of the period from which intervals count, None if they count
    from the start; RFC 5545 has no such part, but two rhythms of one series can be out of step.
    """

    frequency: str
    interval: int = 1
    months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    positions: tuple[int, ...] = ()
    count: int | None = None
    until: datetime | None = None
    anchor: date | None = None

    def __str__(self) -> str:
        parts = [f"FREQ={self.frequency}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.months:
            parts.append(f"BYMONTH={_comma(self.months)}")
        if self.month_days:
            parts.append(f"BYMONTHDAY={_comma(self.month_days)}")
        if self.weekdays:
            days = (f"{n}{ICAL_DAYS[day]}" if n else ICAL_DAYS[day] for n, day in self.weekdays)
            parts.append(f"BYDAY={_comma(days)}")
        if self.positions:
            parts.append(f"BYSETPOS={_comma(self.positions)}")
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until.strftime(_UNTIL_FORMAT)}")
        if self.anchor is not None:
            parts.append(f"ANCHOR={self.anchor.strftime(_ANCHOR_FORMAT)}")
        return ";".join(parts)

    def without_end(self) -> Rule:
        """Returns the same rule without an end."""
        return replace(self, count=None, until=None)

    def counted_from(self, day: date, start: datetime) -> Rule:
        """Returns the rule with intervals that count from the period of ``day``.

        Two rules with the same dates in a series from ``start`` are equal: the anchor is the first
        date, or None if the intervals can as well count from the start.
        """
        rule = replace(self, anchor=None)
        if rule.is_in_step(day, start):
            return rule
        rule = replace(rule, anchor=day)
        first = rule.first_date(start)
        return rule if first is None else replace(rule, anchor=first.date())

    def first_date(self, start: datetime) -> datetime | None:
        """Returns the first date from ``start`` on, whatever the end; None if there is none."""
        last = start + min(HORIZON, LAST_WALL - start)
        return next(self.without_end().dates(start, not_before=start, last=last), None)

    def is_in_step(self, day: date, other: date) -> bool:
        """Returns whether intervals that count from one day also count from the other."""
        return (self.period_of(day) - self.period_of(other)) % self.interval == 0

    def period_of(self, day: date) -> int:
        """Returns the number of the period (day, week, month or year) that contains ``day``.

        Consecutive periods have consecutive numbers.
        """
        if self.frequency == DAILY:
            return day.toordinal()
        if self.frequency == WEEKLY:
            # Ordinal 1, the first day of ``date``, is a Monday.
            return (day.toordinal() - 1) // 7
        if self.frequency == MONTHLY:
            return day.year * 12 + day.month - 1
        return day.year

    def first_day_of(self, period: int) -> date:
        """Returns the first day of a period numbered by :meth:`period_of`."""
        if self.frequency == DAILY:
            return date.fromordinal(period)
        if self.frequency == WEEKLY:
            return date.fromordinal(period * 7 + 1)
        if self.frequency == MONTHLY:
            return date(period // 12, period % 12 + 1, 1)
        return date(period, 1, 1)

    def dates(self, start: datetime, *, not_before: datetime, last: datetime) -> Iterator[datetime]:
        """Expands the rule from ``start`` (DTSTART), all in naive wall time, up to ``last``.

        Dates long before ``not_before`` may be left out: the expansion begins at a later period of
        the same phase, so that an old series costs no more than a new one. A rule with a COUNT has
        to be counted from its start.
        """
        rule = self._anchored_on(start)
        anchor = self.anchor or start.date()
        begin = start.date()
        if rule.frequency == YEARLY and len(rule.months) == 1:
            # The same dates, found much faster: dateutil goes through every day of a period.
            anchor, begin = (date(day.year, rule.months[0], 1) for day in (anchor, begin))
            rule = replace(rule, frequency=MONTHLY, interval=12 * rule.interval)
        period = rule.period_of(begin)
        period += (rule.period_of(anchor) - period) % rule.interval
        if rule.count is None:
            skipped = max(0, rule.period_of(not_before) - period)
            period += skipped - skipped % rule.interval
        found = rrule.rrule(
            _FREQUENCIES[rule.frequency],
            dtstart=datetime.combine(rule.first_day_of(period), start.time()),
            interval=rule.interval,
            wkst=rrule.MO,
            until=last if rule.until is None else min(last, rule.until),
            bymonth=rule.months or None,
            bymonthday=rule.month_days or None,
            byweekday=[rrule.weekday(day, n or None) for n, day in rule.weekdays] or None,
            bysetpos=rule.positions or None,
        )
        # Counted here, because dateutil accepts no end beside a count, and a rule may never match.
        return islice(dropwhile(lambda wall: wall < start, found), rule.count)

    def _anchored_on(self, start: datetime) -> Rule:
        """Adds what RFC 5545 takes from DTSTART if no BY part specifies it."""
        if self.weekdays or self.month_days or self.frequency == DAILY:
            return self
        if self.frequency == WEEKLY:
            return replace(self, weekdays=((0, start.weekday()),))
        if self.frequency == YEARLY and not self.months:
            return replace(self, months=(start.month,), month_days=(start.day,))
        return replace(self, month_days=(start.day,))


def end_of(day: date) -> datetime:
    """Returns the UNTIL that includes ``day`` as the rule's last."""
    return datetime.combine(day, time(23, 59, 59))


@lru_cache(maxsize=4096)
def parse_rule(text: str) -> Rule:
    """Parses an RRULE value; raises ``ValueError`` for parts or values that jellies don't use."""
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if not value or name in parts:
            raise ValueError(f"not a recurrence rule: {text!r}")
        parts[name] = value
    frequency = parts.pop("FREQ", "")
    if frequency not in _FREQUENCIES or parts.pop("WKST", "MO") != "MO":
        raise ValueError(f"not a recurrence rule for jellies: {text!r}")
    until = parts.pop("UNTIL", None)
    count = parts.pop("COUNT", None)
    anchor = parts.pop("ANCHOR", None)
    rule = Rule(
        frequency=frequency,
        interval=int(parts.pop("INTERVAL", "1")),
        months=_numbers(parts.pop("BYMONTH", "")),
        month_days=_numbers(parts.pop("BYMONTHDAY", "")),
        weekdays=tuple(_weekday(day) for day in parts.pop("BYDAY", "").split(",") if day),
        positions=_numbers(parts.pop("BYSETPOS", "")),
        count=int(count) if count else None,
        until=datetime.strptime(until, _UNTIL_FORMAT) if until else None,  # noqa: DTZ007 - wall time
        anchor=datetime.strptime(anchor, _ANCHOR_FORMAT).date() if anchor else None,  # noqa: DTZ007
    )
    if parts or rule.interval < 1 or (rule.count is not None and (rule.count < 1 or until)):
        raise ValueError(f"not a recurrence rule for jellies: {text!r}")
    return rule


def _comma(values: Iterable[object]) -> str:
    return ",".join(str(value) for value in values)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(",") if number)


def _weekday(text: str) -> tuple[int, int]:
    return int(text[:-2] or 0), ICAL_DAYS.index(text[-2:])
