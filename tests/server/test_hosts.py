"""Nobody is made a host by someone else: a named host agrees first, once for a series."""

from __future__ import annotations

from typing import Any

import simcord

from bot.forgetting import forget
from tests.moments import HOUR, THURSDAY_10
from tests.server.actions import (
    agree_to_host,
    call_off,
    drafted,
    edit,
    filled,
    schedule,
)
from tests.server.hosting import close_messages_of, hide_jellies_from, press, told_alone
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

DAY = 24 * HOUR
REPLIES = ["I'll host", "No thanks", "Not from this host"]
SERIES, FIRST, SECOND = "series:1", "session:1", "session:2"


async def name_host(
    server: SimulatedServer,
    host: simcord.MemberActor | simcord.UserHandle,
    *,
    by: simcord.MemberActor,
    which: str = FIRST,
    dates: str | None = None,
) -> tuple[str, str]:
    """Has someone name a host with /jelly edit; returns the preview, and what is said then."""
    options = {"jelly": which, **({"dates": dates} if dates else {})}
    form = await by.slash(server.jellies, "jelly edit", **options)
    preview = await by.submit_modal(form, {**filled(form), "host": [host]})
    assert preview.response is not None
    promised = said(preview)
    if "Save it" not in buttons_of(preview.response):
        return promised, ""
    saved = await press(by, preview, "Save it")
    await server.settle()
    return promised, said(saved)


async def hosts_of(server: SimulatedServer) -> list[tuple[int, int]]:
    """Returns who hosts each date, and who has the rights of the person who scheduled it."""
    rows = await server.read("SELECT host_id, created_by FROM session ORDER BY starts_at")
    return [(row["host_id"], row["created_by"]) for row in rows]


async def may_change(server: SimulatedServer, who: simcord.MemberActor, which: str = FIRST) -> bool:
    """Returns whether someone is let at what only its host may do."""
    asked = await who.slash(server.jellies, "jelly cancel", jelly=which)
    return not said(asked).startswith("Only its host")


def last_letter(who: simcord.MemberActor) -> Any:  # noqa: ANN401  a message of discord.py
    return who.user.dm_channel.history()[-1]


async def reply(who: simcord.MemberActor, label: str) -> str:
    return said(await who.user.click(last_letter(who), label=label))


async def test_a_named_host_hosts_only_after_saying_yes(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    preview = await drafted(server, by=priya, host=sam)
    promised = f"{sam.mention} first. Until they say yes, {priya.mention} hosts it."
    assert promised in said(preview)
    assert f"**Host** {priya.mention}" in said(preview)
    assert told_alone(sam) == []
    posted = await press(priya, preview, "Schedule it")
    assert f"{sam.mention} to host it" in said(posted)
    await server.settle()
    assert f"**Host** {priya.mention}" in text_of(server.card())
    assert not await may_change(server, sam)
    [asked] = told_alone(sam)
    assert f"{priya.mention} would like you to host **Thursday jelly**" in asked
    assert f"Until you say yes, {priya.mention} hosts it" in asked
    assert buttons_of(last_letter(sam))[:3] == REPLIES
    assert "You host **Thursday jelly**" in await reply(sam, "I'll host")
    await server.settle()
    assert f"**Host** {sam.mention}" in text_of(server.card())
    assert await may_change(server, sam)
    assert await may_change(server, priya)


async def test_five_jellies_named_after_someone_are_not_five_letters(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    for day in ("tuesday", "wednesday"):
        shown = await drafted(server, by=priya, host=sam, when=f"{day} 10-16", title=day)
        await press(priya, shown, "Schedule it")
    await server.settle()
    refused = await drafted(server, by=priya, host=sam, when="thursday 10-16", title="thursday")
    assert "has had 2 invitations today, the most here" in said(refused)
    assert refused.response is not None
    assert buttons_of(refused.response) == ["Change", "Discard"]
    assert len(told_alone(sam)) == 2


async def test_who_says_no_is_not_asked_again_and_the_host_hears_of_it(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    shown = await drafted(server, by=priya, host=sam)
    await press(priya, shown, "Schedule it")
    await server.settle()
    await reply(sam, "No thanks")
    await server.settle()
    [word] = told_alone(priya)
    assert f"{sam.mention} can't host **Thursday jelly**" in word
    assert f"{priya.mention} is still its host" in word
    refused, _ = await name_host(server, sam, by=priya)
    assert f"{sam.mention} has said no to that" in refused
    assert f"**Host** {priya.mention}" in text_of(server.card())


async def test_not_from_this_host_refuses_every_kind_of_invitation(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    shown = await drafted(server, by=priya, host=sam)
    await press(priya, shown, "Schedule it")
    await server.settle()
    await reply(sam, "Not from this host")
    invited = await priya.slash(
        server.chat, "rsvp", jelly="Thursday jelly", answer="going", member=sam
    )
    assert "isn't taking invitations" in said(invited)
    again = await drafted(server, by=priya, host=sam, title="Another", when="friday 10-16")
    assert "isn't taking invitations" in said(again)


async def test_a_host_agrees_once_for_a_series_and_its_dates(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, when="every thursday 10-16", host=sam)
    assert {host for host, _ in await hosts_of(server)} == {sam.id}
    await name_host(server, priya, by=sam, dates="all")
    await agree_to_host(server, priya)
    assert {host for host, _ in await hosts_of(server)} == {priya.id}
    letters = len(told_alone(sam))
    preview, _ = await name_host(server, sam, by=priya, dates="all")
    assert " first" not in preview
    assert {host for host, _ in await hosts_of(server)} == {sam.id}
    await name_host(server, priya, by=sam, which=SECOND)
    assert [host for host, _ in await hosts_of(server)][1] == priya.id
    assert len(told_alone(sam)) == letters


async def test_a_date_with_a_host_of_its_own_keeps_them(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await name_host(server, sam, by=priya, which=SECOND)
    await agree_to_host(server, sam)
    await name_host(server, jordan, by=priya, dates="all")
    await agree_to_host(server, jordan)
    hosts = [host for host, _ in await hosts_of(server)]
    assert hosts[1] == sam.id
    assert set(hosts[:1] + hosts[2:]) == {jordan.id}
    form = await priya.slash(server.jellies, "jelly edit", jelly=FIRST, dates="all")
    renamed = {**filled(form), "what": "Renamed", "host": [jordan]}
    await press(priya, await priya.submit_modal(form, renamed), "Save it")
    await server.settle()
    assert [host for host, _ in await hosts_of(server)] == hosts


async def test_this_and_later_dates_are_hosted_by_who_agrees(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await name_host(server, sam, by=priya, which=SECOND, dates="later")
    assert {host for host, _ in await hosts_of(server)} == {priya.id}
    await agree_to_host(server, sam)
    hosts = [host for host, _ in await hosts_of(server)]
    assert hosts[0] == priya.id
    assert set(hosts[1:]) == {sam.id}


async def test_an_organizers_change_of_host_moves_all_rights(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await name_host(server, jordan, by=priya, which=SECOND)
    await agree_to_host(server, jordan)
    preview, _ = await name_host(server, sam, by=server.organizer, dates="all")
    assert f"Until they say yes, {priya.mention} hosts it" in preview
    assert await may_change(server, priya, SERIES)
    await agree_to_host(server, sam)
    rights = await hosts_of(server)
    assert rights[1] == (jordan.id, sam.id)
    assert set(rights[:1] + rights[2:]) == {(sam.id, sam.id)}
    for which in (SERIES, FIRST, SECOND):
        assert not await may_change(server, priya, which)
        assert await may_change(server, sam, which)
    logged = await server.read("SELECT action, made_by, about_user_id FROM change")
    assert ("asked_to_host", server.organizer.id, sam.id) in [tuple(row.values()) for row in logged]
    assert ("host_changed", sam.id, sam.id) in [tuple(row.values()) for row in logged]


async def test_an_organizer_who_names_themselves_hosts_at_once(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    robin = server.organizer
    await schedule(server, by=priya)
    await name_host(server, sam, by=priya)
    preview, saved = await name_host(server, robin, by=robin)
    assert "ll ask" not in preview + saved
    assert f"**Host** {robin.mention}" in text_of(server.card())
    assert not await may_change(server, priya)
    assert "no longer open" in await reply(sam, "I'll host")
    assert f"**Host** {robin.mention}" in text_of(server.card())


async def test_whoever_scheduled_it_takes_it_back_at_once(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, host=sam)
    preview, _ = await name_host(server, priya, by=priya)
    assert "ll ask" not in preview
    assert f"**Host** {priya.mention}" in text_of(server.card())


async def test_naming_another_withdraws_the_question_to_the_first(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya)
    await name_host(server, sam, by=priya)
    twice, _ = await name_host(server, sam, by=priya)
    assert f"{sam.mention} has been asked already" in twice
    await name_host(server, jordan, by=priya)
    assert "no longer open" in await reply(sam, "I'll host")
    await agree_to_host(server, jordan)
    assert f"**Host** {jordan.mention}" in text_of(server.card())


async def test_only_members_who_may_view_the_channel_and_no_bots_are_named(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    robot = server.guild.add_member(server.environment.create_user("robot", bot=True))
    outsider = server.environment.create_user("kim", global_name="Kim")
    hide_jellies_from(server, sam)
    people: tuple[tuple[simcord.MemberActor | simcord.UserHandle, str], ...] = (
        (robot, "Choose a person"),
        (outsider, "They're not in this server"),
        (sam, f"{sam.mention} can't see {server.jellies.mention}"),
    )
    for person, why in people:
        for by in (priya, server.organizer):
            form = await by.slash(server.jellies, "jelly edit", jelly=FIRST)
            refused = await by.submit_modal(form, {**filled(form), "host": [person]})
            assert why in said(refused)
        assert why in said(await drafted(server, by=priya, host=person, title="Another"))
    assert await server.read("SELECT * FROM invitation") == []


async def test_a_host_who_has_left_may_stay_named_while_the_rest_changes(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, host=sam)
    server.guild.remove_member(sam)
    await server.environment.settle()
    form = await priya.slash(server.jellies, "jelly edit", jelly=FIRST)
    preview = await priya.submit_modal(
        form, {**filled(form), "what": "Renamed", "host": [sam.user]}
    )
    await press(priya, preview, "Save it")
    await server.settle()
    assert "## Renamed" in text_of(server.card("Renamed"))


async def test_whoever_takes_no_private_messages_is_asked_in_the_channel(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    close_messages_of(server, sam.user)
    shown = await drafted(server, by=priya, host=sam, when="every thursday 10-16")
    await press(priya, shown, "Schedule it")
    await server.settle()
    [line] = [one for one in server.jellies.history() if "would like you to host" in one.content]
    assert "\n" not in line.content
    assert mentioned_users(server)[-1] == [sam.id]
    assert buttons_of(line)[:3] == REPLIES
    done = await sam.click(line, label="I'll host")
    assert "You host **Thursday jelly** now" in text_of(done.followups[0])
    assert {host for host, _ in await hosts_of(server)} == {sam.id}


async def test_a_question_to_host_ends_when_it_is_called_off(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await name_host(server, sam, by=priya)
    await call_off(server)
    assert "no longer open" in await reply(sam, "I'll host")


async def test_naming_nobody_else_changes_no_host(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await name_host(server, sam, by=priya)
    await edit(server, host=priya, where="Home")
    await agree_to_host(server, sam)
    card = text_of(server.card())
    assert "**Where** Home" in card
    assert f"**Host** {sam.mention}" in card


async def test_a_draft_is_revised_back_to_oneself(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    shown = await drafted(server, by=priya, host=sam)
    form = await press(priya, shown, "Change")
    again = await priya.submit_modal(form, {**filled(form), "host": [priya]})
    assert " first" not in said(again)
    await press(priya, again, "Schedule it")
    await server.settle()
    assert told_alone(sam) == []
    assert f"**Host** {priya.mention}" in text_of(server.card())


async def test_what_an_organizer_handed_over_is_not_called_off_with_its_series(
    server: SimulatedServer,
) -> None:
    _, priya, jordan = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await name_host(server, jordan, by=server.organizer, which=SECOND)
    await agree_to_host(server, jordan)
    for command in ("jelly cancel", "jelly end", "jelly pause"):
        refused = said(await priya.slash(server.jellies, command, jelly=SERIES))
        assert "has another host, so it can't be called off with its series" in refused
    assert await server.read("SELECT 1 FROM session WHERE state = 'cancelled'") == []
    # Organizers can, and the person who scheduled it can where they named the host themselves.
    ended = await server.organizer.slash(server.jellies, "jelly end", jelly=SERIES)
    assert "for good" in said(ended)
    await schedule(server, by=priya, title="Friday jelly", when="every friday 10-16")
    [series] = await server.read("SELECT MAX(series_id) AS id FROM series")
    [date] = await server.read("SELECT MAX(session_id) AS id FROM session")
    await name_host(server, jordan, by=priya, which=f"session:{date['id']}")
    await agree_to_host(server, jordan)
    ended = await priya.slash(server.jellies, "jelly end", jelly=f"series:{series['id']}")
    assert "for good" in said(ended)


async def test_nobody_is_sent_to_a_host_whose_data_were_deleted(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await server.at(THURSDAY_10)
    await forget(server.database, server.clock, priya.id)
    refused = said(await sam.slash(server.jellies, "jelly cancel", jelly=FIRST))
    assert refused == "Only an organizer (Manage Events) can do that. Ask one of them."
