"""Finds sessions and series by what members choose or type, so that nobody types an id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.actions.actor import Actor, Program
from bot.actions.rights import check
from bot.actions.visibility import channels_seen, series_seen, session_seen
from bot.language import Words, words_for
from bot.language.names import series_name, session_name, suggestion_name
from bot.phrases.en import suggest
from data.channels import settings_of
from data.limits import LONGEST_CHOICE, MOST_CHOICES
from data.models import Series, Session, Target
from data.refusal import Refusal
from data.schedule.find import no_such_jelly, sessions_ahead, sessions_over
from data.schedule.series import active_series, every_series
from data.store.transaction import Transaction

_SESSIONS_SEARCHED = 500
_SESSION, _SERIES = "session:", "series:"


class Choice(NamedTuple):
    """One suggestion while a member types: what they read, and what is sent if they take it."""

    name: str
    value: str


async def session_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the sessions ahead whose name or date contains the typed text, soonest first."""
    return _matching(await _sessions(program, actor), typed)


async def past_and_coming_choices(
    program: Program, actor: Actor, typed: str, *, since: datetime
) -> list[Choice]:
    """Returns the matching sessions of the last day, those ahead, then others since ``since``."""
    now = program.clock.now()
    past = await program.database.read(
        lambda t: sessions_over(
            t, channels_seen(t, actor), since=since, now=now, limit=_SESSIONS_SEARCHED
        )
    )
    recent = [one for one in past if one.ends_at > now - timedelta(days=1)]
    words = words_for(actor.locale)
    named = [
        [_session_choice(words, actor, one) for one in some]
        for some in (recent, past[len(recent) :])
    ]
    return _matching(named[0] + await _sessions(program, actor) + named[1], typed)


async def jelly_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the sessions ahead and whole series whose name or date contains the typed text."""
    series = await program.database.read(lambda t: active_series(t, channels_seen(t, actor)))
    return _matching(_named(actor, series) + await _sessions(program, actor), typed)


async def series_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the active series whose name or rule contains the typed text."""
    series = await program.database.read(lambda t: active_series(t, channels_seen(t, actor)))
    return _matching(_named(actor, series), typed)


async def past_series_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the series, including ended ones, whose name or rule contains the typed text."""
    series = await program.database.read(lambda t: every_series(t, channels_seen(t, actor)))
    return _matching(_named(actor, series), typed)


async def when_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns completions of a typed date, each with its meaning and its next date."""
    settings = await program.database.read(lambda t: settings_of(t, actor.guild_id))
    if settings is None:
        return []
    words = words_for(actor.locale)
    return [
        Choice(suggestion_name(words, one, settings.zone), one.phrase)
        for one in suggest(typed, zone=settings.zone, now=program.clock.now())
        if len(one.phrase) <= LONGEST_CHOICE
    ]


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
    sessions = sessions_ahead(transaction, channels, now=now, limit=_SESSIONS_SEARCHED)
    if since is not None:
        sessions += sessions_over(
            transaction, channels, since=since, now=now, limit=_SESSIONS_SEARCHED
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


def past_series(transaction: Transaction, actor: Actor, chosen: str) -> Series:
    """Returns the series, even an ended one, that was chosen or typed by name. Raises Refusal."""
    words = words_for(actor.locale)
    wanted = chosen.casefold().strip()
    fitting = [
        one
        for one in every_series(transaction, channels_seen(transaction, actor))
        if chosen == f"{_SERIES}{one.series_id}"
        or (wanted and wanted in series_name(words, one, actor.channels.name_of).casefold())
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


def _session_choice(words: Words, actor: Actor, session: Session) -> Choice:
    name = session_name(words, session, actor.channels.name_of)
    return Choice(name, f"{_SESSION}{session.session_id}")


def _named(actor: Actor, series: Sequence[Series]) -> list[Choice]:
    words = words_for(actor.locale)
    name_of = actor.channels.name_of
    return [Choice(series_name(words, one, name_of), f"{_SERIES}{one.series_id}") for one in series]


async def _sessions(program: Program, actor: Actor) -> list[Choice]:
    now = program.clock.now()
    sessions = await program.database.read(
        lambda t: sessions_ahead(t, channels_seen(t, actor), now=now, limit=_SESSIONS_SEARCHED)
    )
    words = words_for(actor.locale)
    return [_session_choice(words, actor, one) for one in sessions]


def _matching(choices: list[Choice], typed: str) -> list[Choice]:
    parts = typed.casefold().split()
    found = [one for one in choices if all(part in one.name.casefold() for part in parts)]
    return found[:MOST_CHOICES]


def _existing(transaction: Transaction, actor: Actor, prefix: str, number: int) -> Target | None:
    target = Target(session_id=number) if prefix == _SESSION else Target(series_id=number)
    try:
        jelly_of(transaction, actor, target)
    except Refusal:
        return None
    return target
