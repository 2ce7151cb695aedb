"""The gateway: sessions over WebSockets, and their faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import discord
from aiohttp import WSMsgType, web
from simcord.backend import serializers

from .backend import LoopbackBackend
from .faults import Faults
from .models import TOKEN, Json
from .pulse import Pulse
from .session import Session
from .tally import Tally

_PRIVILEGED = discord.Intents(members=True, presences=True, message_content=True).value

_HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID, _HELLO, _HEARTBEAT_ACK = 1, 2, 6, 7, 9, 10, 11
_IGNORED_OPS = frozenset({3, 4})  # presence and voice state

_UNKNOWN_OP, _DECODE_ERROR, _NOT_AUTHENTICATED, _WRONG_TOKEN = 4001, 4002, 4003, 4004
_ALREADY_AUTHENTICATED, _DISALLOWED_INTENTS = 4005, 4014


class _Closed(Exception):
    """The server ends a connection with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Connection:
    """One WebSocket and, once there is one, the session on it."""

    def __init__(self, socket: web.WebSocketResponse, cut: Callable[[], None]) -> None:
        self.socket = socket
        self.cut = cut
        self.session: Session | None = None
        self.closed_here = False
        self.audible = asyncio.Event()
        self.audible.set()
        self._outbox: asyncio.Queue[str] = asyncio.Queue()

    def send(self, text: str) -> None:
        self._outbox.put_nowait(text)

    def send_op(self, op: int, data: object = None) -> None:
        self.send(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def write(self) -> None:
        """Sends what is in the outbox, in order, as long as the connection is not silenced."""
        while True:
            text = await self._outbox.get()
            await self.audible.wait()
            await self.socket.send_str(text)


class Gateway:
    """Passes the events of the backend to every session of the bot."""

    def __init__(
        self,
        backend: LoopbackBackend,
        faults: Faults,
        tally: Tally,
        pulse: Pulse,
        heartbeat_interval: float,
    ) -> None:
        self.url = ""
        self.resume_url = ""
        """Where a bot is told to resume a session."""
        self.heartbeat_interval = heartbeat_interval
        self._backend = backend
        self._faults = faults
        self._tally = tally
        self._pulse = pulse
        self._sessions: dict[str, Session] = {}
        self._connections: set[Connection] = set()
        self._of_former_bots: set[Connection] = set()
        backend.subscribers.append(self._broadcast)

    @property
    def is_ready(self) -> bool:
        """Returns whether the latest bot is connected and was told about its servers."""
        return any(c.session for c in self._connections - self._of_former_bots)

    @property
    def watches_messages(self) -> bool:
        return any(session.intents.guild_messages for session in self._sessions.values())

    def expect_bot(self) -> None:
        """Announces a new bot process; the end of an older one may not have been noticed yet."""
        self._of_former_bots = set(self._connections)

    async def close(self, code: int, *, resumable: bool) -> None:
        """Closes every connection; without `resumable` the sessions are forgotten too."""
        if not resumable:
            self._sessions.clear()
        connections = list(self._connections)
        for connection in connections:
            connection.closed_here = True
        await asyncio.gather(*(connection.socket.close(code=code) for connection in connections))

    def cut(self) -> None:
        """Ends every connection without a close code."""
        for connection in self._connections:
            connection.cut()

    def ask_to_reconnect(self) -> None:
        for connection in self._connections:
            connection.send_op(_RECONNECT)

    def invalidate(self, *, resumable: bool) -> None:
        if not resumable:
            self._sessions.clear()
        for connection in self._connections:
            connection.send_op(_INVALID, resumable)

    def garble(self, event: str, payload: Mapping[str, Any]) -> None:
        """Sends an event that Discord would never send."""
        for session in self._sessions.values():
            session.feed_as_it_is(event, payload)

    def silence(self, *, silent: bool) -> None:
        """Silences present connections (no event, no acknowledged heartbeat), or undoes that."""
        for connection in self._connections:
            if silent:
                connection.audible.clear()
            else:
                connection.audible.set()

    async def handle(self, request: web.BaseRequest) -> web.WebSocketResponse:
        """Serves one connection until either side ends it."""
        socket = web.WebSocketResponse(timeout=1.0, compress=False)
        await socket.prepare(request)
        transport = request.transport
        connection = Connection(socket, transport.abort if transport else lambda: None)
        self._connections.add(connection)
        writer = asyncio.create_task(connection.write(), name="gateway writer")
        try:
            connection.send_op(_HELLO, {"heartbeat_interval": self.heartbeat_interval * 1000})
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(connection, message.data)
        except _Closed as closed:
            await socket.close(code=closed.code)
        finally:
            writer.cancel()
            # It may also have ended by itself, if the bot was gone before it was told.
            await asyncio.gather(writer, return_exceptions=True)
            self._connections.discard(connection)
            self._disconnected(connection)
        return socket

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame.get("d")
        except (ValueError, KeyError, TypeError):
            raise _Closed(_DECODE_ERROR) from None
        if op == _HEARTBEAT:
            self._tally.gateway["heartbeat"] += 1
            connection.send_op(_HEARTBEAT_ACK)
        elif op == _IDENTIFY:
            self._identify(connection, data)
        elif op == _RESUME:
            self._resume(connection, data)
        elif connection.session is None:
            raise _Closed(_NOT_AUTHENTICATED)
        elif op not in _IGNORED_OPS:
            self._tally.violated("unsupported", "GATEWAY", f"op {op}", "not simulated")
            raise _Closed(_UNKNOWN_OP)

    def _identify(self, connection: Connection, data: Json) -> None:
        self._tally.gateway["identify"] += 1
        if connection.session is not None:
            raise _Closed(_ALREADY_AUTHENTICATED)
        if data["token"] != TOKEN:
            raise _Closed(_WRONG_TOKEN)
        if data["intents"] & _PRIVILEGED:
            raise _Closed(_DISALLOWED_INTENTS)
        if fault := self._faults.identify():
            raise _Closed(fault.close_code)
        self._forget_disconnected()
        session = Session(self._backend, data["intents"])
        self._sessions[session.id] = session
        self._attach(connection, session)
        guilds = list(self._backend.guilds.values())
        session.feed(
            "READY",
            {
                "v": 10,
                "user": serializers.user_payload(self._backend.bot_user),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.resume_url or self.url,
                "shard": data.get("shard", [0, 1]),
                "application": {"id": str(self._backend.application_id), "flags": 0},
            },
        )
        for guild in guilds:
            session.feed("GUILD_CREATE", serializers.guild_create_payload(self._backend, guild))
        self._pulse.beat()

    def _resume(self, connection: Connection, data: Json) -> None:
        self._tally.gateway["resume"] += 1
        if data["token"] != TOKEN:
            raise _Closed(_WRONG_TOKEN)
        session = self._sessions.get(data["session_id"])
        if session is None or not session.can_replay_after(data["seq"]):
            connection.send_op(_INVALID, False)
            return
        for missed in session.sent_after(data["seq"]):
            connection.send(missed)
        self._attach(connection, session)
        session.feed("RESUMED", {})
        self._pulse.beat()

    def _attach(self, connection: Connection, session: Session) -> None:
        connection.session = session
        session.send = connection.send

    def _disconnected(self, connection: Connection) -> None:
        self._tally.gateway["closed"] += 1
        session = connection.session
        if session is not None:
            # A resumed session already uses its next connection.
            if session.send == connection.send:
                session.send = None
            said_goodbye = connection.socket.close_code in {1000, 1001}
            if said_goodbye and not connection.closed_here:
                self._sessions.pop(session.id, None)
        self._pulse.beat()

    def _forget_disconnected(self) -> None:
        """Forgets disconnected sessions: a bot that identifies anew never resumes an old one."""
        self._sessions = {k: s for k, s in self._sessions.items() if s.send is not None}

    def _broadcast(self, event: str, payload: Mapping[str, Any]) -> None:
        for session in self._sessions.values():
            session.feed(event, payload)
        self._pulse.beat()
