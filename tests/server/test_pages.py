"""Lists say what they leave out, and show it on further pages, also after a restart."""

from __future__ import annotations

import simcord

from tests.moments import DAY, MONDAY
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


async def test_jellies_lists_everything_with_what_one_answered_first(
    server: SimulatedServer,
) -> None:
    await many(server)
    sam = server.members[0]
    for title, answer in (("Jelly 25", "going"), ("Jelly 20", "maybe"), ("Jelly 02", "declined")):
        await sam.slash(server.chat, "rsvp", jelly=title, answer=answer)
    pages = await pages_of(server, sam, await sam.slash(server.chat, "jellies"))
    titles = [line.split("**")[1] for page in pages for line in page.splitlines() if "**" in line]
    named = [title.split("]")[0].strip("[") for title in titles]
    others = [f"Jelly {day:02}" for day in range(1, MANY + 1) if day not in (20, 25)]
    assert named == ["Jelly 20", "Jelly 25", *others]
    shown = 0
    for page in pages:
        assert len(page) <= 2000
        shown += page.count("-# You: ")
        assert left_out(page) == MANY - shown
    assert len(pages) > 1


async def test_the_first_page_is_one_press_away_and_made_anew(server: SimulatedServer) -> None:
    await many(server)
    sam = server.members[0]
    shown = await sam.slash(server.chat, "jellies")
    second = await press(sam, shown, "Next page")
    await sam.slash(server.chat, "rsvp", jelly="Jelly 28", answer="going")
    first = said(await press(sam, second, "First page"))
    assert first.splitlines()[1].count("Jelly 28") == 1


async def test_organizers_page_through_series_and_then_dates(server: SimulatedServer) -> None:
    await server.set_up()
    for number in range(25):
        await schedule(server, title=f"Series {number}", when="every monday 10-16")
    shown = await server.organizer.slash(server.chat, "jelly list")
    pages = await pages_of(server, server.organizer, shown)
    text = "\n".join(pages)
    assert text.count("every Monday") == 25
    dates = await server.read("SELECT 1 FROM session")
    assert text.count(" coming") == len(dates)
    assert pages[0].startswith("### Series")
    assert pages[-1].startswith("### Dates")
    assert left_out(pages[0]) == 25 + len(dates) - pages[0].count("every Monday")
    assert all(len(page) <= 2000 for page in pages)


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
    assert buttons_of(shown.response) == ["Try again", "Next page"]
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
