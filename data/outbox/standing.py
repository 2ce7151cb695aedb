"""Which messages of a date still stand in its channel; the others are deleted.

A date has its card and its latest word: a reminder, a move, that it was called off or has begun.
Newer is what was due later, however late it arrived, so an older word that is found later goes at
once. What asks something, or tells of a seat, is one message more, until it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from data.deletions import delete_message_of, delete_soon
from data.mirrors import card_of
from data.models import InvitationState, Roster, Session, SessionState, SessionView
from data.outbox.deliveries import Delivery
from data.outbox.kinds import INVITATION, QUESTION, REMINDER, Outdated, kind_of, names_where
from data.outbox.recipients import people_of
from data.rows import epoch
from data.schedule.find import session_now
from data.store.transaction import Row, Transaction

_WORDS = names_where(lambda kind: kind.is_word)
_PASSING = names_where(lambda kind: kind.is_word or kind.goes_when_settled)
_STANDS_FOR_A_WHILE = names_where(lambda kind: kind.stands_for is not None)
_STANDING = "state = 'sent' AND is_private = 0 AND is_superseded = 0 AND message_id IS NOT NULL"


def tidy(transaction: Transaction, session_id: int, *, now: datetime) -> bool:
    """Has the messages of a session deleted that stand no more; returns whether there are any.

    None if its channel is not tidied.
    """
    rows = _passing(transaction, "session", session_id)
    if not rows:
        return False
    session = session_now(transaction, session_id)
    latest = _latest_word(transaction, session)
    return _take_down(
        transaction,
        (row for row in rows if not _stands(transaction, row, session, latest, now)),
        now,
    )


def tidy_series(transaction: Transaction, series_id: int, *, now: datetime) -> bool:
    """Does the same for what was asked about a whole series."""
    rows = _passing(transaction, "series", series_id)
    return _take_down(transaction, (row for row in rows if _is_settled(transaction, row)), now)


def tidy_after(transaction: Transaction, delivery: Delivery, *, now: datetime) -> None:
    """Follows a message that arrived: it stands for so long, and what it replaces goes."""
    owner, stands_for = delivery.owner, delivery.kind.stands_for
    if delivery.is_private:
        return
    if stands_for is not None and _is_tidy_for(transaction, delivery):
        delete_message_of(transaction, delivery.delivery_id, at=now + stands_for)
    if owner.session_id is not None:
        tidy(transaction, owner.session_id, now=now)
        if delivery.kind is REMINDER and (delivery.asks or delivery.attempts > 1):
            # Those whom it asks may have answered while it was being sent.
            settle_question(transaction, session_now(transaction, owner.session_id), now=now)
    elif owner.series_id is not None:
        tidy_series(transaction, owner.series_id, now=now)


def settle_question(transaction: Transaction, session: Session, *, now: datetime) -> bool:
    """Follows the last answer to a reminder's question: its buttons go; returns whether any do.

    While there is no card, they stay, because everybody answers with them.
    """
    if session.counts.maybe or session.counts.asked_again:
        return False
    has_gone = tidy(transaction, session.session_id, now=now)
    if card_of(transaction, session.session_id) is None:
        return has_gone
    for row in transaction.all(
        f"""
        UPDATE delivery SET is_settled = 1
        WHERE session_id = :session_id AND {_STANDING} AND is_settled = 0
            AND kind = '{REMINDER.name}'
        RETURNING guild_id, channel_id, message_id
        """,
        session_id=session.session_id,
    ):
        delete_soon(
            transaction,
            guild_id=row["guild_id"],
            channel_id=row["channel_id"],
            message_id=row["message_id"],
            only_buttons=True,
            at=now,
        )
        has_gone = True
    return has_gone


def take_down_all(transaction: Transaction, session_id: int, *, now: datetime) -> None:
    """Does the same with all that would pass, because the session will be no more."""
    _take_down(transaction, _passing(transaction, "session", session_id), now)


def take_down_words(transaction: Transaction, session_id: int, *, now: datetime) -> None:
    """Does the same with its words, because its time or place changed and nobody is to be told."""
    _take_down(transaction, _passing(transaction, "session", session_id, _WORDS), now)


def keep_from_now_on(transaction: Transaction, guild_id: int, *, now: datetime) -> None:
    """Has no message of a server deleted that stands for a while only."""
    transaction.run(
        f"""
        DELETE FROM deletion
        WHERE guild_id = :guild_id AND try_at > :now AND attempts = 0 AND message_id IN (
            SELECT message_id FROM delivery
            WHERE delivery.message_id = deletion.message_id
                AND kind IN {_STANDS_FOR_A_WHILE} AND is_superseded = 0)
        """,
        guild_id=guild_id,
        now=epoch(now),
    )


def _passing(
    transaction: Transaction, table: str, owner_id: int, kinds: str = _PASSING
) -> list[Row]:
    """Returns the standing messages of a session or series that may go.

    None if its channel is not tidied.
    """
    rows = transaction.all(
        f"""
        SELECT * FROM delivery
        WHERE {table}_id = :owner_id AND {_STANDING} AND kind IN {kinds}
        """,
        owner_id=owner_id,
    )
    return rows if rows and _is_tidy(transaction, table, owner_id) else []


def _latest_word(transaction: Transaction, session: Session) -> tuple[object, ...] | None:
    """Returns the newest word of a session by plan that arrived and holds; None without any."""
    words = [
        row
        for row in transaction.all(
            f"""
            SELECT * FROM delivery
            WHERE session_id = :session_id AND kind IN {_WORDS} AND state = 'sent'
            """,
            session_id=session.session_id,
        )
        if _holds(row, session)
    ]
    latest = max(words, key=lambda row: (row["due_at"], row["delivery_id"]), default=None)
    return None if latest is None else _word(latest)


def _word(row: Row) -> tuple[object, ...]:
    """Returns what the parts of one word have in common."""
    return row["kind"], row["before"], row["occasion"]


def _holds(row: Row, session: Session) -> bool:
    """Returns whether the content of a message still holds."""
    outdated = kind_of(row["kind"]).outdated
    if outdated is not Outdated.NEVER and session.state is not SessionState.SCHEDULED:
        return False
    return outdated is not Outdated.MOVED or bool(row["occasion"] == epoch(session.starts_at))


def _stands(
    transaction: Transaction,
    row: Row,
    session: Session,
    latest: tuple[object, ...] | None,
    now: datetime,
) -> bool:
    kind = kind_of(row["kind"])
    if session.is_over(now) or not _holds(row, session):
        return False
    if kind.is_word and _word(row) != latest:
        return False
    return not (kind.goes_when_settled and _is_settled(transaction, row, session))


def _is_settled(transaction: Transaction, row: Row, session: Session | None = None) -> bool:
    """Returns whether nobody has to answer a message, or is concerned by it, any more."""
    kind = kind_of(row["kind"])
    if kind is INVITATION:
        invitation = transaction.one(
            """
            SELECT 1 FROM invitation LEFT JOIN series ON series.series_id = invitation.series_id
            WHERE invitation_id = :invitation_id AND invitation.state = :open
                AND (invitation.series_id IS NULL OR series.state = 'active')
            """,
            invitation_id=row["occasion"],
            open=InvitationState.OPEN,
        )
        return invitation is None
    if kind is QUESTION:
        series = transaction.one(
            """
            SELECT 1 FROM series
            WHERE series_id = :series_id AND state = 'active' AND paused_from IS NULL
                AND confirmed_at <= :asked_at
            """,
            series_id=row["series_id"],
            asked_at=row["due_at"],
        )
        return series is None
    return session is not None and not people_of(
        transaction, kind, row, SessionView(session, Roster())
    )


def _take_down(transaction: Transaction, rows: Iterable[Row], now: datetime) -> bool:
    ids = [row["delivery_id"] for row in rows]
    for delivery_id in ids:
        transaction.run(
            "UPDATE delivery SET is_superseded = 1 WHERE delivery_id = :delivery_id",
            delivery_id=delivery_id,
        )
        delete_message_of(transaction, delivery_id, at=now)
    return bool(ids)


def _is_tidy_for(transaction: Transaction, delivery: Delivery) -> bool:
    owner = delivery.owner
    if owner.session_id is not None:
        return _is_tidy(transaction, "session", owner.session_id)
    if owner.series_id is not None:
        return _is_tidy(transaction, "series", owner.series_id)
    row = transaction.one(
        "SELECT is_tidy FROM channel WHERE guild_id = :guild_id LIMIT 1", guild_id=owner.guild_id
    )
    return row is not None and bool(row["is_tidy"])


def _is_tidy(transaction: Transaction, table: str, owner_id: int) -> bool:
    row = transaction.one(
        f"""
        SELECT is_tidy FROM channel JOIN {table} ON {table}.channel_id = channel.channel_id
        WHERE {table}_id = :owner_id
        """,
        owner_id=owner_id,
    )
    return row is not None and bool(row["is_tidy"])
