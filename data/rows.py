"""Rows to models and back: the only place that knows how values are written in the file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from data.database import Row, Transaction
from data.models import (
    Details,
    Draft,
    Schedule,
    Series,
    Session,
    SessionState,
    Target,
)


def epoch(moment: datetime) -> int:
    """UTC epoch seconds of an aware datetime."""
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """The aware UTC datetime of epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def wall(text: str) -> datetime:
    """The naive wall time of its ISO 8601 text."""
    return datetime.fromisoformat(text)


def details_of(row: Row) -> Details:
    return Details(row["title"], row["place"], row["about"], row["host_id"])


def schedule_of(row: Row) -> Schedule:
    """A schedule without its rules, which stand in tables of their own."""
    return Schedule(row["zone"], wall(row["starts_local"]), timedelta(seconds=row["duration"]))


def session_of(row: Row) -> Session:
    return Session(
        session_id=row["session_id"],
        guild_id=row["guild_id"],
        series_id=row["series_id"],
        recurrence_id=None if row["recurrence_id"] is None else wall(row["recurrence_id"]),
        is_exception=bool(row["is_exception"]),
        details=details_of(row),
        created_by=row["created_by"],
        schedule=schedule_of(row),
        starts_at=moment(row["starts_at"]),
        ends_at=moment(row["ends_at"]),
        state=SessionState(row["state"]),
        version=row["version"],
        card_channel_id=row["card_channel_id"],
        card_message_id=row["card_message_id"],
    )


def series_of(transaction: Transaction, row: Row) -> Series:
    rules = transaction.all(
        "SELECT rrule FROM series_rule WHERE series_id = :series_id ORDER BY position",
        series_id=row["series_id"],
    )
    excluded = transaction.all(
        """
        SELECT starts_local FROM series_excluded
        WHERE series_id = :series_id ORDER BY starts_local
        """,
        series_id=row["series_id"],
    )
    return Series(
        series_id=row["series_id"],
        guild_id=row["guild_id"],
        details=details_of(row),
        created_by=row["created_by"],
        schedule=replace(
            schedule_of(row),
            rules=tuple(rule["rrule"] for rule in rules),
            excluded=tuple(wall(one["starts_local"]) for one in excluded),
        ),
        version=row["version"],
        confirmed_at=moment(row["confirmed_at"]),
        paused_from=None if row["paused_from"] is None else moment(row["paused_from"]),
        paused_until=None if row["paused_until"] is None else moment(row["paused_until"]),
    )


def draft_of(row: Row) -> Draft:
    return Draft(
        draft_id=row["draft_id"],
        guild_id=row["guild_id"],
        user_id=row["user_id"],
        target=Target(row["series_id"], row["session_id"], bool(row["and_later"])),
        based_on=row["based_on"],
        details=details_of(row),
        phrase=row["phrase"],
    )
