"""Conversion between rows and models: the only module that knows how values are stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from data.models import (
    Answer,
    Counts,
    Details,
    Draft,
    Invitation,
    InvitationState,
    Mirror,
    MirrorKind,
    Mood,
    Owner,
    Rsvp,
    Schedule,
    Series,
    Session,
    SessionState,
    Target,
    Tone,
)
from data.store.transaction import Row, Transaction

DETAIL_COLUMNS = tuple(field.name for field in fields(Details))
"""The columns that series, sessions and drafts share: one for each field of Details."""
DETAILS = ", ".join(DETAIL_COLUMNS)
DETAILS_GIVEN = ", ".join(f":{column}" for column in DETAIL_COLUMNS)
DETAILS_SET = ", ".join(f"{column} = :{column}" for column in DETAIL_COLUMNS)


def listed(ids: Iterable[int]) -> str:
    """Returns ids as SQL's IN takes them, also if there are none."""
    return ", ".join(map(str, ids)) or "NULL"


def epoch(moment: datetime) -> int:
    """Returns the UTC epoch seconds of an aware datetime."""
    return int(moment.timestamp())


def moment(seconds: int) -> datetime:
    """Returns the aware UTC datetime of epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def maybe_epoch(at: datetime | None) -> int | None:
    return None if at is None else epoch(at)


def maybe_moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def wall(text: str) -> datetime:
    """Returns the naive wall time of an ISO 8601 text."""
    return datetime.fromisoformat(text)


_READ: dict[str, Callable[[Any], Any]] = {
    "tone": Tone,
    "answers_close": lambda seconds: None if seconds is None else timedelta(seconds=seconds),
}
"""Converters for the details whose stored value differs from that of the field."""


def details_of(row: Row) -> Details:
    return Details(*(_READ.get(name, _as_it_is)(row[name]) for name in DETAIL_COLUMNS))


def columns_of(details: Details) -> dict[str, object]:
    """Returns the values of DETAIL_COLUMNS, by column: numbers, texts and nulls."""
    return {name: _written(getattr(details, name)) for name in DETAIL_COLUMNS}


def _as_it_is(value: Any) -> Any:  # noqa: ANN401  whatever the column holds
    return value


def _written(value: object) -> object:
    return int(value.total_seconds()) if isinstance(value, timedelta) else value


def schedule_of(row: Row) -> Schedule:
    """Returns a schedule without its rules, which have their own tables."""
    return Schedule(row["zone"], wall(row["starts_local"]), timedelta(seconds=row["duration"]))


def session_of(row: Row) -> Session:
    return Session(
        session_id=row["session_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
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
        counts=Counts(*(row[column] for column in COUNT_COLUMNS)),
    )


COUNT_COLUMNS = (
    "going_count",
    "waiting_count",
    "requested_count",
    "maybe_count",
    "declined_count",
    "guest_count",
    "offered_seats",
    "asked_again_count",
    "heads_down_count",
    "chatty_count",
    "hours_count",
    "here_count",
    "came_count",
)
"""The columns of a session's counts, in the order of the fields of Counts."""


def owner_of(row: Row) -> Owner:
    """Returns the owner of a message or a mirror."""
    return Owner(row["guild_id"], row["session_id"], row["series_id"], row["owner_channel_id"])


def mirror_of(row: Row) -> Mirror:
    return Mirror(
        mirror_id=row["mirror_id"],
        kind=MirrorKind(row["kind"]),
        owner=owner_of(row),
        channel_id=row["channel_id"],
        remote_id=row["remote_id"],
        version=row["version"],
        version_shown=row["version_shown"],
    )


def all_series_of(transaction: Transaction, rows: Sequence[Row]) -> list[Series]:
    """Returns the series of rows, with one query each for all their rules and exclusions."""
    which = f"series_id IN ({listed(row['series_id'] for row in rows)})"
    rules: defaultdict[int, list[str]] = defaultdict(list)
    for rule in transaction.all(
        f"SELECT series_id, rrule FROM series_rule WHERE {which} ORDER BY series_id, position"
    ):
        rules[rule["series_id"]].append(rule["rrule"])
    excluded: defaultdict[int, list[datetime]] = defaultdict(list)
    for one in transaction.all(
        f"""
        SELECT series_id, starts_local FROM series_excluded
        WHERE {which} ORDER BY series_id, starts_local
        """
    ):
        excluded[one["series_id"]].append(wall(one["starts_local"]))
    return [
        _series_of(row, tuple(rules[row["series_id"]]), tuple(excluded[row["series_id"]]))
        for row in rows
    ]


def series_of(transaction: Transaction, row: Row) -> Series:
    [series] = all_series_of(transaction, [row])
    return series


def _series_of(row: Row, rules: tuple[str, ...], excluded: tuple[datetime, ...]) -> Series:
    return Series(
        series_id=row["series_id"],
        guild_id=row["guild_id"],
        channel_id=row["channel_id"],
        details=details_of(row),
        created_by=row["created_by"],
        schedule=replace(schedule_of(row), rules=rules, excluded=excluded),
        version=row["version"],
        confirmed_at=moment(row["confirmed_at"]),
        paused_from=maybe_moment(row["paused_from"]),
        paused_until=maybe_moment(row["paused_until"]),
    )


RSVP = ", ".join(f"rsvp.{field}" for field in Rsvp._fields)
"""The columns of an answer, in the order of its fields."""


def rsvp_of(values: Sequence[Any]) -> Rsvp:
    """Returns an answer from the columns :data:`RSVP`."""
    (user_id, answer, note, position, asked_again, guests, mood, *others) = values
    arrives_at, leaves_at, answered_by, offered_until, arrived_at, left_at, *flags = others
    return Rsvp(
        user_id,
        Answer(answer),
        note,
        position,
        bool(asked_again),
        guests,
        None if mood is None else Mood(mood),
        maybe_moment(arrives_at),
        maybe_moment(leaves_at),
        answered_by,
        maybe_moment(offered_until),
        maybe_moment(arrived_at),
        maybe_moment(left_at),
        *map(bool, flags),
    )


def draft_of(row: Row) -> Draft:
    return Draft(
        draft_id=row["draft_id"],
        guild_id=row["guild_id"],
        user_id=row["user_id"],
        target=Target(
            row["series_id"], row["session_id"], bool(row["and_later"]), bool(row["adds_date"])
        ),
        based_on=row["based_on"],
        details=details_of(row),
        phrase=row["phrase"],
        changed=frozenset(row["changed"].split()),
    )


def invitation_of(row: Row) -> Invitation:
    return Invitation(
        invitation_id=row["invitation_id"],
        guild_id=row["guild_id"],
        session_id=row["session_id"],
        series_id=row["series_id"],
        user_id=row["user_id"],
        invited_by=row["invited_by"],
        to_host=bool(row["to_host"]),
        moves_rights=bool(row["moves_rights"]),
        state=InvitationState(row["state"]),
    )
