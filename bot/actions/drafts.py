"""Drafts: what somebody is about to post or to change, as it would look, and saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from bot.actions.actor import Actor, Program
from bot.actions.find import jelly_to_change, target_of, whole_series
from bot.actions.rights import NOT_SET_UP, check, check_permissions
from bot.actions.settings import used_by
from bot.calendar import CannotSplit, horizon_of, instant_of, occurrences, split
from bot.language.typed import one_line, paragraphs
from bot.phrases.en import (
    NotUnderstood,
    check_zone,
    describe,
    read,
    read_duration,
)
from data.change_settings import set_up as set_up_server
from data.channels import settings_of
from data.limits import DATES_SHOWN, SESSIONS_AHEAD
from data.models import (
    NOBODY,
    ChangeImpact,
    ChannelSettings,
    Details,
    Draft,
    Occurrence,
    Roster,
    Schedule,
    Series,
    Session,
    SessionState,
    Split,
    Target,
    Tone,
    fingerprint,
)
from data.people.session_views import card_view
from data.refusal import Refusal
from data.schedule import drafts
from data.schedule.change_series import change_from, change_series
from data.schedule.series import add_series, find_series, series_ahead
from data.schedule.sessions import add_session, change_session, check_details
from data.store.transaction import Transaction


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
    settings: ChannelSettings
    changed: Session | Series | None
    """What the draft changes; None if it is new."""
    series: Series | None
    """The series that the changed session belongs to."""
    roster: Roster
    ahead: tuple[Session, ...] = ()
    """The dates ahead that the change of a series affects; none if it is one date or new."""

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
            details=draft.details,
            created_by=draft.user_id,
            schedule=replace(reading.schedule, start=first.recurrence_id),
            starts_at=first.starts_at,
            ends_at=first.ends_at,
            state=SessionState.SCHEDULED,
            version=1,
            counts=NOBODY,
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft as it would be posted or saved, or why it can't be."""

    context: Context
    reading: Reading | None
    refusal: Refusal | None = None
    """Why there is no reading; NotUnderstood may offer other phrases."""
    impact: ChangeImpact | None = None
    """What the change of a series affects; None if it is one date or new."""


@dataclass(frozen=True, slots=True)
class NeedsSetUp:
    """The draft is kept, and the server is to be set up before it can be shown."""

    draft_id: int


@dataclass(frozen=True, slots=True)
class Posted:
    """A new session or series is scheduled."""

    details: Details
    first: datetime
    rule: str
    """How it repeats, in words; "" if it does not."""
    channel_id: int
    posted_at: datetime
    """When its first card is posted (UTC)."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A change is saved; ``sessions`` are those ahead, None if nothing is different."""

    details: Details
    sessions: list[Session] | None


@dataclass(frozen=True, slots=True)
class ToChange:
    """What somebody wants to change, with what a form for that begins with."""

    target: Target
    details: Details
    phrase: str
    based_on: str


async def propose(
    program: Program, actor: Actor, details: Details, phrase: str
) -> Preview | NeedsSetUp:
    """Keeps a new jelly as a draft. Raises Refusal if the actor may not host."""
    now = program.clock.now()

    def keep(transaction: Transaction) -> Preview | NeedsSetUp:
        settings = settings_of(transaction, actor.guild_id)
        check(actor, "/jelly new", settings)
        draft_id = _add(transaction, actor, Target(), details, phrase, now)
        if settings is None:
            return NeedsSetUp(draft_id)
        return _preview(transaction, actor, draft_id, now)

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
        set_up_server(
            transaction, guild_id=actor.guild_id, channel_id=channel_id, zone=zone, now=now
        )
        used_by(transaction, actor, now)
        return _preview(transaction, actor, draft_id, now)

    return await program.database.write(save)


async def to_change(
    program: Program, actor: Actor, which: str, *, all_dates: bool = False, and_later: bool = False
) -> ToChange:
    """Returns what was chosen, with its details and its dates in words. Raises Refusal."""
    now = program.clock.now()

    def query(transaction: Transaction) -> ToChange:
        target = target_of(transaction, actor, which, now)
        if all_dates:
            refusal = Refusal("That date belongs to no series; leave out “dates” to change it.")
            target = whole_series(transaction, actor.guild_id, target, refusal)
        elif and_later and target.session_id is not None:
            target = replace(target, and_later=True)
        found = jelly_to_change(transaction, actor, target)
        if isinstance(found, Series) or not target.and_later:
            phrase = describe(found.schedule, with_start=isinstance(found, Series) or None)
        else:
            series = find_series(transaction, actor.guild_id, found.series_id or 0)
            phrase = describe(split_at(series, found).later, with_start=True)
        return ToChange(target, found.details, phrase, fingerprint(found))

    return await program.database.read(query)


async def propose_change(
    program: Program,
    actor: Actor,
    target: Target,
    change: Callable[[Details], Details],
    phrase: str,
    *,
    based_on: str,
) -> Preview:
    """Keeps a change as a draft. Raises Refusal if the actor may not make it."""
    now = program.clock.now()

    def keep(transaction: Transaction) -> Preview:
        found = jelly_to_change(transaction, actor, target)
        draft_id = _add(
            transaction, actor, target, change(found.details), phrase, now, based_on=based_on
        )
        return _preview(transaction, actor, draft_id, now)

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
            raise Refusal("Choose a single date to move; /jelly edit changes a whole series.")
        place = found.details.place if where is None else one_line(where)
        phrase = describe(found.schedule) if when is None else one_line(when)
        details = replace(found.details, place=place)
        draft_id = _add(
            transaction, actor, target, details, phrase, now, based_on=fingerprint(found)
        )
        return _preview(transaction, actor, draft_id, now)

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
) -> Preview:
    """Replaces the details and the phrase of a draft. Raises Refusal as :func:`draft_of` does."""
    now = program.clock.now()

    def save(transaction: Transaction) -> Preview:
        details, phrase = change(context_of(transaction, actor, draft_id, now).draft)
        check_details(details)
        _change(transaction, actor, draft_id, details, phrase)
        return _preview(transaction, actor, draft_id, now)

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
                phrase = refusal.examples[index]
                _change(transaction, actor, draft_id, context.draft.details, phrase)
        return _preview(transaction, actor, draft_id, now)

    return await program.database.write(take)


async def save(
    program: Program, actor: Actor, draft_id: int, *, previewed: int
) -> Preview | Posted | Changed:
    """Posts or saves a draft; ``previewed`` is the preview's first start, in epoch seconds.

    Returns a new preview if time has passed since, so that the words now mean another date.
    """
    now = program.clock.now()

    def take(transaction: Transaction) -> Preview | Posted | Changed:
        preview = _preview(transaction, actor, draft_id, now)
        if preview.refusal is not None and not isinstance(preview.refusal, NotUnderstood):
            raise preview.refusal
        reading = preview.reading
        if reading is None or int(reading.next_dates[0].starts_at.timestamp()) != previewed:
            return preview
        drafts.use_up(transaction, draft_id, guild_id=actor.guild_id, user_id=actor.user_id)
        sessions = _save(transaction, preview.context, reading, now)
        return _saved(preview.context, reading, sessions)

    saved = await program.database.write(take)
    if not isinstance(saved, Preview):
        await program.sessions_changed()
        program.messages_owed()
    return saved


def context_of(transaction: Transaction, actor: Actor, draft_id: int, now: datetime) -> Context:
    """Returns a draft and what it is about. Raises Refusal if the actor may not post or save it."""
    guild_id = actor.guild_id
    draft = drafts.find(transaction, draft_id, guild_id=guild_id, user_id=actor.user_id)
    settings = settings_of(transaction, guild_id)
    if settings is None:
        raise Refusal(NOT_SET_UP)
    if draft.target == Target():
        check(actor, "/jelly new", settings)
        return Context(draft, settings, None, None, Roster())
    found = jelly_to_change(transaction, actor, draft.target)
    if draft.based_on != fingerprint(found):
        raise Refusal(
            "Somebody changed that jelly meanwhile. Type /jelly edit to see it as it is now."
        )
    if isinstance(found, Series):
        ahead = series_ahead(transaction, found.series_id, now=now)
        return Context(draft, settings, found, None, Roster(), tuple(ahead))
    series = find_series(transaction, guild_id, found.series_id) if found.series_id else None
    view = card_view(transaction, found.session_id)
    roster = view.roster if view else Roster()
    if not draft.target.and_later or series is None:
        return Context(draft, settings, found, series, roster)
    ahead = series_ahead(transaction, series.series_id, now=now)
    later = tuple(session for session in ahead if session.starts_at >= found.starts_at)
    return Context(draft, settings, found, series, roster, later)


def reading_of(context: Context, now: datetime) -> Reading:
    """Reads a draft's words as of now. Raises Refusal, of what can't be read NotUnderstood."""
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


def details_of(what: str, where: str, about: str, host_id: int) -> Details:
    """Returns typed details, each on one line, except that ``about`` keeps its lines."""
    return Details(one_line(what), one_line(where), paragraphs(about), host_id)


def with_seats(details: Details, *, tone: str, seats: str, guests: str, closes: str) -> Details:
    """Returns details with the typed seats and tone. Raises Refusal with what to type."""
    span = closes.strip().casefold().removesuffix("before")
    no_seats = Refusal("“seats” has to be a number; try again with digits, such as 8.")
    no_guests = Refusal("“guests” has to be a number; try again with digits, such as 8.")
    return replace(
        details,
        tone=_tone(tone) if tone else details.tone,
        capacity=_number(seats, no_seats) if seats.strip() else None,
        most_guests=_number(guests, no_guests),
        answers_close=read_duration(span) if span else None,
    )


def _tone(chosen: str) -> Tone:
    try:
        return Tone(chosen)
    except ValueError as error:
        raise Refusal("Choose one of the tones in the list.") from error


def _number(typed: str, refusal: Refusal) -> int:
    if not (typed.strip().isascii() and typed.strip().isdecimal()):
        raise refusal
    return int(typed)


def _preview(transaction: Transaction, actor: Actor, draft_id: int, now: datetime) -> Preview:
    """Returns a draft as it would be posted or saved, by saving it and undoing that."""
    context = context_of(transaction, actor, draft_id, now)
    try:
        reading = reading_of(context, now)
        sessions = transaction.try_out(lambda t: _save(t, context, reading, now))
    except Refusal as refusal:
        return Preview(context, None, refusal)
    if reading.schedule.rules:
        reading = replace(reading, next_dates=_next_dates(context, reading, sessions, now))
    return Preview(context, reading, impact=_impact(context, sessions))


def _next_dates(
    context: Context, reading: Reading, sessions: list[Session], now: datetime
) -> list[Occurrence]:
    """Returns the next dates of a rule for which there are sessions, or will be in their time.

    If a pause leaves out all of them, returns the first date of the rule, to show a card.
    """
    series = context.changed if isinstance(context.changed, Series) else None
    starts, horizon = {session.starts_at for session in sessions}, now + SESSIONS_AHEAD

    def takes_place(date: Occurrence) -> bool:
        if date.starts_at < horizon:
            return date.starts_at in starts
        return series is None or not series.is_paused(date.starts_at)

    is_endless = series is not None and series.paused_from and series.paused_until is None
    before = horizon if is_endless else None
    dates = filter(takes_place, occurrences(reading.schedule, after=now, before=before))
    return list(islice(dates, DATES_SHOWN)) or reading.next_dates[:1]


def _impact(context: Context, sessions: list[Session]) -> ChangeImpact | None:
    """Returns what becomes of the dates ahead; ``sessions`` are those after the change."""
    if not context.changes_series:
        return None
    stay = {session.session_id for session in sessions}
    changing = [session for session in context.ahead if not session.is_exception]
    following = [session for session in changing if session.session_id in stay]
    return ChangeImpact(
        dates=len(following),
        exceptions=len(context.ahead) - len(changing),
        called_off=len(changing) - len(following),
        going=sum(session.counts.going for session in following),
        most_taken=max((session.counts.seats_taken for session in following), default=0),
    )


def _add(
    transaction: Transaction,
    actor: Actor,
    target: Target,
    details: Details,
    phrase: str,
    now: datetime,
    *,
    based_on: str = "",
) -> int:
    """Stores an actor's input as a draft; returns its id. Raises Refusal."""
    check_details(details)
    draft = drafts.add(
        transaction,
        guild_id=actor.guild_id,
        user_id=actor.user_id,
        target=target,
        based_on=based_on,
        details=details,
        phrase=phrase,
        now=now,
    )
    return draft.draft_id


def _change(
    transaction: Transaction, actor: Actor, draft_id: int, details: Details, phrase: str
) -> None:
    drafts.change(
        transaction,
        draft_id,
        guild_id=actor.guild_id,
        user_id=actor.user_id,
        details=details,
        phrase=phrase,
    )


def _read(phrase: str, before: Schedule, context: Context, now: datetime) -> Schedule:
    """Returns the schedule that words mean; ``before`` itself if they just describe it."""
    if phrase in (describe(before), describe(before, with_start=True)):
        return before
    return read(phrase, zone=context.settings.zone, now=now)


def _save(
    transaction: Transaction, context: Context, reading: Reading, now: datetime
) -> list[Session]:
    """Posts or saves a draft; returns the sessions ahead that it is about. Raises Refusal."""
    draft, settings, changed = context.draft, context.settings, context.changed
    details, jellies, first = draft.details, reading.schedule, reading.next_dates[0]
    if isinstance(changed, Session) and draft.target.and_later:
        assert reading.split is not None  # read for later dates, so it was split
        return change_from(
            transaction,
            changed,
            reading.split,
            details=details,
            schedule=jellies,
            horizon=horizon_of(jellies, now),
            now=now,
        )
    if isinstance(changed, Session):
        session = change_session(
            transaction,
            changed.session_id,
            details=details,
            schedule=jellies,
            occurrence=first,
            now=now,
        )
        return [session]
    if isinstance(changed, Series):
        return change_series(
            transaction,
            changed.series_id,
            details=details,
            schedule=jellies,
            horizon=horizon_of(jellies, now),
            now=now,
        )
    if jellies.rules:
        _, sessions = add_series(
            transaction,
            channel_id=settings.channel_id,
            created_by=draft.user_id,
            details=details,
            schedule=jellies,
            horizon=horizon_of(jellies, now),
            now=now,
        )
        return sessions
    session = add_session(
        transaction,
        channel_id=settings.channel_id,
        created_by=draft.user_id,
        details=details,
        schedule=jellies,
        occurrence=first,
        now=now,
    )
    return [session]


def _saved(context: Context, reading: Reading, sessions: list[Session]) -> Posted | Changed:
    """Returns what a person is told of a draft that is posted or saved."""
    details, settings, changed = context.draft.details, context.settings, context.changed
    if isinstance(changed, Session) and not context.changes_series:
        is_same = sessions[0].version == changed.version
        return Changed(details, None if is_same else sessions)
    if changed is not None:
        return Changed(details, sessions)
    first = reading.next_dates[0].starts_at
    rule = describe(reading.schedule) if reading.schedule.rules else ""
    return Posted(details, first, rule, settings.channel_id, settings.announced_at(first))
