"""A server with everything that can be accessed, and six people who try."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.interactions import resolve_handle

from data.channels import find_guild, settings_of
from data.models import Settings, fingerprint
from data.people.forgetting import hosted_ahead
from data.schedule.find import find_session
from tests.expected_rights import (
    AHEAD,
    CLOSED,
    MEMBERS,
    ON,
    ONE_DATE,
    OVER,
    PAUSED,
    REPEATED,
    SECRET,
)
from tests.moments import HOUR
from tests.server.actions import Shown, member, sent_together
from tests.server.hosting import Neighbours, open_next_door
from tests.server.simulated_server import SimulatedServer, text_of

PREVIEW = "preview"
PRESS, FORM = 3, 5
BUTTON, LIST, TEXT, PEOPLE, LABEL = 2, 3, 4, 5, 18
"""https://discord.com/developers/docs/components/reference#component-object-component-types"""


@dataclass(frozen=True)
class Case:
    """How people do one thing, by a command, press or form, and its result."""

    told: str
    """Part of what those who may are told, or of what the form that opens holds."""
    stranger: str = ""
    """Part of what the stranger is told, if that is not the refusal in EXPECTED."""
    sends: str = ""
    """The arguments in the id of a press or a form."""
    options: dict[str, Any] = field(default_factory=dict)
    """The options of a command, or the fields of a form."""
    under: str = ""
    """Where it is pressed: a card by its title, the answer to a press, or one's own preview."""
    chosen: tuple[str, ...] = ()
    """The people, or the values, chosen in a list."""


@dataclass(frozen=True)
class World:
    """The server, another one next door, and the people."""

    server: SimulatedServer
    next_door: Neighbours
    people: dict[str, simcord.MemberActor]
    previews: dict[str, simcord.ResponseMessage]
    """What each was shown of a jelly that they have not posted."""
    named: dict[str, Any]
    """What cases name: people, a channel, and parts of ids."""
    kept: Path
    """A copy of the initial store."""

    async def do(self, person: str, name: str, case: Case) -> simcord.InteractionResult:
        """Does it as a person whose client ignores what it was shown."""
        who = self.people[person]
        where = _channel(self.server, who)
        if name.startswith("/"):
            options = {key: self._option(who, value) for key, value in case.options.items()}
            return await who.slash(where, name[1:].removesuffix(" member"), **options)
        under = await self._under(person, case, where)
        custom_id = ":".join(("jelly", name, *([case.sends] if case.sends else ())))
        custom_id = custom_id.replace("{hosted}", await self._hosted(who))
        if case.options:
            fields = [self._field(key, value) for key, value in case.options.items()]
            resolved: dict[str, dict[str, Any]] = {}
            for value in case.options.values():
                if isinstance(self.named.get(value), simcord.MemberActor):
                    chosen = self._option(who, value)
                    resolve_handle(who, chosen, resolved, channel_id=where.id)
            return await self._send(
                who, under, custom_id, FORM, components=fields, resolved=resolved
            )
        if case.chosen:
            values = [str(self.named[one].id if one in self.named else one) for one in case.chosen]
            return await self._send(who, under, custom_id, component_type=LIST, values=values)
        return await self._send(who, under, custom_id, component_type=BUTTON)

    async def stored(self, *, without: int = 0) -> dict[str, list[dict[str, Any]]]:
        """Returns everything in the store, except for the rows of one server."""
        tables = await self.server.read(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'"
        )
        return {
            table["name"]: [
                row
                for row in await self.server.read(f"SELECT * FROM {table['name']}")
                if not without or row.get("guild_id") != without
            ]
            for table in tables
            # What the program remembers about itself belongs to no server.
            if not without or table["name"] != "key_value"
        }

    def keep(self) -> None:
        """Makes :meth:`restore` put back what is in the store now."""
        with (
            closing(sqlite3.connect(self.server.file)) as file,
            closing(sqlite3.connect(self.kept)) as kept,
        ):
            file.backup(kept)

    def restore(self) -> None:
        """Puts the store back to its initial state."""
        with (
            closing(sqlite3.connect(self.kept)) as kept,
            closing(sqlite3.connect(self.server.file)) as file,
        ):
            kept.backup(file)

    async def _hosted(self, who: simcord.MemberActor) -> str:
        """Returns what a person hosts ahead, as the last button of /me forget names it."""
        now = self.server.clock.now()
        hosted = await self.server.database.read(lambda t: hosted_ahead(t, who.id, now=now))
        return f"{hosted.dates}:{hosted.series}"

    def _option(self, who: simcord.MemberActor, value: Any) -> Any:  # noqa: ANN401  any option
        """Returns what a case names; of another server a person sees users but no members."""
        named = self.named.get(value, value)
        is_stranger = isinstance(named, simcord.MemberActor) and named.guild.id != who.guild.id
        return named.user if is_stranger else named

    async def _under(self, person: str, case: Case, where: simcord.ChannelHandle) -> Shown:
        who = self.people[person]
        if case.under == PREVIEW:
            return self.previews[person]
        if case.under.startswith(SECRET) and person in MEMBERS:
            return self.server.card(case.under)
        alone = (await who.slash(where, "help")).response
        assert alone is not None
        if case.under.startswith("jelly:"):
            opened = await self._send(who, alone, case.under, component_type=BUTTON)
            assert opened.response is not None
            return opened.response
        return alone

    async def _send(
        self,
        who: simcord.MemberActor,
        under: Shown,
        custom_id: str,
        kind: int = PRESS,
        **data: object,
    ) -> simcord.InteractionResult:
        data["custom_id"] = custom_id.format(**self.named)
        [result] = await sent_together(self.server, (who, under, data), kind=kind)
        return result

    def _field(self, name: str, value: str) -> dict[str, Any]:
        if value in self.named:
            entered = {"type": PEOPLE, "values": [str(self.named[value].id)]}
        elif name in ("guests", "mood", "tone", "thanks"):
            entered = {"type": LIST, "values": [value]}
        else:
            entered = {"type": TEXT, "value": value}
        return {"type": LABEL, "component": {"custom_id": name, **entered}}


def shown(result: simcord.InteractionResult) -> str:
    """Returns all that a person is shown in answer, with file names and a form's contents."""
    messages = [*([result.response] if result.response else []), *result.followups]
    files = [file.filename for message in messages for file in message.attachments]
    form = [json.dumps(result.modal, ensure_ascii=False)] if result.modal else []
    return "\n".join((*map(text_of, messages), *files, *form))


async def open_world(server: SimulatedServer, kept: Path) -> World:
    """Fills a server; it is Monday, 10:00 in London, and Hana has scheduled all."""
    await server.set_up()
    next_door = await open_next_door(server)
    guest = server.members[2]
    people = {
        "member": server.members[1],
        "outsider": member(server, "Otis"),
        "stranger": next_door.organizer,
    }
    for person, name, powers in (
        ("host", "Hana", discord.Permissions.none()),
        ("organizer", "Olive", discord.Permissions(manage_events=True)),
        ("administrator", "Ada", discord.Permissions(administrator=True)),
    ):
        role = server.guild.create_role(person, permissions=powers)
        user = server.environment.create_user(name.lower(), global_name=name)
        people[person] = server.guild.add_member(user, roles=[role])
    for what, when, closes in (*ONE_DATE, *REPEATED):
        preview = await _draft(server, people["host"], what, when, answers_close=closes)
        await people["host"].click(preview, label="Schedule it")
    for which in (AHEAD, CLOSED, ON, OVER):
        options = {"jelly": which, "answer": "going", "note": f"{SECRET} cake"}
        await guest.slash(server.chat, "rsvp", **options)
    # So only the guest is going, whoever presses, and whatever an older store knows of hosts.
    for which in (AHEAD, ON):
        await people["host"].slash(server.chat, "rsvp", jelly=which, answer="declined")
    sam = people["member"]
    await people["host"].slash(server.chat, "rsvp", jelly=AHEAD, answer="going", member=sam)
    asked = await server.organizer.slash(server.chat, "jelly pause", jelly=PAUSED)
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Pause it")
    previews = {
        person: await _draft(server, who, person, "friday 10-16") for person, who in people.items()
    }
    await _draft(server, people["host"], "unread", "3/4 10am")
    await server.organizer.slash(server.chat, "settings", host_role=server.guild.roles["host"])
    for command in await server.bot.tree.fetch_commands():
        # An administrator may decide this in Discord; then only the bot refuses anything.
        server.guild.set_command_permissions(command, {server.guild.default_role: True})
    server.hide(server.jellies, people["outsider"])
    await server.settle()
    await server.at(server.clock.moment + HOUR)
    for person in MEMBERS:
        await people[person].click(server.card(f"{SECRET} Also on"), label="I'm here")
    await server.database.write(lambda t: t.run("UPDATE delivery SET state = 'failed'"))
    named = {
        **{"its_host": people["host"], "guest": guest, "another": server.members[0]},
        **{"chat": server.chat, "guest_id": guest.id},
        "host_id": people["host"].id,
        "host_user": people["host"].user,
        **{"server": server.guild.id, "invitation": 1},
        **await _parts_of_ids(server, previews["host"]),
    }
    world = World(server, next_door, people, previews, named, kept)
    world.keep()
    return world


async def _parts_of_ids(
    server: SimulatedServer, preview: simcord.ResponseMessage
) -> dict[str, object]:
    """Returns the parts of the ids of presses that the host, or the administrator, is shown."""
    session = await server.database.read(lambda t: find_session(t, server.guild.id, 1))
    assert session is not None
    drafts = {row["title"]: row["draft_id"] for row in await server.read("SELECT * FROM draft")}
    [starts] = re.findall(r"draft-save:\d+:(\d+)", json.dumps(preview.components))
    return {
        "print": fingerprint(session),
        "starts": starts,
        "draft": drafts[f"{SECRET} host"],
        "unread": drafts[f"{SECRET} unread"],
        "settings_print": await _settings_print(server),
        "first": drafts[f"{SECRET} administrator"],
    }


async def _settings_print(server: SimulatedServer) -> str:
    settings = await server.database.read(lambda t: settings_of(t, server.guild.id))
    guild = await server.database.read(lambda t: find_guild(t, server.guild.id))
    assert settings is not None
    assert guild is not None
    return Settings(settings, guild).fingerprint


async def _draft(
    server: SimulatedServer, by: simcord.MemberActor, what: str, when: str, **more: object
) -> simcord.ResponseMessage:
    """Returns the preview of a jelly."""
    title, place = f"{SECRET} {what}", f"{SECRET} Lane"
    shown = await by.slash(
        _channel(server, by), "jelly new", what=title, when=when, where=place, **more
    )
    assert shown.response is not None
    return shown.response


def _channel(server: SimulatedServer, who: simcord.MemberActor) -> simcord.ChannelHandle:
    """Returns the channel in which a person types in their own server."""
    return server.chat if who.guild.id == server.guild.id else who.guild.channels["jellies"]
