"""A proxy's page in place of Discord's answer passes: nothing fails and nothing is forgotten."""

from __future__ import annotations

import discord
import pytest

from tests.moments import DAY, ENDS, HOUR, MINUTE, THURSDAY_10
from tests.program_log import program_log
from tests.server.hosting import live_until, plan, schedule_with, summaries_for, told_alone
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

PAGE = "<html>\n<h1>Blocked</h1>\n" + "<p>Ask your network.</p>\n" * 100
STATUSES = (403, 404, 405, 408)


def _answer_with_a_page(
    server: SimulatedServer, method: str, path: str, status: int = 403, *, times: int | None = None
) -> None:
    server.environment.inject_error(method, path, status=status, code=0, message=PAGE, times=times)


def _in_channel(server: SimulatedServer, rest: str = "/messages*") -> str:
    return f"/channels/{server.jellies.id}{rest}"


@pytest.mark.parametrize("status", STATUSES)
async def test_a_reminder_is_put_off_and_comes_once(server: SimulatedServer, status: int) -> None:
    host, guest, _ = server.members
    await schedule_with(server, host=host)
    await guest.click(server.card(), label="Going")
    _answer_with_a_page(server, "*", _in_channel(server, "/messages"), status)
    for minutes in (0, 5, 10, 15):
        await server.at(THURSDAY_10 - DAY + minutes * MINUTE)
    assert server.messages() == []
    assert "didn't arrive" not in said(await server.organizer.slash(server.chat, "jelly list"))
    server.environment.backend.faults.clear()
    await server.after(10 * MINUTE)
    [reminder] = server.messages()
    assert "**Thursday jelly** is on" in reminder
    message = server.jellies.last_message
    assert message is not None
    assert buttons_of(message) == ["Open the card"]
    assert not any("didn't arrive" in one for one in told_alone(host))


@pytest.mark.parametrize("status", STATUSES)
async def test_a_card_is_put_off_and_posted_once(server: SimulatedServer, status: int) -> None:
    _answer_with_a_page(server, "POST", _in_channel(server), status, times=2)
    await server.schedule()
    for _ in range(3):
        await server.after(5 * MINUTE)
    assert len(server.cards()) == 1


async def test_an_endless_page_ends_with_the_use_of_a_reminder_and_the_host_is_told(
    server: SimulatedServer,
) -> None:
    host, guest, _ = server.members
    await schedule_with(server, host=host)
    await guest.click(server.card(), label="Going")
    _answer_with_a_page(server, "*", _in_channel(server, "/messages"))
    for _ in range(30):
        await server.after(6 * HOUR)
    states = await server.read("SELECT DISTINCT state FROM delivery WHERE kind = 'reminder'")
    assert states == [{"state": "expired"}]
    assert any(
        "The reminder for **Thursday jelly**" in one and "it was too late" in one
        for one in told_alone(host)
    )


async def test_private_word_waits_and_does_not_go_into_the_channel(
    server: SimulatedServer,
) -> None:
    await plan(server, *server.members)
    await live_until(server, ENDS)
    public = server.messages()
    _answer_with_a_page(server, "POST", "/users/@me/channels", times=2)
    for _ in range(8):
        await server.after(30 * MINUTE)
    assert server.messages() == public
    assert len(summaries_for(server.organizer)) == 1


@pytest.mark.parametrize("status", STATUSES)
async def test_a_card_that_a_page_kept_from_being_edited_is_edited_later(
    server: SimulatedServer, status: int
) -> None:
    await server.schedule()
    _answer_with_a_page(server, "PATCH", _in_channel(server), status, times=2)
    await server.members[0].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    for _ in range(2):
        with pytest.raises(discord.HTTPException):
            await server.settle()
    await server.settle()
    assert "**2 coming**" in text_of(server.card())
    assert len(server.cards()) == 1


async def test_what_discord_refuses_for_another_reason_costs_no_card(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    server.environment.inject_error(
        "POST", _in_channel(server), status=404, code=10015, message="Unknown Webhook"
    )
    await server.at(THURSDAY_10 - DAY)
    listed = said(await server.organizer.slash(server.chat, "jelly list"))
    assert "Discord refused it (Unknown Webhook)" in listed
    assert await server.read("SELECT remote_id FROM mirror") == [{"remote_id": server.card().id}]


async def test_a_page_does_not_make_an_organizer_a_stranger(server: SimulatedServer) -> None:
    await schedule_with(server, host=server.members[0])
    await server.members[1].click(server.card(), label="Going")
    server.environment.inject_error("POST", _in_channel(server), status=403, code=50013, times=None)
    _answer_with_a_page(server, "GET", "/guilds/*/members/*", 404, times=2)
    await server.at(THURSDAY_10 - DAY)
    for _ in range(4):
        await server.after(5 * MINUTE)
    assert any("didn't arrive" in one for one in told_alone(server.organizer))


async def test_an_error_is_logged_and_stored_on_one_short_line(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    _answer_with_a_page(server, "*", _in_channel(server))
    await server.members[1].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    with program_log() as written, pytest.raises(discord.HTTPException):
        await server.at(THURSDAY_10 - DAY)
    lines = written.getvalue().splitlines()
    assert any("will be tried again in" in line for line in lines)
    assert any("will be refreshed again" in line for line in lines)
    assert max(map(len, lines)) < 300
    rows = await server.read("SELECT error FROM delivery WHERE error LIKE '%foreign%'")
    assert rows
    for row in rows:
        assert "Blocked" in row["error"]
        assert "\\n" not in row["error"]
        assert len(row["error"]) < 250
