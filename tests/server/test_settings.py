"""How a server is set up, who may do it, and what is refused."""

from __future__ import annotations

import discord
import pytest

from tests.server.simulated_server import SimulatedServer, said


async def test_settings_show_and_change(server: SimulatedServer) -> None:
    shown = said(await server.organizer.slash(server.chat, "settings"))
    assert server.jellies.mention in shown
    assert "Europe/London" in shown
    assert "6 days before" in shown
    assert "1 day, 1 hour before" in shown
    assert "everyone" in shown
    changed = said(
        await server.organizer.slash(
            server.chat, "settings", zone="new york", card="2 days", reminders="3 hours, 30 minutes"
        )
    )
    assert "America/New_York" in changed
    assert "2 days before" in changed
    assert "3 hours, 30 minutes before" in changed


async def test_reminders_can_be_switched_off(server: SimulatedServer) -> None:
    assert "Reminders: none" in said(
        await server.organizer.slash(server.chat, "settings", reminders="none")
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"card": "soonish"}, "soonish"),
        ({"card": "20 weeks"}, "7 weeks"),
        ({"reminders": "1h, 2h, 3h, 4h, 5h, 6h"}, "up to 5"),
        ({"reminders": "1 hour, 60 minutes"}, "twice"),
        ({"reminders": "9 weeks"}, "4 weeks"),
        ({"quiet_hours": "25:00-08:00"}, 'There is no "25:00" on the clock'),
        ({"quiet_hours": "22"}, 'I need two times, and "22" is one'),
        ({"quiet_hours": "10-8"}, 'Try "10:00 to 20:00" or "22:00 to 08:00"'),
        ({"quiet_hours": "22:00-22:00"}, "Quiet hours can't end when they begin"),
        ({"quiet_hours": "🌙"}, "as hours of the day"),
        ({"quiet_hours": "22:00-08:00 " * 330}, "That is too long"),
    ],
)
async def test_wrong_settings_are_refused_in_a_sentence(
    server: SimulatedServer, options: dict[str, str], sentence: str
) -> None:
    before = said(await server.organizer.slash(server.chat, "settings"))
    answer = await server.organizer.slash(server.chat, "settings", **options)
    assert answer.ephemeral
    assert sentence in said(answer)
    assert said(await server.organizer.slash(server.chat, "settings")) == before


async def test_a_server_without_settings_is_asked_for_both(empty_town: SimulatedServer) -> None:
    answer = await empty_town.organizer.slash(empty_town.chat, "settings", zone="London")
    assert "channel and a time zone together" in said(answer)


async def test_a_channel_in_which_the_bot_may_not_post_is_refused(server: SimulatedServer) -> None:
    bot_user = server.bot.user
    assert bot_user is not None
    closed = server.guild.create_text_channel(
        "closed",
        overwrites={server.guild.default_role: discord.PermissionOverwrite(send_messages=False)},
    )
    answer = said(await server.organizer.slash(server.chat, "settings", channel=closed))
    assert "Send Messages" in answer


async def test_zones_are_offered_while_typing(server: SimulatedServer) -> None:
    for typed, zone in (
        ("berl", "Europe/Berlin"),
        ("UK", "Europe/London"),
        ("Birmingham", "Europe/London"),
    ):
        choices = await server.organizer.autocomplete(server.chat, "settings", "zone", typed)
        assert choices[0]["value"] == zone
    assert await server.organizer.autocomplete(server.chat, "settings", "zone", "Gotham") == []


async def test_hosting_can_be_limited_to_a_role(server: SimulatedServer) -> None:
    hosts = server.guild.create_role("Hosts")
    await server.organizer.slash(server.chat, "settings", host_role=hosts)
    sam = server.members[0]
    refused = await sam.slash(
        server.chat, "jelly new", what="Mine", when="thursday 10-16", where="Home"
    )
    assert hosts.mention in said(refused)
    host = server.guild.add_member(server.environment.create_user("host"), roles=[hosts])
    allowed = await host.slash(
        server.chat, "jelly new", what="Mine", when="thursday 10-16", where="Home"
    )
    assert "## Mine" in said(allowed)
    await server.organizer.slash(server.chat, "settings", host_role=server.guild.default_role)
    assert "## Mine" in said(
        await sam.slash(server.chat, "jelly new", what="Mine", when="friday 10-16", where="Home")
    )


async def test_help_says_what_one_can_do(server: SimulatedServer) -> None:
    member = said(await server.members[0].slash(server.chat, "help"))
    shown = await server.organizer.slash(server.chat, "help")
    organizer = "\n".join((said(shown), *(one.content for one in shown.followups)))
    assert "/jellies" in member
    assert "/settings" not in member
    assert "/settings" in organizer
    assert len(said(shown)) <= 2000
