"""Records what members were told about their answers, to compare with what is stored in the end."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

Place: TypeAlias = tuple[str, int]
"""The title of a jelly, and a member's id."""


class Ledger:
    """The last answer of each member that was acknowledged, and those that may have come later.

    An answer that was never acknowledged may be stored or not. It may also reach the bot after
    later ones, if the connection was lost in between.
    """

    def __init__(self) -> None:
        self._last: dict[Place, str] = {}
        self._in_doubt: defaultdict[Place, Counter[str]] = defaultdict(Counter)

    def sent(self, place: Place, answer: str) -> None:
        """Records that a member has answered, and was not told anything yet."""
        self._in_doubt[place][answer] += 1

    def noted(self, place: Place, answer: str) -> None:
        """Records that the member was told, publicly or in private, that the answer is stored."""
        self.refused(place, answer)
        self._last[place] = answer

    def refused(self, place: Place, answer: str) -> None:
        """Records that the member was told that the answer is not stored."""
        self._in_doubt[place][answer] -= 1

    def changed(self, place: Place) -> None:
        """Records that something else may have changed the answer, without telling the member."""
        self._last.pop(place, None)

    def lost(self, stored: Mapping[Place, str]) -> list[str]:
        """Returns a sentence for each member whose stored answer is not what they were told."""
        return [
            f"{member} was told {answer} for {title}; stored is {stored.get((title, member))}"
            for (title, member), answer in self._last.items()
            if stored.get((title, member)) not in self._allowed((title, member), answer)
        ]

    def _allowed(self, place: Place, answer: str) -> set[str]:
        return {answer, *(+self._in_doubt[place])}


def stored_answers(file: Path) -> dict[Place, str]:
    """Returns the answers in the file; each jelly has a title of its own here."""
    with closing(sqlite3.connect(file, timeout=10)) as connection:
        rows = connection.execute(
            "SELECT title, user_id, answer FROM rsvp JOIN session USING (session_id)"
        )
        return {(title, user_id): answer for title, user_id, answer in rows}
