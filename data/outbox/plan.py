"""What the bot owes for a session: rows in the outbox, written in the change that made them owed.

A row is unique by session, kind, offset and occasion (the start it announces, or the change it
tells of), so planning a session again never owes the same thing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.limits import CORRECTABLE_FOR
from data.models import DeliveryKind, Session, SessionState
from data.rows import epoch
from data.store.transaction import Row, Transaction

START_USEFUL_FOR = timedelta(minutes=30)
"""A line that says "starts now" is absurd later than this."""
ASK_UNDECIDED_BEFORE = timedelta(days=1)
"""When those who said maybe are asked for a yes or a no, before answers close or it starts."""
SUMMARY_AFTER = timedelta(hours=1)
"""When the host hears who came: late enough for most corrections."""
SUMMARY_USEFUL_FOR = timedelta(weeks=1)

_NEVER = 253402300799  # the last second of the year 9999: a refresh is never too late


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
    boundaries = _boundaries(row)
    _withdraw_outdated(transaction, session_id, starts, ends, boundaries, offsets)
    _follow_host(transaction, session_id, row["host_id"])
    channel = row["card_channel_id"] or row["channel_id"]
    present = epoch(now)
    if row["card_message_id"] is None and ends > present:
        owe(
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
            owe(
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
        owe(
            transaction,
            session_id,
            DeliveryKind.START,
            channel,
            occasion=starts,
            due=starts,
            useful_until=min(ends, starts + int(START_USEFUL_FOR.total_seconds())),
        )
    # A yes has to be worth something still; where it is too late for that, it asks the host.
    day = int(ASK_UNDECIDED_BEFORE.total_seconds())
    undecided = min(boundaries) - day
    if undecided <= present:
        undecided = starts - day
    if undecided > present:
        owe(
            transaction,
            session_id,
            DeliveryKind.UNDECIDED,
            channel,
            occasion=starts,
            due=undecided,
            useful_until=starts,
        )
    summary = ends + int(SUMMARY_AFTER.total_seconds())
    if summary > present:
        owe(
            transaction,
            session_id,
            DeliveryKind.SUMMARY,
            row["host_id"],
            is_private=True,
            occasion=ends,
            due=summary,
            useful_until=summary + int(SUMMARY_USEFUL_FOR.total_seconds()),
        )
    for boundary in boundaries:
        if boundary > present:
            owe(
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
    owe(
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
            -- What may have arrived is looked for first.
            AND NOT (attempts > 0 AND state = 'pending')
        """,
        session_id=session.session_id,
    )
    if concerns_anybody(transaction, session):
        owe(
            transaction,
            session.session_id,
            DeliveryKind.CANCELLED,
            _channel(transaction, session),
            occasion=session.version,
            due=epoch(now),
            useful_until=epoch(session.ends_at),
        )


def owe(
    transaction: Transaction,
    session_id: int,
    kind: DeliveryKind,
    channel_id: int,
    *,
    due: int,
    useful_until: int,
    is_private: bool = False,
    before: int = 0,
    occasion: int = 0,
    part: int = 0,
    from_position: int = 0,
    until_position: int | None = None,
    previous_at: int | None = None,
    previous_place: str | None = None,
) -> int:
    """Owe a message, unless it has gone out or is on its way; gives the row's id."""
    transaction.run(
        """
        INSERT INTO delivery (session_id, kind, channel_id, is_private, before, occasion, part,
            from_position, until_position, previous_at, previous_place, due_at, useful_until,
            try_at)
        VALUES (:session_id, :kind, :channel_id, :is_private, :before, :occasion, :part,
            :from_position, :until_position, :previous_at, :previous_place, :due, :useful_until,
            :due)
        ON CONFLICT (session_id, kind, before, occasion, part) DO UPDATE SET
            channel_id = excluded.channel_id, due_at = excluded.due_at,
            useful_until = excluded.useful_until, try_at = excluded.due_at,
            state = 'pending', error = NULL
        WHERE state IN ('pending', 'withdrawn', 'failed')
        """,
        session_id=session_id,
        kind=kind,
        channel_id=channel_id,
        is_private=int(is_private),
        before=before,
        occasion=occasion,
        part=part,
        from_position=from_position,
        until_position=until_position,
        previous_at=previous_at,
        previous_place=previous_place,
        due=due,
        useful_until=useful_until,
    )
    row = transaction.one(
        """
        SELECT delivery_id FROM delivery
        WHERE session_id = :session_id AND kind = :kind AND before = :before
            AND occasion = :occasion AND part = :part
        """,
        session_id=session_id,
        kind=kind,
        before=before,
        occasion=occasion,
        part=part,
    )
    assert row is not None  # it has just been written
    return int(row["delivery_id"])


def concerns_anybody(transaction: Transaction, session: Session) -> bool:
    """Whether people may count on the session: its card is out, or somebody means to come."""
    return session.card_message_id is not None or (
        transaction.one(
            """
            SELECT 1 FROM rsvp
            WHERE session_id = :session_id AND answer <> 'declined' LIMIT 1
            """,
            session_id=session.session_id,
        )
        is not None
    )


def is_on_its_way(transaction: Transaction, session: Session) -> bool:
    """Whether a message about the session is being sent, or may have arrived unnoticed."""
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


def _withdraw_outdated(
    transaction: Transaction,
    session_id: int,
    starts: int,
    ends: int,
    boundaries: Sequence[int],
    offsets: Sequence[int],
) -> None:
    occasions_by_kind = {DeliveryKind.REFRESH: boundaries, DeliveryKind.SUMMARY: (ends,)}
    for row in transaction.all(
        """
        SELECT delivery_id, kind, before, occasion FROM delivery
        WHERE session_id = :session_id AND state IN ('pending', 'failed')
            AND kind IN ('reminder', 'start', 'undecided', 'summary', 'refresh')
        """,
        session_id=session_id,
    ):
        occasions = occasions_by_kind.get(row["kind"], (starts,))
        known_offset = row["kind"] != DeliveryKind.REMINDER or row["before"] in offsets
        if row["occasion"] not in occasions or not known_offset:
            transaction.run(
                "UPDATE delivery SET state = 'withdrawn' WHERE delivery_id = :delivery_id",
                delivery_id=row["delivery_id"],
            )


def _boundaries(session: Row) -> tuple[int, ...]:
    """When a card changes by itself: answers close, it begins, ends, is no longer corrected."""
    starts, ends = session["starts_at"], session["ends_at"]
    closes = session["answers_close"]
    return (
        *(() if closes is None else (starts - closes,)),
        starts,
        ends,
        ends + int(CORRECTABLE_FOR.total_seconds()),
    )


def _follow_host(transaction: Transaction, session_id: int, host_id: int) -> None:
    """What is for the host alone goes to whoever that is now."""
    transaction.run(
        """
        UPDATE delivery SET channel_id = :host_id
        WHERE session_id = :session_id AND is_private = 1 AND state = 'pending' AND attempts = 0
        """,
        session_id=session_id,
        host_id=host_id,
    )


def _channel(transaction: Transaction, session: Session) -> int:
    if session.card_channel_id is not None:
        return session.card_channel_id
    row = transaction.one(
        "SELECT channel_id FROM guild WHERE guild_id = :guild_id", guild_id=session.guild_id
    )
    assert row is not None  # a foreign key holds it
    return int(row["channel_id"])
