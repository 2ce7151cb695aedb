"""A week of a lively server and one of an empty one: the same actions at the same moments.

They press by the ids of buttons, which stay as they are from version to version.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import discord
import simcord

from data.due import next_due
from tests.moments import DAY, HOUR, MINUTE, MONDAY, THURSDAY_10, WEEK
from tests.server.actions import add_details, answer, call_off, member, schedule
from tests.server.channel_watch import ChannelWatch, buttons_of_stored
from tests.server.hosting import close_messages_of, move
from tests.server.simulated_server import SimulatedServer

TUESDAY, FRIDAY, SATURDAY = MONDAY + DAY, MONDAY + 4 * DAY, MONDAY + 5 * DAY
CROWD = 45
"""More people than one message mentions."""
NAMES = ("Kim", "Lee", "Max", "Noor", "Olga", "Paul", "Quinn", "Ravi", "Tess")


class Week:
    """A server whose channel is looked at after each action and at every moment that is due."""

    def __init__(self, server: SimulatedServer) -> None:
        self.server = server
        self.watch = ChannelWatch(server)

    async def until(self, moment: datetime) -> None:
        """Lets time pass with the bot running, so that everything comes at its moment."""
        server = self.server
        while (due := await server.database.read(next_due)) is not None and due <= moment:
            await server.at(max(due, server.clock.moment))
            await self.watch.look()
            if await server.database.read(next_due) == due:
                break  # it can't be sent, so waiting for it would never end
        await server.at(moment)
        await self.watch.look()

    async def press(self, title: str, answer: str, *people: simcord.MemberActor) -> None:
        """Has people answer on the newest card with that title, one after another."""
        for who in people:
            await self._click(who, self.server.card(title), f"rsvp:{answer}")

    async def press_on_card(self, title: str, name: str, *people: simcord.MemberActor) -> None:
        for who in people:
            await self._click(who, self.server.card(title), name)

    async def press_under(self, says: str, name: str, who: simcord.MemberActor) -> None:
        """Has a person press under the newest message in the channel that says this."""
        history = self.server.jellies.history()
        shown = next(one for one in reversed(history) if says in one.content)
        await self._click(who, shown, name)

    async def _click(self, who: simcord.MemberActor, shown: discord.Message, name: str) -> None:
        """Presses the button whose id has this name, and this last argument after a colon."""
        name, _, last = name.partition(":")
        stored = self.server.environment.backend.get_message(shown.channel.id, shown.id)
        [custom_id] = [
            one
            for one in buttons_of_stored(stored)
            if one.startswith(f"jelly:{name}:") and one.endswith(last)
        ]
        await who.click(shown, custom_id=custom_id)
        await self.server.settle()
        await self.watch.look()


async def live_in_lively_server(
    server: SimulatedServer, *, crowd: int = CROWD, **settings: object
) -> ChannelWatch:
    """Has people plan, answer, move, call off, wait, ask, invite, come and go for a week.

    ``settings`` are options of ``/settings``.
    """
    week = Week(server)
    robin, (sam, priya, jordan) = server.organizer, server.members
    kim, lee, max_, noor, olga, paul, quinn, ravi, tess = (member(server, name) for name in NAMES)
    for closed in (kim, max_):
        close_messages_of(server, closed.user)
    await server.set_up()
    if settings:
        await robin.slash(server.jellies, "settings", **settings)
    # Monday: what the week will have.
    await schedule(server, title="Thursday jelly", when="every thursday 10-16", guests=2)
    await schedule(server, title="Full house", when="friday 12-17", by=priya, seats=4)
    await schedule(server, title="Wednesday lunch", when="wednesday 12-14", by=jordan)
    await schedule(server, title="Saturday walk", when="saturday 11-13")
    await schedule(server, title="Closed circle", when="thursday 18-20", answers_close="1 day")
    await schedule(server, title="Sunday tea", when="sunday 15-17", by=sam)
    await schedule(server, title="Big crowd", when="saturday 15-18", by=tess)
    await week.watch.look()
    await week.press("Thursday jelly", "going", sam, priya, kim, lee, noor)
    await add_details(server, noor, guests=["1"], note="a quilt")
    await week.press("Thursday jelly", "maybe", jordan, olga)
    await week.press("Thursday jelly", "declined", paul)
    await week.press("Full house", "going", priya, sam, kim, lee, noor, olga, quinn)
    await week.press("Wednesday lunch", "going", sam, kim, ravi)
    await week.press("Wednesday lunch", "maybe", olga)
    await week.press("Saturday walk", "going", lee, noor, paul)
    await week.press("Closed circle", "going", sam, ravi)
    await answer(server, priya, "going", session="Sunday tea")
    people = [member(server, f"crowd{number}") for number in range(crowd)]
    await week.press("Big crowd", "going", *people)
    await week.press("Big crowd", "maybe", jordan)
    for who in (kim, lee, max_):
        # A host's add is an invitation; two of these take no private messages.
        await answer(server, sam, "going", session="Sunday tea", member=who)
        await server.settle()
        await week.watch.look()
    await week.press_under(f"{kim.mention}: ", "invited:yes", kim)
    # Tuesday: a move, of which two of three say that they still come.
    await week.until(TUESDAY + 2 * HOUR)
    await move(server, "Wednesday lunch", "wednesday 15-17")
    await week.until(TUESDAY + 3 * HOUR)
    await week.press_under("Wednesday lunch", "reply:going", sam)
    await week.press_under("Wednesday lunch", "reply:going", kim)
    # Wednesday: somebody is taken off, a seat comes free; then the lunch.
    await week.until(TUESDAY + DAY + HOUR)
    await answer(server, robin, "declined", session="Thursday jelly", member=lee)
    await server.settle()
    await week.press("Full house", "declined", sam)
    await week.until(TUESDAY + DAY + 6 * HOUR + 10 * MINUTE)
    await week.press_on_card("Wednesday lunch", "here", sam, kim)
    await week.until(TUESDAY + DAY + 7 * HOUR)
    await week.press_on_card("Wednesday lunch", "off", sam)
    # Thursday: late requests, of which one is granted, one refused, one never answered.
    await week.until(THURSDAY_10 - HOUR + 10 * MINUTE)
    for who in (paul, quinn, tess):
        await week.press("Closed circle", "going", who)
    await week.press_under(f"{paul.mention} would like", "request:going", robin)
    await week.press_under(f"{quinn.mention} would like", "request:declined", robin)
    await week.until(THURSDAY_10 + 10 * MINUTE)
    await week.press_on_card("Thursday jelly", "here", sam, priya)
    await week.until(THURSDAY_10 + 4 * HOUR)
    await week.press_on_card("Thursday jelly", "off", priya)
    await call_off(server, which="Saturday walk")
    await week.watch.look()
    # After midnight a seat comes free, which is offered; the first to be asked says nothing.
    await week.until(FRIDAY - 9 * HOUR + 20 * MINUTE)
    await week.press("Full house", "declined", kim)
    await week.until(FRIDAY + 30 * MINUTE)
    await answer(server, quinn, "going", session="Full house")
    await server.settle()
    await week.watch.look()
    await week.until(FRIDAY + 3 * HOUR + 5 * MINUTE)
    await week.press_on_card("Full house", "here", lee)
    await week.until(SATURDAY + 6 * HOUR)
    await week.press_on_card("Big crowd", "here", *people[:5])
    await week.until(MONDAY + WEEK + 3 * HOUR)
    return week.watch


async def live_in_empty_server(server: SimulatedServer) -> ChannelWatch:
    """Has a jelly every day, to which nobody ever says anything, for a week."""
    week = Week(server)
    await server.set_up()
    await schedule(server, title="Daily jelly", when="every day 12-14")
    await week.watch.look()
    await week.until(MONDAY + WEEK + timedelta(hours=3))
    return week.watch
