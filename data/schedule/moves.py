"""Moves of a session: its members are told of them, and its host may move it only so often."""

from __future__ import annotations

from datetime import datetime

from data.limits import CORRECTIONS_TOGETHER, MOST_MOVES, MOVES_APART
from data.models import Session
from data.outbox.kinds import MOVED
from data.outbox.owe import owe
from data.outbox.plan import channel_of
from data.outbox.quiet import look_again
from data.outbox.standing import take_down_words
from data.people.others import concerns_others
from data.refusal import Refusal
from data.rows import epoch, maybe_moment, moment
from data.store.transaction import Row, Transaction


def follow_move(
    transaction: Transaction,
    before: Session,
    after: Session,
    *,
    is_limited: bool,
    now: datetime,
) -> None:
    """Owes the members of a session a notice that its time or place changed.

    It is due after CORRECTIONS_TOGETHER, at the latest at the start. Until then further changes
    join it, so that it tells the difference from what members last knew; if there is none, nothing
    is sent. With ``is_limited``, raises Refusal if the session has been moved MOST_MOVES times, or
    less than MOVES_APART ago; a change that joins an unsent notice does not count.
    """
    look_again(transaction, after.session_id)
    known_start: int | None = epoch(before.starts_at)
    known_place: str | None = before.details.place
    first: Row | None = None
    for row in transaction.all(
        """
        UPDATE delivery SET state = 'withdrawn'
        WHERE session_id = :session_id AND kind = 'moved' AND state = 'pending' AND attempts = 0
        RETURNING part, due_at, previous_at, previous_place
        """,
        session_id=after.session_id,
    ):
        known_start = row["previous_at"] or known_start
        known_place = row["previous_place"] or known_place
        # The other parts belong to a notice of which some members have been told.
        first = row if row["part"] == 0 else first
    if known_start == epoch(after.starts_at):
        known_start = None
    if known_place == after.details.place:
        known_place = None
    if known_start is None and known_place is None:
        if first is not None:
            _forget_move(transaction, after.session_id, since=first["due_at"])
        return
    if not concerns_others(transaction, after):
        take_down_words(transaction, after.session_id, now=now)
        return
    if first is None and is_limited:
        _count_move(transaction, before, now)
    due = epoch(now + CORRECTIONS_TOGETHER) if first is None else first["due_at"]
    owe(
        transaction,
        after.owner,
        MOVED,
        channel_of(transaction, after),
        occasion=after.version,
        due=max(epoch(now), min(due, epoch(after.starts_at))),
        useful_until=epoch(after.ends_at),
        previous_at=known_start,
        previous_place=known_place,
    )


def _count_move(transaction: Transaction, session: Session, now: datetime) -> None:
    """Counts a move by someone who may not move a session any number of times."""
    row = transaction.one(
        "SELECT moves, moved_at FROM session WHERE session_id = :session_id",
        session_id=session.session_id,
    )
    assert row is not None  # the caller has just changed it
    title, when = session.details.title, session.starts_at
    if row["moves"] >= MOST_MOVES:
        raise Refusal.counted(
            "{title} on {when} has been moved {count} time already, so only organizers can move "
            "it now; ask one of them.",
            "{title} on {when} has been moved {count} times already, so only organizers can move "
            "it now; ask one of them.",
            count=MOST_MOVES,
            title=title,
            when=when,
        )
    moved_at = maybe_moment(row["moved_at"])
    if moved_at is not None and now < moved_at + MOVES_APART:
        raise Refusal(
            "{title} on {when} was moved a short while ago. You can move it again from {next}, or "
            "ask an organizer to do it now.",
            title=title,
            when=when,
            next=moved_at + MOVES_APART,
        )
    transaction.run(
        "UPDATE session SET moves = moves + 1, moved_at = :now WHERE session_id = :session_id",
        session_id=session.session_id,
        now=epoch(now),
    )


def _forget_move(transaction: Transaction, session_id: int, *, since: int) -> None:
    """Undoes what a move did that nobody was told of; its notice was due at ``since``."""
    transaction.run(
        """
        UPDATE session SET moves = moves - 1, moved_at = NULL
        WHERE session_id = :session_id AND moved_at >= :moved_since
        """,
        session_id=session_id,
        moved_since=epoch(moment(since) - CORRECTIONS_TOGETHER),
    )
    transaction.run(
        """
        UPDATE rsvp SET asked_again = 0 WHERE session_id = :session_id AND asked_again = 1
            AND NOT EXISTS (
                SELECT 1 FROM delivery WHERE session_id = :session_id AND kind = 'moved'
                    AND state IN ('sending', 'sent'))
        """,
        session_id=session_id,
    )
