"""What is stored about one person, and what only that person sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from data.models.answers import Mood
from data.models.lists import Page

StoredValue = str | int | None


class StoredRow(NamedTuple):
    """One row about a person: what it is about, and what it holds of them.

    Moments are epoch seconds. Ids and words of other people are left out.
    """

    context: Mapping[str, StoredValue]
    """With the title, as ``jelly``, and ``starts_at`` of its jelly."""
    theirs: Mapping[str, StoredValue]


class Hosted(NamedTuple):
    """What a person hosts ahead: how many dates, those of series included, and how many series."""

    dates: int
    series: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One session that a member attended."""

    starts_at: datetime
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class Record:
    """What one member did in one server; shown to that member only."""

    mood: Mood | None
    """The default mood of the member's Going."""
    takes_invitations: bool
    refused_hosts: tuple[int, ...]
    """From whom the member takes no invitations."""
    visits: Page[Visit]
    """The sessions that the member attended, newest first."""
    places: int
    hosted: int
