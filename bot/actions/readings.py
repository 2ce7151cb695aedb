"""What a draft means at this moment: what it is about, and its words as dates."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from bot.actions.actor import Actor
from bot.actions.defaults import Defaults, defaults_of
from bot.actions.edits import as_shown
from bot.actions.find import jelly_to_change
from bot.actions.rights import NOT_SET_UP, check, check_may_post
from bot.calendar import CannotSplit, Rhythm, instant_of, occurrences, split
from bot.phrases.en import describe
from data.channels import settings_of
from data.limits import DATES_SHOWN, LONGEST_TYPED_PHRASE
from data.models import (
    NOBODY,
    WHEN,
    ChannelSettings,
    Draft,
    Occurrence,
    Roster,
    Schedule,
    Series,
    Session,
    SessionState,
    Split,
    Target,
    fingerprint,
)
from data.people.invitations import has_agreed_to_host
from data.people.session_views import card_view
from data.refusal import Refusal
from data.schedule import drafts
from data.schedule.find_series import find_series
from data.store.transaction import Transaction

# The longest period within which a date moves with its weekday.
_A_YEAR = timedelta(days=366)


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
    is_organizer: bool
    """Whether its author is one."""
    settings: ChannelSettings
    changed: Session | Series | None
    """What the draft changes; None if it is new."""
    series: Series | None
    """The series that the changed session belongs to, or that gets one more date."""
    roster: Roster
    asks_host: bool = False
    """Whether the host whom the draft names has to agree first."""
    fingerprint: str = ""
    """Of what it is about, as that is now; "" if it is a jelly of its own."""
    phrase: str = ""
    """The dates of what it changes in words, as they are now; "" if it is new."""

    @property
    def is_outdated(self) -> bool:
        """Returns whether others changed what it is about after the draft was made."""
        return self.jelly is not None and self.draft.based_on != self.fingerprint

    @property
    def jelly(self) -> Session | Series | None:
        """Returns what the draft is about, as it is; None if it is a jelly of its own."""
        return self.changed or self.series

    @property
    def extended(self) -> Series | None:
        """Returns the series that gets one more date; None if the draft is about something else."""
        return self.series if self.draft.target.adds_date else None

    @property
    def before(self) -> Session | Series | None:
        """Returns the date or series that the draft changes, as it is; None if it is new."""
        return self.series if self.draft.target.and_later else self.changed

    @property
    def present_host_id(self) -> int:
        """Returns who hosts it now; of a new jelly, the person who schedules it."""
        jelly = self.before or self.series
        return self.draft.user_id if jelly is None else jelly.details.host_id

    @property
    def host_id(self) -> int:
        """Returns who will host it at first: the present host, until another agreed."""
        return self.present_host_id if self.asks_host else self.draft.details.host_id

    @property
    def changes_series(self) -> bool:
        """Returns whether a whole series changes, or one from a date on."""
        return isinstance(self.changed, Series) or self.draft.target.and_later

    def as_session(self, reading: Reading) -> Session:
        """Returns the session that the draft's card will show."""
        draft, first = self.draft, reading.next_dates[0]
        return Session(
            session_id=0,
            guild_id=draft.guild_id,
            channel_id=self.settings.channel_id,
            series_id=None,
            recurrence_id=None,
            is_exception=False,
            details=replace(draft.details, host_id=self.host_id),
            created_by=draft.user_id,
            schedule=replace(reading.schedule, start=first.recurrence_id),
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            state=SessionState.SCHEDULED,
            version=1,
            counts=NOBODY,
        )


def context_of(transaction: Transaction, actor: Actor, draft_id: int, now: datetime) -> Context:
    """Returns a draft and what it is about. Raises Refusal if the actor may not post or save it."""
    context = _context_of(transaction, actor, draft_id, now)
    named = context.draft.details.host_id
    if named in (context.present_host_id, actor.user_id):
        return context
    has_agreed = context.before is not None and has_agreed_to_host(
        transaction, context.before, named
    )
    return replace(context, asks_host=not has_agreed)


def _context_of(transaction: Transaction, actor: Actor, draft_id: int, now: datetime) -> Context:
    guild_id = actor.guild_id
    draft = drafts.find(transaction, draft_id, guild_id=guild_id, user_id=actor.user_id)
    settings = settings_of(transaction, guild_id)
    if settings is None:
        raise Refusal(NOT_SET_UP)
    if draft.target == Target():
        check(actor, "/jelly new", settings)
        return Context(draft, actor.is_organizer, settings, None, None, Roster())
    found = jelly_to_change(transaction, actor, draft.target)
    draft = replace(draft, details=draft.on_top_of(found.details))
    jelly = with_dates(transaction, draft.target, found)
    phrase = phrase_of(jelly)
    if WHEN not in draft.changed:
        draft = replace(draft, phrase=phrase)
    context = Context(
        draft,
        actor.is_organizer,
        settings,
        found,
        None,
        Roster(),
        fingerprint=fingerprint(jelly),
        phrase=phrase,
    )
    if isinstance(found, Series):
        if draft.target.adds_date:
            check_may_post(actor, found.channel_id)
            return replace(context, changed=None, series=found, phrase="")
        return context
    series = find_series(transaction, guild_id, found.series_id) if found.series_id else None
    view = card_view(transaction, found.session_id)
    return replace(context, series=series, roster=view.roster if view else Roster())


def phrase_of(jelly: Session | Series) -> str:
    """Returns the dates of what someone changes in words, which are read back as the same."""
    return describe(jelly.schedule, with_start=True)


def with_dates(
    transaction: Transaction, target: Target, found: Session | Series
) -> Session | Series:
    """Returns what someone changes; a date with all later ones has the schedule of them all.

    If a date is in no series any more, or its series can't be split there, it has its own.
    """
    if isinstance(found, Session) and target.and_later:
        series = find_series(transaction, found.guild_id, found.series_id or 0)
        with suppress(Refusal):
            return replace(found, schedule=split_at(series, found).later)
    return found


def reading_of(context: Context, now: datetime) -> Reading:
    """Reads a draft's words as of now. Raises Refusal, of what can't be read NotUnderstood."""
    draft, changed = context.draft, context.changed
    if context.extended is not None:
        jellies = defaults_of(context.extended, now).read(draft.phrase)
        if jellies.rules:
            raise Refusal("That repeats. Give just one date, e.g. “dec 30 10-16”.")
        return Reading(jellies, list(occurrences(jellies)))
    if isinstance(changed, Session) and not draft.target.and_later:
        jellies = _read(draft, changed.schedule, defaults_of(changed, now))
        if jellies.rules:
            raise Refusal(
                "A single date can't repeat. Give one date, or edit all dates of the series."
            )
        return Reading(jellies, list(occurrences(jellies)))
    parted = None
    if isinstance(changed, Session):
        # Words for later dates are read as of that day, so that they mean none before it.
        parted = split_at(context.series, changed)
        later = parted.later
        begins = instant_of(changed.schedule.start.replace(hour=0, minute=0), later.zone)
        defaults = Defaults(later.zone, max(now, begins), later.duration)
        rhythm = Rhythm(later, max(now, _may_begin(parted, begins)))
        jellies = _read(draft, later, defaults, rhythm)
    elif changed is not None:
        rhythm = Rhythm(changed.schedule, now)
        jellies = _read(draft, changed.schedule, defaults_of(changed, now), rhythm)
    else:
        jellies = Defaults(context.settings.zone, now).read(draft.phrase)
    if changed is not None and not jellies.rules:
        raise Refusal(
            "A series has to repeat, e.g. “every tuesday 10am”. To change one "
            "date, edit only that one."
        )
    next_dates = list(islice(occurrences(jellies, after=now), DATES_SHOWN))
    if not next_dates:
        raise Refusal("None of its dates is still ahead. Press Change and give it a later end.")
    return Reading(jellies, next_dates, parted)


def split_at(series: Series | None, session: Session) -> Split:
    """Returns the split of a series at one of its dates. Raises Refusal if it can't be split."""
    if series is None or session.recurrence_id is None:
        raise Refusal("That date isn't part of a series, so edit only this date.")
    try:
        return split(series.schedule, session.recurrence_id)
    except CannotSplit as error:
        raise Refusal(
            "I can't split the series at that date. Choose another date, or edit all of them."
        ) from error


def _may_begin(parted: Split, begins: datetime) -> datetime:
    """Returns the day from which the later part of a series may have dates, if it changes.

    That is the one after the earlier dates; ``begins`` is the day on which it begins as it is.
    """
    if parted.earlier is None:
        return begins
    dates = list(occurrences(parted.earlier, after=begins - _A_YEAR, before=begins))
    if not dates:
        return begins
    next_day = dates[-1].recurrence_id.replace(hour=0, minute=0) + timedelta(days=1)
    return min(begins, instant_of(next_day, parted.earlier.zone))


def _read(
    draft: Draft, before: Schedule, defaults: Defaults, rhythm: Rhythm | None = None
) -> Schedule:
    """Returns the schedule that a draft means; ``before`` itself if its words leave that as it is.

    So they do if its author changed nothing about them, or they describe it. Raises Refusal if they
    are the beginning of longer ones, in which a form changed something.
    """
    described = describe(before), describe(before, with_start=True)
    if WHEN not in draft.changed or as_shown(draft.phrase) in map(as_shown, described):
        return before
    if draft.phrase.endswith("…") and len(described[1]) > LONGEST_TYPED_PHRASE:
        raise Refusal(
            "These dates don't fit in the form, which shows only the start of them. "
            "Leave “when” as it was, or type all of it again."
        )
    return defaults.read(draft.phrase, rhythm=rhythm)
