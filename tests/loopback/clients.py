"""Clients that send the loopback Discord what a test tells them to, and parts of messages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.loopback import TOKEN, Message
from tests.loopback.models import Json


@dataclass(frozen=True)
class Answered:
    status: int
    body: Any
    headers: dict[str, str]


class Caller:
    """Sends requests to the API as a bot would, one at a time and without retries."""

    def __init__(self, http: aiohttp.ClientSession, api: str, token: str = TOKEN) -> None:
        self._http = http
        self._api = api
        self._headers = {"Authorization": f"Bot {token}"}

    async def request(self, method: str, path: str, body: object = None) -> Answered:
        async with self._http.request(
            method, self._api + path, json=body, headers=self._headers
        ) as answer:
            raw = await answer.read()
            headers = dict(answer.headers)
            return Answered(answer.status, json.loads(raw) if raw else None, headers)

    async def send(self, channel: int, **body: object) -> Answered:
        return await self.request("POST", f"/channels/{channel}/messages", body)

    async def edit(self, message: Message, **body: object) -> Answered:
        path = f"/channels/{message.channel_id}/messages/{message.id}"
        return await self.request("PATCH", path, body)


class GatewayClient:
    """Speaks to the gateway as a bot would, frame by frame."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.sequence = 0

    async def identify(self, token: str = TOKEN, intents: int = 1) -> None:
        await self.send(2, {"token": token, "intents": intents, "properties": {}})

    async def resume(self, session: str, sequence: int) -> None:
        await self.send(6, {"token": TOKEN, "session_id": session, "seq": sequence})

    async def send(self, op: int, data: object) -> None:
        await self.socket.send_json({"op": op, "d": data})

    async def next(self) -> Json:
        frame: Json = await self.socket.receive_json(timeout=5)
        self.sequence = frame["s"] or self.sequence
        return frame

    async def until(self, event: str) -> Json:
        while (frame := await self.next())["t"] != event:
            pass
        data: Json = frame["d"]
        return data

    async def closed_with(self) -> int | None:
        while (await self.socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        return self.socket.close_code


def button(custom_id: str = "a", label: str = "A") -> Json:
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id}


def row(*buttons: Json) -> Json:
    return {"type": 1, "components": list(buttons)}
