"""The outbox's rows on their way: claimed, sent, put off, ended, looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.limits import DUE_LOOKED_AT
from data.models import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Problem,
)
from data.outbox.failures import problem_of, tell_host_soon, tell_hosts
from data.outbox.private_channels import note_opening, openings
from data.outbox.recipients import delivery_of, share_out
from data.people.history import owe_thanks
from data.people.seats import lapse_offers
from data.rows import epoch, moment
from data.schedule.pauses import ask_whether_to_go_on
from data.store.transaction import Row, Transaction

_OUTDATED = """(
    kind NOT IN ('cancelled', 'undelivered', 'thanks', 'question') AND NOT EXISTS (
        SELECT 1 FROM session
        WHERE session.session_id = delivery.session_id AND session.state = 'scheduled'
            AND (kind NOT IN ('reminder', 'start', 'undecided') OR starts_at = occasion)))"""
"""What a message would say holds no longer: the session was called off, or has moved."""
# Both values of is_private are named for the index delivery_unpaid, which begins with it.
_DUE = "state IN ('pending', 'sending') AND is_private IN (0, 1) AND try_at <= :now"
_CHANNEL_IS_FREE = """NOT EXISTS (
    SELECT 1 FROM delivery AS other
    WHERE other.state = 'sending' AND other.try_at > :now
        AND other.channel_id = delivery.channel_id)"""
_CLAIMED = """state = 'sending', try_at = :until, attempts = attempts + 1,
    first_try_at = COALESCE(first_try_at, :now)"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one claim took: messages to send now, and those that came too late."""

    deliveries: tuple[Delivery, ...]
    expired: tuple[Problem, ...]
    refreshed: int
    """Cards that the clock made stale."""


def claim(
    transaction: Transaction,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    private_limit: int,
    mentions_per_message: int,
) -> Claimed:
    """Take what is due so that nobody else sends it, until the lease runs out.

    One at a time for each channel, in order, so that a slow channel holds up only itself. Private
    messages come after all that channels are owed. Rows that were never tried and are of no use
    any more expire or are withdrawn; a row that was tried before is claimed however late it is,
    because it may have arrived.
    """
    values = {"now": epoch(now), "until": epoch(now + lease)}
    refreshed = follow_clock(transaction, now=now)
    expired = _expire(transaction, now=now)
    claimed = _claim_for_channels(transaction, values, limit)
    if len(claimed) < limit:
        claimed += _claim_private(transaction, values, private_limit, now=now)
    for row in claimed:
        if row["part"] == 0 and row["attempts"] == 1:
            share_out(transaction, row, mentions_per_message, now)
    deliveries = [
        delivery_of(transaction, row["delivery_id"], is_outdated=bool(row["is_outdated"]))
        for row in claimed
    ]
    deliveries.sort(key=lambda delivery: (delivery.is_private, delivery.delivery_id))
    return Claimed(tuple(deliveries), tuple(problem_of(row) for row in expired), refreshed)


def follow_clock(transaction: Transaction, *, now: datetime) -> int:
    """Do what time alone brings; returns how many cards it made stale."""
    lapsed = lapse_offers(transaction, now=now)
    refreshed = transaction.run(
        f"""
        UPDATE session SET version = version + 1
        WHERE card_message_id IS NOT NULL AND session_id IN (
            SELECT session_id FROM delivery
            WHERE {_DUE} AND kind = 'refresh')
        """,
        now=epoch(now),
    )
    for row in transaction.all(
        f"""
        UPDATE delivery SET state = 'sent' WHERE {_DUE} AND kind = 'refresh'
        RETURNING session_id
        """,
        now=epoch(now),
    ):
        ask_whether_to_go_on(transaction, row["session_id"], now=now)
        owe_thanks(transaction, row["session_id"], now=now)
    return refreshed + len(lapsed)


def _expire(transaction: Transaction, *, now: datetime) -> list[Row]:
    """Withdraw what holds no longer, and end what is too late; returns the latter."""
    transaction.run(
        f"""
        UPDATE delivery SET state = 'withdrawn' WHERE {_DUE} AND attempts = 0 AND {_OUTDATED}
        """,
        now=epoch(now),
    )
    transaction.run(
        f"""
        UPDATE delivery SET state = 'withdrawn', error = 'nobody was left to tell'
        WHERE {_DUE} AND useful_until <= :now AND attempts = 0 AND EXISTS (
            SELECT 1 FROM session
            WHERE session.session_id = delivery.session_id
                AND ((kind = 'start' AND going_count = 0)
                    OR (kind = 'undecided' AND maybe_count = 0)))
        """,
        now=epoch(now),
    )
    expired = transaction.all(
        f"""
        UPDATE delivery SET state = 'expired', error = 'it was too late to be of use'
        WHERE {_DUE} AND useful_until <= :now AND attempts = 0
        RETURNING *, (SELECT title FROM session WHERE session.session_id = delivery.session_id)
            AS title
        """,
        now=epoch(now),
    )
    tell_hosts(transaction, [row["delivery_id"] for row in expired], now=now)
    return expired


def withdraw_due(transaction: Transaction, *, now: datetime, reason: str) -> int:
    """Owe no more what is due; returns how many messages that are."""
    return transaction.run(
        f"UPDATE delivery SET state = 'withdrawn', error = :reason WHERE {_DUE}",
        reason=reason,
        now=epoch(now),
    )


def _claim_for_channels(
    transaction: Transaction, values: Mapping[str, int], limit: int
) -> list[Row]:
    """Claim what channels are owed, the oldest of each."""
    return transaction.all(
        f"""
        UPDATE delivery SET {_CLAIMED}
        WHERE delivery_id IN (
            SELECT delivery_id FROM (
                SELECT delivery_id, try_at,
                    ROW_NUMBER() OVER (PARTITION BY channel_id ORDER BY try_at, delivery_id) AS turn
                FROM (
                    SELECT delivery_id, channel_id, try_at FROM delivery
                    WHERE state IN ('pending', 'sending') AND is_private = 0 AND try_at <= :now
                        AND {_CHANNEL_IS_FREE}
                    ORDER BY try_at, delivery_id LIMIT :looked_at) AS due) AS turns
            WHERE turn = 1 ORDER BY try_at, delivery_id LIMIT :limit)
        RETURNING *, {_OUTDATED} AS is_outdated
        """,
        looked_at=DUE_LOOKED_AT,
        limit=limit,
        **values,
    )


def _claim_private(
    transaction: Transaction, values: Mapping[str, int], limit: int, *, now: datetime
) -> list[Row]:
    """Claim private messages, one for each person; those that need a new private channel slowly.

    One whose private channel may not be opened yet is put off until the next may.
    """
    claimed: list[Row] = []
    put_off: list[int] = []
    seen: set[int] = set()
    left, next_at = openings(transaction, now=now)
    for row in transaction.all(
        f"""
        SELECT delivery_id, delivery.channel_id AS user_id, private_channel.channel_id AS known
        FROM delivery LEFT JOIN private_channel ON user_id = delivery.channel_id
        WHERE state IN ('pending', 'sending') AND is_private = 1 AND try_at <= :now
            AND {_CHANNEL_IS_FREE}
        ORDER BY try_at, delivery_id LIMIT :looked_at
        """,
        looked_at=DUE_LOOKED_AT,
        **values,
    ):
        if len(claimed) == limit:
            break
        user_id, is_new = row["user_id"], row["known"] is None
        if user_id in seen:
            continue
        if is_new and not left:
            put_off.append(row["delivery_id"])
        else:
            seen.add(user_id)
            if is_new:
                note_opening(transaction, user_id, now=now)
                left -= 1
            claimed += transaction.all(
                f"""
                UPDATE delivery SET {_CLAIMED} WHERE delivery_id = :delivery_id
                RETURNING *, {_OUTDATED} AS is_outdated
                """,
                delivery_id=row["delivery_id"],
                **values,
            )
    for delivery_id in put_off:
        transaction.run(
            "UPDATE delivery SET try_at = :next_at WHERE delivery_id = :delivery_id",
            next_at=epoch(next_at),
            delivery_id=delivery_id,
        )
    return claimed


def record_sent(
    transaction: Transaction,
    delivery: Delivery,
    *,
    message_id: int | None,
    now: datetime,
    doubt: str | None = None,
) -> bool:
    """The message has arrived; an announcement's message is the session's card from now on.

    ``doubt`` says why it may have arrived twice. Gives whether that card lags behind already.
    """
    transaction.run(
        """
        UPDATE delivery SET state = 'sent', message_id = :message_id, error = :doubt
        WHERE delivery_id = :delivery_id
        """,
        delivery_id=delivery.delivery_id,
        message_id=message_id,
        doubt=doubt,
    )
    if doubt is not None:
        tell_host_soon(transaction, delivery.delivery_id, now=now)
    if delivery.kind is not DeliveryKind.ANNOUNCEMENT or message_id is None:
        return False
    session = delivery.view.session
    row = transaction.one(
        """
        UPDATE session SET card_channel_id = :channel_id, card_message_id = :message_id,
            card_version = :version
        WHERE session_id = :session_id
        RETURNING version > card_version AS lags
        """,
        channel_id=delivery.channel_id,
        message_id=message_id,
        # An earlier try may be what arrived, showing what was true then.
        version=session.version if delivery.attempts == 1 else 0,
        session_id=session.session_id,
    )
    return row is not None and bool(row["lags"])


def recorded_messages(transaction: Transaction, message_ids: Sequence[int]) -> set[int]:
    """Which of these messages are known to be deliveries that arrived."""
    if not message_ids:
        return set()
    rows = transaction.all(
        """
        SELECT message_id FROM delivery
        WHERE message_id BETWEEN :first AND :last AND state = 'sent'
        """,
        first=min(message_ids),
        last=max(message_ids),
    )
    return {row["message_id"] for row in rows} & set(message_ids)


def record_end(
    transaction: Transaction,
    delivery_id: int,
    *,
    state: DeliveryState,
    error: str,
    now: datetime,
) -> None:
    """The message will not arrive: failed, expired or withdrawn, and why."""
    transaction.run(
        "UPDATE delivery SET state = :state, error = :error WHERE delivery_id = :delivery_id",
        delivery_id=delivery_id,
        state=state,
        error=error,
    )
    if state in (DeliveryState.EXPIRED, DeliveryState.FAILED):
        tell_host_soon(transaction, delivery_id, now=now)


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


def say_in_channel(transaction: Transaction, delivery: Delivery, *, now: datetime) -> None:
    """A private message can't arrive: the host is told in the channel where to see what it says.

    What else is private can be seen with a command, and is left unsaid.
    """
    session = delivery.view.session
    if delivery.kind not in (DeliveryKind.SUMMARY, DeliveryKind.UNDELIVERED):
        reason = "their private messages are closed"
        record_end(
            transaction, delivery.delivery_id, state=DeliveryState.WITHDRAWN, error=reason, now=now
        )
        return
    transaction.run(
        """
        UPDATE delivery SET is_private = 0, state = 'pending', try_at = :now, attempts = 0,
            first_try_at = NULL, channel_id = (
                SELECT COALESCE(card_channel_id, guild.channel_id)
                FROM session JOIN guild USING (guild_id) WHERE session_id = :session_id)
        WHERE delivery_id = :delivery_id
        """,
        now=epoch(now),
        session_id=session.session_id,
        delivery_id=delivery.delivery_id,
    )


def retry_failed(transaction: Transaction, guild_id: int, *, now: datetime) -> int:
    """Owe again what failed for good and is still of use; returns how many those are."""
    return transaction.run(
        """
        UPDATE delivery SET state = 'pending', try_at = :now, error = NULL,
            channel_id = CASE WHEN is_private = 1 THEN channel_id ELSE (
                SELECT COALESCE(card_channel_id, guild.channel_id)
                FROM session JOIN guild USING (guild_id)
                WHERE session.session_id = delivery.session_id) END
        WHERE state = 'failed' AND useful_until > :now AND session_id IN (
            SELECT session_id FROM session WHERE guild_id = :guild_id AND ends_at > :now)
        """,
        guild_id=guild_id,
        now=epoch(now),
    )


def problems(transaction: Transaction, guild_id: int, *, since: datetime) -> list[Problem]:
    """What was owed to a server since then and never arrived, or maybe twice, oldest first."""
    rows = transaction.all(
        """
        SELECT delivery.*, session.title
        FROM session JOIN delivery USING (session_id)
        WHERE guild_id = :guild_id AND ends_at >= :since AND (delivery.state = 'failed'
            OR (delivery.state = 'expired' AND useful_until >= :since)
            OR (delivery.state = 'sent' AND error IS NOT NULL))
        ORDER BY due_at
        """,
        guild_id=guild_id,
        since=epoch(since),
    )
    return [problem_of(row) for row in rows]


def release_claims(transaction: Transaction, *, now: datetime) -> int:
    """At the start, when nobody else can be sending: what was claimed before is due again.

    It is settled before anything newer in its channel, while Discord still knows it.
    """
    return transaction.run(
        "UPDATE delivery SET try_at = MIN(:now, first_try_at) WHERE state = 'sending'",
        now=epoch(now),
    )


def try_again_now(transaction: Transaction, *, now: datetime, lease: timedelta) -> int:
    """What was put off is due, and no claim lapses later than from now; returns how much that is.

    For when Discord is back, or the clock went back from where those moments were reckoned. That
    holds also for private messages that wait for their private channel to be opened; but how a
    session went is not told before its end.
    """
    return transaction.run(
        """
        UPDATE delivery SET try_at = CASE
            WHEN state = 'sending' THEN :until
            WHEN kind = 'summary' THEN MAX(:now, due_at)
            ELSE :now END
        WHERE state IN ('pending', 'sending')
            AND (attempts > 0 OR (is_private = 1 AND try_at > due_at))
            AND try_at > CASE state WHEN 'sending' THEN :until ELSE :now END
        """,
        now=epoch(now),
        until=epoch(now + lease),
    )


def next_due(transaction: Transaction) -> datetime | None:
    """When the outbox, a series that runs out of dates, or an offer next wants attention."""
    moments = [
        row["at"]
        for row in (
            *(
                transaction.one(
                    """
                    SELECT MIN(try_at) AS at FROM delivery
                    WHERE state IN ('pending', 'sending') AND is_private = :is_private
                    """,
                    is_private=is_private,
                )
                for is_private in (0, 1)
            ),
            transaction.one("SELECT MIN(extend_at) AS at FROM series WHERE extend_at IS NOT NULL"),
            transaction.one(
                "SELECT MIN(offered_until) AS at FROM rsvp WHERE offered_until IS NOT NULL"
            ),
        )
        if row is not None and row["at"] is not None
    ]
    return moment(min(moments)) if moments else None
