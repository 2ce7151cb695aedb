"""Asks which midnight is meant: that at the start of the day that is named, or at its end."""

from __future__ import annotations

from datetime import date, timedelta

from lark import Token, Tree

from bot.phrases.en.clauses import Clauses
from bot.phrases.en.days.dates import read_day
from bot.phrases.en.days.lookahead import Lookahead
from bot.phrases.en.parse_tree import branches, first_token, place_of, tokens
from bot.phrases.en.refusal import Place, Refused
from bot.phrases.en.vocabulary import WEEKDAYS, short_date, weekday_number

Edit = tuple[Place, str]
"""A place in the phrase, and the text to put there."""


def check_is_not_midnight(
    text: str, clauses: Clauses, day: Tree[Token] | None, today: date
) -> None:
    """Refuses a start at "midnight" with both readings, the nearer first.

    ``text`` is the whole phrase, ``day`` that of a one-off. "Every day at midnight" is clear.
    """
    begins = [part for part in clauses.hours if part.data == "hours"]
    start = first_token(next(begins[0].find_data("clock"))) if begins else None
    if start is None or not start.endswith("midnight"):
        return
    named = [part for repeat in clauses.repeats for part in repeat.days]
    if not named:
        return
    that_day: list[Edit] = [(place_of(start), "00:00")]
    if clauses.part_of_day is not None:  # "thursday night at midnight"
        that_day.append((place_of(clauses.part_of_day), ""))
    readings = [that_day] if clauses.part_of_day is None else []
    next_day = _next_day(named, day, today)
    if next_day:
        readings.append([*that_day, *next_day])
    if day is not None and _is_on(day, today):
        readings.reverse()
    fixes = [_as_one_edit(text, edits) for edits in readings]
    raise Refused('"{it}" can be the start or the end of the day', start, fixes=fixes)


def _next_day(named: list[Tree[Token]], day: Tree[Token] | None, today: date) -> list[Edit]:
    """Returns the edits that name the day after: a date for a one-off, weekdays in a series.

    None for other rules: no words say the day after the first Monday of a month.
    """
    if day is not None and day.data != "weekdays":
        following = read_day(day, _from(today)) + timedelta(days=1)
        return [(place_of(day), short_date(following).lower())]
    items = [item for part in named for item in branches(part)]
    if any(item.data not in ("weekdays", "weekday_range") for item in items):
        return []
    return [(place_of(token), _after(token)) for item in items for token in tokens(item)]


def _after(weekday: Token) -> str:
    """Returns "friday" for "thursday", "fridays" for "thursdays"."""
    following = WEEKDAYS[(weekday_number(weekday) + 1) % 7].lower()
    return f"{following}s" if weekday.type == "WEEKDAYS" else following


def _is_on(day: Tree[Token], today: date) -> bool:
    return day.data == "weekdays" and weekday_number(first_token(day)) == today.weekday()


def _from(today: date) -> Lookahead:
    return Lookahead(today, lambda other: other >= today)


def _as_one_edit(text: str, edits: list[Edit]) -> Edit:
    """Returns the edit of the place from the first to the last."""
    begin = min(place[0] for place, _ in edits)
    end = max(place[1] for place, _ in edits)
    edited = text[:end]
    for place, other in sorted(edits, reverse=True):
        edited = edited[: place[0]] + other + edited[place[1] :]
    return (begin, end), edited[begin:]
