"""The hours of a session: clock times, ranges and lengths, without a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from lark import Token, Tree

from bot.when.refusal import Refused, words_of
from bot.when.vocabulary import MONTHS

DEFAULT_LENGTH = timedelta(hours=3)
LONGEST_SESSION = timedelta(hours=24)

_NOON, _DAY = 12 * 60, 24 * 60
# In a range that crosses midnight by am and pm alone ("10pm-2am"), more than this is a slip.
_LONGEST_NIGHT = 12 * 60
# Hours that can only be meant one way: "tonight at 7".
_EVENING = range(5, 12)
_EARLIEST_EVENING = 17 * 60
_NUMBER_WORDS = {
    **{"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6},
    **{"seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12},
}


@dataclass(frozen=True, slots=True)
class Hours:
    """From ``start`` minutes after midnight, for ``length``."""

    start: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class _Clock:
    """A clock time as typed: ``half`` is "a", "p" or nothing, ``bare`` an hour without minutes."""

    token: Token
    hour: int
    minute: int
    half: str
    bare: bool

    @property
    def minutes(self) -> int:
        """Minutes after midnight, by the 24-hour clock unless a half is given."""
        if self.half:
            return self.in_half(self.half)
        return self.hour * 60 + self.minute

    def in_half(self, half: str) -> int:
        return self.hour % 12 * 60 + self.minute + (_NOON if half == "p" else 0)

    def said(self, half: str = "") -> str:
        """``9am`` or ``09:30``: a way to type it that leaves no doubt."""
        if half:
            minutes = f":{self.minute:02}" if self.minute else ""
            return f"{self.hour % 12 or 12}{minutes}{half}m"
        return said(self.minutes)


def said(minutes: int) -> str:
    """``14:00`` for so many minutes after midnight."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def read_hours(parts: Sequence[Tree[Token]], *, tonight: bool) -> Hours | None:
    """Combine the clock times and lengths of a phrase; None if it has no clock time.

    ``parts`` are the ``hours``, ``until_clock`` and ``length`` parts in the order typed.
    """
    ranges = [part for part in parts if part.data == "hours"]
    ends = [part for part in parts if part.data == "until_clock"]
    lengths = [part for part in parts if part.data == "length"]
    if not ranges:
        if ends:
            raise Refused("it needs a start as well as an end", ends[0])
        return None
    for extra in (*ranges[1:], *ends[1:], *lengths[1:]):
        raise Refused(f'"{words_of(extra)}" is one time too many', extra)
    clocks = _clocks(ranges[0])
    next_day = any(_has(part, "NEXT_DAY") for part in (*ranges, *ends))
    if ends:
        if len(clocks) == 2:
            raise Refused(f'"{words_of(ends[0])}" is one end too many', ends[0])
        clocks += _clocks(ends[0])
    sure = len(clocks) == 2 or _has(ranges[0], "AT")
    for clock in clocks:
        _check(clock, sure=sure)
    if tonight:
        clocks = [_in_the_evening(clock) for clock in clocks]
    if len(clocks) == 2:
        if lengths:
            raise Refused(f'"{words_of(lengths[0])}" is a second end', lengths[0])
        hours = _range(clocks[0], clocks[1], next_day=next_day)
    else:
        length = read_length(lengths[0].children[0]) if lengths else DEFAULT_LENGTH
        hours = Hours(_start(clocks[0]), length)
    if not timedelta() < hours.length <= LONGEST_SESSION:
        raise Refused(
            "a session is at most 24 hours long", (lengths or ranges)[0], ("for 3 hours",)
        )
    if tonight and hours.start < _EARLIEST_EVENING:
        raise Refused(
            f"{said(hours.start)} is not in the evening",
            clocks[0].token,
            (clocks[0].said("p"), "7pm"),
        )
    return hours


def read_length(token: object) -> timedelta:
    """``3 hours``, ``90 min``, ``1h30``, ``an hour and a half``: a SPAN token of the grammar."""
    text = str(token)
    hour = timedelta(hours=1)
    if text.startswith("half"):
        return hour / 2
    number, unit = re.findall(r"[a-z]+|\d+(?:\.5)?", text)[:2]
    amount = _NUMBER_WORDS[number] if number in _NUMBER_WORDS else float(number)
    if unit.startswith("m"):
        return timedelta(minutes=amount)
    if "half" in text:
        return hour * (amount + 0.5)
    minutes = re.search(r"[a-z]\s*(\d{1,2})\D*$", text)
    return hour * amount + timedelta(minutes=int(minutes[1]) if minutes else 0)


def read_count(text: str) -> int:
    """The number at the head of ``10 weeks``, ``ten times``, ``a month``."""
    head = re.match(r"\d+|[a-z]+", text)
    assert head is not None
    return int(head[0]) if head[0].isdigit() else _NUMBER_WORDS[head[0]]


def _has(tree: Tree[Token], kind: str) -> bool:
    return any(isinstance(child, Token) and child.type == kind for child in tree.children)


def _clocks(part: Tree[Token]) -> list[_Clock]:
    clocks = [child for child in part.children if isinstance(child, Tree)]
    return [_clock(token) for tree in clocks for token in tree.children if isinstance(token, Token)]


def _clock(token: Token) -> _Clock:
    if token.endswith(("noon", "midday")):
        return _Clock(token, 12, 0, "", bare=False)
    if token.endswith("midnight"):
        return _Clock(token, 0, 0, "", bare=False)
    found = re.match(r"(\d+)(?:[:.](\d+))?(?::00)?\s*([ap]?)", token)
    assert found is not None
    half = found[3] if found[3] and not token.endswith("clock") else ""
    return _Clock(token, int(found[1]), int(found[2] or 0), half, bare=not found[2] and not half)


def _check(clock: _Clock, *, sure: bool) -> None:
    """Refuse times that are on no clock, and those that may be dates."""
    hours = range(1, 13) if clock.half else range(25)
    if clock.hour not in hours or clock.minute > 59 or clock.minutes > _DAY:
        raise Refused(f'there is no "{clock.token}" on the clock', clock.token, ("10am", "10:30"))
    if clock.token.type == "DOTTED" and not sure and clock.hour > 0 and 0 < clock.minute <= 12:
        month = MONTHS[clock.minute - 1].lower()
        raise Refused(
            f'"{clock.token}" can be a time or a date',
            clock.token,
            (clock.said(), f"{clock.hour} {month} 10:00"),
        )


def _start(clock: _Clock) -> int:
    if clock.bare and clock.hour < 7:
        raise Refused(
            f'"{clock.token}" can be {clock.said("a")} or {clock.said("p")}',
            clock.token,
            (clock.said("p"), clock.said("a")),
        )
    if clock.minutes == _DAY:
        raise Refused("24:00 is the end of a day", clock.token, ("00:00", "23:00"))
    return clock.minutes


def _in_the_evening(clock: _Clock) -> _Clock:
    if clock.half or clock.hour not in _EVENING:
        return clock
    return _Clock(clock.token, clock.hour, clock.minute, "p", bare=False)


def _range(start: _Clock, end: _Clock, *, next_day: bool) -> Hours:
    """``10-16``, ``2-4pm``, ``10am to 4pm``, ``22:00 to 02:00 the next day``."""
    place = (start.token.start_pos or 0, end.token.end_pos or 0)
    if end.half and not start.half and 1 <= start.hour <= 12:
        return _hours(_shared_half(start, end, place), end, place, next_day=next_day)
    if start.bare and start.hour < 7:
        ends = end.said("p") if end.hour <= 12 and not end.half else end.said()
        raise Refused(
            f'"{start.token}" can be {start.said("a")} or {start.said("p")}',
            place,
            (f"{start.said('p')} to {ends}", f"{start.said('a')} to {end.said()}"),
        )
    if end.bare and 0 < end.hour < 7 and not next_day and end.minutes > start.minutes:
        raise Refused(
            f'"{end.token}" can be {end.said("a")} or {end.said("p")}',
            end.token,
            (end.said("p"), end.said("a")),
        )
    if end.token.endswith("midnight") and start.bare and start.hour < 12:
        raise Refused(
            f'"{start.token}" can be {start.said("a")} or {start.said("p")}',
            start.token,
            (start.said("p"), start.said("a")),
        )
    return _hours(_start(start), end, place, next_day=next_day)


def _shared_half(start: _Clock, end: _Clock, place: tuple[int, int]) -> int:
    """The start of "2-4pm" or "10-2pm": the end's half where that comes before it, else am."""
    if end.minutes == 0 or end.half == "a":
        if end.minutes and start.in_half("a") < end.minutes:
            return start.in_half("a")
        raise Refused(
            f'"{start.token}" can be {start.said("a")} or {start.said("p")}',
            place,
            (f"{start.said('p')} to {end.said(end.half)}", f"{start.said('a')} to {end.said('p')}"),
        )
    in_same_half = start.in_half("p")
    return in_same_half if in_same_half < end.minutes else start.in_half("a")


def _hours(start: int, end: _Clock, place: tuple[int, int], *, next_day: bool) -> Hours:
    minutes = end.minutes
    ends_at_midnight = minutes == 0 and start > 0
    overnight = end.half == "a" and start >= _NOON and minutes + _DAY - start <= _LONGEST_NIGHT
    if next_day or ends_at_midnight or overnight:
        minutes += _DAY
    if minutes <= start:
        later = []
        if not end.half and start < minutes + _NOON <= _DAY:
            later = [f"{said(start)} to {said(minutes + _NOON)}"]
            if start < _NOON:
                later.append(f"{_twelve(start)} to {end.said('p')}")
        raise Refused(
            f"{said(minutes)} is not after {said(start)}",
            place,
            (*later, f"{said(start)} to {said(minutes)} the next day"),
        )
    return Hours(start, timedelta(minutes=minutes - start))


def _twelve(minutes: int) -> str:
    """``9am`` for so many minutes after midnight."""
    hour, minute = divmod(minutes, 60)
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''}{'am' if hour < 12 else 'pm'}"
