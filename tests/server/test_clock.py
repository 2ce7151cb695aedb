"""The machine's clock jumps, and still no reminder is lost or doubled."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot import alarm
from bot.alarm import Alarm
from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10
from tests.server.simulated_server import SimulatedServer, StoppedClock


async def test_a_day_back_repeats_nothing(server: SimulatedServer) -> None:
    await going(server)
    await server.at(THURSDAY_10 - DAY)
    assert len(server.said_ever()) == 1
    await server.at(THURSDAY_10 - 2 * DAY)
    for hours in range(0, 47):
        await server.at(THURSDAY_10 - 2 * DAY + hours * HOUR)
    assert len(server.said_ever()) == 1
    await server.at(THURSDAY_10 - HOUR)
    assert len(server.said_ever()) == 2


async def test_what_was_put_off_does_not_wait_for_the_day_to_come_again(
    server: SimulatedServer,
) -> None:
    await going(server)
    path = f"/channels/{server.jellies.id}/messages"
    server.environment.inject_error("POST", path, status=503, times=1)
    await server.at(THURSDAY_10 - HOUR)
    assert server.said_ever() == []
    await server.at(THURSDAY_10 - HOUR - DAY + MINUTE)
    assert len(server.said_ever()) == 1
    await server.at(THURSDAY_10 - HOUR + MINUTE)
    assert len(server.said_ever()) == 1


async def test_what_may_have_arrived_before_the_clock_went_back_is_looked_for(
    server: SimulatedServer,
) -> None:
    await going(server)
    await server.at(THURSDAY_10 - HOUR)
    sent = len(server.said_ever())
    await server.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', message_id = NULL, attempts = 1 "
            "WHERE kind = 'reminder' AND state = 'sent'"
        )
    )
    server.clock.moment -= 30 * MINUTE
    await server.kill()
    await server.start_again()
    assert len(server.said_ever()) == sent


async def test_asleep_across_a_reminder(server: SimulatedServer) -> None:
    """A machine that was suspended wakes up six minutes late."""
    await going(server)
    await server.at(THURSDAY_10 - HOUR + 6 * MINUTE)
    assert len(server.said_ever()) == 1
    assert f"<t:{int(THURSDAY_10.timestamp())}:R>" in server.said_ever()[0]


@pytest.mark.parametrize("jump", [-DAY, DAY], ids=["back", "ahead"])
async def test_the_alarm_looks_again_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch, jump: timedelta
) -> None:
    monkeypatch.setattr(alarm, "SAFETY_TICK", 0.01)
    clock = _Reckoned(datetime.now(UTC))
    looked = asyncio.Semaphore(0)

    async def work() -> datetime | None:
        looked.release()
        clock.moment += jump
        return clock.moment + DAY

    rung = Alarm(clock, work)
    rung.start()
    try:
        async with asyncio.timeout(5):
            for _ in range(5):
                await looked.acquire()
    finally:
        await rung.stop()


class _Reckoned(StoppedClock):
    """A clock whose machine time is the same."""

    def machine_time(self, moment: datetime) -> datetime:
        return moment


async def going(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.after(15 * MINUTE)
