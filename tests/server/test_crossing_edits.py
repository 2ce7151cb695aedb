"""Two people change the same jelly: nothing typed is lost, and nothing undone unseen."""

from __future__ import annotations

from typing import Any

import pytest
import simcord

from tests.moments import DAY, HOUR, THURSDAY_10
from tests.server.actions import agree_to_host, filled, schedule
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, buttons_of, said
from tests.server.test_series import scheduled

FRIDAY_10 = THURSDAY_10 + DAY


async def opened(
    server: SimulatedServer, which: str = "Thursday jelly", dates: str | None = None
) -> tuple[simcord.InteractionResult, dict[str, Any]]:
    """Returns the form of a change, and what it holds."""
    options = {"jelly": which, **({"dates": dates} if dates else {})}
    form = await server.organizer.slash(server.jellies, "jelly edit", **options)
    return form, {**filled(form), "host": [server.organizer]}


async def sent(
    server: SimulatedServer,
    form: tuple[simcord.InteractionResult, dict[str, Any]],
    **fields: object,
) -> simcord.InteractionResult:
    return await server.organizer.submit_modal(form[0], {**form[1], **fields})


async def moved(server: SimulatedServer, when: str = "friday 10-16", **to: str) -> None:
    """Has someone else move it."""
    preview = await server.organizer.slash(
        server.jellies, "jelly move", jelly="session:1", when=when, **to
    )
    await press(server.organizer, preview, "Save it")
    await server.settle()


async def the_row(server: SimulatedServer) -> dict[str, Any]:
    [row] = await server.read("SELECT * FROM session WHERE session_id = 1")
    return row


async def test_a_form_that_comes_too_late_is_kept_and_shows_both_versions(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server, where="The Shrew")
    shown = await sent(server, form, where="The Fox", about="Cake!")
    text = said(shown)
    assert "Thursday jelly was changed while you were editing it" in text
    assert "**Where**\nNow: The Shrew\nYours: The Fox" in text
    assert "**Good to know**\nNow: nothing\nYours: Cake!" in text
    assert shown.response is not None
    assert buttons_of(shown.response) == ["Save mine", "Change", "Seats and tone", "Discard mine"]
    assert (await the_row(server))["place"] == "The Shrew"


async def test_saving_mine_keeps_of_theirs_what_i_did_not_touch(server: SimulatedServer) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server, where="The Shrew")
    shown = await sent(server, form, about="Cake!")
    assert "**When**\n" not in said(shown)
    await press(server.organizer, shown, "Save mine")
    assert "is changed" in said(shown)
    row = await the_row(server)
    assert (row["about"], row["place"]) == ("Cake!", "The Shrew")
    assert await scheduled(server) == [FRIDAY_10]


async def test_saving_mine_takes_what_i_typed(server: SimulatedServer) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server)
    shown = await sent(server, form, when="saturday 10-16")
    assert "**When**\nNow: Friday 27 November 2026" in said(shown)
    assert "Yours: Saturday 28 November 2026" in said(shown)
    await press(server.organizer, shown, "Save mine")
    assert await scheduled(server) == [THURSDAY_10 + 2 * DAY]


async def test_an_older_preview_does_not_undo_a_newer_change(server: SimulatedServer) -> None:
    await schedule(server)
    older = await sent(server, await opened(server), about="Cake!")
    await moved(server)
    await press(server.organizer, older, "Save it")
    assert "was changed while you were editing it" in said(older)
    assert "Yours: Cake!" in said(older)
    assert await scheduled(server) == [FRIDAY_10]
    await press(server.organizer, older, "Save mine")
    assert (await the_row(server))["about"] == "Cake!"
    assert await scheduled(server) == [FRIDAY_10]


async def test_a_move_says_nothing_about_what_it_does_not_move(server: SimulatedServer) -> None:
    await schedule(server)
    older = await server.organizer.slash(
        server.jellies, "jelly move", jelly="session:1", when="friday 11am"
    )
    newer = await sent(server, await opened(server), what="Quiet jelly", where="The Shrew")
    await press(server.organizer, newer, "Save it")
    await press(server.organizer, older, "Save it")
    assert "Quiet jelly was changed while you were editing it" in said(older)
    assert "Yours: Friday 27 November 2026, 11:00 to 17:00" in said(older)
    await press(server.organizer, older, "Save mine")
    row = await the_row(server)
    assert (row["title"], row["place"]) == ("Quiet jelly", "The Shrew")
    assert await scheduled(server) == [FRIDAY_10 + HOUR]


async def test_discarding_mine_leaves_theirs(server: SimulatedServer) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server)
    shown = await sent(server, form, about="Cake!")
    await press(server.organizer, shown, "Discard mine")
    assert "Your changes are discarded" in said(shown)
    assert await server.read("SELECT * FROM draft") == []
    assert (await the_row(server))["about"] == ""
    assert await scheduled(server) == [FRIDAY_10]


async def test_mine_can_be_changed_first(server: SimulatedServer) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server, where="The Shrew")
    shown = await sent(server, form, where="The Fox")
    assert shown.response is not None
    again = await server.organizer.click(shown.response, label="Change")
    fields = {**filled(again), "host": [server.organizer]}
    assert fields["where"] == "The Fox"
    assert fields["when"].startswith("Friday 27 November 2026")
    await server.organizer.submit_modal(again, {**fields, "where": "The Fox, upstairs"})
    await press(server.organizer, shown, "Save mine")
    assert (await the_row(server))["place"] == "The Fox, upstairs"
    assert await scheduled(server) == [FRIDAY_10]


@pytest.mark.parametrize("label", ["Change", "Seats and tone"])
async def test_a_form_that_was_open_meanwhile_takes_nothing_back(
    server: SimulatedServer, label: str
) -> None:
    await schedule(server)
    mine = await sent(server, await opened(server), about="Cake!")
    assert mine.response is not None
    form = await server.organizer.click(mine.response, label=label)
    theirs = await sent(server, await opened(server), what="Quiet jelly", when="friday 10-16")
    assert theirs.response is not None
    seats = await server.organizer.click(theirs.response, label="Seats and tone")
    await server.organizer.submit_modal(seats, {**filled(seats), "seats": "8"})
    await press(server.organizer, theirs, "Save it")
    host = {"host": [server.organizer]} if label == "Change" else {}
    typed = {"about": "Tea!"} if label == "Change" else {"guests": "2"}
    await server.organizer.submit_modal(form, {**filled(form), **host, **typed})
    assert "Quiet jelly was changed while you were editing it" in said(mine)
    assert "Yours: Thursday" not in said(mine)
    await press(server.organizer, mine, "Save mine")
    row = await the_row(server)
    assert (row["title"], row["capacity"]) == ("Quiet jelly", 8)
    assert (row["about"], row["most_guests"]) == (
        ("Tea!", 1) if label == "Change" else ("Cake!", 2)
    )
    assert await scheduled(server) == [FRIDAY_10]


async def test_a_third_version_is_shown_before_mine_goes_on_top(server: SimulatedServer) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server)
    shown = await sent(server, form, where="The Fox")
    await moved(server, when="saturday 10-16", where="The Shrew")
    await press(server.organizer, shown, "Save mine")
    assert "Now: The Shrew" in said(shown)
    assert (await the_row(server))["place"] == "The Shrew"
    await press(server.organizer, shown, "Save mine")
    assert (await the_row(server))["place"] == "The Fox"
    assert await scheduled(server) == [THURSDAY_10 + 2 * DAY]


async def test_both_versions_survive_a_restart(server: SimulatedServer) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server)
    shown = await sent(server, form, about="Cake!")
    await server.restart()
    await server.start_again()
    await press(server.organizer, shown, "Save mine")
    assert (await the_row(server))["about"] == "Cake!"
    assert await scheduled(server) == [FRIDAY_10]


async def test_words_that_cannot_be_read_are_kept_too(server: SimulatedServer) -> None:
    await schedule(server)
    form = await opened(server)
    await moved(server)
    shown = await sent(server, form, when="saturday 10am maybe", about="Cake!")
    assert "was changed while you were editing it" in said(shown)
    assert "maybe" in said(shown)
    assert shown.response is not None
    assert buttons_of(shown.response)[-2:] == ["Change", "Discard mine"]
    again = await server.organizer.click(shown.response, label="Change")
    fields = {**filled(again), "host": [server.organizer], "when": "saturday 10-16"}
    assert fields["about"] == "Cake!"
    await server.organizer.submit_modal(again, fields)
    await press(server.organizer, shown, "Save mine")
    assert await scheduled(server) == [THURSDAY_10 + 2 * DAY]


async def test_a_new_host_and_new_seats_of_theirs_stay(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server)
    form = await opened(server)
    theirs = await sent(server, await opened(server), host=[sam])
    assert theirs.response is not None
    seats = await server.organizer.click(theirs.response, label="Seats and tone")
    await server.organizer.submit_modal(seats, {**filled(seats), "seats": "8"})
    await press(server.organizer, theirs, "Save it")
    await server.settle()
    await agree_to_host(server, sam)
    shown = await sent(server, form, about="Cake!")
    assert "**Host**\n" not in said(shown)
    await press(server.organizer, shown, "Save mine")
    row = await the_row(server)
    assert (row["host_id"], row["capacity"], row["about"]) == (sam.id, 8, "Cake!")


@pytest.mark.parametrize("dates", ["later", "all"])
async def test_so_it_is_with_a_series(server: SimulatedServer, dates: str) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    form = await opened(server, "session:1", dates)
    theirs = await sent(server, await opened(server, "session:1", dates), when="every friday 10-16")
    await press(server.organizer, theirs, "Save it")
    shown = await sent(server, form, what="Weekly quiet")
    assert "**What**\nNow: Weekly\nYours: Weekly quiet" in said(shown)
    await press(server.organizer, shown, "Save mine")
    assert (await scheduled(server))[0] == FRIDAY_10
    rows = await server.read("SELECT DISTINCT title FROM session WHERE state = 'scheduled'")
    assert rows == [{"title": "Weekly quiet"}]


async def test_a_split_of_the_later_dates_crosses_an_edit_of_them(server: SimulatedServer) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    mine = await sent(server, await opened(server, "session:2", "later"), when="thursdays 11-16")
    assert "Moves 7 dates." in said(mine)
    theirs = await sent(server, await opened(server, "session:4", "later"), when="fridays 10-16")
    await press(server.organizer, theirs, "Save it")
    before = await scheduled(server)
    await press(server.organizer, mine, "Save it")
    assert "Weekly was changed while you were editing it" in said(mine)
    assert "until 16 Dec 2026" in said(mine)
    assert await scheduled(server) == before


async def test_a_preview_whose_counts_no_longer_hold_is_shown_anew(server: SimulatedServer) -> None:
    await schedule(server, title="Weekly", when="every thursday 10-16")
    mine = await sent(server, await opened(server, "series:1"), when="fridays 10-16")
    assert "Moves 8 dates." in said(mine)
    skip = await server.organizer.slash(server.jellies, "jelly skip", jelly="session:3")
    await press(server.organizer, skip, "Skip it")
    before = await scheduled(server)
    await press(server.organizer, mine, "Save it")
    assert "Moves 7 dates." in said(mine)
    assert await scheduled(server) == before
    await press(server.organizer, mine, "Save it")
    assert await scheduled(server) == [start + DAY for start in before]


MANY = "every day 10-16 from dec 1 except " + ", ".join(
    [f"{day} dec" for day in range(2, 32)] + [f"{day} jan" for day in range(1, 31)]
)


async def plan_with_many_exceptions(server: SimulatedServer) -> None:
    """Schedules a series whose rule in words is longer than a field of a form."""
    await schedule(server, title="Daily", when="every day 10-16 from dec 1")
    form = await opened(server, "series:1")
    assert len(MANY) <= 500
    preview = await sent(server, form, when=MANY)
    await press(server.organizer, preview, "Save it")
    await server.settle()
    assert len(await server.read("SELECT * FROM series_excluded")) == 60


@pytest.mark.parametrize("dates", ["all", "later"])
async def test_a_series_whose_dates_are_too_long_to_show_can_be_edited(
    server: SimulatedServer, dates: str
) -> None:
    await plan_with_many_exceptions(server)
    before = await scheduled(server)
    which = "series:1" if dates == "all" else f"session:{await first_id(server)}"
    form = await opened(server, which, None if dates == "all" else dates)
    assert len(form[1]["when"]) == 500
    shown = await sent(server, form, what="Daily quiet")
    await press(server.organizer, shown, "Save it")
    assert "is changed" in said(shown)
    assert await scheduled(server) == before
    assert len(await server.read("SELECT * FROM series_excluded")) == 60
    titles = await server.read("SELECT DISTINCT title FROM session WHERE state = 'scheduled'")
    assert titles == [{"title": "Daily quiet"}]


async def test_so_it_can_after_a_change_of_the_preview_and_a_crossing_one(
    server: SimulatedServer,
) -> None:
    await plan_with_many_exceptions(server)
    before = await scheduled(server)
    form = await opened(server, "series:1")
    shown = await sent(server, form, what="Daily quiet")
    theirs = await sent(server, await opened(server, "series:1"), where="The Shrew")
    await press(server.organizer, theirs, "Save it")
    assert shown.response is not None
    again = await server.organizer.click(shown.response, label="Change")
    fields = {**filled(again), "host": [server.organizer], "about": "Cake!"}
    await server.organizer.submit_modal(again, fields)
    assert "**When**\n" not in said(shown)
    await press(server.organizer, shown, "Save mine")
    assert await scheduled(server) == before
    [row] = await server.read("SELECT DISTINCT title, place, about FROM session")
    assert row == {"title": "Daily quiet", "place": "The Shrew", "about": "Cake!"}


async def test_a_cut_phrase_that_was_typed_into_is_refused(server: SimulatedServer) -> None:
    await plan_with_many_exceptions(server)
    before = await scheduled(server)
    form = await opened(server, "series:1")
    shown = await sent(server, form, when=form[1]["when"].replace("10:00", "11:00", 1))
    assert shown.response is not None
    assert "shows only the start of them" in said(shown)
    assert buttons_of(shown.response) == ["Change", "Discard"]
    assert await scheduled(server) == before


async def first_id(server: SimulatedServer) -> int:
    [row] = await server.read(
        "SELECT session_id FROM session WHERE state = 'scheduled' ORDER BY starts_at LIMIT 1"
    )
    return int(row["session_id"])
