"""Whole days before a jelly keep its time of day, also if the clocks change in between."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.moments import DAY, HOUR, MINUTE, SECOND, stamp
from tests.server.actions import HOST, mine, schedule, told, without_quiet_hours
from tests.server.simulated_server import SimulatedServer, said, text_of


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


SPRING = ("28 mar 2027 10-16", at("2027-03-28T10:00+01:00"))
"""A jelly on the day on which London's clocks go forward, and its start."""
AUTUMN = ("31 oct 2027 10-16", at("2027-10-31T10:00+00:00"))
"""A jelly on the day on which they go back, and its start."""


@pytest.mark.parametrize(
    ("jelly", "card", "day_before"),
    [
        (SPRING, "2027-03-22T10:00+00:00", "2027-03-27T10:00+00:00"),
        (AUTUMN, "2027-10-25T10:00+01:00", "2027-10-30T10:00+01:00"),
    ],
)
async def test_cards_reminders_and_questions_come_at_the_time_of_day_of_the_jelly(
    server: SimulatedServer, jelly: tuple[str, datetime], card: str, day_before: str
) -> None:
    sam, priya, _ = server.members
    await schedule(server, when=jelly[0])
    await server.at(at(card) - SECOND)
    assert server.cards() == []
    await server.at(at(card))
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")
    await server.at(at(day_before) - SECOND)
    assert server.said_ever() == []
    await server.at(at(day_before))
    assert [sam.mention in one for one in server.said_ever()] == [True]
    assert len(told(server, "Have you decided?")) == 1
    await server.at(jelly[1] - HOUR)
    assert len(server.said_ever()) == 2


async def announced(server: SimulatedServer, when: str, start: datetime) -> None:
    """Schedules a jelly, and has a member answer once its card stands."""
    await schedule(server, when=when)
    await server.at(start - 5 * DAY)
    await server.members[0].click(server.card(), label="Going")


@pytest.mark.parametrize("jelly", [SPRING, AUTUMN])
async def test_reminders_in_hours_are_exact(
    server: SimulatedServer, jelly: tuple[str, datetime]
) -> None:
    when, start = jelly
    await without_quiet_hours(server)
    await server.organizer.slash(server.jellies, "settings", reminders="36 hours, 90 minutes")
    await announced(server, when, start)
    for number, before in enumerate((36 * HOUR, 90 * MINUTE)):
        await server.at(start - before - SECOND)
        assert len(server.said_ever()) == number
        await server.at(start - before)
        assert len(server.said_ever()) == number + 1


async def test_of_two_reminders_that_meet_only_one_is_sent(server: SimulatedServer) -> None:
    when, start = SPRING
    await server.organizer.slash(server.jellies, "settings", reminders="1 day, 23 hours, 1 hour")
    await announced(server, when, start)
    await server.at(start - 23 * HOUR)
    assert len(server.said_ever()) == 1
    await server.at(start - HOUR)
    assert len(server.said_ever()) == 2


async def test_a_reminder_that_passes_another_is_not_too_late(server: SimulatedServer) -> None:
    """On that day, 23 hours 30 minutes before comes before 1 day before."""
    when, start = SPRING
    await server.organizer.slash(server.jellies, "settings", reminders="1 day, 1410 minutes")
    await announced(server, when, start)
    for number, before in enumerate((23 * HOUR + 30 * MINUTE, 23 * HOUR)):
        await server.at(start - before)
        assert len(server.said_ever()) == number + 1
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "too late" not in listed


@pytest.mark.parametrize(
    ("jelly", "closes"),
    [(SPRING, "2027-03-27T10:00+00:00"), (AUTUMN, "2027-10-30T10:00+01:00")],
)
async def test_answers_close_days_before_at_the_time_of_day_of_the_jelly(
    server: SimulatedServer, jelly: tuple[str, datetime], closes: str
) -> None:
    sam, priya, _ = server.members
    await schedule(server, when=jelly[0], answers_close="1 day")
    await server.at(jelly[1] - 5 * DAY)
    assert f"Answer by {stamp(at(closes), 'F')}" in text_of(server.card())
    await server.at(at(closes) - SECOND)
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"
    await server.at(at(closes))
    assert f"Answers closed {stamp(at(closes), 'R')}" in text_of(server.card())
    await priya.click(server.card(), label="Ask to join")
    assert await mine(server, priya) == "Asked to join"


async def test_seats_are_offered_from_days_before_at_the_time_of_day_of_the_jelly(
    server: SimulatedServer,
) -> None:
    when, start = AUTUMN
    sam, priya, jordan = server.members
    await server.organizer.slash(server.jellies, "settings", offers_within="1 day")
    await schedule(server, when=when, seats=HOST + 1)
    await server.at(start - 5 * DAY)
    for who in (sam, priya, jordan):
        await who.click(server.card(), label="Going" if who is sam else "Join the waiting list")
    await server.at(at("2027-10-30T09:59+01:00"))
    await sam.click(server.card(), label="Can't make it")
    assert await mine(server, priya) == "Going"
    await server.at(at("2027-10-30T10:00+01:00"))
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    assert len(told(server, "is yours if you")) == 1


async def test_a_preview_and_the_settings_reckon_alike(server: SimulatedServer) -> None:
    """The card is posted 3 days before, at 10:00; 72 hours before would be after that."""
    await server.organizer.slash(server.jellies, "settings", card="3 days")
    preview = await server.organizer.slash(
        server.jellies,
        "jelly new",
        what="Thursday jelly",
        when=AUTUMN[0],
        where="The Alb",
        answers_close="3 days",
    )
    posted = stamp(at("2027-10-28T10:00+01:00"), "F")
    assert f"I'll post the card in {server.jellies.mention} on {posted}." in said(preview)
    assert f"**Answers close on {posted}, before the card is posted:**" in said(preview)
    assert preview.response is not None
    await server.organizer.click(preview.response, label="Schedule it")
    settings = said(await server.organizer.slash(server.jellies, "settings"))
    assert "**Answers to 1 date close before its card is posted:**" in settings
