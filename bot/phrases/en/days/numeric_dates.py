"""Reads dates in digits: "24/12", "2026/12/03"; those with two readings are refused with both."""

from __future__ import annotations

import re

from lark import Token, Tree

from bot.phrases.en.parse_tree import branches, first_token
from bot.phrases.en.refusal import Refused
from bot.phrases.en.vocabulary import MONTHS, month_number

LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

YearMonthDay = tuple[int | None, int, int]


def refuse_unclear_dates(phrase: Tree[Token]) -> None:
    """Raises :class:`Refused` if a phrase has a date with two readings.

    A weekday beside the date may leave one of them, so it is looked at later.
    """
    beside_weekday = {
        id(part) for tree in phrase.find_data("weekday_date") for part in branches(tree)
    }
    for tree in phrase.iter_subtrees():
        if tree.data == "two_dates":
            raise _two_dates(first_token(tree))
        if tree.data == "numeric_date" and id(tree) not in beside_weekday:
            the_reading(tree)


def the_reading(tree: Tree[Token]) -> YearMonthDay:
    """Returns the year, month and day of a date in digits; raises :class:`Refused` if unclear."""
    token, found = first_token(tree), readings(tree)
    if not found:
        raise Refused('there is no date "{it}"', token)
    if len(found) == 1:
        return found[0]
    one, other = (_in_words(reading) for reading in found)
    raise Refused('"{it}" can be {one} or {other}', token, (one, other), one=one, other=other)


def readings(tree: Tree[Token]) -> list[YearMonthDay]:
    """Returns the dates that digits can mean: day and month, or month and day."""
    numbers = re.findall(r"\d+", first_token(tree))
    found: list[YearMonthDay]
    if len(numbers[0]) == 4:
        found = [(int(numbers[0]), int(numbers[1]), int(numbers[2]))]
    else:
        year = int(numbers[2]) % 2000 + 2000 if len(numbers) == 3 else None
        first, second = int(numbers[0]), int(numbers[1])
        found = [(year, second, first), (year, first, second)]
    return [
        (year, month, day)
        for year, month, day in dict.fromkeys(found)
        if 1 <= month <= 12 and 1 <= day <= LONGEST_MONTHS[month - 1]
    ]


def with_year(words: str, year: int) -> str:
    """Returns a typed date or month with its year: "3 dec 2026", "24/12/2026"."""
    digits = re.fullmatch(r"[0-9]+([/.])[0-9]+(\.?)", words)
    if digits is None:
        return f"{words} {year}"
    return f"{words}{year}" if digits[2] else f"{words}{digits[1]}{year}"


def _in_words(reading: YearMonthDay) -> str:
    year, month, day = reading
    words = f"{day} {MONTHS[month - 1].lower()}"
    return f"{words} {year}" if year is not None else words


def _two_dates(token: Token) -> Refused:
    """Returns the refusal of "3 dec 10": the 3rd at 10, or the 10th at 3."""
    first, name, second = re.findall(r"\d+|[a-z]+", token)
    month = MONTHS[month_number(name) - 1].lower()
    one = f"{first} {month} at {int(second):02}:00"
    if int(second) > 23:
        one = f"{first} {month} 20{second} at 10:00"
    other = f"{month} {second} at {int(first):02}:00"
    return Refused('"{it}" can be {one} or {other}', token, (one, other), one=one, other=other)
