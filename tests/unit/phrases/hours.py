"""The hours that a phrase is read as, in words."""

from __future__ import annotations

from bot.phrases.en import NotUnderstood, describe, read
from tests.moments import WEDNESDAY

ZONE = "America/New_York"


def hours_of(phrase: str) -> str:
    """Returns the hours that a phrase is read as, or the hours of what is offered instead."""
    try:
        schedules = [read(phrase, zone=ZONE, now=WEDNESDAY)]
    except NotUnderstood as refusal:
        schedules = [read(other, zone=ZONE, now=WEDNESDAY) for other in refusal.examples]
        return "asks: " + " | ".join(describe(schedule).split(", ")[1] for schedule in schedules)
    return describe(schedules[0]).split(", ")[1]
