"""Whom a message is for, and in how many parts it goes out to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from data.models import Answer, Delivery, DeliveryKind, Rsvp, SessionView
from data.outbox.about_people import add_recipients
from data.outbox.failures import problems_told_by
from data.outbox.plan import owe
from data.people.history import figures_of
from data.people.members import first_timers
from data.people.session_views import card_view, session_view
from data.rows import RSVP, epoch, maybe_moment, moment, rsvp_of
from data.store.transaction import Row, Transaction

_MENTIONED = {
    DeliveryKind.REMINDER: (Answer.GOING,),
    DeliveryKind.MOVED: (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED),
    DeliveryKind.CANCELLED: (Answer.GOING, Answer.WAITLISTED, Answer.REQUESTED),
    DeliveryKind.UNDECIDED: (Answer.MAYBE,),
}
"""Messages for everybody who gave one of these answers."""
_TO_RECIPIENTS = (
    DeliveryKind.PROMOTED,
    DeliveryKind.OFFER,
    DeliveryKind.ON_BEHALF,
    DeliveryKind.REQUEST,
    DeliveryKind.NEWCOMER,
)
"""Messages about certain people."""


def delivery_of(transaction: Transaction, delivery_id: int, *, is_outdated: bool) -> Delivery:
    """A claimed message, with what it needs to be written."""
    row = transaction.one(
        """
        SELECT delivery.*, private_channel.channel_id AS private_channel_id
        FROM delivery LEFT JOIN private_channel
            ON is_private = 1 AND user_id = delivery.channel_id
        WHERE delivery_id = :delivery_id
        """,
        delivery_id=delivery_id,
    )
    assert row is not None  # just claimed
    kind = DeliveryKind(row["kind"])
    board_for = session_view if kind is DeliveryKind.SUMMARY else card_view
    view = board_for(transaction, row["session_id"])
    assert view is not None  # a foreign key holds it
    if kind in (DeliveryKind.PROMOTED, DeliveryKind.OFFER):
        waiting = _first_in_line(transaction, row["session_id"])
        view = replace(view, roster=replace(view.roster, waiting=waiting))
    return Delivery(
        delivery_id=row["delivery_id"],
        kind=kind,
        channel_id=row["channel_id"],
        is_private=bool(row["is_private"]),
        part=row["part"],
        previous_at=maybe_moment(row["previous_at"]),
        previous_place=row["previous_place"],
        useful_until=moment(row["useful_until"]),
        is_outdated=is_outdated,
        attempts=row["attempts"],
        first_try_at=moment(row["first_try_at"]),
        people=_people(transaction, row, view),
        view=view,
        figures=figures_of(transaction, view.session.guild_id, month=row["occasion"])
        if kind is DeliveryKind.THANKS
        else None,
        problems=problems_told_by(transaction, delivery_id)
        if kind is DeliveryKind.UNDELIVERED
        else (),
        private_channel_id=row["private_channel_id"],
    )


def _people(transaction: Transaction, row: Row, view: SessionView) -> tuple[Rsvp, ...]:
    """Those a message is for, or about, as they stand now; in the order of answering."""
    kind = row["kind"]
    if kind == DeliveryKind.SUMMARY:
        new = first_timers(transaction, row["session_id"])
        return tuple(rsvp for rsvp in view.roster.everybody() if rsvp.user_id in new)
    if kind in _TO_RECIPIENTS:
        rows = transaction.all(
            f"""
            SELECT {RSVP} FROM delivery_recipient
            JOIN rsvp ON rsvp.user_id = delivery_recipient.user_id
                AND rsvp.session_id = :session_id
            WHERE delivery_id = :delivery_id ORDER BY position
            """,
            session_id=row["session_id"],
            delivery_id=row["delivery_id"],
        )
        people = tuple(rsvp_of(one[:]) for one in rows)
        if kind != DeliveryKind.PROMOTED:
            return people
        return tuple(rsvp for rsvp in people if rsvp.answer is Answer.GOING)
    if kind not in _MENTIONED:
        return ()
    rows = transaction.all(
        f"""
        SELECT {RSVP} FROM rsvp
        WHERE session_id = :session_id AND answer IN {_sql_list(_MENTIONED[kind])}
            AND position >= :first AND (:border IS NULL OR position < :border)
        ORDER BY position
        """,
        session_id=row["session_id"],
        first=row["from_position"],
        border=row["until_position"],
    )
    return tuple(rsvp_of(one[:]) for one in rows)


def _first_in_line(transaction: Transaction, session_id: int) -> tuple[Rsvp, ...]:
    """Enough of the waiting list to tell whether somebody was passed over."""
    rows = transaction.all(
        f"""
        SELECT {RSVP} FROM rsvp
        WHERE session_id = :session_id AND answer = 'waitlisted' ORDER BY position LIMIT 50
        """,
        session_id=session_id,
    )
    return tuple(rsvp_of(row[:]) for row in rows)


def share_out(transaction: Transaction, row: Row, mentions_per_message: int, now: datetime) -> None:
    """Share those a message is for out among as many messages as they need."""
    if row["kind"] in _MENTIONED:
        _share_out_answers(transaction, row, mentions_per_message, now)
    elif row["kind"] in _TO_RECIPIENTS and not row["is_private"]:
        _share_out_recipients(transaction, row, mentions_per_message, now)


def _share_out_answers(
    transaction: Transaction, row: Row, mentions_per_message: int, now: datetime
) -> None:
    # By the position of their answers, so that somebody who leaves shifts nobody into a part that
    # has gone out already.
    people = transaction.all(
        f"""
        SELECT position FROM rsvp
        WHERE session_id = :session_id AND answer IN {_sql_list(_MENTIONED[row["kind"]])}
        ORDER BY position
        """,
        session_id=row["session_id"],
    )
    borders = [one["position"] for one in people[mentions_per_message::mentions_per_message]]
    for part, border in enumerate(borders, 1):
        owe(
            transaction,
            row["session_id"],
            DeliveryKind(row["kind"]),
            row["channel_id"],
            before=row["before"],
            occasion=row["occasion"],
            part=part,
            from_position=border,
            until_position=borders[part] if part < len(borders) else None,
            previous_at=row["previous_at"],
            previous_place=row["previous_place"],
            due=epoch(now),
            useful_until=row["useful_until"],
        )
    if borders:
        transaction.run(
            "UPDATE delivery SET until_position = :border WHERE delivery_id = :delivery_id",
            border=borders[0],
            delivery_id=row["delivery_id"],
        )


def _share_out_recipients(
    transaction: Transaction, row: Row, mentions_per_message: int, now: datetime
) -> None:
    recipients = transaction.all(
        """
        SELECT user_id FROM delivery_recipient
        WHERE delivery_id = :delivery_id ORDER BY user_id
        """,
        delivery_id=row["delivery_id"],
    )
    others = [one["user_id"] for one in recipients[mentions_per_message:]]
    for part, first in enumerate(range(0, len(others), mentions_per_message), 1):
        delivery_id = owe(
            transaction,
            row["session_id"],
            DeliveryKind(row["kind"]),
            row["channel_id"],
            occasion=row["occasion"],
            part=part,
            due=epoch(now),
            useful_until=row["useful_until"],
        )
        chunk = others[first : first + mentions_per_message]
        add_recipients(transaction, delivery_id, chunk)
        for user_id in chunk:
            transaction.run(
                """
                DELETE FROM delivery_recipient
                WHERE delivery_id = :delivery_id AND user_id = :user_id
                """,
                delivery_id=row["delivery_id"],
                user_id=user_id,
            )


def _sql_list(answers: tuple[Answer, ...]) -> str:
    return "(" + ", ".join(f"'{answer}'" for answer in answers) + ")"
