"""The socket on which systemd is told how the bot is, for tests that listen in its place."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


class NotifySocket:
    """Listens as systemd does, on a socket in the file system or on an abstract one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind("\0" + name[1:] if name.startswith("@") else name)

    @classmethod
    @contextmanager
    def on(cls, kind: str) -> Iterator[NotifySocket]:
        # The path of a test's own folder is too long for a socket.
        with TemporaryDirectory(prefix="jelly-") as folder:
            name = f"{folder}/notify" if kind == "a file" else f"@{folder}"
            systemd = cls(name)
            with closing(systemd._socket):
                yield systemd

    def environment(self, file: Path) -> dict[str, str]:
        return {
            "JELLY_DATABASE": str(file),
            "NOTIFY_SOCKET": self.name,
            "WATCHDOG_USEC": "200000",
        }

    async def heard(self, within: float = 10.0) -> str:
        """Returns the next message."""
        async with asyncio.timeout(within):
            return (await asyncio.get_running_loop().sock_recv(self._socket, 4096)).decode()

    async def hear(self, beginning: str, within: float = 10.0) -> None:
        """Waits for the next message with this beginning."""
        async with asyncio.timeout(within):
            while not (await self.heard()).startswith(beginning):
                pass

    @property
    def is_silent(self) -> bool:
        try:
            self._socket.recv(4096)
        except BlockingIOError:
            return True
        return False
