"""Private channels are opened slowly, once for each person, and delay nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import simcord

from bot.outbox import MOST_PRIVATE_IN_FLIGHT
from data.limits import MOST_OPENINGS, OPENINGS_WINDOW
from tests.moments import DAY, ENDS, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import answer, member
from tests.server.hosting import press, summaries_for, told_alone
from tests.server.simulated_server import SimulatedServer

OPENING = "/users/@me/channels"


async def test_a_private_channel_is_opened_once_and_remembered(server: SimulatedServer) -> None:
    await _host(server, server.organizer, "First")
    await _host(server, server.organizer, "Second")
    await _newcomer(server, "First")
    await server.after(10 * MINUTE)
    await server.restart()
    await server.start_again()
    await _newcomer(server, "Second")
    await server.after(10 * MINUTE)
    assert len(told_alone(server.organizer)) == 2
    assert _opened(server) == 1


async def test_new_private_channels_are_opened_slowly(server: SimulatedServer) -> None:
    hosts = [member(server, f"Host {number}") for number in range(2 * MOST_OPENINGS + 2)]
    for number, host in enumerate(hosts):
        await _host(server, host, f"Jelly {number}")
        await _newcomer(server, f"Jelly {number}")
    await server.after(10 * MINUTE)
    told = [_number_told(hosts)]
    for _ in range(3):
        await server.after(OPENINGS_WINDOW)
        told.append(_number_told(hosts))
    assert told == [MOST_OPENINGS, 2 * MOST_OPENINGS, len(hosts), len(hosts)]
    assert [len(told_alone(host)) for host in hosts] == [1] * len(hosts)


async def test_the_bot_wakes_up_when_the_next_may_be_opened(server: SimulatedServer) -> None:
    hosts = [member(server, f"Host {number}") for number in range(MOST_OPENINGS + 1)]
    for number, host in enumerate(hosts):
        await _host(server, host, f"Jelly {number}")
        await _newcomer(server, f"Jelly {number}")
    await server.after(10 * MINUTE)
    with server.environment.time_context():
        due = await server.bot.do_what_is_due()
    assert due == server.clock.now() + OPENINGS_WINDOW


async def test_those_who_are_known_wait_for_no_opening(server: SimulatedServer) -> None:
    await _host(server, server.organizer, "Known")
    await _newcomer(server, "Known")
    await server.after(10 * MINUTE)
    hosts = [member(server, f"Host {number}") for number in range(MOST_OPENINGS)]
    for number, host in enumerate(hosts):
        await _host(server, host, f"Jelly {number}")
        await _newcomer(server, f"Jelly {number}")
    await _newcomer(server, "Known")
    await server.after(10 * MINUTE)
    assert len(told_alone(server.organizer)) == 2


async def test_a_private_channel_that_is_gone_is_opened_anew(server: SimulatedServer) -> None:
    await _host(server, server.organizer, "First")
    await _newcomer(server, "First")
    await server.after(10 * MINUTE)
    [row] = await server.read("SELECT channel_id FROM private_channel")
    await server.database.write(
        lambda t: t.run("UPDATE private_channel SET channel_id = channel_id + 1")
    )
    await _newcomer(server, "First")
    await server.after(10 * MINUTE)
    await server.after(MINUTE)
    assert len(told_alone(server.organizer)) == 2
    assert await server.read("SELECT channel_id FROM private_channel") == [row]


async def test_after_discord_refused_an_opening_none_is_asked_for_during_ten_minutes(
    server: SimulatedServer,
) -> None:
    hosts = [member(server, f"Host {number}") for number in range(MOST_OPENINGS - 1)]
    for number, host in enumerate(hosts):
        await _host(server, host, f"Jelly {number}")
        await _newcomer(server, f"Jelly {number}")
    server.environment.inject_error("POST", OPENING, status=403, code=40003, times=None)
    await server.after(10 * MINUTE)
    asked = _opened(server)
    assert 0 < asked < MOST_OPENINGS
    for _ in range(9):
        await server.after(MINUTE)
    assert _opened(server) == asked
    server.environment.backend.faults.clear()
    for _ in range(2):
        await server.after(MINUTE)
    assert [len(told_alone(host)) for host in hosts] == [1] * len(hosts)


async def test_no_private_channel_is_opened_for_what_is_not_to_be_said_any_more(
    server: SimulatedServer,
) -> None:
    server.environment.inject_error("POST", OPENING, status=403, code=40003, times=None)
    await _host(server, server.organizer, "First")
    await _newcomer(server, "First")
    await server.after(10 * MINUTE)
    assert _opened(server) == 1
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="First")
    await press(server.organizer, asked, "Call it off")
    for _ in range(11):
        await server.after(MINUTE)
    assert _opened(server) == 1


async def test_an_opening_that_failed_is_tried_again_at_the_pace_of_all(
    server: SimulatedServer,
) -> None:
    server.environment.inject_error("POST", OPENING, status=503, times=None)
    await _host(server, server.organizer, "First")
    await _newcomer(server, "First")
    await server.after(10 * MINUTE)
    for _ in range(11):
        await server.after(timedelta(seconds=5))
        # It makes everything that was put off be tried again.
        with server.environment.time_context():
            await server.bot.on_resumed()
        await server.after(timedelta(0))
    assert 1 < _opened(server) <= MOST_OPENINGS
    server.environment.backend.faults.clear()
    for _ in range(2):
        await server.after(OPENINGS_WINDOW)
    assert len(told_alone(server.organizer)) == 1


async def test_a_clock_that_went_back_keeps_nobody_waiting(server: SimulatedServer) -> None:
    hosts = [member(server, f"Host {number}") for number in range(2 * MOST_OPENINGS)]
    for number, host in enumerate(hosts):
        await _host(server, host, f"Jelly {number}")
    server.clock.moment += DAY
    for number in range(len(hosts)):
        await _newcomer(server, f"Jelly {number}")
    await server.after(10 * MINUTE)
    assert _number_told(hosts) == MOST_OPENINGS
    server.clock.moment -= DAY
    for _ in range(12):
        await server.after(MINUTE)
    assert [len(told_alone(host)) for host in hosts] == [1] * len(hosts)


async def test_how_a_jelly_went_is_not_told_before_it_ends_whatever_the_clock_said(
    server: SimulatedServer,
) -> None:
    hosts = [member(server, f"Host {number}") for number in range(MOST_OPENINGS + 1)]
    for number, host in enumerate(hosts):
        await _host(server, host, f"Jelly {number}")
        await answer(server, host, "going", session=f"Jelly {number}", guests=1)
    noon = server.clock.moment
    await server.at(ENDS + HOUR)
    assert _number_told(hosts) == MOST_OPENINGS
    server.clock.moment = noon
    for _ in range(5):
        await server.after(MINUTE)
    assert summaries_for(hosts[-1]) == []
    await server.at(ENDS + HOUR)
    assert len(summaries_for(hosts[-1])) == 1


async def test_openings_that_hang_hold_up_no_channel(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = [member(server, f"Host {number}") for number in range(MOST_PRIVATE_IN_FLIGHT + 1)]
    for number, host in enumerate(hosts):
        await _host(server, host, f"Jelly {number}")
    await server.at(THURSDAY_10 - HOUR - 10 * MINUTE)
    for number in range(len(hosts)):
        await _newcomer(server, f"Jelly {number}")
    before = len(server.posted())
    opening, gate = server.bot.http.start_private_message, asyncio.Event()

    async def hang(user_id: int) -> object:
        await gate.wait()
        return await opening(user_id)

    monkeypatch.setattr(server.bot.http, "start_private_message", hang)
    server.clock.moment = THURSDAY_10 - HOUR
    with server.environment.time_context():
        await server.bot.do_what_is_due()
        async with asyncio.timeout(20):
            while len(server.posted()) == before:
                await asyncio.sleep(0.01)
        assert _number_told(hosts) == 0
        gate.set()
        await server.bot.outbox.drain()
    assert _number_told(hosts) == len(hosts)


async def _host(server: SimulatedServer, host: simcord.MemberActor, title: str) -> None:
    preview = await host.slash(
        server.jellies, "jelly new", what=title, when="thursday 10-16", where="Home", guests=1
    )
    assert preview.response is not None
    await host.click(preview.response, label="Schedule it")
    await server.settle()


async def _newcomer(server: SimulatedServer, title: str) -> None:
    """Has a new member say that they are coming, which the host is told ten minutes later."""
    new = member(server, f"New {len(server.environment.http_requests)}")
    await new.slash(server.jellies, "rsvp", jelly=title, answer="going")


def _number_told(hosts: list[simcord.MemberActor]) -> int:
    return sum(bool(told_alone(host)) for host in hosts)


def _opened(server: SimulatedServer) -> int:
    requests = server.environment.http_requests
    return sum(r.method == "POST" and r.path == OPENING for r in requests)
