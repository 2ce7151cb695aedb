"""Forgetting what is old: in bounded steps, so that the store takes other changes in between.

Each step looks at the next rows by age and returns where the following one goes on, or None at the
end. A run that was broken off begins anew, and finds what the last one left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from data.changes import forget_old_changes
from data.limits import DRAFT_KEPT_FOR
from data.models import Kept
from data.people.forgetting import drop_lapsed
from data.rows import epoch
from data.store.transaction import Row, Transaction

AT_ONCE = 100
"""The most rows that a step looks at."""


class Place(NamedTuple):
    """The last row that was looked at."""

    at: int
    """Its age, as a moment in epoch seconds."""
    row_id: int


START = Place(-(2**62), 0)


class Step(Protocol):
    """One step of forgetting."""

    def __call__(
        self, transaction: Transaction, kept: Kept, now: datetime, after: Place
    ) -> Place | None: ...


# Exactly the conditions of the partial indexes, without which these would read whole tables.
_ENDED = "state NOT IN ('pending', 'sending')"
_AGE = "COALESCE(sent_at, due_at)"
_SAID = """(note <> '' OR mood IS NOT NULL OR arrives_at IS NOT NULL OR arrived_at IS NOT NULL
    OR given_up > 0 OR is_refused = 1)"""


def forget_answers(
    transaction: Transaction, kept: Kept, now: datetime, after: Place
) -> Place | None:
    """Forgets what people said about dates that are over; who was going and who came stays.

    Notes, moods, hours, times of arriving and leaving, refused requests, whom the date notified,
    and invitations to it. Nothing is shown anew: versions stay as they were.
    """
    room = AT_ONCE
    for session in transaction.all(
        """
        SELECT session_id, ends_at, version FROM session
        WHERE is_forgotten = 0 AND ends_at <= :until ORDER BY ends_at LIMIT :most
        """,
        until=epoch(now - kept.answers),
        most=AT_ONCE,
    ):
        room -= 1 + _forget_said(transaction, session, room)
        if room <= 0:
            return START  # it is found again, unless it was finished
    return None


def _forget_said(transaction: Transaction, session: Row, room: int) -> int:
    """Forgets up to ``room`` rows of a date; returns how many, fewer if nothing is left of it."""
    values = {"session_id": session["session_id"], "room": room}
    said = transaction.run(
        f"""
        UPDATE rsvp SET note = '', mood = NULL, arrives_at = NULL, leaves_at = NULL,
            arrived_at = NULL, left_at = NULL, given_up = 0, is_refused = 0
        WHERE session_id = :session_id AND user_id IN (
            SELECT user_id FROM rsvp WHERE session_id = :session_id AND {_SAID} LIMIT :room)
        """,
        **values,
    )
    is_finished = said < room
    if is_finished:
        for table, key in (
            ("session_hours", "arrives_at, leaves_at"),
            ("ping", "user_id, reason"),
            ("invitation", "invitation_id"),
        ):
            said += transaction.run(
                f"""
                DELETE FROM {table} WHERE session_id = :session_id AND ({key}) IN (
                    SELECT {key} FROM {table} WHERE session_id = :session_id LIMIT :room)
                """,
                session_id=session["session_id"],
                room=room - said,
            )
        is_finished = said < room
    # Triggers raised the version, as with changes that a card shows. These it need not.
    transaction.run(
        """
        UPDATE session SET version = :version, is_forgotten = :is_finished
        WHERE session_id = :session_id
        """,
        session_id=session["session_id"],
        version=session["version"],
        is_finished=int(is_finished),
    )
    return said


def forget_messages(
    transaction: Transaction, kept: Kept, now: datetime, after: Place
) -> Place | None:
    """Deletes messages that were sent long ago, or ended otherwise, and whom they were about.

    What keeps a message from being owed again stays: those of a date that is not forgotten, those
    that still matter, the question about a series that nobody has confirmed since.
    """
    rows = transaction.all(
        f"""
        SELECT delivery_id AS row_id, {_AGE} AS at, useful_until <= :now
            AND (session_id IS NULL OR EXISTS (
                SELECT 1 FROM session
                WHERE session.session_id = delivery.session_id AND is_forgotten = 1))
            AND NOT (kind = 'question' AND EXISTS (
                SELECT 1 FROM series WHERE series.series_id = delivery.series_id
                    AND series.state = 'active' AND confirmed_at <= due_at)) AS is_done
        FROM delivery
        WHERE {_ENDED} AND {_AGE} <= :until AND ({_AGE}, delivery_id) > (:at, :row_id)
        ORDER BY {_AGE}, delivery_id LIMIT :most
        """,
        now=epoch(now),
        until=epoch(now - kept.messages),
        most=AT_ONCE,
        **after._asdict(),
    )
    for row in rows:
        if row["is_done"]:
            _delete_message(transaction, row["row_id"])
    return _last(rows)


def _delete_message(transaction: Transaction, delivery_id: int) -> None:
    for table in ("delivery_recipient", "delivery_named"):
        transaction.run(
            f"DELETE FROM {table} WHERE delivery_id = :delivery_id", delivery_id=delivery_id
        )
    # Word of failures stays as long as one of them.
    transaction.run(
        """
        DELETE FROM delivery WHERE delivery_id = :delivery_id
            AND NOT EXISTS (SELECT 1 FROM delivery AS lost WHERE lost.told_by = :delivery_id)
            AND NOT EXISTS (SELECT 1 FROM delivery AS lost WHERE lost.alerted_by = :delivery_id)
        """,
        delivery_id=delivery_id,
    )


def forget_changes(
    transaction: Transaction, kept: Kept, now: datetime, after: Place
) -> Place | None:
    """Deletes what is old in the log of changes."""
    deleted = forget_old_changes(transaction, until=now - kept.changes, limit=AT_ONCE)
    return START if deleted == AT_ONCE else None


def forget_drafts(
    transaction: Transaction, kept: Kept, now: datetime, after: Place
) -> Place | None:
    """Deletes what someone typed and did not post."""
    deleted = transaction.run(
        """
        DELETE FROM draft WHERE draft_id IN (
            SELECT draft_id FROM draft WHERE created_at < :until ORDER BY created_at LIMIT :most)
        """,
        until=epoch(now - DRAFT_KEPT_FOR),
        most=AT_ONCE,
    )
    return START if deleted == AT_ONCE else None


def forget_invitations(
    transaction: Transaction, kept: Kept, now: datetime, after: Place
) -> Place | None:
    """Deletes old invitations to series that are over, and those that were taken back.

    While a series goes on, what someone said to an invitation to it holds.
    """
    rows = transaction.all(
        """
        SELECT invitation_id AS row_id, invited_at AS at, state = 'withdrawn' OR NOT EXISTS (
            SELECT 1 FROM series
            WHERE series.series_id = invitation.series_id AND series.state = 'active') AS is_done
        FROM invitation
        WHERE series_id IS NOT NULL AND invited_at <= :until
            AND (invited_at, invitation_id) > (:at, :row_id)
        ORDER BY invited_at, invitation_id LIMIT :most
        """,
        until=epoch(now - kept.answers),
        most=AT_ONCE,
        **after._asdict(),
    )
    return _delete_done(transaction, "invitation", "invitation_id", rows)


def forget_private_channels(
    transaction: Transaction, kept: Kept, now: datetime, after: Place
) -> Place | None:
    """Deletes private channels, opened long ago, of people who have no answer stored."""
    rows = transaction.all(
        """
        SELECT user_id AS row_id, asked_at AS at, NOT EXISTS (
                SELECT 1 FROM rsvp WHERE rsvp.user_id = private_channel.user_id) AS is_done
        FROM private_channel
        WHERE asked_at <= :until AND (asked_at, user_id) > (:at, :row_id)
        ORDER BY asked_at, user_id LIMIT :most
        """,
        until=epoch(now - kept.messages),
        most=AT_ONCE,
        **after._asdict(),
    )
    return _delete_done(transaction, "private_channel", "user_id", rows)


def forget_hashes(
    transaction: Transaction, kept: Kept, now: datetime, after: Place
) -> Place | None:
    """Drops what refusals and limits knew people by whose data were deleted, once they lapsed."""
    drop_lapsed(transaction, now=now)
    return None


def _delete_done(
    transaction: Transaction, table: str, key: str, rows: Sequence[Row]
) -> Place | None:
    """Deletes the rows that are done, by their key; returns where the next step goes on."""
    for row in rows:
        if row["is_done"]:
            transaction.run(f"DELETE FROM {table} WHERE {key} = :row_id", row_id=row["row_id"])
    return _last(rows)


def _last(rows: Sequence[Row]) -> Place | None:
    """Returns where the next step goes on; None if this one saw all."""
    return Place(rows[-1]["at"], rows[-1]["row_id"]) if len(rows) == AT_ONCE else None


STEPS: tuple[Step, ...] = (
    forget_answers,
    forget_messages,
    forget_changes,
    forget_drafts,
    forget_invitations,
    forget_private_channels,
    forget_hashes,
)
"""In this order: messages of a date go once its answers are forgotten."""
