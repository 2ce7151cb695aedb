"""What is stored about the actor, and what could not be sent: looking it up, trying it again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bot.actions.actor import Actor, Program
from bot.actions.rights import NOT_SET_UP, check_permissions, may
from bot.actions.visibility import channels_seen
from data.channels import settings_of
from data.checkup import Checkup, check_up
from data.limits import PROBLEMS_SHOWN_FOR, SESSIONS_LISTED
from data.models import AgendaItem, DeliveryState, Mood, Record, Series
from data.outbox.deliveries import Problem
from data.outbox.failures import problems, retry_failed
from data.people.attendance import record_of
from data.people.members import note_mood
from data.people.rsvps import agenda
from data.refusal import Refusal
from data.schedule.series import active_series
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is planned in a server, and what could not be posted of late."""

    items: list[AgendaItem]
    series: list[Series]
    problems: list[Problem]
    may_retry: bool
    """Whether the actor may have sent again what failed, and something did."""


async def record(program: Program, actor: Actor) -> Record:
    """Returns the actor's own record in the server."""
    now = program.clock.now()
    return await program.database.read(
        lambda t: record_of(t, actor.guild_id, actor.user_id, now=now)
    )


async def prefer_mood(program: Program, actor: Actor, mood: Mood | None) -> Record:
    """Notes how the actor likes to work; None if they want to be asked each time."""

    def change(transaction: Transaction) -> Record:
        if settings_of(transaction, actor.guild_id) is None:
            raise Refusal(NOT_SET_UP)
        note_mood(transaction, actor.guild_id, actor.user_id, mood)
        return record_of(transaction, actor.guild_id, actor.user_id, now=program.clock.now())

    return await program.database.write(change)


async def plan(program: Program, actor: Actor) -> Plan:
    """Returns every series and date, and what could not be posted."""
    now = program.clock.now()

    def query(transaction: Transaction) -> Plan:
        channels = channels_seen(transaction, actor)
        failed = [
            problem
            for problem in problems(transaction, actor.guild_id, since=now - PROBLEMS_SHOWN_FOR)
            if _is_seen(problem, channels)
        ]
        return Plan(
            agenda(
                transaction,
                channels,
                user_id=actor.user_id,
                now=now,
                limit=SESSIONS_LISTED,
            ),
            active_series(transaction, channels),
            failed,
            may(actor, "retry") and any(p.state is DeliveryState.FAILED for p in failed),
        )

    return await program.database.read(query)


async def retry(program: Program, actor: Actor) -> int:
    """Has sent again what failed and is still of use; returns how many messages that are."""
    check_permissions(actor, "retry")
    now = program.clock.now()
    tried = await program.database.write(
        lambda t: retry_failed(t, actor.guild_id, channels_seen(t, actor), now=now)
    )
    program.messages_owed()
    return tried


async def checkup(program: Program, actor: Actor) -> Checkup:
    """Returns what is stored about a server that may be wrong."""
    check_permissions(actor, "/doctor")
    now = program.clock.now()

    def query(transaction: Transaction) -> Checkup:
        found = check_up(transaction, actor.guild_id, now=now)
        channels = channels_seen(transaction, actor)
        return replace(found, died=tuple(one for one in found.died if _is_seen(one, channels)))

    return await program.database.read(query)


def _is_seen(problem: Problem, channels: Collection[int]) -> bool:
    """Returns whether a message is of a jelly in these channels, or of the server itself."""
    return problem.jelly_channel_id in channels or (
        problem.jelly_channel_id is None and bool(channels)
    )
