"""``python -m bot doctor``: checks everything, changes nothing, and reports what it found."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord

from bot.app import JellyBot
from bot.clock import Clock
from bot.config import ENV_FILE, Config
from bot.discord_errors import is_final
from bot.doctor import machine, portal, server
from bot.doctor.findings import IN_TERMINAL, Finding, summary
from bot.doctor.server import Seen
from bot.language import ENGLISH, words_for
from bot.language.typed import one_line
from bot.lock import is_held
from bot.synced_commands import are_same
from data.checkup import Checkup, check_up, servers_of
from data.migrations import newest_version
from data.outside import COMMANDS_TOLD, application_of
from data.refusal import in_english
from data.store.database import Database
from data.store.integrity import Condition, Flaw, condition_of
from data.store.key_value import recall
from data.store.transaction import Transaction
from data.store.unusable import DatabaseUnusable

LONGEST_ANSWER = 20.0
"""Seconds that Discord gets for everything that is asked at once, retries included."""


async def visit(settings: Config, clock: Clock) -> list[Finding]:
    """Returns all findings, also if something can't be read or reached."""
    findings, is_usable = await asyncio.to_thread(_look_at_files, settings, clock)
    async with _Rest.open(clock) as rest:
        if settings.token is None:
            findings.append(portal.no_token())
        else:
            findings += await rest.log_in(settings.token)
            if rest.ahead is not None:
                findings.append(machine.clock(rest.ahead))
        if is_usable:
            try:
                async with await Database.look_at(settings.database) as database:
                    findings += await _look_into(database, clock, rest)
            except (sqlite3.Error, DatabaseUnusable) as error:
                condition = Condition(Flaw.UNREADABLE, f"can't be read ({error})")
                findings.append(machine.database(settings.database, condition))
        else:
            findings += machine.zone_data(())
    return findings


def report(findings: Sequence[Finding]) -> str:
    """Returns a line that sums up, then a line for each finding, grouped by subject; in English."""
    lines = [f"Jelly: {summary(words_for(ENGLISH), findings) or 'all is well'}."]
    for subject in dict.fromkeys(finding.subject for finding in findings):
        lines.append(subject)
        for finding in findings:
            if finding.subject == subject:
                advice = f" What to do: {in_english(finding.remedy)}" if finding.remedy else ""
                lines.append(f"  {finding.state:<7}  {in_english(finding.sentence)}{advice}")
    return "\n".join(lines)


def _look_at_files(settings: Config, clock: Clock) -> tuple[list[Finding], bool]:
    """Returns the findings from outside the store, and whether the store can be opened."""
    path = settings.database
    held = is_held(path)
    findings = [machine.process(held), machine.pictures(), *machine.env_file(ENV_FILE)]
    is_usable = False
    if not _exists(path):
        findings.append(machine.no_database(path, held=held))
    else:
        condition = condition_of(path)
        findings.append(machine.database(path, condition))
        is_usable = condition.flaw is None and condition.version == newest_version()
        findings.append(machine.copies(settings, clock.now().date()))
    findings += machine.files(path)
    findings.append(machine.disk(path))
    return findings, is_usable


async def _look_into(database: Database, clock: Clock, rest: _Rest) -> list[Finding]:
    """Returns the findings that the store and Discord give together."""

    def query(
        transaction: Transaction,
    ) -> tuple[dict[int, Checkup], str | None, int | None]:
        now = clock.now()
        checkups = {id_: check_up(transaction, id_, now=now) for id_ in servers_of(transaction)}
        return checkups, recall(transaction, COMMANDS_TOLD), application_of(transaction)

    checkups, told, owner = await database.read(query)
    zones = {zone for checkup in checkups.values() for zone in checkup.zones}
    findings = list(machine.zone_data(sorted(zones)))
    if rest.is_open:
        bot = JellyBot(database, clock)  # it knows the commands, and never logs in
        await bot.load_cogs()
        if owner not in (None, rest.client.application_id):
            findings.append(portal.other_application(owner))
        digest = await bot.commands_digest(rest.client.application_id)
        try:
            are_there = are_same(await bot.commands_payload(), await rest.commands())
        except _UNREACHABLE as error:
            findings.append(portal.unreachable(error))
        else:
            findings.append(portal.commands(told, digest, are_there=are_there))
    for guild_id, checkup in checkups.items():
        findings += await _look_at_server(guild_id, checkup, rest)
    return findings


async def _look_at_server(guild_id: int, checkup: Checkup, rest: _Rest) -> list[Finding]:
    subject, seen = f"Server {guild_id}", None
    findings: list[Finding] = []
    if checkup.removed_at is not None:
        return [portal.removed(subject, checkup.removed_at, guild_id)]
    if rest.is_open:
        try:
            seen = await rest.see(guild_id)
        except _UNREACHABLE as error:
            if is_final(error):
                return [portal.gone(subject)]
            rest.is_open = False  # the other servers would take as long to fail
            findings.append(portal.unreachable(error))
    if seen is not None:
        subject = f"Server “{one_line(seen.me.guild.name)}”"
    return [*findings, *server.findings_of(subject, checkup, seen, IN_TERMINAL)]


_UNREACHABLE = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)


class _Rest:
    """Discord without its gateway, so that a running bot is not disturbed."""

    def __init__(self, clock: Clock) -> None:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._sent)
        trace.on_request_end.append(self._answered)
        self.client = discord.Client(intents=discord.Intents(guilds=True), http_trace=trace)
        self.is_open = False
        """Whether Discord can be asked: it accepted the token and answered."""
        self.ahead: timedelta | None = None
        """How far this machine's clock is ahead of Discord's, accurate to a second."""
        self._clock = clock
        self._quickest = timedelta.max

    @classmethod
    @asynccontextmanager
    async def open(cls, clock: Clock) -> AsyncIterator[_Rest]:
        rest = cls(clock)
        async with rest.client:
            yield rest

    async def log_in(self, token: str) -> list[Finding]:
        try:
            async with asyncio.timeout(LONGEST_ANSWER):
                await self.client.login(token)
        except discord.LoginFailure:
            return [portal.refused_token()]
        except _UNREACHABLE as error:
            if isinstance(error, discord.HTTPException) and is_final(error):
                return [portal.refused_login(error)]
            return [portal.unreachable(error)]
        self.is_open = True
        assert self.client.application is not None  # the login asked for it
        return list(portal.application(self.client.application))

    async def commands(self) -> list[dict[str, Any]]:
        """Returns the commands that Discord has of the application."""
        assert self.client.application_id is not None  # known since the login
        async with asyncio.timeout(LONGEST_ANSWER):
            commands = await self.client.http.get_global_commands(self.client.application_id)
        return [dict(command) for command in commands]

    async def see(self, guild_id: int) -> Seen:
        """Returns a server with its channels and the bot's own roles in it."""
        assert self.client.user is not None  # known since the login
        async with asyncio.timeout(LONGEST_ANSWER):
            guild = await self.client.fetch_guild(guild_id, with_counts=False)
            me = await guild.fetch_member(self.client.user.id)
            channels = await guild.fetch_channels()
        return Seen(me, {channel.id: channel for channel in channels})

    async def _sent(
        self,
        _: aiohttp.ClientSession,
        context: SimpleNamespace,
        __: aiohttp.TraceRequestStartParams,
    ) -> None:
        context.sent_at = self._clock.now()

    async def _answered(
        self,
        _: aiohttp.ClientSession,
        context: SimpleNamespace,
        answer: aiohttp.TraceRequestEndParams,
    ) -> None:
        date = answer.response.headers.get("Date")
        took = self._clock.now() - context.sent_at
        if date is not None and took < self._quickest:
            # The answer was written within that second, on average half-way.
            written = parsedate_to_datetime(date) + timedelta(seconds=0.5)
            self._quickest, self.ahead = took, context.sent_at + took / 2 - written


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # it exists, but this user may not look at it
