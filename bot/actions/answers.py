"""Answers to sessions: one's own, and those that a host decides for others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from bot.actions.actor import Actor, Person, Program
from bot.actions.change_log import check_pace, note
from bot.actions.find import session_id_of
from bot.actions.rights import check, check_chosen
from bot.actions.visibility import channels_seen, check_seen, session_seen
from bot.language.typed import one_line
from bot.phrases.en import AttendanceNotUnderstood, read_attendance
from data.limits import DATES_ON_A_PAGE
from data.models import (
    AgendaItem,
    Answer,
    Answered,
    ChangeAction,
    Mood,
    Page,
    Rsvp,
    Series,
    Session,
    Stay,
    Wish,
)
from data.people import rsvps
from data.people.agenda import agenda as agenda_of
from data.people.invitations import has_said_no, invite
from data.people.members import find_member
from data.people.rsvps import check_open, rsvp_of_member
from data.refusal import Refusal
from data.schedule.find_series import find_series
from data.store.transaction import Transaction

NO_NOTE = "-"
"""Typed instead of a note, this removes it."""


@dataclass(frozen=True, slots=True)
class Details:
    """What a member typed about their answer; None leaves a value as it is."""

    guests: int | None = None
    mood: Mood | None = None
    hours: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Detailed:
    """An answer that is recorded with its details; with hours only if they could be read."""

    answered: Answered
    problem: AttendanceNotUnderstood | None
    """Why the hours could not be read."""
    is_cut: bool
    """Whether the hours that were typed are partly outside the session, and were cut."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A person was asked to come to a session, or to all dates of a series."""

    jelly: Session | Series
    user_id: int


@dataclass(frozen=True, slots=True)
class MyDetails:
    """A session with the member's answer to it, and the mood that they prefer."""

    session: Session
    mine: Rsvp | None
    usual_mood: Mood | None


async def answer(
    program: Program,
    actor: Actor,
    session_id: int,
    wish: Wish,
    *,
    asks_mood: bool = False,
    is_shown: bool = False,
) -> Answered:
    """Records the actor's answer to a session.

    ``is_shown`` if the caller shows the session's new state in its card itself.
    """
    return await _change(
        program,
        lambda t: _answer(program, t, actor, session_id, wish, asks_mood=asks_mood),
        is_shown=is_shown,
    )


async def answer_chosen(
    program: Program, actor: Actor, which: str, answer: Answer, details: Details
) -> Detailed:
    """Records the actor's answer, with details, to the session that they chose by name."""
    now = program.clock.now()

    def change(transaction: Transaction) -> Detailed:
        session_id = session_id_of(transaction, actor, which, now)
        note = details.note if details.note is None else one_line(details.note)
        wish = Wish(
            answer,
            guests=details.guests,
            mood=details.mood,
            note="" if note == NO_NOTE else note,
        )
        return _with_hours(program, transaction, actor, session_id, wish, details.hours)

    return await _record_details(program, change)


async def answer_for(
    program: Program,
    actor: Actor,
    which: str,
    answer: Answer,
    details: Details,
    *,
    person: Person,
    all_dates: bool = False,
) -> Answered | Invited:
    """Invites a person to the chosen session, or takes them off; for its host and organizers.

    Organizers add them directly. ``all_dates`` invites to every date of its series. Raises Refusal
    for what only the person may say: details, Maybe, and anything after their own no.
    """
    now = program.clock.now()

    def change(transaction: Transaction) -> Answered | Invited:
        session_id = session_id_of(transaction, actor, which, now)
        session = _open(transaction, actor, session_id, now)
        check(actor, "/rsvp member", session)
        if details != Details():
            raise Refusal(
                "Only they can add a note, mood, hours or guests. Leave those out and try again."
            )
        if answer is Answer.DECLINED:
            return _take_off(program, transaction, actor, session, person.user_id)
        if answer is not Answer.GOING:
            raise Refusal("Only they can say maybe. Choose Going to ask them, or Can't make it.")
        check_chosen(person, session.channel_id)
        if all_dates:
            series = _series_of(transaction, actor, session)
            check(actor, "/rsvp member", series)
            return _invite(transaction, actor, series, person, now)
        mine = rsvp_of_member(transaction, session_id, person.user_id)
        if mine is not None and mine.answer in (Answer.GOING, Answer.WAITLISTED):
            raise Refusal("<@{person}> is already on that list.", person=person.user_id)
        if has_said_no(transaction, session, person.user_id):
            raise Refusal(
                "<@{person}> has said no to that date, and only they can change that.",
                person=person.user_id,
            )
        has_asked = mine is not None and mine.answer is Answer.REQUESTED
        if not (has_asked or actor.is_organizer):
            return _invite(transaction, actor, session, person, now)
        added = ChangeAction.LET_IN if has_asked else ChangeAction.ADDED
        note(transaction, actor, added, session, about_user_id=person.user_id, now=now)
        wish = Wish(Answer.GOING)
        return _answer_for(
            program, transaction, actor, session_id, person.user_id, wish, name=person.name
        )

    result = await program.database.write(change)
    if isinstance(result, Invited):
        program.messages_owed()
    else:
        _follow_up(program, result, is_shown=False)
    return result


async def decide_request(
    program: Program, actor: Actor, session_id: int, user_id: int, answer: Answer
) -> Answered:
    """Decides on a member's request to come, as long as it is open."""

    def change(transaction: Transaction) -> Answered:
        now = program.clock.now()
        session = _open(transaction, actor, session_id, now)
        check(actor, "request", session)
        mine = rsvp_of_member(transaction, session_id, user_id)
        if mine is None or mine.answer is not Answer.REQUESTED:
            raise Refusal("That's already settled. /headcount session shows who's coming.")
        decided = ChangeAction.LET_IN if answer is Answer.GOING else ChangeAction.TURNED_DOWN
        note(transaction, actor, decided, session, about_user_id=user_id, now=now)
        wish = Wish(answer)
        return _answer_for(program, transaction, actor, session_id, user_id, wish, name="")

    return await _change(program, change)


async def my_details(program: Program, actor: Actor, session_id: int) -> MyDetails:
    """Returns what a form for details begins with. Raises Refusal if it can't be answered."""
    now = program.clock.now()

    def query(transaction: Transaction) -> MyDetails:
        session = _open(transaction, actor, session_id, now)
        member = find_member(transaction, actor.guild_id, actor.user_id)
        mine = rsvp_of_member(transaction, session_id, actor.user_id)
        return MyDetails(session, mine, None if member is None else member.mood)

    return await program.database.read(query)


async def add_details(
    program: Program, actor: Actor, session_id: int, details: Details, *, is_shown: bool = False
) -> Detailed:
    """Records the details of the actor's answer; giving some after a no means to come."""

    def change(transaction: Transaction) -> Detailed:
        wish = Wish(
            _coming(transaction, session_id, actor.user_id),
            guests=details.guests,
            mood=details.mood,
            note=one_line(details.note or ""),
        )
        return _with_hours(program, transaction, actor, session_id, wish, details.hours or "")

    return await _record_details(program, change, is_shown=is_shown)


async def add_hours(program: Program, actor: Actor, session_id: int, typed: str) -> Detailed:
    """Records when the actor will be at a session; giving hours after a no means to come."""

    def change(transaction: Transaction) -> Detailed:
        wish = Wish(_coming(transaction, session_id, actor.user_id))
        return _with_hours(program, transaction, actor, session_id, wish, typed)

    return await _record_details(program, change)


def _coming(transaction: Transaction, session_id: int, user_id: int) -> Answer | None:
    """Returns what details given by a member say of their answer; None if it stays as it is."""
    mine = rsvp_of_member(transaction, session_id, user_id)
    return Answer.GOING if mine is None or mine.answer is Answer.DECLINED else None


async def _record_details(
    program: Program, change: Callable[[Transaction], Detailed], *, is_shown: bool = False
) -> Detailed:
    detailed = await program.database.write(change)
    _follow_up(program, detailed.answered, is_shown=is_shown)
    return detailed


def _with_hours(
    program: Program,
    transaction: Transaction,
    actor: Actor,
    session_id: int,
    wish: Wish,
    typed: str | None,
) -> Detailed:
    """Records the actor's answer with the hours they typed, if these can be read; None for none."""
    session = _open(transaction, actor, session_id, program.clock.now())
    hours, problem = None, None
    try:
        hours = (
            None
            if typed is None
            else read_attendance(
                typed,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
                zone=session.schedule.zone,
            )
        )
    except AttendanceNotUnderstood as refusal:
        problem = refusal
    if hours is not None:
        wish = replace(wish, stay=Stay(*(hours.stay or ())))
    answered = _answer(program, transaction, actor, session_id, wish)
    return Detailed(answered, problem, hours is not None and hours.is_cut)


async def agenda(
    program: Program, actor: Actor, *, start: int = 0, shown: Sequence[int] = ()
) -> Page[AgendaItem]:
    """Returns what is ahead, with the actor's answers; what they answered comes first.

    ``shown`` are the ids of the sessions that a page shows already, and keeps.
    """
    now = program.clock.now()
    return await program.database.read(
        lambda t: agenda_of(
            t,
            channels_seen(t, actor),
            user_id=actor.user_id,
            start=max(0, start),
            limit=DATES_ON_A_PAGE,
            shown=shown[:DATES_ON_A_PAGE],
            now=now,
        )
    )


def _open(transaction: Transaction, actor: Actor, session_id: int, now: datetime) -> Session:
    """Returns a session that the actor may see and that can be answered. Raises Refusal."""
    session = session_seen(transaction, actor, session_id)
    check_open(session, now)
    return session


async def _change(
    program: Program, change: Callable[[Transaction], Answered], *, is_shown: bool = False
) -> Answered:
    answered = await program.database.write(change)
    _follow_up(program, answered, is_shown=is_shown)
    return answered


def _follow_up(program: Program, answered: Answered, *, is_shown: bool) -> None:
    if not is_shown:
        program.session_changed(answered.view.session.session_id)
    if answered.owes_now:
        program.messages_owed()


def _answer(
    program: Program,
    transaction: Transaction,
    actor: Actor,
    session_id: int,
    wish: Wish,
    *,
    asks_mood: bool = False,
) -> Answered:
    return rsvps.answer(
        transaction,
        guild_id=actor.guild_id,
        session_id=session_id,
        user_id=actor.user_id,
        wish=wish,
        name=actor.name,
        asks_mood=asks_mood,
        check=partial(check_seen, actor),
        now=program.clock.now(),
    )


def _answer_for(
    program: Program,
    transaction: Transaction,
    actor: Actor,
    session_id: int,
    user_id: int,
    wish: Wish,
    *,
    name: str,
) -> Answered:
    return rsvps.answer_for(
        transaction,
        guild_id=actor.guild_id,
        session_id=session_id,
        user_id=user_id,
        wish=wish,
        name=name,
        answered_by=actor.user_id,
        now=program.clock.now(),
    )


def _take_off(
    program: Program, transaction: Transaction, actor: Actor, session: Session, user_id: int
) -> Answered:
    mine = rsvp_of_member(transaction, session.session_id, user_id)
    if mine is None or mine.answer is Answer.DECLINED:
        raise Refusal("<@{person}> isn't on that list.", person=user_id)
    now = program.clock.now()
    check_pace(transaction, actor, now)
    note(transaction, actor, ChangeAction.REMOVED, session, about_user_id=user_id, now=now)
    wish = Wish(Answer.DECLINED)
    return _answer_for(program, transaction, actor, session.session_id, user_id, wish, name="")


def _series_of(transaction: Transaction, actor: Actor, session: Session) -> Series:
    series = None
    if session.series_id is not None:
        series = find_series(transaction, actor.guild_id, session.series_id)
    if series is None:
        raise Refusal("That date isn't part of a series. Leave out “all_dates”.")
    return series


def _invite(
    transaction: Transaction,
    actor: Actor,
    jelly: Session | Series,
    person: Person,
    now: datetime,
) -> Invited:
    invite(transaction, jelly, user_id=person.user_id, invited_by=actor.user_id, now=now)
    note(transaction, actor, ChangeAction.INVITED, jelly, about_user_id=person.user_id, now=now)
    return Invited(jelly, person.user_id)
