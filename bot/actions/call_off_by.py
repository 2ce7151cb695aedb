"""Calling off everything that one person scheduled or hosts; for organizers."""

from __future__ import annotations

from dataclasses import dataclass

from bot.actions.actor import Actor, Program
from bot.actions.change_log import note
from bot.actions.rights import check_permissions
from bot.actions.visibility import channels_seen
from data.limits import CALLED_OFF_AT_ONCE, CALLED_OFF_NAMED, CALLED_OFF_PER_STEP
from data.models import ByPerson, ChangeAction
from data.refusal import Refusal
from data.schedule.by_person import CalledOff, ahead_by, call_off_by
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Result:
    """What was called off, and what of that person is still ahead."""

    dates: int
    left: ByPerson


async def to_call_off_by(program: Program, actor: Actor, user_id: int) -> ByPerson:
    """Returns what calling off everything by a person would mean. Raises Refusal if nothing."""
    check_permissions(actor, "/jelly cancel-by")
    ahead = await _ahead(program, actor, user_id)
    if ahead.is_nothing:
        raise _nothing_ahead()
    return ahead


async def call_off_everything_by(program: Program, actor: Actor, user_id: int) -> Result:
    """Calls off what a person has ahead, at most about CALLED_OFF_AT_ONCE dates.

    One transaction calls off about CALLED_OFF_PER_STEP dates, so that others get their turn.
    """
    check_permissions(actor, "cancel-by")
    dates, is_all = 0, False
    while not is_all and dates < CALLED_OFF_AT_ONCE:
        step = await program.database.write(lambda t: _step(program, t, actor, user_id))
        dates, is_all = dates + step.dates, step.is_all
    await program.sessions_changed()
    program.messages_owed()
    return Result(dates, await _ahead(program, actor, user_id))


def _nothing_ahead() -> Refusal:
    return Refusal("They have nothing ahead here, so there's nothing to call off.")


def _step(program: Program, transaction: Transaction, actor: Actor, user_id: int) -> CalledOff:
    now, channels = program.clock.now(), channels_seen(transaction, actor)
    ahead = ahead_by(transaction, actor.guild_id, user_id, channels, named=0, now=now)
    if ahead.is_nothing:
        raise _nothing_ahead()
    step = call_off_by(
        transaction, actor.guild_id, user_id, channels, limit=CALLED_OFF_PER_STEP, now=now
    )
    note(
        transaction,
        actor,
        ChangeAction.CALLED_OFF_ALL,
        about_user_id=user_id,
        dates=step.dates,
        now=now,
    )
    return step


async def _ahead(program: Program, actor: Actor, user_id: int) -> ByPerson:
    now = program.clock.now()
    return await program.database.read(
        lambda t: ahead_by(
            t,
            actor.guild_id,
            user_id,
            channels_seen(t, actor),
            named=CALLED_OFF_NAMED,
            now=now,
        )
    )
