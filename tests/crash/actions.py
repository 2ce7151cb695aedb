"""The actions during which the bot is killed, by kind of work."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from tests.crash.kill_points import KillPoint, draw
from tests.crash.world import Jelly, Word, World
from tests.loopback import Answer, Message
from tests.moments import DAY, HOUR, MINUTE

CARD_BEFORE = 6 * DAY
REMINDERS = (DAY, HOUR)
"""Times before a start, as in the initial settings of a server."""
OFFERS_WITHIN = 12 * HOUR
SEATS = 2
BY_DAY = range(9, 21)
ANSWERS = ("going", "maybe", "declined")
STORED = ("You're going to", "You said maybe to", "You can't make", "You're waiting for a seat")
"""The beginnings of what ``/rsvp`` says once it has stored an answer."""
USED_UP = "That preview has been used"
"""What a person is told who presses "Schedule it" a second time."""

Deed = Callable[[World, random.Random], Awaitable[None]]


async def upgrade(world: World, chance: random.Random) -> None:
    """Starts the bot on the file of an older version."""
    await world.begin(kill_point=draw(chance, f"migration from {world.schema}"))
    await world.ready()
    await world.settle()


async def schedule(world: World, chance: random.Random) -> None:
    """Has the host post a jelly, whose card is due at once or later."""
    await _begin_soon(world, chance)
    unanswered = [
        jelly for jelly in world.ledger.jellies.values() if _is_pressed_in_vain(world, jelly)
    ]
    kill_point = draw(chance, "schedule")
    if unanswered:
        world.arm(kill_point)
        await press_post(world, unanswered[-1])
    else:
        later = chance.random() < 0.5
        ahead = CARD_BEFORE + chance.uniform(1, 9) * HOUR if later else chance.uniform(1, 4) * DAY
        await post(world, new_jelly(world, ahead), kill_point)
    await world.settle()


async def announcement(world: World, chance: random.Random) -> None:
    """Makes a card due: when its jelly is posted, or while no bot is running."""
    waiting = [
        jelly
        for jelly in world.ledger.jellies.values()
        if jelly.is_scheduled
        and not jelly.call_off_asked
        and jelly.starts_at - CARD_BEFORE > world.now
    ]
    if waiting and chance.random() < 0.7:
        first = min(waiting, key=lambda jelly: jelly.starts_at)
        kill_point = draw(chance, "announcement when due")
        await _begin_at(world, chance, first.starts_at - CARD_BEFORE, kill_point)
        await world.shown(first)
    else:
        await _begin_soon(world, chance)
        jelly = new_jelly(world, chance.uniform(1, 4) * DAY)
        await post(world, jelly, draw(chance, "announcement at once"))
    await world.settle()


async def press(world: World, chance: random.Random) -> None:
    """Has a member answer on a card, or by command."""
    await _begin_soon(world, chance)
    jelly = await _with_card(world, chance)
    user, kill_point = chance.choice(world.guild.members), draw(chance, "press")
    if chance.random() < 0.25:
        await answer_by_command(world, jelly, user, chance, kill_point)
    else:
        await answer_on_card(world, jelly, user, chance.choice(ANSWERS), kill_point)
    await world.settle()


async def promotion(world: World, chance: random.Random) -> None:
    """Frees a seat while others wait for it."""
    await _begin_soon(world, chance)
    jelly = await _full_jelly(world, chance)
    holder = next(user for user in jelly.in_order if user not in jelly.gone)
    jelly.gone.append(holder)
    try:
        kill_point = draw(chance, "promotion")
        await answer_on_card(world, jelly, holder, "declined", kill_point, what="promotion")
    except BaseException:
        jelly.gone.remove(holder)  # otherwise they would press again
        raise
    await world.settle()


async def reminder(world: World, chance: random.Random) -> None:
    """Makes a reminder due while no bot is running."""
    moments = sorted(
        jelly.starts_at - before
        for jelly in world.ledger.jellies.values()
        for before in REMINDERS
        if jelly.is_scheduled and not jelly.call_off_asked
    )
    due = next((moment for moment in moments if moment > world.now), None)
    if due is None:
        jelly = new_jelly(world, DAY + chance.uniform(1, 6) * HOUR)
        await _begin_soon(world, chance)
        await post(world, jelly)
        await world.stop()
        due = jelly.starts_at - DAY
    await _begin_at(world, chance, due, draw(chance, "reminder"))
    await world.ready()
    await world.settle()


async def tidying(world: World, chance: random.Random) -> None:
    """Makes the second reminder of a jelly due, which takes the place of the first one."""
    await _begin_soon(world, chance)
    jelly = new_jelly(world, DAY + chance.uniform(1, 6) * HOUR)
    await post(world, jelly)
    await answer_on_card(world, jelly, chance.choice(world.guild.members), "going")
    await world.settle()
    await world.stop()
    await world.go_to(jelly.starts_at - DAY)
    await world.live_on()
    await _begin_at(world, chance, jelly.starts_at - HOUR, draw(chance, "tidying"))
    await world.ready()
    await world.settle()


async def question(world: World, chance: random.Random) -> None:
    """Has the host answer somebody who asks to come after the deadline."""
    if world.now.hour not in BY_DAY:  # at night nobody is notified
        await world.go_to(world.now.replace(hour=BY_DAY[0]) + DAY)
    await _begin_soon(world, chance)
    jelly = new_jelly(world, chance.uniform(8, 20) * HOUR)
    jelly.is_closed = True
    await post(world, jelly, answers_close="1 day")
    member = chance.choice(world.guild.members)
    card = await world.shown(jelly)
    await world.ask("question", world.discord.click(member, card, _button(card, "going")))
    asked = await world.until(lambda: _asked(world, jelly))
    world.arm(draw(chance, "question"))
    label = chance.choice(("Let them in", "Not this time"))
    host = world.guild.owner
    await world.ask("question", world.discord.click(host, asked, asked.buttons[label]))
    await world.settle()


async def cancellation(world: World, chance: random.Random) -> None:
    """Has the host call a jelly off."""
    await _begin_soon(world, chance)
    jelly = await _with_card(world, chance)
    asked = await world.ask(
        "cancellation",
        world.discord.slash(
            world.guild.owner, world.channel, "jelly cancel", {"jelly": jelly.title}
        ),
    )
    assert asked.message is not None
    yes = asked.message.buttons["Call it off"]
    jelly.call_off_asked = True
    world.arm(draw(chance, "cancellation"))
    await world.ask("cancellation", world.discord.click(world.guild.owner, asked.message, yes))
    jelly.is_called_off = True
    await world.settle()


async def backup(world: World, chance: random.Random) -> None:
    """Makes a copy: at the first start of a new day, or by command while the bot runs."""
    if chance.random() < 0.6:
        midnight = world.now.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        await _begin_at(world, chance, midnight, draw(chance, "nightly copy"))
        await world.ready()
        await world.settle()
    else:
        await _begin_soon(world, chance)
        jelly = await _with_card(world, chance)
        copying = asyncio.create_task(world.copy(draw(chance, "backup")))
        for user in world.guild.members:
            await answer_on_card(world, jelly, user, chance.choice(ANSWERS))
        await copying


ACTIONS: dict[str, Deed] = {
    "migration": upgrade,
    "schedule": schedule,
    "press": press,
    "promotion": promotion,
    "announcement": announcement,
    "reminder": reminder,
    "tidying": tidying,
    "question": question,
    "cancellation": cancellation,
    "backup": backup,
}


# Actions of people, with or without a kill point.


def new_jelly(world: World, ahead: timedelta, seats: int | None = None) -> Jelly:
    """Returns a jelly that has not been posted yet, starting at a whole minute."""
    number = len(world.ledger.jellies) + 1
    starts_at = (world.now + ahead).replace(second=0, microsecond=0)
    jelly = Jelly(f"Jelly {number:03}", starts_at, world.now, seats)
    world.ledger.jellies[jelly.title] = jelly
    return jelly


async def post(
    world: World, jelly: Jelly, kill_point: KillPoint | None = None, **more: object
) -> None:
    """Schedules a jelly through its preview."""
    options = {
        **more,
        "what": jelly.title,
        "when": f"{jelly.starts_at:%Y-%m-%d %H:%M}",
        "where": "The Alb",
        # One seat is the host's.
        **({"seats": 1 + jelly.seats} if jelly.seats else {}),
    }
    host = world.guild.owner
    asked = world.discord.slash(host, world.channel, "jelly new", options)
    jelly.preview = (await world.ask("schedule", asked)).message
    if kill_point is not None:
        world.arm(kill_point)
    await press_post(world, jelly)


async def press_post(world: World, jelly: Jelly) -> None:
    """Presses "Schedule it" under a preview, perhaps not for the first time."""
    assert jelly.preview is not None
    button = jelly.preview.buttons["Schedule it"]
    answer = await world.ask(
        "schedule", world.discord.click(world.guild.owner, jelly.preview, button)
    )
    assert answer.kind == "update" or (answer.message and USED_UP in answer.message.text), answer
    jelly.is_scheduled = True


async def answer_on_card(
    world: World,
    jelly: Jelly,
    user: int,
    answer: str,
    kill_point: KillPoint | None = None,
    *,
    what: str = "press",
) -> None:
    card = await world.shown(jelly)
    if kill_point is not None:
        world.arm(kill_point)
    pressed = world.discord.click(user, card, _button(card, answer))
    given = await _answered(world, what, pressed, jelly, user, Word(answer, None, False))
    assert given.kind == "update", given


async def answer_by_command(
    world: World, jelly: Jelly, user: int, chance: random.Random, kill_point: KillPoint
) -> None:
    answer, note = chance.choice(ANSWERS), f"note {chance.random()}"
    world.arm(kill_point)
    typed = world.discord.slash(
        user, world.channel, "rsvp", {"jelly": jelly.title, "answer": answer, "note": note}
    )
    given = await _answered(world, "press", typed, jelly, user, Word(answer, note, False))
    assert given.message is not None
    assert given.message.text.startswith(STORED), given


async def _answered(
    world: World, what: str, asking: Awaitable[Answer], jelly: Jelly, user: int, word: Word
) -> Answer:
    try:
        answer = await world.ask(what, asking)
    except BaseException:
        world.ledger.said(jelly.title, user, word)
        raise
    world.ledger.said(jelly.title, user, Word(word.answer, word.note, is_acknowledged=True))
    return answer


async def _asked(world: World, jelly: Jelly) -> Message | None:
    """Returns the question to the host of a jelly, or None if it is not there yet."""
    says = f"would like to join **{jelly.title}**"
    return next((one for one in await world.messages() if says in one.text), None)


def _button(card: Message, answer: str) -> str:
    """Returns the id of the button that gives an answer; its label depends on the outcome."""
    [button] = [one for one in card.buttons.values() if one.endswith(f":{answer}")]
    return button


# How processes are started.


async def _begin_soon(world: World, chance: random.Random) -> None:
    """Starts the next bot after seconds or minutes: before and after Discord forgets a nonce."""
    await world.advance(chance.choice((1, 20, 90, 150, 240, 900)))
    await world.begin()
    await world.ready()


async def _begin_at(
    world: World, chance: random.Random, moment: datetime, kill_point: KillPoint
) -> None:
    """Starts the next bot at a moment, or up to some minutes after it.

    In most cases another bot first does the remaining work, so that the kill falls into this work.
    """
    if chance.random() < 0.7:
        await world.live_on()
    await world.go_to(moment + chance.choice((0, 1, 6)) * MINUTE)
    await world.begin(kill_point=kill_point)


async def _with_card(world: World, chance: random.Random) -> Jelly:
    """Returns a jelly that can be answered or called off; creates one if there is none."""
    jellies = [
        jelly
        for jelly in world.ledger.jellies.values()
        if jelly.seats is None
        and not jelly.is_closed
        and _is_ahead(world, jelly, MINUTE)
        and await world.card(jelly)
    ]
    if len(jellies) > 1 or (jellies and chance.random() < 0.5):
        return chance.choice(jellies)
    jelly = new_jelly(world, chance.uniform(1, 4) * DAY)
    await post(world, jelly)
    await world.shown(jelly)
    return jelly


async def _full_jelly(world: World, chance: random.Random) -> Jelly:
    """Returns a jelly with fewer seats than people who asked for one."""
    for jelly in world.ledger.jellies.values():
        is_open = _is_ahead(world, jelly, OFFERS_WITHIN + HOUR)
        if is_open and jelly.seats and len(jelly.in_order) - len(jelly.gone) > jelly.seats:
            await world.shown(jelly)
            return jelly
    jelly = new_jelly(world, chance.uniform(2, 4) * DAY, SEATS)
    await post(world, jelly)
    for user in chance.sample(world.guild.members, len(world.guild.members)):
        await answer_on_card(world, jelly, user, "going")
        jelly.in_order.append(user)
    return jelly


def _is_pressed_in_vain(world: World, jelly: Jelly) -> bool:
    """Returns whether the host got no answer to "Schedule it" and the preview is still valid."""
    return (
        jelly.preview is not None
        and not jelly.is_scheduled
        and jelly.made_at > world.now - 12 * HOUR
        and jelly.starts_at > world.now + DAY
    )


def _is_ahead(world: World, jelly: Jelly, margin: timedelta) -> bool:
    return jelly.is_scheduled and not jelly.call_off_asked and jelly.starts_at > world.now + margin
