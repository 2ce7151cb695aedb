"""When people will be there, and who sees it."""

from __future__ import annotations

import re

import pytest

from tests.moments import HOUR, THURSDAY_10, stamp
from tests.server.actions import (
    HOST,
    add_details,
    answer,
    edit,
    filled,
    headcount,
    member,
    mine,
    schedule,
)
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

# Hours.


async def test_hours_show_on_the_card_in_numbers_and_to_those_going_by_name(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, jordan = server.members
    await add_details(server, sam, mood=["either"], hours="10 to 13", guests=["1"])
    await priya.click(server.card(), label="Going")
    await server.settle()
    card = text_of(server.card())
    shown = f"4 from {stamp(THURSDAY_10, 't')} · 2 from {stamp(THURSDAY_10 + 3 * HOUR, 't')}"
    assert f"**By the hour** {shown}" in card
    assert "10:00" not in card
    assert f"{sam.mention} +1 · either · 10:00 to 13:00" in await headcount(server, priya)
    assert "10:00 to 13:00" in await headcount(server, server.organizer)
    for outsider in (jordan, member(server, "Kim")):
        seen = await headcount(server, outsider)
        assert "10:00" not in seen
        assert "Those going see who's here, and who comes when." in seen
    await jordan.click(server.card(), label="Maybe")
    assert "10:00" not in await headcount(server, jordan)


async def test_those_who_wait_do_not_see_who_comes_when(server: SimulatedServer) -> None:
    await schedule(server, seats=HOST + 1)
    sam, priya, _ = server.members
    await add_details(server, sam, hours="10 to 13")
    await priya.click(server.card(), label="Join the waiting list")
    assert "10:00" not in await headcount(server, priya)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("from 11", "11:00 to 16:00"),
        ("until 2pm", "10:00 to 14:00"),
        ("12-13:30", "12:00 to 13:30"),
    ],
)
async def test_hours_can_be_said_by_command_in_everyday_words(
    server: SimulatedServer, typed: str, understood: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    answered = await answer(server, sam, "going", hours=typed)
    assert understood in said(answered)
    assert understood in await mine(server, sam)


@pytest.mark.parametrize("typed", ["all day", "", "10 to 16"])
async def test_hours_are_taken_back_with_words_for_the_whole_time(
    server: SimulatedServer, typed: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    for hours in ("10 to 13", typed):
        await answer(server, sam, "going", hours=hours)
    await server.settle()
    assert "By the hour" not in text_of(server.card())
    assert await mine(server, sam) == "Going"


@pytest.mark.parametrize("typed", ["13 to 10", "sometime", "25 to 26", "17 to 18", "after lunch"])
async def test_hours_that_do_not_fit_are_asked_about_and_the_rest_is_saved(
    server: SimulatedServer, typed: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    by_command = await answer(server, sam, "going", hours=typed)
    assert "Everything else is saved." in by_command.followups[-1].content
    assert await mine(server, sam) == "Going"
    form = await sam.click(server.card(), label="Add details")
    kept = await sam.submit_modal(form, {**filled(form), "hours": typed, "note": "lost?"})
    asked = kept.followups[-1]
    assert "Everything else is saved." in asked.content
    assert await mine(server, sam) == "Going, lost?"
    # The form comes back with what was typed.
    again = await sam.click(asked, label="Add details")
    assert filled(again) == {**filled(form), "mood": [], "hours": typed, "note": "lost?"}
    done = await sam.submit_modal(again, {**filled(again), "hours": "11 to 13"})
    assert "11:00 to 13:00, lost?" in said(done)


async def test_hours_that_are_asked_about_are_one_press_away(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await answer(server, sam, "going", note="taxes", guests=1)
    form = await sam.click(server.card(), label="Add details")
    kept = await sam.submit_modal(form, {**filled(form), "hours": "after lunch"})
    asked = kept.followups[-1]
    assert asked.content.startswith('What time do you mean by "after lunch"?')
    offered = ["from 12:00", "from 13:00", "from 14:00"]
    assert buttons_of(asked) == [*offered, "Add details"]
    chosen = await sam.click(asked, label="from 13:00")
    assert chosen.response is not None
    assert chosen.response.id == asked.id
    assert await mine(server, sam) == "Going, with 1 guest, 13:00 to 16:00, taxes"


@pytest.mark.parametrize(
    ("typed", "saved"), [("8 to 12", "10:00 to 12:00"), ("12 to 18", "12:00 to 16:00")]
)
async def test_hours_partly_outside_are_cut_and_it_says_so(
    server: SimulatedServer, typed: str, saved: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    form = await sam.click(server.card(), label="Add details")
    done = await sam.submit_modal(form, {**filled(form), "hours": typed})
    told = f"It runs 10:00 to 16:00 (London time), so I saved {saved}."
    assert told == done.followups[-1].content
    assert await mine(server, sam) == f"Going, {saved}"
    whole = await answer(server, sam, "going", hours="9 to 17")
    assert "so I saved the whole time." in whole.followups[-1].content
    assert await mine(server, sam) == "Going"


async def test_numbers_by_the_hour_follow_every_change_of_mind(server: SimulatedServer) -> None:
    await schedule(server, when="thursday 10-13", guests=2)
    sam, priya, _ = server.members

    def numbers() -> list[int]:
        """Returns what the card counts by the hour; empty if it does not."""
        for line in text_of(server.card()).splitlines():
            if line.startswith("**By the hour**"):
                return [int(number) for number in re.findall(r"(\d+) from", line)]
        return []

    await add_details(server, sam, hours="10 to 12", guests=["2"])
    assert numbers() == [4, 1]
    await add_details(server, priya, hours="11 to 13")
    assert numbers() == [4, 5, 2]
    await add_details(server, sam, guests=["1"])
    assert numbers() == [3, 4, 2]
    await sam.click(server.card(), label="Maybe")
    assert numbers() == [1, 2]
    await sam.click(server.card(), label="Going")
    assert numbers() == [2, 3, 2]
    await sam.click(server.card(), label="Can't make it")
    await add_details(server, priya, hours="")
    assert numbers() == []


async def test_a_whole_day_is_counted_in_steps_that_fit_on_the_card(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="thursday 10am for 24 hours")
    await add_details(server, server.members[0], hours="22:00 to 2:00")
    [line] = [x for x in text_of(server.card()).splitlines() if x.startswith("**By the hour**")]
    since = [(1, THURSDAY_10), (2, THURSDAY_10 + 12 * HOUR), (1, THURSDAY_10 + 16 * HOUR)]
    shown = " · ".join(f"{number} from {stamp(moment, 't')}" for number, moment in since)
    assert line == f"**By the hour** {shown}"


async def test_hours_stay_through_a_move_where_they_still_fit(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    for who, hours in ((sam, "13 to 15"), (priya, "10 to 12")):
        await answer(server, who, "going", hours=hours)
    await edit(server, when="thursday 12-18")
    seen = await headcount(server, sam)
    assert f"{sam.mention} · 13:00 to 15:00" in seen
    assert f"{priya.mention}\n" in f"{seen}\n"
    card = text_of(server.card())
    since = ((2, 2), (3, 3), (5, 2))
    shown = [f"{number} from {stamp(THURSDAY_10 + hour * HOUR, 't')}" for hour, number in since]
    assert " · ".join(shown) in card
    assert "2 yet to confirm the new time" in card


async def test_hours_mean_nothing_any_more_on_another_day(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await answer(server, sam, "going", hours="10 to 13")
    await edit(server, when="friday 10-16")
    assert "By the hour" not in text_of(server.card())
    assert await mine(server, sam) == "Going, yet to confirm the new time"


async def test_hours_after_the_new_end_mean_nothing_any_more(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await answer(server, sam, "going", hours="13 to 15")
    await edit(server, when="thursday 7-11")
    assert "By the hour" not in text_of(server.card())
    assert await mine(server, sam) == "Going, yet to confirm the new time"


async def test_hours_end_with_a_session_that_ends_earlier(server: SimulatedServer) -> None:
    """They come from noon on, however long it lasts, so they are not counted at ten."""
    await schedule(server)
    sam = server.members[0]
    await answer(server, sam, "going", hours="12 to 16")
    await edit(server, when="thursday 10-15")
    card = text_of(server.card())
    assert f"1 from {stamp(THURSDAY_10, 't')} · 2 from" in card
    assert await mine(server, sam) == "Going, 12:00 to 15:00"
