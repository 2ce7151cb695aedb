"""Random histories of a server: dates are planned, answered, moved and called off, time passes."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import aiohttp
import discord
import simcord

from data.due import next_due
from tests.moments import DAY, HOUR, MINUTE
from tests.server.actions import answer, drafted, member
from tests.server.channel_watch import ChannelWatch, buttons_of_stored
from tests.server.hosting import close_messages_of
from tests.server.network import through
from tests.server.simulated_server import SimulatedServer, buttons_of, text_of

TITLES = tuple(f"{word} jelly" for word in ("Apple", "Birch", "Cedar", "Daisy", "Elder"))
ANSWERS = ("going", "going", "going", "maybe", "declined")
AHEAD = (14 * HOUR, 26 * HOUR, 2 * DAY, 5 * DAY, 8 * DAY)
SPANS = (10 * MINUTE, HOUR, 5 * HOUR, 13 * HOUR, DAY)

Look = Callable[["History"], Awaitable[None]]


class History:
    """What can happen in a server; each choice within a step is drawn from the step's number."""

    def __init__(self, server: SimulatedServer, look: Look) -> None:
        self.server = server
        self.watch = ChannelWatch(server)
        self._look = look
        self.organizer = server.organizer
        self.people = [*server.members, *(member(server, name) for name in ("Kim", "Lee"))]
        self._hosts: dict[str, simcord.MemberActor] = {}
        """Of the jellies that are planned, by title."""

    async def begin(self) -> None:
        """Sets the server up: one jelly tonight is full, of one tomorrow answers close soon."""
        await self.server.set_up()
        close_messages_of(self.server, self.people[-1].user)
        host, *others = self.people
        await self._schedule(host, 14 * HOUR, {"seats": 3})
        await self._schedule(host, 22 * HOUR, {"answers_close": "20 hours"})
        for who in others:
            await answer(self.server, who, "going", session=TITLES[0])

    async def take(self, step: str, number: int) -> None:
        """Takes one step of STEPS and lets the bot do what follows at once."""
        await getattr(self, f"_{step}")(random.Random(f"{step} {number}"))
        await self.server.settle()
        await self._look(self)

    async def _plan(self, chance: random.Random) -> None:
        options = chance.choice(({}, {"seats": 2}, {"seats": 3}, {"answers_close": "20 hours"}))
        by = chance.choice((self.organizer, *self.people[:2]))
        await self._schedule(by, chance.choice(AHEAD), options)

    async def _schedule(
        self, by: simcord.MemberActor, ahead: timedelta, options: Mapping[str, object]
    ) -> None:
        if len(self._hosts) == len(TITLES):
            return
        title = TITLES[len(self._hosts)]
        starts_at = (self.server.clock.moment + ahead).replace(minute=0, second=0)
        shown = await drafted(
            self.server, title=title, when=f"{starts_at:%Y-%m-%d %H:%M}", by=by, **options
        )
        if await self._press_last(by, shown, "Schedule it"):
            self._hosts[title] = by
        await self.server.settle()

    def _some(self, chance: random.Random) -> tuple[str, simcord.MemberActor]:
        """Returns the title of a jelly that was planned, and a member."""
        return chance.choice(tuple(self._hosts)), chance.choice(self.people)

    async def _answer(self, chance: random.Random) -> None:
        title, who = self._some(chance)
        await answer(self.server, who, chance.choice(ANSWERS), session=title)

    async def _add(self, chance: random.Random) -> None:
        """Has an organizer put a person down, or take them off."""
        title, who = self._some(chance)
        what = chance.choice(("going", "declined"))
        await answer(self.server, self.organizer, what, session=title, member=who)

    async def _invite(self, chance: random.Random) -> None:
        """Has a host invite a person."""
        title, who = self._some(chance)
        await answer(self.server, self._hosts[title], "going", session=title, member=who)

    async def _move(self, chance: random.Random) -> None:
        title, _ = self._some(chance)
        [row] = await self.server.read(
            "SELECT starts_at FROM session WHERE title = :title", title=title
        )
        starts_at = datetime.fromtimestamp(row["starts_at"], self.server.clock.moment.tzinfo)
        then = starts_at + chance.choice((-3 * HOUR, 2 * HOUR, DAY))
        shown = await self.organizer.slash(
            self.server.jellies, "jelly move", jelly=title, when=f"{then:%Y-%m-%d %H:%M}"
        )
        await self._press_last(self.organizer, shown, "Save it")

    async def _call_off(self, chance: random.Random) -> None:
        title, _ = self._some(chance)
        asked = await self.organizer.slash(self.server.jellies, "jelly cancel", jelly=title)
        await self._press_last(self.organizer, asked, "Call it off")

    async def _press_last(
        self, who: simcord.MemberActor, shown: simcord.InteractionResult, label: str
    ) -> bool:
        """Presses a button of an answer; returns whether it was there, and not a refusal."""
        if shown.response is None or label not in buttons_of(shown.response):
            return False
        await who.click(shown.response, label=label)
        return True

    async def _press(self, chance: random.Random) -> None:
        """Has somebody press under a message in the channel, if possible one whom it mentions."""
        backend = self.server.environment.backend
        stored = backend.messages[self.server.jellies.id].values()
        shown = [one for one in stored if buttons_of_stored(one) and not one.is_ephemeral]
        if not shown:
            return
        message = chance.choice(shown)
        everybody = (self.organizer, *self.people)
        meant = [one for one in everybody if one.id in message.ping_user_ids]
        who = chance.choice(meant or everybody)
        custom_id = chance.choice(buttons_of_stored(message))
        if not custom_id.startswith("jelly:details:"):
            await who.click(_seen(self.server, message.id), custom_id=custom_id)

    async def _reply(self, chance: random.Random) -> None:
        """Has somebody answer an invitation in their private messages."""
        who = chance.choice(self.people)
        letters = [one for one in who.user.dm_channel.history() if "invites you" in text_of(one)]
        if letters:
            backend = self.server.environment.backend
            stored = backend.get_message(who.user.dm_channel.id, letters[-1].id)
            if buttons := buttons_of_stored(stored):
                await who.user.click(letters[-1], custom_id=chance.choice(buttons))

    async def _wait(self, chance: random.Random) -> None:
        """Lets time pass, each thing at its moment."""
        until = self.server.clock.moment + chance.choice(SPANS)
        while (due := await self.server.database.read(next_due)) is not None and due <= until:
            await self.server.at(max(due, self.server.clock.moment))
            await self._look(self)
            if await self.server.database.read(next_due) == due:
                break
        await self.server.at(until)

    async def _cut(self, chance: random.Random) -> None:
        """Ends the bot as a power cut would, while it sends or deletes what is due next."""
        server = self.server
        due = await server.database.read(next_due)
        if due is not None and due <= server.clock.moment + DAY:
            server.clock.moment = max(due, server.clock.moment)
            behind = (server.clock.moment - server.environment.now()).total_seconds()
            if behind > 0:
                await server.environment.advance_time(behind)
            with server.environment.time_context():
                await server.bot.do_what_is_due()
                await server.bot.outbox.pay()
        await server.kill()
        await server.start_again()
        await server.after(chance.choice((MINUTE, 10 * MINUTE, HOUR)))

    async def _lose(self, chance: random.Random) -> None:
        """Lets the next message arrive without the bot noticing."""
        through(self.server, "send_message", _lost, once=True)


STEPS = (
    *("plan", "answer", "answer", "press", "press", "press", "wait", "wait", "wait"),
    *("invite", "invite", "reply", "add", "move", "call_off", "cut", "lose"),
)


async def _lost(send: Callable[[], Awaitable[object]]) -> object:
    await send()
    raise aiohttp.ServerDisconnectedError


def _seen(server: SimulatedServer, message_id: int) -> discord.Message:
    return next(one for one in server.jellies.history() if one.id == message_id)
