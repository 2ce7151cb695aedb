"""What members may see and do in a channel that they may not view, or not write in."""

from __future__ import annotations

import discord
import simcord

from tests.moments import MINUTE, THURSDAY_10
from tests.server.actions import Shown, answer, at_once, member, mine, schedule
from tests.server.simulated_server import SimulatedServer, said, text_of

GONE = "That jelly is no longer on the list"


async def test_a_card_is_answered_by_those_who_may_view_its_channel_from_anywhere(
    server: SimulatedServer,
) -> None:
    """A press costs one request, also under a notice elsewhere."""
    await schedule(server)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"
    server.hide(server.jellies, priya)
    assert GONE in said(await _pressed(server, priya, server.card(), "Going"))
    assert "**2 coming**" in text_of(server.card())


async def test_a_press_is_taken_before_the_gateway_has_told_of_the_server(
    server: SimulatedServer,
) -> None:
    """Right after a login: what Discord says about the press itself is enough."""
    await schedule(server)
    sam = server.members[0]
    guild = server.bot.get_guild(server.guild.id)
    assert guild is not None
    server.bot._connection._remove_guild(guild)
    await sam.click(server.card(), label="Going")
    assert "**2 coming**" in text_of(server.card())
    asked = said(await sam.slash(server.chat, "jellies"))
    assert asked == "I'm still connecting to this server. Try again in a minute."


async def test_whoever_is_let_in_again_finds_their_answer(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    server.hide(server.jellies, sam)
    assert "Nothing's planned" in said(await sam.slash(server.chat, "jellies"))
    assert "can't tell which jelly" in said(await answer(server, sam, "declined"))
    server.environment.backend.delete_overwrite(server.jellies.id, sam.id)
    assert await mine(server, sam) == "Going"


async def test_a_jelly_is_scheduled_by_those_who_may_write_in_its_channel(
    server: SimulatedServer,
) -> None:
    await server.set_up()
    sam = server.members[0]
    preview = await sam.slash(
        server.chat, "jelly new", what="Mine", when="thursday 10-16", where="Home"
    )
    assert preview.response is not None
    server.mute(server.jellies, sam)
    for refused in (
        await sam.click(preview.response, label="Schedule it"),
        await sam.slash(server.chat, "jelly new", what="Mine", when="friday 10-16", where="Home"),
    ):
        assert "You can't write" in said(refused)
    await server.at(THURSDAY_10 - MINUTE)
    assert server.cards() == []


async def test_whoever_may_not_write_any_more_still_calls_their_jelly_off(
    server: SimulatedServer,
) -> None:
    """Nobody is stuck with hosting; one more date is another matter."""
    await server.set_up()
    sam = server.members[0]
    await schedule(server, by=sam, when="every thursday 10-16", title="Sam's jelly")
    server.mute(server.jellies, sam)
    extra = await sam.slash(server.chat, "jelly extra", jelly="series:1", when="dec 30 10-16")
    assert "You can't write" in said(extra)
    asked = await sam.slash(server.chat, "jelly end", jelly="series:1")
    assert asked.response is not None
    await sam.click(asked.response, label="End it")
    assert "Nothing's planned" in said(await sam.slash(server.chat, "jelly list"))


async def test_a_channel_is_chosen_by_those_who_may_write_in_it_and_view_the_former_one(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    organizer = server.organizer
    secret = server.guild.create_text_channel("notes")
    server.mute(secret, organizer)
    for option in ("channel", "organizers"):
        refused = said(await organizer.slash(server.chat, "settings", **{option: secret}))
        assert "You can't write in that channel. Choose" in refused
    server.hide(server.jellies, organizer)
    refused = said(await organizer.slash(server.chat, "settings", channel=server.chat))
    assert "You can't see the channel used now" in refused
    assert server.chat.mention not in refused
    await server.at(THURSDAY_10 - MINUTE)
    assert [text_of(one) for one in server.chat.history()] == []


async def test_an_organizer_who_may_not_view_the_channel_is_told_and_tries_again_nothing(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, _, _ = server.members
    await sam.click(server.card(), label="Going")
    await server.database.write(lambda t: t.run("UPDATE delivery SET state = 'failed'"))
    organizer = server.guild.add_member(
        server.environment.create_user("olive", global_name="Olive"),
        roles=[
            server.guild.create_role(
                "Helpers", permissions=discord.Permissions(manage_guild=True, manage_events=True)
            )
        ],
    )
    assert "Thursday jelly" in said(await organizer.slash(server.chat, "jelly list"))
    server.hide(server.jellies, organizer)
    for command in ("jelly list", "doctor", "jelly log"):
        shown = await organizer.slash(server.chat, command)
        told = "\n".join(text_of(one) for one in (shown.response, *shown.followups) if one)
        assert "Thursday jelly" not in told, command
        assert sam.mention not in told


async def test_notes_of_those_who_cannot_make_it_are_seen_by_the_host_alone(
    server: SimulatedServer,
) -> None:
    priya, jordan = server.members[1:]
    host = member(server, "Hana")
    await schedule(server, host=host)
    await answer(server, priya, "declined", note="at the doctor's")
    await answer(server, jordan, "going", note="taxes")
    for reader in (host, priya, server.organizer, jordan):
        shown = await reader.slash(server.chat, "headcount session", jelly="Thursday jelly")
        assert "taxes" in said(shown)
        assert ("at the doctor's" in said(shown)) is (reader in (host, priya)), reader
        if reader not in (host, server.organizer):
            continue
        assert shown.response is not None
        table = await reader.click(shown.response, label="Table (CSV)")
        assert table.response is not None
        [file] = table.response.attachments
        text = (await file.read()).decode("utf-8-sig")
        assert ("at the doctor's" in text) is (reader is host)
        assert "taxes" in text
    assert "at the doctor's" not in text_of(server.card())


async def _pressed(
    server: SimulatedServer, who: simcord.MemberActor, shown: Shown, label: str
) -> simcord.InteractionResult:
    """Presses what the member can't see any more; their client may still show it."""
    [result] = await at_once(server, (who, shown, label))
    return result
