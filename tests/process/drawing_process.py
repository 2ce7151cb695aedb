"""The processes that draw the charts, for tests that watch or stop one."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from typing import Any

import pytest


class Started:
    """The drawing processes, each of which gets a signal as soon as it runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.send: signal.Signals | None = None
        self.first = asyncio.Event()
        self.environments: list[dict[str, str]] = []
        self._processes: list[Process] = []
        self._start = asyncio.create_subprocess_exec
        monkeypatch.setattr(asyncio, "create_subprocess_exec", self._start_watched)

    def still_running(self) -> int:
        return sum(process.returncode is None for process in self._processes)

    async def _start_watched(self, *arguments: str, **options: Any) -> Process:  # noqa: ANN401  as in asyncio
        self.environments.append(options["env"])
        process = await self._start(*arguments, **options)
        self._processes.append(process)
        if self.send is not None:
            os.kill(process.pid, self.send)
        self.first.set()
        return process
