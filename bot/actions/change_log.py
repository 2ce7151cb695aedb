"""The change log: every action notes what it does, and organizers and hosts read it."""

from __future__ import annotations

from datetime import datetime

from bot.actions.actor import Actor, Program
from bot.actions.visibility import channels_seen
from data.changes import changes_of, last_changes_by, note_change
from data.channels import settings_of
from data.limits import CHANGES_LISTED, CHANGES_WINDOW, MOST_CHANGES_EACH, MOST_TOLD_EACH
from data.models import Change, ChangeAction, Page, Series, Session
from data.outbox.told import last_told_of
from data.refusal import Refusal
from data.store.transaction import Transaction


def note(
    transaction: Transaction,
    actor: Actor,
    action: ChangeAction,
    jelly: Session | Series | None = None,
    *,
    about_user_id: int | None = None,
    now: datetime,
    **details: object,
) -> None:
    """Notes what an actor does, in the transaction that does it."""
    note_change(
        transaction,
        action,
        guild_id=actor.guild_id,
        made_by=actor.user_id,
        jelly=jelly,
        about_user_id=about_user_id,
        now=now,
        **details,
    )


async def read_changes(program: Program, actor: Actor, *, start: int = 0) -> Page[Change]:
    """Returns what was changed, from a position of the log on, newest first.

    Organizers read all of what they may view, others what concerns jellies that they host or
    scheduled.
    """
    now = program.clock.now()

    def query(transaction: Transaction) -> Page[Change]:
        return changes_of(
            transaction,
            actor.guild_id,
            channel_ids=channels_seen(transaction, actor),
            user_id=None if actor.is_organizer else actor.user_id,
            start=max(0, start),
            limit=CHANGES_LISTED,
            now=now,
        )

    return await program.database.read(query)


def check_pace(transaction: Transaction, actor: Actor, now: datetime) -> None:
    """Raises Refusal if someone who is no organizer has changed enough jellies for this hour.

    Before each of CHANGES_OF_JELLIES. What channels are told of their jellies counts as well: one
    change of a series may be that of many dates.
    """
    if actor.is_organizer:
        return
    settings = settings_of(transaction, actor.guild_id)
    most = MOST_CHANGES_EACH if settings is None else settings.limits.changes_each
    since = now - CHANGES_WINDOW
    latest = last_changes_by(transaction, actor.guild_id, actor.user_id, since=since, limit=most)
    if len(latest) >= most:
        raise Refusal.counted(
            "One person can make {count} change an hour here. Try again {when}, or ask an "
            "organizer.",
            "One person can make {count} changes an hour here. Try again {when}, or ask an "
            "organizer.",
            count=most,
            when=latest[-1] + CHANGES_WINDOW,
        )
    told = last_told_of(
        transaction, actor.guild_id, actor.user_id, since=since, limit=MOST_TOLD_EACH, now=now
    )
    if len(told) >= MOST_TOLD_EACH:
        raise Refusal.counted(
            "The channel has had {count} message about your jellies in the last hour. "
            "Try again {when}, or ask an organizer.",
            "The channel has had {count} messages about your jellies in the last hour. "
            "Try again {when}, or ask an organizer.",
            count=MOST_TOLD_EACH,
            when=told[-1] + CHANGES_WINDOW,
        )
