"""What a draft would become: it is posted or saved, and for a preview that is undone."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import islice

from bot.actions.actor import Actor
from bot.actions.change_log import check_pace, note
from bot.actions.readings import Context, Reading, context_of, reading_of
from bot.calendar import horizon_of, occurrences
from data.limits import DATES_SHOWN, SESSIONS_AHEAD
from data.models import WHEN, ChangeAction, ChangeImpact, Details, Occurrence, Series, Session
from data.people.invitations import invite, withdraw_invitations_to_host
from data.refusal import Refusal
from data.schedule.change_series import change_from, change_series
from data.schedule.find import session_now
from data.schedule.hosts import hand_over
from data.schedule.quotas import check_jellies_of, check_series_of
from data.schedule.series import add_series, series_now
from data.schedule.sessions import add_session, change_session
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft as it would be posted or saved, or why it can't be."""

    context: Context
    reading: Reading | None
    refusal: Refusal | None = None
    """Why there is no reading; NotUnderstood may offer other phrases."""
    impact: ChangeImpact | None = None
    """What the change of a series affects; None if it is one date or new."""


def preview_of(transaction: Transaction, actor: Actor, draft_id: int, now: datetime) -> Preview:
    """Returns a draft as it would be posted or saved, by saving it and undoing that."""
    context = context_of(transaction, actor, draft_id, now)
    try:
        reading = reading_of(context, now)
        sessions = transaction.try_out(lambda t: post_or_save(t, actor, context, reading, now))
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


def post_or_save(
    transaction: Transaction, actor: Actor, context: Context, reading: Reading, now: datetime
) -> list[Session]:
    """Posts or saves a draft, and notes it in the change log; the host whom it names may be asked.

    Returns the sessions ahead that it is about. Raises Refusal.
    """
    check_pace(transaction, actor, now)
    _check_quotas(transaction, actor, context, reading, now)
    jelly, sessions = _post_or_save(transaction, actor, context, reading, now)
    if context.draft.details.host_id == context.present_host_id:
        return sessions
    _name_host(transaction, actor, context, jelly, now)
    return [session_now(transaction, session.session_id) for session in sessions]


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
        withdraw_invitations_to_host(transaction, jelly, but=host_id)
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
        hand_over(transaction, jelly, host_id, moves_rights=moves_rights, now=now)
    done = ChangeAction.ASKED_TO_HOST if context.asks_host else ChangeAction.HOST_CHANGED
    note(transaction, actor, done, jelly, about_user_id=host_id, now=now)


def _post_or_save(
    transaction: Transaction, actor: Actor, context: Context, reading: Reading, now: datetime
) -> tuple[Session | Series, list[Session]]:
    """Posts or saves a draft, but with the present host; returns the jelly and its dates ahead."""
    draft, settings, changed = context.draft, context.settings, context.changed
    details = replace(draft.details, host_id=context.present_host_id)
    jellies, first = reading.schedule, reading.next_dates[0]
    if isinstance(changed, Session) and draft.target.and_later:
        assert reading.split is not None  # read for later dates, so it was split
        sessions = change_from(
            transaction,
            changed,
            reading.split,
            details=details,
            schedule=jellies,
            horizon=horizon_of(jellies, now),
            is_limited=not context.is_organizer,
            now=now,
        )
        edited = _edited(changed.details, details, is_moved=reading.split.later != jellies)
        if edited:
            note(transaction, actor, ChangeAction.EDITED, changed, now=now, fields=edited)
        series_id = next((one.series_id for one in sessions), changed.series_id)
        return series_now(transaction, series_id or 0), sessions
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
        return session, [session]
    if isinstance(changed, Series):
        sessions = change_series(
            transaction,
            changed.series_id,
            details=details,
            schedule=jellies,
            horizon=horizon_of(jellies, now),
            is_limited=not context.is_organizer,
            now=now,
        )
        edited = _edited(changed.details, details, is_moved=changed.schedule != jellies)
        if edited:
            note(transaction, actor, ChangeAction.EDITED, changed, now=now, fields=edited)
        return series_now(transaction, changed.series_id), sessions
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
        return series, sessions
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
    return session, [session]


def _check_quotas(
    transaction: Transaction, actor: Actor, context: Context, reading: Reading, now: datetime
) -> None:
    """Raises Refusal if it is one jelly or series too many for someone who is no organizer."""
    is_split = reading.split is not None and reading.split.earlier is not None
    if actor.is_organizer or not (context.changed is None or is_split):
        return
    if reading.schedule.rules:
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
    names = [field.name for field in fields(Details)]
    differ = [name for name in names if getattr(before, name) != getattr(after, name)]
    return [WHEN, *differ] if is_moved else differ
