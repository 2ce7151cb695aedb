"""Lists say what they leave out, and show it on further pages, also after a restart."""

from __future__ import annotations

import pytest
import simcord
from simcord.components import walk_components

from data.limits import DATES_ON_A_PAGE
from tests.moments import DAY, HOUR, MONDAY
from tests.server.actions import forged, member, schedule
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, buttons_of, said

MANY = 30


async def many(server: SimulatedServer) -> None:
    """Schedules one jelly a day, from Tuesday on."""
    await server.set_up()
    for day in range(1, MANY + 1):
        when = f"{MONDAY + day * DAY:%b %d} 10-16".lower()
        await schedule(server, title=f"Jelly {day:02}", when=when)


async def pages_of(
    server: SimulatedServer, who: simcord.MemberActor, shown: simcord.InteractionResult
) -> list[str]:
    """Returns every page of a list, turned with its button; the bot starts again in between."""
    pages = [said(shown)]
    assert shown.ephemeral
    while shown.response is not None and "Next page" in buttons_of(shown.response):
        await server.restart()
        shown = await press(who, shown, "Next page")
        pages.append(said(shown))
    return pages


def left_out(page: str) -> int:
    """Returns how many more the page says there are."""
    lines = [line for line in page.splitlines() if line.startswith("-# and ")]
    return int(lines[0].split()[2]) if lines else 0


def named_in(page: str) -> list[str]:
    """Returns the titles of the dates on a page of what's on."""
    titles = [line.strip("*") for line in page.splitlines() if line.startswith("**")]
    return [title.split("]")[0].strip("[") for title in titles]


async def test_jellies_lists_everything_with_what_one_answered_first(
    server: SimulatedServer,
) -> None:
    await many(server)
    sam = server.members[0]
    for title, answer in (("Jelly 25", "going"), ("Jelly 20", "maybe"), ("Jelly 02", "declined")):
        await sam.slash(server.chat, "rsvp", jelly=title, answer=answer)
    pages = await pages_of(server, sam, await sam.slash(server.chat, "jellies"))
    named = [title for page in pages for title in named_in(page)]
    others = [f"Jelly {day:02}" for day in range(1, MANY + 1) if day not in (20, 25)]
    assert named == ["Jelly 20", "Jelly 25", *others]
    for number, page in enumerate(pages, 1):
        assert len(named_in(page)) == DATES_ON_A_PAGE
        assert left_out(page) == MANY - number * DATES_ON_A_PAGE
    assert len(pages) == MANY / DATES_ON_A_PAGE


async def test_the_first_page_is_one_press_away_and_made_anew(server: SimulatedServer) -> None:
    await many(server)
    sam = server.members[0]
    shown = await sam.slash(server.chat, "jellies")
    second = await press(sam, shown, "Next page")
    await sam.slash(server.chat, "rsvp", jelly="Jelly 28", answer="going")
    assert named_in(said(await press(sam, second, "First page")))[0] == "Jelly 28"


@pytest.mark.parametrize("command", ["jellies", "jelly list"])
async def test_a_date_is_answered_from_the_list_and_stays_in_its_place(
    server: SimulatedServer, command: str
) -> None:
    await many(server)
    sam = server.members[0]
    second = await press(sam, await sam.slash(server.chat, command), "Next page")
    assert second.response is not None
    [before] = [named_in(said(second))]
    ids = answer_ids(second.response)
    answered = await sam.click(second.response, custom_id=ids["Jelly 08", "going"])
    assert answered.response is not None
    assert answered.response.id == second.response.id
    assert named_in(said(answered)) == before
    lines = said(answered).splitlines()
    assert [line for line in lines if line.startswith("-# You: ")] == ["-# You: Going"]
    # The first Going asks for the mood, as on the card.
    assert "How do you like to work" in answered.followups[0].content
    again = await sam.click(answered.response, custom_id=ids["Jelly 08", "declined"])
    assert "-# You: Can't make it" in said(again)
    await server.settle()
    shown = await sam.slash(server.chat, command)
    assert named_in(said(shown))[0] == "Jelly 01"


async def test_a_full_date_offers_the_waiting_list_and_tells_the_place(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await schedule(server, seats=1)
    sam = server.members[0]
    shown = await sam.slash(server.chat, "jellies")
    assert "no seats left" in said(shown)
    assert shown.response is not None
    assert buttons_of(shown.response) == ["Join the waiting list", "Maybe", "Can't make it"]
    waits = await press(sam, shown, "Join the waiting list")
    assert "-# You: #1 on the waiting list" in said(waits)
    assert "All seats are taken" in waits.followups[0].content


async def test_what_is_over_or_hidden_meanwhile_leaves_the_page(server: SimulatedServer) -> None:
    await server.set_up()
    await schedule(server, title="Today", when="today 10-12")
    await schedule(server)
    sam = server.members[0]
    shown = await sam.slash(server.chat, "jellies")
    assert named_in(said(shown)) == ["Today", "Thursday jelly"]
    await server.after(4 * HOUR)
    assert shown.response is not None
    ids = answer_ids(shown.response)
    answered = await sam.click(shown.response, custom_id=ids["Thursday jelly", "maybe"])
    assert named_in(said(answered)) == ["Thursday jelly"]
    server.hide(server.jellies, sam)
    hidden = await sam.click(shown.response, custom_id=ids["Thursday jelly", "going"])
    assert "no longer on the list" in said(hidden)


def answer_ids(shown: simcord.ResponseMessage) -> dict[tuple[str, str], str]:
    """Returns the ids of the buttons of a list, by the title of the date and the answer."""
    ids, title = {}, ""
    for part in walk_components(shown.components):
        if part.get("type") == 10:
            title = next(iter(named_in(part["content"])), "")
        elif str(part.get("custom_id")).startswith("jelly:list-rsvp:"):
            ids[title, part["custom_id"].split(":")[3]] = part["custom_id"]
    return ids


async def test_organizers_see_the_dates_and_page_through_the_series(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    for number in range(25):
        await schedule(server, title=f"Series {number}", when="every monday 10-16")
    shown = await server.organizer.slash(server.chat, "jelly list")
    assert shown.response is not None
    assert buttons_of(shown.response)[-2:] == ["Next page", "25 series"]
    series = await press(server.organizer, shown, "25 series")
    pages = await pages_of(server, server.organizer, series)
    assert "\n".join(pages).count("every Monday") == 25
    assert all(page.startswith("### Series") and len(page) <= 2000 for page in pages)
    assert left_out(pages[0]) == 25 - pages[0].count("every Monday")


async def test_what_did_not_arrive_stands_before_the_first_page_alone(
    server: SimulatedServer,
) -> None:
    await many(server)
    await server.database.write(
        lambda t: t.run("UPDATE delivery SET state = 'failed' WHERE kind = 'announcement'")
    )
    shown = await server.organizer.slash(server.chat, "jelly list")
    assert "### What didn't arrive" in said(shown)
    assert shown.response is not None
    assert buttons_of(shown.response)[-2:] == ["Next page", "Try again"]
    second = await press(server.organizer, shown, "Next page")
    assert "### What didn't arrive" not in said(second)
    assert second.response is not None
    assert "Try again" not in buttons_of(second.response)


async def test_a_headcount_names_everybody_on_as_many_pages_as_it_takes(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await schedule(server)
    guests = [member(server, f"Guest {number}") for number in range(45)]
    for number, who in enumerate(guests):
        await who.click(server.card(), label="Going" if number < 30 else "Maybe")
    people = [server.organizer, *guests]
    shown = await server.organizer.slash(server.chat, "headcount session", jelly="Thursday jelly")
    assert shown.response is not None
    assert "Table (CSV)" in buttons_of(shown.response)
    pages = await pages_of(server, server.organizer, shown)
    text = "\n".join(pages)
    assert all(text.count(f"<@{who.id}>") == 1 for who in people)
    assert "**31 coming**" in pages[0]
    assert "**15 maybe**" in pages[-1]
    assert left_out(pages[0]) == len(people) - pages[0].count("<@")
    assert "First page" in buttons_of(shown.response)
    sam = server.members[0]
    theirs = await sam.slash(server.chat, "headcount session", jelly="Thursday jelly")
    assert theirs.response is not None
    assert buttons_of(theirs.response) == ["Next page"]


async def test_a_page_that_is_not_there_any_more_leads_to_the_first(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    await schedule(server)
    shown = await server.organizer.slash(server.chat, "jelly list")
    assert shown.response is not None
    for name in ("list-page", "agenda-page", "log", "headcount:1", "record-page"):
        for start in (7, -7, 10**15):
            result = await forged(server, server.organizer, f"jelly:{name}:{start}", shown.response)
            assert said(result)
