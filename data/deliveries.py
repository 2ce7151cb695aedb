"""The outbox: what the bot owes, from the change that made it owed to its arrival.

A row is unique by session, kind, offset and occasion (the start it announces, or the change it
tells of), so planning a session again never owes the same thing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.boards import board_of
from data.database import Row, Transaction
from data.models import Delivery, DeliveryKind, DeliveryState, Problem, Session, SessionState
from data.rows import epoch, moment, session_of

START_USEFUL_FOR = timedelta(minutes=30)
"""A line that says "starts now" is absurd later than this."""

_NEVER = 253402300799  # the last second of the year 9999: a refresh is never too late


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim took: messages to send now, and those that came too late."""

    deliveries: tuple[Delivery, ...]
    expired: tuple[Problem, ...]
    refreshed: int
    """Cards that the clock made stale."""


def plan(transaction: Transaction, session_id: int, now: datetime) -> None:
    """Owe exactly what a session asks for by the settings of its server.

    What has gone out stays; what is due already but still unsent stays owed.
    """
    row = transaction.one(
        """
        SELECT session.*, guild.channel_id, guild.announce_before
        FROM session JOIN guild USING (guild_id) WHERE session_id = :session_id
        """,
        session_id=session_id,
    )
    if row is None or row["state"] != SessionState.SCHEDULED:
        return
    reminders = transaction.all(
        "SELECT before FROM reminder_setting WHERE guild_id = :guild_id ORDER BY before DESC",
        guild_id=row["guild_id"],
    )
    starts, ends = row["starts_at"], row["ends_at"]
    offsets = [reminder["before"] for reminder in reminders]
    _withdraw_outdated(transaction, session_id, starts, ends, offsets)
    channel = row["card_channel_id"] or row["channel_id"]
    present = epoch(now)
    if row["card_message_id"] is None and ends > present:
        _owe(
            transaction,
            session_id,
            DeliveryKind.ANNOUNCEMENT,
            row["channel_id"],
            due=starts - row["announce_before"],
            useful_until=ends,
        )
    # A late reminder is of use until the next one is due.
    for before, next_before in zip(offsets, [*offsets, 0][1:], strict=True):
        if starts - before > present:
            _owe(
                transaction,
                session_id,
                DeliveryKind.REMINDER,
                channel,
                before=before,
                occasion=starts,
                due=starts - before,
                useful_until=starts - next_before,
            )
    if starts > present:
        _owe(
            transaction,
            session_id,
            DeliveryKind.START,
            channel,
            occasion=starts,
            due=starts,
            useful_until=min(ends, starts + int(START_USEFUL_FOR.total_seconds())),
        )
    for boundary in (starts, ends):
        if boundary > present:
            _owe(
                transaction,
                session_id,
                DeliveryKind.REFRESH,
                channel,
                occasion=boundary,
                due=boundary,
                useful_until=_NEVER,
            )


def owe_move(transaction: Transaction, before: Session, after: Session, now: datetime) -> None:
    """Owe the people of a session word that its time or place changed.

    Moves not told of yet become one notice, from what people last knew to what holds now.
    """
    known_start: int | None = epoch(before.starts_at)
    known_place: str | None = before.details.place
    for row in transaction.all(
        """
        UPDATE delivery SET state = 'withdrawn'
        WHERE session_id = :session_id AND kind = 'moved' AND state = 'pending' AND attempts = 0
        RETURNING previous_at, previous_place
        """,
        session_id=after.session_id,
    ):
        known_start = row["previous_at"] or known_start
        known_place = row["previous_place"] or known_place
    if known_start == epoch(after.starts_at):
        known_start = None
    if known_place == after.details.place:
        known_place = None
    if (known_start is None and known_place is None) or not concerns_anybody(transaction, after):
        return
    _owe(
        transaction,
        after.session_id,
        DeliveryKind.MOVED,
        _channel(transaction, after),
        occasion=after.version,
        due=epoch(now),
        useful_until=epoch(after.ends_at),
        previous_at=known_start,
        previous_place=known_place,
    )


def owe_cancellation(transaction: Transaction, session: Session, now: datetime) -> None:
    """Owe the people of a session word that it is off, and nothing else any more."""
    transaction.run(
        """
        UPDATE delivery SET state = 'withdrawn'
        WHERE session_id = :session_id AND state IN ('pending', 'failed')
        """,
        session_id=session.session_id,
    )
    if concerns_anybody(transaction, session):
        _owe(
            transaction,
            session.session_id,
            DeliveryKind.CANCELLED,
            _channel(transaction, session),
            occasion=session.version,
            due=epoch(now),
            useful_until=epoch(session.ends_at),
        )


def claim(
    transaction: Transaction,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    mentions_per_message: int,
) -> Claimed:
    """Take what is due so that nobody else sends it, until the lease runs out.

    Rows that were never tried and are of no use any more expire; a row that was tried before is
    claimed however late it is, because it may have arrived.
    """
    values = {"now": epoch(now), "until": epoch(now + lease), "limit": limit}
    refreshed = transaction.run(
        """
        UPDATE session SET version = version + 1
        WHERE card_message_id IS NOT NULL AND session_id IN (
            SELECT session_id FROM delivery
            WHERE state IN ('pending', 'sending') AND try_at <= :now AND kind = 'refresh')
        """,
        **values,
    )
    transaction.run(
        """
        UPDATE delivery SET state = 'sent'
        WHERE state IN ('pending', 'sending') AND try_at <= :now AND kind = 'refresh'
        """,
        **values,
    )
    expired = transaction.all(
        """
        UPDATE delivery SET state = 'expired', error = 'it was too late to be of use'
        WHERE state IN ('pending', 'sending') AND try_at <= :now
            AND useful_until <= :now AND attempts = 0
        RETURNING *, (SELECT title FROM session WHERE session.session_id = delivery.session_id)
            AS title
        """,
        **values,
    )
    claimed = transaction.all(
        """
        UPDATE delivery
        SET state = 'sending', try_at = :until, attempts = attempts + 1,
            first_try_at = COALESCE(first_try_at, :now)
        WHERE delivery_id IN (
            SELECT delivery_id FROM delivery
            WHERE state IN ('pending', 'sending') AND try_at <= :now
            ORDER BY try_at, delivery_id LIMIT :limit)
        RETURNING *
        """,
        **values,
    )
    deliveries = [_delivery_of(transaction, row) for row in claimed]
    for row, delivery in zip(claimed, deliveries, strict=True):
        if delivery.kind is DeliveryKind.REMINDER and delivery.part == 0:
            _owe_parts(transaction, row, delivery, mentions_per_message, now)
    deliveries.sort(key=lambda delivery: delivery.delivery_id)
    return Claimed(tuple(deliveries), tuple(problem_of(row) for row in expired), refreshed)


def record_sent(transaction: Transaction, delivery: Delivery, *, message_id: int | None) -> None:
    """The message has arrived; an announcement's message is the session's card from now on."""
    transaction.run(
        """
        UPDATE delivery SET state = 'sent', message_id = :message_id, error = NULL
        WHERE delivery_id = :delivery_id
        """,
        delivery_id=delivery.delivery_id,
        message_id=message_id,
    )
    if delivery.kind is DeliveryKind.ANNOUNCEMENT and message_id is not None:
        session = delivery.board.session
        transaction.run(
            """
            UPDATE session SET card_channel_id = :channel_id, card_message_id = :message_id,
                card_version = :version
            WHERE session_id = :session_id
            """,
            channel_id=delivery.channel_id,
            message_id=message_id,
            version=session.version,
            session_id=session.session_id,
        )


def record_end(
    transaction: Transaction, delivery_id: int, *, state: DeliveryState, error: str
) -> None:
    """The message will not arrive: failed, expired or withdrawn, and why."""
    transaction.run(
        "UPDATE delivery SET state = :state, error = :error WHERE delivery_id = :delivery_id",
        delivery_id=delivery_id,
        state=state,
        error=error,
    )


def postpone(transaction: Transaction, delivery_id: int, *, until: datetime, error: str) -> None:
    """Something passing stood in the way; try again later."""
    transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = :until, error = :error
        WHERE delivery_id = :delivery_id AND state = 'sending'
        """,
        delivery_id=delivery_id,
        until=epoch(until),
        error=error,
    )


def retry_failed(transaction: Transaction, guild_id: int, *, now: datetime) -> int:
    """Owe again what failed for good and is still of use; gives how many those are."""
    return transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = :now, error = NULL,
            channel_id = (SELECT COALESCE(card_channel_id, guild.channel_id)
                          FROM session JOIN guild USING (guild_id)
                          WHERE session.session_id = delivery.session_id)
        WHERE state = 'failed' AND useful_until > :now AND session_id IN (
            SELECT session_id FROM session WHERE guild_id = :guild_id AND ends_at > :now)
        """,
        guild_id=guild_id,
        now=epoch(now),
    )


def problems(transaction: Transaction, guild_id: int, *, since: datetime) -> list[Problem]:
    """What was owed to a server since then and never arrived, oldest first."""
    rows = transaction.all(
        """
        SELECT delivery.*, session.title
        FROM session JOIN delivery USING (session_id)
        WHERE guild_id = :guild_id AND ends_at >= :since AND due_at >= :since
            AND delivery.state IN ('failed', 'expired')
        ORDER BY due_at
        """,
        guild_id=guild_id,
        since=epoch(since),
    )
    return [problem_of(row) for row in rows]


def next_due(transaction: Transaction) -> datetime | None:
    """When the outbox, or a series that runs out of dates, next wants attention."""
    moments = [
        row["at"]
        for row in (
            transaction.one(
                "SELECT MIN(try_at) AS at FROM delivery WHERE state IN ('pending', 'sending')"
            ),
            transaction.one("SELECT MIN(extend_at) AS at FROM series WHERE extend_at IS NOT NULL"),
        )
        if row is not None and row["at"] is not None
    ]
    return moment(min(moments)) if moments else None


def problem_of(row: Row) -> Problem:
    return Problem(
        kind=DeliveryKind(row["kind"]),
        state=DeliveryState(row["state"]),
        channel_id=row["channel_id"],
        due_at=moment(row["due_at"]),
        error=row["error"] or "",
        title=row["title"],
    )


def _delivery_of(transaction: Transaction, row: Row) -> Delivery:
    board = board_of(transaction, row["session_id"])
    assert board is not None  # a foreign key holds it
    return Delivery(
        delivery_id=row["delivery_id"],
        kind=DeliveryKind(row["kind"]),
        channel_id=row["channel_id"],
        part=row["part"],
        previous_at=None if row["previous_at"] is None else moment(row["previous_at"]),
        previous_place=row["previous_place"],
        useful_until=moment(row["useful_until"]),
        attempts=row["attempts"],
        first_try_at=moment(row["first_try_at"]),
        board=board,
    )


def _owe(
    transaction: Transaction,
    session_id: int,
    kind: DeliveryKind,
    channel_id: int,
    *,
    due: int,
    useful_until: int,
    before: int = 0,
    occasion: int = 0,
    part: int = 0,
    previous_at: int | None = None,
    previous_place: str | None = None,
) -> None:
    transaction.run(
        """
        INSERT INTO delivery (session_id, kind, channel_id, before, occasion, part,
            previous_at, previous_place, due_at, useful_until, try_at)
        VALUES (:session_id, :kind, :channel_id, :before, :occasion, :part,
            :previous_at, :previous_place, :due, :useful_until, :due)
        ON CONFLICT (session_id, kind, before, occasion, part) DO UPDATE SET
            channel_id = excluded.channel_id, due_at = excluded.due_at,
            useful_until = excluded.useful_until, try_at = excluded.due_at,
            state = 'pending', error = NULL
        WHERE state IN ('pending', 'withdrawn', 'failed')
        """,
        session_id=session_id,
        kind=kind,
        channel_id=channel_id,
        before=before,
        occasion=occasion,
        part=part,
        previous_at=previous_at,
        previous_place=previous_place,
        due=due,
        useful_until=useful_until,
    )


def _owe_parts(
    transaction: Transaction, row: Row, first: Delivery, mentions_per_message: int, now: datetime
) -> None:
    parts = -(-len(first.board.roster.going) // mentions_per_message)
    for part in range(1, parts):
        _owe(
            transaction,
            row["session_id"],
            first.kind,
            first.channel_id,
            before=row["before"],
            occasion=row["occasion"],
            part=part,
            due=epoch(now),
            useful_until=row["useful_until"],
        )


def _withdraw_outdated(
    transaction: Transaction, session_id: int, starts: int, ends: int, offsets: Sequence[int]
) -> None:
    for row in transaction.all(
        """
        SELECT delivery_id, kind, before, occasion FROM delivery
        WHERE session_id = :session_id AND state = 'pending'
            AND kind IN ('reminder', 'start', 'refresh')
        """,
        session_id=session_id,
    ):
        occasions = (starts, ends) if row["kind"] == DeliveryKind.REFRESH else (starts,)
        known_offset = row["kind"] != DeliveryKind.REMINDER or row["before"] in offsets
        if row["occasion"] not in occasions or not known_offset:
            transaction.run(
                "UPDATE delivery SET state = 'withdrawn' WHERE delivery_id = :delivery_id",
                delivery_id=row["delivery_id"],
            )


def concerns_anybody(transaction: Transaction, session: Session) -> bool:
    """Whether people may count on the session: its card is out, or somebody means to come."""
    return session.card_message_id is not None or (
        transaction.one(
            """
            SELECT 1 FROM rsvp
            WHERE session_id = :session_id AND answer IN ('going', 'maybe') LIMIT 1
            """,
            session_id=session.session_id,
        )
        is not None
    )


def is_on_its_way(transaction: Transaction, session: Session) -> bool:
    """Whether a message about the session is being sent at this moment."""
    return (
        transaction.one(
            """
            SELECT 1 FROM delivery
            WHERE session_id = :session_id AND state = 'sending' LIMIT 1
            """,
            session_id=session.session_id,
        )
        is not None
    )


def _channel(transaction: Transaction, session: Session) -> int:
    if session.card_channel_id is not None:
        return session.card_channel_id
    row = transaction.one(
        "SELECT channel_id FROM guild WHERE guild_id = :guild_id", guild_id=session.guild_id
    )
    assert row is not None  # a foreign key holds it
    return int(row["channel_id"])


def session_row(transaction: Transaction, session_id: int) -> Session | None:
    row = transaction.one(
        "SELECT * FROM session WHERE session_id = :session_id", session_id=session_id
    )
    return None if row is None else session_of(row)
