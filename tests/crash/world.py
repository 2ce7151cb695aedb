"""A server with consecutive bots, its time, and what its people were told."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from data.migrations import newest_version
from data.store.transaction import Transaction
from data.upgrades import is_planned
from tests.crash.kill_points import KillPoint
from tests.crash.process_pool import LONGEST_WAIT, Life, Order, ProcessPool
from tests.loopback import TOKEN, Answer, Guild, Loopback, Message

T = TypeVar("T")

DATABASE = "jelly.sqlite3"
MEMBERS = 8


class Died(Exception):
    """The bot was killed before this happened."""


@dataclass
class Jelly:
    """What the people know of a jelly."""

    title: str
    starts_at: datetime
    made_at: datetime
    seats: int | None = None
    """For members, besides that of the host."""
    is_closed: bool = False
    """Whether its answers have closed, so that Going asks the host."""
    preview: Message | None = None
    """What its host was shown before it was posted."""
    is_scheduled: bool = False
    """Whether its host was told so; if not, it may or may not be scheduled."""
    call_off_asked: bool = False
    is_called_off: bool = False
    """Whether its host was told so."""
    in_order: list[int] = field(default_factory=list)
    """If there are seats: the members who asked for one, in order."""
    gone: list[int] = field(default_factory=list)
    """The members of these who gave their seat back, or meant to."""


@dataclass(frozen=True)
class Word:
    """What a member said about coming, and whether they were told that it is stored."""

    answer: str
    note: str | None
    is_acknowledged: bool


@dataclass
class Ledger:
    """Everything that people were told, or got no answer about."""

    jellies: dict[str, Jelly] = field(default_factory=dict)
    words: dict[tuple[str, int], list[Word]] = field(default_factory=dict)
    """By jelly and member, in the order in which they were said."""
    acknowledged: int = 0
    """Presses and commands that got an answer."""
    unanswered: int = 0

    def said(self, title: str, user: int, word: Word) -> None:
        self.words.setdefault((title, user), []).append(word)


class World:
    """A server with its own time, which moves on when told to and with the machine's."""

    def __init__(
        self, discord: Loopback, pool: ProcessPool, guild: Guild, folder: Path, ahead: float
    ) -> None:
        self.discord = discord
        self.guild = guild
        self.folder = folder
        self.log = folder.with_suffix(".log")
        self.ledger = Ledger()
        self.copies = folder.parent / f"{folder.name}-copies"
        self.copies.mkdir()
        self.in_hand: set[str] = set()
        """What people wait for an answer to."""
        self.codes: list[int] = []
        """The exit codes of processes."""
        self.kill_point: KillPoint | None = None
        """When the current or last bot was to be killed."""
        self.is_buried = True
        self.schema = newest_version()
        """Of the file with which the server began."""
        self._nursery = pool
        self._ahead = ahead
        self._life: Life

    @classmethod
    async def found(cls, discord: Loopback, pool: ProcessPool, folder: Path) -> Self:
        """Returns a new server, on a morning, with its own subfolder and no file yet."""
        folder = Path(tempfile.mkdtemp(dir=folder))
        guild = await discord.create_guild(members=MEMBERS)
        world = cls(discord, pool, guild, folder, await discord.advance(0))
        tomorrow = world.now + timedelta(days=1)
        await world.go_to(tomorrow.replace(hour=9, minute=0, second=0, microsecond=0))
        return world

    @property
    def channel(self) -> int:
        return self.guild.channels["jellies"]

    @property
    def file(self) -> Path:
        return self.folder / DATABASE

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    async def advance(self, seconds: float) -> None:
        """Lets that much time pass while no bot is running."""
        self._ahead += seconds
        await self.discord.advance(seconds)

    async def go_to(self, moment: datetime) -> None:
        await self.advance(max(0.0, (moment - self.now).total_seconds()))

    # The bot process.

    async def begin(self, kill_point: KillPoint | None = None) -> None:
        """Starts a bot, with a kill point from the start if one is given."""
        await self.discord.expect_bot()
        self.kill_point = kill_point
        self.is_buried = False
        self._life = await self._nursery.begin(self._order("run"), kill_point)

    def arm(self, kill_point: KillPoint) -> None:
        """Sets the moment at which the bot is killed, from now on."""
        self.kill_point = kill_point
        self._life.kill_point(kill_point)

    async def ready(self) -> None:
        """Waits until people can type and press."""
        await self.until_or_died(self.discord.wait_ready())

    async def end(self) -> None:
        """Kills the bot if it is running, and cleans up after it."""
        if not self.is_buried:
            self._life.kill()
            await self._bury()

    async def stop(self) -> None:
        """Ends the bot as a supervisor does."""
        self._life.stop()
        await self._bury()

    async def killed(self) -> None:
        """Waits until the bot is killed at its kill point."""
        await self._bury()
        assert self.codes[-1] == -signal.SIGKILL, self._last_words()

    async def live_on(self) -> None:
        """Lets another bot do the remaining work, and ends it as a supervisor does."""
        await self.begin()
        try:
            await self.ready()
            await self.settle()
        except Died as died:
            raise AssertionError(f"a bot died by itself:\n{self._last_words()}") from died
        await self.stop()

    async def copy(self, kill_point: KillPoint) -> None:
        """Makes a copy by command, in a process that is killed; the bot keeps running."""
        life = await self._nursery.begin(self._order("backup", str(self.copies)), kill_point)
        code = await life.over()
        self.codes.append(code)
        if code:
            self.kill_point = kill_point
            self.in_hand.add("backup")

    async def _bury(self) -> None:
        self.codes.append(await self._life.over())
        await self.discord.bury_bot()
        self.is_buried = True

    def _last_words(self) -> str:
        return self.log.read_text("utf-8")[-3000:]

    def _order(self, *words: str) -> Order:
        return Order(
            words=words,
            folder=str(self.folder),
            trigger=str(self.folder.with_suffix(f".{words[0]}")),
            log=str(self.log),
            api=self.discord.place.api,
            gateway=self.discord.place.gateway,
            token=TOKEN,
            ahead=self._ahead,
        )

    # What people do

    async def ask(self, what: str, asking: Awaitable[Answer]) -> Answer:
        """Runs a command or press and returns the answer. Raises Died if none comes."""
        self.in_hand.add(what)
        task = asyncio.ensure_future(asking)
        await _first_of(task, self._life.ended)
        while not task.done():
            await self.discord.bury_bot()
            await asyncio.wait({task}, timeout=0.05)
        answer = await task
        if answer.kind is None:
            self.ledger.unanswered += 1
            raise Died
        self.ledger.acknowledged += 1
        self.in_hand.discard(what)
        return answer

    async def until_or_died(self, waiting: Awaitable[T]) -> T:
        """Waits for something else. Raises Died if the bot is killed before."""
        task = asyncio.ensure_future(waiting)
        await _first_of(task, self._life.ended)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
            raise Died
        return await task

    async def until(self, holds: Callable[[], Awaitable[T | None]]) -> T:
        """Waits for a state that is not announced, and returns what shows it."""

        async def wait() -> T:
            while (found := await holds()) is None:
                await asyncio.sleep(0.02)
            return found

        async with asyncio.timeout(LONGEST_WAIT):
            return await self.until_or_died(wait())

    # What can be seen.

    async def messages(self) -> list[Message]:
        """Returns what everybody sees in the channel, oldest first."""
        return [m for m in await self.discord.messages(self.channel) if not m.ephemeral]

    async def deleted(self) -> list[Message]:
        """Returns what everybody saw in the channel, and was deleted."""
        deleted = await self.discord.deleted_messages(self.channel)
        return [m for m in deleted if not m.ephemeral]

    async def card(self, jelly: Jelly) -> Message | None:
        """Returns the newest card of a jelly, or None if there is none."""
        heading = f"## {jelly.title}\n"
        cards = [m for m in await self.messages() if f"{m.text}\n".startswith(heading)]
        return cards[-1] if cards else None

    async def shown(self, jelly: Jelly) -> Message:
        """Waits for the card of a jelly and returns it."""
        return await self.until(lambda: self.card(jelly))

    async def settle(self) -> None:
        """Waits until the running bot has nothing more to send or to show on a card."""

        async def nothing_left() -> bool | None:
            return self.is_settled() or None

        await self.until(nothing_left)

    def is_settled(self) -> bool:
        with closing(sqlite3.connect(self.file, timeout=10)) as connection:
            [(left,)] = connection.execute(
                """
                SELECT (SELECT COUNT(*) FROM delivery
                        WHERE state = 'sending' OR (state = 'pending' AND try_at <= ?))
                    + (SELECT COUNT(*) FROM session_boundary WHERE at <= ?)
                    + (SELECT COUNT(*) FROM mirror WHERE version > version_shown)
                    + (SELECT COUNT(*) FROM deletion WHERE try_at <= ?)
                """,
                (int(self.now.timestamp()),) * 3,
            )
            return bool(left == 0)

    @contextmanager
    def remains(self) -> Iterator[sqlite3.Connection]:
        """Yields a copy of the file as a kill left it; the next bot finds the original intact."""
        copy = self.folder.with_name(f"{self.folder.name}-remains")
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for suffix in ("", "-wal"):
            part = self.file.with_name(DATABASE + suffix)
            if part.exists():
                shutil.copy(part, copy)
        with closing(sqlite3.connect(copy / DATABASE)) as connection:
            connection.row_factory = sqlite3.Row
            yield connection

    def in_hand_at_death(self) -> set[str]:
        """Returns the work that was begun and not finished when the bot was killed."""
        found = set(self.in_hand)
        self.in_hand.clear()
        if any(self.folder.glob("backups/*.part")):
            found.add("backup")
        with self.remains() as connection:
            [version] = connection.execute("PRAGMA user_version").fetchone()
            if version < newest_version() or not is_planned(
                Transaction(connection), schema=version
            ):
                found.add("migration")
                return found
            for row in connection.execute(
                "SELECT kind, state, try_at FROM delivery WHERE state IN ('pending', 'sending')"
            ):
                is_due = row["try_at"] <= self.now.timestamp()
                if row["state"] == "sending" and row["kind"] in _CLAIMED:
                    found.add(_CLAIMED[row["kind"]])
                elif is_due and row["kind"] in _OWED:
                    found.add(_OWED[row["kind"]])
            for (kind,) in connection.execute(
                """
                SELECT kind FROM deletion JOIN delivery USING (message_id)
                WHERE deletion.only_buttons = 0 AND is_superseded = 1
                """
            ):
                found.add("question" if kind == "request" else "tidying")
        return found


async def _first_of(*futures: asyncio.Future[Any]) -> None:
    await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)


_OWED = {
    **{"cancelled": "cancellation", "promoted": "promotion", "offer": "promotion"},
    "on_behalf": "question",
}
"""Messages that belong to a change that is done, and are still to be sent."""
_CLAIMED = {"announcement": "announcement", "reminder": "reminder", **_OWED}
