"""Settings that can't work together are pointed out when they are made, in one line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.moments import THURSDAY_10, WEEK, stamp
from tests.server.actions import drafted, previewed
from tests.server.hosting import press
from tests.server.simulated_server import ZONE, SimulatedServer, said, text_of

TOO_EARLY = "comes before the card"
CLOSES = "before the card is posted"


async def _settings(server: SimulatedServer, **options: object) -> str:
    return said(await server.organizer.slash(server.jellies, "settings", **options))


async def test_a_first_reminder_before_the_card_is_pointed_out(server: SimulatedServer) -> None:
    told = await _settings(server, card="2 days", reminders="3 days, 1 hour")
    [line] = [line for line in told.splitlines() if TOO_EARLY in line]
    assert "The first reminder (3 days before) comes before the card (2 days before)" in line
    assert "post cards earlier or remind later" in line
    assert TOO_EARLY in await _settings(server)
    assert TOO_EARLY not in await _settings(server, reminders="2 days, 1 hour")
    assert TOO_EARLY not in await _settings(server, reminders="none")
    assert TOO_EARLY in await _settings(server, card="1 hour", reminders="1 day")


async def test_it_is_saved_all_the_same(server: SimulatedServer) -> None:
    await _settings(server, card="1 hour", reminders="1 day")
    assert "1 day" in await _settings(server)


async def test_what_is_chosen_first_of_all_agrees(server: SimulatedServer) -> None:
    told = await _settings(server, channel=server.jellies, zone=ZONE)
    assert TOO_EARLY not in told


@pytest.mark.parametrize(
    ("closes", "is_told"), [("3 days", True), ("2 days", True), ("47 hours", False), ("", False)]
)
async def test_a_deadline_before_the_card_is_pointed_out_in_the_preview(
    server: SimulatedServer, closes: str, is_told: bool
) -> None:
    await _settings(server, card="2 days")
    options: dict[str, Any] = {"answers_close": closes} if closes else {}
    preview = said(await drafted(server, when="2026-12-03 10-16", **options))
    assert (CLOSES in preview) is is_told
    if closes == "3 days":
        [line] = [line for line in preview.splitlines() if CLOSES in line]
        assert stamp(THURSDAY_10 + WEEK - 3 * (WEEK / 7), "F") in line
        assert "set a later deadline under Seats and tone" in line


async def test_a_card_that_is_posted_right_away_comes_before_any_deadline(
    server: SimulatedServer,
) -> None:
    assert CLOSES not in said(await drafted(server, answers_close="1 day"))


async def test_a_changed_deadline_is_looked_at_too(server: SimulatedServer) -> None:
    await _settings(server, card="2 days")
    preview = await drafted(server, when="2026-12-03 10-16")
    await press(server.organizer, preview, "Schedule it")
    changed = await previewed(server, seats={"close": "3 days"})
    assert CLOSES in said(changed)


async def test_cards_that_come_later_than_answers_close_are_counted(
    server: SimulatedServer,
) -> None:
    for when in ("2026-12-17 10-16", "2026-12-18 10-16"):
        preview = await drafted(server, when=when, answers_close="5 days")
        await press(server.organizer, preview, "Schedule it")
    before = await _settings(server)
    assert "Answers to" not in before
    told = await _settings(server, card="4 days")
    assert "Answers to 2 dates close before their cards are posted" in told
    assert "`/jelly edit`" in told
    assert "Answers to" not in await _settings(server, card="2 weeks")


async def test_a_card_that_stands_is_not_counted(server: SimulatedServer) -> None:
    preview = await drafted(server, answers_close="2 days")
    await press(server.organizer, preview, "Schedule it")
    await server.settle()
    assert "## Thursday jelly" in text_of(server.card())
    assert "Answers to" not in await _settings(server, card="4 days")
