"""Finds sessions and series by what members choose or type, so that nobody types an id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from bot.actions.actor import Actor
from bot.actions.rights import check
from bot.actions.visibility import channels_seen, series_seen, session_seen
from bot.language import words_for
from bot.language.names import Names
from bot.language.typed import folded
from data.limits import SERIES_SEARCHED, SESSIONS_SEARCHED
from data.models import Series, Session, Target
from data.people.members import names_of
from data.refusal import Refusal
from data.schedule.find import no_such_jelly, sessions_ahead, sessions_over
from data.schedule.find_series import active_series, every_series, find_any_series
from data.store.transaction import Transaction

_SESSION, _SERIES = "session:", "series:"
_CHOSEN = re.compile(f"({_SESSION}|{_SERIES})(?P<number>[0-9]{{1,18}})")
"""What is sent if someone chooses from a list, and never searched as if it were typed."""

Jelly = TypeVar("Jelly", Session, Series, Session | Series)


def choice_of_session(session_id: int) -> str:
    """Returns what is sent if someone chooses a session from a list."""
    return f"{_SESSION}{session_id}"


def choice_of_series(series_id: int) -> str:
    """Returns what is sent if someone chooses a whole series from a list."""
    return f"{_SERIES}{series_id}"


def names_for(transaction: Transaction, actor: Actor, jellies: Iterable[Session | Series]) -> Names:
    """Returns what the actor reads jellies called."""
    hosts = {jelly.details.host_id for jelly in jellies}
    known = names_of(transaction, actor.guild_id, hosts)
    return Names(words_for(actor.locale), actor.channels.name_of, known)


def matching(
    transaction: Transaction, actor: Actor, jellies: Sequence[Jelly], typed: str
) -> Iterator[Jelly]:
    """Yields the jellies that have all parts of the typed text in name, place or host."""
    parts, names = folded(typed).split(), names_for(transaction, actor, jellies)
    for jelly in jellies:
        text = names.searched(jelly) if parts else ""
        if all(part in text for part in parts):
            yield jelly


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
        raise Refusal("Choose one date from the list, not a whole series.")
    session = session_seen(transaction, actor, target.session_id)
    if since is not None and session.ends_at < since:
        raise Refusal("That's too long ago. /headcount history goes back further.")
    return target.session_id


def target_of(
    transaction: Transaction,
    actor: Actor,
    chosen: str,
    now: datetime,
    *,
    since: datetime | None = None,
) -> Target:
    """Returns what was chosen from the list, or typed. Raises Refusal if there is none.

    Discord lets members send typed text without choosing, so what fits just one session is
    accepted; if it fits none, what fits just one series.
    """
    if _CHOSEN.fullmatch(chosen):
        return _chosen(transaction, actor, chosen)
    channels = channels_seen(transaction, actor)
    sessions = sessions_ahead(transaction, channels, now=now, limit=SESSIONS_SEARCHED)
    if since is not None:
        sessions += sessions_over(
            transaction, channels, since=since, now=now, limit=SESSIONS_SEARCHED
        )
    if found := _named(transaction, actor, sessions, chosen):
        return Target(session_id=_only(found).session_id)
    series = active_series(transaction, channels, limit=SERIES_SEARCHED)
    return Target(series_id=_only(_named(transaction, actor, series, chosen)).series_id)


def series_target(
    transaction: Transaction, actor: Actor, chosen: str, now: datetime, refusal: Refusal
) -> Target:
    """Returns the series that was chosen or typed, or that of the date that was.

    Raises ``refusal`` if it is a date without a series, and Refusal if there is none such.
    """
    if not _CHOSEN.fullmatch(chosen):
        channels = channels_seen(transaction, actor)
        series = active_series(transaction, channels, limit=SERIES_SEARCHED)
        if len(found := _named(transaction, actor, series, chosen)) == 1:
            return Target(series_id=found[0].series_id)
    jelly = jelly_of(transaction, actor, target_of(transaction, actor, chosen, now))
    if jelly.series_id is None:
        raise refusal
    return Target(series_id=jelly.series_id)


def series_chosen(transaction: Transaction, actor: Actor, which: str, now: datetime) -> Series:
    """Returns the series that was chosen to be changed, or that of the chosen date.

    Raises Refusal if there is none, or the actor may not change it.
    """
    refusal = Refusal("That date isn't part of a series. Choose a series from the list.")
    target = series_target(transaction, actor, which, now, refusal)
    return series_to_change(transaction, actor, target.series_id or 0)


def past_series(transaction: Transaction, actor: Actor, chosen: str) -> Series:
    """Returns the series, even an ended one, that was chosen or typed by name. Raises Refusal."""
    channels = channels_seen(transaction, actor)
    if typed := _CHOSEN.fullmatch(chosen):
        series = find_any_series(transaction, channels, int(typed["number"]))
        found = [series] if series is not None and chosen.startswith(_SERIES) else []
    else:
        every = every_series(transaction, channels, limit=SERIES_SEARCHED)
        found = _named(transaction, actor, every, chosen)
    if len(found) != 1:
        raise Refusal("I can't tell which series you mean. Choose one from the list.")
    return found[0]


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


def _chosen(transaction: Transaction, actor: Actor, chosen: str) -> Target:
    """Returns what was chosen from a list. Raises Refusal if the actor sees it no more."""
    number = int(chosen.removeprefix(_SESSION).removeprefix(_SERIES))
    is_session = chosen.startswith(_SESSION)
    target = Target(session_id=number) if is_session else Target(series_id=number)
    try:
        jelly_of(transaction, actor, target)
    except Refusal as error:
        raise _fits_none() from error
    return target


def _only(found: Sequence[Jelly]) -> Jelly:
    """Returns the only jelly that typed text fits. Raises Refusal if it is not one."""
    if len(found) != 1:
        raise _fits_none()
    return found[0]


def _fits_none() -> Refusal:
    return Refusal(
        "I can't tell which jelly you mean. Choose one from the list that appears as you type."
    )


def _named(
    transaction: Transaction, actor: Actor, jellies: Sequence[Jelly], typed: str
) -> list[Jelly]:
    """Returns the jellies that typed text fits: their names, else name, place and host."""
    wanted = folded(typed)
    if not wanted:
        return []
    names = names_for(transaction, actor, jellies)
    return (
        [jelly for jelly in jellies if wanted in folded(names.of(jelly))]
        or [jelly for jelly in jellies if wanted in names.searched(jelly)]
        or list(matching(transaction, actor, jellies, typed))
    )
