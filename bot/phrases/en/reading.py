"""Reads a phrase into a schedule; a phrase that is not understood in full is refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from lark import Token, Tree

from bot.phrases.en.clauses import Clauses
from bot.phrases.en.clock_time import PARTS_OF_DAY
from bot.phrases.en.days import UNCLEAR_DATES, refuse_unclear_date
from bot.phrases.en.examples import nearest
from bot.phrases.en.grammar import Stopped, parse, plain
from bot.phrases.en.one_off import at_moment, one_off
from bot.phrases.en.parse_tree import first_token, place_of
from bot.phrases.en.refusal import Refused, not_understood
from bot.phrases.en.series import series
from bot.phrases.en.time_range import read_hours
from data.limits import DEFAULT_LENGTH, LONGEST_READ_PHRASE
from data.models import Schedule
from data.refusal import Sentence


def read(
    phrase: str, *, zone: str, now: datetime, default_length: timedelta = DEFAULT_LENGTH
) -> Schedule:
    """Reads what a person typed for "when".

    ``zone`` (IANA) and ``default_length`` are used if the phrase says none. ``now`` is aware; the
    first session is strictly after it. Raises :class:`NotUnderstood`.
    """
    text = plain(phrase[: LONGEST_READ_PHRASE + 1])
    try:
        return understand(text, zone, now, default_length)
    except Stopped as stopped:
        understood = phrase[: stopped.position]
        stopped_at = " ".join(phrase[stopped.position :].split(None, 1)[:1])
        is_begun = stopped.at_end and understood.strip()
        reason = Sentence("more has to follow") if is_begun else None
        examples = nearest(text, stopped.position, [], lambda other: can_read(other, zone, now))
        raise not_understood(understood, stopped_at, reason, examples) from None
    except Refused as refused:
        begin, end = refused.place or (len(text), len(text))
        understood, stopped_at = _around(phrase[:begin], phrase[end:]), phrase[begin:end]
        wanted = refused.suggestions(text)
        examples = nearest(text, None, wanted, lambda other: can_read(other, zone, now))
        raise not_understood(understood, stopped_at, refused.reason, examples) from None


def understand(
    text: str, zone: str, now: datetime, default_length: timedelta = DEFAULT_LENGTH
) -> Schedule:
    """Reads plain text; raises :class:`Stopped` or :class:`Refused` and looks for no examples."""
    if len(text) > LONGEST_READ_PHRASE:
        raise Refused("that is too long to be a time", (0, len(text)))
    phrase = parse(text)
    for tree in phrase.iter_subtrees():
        if tree.data in UNCLEAR_DATES:
            refuse_unclear_date(tree)
    clauses = Clauses(phrase)
    info = ZoneInfo(clauses.zone or zone)
    if clauses.moment is not None:
        return at_moment(clauses.moment, clauses, info, now, default_length)
    day = clauses.one_day()
    hours = read_hours(clauses.hours, _part_of_day(clauses, day), default_length)
    if hours is None:
        raise _without_a_time(text, clauses)
    if day is not None:
        return one_off(day, hours, info, now)
    if not any(clauses.repeats):
        raise Refused("it needs a day", (0, 0), ("tomorrow ", "every tuesday "))
    return series(clauses, hours, info, now)


def can_read(text: str, zone: str, now: datetime) -> bool:
    """Returns whether a phrase is understood."""
    try:
        understand(plain(text), zone, now)
    except (Stopped, Refused):
        return False
    return True


def _around(before: str, after: str) -> str:
    """Returns what was understood on both sides of a gap."""
    before, after = before.strip(" ,"), after.strip(" ,")
    return f"{before} … {after}" if before and after else before + after


def _without_a_time(text: str, clauses: Clauses) -> Refused:
    """Returns the refusal of "thursday"; "10h" can be a length or a time."""
    lengths = [first_token(part) for part in clauses.hours]
    fixes = [(place_of(token), f"{token[:-1]}:00") for token in lengths if token[:-1].isdigit()]
    end = (len(text), len(text))
    return Refused("it needs a time", end, (" 10am", " 9:30-16:00", " 7pm"), fixes=fixes)


def _part_of_day(clauses: Clauses, day: Tree[Token] | None) -> str | None:
    """Returns "morning", "afternoon" or "evening"; "tonight" is an evening.

    None if the phrase says none of them.
    """
    said = [clauses.part_of_day] if clauses.part_of_day is not None else []
    if day is not None and day.data == "tonight":
        said.append(day)
    if len(said) > 1:
        raise Refused('"{it}" comes on top', said[0])
    words = " ".join(first_token(tree) for tree in said)
    if "tonight" in words:
        return "evening"
    return next((part for part in PARTS_OF_DAY if part in words), None)
