"""The parts of a phrase may stand in any order: none gives another reading."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest

from bot.phrases.en import NotUnderstood, read
from data.models import Schedule
from tests.moments import WEDNESDAY


@pytest.mark.parametrize("comma", [" ", ", "])
@pytest.mark.parametrize(
    ("parts", "most_refused"),
    [
        # Only those are refused that cannot be read with certainty: "until june 10-16".
        ("every tuesday|10-16|from jan 5|until 30 june 2027|except feb 2|new york", 0),
        ("tuesdays and thursdays|at 10am|for 3 hours|starting jan 5|10 times|europe/berlin", 0),
        ("first friday and third thursday of the month|10:00|for 90 minutes|except jan 1", 6),
        ("every 2 weeks|on thu|10-16|until june|utc", 24),
        ("every other wednesday|10am to 4pm|starting next month|until the end of june", 0),
        ("monthly|on the last day|noon|for 2 hours|in berlin", 0),
        ("every year|on march 14|10:30|new york", 0),
        ("thursday|10am|for 2 hours|new york", 0),
        ("dec 3|10am to 4pm|berlin time", 0),
        ("thursday|dec 3|10am|for 2 hours|new york", 24),
    ],
)
def test_any_order_gives_the_same_reading(parts: str, most_refused: int, comma: str) -> None:
    readings: Counter[Schedule | None] = Counter()
    for order in permutations(parts.split("|")):
        try:
            readings[read(comma.join(order), zone="America/New_York", now=WEDNESDAY)] += 1
        except NotUnderstood:
            readings[None] += 1
    assert readings.pop(None, 0) <= most_refused
    assert len(readings) == 1
