"""Private channels are opened slowly, once for each person, and hold up nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import simcord

from bot.outbox import MOST_PRIVATE_IN_FLIGHT
from data.limits import MOST_OPENINGS, OPENINGS_WINDOW
from tests.server.actions import DAY, HOUR, MINUTE, member
from tests.server.hosting import ENDS, press, summaries_for, told_alone
from tests.server.simulated_server import Town
from tests.server.test_scheduling import THURSDAY_10

OPENING = "/users/@me/channels"


async def test_a_private_channel_is_opened_once_and_remembered(town: Town) -> None:
    await _host(town, town.organizer, "First")
    await _host(town, town.organizer, "Second")
    await _newcomer(town, "First")
    await town.after(10 * MINUTE)
    await town.restart()
    await town.start_again()
    await _newcomer(town, "Second")
    await town.after(10 * MINUTE)
    assert len(told_alone(town.organizer)) == 2
    assert _opened(town) == 1


async def test_new_private_channels_are_opened_slowly(town: Town) -> None:
    hosts = [member(town, f"Host {number}") for number in range(2 * MOST_OPENINGS + 2)]
    for number, host in enumerate(hosts):
        await _host(town, host, f"Jelly {number}")
        await _newcomer(town, f"Jelly {number}")
    await town.after(10 * MINUTE)
    told = [_number_told(hosts)]
    for _ in range(3):
        await town.after(OPENINGS_WINDOW)
        told.append(_number_told(hosts))
    assert told == [MOST_OPENINGS, 2 * MOST_OPENINGS, len(hosts), len(hosts)]
    assert [len(told_alone(host)) for host in hosts] == [1] * len(hosts)


async def test_the_bot_wakes_up_when_the_next_may_be_opened(town: Town) -> None:
    hosts = [member(town, f"Host {number}") for number in range(MOST_OPENINGS + 1)]
    for number, host in enumerate(hosts):
        await _host(town, host, f"Jelly {number}")
        await _newcomer(town, f"Jelly {number}")
    await town.after(10 * MINUTE)
    with town.environment.time_context():
        due = await town.bot.do_what_is_due()
    assert due == town.clock.now() + OPENINGS_WINDOW


async def test_those_who_are_known_wait_for_no_opening(town: Town) -> None:
    await _host(town, town.organizer, "Known")
    await _newcomer(town, "Known")
    await town.after(10 * MINUTE)
    hosts = [member(town, f"Host {number}") for number in range(MOST_OPENINGS)]
    for number, host in enumerate(hosts):
        await _host(town, host, f"Jelly {number}")
        await _newcomer(town, f"Jelly {number}")
    await _newcomer(town, "Known")
    await town.after(10 * MINUTE)
    assert len(told_alone(town.organizer)) == 2


async def test_a_private_channel_that_is_gone_is_opened_anew(town: Town) -> None:
    await _host(town, town.organizer, "First")
    await _newcomer(town, "First")
    await town.after(10 * MINUTE)
    [row] = await town.read("SELECT channel_id FROM private_channel")
    await town.database.write(
        lambda t: t.run("UPDATE private_channel SET channel_id = channel_id + 1")
    )
    await _newcomer(town, "First")
    await town.after(10 * MINUTE)
    await town.after(MINUTE)
    assert len(told_alone(town.organizer)) == 2
    assert await town.read("SELECT channel_id FROM private_channel") == [row]


async def test_after_discord_refused_an_opening_none_is_asked_for_during_ten_minutes(
    town: Town,
) -> None:
    hosts = [member(town, f"Host {number}") for number in range(MOST_OPENINGS - 1)]
    for number, host in enumerate(hosts):
        await _host(town, host, f"Jelly {number}")
        await _newcomer(town, f"Jelly {number}")
    town.environment.inject_error("POST", OPENING, status=403, code=40003, times=None)
    await town.after(10 * MINUTE)
    asked = _opened(town)
    assert 0 < asked < MOST_OPENINGS
    for _ in range(9):
        await town.after(MINUTE)
    assert _opened(town) == asked
    town.environment.backend.faults.clear()
    for _ in range(2):
        await town.after(MINUTE)
    assert [len(told_alone(host)) for host in hosts] == [1] * len(hosts)


async def test_no_private_channel_is_opened_for_what_is_not_to_be_said_any_more(
    town: Town,
) -> None:
    town.environment.inject_error("POST", OPENING, status=403, code=40003, times=None)
    await _host(town, town.organizer, "First")
    await _newcomer(town, "First")
    await town.after(10 * MINUTE)
    assert _opened(town) == 1
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="First")
    await press(town.organizer, asked, "Call it off")
    for _ in range(11):
        await town.after(MINUTE)
    assert _opened(town) == 1


async def test_an_opening_that_failed_is_tried_again_at_the_pace_of_all(town: Town) -> None:
    town.environment.inject_error("POST", OPENING, status=503, times=None)
    await _host(town, town.organizer, "First")
    await _newcomer(town, "First")
    await town.after(10 * MINUTE)
    for _ in range(11):
        await town.after(timedelta(seconds=5))
        # Which has everything tried again that was put off.
        with town.environment.time_context():
            await town.bot.on_resumed()
        await town.after(timedelta(0))
    assert 1 < _opened(town) <= MOST_OPENINGS
    town.environment.backend.faults.clear()
    for _ in range(2):
        await town.after(OPENINGS_WINDOW)
    assert len(told_alone(town.organizer)) == 1


async def test_a_clock_that_went_back_keeps_nobody_waiting(town: Town) -> None:
    hosts = [member(town, f"Host {number}") for number in range(2 * MOST_OPENINGS)]
    for number, host in enumerate(hosts):
        await _host(town, host, f"Jelly {number}")
    town.clock.moment += DAY
    for number in range(len(hosts)):
        await _newcomer(town, f"Jelly {number}")
    await town.after(10 * MINUTE)
    assert _number_told(hosts) == MOST_OPENINGS
    town.clock.moment -= DAY
    for _ in range(12):
        await town.after(MINUTE)
    assert [len(told_alone(host)) for host in hosts] == [1] * len(hosts)


async def test_how_a_jelly_went_is_not_told_before_it_ends_whatever_the_clock_said(
    town: Town,
) -> None:
    hosts = [member(town, f"Host {number}") for number in range(MOST_OPENINGS + 1)]
    for number, host in enumerate(hosts):
        await _host(town, host, f"Jelly {number}")
        await host.click(town.card(f"Jelly {number}"), label="Going")
    noon = town.clock.moment
    await town.at(ENDS + HOUR)
    assert _number_told(hosts) == MOST_OPENINGS
    town.clock.moment = noon
    for _ in range(5):
        await town.after(MINUTE)
    assert summaries_for(hosts[-1]) == []
    await town.at(ENDS + HOUR)
    assert len(summaries_for(hosts[-1])) == 1


async def test_openings_that_hang_hold_up_no_channel(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = [member(town, f"Host {number}") for number in range(MOST_PRIVATE_IN_FLIGHT + 1)]
    for number, host in enumerate(hosts):
        await _host(town, host, f"Jelly {number}")
    await town.at(THURSDAY_10 - HOUR - 10 * MINUTE)
    for number in range(len(hosts)):
        await _newcomer(town, f"Jelly {number}")
    before = len(town.messages())
    opening, gate = town.bot.http.start_private_message, asyncio.Event()

    async def hang(user_id: int) -> object:
        await gate.wait()
        return await opening(user_id)

    monkeypatch.setattr(town.bot.http, "start_private_message", hang)
    town.clock.moment = THURSDAY_10 - HOUR
    with town.environment.time_context():
        await town.bot.do_what_is_due()
        async with asyncio.timeout(20):
            while len(town.messages()) == before:
                await asyncio.sleep(0.01)
        assert _number_told(hosts) == 0
        gate.set()
        await town.bot.outbox.drain()
    assert _number_told(hosts) == len(hosts)


async def _host(town: Town, host: simcord.MemberActor, title: str) -> None:
    preview = await host.slash(
        town.jellies, "jelly new", what=title, when="thursday 10-16", where="Home"
    )
    assert preview.response is not None
    await host.click(preview.response, label="Post it")
    await town.settle()


async def _newcomer(town: Town, title: str) -> None:
    """A new member says that they are coming, which the host is told ten minutes later."""
    new = member(town, f"New {len(town.environment.http_requests)}")
    await new.slash(town.jellies, "rsvp", session=title, answer="going")


def _number_told(hosts: list[simcord.MemberActor]) -> int:
    return sum(bool(told_alone(host)) for host in hosts)


def _opened(town: Town) -> int:
    requests = town.environment.http_requests
    return sum(r.method == "POST" and r.path == OPENING for r in requests)
