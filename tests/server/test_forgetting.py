"""/me forget: afterwards a person stands nowhere, and nobody else has lost anything."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import discord
import pytest
import simcord

from bot.forgetting import forget
from data.change_settings import note_owners
from data.changes import last_changes_by
from data.limits import CORRECTIONS_TOGETHER, REWRITES_APART
from data.people.forgetting import begin_forgetting, drop_lapsed, forget_some
from data.people.pseudonyms import HASHES
from data.store.database import Database
from data.store.unusable import DatabaseUnusable
from tests.moments import DAY, ENDS, FIRST_OF_DECEMBER, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import (
    HOST,
    add_details,
    agree_to_host,
    answer,
    filled,
    previewed,
    told,
)
from tests.server.hosting import (
    call_off,
    live_until,
    move,
    press,
    rows_of,
    schedule_with,
)
from tests.server.lives import (
    WORD,
    bytes_with,
    forget_me,
    rows_with,
    schedule,
)
from tests.server.simulated_server import SimulatedServer, said, text_of

# What it asks, and what it leaves alone.


async def test_it_is_asked_twice_and_says_what_is_called_off(server: SimulatedServer) -> None:
    await server.set_up()
    sam, priya, jordan = server.members
    await schedule(server, sam, "Sam's jelly", "thursday 10-16")
    await schedule(server, sam, "Sam's weekly", "every friday 10-12")
    await schedule(server, sam, "Handed over", "thursday 12-13")
    for title in ("Sam's jelly", "Sam's weekly"):
        await jordan.click(server.card(title), label="Going")
    asked = await sam.slash(server.chat, "me forget")
    assert asked.ephemeral
    assert "You host 10 jellies ahead and 1 series." in said(asked)
    assert "`/jelly edit` " in said(asked)
    sure = await press(sam, asked, "Delete everything about me")
    assert "It can't be undone" in said(sure)
    await hand_over(server, sam, "Handed over", priya)
    # What was asked is no longer so; it is asked again, and nothing has happened.
    again = await press(sam, sure, "Yes, delete everything about me")
    assert "You host 9 jellies ahead and 1 series." in said(again)
    assert await rows_with(server, sam)
    done = await press(sam, again, "Yes, delete everything about me")
    assert "nothing is stored about you any more" in said(done)
    await server.settle()
    assert len(told(server, "is called off")) == 2
    assert not [one for one in server.messages() if sam.mention in one or "Sam" in one]
    [kept] = await server.read("SELECT * FROM session WHERE title = 'Handed over'")
    assert (kept["state"], kept["host_id"], kept["created_by"]) == (
        *("scheduled", priya.id),
        priya.id,
    )
    assert "ends" not in said(await priya.slash(server.chat, "jelly list"))
    assert "Handed over" in said(await jordan.slash(server.chat, "jellies"))


async def hand_over(
    server: SimulatedServer, by: simcord.MemberActor, which: str, to: simcord.MemberActor
) -> None:
    """Makes someone else the host of a jelly."""
    form = await by.slash(server.jellies, "jelly edit", jelly=which)
    preview = await by.submit_modal(form, {**filled(form), "host": [to]})
    await press(by, preview, "Save it")
    await server.settle()
    await agree_to_host(server, to)


async def test_whoever_was_never_there_is_told_so(server: SimulatedServer) -> None:
    await server.set_up()
    for command in ("me forget", "me export"):
        answered = await server.members[0].slash(server.chat, command)
        assert answered.ephemeral
        assert "Nothing is stored about you yet." in said(answered)


async def test_a_seat_goes_to_the_next_and_the_card_forgets(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule_with(server, seats=HOST + 1)
    await add_details(server, sam, note="taxes")
    await priya.click(server.card(), label="Join the waiting list")
    assert sam.mention in text_of(server.card())
    await forget_me(server, sam)
    assert told(server, f"{priya.mention}: a seat came free")
    assert "taxes" not in text_of(server.card())
    assert sam.mention not in text_of(server.card())
    assert priya.mention in text_of(server.card())
    [session] = await server.read("SELECT * FROM session")
    assert (session["going_count"], session["declined_count"]) == (2, 0)
    # They may begin anew.
    await sam.click(server.card(), label="Join the waiting list")
    assert "**1 waiting**" in text_of(server.card())


async def test_a_past_jelly_counts_them_and_names_them_nowhere(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule_with(server, host=sam)
    for who in (sam, priya):
        await who.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    await sam.click(server.card(), label="I'm here")
    await live_until(server, ENDS + 2 * HOUR)
    assert "**1 came**" in text_of(server.card())
    await forget_me(server, sam)
    shown = text_of(server.card("A jelly"))
    assert "**1 came**" in shown
    assert sam.mention not in shown
    assert priya.mention not in shown  # who did not come
    assert "**Host** –" in shown
    assert "**Where** a place" in shown
    read = await server.organizer.slash(server.chat, "headcount session", jelly="A jelly")
    assert "**1 came**" in said(read)
    table_sent = await press(server.organizer, read, "Table (CSV)")
    assert table_sent.response is not None
    rows = rows_of(await table_sent.response.attachments[0].read())
    assert [row[0] for row in rows[1:]] == ["Priya"]
    listed = await press(server.organizer, read, "List to copy")
    assert "1. Priya" in said(listed)
    assert "and 1 more" in said(listed)
    for shown_text in (said(read), shown, said(listed)):
        assert "<@-" not in shown_text
    await live_until(server, FIRST_OF_DECEMBER + HOUR)
    assert not [one for one in server.messages() if "<@-" in one]


# Whatever happens in between.


async def test_a_kill_at_any_step_leaves_nobody_half_forgotten(server: SimulatedServer) -> None:
    await server.set_up()
    sam, priya, _ = server.members
    await schedule(server, sam, f"{WORD} daily", "every day 10-11", WORD)
    await schedule(server, sam, f"{WORD} later", "every day 14-15", WORD)
    await schedule(server, priya, "Thursday jelly", "thursday 12-13")
    await sam.click(server.card(), label="Going")
    now = server.clock.now()
    await server.database.write(lambda t: begin_forgetting(t, sam.id))
    steps = 0
    while await server.database.write(lambda t: forget_some(t, sam.id, now=now)):
        steps += 1
        await server.kill()
        if steps == 2:
            break
    assert await server.read("SELECT 1 FROM session WHERE state = 'scheduled' AND host_id > 0")
    await server.start_again()
    assert [one for one in await rows_with(server, sam) if one != "member.name"] == []
    assert bytes_with(server.file, sam.id) == []
    assert await server.read("SELECT * FROM key_value WHERE name LIKE '%forg%'") == []
    assert "**1 coming**" in text_of(server.card()) or "No one" in text_of(server.card())


async def test_a_kill_before_the_file_is_rewritten_leaves_that_to_the_next_start(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await server.schedule()
    await add_details(server, sam, note=WORD)
    now = server.clock.now()
    await server.database.write(lambda t: begin_forgetting(t, sam.id))
    while await server.database.write(lambda t: forget_some(t, sam.id, now=now)):
        pass
    await server.kill()
    [mark] = await server.read("SELECT name FROM key_value WHERE name = 'file_to_rewrite'")
    assert mark
    await server.start_again()
    assert bytes_with(server.file, sam.id) == []
    assert await server.read("SELECT name FROM key_value WHERE name = 'file_to_rewrite'") == []


async def test_whoever_reads_the_file_meanwhile_only_delays_the_end(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await server.schedule()
    await add_details(server, sam, note=WORD)
    with closing(sqlite3.connect(server.file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM rsvp").fetchall()
        assert "nothing is stored about you any more" in await forget_me(server, sam)
        assert await rows_with(server, sam) == []
        assert bytes_with(server.file, sam.id) != []
    await server.after(REWRITES_APART)
    assert bytes_with(server.file, sam.id) == []


async def test_word_that_names_others_alone_stays(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await move(server, "Thursday jelly", "friday 10-12")
    await server.after(CORRECTIONS_TOGETHER)
    await priya.click(server.card(), label="Maybe")
    await forget_me(server, priya)
    assert len([one for one in server.messages() if "has moved" in one]) == 1
    await forget_me(server, sam)
    assert not [one for one in server.messages() if "has moved" in one]


async def test_word_that_names_nobody_stays(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Can't make it")
    await priya.click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    assert len(told(server, "is on now")) == 1
    await forget_me(server, sam)
    assert len(told(server, "is on now")) == 1


async def test_the_file_is_rewritten_once_for_many(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.schedule()
    rewrite, times = Database.rewrite_file, []

    async def rewrite_and_note(of: Database) -> bool:
        times.append(of)
        return await rewrite(of)

    monkeypatch.setattr(Database, "rewrite_file", rewrite_and_note)
    for who in server.members:
        await who.click(server.card(), label="Going")
        assert "nothing is stored about you any more" in await forget_me(server, who)
        assert await rows_with(server, who) == []
    assert len(times) == 1
    await server.after(REWRITES_APART)
    assert len(times) == 2
    for who in server.members:
        assert bytes_with(server.file, who.id) == []


async def test_a_message_on_its_way_is_deleted_once_it_arrived(server: SimulatedServer) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    for who in (sam, priya):
        await who.click(server.card(), label="Going")
    server.clock.moment = THURSDAY_10 - DAY
    with server.environment.time_context():
        # It is claimed, so its text is settled, and then someone in it is forgotten.
        await server.bot.outbox.pay()
        await forget(server.database, server.clock, sam.id)
        await server.bot.outbox.drain()
    assert any(sam.mention in one for one in server.messages())
    await server.settle()
    assert not any(sam.mention in one for one in server.messages())
    assert await rows_with(server, sam) == []


async def test_who_is_looked_up_meanwhile_is_not_stored_again(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a jelly Discord is asked whether its host is still there, which takes a while."""
    sam = server.members[0]
    await schedule_with(server, host=sam)
    server.guild.remove_member(sam)
    look_up, looked_up = discord.Guild.fetch_member, []

    async def slowly(guild: discord.Guild, member_id: int) -> discord.Member:
        looked_up.append(member_id)
        if member_id == sam.id:
            await forget(server.database, server.clock, sam.id)
        return await look_up(guild, member_id)

    monkeypatch.setattr(discord.Guild, "fetch_member", slowly)
    await live_until(server, THURSDAY_10)
    assert sam.id in looked_up
    assert await rows_with(server, sam) == []


async def test_what_counts_within_the_hour_counts_on(server: SimulatedServer) -> None:
    """Nobody escapes the limit of changes by being forgotten; an hour later it has lapsed."""
    await server.set_up()
    sam = server.members[0]
    for number in range(3):
        await schedule(server, sam, f"Jelly {number}", f"dec {10 + number} 10-16")
    await forget_me(server, sam)
    since = server.clock.now() - HOUR
    counted_now = await server.database.read(
        lambda t: last_changes_by(t, server.guild.id, sam.id, since=since, limit=9)
    )
    assert len(counted_now) >= 3
    log = said(await server.organizer.slash(server.chat, "jelly log"))
    assert "someone" in log
    assert "<@-" not in log
    assert "Jelly 1" not in log
    await server.after(2 * HOUR)
    now = server.clock.now()
    await server.database.write(lambda t: drop_lapsed(t, now=now))
    assert await server.read("SELECT 1 FROM change WHERE made_by < 0") == []


async def test_a_refusal_holds_for_whoever_comes_back(server: SimulatedServer) -> None:
    """Their own no, and the host's; what they only took back by this is forgotten."""
    await server.schedule()
    await server.schedule("Friday jelly", when="friday 10-16")
    sam = server.members[0]
    await sam.click(server.card(), label="Can't make it")
    await sam.click(server.card("Friday jelly"), label="Going")
    await forget_me(server, sam)
    [kept] = await server.read("SELECT session_id, user_id, answer FROM rsvp WHERE as_host = 0")
    assert (kept["session_id"], kept["answer"]) == (1, "declined")
    assert kept["user_id"] in HASHES
    await sam.click(server.card(), label="Going")
    assert sam.mention in text_of(server.card())
    [row] = await server.read("SELECT user_id, answer FROM rsvp WHERE as_host = 0")
    assert row == {"user_id": sam.id, "answer": "going"}
    # Once it is over and they are forgotten again, they are counted under an id that leads nowhere.
    await sam.click(server.card(), label="Can't make it")
    await forget_me(server, sam)
    await server.after(30 * DAY)
    now = server.clock.now()
    await server.database.write(lambda t: drop_lapsed(t, now=now))
    assert await rows_with(server, sam) == []
    [row] = await server.read("SELECT user_id FROM rsvp WHERE as_host = 0")
    assert row["user_id"] < HASHES.start


async def test_discord_does_not_bring_a_servers_owner_back(server: SimulatedServer) -> None:
    await server.set_up()
    sam, now = server.members[0], server.clock.now()
    owners = {server.guild.id: sam.id}
    await server.database.write(lambda t: note_owners(t, owners, now=now))
    await forget_me(server, sam)
    await server.database.write(lambda t: note_owners(t, owners, now=now))
    assert await rows_with(server, sam) == []
    robin = {server.guild.id: server.organizer.id}
    await server.database.write(lambda t: note_owners(t, robin, now=now))
    assert [row["owner_id"] for row in await server.read("SELECT owner_id FROM guild")] == [
        server.organizer.id
    ]


async def test_a_full_disk_delays_only_the_rewriting(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = server.members[0]
    await server.schedule()
    await add_details(server, sam, note=WORD)

    tries = []

    async def full(of: Database) -> bool:
        tries.append(of)
        raise DatabaseUnusable("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(Database, "rewrite_file", full)
        assert "nothing is stored about you any more" in await forget_me(server, sam)
        for _ in range(3):
            await server.settle()
        assert len(tries) == 2  # by the press, and by what looks after what is left
    assert await rows_with(server, sam) == []
    await server.after(REWRITES_APART)
    assert bytes_with(server.file, sam.id) == []


async def test_a_refused_request_stays_refused(server: SimulatedServer) -> None:
    """Being forgotten asks no host a second time."""
    sam = server.members[0]
    await schedule_with(server, answers_close="1 day")
    await server.at(THURSDAY_10 - 12 * HOUR)
    await sam.click(server.card(), label="Ask to join")
    await server.settle()
    [question] = told(server, "would like to join")
    await server.organizer.click(question, label="Not this time")
    await forget_me(server, sam)
    assert await rows_with(server, sam) == []
    again = await sam.click(server.card(), label="Ask to join")
    await server.settle()
    assert len(told(server, "would like to join")) == 1
    assert "The host said no to your request" in said(again)


async def test_during_a_jelly_nobody_waits_behind_who_was_forgotten(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule_with(server, seats=HOST + 1)
    for who, label in ((sam, "Going"), (priya, "Join the waiting list")):
        await who.click(server.card(), label=label)
    await jordan.click(server.card(), label="Join the waiting list")
    await live_until(server, THURSDAY_10 + MINUTE)
    await forget_me(server, priya)
    assert "**1 waiting**" in text_of(server.card())
    await forget_me(server, sam)
    [offer] = told(server, f"{jordan.mention}: a seat at")
    await jordan.click(offer, label="Take the seat")
    await server.settle()
    assert "**no seats left**" in text_of(server.card())


async def test_others_are_told_of_a_jelly_at_which_someone_was_forgotten(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule_with(server)
    for who in (sam, priya):
        await who.click(server.card(), label="Going")
    await live_until(server, THURSDAY_10 + MINUTE)
    await sam.click(server.card(), label="I'm here")
    await forget_me(server, sam)
    assert "**1 here now** · 3 coming in all" in text_of(server.card())
    await call_off(server)
    [notice] = told(server, "called off")
    assert priya.mention in notice.content


async def test_a_jelly_that_moves_away_from_today_keeps_no_seat_for_who_was_forgotten(
    server: SimulatedServer,
) -> None:
    sam, _, jordan = server.members
    await schedule_with(server, seats=HOST + 1)
    await sam.click(server.card(), label="Going")
    await jordan.click(server.card(), label="Join the waiting list")
    await live_until(server, THURSDAY_10 + MINUTE)
    await sam.click(server.card(), label="I'm here")
    await forget_me(server, sam)
    assert "**no seats left**" in text_of(server.card())
    await move(server, "Thursday jelly", "saturday 10-16")
    assert told(server, f"{jordan.mention}: a seat came free")
    assert jordan.mention in text_of(server.card())


async def test_what_others_were_about_to_change_holds_no_word(server: SimulatedServer) -> None:
    _, priya, jordan = server.members
    await schedule(server, priya, f"{WORD} lunch", "thursday 10-16")
    await previewed(server, which=f"{WORD} lunch", host=[jordan])
    assert "draft.title" in await rows_with(server, priya)
    await forget_me(server, priya)
    assert await rows_with(server, priya) == []


async def test_who_takes_no_invitations_gets_none_until_they_say_so_again(
    server: SimulatedServer,
) -> None:
    sam, _, jordan = server.members
    await server.set_up()
    record = await sam.slash(server.chat, "me record")
    await press(sam, record, "No invitations")
    await forget_me(server, sam)
    await schedule(server, jordan, "Friday jelly", "friday 10-16")
    refused = await answer(server, jordan, "going", session="Friday jelly", member=sam)
    assert "isn't taking invitations" in said(refused)
    # Whatever else is known of them by then.
    await sam.click(server.card("Friday jelly"), label="Maybe")
    refused = await answer(server, jordan, "going", session="Friday jelly", member=sam)
    assert "isn't taking invitations" in said(refused)
    record = await sam.slash(server.chat, "me record")
    assert "Invitations: from no one" in said(record)
    await press(sam, record, "Invitations from everyone")
    asked = await answer(server, jordan, "going", session="Friday jelly", member=sam)
    assert "is invited" in said(asked)
