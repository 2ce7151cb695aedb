"""What is stored about the actor in all servers: having it, and having it deleted."""

from __future__ import annotations

from dataclasses import dataclass

from bot.actions.actor import Actor, Program
from bot.forgetting import forget as forget_person
from data.models import Hosted, StoredRow
from data.people.exporting import everything_about, is_known
from data.people.forgetting import hosted_ahead
from data.refusal import Refusal
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The result of asking to be forgotten."""

    is_done: bool
    hosted: Hosted
    """What the person hosted ahead; if it is not done, it is more or less than they were told."""


async def export(program: Program, actor: Actor) -> dict[str, list[StoredRow]]:
    """Returns everything stored about the actor. Raises Refusal if nothing is."""
    found = await program.database.read(lambda t: everything_about(t, actor.user_id))
    if not found:
        raise _nothing()
    return found


async def to_forget(program: Program, actor: Actor) -> Hosted:
    """Returns what would be called off. Raises Refusal if nothing is stored about the actor."""
    now = program.clock.now()

    def query(transaction: Transaction) -> Hosted:
        if not is_known(transaction, actor.user_id):
            raise _nothing()
        return hosted_ahead(transaction, actor.user_id, now=now)

    return await program.database.read(query)


async def forget(program: Program, actor: Actor, told: Hosted) -> Forgotten:
    """Deletes everything stored about the actor, if what they host is as they were told."""
    hosted = await to_forget(program, actor)
    if hosted != told:
        return Forgotten(False, hosted)
    await forget_person(program.database, program.clock, actor.user_id)
    await program.sessions_changed()
    program.messages_owed()
    return Forgotten(True, hosted)


def _nothing() -> Refusal:
    return Refusal("Nothing is stored about you yet. That starts with your first answer or jelly.")
