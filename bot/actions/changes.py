"""Changes of what is scheduled that need no draft: calling off, pausing, going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.actor import Actor, Program
from bot.actions.change_log import check_pace, note
from bot.actions.defaults import Defaults, defaults_of
from bot.actions.find import jelly_to_change, series_chosen, series_to_change, target_of
from bot.actions.rights import may_change
from bot.calendar import horizon_of, occurrences
from bot.language.typed import one_line
from data.models import ChangeAction, Series, Session, Target
from data.outbox.plan import channel_of
from data.people.others import count_others
from data.refusal import Refusal
from data.schedule.find_series import series_ahead
from data.schedule.pauses import confirm_series, dates_in_pause, pause_series, resume_series
from data.schedule.series import cancel_series
from data.schedule.sessions import cancel_session
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class SessionToCancel:
    """A session that may be called off, and the channel in which its members are told."""

    session: Session
    others: int
    """How many people besides its host said more than no to it, guests included."""
    channel_id: int


@dataclass(frozen=True, slots=True)
class SeriesToCancel:
    """A series that may be called off, with the number of its dates ahead."""

    series: Series
    dates: int
    channel_id: int
    """The channel in which members of the next date are told."""


@dataclass(frozen=True, slots=True)
class PauseToConfirm:
    """A series that may be paused until a moment, and the number of dates that leaves out so far.

    ``until`` is None for a pause until someone resumes it.
    """

    series: Series
    dates: int
    until: datetime | None


async def to_cancel(
    program: Program, actor: Actor, which: str, *, one_date: bool = False, all_dates: bool = False
) -> SessionToCancel | SeriesToCancel:
    """Returns what calling off the chosen date or series would mean. Raises Refusal.

    ``one_date`` if it may not be a whole series; ``all_dates`` if a date means its whole series.
    """
    now = program.clock.now()

    def query(transaction: Transaction) -> SessionToCancel | SeriesToCancel:
        found: Session | Series
        if all_dates:
            found = series_chosen(transaction, actor, which, now)
        else:
            target = target_of(transaction, actor, which, now)
            found = jelly_to_change(transaction, actor, target)
        if isinstance(found, Series):
            if one_date:
                raise Refusal("Choose a single date to leave out; /jelly pause leaves out several.")
            dates = series_ahead(transaction, found.series_id, now=now)
            _check_dates(actor, dates)
            return SeriesToCancel(found, len(dates), _channel_of(transaction, found, dates))
        others = count_others(transaction, found)
        return SessionToCancel(found, others, channel_of(transaction, found))

    return await program.database.read(query)


async def cancel(program: Program, actor: Actor, target: Target) -> Session | Series:
    """Calls off a session or a series with all its dates ahead; returns it as it was."""
    now = program.clock.now()

    def change(transaction: Transaction) -> Session | Series:
        found = jelly_to_change(transaction, actor, target)
        check_pace(transaction, actor, now)
        if isinstance(found, Session):
            cancel_session(transaction, found.session_id, now=now)
        else:
            _check_dates(actor, cancel_series(transaction, found.series_id, now=now))
        note(transaction, actor, ChangeAction.CALLED_OFF, found, now=now)
        return found

    found = await program.database.write(change)
    await _follow_up(program)
    return found


async def to_pause(program: Program, actor: Actor, which: str, until: str | None) -> PauseToConfirm:
    """Returns what a pause until the typed day would leave out. Raises Refusal."""
    now = program.clock.now()

    def query(transaction: Transaction) -> PauseToConfirm:
        series = series_chosen(transaction, actor, which, now)
        ends_at = None if until is None else _day(until, defaults_of(series, now))
        dates = dates_in_pause(transaction, series.series_id, until=ends_at, now=now)
        _check_dates(actor, dates)
        return PauseToConfirm(series, len(dates), ends_at)

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


async def end(program: Program, actor: Actor, series_id: int) -> Series:
    """Ends a series; its dates ahead are called off."""
    now = program.clock.now()

    def change(transaction: Transaction) -> Series:
        series = series_to_change(transaction, actor, series_id)
        check_pace(transaction, actor, now)
        _check_dates(actor, cancel_series(transaction, series_id, now=now))
        note(transaction, actor, ChangeAction.ENDED, series, now=now)
        return series

    series = await program.database.write(change)
    await _follow_up(program)
    return series


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
    refusal = Refusal("Say the day on which it goes on, such as: jan 5, or monday.")
    try:
        schedule = defaults.read(one_line(f"{typed} 00:00"))
    except Refusal as error:
        raise refusal from error
    if schedule.rules:
        raise refusal
    return next(occurrences(schedule)).starts_at
