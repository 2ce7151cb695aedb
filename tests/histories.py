"""Histories of a server, from none to five hundred jellies, for its texts and charts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st

from data.models import PastSession

THURSDAY = datetime(2026, 11, 5, 10)  # noqa: DTZ001 - wall time
NASTY = "🎉👩‍💻 שלום עולם $x^2$ \\frac " * 20


def jelly(
    going: int, came: int | None = None, *, days: float = 0, title: str = "Jelly"
) -> PastSession:
    return PastSession(THURSDAY + timedelta(days=days), title, going, came)


def history(jellies: int, *, every: float = 3.5, most: int = 12) -> list[PastSession]:
    """Returns jellies on several weekdays and hours, some without check-ins or attendance."""
    return [
        jelly(
            number * 7 % (most + 1),
            None if number % 5 == 2 else number * 5 % (most + 1),
            days=number * every,
            title=NASTY,
        )
        for number in range(jellies)
    ]


HISTORIES = {
    "none": [],
    "one": [jelly(4, 3)],
    "one that nobody came to": [jelly(0, 0)],
    "one without check-ins": [jelly(1)],
    "two": history(2),
    "ten": history(10),
    "ten without check-ins": [jelly(n, days=7 * n) for n in range(10)],
    "ten crowds": history(10, most=3000),
    "forty": history(40),
    "sixty": history(60),
    "sixty in two weeks": history(60, every=0.25),
    "with a gap": [*history(30), *(jelly(4, 4, days=400 + n) for n in range(30))],
    "five hundred": history(500),
    "five hundred at all hours": history(500, every=25 / 24),
    "five hundred in fifty years": history(500, every=36.5, most=200),
}

EVERY_HISTORY = pytest.mark.parametrize("held", HISTORIES.values(), ids=HISTORIES.keys())

anything = st.lists(
    st.builds(
        PastSession,
        st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001 - wall time
        st.just(NASTY),
        st.integers(0, 5000),
        st.none() | st.integers(0, 5000),
    ),
    max_size=80,
)
