"""Whatever people send, each is answered once, in plain words, and nothing leaks or breaks."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import charts, interactions
from bot.discord_types import Interaction
from bot.interactions import answer_error
from data.models import PastSession
from tests.server.actions import (
    HOST,
    follow_up,
    schedule,
    told,
)
from tests.server.four_servers import FourServers, settle_in
from tests.server.fuzz_inputs import Doing, Draw, FuzzInputs
from tests.server.invariants import Invariants
from tests.server.simulated_server import SimulatedServer, said, text_of

Draws = Callable[[str, Sequence[PastSession]], Awaitable[tuple[bytes, bytes]]]

# The servers are reset before each example.
examples = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Trial:
    """Four servers, what people may do in them, and what must hold."""

    def __init__(self, four_servers: FourServers) -> None:
        self.four_servers = four_servers
        self.inputs = FuzzInputs(four_servers)
        self.promises = Invariants(four_servers)

    async def run(self, data: st.DataObject, *doings: Doing, most: int = 3) -> None:
        """Does some of these, and checks that all promises hold."""
        draw = Draw(data)
        await self.four_servers.begin_again()
        await self.promises.begin()
        where = draw.one_of([*[self.four_servers.home] * 4, *self.four_servers.servers])
        sent = await self.inputs.some_of(draw, where, doings, most=most)
        await self.promises.hold(sent)


def _drawn_once(draw: Draws) -> Draws:
    """Caches drawings: one takes a second, and tests/process/test_charts.py checks them."""
    drawn: dict[str, tuple[bytes, bytes]] = {}

    async def draw_once(locale: str, held: Sequence[PastSession]) -> tuple[bytes, bytes]:
        key = repr((locale, held))
        if key not in drawn:
            drawn[key] = await draw(locale, held)
        return drawn[key]

    return draw_once


@pytest.fixture
async def trial(
    empty_town: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Trial]:
    trial = Trial(await settle_in(empty_town))
    promises = trial.promises

    async def answer_and_note(interaction: Interaction, error: Exception) -> None:
        promises.refused.add(interaction.id)
        await answer_error(interaction, error)

    monkeypatch.setattr(interactions, "answer_error", answer_and_note)
    monkeypatch.setattr(charts, "_drawn_elsewhere", _drawn_once(charts._drawn_elsewhere))
    logging.getLogger().addHandler(promises.complaints)
    yield trial
    logging.getLogger().removeHandler(promises.complaints)
    await trial.four_servers.begin_again()


@examples
@given(data=st.data())
async def test_any_command_with_anything_typed_into_it(trial: Trial, data: st.DataObject) -> None:
    do = trial.inputs
    await trial.run(
        data, do.type_a_command, do.fill_in_the_form, do.press_what_is_shown, do.wait, most=5
    )


@examples
@given(data=st.data())
async def test_any_choice_is_offered_while_anything_is_typed(
    trial: Trial, data: st.DataObject
) -> None:
    await trial.run(data, trial.inputs.choose_while_typing)


@examples
@given(data=st.data())
async def test_any_button_with_any_id_under_any_message(trial: Trial, data: st.DataObject) -> None:
    do = trial.inputs
    await trial.run(data, do.forge_a_press, do.press_what_is_shown, do.fill_in_the_form)


@examples
@given(data=st.data())
async def test_any_form_with_any_fields(trial: Trial, data: st.DataObject) -> None:
    do = trial.inputs
    await trial.run(data, do.forge_a_form, do.press_what_is_shown)


async def test_titles_in_any_script_do_no_harm(server: SimulatedServer) -> None:
    title = "יום עבודה 🧑‍💻 *מחר*"
    await schedule(server, title=title, seats=HOST + 1)
    sam, priya, _ = server.members
    card = next(card for card in server.cards() if "יום עבודה" in text_of(card))
    await sam.click(card, label="Going")
    waits = await priya.click(server.cards()[-1], label="Join the waiting list")
    assert "#1 on the waiting list" in follow_up(waits).content
    form = await sam.click(server.cards()[-1], label="Add details")
    assert form.modal is not None
    assert len(form.modal["title"]) <= 45
    await sam.click(server.cards()[-1], label="Can't make it")
    await server.settle()
    [message] = told(server, "a seat came free")
    assert "🧑‍💻 \\*מחר\\*" in message.content


async def test_a_title_cannot_forge_a_link(server: SimulatedServer) -> None:
    await server.schedule("Free beer](https://evil.example/x) [", when="thursday 10-16")
    listed = said(await server.members[0].slash(server.jellies, "jellies"))
    assert "](https://evil.example" not in listed
