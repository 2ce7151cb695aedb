"""Sessions: creating, changing and cancelling them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta

from data.characters import says_something
from data.limits import (
    LONGEST_ABOUT,
    LONGEST_CLOSE,
    LONGEST_DETAIL,
    LONGEST_PLACE,
    LONGEST_TITLE,
    MOST_GUESTS,
    MOST_SEATS,
    SMALL_MOVE,
)
from data.models import Details, Occurrence, Schedule, Session, SessionState, Tone
from data.outbox.plan import owe_cancellation, plan
from data.outbox.standing import tidy
from data.people.hosting import follow_new_host, seat_host
from data.people.invitations import withdraw_invitations
from data.people.members import note_called_off
from data.people.seats import fill
from data.refusal import Refusal, Sentence
from data.rows import DETAILS, DETAILS_GIVEN, DETAILS_SET, columns_of, epoch, session_of
from data.schedule.find import session_now
from data.schedule.last_dates import look_at_series
from data.schedule.moves import follow_move
from data.schedule.quotas import check_cards
from data.store.transaction import Transaction


def add_session(
    transaction: Transaction,
    *,
    channel_id: int,
    created_by: int,
    details: Details,
    schedule: Schedule,
    occurrence: Occurrence,
    now: datetime,
) -> Session:
    """Creates a session outside any series, in a channel that is set up.

    Raises Refusal if its start has passed, the details are not valid, or it has too many cards.
    """
    if occurrence.starts_at <= now:
        raise Refusal("That start has just passed. Press Change and pick a later one.")
    check_details(details)
    session = insert(
        transaction, channel_id, None, created_by, details, schedule, occurrence, now=now
    )
    check_cards(transaction, [session], now=now)
    return session


def change_session(
    transaction: Transaction,
    session_id: int,
    *,
    details: Details,
    schedule: Schedule,
    occurrence: Occurrence,
    is_limited: bool,
    now: datetime,
) -> Session:
    """Changes one session; one of a series becomes an exception to it.

    ``is_limited`` if it may be moved only so often. Raises Refusal if the details are not valid,
    the session is cancelled or over or was moved too often, the new time is over, or its series has
    another date then.
    """
    check_details(details)
    before = _changeable(transaction, session_id, now)
    if occurrence.ends_at <= now:
        raise Refusal("That time is already over. Pick a later one.")
    if before.details == details and (before.starts_at, before.ends_at) == (
        occurrence.starts_at,
        occurrence.ends_at,
    ):
        return before
    if _is_taken(transaction, before, occurrence):
        raise Refusal("That series already has a date then. Choose another time.")
    return rewrite(
        transaction,
        before,
        details,
        schedule,
        occurrence,
        is_exception=True,
        is_limited=is_limited,
        now=now,
    )


def cancel_session(transaction: Transaction, session_id: int, *, now: datetime) -> Session:
    """Cancels one session, and owes a notice to its members.

    Raises Refusal if it is over or already cancelled.
    """
    session = _changeable(transaction, session_id, now)
    call_off(transaction, session, now)
    return session_now(transaction, session_id)


def set_instants(
    transaction: Transaction, session: Session, occurrence: Occurrence, *, now: datetime
) -> Session:
    """Keeps a session's wall time if the zone database now maps it to other moments in UTC."""
    return rewrite(
        transaction,
        session,
        session.details,
        session.schedule,
        occurrence,
        is_exception=session.is_exception,
        is_limited=False,
        now=now,
    )


_CALLED = {"title": "what", "place": "where"}
"""The option of ``/jelly new`` from which a text comes, if it is called otherwise."""
_EMPTY = {
    "title": Sentence("“what” is empty. Say in a few words what it is."),
    "place": Sentence("“where” is empty. Say in a few words where it is."),
}
"""What is said of a text that must not be empty."""
_LONGEST = {"title": LONGEST_TITLE, "place": LONGEST_PLACE, "about": LONGEST_ABOUT}


def longest_of(field: str) -> int:
    """Returns how many characters a text of a session's details may have, by its field's name."""
    return _LONGEST.get(field, LONGEST_DETAIL)


def check_details(details: Details) -> None:
    """Raises Refusal, with what to do, if a text is missing or too long, or a number invalid."""
    _check_texts(details)
    check_seats(details)


def _check_texts(details: Details) -> None:
    for field in fields(details):
        text = getattr(details, field.name)
        if not isinstance(text, str) or isinstance(text, Tone):
            continue
        longest = longest_of(field.name)
        if field.name in _EMPTY and not says_something(text):
            raise Refusal.of(_EMPTY[field.name])
        if len(text) > longest:
            raise Refusal.counted(
                "“{option}” has room for {count} character and got {got}. Shorten it a little.",
                "“{option}” has room for {count} characters and got {got}. Shorten it a little.",
                count=longest,
                option=_CALLED.get(field.name, field.name),
                got=len(text),
            )


def check_seats(details: Details) -> None:
    """Raises Refusal, with what to do, if a number or the deadline is invalid."""
    if details.capacity is not None and not 1 <= details.capacity <= MOST_SEATS:
        raise Refusal.counted(
            "There can be 1 to {count} seat. Leave it empty for no limit.",
            "There can be 1 to {count} seats. Leave it empty for no limit.",
            count=MOST_SEATS,
        )
    if not 0 <= details.most_guests <= MOST_GUESTS:
        raise Refusal.counted(
            "Each member can bring 0 to {count} guest.",
            "Each member can bring 0 to {count} guests.",
            count=MOST_GUESTS,
        )
    closes = details.answers_close
    if closes is not None and not (
        timedelta(minutes=1) <= closes <= LONGEST_CLOSE and not closes % timedelta(minutes=1)
    ):
        raise Refusal("Answers can close from 1 minute up to 4 weeks before the start.")


def columns(details: Details, schedule: Schedule) -> dict[str, object]:
    """Returns the values of the columns that series and sessions share."""
    return {
        **columns_of(details),
        "zone": schedule.zone,
        "starts_local": schedule.start.isoformat(),
        "duration": int(schedule.duration.total_seconds()),
    }


def insert(
    transaction: Transaction,
    channel_id: int,
    series_id: int | None,
    created_by: int,
    details: Details,
    schedule: Schedule,
    occurrence: Occurrence,
    *,
    recurrence_id: datetime | None = None,
    now: datetime,
) -> Session:
    """Creates a session, to which its host is going, and owes its messages.

    ``series_id`` is None outside any series.

    ``recurrence_id`` is its place in the series, if that is not the occurrence's own.
    """
    place = recurrence_id or occurrence.recurrence_id
    row = transaction.one(
        f"""
        INSERT INTO session (guild_id, channel_id, series_id, recurrence_id, {DETAILS},
            created_by, zone, starts_local, duration, starts_at, ends_at)
        VALUES ((SELECT guild_id FROM channel WHERE channel_id = :channel_id), :channel_id,
            :series_id, :recurrence_id, {DETAILS_GIVEN},
            :created_by, :zone, :starts_local, :duration, :starts_at, :ends_at)
        RETURNING *
        """,
        channel_id=channel_id,
        series_id=series_id,
        recurrence_id=None if series_id is None else place.isoformat(),
        created_by=created_by,
        starts_at=epoch(occurrence.starts_at),
        ends_at=epoch(occurrence.ends_at),
        **columns(details, replace(schedule, start=occurrence.recurrence_id)),
    )
    assert row is not None  # RETURNING returns the inserted row
    session = seat_host(transaction, session_of(row), now=now)
    plan(transaction, session, now=now)
    return session


def rewrite(
    transaction: Transaction,
    before: Session,
    details: Details,
    schedule: Schedule,
    occurrence: Occurrence,
    *,
    is_exception: bool,
    is_limited: bool,
    now: datetime,
) -> Session:
    """Changes a session and the messages owed for it; an exception keeps its place in the rule.

    Raises Refusal if it ``is_limited`` and was moved too often.
    """
    keeps_place_in_rule = is_exception or before.series_id is None
    transaction.run(
        f"""
        UPDATE session SET {DETAILS_SET}, zone = :zone,
            starts_local = :starts_local, duration = :duration,
            starts_at = :starts_at, ends_at = :ends_at, version = version + 1,
            is_exception = CASE WHEN :is_exception = 1 THEN 1 ELSE is_exception END,
            recurrence_id = COALESCE(:recurrence_id, recurrence_id)
        WHERE session_id = :session_id
        """,
        session_id=before.session_id,
        starts_at=epoch(occurrence.starts_at),
        ends_at=epoch(occurrence.ends_at),
        is_exception=int(is_exception and before.series_id is not None),
        recurrence_id=None if keeps_place_in_rule else occurrence.recurrence_id.isoformat(),
        **columns(details, replace(schedule, start=occurrence.recurrence_id)),
    )
    after = session_now(transaction, before.session_id)
    if _asks_again(before, after):
        transaction.run(
            """
            UPDATE rsvp SET asked_again = 1
            WHERE session_id = :session_id AND answer IN ('going', 'maybe') AND as_host = 0
            """,
            session_id=after.session_id,
        )
    # Hours that members stated are cut to what still lies within the session.
    transaction.run(
        """
        UPDATE rsvp SET
            arrives_at = CASE WHEN arrives_at < :ends_at AND leaves_at > :starts_at
                THEN CASE WHEN arrives_at < :starts_at THEN :starts_at ELSE arrives_at END END,
            leaves_at = CASE WHEN arrives_at < :ends_at AND leaves_at > :starts_at
                THEN CASE WHEN leaves_at > :ends_at THEN :ends_at ELSE leaves_at END END
        WHERE session_id = :session_id AND (arrives_at < :starts_at OR leaves_at > :ends_at)
        """,
        session_id=after.session_id,
        starts_at=epoch(after.starts_at),
        ends_at=epoch(after.ends_at),
    )
    if after.starts_at > now:
        transaction.run(
            """
            UPDATE rsvp SET arrived_at = NULL, left_at = NULL, came = 0
            WHERE session_id = :session_id AND came = 1
            """,
            session_id=after.session_id,
        )
        # People who were there and had their data deleted since (data/people/pseudonyms.py) free
        # their seats: they can't.
        transaction.run(
            """
            DELETE FROM rsvp
            WHERE session_id = :session_id AND user_id < 0 AND answer = 'going'
            """,
            session_id=after.session_id,
        )
    follow_new_host(
        transaction,
        session_now(transaction, after.session_id),
        before.details.host_id,
        has_accepted=False,
        now=now,
    )
    fill(transaction, session_now(transaction, after.session_id), now=now)
    plan(transaction, after, now=now)
    follow_move(transaction, before, after, is_limited=is_limited, now=now)
    return after


def call_off(transaction: Transaction, session: Session, now: datetime) -> None:
    """Cancels a session, and owes only the notice of that."""
    transaction.run(
        """
        UPDATE session SET state = 'cancelled', version = version + 1
        WHERE session_id = :session_id
        """,
        session_id=session.session_id,
    )
    transaction.run(
        "UPDATE rsvp SET offered_until = NULL WHERE session_id = :session_id AND offered_until > 0",
        session_id=session.session_id,
    )
    withdraw_invitations(transaction, session, now=now)
    cancelled = session_now(transaction, session.session_id)
    note_called_off(transaction, cancelled, now)
    owe_cancellation(transaction, cancelled, now)
    tidy(transaction, session.session_id, now=now)
    look_at_series(transaction, session.series_id, now=now)


def _is_taken(transaction: Transaction, session: Session, occurrence: Occurrence) -> bool:
    """Returns whether another date of the same series has that start."""
    row = transaction.one(
        """
        SELECT 1 FROM session
        WHERE series_id = :series_id AND starts_at = :starts_at AND state = 'scheduled'
            AND session_id <> :session_id
        """,
        series_id=session.series_id,
        starts_at=epoch(occurrence.starts_at),
        session_id=session.session_id,
    )
    return row is not None


def _asks_again(before: Session, after: Session) -> bool:
    """Returns whether a move is so large that answers have to be confirmed for the new time."""
    return (
        abs(after.starts_at - before.starts_at) > SMALL_MOVE
        or after.schedule.start.date() != before.schedule.start.date()
    )


def _changeable(transaction: Transaction, session_id: int, now: datetime) -> Session:
    session = session_now(transaction, session_id)
    if session.state is SessionState.CANCELLED:
        raise Refusal("That jelly was already called off. Type /jelly list to see what's on.")
    if session.is_over(now):
        raise Refusal("That jelly is already over. Type /jelly list to see what's on.")
    return session
