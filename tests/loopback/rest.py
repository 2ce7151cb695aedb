"""The HTTP side: requests in, SimCord's answers out, with limits, checks and faults between."""

from __future__ import annotations

import asyncio
import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from simcord.backend import serializers
from simcord.backend.errors import BackendError
from simcord.enums import ChannelType
from simcord.http.router import RouteNotImplemented, UnsupportedField, dispatch

from .backend import LoopbackBackend
from .callbacks import Callbacks
from .checks import Checks, RuleBroken
from .faults import Faults, RestFault
from .models import TOKEN, Json
from .nonces import Nonces
from .pulse import Pulse
from .ratelimits import RateLimits
from .tally import Tally

_PREFIX = "/api/v10"
_OLD_AFTER_SECONDS = 3600.0
_EMPTY_MESSAGE, _INVALID_BODY = 50006, 50035
_UPDATE_MESSAGE = 7
_TRUE = ("1", "true")
A_PAGE = "<html>\n<head><title>Blocked</title></head>\n" + "<p>Ask your network.</p>\n" * 100
"""What a proxy answers in place of Discord: long, of many lines and without a code."""


@dataclass
class Reply:
    """An answer before it is sent: `body` is JSON, a page if text, None for an empty 204."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Upload:
    """A file of a multipart request, in the form that SimCord takes."""

    filename: str
    fp: io.BytesIO
    description: str | None = None


class Rest:
    """Answers the requests of the bot."""

    def __init__(
        self,
        backend: LoopbackBackend,
        callbacks: Callbacks,
        checks: Checks,
        faults: Faults,
        limits: RateLimits,
        nonces: Nonces,
        tally: Tally,
        pulse: Pulse,
    ) -> None:
        self._backend = backend
        self._callbacks = callbacks
        self._checks = checks
        self._faults = faults
        self._limits = limits
        self._nonces = nonces
        self._tally = tally
        self._pulse = pulse

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers one request, unless a fault applies."""
        path, _, query = request.raw_path.removeprefix(_PREFIX).partition("?")
        fault = self._faults.rest(request.method, path)
        if fault is not None:
            await asyncio.sleep(self._faults.pause(fault))
        try:
            if fault is None or not fault.breaks:
                reply = await self._answer(request, path, query)
            else:
                if fault.takes_effect:
                    await self._answer(request, path, query)
                reply = _broken(fault)
        except Exception as error:
            # The bot gets a 500; the violations show the reader that it was not the bot's fault.
            self._tally.violated("unsupported", request.method, path, repr(error))
            raise
        self._tally.answered(request.method, path, reply.status)
        reply.headers["Date"] = formatdate(self._now() + self._backend.clock_ahead, usegmt=True)
        self._pulse.beat()
        if reply.status == 0 and request.transport is not None:
            request.transport.abort()
        return _response(reply)

    async def _answer(self, request: web.BaseRequest, path: str, query: str) -> Reply:
        segments = path.strip("/").split("/")
        if not request.raw_path.startswith(_PREFIX):
            return _error(404, 0, "404: Not Found")
        if not _needs_no_token(segments) and request.headers.get("Authorization") != f"Bot {TOKEN}":
            return _error(401, 0, "401: Unauthorized")
        old_in = await self._old_message_edited_in(request, segments)
        admission = self._limits.admit(request.method, segments, old_in=old_in)
        if admission.refusal is not None:
            self._tally.limited(admission.scope)
            return Reply(429, admission.refusal, admission.headers)
        try:
            body, files = await _read(request)
            params = dict(parse_qsl(query))
            reply = self._carry_out(request.method, path, segments, body, files, params)
        except (RouteNotImplemented, UnsupportedField) as error:
            self._tally.violated("unsupported", request.method, path, error.message)
            reply = _error(501, 0, error.message)
        except BackendError as error:
            if error.message.endswith("Cannot send an empty message"):
                error.code = _EMPTY_MESSAGE
            if error.code in {_EMPTY_MESSAGE, _INVALID_BODY}:
                source = "rules" if isinstance(error, RuleBroken) else "discord"
                self._tally.violated(source, request.method, path, error.message)
            reply = Reply(error.status, error.to_json())
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # SimCord fails on a body of the wrong shape, for which Discord names what is wrong.
            self._tally.violated("discord", request.method, path, repr(error))
            reply = _error(400, _INVALID_BODY, f"Invalid Form Body: {error!r}")
        reply.headers.update(admission.headers)
        return reply

    def _carry_out(
        self,
        method: str,
        path: str,
        segments: list[str],
        body: Any,  # noqa: ANN401 - whatever JSON was sent
        files: list[Upload],
        params: dict[str, str],
    ) -> Reply:
        self._checks.check(method, path, segments, body)
        if segments[0] == "interactions":
            answered = self._callbacks.handle(path, segments, body, list(files))
            # https://discord.com/developers/docs/interactions/receiving-and-responding#create-interaction-response
            return Reply(200, answered) if params.get("with_response") in _TRUE else Reply(204)
        self._require_reachable(method, segments)
        is_message = method == "POST" and segments[2:] == ["messages"]
        if is_message and (first := self._nonces.first_message(int(segments[1]), body)):
            return Reply(200, self._first_message(int(segments[1]), first, body))
        if method == "GET" and segments[2:] == ["messages"] and "after" in params:
            self._end_page(int(segments[1]), params)
        answer: Any = dispatch(
            self._backend, method, path, json=body, params=params, files=list(files)
        )
        if path == "/oauth2/applications/@me":
            answer |= self._backend.application
        if is_message:
            answer["nonce"] = body.get("nonce")
            self._nonces.remember(int(segments[1]), body, int(answer["id"]))
        if answer is None:
            return Reply(204)
        return Reply(201 if method == "POST" and segments[-1] == "threads" else 200, answer)

    def _end_page(self, channel_id: int, params: dict[str, str]) -> None:
        """Makes a page after a message begin right there; SimCord begins at the newest.

        https://discord.com/developers/docs/resources/message#get-channel-messages
        """
        after, limit = int(params["after"]), int(params.get("limit", 50))
        later = sorted(i for i in self._backend.messages.get(channel_id, ()) if i > after)
        if len(later) > limit:
            params["before"] = str(later[limit])

    def _first_message(self, channel_id: int, message_id: int, body: Json) -> Json:
        """Returns the message for a repeated nonce, for a bot that might still send it."""
        channel = self._backend.get_channel(channel_id)
        bot_id = self._backend.bot_user.id
        self._backend.require_permissions(channel.guild_id, bot_id, channel_id, "send_messages")
        message = self._backend.get_message(channel_id, message_id)
        return {
            **serializers.message_payload(self._backend, message),
            "nonce": body["nonce"],
        }

    def _require_reachable(self, method: str, segments: list[str]) -> None:
        """Refuses what SimCord lets through: servers left, closed DMs, expired webhook tokens."""
        if segments[0] == "channels":
            channel_id = int(segments[1])
            if self._backend.is_in_left_guild(channel_id):
                raise BackendError(403, 50001, "Missing Access")
            channel = self._backend.channels.get(channel_id)
            if method == "POST" and channel is not None and channel.type == ChannelType.DM:
                self._require_open_dms(channel.recipient_ids)
        if segments[0] == "guilds" and int(segments[1]) in self._backend.left_guilds:
            raise BackendError(403, 50001, "Missing Access")
        if segments[0] == "webhooks" and len(segments) > 2:
            record = self._backend.interactions.get(
                self._backend.interaction_tokens.get(segments[2], 0)
            )
            if record is not None and self._backend.now_iso() >= (record.expires_at or ""):
                raise BackendError(401, 50027, "Invalid Webhook Token")

    def _require_open_dms(self, recipients: list[int]) -> None:
        for user_id in recipients:
            if user_id in self._backend.closed_dms:
                raise BackendError(403, 50007, "Cannot send messages to this user")
            if not any(user_id in guild.members for guild in self._backend.guilds.values()):
                raise BackendError(
                    403, 50278, "Cannot send messages to this user due to having no mutual guilds"
                )

    async def _old_message_edited_in(
        self, request: web.BaseRequest, segments: list[str]
    ) -> int | None:
        """Returns the channel of the message a request edits if older than an hour, else None."""
        if (
            request.method == "PATCH"
            and segments[0] == "channels"
            and segments[2:3] == ["messages"]
        ):
            channel_id, message_id = int(segments[1]), int(segments[3])
        elif segments[0] == "interactions" and self._limits.answers_count:
            record = self._backend.interactions.get(int(segments[1]))
            if record is None or record.source_message_id is None:
                return None
            if json.loads(await request.read()).get("type") != _UPDATE_MESSAGE:
                return None
            channel_id, message_id = record.channel_id, record.source_message_id
        else:
            return None
        message = self._backend.messages.get(channel_id, {}).get(message_id)
        if message is None or message.is_ephemeral:
            return None
        posted_at = datetime.fromisoformat(message.timestamp).timestamp()
        return channel_id if self._now() - posted_at > _OLD_AFTER_SECONDS else None

    def _now(self) -> float:
        return self._backend.clock.now().timestamp()


def _needs_no_token(segments: list[str]) -> bool:
    return segments[0] == "interactions" or (segments[0] == "webhooks" and len(segments) > 2)


async def _read(request: web.BaseRequest) -> tuple[Any, list[Upload]]:
    """Returns the JSON body of a request and its files."""
    if not request.content_type.startswith("multipart/"):
        raw = await request.read()
        return (json.loads(raw) if raw else None), []
    body: Any = None
    files: list[Upload] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = await part.read()
        if part.name == "payload_json":
            body = json.loads(content)
        else:
            files.append(Upload(part.filename or "file", io.BytesIO(content)))
    for described in (body or {}).get("attachments", ()):
        if (index := int(described["id"])) < len(files):
            files[index].description = described.get("description")
    return body, files


def _error(status: int, code: int, message: str) -> Reply:
    return Reply(status, {"code": code, "message": message})


def _broken(fault: RestFault) -> Reply:
    if fault.drop or fault.status is None:
        return Reply(0)
    if fault.code == 0 and fault.status < 500 and fault.status != 429:
        return Reply(fault.status, A_PAGE)
    return _error(fault.status, fault.code, f"{fault.status}: on demand")


def _response(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status or 500, headers=reply.headers)
    if isinstance(reply.body, str):
        return web.Response(
            status=reply.status, text=reply.body, content_type="text/html", headers=reply.headers
        )
    # discord.py reads a body as JSON only if its type is exactly this, without a charset.
    return web.Response(
        status=reply.status,
        body=json.dumps(reply.body).encode(),
        content_type="application/json",
        headers=reply.headers,
    )
