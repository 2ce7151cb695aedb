"""What still stands in the channel about a date: its card, its latest word, and open questions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp
import discord
import pytest

from data.limits import CORRECTIONS_TOGETHER, NOTICE_STANDS_FOR
from tests.moments import DAY, ENDS, HOUR, MINUTE, SECOND, THURSDAY_10
from tests.server.actions import (
    HOST,
    call_off,
    cut_the_power,
    edit,
    in_line,
    keep_every_message,
    press_in_turn,
    schedule,
)
from tests.server.network import through
from tests.server.simulated_server import SimulatedServer, buttons_of


async def planned(server: SimulatedServer) -> None:
    await server.schedule()
    await server.members[0].click(server.card(), label="Going")


async def test_the_next_reminder_takes_the_place_of_the_last(server: SimulatedServer) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - DAY)
    [first] = server.jellies.history()[1:]
    await server.at(THURSDAY_10 - HOUR)
    [second] = server.jellies.history()[1:]
    assert second.id != first.id
    await server.at(THURSDAY_10)
    [message] = server.messages()
    assert "is on now" in message


async def test_after_the_end_only_the_card_is_left(server: SimulatedServer) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - HOUR)
    await server.at(THURSDAY_10)
    await server.at(ENDS - SECOND)
    assert len(server.messages()) == 1
    await server.at(ENDS)
    assert server.messages() == []
    assert "**Over**" in server.transcript()


async def test_word_of_a_move_takes_the_place_of_a_reminder(server: SimulatedServer) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - DAY)
    await edit(server, when="thursday 12-16")
    await server.after(CORRECTIONS_TOGETHER)
    [message] = server.messages()
    assert "has moved" in message


async def test_no_word_stands_of_a_time_or_place_that_changed_with_nobody_to_tell(
    server: SimulatedServer,
) -> None:
    await planned(server)
    await edit(server, where="The library")
    await server.after(CORRECTIONS_TOGETHER)
    assert "is now at **The library**" in server.messages()[0]
    await server.members[0].click(server.card(), label="Can't make it")
    await edit(server, where="The park")
    assert server.messages() == []
    await server.at(THURSDAY_10 - DAY)
    assert "Just the host so far" in server.messages()[0]
    await edit(server, where="The harbour")
    assert server.messages() == []


async def test_that_it_is_called_off_stands_until_its_end(server: SimulatedServer) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - DAY)
    await call_off(server)
    await server.at(ENDS - SECOND)
    [message] = server.messages()
    assert "is called off" in message
    await server.at(ENDS)
    assert server.messages() == []


async def test_a_reminder_of_a_jelly_that_is_off_goes_though_nobody_is_told(
    server: SimulatedServer,
) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - DAY)
    await server.members[0].click(server.card(), label="Can't make it")
    await call_off(server)
    assert not any("is on <t:" in message for message in server.messages())


async def test_a_channel_that_is_not_tidied_keeps_everything(server: SimulatedServer) -> None:
    await planned(server)
    await keep_every_message(server)
    for moment in (THURSDAY_10 - DAY, THURSDAY_10 - HOUR, THURSDAY_10, ENDS):
        await server.at(moment)
    assert len(server.messages()) == 3


async def test_an_older_word_that_is_found_later_goes_at_once(server: SimulatedServer) -> None:
    await planned(server)
    # It arrives, but the bot is killed before it knows.
    server.clock.moment = THURSDAY_10 - DAY
    with server.environment.time_context():
        await server.bot.outbox.pay()
    await server.kill()
    # The hour-before reminder is sent first: the older one is looked for only after its lease.
    server.clock.moment = THURSDAY_10 - HOUR
    await server.start_again()
    await server.after(10 * MINUTE)
    assert len(server.messages()) == 1


async def test_a_reminder_that_arrived_unnoticed_before_a_move_goes(
    server: SimulatedServer,
) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - DAY - SECOND)

    async def lost(send: Callable[[], Awaitable[object]]) -> object:
        await send()
        raise aiohttp.ServerDisconnectedError

    through(server, "send_message", lost, once=True)
    await server.at(THURSDAY_10 - DAY)
    await edit(server, when="thursday 12-16")
    for _ in range(3):
        await server.after(CORRECTIONS_TOGETHER)
    [message] = server.messages()
    assert "has moved" in message


async def test_a_kill_between_the_words_leaves_one(server: SimulatedServer) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - DAY)
    server.clock.moment = THURSDAY_10 - HOUR
    await cut_the_power(server)
    assert len(server.messages()) == 1


async def test_someone_who_deleted_it_first_is_fine(server: SimulatedServer) -> None:
    await planned(server)
    await server.at(THURSDAY_10 - DAY)
    [reminder] = server.jellies.history()[1:]
    server.environment.backend.delete_message(server.jellies.id, reminder.id)
    await server.at(THURSDAY_10 - HOUR)
    assert len(server.messages()) == 1
    assert await server.read("SELECT * FROM deletion") == []


# Questions, and notices of seats.


async def test_an_offer_goes_when_it_is_taken(server: SimulatedServer) -> None:
    await offered(server)
    priya = server.members[1]
    [offer] = [m for m in server.jellies.history() if "is yours if you" in m.content]
    await priya.click(offer, label="Take the seat")
    await server.settle()
    assert not any("is yours if you" in message for message in server.messages())


async def test_an_offer_goes_when_it_lapses(server: SimulatedServer) -> None:
    await offered(server)
    await server.after(HOUR + MINUTE)
    offers = [message for message in server.messages() if "is yours if you" in message]
    assert len(offers) == 1
    assert server.members[2].mention in offers[0]


async def test_word_of_a_seat_goes_after_a_day_or_when_it_is_given_back(
    server: SimulatedServer,
) -> None:
    sam, priya, jordan = server.members
    await schedule(server, seats=HOST + 1, when="in 5 days 10:00")
    await press_in_turn(server, sam, priya, jordan)
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    assert any("a seat came free" in message for message in server.messages())
    await priya.click(server.card(), label="Can't make it")
    await server.settle()
    [message] = server.messages()
    assert jordan.mention in message
    await server.after(NOTICE_STANDS_FOR - MINUTE)
    assert server.messages() == [message]
    await server.after(MINUTE)
    assert server.messages() == []


async def test_a_request_goes_when_the_host_answers(server: SimulatedServer) -> None:
    request = await requested(server)
    await server.organizer.click(request, label="Let them in")
    await server.settle()
    assert not any("would like to" in message for message in server.messages())


async def test_a_request_that_is_taken_back_goes_and_may_be_made_again(
    server: SimulatedServer,
) -> None:
    await requested(server)
    await server.members[0].click(server.card(), label="Can't make it")
    await server.settle()
    assert not any("would like to" in message for message in server.messages())
    await server.members[0].click(server.card(), label="Ask to join")
    await server.settle()
    assert any("would like to" in message for message in server.messages())


async def test_a_request_nobody_answers_goes_at_the_end(server: SimulatedServer) -> None:
    await requested(server)
    await server.at(ENDS - SECOND)
    assert any("would like to" in message for message in server.messages())
    await server.at(ENDS)
    assert server.messages() == []


@pytest.mark.parametrize("press", ["Going", "Can't make it"])
async def test_the_buttons_to_answer_a_reminder_go_with_the_last_answer(
    server: SimulatedServer, press: str
) -> None:
    await server.schedule()
    sam, priya, jordan = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")
    await jordan.click(server.card(), label="Maybe")
    await server.at(THURSDAY_10 - DAY)
    [reminder] = server.jellies.history()[1:]
    assert len(buttons_of(reminder)) > 1
    await priya.click(server.card(), label=press)
    await server.settle()
    [reminder] = server.jellies.history()[1:]
    assert len(buttons_of(reminder)) > 1
    await jordan.click(server.card(), label=press)
    await server.settle()
    [reminder] = server.jellies.history()[1:]
    assert buttons_of(reminder) == ["Open the card"]


async def test_a_reminder_asks_nobody_any_more_if_all_answered_while_it_was_sent(
    server: SimulatedServer,
) -> None:
    await server.schedule()
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Maybe")

    async def answered_meanwhile(send: Callable[[], Awaitable[object]]) -> object:
        sent = await send()
        await priya.click(server.card(), label="Going")
        return sent

    through(server, "send_message", answered_meanwhile, once=True)
    await server.at(THURSDAY_10 - DAY)
    [reminder] = server.jellies.history()[1:]
    assert buttons_of(reminder) == ["Open the card"]


async def test_the_question_whether_a_series_goes_on_goes_with_its_answer(
    server: SimulatedServer,
) -> None:
    await server.schedule(when="every day 10-11")
    for day in range(1, 5):
        await server.at(THURSDAY_10 - 2 * DAY + day * DAY + 2 * HOUR)
    [question] = [m for m in server.jellies.history() if "Keep it going" in buttons_of(m)]
    await server.organizer.click(question, label="Keep it going")
    await server.settle()
    assert not any("last three dates" in message for message in server.messages())


async def offered(server: SimulatedServer) -> None:
    """Has a seat come free in the last hours, so that it is offered to the next in line."""
    await in_line(server)
    await server.at(THURSDAY_10 - 2 * DAY // 16)
    await server.members[0].click(server.card(), label="Can't make it")
    await server.settle()


async def requested(server: SimulatedServer) -> discord.Message:
    """Has someone ask to come after the deadline; returns the question to the host."""
    await schedule(server, answers_close="1 day")
    await server.at(THURSDAY_10 - DAY + HOUR)
    await server.members[0].click(server.card(), label="Ask to join")
    await server.settle()
    [request] = [m for m in server.jellies.history() if "would like to" in m.content]
    return request


async def test_what_a_channel_keeps_from_now_on_stays(server: SimulatedServer) -> None:
    sam, priya, _ = server.members
    await schedule(server, seats=HOST + 1, when="in 5 days 10:00")
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Join the waiting list")
    await sam.click(server.card(), label="Can't make it")
    await server.settle()
    await server.organizer.slash(server.jellies, "settings", tidy=False)
    await server.after(NOTICE_STANDS_FOR)
    assert any("a seat came free" in message for message in server.messages())
