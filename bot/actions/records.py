"""What is stored about the actor, and what could not be sent: looking it up, trying it again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions.actor import Actor, Program
from bot.actions.rights import NOT_SET_UP, check_permissions
from bot.actions.visibility import channels_seen
from data.channels import settings_of
from data.checkup import Checkup, check_up
from data.limits import DATES_ON_A_PAGE, LISTED, MOST_COUNTED, PROBLEMS_SHOWN_FOR
from data.models import AgendaItem, DeliveryState, Mood, Page, Record, Series
from data.outbox.deliveries import Problem
from data.outbox.failures import problems, retry_failed
from data.outbox.gone import post_missing_cards, sessions_without_card
from data.people.agenda import agenda
from data.people.attendance import record_of
from data.people.members import note_mood
from data.refusal import Refusal
from data.schedule.find_series import active_series, count_active_series
from data.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is planned in a server, and what could not be posted of late."""

    dates: Page[AgendaItem]
    series: int
    """How many series go on, at most MOST_COUNTED."""
    problems: list[Problem]
    """On the first page."""
    may_retry: bool
    """Whether the actor may have sent again what failed, and something did."""


async def record(program: Program, actor: Actor, *, start: int = 0) -> Record:
    """Returns the actor's own record in the server, with their visits from a position on."""
    now = program.clock.now()
    return await program.database.read(
        lambda t: record_of(t, actor.guild_id, actor.user_id, start=max(0, start), now=now)
    )


async def prefer_mood(program: Program, actor: Actor, mood: Mood | None) -> Record:
    """Notes how the actor likes to work; None if they want to be asked each time."""

    def change(transaction: Transaction) -> Record:
        if settings_of(transaction, actor.guild_id) is None:
            raise Refusal(NOT_SET_UP)
        note_mood(transaction, actor.guild_id, actor.user_id, mood)
        return record_of(
            transaction, actor.guild_id, actor.user_id, start=0, now=program.clock.now()
        )

    return await program.database.write(change)


async def plan(
    program: Program, actor: Actor, *, start: int = 0, shown: Sequence[int] = ()
) -> Plan:
    """Returns what is ahead, as :func:`bot.actions.answers.agenda` does, and what went wrong."""
    now, start = program.clock.now(), max(0, start)

    def query(transaction: Transaction) -> Plan:
        channels = channels_seen(transaction, actor)
        since = now - PROBLEMS_SHOWN_FOR
        failed = [
            problem
            for problem in problems(transaction, actor.guild_id, since=since)
            if start == 0 and _is_seen(problem, channels)
        ]
        return Plan(
            agenda(
                transaction,
                channels,
                user_id=actor.user_id,
                start=start,
                limit=DATES_ON_A_PAGE,
                shown=shown[:DATES_ON_A_PAGE],
                now=now,
            ),
            count_active_series(transaction, channels),
            failed,
            any(_may_retry(actor, problem) for problem in failed)
            or (actor.is_organizer and _has_missing_cards(transaction, actor, channels, now)),
        )

    return await program.database.read(query)


async def series_ahead(program: Program, actor: Actor, *, start: int = 0) -> Page[Series]:
    """Returns the series that go on, from a position on."""
    start = max(0, start)

    def query(transaction: Transaction) -> Page[Series]:
        channels = channels_seen(transaction, actor)
        found = active_series(transaction, channels, limit=LISTED, offset=start)
        number = count_active_series(transaction, channels)
        return Page(found, start, number, is_cut=number == MOST_COUNTED)

    return await program.database.read(query)


async def retry(program: Program, actor: Actor) -> int:
    """Has sent again what failed and is still of use; returns how many messages that are.

    Organizers have all of it sent, others what is of jellies that they host or scheduled.
    """
    guild_id, now = actor.guild_id, program.clock.now()

    def change(transaction: Transaction) -> int:
        channels = channels_seen(transaction, actor)
        if actor.is_organizer and channels:
            missing = post_missing_cards(transaction, guild_id, channels, now=now)
            return missing + retry_failed(transaction, guild_id, channels, now=now)
        failed = problems(transaction, guild_id, since=now - PROBLEMS_SHOWN_FOR)
        if not any(_may_retry(actor, one) and _is_seen(one, channels) for one in failed):
            raise Refusal(
                "Only its host or an organizer (Manage Events) can resend that. Ask one of them."
            )
        return retry_failed(transaction, guild_id, channels, hosted_by=actor.user_id, now=now)

    tried = await program.database.write(change)
    program.messages_owed()
    return tried


def _has_missing_cards(
    transaction: Transaction, actor: Actor, channels: Collection[int], now: datetime
) -> bool:
    sessions = sessions_without_card(transaction, actor.guild_id, now=now)
    return any(session.channel_id in channels for session in sessions)


def _may_retry(actor: Actor, problem: Problem) -> bool:
    is_theirs = actor.is_organizer or actor.user_id in problem.hosted_by
    return is_theirs and problem.state is DeliveryState.FAILED


async def checkup(program: Program, actor: Actor) -> Checkup:
    """Returns what is stored about a server that may be wrong."""
    check_permissions(actor, "/doctor")
    now = program.clock.now()

    def query(transaction: Transaction) -> Checkup:
        found = check_up(transaction, actor.guild_id, now=now)
        channels = channels_seen(transaction, actor)
        return replace(
            found,
            died=tuple(one for one in found.died if _is_seen(one, channels)),
            without_card=tuple(s for s in found.without_card if s.channel_id in channels),
        )

    return await program.database.read(query)


def _is_seen(problem: Problem, channels: Collection[int]) -> bool:
    """Returns whether a message is of a jelly in these channels, or of the server itself."""
    return problem.jelly_channel_id in channels or (
        problem.jelly_channel_id is None and bool(channels)
    )
