"""A port on this machine that can refuse connections and accept them again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

HOST = "127.0.0.1"

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listener:
    """Serves one handler and keeps its port until it is closed."""

    def __init__(self, handler: Handler, port: int = 0) -> None:
        self.port = port
        self._handler = handler
        self._in_hand = 0
        self._server = web.Server(self._handle, access_log=None)
        self._socket: asyncio.Server | None = None

    @property
    def is_idle(self) -> bool:
        """Returns whether nobody is connected and every request has been handled."""
        return not self._server.connections and not self._in_hand

    async def open(self) -> None:
        """Accepts connections; the first time, settles the port if it was 0."""
        if self._socket is None:
            loop = asyncio.get_running_loop()
            self._socket = await loop.create_server(self._server, HOST, self.port)
            self.port = self._socket.sockets[0].getsockname()[1]

    def refuse(self) -> None:
        """Accepts no connections, and ends the existing ones without an answer."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._in_hand += 1
        try:
            return await self._handler(request)
        finally:
            self._in_hand -= 1

    async def close(self) -> None:
        self.refuse()
        await self._server.shutdown(timeout=1.0)
