"""Changes of what is scheduled that need no draft: calling off, pausing, going on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.actions.actor import Actor, Program
from bot.actions.change_log import check_pace, note
from bot.actions.defaults import Defaults, defaults_of
from bot.actions.find import jelly_to_change, series_chosen, series_to_change, target_of
from bot.actions.rights import may_change
from bot.calendar import horizon_of, occurrences
from bot.language.typed import one_line
from data.models import ChangeAction, Ending, Series, Session, Target, ToEnd, ToPause
from data.outbox.plan import channel_of
from data.people.others import count_others
from data.refusal import Refusal
from data.schedule.find_series import series_ahead
from data.schedule.pauses import confirm_series, dates_in_pause, pause_series, resume_series
from data.schedule.series import cancel_series
from data.schedule.sessions import cancel_session
from data.store.transaction import Transaction


async def to_end(program: Program, actor: Actor, which: str, ending: Ending) -> ToEnd:
    """Returns what calling off the chosen date or series would mean. Raises Refusal.

    SESSION may turn out to be a whole series, and SKIP a date outside any. END takes any date of
    the series.
    """
    now = program.clock.now()

    def query(transaction: Transaction) -> ToEnd:
        if ending is Ending.END:
            return _to_end(transaction, ending, series_chosen(transaction, actor, which, now), now)
        found = jelly_to_change(transaction, actor, target_of(transaction, actor, which, now))
        if isinstance(found, Session):
            is_skipped = ending is Ending.SKIP and found.series_id is not None
            meant = Ending.SKIP if is_skipped else Ending.SESSION
            return _to_end(transaction, meant, found, now)
        if ending is Ending.SKIP:
            raise Refusal("Choose one date to skip; /jelly pause skips several.")
        return _to_end(transaction, Ending.SERIES, found, now)

    found = await program.database.read(query)
    _check_dates(actor, found.dates)
    return found


async def end(program: Program, actor: Actor, ending: Ending, number: int) -> ToEnd:
    """Calls off a date or a series, by its number; returns what it was."""
    now = program.clock.now()
    is_series = ending in (Ending.SERIES, Ending.END)
    target = Target(series_id=number) if is_series else Target(session_id=number)

    def change(transaction: Transaction) -> ToEnd:
        found = jelly_to_change(transaction, actor, target)
        check_pace(transaction, actor, now)
        ended = _to_end(transaction, ending, found, now)
        if isinstance(found, Session):
            cancel_session(transaction, found.session_id, now=now)
        else:
            _check_dates(actor, cancel_series(transaction, found.series_id, now=now))
        done = ChangeAction.ENDED if ending is Ending.END else ChangeAction.CALLED_OFF
        note(transaction, actor, done, found, now=now)
        return ended

    ended = await program.database.write(change)
    await _follow_up(program)
    return ended


def _to_end(
    transaction: Transaction, ending: Ending, jelly: Session | Series, now: datetime
) -> ToEnd:
    if isinstance(jelly, Session):
        dates, channel_id = [jelly], channel_of(transaction, jelly)
    else:
        dates = series_ahead(transaction, jelly.series_id, now=now)
        channel_id = _channel_of(transaction, jelly, dates)
    others = sum(count_others(transaction, date) for date in dates)
    return ToEnd(ending, jelly, dates, others, channel_id)


async def to_pause(program: Program, actor: Actor, which: str, until: str | None) -> ToPause:
    """Returns what a pause until the typed day would leave out. Raises Refusal."""
    now = program.clock.now()

    def query(transaction: Transaction) -> ToPause:
        series = series_chosen(transaction, actor, which, now)
        ends_at = None if until is None else _day(until, defaults_of(series, now))
        dates = dates_in_pause(transaction, series.series_id, until=ends_at, now=now)
        _check_dates(actor, dates)
        others = sum(count_others(transaction, date) for date in dates)
        return ToPause(series, dates, others, _channel_of(transaction, series, dates), ends_at)

    return await program.database.read(query)


async def pause(
    program: Program, actor: Actor, series_id: int, *, until: datetime | None
) -> Series:
    """Leaves out the dates of a series until a moment, or until it is resumed."""
    now = program.clock.now()

    def change(transaction: Transaction) -> Series:
        series = series_to_change(transaction, actor, series_id)
        check_pace(transaction, actor, now)
        _check_dates(actor, pause_series(transaction, series_id, until=until, now=now))
        note(transaction, actor, ChangeAction.PAUSED, series, until=until, now=now)
        return series

    series = await program.database.write(change)
    await _follow_up(program)
    return series


async def resume(program: Program, actor: Actor, which: str) -> tuple[Series, list[Session]]:
    """Lets a paused series go on; returns it with its dates ahead."""
    now = program.clock.now()

    def change(transaction: Transaction) -> tuple[Series, list[Session]]:
        series = series_chosen(transaction, actor, which, now)
        horizon = horizon_of(series.schedule, now)
        check_pace(transaction, actor, now)
        dates = resume_series(transaction, series.series_id, horizon=horizon, now=now)
        note(transaction, actor, ChangeAction.RESUMED, series, now=now)
        return series, dates

    resumed = await program.database.write(change)
    program.messages_owed()
    return resumed


async def confirm(program: Program, actor: Actor, series_id: int) -> Series:
    """Answers the question whether a series goes on with yes."""
    now = program.clock.now()

    def change(transaction: Transaction) -> Series:
        series_to_change(transaction, actor, series_id)
        return confirm_series(transaction, series_id, now=now)

    return await program.database.write(change)


def _check_dates(actor: Actor, dates: Sequence[Session]) -> None:
    """Raises Refusal if some of the dates that are called off with a series are not the actor's.

    Such as one that an organizer handed to another host.
    """
    for date in dates:
        if not may_change(actor, date):
            raise Refusal(
                "{title} on {when} has another host, so it can't be called off with its series. "
                "Call off the other dates one by one, or ask an organizer.",
                title=date.details.title,
                when=date.starts_at,
            )


def _channel_of(transaction: Transaction, series: Series, dates: Sequence[Session]) -> int:
    """Returns the channel in which members of the next date are told, if there is one."""
    if dates:
        return channel_of(transaction, dates[0])
    return series.channel_id


async def _follow_up(program: Program) -> None:
    await program.sessions_changed()
    program.messages_owed()


def _day(typed: str, defaults: Defaults) -> datetime:
    """Returns the moment at which a day begins. Raises Refusal if it can't be read."""
    refusal = Refusal("Give the day it resumes, e.g. jan 5 or monday.")
    try:
        schedule = defaults.read(one_line(f"{typed} 00:00"))
    except Refusal as error:
        raise refusal from error
    if schedule.rules:
        raise refusal
    return next(occurrences(schedule)).starts_at
