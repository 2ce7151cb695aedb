"""The panel of /settings: a list of groups, a form for each, and what is typed wrongly into one."""

from __future__ import annotations

import json
from typing import Any

import discord
import pytest
import simcord

from bot.messages.settings import Group
from data.limits import LONGEST_DAILY_RANGE, LONGEST_SPAN, LONGEST_SPANS, LONGEST_ZONE
from tests.server.actions import filled
from tests.server.simulated_server import SimulatedServer, said


async def _opened(server: SimulatedServer, group: Group) -> simcord.InteractionResult:
    """Returns the form that opens if an organizer chooses a group."""
    shown = await server.organizer.slash(server.chat, "settings")
    assert shown.response is not None
    return await server.organizer.select(shown.response, [group.value])


async def _submitted(server: SimulatedServer, group: Group, values: dict[str, Any]) -> str:
    form = await _opened(server, group)
    return said(await server.organizer.submit_modal(form, _with(server, form, values)))


def _with(
    server: SimulatedServer, form: simcord.InteractionResult, values: dict[str, Any]
) -> dict[str, Any]:
    """Returns what a form holds, with other values in some of its fields."""
    channel = {"channel": [server.jellies]} if '"custom_id": "channel"' in _filled_in(form) else {}
    return {**channel, **filled(form), **values}


def _filled_in(form: simcord.InteractionResult) -> str:
    return json.dumps(form.modal, ensure_ascii=False)


@pytest.mark.parametrize(
    ("group", "values", "told"),
    [
        (Group.PLACE, {"zone": "new york"}, "Time zone: America/New_York ← new"),
        (Group.TIMES, {"card": "3 days"}, "Cards are posted 3 days before ← new"),
        (Group.TIMES, {"reminders": "none"}, "Reminders: none ← new"),
        (
            Group.SEATS,
            {"offers_within": "none"},
            "Seats that come free: go to the next in line right away ← new",
        ),
        (Group.SEATS, {"offer_time": "30 minutes"}, "in line for up to 30 minutes in the last"),
        (Group.THANKS, {"thanks": ["off"]}, "Monthly thanks to the hosts: off ← new"),
        (Group.NOTIFICATIONS, {"quiet_hours": "11pm-7am"}, "no offered seat runs out ← new"),
        (Group.NOTIFICATIONS, {"quiet_hours": "none"}, "Quiet hours: none ← new"),
        (Group.NOTIFICATIONS, {"tidy": ["off"]}, "Tidying: off ← new"),
    ],
)
async def test_each_group_is_changed_in_its_form(
    server: SimulatedServer, group: Group, values: dict[str, Any], told: str
) -> None:
    shown = await _submitted(server, group, values)
    assert told in shown
    assert shown.count("← new") == 1
    assert told.removesuffix(" ← new") in said(
        await server.organizer.slash(server.chat, "settings")
    )


async def test_the_panel_is_replaced_and_can_be_used_again(server: SimulatedServer) -> None:
    shown = await server.organizer.slash(server.chat, "settings")
    assert shown.response is not None
    for group, values in ((Group.THANKS, {"thanks": ["off"]}), (Group.TIMES, {"card": "2 days"})):
        form = await server.organizer.select(shown.response, [group.value])
        changed = await server.organizer.submit_modal(form, _with(server, form, values))
        assert changed.response is not None
        assert changed.response.id == shown.response.id
        assert "### Jelly in this server" in said(changed)


async def test_who_may_host_and_the_channel_are_chosen_from_lists(server: SimulatedServer) -> None:
    role = server.guild.create_role("Hosts")
    assert f"Who may host: {role.mention} ← new" in await _submitted(
        server, Group.HOSTS, {"host_role": [role]}
    )
    assert str(role.id) in _filled_in(await _opened(server, Group.HOSTS))
    assert "Who may host: everyone ← new" in await _submitted(
        server, Group.HOSTS, {"host_role": []}
    )
    fans = server.guild.create_role("Fans", mentionable=True)
    assert f"New cards mention: {fans.mention} ← new" in await _submitted(
        server, Group.NOTIFICATIONS, {"card_role": [fans]}
    )
    assert str(fans.id) in _filled_in(await _opened(server, Group.NOTIFICATIONS))
    assert "New cards mention: no one ← new" in await _submitted(
        server, Group.NOTIFICATIONS, {"card_role": []}
    )
    assert f"Channel for jellies: {server.chat.mention} ← new" in await _submitted(
        server, Group.PLACE, {"channel": [server.chat]}
    )


async def test_organizers_get_a_channel_and_lose_it_again(server: SimulatedServer) -> None:
    first = said(await server.organizer.slash(server.chat, "settings"))
    assert "Channel for organizers: none. Problems go privately to the last person" in first
    assert f"Channel for organizers: {server.chat.mention} ← new" in said(
        await server.organizer.slash(server.chat, "settings", organizers=server.chat)
    )
    assert "or to the owner ← new" in await _submitted(server, Group.ORGANIZERS, {"organizers": []})


@pytest.mark.parametrize(
    ("group", "values", "refused"),
    [
        (Group.TIMES, {"card": "six days", "reminders": "1 day, soon"}, 'read "six days"'),
        (
            Group.TIMES,
            {"card": "3 days", "reminders": "1:30 before, 5%"},
            "with commas",
        ),
        (Group.SEATS, {"offers_within": "never", "offer_time": "1 hour"}, 'read "never"'),
        (Group.PLACE, {"zone": "Mars/Olympus"}, "zone"),
        (
            Group.NOTIFICATIONS,
            {"quiet_hours": (":%" * 15)[:LONGEST_DAILY_RANGE]},
            "as hours of the day",
        ),
        (Group.PLACE, {"zone": ("12:30%" * 9)[:LONGEST_ZONE]}, "zone"),
        (
            Group.TIMES,
            {"card": (":%" * 10)[:LONGEST_SPAN], "reminders": ("1:30%" * 8)[:LONGEST_SPANS]},
            "read",
        ),
    ],
)
async def test_a_form_that_is_refused_opens_again_with_what_was_typed(
    server: SimulatedServer, group: Group, values: dict[str, str], refused: str
) -> None:
    before = said(await server.organizer.slash(server.chat, "settings"))
    form = await _opened(server, group)
    answer = await server.organizer.submit_modal(form, _with(server, form, values))
    assert refused in said(answer)
    assert answer.response is not None
    again = await server.organizer.click(answer.response, label="Change it")
    for typed in values.values():
        assert typed in _filled_in(again)
    assert said(await server.organizer.slash(server.chat, "settings")) == before


async def test_choices_of_a_form_that_is_refused_are_kept(server: SimulatedServer) -> None:
    role = server.guild.create_role("Fans", mentionable=True)
    typed = {"quiet_hours": "25:00-8:00", "tidy": ["off"], "card_role": [role]}
    refused = await server.organizer.submit_modal(await _opened(server, Group.NOTIFICATIONS), typed)
    assert 'There is no "25:00" on the clock.' in said(refused)
    assert refused.response is not None
    form = await server.organizer.click(refused.response, label="Change it")
    assert filled(form) == {"quiet_hours": "25:00-8:00", "tidy": ["off"]}
    assert str(role.id) in _filled_in(form)


async def test_a_channel_in_which_the_bot_may_not_post_is_refused_for_organizers_too(
    server: SimulatedServer,
) -> None:
    closed = server.guild.create_text_channel(
        "closed",
        overwrites={server.guild.default_role: discord.PermissionOverwrite(send_messages=False)},
    )
    answer = await _submitted(server, Group.ORGANIZERS, {"organizers": [closed]})
    assert "I'm missing: Send Messages" in answer


async def test_a_server_that_is_not_set_up_is_asked_for_channel_and_zone(
    empty_town: SimulatedServer,
) -> None:
    form = await empty_town.organizer.slash(empty_town.chat, "settings")
    assert str(empty_town.chat.id) in _filled_in(form)
    shown = said(
        await empty_town.organizer.submit_modal(
            form, {"channel": [empty_town.jellies], "zone": "London"}
        )
    )
    assert f"Channel for jellies: {empty_town.jellies.mention}" in shown
    assert "Time zone: Europe/London" in shown


async def test_every_group_is_in_the_list_and_fits_its_form(server: SimulatedServer) -> None:
    shown = await server.organizer.slash(server.chat, "settings")
    assert shown.response is not None
    [groups] = shown.response.components[0]["components"]
    assert [option["value"] for option in groups["options"]] == [group.value for group in Group]
    for group in Group:
        assert (await _opened(server, group)).modal is not None


async def test_a_form_does_not_undo_what_another_organizer_changed_meanwhile(
    server: SimulatedServer,
) -> None:
    first, second = [await _opened(server, Group.TIMES) for _ in range(2)]
    saved = _with(server, first, {"card": "3 days"})
    assert "3 days before ← new" in said(await server.organizer.submit_modal(first, saved))
    typed = _with(server, second, {"reminders": "2 hours"})
    late = await server.organizer.submit_modal(second, typed)
    assert "Someone changed the settings while you had this open" in said(late)
    assert late.response is not None
    again = await server.organizer.click(late.response, label="Change it")
    assert "2 hours" in _filled_in(again)
    assert "Cards are posted 3 days before" in said(
        await server.organizer.slash(server.chat, "settings")
    )


async def test_a_role_that_is_gone_opens_hosting_to_nobody(server: SimulatedServer) -> None:
    role = server.guild.create_role("Hosts")
    other = server.guild.create_role("Others")
    await _submitted(server, Group.HOSTS, {"host_role": [role]})
    form = await _opened(server, Group.HOSTS)
    guild = server.bot.get_guild(server.guild.id)
    assert guild is not None
    guild._remove_role(other.id)  # it was deleted a moment ago
    answer = await server.organizer.submit_modal(form, {"host_role": [other]})
    assert "I can't see that role" in said(answer)
    assert f"Who may host: {role.mention}" in said(
        await server.organizer.slash(server.chat, "settings")
    )


async def test_a_form_holds_the_longest_settings_whole(server: SimulatedServer) -> None:
    """What it is filled with can be submitted as it is."""
    longest = [f"{days} days 23 hours 59 minutes" for days in (27, 26, 25, 24, 23)]
    await server.organizer.slash(
        server.chat,
        "settings",
        card="48 days 23 hours 59 minutes",
        reminders=", ".join(longest),
        offers_within="6 days 23 hours 59 minutes",
    )
    before = said(await server.organizer.slash(server.chat, "settings"))
    assert longest[-1] in before
    for group in (Group.TIMES, Group.SEATS):
        assert await _submitted(server, group, {}) == before


async def test_a_refusal_stands_where_the_panel_was_until_it_is_put_right(
    server: SimulatedServer,
) -> None:
    panel = await server.organizer.slash(server.chat, "settings")
    assert panel.response is not None
    form = await server.organizer.select(panel.response, ["times"])
    for typed in ("a fortnight", "a while"):
        refused = await server.organizer.submit_modal(form, _with(server, form, {"card": typed}))
        assert refused.response is not None
        assert refused.response.id == panel.response.id
        form = await server.organizer.click(refused.response, label="Change it")
    saved = await server.organizer.submit_modal(form, _with(server, form, {"card": "5 days"}))
    assert saved.response is not None
    assert saved.response.id == panel.response.id
    assert "5 days before ← new" in said(saved)


async def test_thanks_that_are_cleared_are_off(server: SimulatedServer) -> None:
    assert "thanks to the hosts: off ← new" in await _submitted(
        server, Group.THANKS, {"thanks": []}
    )
