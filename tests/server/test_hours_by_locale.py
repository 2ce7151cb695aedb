"""Hours in text are written as each reader writes them, one form in a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.reader_locale import read_in
from tests.server.actions import answer, drafted, filled, headcount, mine, schedule, series_listed
from tests.server.hosting import press
from tests.server.simulated_server import SimulatedServer, buttons_of, said

OF_24 = re.compile(r"(?<![\d:])\d\d:\d\d(?!\d)")
OF_12 = re.compile(r"\d(?::\d\d)? ?[ap]m\b", re.IGNORECASE)


@pytest.fixture(autouse=True)
def _not_in_the_pseudo_language(pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--pseudo-language"):
        pytest.skip("it has one form for all locales")


@pytest.fixture(params=["en-US", "en-GB"])
def locale(request: pytest.FixtureRequest) -> Iterator[str]:
    read_in(request.param)
    yield request.param
    read_in("en-GB")


async def test_every_private_text_with_hours_has_the_readers_form(
    server: SimulatedServer, locale: str
) -> None:
    robin, sam = server.organizer, server.members[0]
    await schedule(server)
    shown = [said(await drafted(server, title="Weekly", when="every thursday 18:30 to 21"))]
    await press(
        robin, await drafted(server, title="Weekly", when="every friday 10-16"), "Schedule it"
    )
    cut = await answer(server, sam, "going", hours="9 to 13")
    shown += [cut.followups[0].content, await mine(server, sam), await headcount(server, robin)]
    outside = await answer(server, sam, "going", hours="17 to 18")
    shown += [outside.followups[0].content, *buttons_of(outside.followups[0])[:-1]]
    shown.append(await series_listed(server))
    shown.append(said(await robin.slash(server.jellies, "settings")))
    unread = await drafted(server, when="thursday 6:30")
    assert unread.response is not None
    shown += buttons_of(unread.response)[:-2]
    shown += [
        str(one["name"])
        for one in await robin.autocomplete(server.jellies, "jelly new", "when", "friday")
    ]
    shown += [
        str(one["name"])
        for one in await robin.autocomplete(server.jellies, "jelly edit", "jelly", "")
    ]
    wanted, other = (OF_12, OF_24) if locale == "en-US" else (OF_24, OF_12)
    for text in shown:
        assert wanted.search(text), text
        assert not other.search(text), text


async def test_a_form_shows_hours_in_the_readers_form_and_reads_them_back_as_unchanged(
    server: SimulatedServer, locale: str
) -> None:
    await schedule(server, title="Weekly", when="every thursday 18:30 to 21")
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="series:1", dates="all")
    assert ("6:30pm to 9pm" if locale == "en-US" else "18:30 to 21:00") in filled(form)["when"]
    preview = await server.organizer.submit_modal(form, {**filled(form), "what": "Evenings"})
    [draft] = await server.read("SELECT changed FROM draft")
    assert draft["changed"] == "title"
    assert "Moves" not in said(preview)


async def test_what_everybody_reads_is_the_same_for_all(
    server: SimulatedServer, locale: str
) -> None:
    await schedule(server)
    await answer(server, server.members[0], "going", hours="10 to 13")
    await server.settle()
    for message in server.jellies.history():
        assert not OF_12.search(message.content)
