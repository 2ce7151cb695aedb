"""Servers that removed the bot: left in peace at once, and gone on with if they invite it again.

Nothing is due in them: no message, date, boundary, offer or refresh. Their data are deleted after
REMOVED_KEPT_FOR (data/forget_servers.py).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from data.limits import CORRECTABLE_FOR, MISSING_FOR, REMOVED_KEPT_FOR
from data.outbox.alerts import tell_of_return
from data.outbox.errors import DeliveryError, ErrorCode, text_of
from data.outbox.plan import plan
from data.outbox.thanks import plan_thanks
from data.people.seats import fill
from data.rows import epoch, moment, session_of
from data.store.transaction import Transaction


def note_ready(transaction: Transaction, present: Collection[int], *, now: datetime) -> None:
    """Notes which servers Discord named at a login, by their ids.

    One that it does not name at two logins at least MISSING_FOR apart has removed the bot.
    """
    for row in transaction.all("SELECT guild_id, removed_at, missing_since FROM guild"):
        guild_id, since = row["guild_id"], row["missing_since"]
        if guild_id in present:
            note_present(transaction, guild_id, now=now)
        elif row["removed_at"] is not None:
            continue
        # A moment in the future was noted while the clock was ahead.
        elif since is None or since > epoch(now):
            transaction.run(
                "UPDATE guild SET missing_since = :now WHERE guild_id = :guild_id",
                guild_id=guild_id,
                now=epoch(now),
            )
        elif moment(since) + MISSING_FOR <= now:
            note_removed(transaction, guild_id, now=now)


def note_removed(transaction: Transaction, guild_id: int, *, now: datetime) -> None:
    """Notes that a server removed the bot, so that nothing is due in it any more."""
    if not transaction.run(
        """
        UPDATE guild SET removed_at = :now, missing_since = NULL
        WHERE guild_id = :guild_id AND removed_at IS NULL
        """,
        guild_id=guild_id,
        now=epoch(now),
    ):
        return
    transaction.run(
        """
        UPDATE delivery SET state = 'withdrawn', error = :error
        WHERE state IN ('pending', 'sending') AND guild_id = :guild_id
        """,
        guild_id=guild_id,
        error=text_of(DeliveryError(ErrorCode.NOT_IN_SERVER)),
    )
    # The version keeps dates from being added that were computed before.
    transaction.run(
        """
        UPDATE series SET extend_at = NULL, version = version + 1
        WHERE guild_id = :guild_id AND extend_at IS NOT NULL
        """,
        guild_id=guild_id,
    )
    sessions = "SELECT session_id FROM session WHERE guild_id = :guild_id"
    transaction.run(
        f"DELETE FROM session_boundary WHERE session_id IN ({sessions})", guild_id=guild_id
    )
    transaction.run(
        f"""
        UPDATE rsvp SET offered_until = NULL
        WHERE offered_until IS NOT NULL AND session_id IN ({sessions})
        """,
        guild_id=guild_id,
    )
    transaction.run(
        """
        UPDATE mirror SET version_shown = version
        WHERE version > version_shown AND guild_id = :guild_id
        """,
        guild_id=guild_id,
    )
    transaction.run(
        "UPDATE deletion SET try_at = :try_at WHERE guild_id = :guild_id",
        guild_id=guild_id,
        try_at=epoch(now + REMOVED_KEPT_FOR),
    )


def note_present(transaction: Transaction, guild_id: int, *, now: datetime) -> None:
    """Notes that the bot is in a server; goes on if it was removed less than REMOVED_KEPT_FOR ago.

    Then sessions ahead are planned anew, and organizers are told. Later, its data are deleted.
    """
    row = transaction.one(
        "SELECT removed_at, missing_since FROM guild WHERE guild_id = :guild_id",
        guild_id=guild_id,
    )
    if row is None or (row["removed_at"] is None and row["missing_since"] is None):
        return
    removed_at = None if row["removed_at"] is None else moment(row["removed_at"])
    if removed_at is not None and removed_at + REMOVED_KEPT_FOR <= now:
        return
    transaction.run(
        "UPDATE guild SET removed_at = NULL, missing_since = NULL WHERE guild_id = :guild_id",
        guild_id=guild_id,
    )
    if removed_at is not None:
        _go_on(transaction, guild_id, removed_at, now)
    else:
        # What was due meanwhile was put off.
        transaction.run(
            """
            UPDATE delivery SET try_at = :now
            WHERE state = 'pending' AND is_private IN (0, 1) AND try_at > :now
                AND guild_id = :guild_id AND attempts > 0
            """,
            guild_id=guild_id,
            now=epoch(now),
        )


def _go_on(transaction: Transaction, guild_id: int, removed_at: datetime, now: datetime) -> None:
    """Makes everything due again that is due from now on."""
    transaction.run(
        """
        UPDATE series SET extend_at = :now
        WHERE guild_id = :guild_id AND state = 'active' AND extend_at IS NULL
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    for row in transaction.all(
        """
        UPDATE session SET version = version + 1
        WHERE guild_id = :guild_id AND ends_at > :since RETURNING *
        """,
        guild_id=guild_id,
        since=epoch(removed_at - CORRECTABLE_FOR),
    ):
        session = session_of(row)
        if session.ends_at + CORRECTABLE_FOR > now:
            plan(transaction, session, now=now)
            fill(transaction, session, now=now)
    for row in transaction.all(
        "SELECT channel_id FROM channel WHERE guild_id = :guild_id", guild_id=guild_id
    ):
        plan_thanks(transaction, row["channel_id"], now=now)
    transaction.run(
        "UPDATE deletion SET try_at = :now WHERE guild_id = :guild_id",
        guild_id=guild_id,
        now=epoch(now),
    )
    tell_of_return(transaction, guild_id, removed_at=removed_at, now=now)
