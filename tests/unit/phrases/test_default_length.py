"""A phrase that says neither an end nor a length takes the one that its reader gives."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.phrases.en import read, suggest
from tests.moments import MONDAY

SIX_HOURS = timedelta(hours=6)


@pytest.mark.parametrize(
    ("phrase", "hours"),
    [
        *(("saturday 11am", 6), ("every saturday 11am", 6), ("in 2 hours", 6)),
        *(("saturday 11am-1pm", 2), ("every saturday 11-13", 2), ("saturday 11am for 1 hour", 1)),
        ("saturday 11am until noon", 1),
    ],
)
def test_only_an_unsaid_length_is_the_default(phrase: str, hours: int) -> None:
    found = read(phrase, zone="Europe/London", now=MONDAY, default_length=SIX_HOURS)
    assert found.duration == timedelta(hours=hours)


def test_suggestions_say_the_length_that_they_would_have() -> None:
    first, *_ = suggest("saturday 11am", zone="Europe/London", now=MONDAY, default_length=SIX_HOURS)
    assert "11:00 to 17:00" in first.reading
