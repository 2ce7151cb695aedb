"""The day itself and afterwards: headcounts, arrivals, summaries, records, thanks, an upgrade."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import signal
import sqlite3
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord
from simcord.actors import _component_interaction
from simcord.components import walk_components

from bot.cards.exports import COLUMNS
from data.database import Database
from data.deliveries import next_due
from data.migrations import migrate
from tests.test_charts import Started
from tests.test_reminding import DAY, HOUR, crowd, mentioned_users
from tests.test_scheduling import THURSDAY_10, stamp
from tests.town import ZONE, Town, buttons_of, said, text_of

ENDS = THURSDAY_10 + 6 * HOUR
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
FIRST_OF_DECEMBER = datetime(2026, 12, 1, 10, tzinfo=UTC)
WEEK = timedelta(weeks=1)
BUTTON, SELECT = 2, 3


# Who is coming.


async def test_everybody_sees_who_comes_and_those_going_also_when(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    await sam.slash(
        town.jellies,
        "rsvp",
        session="Thursday jelly",
        answer="going",
        note="my thesis",
        guests=1,
        mood="chatty",
        hours="10:30 to 13",
    )
    await priya.click(town.card(), label="Going")
    await jordan.click(town.card(), label="Maybe")
    for reader, sees_hours in ((town.organizer, True), (priya, True), (jordan, False)):
        shown = await _headcount(town, reader)
        assert shown.ephemeral
        text = said(shown)
        assert f"{sam.mention} +1 · up for a chat · " in text
        assert "my thesis" in text
        assert f"**1 maybe**\n{jordan.mention}" in text
        assert ("10:30 to 13:00" in text) is sees_hours
        assert ("Those going see who comes when." in text) is not sees_hours


async def test_only_the_host_learns_who_is_new(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    assert f"{sam.mention} · first time here" in said(await _headcount(town, town.organizer))
    assert "first time" not in said(await _headcount(town, priya))


async def test_the_buttons_of_a_headcount_are_for_its_host_and_organizers(town: Town) -> None:
    sam, priya, _ = town.members
    await _schedule_hosted_by(town, sam)
    assert _host_buttons(await _headcount(town, priya)) == []
    for reader in (sam, town.organizer):
        before = _host_buttons(await _headcount(town, reader))
        assert before == ["Take somebody off", "Table (CSV)", "List to copy"]
    await town.at(THURSDAY_10)
    assert _host_buttons(await _headcount(town, sam)) == [
        *("Tick people off", "Take somebody off", "Table (CSV)", "List to copy")
    ]
    assert _host_buttons(await _headcount(town, priya)) == []
    await town.at(ENDS)
    after = ["Tick people off", "Table (CSV)", "List to copy"]
    assert _host_buttons(await _headcount(town, sam)) == after
    await town.at(ENDS + DAY)
    assert _host_buttons(await _headcount(town, sam)) == after[1:]


async def test_a_member_who_forges_a_host_button_is_refused_privately(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    next_door = await _next_door(town)
    before = await town.read("SELECT * FROM rsvp")
    for forged in (
        *("jelly:export-table:1", "jelly:export-list:1", "jelly:roll:1:0", "jelly:roll:1:1"),
        *("jelly:ticked:1:0:0", "jelly:take-off:1", "jelly:taken-off:1:0", "jelly:summary:1"),
    ):
        for presser, under, sentence in (
            (priya, town.card(), f"Only its host {town.organizer.mention} and organizers"),
            (next_door.organizer, next_door.message, "no longer on the list"),
        ):
            refused = await _forge(town, presser, under, forged, str(sam.id))
            assert refused.ephemeral
            assert sentence in said(refused)
            assert sam.mention not in said(refused)
            assert refused.response is not None
            assert refused.response.attachments == []
    assert await town.read("SELECT * FROM rsvp") == before


async def test_nobody_comes_to_another_servers_jelly(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    next_door = await _next_door(town)
    for moment in (THURSDAY_10, ENDS):
        await town.at(moment)
        before = await town.read("SELECT * FROM rsvp")
        for forged in (
            *("jelly:here:1", "jelly:off:1", "jelly:was-there:1:1", "jelly:was-there:1:0"),
            "jelly:details:1:card",
        ):
            refused = await _forge(town, next_door.organizer, next_door.message, forged)
            assert refused.ephemeral
            assert "no longer on the list" in said(refused)
        assert await town.read("SELECT * FROM rsvp") == before


async def test_a_made_up_button_is_answered_in_a_sentence(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10)
    for forged in (
        *("jelly:here", "jelly:here:x", "jelly:here:1:2", "jelly:was-there:1", "jelly:roll:1"),
        *("jelly:was-there:1:yes", "jelly:ticked:1:0", "jelly:usual-mood:furious", "jelly:thanks"),
    ):
        refused = await _forge(town, town.organizer, town.card(), forged)
        assert refused.ephemeral
        assert "That button no longer works" in said(refused)


async def test_a_made_up_number_is_answered_in_a_sentence(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10)
    refused = await _forge(town, town.organizer, town.card(), f"jelly:here:{2**63}")
    assert refused.ephemeral
    assert "Something went wrong" not in said(refused)


async def test_the_table_opens_in_a_spreadsheet_and_computes_nothing(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    formula = town.guild.add_member(town.environment.create_user("sum", global_name="@SUM(A1)"))
    await formula.slash(
        town.jellies, "rsvp", session="Thursday jelly", answer="going", note="=1+1", mood="chatty"
    )
    await sam.slash(
        town.jellies,
        "rsvp",
        session="Thursday jelly",
        answer="going",
        note='a "quoted", café',
        guests=1,
        hours="11 to 13",
    )
    await priya.click(town.card(), label="Maybe")
    await jordan.click(town.card(), label="Can't make it")
    await town.at(THURSDAY_10 + 90 * MINUTE)
    await sam.click(town.card(), label="I'm here")
    await town.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(town.card(), label="Heading off")
    file, data = await _table(town)
    assert file == "thursday-jelly-2026-11-26.csv"
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = _rows(data)
    assert tuple(header) == COLUMNS
    day = "2026-11-26"
    assert rows == [
        ["'@SUM(A1)", "Going", "0", "up for a chat", "", "", "'=1+1", "", "", "", ""],
        [
            *("Sam", "Going", "1", "", f"{day} 11:00", f"{day} 13:00", 'a "quoted", café', ""),
            *("yes", f"{day} 11:30", f"{day} 12:00"),
        ],
        ["Priya", "Maybe", "0", *[""] * 8],
        ["Jordan", "Can't make it", "0", *[""] * 8],
    ]


@pytest.mark.parametrize(
    ("people", "last"), [(0, "Nobody yet."), (1, "1. Member 0000"), (120, "… and ")]
)
async def test_a_host_takes_the_list_home_however_many_there_are(
    town: Town, people: int, last: str
) -> None:
    await town.schedule()
    await crowd(town, people)
    shown = await _headcount(town, town.organizer)
    assert f"**{people} going**" in said(shown)
    assert len(said(shown)) <= 2000
    _, data = await _table(town)
    assert len(_rows(data)) == 1 + people
    assert shown.response is not None
    listed = await town.organizer.click(shown.response, label="List to copy")
    assert listed.ephemeral
    text = said(listed)
    assert len(text) <= 2000
    assert text.startswith("```\n")
    assert text.endswith("\n```")
    lines = text.splitlines()[1:-1]
    assert lines[-1].startswith(last)
    if people == 120:
        assert len(lines) - 1 + int(re.findall(r"\d+", lines[-1])[0]) == 120


async def test_nothing_typed_ends_the_copyable_list_or_mentions_anybody(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    note = f"```@everyone {sam.mention}"
    await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", note=note)
    shown = await _headcount(town, town.organizer)
    assert shown.response is not None
    text = said(await town.organizer.click(shown.response, label="List to copy"))
    assert text.count("```") == 2
    assert "@everyone" not in text
    assert sam.mention not in text


async def test_a_jelly_is_looked_up_for_a_month_after_it(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await sam.click(town.card(), label="I'm here")
    await town.at(ENDS + timedelta(days=29))
    [choice] = await town.organizer.autocomplete(town.chat, "headcount session", "which", "thurs")
    shown = await town.organizer.slash(town.chat, "headcount session", which=choice["value"])
    assert "**1 was there**" in said(shown)
    _, data = await _table(town)
    assert _rows(data)[1][8] == "yes"
    assert f"**1 going**\n{sam.mention}" in said(await _headcount(town, priya))
    await town.at(ENDS + timedelta(days=30))
    assert await town.organizer.autocomplete(town.chat, "headcount session", "which", "t") == []
    refused = await _headcount(town, town.organizer)
    assert refused.ephemeral
    assert "choose one from the list" in said(refused)


async def test_a_headcount_of_nothing_is_refused_in_a_sentence(town: Town) -> None:
    await town.schedule()
    other = await _next_door(town)
    for asker, channel, which in (
        (town.organizer, town.chat, "Friday"),
        (town.organizer, town.chat, "session:99"),
        (town.organizer, town.chat, ""),
        (other.organizer, other.channel, "session:1"),
        (other.organizer, other.channel, "Thursday jelly"),
    ):
        refused = await asker.slash(channel, "headcount session", which=which)
        assert refused.ephemeral
        assert "That fits no jelly" in said(refused)


# Looking back.


async def test_the_history_is_two_pictures_and_the_same_figures_in_words(town: Town) -> None:
    await _hold_two_thursdays(town)
    sam = town.members[0]
    requests = len(town.environment.http_requests)
    shown = await sam.slash(town.chat, "headcount history")
    first = town.environment.http_requests[requests]
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
    assert "26 Nov 2026: 3 going, 2 came" in over_time.description
    assert "3 Dec 2026: 1 going" in over_time.description
    assert by_hour.description is not None
    assert "Thursday 10:00: 1.5" in by_hour.description
    for figures in (
        "Going: 2 people on average, median 2.",
        "Came: 2 people, at 1 jelly where people checked in.",
    ):
        assert figures in text
        assert figures in over_time.description


async def test_the_history_of_nothing_is_words_alone(town: Town) -> None:
    await town.schedule()
    shown = await town.members[0].slash(town.chat, "headcount history")
    assert shown.ephemeral
    assert "No jelly has been held yet." in said(shown)
    assert shown.response is not None
    assert shown.response.attachments == []


@pytest.mark.parametrize("how", ["killed", "never started"])
async def test_pictures_that_cannot_be_drawn_leave_the_words_and_a_hint(
    town: Town, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    await _hold(town, *town.members)
    if how == "killed":
        Started(monkeypatch).send = signal.SIGKILL
    else:
        monkeypatch.setattr(sys, "executable", "/no/python")
    shown = await town.members[0].slash(town.chat, "headcount history")
    assert shown.ephemeral
    assert "Going: 3 people." in said(shown)
    assert "could not be drawn" in said(shown)
    assert shown.response is not None
    assert shown.response.attachments == []


async def test_a_series_has_its_own_history(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.schedule("Party", when="friday 10-16")
    sam, priya, _ = town.members
    await sam.click(town.card("Weekly"), label="Going")
    for member in (sam, priya):
        await member.click(town.card("Party"), label="Going")
    await town.at(ENDS + DAY)
    choices = await sam.autocomplete(town.chat, "headcount history", "which", "week")
    shown = await sam.slash(town.chat, "headcount history", which=choices[0]["value"])
    assert "Weekly" in said(shown)
    assert "Going: 1 person." in said(shown)
    everything = said(await sam.slash(town.chat, "headcount history"))
    assert "2 jellies" in everything


async def test_a_history_is_of_this_server_alone(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.members[0].click(town.card("Weekly"), label="Going")
    await town.at(ENDS)
    other = await _next_door(town)
    shown = await other.organizer.slash(other.channel, "headcount history")
    assert "No jelly has been held yet." in said(shown)
    for which in ("series:1", "Weekly", "session:1"):
        refused = await other.organizer.slash(other.channel, "headcount history", which=which)
        assert refused.ephemeral
        assert "That fits no series" in said(refused)
        assert "Weekly" not in said(refused)


async def test_a_history_of_one_date_without_a_series_is_refused(town: Town) -> None:
    await town.schedule()
    refused = await town.members[0].slash(town.chat, "headcount history", which="Thursday jelly")
    assert refused.ephemeral
    assert "choose a series" in said(refused)


async def test_a_series_that_ended_can_still_be_looked_back_at(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.members[0].click(town.card("Weekly"), label="Going")
    await town.at(ENDS)
    asked = await town.organizer.slash(town.chat, "jelly end", which="series:1")
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it all off")
    await town.settle()
    shown = await town.organizer.slash(town.chat, "headcount history", which="series:1")
    assert "Going: 1 person." in said(shown)


# On the day.


async def test_nobody_is_there_before_it_begins(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10 - SECOND)
    assert not {"I'm here", "Heading off"} & set(buttons_of(town.card()))
    here = await _forge(town, sam, town.card(), "jelly:here:1")
    assert here.ephemeral
    assert "It has not begun yet" in said(here)
    off = await _forge(town, sam, town.card(), "jelly:off:1")
    assert off.ephemeral
    assert "It has not begun yet" in said(off)
    assert await town.read("SELECT * FROM rsvp") == []
    assert "**0 going**" in text_of(town.card())
    await town.at(THURSDAY_10)
    assert buttons_of(town.card())[:2] == ["I'm here", "Heading off"]


async def test_the_card_counts_who_is_here_now_with_guests(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    await sam.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", guests=1)
    await priya.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    assert "**0 here now** · **2 going**" in text_of(town.card())
    pressed = await sam.click(town.card(), label="I'm here")
    assert pressed.response is not None
    assert pressed.response.id == town.card().id
    assert pressed.followups == []
    assert "**2 here now** · **2 going**" in text_of(town.card())
    await jordan.click(town.card(), label="I'm here")
    assert "**3 here now** · **3 going**" in text_of(town.card())
    assert f"{sam.mention} +1, {priya.mention}, {jordan.mention}" in text_of(town.card())
    await sam.click(town.card(), label="Heading off")
    assert "**1 here now** · **3 going**" in text_of(town.card())


async def test_somebody_without_an_answer_who_is_there_is_going_from_then_on(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Maybe")
    await priya.click(town.card(), label="Can't make it")
    await town.at(THURSDAY_10)
    for member in (sam, priya, jordan):
        await member.click(town.card(), label="I'm here")
    text = text_of(town.card())
    assert "**3 here now** · **3 going**\n" in text
    assert "maybe" not in text.casefold()
    assert "You: Going" in said(await jordan.slash(town.chat, "jellies"))


async def test_pressing_twice_changes_nothing(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10)
    for label in ("I'm here", "Heading off"):
        await sam.click(town.card(), label=label)
        once = await town.read("SELECT version, arrived_at, left_at FROM session JOIN rsvp")
        await town.after(10 * MINUTE)
        again = await sam.click(town.card(), label=label)
        assert again.followups == []
        assert await town.read("SELECT version, arrived_at, left_at FROM session JOIN rsvp") == once


async def test_heading_off_without_having_come_is_refused(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    for member in (sam, priya):
        refused = await member.click(town.card(), label="Heading off")
        assert refused.ephemeral
        assert "You are not down as there" in said(refused)
    assert "**0 here now** · **1 going**" in text_of(town.card())


async def test_whoever_comes_back_is_here_since_they_first_came(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10 + 5 * MINUTE)
    await sam.click(town.card(), label="I'm here")
    await town.at(THURSDAY_10 + HOUR)
    await sam.click(town.card(), label="Heading off")
    assert "**0 here now**" in text_of(town.card())
    await town.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(town.card(), label="I'm here")
    assert "**1 here now**" in text_of(town.card())
    _, data = await _table(town)
    assert _rows(data)[1][8:] == ["yes", "2026-11-26 10:05", ""]


async def test_with_all_seats_taken_people_are_there_all_the_same(town: Town) -> None:
    await _schedule_with(town, seats=1)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    pressed = await priya.click(town.card(), label="I'm here")
    [private] = pressed.followups
    assert private.ephemeral
    assert "You are down as here" in private.content
    assert f"talk to {town.organizer.mention}" in private.content
    text = text_of(town.card())
    assert "**1 here now** · **1 going**" in text
    assert "**1 waiting**" in text
    assert priya.mention not in text
    again = await priya.click(town.card(), label="I'm here")
    assert "talk to" in again.followups[0].content
    assert "**1 here now**" in text_of(town.card())
    await priya.click(town.card(), label="Heading off")
    assert "**0 here now**" in text_of(town.card())
    assert "was there" in said(await _headcount(town, town.organizer))


async def test_after_answers_closed_whoever_stands_in_the_room_need_not_ask(town: Town) -> None:
    await _schedule_with(town, answers_close="1 hour")
    sam, priya, _ = town.members
    await town.at(THURSDAY_10 - MINUTE)
    await sam.click(town.card(), label="Ask the host to come")
    await town.at(THURSDAY_10)
    for member in (sam, priya):
        pressed = await member.click(town.card(), label="I'm here")
        assert all("host is being asked" not in one.content for one in pressed.followups)
    assert "**2 here now** · **2 going**" in text_of(town.card())


async def test_a_late_press_of_the_day_is_refused_in_a_sentence(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10)
    card = town.card()
    town.clock.moment = ENDS
    for label in ("I'm here", "Heading off"):
        refused = await sam.click(card, label=label)
        assert refused.ephemeral
        assert "This jelly is over" in said(refused)
    assert await town.read("SELECT * FROM rsvp") == []


async def test_a_press_on_a_jelly_that_was_called_off_is_refused(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10)
    await _call_off(town)
    for forged in ("jelly:here:1", "jelly:off:1", "jelly:was-there:1:1"):
        refused = await _forge(town, sam, town.card(), forged)
        assert refused.ephemeral
        assert "called off" in said(refused)
    assert await town.read("SELECT * FROM rsvp") == []


async def test_whoever_cannot_make_it_after_all_is_not_here_any_more(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10)
    await sam.click(town.card(), label="I'm here")
    await sam.click(town.card(), label="Can't make it")
    assert "**0 here now** · **0 going** · 1 can't make it" in text_of(town.card())
    await sam.click(town.card(), label="Going")
    assert "**0 here now** · **1 going**" in text_of(town.card())


async def test_the_buttons_of_the_day_work_after_a_restart(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await town.at(THURSDAY_10)
    await sam.click(town.card(), label="I'm here")
    await town.restart()
    await priya.click(town.card(), label="I'm here")
    assert "**2 here now**" in text_of(town.card())
    await town.kill()
    await sam.click(town.card(), label="Heading off")
    assert "**1 here now**" in text_of(town.card())


async def test_whoever_comes_for_the_first_time_unannounced_is_welcomed(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10)
    pressed = await sam.click(town.card(), label="I'm here")
    await town.settle()
    assert "Say hello when they come in" in _private(town.organizer)[-1]
    assert any("Welcome!" in one.content for one in pressed.followups)


async def test_nobody_is_at_a_jelly_that_moved_to_another_day(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10)
    await sam.click(town.card(), label="I'm here")
    await _move(town, "friday 10-16")
    await town.at(THURSDAY_10 + DAY)
    assert "**0 here now** · **1 going**" in text_of(town.card())


async def test_nobody_is_here_now_once_it_is_over(town: Town) -> None:
    await _hold(town, town.members[0])
    text = text_of(town.card())
    assert "**Over**" in text
    assert "here now" not in text


async def test_nobody_waits_for_a_seat_once_it_is_over(town: Town) -> None:
    await _schedule_with(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await _live(town, ENDS)
    await jordan.click(town.card(), label="I was there")
    assert "waiting" not in text_of(town.card())


async def test_a_host_without_a_seat_is_not_sent_to_themselves(town: Town) -> None:
    await _schedule_with(town, seats=1)
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    pressed = await town.organizer.click(town.card(), label="I'm here")
    assert "**1 here now**" in text_of(town.card())
    assert all(town.organizer.mention not in one.content for one in pressed.followups)


# Ticking people off.


async def test_the_host_ticks_people_off_in_one_list(town: Town) -> None:
    sam, priya, jordan = town.members
    await _schedule_hosted_by(town, sam)
    for member in (priya, jordan):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    opened = await _open_roll(town, sam)
    assert opened.ephemeral
    assert "0 of 2 ticked off" in said(opened)
    [menu] = _menus(opened)
    assert [option["label"] for option in menu["options"]] == ["Priya", "Jordan"]
    assert opened.response is not None
    ticked = await sam.select(opened.response, [str(priya.id)])
    assert "1 of 2 ticked off" in said(ticked)
    await town.settle()
    assert "**1 here now** · **2 going**" in text_of(town.card())
    assert ticked.response is not None
    again = await sam.select(ticked.response, [str(priya.id)])
    assert "1 of 2 ticked off" in said(again)
    assert again.response is not None
    unticked = await sam.select(again.response, [])
    assert "0 of 2 ticked off" in said(unticked)
    await town.settle()
    assert "**0 here now** · **2 going**" in text_of(town.card())


async def test_ticking_off_shows_who_came_by_themselves_and_goes_on_for_a_day(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    await jordan.click(town.card(), label="Maybe")
    await town.at(THURSDAY_10 + HOUR)
    await sam.click(town.card(), label="I'm here")
    await town.at(ENDS + DAY - SECOND)
    opened = await _open_roll(town, town.organizer)
    assert "1 of 3 ticked off" in said(opened)
    [menu] = _menus(opened)
    assert {o["label"]: bool(o.get("default")) for o in menu["options"]} == {
        "Sam": True,
        "Priya": False,
        "Jordan": False,
    }
    assert opened.response is not None
    both = [str(sam.id), str(priya.id)]
    assert "2 of 3 ticked off" in said(await town.organizer.select(opened.response, both))
    await town.settle()
    assert "**2 were there** · 2 had said Going" in text_of(town.card())
    _, data = await _table(town)
    assert _rows(data)[1][8:10] == ["yes", "2026-11-26 11:00"]
    await town.at(ENDS + DAY)
    late = await town.organizer.select(opened.response, [])
    assert late.ephemeral
    assert "more than a day ago" in said(late)
    assert "**2 were there**" in text_of(town.card())


async def test_the_list_of_nobody_says_so(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10)
    opened = await _open_roll(town, town.organizer)
    assert "nobody said they would come" in said(opened)
    assert _menus(opened) == []


@pytest.mark.parametrize(
    ("people", "menus"), [(1, [1]), (25, [25]), (26, [25, 1]), (60, [25, 25, 10])]
)
async def test_more_than_a_list_holds_stand_in_several(
    town: Town, people: int, menus: list[int]
) -> None:
    await town.schedule()
    everybody = await crowd(town, people)
    await town.at(THURSDAY_10)
    opened = await _open_roll(town, town.organizer)
    assert [len(menu["options"]) for menu in _menus(opened)] == menus
    listed = [int(o["value"]) for menu in _menus(opened) for o in menu["options"]]
    assert listed == everybody
    last = _menus(opened)[-1]
    assert opened.response is not None
    ticked = await town.organizer.select(
        opened.response,
        [option["value"] for option in last["options"]],
        custom_id=last["custom_id"],
    )
    assert f"{menus[-1]} of {people} ticked off" in said(ticked)
    came = await town.read("SELECT user_id FROM rsvp WHERE arrived_at IS NOT NULL")
    assert sorted(row["user_id"] for row in came) == everybody[-menus[-1] :]


async def test_more_than_a_message_holds_stand_on_several_pages(town: Town) -> None:
    await town.schedule()
    everybody = await crowd(town, 120)
    await town.at(THURSDAY_10)
    first = await _open_roll(town, town.organizer)
    assert first.response is not None
    assert [len(menu["options"]) for menu in _menus(first)] == [25] * 4
    assert buttons_of(first.response) == ["Next 100 (page 2 of 2)"]
    second = await town.organizer.click(first.response, label="Next 100 (page 2 of 2)")
    assert second.response is not None
    assert second.response.id == first.response.id
    [menu] = _menus(second)
    assert [int(option["value"]) for option in menu["options"]] == everybody[100:]
    ticked = await town.organizer.select(second.response, [str(u) for u in everybody[100:103]])
    assert "3 of 120 ticked off" in said(ticked)
    assert ticked.response is not None
    assert [int(o["value"]) for o in _menus(ticked)[0]["options"]] == everybody[100:]
    back = await town.organizer.click(ticked.response, label="Next 100 (page 1 of 2)")
    assert back.response is not None
    assert back.response.id == first.response.id
    assert int(_menus(back)[0]["options"][0]["value"]) == everybody[0]
    await town.settle()
    assert "**3 here now** · **120 going**" in text_of(town.card())


async def test_forged_values_in_the_list_are_ignored(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    opened = await _open_roll(town, town.organizer)
    assert opened.response is not None
    made_up = ["999", "0", "-1", "abc", "", "²", "٣", "9" * 100, str(jordan.id)]
    for forged in ("jelly:ticked:1:0:0", "jelly:ticked:1:7:3", "jelly:ticked:1:-1:-1"):
        shown = await _forge(town, town.organizer, opened.response, forged, *made_up, str(sam.id))
        assert "1 of 2 ticked off" in said(shown)
    rows = await town.read("SELECT user_id, arrived_at IS NOT NULL AS came FROM rsvp")
    assert {row["user_id"]: row["came"] for row in rows} == {sam.id: 1, priya.id: 0}


@pytest.mark.parametrize(
    "values",
    [
        ["999"],
        *(
            pytest.param(
                values,
            )
            for values in ([], ["abc"], ["9" * 30])
        ),
    ],
)
async def test_forged_values_take_nobody_off(town: Town, values: list[str]) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    refused = await _forge(town, town.organizer, town.card(), "jelly:taken-off:1:0", *values)
    town.errors.records.clear()
    assert refused.ephemeral
    assert "**1 going**" in text_of(town.card())
    assert "not on that list" in said(refused)


async def test_the_host_takes_somebody_off_who_is_told(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    shown = await _headcount(town, town.organizer)
    assert shown.response is not None
    opened = await town.organizer.click(shown.response, label="Take somebody off")
    assert opened.ephemeral
    assert opened.response is not None
    done = await town.organizer.select(opened.response, [str(sam.id)])
    assert f"{sam.mention} is off the list" in said(done)
    await town.settle()
    assert f"{sam.mention}: {town.organizer.mention} took you off" in town.messages()[-1]
    text = text_of(town.card())
    assert f"**1 going** · 1 can't make it\n{priya.mention}" in text
    again = await _forge(town, town.organizer, opened.response, "jelly:taken-off:1:0", str(sam.id))
    assert again.acknowledged
    assert "**1 going** · 1 can't make it" in text_of(town.card())


async def test_whoever_came_without_a_firm_answer_can_be_ticked_off(town: Town) -> None:
    await _schedule_with(town, seats=1)
    sam, priya, jordan = town.members
    await jordan.click(town.card(), label="Maybe")
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await _live(town, ENDS)
    [menu] = _menus(await _open_roll(town, town.organizer))
    assert {option["label"] for option in menu["options"]} == {"Sam", "Priya", "Jordan"}


async def test_a_list_that_was_open_for_a_while_takes_back_no_arrival(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    opened = await _open_roll(town, town.organizer)
    await sam.click(town.card(), label="I'm here")
    assert opened.response is not None
    await town.organizer.select(opened.response, [str(priya.id)])
    await town.settle()
    assert "**2 here now**" in text_of(town.card())


async def test_a_list_that_grew_shorter_takes_back_nobody_elses_arrival(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    shown_first = [str(user) for user in await crowd(town, 24)]
    await priya.click(town.card(), label="Going")  # the 26th, alone in the second list
    await town.at(THURSDAY_10)
    await priya.click(town.card(), label="I'm here")
    opened = await _open_roll(town, town.organizer)
    first, _ = _menus(opened)
    await sam.click(town.card(), label="Can't make it")
    assert opened.response is not None
    await town.organizer.select(opened.response, shown_first, custom_id=first["custom_id"])
    await town.settle()
    assert "**25 here now** · **25 going**" in text_of(town.card())


# The summary.


async def test_the_host_hears_an_hour_later_how_it_went_and_nobody_else_does(town: Town) -> None:
    sam, priya, jordan = town.members
    await _schedule_hosted_by(town, sam)
    await priya.slash(town.jellies, "rsvp", session="Thursday jelly", answer="going", guests=1)
    await jordan.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await priya.click(town.card(), label="I'm here")
    await town.at(ENDS + HOUR - SECOND)
    assert _summaries(town, sam) == []
    public = town.transcript()
    await town.at(ENDS + HOUR)
    [summary] = _summaries(town, sam)
    assert "**2 were going**, with 1 guest" in summary
    assert f"**2 came**: {priya.mention} +1" in summary
    assert f"**For the first time**: {priya.mention}" in summary
    assert stamp(THURSDAY_10, "F") in summary
    assert town.transcript() == public
    for member in (priya, jordan, town.organizer):
        assert _private(member) == []
    await town.at(ENDS + 2 * HOUR)
    await town.at(ENDS + WEEK)
    assert len(_summaries(town, sam)) == 1


async def test_a_summary_says_where_who_came_is_not_known(town: Town) -> None:
    await _hold(town, *town.members)
    await town.at(ENDS + HOUR)
    [summary] = _summaries(town, town.organizer)
    assert "**3 were going**" in summary
    assert "who came is not known" in summary


async def test_where_nobody_was_going_and_nobody_came_there_is_no_summary(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Maybe")
    await priya.click(town.card(), label="Can't make it")
    await _live(town, ENDS + 2 * DAY)
    assert _private(town.organizer) == []
    assert "is over" not in town.transcript()
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "What did not arrive" not in listed


async def test_somebody_who_came_where_nobody_was_going_is_summed_up(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Can't make it")
    await town.at(ENDS)
    await sam.click(town.card(), label="I was there")
    await town.at(ENDS + HOUR)
    [summary] = _summaries(town, town.organizer)
    assert f"**1 came**: {sam.mention}" in summary


async def test_with_closed_messages_the_summary_waits_behind_a_button(town: Town) -> None:
    sam, priya, jordan = town.members
    await _schedule_hosted_by(town, sam)
    for member in (priya, jordan):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await priya.click(town.card(), label="I'm here")
    await town.at(ENDS)
    _close_messages_of(town, sam)
    before = len(town.messages())
    await town.at(ENDS + HOUR)
    assert _summaries(town, sam) == []
    [line] = town.messages()[before:]
    assert sam.mention in line
    assert priya.mention not in line
    assert "came" not in line
    assert mentioned_users(town)[-1] == [sam.id]
    message = town.jellies.last_message
    assert message is not None
    assert buttons_of(message) == ["See the summary", "Open the card"]
    for reader in (sam, town.organizer):
        seen = await reader.click(message, label="See the summary")
        assert seen.ephemeral
        assert f"**1 came**: {priya.mention}" in said(seen)
    for reader in (priya, jordan):
        refused = await reader.click(message, label="See the summary")
        assert refused.ephemeral
        assert "Only its host" in said(refused)
        assert "came" not in said(refused)
    await town.kill()
    await town.start_again()
    await _live(town, ENDS + 2 * DAY)
    assert len(town.messages()) == before + 1
    assert "**1 came**" in said(await sam.click(message, label="See the summary"))


async def test_a_host_who_cannot_even_be_written_to_is_told_in_the_channel(town: Town) -> None:
    await town.schedule()
    await town.organizer.click(town.card(), label="Going")
    await town.at(ENDS)
    town.environment.inject_error(
        "POST", "/users/@me/channels", status=403, code=50007, message="Cannot send messages"
    )
    await town.at(ENDS + HOUR)
    assert [one for one in town.messages() if "how it went" in one] == [town.messages()[-1]]
    assert _private(town.organizer) == []


async def test_something_passing_delays_the_summary_and_sends_it_once(town: Town) -> None:
    await _hold(town, town.members[0])
    channel = town.organizer.user.dm_channel
    town.environment.inject_error("POST", f"/channels/{channel.id}/messages", status=503, times=2)
    await town.at(ENDS + HOUR)
    assert _summaries(town, town.organizer) == []
    for _ in range(4):
        await town.after(30 * SECOND)
    assert len(_summaries(town, town.organizer)) == 1
    assert "is over" not in town.transcript()


@pytest.mark.parametrize("how", ["restarted", "killed"])
async def test_between_the_end_and_the_summary_the_bot_may_stop(town: Town, how: str) -> None:
    await _hold(town, town.members[0])
    await (town.restart() if how == "restarted" else town.kill())
    await town.start_again()
    assert _summaries(town, town.organizer) == []
    await town.at(ENDS + HOUR)
    await (town.restart() if how == "restarted" else town.kill())
    await town.start_again()
    await town.after(10 * MINUTE)
    assert len(_summaries(town, town.organizer)) == 1


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_summary_on_its_way_when_the_power_fails_arrives_once(
    town: Town, arrived: bool
) -> None:
    await _hold(town, town.members[0])
    real = town.bot.http.send_message
    out = asyncio.Event()

    async def fails(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401  as in discord.py
        if arrived:
            await real(*arguments, **options)
        out.set()
        return await asyncio.Event().wait()

    setattr(town.bot.http, "send_message", fails)  # noqa: B010  a network that breaks off
    await town.at(ENDS + HOUR - SECOND)
    town.clock.moment = ENDS + HOUR
    with town.environment.time_context():
        await town.bot.outbox.pay()
    await out.wait()
    await town.kill()
    assert len(_summaries(town, town.organizer)) == int(arrived)
    town.clock.moment += 5 * MINUTE
    await town.start_again()
    await town.after(10 * MINUTE)
    assert len(_summaries(town, town.organizer)) == 1


async def test_after_an_absence_the_summary_comes_late_but_within_a_week(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.at(ENDS + HOUR + WEEK - SECOND)
    assert len(_summaries(town, town.organizer)) == 1


async def test_after_a_week_a_summary_is_left_out(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.at(ENDS + HOUR + WEEK)
    assert _summaries(town, town.organizer) == []


@pytest.mark.parametrize("when", ["thursday 10-18", "friday 10-16"])
async def test_a_moved_end_moves_the_summary(town: Town, when: str) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 - HOUR)
    await _move(town, when)
    ends = ENDS + (2 * HOUR if "18" in when else DAY)
    for moment in (THURSDAY_10, ENDS, ENDS + HOUR, ends, ends + HOUR - SECOND):
        await town.at(moment)
    assert _summaries(town, town.organizer) == []
    await town.at(ends + HOUR)
    assert len(_summaries(town, town.organizer)) == 1
    await town.at(ends + DAY)
    assert len(_summaries(town, town.organizer)) == 1


async def test_a_jelly_that_is_on_can_go_on_for_longer(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10 + HOUR)
    await town.members[0].click(town.card(), label="I'm here")
    preview = await town.organizer.slash(
        town.jellies, "jelly move", which="Thursday jelly", when="today 10-18"
    )
    assert "is past" not in said(preview)
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await _live(town, ENDS + 3 * HOUR - SECOND)
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]
    assert "**1 was there**" in text_of(town.card())
    assert _summaries(town, town.organizer) == []
    await town.at(ENDS + 3 * HOUR)
    assert len(_summaries(town, town.organizer)) == 1


@pytest.mark.parametrize("moment", [THURSDAY_10 - DAY, THURSDAY_10 + HOUR])
async def test_a_new_host_gets_the_summary(town: Town, moment: datetime) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await priya.click(town.card(), label="Going")
    await town.at(moment)
    told_before = _private(town.organizer)
    await _hand_over(town, sam)
    for later in (ENDS, ENDS + HOUR, ENDS + DAY):
        await town.at(later)
    assert len(_summaries(town, sam)) == 1
    assert _private(town.organizer) == told_before


async def test_a_new_host_is_told_who_is_new(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    await priya.click(town.card(), label="Going")
    await _hand_over(town, sam)
    await town.after(15 * MINUTE)
    assert [priya.mention in one for one in _private(sam)] == [True]
    assert _private(town.organizer) == []


async def test_a_newcomer_who_becomes_the_host_is_not_told_of_themselves(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    await _hand_over(town, sam)
    await town.after(15 * MINUTE)
    assert _private(sam) == []


async def test_a_jelly_that_was_called_off_owes_neither_summary_nor_thanks(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    await _live(town, THURSDAY_10 + HOUR)
    await sam.click(town.card(), label="I'm here")
    told = _private(town.organizer)
    await _call_off(town)
    await _live(town, FIRST_OF_DECEMBER)
    assert _private(town.organizer) == told
    assert "Thank you for hosting" not in town.transcript()
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "What did not arrive" not in listed


async def test_a_newcomer_who_did_not_come_is_not_summed_up_as_one(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await priya.click(town.card(), label="I'm here")
    await town.at(ENDS)
    await sam.click(town.card(), label="I wasn't there")
    await town.at(ENDS + HOUR)
    [summary] = _summaries(town, town.organizer)
    assert f"**For the first time**: {priya.mention}" in summary
    assert sam.mention not in summary


async def test_the_first_jelly_is_the_one_that_was_held_first(town: Town) -> None:
    await town.schedule()
    await town.schedule("Friday jelly", when="friday 10-16")
    sam = town.members[0]
    await sam.click(town.card("Friday jelly"), label="Going")
    await sam.click(town.card("Thursday jelly"), label="Going")
    for moment in (THURSDAY_10, THURSDAY_10 + DAY):
        await town.at(moment)
        await sam.click(town.cards()[0 if moment == THURSDAY_10 else 1], label="I'm here")
        await town.at(moment + 6 * HOUR)
        await town.at(moment + 7 * HOUR)
    thursday, friday = _summaries(town, town.organizer)
    assert f"**For the first time**: {sam.mention}" in thursday
    assert "For the first time" not in friday


async def test_a_summary_of_many_who_were_added_by_the_host_arrives(town: Town) -> None:
    await town.schedule("Thursday jelly with everybody", when="thursday 10-16")
    people = [
        town.guild.add_member(town.environment.create_user(f"guest{number}"))
        for number in range(30)
    ]
    for person in people:
        await town.organizer.slash(
            town.jellies, "rsvp", session="Thursday jelly", answer="going", member=person
        )
    await town.at(THURSDAY_10)
    opened = await _open_roll(town, town.organizer)
    for menu in _menus(opened):
        assert opened.response is not None
        values = [option["value"] for option in menu["options"]]
        await town.organizer.select(opened.response, values, custom_id=menu["custom_id"])
    await town.at(ENDS)
    await town.at(ENDS + HOUR)
    [summary] = _summaries(town, town.organizer)
    assert "**30 came**" in summary
    assert len(summary) <= 2000


# Afterwards, everybody for themselves.


async def test_anybody_can_put_it_right_for_a_day(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await sam.click(town.card(), label="I'm here")
    early = await _forge(town, sam, town.card(), "jelly:was-there:1:0")
    assert early.ephemeral
    assert "It is not over yet" in said(early)
    await town.at(ENDS)
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]
    wrong = await sam.click(town.card(), label="I wasn't there")
    assert "You are down as not having been there" in wrong.followups[0].content
    assert wrong.followups[0].ephemeral
    right = await priya.click(town.card(), label="I was there")
    assert "You are down as having been there" in right.followups[0].content
    assert "**1 was there** · 2 had said Going" in text_of(town.card())
    await priya.click(town.card(), label="I was there")
    assert "**1 was there** · 2 had said Going" in text_of(town.card())
    nothing = await jordan.click(town.card(), label="I wasn't there")
    assert "not having been there" in nothing.followups[0].content
    assert await town.read("SELECT 1 FROM rsvp WHERE user_id = :u", u=jordan.id) == []
    assert "You have not been at a jelly here yet" in said(await sam.slash(town.chat, "me"))
    assert "1 jelly in 1 place" in said(await priya.slash(town.chat, "me"))


async def test_a_day_later_it_stays_as_it_is(town: Town) -> None:
    await _hold(town, town.members[0])
    sam = town.members[0]
    old = town.card()
    town.clock.moment = ENDS + DAY - SECOND
    assert "having been there" in (await sam.click(old, label="I was there")).followups[0].content
    town.clock.moment = ENDS + DAY
    for label in ("I was there", "I wasn't there"):
        refused = await sam.click(old, label=label)
        assert refused.ephemeral
        assert "more than a day ago" in said(refused)
    await town.at(ENDS + DAY)
    assert buttons_of(town.card()) == []
    assert "**1 was there**" in text_of(town.card())


async def test_nothing_public_tells_which_of_those_going_came(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    jordan = town.members[2]
    await town.at(THURSDAY_10)
    await sam.click(town.card(), label="I'm here")
    sam_is_here = _seen_by(town, jordan)
    await sam.click(town.card(), label="Heading off")
    await priya.click(town.card(), label="I'm here")
    assert _seen_by(town, jordan) == sam_is_here
    assert "**1 here now**" in sam_is_here
    await town.at(ENDS)
    seen = []
    for came, missed in ((sam, priya), (priya, sam)):
        await came.click(town.card(), label="I was there")
        await missed.click(town.card(), label="I wasn't there")
        await town.settle()
        seen.append(_seen_by(town, jordan))
    assert seen[0] == seen[1]
    assert "**1 was there** · 2 had said Going" in seen[0]
    messages = town.messages()
    await _live(town, ENDS + DAY)
    assert town.messages() == messages


async def test_a_headcount_tells_only_the_host_who_came(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    for member in (sam, priya):
        await member.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await sam.click(town.card(), label="I'm here")
    await town.at(ENDS)
    told = await sam.click(town.card(), label="I was there")
    assert "Only you, the host and organizers see that" in told.followups[0].content
    assert f"{sam.mention} · was there" in said(await _headcount(town, town.organizer))
    for reader in (priya, jordan):
        assert "· was there" not in said(await _headcount(town, reader))


async def test_whoever_says_afterwards_that_they_were_there_is_not_named_on_the_card(
    town: Town,
) -> None:
    await _hold(town, town.members[0])
    jordan = town.members[2]
    told = await jordan.click(town.card(), label="I was there")
    assert "Only you, the host and organizers see that" in told.followups[0].content
    assert jordan.mention not in text_of(town.card())
    assert "**1 was there** · 1 had said Going" in text_of(town.card())


async def test_whoever_says_so_afterwards_stands_in_nobody_elses_list(town: Town) -> None:
    await _hold(town, town.members[0])
    _, priya, jordan = town.members
    await jordan.click(town.card(), label="I was there")
    assert f"{jordan.mention} · was there" in said(await _headcount(town, town.organizer))
    shown = said(await _headcount(town, priya))
    assert jordan.mention not in shown
    assert "0 can't make it" in shown


async def test_a_wrong_press_makes_nobody_somebody_who_was_there(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.schedule("Next jelly", when="dec 3 10-16")
    jordan = town.members[2]
    await jordan.click(town.card("Thursday jelly"), label="I was there")
    await jordan.click(town.card("Thursday jelly"), label="I wasn't there")
    await _live(town, ENDS + 2 * DAY)
    pressed = await jordan.click(town.card("Next jelly"), label="Going")
    assert "Welcome!" in pressed.followups[0].content


async def test_saying_so_again_afterwards_keeps_when_somebody_came_and_left(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await town.at(THURSDAY_10 + HOUR)
    await sam.click(town.card(), label="I'm here")
    await town.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(town.card(), label="Heading off")
    _, before = await _table(town)
    await town.at(ENDS)
    await sam.click(town.card(), label="I was there")
    _, after = await _table(town)
    assert _rows(after) == _rows(before)


async def test_whoever_says_afterwards_that_they_were_there_has_a_name_in_the_table(
    town: Town,
) -> None:
    await _hold(town, town.members[0])
    await town.members[2].click(town.card(), label="I was there")
    _, data = await _table(town)
    assert [row[0] for row in _rows(data)[1:]] == ["Sam", "Jordan"]


@pytest.mark.parametrize("before", [None, "Maybe", "Can't make it"])
async def test_whoever_was_there_is_no_newcomer_next_time(town: Town, before: str | None) -> None:
    await town.schedule()
    await town.schedule("Next jelly", when="dec 3 10-16")
    sam = town.members[0]
    if before is not None:
        await sam.click(town.card(), label=before)
    await town.at(ENDS)
    await sam.click(town.card("Thursday jelly"), label="I was there")
    await town.at(THURSDAY_10 + 3 * DAY)
    pressed = await sam.click(town.card("Next jelly"), label="Going")
    assert all("Welcome!" not in one.content for one in pressed.followups)


async def test_whoever_was_there_without_a_seat_is_no_newcomer_next_time(town: Town) -> None:
    await _schedule_with(town, seats=1)
    await town.schedule("Next jelly", when="dec 3 10-16")
    sam, priya, _ = town.members
    await priya.click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    await sam.click(town.card("Thursday jelly"), label="I'm here")
    await town.at(THURSDAY_10 + 3 * DAY)
    pressed = await sam.click(town.card("Next jelly"), label="Going")
    assert all("Welcome!" not in one.content for one in pressed.followups)


# One's own record.


async def test_me_shows_ones_own_record_and_nobody_elses(town: Town) -> None:
    sam, priya, _ = town.members
    nothing = await sam.slash(town.chat, "me")
    assert nothing.ephemeral
    assert "not been at a jelly here yet" in said(nothing)
    await _schedule_hosted_by(town, priya)
    await town.schedule("Friday jelly", when="friday 10-16", where="  THE ALB")
    await town.schedule("Saturday jelly", when="saturday 10-16", where="The Shrew")
    for card in ("Thursday jelly", "Friday jelly", "Saturday jelly"):
        await sam.click(town.card(card), label="Going")
    for day, card in enumerate(("Thursday jelly", "Friday jelly")):
        await town.at(THURSDAY_10 + day * DAY)
        await sam.click(town.card(card), label="I'm here")
    await town.at(THURSDAY_10 + 3 * DAY)
    mine = said(await sam.slash(town.chat, "me"))
    assert "You were at 2 jellies in 1 place." in mine
    assert "Saturday jelly" not in mine
    lines = mine.splitlines()
    assert lines[2].startswith(stamp(THURSDAY_10 + DAY, "D"))
    assert lines[3].startswith(stamp(THURSDAY_10, "D"))
    assert "Only you can see this" in mine
    hers = said(await priya.slash(town.chat, "me"))
    assert "You hosted 1 jelly." in hers
    assert "Thursday jelly" not in hers
    assert sam.mention not in hers


async def test_another_servers_jellies_do_not_count(town: Town) -> None:
    await _hold(town, town.members[0])
    sam = town.members[0]
    await sam.click(town.card(), label="I was there")
    other = await _next_door(town)
    there = other.guild.add_member(sam.user)
    await sam.slash(town.chat, "me")
    assert "not been at a jelly here yet" in said(await there.slash(other.channel, "me"))
    shown = await there.slash(other.channel, "me")
    assert shown.response is not None
    await there.click(shown.response, label="Heads-down")
    assert "asked each time" in said(await sam.slash(town.chat, "me"))


async def test_me_changes_how_one_likes_to_work(town: Town) -> None:
    await town.schedule()
    sam, priya, _ = town.members
    shown = await sam.slash(town.chat, "me")
    assert shown.response is not None
    assert "How you like to work: asked each time" in said(shown)
    assert buttons_of(shown.response) == [
        *("Heads-down", "Either", "Up for a chat", "Ask each time")
    ]
    changed = await sam.click(shown.response, label="Heads-down")
    assert changed.response is not None
    assert changed.response.id == shown.response.id
    assert "How you like to work: Heads-down" in said(changed)
    assert "asked each time" in said(await priya.slash(town.chat, "me"))
    pressed = await sam.click(town.card(), label="Going")
    assert "How do you like to work" not in pressed.followups[0].content  # a welcome alone
    assert "**1 going: 1 heads-down**" in text_of(town.card())
    await town.restart()
    again = await sam.click(changed.response, label="Ask each time")
    assert "asked each time" in said(again)
    await town.schedule("Friday jelly", when="friday 10-16")
    asked = await sam.click(town.card("Friday jelly"), label="Going")
    assert "You are going. How do you like to work this time?" in asked.followups[0].content


async def test_the_mood_somebody_says_on_the_way_is_remembered(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    asked = await sam.click(town.card(), label="Going")
    await sam.click(asked.followups[0], label="Up for a chat")
    assert "How you like to work: Up for a chat" in said(await sam.slash(town.chat, "me"))


async def test_me_lists_the_latest_ten(town: Town) -> None:
    sam = town.members[0]
    await town.schedule("Daily", when="every day 10-11")
    start = datetime(2026, 11, 23, 10, tzinfo=UTC)
    for day in range(12):
        await town.at(start + day * DAY)
        [card] = [card for card in town.cards() if "I'm here" in buttons_of(card)]
        await sam.click(card, label="I'm here")
    text = said(await sam.slash(town.chat, "me"))
    assert "You were at 12 jellies in 1 place" in text
    listed = [line for line in text.splitlines() if line.startswith("<t:")]
    assert listed[0].startswith(stamp(start + 11 * DAY, "D"))
    assert len(listed) == 10


# Thanks.


async def test_the_hosts_are_thanked_on_the_first_and_nobody_is_pinged(town: Town) -> None:
    sam, priya, jordan = town.members
    await _schedule_hosted_by(town, priya)
    await town.schedule("Friday jelly", when="friday 10-16", where="The Shrew")
    await town.schedule("Empty jelly", when="saturday 10-16", where="Nowhere")
    await sam.click(town.card("Thursday jelly"), label="Going")
    for member in (sam, jordan):
        await member.click(town.card("Friday jelly"), label="Going")
    for day in range(3):
        await town.at(ENDS + day * DAY)
        await town.at(ENDS + day * DAY + HOUR)
    await town.at(FIRST_OF_DECEMBER - SECOND)
    assert _thanks(town) == []
    await town.at(FIRST_OF_DECEMBER)
    [thanks] = _thanks(town)
    assert "November" in thanks
    assert "2 jellies, 2 places, 2 people." in thanks
    assert priya.mention in thanks
    assert town.organizer.mention in thanks
    assert sam.mention not in thanks
    assert mentioned_users(town)[-1] == []
    sent = [r for r in town.environment.http_requests if r.path.endswith("/messages")][-1]
    assert sent.json is not None
    assert sent.json["allowed_mentions"]["parse"] == []
    for later in (FIRST_OF_DECEMBER + DAY, FIRST_OF_DECEMBER + 40 * DAY):
        await town.at(later)
        await town.restart()
        await town.start_again()
    assert len(_thanks(town)) == 1


async def test_ten_in_the_morning_is_that_of_the_server(town: Town) -> None:
    await town.organizer.slash(town.chat, "settings", zone="Pacific/Auckland")
    await town.schedule(when="thursday 10-16")
    await town.members[0].click(town.card(), label="Going")
    for hours in (12, 20, 40):
        await town.at(THURSDAY_10 - DAY + hours * HOUR)
    first = datetime(2026, 11, 30, 21, tzinfo=UTC)  # 10:00 of 1 December there
    await town.at(first - SECOND)
    assert _thanks(town) == []
    await town.at(first)
    assert len(_thanks(town)) == 1


async def test_a_month_without_people_is_not_thanked_for(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.members[0].click(town.card("Weekly"), label="Can't make it")
    for week in range(3):
        await town.at(ENDS + week * WEEK)
    await town.at(FIRST_OF_DECEMBER + 40 * DAY)
    assert _thanks(town) == []


async def test_each_month_is_thanked_for_once(town: Town) -> None:
    await town.schedule("Weekly", when="every thursday 10-16")
    sam = town.members[0]
    for week in range(7):
        await town.at(THURSDAY_10 + week * WEEK)
        await sam.click(town.card("Weekly"), label="I'm here")
        await town.at(ENDS + week * WEEK)
        await town.at(ENDS + week * WEEK + DAY)
    november, december = _thanks(town)
    assert "November" in november
    assert "1 jelly, 1 place, 1 person." in november
    assert "December" in december
    assert "5 jellies, 1 place, 1 person." in december


@pytest.mark.parametrize("when_said", ["before", "after"])
async def test_no_thanks_where_the_organizers_want_none(town: Town, when_said: str) -> None:
    if when_said == "before":
        await town.organizer.slash(town.chat, "settings", thanks=False)
    await _hold(town, town.members[0])
    if when_said == "after":
        await town.organizer.slash(town.chat, "settings", thanks=False)
    for day in range(4, 20):
        await town.at(ENDS + day * DAY)
    assert _thanks(town) == []
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "thanks to the hosts" not in listed


async def test_a_jelly_across_the_months_end_counts_once(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.schedule("Night jelly", when="2026-11-30 22:00 for 4 hours")
    await town.members[1].click(town.card("Night jelly"), label="Going")
    for moment in (
        datetime(2026, 11, 30, 22, tzinfo=UTC),
        datetime(2026, 12, 1, 2, tzinfo=UTC),
        datetime(2026, 12, 2, 3, tzinfo=UTC),
        datetime(2027, 1, 1, 10, tzinfo=UTC),
    ):
        await town.at(moment)
    november, december = _thanks(town)
    assert "1 jelly, 1 place, 1 person." in november
    assert "1 jelly, 1 place, 1 person." in december


@pytest.mark.parametrize("how", ["down since before the jelly", "down since after it"])
async def test_down_on_the_first_it_is_sent_late_and_once(town: Town, how: str) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    if how == "down since after it":
        await town.at(ENDS)
    await town.at(FIRST_OF_DECEMBER + timedelta(days=13, hours=23))
    assert len(_thanks(town)) == 1
    await town.kill()
    await town.start_again()
    await town.after(10 * DAY)
    assert len(_thanks(town)) == 1


async def test_down_for_two_weeks_it_is_left_out(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.at(FIRST_OF_DECEMBER + timedelta(weeks=2))
    assert _thanks(town) == []


async def test_those_who_came_are_thanked_for_where_people_checked_in(town: Town) -> None:
    await _hold(town, *town.members)
    await town.members[0].click(town.card(), label="I was there")
    await town.at(FIRST_OF_DECEMBER)
    assert "1 jelly, 1 place, 1 person." in _thanks(town)[0]


async def test_thanks_go_to_the_channel_of_that_day(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.organizer.slash(town.chat, "settings", channel=town.chat)
    await town.at(FIRST_OF_DECEMBER)
    assert _thanks(town) == []
    assert "Thank you for hosting" in town.chat.history()[-1].content


async def test_thanks_come_at_ten_also_where_the_zone_changed(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.organizer.slash(town.chat, "settings", zone="America/New_York")
    await town.at(FIRST_OF_DECEMBER)
    assert _thanks(town) == []
    await town.at(FIRST_OF_DECEMBER + 5 * HOUR)
    assert len(_thanks(town)) == 1


async def test_thanks_that_are_switched_on_come_on_the_next_first(town: Town) -> None:
    await town.organizer.slash(town.chat, "settings", thanks=False)
    await _hold(town, town.members[0])
    await town.at(ENDS + DAY)
    await town.organizer.slash(town.chat, "settings", thanks=True)
    await town.at(FIRST_OF_DECEMBER)
    assert len(_thanks(town)) == 1


async def test_thanks_for_a_month_lead_to_no_single_card(town: Town) -> None:
    await _hold(town, town.members[0])
    await _live(town, FIRST_OF_DECEMBER)
    message = town.jellies.last_message
    assert message is not None
    assert "Thank you for hosting" in message.content
    assert buttons_of(message) == []


async def test_each_server_is_thanked_for_its_own_jellies(town: Town) -> None:
    await town.schedule()
    next_door = await _next_door(town)
    shown = await next_door.organizer.slash(
        next_door.channel, "jelly new", what="Theirs", when="friday 10-16", where="There"
    )
    assert shown.response is not None
    await next_door.organizer.click(shown.response, label="Post it")
    await next_door.organizer.slash(next_door.channel, "rsvp", session="Theirs", answer="going")
    await _live(town, FIRST_OF_DECEMBER)
    assert _thanks(town) == []
    theirs = next_door.channel.last_message
    assert theirs is not None
    assert "1 jelly, 1 place, 1 person." in theirs.content
    assert next_door.organizer.mention in theirs.content


# Private messages that fail.


async def test_a_private_message_that_did_not_arrive_is_told_without_a_made_up_channel(
    town: Town,
) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    town.environment.inject_error("POST", "/users/@me/channels", status=400, code=50033)
    await town.after(15 * MINUTE)
    listed = said(await town.organizer.slash(town.chat, "jelly list"))
    assert "word of who is new" in listed
    assert f"<#{town.organizer.id}>" not in listed


async def test_a_private_message_that_is_tried_again_reaches_the_host(town: Town) -> None:
    await town.schedule()
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    town.environment.inject_error("POST", "/users/@me/channels", status=400, code=50033)
    await town.after(15 * MINUTE)
    assert _private(town.organizer) == []
    listed = await town.organizer.slash(town.chat, "jelly list")
    assert listed.response is not None
    await town.organizer.click(listed.response, label="Try again")
    await town.settle()
    assert [sam.mention in one for one in _private(town.organizer)] == [True]


# An upgrade.


async def test_an_older_store_is_brought_up_to_date_with_everything_in_it(town: Town) -> None:
    sam, priya, jordan = town.members
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.schedule("Friday jelly", when="friday 10-16")
    await sam.slash(town.jellies, "rsvp", session="Friday", answer="going", note="my thesis")
    for member in (priya, sam):
        await member.click(town.card("Weekly"), label="Going")
    await jordan.click(town.card("Weekly"), label="Maybe")
    await town.settle()
    cards = [text_of(card) for card in town.cards()]
    await _upgrade(town)
    assert [text_of(card) for card in town.cards()] == cards
    shown = said(await town.organizer.slash(town.chat, "headcount session", which="Friday"))
    assert f"**1 going**\n{sam.mention} · " in shown
    assert "my thesis" in shown
    # The card answers, in the same order, with the same counts.
    await jordan.click(town.card("Weekly"), label="Going")
    assert f"**3 going**\n{priya.mention}, {sam.mention}, {jordan.mention}" in text_of(
        town.card("Weekly")
    )
    await sam.click(town.card("Weekly"), label="Can't make it")
    assert f"**2 going** · 1 can't make it\n{priya.mention}, {jordan.mention}" in text_of(
        town.card("Weekly")
    )
    # What was owed is still sent, once.
    for moment in (THURSDAY_10 - DAY, THURSDAY_10 - HOUR, THURSDAY_10):
        await town.at(moment)
    about = [message for message in town.messages() if "**Weekly**" in message]
    assert len(about) == 3
    assert priya.mention in about[0]
    assert "starts now" in about[2]


async def test_people_known_before_an_upgrade_are_no_newcomers_after_it(town: Town) -> None:
    sam, priya, _ = town.members
    await _hold(town, sam)
    await town.schedule("Friday jelly", when="friday 10-16")
    await _upgrade(town)
    told = _private(town.organizer)
    known = await sam.click(town.card("Friday jelly"), label="Going")
    assert [one.content for one in known.followups] == [
        "You are going. How do you like to work this time?"
    ]
    new = await priya.click(town.card("Friday jelly"), label="Going")
    assert "Welcome!" in new.followups[0].content
    await town.after(15 * MINUTE)
    [word] = _private(town.organizer)[len(told) :]
    assert priya.mention in word
    assert sam.mention not in word


async def test_somebody_who_came_before_an_upgrade_is_no_newcomer_at_an_earlier_made_date(
    town: Town,
) -> None:
    sam = town.members[0]
    await town.schedule("Weekly", when="every thursday 10-16")
    await town.schedule("Tuesday jelly", when="tuesday 10-16")
    await sam.click(town.card("Tuesday jelly"), label="Going")
    await sam.click(town.card("Weekly"), label="Going")
    await town.at(THURSDAY_10 - DAY)  # Tuesday is over
    await _upgrade(town)
    shown = said(await town.organizer.slash(town.chat, "headcount session", which="26 nov"))
    assert sam.mention in shown
    assert "first time here" not in shown


async def test_what_was_planned_before_an_upgrade_gets_what_is_new(town: Town) -> None:
    sam, priya, _ = town.members
    await town.schedule()
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Maybe")
    await _upgrade(town)
    await town.at(THURSDAY_10 - DAY)
    assert [one for one in town.messages() if "you said maybe" in one] != []
    await town.at(THURSDAY_10)
    assert buttons_of(town.card())[:2] == ["I'm here", "Heading off"]
    await town.at(ENDS)
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]
    await town.at(ENDS + HOUR)
    assert len(_summaries(town, town.organizer)) == 1
    await town.at(ENDS + DAY)
    assert buttons_of(town.card()) == []
    await town.at(FIRST_OF_DECEMBER)
    assert len(_thanks(town)) == 1


async def test_what_was_on_its_way_at_an_upgrade_arrives_once(town: Town) -> None:
    sam = town.members[0]
    await town.schedule()
    await town.schedule("Friday jelly", when="friday 10-16")
    await sam.click(town.card("Thursday jelly"), label="Going")
    await sam.click(town.card("Friday jelly"), label="Going")
    town.clock.moment = THURSDAY_10 - DAY
    claimed = int(town.clock.moment.timestamp())
    await town.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', attempts = 1, first_try_at = :at, "
            "try_at = :at + 60 WHERE kind = 'reminder' AND before = 86400 AND session_id = 1",
            at=claimed,
        )
    )
    await _upgrade(town)
    await town.after(10 * MINUTE)
    [reminder] = [one for one in town.messages() if "**Thursday jelly**" in one]
    assert sam.mention in reminder
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    preview = await town.organizer.slash(
        town.jellies, "jelly move", which="Friday jelly", when="saturday 10-16"
    )
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await town.settle()
    assert not any("has moved" in one for one in town.messages())
    await _upgrade(town)
    await town.after(10 * MINUTE)
    [moved] = [one for one in town.messages() if "has moved" in one]
    assert stamp(THURSDAY_10 + DAY, "F") in moved
    assert stamp(THURSDAY_10 + 2 * DAY, "F") in moved
    assert f"Going: {sam.mention}" in moved


async def test_a_card_from_before_an_upgrade_gets_what_is_new(town: Town) -> None:
    await town.schedule()
    backend = town.environment.backend
    card = town.card()
    components = backend.get_message(card.channel.id, card.id).components
    for row in walk_components(components):
        if row["type"] == 1:  # the first Jelly knew three buttons
            row["components"] = row["components"][:3]
    backend.edit_message(card.channel.id, card.id, {"components": components})
    assert buttons_of(town.card()) == ["Going", "Maybe", "Can't make it"]
    await _upgrade(town)
    assert buttons_of(town.card()) == ["Going", "Maybe", "Can't make it", "Add details"]


async def test_a_jelly_that_ended_just_before_an_upgrade_is_summed_up(town: Town) -> None:
    await _hold(town, town.members[0])
    await town.at(ENDS + 30 * MINUTE)
    await _upgrade(town)
    await _live(town, ENDS + DAY)
    assert len(_summaries(town, town.organizer)) == 1


async def test_an_upgrade_is_done_once(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await _upgrade(town)
    await town.at(ENDS)
    await town.restart()
    await town.start_again()
    await town.at(ENDS + HOUR)
    await town.kill()
    await town.start_again()
    await town.after(HOUR)
    assert len(_summaries(town, town.organizer)) == 1


# Settings.


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"thanks": False}, ["Monthly thanks to the hosts: off"]),
        ({"zone": "Berlin"}, ["Time zone: Europe/Berlin"]),
        ({"offers_within": "none"}, ["Seats that come free: go to the next in line right away"]),
        (
            {"card": "2 days", "reminders": "none"},
            ["Cards are posted 2 days before", "Reminders: none"],
        ),
    ],
)
async def test_settings_say_what_has_changed(
    town: Town, options: dict[str, Any], lines: list[str]
) -> None:
    changed = await town.organizer.slash(town.chat, "settings", **options)
    assert changed.ephemeral
    marked = [line for line in said(changed).splitlines() if line.endswith("← new")]
    assert marked == [f"{line} ← new" for line in lines]
    again = said(await town.organizer.slash(town.chat, "settings", **options))
    assert "← new" not in again
    shown = said(await town.organizer.slash(town.chat, "settings"))
    assert "← new" not in shown
    assert lines[0] in shown


# How to.


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Another server with the same bot in it."""

    guild: simcord.GuildHandle
    channel: simcord.ChannelHandle
    organizer: simcord.MemberActor
    message: discord.Message
    """Something to press under."""


async def _next_door(town: Town) -> Neighbours:
    guild = town.environment.create_guild("Next door")
    channel = guild.create_text_channel("jellies")
    powers = guild.create_role("Organizers", permissions=discord.Permissions(administrator=True))
    user = town.environment.create_user("nadia", global_name="Nadia")
    organizer = guild.add_member(user, roles=[powers])
    await organizer.slash(channel, "settings", channel=channel, zone=ZONE)
    message = await organizer.send(channel, "Hello")
    return Neighbours(guild, channel, organizer, message)


async def _forge(
    town: Town,
    actor: simcord.MemberActor,
    under: discord.Message | simcord.ResponseMessage,
    custom_id: str,
    *values: str,
) -> simcord.InteractionResult:
    """A press of what nobody was shown, as from a client that somebody tampered with."""
    channel_id = (
        under.channel_id if isinstance(under, simcord.ResponseMessage) else under.channel.id
    )
    stored = town.environment.backend.get_message(channel_id, under.id)
    data: dict[str, Any] = {"custom_id": custom_id, "component_type": BUTTON}
    if custom_id.split(":")[1] in ("ticked", "taken-off"):
        data |= {"component_type": SELECT, "values": list(values)}
    return await _component_interaction(actor, stored, data)


async def _live(town: Town, until: datetime) -> None:
    """Let time pass with the bot awake, so that everything comes at its moment."""
    while (due := await town.database.read(next_due)) is not None and due <= until:
        await town.at(max(due, town.clock.moment))
        if await town.database.read(next_due) == due:
            break  # it can't be paid, so waiting for it would be for ever
    await town.at(until)


async def _hold(town: Town, *going: simcord.MemberActor) -> None:
    """A jelly on Thursday to which these said they would come, until its end."""
    await town.schedule()
    for member in going:
        await member.click(town.card(), label="Going")
    await _live(town, ENDS)


async def _hold_two_thursdays(town: Town) -> None:
    sam, priya, jordan = town.members
    await _hold(town, sam, priya, jordan)
    for member in (sam, priya):
        await member.click(town.card(), label="I was there")
    await town.schedule("Second jelly", when="dec 3 10-16")
    await _live(town, ENDS + 2 * DAY)
    await sam.click(town.card("Second jelly"), label="Going")
    await _live(town, ENDS + WEEK)


async def _schedule_with(town: Town, **options: object) -> None:
    shown = await town.organizer.slash(
        town.jellies,
        "jelly new",
        what="Thursday jelly",
        when="thursday 10-16",
        where="The Alb",
        **options,
    )
    assert shown.response is not None
    await town.organizer.click(shown.response, label="Post it")
    await town.settle()


async def _schedule_hosted_by(town: Town, host: simcord.MemberActor) -> None:
    await _schedule_with(town, host=host)


async def _move(town: Town, when: str) -> None:
    preview = await town.organizer.slash(
        town.jellies, "jelly move", which="Thursday jelly", when=when
    )
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await town.settle()


async def _hand_over(town: Town, host: simcord.MemberActor) -> None:
    form = await town.organizer.slash(town.jellies, "jelly edit", which="Thursday jelly")
    preview = await town.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": "Thursday 26 November 2026, 10:00 to 16:00, London time",
            "where": "The Alb",
            "host": [host],
        },
    )
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await town.settle()


async def _call_off(town: Town) -> None:
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it off")
    await town.settle()


async def _headcount(town: Town, reader: simcord.MemberActor) -> simcord.InteractionResult:
    return await reader.slash(town.chat, "headcount session", which="Thursday jelly")


def _host_buttons(shown: simcord.InteractionResult) -> list[str]:
    assert shown.response is not None
    return buttons_of(shown.response)


async def _table(town: Town) -> tuple[str, bytes]:
    """The file that the host downloads: its name and what is in it."""
    shown = await _headcount(town, town.organizer)
    assert shown.response is not None
    sent = await town.organizer.click(shown.response, label="Table (CSV)")
    assert sent.ephemeral
    assert sent.response is not None
    [file] = sent.response.attachments
    return file.filename, await file.read()


def _rows(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


async def _open_roll(town: Town, host: simcord.MemberActor) -> simcord.InteractionResult:
    shown = await _headcount(town, host)
    assert shown.response is not None
    return await host.click(shown.response, label="Tick people off")


def _menus(shown: simcord.InteractionResult) -> list[dict[str, Any]]:
    assert shown.response is not None
    return [part for part in walk_components(shown.response.components) if part["type"] == SELECT]


def _private(person: simcord.MemberActor) -> list[str]:
    """What the bot told somebody alone, oldest first."""
    return [message.content for message in person.user.dm_channel.history()]


def _summaries(town: Town, person: simcord.MemberActor) -> list[str]:
    return [text for text in _private(person) if text.startswith("### How ")]


def _thanks(town: Town) -> list[str]:
    return [text for text in town.messages() if "Thank you for hosting" in text]


def _seen_by(town: Town, reader: simcord.MemberActor) -> str:
    """Everything that somebody reads in the channel for jellies."""
    return "\n".join(text_of(message) for message in town.jellies.history(viewer=reader))


def _close_messages_of(town: Town, person: simcord.MemberActor) -> None:
    town.environment.inject_error(
        "POST",
        f"/channels/{person.user.dm_channel.id}/messages",
        status=403,
        code=50007,
        message="Cannot send messages to this user",
        times=None,
    )


async def _upgrade(town: Town) -> None:
    """Put the store back to what the first Jelly wrote, and start today's on it."""
    await town.settle()
    await town.database.close()
    _as_the_first_jelly_wrote_it(town.file)
    town.database = await Database.open(town.file)
    await town.restart()
    await town.start_again()


def _as_the_first_jelly_wrote_it(file: Path) -> None:
    older = file.with_suffix(".older")
    connection = sqlite3.connect(older, isolation_level=None)
    migrate(connection, up_to=1)
    connection.execute("ATTACH ? AS newer", (str(file),))
    tables = [
        name
        for (name,) in connection.execute(
            # Answers before sessions, so that no trigger counts them again.
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "ORDER BY name <> 'rsvp', name"
        )
    ]
    for table in tables:
        columns = ", ".join(
            row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")
        )
        kept = {
            "delivery": "kind IN ('announcement', 'reminder', 'start', 'moved', 'cancelled', "
            "'question', 'refresh') AND NOT (kind = 'refresh' AND occasion NOT IN ("
            "SELECT starts_at FROM newer.session UNION SELECT ends_at FROM newer.session))",
            "memory": "name = 'commands'",
        }.get(table, "TRUE")
        connection.execute(
            f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table} WHERE {kept}"
        )
    connection.close()
    older.replace(file)
