"""Who may do what: every command, press and form, by six people.

One of them is from next door, and one may not view the channel for jellies.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands

from bot.actions.rights import TABLE
from bot.discord_types import Interaction
from tests.expected_rights import AHEAD, EXPECTED, MEMBERS, ORGANIZERS, OVER, PAUSED, SECRET, SERIES
from tests.server.permission_matrix import PREVIEW, Case, World, open_world, shown
from tests.server.simulated_server import SimulatedServer

PREVIEWED = "Not right? Press Change."

own_draft = partial(Case, under=PREVIEW, sends="{draft}")

DETAILS = {"guests": "1", "mood": "chatty", "hours": "", "note": "taxes"}
CHANGED = {"what": "My", "when": "friday 11-16", "where": "Home", "about": "", "host": "its_host"}
SEATS = {"tone": "quiet", "seats": "8", "guests": "1", "close": ""}

CASES = {
    "/rsvp": Case(
        "You're going to **",
        options={"jelly": AHEAD, "answer": "going"},
    ),
    "rsvp": Case("**2 coming**", sends="1:going", under=f"{SECRET} Thursday"),
    "list-rsvp": Case("-# You: Maybe", sends="1:maybe:agenda:0"),
    "reply": Case("You're going to **", sends="1:going"),
    "mood": Case("Up for a chat", sends="1:chatty"),
    "details": Case(f"Coming to {SECRET} Thursday", sends="1:private"),
    "details-again": Case(f"Coming to {SECRET} Thursday", sends="1:after tea"),
    "hours": Case("You're going to **", sends="1:from 11"),
    "detailed": Case("You're going to **", sends="1:private", options=DETAILS),
    "here": Case("**1 here now**", sends="3", under=f"{SECRET} On"),
    "off": Case("**3 here now**", sends="5", under=f"{SECRET} Also on"),
    "was-there": Case("were there", sends="4:1", under=f"{SECRET} Over"),
    "/jellies": Case(f"{SECRET} Thursday", stranger="Nothing's planned"),
    "agenda": Case(f"{SECRET} Thursday", stranger="Nothing's planned"),
    "agenda-page": Case(f"{SECRET} Thursday", sends="0", stranger="Nothing's planned"),
    "list-page": Case(f"{SECRET} Friday", sends="0", stranger="Nothing's planned"),
    "series-page": Case(f"{SECRET} Friday", sends="0", stranger="### Series"),
    "record-page": Case("You", sends="0", stranger="You"),
    "headcount": Case(f"{SECRET} Thursday", sends="1:0"),
    "who": Case(f"{SECRET} cake", sends="1"),
    "/headcount session": Case(f"{SECRET} cake", options={"jelly": AHEAD}),
    "/headcount history": Case(f"{SECRET} Friday", options={"jelly": SERIES}),
    "/jelly list": Case(f"{SECRET} Friday", stranger="Nothing's planned"),
    "/jelly log": Case("day", stranger="day"),
    "log": Case("day", sends="0", stranger="day"),
    "/me record": Case("You", stranger="You"),
    "/me export": Case("jelly-about-me.json", stranger="jelly-about-me.json"),
    "/me forget": Case("Delete everything", stranger="Delete everything"),
    "forget": Case("Sure?", stranger="Sure?"),
    "forget-nothing": Case("Nothing was deleted", stranger="Nothing was deleted"),
    "forgotten": Case("Done", sends="{hosted}", stranger="Done"),
    "/privacy": Case("What I keep about you", stranger="What I keep about you"),
    "/help": Case("coworking days", stranger="coworking days"),
    "usual-mood": Case("Up for a chat", sends="chatty", stranger="Up for a chat"),
    "keep": Case("still on", stranger="still on", under=PREVIEW),
    "draft-change": own_draft("Change it"),
    "draft-changed": own_draft(PREVIEWED, sends="{draft}:{print}", options=CHANGED),
    "draft-seats": own_draft("Seats"),
    "draft-seats-again": own_draft("Seats", sends="{draft}:quiet¦many¦1¦"),
    "draft-seated": own_draft("8 seats", sends="{draft}:{print}", options=SEATS),
    "draft-read": own_draft(PREVIEWED, sends="{unread}:0"),
    "draft-save": own_draft("is scheduled for", sends="{draft}:{starts}"),
    "draft-over": own_draft("is scheduled for", sends="{draft}:{starts}:{print}"),
    "draft-discard": own_draft("Discarded."),
    "/jelly new": Case(
        PREVIEWED,
        options={"what": "Mine", "when": "friday 10-16", "where": "Home"},
        stranger=PREVIEWED,
    ),
    "/jelly again": Case(PREVIEWED, options={"jelly": OVER, "when": "friday 10am"}),
    "/jelly edit": Case("Change this date", options={"jelly": AHEAD}),
    "edit": Case(PREVIEWED, sends="this:1:{print}", options=CHANGED),
    "/jelly move": Case(PREVIEWED, options={"jelly": AHEAD, "where": "Home"}),
    "/jelly skip": Case("Call off", options={"jelly": AHEAD}),
    "/jelly extra": Case(PREVIEWED, options={"jelly": SERIES, "when": "dec 30 10-16"}),
    "/jelly pause": Case(f"Pause **{SECRET}", options={"jelly": SERIES}),
    "/jelly resume": Case(SECRET, options={"jelly": PAUSED}),
    "/jelly cancel": Case("Call off", options={"jelly": SERIES}),
    "/jelly end": Case("for good", options={"jelly": SERIES}),
    "cancel": Case("is called off", sends="session:1", under=PREVIEW),
    "series-pause": Case("is paused", sends="1:0"),
    "series-go-on": Case("goes on", sends="1"),
    "series-end": Case("has ended", sends="1"),
    "invited": Case("You're going to **", sends="{server}:{invitation}:yes"),
    "take-invitations": Case(
        "Invitations: from no one", sends="0", stranger="Invitations: from no one"
    ),
    "/rsvp member": Case(
        f"**{SECRET} Thursday**",
        options={"jelly": AHEAD, "answer": "going", "member": "another"},
    ),
    "request": Case("is going to", sends="2:{guest_id}:going"),
    "take-off": Case("who comes off", sends="1"),
    "taken-off": Case("is off the list", sends="1:0", under="jelly:take-off:1", chosen=("guest",)),
    "roll": Case("0 of 1 checked in", sends="3:0"),
    "ticked": Case("1 of 1 checked in", sends="3:0:0", under="jelly:roll:3:0", chosen=("guest",)),
    "export-table": Case("Here's the table", sends="1"),
    "export-list": Case(f"{SECRET} cake", sends="1"),
    "summary": Case(f"{SECRET} Over", sends="4"),
    "/jelly cancel-by": Case("Call off everything by", options={"member": "host_user"}),
    "cancel-by": Case("are called off", sends="{host_id}", under=PREVIEW),
    "retry": Case("Check", stranger="too late for all of that"),
    "/settings": Case(
        "thanks to the hosts: off", options={"thanks": False}, stranger="thanks to the hosts: off"
    ),
    "settings-change": Case(
        "Post cards this long before",
        chosen=("times",),
        stranger="Post cards this long before",
    ),
    "settings-again": Case("five days", sends="times:five days¦none", stranger="five days"),
    "settings-changed": Case(
        "thanks to the hosts: off",
        sends="thanks:{settings_print}",
        options={"thanks": "off"},
        stranger="Someone changed the settings while you had this open",
    ),
    "setup": Case(
        PREVIEWED,
        sends="{first}",
        options={"channel": "chat", "zone": "Europe/Paris"},
        stranger="I can't see that channel",
    ),
    "setup-again": Case("two things", sends="{first}:1¦Atlantis", stranger="two things"),
    "/doctor": Case("Jelly here", stranger="Jelly here"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Yields what all tests share; each restores the store."""
    folder = tmp_path_factory.mktemp("rights")
    async with SimulatedServer.open(folder / "jelly.sqlite3") as server:
        yield await open_world(server, folder / "kept.sqlite3")


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", CASES)
async def test_who_may_and_who_may_not(world: World, name: str) -> None:
    case, expected = CASES[name], EXPECTED[name]
    for person in sorted(MEMBERS):
        before = await world.stored()
        result = await world.do(person, name, case)
        told = shown(result)
        if person in expected.may:
            assert case.told in told, person
            assert (await world.stored() != before) == expected.changes, person
            world.restore()
        else:
            assert told.startswith(expected.refused), person
            assert "\n" not in told
            assert result.response is not None
            assert result.response.ephemeral
            assert result.response.components == []
            assert await world.stored() == before, person


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", CASES)
async def test_nobody_reaches_into_another_server(world: World, name: str) -> None:
    case, hers = CASES[name], world.next_door.guild.id
    before = await world.stored(without=hers)
    result = await world.do("stranger", name, case)
    told = shown(result)
    assert _told_to_the_stranger(name) in told
    assert result.modal or (result.response is not None and result.response.ephemeral)
    ours = [*world.server.guild.member_ids(), world.server.guild.id, world.server.jellies.id]
    assert [one for one in (SECRET, *map(str, ours)) if one in told] == []
    assert await world.stored(without=hers) == before
    world.restore()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", CASES)
async def test_whoever_may_not_view_the_channel_learns_nothing(world: World, name: str) -> None:
    before = await world.stored()
    result = await world.do("outsider", name, CASES[name])
    told = shown(result)
    assert _told_to_the_outsider(name) in told
    assert result.response is not None
    assert result.response.ephemeral
    learnt = [one for one in (SECRET, str(world.server.jellies.id)) if one in told]
    assert learnt == []
    if name not in ("usual-mood", "take-invitations", "forgotten"):  # about themselves
        assert await world.stored() == before
    world.restore()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("person", ["stranger", "outsider"])
async def test_nobody_is_offered_or_finds_what_is_planned_elsewhere(
    world: World, person: str
) -> None:
    """Neither while typing, nor by a name that was typed in full."""
    who, told_to = (
        world.people[person],
        {"stranger": _told_to_the_stranger, "outsider": _told_to_the_outsider}[person],
    )
    channel = world.next_door.channel if person == "stranger" else world.server.chat
    offering = [
        (command.qualified_name, option["name"])
        for command in world.server.bot.tree.walk_commands()
        for option in command.to_dict(world.server.bot.tree)["options"]
        if option.get("autocomplete")
    ]
    assert ("jelly cancel", "jelly") in offering
    for name, option in offering:
        for typed in ("", SECRET[0]):
            assert SECRET not in str(await who.autocomplete(channel, name, option, typed))
    for name, case in CASES.items():
        for option in {"jelly"} & case.options.keys():
            named = replace(case, options=case.options | {option: f"{SECRET} Thursday"})
            told = shown(await world.do(person, name, named))
            assert told_to(name) in told, name


def _told_to_the_stranger(name: str) -> str:
    told = CASES[name].stranger or EXPECTED[name].stranger
    assert told is not None
    return told


def _told_to_the_outsider(name: str) -> str:
    expected = EXPECTED[name]
    if expected.may <= ORGANIZERS:
        return expected.refused
    return expected.outsider or _told_to_the_stranger(name)


async def test_every_command_press_and_form_is_walked(server: SimulatedServer) -> None:
    commands = {
        f"/{command.qualified_name}"
        for command in server.bot.tree.walk_commands()
        if not isinstance(command, app_commands.Group)
    }
    options = {"/rsvp member"}
    assert CASES.keys() == EXPECTED.keys()
    assert set(CASES) == commands | set(server.bot.presses.names()) | options


def test_what_the_table_leaves_out_can_be_neither_typed_nor_pressed(
    server: SimulatedServer,
) -> None:
    async def unheard_of(interaction: Interaction) -> None:
        """Nobody said who may"""

    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="unheard-of", description="…", callback=unheard_of
    )
    with pytest.raises(LookupError, match="/unheard-of"):
        server.bot.tree.add_command(command)
    group = app_commands.Group(name="new", description="…")
    group.add_command(command)
    with pytest.raises(LookupError, match="/new unheard-of"):
        server.bot.tree.add_command(group)
    with pytest.raises(LookupError, match="'unheard-of'"):
        server.bot.presses.add("unheard-of", discord.InteractionType.component, (), unheard_of)


def test_everything_stands_in_one_row_and_commands_are_named_there() -> None:
    named = [name for row in TABLE for name in row.names]
    assert sorted(named) == sorted([*EXPECTED, "/time"])  # which only the demo has
    for row in TABLE:
        for name in row.names:
            command = name.removesuffix(" member")
            assert not name.startswith("/") or f"`{command}`" in row.what, name
