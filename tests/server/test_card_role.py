"""A new card mentions a role, if organizers chose one that the bot may mention."""

from __future__ import annotations

from tests.server.simulated_server import SimulatedServer, said


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
    assert "Cards never mention @everyone; choose another role." in answer


async def test_other_settings_change_also_while_the_role_may_not_be_mentioned_any_more(
    server: SimulatedServer,
) -> None:
    role = server.guild.create_role("Fans")
    await server.organizer.slash(server.chat, "settings", card_role=role)
    server.forbid_mentions(server.jellies)
    answer = said(await server.organizer.slash(server.chat, "settings", card_role=role, tidy=False))
    assert "Tidying: off ← new" in answer
