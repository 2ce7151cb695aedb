"""What came too late to be useful is left out, and the host is told of it."""

from __future__ import annotations

from datetime import timedelta

import simcord

from tests.moments import DAY, ENDS, HOUR, THURSDAY_10, WEEK, stamp
from tests.server.actions import cut_the_power, told
from tests.server.hosting import close_messages_of, live_until, plan, schedule_with, told_alone
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said

HEADING = "### What didn't arrive"


async def test_the_host_is_told_which_reminder_came_too_late_and_nobody_else_is(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule_with(server, host=sam)
    await priya.click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY)
    public = server.messages()
    await server.restart()
    await server.at(THURSDAY_10 + HOUR)
    assert server.messages() == public
    [*_, word] = told_alone(sam)
    assert word.startswith(HEADING)
    assert f"The reminder for **Thursday jelly**, due {stamp(THURSDAY_10 - HOUR, 'F')}" in word
    assert "it was too late" in word
    assert f"<#{server.jellies.id}>" in word
    for member in (priya, jordan, server.organizer):
        assert not any(HEADING in one for one in told_alone(member))
    await server.after(WEEK)
    assert len([one for one in told_alone(sam) if HEADING in one]) == 1


async def test_one_message_tells_of_everything_that_came_too_late(server: SimulatedServer) -> None:
    sam = server.members[0]
    await plan(server, sam)
    await server.schedule("Friday jelly", when="friday 10-16")
    await server.at(THURSDAY_10 + DAY + HOUR)
    [word] = _words(server)
    assert word.count("The reminder for **Thursday jelly**") == 2
    # Nobody comes to it, so an hour before there is nothing to say.
    assert word.count("The reminder for **Friday jelly**") == 1
    assert "The start message for **Thursday jelly**" in word


async def test_hosts_are_told_of_their_own_jellies(server: SimulatedServer) -> None:
    sam = server.members[0]
    await schedule_with(server, host=sam)
    await server.schedule("Friday jelly", when="friday 10-16")
    await server.at(THURSDAY_10 + DAY + HOUR)
    [theirs], [ours] = _words(server, sam), _words(server)
    assert "Thursday" in theirs
    assert "Friday" not in theirs
    assert "Friday" in ours
    assert "Thursday" not in ours


async def test_what_is_late_but_useful_is_sent_and_not_told(server: SimulatedServer) -> None:
    await plan(server, server.members[0])
    await server.at(THURSDAY_10 - DAY)
    await server.restart()
    await server.at(THURSDAY_10 - HOUR + timedelta(minutes=6))
    assert stamp(THURSDAY_10, "R") in server.messages()[-1]
    assert _words(server) == []


async def test_what_nobody_would_have_read_is_not_told(server: SimulatedServer) -> None:
    await server.schedule()
    for moment in (THURSDAY_10 - DAY, THURSDAY_10 - HOUR):
        await server.at(moment)
    await server.at(ENDS + DAY)
    assert _words(server) == []
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_a_card_that_was_never_posted_is_told(server: SimulatedServer) -> None:
    await server.schedule(when="2026-12-10 10:00-16:00")
    await server.at(THURSDAY_10 + 3 * WEEK)
    [word] = _words(server)
    assert "The card for **Thursday jelly**" in word


async def test_with_closed_messages_the_host_is_told_in_the_channel(
    server: SimulatedServer,
) -> None:
    sam = await _reminder_is_next(server)
    close_messages_of(server, sam.user)
    await server.at(THURSDAY_10 + HOUR)
    [reminder, line] = [one for one in server.messages() if sam.mention in one]
    assert "Going:" in reminder
    assert "**Thursday jelly**" in line
    assert "`/jelly list`" in line
    assert mentioned_users(server)[-1] == [sam.id]
    message = server.jellies.last_message
    assert message is not None
    assert buttons_of(message) == ["Open the card"]
    await live_until(server, ENDS + 3 * DAY)
    assert len([one for one in server.messages() if "`/jelly list`" in one]) == 1


async def test_it_is_told_beside_the_card_even_if_others_are_posted_elsewhere_now(
    server: SimulatedServer,
) -> None:
    sam = await _reminder_is_next(server)
    await server.organizer.slash(server.chat, "settings", channel=server.chat)
    close_messages_of(server, sam.user)
    await server.at(THURSDAY_10 + HOUR)
    assert [one for one in server.messages() if "`/jelly list`" in one] != []


async def test_a_kill_while_the_host_is_told_repeats_nothing(server: SimulatedServer) -> None:
    await plan(server, server.members[0])
    await server.at(THURSDAY_10 - DAY)
    server.clock.moment = THURSDAY_10 + HOUR
    await cut_the_power(server)
    assert len(_words(server)) == 1
    assert len(told(server, "is on <t:")) == 1


async def _reminder_is_next(server: SimulatedServer) -> simcord.MemberActor:
    """Returns the host of a jelly to which someone comes, a day before it."""
    sam = server.members[0]
    await schedule_with(server, host=sam)
    await server.members[1].click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY)
    return sam


def _words(server: SimulatedServer, host: simcord.MemberActor | None = None) -> list[str]:
    """Returns what the organizer, or another host, was told of what did not arrive."""
    return [one for one in told_alone(host or server.organizer) if one.startswith(HEADING)]


async def test_only_organizers_may_try_again(server: SimulatedServer) -> None:
    await server.schedule()
    server.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await server.at(THURSDAY_10 - DAY)
    listed = await server.members[1].slash(server.jellies, "jelly list")
    assert listed.response is not None
    assert "Try again" not in buttons_of(listed.response)
    assert "What didn't arrive" in said(listed)


async def test_a_failed_card_is_told_however_long_ago_it_was_due(server: SimulatedServer) -> None:
    await server.organizer.slash(server.jellies, "settings", card="2 weeks")
    server.environment.inject_error("POST", "/channels/*/messages", status=403, code=50013)
    await server.schedule()
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" in listed
