"""Coming along, as members and hosts live it: moods, hours, guests, seats, deadlines, newcomers."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import discord
import pytest
import simcord
from simcord.backend.serializers import message_payload
from simcord.interactions import base_payload
from simcord.results import InteractionResult

from tests.test_reminding import crowd, mentioned_users
from tests.test_scheduling import THURSDAY_10, stamp
from tests.town import MONDAY, Town, buttons_of, said, text_of

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
LAST_HOURS = THURSDAY_10 - 12 * HOUR
"""From when on seats are offered instead of given."""

Shown = discord.Message | simcord.ResponseMessage


async def schedule(
    town: Town,
    *,
    title: str = "Thursday jelly",
    when: str = "thursday 10-16",
    by: simcord.MemberActor | None = None,
    **options: object,
) -> None:
    """Have the organizer, or another host, schedule a jelly through the preview."""
    host = by or town.organizer
    shown = await host.slash(
        town.jellies, "jelly new", what=title, when=when, where="The Alb", **options
    )
    assert shown.response is not None
    await host.click(shown.response, label="Post it")
    await town.settle()


def member(town: Town, name: str) -> simcord.MemberActor:
    """One more member."""
    user = town.environment.create_user(name.lower(), global_name=name)
    return town.guild.add_member(user)


def filled(form: simcord.InteractionResult) -> dict[str, Any]:
    """What a form holds when it opens, as it would be sent if nothing were changed."""
    assert form.modal is not None, said(form)
    values: dict[str, Any] = {}
    for field in form.modal["components"]:
        control = field["component"]
        if control["type"] == 3:
            chosen = [option["value"] for option in control["options"] if option.get("default")]
            values[control["custom_id"]] = chosen
        elif control["type"] == 4:
            values[control["custom_id"]] = control.get("value") or ""
    return values


async def add_details(
    town: Town, who: simcord.MemberActor, on: Shown | None = None, **fields: object
) -> simcord.InteractionResult:
    """Open "Add details" on the card, or on another message, change some of it and send it."""
    form = await who.click(on or town.card(), label="Add details")
    sent = await who.submit_modal(form, {**filled(form), **fields})
    await town.settle()
    return sent


async def edit(
    town: Town,
    *,
    which: str = "Thursday jelly",
    dates: str | None = None,
    seats: dict[str, Any] | None = None,
    **fields: object,
) -> str:
    """Have the organizer edit a jelly; gives the preview that was saved."""
    preview = await previewed(town, which=which, dates=dates, seats=seats, **fields)
    text = said(preview)
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Save it")
    await town.settle()
    return text


async def previewed(
    town: Town,
    *,
    which: str = "Thursday jelly",
    dates: str | None = None,
    seats: dict[str, Any] | None = None,
    **fields: object,
) -> simcord.InteractionResult:
    listed = await town.organizer.autocomplete(town.jellies, "jelly edit", "which", which)
    first = next(one["value"] for one in listed if one["value"].startswith("session:"))
    options = {"which": first, **({"dates": dates} if dates else {})}
    form = await town.organizer.slash(town.jellies, "jelly edit", **options)
    preview = await town.organizer.submit_modal(
        form, {**filled(form), "host": [town.organizer], **fields}
    )
    if seats is not None:
        assert preview.response is not None
        asked = await town.organizer.click(preview.response, label="Seats and tone")
        preview = await town.organizer.submit_modal(asked, {**filled(asked), **seats})
    return preview


async def call_off(town: Town) -> None:
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it off")
    await town.settle()


async def at_once(
    town: Town, *presses: tuple[simcord.MemberActor, Shown, str]
) -> list[simcord.InteractionResult]:
    """Presses that all reach the bot before it has answered any: who, on what, which button."""
    return await sent_together(
        town,
        *(
            (who, shown, {"custom_id": _button_id(town, shown, label), "component_type": 2})
            for who, shown, label in presses
        ),
    )


async def forged(
    town: Town, who: simcord.MemberActor, custom_id: str, on: Shown, **data: object
) -> simcord.InteractionResult:
    """A press on a button that is not there, as only a tampered client sends it."""
    [result] = await sent_together(
        town, (who, on, {"custom_id": custom_id, "component_type": 2, **data})
    )
    return result


async def sent_together(
    town: Town, *presses: tuple[simcord.MemberActor, Shown, dict[str, Any]], kind: int = 3
) -> list[simcord.InteractionResult]:
    """Interactions of one kind, 3 for presses and 5 for forms, all on their way at once."""
    backend = town.environment.backend
    records = []
    for who, shown, data in presses:
        channel_id = (
            shown.channel_id if isinstance(shown, simcord.ResponseMessage) else shown.channel.id
        )
        record, payload = base_payload(
            backend,
            type=kind,
            channel_id=channel_id,
            guild_id=who.guild.id,
            user_id=who.id,
            data=data,
        )
        stored = backend.get_message(channel_id, shown.id)
        payload["message"] = dict(message_payload(backend, stored))
        record.source_message_id = shown.id
        backend.emit("INTERACTION_CREATE", payload)
        records.append(record)
    await town.environment.settle()
    return [InteractionResult(town.environment, record) for record in records]


def _button_id(town: Town, shown: Shown, label: str) -> str:
    if isinstance(shown, simcord.ResponseMessage):
        shown = shown.message
    waiting = list(shown.components)
    while waiting:
        component = waiting.pop()
        waiting.extend(getattr(component, "children", []))
        if isinstance(component, discord.Button) and component.label == label:
            assert component.custom_id is not None
            return component.custom_id
    raise AssertionError(f"no button {label!r} in {buttons_of(shown)}")


def told(town: Town, words: str) -> list[discord.Message]:
    """The public messages in the channel with these words in them."""
    return [
        message
        for message in town.jellies.history()
        if words in message.content and not message.flags.ephemeral
    ]


def letters(who: simcord.MemberActor) -> list[str]:
    """The private messages that somebody got from the bot."""
    return [text_of(message) for message in who.user.dm_channel.history()]


def follow_up(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The one private message that came after the card had answered a press."""
    [message] = result.followups
    assert message.ephemeral
    return message


async def mine(town: Town, who: simcord.MemberActor) -> str:
    """What /jellies says about one's own answer."""
    text = said(await who.slash(town.chat, "jellies"))
    [line] = [line for line in text.splitlines() if line.startswith("-# You: ")]
    return line.removeprefix("-# You: ")


async def mine_of(town: Town, who: simcord.MemberActor, title: str) -> str:
    """The same where several are on."""
    lines = said(await who.slash(town.chat, "jellies")).splitlines()
    [at] = [n for n, line in enumerate(lines) if title in line]
    return lines[at + 1].removeprefix("-# You: ")


async def headcount(town: Town, who: simcord.MemberActor) -> str:
    return said(await who.slash(town.chat, "headcount session", which="Thursday jelly"))


# Going, in a mood.


async def test_whoever_presses_going_first_says_the_mood_with_one_more_press(town: Town) -> None:
    await schedule(town)
    sam, priya, jordan = town.members
    pressed = await sam.click(town.card(), label="Going")
    asked = follow_up(pressed)
    assert "You are going. How do you like to work this time?" in asked.content
    assert buttons_of(asked) == ["Heads-down", "Either", "Up for a chat", "Add details"]
    noted = await sam.click(asked, label="Heads-down")
    assert "Noted: **Heads-down**" in said(noted)
    others = [jordan, *(member(town, name) for name in ("Kim", "Lou", "Max", "Nia"))]
    for who, mood in zip(
        (priya, *others),
        ("Heads-down", "Heads-down", "Either", "Either", "Up for a chat", "Up for a chat"),
        strict=True,
    ):
        pressed = await who.click(town.card(), label="Going")
        await who.click(follow_up(pressed), label=mood)
    await town.settle()
    assert "**7 going: 3 heads-down, 2 up for a chat**" in text_of(town.card())


async def test_only_whoever_is_asked_sees_the_question_and_no_card_says_who_is_how(
    town: Town,
) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    asked = follow_up(await sam.click(town.card(), label="Going"))
    await sam.click(asked, label="Up for a chat")
    await town.settle()
    seen_by_priya = [message.id for message in town.jellies.history(viewer=priya)]
    assert asked.id not in seen_by_priya
    assert "**1 going: 1 up for a chat**" in text_of(town.card())
    assert "chat" not in text_of(town.card()).partition("1 up for a chat")[2]


async def test_the_mood_is_remembered_and_not_asked_for_again(town: Town) -> None:
    await schedule(town)
    await schedule(town, title="Friday jelly", when="friday 10-16")
    sam = town.members[0]
    pressed = await sam.click(town.card(), label="Going")
    await sam.click(follow_up(pressed), label="Up for a chat")
    again = await sam.click(town.card("Friday jelly"), label="Going")
    assert again.followups == []
    assert "**1 going: 1 up for a chat**" in text_of(town.card("Friday jelly"))


async def test_a_question_left_unanswered_is_asked_with_the_next_going(town: Town) -> None:
    await schedule(town)
    await schedule(town, title="Friday jelly", when="friday 10-16")
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    again = await sam.click(town.card("Friday jelly"), label="Going")
    assert follow_up(again).content == "You are going. How do you like to work this time?"
    assert "**1 going**" in text_of(town.card())


async def test_a_changed_mood_is_the_one_remembered_and_old_answers_keep_theirs(
    town: Town,
) -> None:
    await schedule(town)
    await schedule(town, title="Friday jelly", when="friday 10-16")
    sam = town.members[0]
    await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", mood="heads-down")
    await sam.slash(town.chat, "rsvp", session="Friday jelly", answer="going", mood="chatty")
    await town.settle()
    assert "1 heads-down" in text_of(town.card())
    assert "1 up for a chat" in text_of(town.card("Friday jelly"))
    await schedule(town, title="Saturday jelly", when="saturday 10-16")
    await sam.click(town.card("Saturday jelly"), label="Going")
    assert "1 up for a chat" in text_of(town.card("Saturday jelly"))


async def test_a_mood_said_for_somebody_by_the_host_is_not_remembered_as_theirs(
    town: Town,
) -> None:
    await schedule(town)
    await schedule(town, title="Friday jelly", when="friday 10-16")
    sam = town.members[0]
    await town.organizer.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=sam, mood="chatty"
    )
    pressed = await sam.click(town.card("Friday jelly"), label="Going")
    assert "You are going. How do you like to work this time?" in follow_up(pressed).content


@pytest.mark.parametrize(
    ("tone", "on_card", "expect"),
    [
        ("quiet", "quiet, for work heads-down", "Most work in silence"),
        ("mixed", "", "Some work heads-down, some are up for a chat"),
        ("social", "social, for company", "People work and talk"),
    ],
)
async def test_the_tone_stands_on_the_card_and_tells_newcomers_what_to_expect(
    town: Town, tone: str, on_card: str, expect: str
) -> None:
    await schedule(town, tone=tone)
    line = next(line for line in text_of(town.card()).splitlines() if "lasts 6 hours" in line)
    assert line.endswith(f"lasts 6 hours{' · ' if on_card else ''}{on_card}")
    pressed = await town.members[0].click(town.card(), label="Going")
    assert expect in follow_up(pressed).content


async def test_the_host_sets_the_tone_in_the_preview_before_anybody_sees_it(town: Town) -> None:
    shown = await town.organizer.slash(
        town.jellies, "jelly new", what="Thursday jelly", when="thursday 10-16", where="The Alb"
    )
    assert "Room for everybody; each member may bring 1 guest." in said(shown)
    assert shown.response is not None
    form = await town.organizer.click(shown.response, label="Seats and tone")
    assert filled(form) == {"tone": ["mixed"], "seats": "", "guests": "1", "close": ""}
    preview = await town.organizer.submit_modal(
        form, {"tone": ["social"], "seats": "8", "guests": "3", "close": "1 day"}
    )
    text = said(preview)
    assert "social, for company" in text
    assert "**Seats** 0 of 8 taken, **8 free**" in text
    assert "8 seats; each member may bring 3 guests." in text
    assert f"Answer until {stamp(THURSDAY_10 - DAY, 'F')}. After that, you ask the host." in text
    assert town.cards() == []
    assert preview.response is not None
    await town.organizer.click(preview.response, label="Post it")
    await town.settle()
    assert "social, for company" in text_of(town.card())


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"seats": "many"}, "“seats” has to be a number"),
        ({"seats": "0"}, "1 to 1000 seats"),
        ({"seats": "-3"}, "“seats” has to be a number"),
        ({"seats": "1001"}, "1 to 1000 seats"),
        ({"seats": "٣"}, "“seats” has to be a number"),
        ({"guests": "x"}, "“guests” has to be a number"),
        ({"close": "soon"}, "soon"),
        ({"close": "5 weeks"}, "up to 4 weeks before the start"),
        ({"close": "30 seconds"}, "30 seconds"),
    ],
)
async def test_what_does_not_fit_the_seats_form_gets_one_sentence_and_changes_nothing(
    town: Town, fields: dict[str, str], sentence: str
) -> None:
    shown = await town.organizer.slash(
        town.jellies, "jelly new", what="Thursday jelly", when="thursday 10-16", where="The Alb"
    )
    assert shown.response is not None
    form = await town.organizer.click(shown.response, label="Seats and tone")
    refused = await town.organizer.submit_modal(form, {**filled(form), **fields})
    assert refused.ephemeral
    assert sentence in said(refused)
    assert "error" not in said(refused)
    again = await town.organizer.click(shown.response, label="Seats and tone")
    assert filled(again) == {"tone": ["mixed"], "seats": "", "guests": "1", "close": ""}


async def test_nobody_else_may_open_or_send_the_seats_form_of_a_preview(town: Town) -> None:
    shown = await town.organizer.slash(
        town.jellies, "jelly new", what="Thursday jelly", when="thursday 10-16", where="The Alb"
    )
    assert shown.response is not None
    sam = town.members[0]
    for custom_id in ("jelly:draft-seats:1", "jelly:draft-save:1:1795687200"):
        pressed = await forged(town, sam, custom_id, shown.response)
        assert "That preview has been used or is more than a day old." in said(pressed)
    assert await town.read("SELECT * FROM session") == []


async def test_a_mood_pressed_after_declining_leaves_the_answer_at_no(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    asked = follow_up(await sam.click(town.card(), label="Going"))
    await sam.click(town.card(), label="Can't make it")
    await sam.click(asked, label="Heads-down")
    await town.settle()
    assert "**0 going** · 1 can't make it" in text_of(town.card())


async def test_a_mood_pressed_after_being_taken_off_does_not_bring_one_back(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    asked = follow_up(await sam.click(town.card(), label="Going"))
    await town.organizer.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="declined", member=sam
    )
    await sam.click(asked, label="Either")
    assert (await mine(town, sam)).startswith("Can't make it")


# When one is there.


async def test_hours_show_on_the_card_in_numbers_and_to_those_going_by_name(town: Town) -> None:
    await schedule(town)
    sam, priya, jordan = town.members
    await add_details(town, sam, mood=["either"], hours="10 to 13", guests=["1"])
    await priya.click(town.card(), label="Going")
    await town.settle()
    card = text_of(town.card())
    bars = [(THURSDAY_10 + n * HOUR, "█", 3) for n in range(3)]
    bars += [(THURSDAY_10 + n * HOUR, "▄", 1) for n in range(3, 6)]
    shown = " · ".join(f"{stamp(at, 't')} {block} {n}" for at, block, n in bars)
    assert f"**By the hour** {shown}" in card.replace("\u00a0", " ")
    assert "10:00" not in card
    assert f"{sam.mention} +1 · either · 10:00 to 13:00" in await headcount(town, priya)
    assert "10:00 to 13:00" in await headcount(town, town.organizer)
    for outsider in (jordan, member(town, "Kim")):
        seen = await headcount(town, outsider)
        assert "10:00" not in seen
        assert "Those going see who comes when." in seen
    await jordan.click(town.card(), label="Maybe")
    assert "10:00" not in await headcount(town, jordan)


async def test_those_who_wait_do_not_see_who_comes_when(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await add_details(town, sam, hours="10 to 13")
    await priya.click(town.card(), label="Join the waiting list")
    assert "10:00" not in await headcount(town, priya)


@pytest.mark.parametrize(
    ("typed", "understood"),
    [
        ("from 11", "11:00 to 16:00"),
        ("until 2pm", "10:00 to 14:00"),
        ("12-13:30", "12:00 to 13:30"),
    ],
)
async def test_hours_can_be_said_by_command_in_everyday_words(
    town: Town, typed: str, understood: str
) -> None:
    await schedule(town)
    sam = town.members[0]
    answered = await sam.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", hours=typed
    )
    assert understood in said(answered)
    assert understood in await mine(town, sam)


@pytest.mark.parametrize("typed", ["all day", "", "10 to 16"])
async def test_hours_are_taken_back_with_words_for_the_whole_time(town: Town, typed: str) -> None:
    await schedule(town)
    sam = town.members[0]
    for hours in ("10 to 13", typed):
        await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", hours=hours)
    await town.settle()
    assert "By the hour" not in text_of(town.card())
    assert await mine(town, sam) == "Going"


@pytest.mark.parametrize("typed", ["8 to 12", "12 to 18", "13 to 10", "sometime", "25 to 26"])
async def test_hours_that_do_not_fit_get_one_private_sentence(town: Town, typed: str) -> None:
    await schedule(town)
    sam = town.members[0]
    refused = await sam.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", hours=typed
    )
    assert refused.ephemeral
    assert "error" not in said(refused)
    assert await mine(town, sam) == "no answer yet"
    form = await sam.click(town.card(), label="Add details")
    kept = await sam.submit_modal(form, {**filled(form), "hours": typed, "note": "lost?"})
    assert "Everything else is saved." in kept.followups[-1].content
    assert buttons_of(kept.followups[-1]) == ["Add details"]
    assert await mine(town, sam) == "Going, lost?"


async def test_a_form_opens_with_everything_one_said_before(town: Town) -> None:
    await schedule(town, guests=2)
    sam = town.members[0]
    await add_details(town, sam, mood=["chatty"], hours="11 to 14", guests=["2"], note="taxes")
    form = await sam.click(town.card(), label="Add details")
    assert filled(form) == {
        "mood": ["chatty"],
        "hours": "11:00 to 14:00",
        "guests": ["2"],
        "note": "taxes",
    }
    await sam.submit_modal(form, filled(form))
    assert await mine(town, sam) == "Going, with 2 guests, up for a chat, 11:00 to 14:00, taxes"


async def test_the_private_message_leads_to_the_same_form_and_shows_what_one_said(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    asked = follow_up(await sam.click(town.card(), label="Going"))
    sent = await add_details(town, sam, asked, mood=["either"], hours="until 13", note="taxes")
    assert sent.response is not None
    assert sent.response.id == asked.id
    assert "you are down as **Going**, either, 10:00 to 13:00, taxes" in said(sent)
    assert f"{sam.mention} taxes" in text_of(town.card())
    waits = follow_up(await priya.click(town.card(), label="Join the waiting list"))
    assert buttons_of(waits) == ["Heads-down", "Either", "Up for a chat", "Add details"]
    sent = await add_details(town, priya, waits, note="tea")
    assert "number 1 on the waiting list" in said(sent)
    assert "tea" not in text_of(town.card())


async def test_of_two_forms_sent_from_two_devices_the_last_one_holds(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    forms = [await sam.click(town.card(), label="Add details") for _ in range(2)]
    await sam.submit_modal(forms[1], {**filled(forms[1]), "note": "laptop", "hours": "10 to 12"})
    await sam.submit_modal(forms[0], {**filled(forms[0]), "note": "phone"})
    assert await mine(town, sam) == "Going, phone"


async def test_a_form_sent_by_somebody_who_said_maybe_keeps_the_maybe(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await sam.click(town.card(), label="Maybe")
    await add_details(town, sam, note="taxes", hours="10 to 13")
    assert await mine(town, sam) == "Maybe, 10:00 to 13:00, taxes"
    assert "By the hour" not in text_of(town.card())


async def test_numbers_by_the_hour_follow_every_change_of_mind(town: Town) -> None:
    await schedule(town, when="thursday 10-13", guests=2)
    sam, priya, _ = town.members

    def numbers() -> list[int]:
        """What the card counts by the hour; nothing where it does not."""
        for line in text_of(town.card()).splitlines():
            if line.startswith("**By the hour**"):
                return [int(bar.split()[-1]) for bar in line.split(" · ")]
        return []

    await add_details(town, sam, hours="10 to 12", guests=["2"])
    assert numbers() == [3, 3, 0]
    await add_details(town, priya, hours="11 to 13")
    assert numbers() == [3, 4, 1]
    await add_details(town, sam, guests=["1"])
    assert numbers() == [2, 3, 1]
    await sam.click(town.card(), label="Maybe")
    assert numbers() == [0, 1, 1]
    await sam.click(town.card(), label="Going")
    assert numbers() == [1, 2, 1]
    await sam.click(town.card(), label="Can't make it")
    await add_details(town, priya, hours="")
    assert numbers() == []


async def test_a_whole_day_is_counted_in_steps_that_fit_on_the_card(town: Town) -> None:
    await schedule(town, when="thursday 10am for 24 hours")
    await add_details(town, town.members[0], hours="22:00 to 2:00")
    [line] = [x for x in text_of(town.card()).splitlines() if x.startswith("**By the hour**")]
    bars = line.removeprefix("**By the hour** ").split(" · ")
    assert [int(bar.split()[-1]) for bar in bars] == [0] * 6 + [1, 1] + [0] * 4


async def test_hours_stay_through_a_move_where_they_still_fit(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    for who, hours in ((sam, "13 to 15"), (priya, "10 to 12")):
        await who.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", hours=hours)
    await edit(town, when="thursday 12-18")
    seen = await headcount(town, sam)
    assert f"{sam.mention} · 13:00 to 15:00" in seen
    assert f"{priya.mention}\n" in f"{seen}\n"
    card = text_of(town.card()).replace("\u00a0", " ")
    for hour, number in ((2, 1), (3, 2), (4, 2), (5, 1)):
        block = "█" if number == 2 else "▅"
        assert f"{stamp(THURSDAY_10 + hour * HOUR, 't')} {block} {number}" in card
    assert "2 yet to confirm the new time" in card


async def test_hours_mean_nothing_any_more_on_another_day(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", hours="10 to 13")
    await edit(town, when="friday 10-16")
    assert "By the hour" not in text_of(town.card())
    assert await mine(town, sam) == "Going"


async def test_hours_after_the_new_end_mean_nothing_any_more(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", hours="13 to 15")
    await edit(town, when="thursday 7-11")
    assert "By the hour" not in text_of(town.card())
    assert await mine(town, sam) == "Going"


async def test_hours_end_with_a_session_that_ends_earlier(town: Town) -> None:
    """They come from noon on, however long it lasts: nobody counts on them at ten."""
    await schedule(town)
    sam = town.members[0]
    await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", hours="12 to 16")
    await edit(town, when="thursday 10-15")
    card = text_of(town.card()).replace("\u00a0", " ")
    assert f"{stamp(THURSDAY_10, 't')} ▁ 0" in card
    assert await mine(town, sam) == "Going, 12:00 to 15:00"


# With guests.


async def test_guests_stand_beside_their_host_and_take_seats(town: Town) -> None:
    await schedule(town, seats=4, guests=2)
    sam, priya, jordan = town.members
    await add_details(town, sam, guests=["2"])
    card = text_of(town.card())
    assert f"{sam.mention} +2" in card
    assert "**Seats** 3 of 4 taken, **1 free** · 2 guests among them" in card
    await priya.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", guests=1)
    await town.settle()
    assert await mine(town, priya) == "On the waiting list, number 1, with 1 guest"
    await jordan.click(town.card(), label="Going")
    assert "**Seats** 4 of 4 taken" in text_of(town.card())


async def test_where_there_is_room_for_everybody_the_card_counts_guests(town: Town) -> None:
    await schedule(town, guests=9)
    await add_details(town, town.members[0], guests=["9"])
    assert "**1 going** · with 9 guests" in text_of(town.card())


async def test_one_guest_each_unless_the_host_says_otherwise(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    form = await sam.click(town.card(), label="Add details")
    assert form.modal is not None
    choices = next(
        field["component"]["options"]
        for field in form.modal["components"]
        if field["component"]["custom_id"] == "guests"
    )
    assert [choice["label"] for choice in choices] == ["nobody", "1 guest"]
    refused = await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", guests=2)
    assert said(refused) == "Each member can bring 1 guest here."
    assert await mine(town, sam) == "no answer yet"


async def test_no_guests_where_the_host_wants_none(town: Town) -> None:
    await schedule(town, guests=0)
    sam = town.members[0]
    form = await sam.click(town.card(), label="Add details")
    assert "guests" not in filled(form)
    refused = await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", guests=1)
    assert "no room for guests" in said(refused)
    await sam.submit_modal(form, filled(form))
    assert await mine(town, sam) == "Going"


async def test_more_guests_than_seats_get_one_sentence_and_nothing_changes(town: Town) -> None:
    await schedule(town, seats=3, guests=3)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Going")
    refused = await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", guests=2)
    assert refused.ephemeral
    assert "guests stay as they are" in said(refused)
    assert await mine(town, sam) == "Going"
    whole_house = await priya.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", guests=3
    )
    assert "There are 3 seats in all" in said(whole_house)
    assert "**Seats** 2 of 3 taken, **1 free**" in text_of(town.card())


async def test_a_lower_limit_sends_nobodys_guests_home(town: Town) -> None:
    await schedule(town, guests=3)
    sam, priya, _ = town.members
    await add_details(town, sam, guests=["3"])
    open_form = await priya.click(town.card(), label="Add details")
    await edit(town, seats={"guests": "1"})
    crossed = await priya.submit_modal(open_form, {**filled(open_form), "guests": ["3"]})
    assert said(crossed) == "Each member can bring 1 guest here."
    await add_details(town, sam, note="taxes")
    assert await mine(town, sam) == "Going, with 3 guests, taxes"
    form = await sam.click(town.card(), label="Add details")
    await sam.submit_modal(form, {**filled(form), "guests": ["2"]})
    assert await mine(town, sam) == "Going, with 2 guests, taxes"


async def test_fewer_guests_are_welcome_however_few_seats_there_are(town: Town) -> None:
    await schedule(town, guests=3)
    sam = town.members[0]
    await add_details(town, sam, guests=["3"])
    await edit(town, seats={"seats": "2"})
    await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", guests=2)
    assert await mine(town, sam) == "Going, with 2 guests"


async def test_guests_are_asked_for_anew_after_a_no(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await add_details(town, sam, guests=["1"])
    await sam.click(town.card(), label="Can't make it")
    await sam.click(town.card(), label="Going")
    assert await mine(town, sam) == "Going"


# With a note.


async def test_a_note_shows_as_it_was_typed_and_notifies_nobody(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    note = "**bold** @everyone <@1> `x` [a](https://evil.example) # big"
    await add_details(town, sam, note=note)
    card = text_of(town.card())
    assert "**Working on**" in card
    for markup in ("**bold**", "@everyone", "<@1>", "`x`", "[a]("):
        assert markup not in card.partition("**Working on**")[2]
    form = await sam.click(town.card(), label="Add details")
    assert filled(form)["note"] == note
    for request in town.environment.http_requests:
        if request.json and request.path.endswith("/messages"):
            assert request.json["allowed_mentions"]["parse"] == []


@pytest.mark.parametrize(
    "note",
    ["🧑‍💻 with 🇬🇧 and é", "עברית ואז English", "مرحبا 123", "x" * 100, "🧵" * 100, "*" * 100],
)
async def test_notes_in_any_script_are_kept_and_can_be_taken_off(town: Town, note: str) -> None:
    await schedule(town)
    sam = town.members[0]
    await add_details(town, sam, note=note)
    form = await sam.click(town.card(), label="Add details")
    assert filled(form)["note"] == note
    card = text_of(town.card())
    assert card.count(sam.mention) == 2
    await sam.submit_modal(form, {**filled(form), "note": ""})
    assert "Working on" not in text_of(town.card())


async def test_a_note_cannot_turn_the_rest_of_the_card_around_or_break_its_lines(
    town: Town,
) -> None:
    await schedule(town)
    sam = town.members[0]
    await add_details(town, sam, note="\u202eevil\u2066\u200b")
    assert text_of(town.card()).endswith(f"{sam.mention} evil")


async def test_a_note_of_more_than_a_hundred_characters_is_refused_by_the_command(
    town: Town,
) -> None:
    await schedule(town)
    sam = town.members[0]
    with pytest.raises(simcord.OptionError, match="100"):
        await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", note="x" * 101)
    await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", note="taxes")
    await sam.slash(town.chat, "rsvp", session="Thursday jelly", answer="going", note="-")
    assert await mine(town, sam) == "Going"


async def test_titles_in_any_script_do_no_harm(town: Town) -> None:
    title = "יום עבודה 🧑‍💻 *מחר*"
    await schedule(town, title=title, seats=1)
    sam, priya, _ = town.members
    card = next(card for card in town.cards() if "יום עבודה" in text_of(card))
    await sam.click(card, label="Going")
    waits = await priya.click(town.cards()[-1], label="Join the waiting list")
    assert "number 1 on the waiting list" in follow_up(waits).content
    form = await sam.click(town.cards()[-1], label="Add details")
    assert form.modal is not None
    assert len(form.modal["title"]) <= 45
    await sam.click(town.cards()[-1], label="Can't make it")
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert "🧑‍💻 \\*מחר\\*" in message.content


# For the first time.


async def test_a_newcomer_is_told_what_to_expect_and_the_host_that_they_are_new(
    town: Town,
) -> None:
    await schedule(town)
    sam, priya, jordan = town.members
    welcome = follow_up(await sam.click(town.card(), label="Going")).content
    assert "This is your first jelly here" in welcome
    assert f"between {stamp(THURSDAY_10, 't')} and {stamp(THURSDAY_10 + 6 * HOUR, 't')}" in welcome
    assert f"look for {town.organizer.mention}, the host" in welcome
    await town.after(5 * MINUTE)
    await priya.click(town.card(), label="Going")
    await town.after(4 * MINUTE)
    assert letters(town.organizer) == []
    await town.after(1 * MINUTE)
    [letter] = letters(town.organizer)
    assert f"First time: {sam.mention}, {priya.mention} will be at **Thursday jelly**" in letter
    await jordan.click(town.card(), label="Going")
    await town.after(10 * MINUTE)
    assert f"First time: {jordan.mention} will be" in letters(town.organizer)[1]
    await town.after(HOUR)
    assert len(letters(town.organizer)) == 2
    assert letters(sam) == []


async def test_the_welcome_is_still_there_after_saying_the_mood(town: Town) -> None:
    """The mood is asked for right under it, and most people press before they read."""
    await schedule(town)
    sam = town.members[0]
    asked = follow_up(await sam.click(town.card(), label="Going"))
    await sam.click(asked, label="Either")
    private = [text_of(m) for m in town.jellies.history(viewer=sam) if m.flags.ephemeral]
    assert any(f"look for {town.organizer.mention}, the host" in text for text in private)


async def test_nothing_public_marks_a_newcomer(town: Town) -> None:
    await schedule(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    await town.after(HOUR)
    public = [text_of(m) for m in town.jellies.history() if not m.flags.ephemeral]
    assert not any("first" in text.casefold() for text in public)
    assert "first time here" not in await headcount(town, priya)
    assert "first time here" not in await headcount(town, sam)
    assert f"{sam.mention} · first time here" in await headcount(town, town.organizer)
    seen_by_jordan = [text_of(m) for m in town.jellies.history(viewer=jordan)]
    assert not any("first jelly" in text for text in seen_by_jordan)


async def test_whoever_has_been_before_is_not_told_of(town: Town) -> None:
    await schedule(town)
    await town.members[0].click(town.card(), label="Going")
    await town.at(THURSDAY_10 + 7 * HOUR)
    await schedule(town, title="Next jelly", when="friday 10-16")
    pressed = await town.members[0].click(town.card("Next jelly"), label="Going")
    await town.after(HOUR)
    assert "first" not in follow_up(pressed).content
    assert not any("Next jelly" in letter for letter in letters(town.organizer))


async def test_hosting_ones_own_first_jelly_is_told_to_nobody(town: Town) -> None:
    await schedule(town)
    pressed = await town.organizer.click(town.card(), label="Going")
    assert follow_up(pressed).content == "You are going. How do you like to work this time?"
    await town.after(HOUR)
    assert letters(town.organizer) == []


async def test_taking_it_back_before_the_host_is_told_tells_nobody(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Going")
    await sam.click(town.card(), label="Can't make it")
    await town.after(10 * MINUTE)
    [letter] = letters(town.organizer)
    assert f"First time: {priya.mention} will be" in letter
    assert sam.mention not in letter
    await priya.click(town.card(), label="Maybe")
    await town.after(HOUR)
    assert len(letters(town.organizer)) == 1


async def test_a_newcomer_who_takes_it_back_is_new_again_the_next_time(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    for label in ("Going", "Can't make it"):
        await sam.click(town.card(), label=label)
    await town.after(HOUR)
    assert letters(town.organizer) == []
    again = await sam.click(town.card(), label="Going")
    assert "This is your first jelly here" in follow_up(again).content
    await town.after(HOUR)
    assert len(letters(town.organizer)) == 1


async def test_a_newcomer_left_out_of_the_message_is_told_of_when_they_come_back(
    town: Town,
) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Going")
    await sam.click(town.card(), label="Can't make it")
    await town.after(10 * MINUTE)
    await sam.click(town.card(), label="Going")
    await town.after(10 * MINUTE)
    assert any(sam.mention in letter for letter in letters(town.organizer))


async def test_a_newcomer_who_drops_the_first_date_is_new_to_the_host_of_the_second(
    town: Town,
) -> None:
    sam, priya, _ = town.members
    await schedule(town)
    await schedule(town, title="Friday jelly", when="friday 10-16", by=priya)
    await sam.click(town.card(), label="Going")
    await sam.click(town.card("Friday jelly"), label="Going")
    await sam.click(town.card(), label="Can't make it")
    await town.after(HOUR)
    assert [sam.mention in letter for letter in letters(priya)] == [True]


async def test_a_newcomer_is_new_where_they_come_first_whatever_they_pressed_first(
    town: Town,
) -> None:
    sam, priya, _ = town.members
    await schedule(town, by=priya)
    await schedule(town, title="Friday jelly", when="friday 10-16")
    await sam.click(town.card("Friday jelly"), label="Going")
    await sam.click(town.card(), label="Going")
    await town.after(HOUR)
    assert [sam.mention in letter for letter in letters(priya)] == [True]


async def test_a_first_jelly_that_was_called_off_was_none(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    await call_off(town)
    await schedule(town, title="Friday jelly", when="friday 10-16")
    pressed = await sam.click(town.card("Friday jelly"), label="Going")
    assert "This is your first jelly here" in follow_up(pressed).content
    await town.after(HOUR)
    assert [sam.mention in letter for letter in letters(town.organizer)] == [True]


async def test_a_host_who_takes_over_is_the_one_who_is_told(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await edit(town, host=[priya])
    await town.after(HOUR)
    assert letters(town.organizer) == []
    assert [sam.mention in letter for letter in letters(priya)] == [True]


async def test_a_host_whose_private_messages_are_closed_finds_it_in_the_headcount(
    town: Town,
) -> None:
    sam, priya, jordan = town.members
    await schedule(town, by=priya)
    path = f"/channels/{priya.user.dm_channel.id}/messages"
    town.environment.inject_error("POST", path, status=403, code=50007, times=None)
    await sam.click(town.card(), label="Going")
    await town.after(HOUR)
    assert letters(priya) == []
    assert f"{sam.mention} · first time here" in await headcount(town, priya)
    assert "first time here" not in await headcount(town, jordan)
    assert "What did not arrive" not in said(await priya.slash(town.jellies, "jelly list"))
    await town.at(THURSDAY_10 - HOUR)
    assert told(town, f"Going: {sam.mention}") != []


async def test_private_messages_that_only_fail_for_a_while_arrive_later(town: Town) -> None:
    await schedule(town)
    path = f"/channels/{town.organizer.user.dm_channel.id}/messages"
    town.environment.inject_error("POST", path, status=503, times=2)
    await town.members[0].click(town.card(), label="Going")
    await town.after(10 * MINUTE)
    assert letters(town.organizer) == []
    for _ in range(3):
        await town.after(MINUTE)
    assert len(letters(town.organizer)) == 1


async def test_a_newcomer_who_begins_with_the_form_is_welcomed_too(town: Town) -> None:
    await schedule(town)
    sent = await add_details(town, town.members[0], note="taxes")
    assert "This is your first jelly here" in follow_up(sent).content


async def test_a_newcomer_who_joins_the_line_with_the_form_is_welcomed_too(town: Town) -> None:
    await schedule(town, seats=1)
    await town.organizer.click(town.card(), label="Going")
    sent = await add_details(town, town.members[0], note="taxes")
    assert "number 1 on the waiting list" in follow_up(sent).content
    assert "This is your first jelly here" in follow_up(sent).content


async def test_a_newcomer_who_begins_with_the_command_is_welcomed_too(town: Town) -> None:
    await schedule(town)
    answered = await town.members[0].slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going"
    )
    assert "This is your first jelly here" in said(answered)


async def test_a_newcomer_on_the_waiting_list_is_new_once_they_get_a_seat(town: Town) -> None:
    await schedule(town, seats=1)
    sam = town.members[0]
    await town.organizer.click(town.card(), label="Going")
    waits = await sam.click(town.card(), label="Join the waiting list")
    assert "This is your first jelly here" in follow_up(waits).content
    await town.after(HOUR)
    assert letters(town.organizer) == []
    await town.organizer.click(town.card(), label="Can't make it")
    await town.after(10 * MINUTE)
    assert [sam.mention in letter for letter in letters(town.organizer)] == [True]


async def test_a_jelly_called_off_tells_its_host_of_nobody(town: Town) -> None:
    await schedule(town)
    await town.members[0].click(town.card(), label="Going")
    await call_off(town)
    await town.after(HOUR)
    assert letters(town.organizer) == []


# Maybe.


async def test_maybe_takes_no_seat_and_is_asked_once_a_day_before(town: Town) -> None:
    await schedule(town, seats=2)
    sam, priya, jordan = town.members
    for who in (sam, priya, jordan):
        await who.click(town.card(), label="Maybe")
    assert "**Seats** 0 of 2 taken, **2 free**" in text_of(town.card())
    await town.at(THURSDAY_10 - DAY - timedelta(seconds=1))
    assert told(town, "Have you decided?") == []
    await town.at(THURSDAY_10 - DAY)
    [question] = told(town, "Have you decided?")
    assert question.content.startswith(
        f"{sam.mention} {priya.mention} {jordan.mention}, you said maybe to **Thursday jelly**"
    )
    assert buttons_of(question) == ["Yes, going", "Can't make it", "Open the card"]
    yes = await sam.click(question, label="Yes, going")
    assert yes.ephemeral
    assert "you are down as **Going**" in said(yes)
    no = await priya.click(question, label="Can't make it")
    assert "you are down as **Can't make it**" in said(no)
    await town.settle()
    assert "**1 going** · 1 maybe · 1 can't make it" in text_of(town.card())
    for moment in (THURSDAY_10 - HOUR, THURSDAY_10):
        await town.at(moment)
    assert len(told(town, "Have you decided?")) == 1


async def test_a_yes_to_a_full_jelly_is_told_its_place_in_line(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Maybe")
    await town.at(THURSDAY_10 - DAY)
    [question] = told(town, "Have you decided?")
    yes = await priya.click(question, label="Yes, going")
    assert "number 1 on the waiting list" in said(yes)


async def test_a_maybe_is_asked_while_a_yes_still_counts(town: Town) -> None:
    await schedule(town, answers_close="1 day")
    sam = town.members[0]
    await sam.click(town.card(), label="Maybe")
    for days in (2, 1):
        await town.at(THURSDAY_10 - days * DAY)
        for question in told(town, "Have you decided?")[:1]:
            await sam.click(question, label="Yes, going")
    assert await mine(town, sam) == "Going"


async def test_a_maybe_is_asked_once_however_early_answers_close(town: Town) -> None:
    await schedule(town, answers_close="3 days")
    await town.members[0].click(town.card(), label="Maybe")
    for days in (3, 2, 1, 0):
        await town.at(THURSDAY_10 - days * DAY)
    assert len(told(town, "Have you decided?")) == 1


async def test_nobody_is_asked_who_has_decided_or_where_it_is_off(town: Town) -> None:
    await schedule(town)
    await schedule(town, title="Other jelly", when="thursday 10-16")
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Maybe")
    await sam.click(town.card(), label="Going")
    await priya.click(town.card("Other jelly"), label="Maybe")
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Other jelly")
    assert asked.response is not None
    await town.organizer.click(asked.response, label="Call it off")
    await town.at(THURSDAY_10 - DAY)
    assert told(town, "Have you decided?") == []


async def test_a_button_under_the_question_pressed_by_somebody_else_is_their_own_answer(
    town: Town,
) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Maybe")
    await town.at(THURSDAY_10 - DAY)
    [question] = told(town, "Have you decided?")
    await priya.click(question, label="Yes, going")
    assert await mine(town, priya) == "Going"
    assert await mine(town, sam) == "Maybe"


# On behalf of somebody.


async def test_the_host_adds_somebody_visibly_and_they_are_told(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule(town, by=priya)
    answered = await priya.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=sam, guests=1
    )
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
    await town.organizer.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="declined", member=sam
    )
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
    refused = await sam.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=priya
    )
    assert refused.ephemeral
    assert f"Only its host {town.organizer.mention} and organizers" in said(refused)
    await town.settle()
    assert town.messages() == []
    assert await mine(town, priya) == "no answer yet"


async def test_choosing_oneself_as_member_is_just_an_answer(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    answered = await sam.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=sam
    )
    assert "you are down as **Going**" in said(answered)
    await town.settle()
    assert "added by" not in text_of(town.card())
    assert town.messages() == []


async def test_a_bot_is_not_put_on_the_list(town: Town) -> None:
    await schedule(town)
    robot = town.guild.add_member(town.environment.create_user("robot", bot=True))
    refused = await town.organizer.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=robot
    )
    assert "choose a person" in said(refused)
    assert "**0 going**" in text_of(town.card())


async def test_ones_own_later_word_wins(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    for who in (sam, priya):
        await town.organizer.slash(
            town.chat, "rsvp", session="Thursday jelly", answer="going", member=who
        )
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
    await town.organizer.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=sam
    )
    await sam.click(town.card(), label="Going")
    await town.settle()
    assert town.messages() == []


async def test_nothing_is_said_in_somebodys_name_without_telling_them(town: Town) -> None:
    await schedule(town, guests=3)
    sam = town.members[0]
    await sam.click(town.card(), label="Going")
    await town.organizer.slash(
        town.chat,
        "rsvp",
        session="Thursday jelly",
        answer="going",
        member=sam,
        guests=3,
        note="I bring cake for everybody",
    )
    await town.settle()
    assert f"{sam.mention} +3" in text_of(town.card())
    assert any(sam.id in users for users in mentioned_users(town))


async def test_several_added_at_once_are_told_in_one_message(town: Town) -> None:
    await schedule(town)
    sam, priya, jordan = town.members
    for who, what in ((sam, "going"), (priya, "going"), (jordan, "maybe")):
        await town.organizer.slash(
            town.chat, "rsvp", session="Thursday jelly", answer=what, member=who
        )
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
    answered = await town.organizer.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=priya
    )
    assert "is down as **On the waiting list, number 1**" in said(answered)
    await town.settle()
    assert "put you on the waiting list" in told(town, priya.mention)[0].content


async def test_a_newcomer_added_by_the_host_is_welcomed_with_their_own_press(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await town.organizer.slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", member=sam
    )
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


# After the deadline.


async def test_after_the_deadline_going_asks_the_host_in_the_channel(town: Town) -> None:
    await schedule(town, answers_close="1 day")
    sam, priya, _ = town.members
    closes = THURSDAY_10 - DAY
    assert f"Answer until {stamp(closes, 'F')}. After that, you ask the host." in text_of(
        town.card()
    )
    await town.at(closes - timedelta(seconds=1))
    await sam.click(town.card(), label="Going")
    assert await mine(town, sam) == "Going"
    await town.at(closes)
    assert buttons_of(town.card())[0] == "Ask the host to come"
    assert f"Answers closed {stamp(closes, 'R')}." in text_of(town.card())
    asks = await priya.click(town.card(), label="Ask the host to come")
    assert "the host is being asked in the channel" in follow_up(asks).content
    assert await mine(town, priya) == "Waiting for the host's word"
    await town.settle()
    [question] = told(town, "would like to come")
    assert question.content.startswith(
        f"{town.organizer.mention}, {priya.mention} would like to come to **Thursday jelly**"
    )
    assert mentioned_users(town)[-1] == [town.organizer.id]
    assert buttons_of(question) == ["Let them in", "Not this time", "Open the card"]
    decided = await town.organizer.click(question, label="Let them in")
    assert f"{priya.mention} is down as **Going**" in said(decided)
    assert decided.response is not None
    assert buttons_of(decided.response) == []
    await town.settle()
    assert "**2 going" in text_of(town.card())
    [word] = told(town, "put you down")
    assert word.content.startswith(priya.mention)


async def test_not_this_time_is_told_and_takes_no_seat(town: Town) -> None:
    await schedule(town, answers_close="4 days", seats=3)
    sam = town.members[0]
    await sam.click(town.card(), label="Ask the host to come")
    await town.settle()
    [question] = told(town, "would like to come")
    assert "**Seats** 0 of 3 taken, **3 free**" in question.content
    await town.organizer.click(question, label="Not this time")
    await town.settle()
    assert (await mine(town, sam)).startswith("Can't make it")
    assert "**0 going** · 1 can't make it" in text_of(town.card())
    assert told(town, f"{sam.mention}: {town.organizer.mention} took you off") != []


async def test_only_the_host_and_organizers_decide_who_is_let_in(town: Town) -> None:
    sam, priya, jordan = town.members
    await schedule(town, answers_close="4 days", by=priya)
    await sam.click(town.card(), label="Ask the host to come")
    await town.settle()
    [question] = told(town, "would like to come")
    for who in (sam, jordan):
        refused = await who.click(question, label="Let them in")
        assert refused.ephemeral
        assert "Only its host" in said(refused)
    assert await mine(town, sam) == "Waiting for the host's word"
    await priya.click(question, label="Let them in")
    assert (await mine(town, sam)).startswith("Going")


async def test_a_host_and_an_organizer_who_decide_at_once_are_told_what_holds(
    town: Town,
) -> None:
    sam, priya, _ = town.members
    await schedule(town, answers_close="4 days", by=priya)
    await sam.click(town.card(), label="Ask the host to come")
    await town.settle()
    [question] = told(town, "would like to come")
    first, second = await at_once(
        town,
        (priya, question, "Let them in"),
        (town.organizer, question, "Not this time"),
    )
    assert f"{sam.mention} is down as **Going**" in said(first)
    assert second.ephemeral
    assert "settled already" in said(second)
    await town.settle()
    assert (await mine(town, sam)).startswith("Going")
    assert len(told(town, "put you down")) == 1


async def test_let_in_where_all_seats_are_taken_means_the_waiting_list(town: Town) -> None:
    await schedule(town, answers_close="1 day", seats=1)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY)
    await priya.click(town.card(), label="Ask the host to come")
    await town.settle()
    [question] = told(town, "would like to come")
    assert "**Seats** 1 of 1 taken" in question.content
    decided = await town.organizer.click(question, label="Put them in line")
    assert "is down as **On the waiting list, number 1**" in said(decided)
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert priya.mention in told(town, "a seat has come free")[0].content


async def test_the_host_comes_after_the_deadline_without_asking(town: Town) -> None:
    sam = town.members[0]
    await schedule(town, answers_close="4 days", by=sam)
    await sam.click(town.card(), label="Ask the host to come")
    assert await mine(town, sam) == "Going"
    await town.settle()
    assert town.messages() == []


async def test_a_press_just_after_the_deadline_asks_whatever_the_card_still_says(
    town: Town,
) -> None:
    await schedule(town, answers_close="1 day")
    sam = town.members[0]
    card = town.card()
    town.clock.moment = THURSDAY_10 - DAY
    asks = await sam.click(card, label="Going")
    assert "the host is being asked in the channel" in follow_up(asks).content
    assert buttons_of(town.card())[0] == "Ask the host to come"


async def test_those_who_wait_get_seats_also_after_the_deadline(town: Town) -> None:
    await schedule(town, answers_close="1 day", seats=1)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await town.at(THURSDAY_10 - DAY + HOUR)
    await priya.click(town.card(), label="Ask the host to come")
    assert await mine(town, priya) == "On the waiting list, number 1"
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert await mine(town, priya) == "Going"
    assert told(town, "would like to come") == []


async def test_after_the_deadline_details_change_and_a_no_is_taken_without_asking(
    town: Town,
) -> None:
    await schedule(town, answers_close="1 day")
    sam, priya, _ = town.members
    for who in (sam, priya):
        await who.click(town.card(), label="Going")
    await town.at(THURSDAY_10 - DAY)
    await add_details(town, sam, note="taxes", guests=["1"])
    await priya.click(town.card(), label="Can't make it")
    await town.settle()
    assert f"**1 going** · with 1 guest · 1 can't make it\n{sam.mention} +1" in text_of(town.card())
    assert told(town, "would like to come") == []


async def test_taking_the_question_back_before_it_is_out_asks_nobody(town: Town) -> None:
    await schedule(town, answers_close="4 days")
    sam = town.members[0]
    await sam.click(town.card(), label="Ask the host to come")
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert town.messages() == []


async def test_whoever_asks_again_is_asked_about_again(town: Town) -> None:
    await schedule(town, answers_close="4 days")
    sam = town.members[0]
    await sam.click(town.card(), label="Ask the host to come")
    await town.settle()
    [question] = told(town, "would like to come")
    await town.organizer.click(question, label="Let them in")
    await sam.click(town.card(), label="Can't make it")
    again = await sam.click(town.card(), label="Ask the host to come")
    assert "the host is being asked in the channel" in follow_up(again).content
    await town.settle()
    assert any(buttons_of(m)[:1] == ["Let them in"] for m in told(town, "would like to come"))


async def test_a_newcomer_who_is_let_in_knows_what_to_expect(town: Town) -> None:
    await schedule(town, answers_close="4 days")
    asks = await town.members[0].click(town.card(), label="Ask the host to come")
    assert "This is your first jelly here" in follow_up(asks).content


async def test_the_form_tells_whoever_asks_that_the_host_is_asked(town: Town) -> None:
    await schedule(town, answers_close="4 days")
    sam = town.members[0]
    sent = await add_details(town, sam, note="taxes")
    assert await mine(town, sam) == "Waiting for the host's word, taxes"
    assert "the host is being asked in the channel" in follow_up(sent).content


async def test_a_later_deadline_opens_the_answers_again(town: Town) -> None:
    await schedule(town, answers_close="4 days")
    sam = town.members[0]
    await sam.click(town.card(), label="Ask the host to come")
    await edit(town, seats={"close": ""})
    assert buttons_of(town.card())[0] == "Going"
    await sam.click(town.card(), label="Going")
    assert await mine(town, sam) == "Going"


async def test_a_question_to_a_jelly_that_is_called_off_meanwhile_gets_one_sentence(
    town: Town,
) -> None:
    await schedule(town, answers_close="4 days")
    sam = town.members[0]
    await sam.click(town.card(), label="Ask the host to come")
    await town.settle()
    [question] = told(town, "would like to come")
    await call_off(town)
    assert sam.mention in told(town, "is called off")[0].content
    late = await town.organizer.click(question, label="Let them in")
    assert late.ephemeral
    assert "called off" in said(late)


# Two devices, crossed presses, forged ids.


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        ("Going", "Can't make it", "Can't make it"),
        ("Can't make it", "Going", "Going"),
        ("Maybe", "Going", "Going"),
        ("Going", "Maybe", "Maybe"),
    ],
)
async def test_of_two_presses_at_once_the_last_one_holds(
    town: Town, first: str, last: str, holds: str
) -> None:
    await schedule(town, seats=3)
    sam = town.members[0]
    card = town.card()
    results = await at_once(town, (sam, card, first), (sam, card, last))
    assert all(result.acknowledged for result in results)
    await town.settle()
    assert await mine(town, sam) == holds
    card_text = text_of(town.card())
    assert ("**1 going**" in card_text) == (holds == "Going")
    assert ("1 maybe" in card_text) == (holds == "Maybe")
    assert ("1 can't make it" in card_text) == (holds == "Can't make it")


async def test_the_same_press_from_two_devices_takes_one_seat_and_one_place(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    card = town.card()
    await at_once(town, (sam, card, "Going"), (sam, card, "Going"))
    assert "**Seats** 1 of 1 taken\n" in text_of(town.card())
    await town.settle()
    card = town.card()
    pressed = await at_once(
        town,
        (priya, card, "Join the waiting list"),
        (priya, card, "Join the waiting list"),
        (jordan, card, "Join the waiting list"),
    )
    await town.settle()
    assert "number 1 on" in follow_up(pressed[0]).content
    assert "number 1 on" in follow_up(pressed[1]).content
    assert "number 2 on" in follow_up(pressed[2]).content
    assert "**2 waiting**" in text_of(town.card())


async def test_two_who_press_for_the_last_seat_get_one_seat_and_one_place(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    card = town.card()
    _, second = await at_once(town, (sam, card, "Going"), (priya, card, "Going"))
    assert "number 1 on the waiting list" in follow_up(second).content
    await town.settle()
    assert f"**Seats** 1 of 1 taken · **1 waiting**\n{sam.mention}" in text_of(town.card())


async def test_a_press_that_crosses_fewer_seats_is_counted_once(town: Town) -> None:
    await schedule(town, seats=5)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    preview = await previewed(town, seats={"seats": "1"})
    assert preview.response is not None
    _, crossed = await at_once(
        town,
        (town.organizer, preview.response, "Save it"),
        (priya, town.card(), "Going"),
    )
    # Either may come first; what the member was told then holds.
    waits = "number 1 on the waiting list" in follow_up(crossed).content
    await town.settle()
    shown = "1 of 1 taken · **1 waiting**" if waits else "2 taken, 1 from now on"
    assert f"**Seats** {shown}" in text_of(town.card())
    assert await mine(town, priya) == ("On the waiting list, number 1" if waits else "Going")


async def test_a_press_that_crosses_a_cancellation_is_told_so(town: Town) -> None:
    await schedule(town)
    asked = await town.organizer.slash(town.jellies, "jelly cancel", which="Thursday jelly")
    assert asked.response is not None
    _, crossed = await at_once(
        town,
        (town.organizer, asked.response, "Call it off"),
        (town.members[0], town.card(), "Going"),
    )
    assert crossed.ephemeral
    assert "called off" in said(crossed)
    await town.settle()
    assert "**Called off**" in text_of(town.card())
    assert "**0 going**" in text_of(town.card())


async def test_a_form_that_crosses_a_cancellation_or_the_end_is_told_so(town: Town) -> None:
    await schedule(town)
    await schedule(town, title="Friday jelly", when="friday 10-16")
    sam = town.members[0]
    form = await sam.click(town.card(), label="Add details")
    other = await sam.click(town.card("Friday jelly"), label="Add details")
    await call_off(town)
    late = await sam.submit_modal(form, filled(form))
    assert late.ephemeral
    assert "called off" in said(late)
    await town.at(THURSDAY_10 + DAY + 6 * HOUR)
    late = await sam.submit_modal(other, filled(other))
    assert "is over" in said(late)


async def test_hours_typed_before_a_move_are_read_against_the_new_hours(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    form = await sam.click(town.card(), label="Add details")
    await edit(town, when="thursday 14-18")
    late = await sam.submit_modal(form, {**filled(form), "hours": "10 to 13"})
    assert "It is on from 14:00 to 18:00" in late.followups[-1].content
    assert await mine(town, sam) == "Going"


@pytest.mark.parametrize(
    "custom_id",
    [
        "jelly:rsvp:1:waitlisted",
        "jelly:rsvp:1:requested",
        "jelly:rsvp:1:yes",
        "jelly:rsvp:1",
        "jelly:rsvp:1:going:2",
        "jelly:rsvp::going",
        "jelly:rsvp:one:going",
        "jelly:rsvp:99:going",
        "jelly:rsvp:-1:going",
        f"jelly:rsvp:{10**30}:going",
        "jelly:reply:1:waitlisted",
        "jelly:mood:1:angry",
        "jelly:mood:99:chatty",
        f"jelly:details:{10**30}:card",
        "jelly:details:99:card",
        "jelly:request:1:1:waitlisted",
        "jelly:nothing:1",
        "jelly:",
    ],
)
async def test_a_forged_press_gets_one_private_sentence_and_changes_nothing(
    town: Town, custom_id: str
) -> None:
    await schedule(town)
    result = await forged(town, town.members[0], custom_id, town.card())
    logged = [record.getMessage() for record in town.errors.records]
    town.errors.records.clear()
    assert logged == []
    assert result.ephemeral
    assert "error" not in said(result)
    assert await town.read("SELECT * FROM rsvp") == []


@pytest.mark.parametrize(
    "custom_id",
    [
        pytest.param(
            "jelly:mood:1:chatty",
        ),
        "jelly:request:1:1:going",
    ],
)
async def test_a_press_forged_under_the_card_gets_one_private_sentence(
    town: Town, custom_id: str
) -> None:
    """Its id is sound, but it never stands under a card."""
    await schedule(town)
    result = await forged(town, town.members[0], custom_id, town.card())
    logged = [record.getMessage() for record in town.errors.records]
    town.errors.records.clear()
    assert logged == []
    assert result.ephemeral
    assert "## Thursday jelly" in text_of(town.card())


@pytest.mark.parametrize("chosen", [["x"], [], [str(10**30)]])
async def test_a_forged_choice_of_whom_to_take_off_takes_nobody_off(
    town: Town, chosen: list[str]
) -> None:
    await schedule(town)
    await town.members[0].click(town.card(), label="Going")
    result = await forged(town, town.organizer, "jelly:taken-off:1:0", town.card(), values=chosen)
    logged = [record.getMessage() for record in town.errors.records]
    town.errors.records.clear()
    assert logged == []
    assert result.ephemeral
    assert "**1 going**" in text_of(town.card())


@pytest.mark.parametrize(
    "fields",
    [
        {"mood": ["either"], "hours": "", "guests": ["99"], "note": ""},
        {"mood": ["either"], "hours": "", "guests": ["-1"], "note": "x" * 5000},
        {"mood": ["angry"], "hours": "", "guests": ["0"], "note": ""},
    ],
)
async def test_a_forged_form_gets_one_private_sentence(
    town: Town, fields: dict[str, str | list[str]]
) -> None:
    await schedule(town)
    result = await forged_details(town, town.members[0], fields)
    logged = [record.getMessage() for record in town.errors.records]
    town.errors.records.clear()
    assert logged == []
    assert result.ephemeral
    assert await town.read("SELECT * FROM rsvp") == []


async def test_a_form_from_before_an_upgrade_counts_as_far_as_it_goes(town: Town) -> None:
    await schedule(town)
    sam = town.members[0]
    await forged_details(town, sam, {"note": "taxes"})
    assert await mine(town, sam) == "Going, taxes"


async def forged_details(
    town: Town, who: simcord.MemberActor, fields: dict[str, str | list[str]]
) -> simcord.InteractionResult:
    """Send "Add details" with other fields than it has, or with values that it does not offer."""
    components = [
        {
            "type": 18,
            "component": {
                "custom_id": name,
                **(
                    {"type": 4, "value": value}
                    if isinstance(value, str)
                    else {"type": 3, "values": value}
                ),
            },
        }
        for name, value in fields.items()
    ]
    data = {"custom_id": "jelly:detailed:1:card", "components": components}
    [result] = await sent_together(town, (who, town.card(), data), kind=5)
    return result


async def test_a_forged_decision_decides_nothing(town: Town) -> None:
    await schedule(town, answers_close="4 days")
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Ask the host to come")
    refused = await forged(town, sam, f"jelly:request:1:{sam.id}:going", town.card())
    assert "Only its host" in said(refused)
    unasked = await forged(town, town.organizer, f"jelly:request:1:{priya.id}:going", town.card())
    assert "settled already" in said(unasked)
    assert await mine(town, sam) == "Waiting for the host's word"
    assert await mine(town, priya) == "no answer yet"


async def test_a_session_of_another_server_cannot_be_answered_or_seen(town: Town) -> None:
    await schedule(town)
    elsewhere = town.environment.create_guild("Elsewhere")
    channel = elsewhere.create_text_channel("general")
    stranger = elsewhere.add_member(town.environment.create_user("mallory"))
    message = await stranger.send(channel, "hello")
    for custom_id in (
        "jelly:rsvp:1:going",
        "jelly:reply:1:going",
        "jelly:mood:1:chatty",
        "jelly:details:1:card",
        "jelly:request:1:1:going",
        "jelly:take-off:1",
        "jelly:draft-seats:1",
    ):
        result = await forged(town, stranger, custom_id, message)
        assert result.ephemeral
        assert "error" not in said(result)
        assert "Thursday jelly" not in said(result)
    assert await town.read("SELECT * FROM rsvp") == []


# Seats.


async def test_a_full_jelly_queues_in_the_order_of_asking_and_says_who_is_where(
    town: Town,
) -> None:
    await schedule(town, seats=2)
    sam, priya, jordan = town.members
    kim, lou = member(town, "Kim"), member(town, "Lou")
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Going")
    assert buttons_of(town.card())[0] == "Join the waiting list"
    for place, who in enumerate((jordan, kim, lou), 1):
        waits = await who.click(town.card(), label="Join the waiting list")
        assert f"You are **number {place} on the waiting list**" in follow_up(waits).content
    assert "**Seats** 2 of 2 taken · **3 waiting**" in text_of(town.card())
    assert await mine(town, kim) == "On the waiting list, number 2"
    answered = await lou.slash(town.chat, "rsvp", session="Thursday jelly", answer="going")
    assert "On the waiting list, number 3" in said(answered)
    seen = await headcount(town, kim)
    assert f"**3 on the waiting list**\n{jordan.mention}\n{kim.mention}\n{lou.mention}" in seen
    await jordan.click(town.card(), label="Can't make it")
    assert await mine(town, kim) == "On the waiting list, number 1"
    assert await mine(town, lou) == "On the waiting list, number 2"


async def test_a_headcount_names_no_lists_that_nobody_is_on(town: Town) -> None:
    await schedule(town)
    sam, priya, _ = town.members
    assert "waiting" not in await headcount(town, sam)
    await priya.click(town.card(), label="Maybe")
    seen = await headcount(town, sam)
    assert f"**1 maybe**\n{priya.mention}" in seen
    assert "waiting" not in seen


async def test_pressing_again_while_waiting_keeps_the_place_and_tells_it(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await jordan.click(town.card(), label="Join the waiting list")
    again = await priya.click(town.card(), label="Join the waiting list")
    assert "number 1 on the waiting list" in follow_up(again).content
    assert await mine(town, jordan) == "On the waiting list, number 2"


async def test_leaving_the_line_and_coming_back_is_its_end(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await priya.click(town.card(), label="Maybe")
    back = await priya.click(town.card(), label="Join the waiting list")
    assert "number 2 on the waiting list" in follow_up(back).content
    await sam.click(town.card(), label="Can't make it")
    await sam.click(town.card(), label="Join the waiting list")
    assert await mine(town, sam) == "On the waiting list, number 2"
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert jordan.mention in message.content
    assert priya.mention not in message.content


async def test_whoever_gets_a_seat_is_told_with_a_mention_once_and_can_give_it_back(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert message.content.startswith(
        f"{priya.mention}: a seat has come free, and you are going to **Thursday jelly**"
    )
    assert mentioned_users(town)[-1] == [priya.id]
    assert f"**Seats** 1 of 1 taken · **1 waiting**\n{priya.mention}" in text_of(town.card())
    back = await priya.click(message, label="Can't make it")
    assert "you are down as **Can't make it**" in said(back)
    await town.settle()
    assert jordan.mention in told(town, "a seat has come free")[1].content
    await town.after(HOUR)
    assert len(told(town, "a seat has come free")) == 2


async def test_several_seats_that_come_free_are_told_in_one_message(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Going")
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await edit(town, seats={"seats": "5"})
    [message] = told(town, "a seat has come free")
    assert message.content.startswith(f"{priya.mention}, {jordan.mention}: ")
    assert sorted(mentioned_users(town)[-1]) == [priya.id, jordan.id]
    assert "**Seats** 3 of 5 taken, **2 free**" in text_of(town.card())
    assert buttons_of(town.card())[0] == "Going"


async def test_no_limit_any_more_seats_everybody_who_waits(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    for who in (sam, priya, jordan):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await edit(town, seats={"seats": ""})
    assert "**3 going**" in text_of(town.card())
    assert "Seats" not in text_of(town.card())


@pytest.mark.parametrize(
    ("at", "words"),
    [(MONDAY, "a seat has come free"), (LAST_HOURS, "is kept for you until")],
)
async def test_a_hundred_who_get_seats_at_once_are_mentioned_once_each(
    town: Town, at: datetime, words: str
) -> None:
    await schedule(town, seats=1)
    people = await crowd(town, 100)
    await town.at(at)
    await edit(town, seats={"seats": "1000"})
    messages = told(town, words)
    assert len(messages) == 3
    assert all(len(message.content) <= 2000 for message in messages)
    mentioned = mentioned_users(town)[-3:]
    assert sorted(user for part in mentioned for user in part) == people[1:]
    for message, users in zip(messages, mentioned, strict=True):
        assert all(f"<@{user}>" in message.content for user in users)


async def test_a_party_that_does_not_fit_keeps_its_place_while_the_next_goes_in(
    town: Town,
) -> None:
    await schedule(town, seats=3, guests=2)
    sam, priya, jordan = town.members
    kim = member(town, "Kim")
    for who in (sam, priya, kim):
        await who.click(town.card(), label="Going")
    waits = await add_details(town, jordan, guests=["2"])
    assert "number 1 on the waiting list" in follow_up(waits).content
    lou = member(town, "Lou")
    await lou.click(town.card(), label="Join the waiting list")
    await kim.click(town.card(), label="Can't make it")
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert message.content.startswith(f"{lou.mention}: ")
    assert "Parties too large for the free seats keep their place" in message.content
    assert await mine(town, jordan) == "On the waiting list, number 1, with 2 guests"
    again = await jordan.click(town.card(), label="Join the waiting list")
    assert "number 1" in follow_up(again).content
    await lou.click(town.card(), label="Can't make it")
    again = await jordan.click(town.card(), label="Going")
    assert (
        "1 seat is free, and with your guests you are 3. You keep your place; smaller parties "
        "may go in before you." in follow_up(again).content
    )
    await priya.click(town.card(), label="Can't make it")
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert await mine(town, jordan) == "Going, with 2 guests"
    assert f"{jordan.mention} +2: a seat" in told(town, "a seat has come free")[-1].content


async def test_a_party_that_fits_goes_before_those_who_asked_later(town: Town) -> None:
    await schedule(town, seats=2)
    sam, priya, jordan = town.members
    for who in (sam, town.organizer):
        await who.click(town.card(), label="Going")
    await add_details(town, priya, guests=["1"])
    await jordan.click(town.card(), label="Join the waiting list")
    await edit(town, seats={"seats": "4"})
    assert await mine(town, priya) == "Going, with 1 guest"
    assert await mine(town, jordan) == "On the waiting list, number 1"


async def test_fewer_guests_let_the_next_in(town: Town) -> None:
    await schedule(town, seats=3, guests=2)
    sam, priya, jordan = town.members
    await add_details(town, sam, guests=["2"])
    for who in (priya, jordan):
        await who.click(town.card(), label="Join the waiting list")
    await add_details(town, sam, guests=["1"])
    [message] = told(town, "a seat has come free")
    assert priya.mention in message.content
    assert jordan.mention not in message.content


async def test_a_party_in_line_that_becomes_smaller_goes_in(town: Town) -> None:
    await schedule(town, seats=2)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await add_details(town, priya, guests=["1"])
    assert await mine(town, priya) == "On the waiting list, number 1, with 1 guest"
    await add_details(town, priya, guests=["0"])
    assert await mine(town, priya) == "Going"
    assert told(town, "a seat has come free") == []


async def test_one_seat_goes_from_one_to_the_next(town: Town) -> None:
    await schedule(town, seats=1, guests=9)
    people = [*town.members, member(town, "Kim")]
    refused = await people[0].slash(
        town.chat, "rsvp", session="Thursday jelly", answer="going", guests=1
    )
    assert refused.ephemeral
    for who in people:
        await who.click(town.card(), label=buttons_of(town.card())[0])
    for leaves, gets in pairwise(people):
        await leaves.click(town.card(), label="Can't make it")
        await town.settle()
        assert told(town, "a seat has come free")[-1].content.startswith(f"{gets.mention}: ")
        assert await mine(town, gets) == "Going"
    assert len(told(town, "a seat has come free")) == 3


async def test_fewer_seats_throw_nobody_out_and_the_preview_says_so(town: Town) -> None:
    await schedule(town, seats=3)
    sam, priya, jordan = town.members
    kim = member(town, "Kim")
    for who in (sam, priya, jordan, kim):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    preview = await edit(town, seats={"seats": "2"})
    assert "3 are taken already: nobody is thrown out" in preview
    assert "**3 going**\n**Seats** 3 taken, 2 from now on · **1 waiting**" in text_of(town.card())
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert told(town, "a seat has come free") == []
    assert await mine(town, kim) == "On the waiting list, number 1"
    await priya.click(town.card(), label="Can't make it")
    await town.settle()
    assert await mine(town, kim) == "Going"


async def test_fewer_seats_on_all_dates_throw_nobody_out_and_the_preview_says_so(
    town: Town,
) -> None:
    await schedule(town, when="every thursday 10-16", seats=3)
    for who in town.members:
        await who.click(town.card(), label="Going")
    preview = await edit(town, dates="all", seats={"seats": "2"})
    assert "nobody is thrown out" in preview


async def test_two_organizers_who_change_the_seats_at_once_hear_of_each_other(
    town: Town,
) -> None:
    await schedule(town, seats=3)
    previews = [await previewed(town, seats={"seats": seats}) for seats in ("5", "1")]
    first, second = (preview.response for preview in previews)
    assert first is not None
    assert second is not None
    results = await at_once(
        town, (town.organizer, first, "Save it"), (town.organizer, second, "Save it")
    )
    await town.settle()
    refused = [result for result in results if "changed that jelly meanwhile" in said(result)]
    assert len(refused) == 1
    seats = 1 if refused == results[:1] else 5
    assert f"**Seats** 0 of {seats} taken" in text_of(town.card())


async def test_seats_of_a_series_are_those_of_all_its_dates(town: Town) -> None:
    await schedule(town, when="every thursday 10-16", seats=1)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Going")
    await priya.click(town.card(), label="Join the waiting list")
    await edit(town, dates="all", seats={"seats": "4", "guests": "2", "tone": ["quiet"]})
    assert priya.mention in told(town, "a seat has come free")[0].content
    for week in range(1, 5):
        await town.at(THURSDAY_10 + 7 * week * DAY - DAY)
    for card in town.cards()[1:]:
        text = text_of(card)
        assert "**Seats** 0 of 4 taken" in text
    newest = text_of(town.cards()[-1])
    assert "quiet, for work heads-down" in newest
    assert len(town.cards()) > 4


async def test_a_change_of_other_things_keeps_tone_seats_guests_and_deadline(
    town: Town,
) -> None:
    await schedule(town, tone="social", seats=7, guests=3, answers_close="2 days")
    await edit(town, where="The Shrew")
    moved = await town.organizer.slash(
        town.jellies, "jelly move", which="Thursday jelly", when="friday 10-16"
    )
    assert moved.response is not None
    await town.organizer.click(moved.response, label="Save it")
    await town.settle()
    preview = await previewed(town)
    assert preview.response is not None
    changed = await town.organizer.click(preview.response, label="Change")
    again = await town.organizer.submit_modal(
        changed, {**filled(changed), "host": [town.organizer]}
    )
    assert again.response is not None
    form = await town.organizer.click(again.response, label="Seats and tone")
    assert filled(form) == {"tone": ["social"], "seats": "7", "guests": "3", "close": "2 days"}
    card = text_of(town.card())
    assert "The Shrew" in card
    assert "social, for company" in card
    assert "**Seats** 0 of 7 taken, **7 free**" in card
    assert f"Answer until {stamp(THURSDAY_10 - DAY, 'F')}." in card


async def test_later_dates_split_off_keep_their_seats(town: Town) -> None:
    await schedule(town, when="every thursday 10-16", seats=6, guests=2, tone="quiet")
    await edit(town, dates="later", where="The Shrew")
    card = text_of(town.card())
    assert "The Shrew" in card
    assert "**Seats** 0 of 6 taken, **6 free**" in card
    assert "quiet, for work heads-down" in card


async def test_a_seat_given_back_before_the_word_is_out_is_told_to_the_next_only(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, jordan = town.members
    for who in (sam, priya, jordan):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await sam.click(town.card(), label="Can't make it")
    await priya.click(town.card(), label="Can't make it")
    await town.settle()
    [message] = told(town, "a seat has come free")
    assert jordan.mention in message.content
    assert priya.mention not in message.content


async def test_a_seat_given_back_while_discord_is_away_is_not_told_any_more(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    for who in (sam, priya):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    town.environment.inject_error("POST", "/channels/*/messages", status=503)
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert told(town, "a seat has come free") == []
    await priya.click(town.card(), label="Can't make it")
    await town.after(MINUTE)
    assert not any(priya.mention in message.content for message in told(town, "a seat"))


async def test_whoever_gives_a_seat_back_and_takes_it_again_needs_no_word(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    for who in (sam, priya):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await sam.click(town.card(), label="Can't make it")
    await priya.click(town.card(), label="Can't make it")
    await priya.click(town.card(), label="Going")
    await town.settle()
    assert await mine(town, priya) == "Going"
    assert told(town, "a seat has come free") == []


async def test_those_who_wait_are_told_of_a_move_and_of_a_cancellation(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    for who in (sam, priya):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await edit(town, when="friday 10-16")
    [moved] = told(town, "has moved")
    assert f"Waiting: {priya.mention}" in moved.content
    assert sorted(mentioned_users(town)[-1]) == [sam.id, priya.id]
    still = await priya.click(moved, label="Still coming")
    assert "number 1 on the waiting list" in said(still)
    no = await sam.click(moved, label="Can't make it")
    assert no.ephemeral
    await town.settle()
    assert await mine(town, priya) == "Going"
    await call_off(town)
    assert priya.mention in told(town, "is called off")[0].content


# Offers in the last hours.


async def in_line(town: Town, *, seats: int = 1, at: datetime = LAST_HOURS) -> None:
    """Everybody has pressed, the first of them have seats, and it is the evening before."""
    await schedule(town, seats=seats)
    for who in town.members:
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await town.at(at)


async def test_seats_are_given_until_twelve_hours_before_and_offered_from_then_on(
    town: Town,
) -> None:
    await in_line(town, at=LAST_HOURS - timedelta(seconds=1))
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    assert await mine(town, priya) == "Going"
    await town.at(LAST_HOURS)
    await priya.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you until")
    until = LAST_HOURS + HOUR
    assert offer.content.startswith(
        f"{jordan.mention}: a seat at **Thursday jelly** on {stamp(THURSDAY_10, 'F')} is kept for "
        f"you until {stamp(until, 't')} ({stamp(until, 'R')})."
    )
    assert mentioned_users(town)[-1] == [jordan.id]
    assert buttons_of(offer) == ["Take the seat", "Can't make it", "Open the card"]
    assert "**Seats** 0 of 1 taken · 1 kept for the next in line · **1 waiting**" in text_of(
        town.card()
    )
    assert buttons_of(town.card())[0] == "Join the waiting list"


async def test_an_offer_taken_is_a_seat(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    taken = await priya.click(offer, label="Take the seat")
    assert taken.ephemeral
    assert "you are down as **Going**" in said(taken)
    await town.settle()
    assert f"**Seats** 1 of 1 taken · **1 waiting**\n{priya.mention}" in text_of(town.card())
    await town.after(2 * HOUR)
    assert len(told(town, "is kept for you")) == 1
    assert await mine(town, priya) == "Going"
    assert await mine(town, jordan) == "On the waiting list, number 1"


async def test_an_offer_can_be_taken_on_the_card(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await priya.click(town.card(), label="Join the waiting list")
    assert await mine(town, priya) == "Going"


async def test_an_offer_declined_goes_to_the_next(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    await priya.click(offer, label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you")[1].content.startswith(f"{jordan.mention}: ")
    late = await priya.click(offer, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)


async def test_an_offer_that_runs_out_goes_to_the_next_and_its_owner_to_the_end(
    town: Town,
) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await town.at(LAST_HOURS + HOUR - timedelta(seconds=1))
    assert len(told(town, "is kept for you")) == 1
    await town.at(LAST_HOURS + HOUR)
    first, second = told(town, "is kept for you")
    assert second.content.startswith(f"{jordan.mention}: ")
    assert await mine(town, priya) == "On the waiting list, number 2"
    late = await priya.click(first, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)
    await jordan.click(second, label="Take the seat")
    assert await mine(town, jordan) == "Going"


async def test_whoever_answers_late_is_offered_the_seat_when_the_next_declines(
    town: Town,
) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await town.after(HOUR)
    first, second = told(town, "is kept for you")
    late = await priya.click(first, label="Take the seat")
    assert "as soon as one is free for you, you are told in the channel" in said(late)
    await jordan.click(second, label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you")[-1].content.startswith(f"{priya.mention}: ")


async def test_an_offer_accepted_late_is_a_seat_where_nobody_else_waits(town: Town) -> None:
    await in_line(town, seats=2)
    sam, _, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    await town.after(2 * HOUR)
    assert await mine(town, jordan) == "On the waiting list, number 1"
    assert "**Seats** 1 of 2 taken, **1 free** · **1 waiting**" in text_of(town.card())
    late = await jordan.click(offer, label="Take the seat")
    assert "you are down as **Going**" in said(late)


async def test_an_offer_pressed_in_the_very_moment_it_ends_is_gone(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    town.clock.moment = LAST_HOURS + HOUR
    late = await priya.click(offer, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)
    await town.settle()
    assert told(town, "is kept for you")[1].content.startswith(f"{jordan.mention}: ")


@pytest.mark.parametrize(
    ("before", "lasts"),
    [
        (12 * HOUR, HOUR),
        (3 * HOUR, HOUR),
        (90 * MINUTE, 30 * MINUTE),
        (20 * MINUTE, 6 * MINUTE),
        (-3 * HOUR, HOUR),
        (-5 * HOUR - 45 * MINUTE, 5 * MINUTE),
    ],
)
async def test_an_offer_lasts_at_most_a_third_of_the_time_left(
    town: Town, before: timedelta, lasts: timedelta
) -> None:
    now = THURSDAY_10 - before
    await in_line(town, at=now)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    assert f"until {stamp(now + lasts, 't')}" in offer.content
    assert priya.mention in offer.content


async def test_nothing_is_offered_so_late_that_nobody_could_answer(town: Town) -> None:
    await in_line(town, at=THURSDAY_10 + 6 * HOUR - timedelta(seconds=30))
    await town.members[0].click(town.card(), label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you") == []
    assert await mine(town, town.members[1]) == "On the waiting list, number 1"


async def test_settings_decide_when_offers_begin_and_how_long_they_last(town: Town) -> None:
    await town.organizer.slash(
        town.jellies, "settings", offers_within="1 day", offer_time="30 minutes"
    )
    await in_line(town, at=THURSDAY_10 - DAY)
    await town.members[0].click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    assert f"until {stamp(THURSDAY_10 - DAY + 30 * MINUTE, 't')}" in offer.content


async def test_settings_can_do_without_offers(town: Town) -> None:
    shown = await town.organizer.slash(town.jellies, "settings", offers_within="none")
    assert "Seats that come free: go to the next in line right away ← new" in said(shown)
    await in_line(town, at=THURSDAY_10 - HOUR)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert told(town, "is kept for you") == []
    assert await mine(town, priya) == "Going"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"offers_within": "8 days"}, "at most 1 week before the start"),
        ({"offer_time": "2 minutes"}, "from 5 minutes up to 1 day"),
        ({"offer_time": "2 days"}, "from 5 minutes up to 1 day"),
        ({"offer_time": "none"}, "none"),
        ({"offers_within": "a while"}, "a while"),
    ],
)
async def test_settings_for_offers_that_do_not_fit_get_one_sentence(
    town: Town, options: dict[str, str], sentence: str
) -> None:
    refused = await town.organizer.slash(town.jellies, "settings", **options)
    assert sentence in said(refused)
    assert "error" not in said(refused)
    shown = said(await town.organizer.slash(town.jellies, "settings"))
    assert "in the last 12 hours before a jelly" in shown
    assert "for up to 1 hour" in shown


async def test_doing_without_offers_seats_those_whose_offer_ran_out(town: Town) -> None:
    await in_line(town, seats=2)
    sam, _, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await town.after(2 * HOUR)
    assert "**1 free** · **1 waiting**" in text_of(town.card())
    await town.organizer.slash(town.jellies, "settings", offers_within="none")
    await town.settle()
    assert await mine(town, jordan) == "Going"


async def test_two_free_seats_are_offered_in_one_message(town: Town) -> None:
    await schedule(town, seats=2)
    kim = member(town, "Kim")
    sam, priya, jordan = town.members
    for who in (sam, priya, jordan, kim):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await town.at(LAST_HOURS)
    for who in (sam, priya):
        await who.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    assert offer.content.startswith(f"{jordan.mention}, {kim.mention}: ")
    await jordan.click(offer, label="Take the seat")
    await kim.click(offer, label="Take the seat")
    await town.settle()
    assert f"**2 going** · 2 can't make it\n**Seats** 2 of 2 taken\n{jordan.mention}" in text_of(
        town.card()
    )


async def test_taking_and_declining_an_offer_at_once_leaves_the_last_word(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    await at_once(
        town,
        (priya, offer, "Take the seat"),
        (priya, offer, "Take the seat"),
        (priya, offer, "Can't make it"),
    )
    await town.settle()
    assert await mine(town, priya) == "Can't make it"
    assert told(town, "is kept for you")[-1].content.startswith(f"{jordan.mention}: ")
    assert len(told(town, "is kept for you")) == 2


async def test_a_button_under_an_offer_pressed_by_somebody_else_takes_nobodys_seat(
    town: Town,
) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    kim = member(town, "Kim")
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    pressed = await kim.click(offer, label="Take the seat")
    assert "number 3 on the waiting list" in said(pressed)
    await priya.click(offer, label="Take the seat")
    assert await mine(town, priya) == "Going"


async def test_an_offer_that_never_got_through_costs_nobody_their_turn(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    town.environment.inject_error("POST", "/channels/*/messages", status=503, times=None)
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    for _ in range(14):
        await town.after(5 * MINUTE)
    town.environment.backend.faults.clear()
    await town.after(5 * MINUTE)
    [offer] = told(town, "is kept for you")
    assert offer.content.startswith(f"{priya.mention}: ")
    await priya.click(offer, label="Take the seat")
    assert await mine(town, priya) == "Going"
    assert await mine(town, jordan) == "On the waiting list, number 1"


async def test_an_offer_cut_off_by_a_power_cut_costs_nobody_their_turn(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")

    async def gone(*_: object, **__: object) -> object:
        return await asyncio.Event().wait()

    town.bot.http.send_message = gone  # type: ignore[method-assign,assignment]  # no network, for the bot as it is
    with town.environment.time_context():
        await town.bot.outbox.pay()
    await town.kill()
    town.clock.moment += 2 * HOUR
    await town.start_again()
    [offer] = told(town, "is kept for you")
    assert offer.content.startswith(f"{priya.mention}: ")


async def test_an_offer_refused_by_discord_for_good_costs_nobody_their_turn(town: Town) -> None:
    """A permission is missing: nobody hears of anything until an organizer mends it."""
    await in_line(town)
    sam, priya, _ = town.members
    town.environment.inject_error(
        "POST", "/channels/*/messages", status=403, code=50013, times=None
    )
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await town.after(2 * HOUR)
    town.environment.backend.faults.clear()
    assert (await mine(town, priya)).startswith("On the waiting list, number 1")


async def test_an_offer_waits_for_nobody_who_was_told_while_the_bot_was_away(
    town: Town,
) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    town.clock.moment += 3 * HOUR
    await town.restart()
    await town.start_again()
    assert told(town, "is kept for you")[-1].content.startswith(f"{jordan.mention}: ")
    late = await priya.click(offer, label="Take the seat")
    assert "number 2 on the waiting list" in said(late)


async def test_called_off_while_offers_are_open(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    await call_off(town)
    [notice] = told(town, "is called off")
    assert priya.mention in notice.content
    assert jordan.mention in notice.content
    late = await priya.click(offer, label="Take the seat")
    assert late.ephemeral
    assert "called off" in said(late)
    await town.after(2 * HOUR)
    assert len(told(town, "is kept for you")) == 1


async def test_moved_to_another_week_while_an_offer_is_open(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await edit(town, when="2026-12-03 10:00-16:00")
    await town.after(2 * HOUR)
    assert await mine(town, jordan) in ("Going", "On the waiting list, number 1")
    going = [who for who in (priya, jordan) if await mine(town, who) == "Going"]
    assert len(going) == 1
    assert "**Seats** 1 of 1 taken · **1 waiting**" in text_of(town.card())
    assert going[0].mention in told(town, "a seat has come free")[-1].content


async def test_more_seats_while_an_offer_is_open_leave_it_open(town: Town) -> None:
    await in_line(town)
    sam, priya, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    await edit(town, seats={"seats": "3"})
    offers = told(town, "is kept for you")
    assert [who.mention in offers[-1].content for who in (priya, jordan)] == [False, True]
    for offer, who in zip(offers, (priya, jordan), strict=True):
        await who.click(offer, label="Take the seat")
        assert await mine(town, who) == "Going"


async def test_no_limit_in_the_last_hours_hides_nobody_who_still_waits(town: Town) -> None:
    await in_line(town)
    await edit(town, seats={"seats": ""})
    assert len(told(town, "is kept for you")) == 1
    assert "2 waiting" in text_of(town.card())


async def test_fewer_seats_while_an_offer_is_open_keep_the_promise(town: Town) -> None:
    await in_line(town, seats=2)
    sam, _, jordan = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    await edit(town, seats={"seats": "1"})
    await jordan.click(offer, label="Take the seat")
    assert await mine(town, jordan) == "Going"


async def test_an_offer_shows_in_ones_own_list(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    assert stamp(LAST_HOURS + HOUR, "t") in await mine(town, priya)


async def test_whoever_presses_anew_does_not_overtake_a_party_with_an_offer(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    kim = member(town, "Kim")
    await sam.click(town.card(), label="Can't make it")
    waits = await kim.click(town.card(), label="Join the waiting list")
    assert "number 3 on the waiting list" in follow_up(waits).content
    await sam.click(town.card(), label="Join the waiting list")
    assert await mine(town, sam) == "On the waiting list, number 4"
    assert await mine(town, priya) != "Going"


# Restarts.


async def test_a_promotion_survives_a_restart_before_its_message(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    for who in (sam, priya):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await sam.click(town.card(), label="Can't make it")
    await town.restart()
    await town.start_again()
    assert len(told(town, "a seat has come free")) == 1
    assert await mine(town, priya) == "Going"
    assert f"**Seats** 1 of 1 taken\n{priya.mention}" in text_of(town.card())
    await town.after(10 * MINUTE)
    assert len(told(town, "a seat has come free")) == 1


async def test_a_promotion_survives_a_kill_before_its_message(town: Town) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members
    for who in (sam, priya):
        await who.click(town.card(), label=buttons_of(town.card())[0])
    await sam.click(town.card(), label="Can't make it")
    with town.environment.time_context():
        await town.bot.outbox.pay()
    await town.kill()
    await town.start_again()
    await town.after(10 * MINUTE)
    [message] = told(town, "a seat has come free")
    assert priya.mention in message.content
    back = await priya.click(message, label="Can't make it")
    assert "you are down as **Can't make it**" in said(back)


async def test_offers_requests_and_private_questions_work_after_a_restart(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    await town.settle()
    [offer] = told(town, "is kept for you")
    await schedule(town, title="Friday jelly", when="friday 10-16", answers_close="1 week")
    await sam.click(town.card("Friday jelly"), label="Ask the host to come")
    await town.settle()
    [request] = told(town, "would like to come")
    await schedule(town, title="Saturday jelly", when="saturday 10-16")
    asked = follow_up(await sam.click(town.card("Saturday jelly"), label="Going"))
    await town.restart()
    await priya.click(offer, label="Take the seat")
    assert (await mine_of(town, priya, "Thursday jelly")).startswith("Going")
    await town.organizer.click(request, label="Let them in")
    assert (await mine_of(town, sam, "Friday jelly")).startswith("Going")
    await sam.click(asked, label="Either")
    assert (await mine_of(town, sam, "Saturday jelly")) == "Going, either"


async def test_an_offer_owed_before_a_kill_is_made_once(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await sam.click(town.card(), label="Can't make it")
    with town.environment.time_context():
        await town.bot.outbox.pay()
    await town.kill()
    await town.start_again()
    await town.after(10 * MINUTE)
    [offer] = told(town, "is kept for you")
    await priya.click(offer, label="Take the seat")
    assert await mine(town, priya) == "Going"


# What a press costs.


async def test_every_press_costs_one_transaction_and_one_request_and_its_follow_up(
    town: Town,
) -> None:
    await schedule(town, seats=1)
    sam, priya, _ = town.members

    async def cost(who: simcord.MemberActor, label: str, *, follow_ups: int) -> None:
        card = town.card()
        requests, commits = len(town.environment.http_requests), town.database.commits
        await who.click(card, label=label)
        made = [request.path for request in town.environment.http_requests[requests:]]
        assert town.database.commits - commits == 1
        assert made[0].endswith("/callback")
        assert len(made) == 1 + follow_ups

    await cost(sam, "Going", follow_ups=1)  # welcome, and how do you like to work?
    await cost(sam, "Join the waiting list", follow_ups=0)
    await cost(priya, "Join the waiting list", follow_ups=1)  # your place
    await cost(sam, "Can't make it", follow_ups=0)  # seats Priya
    await town.settle()
    assert await mine(town, priya) == "Going"
    await cost(priya, "Maybe", follow_ups=0)


async def test_presses_under_messages_cost_no_more(town: Town) -> None:
    await in_line(town)
    sam, priya, _ = town.members
    await schedule(town, title="Friday jelly", when="friday 10-16", answers_close="1 week")

    async def cost(
        who: simcord.MemberActor, on: Shown, label: str, *, follow_ups: int = 0
    ) -> simcord.InteractionResult:
        requests, commits = len(town.environment.http_requests), town.database.commits
        result = await who.click(on, label=label)
        assert town.database.commits - commits == 1
        assert len(town.environment.http_requests) - requests == 1 + follow_ups
        return result

    await sam.click(town.card("Thursday jelly"), label="Can't make it")
    friday = town.card("Friday jelly")
    await cost(sam, friday, "Ask the host to come", follow_ups=1)
    await town.settle()
    await cost(priya, told(town, "is kept for you")[0], "Take the seat")
    await cost(town.organizer, told(town, "would like to come")[0], "Let them in")
    asked = follow_up(await town.organizer.click(friday, label="Ask the host to come"))
    await cost(town.organizer, asked, "Heads-down")


# A series whose dates change.


async def test_a_date_a_newcomer_no_longer_comes_to_can_leave_its_series(town: Town) -> None:
    await said_yes_then_no_to_the_last_date(town, town.members[0])
    await change_the_rule(town)


async def test_a_date_to_which_somebody_wanted_to_come_for_hours_can_leave_its_series(
    town: Town,
) -> None:
    await said_yes_then_no_to_the_last_date(town, town.organizer, hours="10 to 13")
    await change_the_rule(town)


async def test_a_date_to_which_somebody_was_added_and_taken_off_can_leave_its_series(
    town: Town,
) -> None:
    sam = town.members[0]
    await schedule(town)
    await sam.click(town.card(), label="Going")
    await said_yes_then_no_to_the_last_date(town, town.organizer, member=sam)
    await change_the_rule(town)


async def said_yes_then_no_to_the_last_date(
    town: Town, who: simcord.MemberActor, **options: object
) -> None:
    """Somebody wanted to come to a date that has no card yet, and no longer does."""
    await schedule(town, title="Weekly jelly", when="every thursday 10-16")
    listed = await who.autocomplete(town.chat, "rsvp", "session", "weekly")
    for what in ("going", "declined"):
        await who.slash(town.chat, "rsvp", session=listed[-1]["value"], answer=what, **options)
    await town.settle()


async def change_the_rule(town: Town) -> None:
    """Give the series other days, so that its old dates ahead go."""
    preview = await previewed(town, which="weekly", dates="all", when="tuesdays and fridays 10-16")
    assert preview.response is not None
    saved = await town.organizer.click(preview.response, label="Save it")
    logged = [record.getMessage() for record in town.errors.records]
    town.errors.records.clear()
    assert logged == []
    assert "is changed" in said(saved)
