"""The bot in a simulated Discord with a server, its members, and what they did before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import simcord
import simcord.interactions

from bot.app import JellyBot, working
from bot.demo.clock import DemoClock, TimeTravel
from bot.demo.seed import MEMBERS, People, seed_past, seed_soon
from data.due import next_due
from data.store.database import Database

LOCALE = "en-GB"
"""In which everybody in the demo uses Discord; SimCord has American English alone."""
TICK = 0.25
"""Seconds after which the simulated Discord's clock is set to the demo's."""
_ANSWER_SHOWN = 0.5
"""Seconds until time moves, in which the page has shown the answer to ``/time``."""
APPLICATION = 1
"""The same at each start, so that a file that is kept belongs to it."""


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
    """The organizer first, as in MEMBERS."""

    @property
    def people(self) -> People:
        ids = {name: member.id for name, member in zip(MEMBERS, self.members, strict=True)}
        return People(self.guild.id, self.jellies.id, ids)

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
            with environment.time_context(), _reading_in(LOCALE):
                world = _people(environment, bot, clock)
                world.catch_up()
                now = clock.now()
                await database.write(lambda t: seed_past(t, world.people, now))
                async with working(bot):
                    # After the cards of the past, so that its card is the latest.
                    await world.forward(timedelta(0))
                    await database.write(lambda t: seed_soon(t, world.people, now))
                    bot.messages_owed()
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


@contextmanager
def _reading_in(locale: str) -> Iterator[None]:
    """Has everybody in the simulated Discord use it in a locale."""
    base_payload = simcord.interactions.base_payload

    def with_locale(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as in SimCord
        record, payload = base_payload(*arguments, **options)
        return record, {**payload, "locale": locale}

    simcord.interactions.base_payload = with_locale
    try:
        yield
    finally:
        simcord.interactions.base_payload = base_payload


async def _keep_time(world: World) -> None:
    while True:
        world.catch_up()
        await asyncio.sleep(TICK)


async def _jump(world: World, jumps: asyncio.Queue[timedelta]) -> None:
    while True:
        span = await jumps.get()
        await asyncio.sleep(_ANSWER_SHOWN)
        await world.forward(span)


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
