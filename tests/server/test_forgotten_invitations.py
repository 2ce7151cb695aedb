"""Invitations of people who were forgotten, and for those who come back."""

from __future__ import annotations

import json

import discord
import pytest

from tests.server.actions import (
    answer,
    member,
)
from tests.server.hosting import (
    told_alone,
)
from tests.server.lives import (
    ask_to_host,
    forget_me,
    rows_with,
    schedule,
)
from tests.server.simulated_server import SimulatedServer
from tests.server.test_invitations import invite, reply


@pytest.mark.parametrize("forgotten", ["who refused", "who is refused", "both"])
async def test_a_refused_host_stays_refused(server: SimulatedServer, forgotten: str) -> None:
    sam, priya, jordan = server.members
    await server.set_up()
    await schedule(server, priya, "Thursday jelly", "thursday 10-16")
    await invite(server, sam, by=priya)
    await reply(sam, "Not from this host")
    for who in {"who refused": [sam], "who is refused": [priya]}.get(forgotten, [sam, priya]):
        await forget_me(server, who)
        assert await rows_with(server, who) == []
    await schedule(server, priya, "Friday jelly", "friday 10-16")
    refused = await invite(server, sam, by=priya, session="Friday jelly")
    assert "isn't taking invitations" in refused
    await schedule(server, jordan, "Jordan's jelly", "saturday 10-16")
    assert "is invited" in await invite(server, sam, by=jordan, session="Jordan's jelly")


async def test_a_no_to_an_invitation_stays_a_no(server: SimulatedServer) -> None:
    """To the date itself, and as one of the dates of its series."""
    sam, priya, _ = server.members
    await server.set_up()
    await schedule(server, priya, "Weekly", "every thursday 10-16")
    await invite(server, sam, by=priya, session="session:2")
    await reply(sam, "No thanks")
    await answer(server, sam, "declined", session="session:3")
    await forget_me(server, sam)
    assert await rows_with(server, sam) == []
    for session in ("session:2", "session:3"):
        assert "has said no" in await invite(server, sam, by=priya, session=session)
    await invite(server, sam, by=priya, session="session:1", all_dates=True)
    await reply(sam, "I'm in")
    going = await server.read(
        "SELECT session_id FROM rsvp WHERE user_id = :sam AND answer = 'going'", sam=sam.id
    )
    assert {row["session_id"] for row in going} & {1, 2, 3, 4} == {1, 4}


async def test_nobody_is_invited_or_invites_more_often_by_being_forgotten(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await server.set_up()
    await schedule(server, priya, "Thursday jelly", "thursday 10-16")
    await schedule(server, priya, "Friday jelly", "friday 10-16")
    await schedule(server, priya, "Saturday jelly", "saturday 10-16")
    for session in ("Thursday jelly", "Friday jelly"):
        assert "is invited" in await invite(server, sam, by=priya, session=session)
    await forget_me(server, sam)
    again = await invite(server, sam, by=priya, session="Saturday jelly")
    assert "has had 2 invitations today, the most here" in again
    for number in range(8):
        someone = member(server, f"Person{number}")
        assert "is invited" in await invite(server, someone, by=priya)
    await forget_me(server, priya)
    await schedule(server, priya, "Sunday jelly", "sunday 10-16")
    last = await invite(server, member(server, "Last"), by=priya, session="Sunday jelly")
    assert "You've sent 10 invitations today" in last


@pytest.mark.parametrize("whole", [False, True], ids=["date", "series"])
async def test_what_a_forgotten_person_asked_is_asked_no_more(
    server: SimulatedServer, whole: bool
) -> None:
    """Also if it was to host what goes on without them."""
    sam, priya, _ = server.members
    await server.set_up()
    powers = server.guild.create_role("Powers", permissions=discord.Permissions(manage_guild=True))
    asker = server.guild.add_member(
        server.environment.create_user("asker", global_name="Asker"), roles=[powers]
    )
    when = "every thursday 10-16" if whole else "thursday 10-16"
    await schedule(server, priya, "Jelly", when)
    await ask_to_host(server, sam, "Jelly", by=asker)
    await forget_me(server, asker)
    assert await server.read("SELECT state FROM invitation") == [{"state": "withdrawn"}]
    assert told_alone(sam) == []
    hosts = await server.read("SELECT DISTINCT host_id FROM session")
    assert [row["host_id"] for row in hosts] == [priya.id]


async def test_invitations_to_what_a_forgotten_person_hosts_end(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await server.set_up()
    await schedule(server, priya, "Weekly", "every thursday 10-16")
    await answer(server, server.organizer, "going", session="session:1", member=sam, all_dates=True)
    await server.settle()
    await forget_me(server, priya)
    assert await server.read("SELECT state FROM invitation") == [{"state": "withdrawn"}]
    assert told_alone(sam) == []


async def test_invitations_are_exported_without_anybody_else(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await server.set_up()
    await schedule(server, priya, "Priya's jelly", "thursday 10-16")
    await schedule(server, sam, "Sam's jelly", "friday 10-16")
    await invite(server, sam, by=priya, session="Priya's jelly")
    await invite(server, jordan, by=sam, session="Sam's jelly")
    await reply(sam, "Not from this host")
    sent = await sam.slash(server.chat, "me export")
    assert sent.response is not None
    files = {one.filename: (await one.read()).decode() for one in sent.response.attachments}
    stored = json.loads(files["jelly-about-me.json"])["stored"]
    got, asked = stored["invitation"]
    assert got["about"]["jelly"] == "Priya's jelly"
    assert got["yours"] | {"invited_at": ""} == {
        "user_id": str(sam.id),
        "state": "declined",
        "invited_at": "",
    }
    assert asked["about"]["jelly"] == "Sam's jelly"
    assert asked["yours"] == {"invited_by": str(sam.id)}
    assert [set(row["yours"]) for row in stored["refused_host"]] == [{"user_id"}]
    for someone in (priya, jordan, server.organizer):
        assert str(someone.id) not in "".join(files.values())
