"""Edits of a whole series, or of all dates from one on: who is moved where, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest

from data.limits import CORRECTIONS_TOGETHER
from tests.moments import DAY, HOUR, MONDAY, THURSDAY_10, WEEK
from tests.server.actions import edit
from tests.server.simulated_server import SimulatedServer, said
from tests.server.test_series import date_named, press, scheduled, series_named

THURSDAY_DEC_3 = THURSDAY_10 + WEEK


async def posted(server: SimulatedServer, when: str, *, card: str = "2 weeks") -> None:
    """Posts a series whose first card stands already."""
    await server.organizer.slash(server.jellies, "settings", card=card)
    await server.schedule("Weekly", when=when)


async def everybody_comes(server: SimulatedServer) -> None:
    for member in server.members:
        await member.click(server.card("Weekly"), label="Going")


async def edited(server: SimulatedServer, when: str, *, later_than: str = "") -> str:
    """Has the organizer change when all dates are, or those from one on; returns the preview."""
    preview = await edit(
        server, which=later_than or "Weekly", dates="later" if later_than else "all", when=when
    )
    await server.after(CORRECTIONS_TOGETHER)
    return preview


def offsets(starts: Sequence[datetime], first: datetime) -> list[float]:
    return [(start - first) / DAY for start in starts]


async def test_another_weekday_of_a_fortnight_keeps_its_rhythm_and_everybody(
    server: SimulatedServer,
) -> None:
    await posted(server, "every 2 weeks on thursday 10-16 from dec 3")
    await everybody_comes(server)
    preview = await edited(
        server, "every 2 weeks on Wednesday, 10:00 to 16:00, London time, from 3 Dec 2026"
    )
    assert "Moves 4 dates (3 people)." in preview
    assert "**4 coming**" in preview  # its card shows who is coming to the first date
    assert offsets(await scheduled(server), THURSDAY_DEC_3) == [-1, 13, 27, 41]
    assert not any("called off" in message for message in server.messages())
    assert "has moved from" in server.messages()[-1]


async def test_another_weekday_of_the_month_moves_each_date_to_its_month(
    server: SimulatedServer,
) -> None:
    await posted(server, "every first tuesday 10-16")
    await everybody_comes(server)
    preview = await edited(server, "every first monday 10-16")
    first_tuesday = MONDAY + 8 * DAY + HOUR
    assert "Moves 2 dates (3 people)." in preview
    assert offsets(await scheduled(server), first_tuesday) == [6, 34]
    assert not any("called off" in message for message in server.messages())


async def test_nobody_is_moved_days_back_to_a_start_of_this_hour(server: SimulatedServer) -> None:
    """It is Monday, 9:00, and the new rule has a date at 10:00."""
    await posted(server, "every sunday 10-16", card="1 week")
    await everybody_comes(server)
    preview = await edited(server, "every monday 10-16")
    assert "Moves 8 dates (3 people). Adds 1 date." in preview
    starts = await scheduled(server)
    assert offsets(starts, MONDAY + HOUR) == [7.0 * week for week in range(9)]
    going = await server.read("SELECT going_count FROM session ORDER BY starts_at")
    assert [row["going_count"] for row in going] == [1, 4, *[1] * 7]


async def test_a_preview_counts_whom_it_calls_off_and_they_are_told(
    server: SimulatedServer,
) -> None:
    await posted(server, "every thursday 10-16")
    for date, members in (("26 nov", server.members), ("3 dec", server.members[:2])):
        chosen = await date_named(server, date)
        for member in members:
            await member.slash(server.jellies, "rsvp", answer="going", jelly=chosen)
    preview = await edited(server, "every 2 weeks on thursday 11-16")
    assert (
        "Moves 4 dates (3 people). Calls off 4 dates (2 people). Those going will be told."
        in preview
    )
    [called_off] = [one for one in server.messages() if "called off" in one]
    told = [member.mention in called_off for member in server.members]
    assert told == [True, True, False]
    assert sum("has moved from" in one for one in server.messages()) == 1


async def test_a_preview_promises_word_only_to_those_who_are_coming(
    server: SimulatedServer,
) -> None:
    await posted(server, "every thursday 10-16")
    chosen = await date_named(server, "26 nov")
    await server.members[0].slash(server.jellies, "rsvp", answer="maybe", jelly=chosen)
    preview = await edited(server, "every thursday 11-16")
    assert "Moves 8 dates (1 person)." in preview
    assert "Those going are told" not in preview


@pytest.mark.parametrize("when", ["every friday 10-16", "every wednesday 9-12", "every day 11-16"])
async def test_a_skipped_date_stays_skipped_at_its_new_place(
    server: SimulatedServer, when: str
) -> None:
    await posted(server, "every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly skip", jelly=await date_named(server, "3 dec")
    )
    await press(server, asked, "Skip it")
    await edited(server, when)
    skipped = {
        "every friday 10-16": THURSDAY_DEC_3 + DAY,
        "every wednesday 9-12": THURSDAY_DEC_3 - DAY - HOUR,
        "every day 11-16": THURSDAY_DEC_3 + HOUR,
    }[when]
    assert skipped not in await scheduled(server)
    assert skipped + WEEK in await scheduled(server)
    await edited(server, "every thursday 10-16")
    assert THURSDAY_DEC_3 not in await scheduled(server)
    assert THURSDAY_DEC_3 + WEEK in await scheduled(server)


async def test_a_skipped_date_without_counterpart_stays_skipped_when_its_day_comes_back(
    server: SimulatedServer,
) -> None:
    await posted(server, "every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly skip", jelly=await date_named(server, "17 dec")
    )
    await press(server, asked, "Skip it")
    await edited(server, "every first monday 10-16")
    await edited(server, "every thursday 11-16")
    days = [start.date().isoformat() for start in await scheduled(server)]
    assert "2026-12-17" not in days
    assert {"2026-12-10", "2026-12-24"} <= set(days)


async def test_later_dates_change_their_weekday_and_keep_everybody(
    server: SimulatedServer,
) -> None:
    await posted(server, "every thursday 10-16", card="4 weeks")
    for which in ("26 nov", "10 dec"):
        chosen = await date_named(server, which)
        for member in server.members:
            await member.slash(server.jellies, "rsvp", answer="going", jelly=chosen)
    form = await server.organizer.slash(
        server.jellies, "jelly edit", jelly=await date_named(server, "10 dec"), dates="later"
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": "every Wednesday, 10:00 to 16:00, London time, from 10 Dec 2026",
            "where": "The Alb",
            "host": [server.organizer],
        },
    )
    assert "Moves 6 dates (3 people)." in said(preview)
    await press(server, preview, "Save it")
    assert offsets(await scheduled(server), THURSDAY_10) == [0, 7, 13, 20, 27, 34, 41, 48]
    going = await server.read("SELECT going_count FROM session ORDER BY starts_at")
    assert [row["going_count"] for row in going] == [4, 1, 4, 1, 1, 1, 1, 1]


async def test_a_count_that_was_partly_held_has_as_many_dates_after_an_edit(
    server: SimulatedServer,
) -> None:
    await posted(server, "every thursday 10-16 6 times")
    await server.at(THURSDAY_10 + WEEK + DAY)  # two are over
    preview = await edited(
        server, "every Tuesday, 10:00 to 16:00, London time, from 26 Nov 2026, 6 times"
    )
    assert "Moves 4 dates." in preview
    assert offsets(await scheduled(server), THURSDAY_10) == [12, 19, 26, 33]
    for _ in range(6):
        await server.after(WEEK)
    held = await server.read("SELECT COUNT(*) AS n FROM session WHERE state = 'scheduled'")
    assert held[0]["n"] == 6


async def test_a_count_survives_a_split(server: SimulatedServer) -> None:
    await posted(server, "every thursday 10-16 6 times")
    form = await server.organizer.slash(
        server.jellies, "jelly edit", jelly=await date_named(server, "10 dec"), dates="later"
    )
    preview = await server.organizer.submit_modal(
        form,
        {
            "what": "Weekly",
            "when": "every Friday, 10:00 to 16:00, London time, from 10 Dec 2026, 4 times",
            "where": "The Alb",
            "host": [server.organizer],
        },
    )
    await press(server, preview, "Save it")
    assert offsets(await scheduled(server), THURSDAY_10) == [0, 7, 15, 22, 29, 36]
    for _ in range(8):
        await server.after(WEEK)
    held = await server.read("SELECT COUNT(*) AS n FROM session WHERE state = 'scheduled'")
    assert held[0]["n"] == 6


async def test_a_pause_covers_the_new_dates_as_well(server: SimulatedServer) -> None:
    await posted(server, "every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly pause", jelly=await series_named(server), until="dec 10"
    )
    await press(server, asked, "Pause it")
    preview = await edited(server, "every friday 10-16")
    assert "Moves 6 dates." in preview
    first = THURSDAY_10 + 2 * WEEK + DAY
    assert offsets(await scheduled(server), first) == [7.0 * week for week in range(6)]
    await edited(server, "every tuesday 10-16", later_than="18 dec")
    starts = await scheduled(server)
    assert offsets(starts, first) == [0, 4, 11, 18, 25, 32]


async def test_the_later_part_of_a_series_pauses_with_it(server: SimulatedServer) -> None:
    await posted(server, "every thursday 10-16")
    asked = await server.organizer.slash(
        server.jellies, "jelly pause", jelly=await series_named(server), until="dec 17"
    )
    await press(server, asked, "Pause it")
    preview = await edited(server, "every wednesday 10-16", later_than="17 dec")
    assert "Moves 4 dates. Calls off 1 date." in preview
    assert offsets(await scheduled(server), THURSDAY_10 + 4 * WEEK) == [-1, 6, 13, 20]


async def test_dates_changed_individually_and_extra_ones_stay_and_nothing_is_held_beside_them(
    server: SimulatedServer,
) -> None:
    await posted(server, "every thursday 10-16")
    moved = await server.organizer.slash(
        server.jellies, "jelly move", jelly=await date_named(server, "3 dec"), when="dec 5 12-16"
    )
    await press(server, moved, "Save it")
    extra = await server.organizer.slash(
        server.jellies, "jelly extra", jelly=await series_named(server), when="dec 12 10-14"
    )
    await press(server, extra, "Add it")
    before = await scheduled(server)
    preview = await edited(server, "every tuesday 10-16")
    assert "Moves 7 dates. 2 dates stay as they are." in preview
    stays = {THURSDAY_DEC_3 + 2 * DAY + 2 * HOUR, THURSDAY_DEC_3 + 9 * DAY}
    assert stays < set(before)
    after = await scheduled(server)
    others = [start for start in after if start not in stays]
    assert stays < set(after)
    assert offsets(others, THURSDAY_10) == [-2, 12, 19, 26, 33, 40, 47]


@pytest.mark.parametrize("by_hand", ["move", "extra"])
async def test_no_date_moves_onto_one_that_was_put_there_by_hand(
    server: SimulatedServer, by_hand: str
) -> None:
    await posted(server, "every thursday 10-16", card="4 weeks")
    which = await (date_named(server, "3 dec") if by_hand == "move" else series_named(server))
    shown = await server.organizer.slash(
        server.jellies, f"jelly {by_hand}", jelly=which, when="dec 11 10-16"
    )
    await press(server, shown, "Save it" if by_hand == "move" else "Add it")
    await server.settle()
    preview = await edited(server, "every friday 10-16")
    assert "Calls off 1 date. 1 date stays as it is." in preview
    starts = await scheduled(server)
    assert starts.count(THURSDAY_DEC_3 + 8 * DAY) == 1
    assert len(starts) == len(set(starts))


async def test_todays_date_stays_where_the_new_rule_has_none_for_it(
    server: SimulatedServer,
) -> None:
    await posted(server, "every monday 10-16", card="1 day")
    await everybody_comes(server)
    preview = await edited(server, "every first friday 10-16")
    assert "1 date stays as it is." in preview
    assert (await scheduled(server))[0] == MONDAY + HOUR
    assert not any("called off" in message for message in server.messages())
