"""One server, starting from an older file, whose bots are killed repeatedly, and the outcome."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from data.change_settings import save
from data.models import Answer, ChannelSettings, Details, Occurrence, Schedule, Wish
from data.people.rsvps import answer as take_answer
from data.schedule.sessions import add_session
from data.store.database import Database
from data.store.transaction import Transaction
from tests.crash.actions import ACTIONS, CARD_BEFORE, REMINDERS
from tests.crash.kill_points import OLDER_SCHEMAS, Step
from tests.crash.process_pool import ProcessPool
from tests.crash.standing import verify_standing
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
"""Runs of one kind of work for each kill in the middle of it; if too few, a problem is reported."""
REMEMBERED = 180.0
"""Seconds for which Discord remembers a nonce in every second scenario."""
_FAR = 60 * DAY
"""When notes are forgotten, and what was sent in the last month is not yet."""


@dataclass
class Outcome:
    """The outcome of one scenario, or of several, as plain numbers and sentences."""

    seed: int
    """Seed of the first scenario."""
    lives: int = 0
    """Processes, of which most were killed."""
    kills: Counter[str] = field(default_factory=Counter)
    """By the work in progress: one of ``KINDS``, "start" or "rest"."""
    kill_points: Counter[str] = field(default_factory=Counter)
    """The same kills, by the step that they preceded."""
    drawn: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """The same kills again, for each kind of work that was drawn."""
    acknowledged: int = 0
    """Presses and commands."""
    unanswered: int = 0
    count: Count = field(default_factory=Count)
    problems: list[str] = field(default_factory=list)
    """Sentences about everything that is wrong; empty if nothing is."""

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
        """Returns a sentence for each kind of work killed in the middle less often than wanted."""
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
    """Runs and kills bots until each kind of work was killed often enough in the middle.

    Whether a kill comes in the middle depends on chance and on the speed of the machine. So runs
    are drawn until there are enough, but at most ``MOST_LIVES`` for each kill that is wanted;
    :meth:`Outcome.too_few` reports if that was not enough.
    """
    outcome, most = Outcome(seed), kills_of_each * MOST_LIVES
    # How long Discord remembers a nonce is not documented, so every second scenario does without.
    await discord.set_nonce_window(0 if seed % 2 else REMEMBERED)
    schemas = cycle(OLDER_SCHEMAS if seed // 2 % 2 else OLDER_SCHEMAS[::-1])
    world = await found(discord, pool, folder, next(schemas))
    try:
        for number in range(most):
            if outcome.kills["migration"] >= kills_of_each:
                break
            if not await _live(world, outcome, "migration", f"{seed} {number}"):
                # This file stays up to date from now on.
                await conclude(world, outcome)
                world = await found(discord, pool, folder, next(schemas))
        await world.live_on()
        others = [kind for kind in KINDS if kind != "migration" for _ in range(kills_of_each)]
        random.Random(seed).shuffle(others)
        for number, kind in enumerate(others):
            for attempt in range(most - outcome.drawn[kind].total()):
                # A separate seed for each run, so that it does not depend on how the others went.
                if await _live(world, outcome, kind, f"{seed} {number} {attempt}"):
                    break
        await conclude(world, outcome)
    finally:
        await world.end()
    return outcome


async def conclude(world: World, outcome: Outcome) -> None:
    """Lets a last bot do the remaining work, now and long after all jellies, and compares."""
    for moment in (world.now, world.now + _FAR):
        await world.go_to(moment)
        await world.live_on()
        count = await verify(world, outcome.problems)
        await verify_standing(world, outcome.problems, is_settled=True)
    outcome.count += count
    outcome.lives += len(world.codes)
    outcome.acknowledged += world.ledger.acknowledged
    outcome.unanswered += world.ledger.unanswered


async def _live(world: World, outcome: Outcome, kind: str, seed: str) -> bool:
    """Runs this work in a process until it is killed; returns whether that was in the middle."""
    is_finished = False
    with suppress(Died):
        await ACTIONS[kind](world, random.Random(seed))
        is_finished = True
    await world.end()
    await verify_standing(world, outcome.problems, is_settled=False)
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


async def found(discord: Loopback, pool: ProcessPool, folder: Path, schema: int) -> World:
    """Returns a server whose file is as a Jelly with that schema wrote it."""
    world = await World.found(discord, pool, folder)
    world.schema = schema
    guild, morning = world.guild, world.now.replace(second=0, microsecond=0)
    jellies = [
        Jelly(f"Old jelly {days}", morning + days * DAY, morning, is_scheduled=True)
        for days in (2, 11)
    ]

    def fill(transaction: Transaction) -> None:
        settings = ChannelSettings(world.channel, guild.id, "UTC", CARD_BEFORE, REMINDERS, None)
        save(transaction, settings, now=morning)
        for jelly in jellies:
            world.ledger.jellies[jelly.title] = jelly
            start, length = jelly.starts_at, timedelta(hours=3)
            wall_time = start.replace(tzinfo=None)
            session = add_session(
                transaction,
                channel_id=world.channel,
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
    put_back(world.file, to=schema)
    return world
