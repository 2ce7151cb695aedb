"""Actions of people and what they see, for the flows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import discord
import simcord
import simcord.interactions
from simcord.backend.serializers import message_payload
from simcord.results import InteractionResult

from data.models import Answer, Wish
from data.people.rsvps import answer as note_answer
from data.store.transaction import Transaction
from tests.moments import HOUR, MINUTE, THURSDAY_10
from tests.server.simulated_server import SimulatedServer, buttons_of, said, text_of

LAST_HOURS = THURSDAY_10 - 12 * HOUR
"""From this moment seats are offered instead of given."""

HOST = 1
"""The seat that a host takes, where a test is about the others."""

Shown = discord.Message | simcord.ResponseMessage
"""What buttons are attached to."""


async def drafted(
    server: SimulatedServer,
    *,
    title: str = "Thursday jelly",
    when: str = "thursday 10-16",
    by: simcord.MemberActor | None = None,
    **options: object,
) -> simcord.InteractionResult:
    """Returns the preview of a jelly that the organizer, or another host, has not posted yet."""
    return await (by or server.organizer).slash(
        server.jellies, "jelly new", what=title, when=when, where="The Alb", **options
    )


async def schedule(
    server: SimulatedServer,
    *,
    title: str = "Thursday jelly",
    when: str = "thursday 10-16",
    by: simcord.MemberActor | None = None,
    **options: object,
) -> None:
    """Has the organizer, or another host, schedule a jelly through the preview."""
    shown = await drafted(server, title=title, when=when, by=by, **options)
    assert shown.response is not None
    await (by or server.organizer).click(shown.response, label="Schedule it")
    await server.settle()
    if isinstance(host := options.get("host"), simcord.MemberActor):
        await agree_to_host(server, host)


async def agree_to_host(server: SimulatedServer, who: simcord.MemberActor) -> None:
    """Has someone who was asked to host say yes, under their latest private message."""
    await who.user.click(who.user.dm_channel.history()[-1], label="I'll host")
    await server.settle()


async def call_off(server: SimulatedServer, *, which: str = "Thursday jelly") -> None:
    """Has the organizer call a jelly off."""
    asked = await server.organizer.slash(server.jellies, "jelly cancel", jelly=which)
    assert asked.response is not None
    await server.organizer.click(asked.response, label="Call it off")
    await server.settle()


async def keep_every_message(server: SimulatedServer) -> None:
    """Has no message deleted that others replace, so that old buttons can be pressed."""

    def change(transaction: Transaction) -> None:
        transaction.run("UPDATE channel SET is_tidy = 0")

    await server.database.write(change)


async def previewed(
    server: SimulatedServer,
    *,
    which: str = "Thursday jelly",
    dates: str | None = None,
    seats: dict[str, Any] | None = None,
    **fields: object,
) -> simcord.InteractionResult:
    """Returns the preview of the organizer's changes, not saved yet."""
    listed = await server.organizer.autocomplete(server.jellies, "jelly edit", "jelly", which)
    first = next(one["value"] for one in listed if one["value"].startswith("session:"))
    options = {"jelly": first, **({"dates": dates} if dates else {})}
    form = await server.organizer.slash(server.jellies, "jelly edit", **options)
    preview = await server.organizer.submit_modal(
        form, {**filled(form), "host": [server.organizer], **fields}
    )
    if seats is not None:
        assert preview.response is not None
        asked = await server.organizer.click(preview.response, label="Seats and tone")
        preview = await server.organizer.submit_modal(asked, {**filled(asked), **seats})
    return preview


async def edit(
    server: SimulatedServer,
    *,
    which: str = "Thursday jelly",
    dates: str | None = None,
    seats: dict[str, Any] | None = None,
    host: simcord.MemberActor | None = None,
    **fields: object,
) -> str:
    """Has the organizer edit a jelly; returns the preview that was saved.

    A new ``host`` agrees.
    """
    named = {} if host is None else {"host": [host]}
    preview = await previewed(server, which=which, dates=dates, seats=seats, **named, **fields)
    text = said(preview)
    assert preview.response is not None
    saved = await server.organizer.click(preview.response, label="Save it")
    await server.settle()
    if host is not None and f"{host.mention} to host it" in said(saved):
        await agree_to_host(server, host)
    return text


def member(server: SimulatedServer, name: str) -> simcord.MemberActor:
    """Adds one more member and returns them."""
    user = server.environment.create_user(name.lower(), global_name=name)
    return server.guild.add_member(user)


def filled(form: simcord.InteractionResult) -> dict[str, Any]:
    """Returns what a form holds when it opens, as it would be sent if nothing were changed."""
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
    server: SimulatedServer, who: simcord.MemberActor, on: Shown | None = None, **fields: object
) -> simcord.InteractionResult:
    """Opens "Add details" on the card, or on another message, changes some of it and sends it."""
    form = await who.click(on or server.card(), label="Add details")
    sent = await who.submit_modal(form, {**filled(form), **fields})
    await server.settle()
    return sent


async def answer(
    server: SimulatedServer,
    who: simcord.MemberActor,
    what: str,
    *,
    session: str = "Thursday jelly",
    **options: object,
) -> simcord.InteractionResult:
    """Answers by command; with `member`, for another person."""
    return await who.slash(server.chat, "rsvp", jelly=session, answer=what, **options)


async def crowd(
    server: SimulatedServer,
    size: int,
    answer_of: Callable[[int], Answer] = lambda user_id: Answer.GOING,
) -> list[int]:
    """Has that many people answer the first session, by their user ids; all are going, unless told.

    They are no members of the server, and nothing of it is sent.
    """
    people = [10**17 + number for number in range(size)]
    for user_id in people:
        await server.database.write(
            partial(
                note_answer,
                guild_id=server.guild.id,
                session_id=1,
                user_id=user_id,
                wish=Wish(answer_of(user_id)),
                now=server.clock.now(),
            )
        )
    return people


async def press_in_turn(server: SimulatedServer, *people: simcord.MemberActor) -> None:
    """Has each press the card's first button: Going while seats last, then the waiting list."""
    for who in people:
        await who.click(server.card(), label=buttons_of(server.card())[0])


async def without_quiet_hours(server: SimulatedServer) -> None:
    """Has the organizer let people be notified at any hour."""
    await server.organizer.slash(server.chat, "settings", quiet_hours="none")


async def in_line(server: SimulatedServer, *, seats: int = 1, at: datetime = LAST_HOURS) -> None:
    """Has all members press, the first of them getting seats, on the evening before.

    The host has one, too. Quiet hours would begin then, so there are none.
    """
    await without_quiet_hours(server)
    await schedule(server, seats=HOST + seats)
    await press_in_turn(server, *server.members)
    await server.at(at)


async def cut_the_power(server: SimulatedServer) -> None:
    """Ends the bot while its messages are being sent, and lets another take over for a while."""
    with server.environment.time_context():
        await server.bot.outbox.pay()
    await server.kill()
    await server.start_again()
    await server.after(10 * MINUTE)


async def at_once(
    server: SimulatedServer, *presses: tuple[simcord.MemberActor, Shown, str]
) -> list[simcord.InteractionResult]:
    """Sends presses that all reach the bot before it answers any: member, message, button."""
    return await sent_together(
        server,
        *(
            (who, shown, {"custom_id": _button_id(server, shown, label), "component_type": 2})
            for who, shown, label in presses
        ),
    )


async def forged(
    server: SimulatedServer, who: simcord.MemberActor, custom_id: str, on: Shown, **data: object
) -> simcord.InteractionResult:
    """Sends a press of a button that is not there, as only a tampered client does."""
    [result] = await sent_together(
        server, (who, on, {"custom_id": custom_id, "component_type": 2, **data})
    )
    return result


async def sent_together(
    server: SimulatedServer,
    *presses: tuple[simcord.MemberActor, Shown, dict[str, Any]],
    kind: int = 3,
) -> list[simcord.InteractionResult]:
    """Sends interactions of one kind, 3 for presses and 5 for forms, all at the same time."""
    backend = server.environment.backend
    records = []
    for who, shown, data in presses:
        channel_id = (
            shown.channel_id if isinstance(shown, simcord.ResponseMessage) else shown.channel.id
        )
        record, payload = simcord.interactions.base_payload(
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
    await server.environment.settle()
    return [InteractionResult(server.environment, record) for record in records]


def _button_id(server: SimulatedServer, shown: Shown, label: str) -> str:
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


def told(server: SimulatedServer, words: str) -> list[discord.Message]:
    """Returns the messages posted in the channel with these words, also those deleted since."""
    return [one.message for one in server.posted() if words in one.message.content]


def letters(who: simcord.MemberActor) -> list[str]:
    """Returns the private messages that a member got from the bot."""
    return [text_of(message) for message in who.user.dm_channel.history()]


def follow_up(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """Returns the one private message that came after the card had answered a press."""
    [message] = result.followups
    assert message.ephemeral
    return message


async def mine(server: SimulatedServer, who: simcord.MemberActor) -> str:
    """Returns what /jellies says about one's own answer."""
    text = said(await who.slash(server.chat, "jellies"))
    lines = [line for line in text.splitlines() if line.startswith("-# You: ")]
    assert len(lines) <= 1, lines
    return lines[0].removeprefix("-# You: ") if lines else "no answer yet"


async def mine_of(server: SimulatedServer, who: simcord.MemberActor, title: str) -> str:
    """Returns the same for one of several jellies."""
    lines = said(await who.slash(server.chat, "jellies")).splitlines()
    [at] = [n for n, line in enumerate(lines) if title in line]
    answer = next((line for line in lines[at + 1 : at + 4] if line.startswith("-# You: ")), "")
    return answer.removeprefix("-# You: ") or "no answer yet"


async def series_listed(server: SimulatedServer) -> str:
    """Returns what the organizer reads of the series in the list of everything planned."""
    listed = await server.organizer.slash(server.jellies, "jelly list")
    assert listed.response is not None
    [label] = [one for one in buttons_of(listed.response) if one.endswith(" series")] or [""]
    if not label:
        return ""
    return said(await server.organizer.click(listed.response, label=label))


async def headcount(server: SimulatedServer, who: simcord.MemberActor) -> str:
    """Returns what /headcount shows a member about the jelly on Thursday."""
    return said(await who.slash(server.chat, "headcount session", jelly="Thursday jelly"))
