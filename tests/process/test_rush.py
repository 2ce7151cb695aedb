"""More people than seats, all at once: who gets one, the order of the others, what all are told."""

from __future__ import annotations

import asyncio
import os
import random
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from data.change_settings import save
from data.limits import CARD_NAMES
from data.models import Answer, ChannelSettings, Details, Occurrence, Schedule
from data.schedule.sessions import add_session
from data.store.database import Database
from data.store.transaction import Transaction
from tests.loopback import Guild, Loopback, Message, Press, Presses, Process

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEED = int(os.environ.get("RUSH_SEED", random.randrange(1_000_000)))
RACES = 20
SEATS = 10
HOST = 1
"""The seat that the host takes besides."""
MEMBERS = 100
LEAVERS = 5
IN_FLIGHT = (5, 20, 50, 100)
LONGEST_DELAY = 0.02
"""Seconds by which Discord accepts answers late, so that they overtake each other."""

_ACKNOWLEDGEMENT = "POST /interactions/{id}/{token}/callback"
_FOLLOW_UP = "POST /webhooks/{id}/{token}"
_MENTION = re.compile(r"<@(\d+)>")
_NUMBER = re.compile(r"\*\*#(\d+) on the waiting list\*\*")


@dataclass(frozen=True)
class Answered:
    """A row of the store."""

    user: int
    answer: str
    position: int


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def started() -> AsyncIterator[Loopback]:
    async with Loopback(seed=SEED) as discord:
        yield discord


@pytest_asyncio.fixture(loop_scope="module")
async def discord(started: Loopback) -> AsyncIterator[Loopback]:
    """Yields a Discord that accepts answers in another order than it gets them."""
    await started.reset_counters()
    await started.disturb_requests(path="/interactions/*", jitter=LONGEST_DELAY)
    yield started
    await started.clear_faults()
    assert await started.violations() == []


@pytest.fixture
def chance() -> random.Random:
    """Returns the source of all random choices except for the race itself."""
    print(f"RUSH_SEED={SEED} chooses the same again")  # noqa: T201  pytest shows it if the test fails
    return random.Random(SEED)


async def test_the_first_to_answer_are_seated_and_the_others_wait_in_turn(
    discord: Loopback, tmp_path: Path, chance: random.Random
) -> None:
    file = tmp_path / "jelly.sqlite3"
    guilds = [await discord.create_guild(members=MEMBERS) for _ in range(RACES)]
    sessions = await _schedule(file, guilds)
    cards: list[Message] = []
    races: list[Presses] = []
    async with _running(discord, file) as bot:
        for number, guild in enumerate(guilds):
            card = await _card(discord, guild)
            members = chance.sample(guild.members, MEMBERS)
            in_flight = IN_FLIGHT[number % len(IN_FLIGHT)]
            cards.append(card)
            races.append(
                await discord.press_many(
                    card, [card.buttons["Going"]], members, in_flight=in_flight
                )
            )
        # All members are new to their server, so that each of them is told something.
        await discord.wait_requests(_FOLLOW_UP, RACES * MEMBERS)
        for session, card in zip(sessions, cards, strict=True):
            await _until_card_shows(discord, card, _answers(file, session))
        assert await bot.stop() == 0
    counters = await discord.counters()
    assert counters.requests[_ACKNOWLEDGEMENT] == RACES * MEMBERS
    assert counters.requests[_FOLLOW_UP] == RACES * MEMBERS
    assert max(counters.statuses) < 400
    for session, card, race in zip(sessions, cards, races, strict=True):
        assert race.outcomes == {"update": MEMBERS}
        answers = _answers(file, session)
        seated, waiting = _users(answers, Answer.GOING), _users(answers, Answer.WAITLISTED)
        assert len(seated) == SEATS
        assert sorted(seated + waiting) == sorted(press.user for press in race.each)
        assert seated == [answered.user for answered in answers[:SEATS]]
        positions = [answered.position for answered in answers]
        assert positions == list(range(positions[0], positions[0] + MEMBERS))
        _assert_in_turn(race.each, seated + waiting)
        shown, told = await _shown_and_told(discord, card)
        assert _shows(shown, answers)
        assert _places(told) == dict(enumerate(waiting, start=1))


async def test_whoever_leaves_in_the_middle_makes_room_for_the_first_in_line(
    discord: Loopback, tmp_path: Path, chance: random.Random
) -> None:
    file = tmp_path / "jelly.sqlite3"
    guild = await discord.create_guild(members=MEMBERS)
    [session] = await _schedule(file, [guild])
    members = chance.sample(guild.members, MEMBERS)
    middle = chance.randrange(2 * SEATS, MEMBERS - SEATS)
    async with _running(discord, file) as bot:
        card = await _card(discord, guild)
        await discord.press_many(card, [card.buttons["Going"]], members[:middle], in_flight=50)
        early = _answers(file, session)
        seated, in_line = _users(early, Answer.GOING), _users(early, Answer.WAITLISTED)
        leaving = chance.sample(seated, LEAVERS)
        presses = [(member, "Going") for member in members[middle:]]
        presses += [(member, chance.choice(("Maybe", "Can't make it"))) for member in leaving]
        chance.shuffle(presses)
        race = await discord.press_many(
            card,
            [card.buttons[label] for _, label in presses],
            [member for member, _ in presses],
            in_flight=50,
        )
        assert race.outcomes == {"update": len(presses)}
        await _until(lambda: _is_everything_sent(file))
        await _until_card_shows(discord, card, _answers(file, session))
        assert await bot.stop() == 0
    promoted = in_line[:LEAVERS]
    answers = _answers(file, session)
    stayed = [member for member in seated if member not in leaving]
    assert _users(answers, Answer.GOING) == stayed + promoted
    waiting = _users(answers, Answer.WAITLISTED)
    assert waiting[: len(in_line) - LEAVERS] == in_line[LEAVERS:]
    assert sorted(waiting) == sorted(in_line[LEAVERS:] + members[middle:])
    _assert_in_turn(race.each, [member for member in waiting if member in members[middle:]])
    shown, _ = await _shown_and_told(discord, card)
    assert _shows(shown, answers)
    notices = [
        message
        for message in await discord.messages(card.channel_id)
        if not message.ephemeral and message.id != card.id
    ]
    assert Counter(user for notice in notices for user in notice.pinged_users) == Counter(promoted)
    assert Counter(user for notice in notices for user in _mentioned(notice)) == Counter(promoted)


@asynccontextmanager
async def _running(discord: Loopback, file: Path) -> AsyncIterator[Process]:
    environment = {"JELLY_DATABASE": str(file), "JELLY_LOG_LEVEL": "INFO"}
    async with discord.bot("bot", "run", env=environment) as bot:
        await discord.wait_ready()
        yield bot
    assert "ERROR" not in bot.output
    assert "Traceback" not in bot.output


async def _schedule(file: Path, guilds: Sequence[Guild]) -> list[int]:
    """Schedules a jelly with few seats in each server, its card due at once; returns their ids.

    Its host has one more.
    """
    now = datetime.now(UTC)
    start = now + timedelta(days=2)
    wall_time, length = start.replace(tzinfo=None), timedelta(hours=4)

    def schedule(transaction: Transaction, guild: Guild) -> int:
        channel = guild.channels["jellies"]
        settings = ChannelSettings(
            channel, guild.id, "UTC", timedelta(days=6), (), None, quiet_hours=None
        )
        save(transaction, settings, now=now)
        session = add_session(
            transaction,
            channel_id=channel,
            created_by=guild.owner,
            details=Details("Rush", "The Alb", "", guild.owner, capacity=HOST + SEATS),
            schedule=Schedule("UTC", wall_time, length),
            occurrence=Occurrence(wall_time, start, start + length),
            now=now,
        )
        return session.session_id

    async with await Database.open(file) as database:
        return await database.write(lambda t: [schedule(t, guild) for guild in guilds])


async def _card(discord: Loopback, guild: Guild) -> Message:
    [card] = await discord.messages(guild.channels["jellies"], at_least=1)
    return card


async def _until_card_shows(discord: Loopback, card: Message, answers: Sequence[Answered]) -> None:
    async def shows() -> bool:
        shown, _ = await _shown_and_told(discord, card)
        return _shows(shown, answers)

    await _until(shows)


async def _until(holds: Callable[[], Awaitable[bool]], within: float = 15.0) -> None:
    """Waits until something that is not announced has happened."""
    async with asyncio.timeout(within):
        while not await holds():
            await asyncio.sleep(0.05)


async def _shown_and_told(discord: Loopback, card: Message) -> tuple[Message, list[Message]]:
    """Returns the present card, and what people were told in private."""
    messages = await discord.messages(card.channel_id)
    [shown] = [message for message in messages if message.id == card.id]
    return shown, [message for message in messages if message.ephemeral]


def _shows(card: Message, answers: Sequence[Answered]) -> bool:
    """Returns whether a card shows who has the seats, and how many wait."""
    waiting = len(_users(answers, Answer.WAITLISTED))
    text = card.text.replace("\u00a0", " ")
    [people] = [line for line in text.splitlines() if line.startswith("<@")]
    named = [int(user) for user in _MENTION.findall(people)][HOST:]
    return (
        named == _users(answers, Answer.GOING)[: CARD_NAMES - HOST]
        and f"**{HOST + SEATS} coming** · **no seats left** · **{waiting} waiting**" in text
    )


def _mentioned(message: Message) -> list[int]:
    return [int(user) for user in _MENTION.findall(message.text)]


def _places(told: Sequence[Message]) -> dict[int, int]:
    """Returns the waiting list: the member by the place that they were told."""
    numbers = [(_NUMBER.search(message.text), message) for message in told]
    return {
        int(number[1]): int(message.raw["interaction_metadata"]["user"]["id"])
        for number, message in numbers
        if number is not None
    }


def _assert_in_turn(presses: Sequence[Press], line: Sequence[int]) -> None:
    """Asserts that nobody is behind a member who pressed after their acknowledgement."""
    press_of = {press.user: press for press in presses}
    for place, user in enumerate(line):
        for behind in line[place + 1 :]:
            assert not press_of[behind].was_answered_before(press_of[user])


def _answers(file: Path, session: int) -> list[Answered]:
    """Returns all answers of members to a session, in the order in which they count."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute(
            """
            SELECT user_id, answer, position FROM rsvp
            WHERE session_id = ? AND as_host = 0 ORDER BY position
            """,
            (session,),
        )
        return [Answered(*row) for row in rows]


def _users(answers: Sequence[Answered], answer: Answer) -> list[int]:
    return [answered.user for answered in answers if answered.answer == answer]


async def _is_everything_sent(file: Path) -> bool:
    """Returns whether the channel got what it was owed; private messages are due later."""
    with closing(sqlite3.connect(file)) as connection:
        unsent = connection.execute(
            """
            SELECT COUNT(*) FROM delivery
            WHERE kind IN ('announcement', 'promoted') AND state <> 'sent'
            """
        )
        return bool(unsent.fetchone() == (0,))
