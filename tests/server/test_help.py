"""``/help`` shows what this person can do, first step first."""

from __future__ import annotations

import simcord

from data.limits import LONGEST_MESSAGE
from tests.moments import THURSDAY_10, stamp
from tests.server.actions import schedule
from tests.server.simulated_server import SimulatedServer, said


async def help_for(server: SimulatedServer, who: simcord.MemberActor) -> str:
    told = await who.slash(server.jellies, "help")
    assert told.ephemeral
    texts = [said(told), *(more.content for more in told.followups)]
    assert all(len(text) <= LONGEST_MESSAGE for text in texts)
    return "\n".join(texts)


async def test_before_it_is_set_up_everybody_reads_who_does_that(
    empty_town: SimulatedServer,
) -> None:
    server = empty_town
    theirs = await help_for(server, server.organizer)
    assert theirs.splitlines()[1].startswith("**First:** type `/settings`")
    assert "`/doctor`" in theirs
    mine = await help_for(server, server.members[0])
    assert "Ask someone with the permission Manage Server" in mine
    for text in (theirs, mine):
        assert "### Coming along" not in text
        assert "`/jelly edit`" not in text


async def test_a_newcomer_is_led_to_the_next_jelly_until_they_have_answered(
    server: SimulatedServer,
) -> None:
    sam = server.members[0]
    assert "nothing's planned yet, so schedule a jelly" in await help_for(server, sam)
    await schedule(server)
    first = (await help_for(server, sam)).splitlines()[1]
    assert first == (
        "**First:** type `/jellies` and press **Going**. Next up: **Thursday jelly**, "
        f"{stamp(THURSDAY_10, 'F')}."
    )
    await sam.click(server.card(), label="Can't make it")
    assert "**First:**" not in await help_for(server, sam)


async def test_only_what_one_can_do_is_listed(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=sam)
    hosts, member = await help_for(server, sam), await help_for(server, priya)
    organizer = await help_for(server, server.organizer)
    for text in (hosts, member, organizer):
        assert "### Coming along" in text
        assert "`/jelly new`" in text
    for text in (hosts, organizer):
        assert "`/jelly edit`" in text
    assert "`/jelly edit`" not in member
    assert "`/jelly cancel-by`" in organizer
    assert "`/settings`" in organizer
    for text in (hosts, member):
        assert "`/jelly cancel-by`" not in text
        assert "`/settings`" not in text


async def test_whoever_lacks_the_role_reads_which_one_hosting_takes(
    server: SimulatedServer,
) -> None:
    role = server.guild.create_role("Hosts")
    await server.organizer.slash(server.jellies, "settings", host_role=role)
    told = await help_for(server, server.members[0])
    assert f"Hosting takes the role <@&{role.id}>." in told
    assert "`/jelly new`" not in told
    assert "`/jelly new`" in await help_for(server, server.organizer)


async def test_it_tells_nothing_of_a_jelly_in_a_hidden_channel(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule(server)
    server.hide(server.jellies, sam)
    told = said(await sam.slash(server.chat, "help"))
    assert "Thursday jelly" not in told
