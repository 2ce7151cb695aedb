"""The whole bot in a simulated Discord in the browser: a seeded server, and a movable clock."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import discord
import simcord
from discord import app_commands
from simcord.preview import Preview

from bot.app import JellyBot, JellyCog, working
from bot.calendar import horizon_of, occurrences
from bot.clock import Clock
from bot.config import ConfigError
from bot.discord_types import Interaction
from bot.interactions import say, words_of
from bot.language import N_
from bot.messages.text import timestamp
from bot.phrases.en import read, read_duration
from bot.run import stop_signals
from data.change_settings import set_up
from data.due import follow_clock, next_due
from data.models import Answer, Details, Mood, Stay, Tone, Wish
from data.outbox.claims import withdraw_due
from data.outbox.errors import DeliveryError, ErrorCode
from data.people import rsvps
from data.people.attendance import arrive
from data.refusal import Refusal
from data.schedule.find import find_session
from data.schedule.series import add_series
from data.schedule.sessions import add_session
from data.store.database import Database
from data.store.transaction import Transaction

ZONE = "Europe/London"
TICK = 0.25
"""Seconds after which the simulated Discord's clock is set to the demo's."""
WEEKS_BEFORE = 16
"""Age of the demo's server."""
FURTHEST = timedelta(weeks=8)
APPLICATION = 1
"""The same at each start, so that a file that is kept belongs to it."""

MEMBERS = ("Robin", "Sam", "Priya", "Jordan", "Mei", "Tomás", "Amara", "Kit")
"""The first one is the organizer."""


class DemoClock(Clock):
    """The machine's clock plus the time by which it was moved forward."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead

    def machine_time(self, moment: datetime) -> datetime:
        return moment - self.ahead


@dataclass(frozen=True, slots=True)
class World:
    """The simulated server and its members."""

    environment: simcord.Env
    bot: JellyBot
    clock: DemoClock
    guild: simcord.GuildHandle
    jellies: simcord.ChannelHandle
    chat: simcord.ChannelHandle
    members: tuple[simcord.MemberActor, ...]

    def catch_up(self) -> None:
        """Set the simulated Discord's clock to the demo's."""
        behind = (self.clock.now() - self.environment.now()).total_seconds()
        if behind > 0:
            self.environment.backend.advance_clock(behind)

    async def forward(self, span: timedelta) -> None:
        """Move time forward, stopping at every moment at which something is due."""
        target = self.clock.now() + span
        while (due := await self.bot.database.read(next_due)) is not None and due <= target:
            await self._be_at(max(due, self.clock.now()))
            if await self.bot.database.read(next_due) == due:
                break  # what is overdue can't be sent, so waiting for it would never end
        await self._be_at(max(target, self.clock.now()))

    async def _be_at(self, moment: datetime) -> None:
        self.clock.ahead += max(moment - self.clock.now(), timedelta(0))
        self.catch_up()
        await self.bot.do_what_is_due()
        await self.bot.outbox.drain()
        await self.bot.deletions.drain()
        await self.bot.mirrors.settle()


class TimeTravel(JellyCog):
    """``/time``, which exists only in the demo."""

    def __init__(self, bot: JellyBot, jumps: asyncio.Queue[timedelta]) -> None:
        super().__init__(bot)
        self._jumps = jumps

    @app_commands.command(
        name="time", description=N_("Demo only: move time forward and watch what the bot does")
    )
    @app_commands.describe(forward=N_("How far, such as: 1 hour, 1 day, 1 week"))
    async def time_(self, interaction: Interaction, forward: str) -> None:
        span = read_duration(forward)
        if not timedelta(0) < span <= FURTHEST:
            raise Refusal("Time can move forward by up to 8 weeks at once, such as 1 day.")
        then = self.bot.clock.now() + span
        self._jumps.put_nowait(span)
        words = words_of(interaction)
        await say(
            interaction,
            words("It will be {when} in a moment. Watch the channel.", when=timestamp(then, "F")),
        )

    @time_.autocomplete("forward")
    async def _spans(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        spans = ("1 hour", "6 hours", "1 day", "3 days", "1 week", "2 weeks")
        return [
            app_commands.Choice(name=span, value=span)
            for span in spans
            if span.startswith(typed.strip())
        ]


async def demo(*, port: int | None = None, database: Path | None = None) -> None:
    """Serve the demo on this machine until Ctrl-C or SIGTERM. Raises ConfigError."""
    stop = asyncio.Event()
    with stop_signals(stop), _database_file(database) as file, _free(port):
        async with (
            demo_world(file) as world,
            world.environment.preview(
                world.jellies,
                viewers=list(world.members),
                layout="channel",
                timezone=ZONE,
                locale="en-GB",
                port=port,
            ) as page,
        ):
            keeping = asyncio.create_task(_keep_page_current(world, page), name="demo page")
            print(  # noqa: T201  for the terminal
                "\nJelly's demo is ready. Open this in your browser:\n\n"
                f"    {page.url}\n\n"
                f"Look through each member's eyes with “Viewing as” ({MEMBERS[0]} organizes), "
                "press the buttons,\ntype /jelly new, and move time with /time forward:1 day. "
                "Stop it with Ctrl-C.",
                flush=True,
            )
            await stop.wait()
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


@asynccontextmanager
async def demo_world(file: Path) -> AsyncIterator[World]:
    """Run the bot in a seeded simulated server, keeping time; closed on exit."""
    clock = DemoClock()
    async with await Database.open(file) as database:
        bot = JellyBot(database, clock, always_sync=True)
        jumps: asyncio.Queue[timedelta] = asyncio.Queue()
        await bot.add_cog(TimeTravel(bot, jumps))
        environment = simcord.Env(bot, check_errors=False)
        environment.backend.bot_user.name = "Jelly"
        environment.backend.application_id = APPLICATION
        await environment.start()
        try:
            with environment.time_context():
                world = _people(environment, bot, clock)
                world.catch_up()
                await database.write(lambda t: _seed(t, world))
                async with working(bot):
                    tasks = (
                        asyncio.create_task(_keep_time(world), name="demo clock"),
                        asyncio.create_task(_jump(world, jumps), name="demo jumps"),
                    )
                    try:
                        yield world
                    finally:
                        for task in tasks:
                            task.cancel()
                        await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            await environment.shutdown()
            await bot.close()


async def _keep_time(world: World) -> None:
    while True:
        world.catch_up()
        await asyncio.sleep(TICK)


async def _keep_page_current(world: World, page: Preview) -> None:
    """Refresh the page when the bot acts by itself; the page refreshes only after user actions."""
    seen = 0
    while True:
        await asyncio.sleep(TICK)
        requests = world.environment.backend.http_requests
        sent = sum(request.path.startswith("/channels/") for request in requests[seen:])
        if sent:
            try:
                await page.refresh()
            except simcord.SetupError:
                continue  # a user action is in progress; look again shortly
        seen = len(requests)


async def _jump(world: World, jumps: asyncio.Queue[timedelta]) -> None:
    while True:
        await world.forward(await jumps.get())


def _people(environment: simcord.Env, bot: JellyBot, clock: DemoClock) -> World:
    guild = environment.create_guild("Shropshire Jelly")
    organizers = guild.create_role(
        "Organizers", permissions=discord.Permissions(manage_guild=True, manage_events=True)
    )
    members = [
        guild.add_member(
            environment.create_user(name.lower(), global_name=name),
            roles=[organizers] if name == MEMBERS[0] else [],
        )
        for name in MEMBERS
    ]
    for member in members:
        _close_private_messages(environment, member.user)
    return World(
        environment=environment,
        bot=bot,
        clock=clock,
        guild=guild,
        jellies=guild.create_text_channel("jellies"),
        chat=guild.create_text_channel("chat"),
        members=tuple(members),
    )


def _close_private_messages(environment: simcord.Env, user: simcord.UserHandle) -> None:
    """Makes Discord refuse private messages, which the page can't show: the channel is told."""
    environment.inject_error(
        "POST",
        f"/channels/{user.dm_channel.id}/messages",
        status=403,
        code=50007,
        message="Cannot send messages to this user",
        times=None,
    )


def _seed(transaction: Transaction, world: World) -> None:
    """Fill a server that has existed for a while: one jelly soon, and one every week."""
    now = world.clock.now()
    organizer, *others = (member.id for member in world.members)
    set_up(
        transaction,
        guild_id=world.guild.id,
        channel_id=world.jellies.id,
        zone=ZONE,
        now=now - timedelta(weeks=WEEKS_BEFORE + 1),
    )
    _seed_past(transaction, world)
    weekly = read("every thursday 10-16", zone=ZONE, now=now + timedelta(days=6))
    thursdays = Details(
        "Thursday jelly",
        "The Alb, Shrewsbury",
        "Big table upstairs, sockets along the wall. Lunch together at one if you like.",
        organizer,
        tone=Tone.SOCIAL,
    )
    add_series(
        transaction,
        channel_id=world.jellies.id,
        created_by=organizer,
        details=thursdays,
        schedule=weekly,
        horizon=horizon_of(weekly, now),
        now=now,
    )
    day = (now + timedelta(days=2)).date().isoformat()
    quiet_morning = Details(
        "Quiet morning at Priya's",
        "Priya's kitchen table, Frankwell",
        "Headphones welcome. Tea is on, and the cat decides who sits by the window.",
        others[1],
        tone=Tone.QUIET,
        capacity=8,
    )
    session_id = _session(transaction, world, f"{day} 9:30-13:00", quiet_morning, now=now)
    wishes = (
        Wish(Answer.GOING, mood=Mood.HEADS_DOWN, note="invoices, all of them"),
        None,
        Wish(Answer.GOING, mood=Mood.EITHER, note="chapter three"),
        Wish(Answer.GOING, mood=Mood.HEADS_DOWN, guests=1),
        Wish(Answer.GOING, mood=Mood.CHATTY, note="a website for the allotment"),
        Wish(Answer.MAYBE),
        Wish(Answer.DECLINED),
    )
    for number, wish in enumerate(wishes):
        if wish is not None:
            _answer(transaction, world, session_id, number, wish, now=now)
    session = find_session(transaction, world.guild.id, session_id)
    assert session is not None
    stay = Stay(session.starts_at, session.starts_at + timedelta(hours=2))
    _answer(transaction, world, session_id, 0, Wish(stay=stay), now=now)


def _seed_past(transaction: Transaction, world: World) -> None:
    """Add past Thursdays with attendance, for the history."""
    now = world.clock.now()
    organizer = world.members[0].id
    details = Details("Thursday jelly", "The Alb, Shrewsbury", "", organizer)
    for weeks in range(WEEKS_BEFORE, 0, -1):
        # The week of days begins the day after, so that none of them is today.
        then = now - timedelta(weeks=weeks, days=1)
        week = (then + timedelta(days=n) for n in range(1, 8))
        day = next(day for day in week if day.weekday() == 3)
        session_id = _session(transaction, world, f"{day.date()} 10:00-16:00", details, now=then)
        session = find_session(transaction, world.guild.id, session_id)
        assert session is not None
        for number, member in enumerate(world.members):
            if (weeks * 3 + number * 5) % 7 < 2:
                continue
            _answer(transaction, world, session_id, number, Wish(Answer.GOING), now=then)
            if (weeks + number) % 4:
                arrive(
                    transaction,
                    guild_id=world.guild.id,
                    session_id=session_id,
                    user_id=member.id,
                    name=MEMBERS[number],
                    now=session.starts_at + timedelta(minutes=9 * number),
                )
    # Those messages belong to the time before the demo, so they are not sent now.
    error, is_owed = DeliveryError(ErrorCode.BEFORE_DEMO), True
    while is_owed:
        follow_clock(transaction, now=now)
        is_owed = withdraw_due(transaction, now=now, error=error) > 0


def _session(
    transaction: Transaction, world: World, phrase: str, details: Details, *, now: datetime
) -> int:
    schedule = read(phrase, zone=ZONE, now=now)
    return add_session(
        transaction,
        channel_id=world.jellies.id,
        created_by=details.host_id,
        details=details,
        schedule=schedule,
        occurrence=next(occurrences(schedule)),
        now=now,
    ).session_id


def _answer(
    transaction: Transaction,
    world: World,
    session_id: int,
    number: int,
    wish: Wish,
    *,
    now: datetime,
) -> None:
    rsvps.answer(
        transaction,
        guild_id=world.guild.id,
        session_id=session_id,
        user_id=world.members[number].id,
        wish=wish,
        name=MEMBERS[number],
        now=now,
    )


@contextmanager
def _free(port: int | None) -> Iterator[None]:
    try:
        yield
    except simcord.SetupError as error:
        raise ConfigError(
            f"The demo can't start on port {port} ({error}). Leave --port out to use any free one."
        ) from error


@contextmanager
def _database_file(wanted: Path | None) -> Iterator[Path]:
    if wanted is None:
        with tempfile.TemporaryDirectory(prefix="jelly-demo-") as folder:
            yield Path(folder) / "demo.sqlite3"
        return
    if wanted.exists():
        raise ConfigError(
            f"{wanted} exists already, and the demo starts a new server each time. Name a new file."
        )
    yield wanted
