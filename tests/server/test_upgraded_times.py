"""Times that an older Jelly planned: what is owed moves, nothing is lost or sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from data.store.transaction import Transaction
from tests.moments import DAY, ENDS, HOUR, MINUTE, SECOND
from tests.server.simulated_server import SimulatedServer
from tests.server.test_upgrades import upgrade

EXACT = {
    "spring": ("28 mar 2027 10-16", datetime(2027, 3, 28, 9, tzinfo=UTC), HOUR),
    "autumn": ("31 oct 2027 10-16", datetime(2027, 10, 31, 10, tzinfo=UTC), -HOUR),
}
"""A jelly on a day on which the clocks change, its start, and by how much a day before it moves.

Before, a day was 24 hours, so that reminders came at another time of day than the jelly.
"""


@pytest.mark.parametrize("schema", [1, 4, None])
@pytest.mark.parametrize("season", EXACT)
async def test_owed_reminders_move_to_the_time_of_day_of_their_jelly_and_keep_their_keys(
    server: SimulatedServer, season: str, schema: int | None
) -> None:
    _, start, later = EXACT[season]
    await _owe_in_days_of_24_hours(server, season)
    owed = await _reminders(server)
    assert owed[DAY] == (start - DAY, "pending")
    await upgrade(server, schema)
    assert await _reminders(server) == {**owed, DAY: (start - DAY + later, "pending")}
    for moment in (start - DAY + later, start - HOUR):
        await server.at(moment - SECOND)
        sent = len(server.said_ever())
        await server.at(moment)
        assert len(server.said_ever()) == sent + 1
    assert {state for _, state in (await _reminders(server)).values()} == {"sent"}


@pytest.mark.parametrize("schema", [1, 4, None])
async def test_a_reminder_that_was_sent_before_an_upgrade_is_not_sent_again_at_its_new_time(
    server: SimulatedServer, schema: int | None
) -> None:
    _, start, later = EXACT["spring"]
    await _owe_in_days_of_24_hours(server, "spring")
    await server.at(start - DAY)
    assert len(server.said_ever()) == 1
    await upgrade(server, schema)
    await server.at(start - DAY + later)
    assert len(server.said_ever()) == 1


@pytest.mark.parametrize("schema", [1, 4, None])
async def test_a_reminder_whose_new_time_is_over_at_an_upgrade_is_not_lost(
    server: SimulatedServer, schema: int | None
) -> None:
    _, start, later = EXACT["autumn"]
    await _owe_in_days_of_24_hours(server, "autumn")
    await server.at(start - DAY + later / 2)
    await upgrade(server, schema)
    await server.at(start - DAY)
    assert len(server.said_ever()) == 1
    await server.at(start - HOUR)
    assert len(server.said_ever()) == 2


async def test_a_reminder_that_was_being_sent_at_an_upgrade_arrives_once(
    server: SimulatedServer,
) -> None:
    _, start, later = EXACT["spring"]
    await _owe_in_days_of_24_hours(server, "spring")
    await server.at(start - DAY)
    await server.database.write(
        lambda t: t.run(
            """
            UPDATE delivery SET state = 'sending', attempts = 1, first_try_at = due_at,
                try_at = due_at + 60
            WHERE kind = 'reminder' AND before = 86400
            """
        )
    )
    await upgrade(server, None)
    await server.at(start - DAY + later + MINUTE)
    assert len(server.said_ever()) == 1


async def test_a_series_of_which_only_past_dates_were_left_is_gone_from_the_lists(
    server: SimulatedServer,
) -> None:
    await server.start_again()
    await server.schedule("Weekly", when="every thursday 10-16 1 time")
    await server.at(ENDS + DAY)
    await server.database.write(
        lambda t: t.run(
            "UPDATE series SET state = 'active', extend_at = :later",
            later=int((ENDS + 7 * DAY).timestamp()),
        )
    )
    await server.database.write(_planned_by_older_rules)
    listing = (server.jellies, "jelly end", "jelly", "")
    assert len(await server.organizer.autocomplete(*listing)) == 1
    await upgrade(server, 4)
    await server.settle()
    assert await server.organizer.autocomplete(*listing) == []


async def _owe_in_days_of_24_hours(server: SimulatedServer, season: str) -> None:
    """Schedules a jelly of which reminders are owed as a Jelly without wall time owed them."""
    when, start, _ = EXACT[season]
    await server.start_again()  # so that it is noted by which rules all is planned
    await server.schedule(when=when)
    await server.at(start - 3 * DAY)
    await server.members[0].click(server.card(), label="Going")

    def owe(transaction: Transaction) -> None:
        transaction.run(
            """
            UPDATE delivery SET due_at = occasion - before, try_at = occasion - before
            WHERE kind = 'reminder'
            """
        )
        _planned_by_older_rules(transaction)

    await server.database.write(owe)
    await server.settle()


def _planned_by_older_rules(transaction: Transaction) -> None:
    transaction.run(
        "UPDATE key_value SET value = REPLACE(value, :rules, '') WHERE name = 'planned under'",
        rules=" whole days by the clocks",
    )


async def _reminders(server: SimulatedServer) -> dict[timedelta, tuple[datetime, str]]:
    """Returns when each reminder is due and what has become of it; each has one row."""
    rows = await server.read(
        "SELECT before, occasion, due_at, state FROM delivery WHERE kind = 'reminder' AND part = 0"
    )
    assert len(rows) == len({row["before"] for row in rows})
    return {
        timedelta(seconds=row["before"]): (
            datetime.fromtimestamp(row["due_at"], UTC),
            row["state"],
        )
        for row in rows
    }
