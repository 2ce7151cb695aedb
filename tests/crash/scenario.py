"""One server from an older file on, its bots killed again and again, and what came of it."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from data.change_settings import save
from data.models import Answer, Details, GuildSettings, Occurrence, Schedule
from data.people.rsvps import Wish
from data.people.rsvps import answer as take_answer
from data.schedule.sessions import add_session
from data.store.database import Database
from data.store.transaction import Transaction
from tests.crash.actions import ACTIONS, CARD_BEFORE, REMINDERS
from tests.crash.kill_points import Step
from tests.crash.process_pool import ProcessPool
from tests.crash.verify import Count, verify
from tests.crash.world import Died, Jelly, Word, World
from tests.loopback import Loopback
from tests.moments import DAY
from tests.older_schemas import put_back

KINDS = tuple(ACTIONS)
_NAMES = {
    Step(0): "any time",
    Step.STATEMENT: "statement",
    Step.FILE: "file",
    Step.REQUEST: "request",
    Step.ANSWER: "answer",
}
MOST_LIVES = 25
"""Of one kind of work, for each kill in the middle of it: where that is not enough, it is told."""
REMEMBERED = 180.0
"""Seconds for which Discord remembers a nonce in every second story."""
_FAR = 90 * DAY


@dataclass
class Outcome:
    """What came of one story, or of several, as plain numbers and sentences."""

    seed: int
    """Of the first."""
    lives: int = 0
    """Processes, of which most were killed."""
    kills: Counter[str] = field(default_factory=Counter)
    """By what was in hand: one of ``KINDS``, "start" or "rest"."""
    kill_points: Counter[str] = field(default_factory=Counter)
    """The same kills, by what they came before."""
    drawn: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """The same again, for each kind of work that was drawn."""
    acknowledged: int = 0
    """Presses and commands."""
    unanswered: int = 0
    count: Count = field(default_factory=Count)
    problems: list[str] = field(default_factory=list)
    """Sentences about whatever is not as it must be; none where all is well."""

    def add(self, other: Outcome) -> None:
        self.lives += other.lives
        self.kills += other.kills
        self.kill_points += other.kill_points
        for kind, kills in other.drawn.items():
            self.drawn[kind] += kills
        self.acknowledged += other.acknowledged
        self.unanswered += other.unanswered
        self.count += other.count
        self.problems += other.problems

    def too_few(self, wanted: int) -> list[str]:
        """A sentence for each kind of work that was killed in the middle less often than wanted."""
        return [
            f"Killed {self.kills[kind]} times in the middle of {kind}, not {wanted}: "
            f"{self.drawn[kind].total()} lives were drawn for it, and killed in the middle of "
            f"{_listed(self.drawn[kind])}."
            for kind in KINDS
            if self.kills[kind] < wanted
        ]


async def run_scenario(
    discord: Loopback, pool: ProcessPool, folder: Path, seed: int, *, kills_of_each: int
) -> Outcome:
    """Let bots live and die until so many were killed in the middle of each kind of work.

    Whether a kill comes in the middle is left to chance and to how fast the machine is. So lives
    are drawn until there are enough, but at most ``MOST_LIVES`` for each kill that is wanted;
    :meth:`Outcome.too_few` tells where that was not enough.
    """
    outcome, most = Outcome(seed), kills_of_each * MOST_LIVES
    # How long Discord remembers a nonce is not documented: each second story goes without.
    await discord.set_nonce_window(0 if seed % 2 else REMEMBERED)
    world = await _found(discord, pool, folder)
    try:
        for number in range(most):
            if outcome.kills["migration"] >= kills_of_each:
                break
            if not await _live(world, outcome, "migration", f"{seed} {number}"):
                # This file is up to date from now on.
                await _conclude(world, outcome)
                world = await _found(discord, pool, folder)
        await world.live_on()
        others = [kind for kind in KINDS if kind != "migration" for _ in range(kills_of_each)]
        random.Random(seed).shuffle(others)
        for number, kind in enumerate(others):
            for attempt in range(most - outcome.drawn[kind].total()):
                # A seed of its own for each life, so that it is the same however others went.
                if await _live(world, outcome, kind, f"{seed} {number} {attempt}"):
                    break
        await _conclude(world, outcome)
    finally:
        await world.end()
    return outcome


async def _conclude(world: World, outcome: Outcome) -> None:
    """Let a last bot do what is left to do, now and when all is long over, and compare."""
    for moment in (world.now, world.now + _FAR):
        await world.go_to(moment)
        await world.live_on()
        count = await verify(world, outcome.problems)
    outcome.count += count
    outcome.lives += len(world.codes)
    outcome.acknowledged += world.ledger.acknowledged
    outcome.unanswered += world.ledger.unanswered


async def _live(world: World, outcome: Outcome, kind: str, seed: str) -> bool:
    """A life in which this goes on until it is killed; gives whether that was in the middle."""
    is_finished = False
    with suppress(Died):
        await ACTIONS[kind](world, random.Random(seed))
        is_finished = True
    await world.end()
    in_hand = world.in_hand_at_death()
    if kind in in_hand:
        found = kind
    elif in_hand:
        found = min(in_hand)
    else:
        found = "rest" if is_finished else "start"
    outcome.kills[found] += 1
    outcome.drawn[kind][found] += 1
    outcome.kill_points[
        _NAMES[world.kill_point.steps] if world.kill_point and found != "rest" else "rest"
    ] += 1
    return found == kind


def _listed(kills: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in kills.most_common()) or "none"


async def _found(discord: Loopback, pool: ProcessPool, folder: Path) -> World:
    """A server whose file is as the first Jelly wrote it."""
    world = await World.found(discord, pool, folder)
    guild, morning = world.guild, world.now
    jellies = [
        Jelly(f"Old jelly {days}", morning + days * DAY, morning, is_scheduled=True)
        for days in (2, 11)
    ]

    def fill(transaction: Transaction) -> None:
        settings = GuildSettings(guild.id, world.channel, "UTC", CARD_BEFORE, REMINDERS, None)
        save(transaction, settings, now=morning)
        for jelly in jellies:
            world.ledger.jellies[jelly.title] = jelly
            start, length = jelly.starts_at, timedelta(hours=3)
            wall_time = start.replace(tzinfo=None)
            session = add_session(
                transaction,
                guild_id=guild.id,
                created_by=guild.owner,
                details=Details(jelly.title, "The Alb", "", guild.owner),
                schedule=Schedule("UTC", wall_time, length),
                occurrence=Occurrence(wall_time, start, start + length),
                now=morning,
            )
            for user, said in zip(guild.members, (Answer.GOING, Answer.MAYBE), strict=False):
                take_answer(
                    transaction,
                    guild_id=guild.id,
                    session_id=session.session_id,
                    user_id=user,
                    wish=Wish(said),
                    now=morning,
                )
                world.ledger.said(jelly.title, user, Word(said, None, is_acknowledged=True))

    async with await Database.open(world.file) as database:
        await database.write(fill)
    put_back(world.file, to=1)
    return world
