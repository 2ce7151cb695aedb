"""Messages owed for a session: rows of the outbox, written in the transaction that causes them.

Planning a session again never owes the same message twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from data.channels import is_removed, settings_in
from data.mirrors import card_of
from data.models import Session, SessionState
from data.outbox.kinds import (
    CANCELLED,
    KINDS,
    MOVED,
    Kind,
    Outdated,
    Planned,
    To,
    boundaries,
    names_where,
)
from data.outbox.owe import owe
from data.people.others import concerns_others
from data.rows import epoch, session_of
from data.store.transaction import Transaction

_PLANNED = names_where(lambda kind: kind.planned is not None)
_ENDS_WITH_START = names_where(lambda kind: kind.outdated is Outdated.MOVED)
_FOR_HOST = names_where(lambda kind: kind.to is To.HOST)

PUT_OFF = 200_000_000_000
"""A boundary, in epoch seconds, that never comes: of sessions in a server that removed the bot."""


def plan(transaction: Transaction, session: Session, *, now: datetime) -> None:
    """Owes exactly the messages that a session needs according to its channel's settings.

    Sent messages stay sent; messages that are due but not sent yet stay owed. In a server that
    removed the bot there are none, until it is planned anew after the return.
    """
    if is_removed(transaction, session.guild_id):
        _note_boundary(transaction, session.session_id, PUT_OFF)
        return
    if session.state is not SessionState.SCHEDULED:
        _note_end(transaction, session, now)
        return
    settings = settings_in(transaction, session.channel_id)
    asked = {
        kind: list(kind.planned(session, settings, now))
        for kind in KINDS.values()
        if kind.planned is not None
    }
    _withdraw_all_but(transaction, session, asked)
    _follow_host(transaction, session)
    channel_id = channel_of(transaction, session)
    for kind, messages in asked.items():
        for message in messages:
            if message.due_at > now or (message.is_owed_late and message.useful_until > now):
                to = settings.channel_id if kind.becomes is not None else channel_id
                _owe(transaction, session, kind, message, to)
    _set_boundaries(transaction, session, now)


def owe_cancellation(transaction: Transaction, session: Session, now: datetime) -> None:
    """Owes the members of a session a notice that it is cancelled, and withdraws all else.

    Without anybody but the host, the card alone says it. The notice names the start that members
    knew, if they have not been told of a move.
    """
    known_start: int | None = None
    for row in transaction.all(
        """
        UPDATE delivery SET state = 'withdrawn'
        WHERE session_id = :session_id AND state IN ('pending', 'failed')
            -- What may have arrived is looked for first.
            AND NOT (attempts > 0 AND state = 'pending')
        RETURNING kind, previous_at
        """,
        session_id=session.session_id,
    ):
        if row["kind"] == MOVED.name:
            known_start = known_start or row["previous_at"]
    _forget_boundaries(transaction, session, but=())
    _note_end(transaction, session, now)
    if concerns_others(transaction, session):
        owe(
            transaction,
            session.owner,
            CANCELLED,
            channel_of(transaction, session),
            occasion=session.version,
            due=epoch(now),
            useful_until=epoch(session.ends_at),
            previous_at=known_start,
        )


def concerns_anybody(transaction: Transaction, session: Session) -> bool:
    """Returns whether others than the host may expect a session: by its card, or an answer."""
    has_card = card_of(transaction, session.session_id) is not None
    return has_card or concerns_others(transaction, session)


def is_on_its_way(transaction: Transaction, session: Session) -> bool:
    """Returns whether a message about a session is being sent, or may have arrived unnoticed."""
    return (
        transaction.one(
            """
            SELECT 1 FROM delivery
            WHERE session_id = :session_id
                AND (state = 'sending' OR (state = 'pending' AND attempts > 0)) LIMIT 1
            """,
            session_id=session.session_id,
        )
        is not None
    )


def channel_of(transaction: Transaction, session: Session) -> int:
    """Returns the channel for messages about a session: that of its card, else its own."""
    card = card_of(transaction, session.session_id)
    return session.channel_id if card is None or card.channel_id is None else card.channel_id


def plan_open_sessions(
    transaction: Transaction, *, since: datetime, after: int, limit: int, now: datetime
) -> int | None:
    """Plans sessions that end after ``since``, and makes their mirrors lag to be updated.

    The next ``limit`` with ids above ``after``; returns the last of these ids, None if there is
    none.
    """
    rows = transaction.all(
        """
        UPDATE session SET version = version + 1
        WHERE session_id IN (
            SELECT session_id FROM session
            WHERE session_id > :after AND ends_at > :since AND state = 'scheduled'
                AND guild_id NOT IN (SELECT guild_id FROM guild WHERE removed_at IS NOT NULL)
            ORDER BY session_id LIMIT :limit)
        RETURNING *
        """,
        since=epoch(since),
        after=after,
        limit=limit,
    )
    for row in rows:
        plan(transaction, session_of(row), now=now)
    return max((row["session_id"] for row in rows), default=None)


def _owe(
    transaction: Transaction, session: Session, kind: Kind, message: Planned, channel_id: int
) -> None:
    owe(
        transaction,
        session.owner,
        kind,
        session.details.host_id if kind.is_private else channel_id,
        before=_seconds(message.before),
        occasion=_occasion(message),
        due=epoch(message.due_at),
        useful_until=epoch(message.useful_until),
    )


def _withdraw_all_but(
    transaction: Transaction, session: Session, asked: dict[Kind, list[Planned]]
) -> None:
    """Withdraws planned messages that are no longer needed.

    Of those about another start, what may have arrived is looked for first.
    """
    wanted = {
        (kind.name, _seconds(message.before), _occasion(message))
        for kind, messages in asked.items()
        for message in messages
    }
    for row in transaction.all(
        f"""
        SELECT delivery_id, kind, before, occasion FROM delivery
        WHERE session_id = :session_id AND state IN ('pending', 'failed') AND kind IN {_PLANNED}
            AND NOT (attempts > 0 AND state = 'pending'
                AND kind IN {_ENDS_WITH_START} AND occasion <> :starts_at)
        """,
        session_id=session.session_id,
        starts_at=epoch(session.starts_at),
    ):
        if (row["kind"], row["before"], row["occasion"]) not in wanted:
            transaction.run(
                "UPDATE delivery SET state = 'withdrawn' WHERE delivery_id = :delivery_id",
                delivery_id=row["delivery_id"],
            )


def _set_boundaries(transaction: Transaction, session: Session, now: datetime) -> None:
    """Notes when a session changes by time; past moments that are not processed yet stay."""
    moments = boundaries(session)
    _forget_boundaries(transaction, session, but={epoch(at) for at in moments})
    for at in moments:
        if at > now:
            _note_boundary(transaction, session.session_id, epoch(at))


def _note_end(transaction: Transaction, session: Session, now: datetime) -> None:
    """Notes when the notice goes that a session was called off."""
    if session.ends_at > now:
        is_gone = is_removed(transaction, session.guild_id)
        at = PUT_OFF if is_gone else epoch(session.ends_at)
        _note_boundary(transaction, session.session_id, at)


def _note_boundary(transaction: Transaction, session_id: int, at: int) -> None:
    transaction.run(
        """
        INSERT INTO session_boundary (session_id, at) VALUES (:session_id, :at)
        ON CONFLICT (session_id, at) DO NOTHING
        """,
        session_id=session_id,
        at=at,
    )


def _forget_boundaries(transaction: Transaction, session: Session, *, but: Collection[int]) -> None:
    for row in transaction.all(
        "SELECT at FROM session_boundary WHERE session_id = :session_id",
        session_id=session.session_id,
    ):
        if row["at"] not in but:
            transaction.run(
                "DELETE FROM session_boundary WHERE session_id = :session_id AND at = :at",
                session_id=session.session_id,
                at=row["at"],
            )


def _follow_host(transaction: Transaction, session: Session) -> None:
    """Readdresses unsent private messages to the current host."""
    transaction.run(
        f"""
        UPDATE delivery SET channel_id = :host_id
        WHERE session_id = :session_id AND is_private = 1 AND state = 'pending' AND attempts = 0
            AND kind IN {_FOR_HOST}
        """,
        session_id=session.session_id,
        host_id=session.details.host_id,
    )
    # Word of what did not arrive belongs to the server, and is about its first message.
    transaction.run(
        """
        UPDATE delivery SET channel_id = :host_id
        WHERE guild_id = :guild_id AND session_id IS NULL AND series_id IS NULL
            AND owner_channel_id IS NULL AND kind = 'undelivered' AND is_private = 1
            AND state = 'pending' AND attempts = 0 AND occasion IN (
                SELECT lost.delivery_id FROM delivery AS lost
                WHERE lost.session_id = :session_id)
        """,
        guild_id=session.guild_id,
        session_id=session.session_id,
        host_id=session.details.host_id,
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _occasion(message: Planned) -> int:
    return 0 if message.occasion is None else epoch(message.occasion)
