"""``/privacy`` tells everybody what is kept about them, for as long as it holds for this bot."""

from __future__ import annotations

import simcord
from simcord.components import walk_components

from data.models import Kept
from tests.server.simulated_server import SimulatedServer, said


def _links(result: simcord.InteractionResult) -> dict[str, str]:
    """Returns the addresses that the buttons of an answer open, by label."""
    assert result.response is not None
    return {
        part["label"]: part["url"]
        for part in walk_components(result.response.components)
        if part.get("url")
    }


async def test_everybody_is_told_what_is_kept_and_how_to_have_it_deleted(
    empty_town: SimulatedServer,
) -> None:
    told = await empty_town.members[0].slash(empty_town.chat, "privacy")
    assert told.ephemeral
    assert "What I keep about you" in said(told)
    assert "until 30 days after the jelly" in said(told)
    assert "for 90 days" in said(told)
    assert "`/me export` gives you all of it, `/me forget` deletes it" in said(told)
    assert _links(told) == {}


async def test_whoever_runs_the_bot_may_keep_it_shorter_and_link_to_their_policy(
    server: SimulatedServer,
) -> None:
    server.bot.kept = Kept.at_most(10)
    server.bot.privacy_url = "https://example.org/privacy"
    told = await server.members[0].slash(server.chat, "privacy")
    assert "until 10 days after the jelly" in said(told)
    assert "90 days" not in said(told)
    assert _links(told) == {"Privacy policy": "https://example.org/privacy"}
    log = said(await server.organizer.slash(server.chat, "jelly log"))
    assert "Kept for 10 days" in log or "last 10 days" in log
