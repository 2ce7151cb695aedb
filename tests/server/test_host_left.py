"""A host who has left the server: organizers are asked who takes over, a day before each date."""

from __future__ import annotations

import simcord

from data.store.transaction import Transaction
from tests.moments import DAY, ENDS, HOUR, MINUTE, SECOND, THURSDAY_10, WEEK
from tests.server.hosting import live_until, schedule_with, summaries_for, told_alone
from tests.server.simulated_server import SimulatedServer, text_of

HEADING = "### Who takes over?"
ASKED = THURSDAY_10 - DAY + 2 * MINUTE


def leave(server: SimulatedServer, person: simcord.MemberActor) -> None:
    server.environment.backend.remove_member(server.guild.id, person.user.id)


async def hand_over(server: SimulatedServer, person: simcord.MemberActor) -> None:
    """Makes a member the host of everything."""

    def change(transaction: Transaction) -> None:
        for table in ("series", "session"):
            transaction.run(f"UPDATE {table} SET host_id = :host_id", host_id=person.user.id)

    await server.database.write(change)


def words(server: SimulatedServer) -> list[str]:
    return [text for text in told_alone(server.organizer) if text.startswith(HEADING)]


def lookups(server: SimulatedServer) -> int:
    return sum(
        entry.method == "GET" and "/members/" in entry.path
        for entry in server.environment.backend.http_requests
    )


async def test_organizers_are_asked_and_the_former_host_is_not_pinged(
    server: SimulatedServer,
) -> None:
    await server.organizer.slash(server.jellies, "settings", organizers=server.chat)
    host = server.members[0]
    await schedule_with(server, host=host)
    leave(server, host)
    await live_until(server, ASKED)
    [message] = [one for one in server.chat.history() if one.content.startswith(HEADING)]
    assert f"**Thursday jelly** on <t:{int(THURSDAY_10.timestamp())}:F>" in message.content
    assert "`/jelly edit`" in message.content
    assert message.mentions == []
    assert words(server) == []


async def test_without_a_channel_one_organizer_is_asked_privately(server: SimulatedServer) -> None:
    await schedule_with(server, host=server.members[0])
    leave(server, server.members[0])
    await live_until(server, THURSDAY_10)
    [word] = words(server)
    assert "You're getting this because you last used `/settings` there" in word


async def test_a_host_who_is_there_is_looked_up_once_and_nobody_is_asked(
    server: SimulatedServer,
) -> None:
    await schedule_with(server, host=server.members[0])
    await live_until(server, THURSDAY_10 - DAY - MINUTE)
    before = lookups(server)
    await live_until(server, THURSDAY_10)
    assert lookups(server) == before + 1
    assert words(server) == []


async def test_several_dates_of_a_host_are_in_one_message(server: SimulatedServer) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await schedule_with(server, host=host)
    leave(server, host)
    await live_until(server, THURSDAY_10)
    [word] = words(server)
    assert word.count("**Thursday jelly**") == 2


async def test_each_date_of_a_series_is_asked_about_once(server: SimulatedServer) -> None:
    host = server.members[0]
    await server.schedule(when="every thursday 10-16")
    await hand_over(server, host)
    leave(server, host)
    await live_until(server, THURSDAY_10 + WEEK)
    assert len(words(server)) == 2


async def test_a_lookup_that_failed_is_tried_again(server: SimulatedServer) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    leave(server, host)
    for status, code in ((503, 0), (404, 0)):  # a proxy's page is no word of Discord's
        server.environment.inject_error(
            "GET",
            f"/guilds/{server.guild.id}/members/{host.user.id}",
            status=status,
            code=code,
            message="down",
            times=1,
        )
    await live_until(server, THURSDAY_10 - DAY + SECOND)
    assert words(server) == []
    await server.after(10 * MINUTE)
    await server.after(10 * MINUTE)
    await server.after(2 * MINUTE)
    assert len(words(server)) == 1


async def test_a_date_with_another_host_by_then_is_not_asked_about(server: SimulatedServer) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    leave(server, host)
    await live_until(server, THURSDAY_10 - DAY + SECOND)
    await hand_over(server, server.organizer)
    await server.after(2 * MINUTE)
    assert words(server) == []


async def test_nothing_else_is_sent_to_who_has_left(server: SimulatedServer) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    leave(server, host)
    await live_until(server, ASKED)
    told = told_alone(host)
    await server.members[1].click(server.card(), label="Going")
    await live_until(server, ENDS + 2 * HOUR)
    assert told_alone(host) == told
    assert not any("See the summary" in text or "is over" in text for text in server.messages())


async def test_who_came_back_is_told_again(server: SimulatedServer) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    leave(server, host)
    await live_until(server, ASKED)
    server.environment.backend.add_member(server.guild.id, host.user.id)
    await server.members[1].click(server.card(), label="Going")
    await host.click(server.card(), label="Maybe")
    await live_until(server, ENDS + 2 * HOUR)
    assert len(summaries_for(host)) == 1


async def test_who_was_known_and_came_back_is_told_again(server: SimulatedServer) -> None:
    """Under the name that they had."""
    host = server.members[0]
    await schedule_with(server, host=host)
    await host.click(server.card(), label="Going")
    leave(server, host)
    await live_until(server, ASKED)
    server.environment.backend.add_member(server.guild.id, host.user.id)
    await server.members[1].click(server.card(), label="Going")
    await host.click(server.card(), label="Maybe")
    await live_until(server, ENDS + 2 * HOUR)
    assert len(summaries_for(host)) == 1


async def test_the_seat_that_the_bot_gave_a_host_who_left_goes_to_the_next_in_line(
    server: SimulatedServer,
) -> None:
    host, sam, _ = server.members
    await schedule_with(server, host=host, seats=1)
    await sam.click(server.card(), label="Join the waiting list")
    leave(server, host)
    await live_until(server, ASKED)
    assert host.mention in text_of(server.card())  # they host it until someone takes over
    rows = await server.read("SELECT user_id FROM rsvp WHERE answer = 'going'")
    assert [row["user_id"] for row in rows] == [sam.id]
    [word] = [text for text in server.messages() if "a seat came free" in text]
    assert sam.mention in word
