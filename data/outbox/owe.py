"""Writing rows of the outbox: the only way to make the bot owe a message."""

from __future__ import annotations

from collections.abc import Sequence

from data.models import Owner
from data.outbox.kinds import Kind
from data.store.transaction import Transaction

_OWNERS = {
    "session_id": "session_id IS NOT NULL",
    "series_id": "series_id IS NOT NULL",
    "owner_channel_id": "owner_channel_id IS NOT NULL",
    "guild_id": "session_id IS NULL AND series_id IS NULL AND owner_channel_id IS NULL",
}
"""The column with the owner's id, and the rows to which it applies, as in the unique indexes."""


def owe(
    transaction: Transaction,
    owner: Owner,
    kind: Kind,
    channel_id: int,
    *,
    due: int,
    useful_until: int,
    before: int = 0,
    occasion: int = 0,
    part: int = 0,
    from_position: int = 0,
    until_position: int | None = None,
    previous_at: int | None = None,
    previous_place: str | None = None,
    is_private: bool | None = None,
) -> int:
    """Owes a message, unless it was sent or is being sent; returns the id of its row.

    To a server that removed the bot nothing is owed: the row is withdrawn.

    A row is unique by owner, kind, ``before``, ``occasion`` and ``part``. ``channel_id`` is a
    user's id if it is private; ``is_private`` is only for kinds that may be either. Moments are
    epoch seconds, ``before`` is in seconds.
    """
    column = _column_of(owner)
    once = f"({column}, kind, before, occasion, part) WHERE {_OWNERS[column]}"
    row = transaction.one(
        f"""
        INSERT INTO delivery (kind, guild_id, session_id, series_id, owner_channel_id, channel_id,
            is_private, before, occasion, part, from_position, until_position, previous_at,
            previous_place, due_at, useful_until, try_at, state)
        VALUES (:kind, :guild_id, :session_id, :series_id, :owner_channel_id, :channel_id,
            :is_private, :before, :occasion, :part, :from_position, :until_position, :previous_at,
            :previous_place, :due, :useful_until, :due,
            CASE WHEN EXISTS (SELECT 1 FROM guild
                WHERE guild.guild_id = :guild_id AND removed_at IS NOT NULL)
                THEN 'withdrawn' ELSE 'pending' END)
        ON CONFLICT {once} DO UPDATE SET
            channel_id = excluded.channel_id, is_private = excluded.is_private,
            due_at = excluded.due_at, useful_until = excluded.useful_until,
            try_at = excluded.due_at, state = excluded.state, error = NULL
        WHERE delivery.state IN ('pending', 'withdrawn', 'failed')
        RETURNING delivery_id
        """,
        kind=kind.name,
        guild_id=owner.guild_id,
        session_id=owner.session_id,
        series_id=owner.series_id,
        owner_channel_id=owner.channel_id,
        channel_id=channel_id,
        is_private=int(kind.is_private if is_private is None else is_private),
        before=before,
        occasion=occasion,
        part=part,
        from_position=from_position,
        until_position=until_position,
        previous_at=previous_at,
        previous_place=previous_place,
        due=due,
        useful_until=useful_until,
    ) or transaction.one(
        f"""
        SELECT delivery_id FROM delivery
        WHERE {column} = :owner AND {_OWNERS[column]} AND kind = :kind AND before = :before
            AND occasion = :occasion AND part = :part
        """,
        owner=_id_of(owner),
        kind=kind.name,
        before=before,
        occasion=occasion,
        part=part,
    )
    assert row is not None  # either written above or already present
    return int(row["delivery_id"])


def add_recipients(transaction: Transaction, delivery_id: int, user_ids: Sequence[int]) -> None:
    """Adds members to those that a message is about."""
    for user_id in user_ids:
        transaction.run(
            """
            INSERT INTO delivery_recipient (delivery_id, user_id) VALUES (:delivery_id, :user_id)
            ON CONFLICT (delivery_id, user_id) DO NOTHING
            """,
            delivery_id=delivery_id,
            user_id=user_id,
        )


def _column_of(owner: Owner) -> str:
    if owner.session_id is not None:
        return "session_id"
    if owner.series_id is not None:
        return "series_id"
    return "guild_id" if owner.channel_id is None else "owner_channel_id"


def _id_of(owner: Owner) -> int:
    return owner.session_id or owner.series_id or owner.channel_id or owner.guild_id
