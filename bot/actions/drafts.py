"""Drafts: what someone is about to post or to change, asked for and revised."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions.actor import Actor, Person, Program
from bot.actions.change_log import note
from bot.actions.edits import JELLY_FORM, edited, parts_of, version_of
from bot.actions.find import jelly_to_change, series_chosen, series_target, target_of
from bot.actions.previews import Preview, preview_of
from bot.actions.readings import context_of, phrase_of, reading_of, split_at, with_dates
from bot.actions.rights import check, check_chosen, check_may_post, check_permissions
from bot.actions.settings import check_choice, used_by
from bot.language.typed import one_line
from bot.phrases.en import NotUnderstood, check_zone, describe
from data.change_settings import set_up as set_up_server
from data.channels import settings_of
from data.limits import MOST_DRAFTS_EACH
from data.models import (
    WHEN,
    ChangeAction,
    Details,
    Draft,
    Series,
    Session,
    Target,
    fingerprint,
)
from data.refusal import Refusal
from data.schedule import drafts
from data.schedule.find_series import find_series
from data.schedule.sessions import check_seats
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class NeedsSetUp:
    """The draft is kept, and the server is to be set up before it can be shown."""

    draft_id: int


@dataclass(frozen=True, slots=True)
class ToChange:
    """What someone wants to change, with what a form for that begins with."""

    target: Target
    details: Details
    phrase: str
    based_on: str
    """What the form remembers of it: :func:`version_of`."""


async def propose(
    program: Program, actor: Actor, details: Details, phrase: str, *, host: Person | None = None
) -> Preview | NeedsSetUp:
    """Keeps a new jelly as a draft. Raises Refusal if the actor may not host.

    ``host`` is who is to host it, once they agreed; None for the actor.
    """
    now = program.clock.now()

    def keep(transaction: Transaction) -> Preview | NeedsSetUp:
        settings = settings_of(transaction, actor.guild_id)
        check(actor, "/jelly new", settings)
        channel_id = None if settings is None else settings.channel_id
        host_id, problem = _chosen_host(host, actor.user_id, channel_id)
        mine = replace(details, host_id=host_id)
        draft_id = _add(transaction, actor, Target(), mine, phrase, now)
        if settings is None:
            return NeedsSetUp(draft_id)
        return replace(preview_of(transaction, actor, draft_id, now), problem=problem)

    return await program.database.write(keep)


async def set_up(
    program: Program, actor: Actor, draft_id: int, *, channel_id: int, zone: str
) -> Preview:
    """Sets the server up with what has no default, and returns the draft that asked for it.

    Raises Refusal if the actor may not, or the typed ``zone`` is unknown.
    """
    check_permissions(actor, "setup")
    zone = check_zone(zone)
    now = program.clock.now()

    def save(transaction: Transaction) -> Preview:
        before = settings_of(transaction, actor.guild_id)
        check_choice(actor, before.channel_id if before else None, channel_id)
        set_up_server(
            transaction, guild_id=actor.guild_id, channel_id=channel_id, zone=zone, now=now
        )
        used_by(transaction, actor, now)
        fields = ["channel_id", "zone"]
        note(transaction, actor, ChangeAction.SETTINGS, now=now, fields=fields)
        return preview_of(transaction, actor, draft_id, now)

    return await program.database.write(save)


async def to_change(
    program: Program, actor: Actor, which: str, *, all_dates: bool = False, and_later: bool = False
) -> ToChange:
    """Returns what was chosen, with its details and its dates in words. Raises Refusal."""
    now = program.clock.now()

    def query(transaction: Transaction) -> ToChange:
        if all_dates:
            refusal = Refusal("That date isn't part of a series. Leave out “dates” to change it.")
            target = series_target(transaction, actor, which, now, refusal)
        else:
            target = target_of(transaction, actor, which, now)
            target = replace(target, and_later=and_later and target.session_id is not None)
        found = jelly_to_change(transaction, actor, target)
        if isinstance(found, Session) and target.and_later:
            series = find_series(transaction, actor.guild_id, found.series_id or 0)
            split_at(series, found)
        jelly = with_dates(transaction, target, found)
        phrase = phrase_of(jelly)
        return ToChange(target, jelly.details, phrase, version_of(jelly, phrase))

    return await program.database.read(query)


async def propose_change(
    program: Program,
    actor: Actor,
    target: Target,
    change: Callable[[Details], Details],
    phrase: str,
    *,
    based_on: str,
    host: Person | None = None,
) -> Preview:
    """Keeps a change as a draft. Raises Refusal if the actor may not make it.

    ``host`` is who is to host it, once they agreed; None for the present one. ``based_on`` is what
    the form remembers: if others changed the jelly since, the draft holds only what differs in it.
    """
    now = program.clock.now()

    def keep(transaction: Transaction) -> Preview:
        found = jelly_to_change(transaction, actor, target)
        host_id, problem = _chosen_host(host, found.details.host_id, found.channel_id)
        entered = replace(change(found.details), host_id=host_id)
        before = phrase_of(with_dates(transaction, target, found))
        based, filled = parts_of(based_on)
        changed = edited(found.details, before, entered, phrase, filled=filled)
        draft_id = _add(
            transaction,
            actor,
            target,
            entered,
            phrase,
            now,
            changed=changed,
            based_on=based,
        )
        return replace(preview_of(transaction, actor, draft_id, now), problem=problem)

    return await program.database.write(keep)


async def propose_move(
    program: Program, actor: Actor, which: str, *, when: str | None, where: str | None
) -> Preview:
    """Keeps another time or place of the chosen date as a draft; None leaves one as it is.

    Raises Refusal if the actor may not change that date.
    """
    now = program.clock.now()

    def keep(transaction: Transaction) -> Preview:
        target = target_of(transaction, actor, which, now)
        found = jelly_to_change(transaction, actor, target)
        if isinstance(found, Series):
            raise Refusal("Choose one date to move. To change a whole series, use /jelly edit.")
        place = found.details.place if where is None else one_line(where)
        phrase = describe(found.schedule) if when is None else one_line(when)
        typed = {WHEN: when, "place": where}
        draft_id = _add(
            transaction,
            actor,
            target,
            replace(found.details, place=place),
            phrase,
            now,
            changed=[name for name, text in typed.items() if text is not None],
            based_on=fingerprint(found),
        )
        return preview_of(transaction, actor, draft_id, now)

    return await program.database.write(keep)


async def propose_date(program: Program, actor: Actor, which: str, when: str) -> Preview:
    """Keeps one more date of the chosen series as a draft.

    Raises Refusal if the actor may not change that series, or not write in its channel.
    """
    now = program.clock.now()

    def keep(transaction: Transaction) -> Preview:
        series = series_chosen(transaction, actor, which, now)
        check_may_post(actor, series.channel_id)
        draft_id = _add(
            transaction,
            actor,
            Target(series_id=series.series_id, adds_date=True),
            series.details,
            one_line(when),
            now,
            changed=[WHEN],
            based_on=fingerprint(series),
        )
        return preview_of(transaction, actor, draft_id, now)

    return await program.database.write(keep)


async def draft_of(program: Program, actor: Actor, draft_id: int) -> Draft:
    """Returns a draft of the actor's. Raises Refusal if it is used up, or they may not save it."""
    now = program.clock.now()
    context = await program.database.read(lambda t: context_of(t, actor, draft_id, now))
    return context.draft


async def revise(
    program: Program,
    actor: Actor,
    draft_id: int,
    change: Callable[[Draft], tuple[Details, str]],
    *,
    filled: str = "",
    fields: Sequence[str] = JELLY_FORM,
    host: Person | None = None,
) -> Preview:
    """Changes details and the phrase of a draft; ``host`` as in :func:`propose_change`.

    ``filled`` is what a form with these ``fields`` remembers of the draft: of what others changed
    since, only what differs in the form becomes the author's. Raises Refusal as :func:`draft_of`
    does.
    """
    now = program.clock.now()

    def save(transaction: Transaction) -> Preview:
        context = context_of(transaction, actor, draft_id, now)
        draft = context.draft
        entered, phrase = change(draft)
        if host is not None:
            entered = replace(entered, host_id=host.user_id)
        changed = edited(draft.details, draft.phrase, entered, phrase, filled=filled, fields=fields)
        problem = None
        if "host_id" in changed:
            channel_id = (context.jelly or context.settings).channel_id
            host_id, problem = _chosen_host(host, context.present_host_id, channel_id)
            if problem is not None:
                host_id, changed = draft.details.host_id, changed - {"host_id"}
            entered = replace(entered, host_id=host_id)
        details = replace(draft, details=entered, changed=changed).on_top_of(draft.details)
        check_seats(details)
        phrase = phrase if WHEN in changed else draft.phrase
        _change(transaction, actor, draft_id, details, phrase, draft.changed | changed)
        return replace(preview_of(transaction, actor, draft_id, now), problem=problem)

    return await program.database.write(save)


async def read_instead(program: Program, actor: Actor, draft_id: int, index: int) -> Preview:
    """Uses one of the phrases that a refusal offered, counted from 0."""
    now = program.clock.now()

    def take(transaction: Transaction) -> Preview:
        context = context_of(transaction, actor, draft_id, now)
        try:
            reading_of(context, now)
        except NotUnderstood as refusal:
            if 0 <= index < len(refusal.examples):
                phrase, draft = refusal.examples[index], context.draft
                _change(transaction, actor, draft_id, draft.details, phrase, draft.changed | {WHEN})
        return preview_of(transaction, actor, draft_id, now)

    return await program.database.write(take)


def _add(
    transaction: Transaction,
    actor: Actor,
    target: Target,
    details: Details,
    phrase: str,
    now: datetime,
    *,
    changed: Collection[str] = (),
    based_on: str = "",
) -> int:
    """Stores an actor's input as a draft; returns its id. Raises Refusal."""
    check_seats(details)
    draft = drafts.add(
        transaction,
        guild_id=actor.guild_id,
        user_id=actor.user_id,
        target=target,
        based_on=based_on,
        details=details,
        phrase=phrase,
        changed=changed,
        most=None if actor.is_organizer else MOST_DRAFTS_EACH,
        now=now,
    )
    return draft.draft_id


def _change(
    transaction: Transaction,
    actor: Actor,
    draft_id: int,
    details: Details,
    phrase: str,
    changed: Collection[str],
) -> None:
    drafts.change(
        transaction,
        draft_id,
        guild_id=actor.guild_id,
        user_id=actor.user_id,
        details=details,
        phrase=phrase,
        changed=changed,
    )


def _chosen_host(
    host: Person | None, present_id: int, channel_id: int | None
) -> tuple[int, Refusal | None]:
    """Returns who is to host: the person who was chosen, or the present host.

    With it, why the person who was chosen can't be asked to.
    """
    if host is None or host.user_id == present_id:
        return present_id, None
    try:
        check_chosen(host, channel_id)
    except Refusal as refusal:
        return present_id, refusal
    return host.user_id, None
