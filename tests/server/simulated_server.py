"""A simulated Discord server with the real bot in it, on a real SQLite file, for the tests.

Time stands still until a test moves it; the alarm is not started but triggered by
:meth:`SimulatedServer.at`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import discord
import simcord
from simcord.backend.models import Overwrite
from simcord.components import walk_components
from simcord.enums import OverwriteType

from bot.app import JellyBot
from bot.clock import Clock
from bot.language import BY_LOCALE, Words
from data.refusal import Refusal
from data.store.database import Database
from data.store.transaction import Transaction
from tests.component_ids import keep_component_ids
from tests.empty_store import empty_store
from tests.moments import MONDAY
from tests.reader_locale import read_in
from tests.unsynced import open_unsynced

ZONE = "Europe/London"


class StoppedClock(Clock):
    """Shows the moment it was set to."""

    def __init__(self, moment: datetime = MONDAY) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class _ErrorLog(logging.Handler):
    """Keeps what the bot logs when a person is told that something went wrong."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


class _Environment(simcord.Env):
    """SimCord, which waits 50 ms where one turn of the event loop would be enough."""

    async def _settle_internal(self, *, idle: float = 0.001, **options: Any) -> None:  # noqa: ANN401
        await super()._settle_internal(idle=idle, **options)


class _Bot(JellyBot):
    """The bot; what Discord is told of its commands is worked out once for all in the process."""

    _payloads: ClassVar[dict[tuple[tuple[str, Words], ...], list[dict[str, Any]]]] = {}
    """By the languages that it speaks."""

    async def commands_payload(self) -> list[dict[str, Any]]:
        languages = tuple(BY_LOCALE.items())
        if languages not in self._payloads:
            self._payloads[languages] = await super().commands_payload()
        return self._payloads[languages]


class Posted(NamedTuple):
    """A message that everybody in a channel saw; it may be deleted by now."""

    message: discord.Message
    pinged: list[int]
    """The ids of the people whom it notified."""


class SimulatedServer:
    """A server, its people, and what they can do and see."""

    def __init__(self, file: Path, *, clock: StoppedClock, database: Database) -> None:
        self.file = file
        self.clock = clock
        self.database = database
        self.bot = self._new_bot()
        # Some actions draw pictures in another process, which a busy machine delays.
        self.environment = _Environment(self.bot, settle_timeout=30.0)
        self.guild: simcord.GuildHandle
        self.jellies: simcord.ChannelHandle
        self.chat: simcord.ChannelHandle
        self.organizer: simcord.MemberActor
        self.members: list[simcord.MemberActor] = []
        self.errors = _ErrorLog()
        self._deleted: dict[int, Posted] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, file: Path) -> AsyncIterator[SimulatedServer]:
        keep_component_ids()
        read_in("en-GB")
        if not file.exists():
            file.write_bytes(empty_store())
        clock = StoppedClock()
        server = cls(file, clock=clock, database=await open_unsynced(file))
        loggers = [logging.getLogger(name) for name in ("bot.interactions", "bot.alarm")]
        for logger in loggers:
            logger.addHandler(server.errors)
        try:
            await server.environment.start()
            try:
                server._found()
                yield server
            finally:
                await server.environment.shutdown()
                await server.bot.close()
        finally:
            for logger in loggers:
                logger.removeHandler(server.errors)
            await server.database.close()
        server.raise_unexpected()

    def raise_unexpected(self) -> None:
        """Raises what failed inside the bot, apart from refusals, which are answers."""
        wrong = [
            error
            for error in self.environment.errors
            if not isinstance(getattr(error, "original", error), Refusal)
        ]
        if wrong:
            raise BaseExceptionGroup("the bot raised errors", wrong)
        assert not self.errors.records, [record.getMessage() for record in self.errors.records]

    async def restart(self) -> None:
        """Stops the bot, closes its file, and starts another one on it."""
        await self.bot.mirrors.close()
        await self._start_another()

    async def kill(self) -> None:
        """Ends the bot as a power cut would, nothing recorded, and lets another one log in."""
        for task in list(self.bot.outbox.sending):
            task.cancel()
        await asyncio.gather(*self.bot.outbox.sending, return_exceptions=True)
        await self._start_another()

    async def _start_another(self) -> None:
        """Lets another bot log in on the same file."""
        await self.database.close()
        old = self.bot
        self.database = await open_unsynced(self.file)
        self.bot = self._new_bot()
        await self.environment.restart_bot(self.bot)
        await old.close()

    async def start_again(self) -> None:
        """Does what a bot does first, once it is logged in."""
        await self.bot.begin()
        await self.bot.catch_up()
        await self.settle()

    async def at(self, moment: datetime) -> None:
        """Moves time to that moment, and lets the bot do everything due until then, in order."""
        self.clock.moment = moment
        behind = (moment - self.environment.now()).total_seconds()
        if behind > 0:
            await self.environment.advance_time(behind)
        await self.settle()

    async def after(self, span: timedelta) -> None:
        await self.at(self.clock.moment + span)

    async def settle(self) -> None:
        """Lets the bot send what is due now and bring every card up to date."""
        with self.environment.time_context():
            await self.bot.do_what_is_due()
            await self.bot.outbox.drain()
            await self.bot.deletions.drain()
            await self.bot.mirrors.settle()

    async def set_up(self) -> None:
        await self.organizer.slash(self.jellies, "settings", channel=self.jellies, zone=ZONE)

    async def schedule(
        self, what: str = "Thursday jelly", when: str = "thursday 10-16", where: str = "The Alb"
    ) -> None:
        """Has the organizer schedule a jelly through the preview."""
        shown = await self.organizer.slash(
            self.jellies, "jelly new", what=what, when=when, where=where
        )
        assert shown.response is not None
        await self.organizer.click(shown.response, label="Schedule it")
        await self.settle()

    def hide(self, channel: simcord.ChannelHandle, who: simcord.MemberActor) -> None:
        """Hides a channel from a member."""
        self._deny(channel, who.id, discord.Permissions(view_channel=True))

    def mute(self, channel: simcord.ChannelHandle, who: simcord.MemberActor) -> None:
        """Lets a member no longer write in a channel."""
        self._deny(channel, who.id, discord.Permissions(send_messages=True))

    def forbid_mentions(self, channel: simcord.ChannelHandle) -> None:
        """Lets the bot mention only those roles that everybody may mention."""
        assert self.bot.user is not None
        self._deny(channel, self.bot.user.id, discord.Permissions(mention_everyone=True))

    def _deny(
        self,
        channel: simcord.ChannelHandle,
        user_id: int,
        permissions: discord.Permissions,
    ) -> None:
        overwrite = Overwrite(user_id, OverwriteType.MEMBER, allow=0, deny=permissions.value)
        self.environment.backend.set_overwrite(channel.id, overwrite)

    def card(self, title: str = "Thursday jelly") -> discord.Message:
        """Returns the newest public card with that title in the channel for jellies."""
        for message in reversed(self.jellies.history()):
            if not message.flags.ephemeral and f"## {title}" in text_of(message):
                return message
        raise AssertionError(f"there is no card of {title!r}:\n{self.transcript()}")

    def messages(self) -> list[str]:
        """Returns what everybody sees in the channel for jellies, without cards, oldest first."""
        return [
            message.content
            for message in self.jellies.history()
            if message.content and not message.flags.ephemeral
        ]

    def posted(self) -> list[Posted]:
        """Returns every message that was posted there, oldest first, deleted ones included."""
        posted = self._deleted | self._there()
        return [posted[message_id] for message_id in sorted(posted)]

    def _there(self) -> dict[int, Posted]:
        backend = self.environment.backend
        return {
            message.id: Posted(
                message, backend.get_message(message.channel.id, message.id).ping_user_ids
            )
            for message in self.jellies.history()
            if not message.flags.ephemeral
        }

    def said_ever(self) -> list[str]:
        """Returns what everybody ever read there, without cards, oldest first."""
        return [one.message.content for one in self.posted() if one.message.content]

    def _keep_what_is_deleted(self) -> None:
        backend = self.environment.backend
        delete = backend.delete_message

        def keep_and_delete(channel_id: int, message_id: int) -> None:
            if channel_id == self.jellies.id:
                there = self._there()
                self._deleted |= {message_id: there[message_id]} if message_id in there else {}
            delete(channel_id, message_id)

        backend.delete_message = keep_and_delete  # type: ignore[method-assign]  # to look on

    def cards(self) -> list[discord.Message]:
        return [
            message
            for message in self.jellies.history()
            if not message.flags.ephemeral and text_of(message).startswith("## ")
        ]

    def transcript(self) -> str:
        return "\n---\n".join(text_of(message) for message in self.jellies.history())

    async def read(self, sql: str, **values: object) -> list[dict[str, Any]]:
        """Returns rows of the store, for what nobody can see."""

        def query(transaction: Transaction) -> list[dict[str, Any]]:
            return [dict(row) for row in transaction.all(sql, **values)]

        return await self.database.read(query)

    def _new_bot(self) -> JellyBot:
        return _Bot(self.database, self.clock, card_edits_window=0.01)

    def _found(self) -> None:
        environment = self.environment
        environment.backend.advance_clock((MONDAY - environment.now()).total_seconds())
        self.guild = environment.create_guild("Jelly server")
        self.jellies = self.guild.create_text_channel("jellies")
        self.chat = self.guild.create_text_channel("chat")
        self._keep_what_is_deleted()
        organizers = self.guild.create_role(
            "Organizers",
            permissions=discord.Permissions(
                manage_guild=True, manage_events=True, manage_messages=True
            ),
        )
        self.organizer = self.guild.add_member(
            environment.create_user("robin", global_name="Robin"), roles=[organizers]
        )
        self.members = [
            self.guild.add_member(environment.create_user(name.lower(), global_name=name))
            for name in ("Sam", "Priya", "Jordan")
        ]


def text_of(message: discord.Message | simcord.ResponseMessage) -> str:
    """Returns all text that a message shows, as people read it, without button labels."""
    if isinstance(message, simcord.ResponseMessage):
        payload: list[dict[str, Any]] = message.components
    else:
        payload = [dict(component.to_dict()) for component in message.components]
    texts = [str(part["content"]) for part in walk_components(payload) if part.get("type") == 10]
    text = "\n".join([*([message.content] if message.content else []), *texts])
    return text.replace("\u00a0", " ")


BUTTONS = ["Going", "Maybe", "Can't make it", "Add details", "Who's coming"]
"""Those of a card before it begins."""


def buttons_of(message: discord.Message | simcord.ResponseMessage) -> list[str]:
    """Returns the labels of a message's buttons."""
    if isinstance(message, simcord.ResponseMessage):
        payload: list[dict[str, Any]] = message.components
    else:
        payload = [dict(component.to_dict()) for component in message.components]
    return [str(part["label"]) for part in walk_components(payload) if part.get("type") == 2]


def said(result: simcord.InteractionResult) -> str:
    """Returns what the bot answered to one interaction; it must have answered."""
    assert result.response is not None, result
    return text_of(result.response)
