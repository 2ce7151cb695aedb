"""Reads when a member will be there during a session: "10 to 13", "from 11", "until 2pm"."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import product
from typing import NamedTuple
from zoneinfo import ZoneInfo

from bot.phrases.en.grammar import Stopped, parse, plain
from bot.phrases.en.hours.clock_time import MIDNIGHT, Clock, read_clock
from bot.phrases.en.hours.durations import read_length
from bot.phrases.en.parse_tree import branches, first_token, place_of, tokens
from bot.phrases.en.refusal import NotUnderstood, Refused, not_understood
from bot.phrases.en.vocabulary import clock
from bot.phrases.en.zones.find import zone_label
from data.limits import LONGEST_ATTENDANCE
from data.refusal import ClockTimes, Refusal
from data.wall_time import instant

_DAY = timedelta(days=1)
_MOST_OUTSIDE = timedelta(hours=6)
"""How long before the start or after the end hours may be that are cut instead of refused."""

_BEING_THERE = re.compile(r"^(i('?ll be| will be|'?m| am) )?((there|here) )?")
_WHOLE_TIME = re.compile(
    r"(for )?(all( day| of it| the time)?|(the )?(whole|entire|full) (time|day|session|thing))"
    r"|(to|until|till) (the )?end"
)
_TO_THE_END = re.compile(r"( on(wards?)?| ?(to|until|till|-) ?(the )?end)$")
# Hours are no more exact than people are.
_ABOUT = re.compile(
    r"\b(at )?(around|about|approx\.?|approximately|roughly|circa|maybe|probably) (?=[0-9a-z])"
    r"|~\s?(?=[0-9])|(?<=[0-9a-z]) ?-?ish\b| or (so|thereabouts)\b"
)
_FROM_LUNCH = ("from 12:00", "from 13:00", "from 14:00")
_UNTIL_LUNCH = ("until 12:00", "until 13:00", "until 14:00")
# What has no hour of its own is asked about, with hours that it may mean.
_LOOSE = (
    (re.compile(r"(from )?lunch(time)?|((in|from) )?(the )?afternoons?( only)?"), _FROM_LUNCH),
    (re.compile(r"until lunch(time)?|(in )?(the )?mornings?( only)?"), _UNTIL_LUNCH),
)
# Words that members use but the grammar of "when" has another word for.
_FROM = re.compile(r"\b(after|(arriving|coming)( at)?)(?= )")
_UNTIL = re.compile(r"\b(before|till|leaving( at)?)(?= )")
# If the clocks go back, one hour is shown twice.
_AGAIN = "the second "
_SHOWN_AGAIN = re.compile(rf"\b{_AGAIN}(?=[0-9])")

Stay = tuple[datetime, datetime]


class Attendance(NamedTuple):
    """When a member is at a session."""

    stay: Stay | None
    """From when until when (UTC); None for the whole of it."""
    is_cut: bool
    """Whether the hours that were typed began before the session, or ended after it."""


class AttendanceNotUnderstood(Refusal):
    """The hours of a visit can't be read; its sentence says what to type instead.

    ``problem`` is the sentence without ``examples``, which can be read.
    """

    def __init__(self, refusal: NotUnderstood) -> None:
        super().__init__(refusal.sentence.template)
        self.sentence, self.problem = refusal.sentence, refusal.problem
        self.examples = refusal.examples


def read_attendance(text: str, *, starts_at: datetime, ends_at: datetime, zone: str) -> Attendance:
    """Returns when a member is at a session.

    ``starts_at`` and ``ends_at`` are the session's, aware; ``zone`` (IANA) is its zone, in which
    the text is read. An hour that may be day or night is the one within the session. Hours that are
    partly outside are cut, up to ``_MOST_OUTSIDE`` before and after it. Wall time that a clock
    change skips moves forward by the gap; wall time that comes twice is the first that
    fits. Raises :class:`AttendanceNotUnderstood` if any part of the text is not understood.
    """
    session = _Session(starts_at.astimezone(UTC), ends_at.astimezone(UTC), ZoneInfo(zone))
    typed = _in_words_of_the_grammar(text[: LONGEST_ATTENDANCE + 1])
    try:
        if len(text) > LONGEST_ATTENDANCE:
            raise Refused("that is too long")
        if not typed or _WHOLE_TIME.fullmatch(typed):
            return Attendance(None, is_cut=False)
        _ask_about_loose_words(typed, session)
        stay = _stay(typed, session)
    except Refused as refused:
        about = text if refused.place is None else typed[slice(*refused.place)]
        examples = refused.examples or session.examples()
        refusal = not_understood("", about, refused.reason, examples)
        raise AttendanceNotUnderstood(refusal) from None
    whole = (session.starts_at, session.ends_at)
    within = max(stay[0], whole[0]), min(stay[1], whole[1])
    return Attendance(None if within == whole else within, is_cut=within != stay)


def describe_attendance(arrives_at: datetime, leaves_at: datetime, zone: str) -> str:
    """Writes two aware moments, to the minute, as wall time in an IANA zone: "10:00 to 13:00".

    :func:`read_attendance` reads the words back in any session during which the clocks of the zone
    advance by 24 hours or less.
    """
    there = ZoneInfo(zone)
    arrives, leaves = arrives_at.astimezone(there), leaves_at.astimezone(there)
    words = f"{_clock_words(arrives)} to {_clock_words(leaves)}"
    is_next_day = leaves.replace(tzinfo=None) - arrives.replace(tzinfo=None) >= _DAY
    return f"{words} the next day" if is_next_day else words


@dataclass(frozen=True, slots=True)
class _Session:
    """The start and end of a session, in UTC, and its zone."""

    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo

    def moments(self, minutes: int, *, again: bool) -> list[datetime]:
        """Returns the UTC moments in the session, ends included, at ``minutes`` after midnight.

        ``again`` leaves out the first occurrence of a wall time.
        """
        first_day, last_day = self.wall(self.starts_at).date(), self.wall(self.ends_at).date()
        found = set()
        for number in range((last_day - first_day).days + 1):
            wall = datetime.combine(first_day + number * _DAY, time(*divmod(minutes, 60)))
            first = instant(wall, self.zone)
            second = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
            if not again:
                found.add(first)
            # For a skipped wall time, the other fold is the earlier one and has no meaning.
            if second > first:
                found.add(second)
        return sorted(moment for moment in found if self.starts_at <= moment <= self.ends_at)

    def overlaps(self, stay: Stay) -> bool:
        return stay[0] < stay[1] and stay[0] < self.ends_at and self.starts_at < stay[1]

    def outside(self, stay: Stay) -> timedelta:
        """Returns how far the bounds of a stay are from the session, together."""
        within = [min(max(bound, self.starts_at), self.ends_at) for bound in stay]
        return abs(stay[0] - within[0]) + abs(stay[1] - within[1])

    def with_hours_around(self) -> _Session:
        """Returns the session with the hours before and after it at which stays are cut."""
        return _Session(self.starts_at - _MOST_OUTSIDE, self.ends_at + _MOST_OUTSIDE, self.zone)

    def holds(self, stay: Stay) -> bool:
        return self.starts_at <= stay[0] < stay[1] <= self.ends_at

    def is_overnight(self, stay: Stay) -> bool:
        """Returns whether a stay ends on the day after it begins."""
        return self.wall(stay[1]).date() - self.wall(stay[0]).date() == _DAY

    def examples(self) -> tuple[str, ...]:
        """Returns what could be typed, by the quarter of an hour before the middle."""
        middle = self.starts_at + (self.ends_at - self.starts_at) / 2
        middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
        quarter = middle - timedelta(minutes=self.wall(middle).minute % 15)
        middle = quarter if quarter > self.starts_at else middle
        if middle <= self.starts_at:
            return ("all day",)
        at = _clock_words(self.wall(middle))
        return self.described((self.starts_at, middle)), f"from {at}", f"until {at}"

    def described(self, stay: Stay) -> str:
        return describe_attendance(*stay, self.zone.key)

    def wall(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A clock time that was typed; ``again`` if it is the second such time of a night."""

    clock: Clock
    again: bool


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What was typed: one or two of begin, end and length, but not the length alone."""

    begin: _Bound | None
    end: _Bound | None
    length: timedelta | None
    ends_next_day: bool
    is_lone: bool
    """Only a clock time was typed, without a word that makes it the begin or the end."""

    @property
    def bounds(self) -> list[_Bound]:
        return [bound for bound in (self.begin, self.end) if bound is not None]

    def likely(self, bound: _Bound) -> list[int]:
        """Returns the minutes after midnight that a bound means if they fit."""
        on_12_hours = any(other.clock.half for other in self.bounds)
        on_24_hours = any(other.clock.is_of_24_hours for other in self.bounds)
        is_bare = bound.clock.is_bare or on_12_hours
        if is_bare and not on_24_hours:
            return self.possible(bound)
        return [bound.clock.minutes % MIDNIGHT]

    def possible(self, bound: _Bound) -> list[int]:
        """Returns all minutes after midnight that a bound can mean."""
        return [minutes % MIDNIGHT for minutes in bound.clock.readings]


def _in_words_of_the_grammar(text: str) -> str:
    words = " ".join(plain(text).split()).rstrip(" .!")
    return _UNTIL.sub("until", _FROM.sub("from", _BEING_THERE.sub("", _ABOUT.sub("", words))))


def _ask_about_loose_words(text: str, session: _Session) -> None:
    """Refuses "after lunch" and "in the morning", with hours that they may mean."""
    for loose, hours in _LOOSE:
        if loose.fullmatch(text):
            fitting = [one for one in hours if _fits(one, session)]
            raise Refused('what time do you mean by "{it}"?', examples=fitting)


def _stay(text: str, session: _Session) -> Stay:
    """Returns the only stay that the text can mean and that is at least partly in the session.

    Raises :class:`Refused`.
    """
    phrase = _phrase(text)
    if phrase.is_lone:
        token = phrase.bounds[0].clock.token
        either = [f"from {token}", f"until {token}"]
        examples = [other for other in either if _fits(other, session)]
        if examples:
            raise Refused('is "{it}" when you arrive or when you leave?', examples=examples)
    stays = (
        _stays(phrase, session, phrase.likely)
        or _stays(phrase, session, phrase.possible)
        or _partly_in(phrase, session)
    )
    if len(stays) == 1:
        return stays[0]
    if stays:
        examples = [session.described(stay) for stay in stays]
        raise Refused('"{it}" can mean more than one thing', examples=examples)
    examples = list(session.examples()[:1])
    if len(phrase.bounds) == 2 and all(
        any(session.moments(minutes, again=bound.again) for minutes in phrase.possible(bound))
        for bound in phrase.bounds
    ):
        raise Refused('"{it}" ends before it starts', examples=examples)
    raise Refused(
        'it runs {hours} ({zone}), so "{it}" is outside',
        examples=examples,
        hours=ClockTimes(session.described((session.starts_at, session.ends_at))),
        zone=zone_label(session.zone.key),
    )


def _fits(text: str, session: _Session) -> bool:
    """Returns whether a text means hours that are wholly in the session."""
    phrase = _phrase(text)
    return any(_stays(phrase, session, hours) for hours in (phrase.likely, phrase.possible))


def _partly_in(phrase: _Phrase, session: _Session) -> list[Stay]:
    """Returns the stay that the phrase means and that is partly in the session, if it is.

    Of several, the phrase means the one that is the least outside: "8-9" at a session from 10 is
    in the morning. Where it says no begin or no end, that is the session's.
    """
    wide = session.with_hours_around()
    meant = [
        (
            session.starts_at if phrase.begin is None and phrase.length is None else begins,
            session.ends_at if phrase.end is None and phrase.length is None else ends,
        )
        for begins, ends in _stays(phrase, wide, phrase.likely)
    ]
    nearest = min(meant, key=session.outside, default=None)
    if nearest is None or not session.overlaps(nearest):
        return []
    return [nearest]


def _stays(
    phrase: _Phrase, session: _Session, readings: Callable[[_Bound], list[int]]
) -> list[Stay]:
    """Returns the stays that fit: one for each pair of times of day that the phrase can mean."""
    begins = [None] if phrase.begin is None else readings(phrase.begin)
    ends = [None] if phrase.end is None else readings(phrase.end)
    fitting = [_fitting(phrase, *pair, session) for pair in product(begins, ends)]
    # The same times of day fit twice if the clocks show more than 24 hours.
    return sorted({min(stays) for stays in fitting if stays})


def _fitting(phrase: _Phrase, begin: int | None, end: int | None, session: _Session) -> list[Stay]:
    """Returns the stays that fit if the bounds are at these minutes after midnight."""
    arrivals, leavings = [session.starts_at], [session.ends_at]
    if phrase.begin is not None and begin is not None:
        arrivals = session.moments(begin, again=phrase.begin.again)
    if phrase.end is not None and end is not None:
        leavings = session.moments(end, again=phrase.end.again)
    if phrase.length is None:
        stays = list(product(arrivals, leavings))
    elif phrase.begin is None:
        stays = [(leaves_at - phrase.length, leaves_at) for leaves_at in leavings]
    else:
        stays = [(arrives_at, arrives_at + phrase.length) for arrives_at in arrivals]
    return [
        stay
        for stay in stays
        if session.holds(stay) and (session.is_overnight(stay) or not phrase.ends_next_day)
    ]


def _phrase(text: str) -> _Phrase:
    """Parses what was typed into begin, end and length; raises :class:`Refused`."""
    shortened = _TO_THE_END.sub("", text)
    again = {found.end() for found in _SHOWN_AGAIN.finditer(shortened)}
    unclear = Refused('I can\'t tell when "{it}" is')
    try:
        parts = branches(parse(_SHOWN_AGAIN.sub(" " * len(_AGAIN), shortened)))
    except Stopped:
        raise unclear from None
    by_kind = {str(part.data): part for part in parts}
    if len(by_kind) < len(parts) or not by_kind.keys() <= {"hours", "until_clock", "length"}:
        raise unclear
    hours, until, length = map(by_kind.get, ("hours", "until_clock", "length"))
    bounds = [
        _Bound(read_clock(token, is_surely_a_time=True), token.start_pos in again)
        for part in (hours, until)
        if part is not None
        for token in map(first_token, branches(part))
    ]
    to_the_end = shortened != text
    said = len(bounds) + (length is not None) + to_the_end
    if not bounds or said > 2 or (to_the_end and until is not None):
        raise unclear
    # The tree keeps no token of "from", but its part begins with it.
    says_which = hours is None or place_of(hours)[0] < place_of(first_token(hours))[0]
    return _Phrase(
        begin=None if hours is None else bounds[0],
        end=None if until is None and len(bounds) == 1 else bounds[-1],
        length=None if length is None else read_length(first_token(length)),
        ends_next_day=any(tokens(part, "NEXT_DAY") for part in parts),
        is_lone=said == 1 and not says_which,
    )


def _clock_words(wall: datetime) -> str:
    """Returns ``13:00``, or ``the second 02:30`` if it is the second time that clocks show it."""
    return f"{_AGAIN}{clock(wall)}" if wall.fold else clock(wall)
