"""A new card mentions a role, if organizers chose one that the bot may mention."""

from __future__ import annotations

from typing import Any

import simcord

from tests.moments import DAY, HOUR, MINUTE, THURSDAY_10
from tests.server.actions import schedule
from tests.server.simulated_server import SimulatedServer, said, text_of

NEWS = "here's a new jelly:"


async def _with_fans(server: SimulatedServer, **options: object) -> simcord.RoleHandle:
    """Returns a role that everybody may mention, which new cards mention from now on."""
    role = server.guild.create_role("Fans", mentionable=True)
    await server.organizer.slash(server.chat, "settings", card_role=role, **options)
    return role


def _cards(server: SimulatedServer) -> list[tuple[bool, list[int]]]:
    """Returns whether each card that was posted mentioned a role, and which ones it notified."""
    posted: list[dict[str, Any]] = [
        request.json
        for request in server.environment.http_requests
        if request.method == "POST"
        and request.path == f"/channels/{server.jellies.id}/messages"
        and request.json
        and not request.json.get("content")
    ]
    return [
        (
            NEWS in str(one["components"]),
            [int(role) for role in one["allowed_mentions"].get("roles", [])],
        )
        for one in posted
    ]


async def test_a_role_that_nobody_may_mention_is_refused_with_what_to_do(
    server: SimulatedServer,
) -> None:
    role = server.guild.create_role("Fans")
    server.forbid_mentions(server.jellies)
    answer = said(await server.organizer.slash(server.chat, "settings", card_role=role))
    assert f"I can't mention {role.mention} in {server.jellies.mention}. Switch on" in answer
    assert "New cards mention: no one" in said(
        await server.organizer.slash(server.chat, "settings")
    )


async def test_a_role_counts_as_the_bot_may_mention_it_in_the_channel_of_the_cards(
    server: SimulatedServer,
) -> None:
    role = server.guild.create_role("Fans")
    server.forbid_mentions(server.jellies)
    chosen = said(
        await server.organizer.slash(server.chat, "settings", channel=server.chat, card_role=role)
    )
    assert f"New cards mention: {role.mention} ← new" in chosen


async def test_everyone_is_never_mentioned(server: SimulatedServer) -> None:
    everyone = server.guild.default_role
    answer = said(await server.organizer.slash(server.chat, "settings", card_role=everyone))
    assert "Cards can't mention everyone. Choose another role." in answer


async def test_other_settings_change_also_while_the_role_may_not_be_mentioned_any_more(
    server: SimulatedServer,
) -> None:
    role = server.guild.create_role("Fans")
    await server.organizer.slash(server.chat, "settings", card_role=role)
    server.forbid_mentions(server.jellies)
    answer = said(await server.organizer.slash(server.chat, "settings", card_role=role, tidy=False))
    assert "Tidying: off ← new" in answer


async def test_a_new_card_mentions_the_role_in_its_first_line(server: SimulatedServer) -> None:
    role = await _with_fans(server)
    await schedule(server)
    assert text_of(server.card()).startswith(f"{role.mention}, {NEWS}\n## Thursday jelly")
    assert _cards(server) == [(True, [role.id])]


async def test_a_press_on_it_mentions_no_one_again(server: SimulatedServer) -> None:
    await _with_fans(server)
    await schedule(server)
    await server.members[0].click(server.card(), label="Going")
    await server.settle()
    assert text_of(server.card()).startswith("## Thursday jelly")
    assert len(_cards(server)) == 1


async def test_a_card_in_quiet_hours_comes_at_once_and_mentions_no_one(
    server: SimulatedServer,
) -> None:
    role = await _with_fans(server, card="12 hours")
    await schedule(server, when="thursday 18-21")
    await server.at(THURSDAY_10 - 4 * HOUR)
    assert text_of(server.card()).startswith("## Thursday jelly")
    assert _cards(server) == [(False, [])]
    await schedule(server, title="Friday jelly", when="friday 07:00-09:00")
    await server.at(THURSDAY_10 + 9 * HOUR)
    assert _cards(server) == [(False, []), (True, [role.id])]


async def test_a_card_right_after_one_of_the_night_mentions_the_role(
    server: SimulatedServer,
) -> None:
    role = await _with_fans(server, card="1 day")
    await schedule(server, title="Early jelly", when="thursday 07:50-09:00")
    await schedule(server, title="Later jelly", when="thursday 08:10-09:00")
    await server.at(THURSDAY_10 - DAY - 130 * MINUTE)
    await server.at(THURSDAY_10 - DAY - 110 * MINUTE)
    assert _cards(server) == [(False, []), (True, [role.id])]


async def test_the_dates_of_a_new_series_are_one_ping(server: SimulatedServer) -> None:
    """Six cards are due at once; the next one comes an hour later."""
    role = await _with_fans(server)
    await schedule(server, title="Daily", when="every day 10-16")
    first, *others = _cards(server)
    assert first == (True, [role.id])
    assert others == [(False, [])] * 5
    await server.after(HOUR)
    assert _cards(server)[-1] == (True, [role.id])


async def test_a_card_that_was_deleted_and_is_posted_anew_mentions_no_one(
    server: SimulatedServer,
) -> None:
    role = await _with_fans(server)
    await schedule(server)
    await server.organizer.delete(server.card())
    await server.after(2 * HOUR)
    await server.members[0].slash(server.jellies, "rsvp", jelly="Thursday jelly", answer="going")
    await server.settle()
    listed = await server.organizer.slash(server.jellies, "jelly list")
    assert listed.response is not None
    await server.organizer.click(listed.response, label="Try again")
    await server.settle()
    assert _cards(server) == [(True, [role.id]), (False, [])]


async def test_a_role_that_is_gone_or_mute_by_then_keeps_no_card_away(
    server: SimulatedServer,
) -> None:
    role = server.guild.create_role("Fans")
    await server.organizer.slash(server.chat, "settings", card_role=role)
    server.forbid_mentions(server.jellies)
    await schedule(server)
    server.environment.backend.delete_role(server.guild.id, role.id)
    await server.environment.settle()
    await server.after(2 * HOUR)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    assert _cards(server) == [(False, []), (False, [])]


async def test_a_card_whose_first_try_was_lost_mentions_the_role_once(
    server: SimulatedServer,
) -> None:
    role = await _with_fans(server)
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await schedule(server)
    await server.after(5 * MINUTE)
    assert len(server.jellies.history()) == 1
    assert _cards(server)[-1] == (True, [role.id])
