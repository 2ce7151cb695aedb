"""Which midnight is meant as a start is asked, where the words leave it open."""

from __future__ import annotations

import pytest

from bot.phrases.en import NotUnderstood, read
from tests.moments import WEDNESDAY
from tests.unit.phrases.hours import ZONE, hours_of


@pytest.mark.parametrize(
    ("typed", "readings"),
    [
        ("thursday midnight", "thursday 00:00 | friday 00:00"),
        ("wednesday midnight", "thursday 00:00 | wednesday 00:00"),
        ("thursday midnight to 4am", "thursday 00:00 to 4am | friday 00:00 to 4am"),
        ("tomorrow at 12 midnight", "tomorrow at 00:00 | 27 nov 2026 at 00:00"),
        ("dec 3 midnight", "dec 3 00:00 | 4 dec 2026 00:00"),
        ("every sunday midnight", "every sunday 00:00 | every monday 00:00"),
        ("tuesdays and thursdays at midnight berlin", None),
        ("thursday night at midnight", "friday at 00:00"),
        ("every mon-fri midnight", "every mon-fri 00:00 | every tuesday-saturday 00:00"),
        ("first monday of the month midnight", "first monday of the month 00:00"),
        ("weekdays midnight", "weekdays 00:00"),
        ("weekends midnight", "weekends 00:00"),
        ("tonight at midnight", "26 nov 2026 at 00:00"),
    ],
)
def test_midnight_is_that_before_or_that_after_the_day(typed: str, readings: str | None) -> None:
    with pytest.raises(NotUnderstood) as caught:
        read(typed, zone=ZONE, now=WEDNESDAY)
    if readings is not None:
        assert " | ".join(caught.value.examples) == readings
    else:
        assert caught.value.examples == (
            "tuesdays and thursdays at 00:00 berlin",
            "wednesdays and fridays at 00:00 berlin",
        )


def test_midnight_is_clear_as_an_end_and_every_day() -> None:
    assert hours_of("thursday 8pm to midnight") == "20:00 to 00:00"
    assert hours_of("every day at midnight") == "00:00 to 03:00"
