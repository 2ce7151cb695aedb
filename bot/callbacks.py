"""How answers to interactions reach Discord, which waits three seconds for the first.

https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import discord
from discord.http import Route, json_or_text
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
ANSWERED_ALREADY = 40060
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#json."""
ANSWER_WITHIN = 2.7
"""Seconds in which a first answer is tried: Discord takes none after 3."""
LONGEST_TRY = 1.2
"""Seconds for one try; another connection may work where this one hangs."""
SHORTEST_PAUSE = 0.2
"""Seconds before the second try if Discord or the connection failed; doubled for each further."""
_EPHEMERAL = 1 << 6
"""https://discord.com/developers/docs/resources/message#message-object-message-flags."""
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


class Limited(discord.HTTPException):
    """A limit refused the request; ``retry_after`` is in seconds."""

    def __init__(self, response: aiohttp.ClientResponse, data: dict[str, Any] | str) -> None:
        super().__init__(response, data)
        told = data.get("retry_after") if isinstance(data, dict) else None
        self.retry_after = float(told if told is not None else ANSWER_WITHIN)


class Callbacks(AsyncWebhookAdapter):
    """What discord.py answers with, without what costs each press its time.

    First answers are tried for as long as Discord takes one, and no longer: discord.py would wait
    until it is too late. One that edits a message is not repeated after a 429, which is raised as
    Limited, so that something else can be answered in time.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # discord.py leaves it untyped
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
        # discord.py's own follow-ups come with more arguments, and want the message back.
        if route.path == FOLLOW_UP and payload is not None and not others:
            try:
                return await _post(session, route.url, payload, params, reads_answer=False)
            except (Limited, discord.DiscordServerError):
                pass  # there are minutes for it, so discord.py may wait and try again
        return await super().request(route, session, payload=payload, params=params, **others)

    def _session_beside(self, session: aiohttp.ClientSession) -> aiohttp.ClientSession:
        """One on the same connections without the pacer, whose limit does not hold for answers.

        Raises aiohttp.ClientConnectionError if the connections are closed.
        """
        if session.closed:
            raise aiohttp.ClientConnectionError("the bot is stopping")
        mine = self._session
        if mine is None or mine.connector is not session.connector:
            # What is replaced owns nothing that would have to be closed.
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
    """Post the first answer to an interaction, as often as there is time for.

    Raises HTTPException, aiohttp.ClientConnectionError or TimeoutError, whatever came last.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + ANSWER_WITHIN
    edits = payload["type"] == discord.InteractionResponseType.message_update.value
    pause, is_repeat = SHORTEST_PAUSE, False
    while True:
        try:
            async with asyncio.timeout(min(LONGEST_TRY, give_up_at - loop.time())):
                return await _post(session, route.url, payload, params)
        except (discord.HTTPException, aiohttp.ClientConnectionError, TimeoutError) as error:
            if is_repeat and getattr(error, "code", None) == ANSWERED_ALREADY:
                # An earlier try did arrive, and only Discord's word of it did not.
                return {"interaction": {"id": route.webhook_id}}
            if isinstance(error, Limited):
                wait = None if edits else error.retry_after
            elif isinstance(error, discord.HTTPException) and error.status < 500:
                wait = None
            else:
                wait, pause = pause, 2 * pause
            if wait is None or loop.time() + wait >= give_up_at:
                raise
            await asyncio.sleep(wait)
            is_repeat = True


async def _post(
    session: aiohttp.ClientSession,
    url: str,
    payload: dict[str, Any],
    params: dict[str, Any] | None,
    *,
    reads_answer: bool = True,
) -> dict[str, Any] | str:
    """Post once. Raises HTTPException, and aiohttp.ClientError."""
    body, headers = _encoder.encode(payload).encode(), {"Content-Type": "application/json"}
    async with session.post(url, data=body, headers=headers, params=params) as response:
        if response.status == 204 or (response.status < 300 and not reads_answer):
            await response.read()
            return ""
        data = await json_or_text(response)
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
    """Answer an interaction without having Discord send back what came of it.

    What discord.py offers for that also takes the whole message apart: a third of what a press
    costs, for nothing that is used. Raises HTTPException, and InteractionResponded.
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
    # What follows in private has to know that it is answered.
    response._response_type = kind


async def send_follow_up(
    interaction: discord.Interaction[Any], text: str, components: list[dict[str, Any]]
) -> None:
    """Tell privately what comes after the first answer; what Discord made of it is not looked at.

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
        "flags": _EPHEMERAL,
        "allowed_mentions": {"parse": []},
    }
    await async_context.get().request(
        route, session=interaction._session, payload=message, params={"wait": 1}
    )
