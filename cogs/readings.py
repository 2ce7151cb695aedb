"""Reads drafts: the typed words as of now, and the session or series that they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from bot.calendar import CannotSplit, instant_of, occurrences, split
from bot.discord_types import Interaction
from bot.interactions import guild_of
from bot.messages.text import escaped
from bot.phrases.en import describe, read
from bot.rights import NOT_SET_UP, check
from data.limits import DATES_SHOWN
from data.models import (
    ChangeImpact,
    Details,
    Draft,
    GuildSettings,
    Occurrence,
    Roster,
    Schedule,
    Series,
    Session,
    Split,
    Target,
    fingerprint,
)
from data.people.session_views import card_view
from data.refusal import Refusal
from data.schedule import drafts
from data.schedule.find import find_session
from data.schedule.series import find_series, impact_of
from data.schedule.sessions import check_details
from data.settings import settings_of
from data.store.transaction import Transaction

GONE = "That jelly is no longer on the list. Type /jelly list to see what is on."


@dataclass(frozen=True, slots=True)
class Reading:
    """What a draft means at this moment: its schedule and next dates."""

    schedule: Schedule
    next_dates: list[Occurrence]
    split: Split | None = None
    """The split of the series, if it changes from one date on."""


@dataclass(frozen=True, slots=True)
class Context:
    """A draft with what it is about, read in one transaction."""

    draft: Draft
    settings: GuildSettings
    changed: Session | Series | None
    """What the draft changes; None if it is new."""
    series: Series | None
    """The series that the changed session belongs to."""
    roster: Roster
    impact: ChangeImpact | None = None
    """What the change of a series affects; None if it is one date or new."""


def not_understood(error: ValueError) -> Refusal:
    """Returns the refusal of words that can't be read; its sentence quotes some, escaped."""
    return Refusal(escaped(str(error)))


def start(
    transaction: Transaction,
    interaction: Interaction,
    target: Target,
    details: Details,
    phrase: str,
    now: datetime,
    *,
    based_on: str = "",
) -> int:
    """Store the member's input as a draft; returns its id. Raises Refusal."""
    check_details(details)
    draft = drafts.add(
        transaction,
        guild_id=guild_of(interaction),
        user_id=interaction.user.id,
        target=target,
        based_on=based_on,
        details=details,
        phrase=phrase,
        now=now,
    )
    return draft.draft_id


def context_of(
    transaction: Transaction, interaction: Interaction, draft_id: int, now: datetime
) -> Context:
    """Returns a draft and what it is about.

    Raises Refusal if the member may not post or save it.
    """
    guild_id = guild_of(interaction)
    draft = drafts.find(transaction, draft_id, guild_id=guild_id, user_id=interaction.user.id)
    settings = settings_of(transaction, guild_id)
    if settings is None:
        raise Refusal(NOT_SET_UP)
    if draft.target == Target():
        check(interaction, settings)
        return Context(draft, settings, None, None, Roster())
    found = jelly_to_change(transaction, interaction, draft.target)
    if draft.based_on != fingerprint(found):
        raise Refusal(
            "Somebody changed that jelly meanwhile. Type /jelly edit to see it as it is now."
        )
    if isinstance(found, Series):
        impact = impact_of(transaction, found.series_id, since=now, now=now)
        return Context(draft, settings, found, None, Roster(), impact)
    series = find_series(transaction, guild_id, found.series_id) if found.series_id else None
    view = card_view(transaction, found.session_id)
    roster = view.roster if view else Roster()
    if not draft.target.and_later or series is None:
        return Context(draft, settings, found, series, roster)
    later = impact_of(transaction, series.series_id, since=found.starts_at, now=now)
    return Context(draft, settings, found, series, roster, later)


def jelly_of(transaction: Transaction, guild_id: int, target: Target) -> Session | Series:
    """Returns what a command is about. Raises Refusal if the server no longer has it."""
    found: Session | Series | None = None
    if target.session_id is not None:
        found = find_session(transaction, guild_id, target.session_id)
    elif target.series_id is not None:
        found = find_series(transaction, guild_id, target.series_id)
    if found is None:
        raise Refusal(GONE)
    return found


def jelly_to_change(
    transaction: Transaction, interaction: Interaction, target: Target
) -> Session | Series:
    """Returns what a member changes. Raises Refusal if it is gone, or the member may not."""
    guild_id = guild_of(interaction)
    found = jelly_of(transaction, guild_id, target)
    check(interaction, found)
    if isinstance(found, Session) and target.and_later and found.series_id is not None:
        # The host of one date of a series need not be the host of the others.
        check(interaction, jelly_of(transaction, guild_id, Target(series_id=found.series_id)))
    return found


def reading_of(context: Context, now: datetime) -> Reading:
    """Read a draft's words as of now. Raises NotUnderstood, or Refusal if they don't fit."""
    draft, changed = context.draft, context.changed
    if isinstance(changed, Session) and not draft.target.and_later:
        # A session that is on keeps its start if only its end moves.
        before_it = changed.starts_at - timedelta(minutes=1)
        jellies = _read(draft.phrase, changed.schedule, context, min(now, before_it))
        if jellies.rules:
            raise Refusal(
                "A single date can't repeat. Give it one date, or edit all dates of the series."
            )
        return Reading(jellies, list(occurrences(jellies)))
    parted = None
    if isinstance(changed, Session):
        # Words for later dates are read as of that day, so that they mean none before it.
        parted = split_at(context.series, changed)
        later = parted.later
        begins = instant_of(changed.schedule.start.replace(hour=0, minute=0), later.zone)
        jellies = _read(draft.phrase, later, context, max(now, begins))
    elif changed is not None:
        jellies = _read(draft.phrase, changed.schedule, context, now)
    else:
        jellies = read(draft.phrase, zone=context.settings.zone, now=now)
    if changed is not None and not jellies.rules:
        raise Refusal("A series repeats: say for example “every tuesday 10am”, or edit one date.")
    next_dates = list(islice(occurrences(jellies, after=now), DATES_SHOWN))
    if not next_dates:
        raise Refusal("That has no date ahead; press Change and give it a later end.")
    return Reading(jellies, next_dates, parted)


def split_at(series: Series | None, session: Session) -> Split:
    """Returns the split of a series at one of its dates. Raises Refusal if it can't be split."""
    if series is None or session.recurrence_id is None:
        raise Refusal("That date belongs to no series; edit only this date.")
    try:
        return split(series.schedule, session.recurrence_id)
    except CannotSplit as error:
        raise Refusal(
            "From that date on the rule can't be told apart; choose another date or edit all."
        ) from error


def _read(phrase: str, before: Schedule, context: Context, now: datetime) -> Schedule:
    """Returns the schedule that words mean; ``before`` itself if they just describe it."""
    if phrase in (describe(before), describe(before, with_start=True)):
        return before
    return read(phrase, zone=context.settings.zone, now=now)
