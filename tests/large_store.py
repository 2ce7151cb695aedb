"""A store as it could become before there were limits: daily series without number."""

from __future__ import annotations

import sqlite3

from tests.expected_rights import SECRET
from tests.moments import MONDAY
from tests.unit.made_up import CHANNEL, HERE, HOST

DAYS = 56
"""As far ahead as dates of a series are created."""
MESSAGES = 9
"""That a date owes."""


def add_daily_series(connection: sqlite3.Connection, number: int) -> None:
    """Adds so many daily series with all dates, messages owed, cards and moments of change.

    They are in the server of ``tests/unit/made_up.py``, and the first date of each is three days
    ahead. By SQL alone, in one transaction, in a few seconds.
    """
    values = {
        **{"guild_id": HERE, "channel_id": CHANNEL, "host_id": HOST.user_id},
        **{"title": f"{SECRET} daily", "now": int(MONDAY.timestamp())},
        **{"number": number, "days": DAYS, "messages": MESSAGES},
    }
    connection.execute("BEGIN")
    for statement in _STATEMENTS:
        connection.execute(
            f"""
            WITH RECURSIVE
                one(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM one WHERE n < :number),
                day(d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM day WHERE d < :days),
                message(m) AS (SELECT 1 UNION ALL SELECT m + 1 FROM message WHERE m < :messages)
            {statement}
            """,
            values,
        )
    connection.execute("COMMIT")


_FIRST = "(SELECT MAX(series_id) FROM series) - :number"
"""The series before the first of those added."""
_STATEMENTS = (
    """
    INSERT INTO series (guild_id, channel_id, title, place, about, host_id, created_by, zone,
        starts_local, duration, extend_at, confirmed_at)
    SELECT :guild_id, :channel_id, :title || ' ' || n, 'The Alb', '', :host_id, :host_id,
        'Europe/London', '2026-11-26T10:00:00', 7200, :now + 604800, :now FROM one
    """,
    f"""
    INSERT INTO series_rule (series_id, position, rrule)
    SELECT {_FIRST} + n, 0, 'FREQ=DAILY' FROM one
    """,
    f"""
    INSERT INTO session (guild_id, channel_id, series_id, recurrence_id, title, place, about,
        host_id, created_by, zone, starts_local, duration, starts_at, ends_at)
    SELECT :guild_id, :channel_id, {_FIRST} + n,
        replace(datetime(:now + (d + 2) * 86400 + n % 60 * 60, 'unixepoch'), ' ', 'T'),
        :title || ' ' || n, 'The Alb', '', :host_id, :host_id, 'Europe/London',
        replace(datetime(:now + (d + 2) * 86400 + n % 60 * 60, 'unixepoch'), ' ', 'T'), 7200,
        :now + (d + 2) * 86400 + n % 60 * 60, :now + (d + 2) * 86400 + n % 60 * 60 + 7200
    FROM day, one
    """,
    f"""
    INSERT INTO session_boundary (session_id, at)
    SELECT session_id, starts_at FROM session WHERE series_id > {_FIRST}
    UNION ALL SELECT session_id, ends_at FROM session WHERE series_id > {_FIRST}
    """,
    f"""
    INSERT INTO delivery (kind, guild_id, session_id, channel_id, before, due_at, useful_until,
        state, try_at)
    SELECT CASE m WHEN 1 THEN 'announcement' ELSE 'reminder' END, :guild_id, session_id,
        :channel_id, m, starts_at - m * 600, ends_at, 'pending', starts_at - m * 600
    FROM session, message WHERE series_id > {_FIRST}
    """,
    f"""
    INSERT INTO mirror (kind, guild_id, session_id, channel_id, remote_id, version, version_shown)
    SELECT 'card', :guild_id, session_id, :channel_id, session_id, version, version - 1
    FROM session WHERE series_id > {_FIRST} AND starts_at < :now + 6 * 86400
    """,
)
