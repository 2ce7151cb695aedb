"""Rights are checked again at each press: what was shown before does not grant them."""

from __future__ import annotations

import discord
import pytest
import simcord

from data.models import fingerprint
from data.schedule.find import find_session
from tests.moments import THURSDAY_10
from tests.server.actions import answer, edit, filled, forged, schedule, sent_together, told
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, said, text_of


def someone_with(
    server: SimulatedServer, powers: discord.Permissions | None = None
) -> tuple[simcord.MemberActor, simcord.RoleHandle]:
    """Returns a member with a role of their own, and that role."""
    role = server.guild.create_role("Kept or lost", permissions=powers)
    user = server.environment.create_user("kim", global_name="Kim")
    return server.guild.add_member(user, roles=[role]), role


def take_away(server: SimulatedServer, who: simcord.MemberActor, role: simcord.RoleHandle) -> None:
    server.environment.backend.remove_member_role(server.guild.id, who.id, role.id)


async def stored(server: SimulatedServer) -> list[list[dict[str, object]]]:
    """Returns what a press could change."""
    tables = ("guild", "series", "session", "rsvp", "draft", "delivery")
    return [await server.read(f"SELECT * FROM {table}") for table in tables]


@pytest.mark.parametrize("label", ["Schedule it", "Change", "Seats and tone"])
async def test_whoever_loses_the_role_that_may_host_posts_no_preview(
    server: SimulatedServer, label: str
) -> None:
    kim, role = someone_with(server)
    await server.organizer.slash(server.chat, "settings", host_role=role)
    preview = await kim.slash(
        server.chat, "jelly new", what="Mine", when="thursday 10-16", where="Home"
    )
    take_away(server, kim, role)
    before = await stored(server)
    assert said(await press(kim, preview, label)).startswith("You need the role")
    assert await stored(server) == before


async def test_whoever_gets_the_role_back_posts_it(server: SimulatedServer) -> None:
    kim, role = someone_with(server)
    await server.organizer.slash(server.chat, "settings", host_role=role)
    preview = await kim.slash(
        server.chat, "jelly new", what="Mine", when="thursday 10-16", where="Home"
    )
    take_away(server, kim, role)
    await press(kim, preview, "Schedule it")
    server.environment.backend.add_member_role(server.guild.id, kim.id, role.id)
    assert "is scheduled for" in said(await press(kim, preview, "Schedule it"))


@pytest.mark.parametrize(
    ("command", "options", "label"),
    [
        ("jelly move", {"where": "Home"}, "Save it"),
        ("jelly move", {"where": "Home"}, "Change"),
        ("jelly skip", {}, "Call it off"),
        ("headcount session", {}, "Take someone off"),
        ("headcount session", {}, "Check people in"),
        ("headcount session", {}, "Table (CSV)"),
        ("headcount session", {}, "List to copy"),
    ],
)
async def test_a_former_host_presses_in_vain(
    server: SimulatedServer, command: str, options: dict[str, str], label: str
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, host=sam)
    await jordan.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    opened = await sam.slash(server.chat, command, jelly="Thursday jelly", **options)
    await edit(server, host=priya)
    before = await stored(server)
    refused = said(await press(sam, opened, label))
    assert refused.startswith(f"Only its host {priya.mention} or an organizer")
    assert jordan.mention not in refused
    assert await stored(server) == before


async def test_a_former_host_sends_a_form_in_vain(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, host=sam)
    form = await sam.slash(server.chat, "jelly edit", jelly="Thursday jelly")
    await edit(server, host=priya)
    before = await stored(server)
    refused = await sam.submit_modal(form, {**filled(form), "host": [sam]})
    assert said(refused).startswith("Only its host")
    assert await stored(server) == before


async def test_a_former_host_lets_nobody_in(server: SimulatedServer) -> None:
    """The question is in the channel, where everybody sees its buttons."""
    sam, priya, jordan = server.members
    await schedule(server, host=sam, answers_close="6 days")
    await answer(server, jordan, "going")
    await server.settle()
    await edit(server, host=priya)
    [question] = told(server, "would like to")
    for who in (sam, jordan):
        assert said(await who.click(question, label="Let them in")).startswith("Only its host")
    assert "**1 coming**" in text_of(server.card())  # its host
    await priya.click(question, label="Let them in")
    await server.settle()
    assert "**2 coming**" in text_of(server.card())


async def test_whoever_scheduled_it_for_another_host_may_still_change_it(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=sam, host=priya)
    asked = await sam.slash(server.chat, "jelly cancel", jelly="Thursday jelly")
    assert "is called off" in said(await press(sam, asked, "Call it off"))


async def test_without_manage_events_nothing_of_others_is_called_off(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    kim, role = someone_with(server, discord.Permissions(manage_events=True))
    asked = await kim.slash(server.chat, "jelly cancel", jelly="Thursday jelly")
    take_away(server, kim, role)
    before = await stored(server)
    assert said(await press(kim, asked, "Call it off")).startswith("Only its host")
    assert await stored(server) == before


async def test_without_manage_events_nothing_is_sent_again(server: SimulatedServer) -> None:
    await schedule(server)
    await server.database.write(lambda t: t.run("UPDATE delivery SET state = 'failed'"))
    kim, role = someone_with(server, discord.Permissions(manage_events=True))
    listed = await kim.slash(server.chat, "jelly list")
    take_away(server, kim, role)
    before = await stored(server)
    assert said(await press(kim, listed, "Try again")).startswith("Only its host or an organizer")
    assert await stored(server) == before


async def test_without_manage_server_nothing_is_set_up(empty_town: SimulatedServer) -> None:
    server = empty_town
    kim, role = someone_with(server, discord.Permissions(manage_guild=True))
    form = await kim.slash(
        server.chat, "jelly new", what="Mine", when="thursday 10-16", where="Home"
    )
    take_away(server, kim, role)
    refused = await kim.submit_modal(form, {"channel": [server.chat], "zone": "London"})
    assert "Manage Server" in said(refused)
    assert await server.read("SELECT * FROM guild") == []


async def test_the_host_of_one_date_does_not_change_the_later_ones(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, when="every thursday 10-16")
    await edit(server, host=sam)
    first = "session:1"
    form = await sam.slash(server.chat, "jelly edit", jelly=first)
    assert form.modal is not None
    before = await stored(server)
    refused = await sam.slash(server.chat, "jelly edit", jelly=first, dates="later")
    assert said(refused).startswith(f"Only its host {server.organizer.mention}")
    session = await server.database.read(lambda t: find_session(t, server.guild.id, 1))
    assert session is not None
    forged_id = f"jelly:edit:later:1:{fingerprint(session)}"
    data = {"custom_id": forged_id, "components": form.modal["components"]}
    [result] = await sent_together(server, (sam, server.card(), data), kind=5)
    assert said(result).startswith(f"Only its host {server.organizer.mention}")
    assert await stored(server) == before


async def test_manage_events_in_one_channel_makes_no_organizer_of_the_server(
    server: SimulatedServer,
) -> None:
    """Discord lets a server allow that in a single voice channel, whose chat accepts commands."""
    await schedule(server)
    sam = server.members[0]
    allowed = discord.PermissionOverwrite(manage_events=True)
    lounge = server.guild.create_text_channel("lounge", overwrites={sam: allowed})
    refused = await sam.slash(lounge, "jelly cancel", jelly="Thursday jelly")
    assert said(refused).startswith("Only its host")


@pytest.mark.parametrize("name", ["keep", "usual-mood:chatty", "draft-change:1", "draft-save:1:0"])
async def test_what_is_for_oneself_is_not_pressed_where_all_see_it(
    server: SimulatedServer, name: str
) -> None:
    """It would replace the card, for everybody."""
    await schedule(server)
    card = text_of(server.card())
    refused = await forged(server, server.members[0], f"jelly:{name}", server.card())
    assert refused.ephemeral
    assert "on a message that only you can see" in said(refused)
    assert text_of(server.card()) == card
