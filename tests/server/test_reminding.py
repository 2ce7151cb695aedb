"""What the channel is told, and when: once, in time, or not at all when it would be absurd."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import discord

from data.models import Answer
from data.people.rsvps import Wish, answer
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_scheduling import THURSDAY_10, stamp

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


async def test_reminders_come_once_at_their_time_and_mention_those_going(town: Town) -> None:
    await town.schedule()
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Maybe")
    await jordan.click(town.card(), label="Can't make it")
    await town.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    assert town.messages() == []
    await town.at(THURSDAY_10 - DAY)
    assert len(town.messages()) == 2
    await town.at(THURSDAY_10 - HOUR - timedelta(seconds=1))
    assert len(town.messages()) == 2
    await town.at(THURSDAY_10 - HOUR)
    first, undecided, second = town.messages()
    assert undecided.startswith(f"{priya.mention}, you said maybe")
    for reminder in (first, second):
        assert "**Thursday jelly**" in reminder
        assert stamp(THURSDAY_10, "R") in reminder
        assert "The Alb" in reminder
        assert f"Going: {sam.mention}" in reminder
        assert f"Maybe: {priya.mention}" in reminder
        assert jordan.mention not in reminder
    allowed = mentioned_users(town)
    assert allowed == [[], [sam.id], [priya.id], [sam.id]]  # first: private word of a newcomer


async def test_a_reminder_links_to_the_card(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10 - DAY)
    reminder = town.jellies.last_message
    assert reminder is not None
    assert buttons_of(reminder) == ["Open the card"]
    row = reminder.components[0]
    assert isinstance(row, discord.ActionRow)
    button = row.children[0]
    assert isinstance(button, discord.Button)
    assert button.url is not None
    assert button.url.endswith(f"/{town.card().id}")


async def test_a_line_says_when_it_starts_and_the_card_follows(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10)
    assert "starts now" in town.messages()[-1]
    assert "**On now**" in text_of(town.card())
    await town.at(THURSDAY_10 + 6 * HOUR)
    assert "**Over**" in text_of(town.card())
    assert buttons_of(town.card()) == ["I was there", "I wasn't there"]
    await town.at(THURSDAY_10 + 30 * HOUR)
    assert buttons_of(town.card()) == []


async def test_no_line_says_that_it_starts_when_nobody_comes(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10)
    assert not any("starts now" in message for message in town.messages())


async def test_a_jelly_nobody_answered_is_reminded_with_an_invitation(town: Town) -> None:
    await town.schedule()
    await town.at(THURSDAY_10 - DAY)
    assert "Nobody has said yes yet" in town.messages()[0]


async def test_late_but_useful_goes_out_with_the_true_time(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.restart()
    town.clock.moment = THURSDAY_10 - DAY + timedelta(minutes=6)
    await town.settle()
    assert len(town.messages()) == 1
    assert stamp(THURSDAY_10, "R") in town.messages()[0]


async def test_after_a_long_absence_only_the_last_reminder_comes(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 - timedelta(minutes=20))
    assert len(town.messages()) == 1
    states = await town.read(
        "SELECT before, state FROM delivery WHERE kind = 'reminder' ORDER BY before DESC"
    )
    assert states == [{"before": 86400, "state": "expired"}, {"before": 3600, "state": "sent"}]


async def test_past_the_start_it_expires_and_the_organizer_is_told(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 + 2 * HOUR)
    assert town.messages() == []
    listed = said(await town.organizer.slash(town.jellies, "jelly list"))
    assert "What did not arrive" in listed
    assert "too late to be of use" in listed


async def test_a_moved_jelly_reminds_for_its_new_time_only(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await move(town, "friday 10-16")
    moved = len(town.messages())
    await town.at(THURSDAY_10 - DAY)
    await town.at(THURSDAY_10 - HOUR)
    await town.at(THURSDAY_10 - timedelta(seconds=1))
    assert len(town.messages()) == moved
    await town.at(THURSDAY_10)
    await town.at(THURSDAY_10 + DAY - HOUR)
    await town.at(THURSDAY_10 + DAY)
    rest = town.messages()[moved:]
    assert [stamp(THURSDAY_10 + DAY, "R") in rest[0], "starts now" in rest[-1]] == [True, True]
    assert len(rest) == 3


async def test_moving_twice_before_word_is_out_tells_once(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await move(town, "friday 10-16")
    await move(town, "friday 12-16")
    await town.after(timedelta(minutes=10))
    notices = [message for message in town.messages() if "has moved" in message]
    assert stamp(THURSDAY_10 + DAY + 2 * HOUR, "F") in notices[-1]


async def test_a_jelly_scheduled_at_the_last_minute_skips_reminders_that_are_past(
    town: Town,
) -> None:
    await town.schedule("Soon", when="today 9:30-12")
    await town.after(timedelta(minutes=15))
    assert town.messages() == []
    assert len(town.cards()) == 1


async def test_reminders_to_many_go_out_in_parts_that_mention_everybody_once(town: Town) -> None:
    await town.schedule()
    people = await crowd(town, 150)
    await town.at(THURSDAY_10 - DAY)
    assert sorted(user for part in mentioned_users(town) for user in part) == people
    assert all(len(message) <= 2000 for message in town.messages())
    assert len(town.messages()) == 4


async def test_word_that_it_is_off_reaches_everybody_who_was_going(town: Town) -> None:
    await town.schedule()
    people = await crowd(town, 90)
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it off")
    await town.settle()
    assert sorted(user for part in mentioned_users(town) for user in part) == people


async def test_a_dead_channel_is_final_and_told_and_can_be_tried_again(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    town.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, message="Missing Permissions"
    )
    await town.at(THURSDAY_10 - DAY)
    assert town.messages() == []
    await town.after(timedelta(minutes=5))
    assert town.messages() == []
    listed = await town.organizer.slash(town.jellies, "jelly list")
    assert "a permission is missing" in said(listed)
    assert listed.response is not None
    await town.organizer.click(listed.response, label="Try again")
    await town.settle()
    assert len(town.messages()) == 1


async def test_something_passing_is_tried_again_until_it_works(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=2)
    await town.at(THURSDAY_10 - DAY)
    assert town.messages() == []
    for _ in range(4):
        await town.after(timedelta(seconds=30))
    assert len(town.messages()) == 1


async def test_what_was_put_off_goes_out_as_soon_as_discord_is_back(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await town.at(THURSDAY_10 - DAY)
    await town.settle()
    assert town.messages() == []
    await town.bot.on_resumed()
    await town.settle()
    assert len(town.messages()) == 1


async def test_every_message_carries_the_same_nonce_at_every_try(town: Town) -> None:
    await town.schedule()
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=1)
    await town.at(THURSDAY_10 - DAY)
    await town.after(timedelta(seconds=30))
    sent = [
        request.json
        for request in town.environment.http_requests
        if request.method == "POST" and request.path.endswith("/messages")
    ]
    nonces = [body["nonce"] for body in sent if body is not None]
    assert len(nonces) == 3
    assert nonces[1] == nonces[2] != nonces[0]
    assert all(len(nonce) <= 25 for nonce in nonces)
    assert all(body["enforce_nonce"] for body in sent if body is not None)


async def test_an_unfinished_send_is_found_in_the_history_and_not_repeated(town: Town) -> None:
    """As after a kill between the arrival of a message and its record in the store."""
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY)
    assert len(town.messages()) == 1
    await town.database.write(
        lambda t: t.run(
            "UPDATE delivery SET state = 'sending', message_id = NULL WHERE kind = 'reminder' "
            "AND state = 'sent'"
        )
    )
    await town.after(timedelta(minutes=10))
    assert len(town.messages()) == 1
    assert await town.read(
        "SELECT COUNT(*) AS n FROM delivery WHERE kind = 'reminder' AND state = 'sent' "
        "AND message_id IS NOT NULL"
    ) == [{"n": 1}]


async def test_nobody_is_notified_by_what_people_typed(town: Town) -> None:
    await town.schedule("@everyone <@&1> come", when="thursday 10-16", where="<@123>'s place")
    await town.at(THURSDAY_10 - DAY)
    for request in town.environment.http_requests:
        if request.path.endswith("/messages") and request.method == "POST":
            assert request.json is not None
            assert request.json["allowed_mentions"]["parse"] == []
            assert request.json["allowed_mentions"].get("users", []) == []
    assert "@everyone" not in town.messages()[0]


async def test_changing_the_settings_changes_what_is_owed(town: Town) -> None:
    await town.schedule()
    await town.members[0].click(town.card(), label="Going")
    await town.organizer.slash(town.jellies, "settings", reminders="2 hours")
    await town.at(THURSDAY_10 - DAY)
    await town.at(THURSDAY_10 - 2 * HOUR)
    assert len(town.messages()) == 1
    await town.at(THURSDAY_10 - HOUR)
    assert len(town.messages()) == 1


async def crowd(town: Town, size: int) -> list[int]:
    """Have so many people say that they are going to the first session."""
    people = [10**17 + number for number in range(size)]
    for user_id in people:
        await town.database.write(
            partial(
                answer,
                guild_id=town.guild.id,
                session_id=1,
                user_id=user_id,
                wish=Wish(Answer.GOING),
                now=town.clock.now(),
            )
        )
    return people


def mentioned_users(town: Town) -> list[list[int]]:
    found = []
    for request in town.environment.http_requests:
        if request.method != "POST" or not request.path.endswith("/messages"):
            continue
        assert request.json is not None
        if request.json.get("content"):
            users = request.json["allowed_mentions"].get("users", [])
            found.append([int(user) for user in users])
    return found


async def move(town: Town, when: str) -> None:
    form = await town.organizer.slash(town.jellies, "jelly edit", which="Thursday jelly")
    preview = await town.organizer.submit_modal(
        form,
        {
            "what": "Thursday jelly",
            "when": when,
            "where": "The Alb",
            "host": [town.organizer],
        },
    )
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await town.settle()
