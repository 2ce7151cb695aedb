"""What people say beside yes or no, and who sees it: mood, hours, guests, a note."""

from __future__ import annotations

import pytest
import simcord

from tests.moments import HOUR, THURSDAY_10, stamp
from tests.server.actions import (
    add_details,
    answer,
    edit,
    filled,
    follow_up,
    headcount,
    member,
    mine,
    schedule,
    told,
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
    assert "You are going. How do you like to work this time?" in asked.content
    assert buttons_of(asked) == ["Heads-down", "Either", "Up for a chat", "Add details"]
    noted = await sam.click(asked, label="Heads-down")
    assert "Noted: **Heads-down**" in said(noted)
    others = [jordan, *(member(server, name) for name in ("Kim", "Lou", "Max", "Nia"))]
    for who, mood in zip(
        (priya, *others),
        ("Heads-down", "Heads-down", "Either", "Either", "Up for a chat", "Up for a chat"),
        strict=True,
    ):
        pressed = await who.click(server.card(), label="Going")
        await who.click(follow_up(pressed), label=mood)
    await server.settle()
    assert "**7 going: 3 heads-down, 2 up for a chat**" in text_of(server.card())


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
    assert "**1 going: 1 up for a chat**" in text_of(server.card())
    assert "chat" not in text_of(server.card()).partition("1 up for a chat")[2]


async def test_the_mood_is_remembered_and_not_asked_for_again(server: SimulatedServer) -> None:
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    sam = server.members[0]
    pressed = await sam.click(server.card(), label="Going")
    await sam.click(follow_up(pressed), label="Up for a chat")
    again = await sam.click(server.card("Friday jelly"), label="Going")
    assert again.followups == []
    assert "**1 going: 1 up for a chat**" in text_of(server.card("Friday jelly"))


async def test_a_question_left_unanswered_is_asked_with_the_next_going(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    sam = server.members[0]
    await sam.click(server.card(), label="Going")
    again = await sam.click(server.card("Friday jelly"), label="Going")
    assert follow_up(again).content == "You are going. How do you like to work this time?"
    assert "**1 going**" in text_of(server.card())


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


async def test_a_mood_said_for_somebody_by_the_host_is_not_remembered_as_theirs(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    await schedule(server, title="Friday jelly", when="friday 10-16")
    sam = server.members[0]
    await answer(server, server.organizer, "going", member=sam, mood="chatty")
    pressed = await sam.click(server.card("Friday jelly"), label="Going")
    assert "You are going. How do you like to work this time?" in follow_up(pressed).content


async def test_a_mood_pressed_after_declining_leaves_the_answer_at_no(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    asked = follow_up(await sam.click(server.card(), label="Going"))
    await sam.click(server.card(), label="Can't make it")
    await sam.click(asked, label="Heads-down")
    await server.settle()
    assert "**0 going** · 1 can't make it" in text_of(server.card())


async def test_a_mood_pressed_after_being_taken_off_does_not_bring_one_back(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    asked = follow_up(await sam.click(server.card(), label="Going"))
    await answer(server, server.organizer, "declined", member=sam)
    await sam.click(asked, label="Either")
    assert (await mine(server, sam)).startswith("Can't make it")


# Hours.


async def test_hours_show_on_the_card_in_numbers_and_to_those_going_by_name(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam, priya, jordan = server.members
    await add_details(server, sam, mood=["either"], hours="10 to 13", guests=["1"])
    await priya.click(server.card(), label="Going")
    await server.settle()
    card = text_of(server.card())
    bars = [(THURSDAY_10 + n * HOUR, "█", 3) for n in range(3)]
    bars += [(THURSDAY_10 + n * HOUR, "▄", 1) for n in range(3, 6)]
    shown = " · ".join(f"{stamp(at, 't')} {block} {n}" for at, block, n in bars)
    assert f"**By the hour** {shown}" in card.replace("\u00a0", " ")
    assert "10:00" not in card
    assert f"{sam.mention} +1 · either · 10:00 to 13:00" in await headcount(server, priya)
    assert "10:00 to 13:00" in await headcount(server, server.organizer)
    for outsider in (jordan, member(server, "Kim")):
        seen = await headcount(server, outsider)
        assert "10:00" not in seen
        assert "Those going see who comes when." in seen
    await jordan.click(server.card(), label="Maybe")
    assert "10:00" not in await headcount(server, jordan)


async def test_those_who_wait_do_not_see_who_comes_when(server: SimulatedServer) -> None:
    await schedule(server, seats=1)
    sam, priya, _ = server.members
    await add_details(server, sam, hours="10 to 13")
    await priya.click(server.card(), label="Join the waiting list")
    assert "10:00" not in await headcount(server, priya)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("from 11", "11:00 to 16:00"),
        ("until 2pm", "10:00 to 14:00"),
        ("12-13:30", "12:00 to 13:30"),
    ],
)
async def test_hours_can_be_said_by_command_in_everyday_words(
    server: SimulatedServer, typed: str, understood: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    answered = await answer(server, sam, "going", hours=typed)
    assert understood in said(answered)
    assert understood in await mine(server, sam)


@pytest.mark.parametrize("typed", ["all day", "", "10 to 16"])
async def test_hours_are_taken_back_with_words_for_the_whole_time(
    server: SimulatedServer, typed: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    for hours in ("10 to 13", typed):
        await answer(server, sam, "going", hours=hours)
    await server.settle()
    assert "By the hour" not in text_of(server.card())
    assert await mine(server, sam) == "Going"


@pytest.mark.parametrize("typed", ["8 to 12", "12 to 18", "13 to 10", "sometime", "25 to 26"])
async def test_hours_that_do_not_fit_get_one_private_sentence(
    server: SimulatedServer, typed: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    refused = await answer(server, sam, "going", hours=typed)
    assert refused.ephemeral
    assert "error" not in said(refused)
    assert await mine(server, sam) == "no answer yet"
    form = await sam.click(server.card(), label="Add details")
    kept = await sam.submit_modal(form, {**filled(form), "hours": typed, "note": "lost?"})
    assert "Everything else is saved." in kept.followups[-1].content
    assert buttons_of(kept.followups[-1]) == ["Add details"]
    assert await mine(server, sam) == "Going, lost?"


async def test_a_form_opens_with_everything_one_said_before(server: SimulatedServer) -> None:
    await schedule(server, guests=2)
    sam = server.members[0]
    await add_details(server, sam, mood=["chatty"], hours="11 to 14", guests=["2"], note="taxes")
    form = await sam.click(server.card(), label="Add details")
    assert filled(form) == {
        "mood": ["chatty"],
        "hours": "11:00 to 14:00",
        "guests": ["2"],
        "note": "taxes",
    }
    await sam.submit_modal(form, filled(form))
    assert await mine(server, sam) == "Going, with 2 guests, up for a chat, 11:00 to 14:00, taxes"


async def test_the_private_message_leads_to_the_same_form_and_shows_what_one_said(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=1)
    sam, priya, _ = server.members
    asked = follow_up(await sam.click(server.card(), label="Going"))
    sent = await add_details(server, sam, asked, mood=["either"], hours="until 13", note="taxes")
    assert sent.response is not None
    assert sent.response.id == asked.id
    assert "you are down as **Going**, either, 10:00 to 13:00, taxes" in said(sent)
    assert f"{sam.mention} taxes" in text_of(server.card())
    waits = follow_up(await priya.click(server.card(), label="Join the waiting list"))
    assert buttons_of(waits) == ["Heads-down", "Either", "Up for a chat", "Add details"]
    sent = await add_details(server, priya, waits, note="tea")
    assert "number 1 on the waiting list" in said(sent)
    assert "tea" not in text_of(server.card())


async def test_of_two_forms_sent_from_two_devices_the_last_one_holds(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    forms = [await sam.click(server.card(), label="Add details") for _ in range(2)]
    await sam.submit_modal(forms[1], {**filled(forms[1]), "note": "laptop", "hours": "10 to 12"})
    await sam.submit_modal(forms[0], {**filled(forms[0]), "note": "phone"})
    assert await mine(server, sam) == "Going, phone"


async def test_a_form_sent_by_somebody_who_said_maybe_keeps_the_maybe(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await sam.click(server.card(), label="Maybe")
    await add_details(server, sam, note="taxes", hours="10 to 13")
    assert await mine(server, sam) == "Maybe, 10:00 to 13:00, taxes"
    assert "By the hour" not in text_of(server.card())


async def test_numbers_by_the_hour_follow_every_change_of_mind(server: SimulatedServer) -> None:
    await schedule(server, when="thursday 10-13", guests=2)
    sam, priya, _ = server.members

    def numbers() -> list[int]:
        """Returns what the card counts by the hour; empty if it does not."""
        for line in text_of(server.card()).splitlines():
            if line.startswith("**By the hour**"):
                return [int(bar.split()[-1]) for bar in line.split(" · ")]
        return []

    await add_details(server, sam, hours="10 to 12", guests=["2"])
    assert numbers() == [3, 3, 0]
    await add_details(server, priya, hours="11 to 13")
    assert numbers() == [3, 4, 1]
    await add_details(server, sam, guests=["1"])
    assert numbers() == [2, 3, 1]
    await sam.click(server.card(), label="Maybe")
    assert numbers() == [0, 1, 1]
    await sam.click(server.card(), label="Going")
    assert numbers() == [1, 2, 1]
    await sam.click(server.card(), label="Can't make it")
    await add_details(server, priya, hours="")
    assert numbers() == []


async def test_a_whole_day_is_counted_in_steps_that_fit_on_the_card(
    server: SimulatedServer,
) -> None:
    await schedule(server, when="thursday 10am for 24 hours")
    await add_details(server, server.members[0], hours="22:00 to 2:00")
    [line] = [x for x in text_of(server.card()).splitlines() if x.startswith("**By the hour**")]
    bars = line.removeprefix("**By the hour** ").split(" · ")
    assert [int(bar.split()[-1]) for bar in bars] == [0] * 6 + [1, 1] + [0] * 4


async def test_hours_stay_through_a_move_where_they_still_fit(server: SimulatedServer) -> None:
    await schedule(server)
    sam, priya, _ = server.members
    for who, hours in ((sam, "13 to 15"), (priya, "10 to 12")):
        await answer(server, who, "going", hours=hours)
    await edit(server, when="thursday 12-18")
    seen = await headcount(server, sam)
    assert f"{sam.mention} · 13:00 to 15:00" in seen
    assert f"{priya.mention}\n" in f"{seen}\n"
    card = text_of(server.card()).replace("\u00a0", " ")
    for hour, number in ((2, 1), (3, 2), (4, 2), (5, 1)):
        block = "█" if number == 2 else "▅"
        assert f"{stamp(THURSDAY_10 + hour * HOUR, 't')} {block} {number}" in card
    assert "2 yet to confirm the new time" in card


async def test_hours_mean_nothing_any_more_on_another_day(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await answer(server, sam, "going", hours="10 to 13")
    await edit(server, when="friday 10-16")
    assert "By the hour" not in text_of(server.card())
    assert await mine(server, sam) == "Going"


async def test_hours_after_the_new_end_mean_nothing_any_more(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await answer(server, sam, "going", hours="13 to 15")
    await edit(server, when="thursday 7-11")
    assert "By the hour" not in text_of(server.card())
    assert await mine(server, sam) == "Going"


async def test_hours_end_with_a_session_that_ends_earlier(server: SimulatedServer) -> None:
    """They come from noon on, however long it lasts, so they are not counted at ten."""
    await schedule(server)
    sam = server.members[0]
    await answer(server, sam, "going", hours="12 to 16")
    await edit(server, when="thursday 10-15")
    card = text_of(server.card()).replace("\u00a0", " ")
    assert f"{stamp(THURSDAY_10, 't')} ▁ 0" in card
    assert await mine(server, sam) == "Going, 12:00 to 15:00"


# With guests.


async def test_guests_stand_beside_their_host_and_take_seats(server: SimulatedServer) -> None:
    await schedule(server, seats=4, guests=2)
    sam, priya, jordan = server.members
    await add_details(server, sam, guests=["2"])
    card = text_of(server.card())
    assert f"{sam.mention} +2" in card
    assert "**Seats** 3 of 4 taken, **1 free** · 2 guests among them" in card
    await answer(server, priya, "going", guests=1)
    await server.settle()
    assert await mine(server, priya) == "On the waiting list, number 1, with 1 guest"
    await jordan.click(server.card(), label="Going")
    assert "**Seats** 4 of 4 taken" in text_of(server.card())


async def test_where_there_is_room_for_everybody_the_card_counts_guests(
    server: SimulatedServer,
) -> None:
    await schedule(server, guests=9)
    await add_details(server, server.members[0], guests=["9"])
    assert "**1 going** · with 9 guests" in text_of(server.card())


async def test_one_guest_each_unless_the_host_says_otherwise(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    form = await sam.click(server.card(), label="Add details")
    assert form.modal is not None
    choices = next(
        field["component"]["options"]
        for field in form.modal["components"]
        if field["component"]["custom_id"] == "guests"
    )
    assert [choice["label"] for choice in choices] == ["nobody", "1 guest"]
    refused = await answer(server, sam, "going", guests=2)
    assert said(refused) == "Each member can bring 1 guest here."
    assert await mine(server, sam) == "no answer yet"


async def test_no_guests_where_the_host_wants_none(server: SimulatedServer) -> None:
    await schedule(server, guests=0)
    sam = server.members[0]
    form = await sam.click(server.card(), label="Add details")
    assert "guests" not in filled(form)
    refused = await answer(server, sam, "going", guests=1)
    assert "no room for guests" in said(refused)
    await sam.submit_modal(form, filled(form))
    assert await mine(server, sam) == "Going"


async def test_more_guests_than_seats_get_one_sentence_and_nothing_changes(
    server: SimulatedServer,
) -> None:
    await schedule(server, seats=3, guests=3)
    sam, priya, _ = server.members
    await sam.click(server.card(), label="Going")
    await priya.click(server.card(), label="Going")
    refused = await answer(server, sam, "going", guests=2)
    assert refused.ephemeral
    assert "guests stay as they are" in said(refused)
    assert await mine(server, sam) == "Going"
    whole_house = await answer(server, priya, "going", guests=3)
    assert "There are 3 seats in all" in said(whole_house)
    assert "**Seats** 2 of 3 taken, **1 free**" in text_of(server.card())


async def test_a_lower_limit_sends_nobodys_guests_home(server: SimulatedServer) -> None:
    await schedule(server, guests=3)
    sam, priya, _ = server.members
    await add_details(server, sam, guests=["3"])
    open_form = await priya.click(server.card(), label="Add details")
    await edit(server, seats={"guests": "1"})
    crossed = await priya.submit_modal(open_form, {**filled(open_form), "guests": ["3"]})
    assert said(crossed) == "Each member can bring 1 guest here."
    await add_details(server, sam, note="taxes")
    assert await mine(server, sam) == "Going, with 3 guests, taxes"
    form = await sam.click(server.card(), label="Add details")
    await sam.submit_modal(form, {**filled(form), "guests": ["2"]})
    assert await mine(server, sam) == "Going, with 2 guests, taxes"


async def test_fewer_guests_are_welcome_however_few_seats_there_are(
    server: SimulatedServer,
) -> None:
    await schedule(server, guests=3)
    sam = server.members[0]
    await add_details(server, sam, guests=["3"])
    await edit(server, seats={"seats": "2"})
    await answer(server, sam, "going", guests=2)
    assert await mine(server, sam) == "Going, with 2 guests"


async def test_guests_are_asked_for_anew_after_a_no(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    await add_details(server, sam, guests=["1"])
    await sam.click(server.card(), label="Can't make it")
    await sam.click(server.card(), label="Going")
    assert await mine(server, sam) == "Going"


# With a note.


async def test_a_note_shows_as_it_was_typed_and_notifies_nobody(server: SimulatedServer) -> None:
    await schedule(server)
    sam = server.members[0]
    note = "**bold** @everyone <@1> `x` [a](https://evil.example) # big"
    await add_details(server, sam, note=note)
    card = text_of(server.card())
    assert "**Working on**" in card
    for markup in ("**bold**", "@everyone", "<@1>", "`x`", "[a]("):
        assert markup not in card.partition("**Working on**")[2]
    form = await sam.click(server.card(), label="Add details")
    assert filled(form)["note"] == note
    for request in server.environment.http_requests:
        if request.json and request.path.endswith("/messages"):
            assert request.json["allowed_mentions"]["parse"] == []


@pytest.mark.parametrize(
    "note",
    ["🧑‍💻 with 🇬🇧 and é", "עברית ואז English", "مرحبا 123", "x" * 100, "🧵" * 100, "*" * 100],
)
async def test_notes_in_any_script_are_kept_and_can_be_taken_off(
    server: SimulatedServer, note: str
) -> None:
    await schedule(server)
    sam = server.members[0]
    await add_details(server, sam, note=note)
    form = await sam.click(server.card(), label="Add details")
    assert filled(form)["note"] == note
    card = text_of(server.card())
    assert card.count(sam.mention) == 2
    await sam.submit_modal(form, {**filled(form), "note": ""})
    assert "Working on" not in text_of(server.card())


async def test_a_note_cannot_turn_the_rest_of_the_card_around_or_break_its_lines(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    await add_details(server, sam, note="\u202eevil\u2066\u200b")
    assert text_of(server.card()).endswith(f"{sam.mention} evil")


async def test_a_note_of_more_than_a_hundred_characters_is_refused_by_the_command(
    server: SimulatedServer,
) -> None:
    await schedule(server)
    sam = server.members[0]
    with pytest.raises(simcord.OptionError, match="100"):
        await answer(server, sam, "going", note="x" * 101)
    await answer(server, sam, "going", note="taxes")
    await answer(server, sam, "going", note="-")
    assert await mine(server, sam) == "Going"


async def test_titles_in_any_script_do_no_harm(server: SimulatedServer) -> None:
    title = "יום עבודה 🧑‍💻 *מחר*"
    await schedule(server, title=title, seats=1)
    sam, priya, _ = server.members
    card = next(card for card in server.cards() if "יום עבודה" in text_of(card))
    await sam.click(card, label="Going")
    waits = await priya.click(server.cards()[-1], label="Join the waiting list")
    assert "number 1 on the waiting list" in follow_up(waits).content
    form = await sam.click(server.cards()[-1], label="Add details")
    assert form.modal is not None
    assert len(form.modal["title"]) <= 45
    await sam.click(server.cards()[-1], label="Can't make it")
    await server.settle()
    [message] = told(server, "a seat has come free")
    assert "🧑‍💻 \\*מחר\\*" in message.content
