"""The members that a message is about, and splitting a message with too many mentions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from data.channels import settings_in
from data.models import Answer, Rsvp, SessionView, is_deleted
from data.outbox.kinds import REMINDER, UNDECIDED, Kind, People, To
from data.outbox.owe import add_recipients, owe
from data.outbox.reminders import answers_reminded
from data.people.members import first_timers
from data.people.session_views import card_view
from data.rows import RSVP, owner_of, rsvp_of
from data.store.transaction import Row, Transaction

_FIRST_IN_LINE = 50
"""Members of the waiting list to read; enough to tell whether one was passed over."""


def people_of(
    transaction: Transaction, kind: Kind, row: Row, view: SessionView | None
) -> tuple[Rsvp, ...]:
    """Returns the current answers of members that a row is about, in the order of answering.

    Members whose data were deleted are left out: Discord refuses a message that mentions them.
    """
    if view is None or kind.people is People.NOBODY:
        return ()
    if not (asked := _answers(transaction, kind, row, view)):
        return ()
    if kind.people is People.FIRST_TIMERS:
        new = first_timers(transaction, view.session.session_id)
        return tuple(rsvp for rsvp in view.roster.everybody() if rsvp.user_id in new)
    if kind.people is People.RECIPIENTS:
        rows = transaction.all(
            f"""
            SELECT {RSVP} FROM delivery_recipient
            JOIN rsvp ON rsvp.user_id = delivery_recipient.user_id
                AND rsvp.session_id = :session_id
            WHERE delivery_id = :delivery_id AND answer IN {_in_sql(asked)}
            ORDER BY position
            """,
            session_id=view.session.session_id,
            delivery_id=row["delivery_id"],
        )
    else:
        rows = transaction.all(
            f"""
            SELECT {RSVP} FROM rsvp
            WHERE session_id = :session_id AND answer IN {_in_sql(asked)}
                AND position >= :first
                AND position < COALESCE(:border, position + 1)
            ORDER BY position
            """,
            session_id=view.session.session_id,
            first=row["from_position"],
            border=row["until_position"],
        )
    answers = (rsvp_of(one[:]) for one in rows)
    people = tuple(rsvp for rsvp in answers if not is_deleted(rsvp.user_id))
    return people if kind.concerns is None else tuple(filter(kind.concerns, people))


def _answers(transaction: Transaction, kind: Kind, row: Row, view: SessionView) -> Sequence[Answer]:
    """Returns the answers that members gave whom a row is about."""
    if kind is not REMINDER:
        return kind.answers
    settings = settings_in(transaction, view.session.channel_id)
    before = timedelta(seconds=row["before"])
    return answers_reminded(view, settings, before, asks_too=_replaces_question(transaction, row))


def _replaces_question(transaction: Transaction, row: Row) -> bool:
    """Returns whether a question was withdrawn because a reminder is due at the same moment."""
    return (
        transaction.one(
            f"""
            SELECT 1 FROM delivery
            WHERE session_id = :session_id AND kind = '{UNDECIDED.name}' AND part = 0
                AND occasion = :occasion AND due_at = :due_at AND state = 'withdrawn'
            """,
            session_id=row["session_id"],
            occasion=row["occasion"],
            due_at=row["due_at"],
        )
        is not None
    )


def is_moot(transaction: Transaction, kind: Kind, row: Row, view: SessionView | None) -> bool:
    """Returns whether a message would say nothing by now."""
    if view is None:
        return False
    if kind.people is People.RECIPIENTS:
        return not people_of(transaction, kind, row, view)
    if kind.is_moot is None:
        return False
    settings = settings_in(transaction, view.session.channel_id)
    return kind.is_moot(view, settings, timedelta(seconds=row["before"]))


def first_in_line(transaction: Transaction, session_id: int) -> tuple[Rsvp, ...]:
    """Returns the first _FIRST_IN_LINE answers on the waiting list of a session."""
    rows = transaction.all(
        f"""
        SELECT {RSVP} FROM rsvp
        WHERE session_id = :session_id AND answer = 'waitlisted' ORDER BY position LIMIT :most
        """,
        session_id=session_id,
        most=_FIRST_IN_LINE,
    )
    return tuple(rsvp_of(row[:]) for row in rows)


def share_out(transaction: Transaction, kind: Kind, row: Row, most_mentions: int) -> None:
    """Splits a claimed row into as many messages as the members that it mentions need.

    All are due when it was, so they are sent next, and have its place among the messages of a
    session.
    """
    if kind.to is not To.PEOPLE:
        return
    if kind.people is People.ANSWERED:
        _share_out_answers(transaction, kind, row, most_mentions)
    elif kind.people is People.RECIPIENTS:
        _share_out_recipients(transaction, kind, row, most_mentions)


def _share_out_answers(transaction: Transaction, kind: Kind, row: Row, most_mentions: int) -> None:
    view = card_view(transaction, row["session_id"])
    asked = () if view is None else _answers(transaction, kind, row, view)
    if not asked:
        return
    # Parts are bounded by the position of answers, so that a member who leaves moves no other into
    # a part that was already sent.
    people = transaction.all(
        f"""
        SELECT position FROM rsvp
        WHERE session_id = :session_id AND answer IN {_in_sql(asked)}
        ORDER BY position
        """,
        session_id=row["session_id"],
    )
    borders = [one["position"] for one in people[most_mentions::most_mentions]]
    for part, border in enumerate(borders, 1):
        owe(
            transaction,
            owner_of(row),
            kind,
            row["channel_id"],
            before=row["before"],
            occasion=row["occasion"],
            part=part,
            from_position=border,
            until_position=borders[part] if part < len(borders) else None,
            previous_at=row["previous_at"],
            previous_place=row["previous_place"],
            due=row["due_at"],
            useful_until=row["useful_until"],
        )
    if borders:
        transaction.run(
            "UPDATE delivery SET until_position = :border WHERE delivery_id = :delivery_id",
            border=borders[0],
            delivery_id=row["delivery_id"],
        )


def _share_out_recipients(
    transaction: Transaction, kind: Kind, row: Row, most_mentions: int
) -> None:
    recipients = transaction.all(
        """
        SELECT user_id FROM delivery_recipient
        WHERE delivery_id = :delivery_id ORDER BY user_id
        """,
        delivery_id=row["delivery_id"],
    )
    others = [one["user_id"] for one in recipients[most_mentions:]]
    for part, first in enumerate(range(0, len(others), most_mentions), 1):
        delivery_id = owe(
            transaction,
            owner_of(row),
            kind,
            row["channel_id"],
            occasion=row["occasion"],
            part=part,
            due=row["due_at"],
            useful_until=row["useful_until"],
        )
        chunk = others[first : first + most_mentions]
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


def _in_sql(answers: Sequence[Answer]) -> str:
    return "(" + ", ".join(f"'{answer}'" for answer in answers) + ")"
