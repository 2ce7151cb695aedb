"""Typing mistakes: a phrase with one is read as before or refused, never as another date.

Four kinds are tried at every place of every phrase in the table: words swapped, doubled and
dropped, and words mistyped by one character. A phrase that lacks a word can be a good phrase of
its own ("every tuesday 10am" without "every"); each such reading was checked and is listed in
fuzzed.toml. A mistyped number is another number: only it may change the reading.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from bot.calendar.rules import parse_rule
from bot.phrases.en import describe, read
from bot.phrases.en.grammar import Stopped, plain
from bot.phrases.en.reading import understand
from bot.phrases.en.refusal import Refused
from data.models import Schedule
from tests.unit.phrases.table import Row, rows

ROWS = [row for row in rows() if not row.is_refused]
REVIEWED: dict[str, dict[str, str]] = tomllib.loads(
    Path(__file__).with_name("fuzzed.toml").read_text("utf-8")
)
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {a: b for row in _KEYBOARD for a, b in zip(row, row[1:] + row[-2], strict=True)}


def _swapped(words: list[str]) -> Iterator[list[str]]:
    for i in range(len(words) - 1):
        yield [*words[:i], words[i + 1], words[i], *words[i + 2 :]]


def _doubled(words: list[str]) -> Iterator[list[str]]:
    for i in range(len(words)):
        yield [*words[: i + 1], *words[i:]]


def _dropped(words: list[str]) -> Iterator[list[str]]:
    for i in range(len(words)):
        yield [*words[:i], *words[i + 1 :]]


def _mistyped(words: list[str], *, digits: bool) -> Iterator[list[str]]:
    """Yields words with a character left out, doubled, swapped, or replaced by a nearby key."""
    for i, word in enumerate(words):
        for k, character in enumerate(word):
            if character.isdigit() != digits:
                continue
            before, after = word[:k], word[k + 1 :]
            slips = [before + after, before + 2 * character + after]
            slips.append(before + after[:1] + character + after[1:])
            slips.append(before + _NEIGHBOURS.get(character.lower(), "#") + after)
            for slip in slips:
                yield [*words[:i], slip, *words[i + 1 :]]


KINDS: dict[str, Callable[[list[str]], Iterator[list[str]]]] = {
    "swapped": _swapped,
    "doubled": _doubled,
    "dropped": _dropped,
    "mistyped letters": partial(_mistyped, digits=False),
    "mistyped numbers": partial(_mistyped, digits=True),
}


def mutants(row: Row, kind: str) -> set[str]:
    made = KINDS[kind](row.phrase.split())
    return {" ".join(mutant) for mutant in made} - {row.phrase}


def _other_readings(kind: str) -> tuple[Counter[str], list[tuple[Row, str, Schedule, Schedule]]]:
    """Returns how many were read alike, refused and read differently; and the last of these."""
    counts: Counter[str] = Counter()
    different = []
    for row in ROWS:
        clean = read(row.phrase, zone=row.zone, now=row.now)
        for mutant in sorted(mutants(row, kind)):
            try:
                reading = understand(plain(mutant), row.zone, row.now)
            except (Stopped, Refused):
                counts["refused"] += 1
                continue
            counts["the same" if reading == clean else "different"] += 1
            if reading != clean:
                different.append((row, mutant, clean, reading))
    print(f"{kind}: {counts.total()} phrases, {dict(counts)}")  # noqa: T201 - pytest -rP shows it
    return counts, different


@pytest.mark.parametrize("kind", ["swapped", "doubled", "dropped", "mistyped letters"])
def test_a_phrase_gone_wrong_gives_no_date_that_nobody_looked_at(kind: str) -> None:
    counts, different = _other_readings(kind)
    found = {f"{row.why}: {mutant}": describe(reading) for row, mutant, _, reading in different}
    assert found == REVIEWED.get(kind, {})
    assert counts["refused"] > counts["different"]


def test_a_mistyped_number_changes_nothing_but_numbers() -> None:
    _, different = _other_readings("mistyped numbers")
    for _row, mutant, clean, reading in different:
        weekdays_matter = re.search("mon|tue|wed|thu|fri|sat|sun", mutant.lower()) is not None
        assert _shape(clean, weekdays_matter) == _shape(reading, weekdays_matter), mutant


def _shape(schedule: Schedule, weekdays_matter: bool) -> object:
    """Returns a schedule without its numbers; weekdays that nobody typed follow from the dates."""
    rules = [parse_rule(rule) for rule in schedule.rules]
    return schedule.zone, [
        (
            rule.frequency,
            bool(rule.months),
            bool(rule.month_days),
            [(bool(nth), weekdays_matter and day) for nth, day in rule.weekdays],
            bool(rule.positions),
            rule.count is None,
            rule.until is None,
        )
        for rule in rules
    ]
