"""Where the messages that a channel reads go: where the jelly is that they are about."""

from __future__ import annotations

from data.outbox.kinds import To, names_where
from data.store.transaction import Transaction

ADDRESS = """COALESCE(
    (SELECT mirror.channel_id FROM mirror
     WHERE mirror.session_id = delivery.session_id AND mirror.kind = 'card'),
    (SELECT session.channel_id FROM session WHERE session.session_id = delivery.session_id),
    (SELECT series.channel_id FROM series WHERE series.series_id = delivery.series_id),
    owner_channel_id,
    (SELECT channel.channel_id FROM channel WHERE channel.guild_id = delivery.guild_id LIMIT 1),
    channel_id)"""
"""SQL: the channel of a public message by now: of its session's card, else that of its owner."""
_TO_ORGANIZERS = names_where(lambda kind: kind.to is To.ORGANIZERS)


def readdress_from(transaction: Transaction, channel_id: int, *, is_gone: bool = False) -> None:
    """Sends what is owed to a channel, and belongs to another by now, to that one.

    What was tried stays, because it may have arrived, unless the channel is gone.
    """
    transaction.run(
        f"""
        UPDATE delivery SET channel_id = {ADDRESS}, try_at = due_at, attempts = 0,
            first_try_at = NULL, error = NULL
        -- Both states are named for the index delivery_unpaid.
        WHERE state IN ('pending', 'sending') AND state = 'pending' AND is_private = 0
            AND channel_id = :channel_id AND (attempts = 0 OR :is_gone = 1)
            AND kind NOT IN {_TO_ORGANIZERS} AND {ADDRESS} <> :channel_id
        """,
        channel_id=channel_id,
        is_gone=int(is_gone),
    )
