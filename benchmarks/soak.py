"""Mixed use for as long as you like, with faults in between: what leaks, stalls or gets lost.

Members press, answer by command, look things up and fill in forms; jellies are scheduled minutes
ahead, moved and called off, so that cards, reminders and notices come in real time. Every few
seconds something goes wrong: requests fail or are slow, presses arrive twice, the gateway is cut,
asked to reconnect or loses its session. The health page of the bot tells its memory, tasks, open
files and the longest stall of its event loop. The seed replays who does what, not the timing.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import socket
import sqlite3
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.report import median, percentile, print_table
from tests.loopback import Answer, Guild, Loopback, Message

CHANNELS, MEMBERS = 4, 40
OPEN_JELLIES = 8
PRESSES = {"Going": "going", "Maybe": "maybe", "Can't make it": "declined"}
BETWEEN_ACTIONS = 0.05
BETWEEN_FAULTS = 8.0
BETWEEN_LOOKS = 1.0
SETTLED_WITHIN = 60.0

_OWED_NOW = "state IN ('pending', 'sending') AND try_at <= unixepoch() AND kind <> 'refresh'"


@dataclass(frozen=True)
class Look:
    """What the health page told at one moment: bytes, counts and seconds."""

    memory: int
    tasks: int
    open_files: int
    stall: float


@dataclass
class Soak:
    """What a soak came to."""

    seed: int
    seconds: float
    acknowledged: int = 0
    unanswered: int = 0
    lost: int = 0
    faults: int = 0
    errors: int = 0
    sent: int = 0
    doubled: int = 0
    expired: int = 0
    unpaid: int = 0
    oddities: list[str] = field(default_factory=list)
    """What was lost or doubled, for a person to look into."""
    waits: list[float] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)

    @property
    def memory_growth(self) -> float:
        """The last quarter's memory to the second's: the first is spent warming up."""
        quarter = max(1, len(self.looks) // 4)
        before = self.looks[quarter : 2 * quarter] or self.looks
        return median([look.memory for look in self.looks[-quarter:]]) / median(
            [look.memory for look in before]
        )

    @property
    def task_growth(self) -> int:
        return self.looks[-1].tasks - self.looks[0].tasks

    @property
    def file_growth(self) -> int:
        return self.looks[-1].open_files - self.looks[0].open_files

    @property
    def longest_stall(self) -> float:
        return max(look.stall for look in self.looks[1:])


async def soak(seconds: float, file: Path, *, seed: int) -> Soak:
    """Use a bot of its own process for so long, then let it settle and count."""
    result = Soak(seed, seconds)
    async with Loopback(seed=seed) as discord, aiohttp.ClientSession() as http:
        guild = await discord.create_guild(
            channels=[f"jellies-{number}" for number in range(CHANNELS)], members=MEMBERS
        )
        port = _free_port()
        settings = {
            "JELLY_DATABASE": str(file),
            "JELLY_LOG_LEVEL": "ERROR",
            "JELLY_HEALTH_PORT": str(port),
        }
        async with discord.bot("bot", "run", env=settings) as bot:
            await discord.wait_ready()
            use = _Use(discord, guild, random.Random(seed), result)
            await use.set_up()
            result.looks.append(await _look(http, port))
            async with _looking(http, port, result):
                await use.go_on(seconds)
            await _settled(file)
            result.looks.append(await _look(http, port))
            code = await bot.stop()
            assert code == 0, bot.output
            result.errors = bot.output.count(" ERROR ") + bot.output.count("Traceback")
        await _count(discord, guild, file, use.last_words, result)
    return result


class _Use:
    """People who use the bot, one after the other, each with their own mind."""

    def __init__(
        self, discord: Loopback, guild: Guild, chance: random.Random, result: Soak
    ) -> None:
        self._discord = discord
        self._guild = guild
        self._chance = chance
        self._result = result
        self._cards: dict[int, Message] = {}
        self._ends: dict[int, datetime] = {}
        self._number = 0
        self.last_words: dict[tuple[int, int], str] = {}
        """The last acknowledged answer, by the card's message and the member."""
        self._in_doubt: set[tuple[int, int]] = set()
        """Where a press was not answered: it may still reach the bot, after later ones."""

    async def set_up(self) -> None:
        channel = next(iter(self._guild.channels.values()))
        options = {"channel": channel, "zone": "UTC", "reminders": "1 minute"}
        await self._discord.slash(self._guild.owner, channel, "settings", options)
        await self._schedule()

    async def go_on(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        end, next_fault = loop.time() + seconds, loop.time() + BETWEEN_FAULTS / 2
        actions = (
            [self._press] * 30
            + [self._answer_by_command, self._look_up, self._fill_in] * 2
            + [self._schedule, self._move, self._call_off]
        )
        while loop.time() < end:
            if loop.time() >= next_fault:
                next_fault = loop.time() + BETWEEN_FAULTS
                await self._disturb()
            with suppress(IndexError):  # there is no card at the moment
                await self._chance.choice(actions)()
            await asyncio.sleep(BETWEEN_ACTIONS)
        await self._discord.clear_faults()

    async def _press(self) -> None:
        card = self._card()
        member = self._chance.choice(self._guild.members)
        label = self._chance.choice(list(PRESSES))
        if label not in card.buttons:
            return
        # The card as they saw it: it may have changed since, and then they are told so.
        answer = await self._discord.click(member, card, card.buttons[label], forged=True)
        self._note(card, member, answer, PRESSES[label] if answer.kind == "update" else None)

    async def _answer_by_command(self) -> None:
        card = self._card()
        member = self._chance.choice(self._guild.members)
        options = {"session": _title(card), "answer": "going", "note": f"note {self._number} ✏️"}
        answer = await self._discord.slash(member, card.channel_id, "rsvp", options)
        is_kept = answer.message is not None and "**Going**" in answer.message.text
        self._note(card, member, answer, "going" if is_kept else None)

    async def _look_up(self) -> None:
        member = self._chance.choice(self._guild.members)
        name = self._chance.choice(["jellies", "me", "help", "jelly list"])
        self._took(await self._discord.slash(member, self._channel(), name))

    async def _fill_in(self) -> None:
        card = self._card()
        if "Add details" not in card.buttons:
            return
        member = self._chance.choice(self._guild.members)
        shown = await self._discord.click(member, card, card.buttons["Add details"], forged=True)
        if self._took(shown) and shown.kind == "modal":
            # Details do not say whether somebody comes, but who had declined comes after all.
            self.last_words.pop((card.id, member), None)
            self._note(card, member, await self._discord.submit_modal(shown, {}), None)

    async def _schedule(self) -> None:
        now = datetime.now(UTC)
        self._ends = {card: end for card, end in self._ends.items() if end > now}
        if len(self._ends) >= OPEN_JELLIES:
            return
        self._number += 1
        start = now + timedelta(minutes=self._chance.randint(2, 5))
        end = start + timedelta(minutes=self._chance.randint(2, 10))
        if end.date() != start.date():
            return
        channel = self._channel()
        title = f"Soaked jelly {self._number}"
        options = {
            "what": title,
            "when": f"{start:%Y-%m-%d %H:%M}-{end:%H:%M}",
            "where": "The Albion",
        }
        preview = await self._discord.slash(self._guild.owner, channel, "jelly new", options)
        if not self._took(preview) or preview.message is None:
            return
        button = preview.message.buttons["Post it"]
        self._took(await self._discord.click(self._guild.owner, preview.message, button))
        if (card := await self._posted(title)) is not None:
            self._cards[card.id] = card
            self._ends[card.id] = end

    async def _move(self) -> None:
        self._number += 1
        where = {"where": f"Table {self._number}"}
        await self._change(self._card(), "jelly move", where, "Save it")

    async def _call_off(self) -> None:
        card = self._card()
        if self._chance.random() < 0.3:
            await self._change(card, "jelly cancel", {}, "Call it off")
            self._ends.pop(card.id, None)

    async def _change(
        self, card: Message, command: str, options: dict[str, Any], button: str
    ) -> None:
        owner, which = self._guild.owner, {"which": _title(card), **options}
        asked = await self._discord.slash(owner, card.channel_id, command, which)
        if self._took(asked) and asked.message is not None and button in asked.message.buttons:
            pressed = asked.message.buttons[button]
            self._took(await self._discord.click(owner, asked.message, pressed))

    async def _disturb(self) -> None:
        discord, chance = self._discord, self._chance
        await discord.clear_faults()
        self._result.faults += 1
        match chance.randrange(7):
            case 0:
                await discord.disturb_requests(method="POST", status=503, chance=0.3)
            case 1:
                await discord.disturb_requests(latency=0.05, jitter=0.2)
            case 2:
                path = "/channels/*"
                await discord.disturb_requests(path=path, drop=True, takes_effect=True, times=2)
            case 3:
                await discord.disturb_interactions(copies=2, times=20)
            case 4:
                await discord.cut_gateway()
            case 5:
                await discord.ask_to_reconnect()
            case _:
                await discord.invalidate_session(resumable=True)

    async def _posted(self, title: str) -> Message | None:
        """The card of that title, once it is in the channel."""
        for _ in range(100):
            for channel in self._guild.channels.values():
                for message in await self._discord.messages(channel):
                    if not message.ephemeral and message.text.startswith(f"## {title}\n"):
                        return message
            await asyncio.sleep(BETWEEN_ACTIONS)
        return None

    def _note(self, card: Message, member: int, answer: Answer, said: str | None) -> None:
        """Remember what a member was told that they said, unless that is in doubt."""
        key = card.id, member
        if not self._took(answer):
            self._in_doubt.add(key)
            self.last_words.pop(key, None)
        elif said is not None and key not in self._in_doubt:
            self.last_words[key] = said

    def _took(self, answer: Answer) -> bool:
        """Count an answer; whether there was one that Discord took."""
        if answer.kind is None or answer.seconds is None:
            self._result.unanswered += 1
            return False
        self._result.acknowledged += 1
        self._result.waits.append(answer.seconds)
        return True

    def _card(self) -> Message:
        return self._cards[self._chance.choice(list(self._ends))]

    def _channel(self) -> int:
        return self._chance.choice(list(self._guild.channels.values()))


@asynccontextmanager
async def _looking(http: aiohttp.ClientSession, port: int, result: Soak) -> AsyncIterator[None]:
    """Ask the health page now and then, as long as this is open."""

    async def keep_looking() -> None:
        while True:
            await asyncio.sleep(BETWEEN_LOOKS)
            result.looks.append(await _look(http, port))

    looking = asyncio.create_task(keep_looking())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


async def _look(http: aiohttp.ClientSession, port: int) -> Look:
    async with http.get(f"http://127.0.0.1:{port}/healthz") as answer:
        told = await answer.json()
    return Look(told["memory"], told["tasks"], told["open_files"], told["event_loop_stall"])


async def _settled(file: Path) -> None:
    """Wait until everything due has been sent."""
    async with asyncio.timeout(SETTLED_WITHIN):
        while _number(file, f"SELECT COUNT(*) FROM delivery WHERE {_OWED_NOW}"):
            await asyncio.sleep(0.5)


async def _count(
    discord: Loopback,
    guild: Guild,
    file: Path,
    last_words: dict[tuple[int, int], str],
    result: Soak,
) -> None:
    with closing(sqlite3.connect(file)) as connection:
        stored = {
            (card, user): answer
            for card, user, answer in connection.execute(
                "SELECT card_message_id, user_id, answer FROM rsvp JOIN session USING (session_id)"
            )
        }
    for (card, member), answer in last_words.items():
        if (kept := stored.get((card, member))) != answer:
            result.lost += 1
            result.oddities.append(f"{member} was told {answer} on {card}; stored is {kept}")
    result.expired = _number(file, "SELECT COUNT(*) FROM delivery WHERE state = 'expired'")
    result.unpaid = _number(file, f"SELECT COUNT(*) FROM delivery WHERE {_OWED_NOW}")
    for channel in guild.channels.values():
        shown = [m for m in await discord.messages(channel) if not m.ephemeral]
        # Every jelly has a name of its own, and every place that one moves to.
        counted = Counter(_title(m) if m.text.startswith("## ") else m.text for m in shown)
        for text, times in counted.items():
            result.doubled += times - 1
            if times > 1:
                result.oddities.append(f"{times} times: {text}")
        result.sent += len(shown)


def _number(file: Path, query: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(query).fetchone()[0])


def _title(card: Message) -> str:
    return card.text.splitlines()[0].removeprefix("## ")


def _free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seconds = 60 * options.minutes
        result = asyncio.run(soak(seconds, Path(folder) / "jelly.sqlite3", seed=options.seed))
    print_soak(result)


def print_soak(result: Soak) -> None:
    print_table(
        f"{result.seconds / 60:.1f} minutes of mixed use, seed {result.seed}",
        ("what", "figure"),
        [
            ("faults injected", result.faults),
            ("presses and commands acknowledged", result.acknowledged),
            ("not answered in 3 s, amid faults", result.unanswered),
            ("acknowledged answers lost", result.lost),
            ("p50 of an acknowledgement, ms", 1e3 * percentile(result.waits, 50)),
            ("p99 of an acknowledgement, ms", 1e3 * percentile(result.waits, 99)),
            ("messages sent", result.sent),
            ("messages doubled", result.doubled),
            ("messages expired", result.expired),
            ("messages due and not sent", result.unpaid),
            ("errors in the log", result.errors),
            ("memory at the end, MB", result.looks[-1].memory / 1e6),
            ("memory, last quarter to second", result.memory_growth),
            ("tasks more than at the start", result.task_growth),
            ("open files more than at the start", result.file_growth),
            ("longest stall of the event loop, ms", 1e3 * result.longest_stall),
        ],
    )
    for oddity in result.oddities:
        print(oddity)


if __name__ == "__main__":
    main()
