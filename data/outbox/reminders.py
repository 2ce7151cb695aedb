"""Reminders of a session: when they are due, which one asks those who said maybe, and who reads it.

Pure functions of the session, its answers and the settings of its channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from data.limits import DAY_BEFORE_UNTIL, DECIDED_WITHIN
from data.models import Answer, ChannelSettings, Session, SessionView

Times = Sequence[tuple[datetime, timedelta]]


def reminder_times(session: Session, settings: ChannelSettings) -> Times:
    """Returns when each reminder of a session is due, and how long before the start, in order.

    Where the clocks change, 1 day may be less than 23 hours 30 minutes, or as long as 23 hours:
    of two that are due at the same moment, only the shorter is needed.
    """
    spans = {session.before_start(span): span for span in sorted(settings.reminders, reverse=True)}
    return sorted(spans.items())


def day_before(session: Session, settings: ChannelSettings) -> timedelta | None:
    """Returns how long before the start the reminder of the day before comes; None without one."""
    return next((before for _, before in _day_before(session, settings)), None)


def asks_undecided(session: Session, settings: ChannelSettings) -> timedelta | None:
    """Returns how long before the start a reminder comes that also asks those who said maybe.

    It is that of the day before, unless answers close too soon after it, or before. None if there
    is none: then they are asked by a message of their own.
    """
    closed_at = session.answers_closed_at()
    return next(
        (
            before
            for due_at, before in _day_before(session, settings)
            if closed_at is None or due_at <= closed_at - DECIDED_WITHIN
        ),
        None,
    )


def answers_reminded(
    view: SessionView, settings: ChannelSettings, before: timedelta, *, asks_too: bool = False
) -> tuple[Answer, ...]:
    """Returns the answers of those whom a reminder is for; none if that is nobody but the host.

    With ``asks_too``, it asks those who said maybe in place of a message of their own.
    """
    asks = asks_too or before == asks_undecided(view.session, settings)
    if asks and view.roster.counts.maybe:
        return (Answer.GOING, Answer.MAYBE)
    return (Answer.GOING,) if view.has_others else ()


def reminds_nobody(view: SessionView, settings: ChannelSettings, before: timedelta) -> bool:
    """Returns whether a reminder is left out, because it is for nobody but the host.

    That of the day before is not: it asks all who read it.
    """
    is_for_nobody = not answers_reminded(view, settings, before)
    return is_for_nobody and before != day_before(view.session, settings)


def _day_before(session: Session, settings: ChannelSettings) -> Times:
    """Returns the reminder of the day before, if there is one."""
    since = session.before_start(timedelta(days=1))
    until = session.starts_at - DAY_BEFORE_UNTIL
    times = reminder_times(session, settings)
    return [(due_at, before) for due_at, before in times if since <= due_at <= until][:1]
