"""Pausing and resuming series, and the question whether one goes on."""

from __future__ import annotations

from datetime import datetime

from data.limits import EMPTY_IN_A_ROW, QUESTION_USEFUL_FOR
from data.models import Horizon, Owner, Series, Session
from data.outbox.kinds import QUESTION
from data.outbox.owe import owe
from data.outbox.standing import tidy_series
from data.people.others import HAD_OTHERS
from data.refusal import Refusal
from data.rows import epoch
from data.schedule.change_series import leave_series
from data.schedule.find_series import series_ahead
from data.schedule.quotas import check_cards
from data.schedule.series import extend, series_now, series_to_change
from data.store.transaction import Transaction


def pause_series(
    transaction: Transaction, series_id: int, *, until: datetime | None, now: datetime
) -> list[Session]:
    """Pauses a series until a moment, or until a person resumes it (None).

    Returns the sessions that do not take place because of it. Raises Refusal if the series is not
    active.
    """
    series_to_change(transaction, series_id)
    transaction.run(
        """
        UPDATE series SET paused_from = :now, paused_until = :until, version = version + 1
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        now=epoch(now),
        until=None if until is None else epoch(until),
    )
    tidy_series(transaction, series_id, now=now)
    left_out = dates_in_pause(transaction, series_id, until=until, now=now)
    for session in left_out:
        leave_series(transaction, session, now)
    return left_out


def dates_in_pause(
    transaction: Transaction, series_id: int, *, until: datetime | None, now: datetime
) -> list[Session]:
    """Returns the sessions ahead that a pause until a moment, or without end (None), leaves out."""
    return [
        session
        for session in series_ahead(transaction, series_id, now=now)
        if until is None or session.starts_at < until
    ]


def resume_series(
    transaction: Transaction, series_id: int, *, horizon: Horizon, now: datetime
) -> list[Session]:
    """Resumes a paused series; returns its sessions ahead.

    Raises Refusal if it is not paused, or the channel has too many cards.
    """
    series = series_to_change(transaction, series_id)
    if not series.is_paused(now):
        raise Refusal("That series isn't paused. Type /jelly list to see its dates.")
    transaction.run(
        """
        UPDATE series SET paused_from = NULL, paused_until = NULL, version = version + 1,
            confirmed_at = :now
        WHERE series_id = :series_id
        """,
        series_id=series_id,
        now=epoch(now),
    )
    added = extend(transaction, series_now(transaction, series_id), horizon=horizon, now=now)
    check_cards(transaction, added, now=now)
    return series_ahead(transaction, series_id, now=now)


def confirm_series(transaction: Transaction, series_id: int, *, now: datetime) -> Series:
    """Notes that a person wants the series to go on. Raises Refusal if it is not active."""
    series_to_change(transaction, series_id)
    transaction.run(
        "UPDATE series SET confirmed_at = :now WHERE series_id = :series_id",
        series_id=series_id,
        now=epoch(now),
    )
    tidy_series(transaction, series_id, now=now)
    return series_now(transaction, series_id)


def ask_whether_to_go_on(transaction: Transaction, session_id: int, *, now: datetime) -> bool:
    """Owes the host of a session's series the question whether it goes on; returns whether it did.

    Only if the session is over, nobody but the host was at the last EMPTY_IN_A_ROW dates since the
    series was last confirmed, and the question was not asked since then.
    """
    row = transaction.one(
        """
        SELECT series.series_id, series.guild_id, series.confirmed_at,
            COALESCE(mirror.channel_id, series.channel_id) AS channel_id
        FROM session JOIN series ON series.series_id = session.series_id
            LEFT JOIN mirror ON mirror.session_id = session.session_id AND mirror.kind = 'card'
        WHERE session.session_id = :session_id AND ends_at <= :now AND series.state = 'active'
            AND paused_from IS NULL
            -- Of a series that has had its last date there is nothing to ask.
            AND (extend_at > :now OR EXISTS (
                SELECT 1 FROM session AS later
                WHERE later.series_id = series.series_id AND later.ends_at > :now
                    AND later.state = 'scheduled'))
        """,
        session_id=session_id,
        now=epoch(now),
    )
    if row is None or _was_asked(transaction, row["series_id"], row["confirmed_at"]):
        return False
    last = transaction.all(
        f"""
        SELECT {HAD_OTHERS} AS had_others FROM session
        WHERE series_id = :series_id AND ends_at <= :now AND state = 'scheduled'
            AND starts_at > :confirmed_at
        ORDER BY starts_at DESC LIMIT :in_a_row
        """,
        series_id=row["series_id"],
        now=epoch(now),
        confirmed_at=row["confirmed_at"],
        in_a_row=EMPTY_IN_A_ROW,
    )
    if len(last) < EMPTY_IN_A_ROW or any(one["had_others"] for one in last):
        return False
    owe(
        transaction,
        Owner(row["guild_id"], series_id=row["series_id"]),
        QUESTION,
        row["channel_id"],
        occasion=session_id,
        due=epoch(now),
        useful_until=epoch(now + QUESTION_USEFUL_FOR),
    )
    return True


def _was_asked(transaction: Transaction, series_id: int, since: int) -> bool:
    row = transaction.one(
        """
        SELECT 1 FROM delivery
        WHERE series_id = :series_id AND kind = 'question' AND due_at >= :since LIMIT 1
        """,
        series_id=series_id,
        since=since,
    )
    return row is not None
