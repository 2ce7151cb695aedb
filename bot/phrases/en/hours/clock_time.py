"""Reads single clock times: "10", "10am", "10:30", "1800", "18h30", "half past nine", "noon"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lark import Token

from bot.phrases.en.hours.spoken_time import hour_and_minute
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import MONTHS
from data.refusal import ClockTimes, Sentence

NOON, MIDNIGHT = 12 * 60, 24 * 60

# Without am or pm, an hour from 1 to 7 may be day or night; from 8 to 12 it is as written.
FIRST_SURE_HOUR = 8
# The half of the day, the clock hours that it can mean, and the minutes it covers.
PARTS_OF_DAY = {
    "morning": ("a", range(1, 12), range(NOON)),
    "lunchtime": ("p", range(1, 3), range(11 * 60, 15 * 60)),
    "afternoon": ("p", range(1, 7), range(NOON, 18 * 60)),
    "evening": ("p", range(5, 12), range(17 * 60, MIDNIGHT)),
    "night": ("p", range(5, 12), range(17 * 60, MIDNIGHT)),
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time as typed.

    ``half`` is "a", "p" or empty; ``has_minutes`` if it says them.
    """

    token: Token
    hour: int
    minute: int
    half: str
    has_minutes: bool

    @property
    def minutes(self) -> int:
        """Returns minutes after midnight, by the 24-hour clock unless a half is given."""
        return self.in_half(self.half) if self.half else self.hour * 60 + self.minute

    @property
    def is_of_24_hours(self) -> bool:
        """Returns whether only the 24-hour clock writes it so: "13", "06:30"."""
        has_digits = self.token[0].isdigit() and not self.half
        return has_digits and (self.hour > 12 or self.token.startswith("0"))

    @property
    def is_word(self) -> bool:
        """Returns whether it is "noon" or "midnight"."""
        return self.token.endswith(("noon", "midday", "midnight"))

    @property
    def is_bare(self) -> bool:
        """Returns whether it is an hour without minutes and without a half."""
        return not (self.half or self.has_minutes or self.is_word)

    @property
    def readings(self) -> tuple[int, ...]:
        """Returns the minutes after midnight that it can mean: two if am or pm can be added."""
        if self.half or self.is_word or self.is_of_24_hours:
            return (self.minutes,)
        return self.in_half("a"), self.in_half("p")

    @property
    def is_unsure(self) -> bool:
        """Returns whether it may be day or night."""
        return len(self.readings) > 1 and self.hour < FIRST_SURE_HOUR

    def in_half(self, half: str) -> int:
        """Returns minutes after midnight in the "a" or "p" half of the day."""
        return self.hour % 12 * 60 + self.minute + (NOON if half == "p" else 0)

    def at(self, minutes: int) -> str:
        """Returns the time in an unambiguous form, for one of its readings: ``9am``, ``9:00am``."""
        if self.is_word:
            return str(self.token)
        hour = minutes // 60 % 12 or 12
        half = "am" if minutes % MIDNIGHT < NOON else "pm"
        return f"{hour}:{minutes % 60:02}{half}" if self.has_minutes else f"{hour}{half}"

    def with_half(self, half: str) -> str:
        """Returns the time in the "a" or "p" half of the day in an unambiguous form."""
        return self.at(self.in_half(half))


def read_clock(token: Token, *, is_surely_a_time: bool) -> Clock:
    """Reads the token of a ``clock``; raises :class:`Refused` if no clock shows it.

    "10.12" may be a date unless the context says that it ``is_surely_a_time``.
    """
    if token.endswith(("noon", "midday")):
        return Clock(token, 12, 0, "", has_minutes=False)
    if token.endswith("midnight"):
        return Clock(token, 0, 0, "", has_minutes=False)
    hour, minute = _hour_and_minute(token)
    said_half = re.search(r"(?<![a-z])([ap])\.?(m\.?)?$", token)
    half = said_half[1] if said_half else ""
    clock = Clock(token, hour, minute or 0, half, has_minutes=minute is not None)
    hours = range(1, 13) if half else range(25)
    if hour not in hours or clock.minute not in range(60) or clock.minutes > MIDNIGHT:
        raise Refused('there is no "{it}" on the clock', token)
    if token.type == "DOTTED" and not is_surely_a_time and hour and 0 < clock.minute <= len(MONTHS):
        date = f"{hour} {MONTHS[clock.minute - 1].lower()}"
        instead = (twenty_four_hour(clock.minutes), f"{date} 10:00")
        raise Refused('"{it}" can be a time or {date}', token, instead, date=date)
    return clock


def in_part_of_day(clock: Clock, part: str) -> Clock:
    """Takes the half of the day from one of the ``PARTS_OF_DAY`` if it is not typed."""
    half, hours, _ = PARTS_OF_DAY[part]
    if len(clock.readings) == 1 or clock.hour not in hours:
        return clock
    return replace(clock, half=half)


def check_part_of_day(start: int, clock: Clock, part: str) -> None:
    """Refuses a start outside of the part of the day, such as "tonight 10am"."""
    half, _, minutes = PARTS_OF_DAY[part]
    if start not in minutes:
        time = {"time": ClockTimes(twenty_four_hour(start))}
        outside = {
            "morning": Sentence("{time} isn't in the morning", time),
            "lunchtime": Sentence("{time} isn't at lunchtime", time),
            "afternoon": Sentence("{time} isn't in the afternoon", time),
            "evening": Sentence("{time} isn't in the evening", time),
            "night": Sentence("{time} isn't at night", time),
        }
        raise Refused(outside[part], clock.token, (clock.with_half(half),))


def start_of(clock: Clock) -> int:
    """Returns the minutes after midnight at which a session begins."""
    if clock.is_unsure:
        raise either_half(clock)
    if clock.minutes == MIDNIGHT:
        raise Refused('"{it}" is the end of a day', clock.token, ("00:00",))
    return clock.minutes


def either_half(clock: Clock) -> Refused:
    """Returns the refusal of an hour that may be day or night."""
    am, pm = clock.with_half("a"), clock.with_half("p")
    return Refused(
        '"{it}" can be {one} or {other}',
        clock.token,
        (pm, am),
        one=ClockTimes(am),
        other=ClockTimes(pm),
    )


def twenty_four_hour(minutes: int) -> str:
    """Returns minutes after midnight as ``14:00``."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def twelve_hour(minutes: int) -> str:
    """Returns minutes after midnight as ``2pm`` or ``9:30am``."""
    hour, minute = divmod(minutes % MIDNIGHT, 60)
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''}{'am' if hour < 12 else 'pm'}"


def _hour_and_minute(token: Token) -> tuple[int, int | None]:
    """Returns the hour and the minute, if it has one, of "9", "9:30", "930", "9h30" and words."""
    numbers = re.findall("[0-9]+", token)
    if token.type == "SPOKEN" or not numbers:
        return hour_and_minute(token)
    if len(numbers[0]) > 2:
        return int(numbers[0][:-2]), int(numbers[0][-2:])
    return int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else None
