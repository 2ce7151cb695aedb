"""The bot is really killed before, during and after every kind of work: nothing is lost.

Each bot is a separate process, on a real file, over real sockets; see `tests/crash`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from data.migrations import newest_version
from tests.crash.actions import CARD_BEFORE, answer_on_card, new_jelly, post
from tests.crash.kill_points import LOGGED_IN, OLDER_SCHEMAS, WORKS, KillPoint, Step
from tests.crash.process_pool import ProcessPool
from tests.crash.scenario import KINDS, Outcome, conclude, found, run_scenario
from tests.crash.world import Died, Jelly, World
from tests.loopback import Answer, Loopback, Message
from tests.moments import DAY, HOUR, MINUTE

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEED = int(os.environ.get("KILLS_SEED", 2026))
"""The same kills each time; `python -m benchmarks.kills` draws others."""
STORIES = 6
KILLS_OF_EACH = 4
"""For each of the ten kinds, in the middle of it: 240 in all scenarios, plus others."""
COMMITS_BEFORE_PLANNING = 3
"""Of an upgrade: of the schema, of the application, and that Discord was told of the commands."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def discord() -> AsyncIterator[Loopback]:
    async with Loopback(rate_limits=False) as discord:
        yield discord
        assert await discord.violations() == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ProcessPool]:
    async with ProcessPool() as pool:
        yield pool


@pytest_asyncio.fixture(loop_scope="module")
async def world(discord: Loopback, pool: ProcessPool, tmp_path: Path) -> AsyncIterator[World]:
    """Yields a server that is set up, and in which no bot is running."""
    world = await World.found(discord, pool, tmp_path)
    try:
        await world.begin()
        await world.ready()
        await _type(world, "settings", channel=world.channel, zone="UTC")
        await world.stop()
        yield world
    finally:
        await world.end()
    log = world.log.read_text("utf-8")
    assert "Traceback" not in log
    assert " ERROR " not in log


class TestReminder:
    async def test_killed_before_it_left_it_comes_once(self, world: World) -> None:
        jelly = await _planned(world)
        await _live_until_killed(world, jelly, KillPoint(Step.REQUEST, named=_sending(world)))
        assert await _reminders(world, jelly) == []
        await world.live_on()
        assert len(await _reminders(world, jelly)) == 1
        await world.live_on()
        assert len(await _reminders(world, jelly)) == 1

    @pytest.mark.parametrize(
        ("pause", "remembered"),
        [(1, 180), (600, 180), (1, 0)],
        ids=["nonce known", "nonce forgotten", "nonces not remembered"],
    )
    async def test_killed_after_it_arrived_it_is_not_repeated(
        self, world: World, pause: float, remembered: float
    ) -> None:
        await world.discord.set_nonce_window(remembered)
        jelly = await _planned(world)
        await _live_until_killed(world, jelly, KillPoint(Step.ANSWER, named=_sending(world)))
        assert len(await _reminders(world, jelly)) == 1
        await world.advance(pause)
        await world.live_on()
        await world.live_on()
        assert len(await _reminders(world, jelly)) == 1

    async def test_down_across_its_time_by_6_minutes_it_says_the_true_time(
        self, world: World
    ) -> None:
        jelly = await _planned(world)
        await world.go_to(jelly.starts_at - HOUR + 6 * MINUTE)
        await world.live_on()
        [reminder] = await _reminders(world, jelly)
        start = int(jelly.starts_at.timestamp())
        assert f"<t:{start}:F> (<t:{start}:R>)" in reminder
        assert f"Going: <@{world.guild.owner}> <@{world.guild.members[0]}>" in reminder

    async def test_down_past_the_start_it_is_left_out_and_the_host_is_told(
        self, world: World
    ) -> None:
        jelly = await _planned(world)
        await world.go_to(jelly.starts_at + HOUR)
        await world.live_on()
        await world.live_on()
        assert await _reminders(world, jelly) == []
        told = await _told_alone(world, "### What didn't arrive")
        due = int((jelly.starts_at - HOUR).timestamp())
        lost = f"The reminder for **{jelly.title}**, due <t:{due}:F> in <#{world.channel}>"
        assert [lost in one for one in told] == [True]
        await world.begin()
        await world.ready()
        listed = await _type(world, "jelly list")
        assert listed.message is not None
        assert lost in listed.message.text
        await world.stop()


class TestInDoubt:
    @pytest.mark.parametrize("step", [Step.REQUEST, Step.ANSWER], ids=["not sent", "arrived"])
    async def test_a_card_comes_once_and_is_kept_up_to_date(self, world: World, step: Step) -> None:
        jelly = new_jelly(world, DAY)
        await world.begin()
        await world.ready()
        with suppress(Died):  # the card may leave before the host is answered
            await post(world, jelly, KillPoint(step, named=_sending(world)))
        await world.killed()
        assert len(await world.messages()) == (step is Step.ANSWER)
        await world.begin()
        await world.ready()
        member = world.guild.members[0]
        await _type(world, "rsvp", by=0, jelly=jelly.title, answer="going")
        await world.settle()
        [card] = await world.messages()
        assert f"<@{member}>" in card.text
        await world.stop()

    @pytest.mark.parametrize("has_card", [True, False], ids=["card", "no card yet"])
    async def test_what_arrived_is_known_again_when_it_would_say_something_else(
        self, world: World, has_card: bool
    ) -> None:
        jelly = await _planned(world, with_card=has_card)
        await world.advance(600)
        await world.begin(KillPoint(Step.ANSWER, after=LOGGED_IN, named="/messages"))
        await world.killed()
        assert len(await _told_alone(world, "First time")) == 1
        # The next bot asks for the history, which fails; meanwhile a member changes their answer.
        await world.advance(600)
        await _begin_where_history_fails(world)
        await _type(world, "rsvp", by=0, jelly=jelly.title, answer="declined")
        await world.end()
        await world.advance(600)
        await world.live_on()
        assert len(await _told_alone(world, "First time")) == 1

    async def test_what_arrived_before_its_jelly_was_called_off_counts_as_sent(
        self, world: World
    ) -> None:
        jelly = await _planned(world)
        await _live_until_killed(world, jelly, KillPoint(Step.ANSWER, named=_sending(world)))
        await world.advance(600)
        await _begin_where_history_fails(world)
        asked = await _type(world, "jelly cancel", jelly=jelly.title)
        assert asked.message is not None
        yes = asked.message.buttons["Call it off"]
        await world.ask("yes", world.discord.click(world.guild.owner, asked.message, yes))
        await world.end()
        await world.advance(600)
        await world.live_on()
        # It came once, and is deleted, since it holds no more.
        assert await _reminders(world, jelly) == []
        assert len(await _reminders(world, jelly, among=await world.deleted())) == 1
        with closing(sqlite3.connect(world.file)) as connection:
            states = connection.execute(
                "SELECT state FROM delivery WHERE kind = 'reminder' AND before = 3600"
            )
            assert states.fetchall() == [("sent",)]


class TestUpgrade:
    @pytest.mark.parametrize("schema", OLDER_SCHEMAS)
    @pytest.mark.parametrize(
        "commits", [0, COMMITS_BEFORE_PLANNING], ids=["of the schema", "of what is owed"]
    )
    async def test_killed_right_before_its_commit_it_is_done_at_the_next_start(
        self, discord: Loopback, pool: ProcessPool, tmp_path: Path, schema: int, commits: int
    ) -> None:
        outcome = Outcome(SEED)
        world = await found(discord, pool, tmp_path, schema)
        try:
            await world.begin(KillPoint(Step.STATEMENT, commits, named="COMMIT"))
            await world.killed()
            assert "migration" in world.in_hand_at_death()
            with world.remains() as connection:
                [version] = connection.execute("PRAGMA user_version").fetchone()
            assert version == (newest_version() if commits else schema)
            await conclude(world, outcome)
        finally:
            await world.end()
        assert outcome.problems == []
        assert outcome.count.doubled == outcome.count.missing == 0


class TestAnyMoment:
    @pytest.mark.parametrize("number", range(STORIES))
    async def test_whatever_it_is_killed_in_nothing_is_lost_or_doubled(
        self, discord: Loopback, pool: ProcessPool, tmp_path: Path, number: int
    ) -> None:
        print(f"KILLS_SEED={SEED + number} draws the same again, first")  # noqa: T201  pytest shows it at a failure
        story = await run_scenario(
            discord, pool, tmp_path, SEED + number, kills_of_each=KILLS_OF_EACH
        )
        for kind in KINDS:
            print(f"{kind}: {story.kills[kind]} kills in the middle; drawn: {story.drawn[kind]}")  # noqa: T201
        assert story.problems == []
        assert story.acknowledged > story.unanswered
        assert story.count.doubled == story.count.missing == 0
        assert story.too_few(KILLS_OF_EACH) == []

    async def test_where_no_kill_hits_the_story_ends_and_says_what_was_drawn(
        self,
        discord: Loopback,
        pool: ProcessPool,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("tests.crash.scenario.MOST_LIVES", 5)
        beyond = replace(WORKS["press"], steps=((Step.STATEMENT, 1000, 1000),), seconds=60.0)
        monkeypatch.setitem(WORKS, "press", beyond)
        story = await run_scenario(discord, pool, tmp_path, SEED, kills_of_each=1)
        assert story.problems == []
        [sentence] = [one for one in story.too_few(1) if "of press, not" in one]
        assert sentence.startswith(
            "Killed 0 times in the middle of press, not 1: 5 lives were drawn for it, and killed"
        )


async def _planned(world: World, *, with_card: bool = True) -> Jelly:
    """Returns a jelly to which two people are going; its first reminder is out, if its card is."""
    jelly = new_jelly(world, DAY - HOUR if with_card else CARD_BEFORE + DAY)
    await world.begin()
    await world.ready()
    await post(world, jelly)
    for number in (0, 1):
        if with_card:
            await answer_on_card(world, jelly, world.guild.members[number], "going")
        else:
            await _type(world, "rsvp", by=number, jelly=jelly.title, answer="going")
    await world.settle()
    await world.stop()
    return jelly


async def _live_until_killed(world: World, jelly: Jelly, kill_point: KillPoint) -> None:
    """Runs a bot from the moment when the reminder is due until it is killed."""
    await world.go_to(jelly.starts_at - HOUR)
    await world.begin(kill_point)
    await world.killed()


async def _begin_where_history_fails(world: World) -> None:
    """Runs a bot that asks once for the history of a channel, and gets none."""
    await world.discord.reset_counters()
    await world.discord.disturb_requests(
        method="GET", path="/channels/*/messages", status=503, times=1
    )
    await world.begin()
    await world.ready()
    await world.until_or_died(world.discord.wait_requests("GET /channels/{id}/messages"))


def _sending(world: World) -> str:
    """Returns the request that sends a message to the channel."""
    return f"POST {world.discord.place.api}/channels/{world.channel}/messages"


async def _type(world: World, name: str, *, by: int | None = None, **options: object) -> Answer:
    """Runs a command of the host, or of a member."""
    user = world.guild.owner if by is None else world.guild.members[by]
    return await world.ask(name, world.discord.slash(user, world.channel, name, options))


async def _reminders(
    world: World, jelly: Jelly, *, among: Sequence[Message] | None = None
) -> list[str]:
    """Returns the reminders that stand in the channel, or those among other messages."""
    beginning = f"**{jelly.title}** is on <t:"
    found = await world.messages() if among is None else among
    return [one.text for one in found if one.text.startswith(beginning)]


async def _told_alone(world: World, beginning: str) -> list[str]:
    """Returns what the host was told in private."""
    told = await world.discord.dms(world.guild.owner)
    return [one.text for one in told if one.text.startswith(beginning)]
