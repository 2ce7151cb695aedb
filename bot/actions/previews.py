"""What a draft would become: it is posted or saved, and for a preview that is undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

from bot.actions.actor import Actor
from bot.actions.change_log import check_pace, note
from bot.actions.readings import Context, Reading, context_of, reading_of
from bot.calendar import horizon_of, occurrences
from data.limits import DATES_SHOWN, SESSIONS_AHEAD
from data.models import (
    WHEN,
    ChangeAction,
    ChangeImpact,
    Details,
    Occurrence,
    Roster,
    Series,
    Session,
    differing,
)
from data.people.invitations import invite, withdraw_invitations_to_host
from data.people.members import note_name
from data.people.session_views import card_view
from data.refusal import Refusal
from data.schedule.change_series import change_from, change_series, last_place
from data.schedule.extra_dates import add_date
from data.schedule.find import session_now
from data.schedule.find_series import has_dates_before
from data.schedule.hosts import hand_over
from data.schedule.quotas import check_extra_dates, check_jellies_of, check_series_of
from data.schedule.series import add_series
from data.schedule.sessions import add_session, change_session
from data.store.transaction import Transaction

_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft that is posted or saved."""

    jelly: Session | Series
    sessions: list[Session]
    """Those ahead that it is about."""
    held: frozenset[datetime] = frozenset()
    """The wall times of a rule at which dates are skipped, or were changed individually."""
    impact: ChangeImpact | None = None
    """What the change of a series concerns; None if it is one date or new."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft as it would be posted or saved, or why it can't be."""

    context: Context
    reading: Reading | None
    refusal: Refusal | None = None
    """Why there is no reading; NotUnderstood may offer other phrases."""
    impact: ChangeImpact | None = None
    """What the change of a series concerns; None if it is one date or new."""
    shifted: tuple[Occurrence, ...] = ()
    """Next dates whose hour a clock change skips, at least the first within a year."""
    problem: Refusal | None = None
    """What was typed or chosen last and left out, because it can't be."""

    @property
    def promised(self) -> str:
        """Returns what it says of the dates, to be compared when it is saved; "" if nothing.

        The first start in epoch seconds, and how many dates the change of a series concerns.
        """
        if self.reading is None:
            return ""
        counts = () if self.impact is None else self.impact.dates()
        first = int(self.reading.next_dates[0].starts_at.timestamp())
        return "-".join(map(str, (first, *counts)))


def preview_of(transaction: Transaction, actor: Actor, draft_id: int, now: datetime) -> Preview:
    """Returns a draft as it would be posted or saved, by saving it and undoing that."""
    context = context_of(transaction, actor, draft_id, now)
    try:
        reading = reading_of(context, now)
        saved, roster = transaction.try_out(lambda t: _tried(t, actor, context, reading, now))
    except Refusal as refusal:
        return Preview(context, None, refusal)
    context = replace(context, roster=roster)
    if not isinstance(saved.jelly, Series):
        shifted = tuple(date for date in reading.next_dates if date.shifted)
        return Preview(context, reading, impact=saved.impact, shifted=shifted)
    dates = _dates_held(saved.jelly, reading, saved, now)
    # If a pause leaves out all of them, the first date of the rule shows a card.
    next_dates = list(islice(dates, DATES_SHOWN)) or reading.next_dates[:1]
    within_a_year = takewhile(lambda date: date.starts_at < now + _YEAR, dates)
    shifted = tuple(date for date in next_dates if date.shifted) or tuple(
        islice((date for date in within_a_year if date.shifted), 1)
    )
    reading = replace(reading, next_dates=next_dates)
    return Preview(context, reading, impact=saved.impact, shifted=shifted)


def _tried(
    transaction: Transaction, actor: Actor, context: Context, reading: Reading, now: datetime
) -> tuple[Saved, Roster]:
    """Posts or saves a draft; returns with it the answers to the date that the preview shows."""
    saved = post_or_save(transaction, actor, context, reading, now)
    shown = saved.jelly
    if isinstance(shown, Series):
        starts_at = next((one.starts_at for one in _dates_held(shown, reading, saved, now)), None)
        dates = (session for session in saved.sessions if session.starts_at == starts_at)
        shown = next(dates, shown)
    view = None if isinstance(shown, Series) else card_view(transaction, shown.session_id)
    return saved, Roster() if view is None else view.roster


def _dates_held(
    series: Series, reading: Reading, saved: Saved, now: datetime
) -> Iterator[Occurrence]:
    """Yields the dates of a rule for which there are sessions, or will be in their time."""
    starts, horizon = {session.starts_at for session in saved.sessions}, now + SESSIONS_AHEAD

    def takes_place(date: Occurrence) -> bool:
        if date.starts_at < horizon or date.recurrence_id in saved.held:
            return date.starts_at in starts
        return not series.is_paused(date.starts_at)

    is_endless = series.paused_from is not None and series.paused_until is None
    before = horizon if is_endless else None
    return filter(takes_place, occurrences(reading.schedule, after=now, before=before))


def post_or_save(
    transaction: Transaction, actor: Actor, context: Context, reading: Reading, now: datetime
) -> Saved:
    """Posts or saves a draft, and notes it in the change log; the host whom it names may be asked.

    Raises Refusal.
    """
    check_pace(transaction, actor, now)
    _check_quotas(transaction, actor, context, reading, now)
    if actor.user_id in (context.present_host_id, context.draft.details.host_id):
        note_name(transaction, actor.guild_id, actor.user_id, actor.name)
    saved = _post_or_save(transaction, actor, context, reading, now)
    if context.draft.details.host_id == context.present_host_id:
        return saved
    _name_host(transaction, actor, context, saved.jelly, now)
    sessions = [session_now(transaction, session.session_id) for session in saved.sessions]
    return replace(saved, sessions=sessions)


def _name_host(
    transaction: Transaction,
    actor: Actor,
    context: Context,
    jelly: Session | Series,
    now: datetime,
) -> None:
    """Hands a jelly over to the host whom a draft names, or asks them first. Raises Refusal."""
    host_id = context.draft.details.host_id
    moves_rights = actor.is_organizer and context.before is not None
    if context.asks_host:
        withdraw_invitations_to_host(transaction, jelly, but=host_id, now=now)
        invite(
            transaction,
            jelly,
            user_id=host_id,
            invited_by=actor.user_id,
            to_host=True,
            moves_rights=moves_rights,
            now=now,
        )
    else:
        # Others than the actor agreed once, and may have said no since.
        hand_over(
            transaction,
            jelly,
            host_id,
            moves_rights=moves_rights,
            has_accepted=host_id == actor.user_id,
            now=now,
        )
    done = ChangeAction.ASKED_TO_HOST if context.asks_host else ChangeAction.HOST_CHANGED
    note(transaction, actor, done, jelly, about_user_id=host_id, now=now)


def _post_or_save(
    transaction: Transaction, actor: Actor, context: Context, reading: Reading, now: datetime
) -> Saved:
    """Posts or saves a draft, but with the present host."""
    draft, settings, changed = context.draft, context.settings, context.changed
    details = replace(draft.details, host_id=context.present_host_id)
    jellies, first = reading.schedule, reading.next_dates[0]
    if context.changes_series:
        return _save_series(transaction, actor, context, reading, details, now)
    if context.extended is not None:
        session = add_date(
            transaction,
            context.extended.series_id,
            details=details,
            schedule=jellies,
            occurrence=first,
            now=now,
        )
        _check_beside_rule(context.extended, first)
        note(transaction, actor, ChangeAction.DATE_ADDED, session, now=now)
        return Saved(session, [session])
    if isinstance(changed, Session):
        session = change_session(
            transaction,
            changed.session_id,
            details=details,
            schedule=jellies,
            occurrence=first,
            is_limited=not context.is_organizer,
            now=now,
        )
        _note_change_of_date(transaction, actor, changed, session, now)
        return Saved(session, [session])
    if jellies.rules:
        series, sessions = add_series(
            transaction,
            channel_id=settings.channel_id,
            created_by=draft.user_id,
            details=details,
            schedule=jellies,
            horizon=horizon_of(jellies, now),
            now=now,
        )
        note(transaction, actor, ChangeAction.SCHEDULED, series, now=now)
        return Saved(series, sessions)
    session = add_session(
        transaction,
        channel_id=settings.channel_id,
        created_by=draft.user_id,
        details=details,
        schedule=jellies,
        occurrence=first,
        now=now,
    )
    note(transaction, actor, ChangeAction.SCHEDULED, session, now=now)
    return Saved(session, [session])


def _save_series(
    transaction: Transaction,
    actor: Actor,
    context: Context,
    reading: Reading,
    details: Details,
    now: datetime,
) -> Saved:
    """Saves the change of a series, or of one from a date on."""
    changed, schedule = context.changed, reading.schedule
    assert changed is not None
    assert changed.series_id is not None  # it changes a series
    old = changed.schedule if reading.split is None else reading.split.later
    near = last_place(transaction, changed.series_id)
    before = horizon_of(old, now, near=near).occurrences
    horizon = horizon_of(schedule, now, near=near)
    is_limited = not context.is_organizer
    if isinstance(changed, Series):
        saved = change_series(
            transaction,
            changed.series_id,
            details=details,
            schedule=schedule,
            before=before,
            horizon=horizon,
            is_limited=is_limited,
            now=now,
        )
    else:
        assert reading.split is not None  # read for later dates, so it was split
        saved = change_from(
            transaction,
            changed,
            reading.split,
            details=details,
            schedule=schedule,
            before=before,
            horizon=horizon,
            is_limited=is_limited,
            now=now,
        )
    edited = _edited(changed.details, details, is_moved=old != schedule)
    if edited:
        note(transaction, actor, ChangeAction.EDITED, changed, now=now, fields=edited)
    return Saved(saved.series, saved.ahead, saved.held, saved.impact)


def _check_beside_rule(series: Series, date: Occurrence) -> None:
    """Raises Refusal if the rule of a series gives a date at that time, created or not yet."""
    at, later = date.starts_at, date.starts_at + timedelta(minutes=1)
    if not series.is_paused(at) and any(occurrences(series.schedule, after=at, before=later)):
        raise Refusal("That series already has a date then. Choose another time.")


def _check_quotas(
    transaction: Transaction, actor: Actor, context: Context, reading: Reading, now: datetime
) -> None:
    """Raises Refusal if it is one too many for someone who is no organizer."""
    changed = context.changed
    is_split = (
        isinstance(changed, Session)
        and reading.split is not None
        and reading.split.earlier is not None
        and has_dates_before(transaction, changed, now=now)
    )
    if actor.is_organizer or not (changed is None or is_split):
        return
    if context.extended is not None:
        check_extra_dates(transaction, context.extended.series_id, now=now)
    elif reading.schedule.rules:
        check_series_of(transaction, context.settings, actor.user_id)
    else:
        check_jellies_of(transaction, context.settings, actor.user_id, now=now)


def _note_change_of_date(
    transaction: Transaction, actor: Actor, before: Session, after: Session, now: datetime
) -> None:
    """Notes a move, or what else was changed of one date; nothing if it is as it was."""
    is_moved = (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at)
    edited = _edited(before.details, after.details, is_moved=is_moved)
    if edited and set(edited) <= {WHEN, "place"}:
        note(
            transaction,
            actor,
            ChangeAction.MOVED,
            after,
            from_at=before.starts_at,
            to_at=after.starts_at,
            from_place=before.details.place,
            to_place=after.details.place,
            now=now,
        )
    elif edited:
        note(transaction, actor, ChangeAction.EDITED, after, now=now, fields=edited)


def _edited(before: Details, after: Details, *, is_moved: bool) -> list[str]:
    """Returns the names of the details that differ, and WHEN if the dates do."""
    names = differing(before, after)
    return [WHEN, *names] if is_moved else names
