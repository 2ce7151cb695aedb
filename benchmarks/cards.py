"""Rendering cards, in microseconds: through the catalogues of sentences, and without any.

Each card is built from a session with so many people going, every tenth with a note, as a press
builds it. The contestant says the same sentences by filling the English templates straight away.
They take turns, in one process without a network or a store. It does not show what a catalogue with
translations costs: a look-up more for each sentence.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, datetime, timedelta
from gettext import NullTranslations

from babel.core import Locale

from benchmarks.report import median, parser_of, print_table
from bot.language import CHANNEL_LOCALE, Words, words_for
from bot.messages.card import card_container
from data.models import (
    Answer,
    Counts,
    Details,
    Roster,
    Rsvp,
    Schedule,
    Session,
    SessionState,
    SessionView,
)

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
FIRST_USER = 100_000_000_000_000_000
SHOWN = 24
"""As many as a press reads from the store for a card."""


class Plain(Words):
    """English without a catalogue."""

    def __call__(self, template: str, /, **values: object) -> str:
        return template.format_map(values)

    def ngettext(self, one: str, many: str, count: int, /, **values: object) -> str:
        return (one if count == 1 else many).format_map({"count": count, **values})


def view_of(people: int) -> SessionView:
    """Returns a session in three days to which so many said Going."""
    start, length = NOW + timedelta(days=3), timedelta(hours=6)
    counts = Counts(going=people)
    going = tuple(
        Rsvp(FIRST_USER + n, Answer.GOING, "my thesis" if n % 10 == 0 else "", n)
        for n in range(min(people, SHOWN))
    )
    session = Session(
        session_id=1,
        guild_id=FIRST_USER,
        channel_id=FIRST_USER,
        series_id=None,
        recurrence_id=None,
        is_exception=False,
        details=Details("Thursday jelly", "The Albion, upstairs", "The wifi is on the wall.", 1),
        created_by=1,
        schedule=Schedule("Europe/London", start.replace(tzinfo=None), length),
        starts_at=start,
        ends_at=start + length,
        state=SessionState.SCHEDULED,
        version=people,
        counts=counts,
    )
    return SessionView(session, Roster(going, counts=counts))


def microseconds(words: Words, view: SessionView, cards: int) -> float:
    """Returns what one of so many cards takes."""
    started_at = time.perf_counter()
    for _ in range(cards):
        card_container(words, view, NOW)
    return (time.perf_counter() - started_at) / cards * 1_000_000


def main() -> None:
    parser = parser_of("cards", __doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[0, 7, 120])
    parser.add_argument("--cards", type=int, default=2000, help="in each round")
    parser.add_argument("--rounds", type=int, default=15)
    measure(parser.parse_args())


def measure(options: argparse.Namespace) -> None:
    catalogue = words_for(CHANNEL_LOCALE)
    plain = Plain("en", Locale.parse("en_GB"), NullTranslations())
    rows = []
    for people in options.people:
        view = view_of(people)
        assert card_container(plain, view, NOW) == card_container(catalogue, view, NOW)
        pairs = [
            [microseconds(words, view, options.cards) for words in (plain, catalogue)]
            for _ in range(options.rounds)
        ]
        without, through = (median(column) for column in zip(*pairs, strict=True))
        ratio = median([after / before for before, after in pairs])
        rows.append([f"{people} people", without, through, ratio])
    print_table("microseconds a card", ["", "without", "through a catalogue", "ratio"], rows)


if __name__ == "__main__":
    main()
