"""Mirrors: where Discord shows a copy of what is true, and which of these copies lag behind.

A mirror's ``version`` is its owner's, kept by a trigger; it lags while Discord is not known to show
that version.
"""

from __future__ import annotations

from collections.abc import Mapping

from data.models import Mirror, MirrorKind, Owner
from data.rows import mirror_of
from data.store.transaction import Transaction


def card_of(transaction: Transaction, session_id: int) -> Mirror | None:
    """The card of a session; None while none is posted."""
    row = transaction.one(
        "SELECT * FROM mirror WHERE session_id = :session_id AND kind = 'card'",
        session_id=session_id,
    )
    return None if row is None else mirror_of(row)


def mirrors_of(transaction: Transaction, session_id: int) -> list[Mirror]:
    """Everything by which Discord shows a session."""
    rows = transaction.all(
        "SELECT * FROM mirror WHERE session_id = :session_id ORDER BY mirror_id",
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
    """A session is shown there from now on; what showed it before is forgotten."""
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
    assert row is not None  # RETURNING gives the row that was inserted
    return mirror_of(row)


def lagging_sessions(transaction: Transaction) -> list[int]:
    """Sessions of which a mirror is not known to show the present version."""
    rows = transaction.all(
        """
        SELECT DISTINCT session_id FROM mirror
        WHERE version > version_shown AND session_id IS NOT NULL ORDER BY session_id
        """
    )
    return [row["session_id"] for row in rows]


def record_shown(transaction: Transaction, versions: Mapping[tuple[int, MirrorKind], int]) -> None:
    """Mirrors are known to show these versions, by session id and kind."""
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


def forget_mirror(transaction: Transaction, mirror: Mirror) -> None:
    """A mirror was deleted in Discord; if it is a card, organizers see that and can repeat it."""
    _fail_announcements(
        transaction,
        "mirror_id = :mirror_id",
        "the card was deleted",
        mirror_id=mirror.mirror_id,
    )
    transaction.run("DELETE FROM mirror WHERE mirror_id = :mirror_id", mirror_id=mirror.mirror_id)


def forget_channel(transaction: Transaction, channel_id: int) -> None:
    """A channel was deleted in Discord, and the mirrors in it."""
    _fail_announcements(
        transaction, "channel_id = :channel_id", "the channel is gone", channel_id=channel_id
    )
    transaction.run("DELETE FROM mirror WHERE channel_id = :channel_id", channel_id=channel_id)


def _fail_announcements(transaction: Transaction, which: str, error: str, **values: object) -> None:
    transaction.run(
        f"""
        UPDATE delivery SET state = 'failed', error = :error
        WHERE kind = 'announcement' AND state = 'sent' AND session_id IN (
            SELECT session_id FROM mirror WHERE {which} AND kind = 'card')
        """,
        error=error,
        **values,
    )
