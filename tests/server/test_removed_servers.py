"""A server that removes the bot is left in peace at once, and forgotten 30 days later."""

from __future__ import annotations

import pytest

from data.due import next_due
from data.forget_servers import forget_some
from data.limits import REMOVED_KEPT_FOR
from data.models import DeliveryState
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.outcomes import record_end
from data.outside import change_application
from data.removed_servers import note_present, note_removed, settle_some
from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import LAST_HOURS, in_line
from tests.server.hosting import (
    call_off,
    live_until,
    open_next_door,
    press,
    schedule_with,
    told_alone,
)
from tests.server.membership import invite_again, put_back, remove_bot, take_out
from tests.server.simulated_server import SimulatedServer
from tests.server.test_series import series_named, weekly

BACK = "### Jelly is back"


def requests(server: SimulatedServer) -> int:
    return len(server.environment.backend.http_requests)


async def sessions(server: SimulatedServer) -> int:
    [row] = await server.read("SELECT COUNT(*) AS n FROM session")
    return int(row["n"])


async def removed_at(server: SimulatedServer) -> object:
    [row] = await server.read("SELECT removed_at FROM guild")
    return row["removed_at"]


def words_of_return(server: SimulatedServer) -> list[str]:
    return [text for text in told_alone(server.organizer) if text.startswith(BACK)]


async def test_nothing_is_told_in_private_or_asked_of_discord_after_it_removed_the_bot(
    server: SimulatedServer,
) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await server.members[1].click(server.card(), label="Going")
    asked, told = requests(server), told_alone(host)
    await remove_bot(server)
    await live_until(server, THURSDAY_10 + 8 * DAY)
    assert requests(server) == asked
    assert told_alone(host) == told
    assert told_alone(server.organizer) == []


async def test_its_series_grow_no_more(server: SimulatedServer) -> None:
    await server.schedule(when="every thursday 10-16")
    dates = await sessions(server)
    await remove_bot(server)
    await live_until(server, THURSDAY_10 + 20 * DAY)
    await server.bot.follow_zone_database()
    assert await sessions(server) == dates
    due = await server.database.read(next_due)
    assert due is not None
    assert due - server.clock.moment > DAY  # only the deletion


async def test_an_outage_of_the_server_is_no_removal(server: SimulatedServer) -> None:
    await server.schedule()
    server.environment.backend.emit(
        "GUILD_DELETE", {"id": str(server.guild.id), "unavailable": True}
    )
    await server.environment.settle()
    assert await removed_at(server) is None


async def test_a_server_missing_at_two_logins_a_day_apart_has_removed_the_bot(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    take_out(server)
    await server.restart()
    assert await removed_at(server) is None
    await server.after(DAY - MINUTE)
    await server.restart()
    assert await removed_at(server) is None
    await server.after(2 * MINUTE)
    await server.restart()
    assert await removed_at(server) is not None


async def test_a_server_that_was_missing_once_gets_what_was_due(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    left = take_out(server)
    await server.restart()
    await server.at(THURSDAY_10 - DAY)
    put_back(server, left)
    await server.restart()
    await server.settle()
    [reminder] = server.said_ever()
    assert "Thursday jelly" in reminder
    await server.after(2 * DAY)
    take_out(server)
    await server.restart()
    assert await removed_at(server) is None


async def test_invited_again_it_goes_on_with_the_cards_that_were_due_and_a_word(
    server: SimulatedServer,
) -> None:
    await server.schedule(when="every thursday 10-16")
    await server.members[0].click(server.card(), label="Going")
    await server.schedule("Saturday jelly", "5 dec 10-16")
    left = await remove_bot(server)
    await live_until(server, THURSDAY_10 + 3 * DAY)
    await invite_again(server, left)
    assert server.said_ever() == []
    assert len(server.cards()) == 3
    [word] = words_of_return(server)
    assert "1 jelly began meanwhile" in word
    before = await sessions(server)
    await live_until(server, THURSDAY_10 + 10 * DAY)
    assert await sessions(server) > before
    assert any("Saturday jelly" in text for text in server.said_ever())
    assert len(words_of_return(server)) == 1


async def test_what_was_under_way_at_the_removal_owes_nothing_when_it_fails(
    server: SimulatedServer,
) -> None:
    host = server.members[0]
    await schedule_with(server, host=host)
    await server.members[1].click(server.card(), label="Going")
    [reminder] = await server.read(
        "SELECT delivery_id FROM delivery WHERE kind = 'reminder' LIMIT 1"
    )
    await remove_bot(server)
    await server.database.write(
        lambda t: record_end(
            t,
            reminder["delivery_id"],
            state=DeliveryState.FAILED,
            error=DeliveryError(ErrorCode.FORBIDDEN),
            now=server.clock.moment,
        )
    )
    await server.after(HOUR)
    assert told_alone(host)[1:] == []  # after the question whether to host
    assert await server.read("SELECT * FROM delivery WHERE state = 'pending'") == []


async def test_a_pause_is_as_it_was_after_the_return(server: SimulatedServer) -> None:
    await weekly(server)
    asked = await server.organizer.slash(
        server.jellies, "jelly pause", jelly=await series_named(server)
    )
    await press(server.organizer, asked, "Pause it")
    await server.settle()
    dates = "SELECT session_id, state FROM session ORDER BY session_id"
    paused = "SELECT paused_from, paused_until, state FROM series"
    before = await server.read(dates), await server.read(paused)
    left = await remove_bot(server)
    await server.after(10 * DAY)
    await invite_again(server, left)
    await live_until(server, server.clock.moment + 8 * DAY)
    assert (await server.read(dates), await server.read(paused)) == before


async def test_a_seat_that_was_offered_is_offered_again_after_the_return(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await in_line(server, at=LAST_HOURS)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    told = len(server.said_ever())
    left = await remove_bot(server)
    await server.after(2 * HOUR)
    assert await server.read("SELECT * FROM rsvp WHERE offered_until IS NOT NULL") == []
    await invite_again(server, left)
    [offer] = server.said_ever()[told:]
    assert priya.mention in offer


async def test_a_bot_killed_between_the_steps_goes_on_with_them(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.removed_servers.SETTLED_AT_ONCE", 2)
    await server.schedule(when="every thursday 10-16")
    owed = "SELECT COUNT(*) AS n FROM delivery WHERE state = 'pending'"
    now = server.clock.moment
    planned = await server.read(owed)
    left = take_out(server)
    await server.database.write(lambda t: note_removed(t, server.guild.id, now=now))
    await server.database.write(lambda t: settle_some(t, now=now))
    await server.kill()
    await server.settle()
    assert await server.read(owed) == [{"n": 0}]
    put_back(server, left)
    await server.database.write(lambda t: note_present(t, server.guild.id, now=now))
    await server.database.write(lambda t: settle_some(t, now=now))
    assert await server.read(owed) != planned
    await server.kill()
    await server.settle()
    assert await server.read(owed) == planned
    assert await server.read("SELECT settle_at FROM guild") == [{"settle_at": None}]


async def test_removed_twice_it_goes_on_twice(server: SimulatedServer) -> None:
    await server.schedule(when="every thursday 10-16")
    for _ in range(2):
        left = await remove_bot(server)
        await server.after(HOUR)
        server.environment.backend.emit("GUILD_DELETE", {"id": str(server.guild.id)})
        await server.environment.settle()
        await invite_again(server, left)
    assert len(words_of_return(server)) == 2
    assert len(server.cards()) == 1


async def test_invited_while_the_bot_was_off_it_goes_on_at_the_login(
    server: SimulatedServer,
) -> None:
    await server.schedule(when="every thursday 10-16")
    left = await remove_bot(server)
    await server.after(3 * DAY)
    await server.kill()
    put_back(server, left)
    await server.restart()
    await server.settle()
    assert await removed_at(server) is None
    assert len(words_of_return(server)) == 1


async def test_its_data_are_deleted_30_days_later_and_no_other_servers(
    server: SimulatedServer,
) -> None:
    await server.schedule(when="every thursday 10-16")
    await server.members[0].click(server.card(), label="Going")
    neighbours = await open_next_door(server)
    await remove_bot(server)
    await live_until(server, server.clock.moment + REMOVED_KEPT_FOR - MINUTE)
    assert await sessions(server) > 0
    await server.after(2 * MINUTE)
    assert await sessions(server) == 0
    assert await server.read("SELECT guild_id FROM guild") == [{"guild_id": neighbours.guild.id}]


async def test_invited_during_the_deletion_it_begins_anew(server: SimulatedServer) -> None:
    await server.schedule(when="every thursday 10-16")
    left = await remove_bot(server)
    server.clock.moment += REMOVED_KEPT_FOR + MINUTE
    await invite_again(server, left)
    assert await server.read("SELECT * FROM guild") == []
    assert words_of_return(server) == []
    await server.set_up()
    await server.schedule("New jelly", "in 2 days 10-16")
    assert server.card("New jelly")


async def test_another_application_changes_nothing_and_is_said(
    server: SimulatedServer, caplog: pytest.LogCaptureFixture
) -> None:
    await server.schedule()
    own = server.environment.backend.application_id
    server.environment.backend.application_id = own + 1
    take_out(server)
    for _ in range(2):
        await server.restart()
        await server.after(2 * DAY)
    assert await removed_at(server) is None
    assert await server.read("SELECT missing_since FROM guild") == [{"missing_since": None}]
    [row] = await server.read("SELECT value FROM key_value WHERE name = 'application'")
    assert row["value"] == str(own)
    assert "belongs to another application" in caplog.text
    assert "python -m bot adopt" in caplog.text


async def test_another_applications_kick_removes_nothing(server: SimulatedServer) -> None:
    await server.schedule()
    server.environment.backend.application_id += 1
    await server.restart()
    await remove_bot(server)
    assert await removed_at(server) is None


async def test_an_application_that_was_adopted_owns_the_servers_and_posts_its_own_cards(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    server.environment.backend.application_id += 1
    await server.database.write(change_application)
    await server.restart()
    await server.start_again()
    assert len(server.cards()) == 2
    await remove_bot(server)
    assert await removed_at(server) is not None


async def test_a_bot_killed_at_any_step_of_the_deletion_goes_on_with_it(
    server: SimulatedServer,
) -> None:
    await server.schedule(when="every thursday 10-16")
    await server.members[0].click(server.card(), label="Going")
    guild_id = server.guild.id
    await remove_bot(server)
    server.clock.moment += REMOVED_KEPT_FOR
    left = True
    while left:
        left = await server.database.write(lambda t: forget_some(t, guild_id))
        await server.kill()
    assert await server.read("SELECT * FROM guild") == []
    assert await sessions(server) == 0


async def test_words_of_what_ended_meanwhile_go_when_the_bot_is_back(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.schedule("Second jelly", "thursday 10-16")
    await server.members[0].click(server.card("Second jelly"), label="Going")
    await server.at(THURSDAY_10 - HOUR)
    await call_off(server)
    assert len(server.messages()) == 2
    left = await remove_bot(server)
    await live_until(server, THURSDAY_10 + 3 * DAY)
    await invite_again(server, left)
    assert server.messages() == []


async def test_an_open_question_stays_when_the_bot_is_back(server: SimulatedServer) -> None:
    await server.schedule(when="every day 10-11")
    await live_until(server, THURSDAY_10 + 2 * DAY)
    assert any("Keep it going?" in message for message in server.messages())
    left = await remove_bot(server)
    await server.after(DAY)
    await invite_again(server, left)
    await server.after(HOUR)
    assert any("Keep it going?" in message for message in server.messages())
    await live_until(server, THURSDAY_10 + 20 * DAY)
    assert not any("Keep it going?" in message for message in server.messages())
