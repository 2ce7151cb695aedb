"""What is on for a member: the sessions ahead, with their own answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from data.limits import MOST_COUNTED, OWN_ANSWERS_SEARCHED
from data.mirrors import cards_of
from data.models import AgendaItem, Answer, Page, Rsvp, SessionState
from data.people.seats import place_of
from data.rows import RSVP, epoch, listed, rsvp_of, session_of
from data.schedule.find import count_ahead, sessions_ahead
from data.store.transaction import Transaction


def agenda(
    transaction: Transaction,
    channels: Collection[int],
    *,
    user_id: int,
    start: int,
    limit: int,
    shown: Sequence[int] = (),
    now: datetime,
) -> Page[AgendaItem]:
    """Returns sessions of channels that are not over, with a member's answers, soonest first.

    Those come first to which they answered other than no. ``shown`` are the ids of those that a
    page shows already: it keeps them, in their order, as far as they are still ahead.
    """
    own = _answered_ahead(transaction, channels, user_id, now)
    if shown:
        items = _agenda_items(transaction, channels, shown, user_id, now)
    else:
        first = own[start : start + limit]
        others = sessions_ahead(
            transaction,
            channels,
            limit=limit - len(first),
            offset=max(0, start - len(own)),
            but=own,
            now=now,
        )
        wanted = [*first, *(session.session_id for session in others)]
        items = _agenda_items(transaction, channels, wanted, user_id, now)
    counted = count_ahead(transaction, channels, but=own, now=now)
    return Page(items, start, len(own) + counted, is_cut=counted == MOST_COUNTED)


def has_answered(transaction: Transaction, guild_id: int, user_id: int) -> bool:
    """Returns whether a member has answered any of their latest sessions in a server themselves."""
    row = transaction.one(
        """
        SELECT 1 FROM (
            SELECT session_id FROM rsvp WHERE user_id = :user_id AND as_host = 0
            ORDER BY session_id DESC LIMIT :searched) AS latest
        JOIN session ON session.session_id = latest.session_id
        WHERE session.guild_id = :guild_id LIMIT 1
        """,
        guild_id=guild_id,
        user_id=user_id,
        searched=OWN_ANSWERS_SEARCHED,
    )
    return row is not None


def _answered_ahead(
    transaction: Transaction, channels: Collection[int], user_id: int, now: datetime
) -> list[int]:
    """Returns the sessions ahead to which a member answered other than no, soonest first.

    Only their latest OWN_ANSWERS_SEARCHED answers are searched; what they only host is not theirs.
    """
    rows = transaction.all(
        f"""
        SELECT session.session_id FROM (
            SELECT session_id, answer FROM rsvp WHERE user_id = :user_id AND as_host = 0
            ORDER BY session_id DESC LIMIT :searched) AS latest
        JOIN session ON session.session_id = latest.session_id
        WHERE answer <> 'declined' AND session.channel_id IN ({listed(channels)})
            AND session.ends_at > :now AND session.state = 'scheduled'
        ORDER BY session.starts_at, session.session_id
        """,
        user_id=user_id,
        searched=OWN_ANSWERS_SEARCHED,
        now=epoch(now),
    )
    return [row["session_id"] for row in rows]


def _agenda_items(
    transaction: Transaction,
    channels: Collection[int],
    session_ids: Sequence[int],
    user_id: int,
    now: datetime,
) -> list[AgendaItem]:
    """Returns those of these sessions that are ahead, in this order, with a member's answers."""
    rows = transaction.all(
        f"""
        SELECT {RSVP}, session.*
        FROM session
        LEFT JOIN rsvp ON rsvp.session_id = session.session_id AND rsvp.user_id = :user_id
        WHERE session.session_id IN ({listed(session_ids)})
        """,
        user_id=user_id,
    )
    cards, items = cards_of(transaction, session_ids), {}
    for row in rows:
        session = session_of(row)
        is_ahead = session.state is SessionState.SCHEDULED and not session.is_over(now)
        if not is_ahead or session.channel_id not in channels:
            continue
        mine = None if row["answer"] is None else rsvp_of(row[: len(Rsvp._fields)])
        place = 0
        if mine is not None and mine.answer is Answer.WAITLISTED:
            place = place_of(transaction, session.session_id, mine.position)
        card = cards.get(session.session_id)
        items[session.session_id] = AgendaItem(session, mine, place, card)
    return [items[session_id] for session_id in session_ids if session_id in items]
