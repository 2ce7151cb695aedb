"""Sends the messages in the outbox: claims what is due, sends it, records the result.

1. Claim rows by compare-and-swap and commit, so that no other sender takes them.
2. If an earlier try may have arrived, look for its message in the channel, by the mark that every
message carries. If the bot may not read the channel, the message is sent again, and that is
recorded: a duplicate is better than a lost message.
3. Send with a nonce made from the row and the channel: for some minutes Discord answers a repeat
with the first message instead of posting it again.
4. Record the message. A row left over by a crash is claimed again after its lease.
"""

from __future__ import annotations

import asyncio
import logging
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import aiohttp
import discord

from bot.clock import Clock
from bot.discord_errors import (
    OPENING_TOO_FAST,
    UNKNOWN_CHANNEL,
    UNKNOWN_MEMBER,
    UNKNOWN_MESSAGE,
    UNKNOWN_USER,
    brief,
    is_final,
)
from bot.earlier_tries import NONCE_REMEMBERED, marker_of, may_look_into, nonce_of, tries_in
from bot.ending import cancelled, giving_up_after
from bot.language import CHANNEL_LOCALE, words_for
from bot.language.typed import one_line, shorten
from bot.messages.buttons import Row
from bot.messages.card import card
from bot.messages.delivery_errors import why
from bot.messages.notices import Notice, notice, notice_buttons
from bot.messages.text import mentioned
from bot.mirrors.refresh import Mirrors
from bot.pacer import Priority, Stopped, priority
from bot.permissions import TO_SEND, may_mention, missing_in
from data.limits import LONGEST_QUOTE, MENTIONS_PER_MESSAGE, OPENINGS_REFUSED_FOR, OPENINGS_WINDOW
from data.models import DeliveryState, MirrorKind
from data.outbox.alerts import ask_who_takes_over
from data.outbox.claims import claim
from data.outbox.deliveries import Delivery
from data.outbox.errors import DeliveryError, ErrorCode
from data.outbox.gone import record_channel_gone
from data.outbox.kinds import HOST_CHECK, OFFER, To
from data.outbox.outcomes import (
    postpone,
    record_end,
    record_sent,
    recorded_messages,
    say_in_channel,
)
from data.outbox.private_channels import note_private_channel, note_refused_opening
from data.people.hosting import free_seat_of_host
from data.people.members import note_found, note_left
from data.refusal import in_english
from data.schedule.find import session_now
from data.store.database import Database
from data.store.transaction import Transaction

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
MOST_IN_FLIGHT = 100
MOST_PRIVATE_IN_FLIGHT = 4
"""Limit of private messages in flight; separate, so that they never block a channel."""
LONGEST_BACKOFF = 300.0
LOOKED_FOR = timedelta(hours=1)
"""So long after it was of use, a message that may have arrived is looked for in vain."""
LONGEST_SEND = 30.0
"""Seconds after which a try is postponed: half a lease."""
LAST_SENDS = 5.0
"""Seconds to wait at the end for messages in flight."""
NOT_IN_SERVER_FOR = timedelta(hours=1)
"""How long what is due in a server waits that the bot is not in; it is due again once it is."""
NOT_A_MEMBER = (UNKNOWN_MEMBER, UNKNOWN_USER)
"""The codes that say that a person is not in a server."""


class Outbox:
    def __init__(
        self,
        client: discord.Client,
        database: Database,
        clock: Clock,
        mirrors: Mirrors,
        *,
        on_room: Callable[[], None],
        is_away: Callable[[], bool],
    ) -> None:
        """``is_away`` returns whether there is no connection to the gateway."""
        self._client = client
        self._database = database
        self._clock = clock
        self._mirrors = mirrors
        self.sending: set[asyncio.Task[None]] = set()
        """Messages in flight."""
        self._sending_privately: set[asyncio.Task[None]] = set()
        """The private messages among ``sending``."""
        self._on_room = on_room
        self._is_away = is_away

    async def pay(self) -> bool:
        """Begin to send what is due, up to the limits; ``on_room`` is called when a message ends.

        A slow message blocks only its own channel. Returns whether any sending has begun.
        """
        has_begun = False
        while deliveries := await self._claim():
            for delivery in deliveries:
                name = f"delivery {delivery.delivery_id}"
                task = asyncio.create_task(self._deliver(delivery), name=name)
                self.sending.add(task)
                if delivery.is_private:
                    self._sending_privately.add(task)
                task.add_done_callback(self._arrived)
            has_begun = True
        return has_begun

    async def drain(self) -> None:
        """Send everything that is due, and wait until it is sent or postponed."""
        while True:
            was_idle = not self.sending
            if not await self.pay() and was_idle:
                return
            if self.sending:
                await asyncio.wait(self.sending, return_when=asyncio.FIRST_COMPLETED)

    async def close(self) -> None:
        """Wait up to LAST_SENDS for messages in flight; the rest is sent at the next start."""
        if self.sending:
            await asyncio.wait(self.sending, timeout=LAST_SENDS)
        await cancelled(self.sending)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self.sending.discard(task)
        self._sending_privately.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The store could not be written; after the lease the row is claimed again.
            log.error("%s could not be recorded", task.get_name(), exc_info=error)
        self._on_room()

    async def _claim(self) -> tuple[Delivery, ...]:
        private = len(self._sending_privately)
        limit = MOST_IN_FLIGHT - (len(self.sending) - private)
        private_limit = MOST_PRIVATE_IN_FLIGHT - private
        if limit <= 0:
            return ()
        now = self._clock.now()
        claimed = await self._database.write(
            lambda t: claim(
                t,
                now=now,
                lease=LEASE,
                limit=limit,
                private_limit=private_limit,
                most_mentions=MENTIONS_PER_MESSAGE,
            )
        )
        for problem in claimed.expired:
            log.warning(
                "The message %s (delivery %s), due %s, expired before it could be sent.",
                problem.kind.name,
                problem.delivery_id,
                problem.due_at.isoformat(),
            )
        for delivery in claimed.deliveries:
            if delivery.kind is OFFER:  # its offers may last longer now
                self._mirrors.touch(delivery.shown.session.session_id)
        return claimed.deliveries

    async def _deliver(self, delivery: Delivery) -> None:
        priority.set(Priority.PRIVATE_MESSAGE if delivery.is_private else Priority.CHANNEL_MESSAGE)
        what = _in_log(delivery)
        try:
            async with giving_up_after(self._client, LONGEST_SEND):
                arrived = await self._arrive(delivery)
        except _NothingToSay as nothing:
            await self._end(delivery, nothing.state, nothing.error)
        except _Shut as shut:
            if shut.error.code is ErrorCode.CHANNEL_GONE:
                await self._record_channel_gone(delivery, what)
            else:
                await self._fail(delivery, what, shut.error)
        except _NotNow as error:
            await self._put_off(delivery, what, error, at_least=error.at_least)
        except Stopped:
            # discord.py may have tried before: the claim stays, so the next start looks for it.
            log.info("The message %s waits for the next start.", what)
        except discord.HTTPException as error:
            await self._record_error(delivery, what, error)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            await self._put_off(delivery, what, error)
        except Exception:  # a fault of ours in one message must not keep others from being sent
            number = secrets.token_hex(3)
            log.exception("Error %s while sending the message %s", number, what)
            fault = DeliveryError(ErrorCode.FAULT, {"number": number})
            await self._end(delivery, DeliveryState.FAILED, fault)
        else:
            lags = await self._record(delivery, arrived)
            log.info("Sent the message %s.", what)
            if lags:
                self._mirrors.touch(delivery.shown.session.session_id)

    async def _record_error(
        self, delivery: Delivery, what: str, error: discord.HTTPException
    ) -> None:
        """Record what becomes of a message for which Discord, or a proxy, gave an error."""
        now = self._clock.now()
        if not is_final(error):
            if now < delivery.useful_until + LOOKED_FOR:
                await self._put_off(delivery, what, error)
            else:
                log.warning("The message %s is given up: %s", what, error)
                too_late = DeliveryError(ErrorCode.TOO_LATE)
                await self._end(delivery, DeliveryState.EXPIRED, too_late)
        elif error.code == UNKNOWN_MESSAGE:
            # It repeats a message that arrived and was deleted since.
            if delivery.kind.becomes is None:
                await self._database.write(
                    lambda t: record_sent(t, delivery, message_id=None, now=now)
                )
            else:
                await self._fail(delivery, what, DeliveryError(ErrorCode.CARD_DELETED))
        elif error.code == OPENING_TOO_FAST:
            await self._database.write(lambda t: note_refused_opening(t, now=now))
            await self._put_off(delivery, what, error, at_least=OPENINGS_REFUSED_FOR)
        elif error.code == UNKNOWN_CHANNEL and not delivery.is_private:
            await self._record_channel_gone(delivery, what)
        elif error.code == UNKNOWN_CHANNEL and delivery.private_channel_id is not None:
            await self._note_private_channel(delivery, None)
            await self._put_off(delivery, what, error)
        elif delivery.is_private and isinstance(error, discord.Forbidden | discord.NotFound):
            await self._say_in_channel(delivery, what, error)
        elif isinstance(error, discord.Forbidden):
            await self._fail(delivery, what, _refused(ErrorCode.FORBIDDEN, error))
        else:
            await self._fail(delivery, what, _refused(ErrorCode.REFUSED, error))

    async def _arrive(self, delivery: Delivery) -> _Arrived:
        """Send the message unless an earlier try has arrived; returns the message's id.

        Raises _NothingToSay, _Shut, or the error of the request.
        """
        now = self._clock.now()
        too_late = delivery.useful_until <= now
        channel, doubt = None, None
        # The history comes before the nonce: how long Discord remembers one is not documented.
        # If no private channel is known, none was opened, so nothing can have arrived.
        may_have_arrived = not delivery.is_private or delivery.private_channel_id is not None
        is_message = delivery.kind.to is not To.NOBODY
        is_there = self._is_in_server(delivery)
        if delivery.attempts > 1 and may_have_arrived and is_message and is_there:
            channel = await self._channel_for(delivery)
            if (earlier := await self._find_earlier(delivery, channel)) is not None:
                return _Arrived(earlier)
            is_fresh = abs(now - delivery.first_try_at) < NONCE_REMEMBERED
            if not is_fresh and not may_look_into(self._client, delivery):
                doubt = DeliveryError(ErrorCode.MAYBE_TWICE)
        if delivery.is_outdated:
            raise _NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.OUTDATED)
        if delivery.is_for_nobody:
            raise _NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.NOBODY_LEFT)
        if too_late:
            state = DeliveryState.EXPIRED if is_message else DeliveryState.WITHDRAWN
            raise _NothingToSay(state, ErrorCode.TOO_LATE)
        if delivery.waits_until is not None:
            raise _NotNow("it would notify someone in quiet hours", delivery.waits_until - now)
        if delivery.reader_left:
            raise _NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.HOST_LEFT)
        if not is_there:
            # Whether the server removed the bot shows at the next logins.
            raise _NotNow("the bot is not in the server now", NOT_IN_SERVER_FOR)
        if delivery.kind is HOST_CHECK:
            raise _NothingToSay(DeliveryState.WITHDRAWN, await self._look_for_host(delivery))
        self._check_open(delivery)
        await self._check_organizer(delivery)
        channel = channel or await self._channel_for(delivery)
        words = words_for(CHANNEL_LOCALE)
        if delivery.kind.becomes is MirrorKind.CARD:
            role = self._card_role(delivery)
            message = await channel.send(
                view=card(words, delivery.shown, now, role_id=role.id if role else None),
                nonce=nonce_of(delivery),
                allowed_mentions=discord.AllowedMentions(
                    everyone=False, users=False, roles=[role] if role else False
                ),
            )
            return _Arrived(message.id, doubt)
        owed = notice(words, delivery, now)
        if owed is None:
            raise _NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.NOBODY_LEFT)
        message = await channel.send(
            owed.content,
            nonce=nonce_of(delivery),
            allowed_mentions=_mentions(owed),
            suppress_embeds=True,  # of links that people typed
            view=Row(notice_buttons(words, owed, marker_of(delivery))),
        )
        return _Arrived(message.id, doubt, mentioned(owed.content))

    def _card_role(self, delivery: Delivery) -> discord.Role | None:
        """Returns the role that a card mentions; None if it is gone or may not be mentioned."""
        guild = self._client.get_guild(delivery.owner.guild_id)
        if guild is None or delivery.card_role_id is None:
            return None
        role, channel = (
            guild.get_role(delivery.card_role_id),
            guild.get_channel(delivery.channel_id),
        )
        is_told = role is not None and channel is not None and may_mention(role, channel, guild.me)
        return role if is_told else None

    def _is_in_server(self, delivery: Delivery) -> bool:
        """Whether the bot is in the server, as far as the gateway told."""
        # The cache is out of date while the gateway is disconnected.
        if self._is_away() or not self._client.is_ready():
            return True
        return self._client.get_guild(delivery.owner.guild_id) is not None

    def _check_open(self, delivery: Delivery) -> None:
        """Raises _Shut if Discord would surely refuse: Discord limits refused requests.

        https://discord.com/developers/docs/topics/rate-limits#invalid-request-limit-aka-cloudflare-bans
        """
        # The cache is out of date while the gateway is disconnected.
        if self._is_away() or not self._client.is_ready():
            return
        guild = self._client.get_guild(delivery.owner.guild_id)
        if guild is None or guild.unavailable or delivery.is_private:
            return
        channel = guild.get_channel(delivery.channel_id)
        if channel is None:
            raise _Shut(DeliveryError(ErrorCode.CHANNEL_GONE))
        if missing := missing_in(channel, guild.me, TO_SEND):
            raise _Shut(DeliveryError(ErrorCode.MISSING, {"permissions": missing}))

    async def _check_organizer(self, delivery: Delivery) -> None:
        """Raises _NothingToSay if private word to organizers would reach one who no longer is one.

        Raises _NotNow while that is not known.
        """
        if delivery.kind.to is not To.ORGANIZERS or not delivery.is_private:
            return
        guild = self._client.get_guild(delivery.owner.guild_id)
        if guild is not None and delivery.channel_id == guild.owner_id:
            return
        member = await self._find_member(delivery.owner.guild_id, delivery.channel_id)
        if member is None or not member.guild_permissions.manage_guild:
            raise _NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.NOT_ORGANIZER)

    async def _look_for_host(self, delivery: Delivery) -> ErrorCode:
        """Look up whether the host is in the server; if not, organizers are asked who takes over.

        Raises _NotNow while Discord does not say.
        """
        guild_id, host_id = delivery.owner.guild_id, delivery.host_id
        now = self._clock.now()
        if await self._find_member(guild_id, host_id) is not None:
            await self._database.write(lambda t: note_found(t, guild_id, host_id))
            return ErrorCode.HOST_THERE

        def change(transaction: Transaction) -> None:
            session = session_now(transaction, delivery.shown.session.session_id)
            if session.details.host_id != host_id:
                return  # handed over, or the host's data were deleted, while Discord was asked
            note_left(transaction, guild_id, host_id, now=now)
            free_seat_of_host(transaction, session, now=now)
            ask_who_takes_over(transaction, delivery.delivery_id, now=now)

        await self._database.write(change)
        return ErrorCode.HOST_LEFT

    async def _find_member(self, guild_id: int, user_id: int) -> discord.Member | None:
        """Returns a member of a server, or None if Discord says that they are not in it.

        Raises _NotNow while that is not known.
        """
        guild = self._client.get_guild(guild_id)
        if guild is None or guild.unavailable:
            raise _NotNow("who is a member is not known while the server is away")
        try:
            return await guild.fetch_member(user_id)
        except discord.HTTPException as error:
            if error.code in NOT_A_MEMBER:
                return None
            raise _NotNow(f"Discord did not say who is a member: {error}") from error

    async def _find_earlier(
        self, delivery: Delivery, channel: discord.abc.Messageable
    ) -> int | None:
        """Returns the message id of an earlier try; None if none arrived."""
        me = self._client.user
        if me is None:
            return None
        async for message_id in tries_in(channel, delivery, me.id, now=self._clock.now()):
            # Marks repeat after many messages, but by then the first message is recorded.
            if not await self._database.read(partial(recorded_messages, message_ids=[message_id])):
                return message_id
        return None

    async def _channel_for(self, delivery: Delivery) -> discord.abc.Messageable:
        if not delivery.is_private:
            return self._client.get_partial_messageable(delivery.channel_id)
        channel_id = delivery.private_channel_id
        if channel_id is None:
            opened = await self._client.create_dm(discord.Object(delivery.channel_id))
            channel_id = opened.id
            await self._note_private_channel(delivery, channel_id)
        return self._client.get_partial_messageable(channel_id)

    async def _note_private_channel(self, delivery: Delivery, channel_id: int | None) -> None:
        user_id = delivery.channel_id
        await self._database.write(lambda t: note_private_channel(t, user_id, channel_id))

    async def _say_in_channel(
        self, delivery: Delivery, what: str, error: discord.HTTPException
    ) -> None:
        """Send in the channel instead: the member accepts no private messages; not an error."""
        log.info("The message %s can't go privately: %s", what, error)
        now = self._clock.now()
        await self._database.write(lambda t: say_in_channel(t, delivery, now=now))

    async def _fail(self, delivery: Delivery, what: str, error: DeliveryError) -> None:
        log.error("The message %s can't be sent: %s", what, _reason(error))
        await self._end(delivery, DeliveryState.FAILED, error)

    async def _record(self, delivery: Delivery, arrived: _Arrived) -> bool:
        """Record the message; returns whether its card is already out of date."""
        now = self._clock.now()
        return await self._database.write(
            lambda t: record_sent(
                t,
                delivery,
                message_id=arrived.message_id,
                named=arrived.named,
                doubt=arrived.doubt,
                now=now,
            )
        )

    async def _end(self, delivery: Delivery, state: DeliveryState, error: DeliveryError) -> None:
        now = self._clock.now()
        await self._database.write(
            lambda t: record_end(t, delivery.delivery_id, state=state, error=error, now=now)
        )

    async def _record_channel_gone(self, delivery: Delivery, what: str) -> None:
        log.warning("The message %s can't be sent there: the channel is gone.", what)
        now = self._clock.now()
        await self._database.write(lambda t: record_channel_gone(t, delivery, now=now))

    async def _put_off(
        self, delivery: Delivery, what: str, error: Exception, at_least: timedelta = timedelta(0)
    ) -> None:
        if delivery.is_private and delivery.private_channel_id is None:
            at_least = max(at_least, OPENINGS_WINDOW)
        wait = min(LONGEST_BACKOFF, 2.0**delivery.attempts) * random.uniform(0.75, 1.25)
        wait = max(wait, at_least.total_seconds())
        until = self._clock.now() + timedelta(seconds=wait)
        log.warning("The message %s will be tried again in %.0f s: %s", what, wait, error)
        told = DeliveryError(ErrorCode.FOREIGN, {"text": brief(error)})
        await self._database.write(
            lambda t: postpone(t, delivery.delivery_id, until=until, error=told)
        )


@dataclass(frozen=True, slots=True)
class _Arrived:
    message_id: int | None
    doubt: DeliveryError | None = None
    """Why the message may have been sent twice."""
    named: frozenset[int] | None = None
    """Whom its text names; None if that is not known, or it is a card, which is kept current."""


class _Shut(Exception):
    """The channel can't be written to."""

    def __init__(self, error: DeliveryError) -> None:
        super().__init__(error.code)
        self.error = error


class _NotNow(Exception):
    """Whether the message may be sent can't be told for a while."""

    def __init__(self, why: str, at_least: timedelta = timedelta(0)) -> None:
        super().__init__(why)
        self.at_least = at_least


class _NothingToSay(Exception):
    """The message is not to be sent at all."""

    def __init__(self, state: DeliveryState, code: ErrorCode) -> None:
        super().__init__(code)
        self.state, self.error = state, DeliveryError(code)


def _in_log(delivery: Delivery) -> str:
    """Returns what the log calls a message: nothing that is about people."""
    owner = delivery.owner
    if owner.session_id is not None:
        of = f"session {owner.session_id}"
    elif owner.series_id is not None:
        of = f"series {owner.series_id}"
    else:
        of = f"server {owner.guild_id}"
    where = "privately" if delivery.is_private else f"to channel {delivery.channel_id}"
    return f"{delivery.kind.name} of {of}, {where} (delivery {delivery.delivery_id})"


def _reason(error: DeliveryError) -> str:
    """Returns why a message failed, for the log: without Discord's text, which may quote it."""
    values = dict(error.values)
    if "text" in values:
        values["text"] = f"status {values.get('status')}, code {values.get('code')}"
    return in_english(why(DeliveryError(error.code, values)))


def _refused(code: ErrorCode, error: discord.HTTPException) -> DeliveryError:
    """Returns Discord's answer to a request that it refused for good."""
    text = shorten(one_line(error.text), LONGEST_QUOTE)
    return DeliveryError(code, {"status": error.status, "code": error.code, "text": text})


def _mentions(owed: Notice) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False,
        roles=False,
        replied_user=False,
        users=[discord.Object(user_id) for user_id in owed.mentioned],
    )
