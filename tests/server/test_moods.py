"""In what mood people come: asked once, remembered, and seen by nobody else."""

from __future__ import annotations

from tests.server.actions import (
    answer,
    follow_up,
    member,
    mine,
    schedule,
)
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

# Going, in a mood.


async def test_whoever_presses_going_first_says_the_mood_with_one_more_press(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, jordan = server.members
    pressed = await sam.click(server.card(), label="Going")
    asked = follow_up(pressed)
    assert "You're going! How do you like to work this time?" in asked.content
    assert buttons_of(asked) == ["Heads-down", "Either", "Up for a chat", "Add details"]
    noted = await sam.click(asked, label="Heads-down")
    assert "**Heads-down** it is" in said(noted)
    others = [jordan, *(member(server, name) for name in ("Kim", "Lou", "Max", "Nia"))]
    for who, mood in zip(
        (priya, *others),
        ("Heads-down", "Heads-down", "Either", "Either", "Up for a chat", "Up for a chat"),
        strict=True,
    ):
        pressed = await who.click(server.card(), label="Going")
        await who.click(follow_up(pressed), label=mood)
    await server.settle()
    assert "**8 coming** · 3 heads-down, 2 up for a chat" in text_of(server.card())


async def test_only_whoever_is_asked_sees_the_question_and_no_card_says_who_is_how(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    asked = follow_up(await sam.click(server.card(), label="Going"))
    await sam.click(asked, label="Up for a chat")
    await server.settle()
    seen_by_priya = [message.id for message in server.jellies.history(viewer=priya)]
    assert asked.id not in seen_by_priya
    assert "**2 coming** · 1 up for a chat" in text_of(server.card())
    assert "chat" not in text_of(server.card()).partition("1 up for a chat")[2]


async def test_the_mood_is_remembered_and_not_asked_for_again(server: SimulatedServer) -> None:
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    sam = server.members[0]
    pressed = await sam.click(server.card(), label="Going")
    await sam.click(follow_up(pressed), label="Up for a chat")
    again = await sam.click(server.card("Friday jelly"), label="Going")
    assert again.followups == []
    assert "**2 coming** · 1 up for a chat" in text_of(server.card("Friday jelly"))


async def test_a_question_left_unanswered_is_asked_with_the_next_going(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    again = await sam.click(server.card("Friday jelly"), label="Going")
    assert follow_up(again).content == "You're going! How do you like to work this time?"
    assert "**2 coming**" in text_of(server.card())


async def test_a_changed_mood_is_the_one_remembered_and_old_answers_keep_theirs(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    sam = server.members[0]
    await answer(server, sam, "going", mood="heads-down")
    await answer(server, sam, "going", session="Friday jelly", mood="chatty")
    await server.settle()
    assert "1 heads-down" in text_of(server.card())
    assert "1 up for a chat" in text_of(server.card("Friday jelly"))
    await schedule(server, title="Saturday jelly", when="saturday 10-16")
    await sam.click(server.card("Saturday jelly"), label="Going")
    assert "1 up for a chat" in text_of(server.card("Saturday jelly"))


async def test_a_mood_pressed_after_declining_leaves_the_answer_at_no(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    asked = follow_up(await sam.click(server.card(), label="Going"))
    await sam.click(server.card(), label="Can't make it")
    await sam.click(asked, label="Heads-down")
    await server.settle()
    assert "so far. Who's next?\n-# 1 can't make it" in text_of(server.card())


async def test_a_mood_pressed_after_being_taken_off_does_not_bring_one_back(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    asked = follow_up(await sam.click(server.card(), label="Going"))
    await answer(server, server.organizer, "declined", member=sam)
    await sam.click(asked, label="Either")
    assert (await mine(server, sam)).startswith("Can't make it")
