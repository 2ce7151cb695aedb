"""Autocompletion of sessions and series by name and date, so that nobody types an id."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from discord import app_commands

from bot.app import JellyBot
from bot.calendar import occurrences
from bot.messages.text import one_line, shorten
from bot.phrases.en import NotUnderstood, Suggestion, describe, read, suggest
from cogs.readings import not_understood
from data.limits import LONGEST_CHOICE, MOST_CHOICES
from data.models import Occurrence, Series, Session, Target
from data.refusal import Refusal
from data.schedule.find import find_session, sessions_ahead, sessions_over
from data.schedule.series import active_series, every_series, find_series
from data.settings import settings_of
from data.store.transaction import Transaction

_SESSIONS_SEARCHED = 500
_SESSION, _SERIES = "session:", "series:"


async def session_choices(
    bot: JellyBot, guild_id: int, typed: str
) -> list[app_commands.Choice[str]]:
    """Returns the sessions ahead whose name or date contains the typed text, soonest first."""
    return _matching(await _sessions(bot, guild_id), typed)


async def past_and_coming_choices(
    bot: JellyBot, guild_id: int, typed: str, *, since: datetime
) -> list[app_commands.Choice[str]]:
    """Returns the matching sessions of the last day, those ahead, then others since ``since``."""
    now = bot.clock.now()
    past = await bot.database.read(
        lambda t: sessions_over(t, guild_id, since=since, now=now, limit=_SESSIONS_SEARCHED)
    )
    recent = [one for one in past if one.ends_at > now - timedelta(days=1)]
    named = [
        [(session_name(one), f"{_SESSION}{one.session_id}") for one in some]
        for some in (recent, past[len(recent) :])
    ]
    return _matching(named[0] + await _sessions(bot, guild_id) + named[1], typed)


async def jelly_choices(bot: JellyBot, guild_id: int, typed: str) -> list[app_commands.Choice[str]]:
    """Returns the sessions ahead and whole series whose name or date contains the typed text."""
    series = await bot.database.read(lambda t: active_series(t, guild_id))
    named = [(series_name(one), f"{_SERIES}{one.series_id}") for one in series]
    return _matching(named + await _sessions(bot, guild_id), typed)


async def series_choices(
    bot: JellyBot, guild_id: int, typed: str
) -> list[app_commands.Choice[str]]:
    """Returns the active series whose name or rule contains the typed text."""
    series = await bot.database.read(lambda t: active_series(t, guild_id))
    return _matching([(series_name(one), f"{_SERIES}{one.series_id}") for one in series], typed)


async def past_series_choices(
    bot: JellyBot, guild_id: int, typed: str
) -> list[app_commands.Choice[str]]:
    """Returns the series, including ended ones, whose name or rule contains the typed text."""
    series = await bot.database.read(lambda t: every_series(t, guild_id))
    return _matching([(series_name(one), f"{_SERIES}{one.series_id}") for one in series], typed)


async def when_choices(bot: JellyBot, guild_id: int, typed: str) -> list[app_commands.Choice[str]]:
    """Returns completions of a typed date, each with its meaning and its next date."""
    settings = await bot.database.read(lambda t: settings_of(t, guild_id))
    if settings is None:
        return []
    zone = ZoneInfo(settings.zone)
    return [
        app_commands.Choice(name=_reading(one, zone), value=one.phrase)
        for one in suggest(typed, zone=settings.zone, now=bot.clock.now())
        if len(one.phrase) <= LONGEST_CHOICE
    ]


def _reading(suggestion: Suggestion, zone: ZoneInfo) -> str:
    """Returns a phrase's meaning in words, with its next date if it repeats."""
    if not suggestion.reading.startswith("every"):
        return shorten(suggestion.reading, LONGEST_CHOICE)
    date = f" · next {_short_date(suggestion.starts_at, zone)}"
    return shorten(suggestion.reading, LONGEST_CHOICE - len(date)) + date


def one_date(phrase: str, *, zone: str, now: datetime) -> Occurrence:
    """Returns the one date that a phrase means. Raises Refusal if it means none or many."""
    try:
        schedule = read(one_line(phrase), zone=zone, now=now)
    except NotUnderstood as error:
        raise not_understood(error) from error
    if schedule.rules:
        raise Refusal("That repeats; say just one date, such as “dec 30 10-16”.")
    return next(occurrences(schedule))


def session_id_of(
    transaction: Transaction,
    guild_id: int,
    chosen: str,
    now: datetime,
    *,
    since: datetime | None = None,
) -> int:
    """Returns the id of the session that was chosen, or whose name was typed.

    A session that has ended is found by name only if it ended after ``since``. Raises Refusal if
    there is none.
    """
    target = target_of(transaction, guild_id, chosen, now, since=since)
    if target.session_id is None:
        raise Refusal("Choose a single date from the list, not a whole series.")
    session = find_session(transaction, guild_id, target.session_id)
    if since is not None and session is not None and session.ends_at < since:
        raise Refusal("That was too long ago; /headcount history looks back further.")
    return target.session_id


def target_of(
    transaction: Transaction,
    guild_id: int,
    chosen: str,
    now: datetime,
    *,
    since: datetime | None = None,
) -> Target:
    """Returns what was chosen from the list, or typed in full. Raises Refusal if there is none.

    Discord lets members send typed text without choosing, so a name that fits just one session is
    accepted.
    """
    for prefix in (_SESSION, _SERIES):
        if chosen.startswith(prefix) and (number := chosen.removeprefix(prefix)).isdecimal():
            target = _existing(transaction, guild_id, prefix, int(number[:18]))
            if target is not None:
                return target
    wanted = chosen.casefold().strip()
    sessions = sessions_ahead(transaction, guild_id, now=now, limit=_SESSIONS_SEARCHED)
    if since is not None:
        sessions += sessions_over(
            transaction, guild_id, since=since, now=now, limit=_SESSIONS_SEARCHED
        )
    fitting = [
        session for session in sessions if wanted and wanted in session_name(session).casefold()
    ]
    if len(fitting) != 1:
        raise Refusal(
            "That fits no jelly that is planned, or more than one; choose one from the list that "
            "appears as you type."
        )
    return Target(session_id=fitting[0].session_id)


def past_series(transaction: Transaction, guild_id: int, chosen: str) -> Series:
    """Returns the series, even an ended one, that was chosen or typed by name. Raises Refusal."""
    wanted = chosen.casefold().strip()
    fitting = [
        one
        for one in every_series(transaction, guild_id)
        if chosen == f"{_SERIES}{one.series_id}"
        or (wanted and wanted in series_name(one).casefold())
    ]
    if len(fitting) != 1:
        raise Refusal("That fits no series, or more than one; choose a series from the list.")
    return fitting[0]


def session_name(session: Session) -> str:
    """Returns a session's name with its date in its own zone.

    Discord shows no timestamps in lists of choices.
    """
    date = _short_date(session.starts_at, ZoneInfo(session.schedule.zone))
    return f"{shorten(session.details.title, LONGEST_CHOICE - len(date) - 3)} · {date}"


def series_name(series: Series) -> str:
    rule = describe(series.schedule)
    return shorten(f"All dates of {shorten(series.details.title, 50)} · {rule}", LONGEST_CHOICE)


def _short_date(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


async def _sessions(bot: JellyBot, guild_id: int) -> list[tuple[str, str]]:
    now = bot.clock.now()
    sessions = await bot.database.read(
        lambda t: sessions_ahead(t, guild_id, now=now, limit=_SESSIONS_SEARCHED)
    )
    return [(session_name(one), f"{_SESSION}{one.session_id}") for one in sessions]


def _matching(named: list[tuple[str, str]], typed: str) -> list[app_commands.Choice[str]]:
    words = typed.casefold().split()
    return [
        app_commands.Choice(name=name, value=value)
        for name, value in named
        if all(word in name.casefold() for word in words)
    ][:MOST_CHOICES]


def _existing(transaction: Transaction, guild_id: int, prefix: str, number: int) -> Target | None:
    if prefix == _SESSION:
        found = find_session(transaction, guild_id, number)
        return None if found is None else Target(session_id=number)
    series = find_series(transaction, guild_id, number)
    return None if series is None else Target(series_id=number)
