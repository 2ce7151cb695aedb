"""What an actor may see: jellies whose channel they may view, and of others' answers only some.

Every action finds what it is about through this file. What the actor may not see is refused as if
it did not exist, so that nothing is told of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.actions.actor import Actor
from bot.actions.rights import may_change
from data.channels import channels_of
from data.models import Answer, Rsvp, Series, Session, SessionView
from data.schedule.find import find_session, no_such_jelly
from data.schedule.find_series import find_series
from data.store.transaction import Transaction


def channels_seen(transaction: Transaction, actor: Actor) -> list[int]:
    """Returns the channels of the actor's server in which they may see jellies."""
    return [one for one in channels_of(transaction, actor.guild_id) if actor.channels.may_view(one)]


def check_seen(actor: Actor, jelly: Session | Series | None) -> None:
    """Raises Refusal if there is no such jelly, or the actor may not see it."""
    if jelly is None or not actor.channels.may_view(jelly.channel_id):
        raise no_such_jelly()


def session_seen(transaction: Transaction, actor: Actor, session_id: int) -> Session:
    """Returns a session of the actor's server. Raises Refusal as :func:`check_seen` does."""
    session = find_session(transaction, actor.guild_id, session_id)
    check_seen(actor, session)
    assert session is not None  # checked
    return session


def series_seen(transaction: Transaction, actor: Actor, series_id: int) -> Series:
    """Returns an active series of the actor's server. Raises Refusal as :func:`check_seen` does."""
    series = find_series(transaction, actor.guild_id, series_id)
    check_seen(actor, series)
    assert series is not None  # checked
    return series


def answers_seen(actor: Actor, view: SessionView, now: datetime) -> SessionView:
    """Returns a session without what the actor may not see of others' answers.

    Notes of members who can't make it are for the host alone. Hours are for those going and those
    who keep the list, and so is, until its end, who is there.
    """
    roster, host_id = view.roster, view.session.details.host_id
    keeps_list = may_change(actor, view.session)
    sees_who_came = keeps_list or view.session.is_over(now)
    sees_hours = keeps_list or any(rsvp.user_id == actor.user_id for rsvp in roster.going)

    def seen(rsvp: Rsvp) -> Rsvp:
        if rsvp.user_id == actor.user_id:
            return rsvp
        if rsvp.answer is Answer.DECLINED and actor.user_id != host_id:
            rsvp = rsvp._replace(note="")
        if not sees_hours:
            rsvp = rsvp._replace(arrives_at=None, leaves_at=None)
        if keeps_list:
            return rsvp
        rsvp = rsvp._replace(came=rsvp.came and sees_who_came)
        if sees_hours and not view.session.is_over(now):
            return rsvp
        return rsvp._replace(arrived_at=None, left_at=None)

    roster = replace(
        roster,
        going=tuple(map(seen, roster.going)),
        waiting=tuple(map(seen, roster.waiting)),
        requested=tuple(map(seen, roster.requested)),
        maybe=tuple(map(seen, roster.maybe)),
        declined=tuple(map(seen, roster.declined)),
        came=tuple(map(seen, roster.came)) if sees_who_came else (),
    )
    return replace(view, roster=roster)
