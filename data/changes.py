"""The log of changes: who did what to which jelly, or to the settings of a server."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from data.models import Series, Session
from data.rows import epoch
from data.store.transaction import Transaction


class ChangeAction(StrEnum):
    """What was done; the comment names the details that belong to it."""

    SCHEDULED = "scheduled"
    EDITED = "edited"  # fields: their names
    MOVED = "moved"  # from_at, to_at: epoch seconds; from_place, to_place
    CALLED_OFF = "called_off"
    PAUSED = "paused"  # until: epoch seconds
    RESUMED = "resumed"
    ENDED = "ended"
    INVITED = "invited"  # about whom
    ADDED = "added"  # about whom
    REMOVED = "removed"  # about whom
    ASKED_TO_HOST = "asked_to_host"  # about whom
    HOST_CHANGED = "host_changed"  # about the new host
    SETTINGS = "settings"  # fields: their names


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
    """Notes that a person changed a jelly, or the settings of the server if there is none."""
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
        details=json.dumps(details, separators=(",", ":"), ensure_ascii=False),
    )
