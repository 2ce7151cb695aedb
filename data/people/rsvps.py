"""Answers of members to sessions: whether they come, guests, mood, hours and note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, TypeAlias

from data.limits import LONGEST_NOTE, MOST_GIVEN_UP
from data.models import (
    ANSWERS,
    Answer,
    Answered,
    Mood,
    Rsvp,
    Session,
    SessionState,
    Wish,
)
from data.outbox.about_people import owe_no_longer, owe_request, owe_to, settle_request
from data.outbox.kinds import ON_BEHALF, PROMOTED
from data.outbox.standing import settle_question, tidy
from data.people.members import Member, note_going, note_mood, note_name, note_not_going
from data.people.pseudonyms import stands_for
from data.people.seats import fill, fits, free_seats, lapse_offers, place_of
from data.people.session_views import card_view_of
from data.refusal import Refusal
from data.rows import RSVP, epoch, maybe_epoch, maybe_moment, rsvp_of, session_of
from data.schedule.find import no_such_jelly, session_now
from data.store.transaction import Transaction

Check: TypeAlias = Callable[[Session], None]
"""Raises Refusal if someone may not do something with a session."""


class _Past(NamedTuple):
    """What a member's earlier answers to a session have led to."""

    given_up: int = 0
    """How often they gave up a seat, although others may be waiting for one."""
    is_refused: bool = False
    """Whether the host said no to their request to come after the deadline."""


_COMING = (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED)


def answer(
    transaction: Transaction,
    *,
    guild_id: int,
    session_id: int,
    user_id: int,
    wish: Wish,
    name: str = "",
    answered_by: int | None = None,
    is_there: bool = False,
    is_invited: bool = False,
    asks_mood: bool = False,
    check: Check | None = None,
    now: datetime,
) -> Answered:
    """Stores a member's answer, and gives them a seat or a place on the waiting list.

    Repeating an answer changes nothing. ``name`` is the member's name. ``answered_by`` is the host
    or organizer who answers for them, ``is_there`` says that they are at the place, and
    ``is_invited`` that the host invited them; with any of these, the host is not asked after the
    deadline, unless they refused a request and the member only says that they are there.
    ``asks_mood`` says that they will be asked for their mood privately, if they come and have not
    been asked. ``check`` is asked of the session before anything else. Raises Refusal if the
    session can't be answered, or the guests or note are not allowed.
    """
    if wish.answer is not None and wish.answer not in ANSWERS:
        raise ValueError(f"nobody can answer {wish.answer}")
    session, before, past, member = _look_up(transaction, guild_id, session_id, user_id)
    if check is not None:
        check(session)
    check_open(session, now)
    if session.counts.offered_seats and lapse_offers(transaction, now=now, session_id=session_id):
        session, before, past, member = _look_up(transaction, guild_id, session_id, user_id)
    if before is None and _come_back(transaction, session_id, user_id):
        session, before, past, member = _look_up(transaction, guild_id, session_id, user_id)
    is_first_time = user_id != session.details.host_id and (
        member is None or member.is_first(session, now)
    )
    if name and (member is None or member.has_left or member.name != name):
        note_name(transaction, guild_id, user_id, name)
    usual_mood = None if member is None else member.mood
    asks_host = (
        answered_by is None
        and (not is_there or past.is_refused)
        and not is_invited
        and user_id != session.details.host_id
        and _is_closed(session, now)
    )
    mine = _settled(
        session, before, Rsvp(user_id, Answer.DECLINED), wish, usual_mood, asks_host=asks_host
    )
    if mine.answer is Answer.REQUESTED and past.is_refused:
        raise Refusal(
            "The host said no to your request for this jelly. If something's changed, "
            "talk to them; they can still let you in."
        )
    past = _past_after(past, session, before, mine, answered_by)
    if wish.mood is not None and answered_by is None and wish.mood is not usual_mood:
        note_mood(transaction, guild_id, user_id, wish.mood)
    if mine.answer is not (before.answer if before else None):
        mine = mine._replace(position=session.version + 1)
    if mine != before or answered_by is None:
        mine = mine._replace(answered_by=answered_by, as_host=False)
    if answered_by is None and mine.answer in _COMING and mine.is_news_after(before):
        mine = mine._replace(
            is_welcomed=True,
            is_asked_mood=mine.is_asked_mood
            or (asks_mood and mine.mood is None and mine.answer is not Answer.REQUESTED),
        )
    place, owes_now = 0, False
    if mine != before:
        _write(transaction, session_id, mine, past, now)
        owes_now = _follow(transaction, session, member, before, mine, now)
        session = session_now(transaction, session_id)
        owes_now |= _settle(transaction, session, before, mine, now)
    if mine.answer is Answer.WAITLISTED:
        # _follow may have given them a seat or an offer.
        mine = rsvp_of_member(transaction, session_id, user_id) or mine
    if mine.answer is Answer.WAITLISTED:
        is_last = before is None or before.answer is not Answer.WAITLISTED
        counted = session.counts.waiting if is_last else None
        place = counted or place_of(transaction, session_id, mine.position)
    view = card_view_of(transaction, session)
    is_passed_by = past.given_up >= MOST_GIVEN_UP
    return Answered(view, before, mine, place, is_first_time, owes_now, is_passed_by)


def check_open(session: Session, now: datetime) -> None:
    """Raises Refusal if a session can't be answered any more."""
    if session.state is SessionState.CANCELLED:
        raise Refusal("This jelly was called off. Type /jellies to see what else is on.")
    if session.is_over(now):
        raise Refusal("This jelly is over. Type /jellies to see what's next.")


def _come_back(transaction: Transaction, session_id: int, user_id: int) -> bool:
    """Gives what is remembered of a refusal back to a person whose data were deleted since.

    Returns whether there is any.
    """
    own, forgotten = stands_for(transaction, user_id)
    return own != forgotten and bool(
        transaction.run(
            """
            UPDATE rsvp SET user_id = :user_id
            WHERE session_id = :session_id AND user_id = :hash
            """,
            session_id=session_id,
            user_id=own,
            hash=forgotten,
        )
    )


def _look_up(
    transaction: Transaction, guild_id: int, session_id: int, user_id: int
) -> tuple[Session, Rsvp | None, _Past, Member | None]:
    """Returns a session, a member's answers to it, and what is known of the member.

    Raises Refusal if that server has no such session.
    """
    # One statement, because each costs a switch between SQLite's thread and the event loop.
    row = transaction.one(
        f"""
        SELECT {RSVP}, given_up, is_refused,
            member.user_id AS member_id, member.name, member.mood AS usual_mood,
            member.left_at AS member_left_at,
            first.session_id AS first_session_id, first.starts_at AS first_starts_at, session.*
        FROM session
        LEFT JOIN rsvp ON rsvp.session_id = session.session_id AND rsvp.user_id = :user_id
        LEFT JOIN member
            ON member.guild_id = session.guild_id AND member.user_id = :user_id
        LEFT JOIN session AS first
            ON first.session_id = member.first_session_id AND first.state = 'scheduled'
        WHERE session.session_id = :session_id AND session.guild_id = :guild_id
        """,
        session_id=session_id,
        guild_id=guild_id,
        user_id=user_id,
    )
    if row is None:
        raise no_such_jelly()
    session = session_of(row)
    mine, past = None, _Past()
    if row["answer"] is not None:
        mine = rsvp_of(row[: len(Rsvp._fields)])
        past = _Past(row["given_up"], bool(row["is_refused"]))
    if row["member_id"] is None:
        return session, mine, past, None
    usual_mood = None if row["usual_mood"] is None else Mood(row["usual_mood"])
    first_starts_at = maybe_moment(row["first_starts_at"])
    member = Member(
        row["name"],
        usual_mood,
        row["first_session_id"],
        first_starts_at,
        row["member_left_at"] is not None,
    )
    return session, mine, past, member


def rsvp_of_member(transaction: Transaction, session_id: int, user_id: int) -> Rsvp | None:
    """Returns a member's answer to a session, or None if they have not answered."""
    row = transaction.one(
        f"SELECT {RSVP} FROM rsvp WHERE session_id = :session_id AND user_id = :user_id",
        session_id=session_id,
        user_id=user_id,
    )
    return None if row is None else rsvp_of(row[:])


def answer_for(
    transaction: Transaction,
    *,
    guild_id: int,
    session_id: int,
    user_id: int,
    wish: Wish,
    name: str = "",
    answered_by: int,
    now: datetime,
) -> Answered:
    """Answers for another member, who is owed a message about it; see :func:`answer`."""
    answered = answer(
        transaction,
        guild_id=guild_id,
        session_id=session_id,
        user_id=user_id,
        wish=wish,
        name=name,
        answered_by=None if answered_by == user_id else answered_by,
        now=now,
    )
    if answered_by != user_id and answered.mine != answered.before:
        owe_to(transaction, answered.view.session, ON_BEHALF, [user_id], now=now)
        return replace(answered, owes_now=True)
    return answered


def _settled(
    session: Session,
    before: Rsvp | None,
    nothing: Rsvp,
    wish: Wish,
    usual_mood: Mood | None,
    *,
    asks_host: bool,
) -> Rsvp:
    """Returns a member's new answer. Raises Refusal if the note or the guests are not allowed."""
    mine = before or nothing
    if wish.note is not None:
        if len(wish.note) > LONGEST_NOTE:
            raise Refusal.counted(
                "A note has room for {count} character. Shorten it a little.",
                "A note has room for {count} characters. Shorten it a little.",
                count=LONGEST_NOTE,
            )
        mine = mine._replace(note=wish.note)
    if wish.stay is not None:
        mine = mine._replace(arrives_at=wish.stay.arrives_at, leaves_at=wish.stay.leaves_at)
    mine = mine._replace(asked_again=False, mood=wish.mood or mine.mood or usual_mood)
    wanted = wish.answer or (mine.answer if before is not None else Answer.GOING)
    if wanted in (Answer.MAYBE, Answer.DECLINED):
        # If the member answers Going again later, they state their guests again.
        return mine._replace(
            answer=wanted,
            guests=0,
            offered_until=None,
            passed=False,
            arrived_at=None,
            left_at=None,
            came=False,
        )
    # A member who answers again after an offer ran out may get another.
    mine = mine._replace(guests=_allowed(session, mine.guests, wish.guests), passed=False)
    return _seated(session, before, mine, asks_host=asks_host)


def _seated(session: Session, before: Rsvp | None, mine: Rsvp, *, asks_host: bool) -> Rsvp:
    """Returns the result of a Going: a seat, a place on the waiting list, or a request to the host.

    Raises Refusal if a member with a seat adds guests for whom no seats are free.
    """
    was = before.answer if before else None
    has_seats = was is Answer.GOING or mine.offered_until is not None
    if before is not None and has_seats:
        more = mine.party - before.party
        if more > 0 and not fits(session, more):
            raise _no_seats_for_guests(free_seats(session) or 0)
        return mine._replace(answer=Answer.GOING, offered_until=None)
    if asks_host and was is not Answer.WAITLISTED:
        return mine._replace(answer=Answer.REQUESTED)
    if fits(session, mine.party):
        return mine._replace(answer=Answer.GOING)
    return mine._replace(answer=Answer.WAITLISTED)


def _no_seats_for_guests(free: int) -> Refusal:
    if free <= 0:
        return Refusal(
            "No more seats are free, so your guests stay as they are. Ask the host for more seats."
        )
    return Refusal.counted(
        "Only {count} more seat is free, so your guests stay as they are. Ask the host "
        "for more seats.",
        "Only {count} more seats are free, so your guests stay as they are. Ask the host "
        "for more seats.",
        count=free,
    )


def _allowed(session: Session, guests: int, wished: int | None) -> int:
    """Returns how many guests a member brings.

    Raises Refusal if that is more than before and over the host's limit or the capacity.
    """
    if wished is None or wished == guests:
        return guests
    most = session.details.most_guests
    if wished > max(most, guests):
        if not most:
            raise Refusal("This jelly has no room for guests. Come without, or ask the host.")
        raise Refusal.counted(
            "Each member can bring {count} guest here.",
            "Each member can bring up to {count} guests here.",
            count=most,
        )
    if (
        session.details.capacity is not None
        and wished > guests
        and wished >= session.details.capacity
    ):
        seats = session.details.capacity
        if seats == 1:
            raise Refusal("There is 1 seat in all, so no one can bring guests.")
        raise Refusal.counted(
            "There is {count} seat in all. Bring at most {most} with you.",
            "There are {count} seats in all. Bring at most {most} with you.",
            count=seats,
            most=seats - 1,
        )
    return max(wished, 0)


def _past_after(
    past: _Past, session: Session, before: Rsvp | None, mine: Rsvp, answered_by: int | None
) -> _Past:
    """Returns what a member's answers have led to, after another one."""
    was, is_coming = before.answer if before else None, mine.answer in _COMING
    if is_coming:  # they were let in, or did not have to ask
        return past._replace(is_refused=False)
    if answered_by is not None:
        return past._replace(is_refused=past.is_refused or was is Answer.REQUESTED)
    has_seat = before is not None and was is Answer.GOING and not before.as_host
    gives_up = has_seat and session.details.capacity is not None
    return past._replace(given_up=past.given_up + gives_up)


def _is_closed(session: Session, now: datetime) -> bool:
    closed_at = session.answers_closed_at()
    return closed_at is not None and now >= closed_at


def _follow(
    transaction: Transaction,
    session: Session,
    member: Member | None,
    before: Rsvp | None,
    mine: Rsvp,
    now: datetime,
) -> bool:
    """Applies the effects of an answer on others; returns whether they are owed a message now."""
    session_id = session.session_id
    was = before.answer if before else None
    first_session_id = None if member is None else member.first_session_id
    is_first = member is None or member.is_first(session, now)
    if mine.answer is Answer.GOING and is_first and first_session_id != session_id:
        note_going(transaction, session, mine.user_id, now)
    elif was is Answer.GOING and mine.answer is not Answer.GOING:
        if first_session_id == session_id:
            note_not_going(transaction, session, mine.user_id, now)
        if session.details.capacity is not None:
            owe_no_longer(transaction, session_id, mine.user_id, PROMOTED)
    asks = mine.answer is Answer.REQUESTED and was is not Answer.REQUESTED
    if asks:
        owe_request(transaction, session, mine.user_id, now=now)
    elif was is Answer.REQUESTED and mine.answered_by is not None:
        settle_request(transaction, session_id, mine.user_id)
    filled = session.counts.waiting > 0 and fill(
        transaction, session_now(transaction, session_id), now=now
    )
    return asks or filled


def _settle(
    transaction: Transaction, session: Session, before: Rsvp | None, mine: Rsvp, now: datetime
) -> bool:
    """Takes back what was asked of a member, or told them, before they answered otherwise.

    Returns whether that changes a message.
    """
    if before is None:
        return False
    has_settled = False
    if before.answer is Answer.MAYBE or before.asked_again:
        has_settled = settle_question(transaction, session, now=now)
    is_told = (
        before.answer is Answer.REQUESTED
        or before.offered_until is not None
        or before.answered_by is not None
        or (before.answer is Answer.GOING and session.details.capacity is not None)
    )
    if is_told and (mine.answer is not before.answer or mine.answered_by is None):
        has_settled |= tidy(transaction, session.session_id, now=now)
    return has_settled


def _write(
    transaction: Transaction, session_id: int, mine: Rsvp, past: _Past, now: datetime
) -> None:
    transaction.run(
        """
        INSERT INTO rsvp (session_id, user_id, answer, note, guests, mood, arrives_at, leaves_at,
            answered_at, position, answered_by, offered_until, arrived_at, left_at, passed,
            is_welcomed, is_asked_mood, came, as_host, given_up, is_refused)
        VALUES (:session_id, :user_id, :answer, :note, :guests, :mood, :arrives_at, :leaves_at,
            :now, :position, :answered_by, :offered_until, :arrived_at, :left_at, :passed,
            :is_welcomed, :is_asked_mood, :came, :as_host, :given_up, :is_refused)
        ON CONFLICT (session_id, user_id) DO UPDATE SET
            answer = excluded.answer, note = excluded.note, guests = excluded.guests,
            mood = excluded.mood, arrives_at = excluded.arrives_at, leaves_at = excluded.leaves_at,
            answered_at = CASE WHEN rsvp.position = excluded.position
                THEN rsvp.answered_at ELSE excluded.answered_at END,
            position = excluded.position, answered_by = excluded.answered_by, asked_again = 0,
            offered_until = excluded.offered_until,
            passed = excluded.passed, arrived_at = excluded.arrived_at,
            left_at = excluded.left_at, is_welcomed = excluded.is_welcomed,
            is_asked_mood = excluded.is_asked_mood, came = excluded.came,
            as_host = excluded.as_host,
            given_up = excluded.given_up, is_refused = excluded.is_refused
        """,
        session_id=session_id,
        user_id=mine.user_id,
        answer=mine.answer,
        note=mine.note,
        guests=mine.guests,
        mood=mine.mood,
        arrives_at=maybe_epoch(mine.arrives_at),
        leaves_at=maybe_epoch(mine.leaves_at),
        now=epoch(now),
        position=mine.position,
        answered_by=mine.answered_by,
        offered_until=maybe_epoch(mine.offered_until),
        arrived_at=maybe_epoch(mine.arrived_at),
        left_at=maybe_epoch(mine.left_at),
        passed=int(mine.passed),
        is_welcomed=int(mine.is_welcomed),
        is_asked_mood=int(mine.is_asked_mood),
        came=int(mine.came),
        as_host=int(mine.as_host),
        given_up=past.given_up,
        is_refused=int(past.is_refused),
    )
