"""Drafts are posted, saved or discarded, by a press under their preview."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions.actor import Actor, Program
from bot.actions.previews import Preview, post_or_save, preview_of
from bot.actions.readings import Context, Reading, context_of
from bot.phrases.en import NotUnderstood, describe
from data.models import Details, Draft, Session
from data.schedule import drafts
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Posted:
    """A new session or series, or one more date of a series, is scheduled."""

    details: Details
    first: datetime
    rule: str
    """How it repeats, in words; "" if it does not."""
    channel_id: int
    posted_at: datetime
    """When its first card is posted (UTC)."""
    asked_host_id: int | None
    """Who is asked to host it; None if nobody is."""
    adds_date: bool
    """Whether it is one more date of a series."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A change is saved; ``sessions`` are those ahead, None if nothing is different."""

    details: Details
    sessions: list[Session] | None
    asked_host_id: int | None
    """Who is asked to host it; None if nobody is."""


async def save(
    program: Program, actor: Actor, draft_id: int, *, promised: str, over: str | None = None
) -> Preview | Posted | Changed:
    """Posts or saves a draft; ``promised`` is what its preview said of the dates.

    Returns a new preview if that no longer holds, because time has passed or dates were skipped,
    or if others changed what it is about. ``over`` is the fingerprint of their version, if the
    author has seen that.
    """
    now = program.clock.now()

    def take(transaction: Transaction) -> Preview | Posted | Changed:
        if over is not None:
            drafts.rebase(
                transaction,
                draft_id,
                guild_id=actor.guild_id,
                user_id=actor.user_id,
                based_on=over,
            )
        preview = preview_of(transaction, actor, draft_id, now)
        if preview.context.is_outdated:
            return preview
        if preview.refusal is not None and not isinstance(preview.refusal, NotUnderstood):
            raise preview.refusal
        reading = preview.reading
        if reading is None or preview.promised != promised:
            return preview
        drafts.use_up(transaction, draft_id, guild_id=actor.guild_id, user_id=actor.user_id)
        saved = post_or_save(transaction, actor, preview.context, reading, now)
        return _saved(preview.context, reading, saved.sessions)

    saved = await program.database.write(take)
    if not isinstance(saved, Preview):
        await program.sessions_changed()
        program.messages_owed()
    return saved


async def discard(program: Program, actor: Actor, draft_id: int) -> Draft:
    """Deletes a draft; returns it with the details of what it is about as they stay.

    Raises Refusal as :func:`draft_of` does.
    """
    now = program.clock.now()

    def delete(transaction: Transaction) -> Draft:
        context = context_of(transaction, actor, draft_id, now)
        drafts.use_up(transaction, draft_id, guild_id=actor.guild_id, user_id=actor.user_id)
        return replace(context.draft, details=(context.jelly or context.draft).details)

    return await program.database.write(delete)


def _saved(context: Context, reading: Reading, sessions: list[Session]) -> Posted | Changed:
    """Returns what a person is told of a draft that is posted or saved."""
    details, settings, changed = context.draft.details, context.settings, context.changed
    asked = details.host_id if context.asks_host else None
    if isinstance(changed, Session) and not context.changes_series:
        is_same = sessions[0].version == changed.version
        return Changed(details, None if is_same else sessions, asked)
    if changed is not None:
        return Changed(details, sessions, asked)
    first = reading.next_dates[0].starts_at
    rule = describe(reading.schedule) if reading.schedule.rules else ""
    posted_at = settings.announced_at(first, reading.schedule.zone)
    adds_date = context.extended is not None
    return Posted(details, first, rule, settings.channel_id, posted_at, asked, adds_date)
