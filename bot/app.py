"""The bot, and the order in which its parts start and stop."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import discord
from discord import app_commands
from discord.ext import commands

from bot.alarm import Alarm
from bot.calendar import horizon_of, occurrences
from bot.clock import Clock
from bot.deletions import Deletions
from bot.descriptions import Descriptions
from bot.forgetting import go_on_forgetting
from bot.interactions import JellyTree, Presses
from bot.mirrors.card import EDITS_WINDOW, Cards
from bot.mirrors.refresh import Mirrors
from bot.outbox import LEASE, Outbox
from bot.pacer import Pacer, SessionPacer
from bot.retention import forget_daily
from bot.synced_commands import are_same
from data.change_settings import channel_to_replan, replan
from data.deletions import release_deletions
from data.due import follow_clock, next_due
from data.forget_servers import forget_some, server_to_forget
from data.limits import PLANNED_AT_ONCE, REWRITES_APART
from data.migrations import newest_version
from data.models import Kept, MirrorKind, Series, Session
from data.outbox.claims import release_claims, try_again_now
from data.outside import COMMANDS_TOLD, application_of, note_application
from data.people.forgetting import is_unfinished as is_unfinished_in
from data.removed_servers import settle_some
from data.schedule.find import sessions_of_all_servers
from data.schedule.series import extend, put_off, series_to_extend
from data.schedule.sessions import set_instants
from data.store.database import Database
from data.store.key_value import recall, remember
from data.store.transaction import Transaction
from data.upgrades import plan_after_upgrade

log = logging.getLogger(__name__)

COGS = (
    "bot.servers",
    "cogs.schedule",
    "cogs.drafts",
    "cogs.endings",
    "cogs.rsvps",
    "cogs.whats_on",
    "cogs.invitations",
    "cogs.arrivals",
    "cogs.headcounts",
    "cogs.records",
    "cogs.settings",
    "cogs.doctor",
    "cogs.privacy",
    "cogs.help",
)

SERIES_AT_ONCE = 50
SESSIONS_AT_ONCE = 500
"""How many are looked at before others get their turn."""
LOOK_AGAIN = timedelta(hours=1)

# The bot uses no voice, so discord.py need not warn that voice is not supported.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class JellyCog(commands.Cog):
    """A cog whose presses are found by custom id, also on messages from before a restart."""

    def __init__(self, bot: JellyBot) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        self.bot.presses.add_from(self)


def _without_mentions(parse: Callable[[Any], None]) -> Callable[[Any], None]:
    """Wrap discord.py's interaction parser, so that it builds no users from a card's mentions.

    They are not used, and Discord sends up to three dozen with each press.
    """

    def parse_without_mentions(payload: dict[str, Any]) -> None:
        if payload.get("message"):
            payload["message"]["mentions"] = []
        parse(payload)

    return parse_without_mentions


class JellyBot(commands.Bot):
    """One Discord connection over an open store."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        kept: Kept = Kept(),  # noqa: B008  immutable
        privacy_url: str | None = None,
        always_sync: bool = False,
        card_edits_window: float = EDITS_WINDOW,
    ) -> None:
        # A lambda, because self.cards is created only after super().__init__().
        pacer = Pacer(lambda method, path: self.cards.note_limited(method, path))
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=JellyTree,
            # Everything here belongs to a server: nobody may take the commands elsewhere.
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=False, private_channel=False
            ),
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            http_trace=pacer.trace,
        )
        parsers = self._connection.parsers
        parsers["INTERACTION_CREATE"] = _without_mentions(parsers["INTERACTION_CREATE"])
        self.database = database
        self.clock = clock
        self.kept = kept
        """How long what is about people is kept."""
        self.privacy_url = privacy_url
        """Address of the operator's privacy policy, if there is one."""
        self.presses = Presses()
        self.pacer = pacer
        self._session_pacer = SessionPacer()
        self.cards = Cards(self, clock, edits_window=card_edits_window)
        self.alarm = Alarm(clock, self.do_what_is_due)
        self.mirrors = Mirrors(
            database, clock, {MirrorKind.CARD: self.cards}, on_owed=self.alarm.ring
        )
        self.outbox = Outbox(
            self,
            database,
            clock,
            self.mirrors,
            on_room=self.alarm.ring,
            is_away=lambda: self.away_since is not None,
        )
        self.deletions = Deletions(self, database, clock, on_room=self.alarm.ring)
        self.away_since: datetime | None = clock.now()
        """When the connection to the gateway was lost (UTC); None while connected."""
        self._looked_at: datetime | None = None
        self._forgets_again_at: datetime | None = None
        """When what could not be forgotten is tried again; None for at once."""
        self.connections = 0
        """Number of sessions that the gateway opened since the start."""
        self._descriptions = Descriptions()
        self._connecting: asyncio.Task[Any] | None = None
        """The task that holds the connection to the gateway."""
        self._has_cogs = False
        self._has_caught_up = False
        self._always_sync = always_sync
        self.owns_store = True
        """Whether the store belongs to the application that is logged in."""

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  as in discord.py
        # discord.py's delayed "ready" may come while it closes, and then it raises.
        if not self.is_closed():
            super().dispatch(event_name, *args, **kwargs)

    async def connect(self, *, reconnect: bool = True) -> None:
        self._connecting = asyncio.current_task()
        try:
            await super().connect(reconnect=reconnect)
        finally:
            self._connecting = None

    async def close(self) -> None:
        # discord.py closes the client for good at some close codes of the gateway after which a
        # new session may work: bot/connection.py decides that.
        if asyncio.current_task() is not self._connecting:
            await super().close()

    async def setup_hook(self) -> None:
        await self.load_cogs()
        await self._note_application()
        await self._sync_commands()

    async def load_cogs(self) -> None:
        if self._has_cogs:  # the hook runs again if a login failed half-way
            return
        for name in COGS:
            # Not load_extension, which executes the module again for each bot.
            await importlib.import_module(name).setup(self)
        await self.tree.set_translator(self._descriptions)
        self._has_cogs = True

    async def commands_digest(self, application_id: int | None) -> str:
        """Returns a digest of an application's commands, which changes if they change.

        They include what they are called in each language.
        """
        return _digest(application_id, await self.commands_payload())

    async def commands_payload(self) -> list[dict[str, Any]]:
        """Returns the commands as Discord is told of them."""
        return [
            await command.get_translated_payload(self.tree, self._descriptions)
            for command in self.tree.get_commands()
        ]

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        await self._session_pacer.turn()

    async def on_interaction(self, interaction: discord.Interaction[JellyBot]) -> None:
        if interaction.type in (
            discord.InteractionType.component,
            discord.InteractionType.modal_submit,
        ):
            await self.presses.dispatch(interaction)

    async def on_connect(self) -> None:
        self.away_since = None
        self.connections += 1
        if self.connections > 1:
            await self._back_in_discord()

    async def on_resumed(self) -> None:
        self.away_since = None
        await self._back_in_discord()

    async def on_disconnect(self) -> None:
        self.note_away()

    def note_away(self) -> None:
        """Record the loss of the gateway connection; keeps an earlier time if there is one."""
        self.away_since = self.away_since or self.clock.now()

    async def begin(self) -> None:
        """Store what comes before anything else: nothing is being sent, and upgrades are planned.

        Only at the start, when this process alone can send.
        """
        now = self.clock.now()

        def release(transaction: Transaction) -> None:
            release_claims(transaction, now=now)
            release_deletions(transaction, now=now)

        await self.database.write(release)

        def plan(transaction: Transaction) -> bool:
            return plan_after_upgrade(
                transaction, schema=newest_version(), limit=PLANNED_AT_ONCE, now=now
            )

        while not await self.database.write(plan):
            pass

    async def catch_up(self) -> None:
        """Apply what changed while the bot was away: laws on time, and what mirrors should show."""
        await self.follow_zone_database()
        await self.mirrors.touch_lagging()

    async def do_what_is_due(self) -> datetime | None:
        """Follow the clock, send what is due, extend series; the first time, also catch up.

        Returns when something is due next; None if nothing is.
        """
        now, looked_at = self.clock.now(), self._looked_at
        self._looked_at = now
        if looked_at is not None and now < looked_at:
            log.warning("The clock went back by %s.", looked_at - now)
            self._forgets_again_at = None
            await self._try_again_now()
        if not self._has_caught_up:
            await self.catch_up()
            self._has_caught_up = True
        due, is_unfinished = await self.database.read(lambda t: (next_due(t), is_unfinished_in(t)))
        again_at = self._forgets_again_at
        if is_unfinished and (again_at is None or again_at <= now):
            # What an outage or a kill left of it; the people concerned expect nothing to be left.
            # Not at each wake-up: rewriting the file holds up every change.
            self._forgets_again_at = now + REWRITES_APART
            await go_on_forgetting(self.database, self.clock)
            await self.mirrors.touch_lagging()
            due, is_unfinished = await self.database.read(
                lambda t: (next_due(t), is_unfinished_in(t))
            )
        again_at = self._forgets_again_at if is_unfinished else None
        if due is None or due > now:
            return min(filter(None, (due, again_at)), default=None)
        while await self.database.write(lambda t: settle_some(t, now=now)):
            await self.mirrors.touch_lagging()
        if await self.database.write(lambda t: follow_clock(t, now=now)):
            await self.mirrors.touch_lagging()
        await self._forget_servers(now)
        await self.replan_changed_channels(now)
        while True:
            await self.outbox.pay()
            self.deletions.begin()
            series, due = await self.database.read(
                lambda t: (series_to_extend(t, now=now, limit=SERIES_AT_ONCE), next_due(t))
            )
            if not series:
                break
            for one in series:
                await self._extend(one, now)
        due = min(filter(None, (due, again_at)), default=None)
        if due is None:
            return None
        # What is due but not sent waits for its channel, which rings the alarm when it is free.
        return max(due, self.clock.now() + timedelta(seconds=1))

    async def _forget_servers(self, now: datetime) -> None:
        """Delete the data of servers that removed the bot long ago."""
        while True:
            guild_id = await self.database.read(lambda t: server_to_forget(t, now=now))
            if guild_id is None:
                return
            while await self.database.write(partial(forget_some, guild_id=guild_id)):
                pass
            await go_on_forgetting(self.database, self.clock)  # which also rewrites the file
            log.info("Deleted the data of a server that removed the bot.")

    async def replan_changed_channels(self, now: datetime) -> None:
        """Plan what a change of settings left to be planned."""
        while (channel_id := await self.database.read(channel_to_replan)) is not None:
            await self.database.write(partial(replan, channel_id=channel_id, now=now))

    def session_changed(self, session_id: int) -> None:
        self.mirrors.touch(session_id)

    async def sessions_changed(self) -> None:
        await self.mirrors.touch_lagging()

    def messages_owed(self) -> None:
        self.alarm.ring()

    async def follow_zone_database(self) -> None:
        """Move starts to where the current zone database puts their wall time; laws change it."""
        now, last = self.clock.now(), 0
        while True:
            sessions, after = await self.database.read(
                partial(sessions_of_all_servers, after=last, limit=SESSIONS_AT_ONCE, now=now)
            )
            for session in sessions:
                await self._follow_zone(session, now)
            if after is None:
                break
            last = after

    async def _follow_zone(self, session: Session, now: datetime) -> None:
        try:
            there = next(occurrences(session.schedule))
        except ZoneInfoNotFoundError:
            log.exception("The zone of session %s is gone.", session.session_id)
            return
        if (there.starts_at, there.ends_at) != (session.starts_at, session.ends_at):
            await self.database.write(
                partial(set_instants, session=session, occurrence=there, now=now)
            )
            log.info("Session %s follows the zone database.", session.session_id)

    async def _back_in_discord(self) -> None:
        await self._try_again_now()
        self.alarm.ring()

    async def _try_again_now(self) -> None:
        now = self.clock.now()
        await self.database.write(lambda t: try_again_now(t, now=now, lease=LEASE))

    async def _extend(self, series: Series, now: datetime) -> None:
        try:
            horizon = horizon_of(series.schedule, now)
        except (ValueError, ZoneInfoNotFoundError):
            # One unreadable series must not block the others.
            log.exception("The next dates of series %s can't be found.", series.series_id)
            later = now + LOOK_AGAIN
            await self.database.write(lambda t: put_off(t, series.series_id, until=later))
        else:
            await self.database.write(lambda t: extend(t, series, horizon=horizon, now=now))

    async def _note_application(self) -> None:
        application_id = self.application_id
        assert application_id is not None  # known since the login
        owner = await self.database.read(application_of)
        if owner is None:
            await self.database.write(lambda t: note_application(t, application_id))
        self.owns_store = owner in (None, application_id)
        if not self.owns_store:
            log.warning(
                "This database belongs to another application than DISCORD_TOKEN's (%s), so which "
                "servers this one is in changes nothing. If you changed the application for good, "
                "stop the bot, run: python -m bot adopt, and start it.",
                application_id,
            )

    async def _sync_commands(self) -> None:
        """Sync the commands to Discord, only if it has others: it limits how often."""
        assert self.application_id is not None  # known since the login
        payload = await self.commands_payload()
        digest = _digest(self.application_id, payload)
        known = await self.database.read(lambda t: recall(t, COMMANDS_TOLD))
        if digest == known and not self._always_sync:
            # Another version may have told it since.
            there = await self.http.get_global_commands(self.application_id)
            if are_same(payload, there):
                return
        # As CommandTree.sync does, which would translate everything once more.
        told = await self.http.bulk_upsert_global_commands(self.application_id, payload)
        await self.database.write(lambda t: remember(t, COMMANDS_TOLD, digest))
        log.info("Told Discord about %s commands.", len(told))


def _digest(application_id: int | None, commands: Sequence[Mapping[str, Any]]) -> str:
    told = json.dumps([application_id, commands], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


@asynccontextmanager
async def working(bot: JellyBot) -> AsyncIterator[None]:
    """Run the alarm, the mirrors and the forgetting of a bot that is logged in.

    Stops them in reverse on exit.
    """
    await bot.begin()
    refreshing = asyncio.create_task(bot.mirrors.run(), name="mirrors")
    bot.alarm.start()
    forgetting = asyncio.create_task(
        forget_daily(bot.database, bot.clock, bot.kept), name="forgetting"
    )
    try:
        yield
    finally:
        forgetting.cancel()
        await asyncio.gather(forgetting, return_exceptions=True)
        await bot.alarm.stop()
        bot.pacer.stop()
        await bot.outbox.close()
        await bot.deletions.close()
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)
        await bot.mirrors.close()
