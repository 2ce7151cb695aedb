"""On the day and after it: arriving, leaving, and the host's list of who was there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.actions.actor import Actor, Program
from bot.actions.change_log import check_pace, note
from bot.actions.find import past_series, session_id_of
from bot.actions.rights import check, may_change
from bot.actions.visibility import answers_seen, channels_seen, check_seen, session_seen
from data.limits import LOOKED_BACK
from data.models import Answer, Answered, ChangeAction, PastSession, SessionView, Wish
from data.people import attendance
from data.people.history import past_sessions
from data.people.members import first_timers, names_of
from data.people.rsvps import answer_for, rsvp_of_member
from data.people.session_views import session_view_of
from data.refusal import Refusal
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CheckinList:
    """A session with everyone who answered, and what else is needed to keep its list."""

    view: SessionView
    names: dict[int, str]
    first_timers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Headcount:
    """Who is coming to a session, as far as the actor may see it."""

    checkin_list: CheckinList
    keeps_list: bool
    shows_hours: bool
    """Whether the actor keeps the list or is going, and so sees when others are there."""


@dataclass(frozen=True, slots=True)
class History:
    """The past sessions of a series or a whole server; ``title`` is None for the server."""

    title: str | None
    sessions: list[PastSession]


async def arrive(program: Program, actor: Actor, session_id: int) -> Answered:
    """Notes that the actor is there; the caller shows the session's new state."""
    now = program.clock.now()
    return await program.database.write(
        lambda t: attendance.arrive(
            t,
            guild_id=actor.guild_id,
            session_id=session_id,
            user_id=actor.user_id,
            name=actor.name,
            check=partial(check_seen, actor),
            now=now,
        )
    )


async def leave(program: Program, actor: Actor, session_id: int) -> SessionView:
    """Notes that the actor has left; the caller shows the session's new state."""
    now = program.clock.now()

    def change(transaction: Transaction) -> SessionView:
        session_seen(transaction, actor, session_id)
        return attendance.leave(
            transaction,
            guild_id=actor.guild_id,
            session_id=session_id,
            user_id=actor.user_id,
            now=now,
        )

    return await program.database.write(change)


async def correct(
    program: Program, actor: Actor, session_id: int, *, was_there: bool
) -> SessionView:
    """Notes afterwards whether the actor was there; the caller shows the new state."""
    now = program.clock.now()

    def change(transaction: Transaction) -> SessionView:
        session_seen(transaction, actor, session_id)
        return attendance.correct(
            transaction,
            guild_id=actor.guild_id,
            session_id=session_id,
            user_id=actor.user_id,
            name=actor.name,
            was_there=was_there,
            now=now,
        )

    return await program.database.write(change)


async def headcount(program: Program, actor: Actor, which: str) -> Headcount:
    """Returns who is coming, or came, to the chosen session. Raises Refusal."""
    now = program.clock.now()

    def query(transaction: Transaction) -> CheckinList:
        since = now - LOOKED_BACK
        session_id = session_id_of(transaction, actor, which, now, since=since)
        return _checkin_list(transaction, actor, session_id, now)

    found = await program.database.read(query)
    keeps_list = may_change(actor, found.view.session)
    is_going = any(rsvp.user_id == actor.user_id for rsvp in found.view.roster.going)
    return Headcount(found, keeps_list, keeps_list or is_going)


async def history(program: Program, actor: Actor, which: str | None) -> History:
    """Returns the past sessions of the chosen series, or of the whole server. Raises Refusal."""
    now = program.clock.now()

    def query(transaction: Transaction) -> History:
        channels = channels_seen(transaction, actor)
        if which is None:
            return History(None, past_sessions(transaction, channels, now=now))
        series = past_series(transaction, actor, which)
        past = past_sessions(transaction, channels, series_id=series.series_id, now=now)
        return History(series.details.title, past)

    return await program.database.read(query)


async def checkin_list(
    program: Program, actor: Actor, session_id: int, *, name: str
) -> CheckinList:
    """Returns a session's list, for its host; ``name`` is what is done with it."""
    now = program.clock.now()
    return await program.database.read(lambda t: _checked(t, actor, session_id, name, now))


async def check_in(
    program: Program, actor: Actor, session_id: int, were_there: Mapping[int, bool]
) -> CheckinList:
    """Records which members the host ticked off; returns the list as it is then."""
    now = program.clock.now()

    def change(transaction: Transaction) -> CheckinList:
        _checked(transaction, actor, session_id, "ticked", now)
        attendance.tick_off(
            transaction,
            guild_id=actor.guild_id,
            session_id=session_id,
            were_there=were_there,
            now=now,
        )
        return _checked(transaction, actor, session_id, "ticked", now)

    changed = await program.database.write(change)
    program.session_changed(session_id)
    return changed


async def take_off(program: Program, actor: Actor, session_id: int, user_id: int) -> CheckinList:
    """Takes a member off a session's list; returns the list as it is then."""
    now = program.clock.now()

    def change(transaction: Transaction) -> CheckinList:
        session = _checked(transaction, actor, session_id, "taken-off", now).view.session
        mine = rsvp_of_member(transaction, session_id, user_id)
        if mine is None or mine.answer is Answer.DECLINED:
            raise Refusal("They're not on that list any more. Open it again.")
        check_pace(transaction, actor, now)
        answer_for(
            transaction,
            guild_id=actor.guild_id,
            session_id=session_id,
            user_id=user_id,
            wish=Wish(Answer.DECLINED),
            answered_by=actor.user_id,
            now=now,
        )
        note(transaction, actor, ChangeAction.REMOVED, session, about_user_id=user_id, now=now)
        return _checked(transaction, actor, session_id, "taken-off", now)

    changed = await program.database.write(change)
    program.session_changed(session_id)
    program.messages_owed()
    return changed


def _checked(
    transaction: Transaction, actor: Actor, session_id: int, name: str, now: datetime
) -> CheckinList:
    found = _checkin_list(transaction, actor, session_id, now)
    check(actor, name, found.view.session)
    return found


def _checkin_list(
    transaction: Transaction, actor: Actor, session_id: int, now: datetime
) -> CheckinList:
    session = session_seen(transaction, actor, session_id)
    view = answers_seen(actor, session_view_of(transaction, session), now)
    people = [rsvp.user_id for rsvp in view.roster.everybody()]
    answered_by = [rsvp.answered_by for rsvp in view.roster.everybody() if rsvp.answered_by]
    return CheckinList(
        view,
        names_of(transaction, actor.guild_id, [*people, *answered_by]),
        first_timers(transaction, session_id) if may_change(actor, session) else frozenset(),
    )
