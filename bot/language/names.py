"""Names of sessions and series in lists of choices, by which they are also found when typed.

Discord shows no timestamps in choices, so dates are written out, in the zone of the jelly.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.language import Words
from bot.language.typed import ChannelName, fitting, in_names, shorten
from bot.phrases.en import Suggestion, describe
from data.characters import bounded
from data.limits import LONGEST_CHOICE
from data.models import Series, Session

_TITLE_OF_SERIES = 50


def session_name(words: Words, session: Session, channel_name: ChannelName) -> str:
    """Returns a session's title with its date."""
    title = in_names(session.details.title, channel_name)
    date = _date(words, session.starts_at, session.schedule.zone)
    return fitting(LONGEST_CHOICE, lambda title: f"{title} · {date}", title)


def series_name(words: Words, series: Series, channel_name: ChannelName) -> str:
    """Returns a series' title with its rule."""
    title = shorten(bounded(in_names(series.details.title, channel_name)), _TITLE_OF_SERIES)
    return fitting(
        LONGEST_CHOICE,
        lambda rule: words("All dates of {title} · {rule}", title=title, rule=rule),
        describe(series.schedule),
    )


def suggestion_name(words: Words, suggestion: Suggestion, zone: str) -> str:
    """Returns a phrase's meaning, with its next date if it repeats."""
    if not suggestion.repeats:
        return shorten(suggestion.reading, LONGEST_CHOICE)
    date = _date(words, suggestion.starts_at, zone)
    return fitting(
        LONGEST_CHOICE,
        lambda reading: words("{reading} · next {date}", reading=reading, date=date),
        suggestion.reading,
    )


def _date(words: Words, moment: datetime, zone: str) -> str:
    return words.date_and_time(moment.astimezone(ZoneInfo(zone)))
