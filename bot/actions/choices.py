"""What lists offer while a member types: only what the command can act on for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple, TypeAlias

from bot.actions.actor import Actor, Program
from bot.actions.defaults import Defaults, defaults_of
from bot.actions.find import (
    choice_of_series,
    choice_of_session,
    jelly_of,
    matching,
    names_for,
    target_of,
)
from bot.actions.rights import Right, right_to
from bot.actions.visibility import channels_seen
from bot.language import Words, words_for
from bot.language.names import suggestion_name
from bot.phrases.en import Suggestion
from data.channels import settings_of
from data.limits import LONGEST_CHOICE, MOST_CHOICES, SERIES_SEARCHED, SESSIONS_SEARCHED
from data.models import Series, Session, Target
from data.refusal import Refusal
from data.schedule.find import sessions_ahead, sessions_over
from data.schedule.find_series import active_series, every_series, has_dates_of_others
from data.store.transaction import Transaction


class Choice(NamedTuple):
    """One suggestion while a member types: what they read, and what is sent if they take it."""

    name: str
    value: str


_Fits: TypeAlias = Callable[[Transaction, Actor, Series, datetime], bool]


def _any(transaction: Transaction, actor: Actor, series: Series, now: datetime) -> bool:
    return True


def _may_post(transaction: Transaction, actor: Actor, series: Series, now: datetime) -> bool:
    return actor.channels.may_send(series.channel_id)


def _is_paused(transaction: Transaction, actor: Actor, series: Series, now: datetime) -> bool:
    return series.is_paused(now)


def _goes_on(transaction: Transaction, actor: Actor, series: Series, now: datetime) -> bool:
    return not series.is_paused(now)


def _may_call_off(transaction: Transaction, actor: Actor, series: Series, now: datetime) -> bool:
    """Returns whether all its dates are the actor's, too."""
    return actor.is_organizer or not has_dates_of_others(
        transaction, series.series_id, actor.user_id, now=now
    )


_OF_DATES = {"/rsvp", "/rsvp member", "/jelly edit", "/jelly move", "/jelly skip", "/jelly cancel"}
"""The commands that act on single dates."""
_OF_SERIES: dict[str, _Fits] = {
    "/jelly edit": _any,
    "/jelly cancel": _may_call_off,
    "/jelly extra": _may_post,
    "/jelly pause": _goes_on,
    "/jelly resume": _is_paused,
    "/jelly end": _may_call_off,
}
"""The commands that act on whole series, and on which of those that the actor may change."""


async def jelly_choices(
    program: Program, actor: Actor, typed: str, *, command: str
) -> list[Choice]:
    """Returns what a command can act on: whole series, then sessions ahead, soonest first."""
    now = program.clock.now()
    is_limited = right_to(command) is Right.ITS_HOST and not actor.is_organizer
    by = actor.user_id if is_limited else None

    def query(transaction: Transaction) -> list[Choice]:
        channels, found = channels_seen(transaction, actor), list[Session | Series]()
        if command in _OF_SERIES:
            found += active_series(transaction, channels, by=by, limit=SERIES_SEARCHED)
        if command in _OF_DATES:
            limit = _searched(typed, SESSIONS_SEARCHED)
            found += sessions_ahead(transaction, channels, by=by, limit=limit, now=now)

        def fits(jelly: Session | Series) -> bool:
            if isinstance(jelly, Session):
                return True
            return _OF_SERIES[command](transaction, actor, jelly, now)

        return named_choices(transaction, actor, found, typed, fits)

    return await program.database.read(query)


async def past_and_coming_choices(
    program: Program, actor: Actor, typed: str, *, since: datetime
) -> list[Choice]:
    """Returns the matching sessions of the last day, those ahead, then others since ``since``."""
    now = program.clock.now()

    def query(transaction: Transaction) -> list[Choice]:
        channels, limit = channels_seen(transaction, actor), _searched(typed, SESSIONS_SEARCHED)
        past = sessions_over(transaction, channels, since=since, now=now, limit=limit)
        ahead = sessions_ahead(transaction, channels, limit=limit, now=now)
        recent = [one for one in past if one.ends_at > now - timedelta(days=1)]
        found = list(chain(recent, ahead, past[len(recent) :]))
        return named_choices(transaction, actor, found, typed)

    return await program.database.read(query)


async def past_series_choices(program: Program, actor: Actor, typed: str) -> list[Choice]:
    """Returns the matching series, including ended ones, newest first."""

    def query(transaction: Transaction) -> list[Choice]:
        channels, limit = channels_seen(transaction, actor), _searched(typed, SERIES_SEARCHED)
        series = every_series(transaction, channels, limit=limit)
        return named_choices(transaction, actor, series, typed)

    return await program.database.read(query)


async def when_choices(
    program: Program, actor: Actor, typed: str, *, about: str = "", all_dates: bool = False
) -> list[Choice]:
    """Returns completions of a typed date, each with its meaning and its next date.

    ``about`` is the jelly that was chosen, if it is about one; ``all_dates`` if a date means its
    whole series.
    """
    now = program.clock.now()

    def query(transaction: Transaction) -> Defaults | None:
        with suppress(Refusal):
            if about:
                jelly = jelly_of(transaction, actor, target_of(transaction, actor, about, now))
                if all_dates and jelly.series_id is not None:
                    jelly = jelly_of(transaction, actor, Target(series_id=jelly.series_id))
                return defaults_of(jelly, now)
        settings = settings_of(transaction, actor.guild_id)
        return None if settings is None else Defaults(settings.zone, now)

    defaults = await program.database.read(query)
    if defaults is None:
        return []
    return suggested(words_for(actor.locale), defaults.suggest(typed), defaults.zone)


def suggested(words: Words, suggestions: Iterable[Suggestion], zone: str) -> list[Choice]:
    """Returns completions of a typed date, each with its meaning and its next date in a zone."""
    return [
        Choice(suggestion_name(words, one, zone), one.phrase)
        for one in suggestions
        if len(one.phrase) <= LONGEST_CHOICE
    ]


def _searched(typed: str, most: int) -> int:
    """Returns how many are read to choose from: without typed text, only those that are shown."""
    return most if typed.strip() else MOST_CHOICES


def named_choices(
    transaction: Transaction,
    actor: Actor,
    jellies: Sequence[Session | Series],
    typed: str,
    fits: Callable[[Session | Series], bool] = lambda jelly: True,
) -> list[Choice]:
    """Returns the first jellies that fit and have the typed text, with names that differ."""
    # Lazy, because ``fits`` may look at the dates of a series.
    fitting = (one for one in matching(transaction, actor, jellies, typed) if fits(one))
    found = list(islice(fitting, MOST_CHOICES))
    names = names_for(transaction, actor, found).all_apart(found)
    return [Choice(name, _value(jelly)) for name, jelly in zip(names, found, strict=True)]


def _value(jelly: Session | Series) -> str:
    if isinstance(jelly, Session):
        return choice_of_session(jelly.session_id)
    return choice_of_series(jelly.series_id)
