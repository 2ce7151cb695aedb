"""People who use everything there is, and what is left of them once they are forgotten."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import discord
import simcord

from data.store.transaction import Transaction
from tests.moments import DAY, FIRST_OF_DECEMBER, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import (
    HOST,
    add_details,
    agree_to_host,
    answer,
    filled,
    member,
    told,
    without_quiet_hours,
)
from tests.server.hosting import (
    close_messages_of,
    live_until,
    press,
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
    await press(by, preview, "Schedule it")
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
    await schedule(server, robin, "Full jelly", "friday 10-16", seats=HOST + 1)
    await sam.click(server.card("Full jelly"), label="Going")
    await canary.click(server.card("Full jelly"), label="Join the waiting list")
    await schedule(server, robin, "Closed jelly", "thursday 11-12", answers_close="3 days")
    await answer(server, canary, "going", session="Closed jelly")
    await schedule(server, robin, "Later jelly", "dec 10 10-16", seats=HOST + 2)
    for who in (priya, canary, jordan):
        await answer(server, who, "going", session="Later jelly", note=f"{who.name} comes")
    # They call off what someone else hosts.
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
    asked = await canary.slash(chat, "jelly cancel", jelly=f"{WORD} mistake")
    await press(canary, asked, "Call it off")
    moved = await canary.slash(
        chat, "jelly move", jelly=f"{WORD} lunch", when="wednesday 13-14", where=f"{WORD} Attic"
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
    # The evening before: a seat is offered to them, and someone is let in.
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
    roll = await canary.slash(chat, "headcount session", jelly=f"{WORD} lunch")
    await press(canary, roll, "Table (CSV)")
    await canary.slash(chat, "headcount history")
    await canary.slash(chat, "jelly log")
    await canary.slash(chat, "jelly list")
    await live_until(server, FIRST_OF_DECEMBER + MINUTE)


async def live_among_others(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Has a person, who is no organizer, invite and be invited, and all that comes of it."""
    await server.organizer.slash(server.jellies, "settings", organizers=server.chat)
    await without_quiet_hours(server)
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
    asked = await canary.slash(server.chat, "jelly cancel", jelly=f"{WORD} supper")
    await press(canary, asked, "Call it off")
    await server.settle()
    assert told(server, f"**{WORD} supper** on")
    server.guild.remove_member(canary)
    server.environment.inject_error(
        "POST", f"/channels/{server.jellies.id}/messages", status=403, code=50013, times=1
    )
    await live_until(server, BREAKFAST + DAY)
    word_to_organizers = "\n".join(text_of(one) for one in server.chat.history())
    for heading in ("### What didn't arrive", "### Who takes over?"):
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
    """Invites someone to a jelly, or to all dates of a series."""
    [row] = await server.read(
        "SELECT session_id, series_id FROM session WHERE title = :title LIMIT 1", title=title
    )
    whole = {} if row["series_id"] is None else {"all_dates": True}
    told_host = await invite(server, who, by=by, session=f"session:{row['session_id']}", **whole)
    assert "is invited" in told_host


async def _be_asked_to_host(server: SimulatedServer, canary: simcord.MemberActor) -> None:
    """Takes over a date and a series, declines others; and asks someone else, twice."""
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
    """Asks someone to host a jelly, or a whole series."""
    [row] = await server.read(
        "SELECT session_id, series_id FROM session WHERE title = :title LIMIT 1", title=title
    )
    whole = {} if row["series_id"] is None else {"dates": "all"}
    form = await by.slash(
        server.jellies, "jelly edit", jelly=f"session:{row['session_id']}", **whole
    )
    preview = await by.submit_modal(form, {**filled(form), "host": [who]})
    saved = await press(by, preview, "Save it")
    assert f"{who.mention} to host it" in said(saved)
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
    await canary.click(server.card("Closed jelly"), label="Ask to join")
    await server.settle()
    [question] = told(server, "would like to join")
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


async def counted(server: SimulatedServer) -> dict[str, object]:
    """Returns what must stay as it is: counts of what is over, and what belongs to others."""
    now = int(server.clock.now().timestamp())
    counts = await server.read(
        """
        SELECT session_id, starts_at, capacity, going_count, waiting_count, requested_count,
            maybe_count, declined_count, guest_count, heads_down_count, chatty_count, hours_count,
            here_count, came_count
        FROM session WHERE ends_at <= :now ORDER BY session_id
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
