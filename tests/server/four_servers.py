"""Four servers with the same bot, in every state at once, and reset at each call.

One is used, one is new, one has lost its channel, and one next door has data that nobody in
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
from tests.moments import HOUR, THURSDAY_10
from tests.server import actions
from tests.server.actions import HOST, answer, call_off, drafted, filled, schedule
from tests.server.hosting import live_until
from tests.server.simulated_server import ZONE, SimulatedServer, buttons_of

NOON = THURSDAY_10 + HOUR
"""When everything happens: a jelly is on, one is over, the others are ahead."""

NEXT_DOOR = "quincunx"
"""A word in everything that is said next door, and nowhere else."""
UNPOSTED = "zeugma"
"""A word in what Sam has drafted and shown to nobody, and nowhere else."""
UGLY_NAME = "**Lou** <@1> @everyone [x](http://evil.example)"

Json = dict[str, Any]


@dataclass
class Server:
    """A server as far as a member has access to it: a channel to type in, and its people."""

    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    people: list[simcord.MemberActor]


@dataclass
class FourServers:
    """The servers, and what a person who tampers with their client may know about them."""

    server: SimulatedServer
    servers: list[Server]
    """Those in which people act: the used one, the new one, the one without channel."""
    next_door: simcord.GuildHandle
    people_next_door: set[int]
    """The ids of those who may export what they said next door, in any server."""
    bystander: simcord.MemberActor
    """Takes part in nothing, so nobody has a reason to mention them."""
    decoys: list[simcord.RoleHandle | simcord.ChannelHandle]
    """Nobody has a reason to mention these either."""
    stranger: simcord.UserHandle
    """Is in none of the servers."""
    another_bot: simcord.UserHandle
    seen: list[str] = field(default_factory=list)
    """The ids of all buttons, lists and forms that any person was shown, next door too."""
    fields: list[str] = field(default_factory=list)
    """The fields of all forms that any person was shown."""
    _rows: sqlite3.Connection = field(
        default_factory=lambda: sqlite3.connect(":memory:", check_same_thread=False)
    )
    _messages: bytes = b""

    @property
    def home(self) -> Server:
        return self.servers[0]

    def server_of(self, channel_id: int) -> int | None:
        """Returns the server that a channel belongs to, or None for private messages."""
        channel = self.server.environment.backend.channels.get(channel_id)
        return None if channel is None else channel.guild_id

    async def remember(self) -> None:
        """Saves the present state."""
        backend = self.server.environment.backend
        await self.server.database._writer.run(lambda connection: connection.backup(self._rows))
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
        """Restores the state that was saved."""
        server, backend = self.server, self.server.environment.backend
        await server.environment.settle()
        with server.environment.time_context():
            await server.bot.mirrors.settle()
        await server.database._writer.run(lambda connection: self._rows.backup(connection))
        # Private channels that were opened since stay, and stay empty.
        opened: dict[int, dict[int, Any]] = {channel_id: {} for channel_id in backend.messages}
        backend.messages = opened | pickle.loads(self._messages)
        for forgotten in (
            backend.interactions,
            backend.interaction_tokens,
            backend.http_requests,
            backend.transcript,
            backend.cdn._blobs,
            server.environment._errors,
            server.environment._error_ids,
            server.errors.records,
        ):
            forgotten.clear()
        server.clock.moment = NOON


async def settle_in(server: SimulatedServer) -> FourServers:
    """Sets up the servers, from a server in which nobody has done anything yet."""
    organizer, (sam, priya, jordan) = server.organizer, server.members
    await server.set_up()
    lou = server.guild.add_member(server.environment.create_user("lou", global_name=UGLY_NAME))
    bystander = actions.member(server, "Vic")
    decoys: list[simcord.RoleHandle | simcord.ChannelHandle] = [
        server.guild.create_role("decoy"),
        server.guild.create_text_channel("decoy"),
    ]
    server.guild.create_news_channel("news")
    server.guild.create_voice_channel("voice")
    server.guild.create_stage_channel("stage")
    server.guild.create_category("category")
    server.guild.create_forum_channel("forum")
    home = Server(server.guild, server.jellies, [organizer, sam, priya, jordan, lou])
    new = await _open(server, "New here", organizer, sam)
    bare = await _open(server, "No channel", organizer, sam)
    behind_the_wall = await _open(server, f"{NEXT_DOOR} hall", organizer, sam)
    await _live_next_door(server, behind_the_wall)
    await _lose_channel(server, bare)
    await _live_at_home(server, home)
    await _draft_next_door(behind_the_wall)
    for where in (home, new, bare):
        await where.people[0].send(where.channel, "Hello")
    four_servers = FourServers(
        server,
        [home, new, bare],
        behind_the_wall.guild,
        {person.id for person in behind_the_wall.people},
        bystander,
        decoys,
        stranger=server.environment.create_user("stranger", global_name="Stranger"),
        another_bot=server.environment.create_user("another-bot", bot=True),
    )
    for command in await server.bot.tree.fetch_commands():
        # An administrator may show every command to everybody.
        for where in four_servers.servers:
            everybody = where.guild.roles["@everyone"]
            where.guild.set_command_permissions(command, {everybody: True})
    await four_servers.remember()
    return four_servers


async def _open(
    server: SimulatedServer, name: str, organizer: simcord.MemberActor, member: simcord.MemberActor
) -> Server:
    guild = server.environment.create_guild(name)
    powers = guild.create_role("Organizers", permissions=discord.Permissions(administrator=True))
    people = [guild.add_member(organizer.user, roles=[powers]), guild.add_member(member.user)]
    return Server(guild, guild.create_text_channel("jellies"), people)


async def _live_next_door(server: SimulatedServer, where: Server) -> None:
    robin, channel = where.people[0], where.channel
    await robin.slash(channel, "settings", channel=channel, zone=ZONE)
    said = {"where": f"The {NEXT_DOOR}", "about": f"Bring the {NEXT_DOOR}"}
    for title, when in (("Thursday", "thursday 10-16"), ("Friday", "friday 10-16")):
        shown = await robin.slash(
            channel, "jelly new", what=f"{title} {NEXT_DOOR}", when=when, **said
        )
        assert shown.response is not None
        await robin.click(shown.response, label="Schedule it")
    shown = await robin.slash(
        channel, "jelly new", what=f"Weekly {NEXT_DOOR}", when="every tuesday 10am", **said
    )
    assert shown.response is not None
    await robin.click(shown.response, label="Schedule it")
    await server.settle()
    for person in where.people:
        listed = await person.autocomplete(channel, "rsvp", "jelly", f"friday {NEXT_DOOR}")
        await person.slash(
            channel, "rsvp", jelly=listed[0]["value"], answer="going", note=f"my {NEXT_DOOR}"
        )


async def _draft_next_door(where: Server) -> None:
    """Drafts what buttons of previews act on: to post, to change the reading, to save."""
    robin = where.people[0]
    for when in ("saturday 10-16", "friday 10", "every other blue moon"):
        shown = await robin.slash(
            where.channel,
            "jelly new",
            what=f"Draft of {NEXT_DOOR}",
            when=when,
            where=f"The {NEXT_DOOR}",
        )
        assert shown.response is not None
        form = await robin.click(shown.response, label="Change")
        assert form.modal is not None


async def _lose_channel(server: SimulatedServer, where: Server) -> None:
    robin = where.people[0]
    lost = where.guild.create_text_channel("lost")
    await robin.slash(where.channel, "settings", channel=lost, zone=ZONE)
    shown = await robin.slash(
        where.channel, "jelly new", what="Lost jelly", when="friday 10-16", where="Nowhere"
    )
    assert shown.response is not None
    await robin.click(shown.response, label="Schedule it")
    await server.settle()
    server.environment.backend.delete_channel(lost.id)


async def _live_at_home(server: SimulatedServer, where: Server) -> None:
    robin, sam, priya, jordan, lou = where.people
    await schedule(server, title="Wednesday jelly", when="wednesday 10-16")
    await schedule(server, title="Thursday jelly")
    await schedule(server, title="Evening jelly", when="thursday 20-22", seats=HOST + 1)
    await schedule(
        server, title="Friday jelly", when="friday 10-16", seats=HOST + 2, about="Two\nlines"
    )
    await schedule(server, title="Saturday jelly", when="saturday 10-16", answers_close="1 week")
    await schedule(server, title="Sunday jelly", when="sunday 10-16")
    await schedule(server, title="Tuesday jelly", when="every tuesday 10am")
    await schedule(server, title="Monday jelly", when="every monday 18-20")
    for title in ("Wednesday jelly", "Thursday jelly", "Evening jelly", "Friday jelly"):
        for person in (sam, priya, lou):
            await answer(server, person, "going", session=title, note="taxes")
    await answer(server, sam, "going", session="Friday jelly", guests=1, hours="10 to 13")
    await answer(server, jordan, "maybe", session="Friday jelly")
    await answer(server, jordan, "going", session="Saturday jelly")
    await answer(server, priya, "going", session="Sunday jelly")
    await call_off(server, which="Sunday jelly")
    paused = await robin.slash(server.chat, "jelly pause", jelly=await _series(server, "Monday"))
    assert paused.response is not None
    await robin.click(paused.response, label="Pause it")
    await live_until(server, THURSDAY_10 + timedelta(minutes=30))
    await sam.click(server.card(), label="I'm here")
    await live_until(server, NOON)
    await answer(server, sam, "declined", session="Evening jelly")
    await server.settle()
    await _open_everything(server, where)


async def _open_everything(server: SimulatedServer, where: Server) -> None:
    """Shows everything that may be pressed or filled in."""
    robin, sam, priya, _, _ = where.people
    await drafted(server, title=f"My {UNPOSTED}", by=sam)
    await drafted(server, title=f"My other {UNPOSTED}", when="friday 10", by=sam)
    mine = await drafted(server, title="Draft", about=f"{UNPOSTED}", by=sam)
    assert mine.response is not None
    await sam.click(mine.response, label="Change")
    await sam.click(mine.response, label="Seats and tone")
    await drafted(server, title="Robin's draft")
    form = await robin.slash(server.jellies, "jelly edit", jelly="Friday jelly")
    await robin.submit_modal(form, {**filled(form), "host": [sam], "where": "The Shrew"})
    for which in ("Wednesday jelly", "Thursday jelly", "Friday jelly"):
        shown = await robin.slash(server.jellies, "headcount session", jelly=which)
        assert shown.response is not None
        for label in buttons_of(shown.response):
            await robin.click(shown.response, label=label)
    await robin.slash(server.jellies, "jelly cancel", jelly="Friday jelly")
    await robin.slash(server.jellies, "jelly end", jelly=await _series(server, "Tuesday"))
    await robin.slash(server.jellies, "jelly pause", jelly=await _series(server, "Tuesday"))
    for person in (sam, priya):
        await person.slash(server.jellies, "me record")
        await person.click(server.card("Friday jelly"), label="Add details")


async def _series(server: SimulatedServer, title: str) -> str:
    listed = await server.organizer.autocomplete(server.jellies, "jelly pause", "jelly", title)
    return str(listed[0]["value"])
