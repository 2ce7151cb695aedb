"""Which jellies an actor may see: those whose channel they may view, and no others.

Every action finds what it is about through this file. What the actor may not see is refused as if
it did not exist, so that nothing is told of it.
"""

from __future__ import annotations

from bot.actions.actor import Actor
from data.channels import channels_of
from data.models import Series, Session
from data.schedule.find import find_session, no_such_jelly
from data.schedule.series import find_series
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
