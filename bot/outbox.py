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

from bot.addressees import Addressees, NothingToSay, NotNow, Shut
from bot.clock import Clock
from bot.discord_errors import (
    OPENING_TOO_FAST,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
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
from data.limits import LONGEST_QUOTE, MENTIONS_PER_MESSAGE, OPENINGS_REFUSED_FOR, OPENINGS_WINDOW
from data.models import DeliveryState, MirrorKind
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
from data.outbox.private_channels import note_refused_opening
from data.refusal import in_english
from data.store.database import Database

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
        self._addressees = Addressees(client, database, clock, is_away)

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
        except NothingToSay as nothing:
            await self._end(delivery, nothing.state, nothing.error)
        except Shut as shut:
            if shut.error.code is ErrorCode.CHANNEL_GONE:
                await self._record_channel_gone(delivery, what)
            else:
                await self._fail(delivery, what, shut.error)
        except NotNow as error:
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
            await self._addressees.note_private_channel_of(delivery, None)
            await self._put_off(delivery, what, error)
        elif delivery.is_private and isinstance(error, discord.Forbidden | discord.NotFound):
            await self._say_in_channel(delivery, what, error)
        elif isinstance(error, discord.Forbidden):
            await self._fail(delivery, what, _refused(ErrorCode.FORBIDDEN, error))
        else:
            await self._fail(delivery, what, _refused(ErrorCode.REFUSED, error))

    async def _arrive(self, delivery: Delivery) -> _Arrived:
        """Send the message unless an earlier try has arrived; returns the message's id.

        Raises NothingToSay, NotNow, Shut, or the error of the request.
        """
        now = self._clock.now()
        too_late = delivery.useful_until <= now
        channel, doubt = None, None
        # The history comes before the nonce: how long Discord remembers one is not documented.
        # If no private channel is known, none was opened, so nothing can have arrived.
        may_have_arrived = not delivery.is_private or delivery.private_channel_id is not None
        is_message = delivery.kind.to is not To.NOBODY
        is_there = self._addressees.is_in_server(delivery)
        if delivery.attempts > 1 and may_have_arrived and is_message and is_there:
            channel = await self._addressees.channel_for(delivery)
            if (earlier := await self._find_earlier(delivery, channel)) is not None:
                return _Arrived(earlier)
            is_fresh = abs(now - delivery.first_try_at) < NONCE_REMEMBERED
            if not is_fresh and not may_look_into(self._client, delivery):
                doubt = DeliveryError(ErrorCode.MAYBE_TWICE)
        if delivery.is_outdated:
            raise NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.OUTDATED)
        if delivery.is_for_nobody:
            raise NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.NOBODY_LEFT)
        if too_late:
            state = DeliveryState.EXPIRED if is_message else DeliveryState.WITHDRAWN
            raise NothingToSay(state, ErrorCode.TOO_LATE)
        if delivery.waits_until is not None:
            raise NotNow("it would notify someone in quiet hours", delivery.waits_until - now)
        if delivery.reader_left:
            raise NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.HOST_LEFT)
        if not is_there:
            # Whether the server removed the bot shows at the next logins.
            raise NotNow("the bot is not in the server now", NOT_IN_SERVER_FOR)
        if delivery.kind is HOST_CHECK:
            found = await self._addressees.look_for_host(delivery)
            raise NothingToSay(DeliveryState.WITHDRAWN, found)
        await self._addressees.check(delivery)
        channel = channel or await self._addressees.channel_for(delivery)
        words = words_for(CHANNEL_LOCALE)
        if delivery.kind.becomes is MirrorKind.CARD:
            role = self._addressees.card_role(delivery)
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
            raise NothingToSay(DeliveryState.WITHDRAWN, ErrorCode.NOBODY_LEFT)
        message = await channel.send(
            owed.content,
            nonce=nonce_of(delivery),
            allowed_mentions=_mentions(owed),
            suppress_embeds=True,  # of links that people typed
            view=Row(notice_buttons(words, owed, marker_of(delivery))),
        )
        return _Arrived(message.id, doubt, mentioned(owed.content))

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
