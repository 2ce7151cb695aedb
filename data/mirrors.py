"""Mirrors: copies of stored data that Discord shows, and which of them lag behind.

A mirror's ``version`` is its owner's, kept by a trigger. A mirror lags while Discord is not known
to show that version.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from data.limits import LAGGING_AT_ONCE
from data.models import Mirror, MirrorKind, Owner
from data.rows import listed, mirror_of
from data.store.transaction import Transaction


def card_of(transaction: Transaction, session_id: int) -> Mirror | None:
    """Returns the card of a session, or None if none is posted."""
    row = transaction.one(
        "SELECT * FROM mirror WHERE session_id = :session_id AND kind = 'card'",
        session_id=session_id,
    )
    return None if row is None else mirror_of(row)


def cards_of(transaction: Transaction, session_ids: Collection[int]) -> dict[int, Mirror]:
    """Returns the cards of these sessions, by session id."""
    rows = transaction.all(
        f"SELECT * FROM mirror WHERE session_id IN ({listed(session_ids)}) AND kind = 'card'"
    )
    return {row["session_id"]: mirror_of(row) for row in rows}


def mirrors_of(transaction: Transaction, session_id: int) -> list[Mirror]:
    """Returns all mirrors of a session that can be refreshed: none if the bot was removed."""
    rows = transaction.all(
        """
        SELECT mirror.* FROM mirror JOIN guild USING (guild_id)
        WHERE session_id = :session_id AND removed_at IS NULL ORDER BY mirror_id
        """,
        session_id=session_id,
    )
    return [mirror_of(row) for row in rows]


def note_mirror(
    transaction: Transaction,
    owner: Owner,
    kind: MirrorKind,
    *,
    channel_id: int | None,
    remote_id: int,
    version: int,
    version_shown: int,
) -> Mirror:
    """Stores a mirror of a session in place of its earlier mirror of that kind; returns it."""
    transaction.run(
        "DELETE FROM mirror WHERE session_id = :session_id AND kind = :kind",
        session_id=owner.session_id,
        kind=kind,
    )
    row = transaction.one(
        """
        INSERT INTO mirror (kind, guild_id, session_id, series_id, owner_channel_id, channel_id,
            remote_id, version, version_shown)
        VALUES (:kind, :guild_id, :session_id, :series_id, :owner_channel_id, :channel_id,
            :remote_id, :version, :version_shown)
        RETURNING *
        """,
        kind=kind,
        guild_id=owner.guild_id,
        session_id=owner.session_id,
        series_id=owner.series_id,
        owner_channel_id=owner.channel_id,
        channel_id=channel_id,
        remote_id=remote_id,
        version=version,
        version_shown=version_shown,
    )
    assert row is not None  # RETURNING returns the inserted row
    return mirror_of(row)


def lagging_sessions(
    transaction: Transaction, *, after: int = 0, limit: int = LAGGING_AT_ONCE
) -> tuple[list[int], int | None]:
    """Returns the ids of sessions with a mirror not known to show the current version.

    Those of the next ``limit`` mirrors with ids above ``after``, and the last of these; None if
    there are no more.
    """
    rows = transaction.all(
        """
        SELECT mirror_id, session_id FROM mirror
        WHERE version > version_shown AND mirror_id > :after ORDER BY mirror_id LIMIT :limit
        """,
        after=after,
        limit=limit,
    )
    # Named in the statement, the null would keep SQLite from the index of what lags.
    sessions = dict.fromkeys(row["session_id"] for row in rows if row["session_id"] is not None)
    return list(sessions), rows[-1]["mirror_id"] if rows else None


def record_shown(transaction: Transaction, versions: Mapping[tuple[int, MirrorKind], int]) -> None:
    """Notes which versions mirrors are known to show, by session id and kind."""
    for (session_id, kind), version in versions.items():
        transaction.run(
            """
            UPDATE mirror SET version_shown = :version
            WHERE session_id = :session_id AND kind = :kind AND version_shown < :version
            """,
            session_id=session_id,
            kind=kind,
            version=version,
        )
