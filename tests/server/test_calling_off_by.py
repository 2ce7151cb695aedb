"""Organizers call off everything by one person in one step, after seeing how much that is."""

from __future__ import annotations

import discord
import simcord
from simcord.backend.models import Overwrite
from simcord.enums import OverwriteType

from data.limits import CALLED_OFF_AT_ONCE
from tests.moments import HOUR, THURSDAY_10
from tests.server.actions import drafted, forged, schedule, told
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, buttons_of, said
from tests.server.test_change_log import entries, log


async def ask(server: SimulatedServer, about: simcord.MemberActor) -> simcord.InteractionResult:
    """Returns the private preview of calling off everything by someone."""
    shown = await server.organizer.slash(server.chat, "jelly cancel-by", member=about.user)
    assert shown.ephemeral
    return shown


async def states(server: SimulatedServer) -> dict[str, str]:
    """Returns what became of each jelly, by its title; of a series of its dates."""
    rows = await server.read("SELECT DISTINCT title, state FROM session WHERE ends_at > 0")
    return {row["title"]: row["state"] for row in rows}


async def test_everything_that_they_scheduled_or_host_is_called_off_and_nothing_else(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam, priya, jordan = server.members
    await schedule(server, by=sam, title="Sam's")
    await schedule(server, by=sam, title="Days of Sam", when="every friday 10-16")
    await schedule(server, by=priya, title="Hosted by Sam", host=sam)
    await schedule(server, by=sam, title="Hosted by Priya", host=priya)
    await schedule(server, by=priya, title="Priya's")
    await jordan.click(server.card("Sam's"), label="Going")
    shown = await ask(server, sam)
    assert f"Call off everything by <@{sam.id}>?" in said(shown)
    assert "11 dates, 1 whole series among them" in said(shown)
    assert said(shown).count("**Sam's**") == 1
    assert "-# and 6 more" in said(shown)
    assert set((await states(server)).values()) == {"scheduled"}
    after = await press(server.organizer, shown, "Call it all off")
    await server.settle()
    assert f"11 dates by <@{sam.id}> are called off." in said(after)
    assert await states(server) == {
        "Sam's": "cancelled",
        "Days of Sam": "cancelled",
        "Hosted by Sam": "cancelled",
        "Hosted by Priya": "cancelled",
        "Priya's": "scheduled",
    }
    [notice] = [text for text in server.messages() if "Sam's**" in text and "called off" in text]
    assert f"<@{jordan.id}>" in notice


async def test_what_they_have_open_is_withdrawn_and_it_is_in_the_log(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam = server.members[0]
    await schedule(server, by=sam)
    preview = await drafted(server, by=sam, title="Another")
    await server.database.write(
        lambda t: t.run(
            """
            INSERT INTO invitation (guild_id, session_id, user_id, invited_by, to_host, invited_at)
            VALUES (:guild_id, 1, 9, :sam, 0, 1)
            """,
            guild_id=server.guild.id,
            sam=sam.id,
        )
    )
    await press(server.organizer, await ask(server, sam), "Call it all off")
    assert "That preview has been used" in said(await press(sam, preview, "Schedule it"))
    assert await server.read("SELECT state FROM invitation") == [{"state": "withdrawn"}]
    newest = entries(await log(server, server.organizer))[0]
    expected = f"<@{server.organizer.id}> called off everything by <@{sam.id}>: 1 date"
    assert newest == expected
    assert entries(await log(server, sam))[0] == expected


async def test_someone_who_has_left_is_chosen_too(server: SimulatedServer) -> None:
    await server.set_up()
    sam = server.members[0]
    await schedule(server, by=sam)
    server.environment.backend.remove_member(server.guild.id, sam.id)
    await press(server.organizer, await ask(server, sam), "Call it all off")
    assert await states(server) == {"Thursday jelly": "cancelled"}


async def test_what_is_over_stays_and_what_is_on_is_called_off(server: SimulatedServer) -> None:
    await server.set_up()
    sam = server.members[0]
    await schedule(server, by=sam, title="Over", when="today 9:30-9:45")
    await schedule(server, by=sam, title="On", when="thursday 9-12")
    await server.at(THURSDAY_10)
    await press(server.organizer, await ask(server, sam), "Call it all off")
    assert await states(server) == {"Over": "scheduled", "On": "cancelled"}
    assert "nothing ahead here" in said(await ask(server, sam))


async def test_pressing_twice_calls_off_once(server: SimulatedServer) -> None:
    await server.set_up()
    sam, priya, _ = server.members
    await schedule(server, by=sam)
    await priya.click(server.card(), label="Going")
    shown = await ask(server, sam)
    await press(server.organizer, shown, "Call it all off")
    before = await server.read("SELECT * FROM change")
    assert shown.response is not None
    await server.settle()
    assert len(told(server, "is called off")) == 1
    assert buttons_of(shown.response) == []
    again = await forged(server, server.organizer, f"jelly:cancel-by:{sam.id}", shown.response)
    assert "nothing ahead here" in said(again)
    assert await server.read("SELECT * FROM change") == before


async def test_thousands_are_called_off_in_steps_with_the_rest_said(
    server: SimulatedServer,
) -> None:
    """Before there were limits, one person could have any number."""
    await server.set_up()
    sam = server.members[0]
    await schedule(server, by=sam)
    await server.database.write(
        lambda t: t.run(
            """
            INSERT INTO session (guild_id, channel_id, title, place, about, host_id, created_by,
                zone, starts_local, duration, starts_at, ends_at)
            WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 600)
            SELECT guild_id, channel_id, title || n, place, about, host_id, created_by,
                zone, starts_local, duration, starts_at + n, ends_at + n FROM session, number
            """
        )
    )
    shown = await ask(server, sam)
    assert f"more than {CALLED_OFF_AT_ONCE} dates" in said(shown)
    first = await press(server.organizer, shown, "Call it all off")
    assert f"{CALLED_OFF_AT_ONCE} dates by" in said(first)
    assert "Still ahead: 101 dates." in said(first)
    second = await press(server.organizer, first, "Call off the rest")
    assert "101 dates by" in said(second)
    assert second.response is not None
    assert buttons_of(second.response) == []
    assert set((await states(server)).values()) == {"cancelled"}


def hide_from(server: SimulatedServer, who: simcord.MemberActor) -> None:
    """Hides the channel for jellies from someone."""
    hidden = discord.Permissions(view_channel=True).value
    overwrite = Overwrite(who.id, OverwriteType.MEMBER, allow=0, deny=hidden)
    server.environment.backend.edit_channel(server.jellies.id, {}, overwrites=[overwrite])


async def test_organizers_call_off_nothing_in_a_channel_that_they_may_not_view(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam = server.members[0]
    await schedule(server, by=sam)
    shown = await ask(server, sam)
    await server.at(server.clock.moment + HOUR)
    hide_from(server, server.organizer)
    assert "nothing ahead here" in said(await ask(server, sam))
    assert "nothing ahead here" in said(await press(server.organizer, shown, "Call it all off"))
    assert await states(server) == {"Thursday jelly": "scheduled"}
