"""Claiming rows of the outbox, so that nothing else sends them while their lease lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.limits import DUE_LOOKED_AT
from data.models import DeliveryState
from data.outbox.contents import delivery_of
from data.outbox.deliveries import Delivery, Problem
from data.outbox.errors import DeliveryError, ErrorCode, text_of
from data.outbox.failures import JELLY_OF_DELIVERY, PROBLEM, problem_of, tell_hosts
from data.outbox.kinds import OFFER, Outdated, kind_of, names_where
from data.outbox.latest_word import IS_OVERTAKEN, leave_latest_words
from data.outbox.notice_rate import hold_back
from data.outbox.private_channels import note_opening, openings
from data.outbox.quiet import CHANNEL_IS_FREE, wait_until_morning
from data.outbox.recipients import is_moot, share_out
from data.people.seats import restart_offers
from data.people.session_views import card_view
from data.rows import epoch
from data.store.transaction import Row, Transaction

_KNOWN = names_where(lambda kind: True)
_ENDS_WITH_SESSION = names_where(lambda kind: kind.outdated is not Outdated.NEVER)
_ENDS_WITH_START = names_where(lambda kind: kind.outdated is Outdated.MOVED)
_OUTDATED = f"""(
    session_id IS NOT NULL AND kind IN {_ENDS_WITH_SESSION} AND NOT EXISTS (
        SELECT 1 FROM session
        WHERE session.session_id = delivery.session_id AND session.state = 'scheduled'
            AND (kind NOT IN {_ENDS_WITH_START} OR starts_at = occasion)) OR {IS_OVERTAKEN})"""
"""SQL: a message no longer holds: its session was cancelled, or has moved, or had a later word."""
_NEVER_EARLY = names_where(lambda kind: kind.is_never_early)
# Both values of is_private are listed so that the index delivery_unpaid, led by it, is used.
_DUE = "state IN ('pending', 'sending') AND is_private IN (0, 1) AND try_at <= :now"
_CLAIMED = """state = 'sending', try_at = :until, attempts = attempts + 1,
    first_try_at = COALESCE(first_try_at, :now)"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """The result of one claim: messages to send now, and those that are too late."""

    deliveries: tuple[Delivery, ...]
    expired: tuple[Problem, ...]


def claim(
    transaction: Transaction,
    *,
    now: datetime,
    lease: timedelta,
    limit: int,
    private_limit: int,
    most_mentions: int,
) -> Claimed:
    """Claims due messages so that nothing else sends them until the lease runs out.

    1. Ends messages that no longer hold, have no readers left, or are too late, and leaves each
       session the latest of its words that are due.
    2. Delays messages of sessions that have had many notices, and those that would notify someone
       in quiet hours.
    3. Claims the oldest due message of each channel, unless another is being sent there, so that a
       slow channel delays only itself.
    4. Claims private messages, if channels leave room below ``limit``.
    5. Splits messages that mention more than ``most_mentions`` members. Offers last from now on,
       when they are told.

    A row that was tried before is claimed however late it is, because it may have arrived.
    """
    expired = end_what_is_too_late(transaction, now=now)
    hold_back(transaction, now=now)
    wait_until_morning(transaction, now=now)
    values = {"now": epoch(now), "until": epoch(now + lease)}
    claimed = _claim_for_channels(transaction, values, limit)
    if len(claimed) < limit:
        claimed += _claim_private(transaction, values, private_limit, now=now)
    for row in claimed:
        if row["part"] == 0 and row["attempts"] == 1:
            share_out(transaction, kind_of(row["kind"]), row, most_mentions)
        if row["kind"] == OFFER.name and row["attempts"] == 1 and not row["is_outdated"]:
            restart_offers(transaction, row["session_id"], row["delivery_id"], now=now)
    deliveries = [
        delivery_of(transaction, row["delivery_id"], is_outdated=bool(row["is_outdated"]), now=now)
        for row in claimed
    ]
    deliveries.sort(key=lambda delivery: (delivery.is_private, delivery.delivery_id))
    return Claimed(tuple(deliveries), tuple(expired))


def end_what_is_too_late(transaction: Transaction, *, now: datetime) -> list[Problem]:
    """Withdraws due messages that no longer hold and expires late ones; returns the expired."""
    transaction.run(
        f"UPDATE delivery SET state = 'withdrawn', error = :error "
        f"WHERE {_DUE} AND kind NOT IN {_KNOWN}",
        error=text_of(DeliveryError(ErrorCode.UNKNOWN_KIND)),
        now=epoch(now),
    )
    transaction.run(
        f"""
        UPDATE delivery SET state = 'withdrawn' WHERE {_DUE} AND attempts = 0 AND {_OUTDATED}
        """,
        now=epoch(now),
    )
    leave_latest_words(transaction, now=now)
    missed: list[int] = []
    for row in transaction.all(
        f"SELECT * FROM delivery WHERE {_DUE} AND useful_until <= :now AND attempts = 0",
        now=epoch(now),
    ):
        view = None
        if row["session_id"] is not None:
            view = card_view(transaction, row["session_id"])
        says_nothing = is_moot(transaction, kind_of(row["kind"]), row, view)
        error = DeliveryError(ErrorCode.NOBODY_LEFT if says_nothing else ErrorCode.TOO_LATE)
        transaction.run(
            "UPDATE delivery SET state = :state, error = :error WHERE delivery_id = :delivery_id",
            delivery_id=row["delivery_id"],
            state=DeliveryState.WITHDRAWN if says_nothing else DeliveryState.EXPIRED,
            error=text_of(error),
        )
        missed += [] if says_nothing else [row["delivery_id"]]
    tell_hosts(transaction, missed, now=now)
    return [_problem(transaction, delivery_id) for delivery_id in missed]


def withdraw_due(transaction: Transaction, *, now: datetime, error: DeliveryError) -> int:
    """Withdraws all due messages; returns how many there were."""
    return transaction.run(
        f"UPDATE delivery SET state = 'withdrawn', error = :error WHERE {_DUE}",
        error=text_of(error),
        now=epoch(now),
    )


def release_claims(transaction: Transaction, *, now: datetime) -> int:
    """Makes claimed messages due again; returns how many there were.

    Only at the start, when nothing else can be sending. They are due at their first attempt's time,
    so they are settled before newer ones in their channel, while Discord still knows their nonce.
    """
    return transaction.run(
        """
        UPDATE delivery SET try_at = CASE WHEN first_try_at < :now THEN first_try_at ELSE :now END
        WHERE state = 'sending'
        """,
        now=epoch(now),
    )


def try_again_now(transaction: Transaction, *, now: datetime, lease: timedelta) -> int:
    """Makes postponed messages due, and ends claims at most ``lease`` from now; returns how many.

    For when Discord is reachable again, or the clock was set back since those times were computed.
    Includes private messages that wait for their private channel to be opened, and what waits for
    the end of quiet hours, which the next claim delays again.
    """
    return transaction.run(
        f"""
        UPDATE delivery SET try_at = CASE
            WHEN state = 'sending' THEN :until
            WHEN kind IN {_NEVER_EARLY} AND due_at > :now THEN due_at
            ELSE :now END
        WHERE state IN ('pending', 'sending')
            AND (attempts > 0 OR try_at > due_at)
            AND try_at > CASE state WHEN 'sending' THEN :until ELSE :now END
        """,
        now=epoch(now),
        until=epoch(now + lease),
    )


def _problem(transaction: Transaction, delivery_id: int) -> Problem:
    row = transaction.one(
        f"SELECT {PROBLEM} FROM {JELLY_OF_DELIVERY} WHERE delivery_id = :delivery_id",
        delivery_id=delivery_id,
    )
    assert row is not None  # the caller has just changed it
    return problem_of(row)


def _claim_for_channels(
    transaction: Transaction, values: Mapping[str, int], limit: int
) -> list[Row]:
    """Claims the oldest due message of each free channel."""
    return transaction.all(
        f"""
        UPDATE delivery SET {_CLAIMED}
        WHERE delivery_id IN (
            SELECT delivery_id FROM (
                SELECT delivery_id, try_at,
                    ROW_NUMBER() OVER (
                        PARTITION BY channel_id ORDER BY try_at, due_at, delivery_id) AS turn
                FROM (
                    SELECT delivery_id, channel_id, try_at, due_at FROM delivery
                    WHERE state IN ('pending', 'sending') AND is_private = 0 AND try_at <= :now
                        AND {CHANNEL_IS_FREE}
                    ORDER BY try_at, due_at, delivery_id LIMIT :looked_at) AS due) AS turns
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
    """Claims private messages, one for each person; limits those that need a new private channel.

    A message whose private channel may not be opened yet is postponed until one may be.
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
            AND {CHANNEL_IS_FREE}
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
