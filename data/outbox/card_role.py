"""The role that a new card mentions, if it mentions one."""

from __future__ import annotations

from datetime import datetime

from data.channels import settings_in
from data.limits import CARD_ROLE_EVERY
from data.models import Session
from data.outbox.kinds import Kind, names_where
from data.quiet_hours import quiet_until
from data.rows import epoch, moment
from data.store.transaction import Row, Transaction

_CARDS = names_where(lambda kind: kind.becomes is not None)


def role_to_mention(
    transaction: Transaction, kind: Kind, row: Row, session: Session, *, now: datetime
) -> int | None:
    """Returns the role that a message mentions; None unless it is a session's first card.

    None, too, in quiet hours, and if a card in the same channel did within CARD_ROLE_EVERY.
    """
    if kind.becomes is None or row["sent_at"] is not None:
        return None
    settings = settings_in(transaction, session.channel_id)
    if settings.card_role_id is None:
        return None
    quiet_hours, zone = settings.quiet_hours, settings.zone
    if quiet_until(now, quiet_hours, zone) is not None:
        return None
    latest = transaction.one(
        f"""
        SELECT sent_at FROM delivery
        WHERE channel_id = :channel_id AND sent_at > :since AND sent_at <= :now
            AND is_private = 0 AND kind IN {_CARDS}
        ORDER BY sent_at DESC LIMIT 1
        """,
        channel_id=row["channel_id"],
        since=epoch(now - CARD_ROLE_EVERY),
        now=epoch(now),
    )
    # In quiet hours it mentioned no one.
    was_told = latest and quiet_until(moment(latest["sent_at"]), quiet_hours, zone) is None
    return None if was_told else settings.card_role_id
