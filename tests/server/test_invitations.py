"""A host invites, and only the person who is invited says yes; nobody is asked too often."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord
from simcord.actors import _component_interaction

from bot import members
from tests.moments import ENDS, HOUR, SECOND
from tests.server.actions import (
    HOST,
    answer,
    call_off,
    filled,
    forged,
    headcount,
    member,
    mine,
    schedule,
    told,
)
from tests.server.hosting import (
    close_messages_of,
    hide_jellies_from,
    live_until,
    press,
    told_alone,
)
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

DAY = 24 * HOUR
REPLIES = ["I'm in", "No thanks", "Not from this host"]


async def invite(
    server: SimulatedServer,
    who: simcord.MemberActor,
    *,
    by: simcord.MemberActor,
    **options: Any,  # noqa: ANN401  as in SimCord
) -> str:
    """Has a host invite a person; returns what the host is told."""
    asked = await answer(server, by, "going", member=who, **options)
    assert asked.ephemeral
    await server.settle()
    return said(asked)


async def reply(who: simcord.MemberActor, label: str) -> simcord.InteractionResult:
    """Presses a button under the latest private message."""
    pressed: simcord.InteractionResult = await who.user.click(letter(who), label=label)
    return pressed


def letter(who: simcord.MemberActor) -> discord.Message:
    """Returns the latest private message."""
    return who.user.dm_channel.history()[-1]


async def test_who_is_invited_is_on_the_list_only_after_saying_yes(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    assert f"{sam.mention} is invited to **Thursday jelly**" in await invite(server, sam, by=priya)
    assert await mine(server, sam) == "no answer yet"
    assert "**1 coming**" in text_of(server.card())
    assert server.messages() == []
    assert f"{priya.mention} invites you to **Thursday jelly**" in told_alone(sam)[0]
    assert buttons_of(letter(sam))[:3] == REPLIES
    accepted = await reply(sam, "I'm in")
    assert "You're going to **" in said(accepted)
    assert "This is your first jelly here" in said(accepted)
    await server.settle()
    assert f"**2 coming**\n{priya.mention}, {sam.mention}" in text_of(server.card())
    assert await mine(server, sam) == "Going"
    assert buttons_of(letter(sam)) == []


async def test_who_says_no_thanks_is_not_on_the_list_and_not_asked_or_added_again(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await invite(server, sam, by=priya)
    assert "you won't be asked that again" in said(await reply(sam, "No thanks"))
    assert f"{sam.mention} has said no" in await invite(server, sam, by=priya)
    assert f"{sam.mention} has said no" in await invite(server, sam, by=server.organizer)
    assert await mine(server, sam) == "no answer yet"
    assert len(told_alone(sam)) == 1
    assert server.messages() == []


async def test_a_persons_own_no_is_final_for_hosts_and_organizers(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Can't make it")
    for who in (priya, server.organizer):
        refused = await invite(server, sam, by=who)
        assert f"{sam.mention} has said no to that date, and only they can change that" in refused
    assert await mine(server, sam) == "Can't make it"
    assert server.messages() == []
    assert told_alone(sam) == []


async def test_whom_the_host_took_off_can_be_invited_again(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    await answer(server, priya, "declined", member=sam)
    await invite(server, sam, by=priya)
    await reply(sam, "I'm in")
    assert await mine(server, sam) == "Going"


async def test_nobody_gives_details_or_a_maybe_for_someone_else(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, guests=3)
    more: list[dict[str, Any]] = [
        {"note": "I love this"},
        {"mood": "chatty"},
        {"hours": "10 to 12"},
        {"guests": 1},
    ]
    for who in (priya, server.organizer):
        for option in more:
            refused = await answer(server, who, "going", member=sam, **option)
            assert "Only they can add" in said(refused)
        assert "Only they can say maybe" in said(await answer(server, who, "maybe", member=sam))
        off = await answer(server, who, "declined", member=sam)
        assert f"{sam.mention} isn't on that list" in said(off)
    await server.settle()
    assert await mine(server, sam) == "no answer yet"
    assert (server.messages(), told_alone(sam)) == ([], [])


async def test_organizers_add_directly_which_is_told_and_logged(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await answer(server, server.organizer, "going", member=sam)
    await answer(server, priya, "declined", member=sam)
    await server.settle()
    assert len(told(server, "took you off")) == 1
    rows = await server.read("SELECT action, made_by, about_user_id FROM change")
    logged = [tuple(row.values()) for row in rows]
    assert ("added", server.organizer.id, sam.id) in logged
    assert ("removed", priya.id, sam.id) in logged


async def test_one_invitation_covers_a_series_if_the_host_says_so(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya, when="every thursday 10-16", seats=HOST + 1)
    dates = await server.read("SELECT session_id FROM session ORDER BY starts_at")
    await answer(server, sam, "declined", session="session:2")
    await answer(server, jordan, "going", session="session:3")
    told_host = await invite(server, sam, by=priya, session="session:1", all_dates=True)
    assert f"{sam.mention} is invited to every date of **Thursday jelly**" in told_host
    assert "every date of **Thursday jelly**: every Thursday" in told_alone(sam)[0]
    accepted = said(await reply(sam, "I'm in"))
    assert f"You're going to {len(dates) - 2} dates of **Thursday jelly**" in accepted
    assert "**Thursday jelly** is full on 1 date, so you're on its waiting list" in accepted
    answers = await server.read(
        "SELECT session_id, answer FROM rsvp WHERE user_id = :sam ORDER BY session_id", sam=sam.id
    )
    by_date = {row["session_id"]: row["answer"] for row in answers}
    assert len(by_date) == len(dates)
    assert (by_date[1], by_date[2], by_date[3]) == ("going", "declined", "waitlisted")


async def test_a_no_to_a_series_holds_for_each_of_its_dates(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await invite(server, sam, by=priya, session="session:1", all_dates=True)
    await reply(sam, "No thanks")
    for options in ({"all_dates": True}, {}):
        refused = await invite(server, sam, by=priya, session="session:2", **options)
        assert f"{sam.mention} has said no" in refused
    assert len(told_alone(sam)) == 1


async def test_a_no_to_a_series_holds_after_its_later_dates_become_another(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await invite(server, sam, by=priya, session="session:1", all_dates=True)
    await reply(sam, "No thanks")
    form = await priya.slash(server.jellies, "jelly edit", jelly="session:3", dates="later")
    changed = {**filled(form), "host": [priya], "what": "Evening jelly"}
    await press(priya, await priya.submit_modal(form, changed), "Save it")
    await server.settle()
    for who, options in ((priya, {"all_dates": True}), (priya, {}), (server.organizer, {})):
        refused = await invite(server, sam, by=who, session="session:4", **options)
        assert f"{sam.mention} has said no" in refused
    assert await server.read("SELECT 1 FROM rsvp WHERE as_host = 0") == []
    # Nobody was invited again, so that it takes nothing from what may be sent in a day.
    await schedule(server, title="Jelly B", when="friday 10-16", by=priya)
    assert "is invited" in await invite(server, sam, by=priya, session="Jelly B")


async def test_only_a_series_is_invited_to_as_a_whole(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    assert "part of a series" in await invite(server, sam, by=priya, all_dates=True)
    alone = await answer(server, sam, "going", all_dates=True)
    assert "“all_dates” goes with “member”" in said(alone)


async def test_the_host_of_one_date_invites_to_no_other(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await server.database.write(
        lambda t: t.run("UPDATE session SET host_id = :host WHERE session_id = 1", host=jordan.id)
    )
    refused = await invite(server, sam, by=jordan, session="session:1", all_dates=True)
    assert f"Only its host {priya.mention}" in refused


async def test_nobody_is_asked_twice_to_the_same_thing_or_more_than_twice_a_day(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    hosts = {"A": priya, "B": jordan, "C": priya}
    for (title, host), day in zip(hosts.items(), ("thursday", "friday", "sat"), strict=True):
        await schedule(server, title=f"Jelly {title}", when=f"{day} 10-16", by=host)
    await invite(server, sam, by=priya, session="Jelly A")
    twice = await invite(server, sam, by=priya, session="Jelly A")
    assert f"{sam.mention} has been asked already" in twice
    await invite(server, sam, by=jordan, session="Jelly B")
    refused = await invite(server, sam, by=priya, session="Jelly C")
    assert "has had 2 invitations today, the most here" in refused
    assert len(told_alone(sam)) == 2
    await server.after(DAY)
    await invite(server, sam, by=priya, session="Jelly C")
    assert len(told_alone(sam)) == 3


async def test_a_date_that_leaves_its_series_gives_no_invitation_back(
    server: SimulatedServer,
) -> None:
    """Otherwise a host could invite and take the date away, again and again."""
    sam, priya, _ = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    await invite(server, sam, by=priya, session="session:3")
    form = await priya.slash(server.jellies, "jelly edit", jelly="session:3", dates="all")
    preview = await priya.submit_modal(
        form, {**filled(form), "when": "first friday of the month 10-16", "host": [priya]}
    )
    await press(priya, preview, "Save it")
    await server.settle()
    assert "no longer open" in said(await reply(sam, "I'm in"))
    kept = await server.read("SELECT user_id, state FROM invitation")
    assert [row["user_id"] for row in kept] == [sam.id]


async def test_a_host_sends_ten_invitations_a_day(server: SimulatedServer) -> None:
    priya = server.members[1]
    await schedule(server, by=priya)
    people = [member(server, f"Person{number}") for number in range(11)]
    for person in people[:10]:
        assert "is invited" in await invite(server, person, by=priya)
    assert "You've sent 10 invitations today" in await invite(server, people[10], by=priya)
    assert told_alone(people[10]) == []


async def test_not_from_this_host_ends_what_comes_from_them_and_me_can_undo_it(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    for title, day in (("A", "thursday"), ("B", "friday")):
        await schedule(server, title=f"Jelly {title}", when=f"{day} 10-16", by=priya)
    await schedule(server, title="Jelly C", when="saturday 10-16", by=jordan)
    await invite(server, sam, by=priya, session="Jelly A")
    refused = said(await reply(sam, "Not from this host"))
    assert f"{priya.mention} can't invite you any more" in refused
    assert "isn't taking invitations" in await invite(server, sam, by=priya, session="Jelly B")
    assert "is invited" in await invite(server, sam, by=jordan, session="Jelly C")
    record = await sam.slash(server.chat, "me record")
    assert f"Invitations: from everyone but {priya.mention}" in said(record)
    assert record.response is not None
    undone = await sam.click(record.response, label="Invitations from everyone")
    assert "Invitations: from everyone. " in said(undone)
    await server.after(DAY)
    assert "is invited" in await invite(server, sam, by=priya, session="Jelly B")


async def test_a_host_is_refused_also_after_taking_an_invitation_back(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    for title, day in (("A", "thursday"), ("B", "friday")):
        await schedule(server, title=f"Jelly {title}", when=f"{day} 10-16", by=priya)
    await invite(server, sam, by=priya, session="Jelly A")
    await call_off(server, which="Jelly A")
    assert "no longer open" in said(await reply(sam, "No thanks"))
    button = f"jelly:invited:{server.guild.id}:1:never"
    await forged(server, jordan, button, server.card("Jelly B"))
    assert "can't invite you any more" in said(await reply(sam, "Not from this host"))
    assert await server.read("SELECT user_id, host_id FROM refused_host") == [
        {"user_id": sam.id, "host_id": priya.id}
    ]
    assert "isn't taking invitations" in await invite(server, sam, by=priya, session="Jelly B")


async def test_the_switch_in_me_refuses_all_invitations(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    record = await sam.slash(server.chat, "me record")
    assert record.response is not None
    off = await sam.click(record.response, label="No invitations")
    assert "Invitations: from no one" in said(off)
    assert "isn't taking invitations" in await invite(server, sam, by=priya)
    assert told_alone(sam) == []
    assert off.response is not None
    await sam.click(off.response, label="Invitations from everyone")
    assert "is invited" in await invite(server, sam, by=priya)


async def test_whoever_takes_no_private_messages_is_asked_in_one_line_in_the_channel(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    close_messages_of(server, sam.user)
    await invite(server, sam, by=priya)
    [line] = told(server, "invites you")
    assert line.content.startswith(
        f"{sam.mention}: {priya.mention} invites you to **Thursday jelly"
    )
    assert "\n" not in line.content
    assert mentioned_users(server)[-1] == [sam.id]
    assert buttons_of(line)[:3] == REPLIES
    refused = await priya.click(line, label="I'm in")
    assert refused.ephemeral
    assert "That invitation isn't for you" in said(refused)
    assert await mine(server, sam) == "no answer yet"
    accepted = await sam.click(line, label="I'm in")
    assert accepted.followups[0].ephemeral
    assert "You're going to **" in text_of(accepted.followups[0])
    assert server.messages() == ["That invitation has been answered."]


async def test_a_series_is_offered_in_its_channel_to_whoever_takes_no_private_messages(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, when="every thursday 10-16")
    close_messages_of(server, sam.user)
    await invite(server, sam, by=priya, session="session:1", all_dates=True)
    [line] = told(server, "every date of **Thursday jelly**")
    assert mentioned_users(server)[-1] == [sam.id]
    await sam.click(line, label="No thanks")
    assert server.messages() == ["That invitation has been answered."]


async def test_an_invitation_in_the_channel_goes_when_its_series_is_over(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, when="2 thursdays 10-16")
    close_messages_of(server, sam.user)
    await invite(server, sam, by=priya, session="session:1", all_dates=True)
    await live_until(server, ENDS + 7 * DAY - SECOND)
    assert len(told(server, "every date of **Thursday jelly**")) == 1
    await live_until(server, ENDS + 7 * DAY)
    assert server.messages() == []


async def test_an_invitation_ends_with_what_it_is_to(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya)
    await schedule(server, title="Weekly", by=priya, when="every friday 10-16")
    await invite(server, sam, by=priya)
    await invite(server, jordan, by=priya, session="session:2", all_dates=True)
    await call_off(server)
    asked = await priya.slash(server.chat, "jelly end", jelly="series:1")
    assert asked.response is not None
    await priya.click(asked.response, label="End it")
    for who in (sam, jordan):
        assert "no longer open" in said(await reply(who, "I'm in"))
    assert "called off" in await invite(server, sam, by=priya, session="session:1")


async def test_nobody_is_invited_to_what_is_over_and_nobody_says_yes_to_it(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya)
    await invite(server, sam, by=priya)
    await server.after(7 * DAY)
    assert "This jelly is over" in said(await reply(sam, "I'm in"))
    assert "is over" in await invite(server, jordan, by=priya, session="session:1")


async def test_an_invitation_is_a_seat_after_the_deadline(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, answers_close="6 days")
    await invite(server, sam, by=priya)
    await reply(sam, "I'm in")
    assert await mine(server, sam) == "Going"
    assert server.messages() == []


async def test_who_has_asked_to_come_needs_no_invitation(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya, answers_close="6 days")
    await sam.click(server.card(), label="Ask to join")
    assert "is going to **" in await invite(server, sam, by=priya)
    assert told_alone(sam) == []
    assert "answered by" in await mine(server, sam)


async def test_who_is_on_the_list_is_neither_invited_nor_added(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    for who in (priya, server.organizer):
        assert f"{sam.mention} is already on that list" in await invite(server, sam, by=who)


async def test_only_members_who_may_view_the_channel_and_no_bots_are_invited(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    robot = server.guild.add_member(server.environment.create_user("robot", bot=True))
    outsider = server.environment.create_user("kim", global_name="Kim")
    hide_jellies_from(server, sam)
    for who in (priya, server.organizer):
        for person, why in (
            (robot, "Choose a person"),
            (outsider, "They're not in this server"),
            (sam, f"{sam.mention} can't see {server.jellies.mention}"),
        ):
            assert why in said(await answer(server, who, "going", member=person))
    await server.settle()
    assert (server.messages(), told_alone(sam)) == ([], [])
    assert await server.read("SELECT * FROM invitation") == []


async def test_who_has_left_can_be_taken_off(server: SimulatedServer) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya)
    await sam.click(server.card(), label="Going")
    server.guild.remove_member(sam)
    await server.environment.settle()
    off = await answer(server, priya, "declined", member=sam.user)
    assert f"{sam.mention} is off the list for **" in said(off)
    assert "**1 coming**" in await headcount(server, jordan)


async def test_who_has_left_or_sees_the_channel_no_more_accepts_nothing(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, by=priya)
    for who in (sam, jordan):
        await invite(server, who, by=priya)
    server.guild.remove_member(sam)
    hide_jellies_from(server, jordan)
    await server.environment.settle()
    assert "You're no longer in that server" in said(await reply(sam, "I'm in"))
    assert "no longer on the list" in said(await reply(jordan, "I'm in"))
    assert await server.read("SELECT * FROM rsvp WHERE as_host = 0") == []


async def test_a_press_that_discord_says_nothing_about_can_be_repeated(
    server: SimulatedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await invite(server, sam, by=priya)
    monkeypatch.setattr(members, "LONGEST_LOOK_UP", 0.01)
    member = f"/guilds/{server.guild.id}/members/{sam.id}"
    for status in (503, 404):
        server.environment.inject_error("GET", member, status=status, times=1)
        assert "Discord isn't answering me right now" in said(await reply(sam, "I'm in"))
    assert await mine(server, sam) == "no answer yet"
    assert "You're going to **" in said(await reply(sam, "I'm in"))


async def test_a_private_invitation_is_answered_once_and_after_a_restart(
    server: SimulatedServer,
) -> None:
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await invite(server, sam, by=priya)
    await server.restart()
    await reply(sam, "I'm in")
    assert "You've answered that already" in said(await press_again(server, sam, "no"))
    assert await mine(server, sam) == "Going"


async def test_whoever_hosts_next_does_not_get_invitations_meant_for_others(
    server: SimulatedServer,
) -> None:
    """Only private messages for the host follow the host."""
    sam, priya, _ = server.members
    await schedule(server, by=priya)
    await answer(server, priya, "going", member=sam)
    form = await server.organizer.slash(server.jellies, "jelly edit", jelly="Thursday jelly")
    preview = await server.organizer.submit_modal(
        form, {**filled(form), "host": [server.organizer]}
    )
    await press(server.organizer, preview, "Save it")
    await server.settle()
    assert len(told_alone(sam)) == 1
    assert told_alone(server.organizer) == []


async def press_again(
    server: SimulatedServer, who: simcord.MemberActor, reply: str
) -> simcord.InteractionResult:
    """Presses a button of an invitation that stands in the private message no more."""
    stored = server.environment.backend.get_message(who.user.dm_channel.id, letter(who).id)
    custom_id = f"jelly:invited:{server.guild.id}:1:{reply}"
    return await _component_interaction(
        who.user, stored, {"custom_id": custom_id, "component_type": 2}
    )
