"""Sends responses to interactions to Discord, which accepts the first within three seconds.

https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeAlias

import aiohttp
import discord
from discord.http import Route, json_or_text
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.discord_errors import ANSWERED_ALREADY, is_final

CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
ANSWER_WITHIN = 2.7
"""Seconds for which a first response is tried: Discord accepts none 3 seconds after the press."""
HANGS_AFTER = 1.2
"""Seconds without a response from Discord after which an answer is posted a second time."""
SHORTEST_PAUSE = 0.2
"""Seconds before the second try if Discord or the connection failed; doubled for each further."""
_SUPPRESS_EMBEDS, _EPHEMERAL = 1 << 2, 1 << 6
"""https://discord.com/developers/docs/resources/message#message-object-message-flags."""
_Post: TypeAlias = Callable[[], Coroutine[Any, Any, "dict[str, Any] | str"]]
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class Limited(discord.HTTPException):
    """A rate limit refused the request; ``retry_after`` is in seconds."""

    def __init__(self, response: aiohttp.ClientResponse, data: dict[str, Any] | str) -> None:
        super().__init__(response, data)
        told = data.get("retry_after") if isinstance(data, dict) else None
        self.retry_after = float(told if told is not None else ANSWER_WITHIN)


class Callbacks(AsyncWebhookAdapter):
    """discord.py's webhook adapter, with less work for each press.

    First responses are tried for about as long as Discord accepts one; discord.py would wait until
    it is too late. A response that edits a message is not repeated after a 429, which is raised as
    Limited, so that the caller can send another response in time.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # discord.py gives it no types
        self._session: aiohttp.ClientSession | None = None

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        route: Route,
        session: aiohttp.ClientSession,
        *,
        payload: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        **others: Any,  # noqa: ANN401  as in discord.py
    ) -> Any:  # noqa: ANN401
        session = self._session_beside(session)
        if route.path == CALLBACK and payload is not None:
            return await _answer(session, route, payload, params)
        # discord.py's own follow-ups pass more arguments, and need the message in return.
        if route.path == FOLLOW_UP and payload is not None and not others:
            try:
                return await _post(session, route.url, payload, params, reads_answer=False)
            except (Limited, discord.DiscordServerError):
                pass  # a follow-up may take minutes, so discord.py may wait and retry
        return await super().request(route, session, payload=payload, params=params, **others)

    def _session_beside(self, session: aiohttp.ClientSession) -> aiohttp.ClientSession:
        """Returns a session with the same connections but no pacer: its limit excludes responses.

        Raises aiohttp.ClientConnectionError if the connections are closed.
        """
        if session.closed:
            raise aiohttp.ClientConnectionError("the bot is stopping")
        mine = self._session
        if mine is None or mine.connector is not session.connector:
            # The replaced session does not own its connector, so it need not be closed.
            self._session = mine = aiohttp.ClientSession(
                connector=session.connector,
                connector_owner=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return mine


async def _answer(
    session: aiohttp.ClientSession,
    route: Route,
    payload: dict[str, Any],
    params: dict[str, Any] | None,
) -> dict[str, Any] | str:
    """Post the first response to an interaction, and repeat it while there is time.

    Raises the last HTTPException, aiohttp.ClientError or TimeoutError.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + ANSWER_WITHIN
    edits = payload["type"] == discord.InteractionResponseType.message_update.value
    # The part of Discord's response that discord.py reads.
    taken = {"interaction": {"id": route.webhook_id}}
    pause, is_repeat = SHORTEST_PAUSE, False
    while True:
        try:
            post = partial(_post, session, route.url, payload, params)
            return await _post_beside(post, give_up_at) or taken
        except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            if is_repeat and _is_answered(error):
                return taken
            if isinstance(error, Limited):
                wait = None if edits else max(pause, error.retry_after)
            elif is_final(error):
                wait = None
            else:
                wait = pause
            if wait is None or loop.time() + wait >= give_up_at:
                raise
        await asyncio.sleep(wait)
        if session.closed:
            raise aiohttp.ClientConnectionError("the bot is stopping")
        pause, is_repeat = 2 * pause, True


async def _post_beside(post: _Post, give_up_at: float) -> dict[str, Any] | str:
    """Post, and if that hangs, post once more in parallel: another connection may work.

    Raises TimeoutError if neither is answered by ``give_up_at`` (event loop time), else the error
    of the first.
    """
    loop = asyncio.get_running_loop()
    second: asyncio.Task[dict[str, Any] | str] | None = None
    is_over = False

    def post_again() -> None:
        nonlocal second
        second = loop.create_task(post())
        second.add_done_callback(end_the_first)

    def end_the_first(second: asyncio.Task[dict[str, Any] | str]) -> None:
        if _has_arrived(second) and not is_over:
            limit.reschedule(loop.time())

    timer = loop.call_later(HANGS_AFTER, post_again)
    try:
        async with asyncio.timeout_at(give_up_at) as limit:
            return await post()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        if second is not None and (_is_answered(error) or _has_arrived(second)):
            return ""
        raise
    finally:
        is_over = True
        timer.cancel()
        if second is not None:
            second.cancel()


def _has_arrived(task: asyncio.Task[Any]) -> bool:
    if not task.done() or task.cancelled():
        return False
    error = task.exception()
    return error is None or _is_answered(error)


def _is_answered(error: BaseException) -> bool:
    """Whether Discord refused a response as a duplicate, so that an earlier try has arrived."""
    return isinstance(error, discord.HTTPException) and error.code == ANSWERED_ALREADY


async def _post(
    session: aiohttp.ClientSession,
    url: str,
    payload: dict[str, Any],
    params: dict[str, Any] | None,
    *,
    reads_answer: bool = True,
) -> dict[str, Any] | str:
    """Post once; returns Discord's response, or "" if it is empty, unreadable or not wanted.

    Raises HTTPException and aiohttp.ClientError.
    """
    body, headers = _encoder.encode(payload).encode(), {"Content-Type": "application/json"}
    async with session.post(url, data=body, headers=headers, params=params) as response:
        if response.status == 204 or (response.status < 300 and not reads_answer):
            await response.read()
            return ""
        try:
            data = await json_or_text(response)
        except (aiohttp.ClientPayloadError, ValueError):
            data = ""  # truncated or invalid: the status decides
    if response.status < 300:
        return data
    kinds = {403: discord.Forbidden, 404: discord.NotFound, 429: Limited}
    kind = discord.DiscordServerError if response.status >= 500 else discord.HTTPException
    raise kinds.get(response.status, kind)(response, data)


async def acknowledge(
    interaction: discord.Interaction[Any],
    kind: discord.InteractionResponseType,
    data: dict[str, Any] | None = None,
) -> None:
    """Respond to an interaction without requesting the resulting message.

    discord.py's own methods also parse the whole message: a third of the cost of a press, and the
    result is not used. Raises HTTPException and InteractionResponded.
    """
    response = interaction.response
    if response.is_done():
        raise discord.InteractionResponded(interaction)
    route = Route("POST", CALLBACK, webhook_id=interaction.id, webhook_token=interaction.token)
    await async_context.get().request(
        route,
        session=interaction._session,
        payload={"type": kind.value} if data is None else {"type": kind.value, "data": data},
    )
    # Private follow-ups check that the interaction has a response.
    response._response_type = kind


async def send_follow_up(
    interaction: discord.Interaction[Any], text: str, components: list[dict[str, Any]]
) -> None:
    """Send a private message after the first response; the resulting message is not read.

    https://discord.com/developers/docs/interactions/receiving-and-responding#create-followup-message
    """
    route = Route(
        "POST",
        FOLLOW_UP,
        webhook_id=interaction.application_id,
        webhook_token=interaction.token,
    )
    message = {
        "content": text,
        "components": components,
        "flags": _EPHEMERAL | _SUPPRESS_EMBEDS,
        "allowed_mentions": {"parse": []},
    }
    await async_context.get().request(
        route, session=interaction._session, payload=message, params={"wait": 1}
    )
