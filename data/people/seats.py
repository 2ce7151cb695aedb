"""Seats: who gets one, who waits for one, and to whom a free one is offered.

Seats are taken by members going, their guests, and parties that have an offer. Every change that
frees seats fills them in the same transaction, so no seat is free while a member waits whose party
fits, who has not had their turn and has not given up a seat of that session MOST_GIVEN_UP times.
"""

from __future__ import annotations

from datetime import datetime

from data.channels import settings_in
from data.limits import MOST_GIVEN_UP, MOST_GUESTS, SHORTEST_OFFER
from data.models import ChannelSettings, DeliveryState, Session, SessionState
from data.outbox.about_people import owe_to
from data.outbox.kinds import OFFER, PROMOTED
from data.outbox.standing import tidy
from data.people.members import note_going
from data.quiet_hours import awake_after, awake_between
from data.rows import epoch, moment
from data.schedule.find import session_now
from data.store.transaction import Row, Transaction


def free_seats(session: Session) -> int | None:
    """Returns the free seats: None without a limit, negative if the capacity was reduced."""
    capacity = session.details.capacity
    return None if capacity is None else capacity - session.counts.seats_taken


def fits(session: Session, party: int) -> bool:
    free = free_seats(session)
    return free is None or party <= free


def offer_until(
    now: datetime, *, starts_at: datetime, ends_at: datetime, settings: ChannelSettings
) -> datetime:
    """Returns until when a member has to take an offered seat: at most a third of the time left.

    That is the time outside quiet hours to the start. If a third of it is less than SHORTEST_OFFER,
    the session starts within quiet hours or soon after, or has begun; then every hour counts, up
    to the end if a third of those to the start is less, too.
    """
    at_most, hours, zone = settings.offer_for, settings.quiet_hours, settings.zone
    third = awake_between(now, starts_at, hours, zone) / 3
    if third >= SHORTEST_OFFER:
        return awake_after(now, min(at_most, third), hours, zone)
    third = (starts_at - now) / 3
    if third < SHORTEST_OFFER:
        third = (ends_at - now) / 3
    return now + min(at_most, third)


def fill(transaction: Transaction, session: Session, *, now: datetime) -> bool:
    """Gives free seats to waiting members, the first whose party fits first; owes them messages.

    From ``offer_within`` before the start, seats are offered for a limited time instead, except to
    members who are already there. Returns whether any seat was given or offered.
    """
    promoted: list[int] = []
    offered: list[int] = []
    offer_until = _offer_until(transaction, session, now)
    while session.state is SessionState.SCHEDULED and not session.is_over(now):
        first = _first_who_fits(transaction, session, with_passed=offer_until is None)
        if first is None:
            break
        user_id = first["user_id"]
        values = {"session_id": session.session_id, "user_id": user_id}
        is_here = first["arrived_at"] is not None and first["left_at"] is None
        if offer_until is None or is_here:
            transaction.run(
                """
                UPDATE rsvp SET answer = 'going', passed = 0, position = :position
                WHERE session_id = :session_id AND user_id = :user_id
                """,
                position=session.version + 1,
                **values,
            )
            note_going(transaction, session, user_id, now)
            promoted.append(user_id)
        elif offer_until > now:
            transaction.run(
                """
                UPDATE rsvp SET offered_until = :offer_until
                WHERE session_id = :session_id AND user_id = :user_id
                """,
                offer_until=epoch(offer_until),
                **values,
            )
            offered.append(user_id)
        else:
            break  # too little time is left for an offer to be answered
        session = session_now(transaction, session.session_id)
    if promoted:
        owe_to(transaction, session, PROMOTED, promoted, now=now)
    if offered:
        owe_to(transaction, session, OFFER, offered, now=now, useful_until=offer_until)
    return bool(promoted or offered)


def lapse_offers(
    transaction: Transaction, *, now: datetime, session_id: int | None = None
) -> list[int]:
    """Ends offers that ran out and fills their seats; returns the ids of their sessions.

    A member whom the offer did not reach keeps their turn.
    """
    over = transaction.all(
        """
        SELECT session_id, user_id FROM rsvp
        WHERE offered_until <= :now ORDER BY offered_until, position
        """,
        now=epoch(now),
    )
    lapsed = [row for row in over if session_id is None or row["session_id"] == session_id]
    for row in lapsed:
        values = {"session_id": row["session_id"], "user_id": row["user_id"]}
        if _offer_was_told(transaction, **values):
            transaction.run(
                """
                UPDATE rsvp SET offered_until = NULL, passed = 1, position = (
                    SELECT version + 1 FROM session WHERE session.session_id = rsvp.session_id)
                WHERE session_id = :session_id AND user_id = :user_id
                """,
                **values,
            )
        else:
            transaction.run(
                """
                UPDATE rsvp SET offered_until = NULL
                WHERE session_id = :session_id AND user_id = :user_id
                """,
                **values,
            )
    sessions = list(dict.fromkeys(row["session_id"] for row in lapsed))
    for concerned in sessions:
        fill(transaction, session_now(transaction, concerned), now=now)
        tidy(transaction, concerned, now=now)
    return sessions


def restart_offers(
    transaction: Transaction, session_id: int, delivery_id: int, *, now: datetime
) -> None:
    """Has the offers that a message tells of last from now on; it may have had to wait."""
    offer_until = _offer_until(transaction, session_now(transaction, session_id), now)
    if offer_until is None:
        return
    prolonged = transaction.run(
        """
        UPDATE rsvp SET offered_until = :offer_until
        WHERE session_id = :session_id AND offered_until < :offer_until AND user_id IN (
            SELECT user_id FROM delivery_recipient WHERE delivery_id = :delivery_id)
        """,
        session_id=session_id,
        delivery_id=delivery_id,
        offer_until=epoch(offer_until),
    )
    if prolonged:
        transaction.run(
            """
            UPDATE delivery SET useful_until = :offer_until
            WHERE delivery_id = :delivery_id AND useful_until < :offer_until
            """,
            delivery_id=delivery_id,
            offer_until=epoch(offer_until),
        )


def place_of(transaction: Transaction, session_id: int, position: int) -> int:
    """Returns a member's place on the waiting list, from 1, by the position of their answer."""
    row = transaction.one(
        """
        SELECT COUNT(*) AS place FROM rsvp
        WHERE session_id = :session_id AND answer = 'waitlisted' AND position <= :position
        """,
        session_id=session_id,
        position=position,
    )
    assert row is not None  # COUNT always returns a row
    return int(row["place"])


def _offer_until(transaction: Transaction, session: Session, now: datetime) -> datetime | None:
    """Returns until when an offer made now holds; None while seats are given without an offer.

    It is ``now`` if too little time is left for an offer.
    """
    settings = settings_in(transaction, session.channel_id)
    if now < session.before_start(settings.offer_within):
        return None
    until = offer_until(
        now, starts_at=session.starts_at, ends_at=session.ends_at, settings=settings
    )
    # Just before the end there is no time for an offer: the first member to press gets the seat.
    if until - now < SHORTEST_OFFER:
        return now
    # Whole minutes, because members are shown whole minutes.
    return moment(epoch(until) // 60 * 60)


def _first_who_fits(transaction: Transaction, session: Session, *, with_passed: bool) -> Row | None:
    if not session.counts.waiting:
        return None
    free = free_seats(session)
    largest = MOST_GUESTS + 1 if free is None else min(free, MOST_GUESTS + 1)
    # As in the index rsvp_waiting. Without a limit, nobody takes a seat from another.
    who = "" if free is None else f"AND given_up < {MOST_GIVEN_UP}"
    firsts = [
        row
        for guests in range(largest)
        for passed in range(1 + with_passed)
        if (
            row := transaction.one(
                f"""
                SELECT user_id, position, arrived_at, left_at FROM rsvp
                WHERE session_id = :session_id AND answer = 'waitlisted'
                    AND offered_until IS NULL AND guests = :guests AND passed = :passed {who}
                ORDER BY position LIMIT 1
                """,
                session_id=session.session_id,
                guests=guests,
                passed=passed,
            )
        )
        is not None
    ]
    return min(firsts, key=lambda row: int(row["position"]), default=None)


def _offer_was_told(transaction: Transaction, *, session_id: int, user_id: int) -> bool:
    row = transaction.one(
        """
        SELECT state FROM delivery JOIN delivery_recipient USING (delivery_id)
        WHERE session_id = :session_id AND kind = 'offer' AND user_id = :user_id
        ORDER BY delivery_id DESC LIMIT 1
        """,
        session_id=session_id,
        user_id=user_id,
    )
    return row is not None and row["state"] == DeliveryState.SENT
