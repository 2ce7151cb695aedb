"""From last time: choices for a new jelly, and a past one repeated on a new date."""

from __future__ import annotations

from datetime import UTC, datetime

import simcord

from data.limits import LOOKED_BACK_TO_REPEAT
from tests.moments import DAY, HOUR, THURSDAY_10, stamp
from tests.server.actions import schedule
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, said


async def offered(
    server: SimulatedServer, who: simcord.MemberActor, option: str, typed: str = ""
) -> list[dict[str, object]]:
    found = await who.autocomplete(server.jellies, "jelly new", option, typed)
    return [dict(one) for one in found]


async def values(
    server: SimulatedServer, who: simcord.MemberActor, option: str, typed: str = ""
) -> list[object]:
    return [one["value"] for one in await offered(server, who, option, typed)]


async def test_place_seats_and_tone_of_ones_last_jelly_come_first(server: SimulatedServer) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server, title="Old", when="wednesday 9-12", seats=4, tone="social")
    await schedule(server, title="New", when="friday 9-12", seats=12, tone="quiet")
    await robin.slash(server.jellies, "jelly move", jelly="session:1", where="The Shrew")
    await schedule(server, title="Sam's", by=sam, when="friday 14-16", seats=99)
    assert await values(server, robin, "where") == ["The Alb"]
    assert await values(server, robin, "where", "shrew") == []
    assert await values(server, robin, "seats") == [12, 4]
    assert await values(server, robin, "tone") == ["quiet", "mixed", "social"]
    assert await values(server, robin, "tone", "soc") == ["social"]
    # Another person has their own, and who scheduled nothing has none.
    assert await values(server, sam, "seats") == [99]
    priya = server.members[1]
    assert await values(server, priya, "where") == []
    assert await values(server, priya, "seats") == []
    assert await values(server, priya, "tone") == ["quiet", "mixed", "social"]


async def test_a_new_date_is_offered_as_long_as_the_last_one(server: SimulatedServer) -> None:
    await schedule(server)
    [first, *_] = await offered(server, server.organizer, "when")
    assert first["value"] == "thursday 10:00 to 16:00"
    [longer, usual, *_] = await offered(server, server.organizer, "when", "friday 9am")
    assert longer["value"] == "friday 9am for 6 hours"
    assert str(longer["name"]).startswith("Friday 27 November 2026, 09:00 to 15:00")
    assert usual["value"] == "friday 9am"
    [ends, *_] = await offered(server, server.organizer, "when", "friday 9-11")
    assert ends["value"] == "friday 9-11"


async def test_a_past_jelly_is_repeated_with_everything_but_its_date(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await schedule(
        server,
        by=sam,
        about="The wifi is good",
        seats=8,
        guests=2,
        tone="quiet",
        answers_close="1 day",
    )
    await server.at(THURSDAY_10 + DAY)
    listed = await sam.autocomplete(server.jellies, "jelly again", "jelly", "")
    assert [one["value"] for one in listed] == ["session:1"]
    preview = await sam.slash(server.jellies, "jelly again", jelly="session:1", when="dec 3 9am")
    start = datetime(2026, 12, 3, 9, tzinfo=UTC)
    assert f"{stamp(start, 'F')} to {stamp(start + 6 * HOUR, 't')}" in said(preview)
    assert "The wifi is good" in said(preview)
    await press(sam, preview, "Schedule it")
    rows = await server.read(
        "SELECT title, place, about, tone, capacity, most_guests, answers_close, host_id "
        "FROM session ORDER BY session_id"
    )
    assert rows[0] == rows[1]


async def test_only_ones_own_are_repeated_and_organizers_repeat_all(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=sam)
    await server.at(THURSDAY_10 + DAY)
    command = (server.jellies, "jelly again")
    assert await priya.autocomplete(*command, "jelly", "") == []
    refused = await priya.slash(*command, jelly="session:1", when="dec 3 9am")
    assert "Only its host" in said(refused)
    robin = server.organizer
    assert len(await robin.autocomplete(*command, "jelly", "")) == 1
    preview = await robin.slash(*command, jelly="Thursday jelly", when="dec 3 9am")
    assert f"**Host** {robin.mention}" in said(preview)


async def test_an_end_that_is_typed_is_kept_and_a_wrong_date_is_asked_about(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await server.at(THURSDAY_10 + DAY)
    command = (server.jellies, "jelly again")
    preview = await server.organizer.slash(*command, jelly="session:1", when="dec 3 9-10")
    start = datetime(2026, 12, 3, 9, tzinfo=UTC)
    assert f"{stamp(start, 'F')} to {stamp(start + HOUR, 't')}" in said(preview)
    unread = await server.organizer.slash(*command, jelly="session:1", when="dec 32")
    assert "Nothing's posted yet" in said(unread)
    await server.after(LOOKED_BACK_TO_REPEAT)
    gone = await server.organizer.slash(*command, jelly="session:1", when="tomorrow 10am")
    assert "too long ago" in said(gone)
