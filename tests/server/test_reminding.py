"""What the channel is told, and when: once, in time, or not at all if it would be useless."""

from __future__ import annotations

from datetime import timedelta

import discord

from data.limits import CORRECTIONS_TOGETHER
from tests.moments import DAY, HOUR, THURSDAY_10, stamp
from tests.server.actions import crowd
from tests.server.hosting import move
from tests.server.pings import mentioned_users
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of


async def test_reminders_come_once_at_their_time_and_mention_those_going(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")
    await jordan.click(server.card(), label="Can't make it")
    await server.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    assert server.said_ever() == []
    await server.at(THURSDAY_10 - DAY)
    assert len(server.said_ever()) == 1
    await server.at(THURSDAY_10 - HOUR - timedelta(seconds=1))
    assert len(server.said_ever()) == 1
    await server.at(THURSDAY_10 - HOUR)
    first, second = server.said_ever()
    for reminder in (first, second):
        assert "**Thursday jelly**" in reminder
        assert stamp(THURSDAY_10, "R") in reminder
        assert "The Alb" in reminder
        assert f"Going: {server.organizer.mention} {sam.mention}" in reminder
        assert jordan.mention not in reminder
    assert f"{priya.mention}: you said maybe" in first
    assert f"Maybe: {priya.mention}" in second
    allowed = mentioned_users(server)
    # First: private word of a newcomer.
    robin = server.organizer.id
    assert allowed == [[], [robin, sam.id, priya.id], [robin, sam.id]]


async def test_a_reminder_links_to_the_card(server: SimulatedServer) -> None:
    await server.schedule()
    await server.at(THURSDAY_10 - DAY)
    reminder = server.jellies.last_message
    assert reminder is not None
    assert buttons_of(reminder) == ["Open the card"]
    row = reminder.components[0]
    assert isinstance(row, discord.ActionRow)
    button = row.children[0]
    assert isinstance(button, discord.Button)
    assert button.url is not None
    assert button.url.endswith(f"/{server.card().id}")


async def test_a_line_says_when_it_starts_and_the_card_follows(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10)
    assert "is on now" in server.said_ever()[-1]
    assert "**On now**" in text_of(server.card())
    await server.at(THURSDAY_10 + 6 * HOUR)
    assert "**Over**" in text_of(server.card())
    assert buttons_of(server.card()) == ["I was there", "I wasn't there"]
    await server.at(THURSDAY_10 + 30 * HOUR)
    assert buttons_of(server.card()) == []


async def test_no_line_says_that_it_starts_when_nobody_comes(server: SimulatedServer) -> None:
    await server.schedule()
    await server.at(THURSDAY_10)
    assert not any("is on now" in message for message in server.said_ever())


async def test_a_jelly_nobody_answered_is_reminded_with_an_invitation(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.at(THURSDAY_10 - DAY)
    [reminder] = server.said_ever()
    assert reminder.endswith("The Alb. Just the host so far. Who's next?")


async def test_late_but_useful_goes_out_with_the_true_time(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.restart()
    server.clock.moment = THURSDAY_10 - DAY + timedelta(minutes=6)
    await server.settle()
    assert len(server.said_ever()) == 1
    assert stamp(THURSDAY_10, "R") in server.said_ever()[0]


async def test_after_a_long_absence_only_the_last_reminder_comes(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 - timedelta(minutes=20))
    assert len(server.said_ever()) == 1
    states = await server.read(
        "SELECT before, state FROM delivery WHERE kind = 'reminder' ORDER BY before DESC"
    )
    assert states == [{"before": 86400, "state": "withdrawn"}, {"before": 3600, "state": "sent"}]
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" not in listed


async def test_past_the_start_it_expires_and_the_organizer_is_told(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 + 2 * HOUR)
    assert server.said_ever() == []
    listed = said(await server.organizer.slash(server.jellies, "jelly list"))
    assert "What didn't arrive" in listed
    assert "it was too late" in listed


async def test_a_moved_jelly_reminds_for_its_new_time_only(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await move(server, "Thursday jelly", "friday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    moved = len(server.said_ever())
    await server.at(THURSDAY_10 - DAY)
    await server.at(THURSDAY_10 - HOUR)
    await server.at(THURSDAY_10 - timedelta(seconds=1))
    assert len(server.said_ever()) == moved
    await server.at(THURSDAY_10)
    await server.at(THURSDAY_10 + DAY - HOUR)
    await server.at(THURSDAY_10 + DAY)
    rest = server.said_ever()[moved:]
    assert [stamp(THURSDAY_10 + DAY, "R") in rest[0], "is on now" in rest[-1]] == [True, True]
    assert len(rest) == 3


async def test_moving_twice_before_word_is_out_tells_once(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await move(server, "Thursday jelly", "friday 10-16")
    await server.after(CORRECTIONS_TOGETHER)
    assert server.said_ever() == []
    await move(server, "Thursday jelly", "friday 12-16")
    await server.after(timedelta(minutes=10))
    notices = [message for message in server.said_ever() if "has moved" in message]
    assert stamp(THURSDAY_10 + DAY + 2 * HOUR, "F") in notices[-1]


async def test_a_jelly_scheduled_at_the_last_minute_skips_reminders_that_are_past(
    server: SimulatedServer,
) -> None:
    await server.schedule("Soon", when="today 9:30-12")
    await server.after(timedelta(minutes=15))
    assert server.said_ever() == []
    assert len(server.cards()) == 1


async def test_reminders_to_many_go_out_in_parts_that_mention_everybody_once(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    people = await crowd(server, 150)
    await server.at(THURSDAY_10 - DAY)
    assert sorted(user for part in mentioned_users(server) for user in part) == [
        *people,
        server.organizer.id,
    ]
    assert all(len(message) <= 2000 for message in server.said_ever())
    assert len(server.said_ever()) == 4


async def test_word_that_it_is_off_reaches_everybody_who_was_going(server: SimulatedServer) -> None:
    await server.schedule()
    people = await crowd(server, 90)
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly="Thursday jelly")
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Call it off")
    await server.settle()
    assert sorted(user for part in mentioned_users(server) for user in part) == people


async def test_a_dead_channel_is_final_and_told_and_can_be_tried_again(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    server.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, message="Missing Permissions"
    )
    await server.at(THURSDAY_10 - DAY)
    assert server.said_ever() == []
    await server.after(timedelta(minutes=5))
    assert server.said_ever() == []
    listed = await server.organizer.slash(server.jellies, "jelly list")
    assert "a permission is missing" in said(listed)
    assert listed.response is not None
    await server.organizer.click(listed.response, label="Try again")
    await server.settle()
    assert len(server.said_ever()) == 1


async def test_something_passing_is_tried_again_until_it_works(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=2)
    await server.at(THURSDAY_10 - DAY)
    assert server.said_ever() == []
    for _ in range(4):
        await server.after(timedelta(seconds=30))
    assert len(server.said_ever()) == 1


async def test_what_was_put_off_goes_out_as_soon_as_discord_is_back(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await server.at(THURSDAY_10 - DAY)
    await server.settle()
    assert server.said_ever() == []
    await server.bot.on_resumed()
    await server.settle()
    assert len(server.said_ever()) == 1


async def test_every_message_carries_the_same_nonce_at_every_try(server: SimulatedServer) -> None:
    await server.schedule()
    server.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await server.at(THURSDAY_10 - DAY)
    await server.after(timedelta(seconds=30))
    sent = [
        request.json
        for request in server.environment.http_requests
        if request.method == "POST" and request.path.endswith("/messages")
    ]
    nonces = [body["nonce"] for body in sent if body is not None]
    assert len(nonces) == 3
    assert nonces[1] == nonces[2] != nonces[0]
    assert all(len(nonce) <= 25 for nonce in nonces)
    assert all(body["enforce_nonce"] for body in sent if body is not None)


async def test_an_unfinished_send_is_found_in_the_history_and_not_repeated(
    server: SimulatedServer,
) -> None:
    """This happens after a kill between the arrival of a message and its record in the store."""
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.at(THURSDAY_10 - DAY)
    assert len(server.said_ever()) == 1
    await server.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', message_id = NULL WHERE kind = 'reminder' "
            "AND state = 'sent'"
        )
    )
    await server.after(timedelta(minutes=10))
    assert len(server.said_ever()) == 1
    assert await server.read(
        "SELECT COUNT(*) AS n FROM delivery WHERE kind = 'reminder' AND state = 'sent' "
        "AND message_id IS NOT NULL"
    ) == [{"n": 1}]


async def test_nobody_is_notified_by_what_people_typed(server: SimulatedServer) -> None:
    await server.schedule("@everyone <@&1> come", when="thursday 10-16", where="<@123>'s place")
    await server.at(THURSDAY_10 - DAY)
    for request in server.environment.http_requests:
        if request.path.endswith("/messages") and request.method == "POST":
            assert request.json is not None
            assert request.json["allowed_mentions"]["parse"] == []
            assert request.json["allowed_mentions"].get("users", []) == []
    assert "@everyone" not in server.said_ever()[0]


async def test_changing_the_settings_changes_what_is_owed(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")
    await server.organizer.slash(server.jellies, "settings", reminders="2 hours")
    await server.at(THURSDAY_10 - DAY)
    await server.at(THURSDAY_10 - 2 * HOUR)
    assert len(server.said_ever()) == 1
    await server.at(THURSDAY_10 - HOUR)
    assert len(server.said_ever()) == 1
