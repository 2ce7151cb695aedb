"""Everything that is stored about a person is given to that person, and nothing else."""

from __future__ import annotations

import json

import simcord

from tests.server.hosting import (
    Neighbours,
    open_next_door,
    press,
)
from tests.server.lives import (
    NAME,
    WORD,
    live,
    newcomer,
    rows_with,
)
from tests.server.simulated_server import SimulatedServer


async def test_everything_stored_is_given_to_whom_it_is_about(server: SimulatedServer) -> None:
    await server.set_up()
    canary = await newcomer(server)
    await live(server, canary)
    other = await open_next_door(server)
    await schedule_next_door(other, canary)
    options = {"what": f"{WORD} draft", "when": "friday 10-12", "where": "Home"}
    await canary.slash(server.chat, "jelly new", **options)
    sent = await canary.slash(server.chat, "me export")
    assert sent.ephemeral
    assert sent.response is not None
    files = {one.filename: (await one.read()).decode() for one in sent.response.attachments}
    text, data = files["jelly-about-me.txt"], json.loads(files["jelly-about-me.json"])
    assert data["user_id"] == str(canary.id)
    held = {table.partition(".")[0] for table in await rows_with(server, canary)}
    assert set(data["stored"]) == held
    servers = {row["about"]["guild_id"] for row in data["stored"]["member"]}
    assert servers == {str(server.guild.id), str(other.guild.id)}
    for words in (f"{WORD} note", f"{WORD} soup", f"{WORD} draft", f"{WORD} Cellar", NAME):
        assert words in text, words
        assert words in files["jelly-about-me.json"], words
    [answered] = [
        row for row in data["stored"]["rsvp"] if row["yours"].get("note") == f"{WORD} note"
    ]
    assert answered["about"]["jelly"] == "Thursday jelly"
    assert answered["yours"]["arrived_at"].startswith("2026-11-26T10:00:00")
    for someone in (server.organizer, *server.members):
        assert str(someone.id) not in text + files["jelly-about-me.json"]


async def schedule_next_door(other: Neighbours, guest: simcord.MemberActor) -> None:
    """Has a person answer in another server as well."""
    preview = await other.organizer.slash(
        other.channel, "jelly new", what="Next jelly", when="dec 20 10-16", where="Elsewhere"
    )
    await press(other.organizer, preview, "Schedule it")
    there = other.guild.add_member(guest.user)
    await there.slash(other.channel, "rsvp", jelly="Next jelly", answer="going")
