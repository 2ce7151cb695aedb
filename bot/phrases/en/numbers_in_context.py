"""Settles what a number belongs to: "november 9-5", "4 tuesdays", "16-20 august", "3 dec 10"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lark import Token

CLOCKS = frozenset({"CLOCK", "NUMBER", "DOTTED", "H_TIME", "SPOKEN"})
# What follows one of these is a clock time, or what precedes one of these.
BEFORE_CLOCK = frozenset({"AT", "_FROM", "_STARTING", "_BETWEEN", "UNTIL", "_TO", "_DASH", "_AND"})
AFTER_CLOCK = frozenset({"_TO", "_DASH", "UNTIL"})

# A month follows one of these.
_BEFORE_MONTH = frozenset({"_IN", "_DURING", "_OF"})
# A date behind one of these is no start by itself.
_BEFORE_ONE_DATE = frozenset({"_FROM", "_STARTING", "SINCE", "_COUNTED_FROM", "ON", "THE"})
# A month, and a year if one is said, behind the last of "16-20 august 2027".
_DAY_FIRST = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th)?\.?\s*(?:of\s+|-)?([a-z]{3,}.*)")
_YEAR = re.compile("[0-9]{4}")


def with_dates_of_weekdays(tokens: Sequence[Token]) -> Iterator[Token]:
    """Splits "3 dec 10" behind a weekday, where it can only be a date and an hour."""
    for place, token in enumerate(tokens):
        parts = re.fullmatch(r"([0-9]+[^0-9]+?)\s*([01]?[0-9]|2[0-3])", token)
        if token.type != "TWO_DATES" or parts is None or tokens[place - 1 :][0].type != "WEEKDAY":
            yield token
        else:
            yield from _split(token, parts, ("DATE", "NUMBER"))


def with_months_before_hours(tokens: Sequence[Token]) -> Iterator[Token]:
    """Splits the date of "in november 9-5", where it can only be a month and an hour."""
    is_in_months = False
    for place, token in enumerate(tokens):
        parts = re.fullmatch(r"([a-z]+\.?)\s*([0-9]{1,2})", token)
        is_start = any(after.type in AFTER_CLOCK for after in tokens[place + 1 : place + 2])
        if is_in_months and token.type == "DATE" and parts is not None and is_start:
            yield from _split(token, parts, ("MONTH", "NUMBER"))
        else:
            yield token
        is_in_months = token.type in _BEFORE_MONTH or (
            is_in_months and token.type in ("MONTH", "_AND", "_COMMA")
        )


def with_counts(tokens: Sequence[Token]) -> list[Token]:
    """Makes a count of the number in "4 tuesdays 10am", which has its time elsewhere."""
    starts = {
        place
        for place, token in enumerate(tokens)
        if token.type in CLOCKS and (place == 0 or tokens[place - 1].type not in AFTER_CLOCK)
    }
    for place, (token, after) in enumerate(pairwise(tokens)):
        is_of_plural = token.type == "NUMBER" and token.isdigit() and after.type == "WEEKDAYS"
        is_clock = place > 0 and tokens[place - 1].type in BEFORE_CLOCK
        if is_of_plural and not is_clock and starts - {place}:
            token.type = "NEXT_TIMES"
    return list(tokens)


def with_stretches(tokens: Sequence[Token]) -> Iterator[Token]:
    """Marks the first of two dates: in "1 april - 29 april", "16-20 august"."""
    for place, token in enumerate(tokens):
        following = tokens[place + 1 : place + 3]
        if [one.type for one in following] not in (["_TO", "DATE"], ["_DASH", "DATE"]):
            yield token
            continue
        kind = "DATE" if _is_said_to_begin(tokens[:place]) else "FROM_DATE"
        last = _DAY_FIRST.fullmatch(following[-1])
        if token.type == "DATE" and (_YEAR.search(token) or not _YEAR.search(following[-1])):
            token.type = kind
        elif token.type in ("NUMBER", "ORDINAL") and token[0].isdigit() and last is not None:
            token = Token.new_borrow_pos(kind, f"{token} {last[1]}", token)
        yield token


def _is_said_to_begin(before: Sequence[Token]) -> bool:
    """Returns whether "from" stands before a date, or before its weekday."""
    words = [token.type for token in before[-2:] if token.type != "WEEKDAY"]
    return bool(words) and words[-1] in _BEFORE_ONE_DATE


def _split(token: Token, parts: re.Match[str], kinds: Sequence[str]) -> Iterator[Token]:
    """Yields a token in parts."""
    start = token.start_pos or 0
    for number, kind in enumerate(kinds, 1):
        begin, end = start + parts.start(number), start + parts.end(number)
        yield Token(kind, parts[number], start_pos=begin, end_pos=end)
