"""Hosts and organizers answer for others, visibly, and never behind anybody's back."""

from __future__ import annotations

from tests.server.actions import (
    answer,
    follow_up,
    forged,
    headcount,
    mine,
    schedule,
    sent_together,
    told,
)
from tests.server.simulated_server import Town, buttons_of, said, text_of
from tests.server.test_reminding import mentioned_users


async def test_the_host_adds_somebody_visibly_and_they_are_told(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule(town, by=priya)
    answered = await answer(town, priya, "going", member=sam, guests=1)
    assert answered.ephemeral
    assert f"{sam.mention} is down as **Going**" in said(answered)
    await town.settle()
    assert f"{sam.mention} +1 (added by {priya.mention})" in text_of(town.card())
    [word] = told(town, "put you down")
    assert word.content.startswith(
        f"{sam.mention} +1: {priya.mention} put you down: you are going to **Thursday jelly**"
    )
    assert mentioned_users(town)[-1] == [sam.id]
    assert "answered by" in await mine(town, sam)
    assert f"{sam.mention} +1 · answered by {priya.mention}" in await headcount(town, jordan)


async def test_organizers_remove_somebody_and_the_next_in_line_gets_the_seat(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule(town, by=priya, seats=1)
    await sam.click(town.card(), label="Going")
    await jordan.click(town.card(), label="Join the waiting list")
    await answer(town, town.organizer, "declined", member=sam)
    await town.settle()
    [word] = told(town, "took you off")
    assert f"{sam.mention}: {town.organizer.mention} took you off the list" in word.content
    assert jordan.mention in told(town, "a seat has come free")[0].content
    assert f"**1 going** · 1 can't make it\n**Seats** 1 of 1 taken\n{jordan.mention}" in text_of(
        town.card()
    )


async def test_an_ordinary_member_answers_for_nobody_else(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    refused = await answer(town, sam, "going", member=priya)
    assert refused.ephemeral
    assert f"Only its host {town.organizer.mention} and organizers" in said(refused)
    await town.settle()
    assert town.messages() == []
    assert await mine(town, priya) == "no answer yet"


async def test_choosing_oneself_as_member_is_just_an_answer(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    answered = await answer(town, sam, "going", member=sam)
    assert "you are down as **Going**" in said(answered)
    await town.settle()
    assert "added by" not in text_of(town.card())
    assert town.messages() == []


async def test_a_bot_is_not_put_on_the_list(town: Town) -> None:
    await schedule(town)
    robot = town.guild.add_member(town.environment.create_user("robot", bot=True))
    refused = await answer(town, town.organizer, "going", member=robot)
    assert "choose a person" in said(refused)
    assert "**0 going**" in text_of(town.card())


async def test_ones_own_later_word_wins(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    for who in (sam, priya):
        await answer(town, town.organizer, "going", member=who)
    await town.settle()
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Can't make it")
    card = text_of(town.card())
    assert "added by" not in card
    assert f"**1 going** · 1 can't make it\n{sam.mention}" in card
    assert await mine(town, priya) == "Can't make it"


async def test_whoever_answers_before_the_word_is_out_is_not_told_any_more(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await answer(town, town.organizer, "going", member=sam)
    await sam.click(town.card(), label="Going")
    await town.settle()
    assert town.messages() == []


async def test_nothing_is_said_in_somebodys_name_without_telling_them(town: Town) -> None:
    await schedule(town, guests=3)
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    await answer(
        town, town.organizer, "going", member=sam, guests=3, note="I bring cake for everybody"
    )
    await town.settle()
    assert f"{sam.mention} +3" in text_of(town.card())
    assert any(sam.id in users for users in mentioned_users(town))


async def test_several_added_at_once_are_told_in_one_message(town: Town) -> None:
    await schedule(town)
    sam, priya, jordan = town.members
    for who, what in ((sam, "going"), (priya, "going"), (jordan, "maybe")):
        await answer(town, town.organizer, what, member=who)
    await town.settle()
    [word] = told(town, "put you down")
    assert f"{sam.mention}, {priya.mention}: {town.organizer.mention} put" in word.content
    assert f"{jordan.mention}: {town.organizer.mention} put you down as “Maybe”" in word.content


async def test_added_to_a_full_jelly_means_the_waiting_list_and_both_are_told(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    answered = await answer(town, town.organizer, "going", member=priya)
    assert "is down as **On the waiting list, number 1**" in said(answered)
    await town.settle()
    assert "put you on the waiting list" in told(town, priya.mention)[0].content


async def test_a_newcomer_added_by_the_host_is_welcomed_with_their_own_press(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await answer(town, town.organizer, "going", member=sam)
    await town.settle()
    pressed = await sam.click(town.card(), label="Going")
    assert "This is your first jelly here" in follow_up(pressed).content


async def test_the_host_takes_somebody_off_by_choosing_them_from_the_headcount(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await jordan.click(town.card(), label="Maybe")
    shown = await town.organizer.slash(town.chat, "headcount session", which="Thursday jelly")
    assert shown.response is not None
    asked = await town.organizer.click(shown.response, label="Take somebody off")
    assert asked.ephemeral
    assert "whom do you take off the list?" in said(asked)
    assert asked.response is not None
    done = await town.organizer.select(asked.response, [str(sam.id)])
    assert f"{sam.mention} is off the list" in said(done)
    await town.settle()
    assert priya.mention in told(town, "a seat has come free")[0].content
    assert f"{sam.mention}: {town.organizer.mention} took" in told(town, "took you")[0].content
    assert await mine(town, sam) == f"Can't make it, answered by {town.organizer.mention}"


async def test_nobody_else_sees_or_uses_take_somebody_off(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    await priya.click(town.card(), label="Going")
    shown = await sam.slash(town.chat, "headcount session", which="Thursday jelly")
    assert shown.response is not None
    assert buttons_of(shown.response) == []
    for custom_id in ("jelly:take-off:1", "jelly:taken-off:1:0"):
        refused = await forged(town, sam, custom_id, town.card(), values=[str(priya.id)])
        assert "Only its host" in said(refused)
    assert await mine(town, priya) == "Going"


async def test_two_organizers_who_take_the_same_person_off_tell_them_once(town: Town) -> None:
    organizers = next(role for role in town.guild.roles.values() if role.name == "Organizers")
    second = town.guild.add_member(
        town.environment.create_user("alex", global_name="Alex"), roles=[organizers]
    )
    await schedule(town)
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    lists = []
    for who in (town.organizer, second):
        shown = await who.slash(town.chat, "headcount session", which="Thursday jelly")
        assert shown.response is not None
        asked = await who.click(shown.response, label="Take somebody off")
        assert asked.response is not None
        lists.append(asked.response)
    data = {"custom_id": "jelly:taken-off:1:0", "component_type": 3, "values": [str(sam.id)]}
    await sent_together(town, (town.organizer, lists[0], data), (second, lists[1], data))
    await town.settle()
    assert len(told(town, "took you off")) == 1
    assert "**0 going** · 1 can't make it" in text_of(town.card())
