"""What lists offer while one types: what the command can act on for them, told apart."""

from __future__ import annotations

import pytest
import simcord

from tests.moments import THURSDAY_10
from tests.server.actions import call_off, edit, member, schedule
from tests.server.simulated_server import SimulatedServer, said

CHANGING = ("edit", "move", "skip", "extra", "pause", "cancel", "end")


async def names(
    server: SimulatedServer,
    command: str,
    typed: str = "",
    *,
    who: simcord.MemberActor | None = None,
    option: str = "jelly",
    **options: object,
) -> list[str]:
    """Returns the names that the option of a command offers to the organizer, or someone else."""
    choices = await (who or server.organizer).autocomplete(
        server.jellies, command, option, typed, **options
    )
    return [str(one["name"]) for one in choices]


async def pause(server: SimulatedServer, which: str) -> None:
    asked = await server.organizer.slash(server.jellies, "jelly pause", jelly=which)
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Pause it")
    await server.settle()


async def series_id(server: SimulatedServer, title: str) -> str:
    [choice] = await server.organizer.autocomplete(server.jellies, "jelly end", "jelly", title)
    return str(choice["value"])


def titles(found: list[str]) -> set[str]:
    return {name.removeprefix("All dates of ").split(" · ")[0] for name in found}


async def test_what_is_paused_can_be_resumed_and_what_goes_on_paused(
    server: SimulatedServer,
) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    await schedule(server, title="Fridays", when="every friday 10-16")
    assert await names(server, "jelly resume") == []
    await pause(server, await series_id(server, "Weekly"))
    assert titles(await names(server, "jelly resume")) == {"Weekly"}
    assert titles(await names(server, "jelly pause")) == {"Fridays"}
    for command in ("end", "extra", "edit", "cancel"):
        assert {"Weekly", "Fridays"} <= titles(await names(server, f"jelly {command}"))
    resumed = await server.organizer.slash(server.jellies, "jelly resume", jelly="weekly")
    assert "Weekly" in said(resumed)
    await server.settle()
    assert await names(server, "jelly resume") == []


async def test_a_pause_that_is_over_is_nothing_to_resume(server: SimulatedServer) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly pause", jelly=await series_id(server, "Weekly"), until="dec 1"
    )
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Pause it")
    await server.settle()
    assert len(await names(server, "jelly resume")) == 1
    await server.at(THURSDAY_10.replace(month=12, day=1))
    assert await names(server, "jelly resume") == []
    assert len(await names(server, "jelly pause")) == 1


@pytest.mark.parametrize("command", CHANGING)
async def test_each_person_is_offered_what_they_may_change(
    server: SimulatedServer, command: str
) -> None:
    sam, priya, _ = server.members
    for host in (sam, server.organizer):
        await schedule(server, title=f"{host.user.name} once", when="friday 10-16", by=host)
        await schedule(server, title=f"{host.user.name} weekly", when="every friday 18-20", by=host)
    assert await names(server, f"jelly {command}", who=priya) == []
    assert {title.split()[0] for title in titles(await names(server, f"jelly {command}"))} == {
        *("sam", "robin"),
    }
    for typed in ("", "weekly"):
        offered = await names(server, f"jelly {command}", typed, who=sam)
        assert offered
        assert {title.split()[0] for title in titles(offered)} == {"sam"}


async def test_someone_is_answered_for_at_what_one_may_change(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, title="Sam's", by=sam)
    await schedule(server, title="Robin's")
    assert len(await names(server, "rsvp", option="jelly", who=sam)) == 2
    offered = await names(server, "rsvp", option="jelly", who=sam, member=priya)
    assert titles(offered) == {"Sam's"}
    assert len(await names(server, "headcount session", who=priya)) == 2


async def test_a_series_with_a_date_of_another_host_is_not_theirs_to_end(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, title="Weekly", when="every thursday 10-16", by=sam)
    await edit(server, which="Weekly", host=priya)
    assert await names(server, "jelly end", who=sam) == []
    assert not any("All dates" in name for name in await names(server, "jelly cancel", who=sam))
    assert len(await names(server, "jelly pause", who=sam)) == 1
    assert len(await names(server, "jelly end")) == 1


async def test_one_more_date_is_offered_to_those_who_may_write(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, title="Weekly", when="every thursday 10-16", by=sam)
    assert len(await names(server, "jelly extra", who=sam)) == 1
    server.mute(server.jellies, sam)
    assert await names(server, "jelly extra", who=sam) == []
    assert len(await names(server, "jelly end", who=sam)) == 1


async def test_what_was_called_off_or_is_over_is_not_offered(server: SimulatedServer) -> None:
    await schedule(server)
    await schedule(server, title="Weekly", when="every thursday 10-16 1 time")
    await call_off(server)
    assert titles(await names(server, "jelly edit")) == {"Weekly"}
    await server.at(THURSDAY_10.replace(hour=16))
    for command in (*CHANGING, "resume"):
        assert await names(server, f"jelly {command}") == []


async def test_jellies_that_read_alike_are_told_apart_by_place_host_and_number(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]

    async def at_place(place: str, by: simcord.MemberActor, when: str) -> None:
        shown = await by.slash(server.jellies, "jelly new", what="Jelly", when=when, where=place)
        assert shown.response is not None
        await by.click(shown.response, label="Schedule it")

    for when in ("thursday 10-16", "every thursday 10-16"):
        await at_place("The Alb", server.organizer, when)
        await at_place("The Alb", sam, when)
        await at_place("The Alb", sam, when)
        await at_place("The Shrew", sam, when)
    await server.settle()
    endings = ["The Alb · Robin", "The Alb · Sam · #1", "The Alb · Sam · #2", "The Shrew"]
    found = await names(server, "jelly end", "all dates")
    for name, ending in zip(found, endings, strict=True):
        assert name.endswith(f" · {ending}")
    once = await names(server, "headcount session", "26 nov the shrew")
    assert [name.split("10:00")[-1] for name in once] == [" · #1", " · #2"]


async def test_a_jelly_is_found_by_its_place_and_its_host(server: SimulatedServer) -> None:
    sam = member(server, "Zoë")
    await schedule(server, title="Quiet day", by=sam)
    await schedule(server, title="Loud day", when="friday 10-16")
    await edit(server, which="Loud", where="Café Ørsted")
    for typed in ("cafe", "CAFÉ ORSTED", "orsted loud", "fri ørsted", "@robin", "robin"):
        assert titles(await names(server, "headcount session", typed)) == {"Loud day"}, typed
    for typed in ("zoe", "@ZOË", "alb"):
        assert titles(await names(server, "headcount session", typed)) == {"Quiet day"}, typed
    shown = await server.organizer.slash(server.chat, "headcount session", jelly="cafe orsted")
    assert "Loud day" in said(shown)


async def test_the_host_whom_one_finds_is_the_present_one(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server, host=sam)
    assert len(await names(server, "headcount session", "sam")) == 1
    assert await names(server, "headcount session", "robin") == []


async def test_lists_have_at_most_25_names_of_100_characters(server: SimulatedServer) -> None:
    long = "👩‍👩‍👧‍👦 פגישה " * 8
    for number in range(26):
        await schedule(server, title=long[:99], when=f"thursday {8 + number % 2}:00-16:00")
    found = await names(server, "jelly edit", "פגישה")
    assert len(found) == len(set(found)) == 25
    assert max(map(len, found)) <= 100
    assert all("26 Nov 2026" in name for name in found)


async def test_what_was_chosen_is_not_looked_for_in_titles(server: SimulatedServer) -> None:
    await schedule(server)
    await schedule(server, title="All of session:1, series:1 and series:2", when="friday 10-16")
    await call_off(server)
    for command, which in (("move", "session:1"), ("end", "series:1"), ("edit", "series:2")):
        options = {"where": "Home"} if command == "move" else {}
        refused = await server.organizer.slash(
            server.jellies, f"jelly {command}", jelly=which, **options
        )
        told = said(refused)
        assert "called off" in told or "I can't tell which jelly" in told


async def test_ones_own_jelly_is_offered_behind_many_of_others(server: SimulatedServer) -> None:
    sam = server.members[0]
    for number in range(26):
        await schedule(server, title=f"Robin's {number}", when="thursday 10-16")
    await schedule(server, title="Sam's", when="friday 10-16", by=sam)
    assert titles(await names(server, "jelly edit", who=sam)) == {"Sam's"}


async def test_of_several_that_fit_a_name_goes_before_a_place(server: SimulatedServer) -> None:
    await schedule(server, title="Home jelly")
    await schedule(server, title="Friday jelly", when="friday 10-16")
    await edit(server, which="Friday", where="Home of Robin")
    assert len(await names(server, "headcount session", "home")) == 2
    shown = await server.organizer.slash(server.chat, "headcount session", jelly="home")
    assert "Home jelly" in said(shown)
    asked = await server.organizer.slash(server.chat, "headcount session", jelly="jelly")
    assert "I can't tell which jelly" in said(asked)
