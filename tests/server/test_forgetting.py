"""/me forget: afterwards a person stands nowhere, and nobody else has lost anything."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

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
from data.store.transaction import Transaction
from data.store.unusable import DatabaseUnusable
from tests.moments import DAY, ENDS, FIRST_OF_DECEMBER, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import (
    add_details,
    agree_to_host,
    answer,
    filled,
    member,
    previewed,
    told,
)
from tests.server.hosting import (
    Neighbours,
    call_off,
    close_messages_of,
    live_until,
    move,
    open_next_door,
    press,
    rows_of,
    schedule_with,
    told_alone,
)
from tests.server.simulated_server import SimulatedServer, said, text_of
from tests.server.test_invitations import invite, reply

NAME, WORD = "Quillwhistle", "Zebrafinch"
"""Who goes through everything, and what stands in each text that they type."""


# What is left of a person.


async def rows_with(server: SimulatedServer, person: simcord.MemberActor) -> list[str]:
    """Returns the columns of all tables in which a person's id, name or words stand."""

    def search(transaction: Transaction) -> list[str]:
        found = []
        for table_row in transaction.all("SELECT name FROM sqlite_master WHERE type = 'table'"):
            table_name = table_row["name"]
            for column in transaction.all(f"SELECT name FROM pragma_table_info('{table_name}')"):
                name = column["name"]
                row = transaction.one(
                    f"""
                    SELECT 1 FROM {table_name} WHERE {name} = :id OR {name} LIKE :digits
                        OR {name} LIKE :name OR {name} LIKE :word LIMIT 1
                    """,
                    id=person.id,
                    digits=f"%{person.id}%",
                    name=f"%{NAME}%",
                    word=f"%{WORD}%",
                )
                found += [] if row is None else [f"{table_name}.{name}"]
        return found

    return await server.database.read(search)


def bytes_with(file: Path, person: int) -> list[str]:
    """Returns where a person stands in the bytes of a database and the files beside it.

    SQLite stores an integer big-endian, in as many bytes as it needs:
    https://www.sqlite.org/fileformat2.html#record_format.
    """
    needles = {
        "name": NAME.encode(),
        "word": WORD.encode(),
        "digits": str(person).encode(),
        "integer": person.to_bytes(8, "big").lstrip(b"\0"),
        "negative": (-person).to_bytes(8, "big", signed=True),
    }
    return [
        f"{one.name}: {what}"
        for one in sorted(file.parent.glob(f"{file.name}*"))
        for what, needle in needles.items()
        if needle in one.read_bytes()
    ]


def shown_with(server: SimulatedServer, person: simcord.MemberActor) -> list[str]:
    """Returns what others read in Discord that names a person or quotes them."""
    public = [*server.jellies.history(), *server.chat.history()]
    texts = [text_of(one) for one in public if not one.flags.ephemeral]
    for other in (server.organizer, *server.members):
        texts += told_alone(other)
    return [text for text in texts if str(person.id) in text or NAME in text or WORD in text]


@contextmanager
def logged() -> Iterator[list[str]]:
    """Yields what is logged meanwhile, by anything."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keeper, root = Keeper(logging.DEBUG), logging.getLogger()
    keeper.setFormatter(logging.Formatter())
    before = root.level
    root.addHandler(keeper)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.setLevel(before)
        root.removeHandler(keeper)


# A life in the server.


async def newcomer(server: SimulatedServer) -> simcord.MemberActor:
    """Adds the person; they may change the settings, so that nothing is closed to them."""
    powers = discord.Permissions(manage_guild=True, manage_events=True)
    role = server.guild.create_role("Powers", permissions=powers)
    user = server.environment.create_user(NAME.lower(), global_name=NAME)
    return server.guild.add_member(user, roles=[role])


async def schedule(
    server: SimulatedServer,
    by: simcord.MemberActor,
    what: str,
    when: str,
    where: str = "The Alb",
    **more: object,
) -> None:
    preview = await by.slash(server.jellies, "jelly new", what=what, when=when, where=where, **more)
    await press(by, preview, "Post it")
    await server.settle()


async def live(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Has a person use everything there is, for a week; it is the first of December then."""
    sam, priya, jordan = server.members
    robin, chat = server.organizer, server.chat
    await canary.slash(chat, "settings", offer_time="30 minutes")
    await canary.slash(chat, "me record")
    # They answer: with details, in line, after the deadline, and for others.
    await schedule(server, robin, "Thursday jelly", "thursday 10-16", guests=2)
    await sam.click(server.card(), label="Going")
    pressed = await canary.click(server.card(), label="Going")
    await canary.click(pressed.followups[0], label="Up for a chat")
    await add_details(server, canary, guests=["1"], hours="10 to 13", note=f"{WORD} note")
    await schedule(server, robin, "Full jelly", "friday 10-16", seats=1)
    await sam.click(server.card("Full jelly"), label="Going")
    await canary.click(server.card("Full jelly"), label="Join the waiting list")
    await schedule(server, robin, "Closed jelly", "thursday 11-12", answers_close="3 days")
    await answer(server, canary, "going", session="Closed jelly")
    await schedule(server, robin, "Later jelly", "dec 10 10-16", seats=2)
    for who in (priya, canary, jordan):
        await answer(server, who, "going", session="Later jelly", note=f"{who.name} comes")
    # They call off what somebody else hosts.
    await schedule(server, jordan, "Jordan's jelly", "friday 17-18")
    await sam.click(server.card("Jordan's jelly"), label="Going")
    asked = await canary.slash(chat, "jelly cancel-by", member=jordan.user)
    await press(canary, asked, "Call it all off")
    # They host: once, again and again, for another, with a draft left over.
    await schedule(
        server, canary, f"{WORD} lunch", "wednesday 12-13", f"{WORD} Lane", about=f"{WORD} soup"
    )
    for who in (sam, priya, canary):
        await who.click(server.card(f"{WORD} lunch"), label="Going")
    await schedule(server, canary, f"{WORD} weekly", "every tuesday 10-12", f"{WORD} House")
    await schedule(server, canary, f"{WORD} brunch", "dec 12 10-16", f"{WORD} Hall")
    await sam.click(server.card(f"{WORD} weekly"), label="Going")
    await schedule(server, canary, "Handed jelly", "dec 11 10-16", "The Shrew", host=jordan)
    await agree_to_host(server, jordan)
    await schedule(server, canary, f"{WORD} mistake", "friday 12-13", f"{WORD} Cellar")
    asked = await canary.slash(chat, "jelly cancel", which=f"{WORD} mistake")
    await press(canary, asked, "Call it off")
    moved = await canary.slash(
        chat, "jelly move", which=f"{WORD} lunch", when="wednesday 13-14", where=f"{WORD} Attic"
    )
    await press(canary, moved, "Save it")
    await server.settle()
    for title in ("left over", "right over"):
        await canary.slash(
            chat, "jelly new", what=f"{WORD} {title}", when=f"friday 10 {WORD}", where="Home"
        )
    await answer(server, canary, "going", session=f"{WORD} lunch", member=jordan)
    # They invite, and are asked to host, from which they want to hear no more.
    weekly = (await server.read("SELECT session_id FROM session WHERE title LIKE '% weekly'"))[0]
    which = f"session:{weekly['session_id']}"
    await answer(server, canary, "going", session=which, member=priya, all_dates=True)
    await schedule(server, robin, "Unhosted jelly", "dec 13 10-16", host=canary)
    letter = canary.user.dm_channel.history()[-1]
    await canary.user.click(letter, label="Not from this host")
    # The evening before: a seat is offered to them, and somebody is let in.
    await live_until(server, THURSDAY_10)
    await canary.click(server.card(), label="I'm here")
    await live_until(server, THURSDAY_10 + HOUR)
    await canary.click(server.card(), label="Heading off")
    await live_until(server, THURSDAY_10 + 21 * HOUR)
    await sam.click(server.card("Full jelly"), label="Can't make it")
    await server.settle()
    [offer] = told(server, f"{canary.mention}: a seat at **Full jelly**")
    await canary.click(offer, label="Take the seat")
    # They look after what they hosted, and after everything else.
    roll = await canary.slash(chat, "headcount session", which=f"{WORD} lunch")
    await press(canary, roll, "Table (CSV)")
    await canary.slash(chat, "headcount history")
    await canary.slash(chat, "jelly log")
    await canary.slash(chat, "jelly list")
    await live_until(server, FIRST_OF_DECEMBER + MINUTE)


async def live_among_others(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Has a person, who is no organizer, invite and be invited, and all that comes of it."""
    await server.organizer.slash(server.jellies, "settings", organizers=server.chat)
    server.members += [member(server, name) for name in ("Kim", "Lee", "Max")]
    record = await canary.slash(server.chat, "me record")
    await _be_invited(server, canary)
    await _be_asked_to_host(server, canary)
    await _be_decided_about(server, canary)
    await _invite_others(server, canary)
    # Others among themselves: that stays.
    sam, priya = server.members[:2]
    await schedule(server, sam, "Sam's open", "dec 14 10-16")
    await invite_to(server, priya, "Sam's open", by=sam)
    await press(canary, record, "No invitations")
    # What they host fails to be told, and then they are gone.
    await schedule(server, canary, f"{WORD} breakfast", "dec 5 9-10", f"{WORD} Nook")
    await schedule(server, canary, f"{WORD} supper", "dec 8 18-20", f"{WORD} Kitchen")
    await live_until(server, BREAKFAST - DAY - MINUTE)
    await server.members[3].click(server.card(f"{WORD} supper"), label="Going")
    asked = await canary.slash(server.chat, "jelly cancel", which=f"{WORD} supper")
    await press(canary, asked, "Call it off")
    await server.settle()
    assert told(server, f"**{WORD} supper** on")
    server.guild.remove_member(canary)
    server.environment.inject_error(
        "POST", f"/channels/{server.jellies.id}/messages", status=403, code=50013, times=1
    )
    await live_until(server, BREAKFAST + DAY)
    word_to_organizers = "\n".join(text_of(one) for one in server.chat.history())
    for heading in ("### What did not arrive", "### Who takes over?"):
        assert heading in word_to_organizers
    assert f"**{WORD} breakfast**" in word_to_organizers


BREAKFAST = THURSDAY_10 + 9 * DAY - HOUR
"""When the last jelly that the person hosts begins."""


async def _be_invited(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Accepts and declines, to a date and a series; one invitation stays open."""
    sam, priya, jordan = server.members[:3]
    await schedule(server, sam, "Sam's jelly", "dec 20 10-16")
    await schedule(server, sam, "Sam's weekly", "every sunday 10-12")
    await schedule(server, jordan, "Jordan's jelly", "dec 21 10-16")
    await schedule(server, jordan, "Jordan's weekly", "every saturday 14-16")
    await schedule(server, priya, "Priya's jelly", "dec 22 10-16")
    await schedule(server, priya, "Priya's weekly", "every wednesday 18-20")
    for title, by, label in (
        ("Sam's jelly", sam, "I'm in"),
        ("Sam's weekly", sam, "I'm in"),
        ("Jordan's jelly", jordan, "No thanks"),
        ("Jordan's weekly", jordan, "Not from this host"),
    ):
        await invite_to(server, canary, title, by=by)
        await reply(canary, label)
        await server.after(13 * HOUR)
    await invite_to(server, canary, "Priya's weekly", by=priya)
    await server.after(13 * HOUR)


async def invite_to(
    server: SimulatedServer, who: simcord.MemberActor, title: str, *, by: simcord.MemberActor
) -> None:
    """Invites somebody to a jelly, or to all dates of a series."""
    [row] = await server.read(
        "SELECT session_id, series_id FROM session WHERE title = :title LIMIT 1", title=title
    )
    whole = {} if row["series_id"] is None else {"all_dates": True}
    told_host = await invite(server, who, by=by, session=f"session:{row['session_id']}", **whole)
    assert "is invited" in told_host


async def _be_asked_to_host(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Takes over a date and a series, declines others; and asks somebody else, twice."""
    kim, lee, max_ = server.members[3:]
    for title, when, label in (
        ("Kim's jelly", "dec 23 10-16", "I'll host"),
        ("Kim's weekly", "every thursday 18-20", "I'll host"),
        ("Lee's jelly", "dec 24 10-16", "No thanks"),
        ("Lee's weekly", "every friday 18-20", "No thanks"),
    ):
        by = kim if title.startswith("Kim") else lee
        await schedule(server, by, title, when)
        await ask_to_host(server, canary, title, by=by)
        await reply(canary, label)
        await server.settle()
        await server.after(13 * HOUR)
    await ask_to_host(server, lee, "Kim's jelly", by=canary)
    await reply(lee, "No thanks")
    await ask_to_host(server, max_, "Kim's weekly", by=canary)
    await server.settle()


async def ask_to_host(
    server: SimulatedServer, who: simcord.MemberActor, title: str, *, by: simcord.MemberActor
) -> None:
    """Asks somebody to host a jelly, or a whole series."""
    [row] = await server.read(
        "SELECT session_id, series_id FROM session WHERE title = :title LIMIT 1", title=title
    )
    whole = {} if row["series_id"] is None else {"dates": "all"}
    form = await by.slash(
        server.jellies, "jelly edit", which=f"session:{row['session_id']}", **whole
    )
    preview = await by.submit_modal(form, {**filled(form), "host": [who]})
    saved = await press(by, preview, "Save it")
    assert f"{who.mention} is asked to host it" in said(saved)
    await server.settle()


async def _invite_others(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Invites to a date and a series; one of each is never answered."""
    sam, priya, jordan, kim, lee, max_ = server.members
    await schedule(server, canary, f"{WORD} party", "dec 19 10-16", f"{WORD} Barn")
    await schedule(server, canary, f"{WORD} monthly", "first monday of the month 10-16")
    for who, title, label in (
        (sam, "party", "I'm in"),
        (priya, "party", "No thanks"),
        (jordan, "party", ""),
        (kim, "monthly", "I'm in"),
        (lee, "monthly", "Not from this host"),
        (max_, "monthly", ""),
    ):
        if who is jordan:
            close_messages_of(server, jordan.user)
        await invite_to(server, who, f"{WORD} {title}", by=canary)
        if label:
            await reply(who, label)
        await server.settle()
    assert told(server, f"{jordan.mention}: {canary.mention} invites you")


async def _be_decided_about(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Is added and taken off, refused, and has everything called off; then schedules again."""
    robin, kim = server.organizer, server.members[3]
    await schedule(server, robin, "Robin's jelly", "dec 18 10-16")
    await answer(server, robin, "going", session="Robin's jelly", member=canary)
    await server.settle()
    await answer(server, robin, "declined", session="Robin's jelly", member=canary)
    await server.settle()
    await schedule(server, robin, "Closed jelly", "dec 3 10-16", answers_close="6 days")
    await canary.click(server.card("Closed jelly"), label="Ask the host to come")
    await server.settle()
    [question] = told(server, "would like to come")
    await robin.click(question, label="Not this time")
    await server.settle()
    await schedule(server, canary, f"{WORD} tea", "dec 2 17-18", f"{WORD} Den")
    await kim.click(server.card(f"{WORD} tea"), label="Going")
    asked = await robin.slash(server.chat, "jelly cancel-by", member=canary.user)
    await press(robin, asked, "Call it all off")
    await server.settle()
    assert told(server, f"**{WORD} tea** on")


async def forget_me(server: SimulatedServer, who: simcord.MemberActor) -> str:
    """Presses both buttons of /me forget; returns what was answered at last."""
    asked = await who.slash(server.chat, "me forget")
    sure = await press(who, asked, "Delete everything about me")
    done = await press(who, sure, "Yes, delete everything about me")
    await server.settle()
    return done.response.content if done.response else ""


async def test_nothing_is_left_of_who_went_through_everything(server: SimulatedServer) -> None:
    await server.set_up()
    canary = await newcomer(server)
    await live(server, canary)
    lived_in = {found.partition(".")[0] for found in await rows_with(server, canary)}
    assert lived_in >= {
        *("guild", "series", "session", "draft", "member", "rsvp", "delivery"),
        *("delivery_recipient", "delivery_named", "private_channel", "change", "invitation"),
        "refused_host",
    }
    in_bytes = {found.partition(": ")[2] for found in bytes_with(server.file, canary.id)}
    assert in_bytes >= {"name", "word", "integer"}
    assert shown_with(server, canary)
    before = await counted(server)
    with logged() as lines:
        assert "nothing is stored about you any more" in await forget_me(server, canary)
    assert await rows_with(server, canary) == []
    assert bytes_with(server.file, canary.id) == []
    left = shown_with(server, canary)
    assert left == [], "\n=====\n".join(left)
    assert lines
    named = [one for one in lines if str(canary.id) in one or NAME in one or WORD in one]
    assert named == []
    assert await counted(server) == before


async def test_nothing_is_left_of_who_invited_and_was_invited(server: SimulatedServer) -> None:
    await server.set_up()
    user = server.environment.create_user(NAME.lower(), global_name=NAME)
    canary = server.guild.add_member(user)
    with logged() as lines:
        await live_among_others(server, canary)
        lived_in = {found.partition(".")[0] for found in await rows_with(server, canary)}
        assert lived_in >= {"invitation", "refused_host", "member", "session", "series", "ping"}
        assert len(shown_with(server, canary)) > 9
        before = await counted(server)
        # They are in the server no more, so whoever runs the bot forgets them.
        await forget(server.database, server.clock, canary.id)
        await server.restart()
        await server.start_again()
    assert await rows_with(server, canary) == []
    assert bytes_with(server.file, canary.id) == []
    left = shown_with(server, canary)
    assert left == [], "\n=====\n".join(left)
    assert [one for one in lines if str(canary.id) in one or NAME in one or WORD in one] == []
    assert await counted(server) == before
    open_now = await server.read("SELECT invited_by FROM invitation WHERE state = 'open'")
    assert [row["invited_by"] for row in open_now] == [server.members[0].id]


async def counted(server: SimulatedServer) -> dict[str, object]:
    """Returns what must stay as it is: counts of what is over, and what belongs to others."""
    now = int(server.clock.now().timestamp())
    counts = await server.read(
        """
        SELECT session_id, starts_at, capacity, going_count, waiting_count, requested_count,
            maybe_count, declined_count, guest_count, heads_down_count, chatty_count, hours_count,
            here_count, came_count
        FROM session WHERE starts_at <= :now ORDER BY session_id
        """,
        now=now,
    )
    known = [server.organizer.id, *(one.id for one in server.members)]
    listed = ", ".join(map(str, known))
    return {
        "counts": counts,
        "answers": await server.read(
            f"""
            SELECT user_id, session_id, answer, note, guests, mood, arrives_at, leaves_at, came,
                answered_at, position
            FROM rsvp JOIN session USING (session_id)
            WHERE user_id IN ({listed}) AND starts_at <= :now ORDER BY session_id, user_id
            """,
            now=now,
        ),
        "members": await server.read(
            f"""
            SELECT guild_id, user_id, name, mood, takes_invitations, left_at
            FROM member WHERE user_id IN ({listed}) ORDER BY user_id
            """
        ),
        "invitations": await server.read(
            f"""
            SELECT * FROM invitation WHERE user_id IN ({listed}) AND invited_by IN ({listed})
            """
        ),
        "refusals": await server.read(
            f"""
            SELECT * FROM refused_host WHERE user_id IN ({listed}) AND host_id IN ({listed})
            """
        ),
        "jellies": await server.read(
            f"SELECT title, place, about, state FROM session WHERE host_id IN ({listed})"
        ),
    }


# What it asks, and what it leaves alone.


async def test_it_is_asked_twice_and_says_what_is_called_off(server: SimulatedServer) -> None:
    await server.set_up()
    sam, priya, jordan = server.members
    await schedule(server, sam, "Sam's jelly", "thursday 10-16")
    await schedule(server, sam, "Sam's weekly", "every friday 10-12")
    await schedule(server, sam, "Handed over", "thursday 12-13")
    asked = await sam.slash(server.chat, "me forget")
    assert asked.ephemeral
    assert "You host 10 jellies ahead and 1 series." in said(asked)
    assert "`/jelly edit` with another host" in said(asked)
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
    """Makes somebody else the host of a jelly."""
    form = await by.slash(server.jellies, "jelly edit", which=which)
    preview = await by.submit_modal(form, {**filled(form), "host": [to]})
    await press(by, preview, "Save it")
    await server.settle()
    await agree_to_host(server, to)


async def test_whoever_was_never_there_is_told_so(server: SimulatedServer) -> None:
    await server.set_up()
    for command in ("me forget", "me export"):
        answered = await server.members[0].slash(server.chat, command)
        assert answered.ephemeral
        assert "Nothing is stored about you." in said(answered)


async def test_a_seat_goes_to_the_next_and_the_card_forgets(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule_with(server, seats=1)
    await add_details(server, sam, note="taxes")
    await priya.click(server.card(), label="Join the waiting list")
    assert sam.mention in text_of(server.card())
    await forget_me(server, sam)
    assert told(server, f"{priya.mention}: a seat has come free")
    assert "taxes" not in text_of(server.card())
    assert sam.mention not in text_of(server.card())
    assert priya.mention in text_of(server.card())
    [session] = await server.read("SELECT * FROM session")
    assert (session["going_count"], session["declined_count"]) == (1, 0)
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
    assert "**1 was there** · 2 had said Going" in text_of(server.card())
    await forget_me(server, sam)
    shown = text_of(server.card("A jelly"))
    assert "**1 was there** · 2 had said Going" in shown
    assert f"{priya.mention} and 1 more" in shown
    assert "**Host** –" in shown
    assert "**Where** a place" in shown
    read = await server.organizer.slash(server.chat, "headcount session", which="A jelly")
    assert "**1 was there**" in said(read)
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
    assert "**0 going**" in text_of(server.card()) or "No one" in text_of(server.card())


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
    assert len(told(server, "has moved")) == 1
    await forget_me(server, sam)
    assert told(server, "has moved") == []


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
        # It is claimed, so its text is settled, and then somebody in it is forgotten.
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
    assert "somebody" in log
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
    [kept] = await server.read("SELECT session_id, user_id, answer FROM rsvp")
    assert (kept["session_id"], kept["answer"]) == (1, "declined")
    assert kept["user_id"] in HASHES
    await sam.click(server.card(), label="Going")
    assert sam.mention in text_of(server.card())
    [row] = await server.read("SELECT user_id, answer FROM rsvp")
    assert row == {"user_id": sam.id, "answer": "going"}
    # Once it is over and they are forgotten again, they are counted under an id that leads nowhere.
    await sam.click(server.card(), label="Can't make it")
    await forget_me(server, sam)
    await server.after(30 * DAY)
    now = server.clock.now()
    await server.database.write(lambda t: drop_lapsed(t, now=now))
    assert await rows_with(server, sam) == []
    [row] = await server.read("SELECT user_id FROM rsvp")
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


# Having it all.


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
    await press(other.organizer, preview, "Post it")
    there = other.guild.add_member(guest.user)
    await there.slash(other.channel, "rsvp", session="Next jelly", answer="going")


async def test_a_refused_request_stays_refused(server: SimulatedServer) -> None:
    """Being forgotten asks no host a second time."""
    sam = server.members[0]
    await schedule_with(server, answers_close="1 day")
    await server.at(THURSDAY_10 - 12 * HOUR)
    await sam.click(server.card(), label="Ask the host to come")
    await server.settle()
    [question] = told(server, "would like to come")
    await server.organizer.click(question, label="Not this time")
    await forget_me(server, sam)
    assert await rows_with(server, sam) == []
    again = await sam.click(server.card(), label="Ask the host to come")
    await server.settle()
    assert told(server, "would like to come") == []
    assert "The host has said no to your request" in said(again)


async def test_during_a_jelly_nobody_waits_behind_who_was_forgotten(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule_with(server, seats=1)
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
    assert "1 of 1 taken" in text_of(server.card())


async def test_others_are_told_of_a_jelly_at_which_somebody_was_forgotten(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule_with(server)
    for who in (sam, priya):
        await who.click(server.card(), label="Going")
    await live_until(server, THURSDAY_10 + MINUTE)
    await sam.click(server.card(), label="I'm here")
    await forget_me(server, sam)
    assert "**1 here now** · **2 going**" in text_of(server.card())
    await call_off(server)
    [notice] = told(server, "called off")
    assert priya.mention in notice.content


async def test_a_jelly_that_moves_away_from_today_keeps_no_seat_for_who_was_forgotten(
    server: SimulatedServer,
) -> None:
    sam, _, jordan = server.members
    await schedule_with(server, seats=1)
    await sam.click(server.card(), label="Going")
    await jordan.click(server.card(), label="Join the waiting list")
    await live_until(server, THURSDAY_10 + MINUTE)
    await sam.click(server.card(), label="I'm here")
    await forget_me(server, sam)
    assert "1 of 1 taken" in text_of(server.card())
    await move(server, "Thursday jelly", "saturday 10-16")
    assert told(server, f"{jordan.mention}: a seat has come free")
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
    assert "takes no invitations now" in said(refused)
    # Whatever else is known of them by then.
    await sam.click(server.card("Friday jelly"), label="Maybe")
    refused = await answer(server, jordan, "going", session="Friday jelly", member=sam)
    assert "takes no invitations now" in said(refused)
    record = await sam.slash(server.chat, "me record")
    assert "Invitations: from nobody" in said(record)
    await press(sam, record, "Invitations from everyone")
    asked = await answer(server, jordan, "going", session="Friday jelly", member=sam)
    assert "is invited" in said(asked)


# Invitations, for whoever comes back.


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
    assert "takes no invitations now" in refused
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
    assert "Nobody gets more than 2 invitations a day here" in again
    for number in range(8):
        someone = member(server, f"Person{number}")
        assert "is invited" in await invite(server, someone, by=priya)
    await forget_me(server, priya)
    await schedule(server, priya, "Sunday jelly", "sunday 10-16")
    last = await invite(server, member(server, "Last"), by=priya, session="Sunday jelly")
    assert "You can send 10 invitations a day" in last


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
