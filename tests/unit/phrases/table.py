"""Tables of phrases: what each must be read as, at which moment, and whether it is.

In the table of ``phrases.toml`` a refusal names its examples word by word. In the others it is
compared by meaning, and may name only what counts:

- ``refused: A`` has a first example that means the same as A;
- ``refused: A | B`` begins with two examples that mean the same as A and B;
- ``refused: no hint`` has no example;
- ``asks: time`` and ``asks: day`` have three examples, each the phrase itself and a time or a day.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.calendar import occurrences
from bot.phrases.en import NotUnderstood, read
from data.models import Schedule

DAILY = ("everyday", "refused_daily", "held_out")
"""Tables of what people type, whose refusals are compared by meaning."""

_SHOWN = 3
_ASKED = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One phrase; ``expected`` is what :func:`shown` makes of its reading, or its refusal."""

    why: str
    now: datetime
    zone: str
    phrase: str
    expected: str

    @property
    def is_refused(self) -> bool:
        return self.expected.startswith(("refused", "asks"))


class Outcome(Enum):
    """What became of a row."""

    RIGHT = "right"
    OTHER_DATES = "read as other dates"
    REFUSED = "refused, but can be read"
    READ = "read, but should be refused"
    OTHER_HINTS = "refused with other hints"


def wall(text: str) -> datetime:
    """Returns a naive wall time."""
    return datetime.fromisoformat(text)


def rows(name: str = "phrases") -> Iterator[Row]:
    """Yields all rows of a table; none if there is no such file."""
    file = Path(__file__).with_name(f"{name}.toml")
    table = tomllib.loads(file.read_text("utf-8")) if file.exists() else {"moment": []}
    for moment in table["moment"]:
        zone = moment["zone"]
        now = datetime.fromisoformat(moment["now"]).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for phrase, expected in moment["reads"].items():
            yield Row(moment["why"], now, zone, phrase, expected)


def outcome(row: Row) -> tuple[Outcome, str]:
    """Reads a row of one of the ``DAILY`` tables; also returns what it was read as or offered."""
    try:
        reading = shown(read(row.phrase, zone=row.zone, now=row.now), row.zone)
    except NotUnderstood as refusal:
        offered = f"refused: {' | '.join(refusal.examples) or 'no hint'}"
        if not row.is_refused:
            return Outcome.REFUSED, offered
        is_right = _has_the_hints(row, refusal)
        return Outcome.RIGHT if is_right else Outcome.OTHER_HINTS, offered
    if row.is_refused:
        return Outcome.READ, reading
    return Outcome.RIGHT if reading == row.expected else Outcome.OTHER_DATES, reading


def _has_the_hints(row: Row, refusal: NotUnderstood) -> bool:
    kind, _, asked = row.expected.partition(": ")
    if kind == "asks":
        added = [_added(example, row.phrase, refusal) for example in refusal.examples]
        is_answer = _is_a_time if asked == "time" else _is_a_day
        return len(added) == _ASKED and all(is_answer(words, row) for words in added)
    if asked == "no hint":
        return not refusal.examples
    wanted = [meant for phrase in asked.split(" | ") for meant in _meanings(phrase, row)]
    offered = [meant for phrase in refusal.examples for meant in _meanings(phrase, row)]
    return wanted != [] and offered[: len(wanted)] == wanted


def _added(example: str, phrase: str, refusal: NotUnderstood) -> str:
    """Returns the words that an example adds to a phrase; none if it lacks others of its words.

    It may lack the words that failed.
    """
    words, failed = example.lower().split(), refusal.stopped_at.lower().split()
    for word in phrase.lower().strip(" ,.!?").split():
        if word in words:
            words.remove(word)
        elif word not in failed:
            return ""
    return " ".join(words)


def _is_a_time(words: str, row: Row) -> bool:
    return len(_meanings(f"tomorrow {words}", row)) == 1


def _is_a_day(words: str, row: Row) -> bool:
    in_a_period = (f"{words} {period} 10am" for period in ("", "january", "next week"))
    return any(len(_meanings(phrase, row)) == 1 for phrase in in_a_period)


def _meanings(phrase: str, row: Row) -> list[Schedule]:
    """Returns the reading of a phrase at the moment of a row, or those that it is asked about."""
    try:
        return [read(phrase, zone=row.zone, now=row.now)]
    except NotUnderstood as refusal:
        return [read(each, zone=row.zone, now=row.now) for each in refusal.examples]


def shown(schedule: Schedule, zone: str) -> str:
    """Returns the first three sessions in wall time, in the form of phrases.toml."""
    there = ZoneInfo(schedule.zone)
    found = list(islice(occurrences(schedule), _SHOWN + 1))
    sessions = [
        (session.starts_at.astimezone(there), session.ends_at.astimezone(there))
        for session in found[:_SHOWN]
    ]
    hours = [f"{start:%H:%M}-{end:%H:%M}" for start, end in sessions]
    days = [f"{start:%a %Y-%m-%d}" for start, _ in sessions]
    if len(set(hours)) > 1:
        days = [f"{day} {hour}" for day, hour in zip(days, hours, strict=True)]
    words = [", ".join(days)]
    if len(found) > _SHOWN:
        words.append("...")
    if len(set(hours)) == 1:
        words.append(hours[0])
    if schedule.zone != zone:
        words.append(schedule.zone)
    return " ".join(words)
