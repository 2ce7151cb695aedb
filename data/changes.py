"""The log of changes: who did what to which jelly, or to the settings of a server."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from data.limits import CHANGES_KEPT_FOR, CHANGES_SEARCHED
from data.models import Change, ChangeAction, Page, Series, Session, is_deleted
from data.people.pseudonyms import stands_for
from data.rows import epoch, listed, maybe_moment, moment
from data.store.transaction import Row, Transaction

CHANGES_OF_JELLIES = (
    ChangeAction.SCHEDULED,
    ChangeAction.DATE_ADDED,
    ChangeAction.EDITED,
    ChangeAction.MOVED,
    ChangeAction.CALLED_OFF,
    ChangeAction.PAUSED,
    ChangeAction.RESUMED,
    ChangeAction.ENDED,
    ChangeAction.REMOVED,
)
"""The actions of which one person has only so many an hour."""


def note_change(
    transaction: Transaction,
    action: ChangeAction,
    *,
    guild_id: int,
    made_by: int,
    jelly: Session | Series | None = None,
    about_user_id: int | None = None,
    now: datetime,
    **details: object,
) -> None:
    """Notes that a person changed a jelly, or the settings of the server if there is none.

    ``details`` are what JSON can hold, and moments.
    """
    transaction.run(
        """
        INSERT INTO change (guild_id, channel_id, session_id, series_id, action, made_by, made_at,
            about_user_id, title, details)
        VALUES (:guild_id, :channel_id, :session_id, :series_id, :action, :made_by, :now,
            :about_user_id, :title, :details)
        """,
        guild_id=guild_id,
        channel_id=None if jelly is None else jelly.channel_id,
        session_id=jelly.session_id if isinstance(jelly, Session) else None,
        series_id=None if jelly is None else jelly.series_id,
        action=action,
        made_by=made_by,
        now=epoch(now),
        about_user_id=about_user_id,
        title="" if jelly is None else jelly.details.title,
        details=json.dumps(details, separators=(",", ":"), ensure_ascii=False, default=epoch),
    )


def changes_of(
    transaction: Transaction,
    guild_id: int,
    *,
    channel_ids: Collection[int],
    user_id: int | None,
    start: int,
    limit: int,
    now: datetime,
) -> Page[Change]:
    """Returns changes of the last CHANGES_KEPT_FOR in these channels, newest first.

    With ``user_id``, only those of jellies that this person hosts or scheduled; else also those of
    the server. Only the latest CHANGES_SEARCHED of the server are searched.
    """
    rows = transaction.all(
        f"""
        SELECT change_id FROM (
            SELECT * FROM change WHERE guild_id = :guild_id AND made_at > :since
            ORDER BY made_at DESC, change_id DESC LIMIT :searched) AS latest
        WHERE (channel_id IS NULL OR channel_id IN ({listed(channel_ids)}))
            AND (CAST(:user_id AS BIGINT) IS NULL
                OR (action = '{ChangeAction.CALLED_OFF_ALL}' AND about_user_id = :user_id)
                OR EXISTS (SELECT 1 FROM session WHERE session.session_id = latest.session_id
                    AND :user_id IN (session.host_id, session.created_by))
                OR EXISTS (SELECT 1 FROM series WHERE series.series_id = latest.series_id
                    AND :user_id IN (series.host_id, series.created_by)))
        ORDER BY made_at DESC, change_id DESC
        """,
        guild_id=guild_id,
        since=epoch(now - CHANGES_KEPT_FOR),
        searched=CHANGES_SEARCHED,
        user_id=user_id,
    )
    shown = rows[start : start + limit]
    return Page(
        [_change(transaction, row["change_id"]) for row in shown],
        start,
        len(rows),
        is_cut=_count_of(transaction, guild_id, now) == CHANGES_SEARCHED,
    )


def _count_of(transaction: Transaction, guild_id: int, now: datetime) -> int:
    """Returns how many changes of a server are searched."""
    row = transaction.one(
        """
        SELECT COUNT(*) AS changes FROM (
            SELECT 1 FROM change WHERE guild_id = :guild_id AND made_at > :since LIMIT :searched)
            AS searched
        """,
        guild_id=guild_id,
        since=epoch(now - CHANGES_KEPT_FOR),
        searched=CHANGES_SEARCHED,
    )
    assert row is not None  # COUNT always returns a row
    return int(row["changes"])


def last_changes_by(
    transaction: Transaction, guild_id: int, user_id: int, *, since: datetime, limit: int
) -> list[datetime]:
    """Returns when a person last changed jellies, of CHANGES_OF_JELLIES, latest first."""
    actions = ", ".join(f"'{action}'" for action in CHANGES_OF_JELLIES)
    own, forgotten = stands_for(transaction, user_id)
    rows = transaction.all(
        f"""
        SELECT made_at FROM change
        WHERE guild_id = :guild_id AND made_by IN (:user_id, :hash) AND made_at > :since
            AND action IN ({actions})
        ORDER BY made_at DESC LIMIT :limit
        """,
        guild_id=guild_id,
        user_id=own,
        hash=forgotten,
        since=epoch(since),
        limit=limit,
    )
    return [moment(row["made_at"]) for row in rows]


def forget_old_changes(transaction: Transaction, *, until: datetime, limit: int) -> int:
    """Deletes changes made until then, at most ``limit``, the oldest first; returns how many."""
    return transaction.run(
        """
        DELETE FROM change WHERE change_id IN (
            SELECT change_id FROM change WHERE made_at <= :until ORDER BY made_at LIMIT :limit)
        """,
        until=epoch(until),
        limit=limit,
    )


def _change(transaction: Transaction, change_id: int) -> Change:
    row = transaction.one(
        """
        SELECT change.*, session.starts_at FROM change
            LEFT JOIN session ON session.session_id = change.session_id
        WHERE change_id = :change_id
        """,
        change_id=change_id,
    )
    assert row is not None  # just found
    return _change_of(row)


def _known(user_id: int | None) -> int | None:
    """Returns an id, or None for that of a person whose data were deleted."""
    return None if user_id is None or is_deleted(user_id) else user_id


def _change_of(row: Row) -> Change:
    return Change(
        action=ChangeAction(row["action"]),
        made_by=_known(row["made_by"]),
        made_at=moment(row["made_at"]),
        about_user_id=row["about_user_id"],
        title=row["title"],
        starts_at=maybe_moment(row["starts_at"]),
        details=json.loads(row["details"]),
    )
