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
_EPHEMERAL = 1 << 6
"""https://discord.com/developers/docs/resources/message#message-object-message-flags."""
_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
PAUSES = (0.2, 0.4, 0.8, 1.2)
"""Seconds before each further try if Discord or the connection failed; together less than 3."""


class Callbacks(AsyncWebhookAdapter):
    """What discord.py answers with, without what costs each press its time.

    First answers wait for no limit and give up within the time: discord.py would wait for as long
    as Discord says, and then be too late. A 429 is raised as HTTPException instead, so that
    something else can be answered in time.
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
            for pause in PAUSES:
                try:
                    return await _post(session, route.url, payload, params)
                except (discord.DiscordServerError, aiohttp.ClientConnectionError):
                    await asyncio.sleep(pause)
            return await _post(session, route.url, payload, params)
        if route.path == FOLLOW_UP and payload is not None and not others:
            try:
                return await _post(session, route.url, payload, params, reads_answer=False)
            except discord.HTTPException as error:
                # There are minutes for it, so discord.py may wait and try again.
                if error.status != 429 and error.status < 500:
                    raise
        return await super().request(route, session, payload=payload, params=params, **others)

    def _session_beside(self, session: aiohttp.ClientSession) -> aiohttp.ClientSession:
        """One on the same connections without the pacer, whose limit does not hold for answers."""
        mine = self._session
        if mine is None or mine.connector is not session.connector:
            # What is replaced owns nothing that would have to be closed.
            self._session = mine = aiohttp.ClientSession(
                connector=session.connector, connector_owner=False
            )
        return mine


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
    if response.status == 404:
        raise discord.NotFound(response, data)
    if response.status == 403:
        raise discord.Forbidden(response, data)
    if response.status >= 500:
        raise discord.DiscordServerError(response, data)
    raise discord.HTTPException(response, data)


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


async def follow_up(
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
