"""What waits for the end of a channel's quiet hours: messages in it that notify someone."""

from __future__ import annotations

from datetime import datetime

from data.channels import settings_in
from data.limits import CHANGE_TOLD_WITHIN, DUE_LOOKED_AT, TOLD_BEFORE_START
from data.models import DeliveryState
from data.outbox.errors import DeliveryError, ErrorCode, text_of
from data.outbox.kinds import CANCELLED, MOVED, names_where
from data.outbox.standing import take_down_words
from data.quiet_hours import quiet_until
from data.rows import epoch, moment
from data.store.transaction import Row, Transaction

_NOTIFYING = names_where(lambda kind: kind.notifies)
_CHANGES = (MOVED.name, CANCELLED.name)
CHANNEL_IS_FREE = """NOT EXISTS (
    SELECT 1 FROM delivery AS other
    WHERE other.state = 'sending' AND other.try_at > :now
        AND other.channel_id = delivery.channel_id)"""
"""SQL: no message is being sent where a message goes to."""
_LOOKED_AT = """
    SELECT delivery_id, kind, delivery.session_id, useful_until, previous_at,
        session.starts_at, session.ends_at, channel.channel_id
    FROM delivery LEFT JOIN session ON session.session_id = delivery.session_id
        LEFT JOIN series ON series.series_id = delivery.series_id
        JOIN channel ON channel.channel_id = COALESCE(
            session.channel_id, series.channel_id, owner_channel_id,
            (SELECT own.channel_id FROM channel AS own
             WHERE own.guild_id = delivery.guild_id LIMIT 1))"""


def wait_until_morning(transaction: Transaction, *, now: datetime) -> None:
    """Delays due messages that would notify someone in quiet hours until these end.

    They stay due when they were. What would be too late then is withdrawn, and no one is told. What
    is about a session that starts soon after is not delayed, and neither are other parts of what
    has begun to go out. What was tried before is looked for first: :func:`waits_until`.
    """
    ends: dict[int, datetime | None] = {}
    while True:
        # The messages of which a claim takes some, in the same order.
        due = transaction.all(
            f"""
            {_LOOKED_AT}
            WHERE delivery.state IN ('pending', 'sending') AND is_private = 0 AND try_at <= :now
                AND attempts = 0 AND part = 0 AND kind IN {_NOTIFYING}
                AND quiet_from IS NOT NULL AND {CHANNEL_IS_FREE}
            ORDER BY try_at, due_at, delivery_id LIMIT :limit
            """,
            now=epoch(now),
            limit=DUE_LOOKED_AT,
        )
        is_any_delayed = False
        for row in due:
            channel_id = row["channel_id"]
            if channel_id not in ends:
                settings = settings_in(transaction, channel_id)
                ends[channel_id] = quiet_until(now, settings.quiet_hours, settings.zone)
            until = ends[channel_id]
            if until is not None and not _is_urgent(row, until, now):
                _delay(transaction, row, until)
                if row["kind"] == MOVED.name:
                    # Until it is told, the card alone says what is true.
                    take_down_words(transaction, row["session_id"], now=now)
                is_any_delayed = True
        if not is_any_delayed or len(due) < DUE_LOOKED_AT:
            return


def waits_until(transaction: Transaction, delivery_id: int, *, now: datetime) -> datetime | None:
    """Returns when quiet hours end for a message that was tried before; None if it may be sent."""
    row = transaction.one(
        f"""
        {_LOOKED_AT}
        WHERE delivery_id = :delivery_id AND attempts > 1 AND is_private = 0
            AND kind IN {_NOTIFYING}
        """,
        delivery_id=delivery_id,
    )
    if row is None:
        return None
    settings = settings_in(transaction, row["channel_id"])
    until = quiet_until(now, settings.quiet_hours, settings.zone)
    return None if until is None or _is_urgent(row, until, now) else until


def look_again(transaction: Transaction, session_id: int) -> None:
    """Has what waits of a session looked at again, because it may be needed earlier now."""
    transaction.run(
        """
        UPDATE delivery SET try_at = due_at
        WHERE session_id = :session_id AND state = 'pending' AND is_private = 0
            AND attempts = 0 AND try_at > due_at
        """,
        session_id=session_id,
    )


def look_again_in(transaction: Transaction, guild_id: int, *, now: datetime) -> None:
    """Has what waits in a server looked at again, because its quiet hours are others now."""
    transaction.run(
        """
        UPDATE delivery SET try_at = due_at
        -- Both states are named for the index delivery_unpaid_to.
        WHERE guild_id = :guild_id AND due_at <= :now
            AND state IN ('pending', 'sending') AND state = 'pending' AND is_private = 0
            AND attempts = 0 AND try_at > :now
        """,
        guild_id=guild_id,
        now=epoch(now),
    )


def _is_urgent(row: Row, until: datetime, now: datetime) -> bool:
    """Returns whether a message is needed before quiet hours are over.

    It is if its session starts, or was to start as far as members know, soon after.
    """
    if row["starts_at"] is None or row["ends_at"] <= epoch(now):
        return False
    starts_at = moment(min(row["starts_at"], row["previous_at"] or row["starts_at"]))
    if row["kind"] in _CHANGES and starts_at <= now + CHANGE_TOLD_WITHIN:
        return True
    return starts_at < until + TOLD_BEFORE_START


def _delay(transaction: Transaction, row: Row, until: datetime) -> None:
    if row["useful_until"] > epoch(until):
        transaction.run(
            "UPDATE delivery SET try_at = :until WHERE delivery_id = :delivery_id",
            delivery_id=row["delivery_id"],
            until=epoch(until),
        )
    else:
        transaction.run(
            "UPDATE delivery SET state = :state, error = :error WHERE delivery_id = :delivery_id",
            delivery_id=row["delivery_id"],
            state=DeliveryState.WITHDRAWN,
            error=text_of(DeliveryError(ErrorCode.TOO_LATE)),
        )
