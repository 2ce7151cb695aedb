"""The table of phrases: what each must be read as, at which moment."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.calendar import occurrences
from data.models import Schedule

_SHOWN = 3


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
        return self.expected.startswith("refused")


def wall(text: str) -> datetime:
    """Returns a naive wall time."""
    return datetime.fromisoformat(text)


def rows() -> Iterator[Row]:
    """Yields all rows of phrases.toml."""
    table = tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))
    for moment in table["moment"]:
        zone = moment["zone"]
        now = datetime.fromisoformat(moment["now"]).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for phrase, expected in moment["reads"].items():
            yield Row(moment["why"], now, zone, phrase, expected)


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
