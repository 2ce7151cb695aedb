"""What came too late to be of use is left out, and the host is told of it."""

from __future__ import annotations

from datetime import timedelta

import simcord

from tests.server.actions import cut_the_power, told
from tests.server.hosting import (
    ENDS,
    WEEK,
    close_messages_of,
    live_until,
    plan,
    schedule_with,
    told_alone,
)
from tests.server.simulated_server import Town, buttons_of, said
from tests.server.test_reminding import DAY, HOUR, mentioned_users
from tests.server.test_scheduling import THURSDAY_10, stamp

HEADING = "### What did not arrive"


async def test_the_host_is_told_which_reminder_came_too_late_and_nobody_else_is(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule_with(town, host=sam)
    await priya.click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY)
    public = town.messages()
    await town.restart()
    await town.at(THURSDAY_10 + HOUR)
    assert town.messages() == public
    [_, word] = told_alone(sam)
    assert word.startswith(HEADING)
    assert f"The reminder of **Thursday jelly**, due {stamp(THURSDAY_10 - HOUR, 'F')}" in word
    assert "too late to be of use" in word
    assert f"<#{town.jellies.id}>" in word
    for member in (priya, jordan, town.organizer):
        assert not any(HEADING in one for one in told_alone(member))
    await town.after(WEEK)
    assert len([one for one in told_alone(sam) if HEADING in one]) == 1


async def test_one_message_tells_of_everything_that_came_too_late(town: Town) -> None:
    sam = town.members[0]
    await plan(town, sam)
    await town.schedule("Friday jelly", when="friday 10-16")
    await town.at(THURSDAY_10 + DAY + HOUR)
    [word] = _words(town)
    assert word.count("The reminder of **Thursday jelly**") == 2
    assert word.count("The reminder of **Friday jelly**") == 2
    assert "The starting line of **Thursday jelly**" in word


async def test_hosts_are_told_of_their_own_jellies(town: Town) -> None:
    sam = town.members[0]
    await schedule_with(town, host=sam)
    await town.schedule("Friday jelly", when="friday 10-16")
    await town.at(THURSDAY_10 + DAY + HOUR)
    [theirs], [ours] = _words(town, sam), _words(town)
    assert "Thursday" in theirs
    assert "Friday" not in theirs
    assert "Friday" in ours
    assert "Thursday" not in ours


async def test_what_is_late_but_useful_is_sent_and_not_told(town: Town) -> None:
    await plan(town, town.members[0])
    await town.at(THURSDAY_10 - DAY)
    await town.restart()
    await town.at(THURSDAY_10 - HOUR + timedelta(minutes=6))
    assert stamp(THURSDAY_10, "R") in town.messages()[-1]
    assert _words(town) == []


async def test_what_nobody_would_have_read_is_not_told(town: Town) -> None:
    await town.schedule()
    for moment in (THURSDAY_10 - DAY, THURSDAY_10 - HOUR):
        await town.at(moment)
    await town.at(ENDS + DAY)
    assert _words(town) == []
    listed = said(await town.organizer.slash(town.jellies, "jelly list"))
    assert "What did not arrive" not in listed


async def test_a_card_that_was_never_posted_is_told(town: Town) -> None:
    await town.schedule(when="2026-12-10 10:00-16:00")
    await town.at(THURSDAY_10 + 3 * WEEK)
    [word] = _words(town)
    assert "The card of **Thursday jelly**" in word


async def test_with_closed_messages_the_host_is_told_in_the_channel(town: Town) -> None:
    sam = town.members[0]
    await schedule_with(town, host=sam)
    await town.members[1].click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY)
    close_messages_of(town, sam)
    await town.at(THURSDAY_10 + HOUR)
    [line] = [one for one in town.messages() if sam.mention in one]
    assert "**Thursday jelly**" in line
    assert "`/jelly list`" in line
    assert mentioned_users(town)[-1] == [sam.id]
    message = town.jellies.last_message
    assert message is not None
    assert buttons_of(message) == ["Open the card"]
    await live_until(town, ENDS + 3 * DAY)
    assert len([one for one in town.messages() if "`/jelly list`" in one]) == 1


async def test_a_kill_while_the_host_is_told_repeats_nothing(town: Town) -> None:
    await plan(town, town.members[0])
    await town.at(THURSDAY_10 - DAY)
    town.clock.moment = THURSDAY_10 + HOUR
    await cut_the_power(town)
    assert len(_words(town)) == 1
    assert len(told(town, "is on <t:")) == 1


def _words(town: Town, host: simcord.MemberActor | None = None) -> list[str]:
    """What the organizer, or another host, was told of what did not arrive."""
    return [one for one in told_alone(host or town.organizer) if one.startswith(HEADING)]
