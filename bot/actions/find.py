"""Finds sessions and series by what members choose or type, so that nobody types an id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple

from bot.actions.actor import Actor, Program
from bot.actions.defaults import Defaults, defaults_of
from bot.actions.rights import check
from bot.actions.visibility import channels_seen, series_seen, session_seen
from bot.language import words_for
from bot.language.names import series_name, session_name, suggestion_name
from data.channels import settings_of
from data.limits import LONGEST_CHOICE, MOST_CHOICES, SERIES_SEARCHED, SESSIONS_SEARCHED
from data.models import Series, Session, Target
from data.refusal import Refusal
from data.schedule.find import no_such_jelly, sessions_ahead, sessions_over
from data.schedule.series import active_series, every_series, find_any_series
from data.store.transaction import Transaction

_SESSION, _SERIES = "session:", "series:"


class Choice(NamedTuple):
    """One suggestion while a member types: what they read, and what is sent if they take it."""

    name: str
    value: str


async def session_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the sessions ahead whose name or date contains the typed text, soonest first."""
    sessions = await program.database.read(lambda t: _sessions(program, t, actor, typed))
    return _matching(_sessions_named(actor, sessions), typed)


async def past_and_coming_choices(
    program: Program, actor: Actor, typed: str, *, since: datetime
) -> list[Choice]:
    """Returns the matching sessions of the last day, those ahead, then others since ``since``."""
    now = program.clock.now()

    def query(transaction: Transaction) -> tuple[list[Session], list[Session]]:
        channels = channels_seen(transaction, actor)
        limit = _searched(typed, SESSIONS_SEARCHED)
        past = sessions_over(transaction, channels, since=since, now=now, limit=limit)
        return past, _sessions(program, transaction, actor, typed)

    past, ahead = await program.database.read(query)
    recent = [one for one in past if one.ends_at > now - timedelta(days=1)]
    return _matching(_sessions_named(actor, [*recent, *ahead, *past[len(recent) :]]), typed)


async def jelly_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the sessions ahead and whole series whose name or date contains the typed text."""
    series, sessions = await program.database.read(
        lambda t: (_series(t, actor, typed), _sessions(program, t, actor, typed))
    )
    named = chain(_series_named(actor, series), _sessions_named(actor, sessions))
    return _matching(named, typed)


async def series_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the active series whose name or rule contains the typed text."""
    series = await program.database.read(lambda t: _series(t, actor, typed))
    return _matching(_series_named(actor, series), typed)


async def past_series_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the series, including ended ones, whose name or rule contains the typed text."""
    limit = _searched(typed, SERIES_SEARCHED)
    series = await program.database.read(
        lambda t: every_series(t, channels_seen(t, actor), limit=limit)
    )
    return _matching(_series_named(actor, series), typed)


async def when_choices(
    program: Program, actor: Actor, typed: str, *, about: str = "", all_dates: bool = False
) -> list[Choice]:
    """Returns completions of a typed date, each with its meaning and its next date.

    ``about`` is the jelly that was chosen, if it is about one; ``all_dates`` if a date means its
    whole series.
    """
    now = program.clock.now()

    def query(transaction: Transaction) -> Defaults | None:
        try:
            target = target_of(transaction, actor, about, now)
            found = jelly_of(transaction, actor, target)
            if all_dates and found.series_id is not None:
                found = jelly_of(transaction, actor, Target(series_id=found.series_id))
            return defaults_of(found, now)
        except Refusal:
            settings = settings_of(transaction, actor.guild_id)
            return None if settings is None else Defaults(settings.zone, now)

    defaults = await program.database.read(query)
    if defaults is None:
        return []
    words = words_for(actor.locale)
    return [
        Choice(suggestion_name(words, one, defaults.zone), one.phrase)
        for one in defaults.suggest(typed)
        if len(one.phrase) <= LONGEST_CHOICE
    ]


def choice_of_session(session_id: int) -> str:
    """Returns what is sent if someone chooses a session from a list."""
    return f"{_SESSION}{session_id}"


def session_id_of(
    transaction: Transaction,
    actor: Actor,
    chosen: str,
    now: datetime,
    *,
    since: datetime | None = None,
) -> int:
    """Returns the id of the session that was chosen, or whose name was typed.

    A session that has ended is found by name only if it ended after ``since``. Raises Refusal if
    there is none.
    """
    target = target_of(transaction, actor, chosen, now, since=since)
    if target.session_id is None:
        raise Refusal("Choose a single date from the list, not a whole series.")
    session = session_seen(transaction, actor, target.session_id)
    if since is not None and session.ends_at < since:
        raise Refusal("That was too long ago; /headcount history looks back further.")
    return target.session_id


def target_of(
    transaction: Transaction,
    actor: Actor,
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
            target = _existing(transaction, actor, prefix, int(number[:18]))
            if target is not None:
                return target
    channels, words = channels_seen(transaction, actor), words_for(actor.locale)
    wanted = chosen.casefold().strip()
    sessions = sessions_ahead(transaction, channels, now=now, limit=SESSIONS_SEARCHED)
    if since is not None:
        sessions += sessions_over(
            transaction, channels, since=since, now=now, limit=SESSIONS_SEARCHED
        )
    fitting = [
        session
        for session in sessions
        if wanted and wanted in session_name(words, session, actor.channels.name_of).casefold()
    ]
    if len(fitting) != 1:
        raise Refusal(
            "That fits no jelly that is planned, or more than one; choose one from the list that "
            "appears as you type."
        )
    return Target(session_id=fitting[0].session_id)


def whole_series(
    transaction: Transaction, actor: Actor, target: Target, refusal: Refusal
) -> Target:
    """Returns the series of what was chosen. Raises ``refusal`` if it has none."""
    found = jelly_of(transaction, actor, target)
    if found.series_id is None:
        raise refusal
    return Target(series_id=found.series_id)


def series_chosen(transaction: Transaction, actor: Actor, which: str, now: datetime) -> Series:
    """Returns the series that was chosen to be changed, or that of the chosen date.

    Raises Refusal if there is none, or the actor may not change it.
    """
    target = target_of(transaction, actor, which, now)
    refusal = Refusal("That date belongs to no series; choose a series from the list.")
    target = whole_series(transaction, actor, target, refusal)
    return series_to_change(transaction, actor, target.series_id or 0)


def past_series(transaction: Transaction, actor: Actor, chosen: str) -> Series:
    """Returns the series, even an ended one, that was chosen or typed by name. Raises Refusal."""
    words, channels = words_for(actor.locale), channels_seen(transaction, actor)
    number = chosen.removeprefix(_SERIES)
    if chosen.startswith(_SERIES) and number.isdecimal():
        series = find_any_series(transaction, channels, int(number[:18]))
        if series is not None:
            return series
    wanted = chosen.casefold().strip()
    fitting = [
        one
        for one in every_series(transaction, channels, limit=SERIES_SEARCHED)
        if wanted and wanted in series_name(words, one, actor.channels.name_of).casefold()
    ]
    if len(fitting) != 1:
        raise Refusal("That fits no series, or more than one; choose a series from the list.")
    return fitting[0]


def jelly_of(transaction: Transaction, actor: Actor, target: Target) -> Session | Series:
    """Returns what an action is about. Raises Refusal if it is gone, or they may not see it."""
    if target.session_id is not None:
        return session_seen(transaction, actor, target.session_id)
    if target.series_id is not None:
        return series_seen(transaction, actor, target.series_id)
    raise no_such_jelly()


def jelly_to_change(transaction: Transaction, actor: Actor, target: Target) -> Session | Series:
    """Returns what an actor changes. Raises Refusal if it is gone, or they may not."""
    found = jelly_of(transaction, actor, target)
    check(actor, "/jelly edit", found)
    if isinstance(found, Session) and target.and_later and found.series_id is not None:
        # The host of one date of a series need not be the host of the others.
        series = jelly_of(transaction, actor, Target(series_id=found.series_id))
        check(actor, "/jelly edit", series)
    return found


def series_to_change(transaction: Transaction, actor: Actor, series_id: int) -> Series:
    """Returns the series that an actor changes. Raises Refusal if it is gone, or they may not."""
    series = jelly_to_change(transaction, actor, Target(series_id=series_id))
    assert isinstance(series, Series)  # the target is a series
    return series


def _searched(typed: str, most: int) -> int:
    """Returns how many are read to choose from: without typed text, only those that are shown."""
    return most if typed.strip() else MOST_CHOICES


def _sessions(
    program: Program, transaction: Transaction, actor: Actor, typed: str
) -> list[Session]:
    limit, now = _searched(typed, SESSIONS_SEARCHED), program.clock.now()
    return sessions_ahead(transaction, channels_seen(transaction, actor), limit=limit, now=now)


def _series(transaction: Transaction, actor: Actor, typed: str) -> list[Series]:
    limit = _searched(typed, SERIES_SEARCHED)
    return active_series(transaction, channels_seen(transaction, actor), limit=limit)


def _sessions_named(actor: Actor, sessions: Iterable[Session]) -> Iterator[Choice]:
    words = words_for(actor.locale)
    for one in sessions:
        name = session_name(words, one, actor.channels.name_of)
        yield Choice(name, choice_of_session(one.session_id))


def _series_named(actor: Actor, series: Iterable[Series]) -> Iterator[Choice]:
    words = words_for(actor.locale)
    for one in series:
        name = series_name(words, one, actor.channels.name_of)
        yield Choice(name, f"{_SERIES}{one.series_id}")


def _matching(choices: Iterable[Choice], typed: str) -> list[Choice]:
    """Returns the first choices that contain all parts of the typed text."""
    parts = typed.casefold().split()
    found = (one for one in choices if all(part in one.name.casefold() for part in parts))
    return list(islice(found, MOST_CHOICES))


def _existing(transaction: Transaction, actor: Actor, prefix: str, number: int) -> Target | None:
    target = Target(session_id=number) if prefix == _SESSION else Target(series_id=number)
    try:
        jelly_of(transaction, actor, target)
    except Refusal:
        return None
    return target
