"""Private channels are opened slowly, once for each person, and hold up nothing else."""

from __future__ import annotations

import simcord

from data.private_channels import MOST_OPENINGS, OPENINGS_WINDOW
from tests.server.doings import MINUTE, member
from tests.server.hosting import told_alone
from tests.server.town import Town

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


async def test_opening_too_fast_is_tried_again_later(town: Town) -> None:
    town.environment.inject_error("POST", OPENING, status=403, code=40003, times=1)
    await _host(town, town.organizer, "First")
    await _newcomer(town, "First")
    await town.after(10 * MINUTE)
    assert told_alone(town.organizer) == []
    await town.after(MINUTE)
    assert len(told_alone(town.organizer)) == 1


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
