"""What words about a jelly mean where they leave out the zone, the length or the moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from bot.calendar import Rhythm
from bot.phrases.en import Suggestion, read, suggest
from data.limits import DEFAULT_LENGTH
from data.models import Schedule, Series, Session


class Defaults(NamedTuple):
    """The zone and the length of what the words are about, and the moment from which they count."""

    zone: str
    now: datetime
    length: timedelta = DEFAULT_LENGTH

    def read(self, phrase: str, *, rhythm: Rhythm | None = None) -> Schedule:
        """Returns the schedule that a phrase means. Raises NotUnderstood.

        ``rhythm`` is that of the series which it changes.
        """
        return read(phrase, zone=self.zone, now=self.now, default_length=self.length, rhythm=rhythm)

    def suggest(self, phrase: str) -> list[Suggestion]:
        """Returns completions of a phrase."""
        return suggest(phrase, zone=self.zone, now=self.now, default_length=self.length)


def defaults_of(jelly: Session | Series, now: datetime) -> Defaults:
    """Returns the defaults for words about an existing date or series."""
    if isinstance(jelly, Session):
        # A session that is on keeps its start if only its end moves.
        now = min(now, jelly.starts_at - timedelta(minutes=1))
    return Defaults(jelly.schedule.zone, now, jelly.schedule.duration)
