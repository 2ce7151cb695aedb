"""Settles the tokens whose meaning depends on those beside them: a dash, "@", "2h"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lark import Token
from lark.exceptions import UnexpectedCharacters
from lark.lark import PostLex

from bot.phrases.en.numbers_in_context import (
    AFTER_CLOCK,
    BEFORE_CLOCK,
    CLOCKS,
    with_counts,
    with_dates_of_weekdays,
    with_months_before_hours,
    with_stretches,
)
from data.limits import MOST_READ_TOKENS

_ZONES = frozenset({"ZONE", "SHARED_NAME"})
_NUMBERS = frozenset({"NUMBER", "DOTTED", "ORDINAL"})
_WEEKDAYS = frozenset({"WEEKDAY", "WEEKDAYS", "ORDINAL"})
_DATES = frozenset({"DATE", "DATED_WEEKDAY", "MONTH", "NUMERIC_DATE", "TWO_DATES"})
_COUNTS = frozenset({"LONG_SPAN", "PERIOD", "SPAN", "TIMES"})
# Between these a dash joins: "10-16", "mon-fri", and "9 - 15 dec", which is no time and a date.
# Between others it only separates.
_JOINED = (
    (CLOCKS, CLOCKS),
    (_WEEKDAYS, _WEEKDAYS),
    (_NUMBERS, _DATES | _COUNTS),
    (_DATES, _DATES | _NUMBERS),
    (_COUNTS, _COUNTS),
)


@dataclass(frozen=True, slots=True)
class TooManyTokens(Exception):
    """A phrase has more tokens than any that means something; the first of them is there."""

    position: int


class TokensInContext(PostLex):
    """Runs between the lexer and the parser."""

    always_accept = ()

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Yields the tokens of a phrase without those that only separate.

        Raises :class:`TooManyTokens`.
        """
        tokens: list[Token] = []
        unknown = None
        try:
            for token in stream:
                if len(tokens) == MOST_READ_TOKENS:
                    raise TooManyTokens(token.start_pos or 0)
                tokens.append(token)
        except UnexpectedCharacters as error:
            unknown = error
        tokens = with_counts(list(with_months_before_hours(tokens)))
        tokens = [token for place, token in enumerate(tokens) if not _separates(tokens, place)]
        tokens = list(with_stretches(list(with_dates_of_weekdays(tokens))))
        for place, token in enumerate(tokens):
            if _is_offset(tokens, place):
                token.type = "OFFSET"  # which the grammar has not
            if token.type == "UNTIL" and _is_in_a_range(tokens, place):
                token.type = "_TO"
        has_clock = any(token.type in CLOCKS - {"H_TIME"} for token in tokens)
        for place, token in enumerate(tokens):
            if token.type == "H_TIME" and _is_length(tokens, place, beside_a_clock=has_clock):
                token.type = "SPAN"
            yield token
        if unknown is not None:
            raise unknown


def _separates(tokens: Sequence[Token], place: int) -> bool:
    """Returns whether a token is a dash or "@" that stands for a comma.

    A sign, as in "in -3 days" and "utc-5", does not, nor the dash of "9am-5m", which lacks a "p".
    """
    token = tokens[place]
    is_dash = token.type == "_DASH"
    if not (is_dash or token == "@") or place + 1 == len(tokens):
        return False
    after = tokens[place + 1]
    if not is_dash:
        return after.type not in CLOCKS | _ZONES
    if place == 0:
        return token.end_pos != after.start_pos
    before = tokens[place - 1]
    is_sign = before.end_pos != token.start_pos and token.end_pos == after.start_pos
    is_from_utc = before.type in _ZONES and after.type in CLOCKS
    is_slip = any(re.fullmatch(r"[0-9]+\s*m", token) for token in (before, after))
    return not (is_sign or is_from_utc or is_slip or _are_joined(before, *tokens[place + 1 :][:2]))


def _is_offset(tokens: Sequence[Token], place: int) -> bool:
    """Returns whether a dash is the sign in "2026-12-03T10:00-05:00"."""
    is_dash = place > 1 and tokens[place].type == "_DASH"
    return is_dash and re.fullmatch("[0-9-]+t", tokens[place - 2]) is not None


def _is_in_a_range(tokens: Sequence[Token], place: int) -> bool:
    """Returns whether "until" is a "to", as in "10 til 2"; "until 2027" may be a year."""
    beside = [*tokens[max(place - 1, 0) : place], *tokens[place + 1 : place + 2]]
    is_range = len(beside) == 2 and all(token.type in CLOCKS for token in beside)
    return is_range and re.fullmatch("20[2-5][0-9]", beside[-1]) is None


def _are_joined(before: Token, after: Token, following: Token | None = None) -> bool:
    if before.type in _DATES and following is not None:
        is_dash = following.type == "_DASH" and following.start_pos == after.end_pos
        if is_dash or following.type == "_TO":  # "dec 3 - 10-16"
            return after.type in _DATES
    return any(before.type in some and after.type in others for some, others in _JOINED)


def _is_length(tokens: Sequence[Token], place: int, *, beside_a_clock: bool) -> bool:
    """Returns whether "2h" is a length, as in "10am 2h", "for 2h" and "in 2h"."""
    before = tokens[place - 1].type if place else ""
    after = tokens[place + 1].type if place + 1 < len(tokens) else ""
    if before in ("_FOR", "_IN"):
        return True
    return beside_a_clock and before not in BEFORE_CLOCK and after not in AFTER_CLOCK
