"""What a person can do in a server at this moment, for ``/help``."""

from __future__ import annotations

from bot.actions.actor import Actor, Program
from bot.actions.rights import may, may_host
from bot.actions.visibility import channels_seen
from data.channels import settings_of
from data.models import Standing
from data.people.agenda import has_answered
from data.schedule.find import sessions_ahead
from data.store.transaction import Transaction


async def standing_of(program: Program, actor: Actor) -> Standing:
    """Returns what the actor can do here."""
    now = program.clock.now()

    def query(transaction: Transaction) -> Standing:
        settings = settings_of(transaction, actor.guild_id)
        channels = channels_seen(transaction, actor)
        soonest = sessions_ahead(transaction, channels, limit=1, now=now)
        own = sessions_ahead(transaction, channels, by=actor.user_id, limit=1, now=now)
        return Standing(
            is_set_up=settings is not None,
            may_set_up=may(actor, "/settings"),
            may_host=settings is not None and may_host(actor, settings),
            host_role_id=None if settings is None else settings.host_role_id,
            is_organizer=actor.is_organizer,
            has_answered=has_answered(transaction, actor.guild_id, actor.user_id),
            next_session=next(iter(soonest), None),
            hosts=bool(own),
        )

    return await program.database.read(query)
