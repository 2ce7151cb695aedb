"""Who is coming, as everybody sees it, and as the host exports it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import simcord

from bot.messages.exports import COLUMNS
from tests.moments import DAY, ENDS, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import crowd
from tests.server.hosting import (
    begin,
    headcount,
    open_next_door,
    plan,
    press,
    rows_of,
    schedule_with,
    table,
    table_file,
)
from tests.server.simulated_server import SimulatedServer, buttons_of, said


async def test_everybody_sees_who_comes_and_those_going_also_when(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    await sam.slash(
        server.jellies,
        "rsvp",
        jelly="Thursday jelly",
        answer="going",
        note="my thesis",
        guests=1,
        mood="chatty",
        hours="10:30 to 13",
    )
    await priya.click(server.card(), label="Going")
    await jordan.click(server.card(), label="Maybe")
    for reader, sees_hours in ((server.organizer, True), (priya, True), (jordan, False)):
        shown = await headcount(server, reader)
        assert shown.ephemeral
        text = said(shown)
        assert f"{sam.mention} +1 · up for a chat · " in text
        assert "my thesis" in text
        assert f"**1 maybe**\n{jordan.mention}" in text
        assert ("10:30 to 13:00" in text) is sees_hours
        assert ("Those going see who's here, and who comes when." in text) is not sees_hours


async def test_only_the_host_learns_who_is_new(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await plan(server, sam)
    assert f"{sam.mention} · first time here" in said(await headcount(server, server.organizer))
    assert "first time" not in said(await headcount(server, priya))


async def test_the_buttons_of_a_headcount_are_for_its_host_and_organizers(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule_with(server, host=sam)
    assert _host_buttons(await headcount(server, priya)) == []
    for reader in (sam, server.organizer):
        before = _host_buttons(await headcount(server, reader))
        assert before == ["Take someone off", "Table (CSV)", "List to copy"]
    await server.at(THURSDAY_10)
    assert _host_buttons(await headcount(server, sam)) == [
        *("Check people in", "Take someone off", "Table (CSV)", "List to copy")
    ]
    assert _host_buttons(await headcount(server, priya)) == []
    await server.at(ENDS)
    after = ["Check people in", "Table (CSV)", "List to copy"]
    assert _host_buttons(await headcount(server, sam)) == after
    await server.at(ENDS + DAY)
    assert _host_buttons(await headcount(server, sam)) == after[1:]


async def test_the_table_opens_in_a_spreadsheet_and_computes_nothing(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    formula = server.guild.add_member(server.environment.create_user("sum", global_name="@SUM(A1)"))
    await formula.slash(
        server.jellies, "rsvp", jelly="Thursday jelly", answer="going", note="=1+1", mood="chatty"
    )
    await sam.slash(
        server.jellies,
        "rsvp",
        jelly="Thursday jelly",
        answer="going",
        note='a "quoted", café',
        guests=1,
        hours="11 to 13",
    )
    await priya.click(server.card(), label="Maybe")
    await jordan.click(server.card(), label="Can't make it")
    await server.at(THURSDAY_10 + 90 * MINUTE)
    await sam.click(server.card(), label="I'm here")
    await server.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(server.card(), label="Heading off")
    file, data = await table_file(server)
    assert file == "thursday-jelly-2026-11-26.csv"
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = rows_of(data)
    assert tuple(header) == COLUMNS
    day = "2026-11-26"
    assert rows == [
        ["Robin", "Going", "0", *[""] * 8],
        ["'@SUM(A1)", "Going", "0", "up for a chat", "", "", "'=1+1", "", "", "", ""],
        [
            *("Sam", "Going", "1", "", f"{day} 11:00", f"{day} 13:00", 'a "quoted", café', ""),
            *("yes", f"{day} 11:30", f"{day} 12:00"),
        ],
        ["Priya", "Maybe", "0", *[""] * 8],
        ["Jordan", "Can't make it", "0", *[""] * 8],
    ]


@pytest.mark.parametrize(
    ("people", "last"), [(0, "1. Robin"), (1, "2. Member 0000"), (120, "… and ")]
)
async def test_a_host_takes_the_list_home_however_many_there_are(
    server: SimulatedServer, people: int, last: str
) -> None:
    await server.schedule()
    await crowd(server, people)
    shown = await headcount(server, server.organizer)
    everybody = 1 + people  # with the host
    assert f"**{everybody} coming**" in said(shown)
    assert len(said(shown)) <= 2000
    assert len(await table(server)) == 1 + everybody
    listed = await press(server.organizer, shown, "List to copy")
    assert listed.ephemeral
    text = said(listed)
    assert len(text) <= 2000
    assert text.startswith("```\n")
    assert text.endswith("\n```")
    lines = text.splitlines()[1:-1]
    assert lines[-1].startswith(last)
    if people == 120:
        assert len(lines) - 1 + int(re.findall(r"\d+", lines[-1])[0]) == everybody


async def test_nothing_typed_ends_the_copyable_list_or_mentions_anybody(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam = server.members[0]
    note = f"```@everyone {sam.mention}"
    await sam.slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going", note=note)
    shown = await headcount(server, server.organizer)
    text = said(await press(server.organizer, shown, "List to copy"))
    assert text.count("```") == 2
    assert "@everyone" not in text
    assert sam.mention not in text


async def test_a_jelly_is_looked_up_for_a_month_after_it(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await begin(server, sam)
    await sam.click(server.card(), label="I'm here")
    await server.at(ENDS + timedelta(days=29))
    [choice] = await server.organizer.autocomplete(
        server.chat, "headcount session", "jelly", "thurs"
    )
    shown = await server.organizer.slash(server.chat, "headcount session", jelly=choice["value"])
    assert "**1 came**" in said(shown)
    rows = await table(server)
    assert [row[8] for row in rows if row[0] == "Sam"] == ["yes"]
    missed = f"**1 more had said they'd come**\n{server.organizer.mention}"
    assert f"**1 came**\n{sam.mention}\n{missed}" in said(await headcount(server, priya))
    await server.at(ENDS + timedelta(days=30))
    assert await server.organizer.autocomplete(server.chat, "headcount session", "jelly", "t") == []
    refused = await headcount(server, server.organizer)
    assert refused.ephemeral
    assert "Choose one from the list" in said(refused)


async def test_a_headcount_of_nothing_is_refused_in_a_sentence(server: SimulatedServer) -> None:
    await server.schedule()
    other = await open_next_door(server)
    for asker, channel, which in (
        (server.organizer, server.chat, "Friday"),
        (server.organizer, server.chat, "session:99"),
        (server.organizer, server.chat, ""),
        (other.organizer, other.channel, "session:1"),
        (other.organizer, other.channel, "Thursday jelly"),
    ):
        refused = await asker.slash(channel, "headcount session", jelly=which)
        assert refused.ephemeral
        assert "I can't tell which jelly" in said(refused)


async def test_a_headcount_tells_those_going_who_is_here_and_all_who_came_afterwards(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await begin(server, sam, priya)
    await sam.click(server.card(), label="I'm here")
    for reader in (server.organizer, priya):
        told = said(await headcount(server, reader))
        assert f"**1 here now**\n{sam.mention}" in told
        assert "**2 more coming**" in told
    outside = said(await headcount(server, jordan))
    assert f"**1 here now** · 3 coming in all\n{server.organizer.mention}" in outside
    assert "-# Those going see who's here, and who comes when." in outside
    await sam.click(server.card(), label="Heading off")
    assert f"{sam.mention} · has left" in said(await headcount(server, priya))
    assert "has left" not in said(await headcount(server, jordan))
    await sam.click(server.card(), label="I'm here")
    await server.at(ENDS)
    for reader in (server.organizer, priya, jordan):
        came, missed = said(await headcount(server, reader)).split(
            "**2 more had said they'd come**"
        )
        assert f"**1 came**\n{sam.mention}" in came
        assert priya.mention in missed


def _host_buttons(shown: simcord.InteractionResult) -> list[str]:
    assert shown.response is not None
    return buttons_of(shown.response)


async def test_headcounts_say_how_many_whatever_is_cut(server: SimulatedServer) -> None:
    await server.schedule()
    await crowd(server, 120)
    await server.members[0].click(server.card(), label="Maybe")
    text = said(
        await server.organizer.slash(server.jellies, "headcount session", jelly="Thursday jelly")
    )
    assert "**121 coming** · 1 maybe" in text
