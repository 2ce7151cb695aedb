"""What is about people is forgotten when it is old, and nobody notices, except that it is gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import count

import pytest
import simcord

from bot import retention
from bot.retention import forget, forget_daily
from data.models import Kept
from data.people.pseudonyms import HASHES
from data.retention import AT_ONCE
from data.store.transaction import Transaction
from tests.moments import DAY, ENDS, FIRST_OF_DECEMBER, HOUR, SECOND, THURSDAY_10, WEEK
from tests.server.actions import add_details, answer, member, schedule
from tests.server.hosting import hold, live_until, thanks_in
from tests.server.lives import forget_me
from tests.server.simulated_server import SimulatedServer, said, text_of

STAYS_OF_AN_ANSWER = {
    *("session_id", "user_id", "answer", "guests", "answered_at", "position", "answered_by"),
    *("asked_again", "offered_until", "passed", "is_welcomed", "is_asked_mood", "came", "as_host"),
}
"""All that is kept of an answer for as long as its date."""
IN_SHORT = Kept.at_most(1)


async def forget_now(server: SimulatedServer, kept: Kept | None = None) -> None:
    await forget(server.database, kept or Kept(), now=server.clock.moment, pause=0)


async def held(server: SimulatedServer) -> None:
    """Has a jelly held for which two people said much, and a third came unannounced."""
    sam, priya, jordan = server.members
    await schedule(server)
    await add_details(server, sam, note="taxes", guests=["1"], mood=["heads-down"])
    await add_details(server, sam, hours="11 to 13")
    await answer(server, priya, "maybe", note="if it rains")
    await server.at(THURSDAY_10 + HOUR)
    await sam.click(server.card(), label="I'm here")
    await server.at(THURSDAY_10 + 2 * HOUR)
    await sam.click(server.card(), label="Heading off")
    await live_until(server, ENDS + HOUR)
    await jordan.click(server.card(), label="I was there")
    await live_until(server, ENDS + 2 * DAY)


async def shown(server: SimulatedServer) -> list[str]:
    """Returns what people see of the past."""
    sam = server.members[0]
    return [
        said(await sam.slash(server.chat, "me record")),
        said(await sam.slash(server.chat, "headcount history")),
        text_of(server.card()),
        str(await server.read("SELECT version, going_count, came_count, guest_count FROM session")),
        str(await server.read("SELECT version, version_shown FROM mirror")),
    ]


async def test_what_people_said_about_a_date_is_forgotten_thirty_days_after_its_end(
    server: SimulatedServer,
) -> None:
    await held(server)
    before = await shown(server)
    said_before = await server.read("SELECT * FROM rsvp ORDER BY user_id")
    assert await server.read("SELECT * FROM session_hours WHERE people > 0") != []
    await server.at(ENDS + 30 * DAY - SECOND)
    await forget_now(server)
    assert await server.read("SELECT * FROM rsvp ORDER BY user_id") == said_before

    await server.at(ENDS + 30 * DAY)
    requests = len(server.environment.http_requests)
    await forget_now(server)
    await server.bot.catch_up()
    await server.settle()
    assert len(server.environment.http_requests) == requests
    kept = await server.read("SELECT * FROM rsvp ORDER BY user_id")
    for row, was in zip(kept, said_before, strict=True):
        assert {name: row[name] for name in STAYS_OF_AN_ANSWER} == {
            name: was[name] for name in STAYS_OF_AN_ANSWER
        }
        gone = {name: value for name, value in row.items() if name not in STAYS_OF_AN_ANSWER}
        assert not any(gone.values()), gone
    assert await server.read("SELECT * FROM session_hours") == []
    assert await shown(server) == before


async def test_who_came_is_still_known_to_the_host(server: SimulatedServer) -> None:
    await held(server)
    await forget_now(server, IN_SHORT)
    which = f"session:{(await server.read('SELECT session_id FROM session'))[0]['session_id']}"
    listed = said(await server.organizer.slash(server.chat, "headcount session", jelly=which))
    sam, priya, jordan = server.members
    came, missed = listed.split("**1 maybe**")
    assert sam.mention in came
    assert jordan.mention in came
    assert priya.mention in missed
    assert "rains" not in listed


async def test_someone_whose_first_time_is_forgotten_is_not_new_again(
    server: SimulatedServer,
) -> None:
    await held(server)
    await server.at(ENDS + 40 * DAY)
    await forget_now(server)
    await schedule(server, title="Another", when="in 2 days at 10")
    pressed = await server.members[2].click(server.card("Another"), label="Going")
    assert not any("first" in text_of(message) for message in pressed.followups)


async def test_a_month_is_summed_up_with_those_who_came(server: SimulatedServer) -> None:
    await held(server)
    await forget_now(server, IN_SHORT)
    await live_until(server, FIRST_OF_DECEMBER)
    [thanks] = thanks_in(server)
    assert "1 jelly, 1 place, 2 people." in thanks


async def test_a_shorter_span_forgets_earlier_and_nothing_comes_twice(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await schedule(server, title="Saturday jelly", when="saturday 10-16")
    await sam.click(server.card("Saturday jelly"), label="Going")
    await schedule(server)
    await add_details(server, sam, note="taxes")
    for day in range(12):
        await live_until(server, THURSDAY_10 + day * DAY)
        await forget_now(server, IN_SHORT)
        # It plans every open session of the channel anew.
        await server.organizer.slash(server.chat, "settings", card=f"{6 + day % 2} days")
        await server.settle()
    assert await server.read("SELECT 1 FROM rsvp WHERE note <> ''") == []
    assert len(thanks_in(server)) == 1
    assert len(server.cards()) == 2
    # Two reminders and the start of each, and the thanks.
    assert len(server.said_ever()) == 7


async def test_that_messages_were_sent_is_forgotten_after_ninety_days(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await hold(server, sam)
    await live_until(server, ENDS + 89 * DAY)
    await forget_now(server)
    assert await server.read("SELECT 1 FROM delivery WHERE kind = 'reminder'") != []
    await live_until(server, FIRST_OF_DECEMBER + 91 * DAY)
    await forget_now(server)
    assert await server.read("SELECT * FROM delivery WHERE state <> 'pending'") == []
    assert await server.read("SELECT * FROM delivery_recipient") == []
    assert await server.read("SELECT * FROM delivery_named") == []
    before = server.said_ever()
    await server.restart()
    await server.start_again()
    await server.after(DAY)
    assert server.said_ever() == before


async def test_messages_of_a_date_that_is_ahead_stay(server: SimulatedServer) -> None:
    await schedule(server, when="in 150 days at 10")
    await answer(server, server.organizer, "going", member=server.members[0])
    await server.after(120 * DAY)
    before = await server.read("SELECT delivery_id FROM delivery WHERE session_id IS NOT NULL")
    await forget_now(server)
    after = await server.read("SELECT delivery_id FROM delivery WHERE session_id IS NOT NULL")
    assert after == before


async def test_word_of_what_did_not_arrive_goes_with_it(server: SimulatedServer) -> None:
    await hold(server)
    server.environment.inject_error(
        "POST", f"/channels/{server.jellies.id}/messages", status=403, code=50013, times=None
    )
    await schedule(server, title="Unlucky", when="in 8 days at 10")
    await live_until(server, ENDS + 20 * DAY)
    assert await server.read("SELECT 1 FROM delivery WHERE told_by IS NOT NULL") != []
    await server.at(ENDS + 130 * DAY)
    await forget_now(server)
    assert await server.read("SELECT * FROM delivery WHERE state <> 'pending'") == []


async def test_a_series_to_which_nobody_comes_is_asked_about_once_all_the_same(
    server: SimulatedServer,
) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    await live_until(server, THURSDAY_10 + 4 * WEEK)
    question = "Keep it going?"
    assert sum(question in one for one in server.said_ever()) == 1
    for _ in range(4):
        await forget_now(server, IN_SHORT)
        await live_until(server, server.clock.moment + WEEK)
    assert sum(question in one for one in server.said_ever()) == 1


async def test_a_kill_in_the_middle_is_made_up_for(server: SimulatedServer) -> None:
    await schedule(server)
    session_id = (await server.read("SELECT session_id FROM session"))[0]["session_id"]

    def fill(transaction: Transaction) -> None:
        for number in range(3 * AT_ONCE):
            transaction.run(
                """
                INSERT INTO rsvp (session_id, user_id, answer, note, answered_at, position)
                VALUES (:session_id, :user_id, 'maybe', 'perhaps', 0, :user_id)
                """,
                session_id=session_id,
                user_id=10**17 + number,
            )

    await server.database.write(fill)
    await server.at(ENDS + 30 * DAY)
    steps, write = count(), server.database.write

    async def killed(change: object) -> object:
        if next(steps) == 2:
            raise asyncio.CancelledError
        return await write(change)  # type: ignore[arg-type]  # whatever it changes

    server.database.write = killed  # type: ignore[method-assign, assignment]  # for two steps
    with pytest.raises(asyncio.CancelledError):
        await forget_now(server)
    server.database.write = write  # type: ignore[method-assign]
    left = len(await server.read("SELECT 1 FROM rsvp WHERE note <> ''"))
    assert 0 < left < 3 * AT_ONCE
    await server.restart()
    await forget_now(server)
    assert await server.read("SELECT 1 FROM rsvp WHERE note <> ''") == []
    assert await server.read("SELECT maybe_count FROM session") == [{"maybe_count": 3 * AT_ONCE}]


async def test_what_a_refusal_knew_two_people_by_goes_and_they_stay_two(
    server: SimulatedServer,
) -> None:
    """Their data were deleted, and their own no held until the date was over."""
    await server.schedule()
    for who in server.members[:2]:
        await who.click(server.card(), label="Can't make it")
        await forget_me(server, who)
    said_no = "SELECT user_id FROM rsvp WHERE answer = 'declined'"
    hashes = {row["user_id"] for row in await server.read(said_no)}
    assert len(hashes) == 2
    assert all(one in HASHES for one in hashes)
    await live_until(server, ENDS + DAY)
    await forget_now(server)
    left = {row["user_id"] for row in await server.read(said_no)}
    assert len(left) == 2
    assert all(one < HASHES.start for one in left)


async def test_it_is_done_at_the_start_and_once_a_day(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOOK_AGAIN", timedelta(milliseconds=1))
    monkeypatch.setattr(retention, "PAUSE", 0)
    await held(server)
    server.clock.moment = ENDS + 30 * DAY - SECOND
    running = asyncio.create_task(forget_daily(server.database, server.clock, Kept()))
    try:
        await asyncio.sleep(0.05)
        assert await server.read("SELECT 1 FROM rsvp WHERE note <> ''") != []
        server.clock.moment += DAY
        async with asyncio.timeout(20):
            while await server.read("SELECT 1 FROM rsvp WHERE note <> ''"):
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_drafts_and_private_channels_of_strangers_go(server: SimulatedServer) -> None:
    sam, stranger = server.members[0], member(server, "Stranger")
    await hold(server, sam)
    await server.organizer.slash(
        server.jellies, "jelly new", what="Never", when="thursday 10", where="x"
    )
    for who in (sam, stranger):
        await _open_private_channel(server, who)
    await server.at(ENDS + 130 * DAY)
    await forget_now(server)
    assert await server.read("SELECT * FROM draft") == []
    known = [row["user_id"] for row in await server.read("SELECT user_id FROM private_channel")]
    assert sam.id in known
    assert stranger.id not in known


async def _open_private_channel(server: SimulatedServer, who: simcord.MemberActor) -> None:
    await server.database.write(
        lambda t: t.run(
            """
            INSERT INTO private_channel (user_id, channel_id, asked_at, asked_times)
            VALUES (:user_id, 5, 0, 1) ON CONFLICT (user_id) DO UPDATE SET asked_at = 0
            """,
            user_id=who.id,
        )
    )
