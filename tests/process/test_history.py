"""Attendance over the months, in words and in charts."""

from __future__ import annotations

import signal
import sys

import pytest

from tests.moments import DAY, ENDS, WEEK
from tests.process.drawing_process import Started
from tests.server.hosting import hold, live_until, open_next_door, press
from tests.server.simulated_server import SimulatedServer, said


async def test_the_history_is_two_pictures_and_the_same_figures_in_words(
    server: SimulatedServer,
) -> None:
    await _hold_two_thursdays(server)
    sam = server.members[0]
    requests = len(server.environment.http_requests)
    shown = await sam.slash(server.chat, "headcount history")
    first = server.environment.http_requests[requests]
    assert first.path.endswith("/callback")
    assert first.json is not None
    assert first.json["type"] == 5  # deferred: https://discord.com/developers/docs/interactions/
    assert shown.ephemeral
    text = said(shown)
    assert "all jellies here" in text
    assert "2 jellies" in text
    assert shown.response is not None
    over_time, by_hour = shown.response.attachments
    for picture in (over_time, by_hour):
        png = await picture.read()
        assert png.startswith(b"\x89PNG\r\n\x1a\n")
        assert picture.filename.endswith(".png")
    assert over_time.description is not None
    assert "26 Nov 2026: 4 going, 2 came" in over_time.description
    assert "3 Dec 2026: 2 going" in over_time.description
    assert by_hour.description is not None
    assert "Thursday 10:00: 2" in by_hour.description
    for figures in (
        "Going: 3 people on average, median 3.",
        "Came: 2 people, at 1 jelly where people checked in.",
    ):
        assert figures in text
        assert figures in over_time.description


async def test_the_history_of_nothing_is_words_alone(server: SimulatedServer) -> None:
    await server.schedule()
    shown = await server.members[0].slash(server.chat, "headcount history")
    assert shown.ephemeral
    assert "There hasn't been a jelly yet." in said(shown)
    assert shown.response is not None
    assert shown.response.attachments == []


@pytest.mark.parametrize("how", ["killed", "never started"])
async def test_pictures_that_cannot_be_drawn_leave_the_words_and_a_hint(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    await hold(server, *server.members)
    if how == "killed":
        Started(monkeypatch).send = signal.SIGKILL
    else:
        monkeypatch.setattr(sys, "executable", "/no/python")
    shown = await server.members[0].slash(server.chat, "headcount history")
    assert shown.ephemeral
    assert "Going: 4 people." in said(shown)
    assert "I couldn't draw the pictures" in said(shown)
    assert shown.response is not None
    assert shown.response.attachments == []


async def test_a_series_has_its_own_history(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.schedule("Party", when="friday 10-16")
    sam, priya, _ = server.members
    await sam.click(server.card("Weekly"), label="Going")
    for member in (sam, priya):
        await member.click(server.card("Party"), label="Going")
    await server.at(ENDS + DAY)
    choices = await sam.autocomplete(server.chat, "headcount history", "jelly", "week")
    shown = await sam.slash(server.chat, "headcount history", jelly=choices[0]["value"])
    assert "Weekly" in said(shown)
    assert "Going: 2 people." in said(shown)
    everything = said(await sam.slash(server.chat, "headcount history"))
    assert "2 jellies" in everything


async def test_a_history_is_of_this_server_alone(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.members[0].click(server.card("Weekly"), label="Going")
    await server.at(ENDS)
    other = await open_next_door(server)
    shown = await other.organizer.slash(other.channel, "headcount history")
    assert "There hasn't been a jelly yet." in said(shown)
    for which in ("series:1", "Weekly", "session:1"):
        refused = await other.organizer.slash(other.channel, "headcount history", jelly=which)
        assert refused.ephemeral
        assert "I can't tell which series" in said(refused)
        assert "Weekly" not in said(refused)


async def test_a_history_of_one_date_without_a_series_is_refused(server: SimulatedServer) -> None:
    await server.schedule()
    refused = await server.members[0].slash(
        server.chat, "headcount history", jelly="Thursday jelly"
    )
    assert refused.ephemeral
    assert "Choose one from the list" in said(refused)


async def test_a_series_that_ended_can_still_be_looked_back_at(server: SimulatedServer) -> None:
    await server.schedule("Weekly", when="every thursday 10-16")
    await server.members[0].click(server.card("Weekly"), label="Going")
    await server.at(ENDS)
    asked = await server.organizer.slash(server.chat, "jelly end", jelly="series:1")
    await press(server.organizer, asked, "End it")
    await server.settle()
    shown = await server.organizer.slash(server.chat, "headcount history", jelly="series:1")
    assert "Going: 2 people." in said(shown)


async def _hold_two_thursdays(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await hold(server, sam, priya, jordan)
    for member in (sam, priya):
        await member.click(server.card(), label="I was there")
    await server.schedule("Second jelly", when="dec 3 13-16")
    await live_until(server, ENDS + 2 * DAY)
    await sam.click(server.card("Second jelly"), label="Going")
    await live_until(server, ENDS + WEEK)
