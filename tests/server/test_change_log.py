"""Who changed what can be looked up: all of it by organizers, by hosts for their own jellies."""

from __future__ import annotations

import simcord

from data.changes import forget_old_changes
from tests.moments import DAY, HOUR, MONDAY
from tests.server.actions import call_off, drafted, edit, forged, schedule
from tests.server.hosting import move, press
from tests.server.simulated_server import SimulatedServer, buttons_of, said


async def log(server: SimulatedServer, who: simcord.MemberActor) -> str:
    """Returns what someone reads in the log."""
    result = await who.slash(server.chat, "jelly log")
    assert result.ephemeral
    return said(result)


def entries(text: str) -> list[str]:
    """Returns the entries of a page, without when they were made."""
    return [line.partition("> ")[2] for line in text.splitlines() if line.startswith("<t:")]


async def test_whatever_is_done_to_a_jelly_is_noted_newest_first(server: SimulatedServer) -> None:
    await server.set_up()
    robin = f"<@{server.organizer.id}>"
    await schedule(server)
    await edit(server, what="Tea")
    await move(server, "Tea", "friday 11-16")
    await call_off(server, which="Tea")
    called_off, moved, edited, scheduled, settings = entries(await log(server, server.organizer))
    day = "<t:1795777200:D>"
    assert scheduled == f"{robin} scheduled **Thursday jelly** on {day}"
    assert edited == f"{robin} edited **Tea** on {day}: name"
    assert moved.startswith(f"{robin} moved **Tea** on {day} from <t:")
    assert called_off == f"{robin} called off **Tea** on {day}"
    assert settings == f"{robin} changed the settings: channel, time zone"


async def test_a_new_place_is_told_with_the_one_before(server: SimulatedServer) -> None:
    await server.set_up()
    await schedule(server)
    preview = await server.organizer.slash(
        server.jellies, "jelly move", jelly="Thursday jelly", where="My *home*"
    )
    await press(server.organizer, preview, "Save it")
    moved = entries(await log(server, server.organizer))[0]
    assert moved.endswith("from The Alb to My \\*home\\*")


async def test_a_series_leaves_its_whole_life_in_the_log(server: SimulatedServer) -> None:
    await server.set_up()
    who, where = server.organizer, server.jellies
    await schedule(server, title="Daily", when="every day 10-16")
    added = await who.slash(where, "jelly extra", jelly="series:1", when="thursday 18-20")
    await press(who, added, "Add it")
    paused = await who.slash(where, "jelly pause", jelly="series:1", until="jan 5")
    await press(who, paused, "Pause it")
    await who.slash(where, "jelly resume", jelly="series:1")
    ended = await who.slash(where, "jelly end", jelly="series:1")
    await press(who, ended, "End it")
    done = [entry.split("> ", 1)[1] for entry in entries(await log(server, who))]
    assert [one.split(":")[0].split(" until")[0] for one in done[:-1]] == [
        "ended **Daily**",
        "resumed **Daily**",
        "paused **Daily**",
        "added a date",
        "scheduled **Daily**",
    ]


async def test_who_is_let_in_and_who_is_taken_off_is_noted(server: SimulatedServer) -> None:
    await server.set_up()
    sam, priya, _ = server.members
    await schedule(server, answers_close="3 days")
    await server.at(MONDAY + 2 * HOUR)
    for who in (sam, priya):
        await who.click(server.card(), label="Ask to join")
    await forged(server, server.organizer, f"jelly:request:1:{sam.id}:going", server.card())
    await forged(server, server.organizer, f"jelly:request:1:{priya.id}:declined", server.card())
    turned_down, let_in, *_ = entries(await log(server, server.organizer))
    assert f"let <@{sam.id}> join **Thursday jelly**" in let_in
    assert f"turned down <@{priya.id}> for **Thursday jelly**" in turned_down


async def test_hosts_read_what_concerns_their_jellies_and_members_nothing(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam, priya, jordan = server.members
    await schedule(server, title="Sam's", by=sam)
    await schedule(server, title="Priya's", by=priya, host=jordan)
    await call_off(server, which="Sam's")
    his = entries(await log(server, sam))
    assert [one.split("> ")[1][:9] for one in his] == ["called of", "scheduled"]
    assert "Priya's" in await log(server, priya)
    assert "Sam's" not in await log(server, priya)
    assert "Nothing you can look up has changed" in await log(server, member_of_nothing(server))
    everything = entries(await log(server, server.organizer))
    assert len(everything) == 6
    assert f"{priya.mention} asked {jordan.mention} to host" in everything[2]
    assert f"{jordan.mention} agreed to host" in everything[1]


def member_of_nothing(server: SimulatedServer) -> simcord.MemberActor:
    return server.guild.add_member(server.environment.create_user("kim", global_name="Kim"))


async def test_only_what_is_saved_is_noted_and_nothing_twice(server: SimulatedServer) -> None:
    await server.set_up()
    await drafted(server)
    await schedule(server)
    await edit(server)
    await server.organizer.slash(server.chat, "settings", card="6 days")
    assert len(entries(await log(server, server.organizer))) == 2


async def test_which_settings_were_changed_is_noted(server: SimulatedServer) -> None:
    await server.set_up()
    await server.organizer.slash(
        server.chat, "settings", card="5 days", thanks=False, organizers=server.chat
    )
    told = entries(await log(server, server.organizer))[0]
    assert told.endswith(
        "changed the settings: when cards are posted, monthly thanks, channel for organizers"
    )


async def test_a_long_log_has_pages_that_work_after_a_restart(server: SimulatedServer) -> None:
    await server.set_up()
    for number in range(24):
        await schedule(server, title=f"Jelly {number}")
    shown = await server.organizer.slash(server.chat, "jelly log")
    await server.restart()
    seen: list[str] = []
    for left, buttons in (
        ("-# and 15 more", ["Next page"]),
        ("-# and 5 more", ["First page", "Next page"]),
        ("", ["First page"]),
    ):
        assert shown.response is not None
        assert left in said(shown)
        assert buttons_of(shown.response) == buttons
        seen += entries(said(shown))
        shown = await server.organizer.click(shown.response, label=buttons[-1])
    assert len(seen) == len(set(seen)) == 25
    assert seen[-1].endswith("changed the settings: channel, time zone")
    assert "-# and 15 more" in said(shown)


async def test_an_old_log_is_forgotten_in_steps(server: SimulatedServer) -> None:
    await server.set_up()
    await schedule(server)
    await server.at(MONDAY + 89 * DAY)
    assert len(entries(await log(server, server.organizer))) == 2
    now = MONDAY + 90 * DAY
    await server.at(now)
    assert "Nothing you can look up has changed in the last 90 days" in await log(
        server, server.organizer
    )
    for left in (1, 1, 0):
        assert left == await server.database.write(
            lambda t: forget_old_changes(t, until=now - 90 * DAY, limit=1)
        )
    assert await server.read("SELECT * FROM change") == []


async def test_twenty_changes_an_hour_are_enough_for_one_person(server: SimulatedServer) -> None:
    await server.set_up()
    await server.at(MONDAY + HOUR)
    sam = server.members[0]
    await schedule(server, by=sam)
    for hour in range(10, 20):
        for minute in (0, 30):
            if len(await server.read("SELECT * FROM change WHERE made_by = :sam", sam=sam.id)) < 20:
                preview = await sam.slash(
                    server.jellies, "jelly move", jelly="session:1", where=f"Room {hour}:{minute}"
                )
                await press(sam, preview, "Save it")
    refused = said(await sam.slash(server.jellies, "jelly move", jelly="session:1", where="Home"))
    again = int((MONDAY + 2 * HOUR).timestamp())
    assert "20 changes an hour" in refused
    assert f"<t:{again}:F>" in refused
    await server.at(MONDAY + 2 * HOUR)
    preview = await sam.slash(server.jellies, "jelly move", jelly="session:1", where="Home")
    assert "**Thursday jelly** is changed" in said(await press(sam, preview, "Save it"))
