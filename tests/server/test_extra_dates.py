"""One more date of a series: previewed, changed, added once, and never on top of another date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import simcord

from tests.moments import DAY, HOUR, MONDAY, THURSDAY_10, WEEK, stamp
from tests.server.actions import filled, schedule
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of
from tests.server.test_series import date_named, scheduled

SATURDAY_10 = THURSDAY_10 + 2 * DAY


async def weekly(server: SimulatedServer, when: str = "every thursday 10-16") -> None:
    await schedule(server, title="Weekly", when=when)


async def extra(
    server: SimulatedServer, when: str, by: simcord.MemberActor | None = None
) -> simcord.InteractionResult:
    """Returns the preview of one more date."""
    who = by or server.organizer
    return await who.slash(server.jellies, "jelly extra", jelly="series:1", when=when)


async def add(server: SimulatedServer, when: str) -> None:
    shown = await extra(server, when)
    await press(server.organizer, shown, "Add it")
    assert "**Weekly** has one more date" in said(shown)
    await server.settle()


async def sessions(server: SimulatedServer) -> list[dict[str, Any]]:
    return await server.read("SELECT * FROM session ORDER BY starts_at, session_id")


async def test_it_shows_the_card_first_and_adds_nothing_yet(server: SimulatedServer) -> None:
    await weekly(server)
    before = await sessions(server)
    shown = await extra(server, "nov 28 11-14")
    assert shown.ephemeral
    assert shown.response is not None
    text = said(shown)
    assert "## Weekly" in text
    assert "The Alb" in text
    assert stamp(SATURDAY_10 + HOUR, "F") in text
    assert "Saturday 28 November 2026, 11:00 to 14:00, London time" in text
    assert buttons_of(shown.response) == ["Add it", "Change", "Seats and tone", "Discard"]
    assert await sessions(server) == before
    await press(server.organizer, shown, "Add it")
    assert stamp(SATURDAY_10 + HOUR, "F") in said(shown)
    await server.settle()
    assert SATURDAY_10 + HOUR in await scheduled(server)
    card = next(one for one in server.cards() if stamp(SATURDAY_10 + HOUR, "F") in text_of(one))
    assert "## Weekly" in text_of(card)


async def test_it_takes_the_length_of_the_series(server: SimulatedServer) -> None:
    await weekly(server)
    assert "11:00 to 17:00" in said(await extra(server, "nov 28 11am"))
    assert "11:00 to 12:30" in said(await extra(server, "nov 28 11am for 90 minutes"))


async def test_it_may_have_a_place_and_seats_of_its_own(server: SimulatedServer) -> None:
    await weekly(server)
    shown = await extra(server, "nov 28 10-14")
    assert shown.response is not None
    form = await server.organizer.click(shown.response, label="Change")
    fields = {**filled(form), "host": [server.organizer], "where": "The Shrew"}
    assert fields["when"] == "nov 28 10-14"
    assert "The Shrew" in said(await server.organizer.submit_modal(form, fields))
    form = await server.organizer.click(shown.response, label="Seats and tone")
    await server.organizer.submit_modal(form, {**filled(form), "seats": "8"})
    await press(server.organizer, shown, "Add it")
    rows = {row["starts_at"]: (row["place"], row["capacity"]) for row in await sessions(server)}
    assert rows.pop(int(SATURDAY_10.timestamp())) == ("The Shrew", 8)
    assert set(rows.values()) == {("The Alb", None)}


async def test_another_host_of_it_is_asked_first(server: SimulatedServer) -> None:
    sam = server.members[0]
    await weekly(server)
    shown = await extra(server, "nov 28 10-14")
    assert shown.response is not None
    form = await server.organizer.click(shown.response, label="Change")
    await server.organizer.submit_modal(form, {**filled(form), "host": [sam]})
    assert f"{sam.mention} first" in said(shown)
    await press(server.organizer, shown, "Add it")
    await server.settle()
    await sam.user.click(sam.user.dm_channel.history()[-1], label="I'll host")
    await server.settle()
    hosts = {row["starts_at"]: row["host_id"] for row in await sessions(server)}
    assert hosts.pop(int(SATURDAY_10.timestamp())) == sam.id
    assert set(hosts.values()) == {server.organizer.id}


async def test_it_is_added_after_a_restart_and_once(server: SimulatedServer) -> None:
    await weekly(server)
    shown = await extra(server, "nov 28 10-14")
    await server.restart()
    await server.start_again()
    assert shown.response is not None
    custom_id = f"jelly:draft-save:2:{int(SATURDAY_10.timestamp())}"
    await server.organizer.click(shown.response, custom_id=custom_id)
    await server.settle()
    assert (await scheduled(server)).count(SATURDAY_10) == 1
    assert await server.read("SELECT * FROM draft") == []


async def test_it_is_checked_again_at_the_press(server: SimulatedServer) -> None:
    await weekly(server)
    first, second = await extra(server, "nov 28 10-14"), await extra(server, "nov 28 10-12")
    await press(server.organizer, first, "Add it")
    refused = await press(server.organizer, second, "Add it")
    assert "then. Choose" in said(refused)
    assert (await scheduled(server)).count(SATURDAY_10) == 1
    late = await extra(server, "today 10:30")
    await server.after(2 * HOUR)
    past = await press(server.organizer, late, "Add it")
    assert "has passed" in said(past)
    assert MONDAY + 90 * timedelta(minutes=1) not in await scheduled(server)


async def test_nobody_adds_a_date_to_a_series_that_is_theirs_no_more(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    await schedule(server, by=sam, title="Weekly", when="every thursday 10-16")
    shown = await extra(server, "nov 28 10-14", by=sam)
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="series:1")
    preview = await server.organizer.submit_modal(
        form, {**filled(form), "host": [server.organizer]}
    )
    await press(server.organizer, preview, "Save it")
    assert "Only its host" in said(await press(sam, shown, "Add it"))
    assert SATURDAY_10 not in await scheduled(server)


async def test_what_became_of_the_series_meanwhile_is_shown_first(server: SimulatedServer) -> None:
    await weekly(server)
    shown = await extra(server, "nov 28 10-14")
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="series:1")
    fields = {**filled(form), "host": [server.organizer], "what": "Weekly quiet"}
    await press(server.organizer, await server.organizer.submit_modal(form, fields), "Save it")
    await press(server.organizer, shown, "Add it")
    assert "Weekly quiet was changed while you were editing it" in said(shown)
    assert SATURDAY_10 not in await scheduled(server)
    await press(server.organizer, shown, "Save mine")
    titles = {row["starts_at"]: row["title"] for row in await sessions(server)}
    assert titles[int(SATURDAY_10.timestamp())] == "Weekly quiet"


@pytest.mark.parametrize("when", ["dec 3 10-16", "dec 3 10-11", "dec 3 5am new york"])
async def test_a_time_at_which_the_series_has_a_date_is_refused(
    server: SimulatedServer, when: str
) -> None:
    await weekly(server)
    refused = await extra(server, when)
    assert "has a date then. Choose" in said(refused)
    assert refused.response is not None
    assert buttons_of(refused.response) == ["Change", "Discard"]


async def test_a_time_at_which_its_rule_gives_a_date_later_is_refused(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    in_summer = "2027-04-15"
    refused = said(await extra(server, f"{in_summer} 11:00 berlin"))
    assert "has a date then. Choose" in refused
    assert "## Weekly" in said(await extra(server, f"{in_summer} 18:00"))


async def test_a_time_to_which_a_date_was_moved_is_refused(server: SimulatedServer) -> None:
    await weekly(server)
    which = await date_named(server, "3 dec")
    moved = await server.organizer.slash(
        server.jellies, "jelly move", jelly=which, when="dec 5 10-16"
    )
    await press(server.organizer, moved, "Save it")
    assert "has a date then. Choose" in said(await extra(server, "dec 5 10-12"))
    away = said(await extra(server, "dec 3 10-12"))
    assert f"was moved to {stamp(THURSDAY_10 + 9 * DAY, 'F')}" in away


async def test_a_time_at_which_a_date_was_called_off_is_refused(server: SimulatedServer) -> None:
    await weekly(server)
    which = await date_named(server, "3 dec")
    asked = await server.organizer.slash(server.jellies, "jelly skip", jelly=which)
    await press(server.organizer, asked, "Skip it")
    assert "which was called off" in said(await extra(server, "dec 3 10-16"))
    assert THURSDAY_10 + WEEK not in await scheduled(server)


async def test_it_keeps_the_zone_in_which_it_was_said(server: SimulatedServer) -> None:
    await weekly(server)
    await add(server, "nov 28 10-14 new york")
    starts = SATURDAY_10 + 5 * HOUR
    assert starts in await scheduled(server)
    [row] = [row for row in await sessions(server) if row["starts_at"] == int(starts.timestamp())]
    assert (row["zone"], row["starts_local"]) == ("America/New_York", "2026-11-28T10:00:00")
    await server.restart()
    await server.start_again()
    assert starts in await scheduled(server)


async def test_words_that_are_not_one_date_are_kept_and_can_be_changed(
    server: SimulatedServer,
) -> None:
    await weekly(server)
    shown = await extra(server, "every friday 10am")
    assert "just one date" in said(shown)
    assert shown.response is not None
    form = await server.organizer.click(shown.response, label="Change")
    fields = {**filled(form), "host": [server.organizer], "when": "nov 27 10am"}
    await server.organizer.submit_modal(form, fields)
    await press(server.organizer, shown, "Add it")
    assert THURSDAY_10 + DAY in await scheduled(server)


async def test_those_left_out_by_an_exception_can_be_held_after_all(
    server: SimulatedServer,
) -> None:
    await weekly(server, "every thursday 10-16 except dec 3")
    await add(server, "dec 3 10-16")
    starts = [THURSDAY_10 + week * WEEK for week in range(4)]
    assert (await scheduled(server))[:4] == starts
    assert datetime(2026, 12, 3, 10, tzinfo=UTC) in starts
