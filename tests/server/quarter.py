"""Four servers with the same bot, in every state at once, and as they were again at each call.

One is lived in, one is new, one has lost its channel, and one next door has data that nobody in
the others may see. Robin and Sam are in all four; Robin hosts everything next door.
"""

from __future__ import annotations

import pickle
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import discord
import simcord

from tests.loopback.models import walk
from tests.server import actions
from tests.server.actions import HOUR, answer, call_off, drafted, filled, schedule
from tests.server.hosting import live_until
from tests.server.simulated_server import ZONE, Town, buttons_of
from tests.server.test_scheduling import THURSDAY_10

NOON = THURSDAY_10 + HOUR
"""When everything happens: a jelly is on, one is over, the others are ahead."""

NEXT_DOOR = "quincunx"
"""Stands in all that is said next door, and nowhere else."""
UNPOSTED = "zeugma"
"""Stands in what Sam has drafted and shown to nobody, and nowhere else."""
UGLY_NAME = "**Lou** <@1> @everyone [x](http://evil.example)"

Json = dict[str, Any]


@dataclass
class Server:
    """A server as far as somebody can go in it: a channel to type in, and its people."""

    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    people: list[simcord.MemberActor]


@dataclass
class Quarter:
    """The servers, and what somebody who tampers with their client may know about them."""

    town: Town
    servers: list[Server]
    """Those in which people do things: the lived-in one, the new one, the one without channel."""
    next_door: simcord.GuildHandle
    bystander: simcord.MemberActor
    """Takes part in nothing, so that nobody has a reason to mention them."""
    decoys: list[simcord.RoleHandle | simcord.ChannelHandle]
    """Nobody has a reason to mention these either."""
    stranger: simcord.UserHandle
    """Is in none of the servers."""
    another_bot: simcord.UserHandle
    seen: list[str] = field(default_factory=list)
    """The ids of all buttons, lists and forms that anybody was shown, next door too."""
    fields: list[str] = field(default_factory=list)
    """The fields of all forms that anybody was shown."""
    _rows: sqlite3.Connection = field(
        default_factory=lambda: sqlite3.connect(":memory:", check_same_thread=False)
    )
    _messages: bytes = b""

    @property
    def home(self) -> Server:
        return self.servers[0]

    def server_of(self, channel_id: int) -> int | None:
        """The server that a channel belongs to; None for private messages."""
        channel = self.town.environment.backend.channels.get(channel_id)
        return None if channel is None else channel.guild_id

    async def remember(self) -> None:
        """Keep everything as it is now."""
        backend = self.town.environment.backend
        await self.town.database._writer.run(lambda connection: connection.backup(self._rows))
        self._messages = pickle.dumps(backend.messages)
        forms = [record.modal for record in backend.interactions.values() if record.modal]
        shown = [one.components for each in backend.messages.values() for one in each.values()]
        parts = [part for components in shown for part in walk(components)]
        ids = [part["custom_id"] for part in (*parts, *forms) if "custom_id" in part]
        self.seen = sorted(set(ids))
        self.fields = sorted(
            {
                part["custom_id"]
                for form in forms
                for part in walk(form["components"])
                if "custom_id" in part
            }
        )

    async def begin_again(self) -> None:
        """Let everything be as it was when it was remembered."""
        town, backend = self.town, self.town.environment.backend
        await town.environment.settle()
        with town.environment.time_context():
            await town.bot.mirrors.settle()
        await town.database._writer.run(lambda connection: self._rows.backup(connection))
        backend.messages = pickle.loads(self._messages)
        for forgotten in (
            backend.interactions,
            backend.interaction_tokens,
            backend.http_requests,
            backend.transcript,
            backend.cdn._blobs,
            town.environment._errors,
            town.environment._error_ids,
            town.errors.records,
        ):
            forgotten.clear()
        town.clock.moment = NOON


async def settle_in(town: Town) -> Quarter:
    """Open the servers of a town in which nobody has done anything yet."""
    organizer, (sam, priya, jordan) = town.organizer, town.members
    await town.set_up()
    lou = town.guild.add_member(town.environment.create_user("lou", global_name=UGLY_NAME))
    bystander = actions.member(town, "Vic")
    decoys: list[simcord.RoleHandle | simcord.ChannelHandle] = [
        town.guild.create_role("decoy"),
        town.guild.create_text_channel("decoy"),
    ]
    town.guild.create_news_channel("news")
    town.guild.create_voice_channel("voice")
    town.guild.create_stage_channel("stage")
    town.guild.create_category("category")
    town.guild.create_forum_channel("forum")
    home = Server(town.guild, town.jellies, [organizer, sam, priya, jordan, lou])
    new = await _open(town, "New here", organizer, sam)
    bare = await _open(town, "No channel", organizer, sam)
    behind_the_wall = await _open(town, f"{NEXT_DOOR} hall", organizer, sam)
    await _live_next_door(town, behind_the_wall)
    await _lose_channel(town, bare)
    await _live_at_home(town, home)
    await _draft_next_door(behind_the_wall)
    for server in (home, new, bare):
        await server.people[0].send(server.channel, "Hello")
    quarter = Quarter(
        town,
        [home, new, bare],
        behind_the_wall.guild,
        bystander,
        decoys,
        stranger=town.environment.create_user("stranger", global_name="Stranger"),
        another_bot=town.environment.create_user("another-bot", bot=True),
    )
    for command in await town.bot.tree.fetch_commands():
        # Somebody with the rights to may show every command to everybody.
        for server in quarter.servers:
            everybody = server.guild.roles["@everyone"]
            server.guild.set_command_permissions(command, {everybody: True})
    await quarter.remember()
    return quarter


async def _open(
    town: Town, name: str, organizer: simcord.MemberActor, member: simcord.MemberActor
) -> Server:
    guild = town.environment.create_guild(name)
    powers = guild.create_role("Organizers", permissions=discord.Permissions(administrator=True))
    people = [guild.add_member(organizer.user, roles=[powers]), guild.add_member(member.user)]
    return Server(guild, guild.create_text_channel("jellies"), people)


async def _live_next_door(town: Town, server: Server) -> None:
    robin, channel = server.people[0], server.channel
    await robin.slash(channel, "settings", channel=channel, zone=ZONE)
    said = {"where": f"The {NEXT_DOOR}", "about": f"Bring the {NEXT_DOOR}"}
    for title, when in (("Thursday", "thursday 10-16"), ("Friday", "friday 10-16")):
        shown = await robin.slash(
            channel, "jelly new", what=f"{title} {NEXT_DOOR}", when=when, **said
        )
        assert shown.response is not None
        await robin.click(shown.response, label="Post it")
    shown = await robin.slash(
        channel, "jelly new", what=f"Weekly {NEXT_DOOR}", when="every tuesday 10am", **said
    )
    assert shown.response is not None
    await robin.click(shown.response, label="Post it")
    await town.settle()
    for person in server.people:
        listed = await person.autocomplete(channel, "rsvp", "session", f"friday {NEXT_DOOR}")
        await person.slash(
            channel, "rsvp", session=listed[0]["value"], answer="going", note=f"my {NEXT_DOOR}"
        )


async def _draft_next_door(server: Server) -> None:
    """What waits behind the buttons of previews: to post, to read otherwise, to save."""
    robin = server.people[0]
    for when in ("saturday 10-16", "friday 10", "every other blue moon"):
        shown = await robin.slash(
            server.channel,
            "jelly new",
            what=f"Draft of {NEXT_DOOR}",
            when=when,
            where=f"The {NEXT_DOOR}",
        )
        assert shown.response is not None
        form = await robin.click(shown.response, label="Change")
        assert form.modal is not None


async def _lose_channel(town: Town, server: Server) -> None:
    robin = server.people[0]
    lost = server.guild.create_text_channel("lost")
    await robin.slash(server.channel, "settings", channel=lost, zone=ZONE)
    shown = await robin.slash(
        server.channel, "jelly new", what="Lost jelly", when="friday 10-16", where="Nowhere"
    )
    assert shown.response is not None
    await robin.click(shown.response, label="Post it")
    await town.settle()
    town.environment.backend.delete_channel(lost.id)


async def _live_at_home(town: Town, server: Server) -> None:
    robin, sam, priya, jordan, lou = server.people
    await schedule(town, title="Wednesday jelly", when="wednesday 10-16")
    await schedule(town, title="Thursday jelly")
    await schedule(town, title="Evening jelly", when="thursday 20-22", seats=1)
    await schedule(town, title="Friday jelly", when="friday 10-16", seats=2, about="Two\nlines")
    await schedule(town, title="Saturday jelly", when="saturday 10-16", answers_close="1 week")
    await schedule(town, title="Sunday jelly", when="sunday 10-16")
    await schedule(town, title="Tuesday jelly", when="every tuesday 10am")
    await schedule(town, title="Monday jelly", when="every monday 18-20")
    for title in ("Wednesday jelly", "Thursday jelly", "Evening jelly", "Friday jelly"):
        for person in (sam, priya, lou):
            await answer(town, person, "going", session=title, note="taxes")
    await answer(town, sam, "going", session="Friday jelly", guests=1, hours="10 to 13")
    await answer(town, jordan, "maybe", session="Friday jelly")
    await answer(town, jordan, "going", session="Saturday jelly")
    await answer(town, priya, "going", session="Sunday jelly")
    await call_off(town, which="Sunday jelly")
    paused = await robin.slash(town.chat, "jelly pause", which=await _series(town, "Monday"))
    assert paused.response is not None
    await robin.click(paused.response, label="Pause it")
    await live_until(town, THURSDAY_10 + timedelta(minutes=30))
    await sam.click(town.card(), label="I'm here")
    await live_until(town, NOON)
    await answer(town, sam, "declined", session="Evening jelly")
    await town.settle()
    await _open_everything(town, server)


async def _open_everything(town: Town, server: Server) -> None:
    """Have on the screen whatever may be pressed or filled in."""
    robin, sam, priya, _, _ = server.people
    await drafted(town, title=f"My {UNPOSTED}", by=sam)
    await drafted(town, title=f"My other {UNPOSTED}", when="friday 10", by=sam)
    mine = await drafted(town, title="Draft", about=f"{UNPOSTED}", by=sam)
    assert mine.response is not None
    await sam.click(mine.response, label="Change")
    await sam.click(mine.response, label="Seats and tone")
    await drafted(town, title="Robin's draft")
    form = await robin.slash(town.jellies, "jelly edit", which="Friday jelly")
    await robin.submit_modal(form, {**filled(form), "host": [sam], "where": "The Shrew"})
    for which in ("Wednesday jelly", "Thursday jelly", "Friday jelly"):
        shown = await robin.slash(town.jellies, "headcount session", which=which)
        assert shown.response is not None
        for label in buttons_of(shown.response):
            await robin.click(shown.response, label=label)
    await robin.slash(town.jellies, "jelly cancel", which="Friday jelly")
    await robin.slash(town.jellies, "jelly end", which=await _series(town, "Tuesday"))
    await robin.slash(town.jellies, "jelly pause", which=await _series(town, "Tuesday"))
    for person in (sam, priya):
        await person.slash(town.jellies, "me")
        await person.click(town.card("Friday jelly"), label="Add details")


async def _series(town: Town, title: str) -> str:
    listed = await town.organizer.autocomplete(town.jellies, "jelly pause", "which", title)
    return str(listed[0]["value"])
