"""Servers that removed the bot: left in peace at once, and gone on with if they invite it again.

Nothing is due in them: no message, date, boundary, offer or refresh. Both are done in steps, since
others wait meanwhile. Their data are deleted after REMOVED_KEPT_FOR (data/forget_servers.py).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from data.limits import CORRECTABLE_FOR, MISSING_FOR, REMOVED_KEPT_FOR, SETTLED_AT_ONCE
from data.models import Session
from data.outbox.alerts import tell_of_return
from data.outbox.errors import DeliveryError, ErrorCode, text_of
from data.outbox.plan import PUT_OFF, plan
from data.outbox.standing import tidy
from data.outbox.thanks import plan_thanks
from data.people.seats import fill
from data.rows import epoch, moment, session_of
from data.schedule.find import session_now
from data.store.transaction import Transaction

_NOT_IN_SERVER = text_of(DeliveryError(ErrorCode.NOT_IN_SERVER))


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
    """Notes that a server removed the bot; :func:`settle_some` then makes nothing due in it."""
    if not transaction.run(
        """
        UPDATE guild SET removed_at = :now, missing_since = NULL, settle_at = :now
        WHERE guild_id = :guild_id AND removed_at IS NULL
        """,
        guild_id=guild_id,
        now=epoch(now),
    ):
        return
    # The version keeps dates from being added that were computed before.
    transaction.run(
        """
        UPDATE series SET extend_at = NULL, version = version + 1
        WHERE guild_id = :guild_id AND extend_at IS NOT NULL
        """,
        guild_id=guild_id,
    )


def note_present(transaction: Transaction, guild_id: int, *, now: datetime) -> None:
    """Notes that the bot is in a server; goes on if it was removed less than REMOVED_KEPT_FOR ago.

    Then organizers are told, and :func:`settle_some` plans sessions anew. Later, its data are
    deleted instead.
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
        """
        UPDATE guild SET removed_at = NULL, missing_since = NULL, settle_at = :now
        WHERE guild_id = :guild_id
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    if removed_at is not None:
        tell_of_return(transaction, guild_id, removed_at=removed_at, now=now)


def settle_some(transaction: Transaction, *, now: datetime) -> bool:
    """Does a step of what follows from a removal or a return; returns whether there was one.

    A step is about SETTLED_AT_ONCE sessions of one server at most.
    """
    row = transaction.one(
        """
        SELECT guild_id, removed_at FROM guild WHERE settle_at IS NOT NULL
        ORDER BY settle_at, guild_id LIMIT 1
        """
    )
    if row is None:
        return False
    guild_id, is_removed = row["guild_id"], row["removed_at"] is not None
    sessions = _sessions(transaction, guild_id, put_off=not is_removed)
    for session in sessions:
        if is_removed:
            _put_off(transaction, session)
        else:
            _take_up(transaction, session, now)
    if not sessions:
        if is_removed:
            _put_off_the_rest(transaction, guild_id, now)
        else:
            _take_up_the_rest(transaction, guild_id, now)
        transaction.run(
            "UPDATE guild SET settle_at = NULL WHERE guild_id = :guild_id", guild_id=guild_id
        )
    return True


def _sessions(transaction: Transaction, guild_id: int, *, put_off: bool) -> list[Session]:
    """Returns sessions whose boundaries are put off, or are not."""
    rows = transaction.all(
        f"""
        SELECT * FROM session
        WHERE guild_id = :guild_id AND EXISTS (
            SELECT 1 FROM session_boundary
            WHERE session_boundary.session_id = session.session_id
                AND at {">=" if put_off else "<"} :put_off)
        LIMIT :most
        """,
        guild_id=guild_id,
        put_off=PUT_OFF,
        most=SETTLED_AT_ONCE,
    )
    return [session_of(row) for row in rows]


def _put_off(transaction: Transaction, session: Session) -> None:
    """Makes nothing due in a session, and what shows it not lag."""
    values = {"session_id": session.session_id}
    transaction.run(
        """
        UPDATE delivery SET state = 'withdrawn', error = :error
        WHERE session_id = :session_id AND state IN ('pending', 'sending')
        """,
        error=_NOT_IN_SERVER,
        **values,
    )
    transaction.run(
        """
        UPDATE rsvp SET offered_until = NULL
        WHERE session_id = :session_id AND offered_until IS NOT NULL
        """,
        **values,
    )
    transaction.run("DELETE FROM session_boundary WHERE session_id = :session_id", **values)
    transaction.run(
        "INSERT INTO session_boundary (session_id, at) VALUES (:session_id, :put_off)",
        put_off=PUT_OFF,
        **values,
    )
    transaction.run(
        "UPDATE mirror SET version_shown = version WHERE session_id = :session_id", **values
    )


def _put_off_the_rest(transaction: Transaction, guild_id: int, now: datetime) -> None:
    """Makes nothing due in a server, apart from its sessions that change by time."""
    transaction.run(
        """
        UPDATE delivery SET state = 'withdrawn', error = :error
        WHERE state IN ('pending', 'sending') AND is_private IN (0, 1) AND guild_id = :guild_id
        """,
        guild_id=guild_id,
        error=_NOT_IN_SERVER,
    )
    transaction.run(
        """
        UPDATE mirror SET version_shown = version
        WHERE version > version_shown AND guild_id = :guild_id
        """,
        guild_id=guild_id,
    )
    transaction.run(
        """
        UPDATE deletion SET try_at = try_at + :put_off
        WHERE guild_id = :guild_id AND try_at < :put_off
        """,
        guild_id=guild_id,
        put_off=PUT_OFF,
    )


def _take_up(transaction: Transaction, session: Session, now: datetime) -> None:
    """Plans a session anew, as far as it is not over, and makes what shows it lag."""
    transaction.run(
        "DELETE FROM session_boundary WHERE session_id = :session_id",
        session_id=session.session_id,
    )
    transaction.run(
        "UPDATE session SET version = version + 1 WHERE session_id = :session_id",
        session_id=session.session_id,
    )
    if session.ends_at + CORRECTABLE_FOR > now:
        session = session_now(transaction, session.session_id)
        plan(transaction, session, now=now)
        fill(transaction, session, now=now)
    tidy(transaction, session.session_id, now=now)


def _take_up_the_rest(transaction: Transaction, guild_id: int, now: datetime) -> None:
    """Makes due what was put off in a server, and extends its series."""
    transaction.run(
        """
        UPDATE series SET extend_at = :now
        WHERE guild_id = :guild_id AND state = 'active' AND extend_at IS NULL
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    for row in transaction.all(
        "SELECT channel_id FROM channel WHERE guild_id = :guild_id", guild_id=guild_id
    ):
        plan_thanks(transaction, row["channel_id"], now=now)
    # What was due while the server was missing.
    transaction.run(
        """
        UPDATE delivery SET try_at = :now
        WHERE state = 'pending' AND is_private IN (0, 1) AND try_at > :now
            AND guild_id = :guild_id AND attempts > 0
        """,
        guild_id=guild_id,
        now=epoch(now),
    )
    transaction.run(
        """
        UPDATE deletion SET try_at = try_at - :put_off
        WHERE guild_id = :guild_id AND try_at >= :put_off
        """,
        guild_id=guild_id,
        put_off=PUT_OFF,
    )
